"""Models of equations fitted to data: for any system what `training` is for networks.

The samples are the axis that comes first in the targets; what has this axis is cut into batches.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sympy import Expr

from symnn.classes import Classes, classes_of
from symnn.compilation import CompiledFunction
from symnn.derivation import derive
from symnn.descent import Epoch, Run, descended, newest_finite
from symnn.equations import Quantity, Role, System
from symnn.errors import DataError, ShapeError, TrainingError
from symnn.optimizers import Optimizer
from symnn.samples import Array, Places, Scaling, scaled, split
from symnn.settings import settings_of, whole

if TYPE_CHECKING:
    from symnn.initialization import Parameters

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Fit:
    """A system with the parameters learnt, and an `Epoch` for each epoch that ended.

    `path` has the parameters at the start and at the end of each epoch, where that was asked for.
    `scalings` are those of the inputs that were standardized, for which the parameters are.
    """

    system: System
    parameters: "Parameters"
    function: CompiledFunction
    history: tuple[Epoch, ...] = ()
    interrupted: bool = False
    path: "tuple[Parameters, ...]" = ()
    scalings: Mapping[str, Scaling] = field(default_factory=dict)

    def predict(self, **inputs: ArrayLike) -> Array:
        """The last quantity before the loss that no target acts on, for these inputs by name.

        They are in their own units. Raises `ShapeError` where an input is missing or does not fit,
        and `SymnnError` where the system computes nothing but its loss.
        """
        return self.function.predict(self.parameters, **scaled(inputs, self.scalings))


@dataclass(frozen=True, eq=False)
class _Rows:
    """Arrays by name, of which some have an entry for each sample."""

    arrays: Arrays
    by_sample: frozenset[str]
    inputs: frozenset[str]
    count: int
    classes: Classes | None = None

    def __len__(self) -> int:
        return self.count

    def at(self, places: Places) -> "_Rows":
        """Some of the samples."""
        arrays = {n: a[places] if n in self.by_sample else a for n, a in self.arrays.items()}
        return replace(self, arrays=arrays, count=len(places))

    def differentiated(
        self, function: CompiledFunction, parameters: "Parameters", generator: np.random.Generator
    ) -> tuple[float, "Parameters"]:
        """The loss and its gradients; chance has no part in it."""
        del generator
        return function(parameters, **self.arrays)

    def measured(
        self, function: CompiledFunction, parameters: "Parameters"
    ) -> tuple[float | None, float | None]:
        """The loss, and the accuracy for classes; None for what there is not."""
        if not self.count:
            return None, None
        loss = float(function(parameters, **self.arrays)[0])
        if self.classes is None:
            return loss, None
        inputs = {name: self.arrays[name] for name in self.inputs}
        outputs = function.predict(parameters, **inputs)
        return loss, self.classes.accuracy(outputs, self.arrays[self.classes.target])

    def scalings(self) -> dict[str, Scaling]:
        """Those that give each input of real numbers mean 0 and deviation 1 over these samples."""
        reals = {n for n in self.by_sample & self.inputs if self.arrays[n].dtype.kind == "f"}
        return {name: Scaling.of(self.arrays[name]) for name in sorted(reals)}


def fit(
    system: System,
    data: Mapping[str, ArrayLike],
    *,
    sizes: Mapping[str, int] | None = None,
    epochs: int = 100,
    batch_size: int = 32,
    lr: float | None = None,
    optimizer: str | Optimizer = "sgd",
    seed: int = 0,
    validation: float = 0.0,
    parameters: Mapping[str, ArrayLike] | None = None,
    on_start: Callable[[], None] = lambda: None,
    on_epoch: Callable[[Epoch], None] | None = None,
    dtype: DTypeLike = np.float64,
    keep_path: bool = False,
    standardize: bool = False,
) -> Fit:
    """The system with its parameters learnt from arrays, one for each input and target by name.

    `sizes` are those that no array shows, as `{"H": 8}`. Training starts from `parameters`, or from
    normal ones of deviation √(2/(a + b)), where b is the last size and a the product of the others
    (Glorot and Bengio 2010, equation 12), of the seed. `on_start` is called before the first step,
    once all has been found to fit. With `standardize` the inputs that are real numbers are scaled
    by the mean and deviation of the samples trained on; targets are not, since equations may hold
    them to be positive or whole. Where a target holds classes, an `Epoch` has the accuracy. All
    else is as `train` has it. Raises `ShapeError`, `DataError`
    and `TrainingError` for what cannot be trained on.

    >>> line = System.parse("input x[n:N]; target y[n]; parameter w, b; yhat[n] = w*x[n] + b\\n"
    ...                     "loss = mean(n, (yhat[n] - y[n])**2)")
    >>> fit(line, {"x": [0, 1, 2], "y": [1, 3, 5]}, lr=0.1, epochs=400).predict(x=[10]).round(3)
    array([21.])
    """
    settings = settings_of(optimizer, lr, epochs, batch_size, seed)
    generator = np.random.default_rng(settings.seed)
    rows = _rows(system, data, dtype)
    held_out, kept = split(len(rows), validation, generator)
    scalings = rows.at(kept).scalings() if standardize else {}
    rows = replace(rows, arrays=scaled(rows.arrays, scalings))
    start = _start(system, _known_sizes(system, rows, sizes or {}), parameters, seed, dtype)
    function = derive(system).lambdify()
    samples = rows.at(kept), rows.at(held_out)
    run = Run.begun(function, settings, generator, samples, start, keeps_path=keep_path)
    on_start()
    interrupted, stopped = descended(run, on_epoch)
    if stopped:
        raise TrainingError(f"{stopped}; take a smaller lr")
    learnt, path = newest_finite(run), tuple(run.path or ())
    return Fit(system, learnt, function, tuple(run.history), interrupted, path, scalings)


def placed(
    system: System,
    data: Mapping[str, ArrayLike],
    *,
    sizes: Mapping[str, int] | None = None,
    parameters: Mapping[str, ArrayLike] | None = None,
    seed: int = 0,
) -> tuple["Parameters", Arrays]:
    """The parameters that `fit` would start from, and the arrays of the inputs and targets."""
    rows = _rows(system, data, np.float64)
    known = _known_sizes(system, rows, sizes or {})
    return _start(system, known, parameters, seed, np.float64), rows.arrays


def sample_size(system: System) -> Expr:
    """The size of the axis of samples; raises `TrainingError` where there is none."""
    given = (*system.named(Role.TARGET), *system.named(Role.INPUT))
    first = next((q.shape[0] for q in given if q.shape), None)
    if first is None or not first.is_Symbol:
        raise TrainingError("no axis of samples: a target is to begin with one, as y[n:N]")
    if any(first in size.free_symbols for q in system.named(Role.PARAMETER) for size in q.shape):
        raise TrainingError(f"a parameter has an entry for each of the {first} samples")
    return first


def _rows(system: System, data: Mapping[str, ArrayLike], dtype: DTypeLike) -> _Rows:
    asked = system.named(Role.INPUT, Role.TARGET)
    names = [q.name for q in asked]
    if set(data) != set(names):
        raise ShapeError(f"the data are {', '.join(data)}; the equations take {', '.join(names)}")
    size = sample_size(system)
    arrays = {q.name: _array(q, data[q.name], dtype) for q in asked}
    by_sample = frozenset(q.name for q in asked if q.shape and q.shape[0] == size)
    counts = {name: len(arrays[name]) for name in names if name in by_sample}
    if len(set(counts.values())) > 1:
        text = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise ShapeError(f"{text} samples; they must have as many")
    inputs = frozenset(q.name for q in system.named(Role.INPUT))
    count = next(iter(counts.values()))
    return _Rows(arrays, by_sample, inputs, count, classes_of(system, arrays))


def _array(q: Quantity, values: ArrayLike, dtype: DTypeLike) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != len(q.shape) or not array.size:
        raise ShapeError(f"{q.name} has the shape {array.shape}; it has {len(q.shape)} axes")
    if array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        raise DataError(f"{q.name} holds something other than finite numbers")
    if q.is_integer and ((array < 0) | (array != np.floor(array))).any():
        raise DataError(f"{q.name} is what others are looked up by; it holds whole numbers from 0")
    return array.astype(np.intp if q.is_integer else dtype)


def _known_sizes(system: System, rows: _Rows, given: Mapping[str, int]) -> dict[str, int]:
    """The sizes that the data show, and those that are given."""
    known: dict[str, int] = {}
    for q in system.named(Role.INPUT, Role.TARGET):
        for size, length in zip(q.shape, rows.arrays[q.name].shape, strict=True):
            if size.is_Symbol:
                known.setdefault(str(size), length)
    for name, size in given.items():
        if known.setdefault(name, whole(f"the size {name}", size, 1)) != size:
            raise ShapeError(f"the size {name} is {known[name]} in the data, not {size}")
    return known


def _start(
    system: System,
    sizes: Mapping[str, int],
    given: Mapping[str, ArrayLike] | None,
    seed: int,
    dtype: DTypeLike,
) -> "Parameters":
    asked = system.named(Role.PARAMETER)
    if not asked:
        raise TrainingError("there is no parameter to learn")
    generator = np.random.default_rng(seed)
    if given is None:
        return {q.name: _drawn(generator, _shape(q, sizes)).astype(dtype) for q in asked}
    if set(given) != {q.name for q in asked}:
        names = ", ".join(q.name for q in asked)
        raise ShapeError(f"the parameters are {', '.join(given)}; the equations have {names}")
    arrays = {q.name: np.array(given[q.name], dtype) for q in asked}
    for q in asked:
        if arrays[q.name].shape != _shape(q, sizes):
            raise ShapeError(f"{q.name} has shape {arrays[q.name].shape}, not {_shape(q, sizes)}")
    return arrays


def _drawn(generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
    *others, last = shape or (1,)
    deviation = np.sqrt(2 / (np.prod(others, initial=1) + last))
    return np.asarray(generator.normal(0.0, deviation, shape))


def _shape(q: Quantity, sizes: Mapping[str, int]) -> tuple[int, ...]:
    for symbol in sorted({s for size in q.shape for s in size.free_symbols}, key=str):
        if str(symbol) not in sizes:
            raise ShapeError(
                f"the size {symbol} of {q.name} does not follow from the data; "
                f"state it: sizes={{'{symbol}': 8}}, or --size {symbol}=8"
            )
    values = {s: sizes[str(s)] for size in q.shape for s in size.free_symbols}
    return tuple(int(size.subs(values)) for size in q.shape)
