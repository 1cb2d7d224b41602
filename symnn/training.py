"""Training: the one place where something changes.

A run is deterministic: its only source of chance is `numpy.random.default_rng(seed)`. A step makes
new arrays and is put in place by one assignment, so an interrupt never finds half a step.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sympy import oo

from symnn.compilation import CompiledFunction
from symnn.descent import Epoch, Run, descended, newest_finite
from symnn.errors import TrainingError
from symnn.model import Model
from symnn.modelfile import save
from symnn.network import Network
from symnn.optimizers import Optimizer
from symnn.samples import (
    Array,
    Places,
    Scaling,
    class_numbers,
    drawn_masks,
    full_masks,
    is_for_classes,
    matched,
    shaped,
    split,
)
from symnn.settings import settings_of, start_from

if TYPE_CHECKING:
    from symnn.initialization import Parameters


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What was learnt, and how: the model, an `Epoch` for each epoch that ended.

    `interrupted` says that Ctrl-C ended it, `stopped` why it could not go on (else it is empty).
    `path` has the parameters at the start and at the end of each epoch, where that was asked for.
    """

    model: Model
    history: tuple[Epoch, ...]
    interrupted: bool = False
    stopped: str = ""
    path: "tuple[Parameters, ...]" = ()

    @property
    def network(self) -> Network:
        """The network that was trained."""
        return self.model.network

    @property
    def parameters(self) -> "Parameters":
        """The parameters learnt, for inputs and outputs as scaled by the model."""
        return self.model.parameters

    def predict(self, x: ArrayLike) -> Array:
        """The outputs (N, D_depth) for inputs (N, D_0), both in their own units."""
        return self.model.predict(x)

    def save(self, path: str | Path) -> None:
        """Write the model to this path, whole or not at all; `ModelFileError` where it cannot."""
        save(self.model, path)


class DivergedError(TrainingError):
    """Training met a number that is not finite; `result` holds what was learnt until then."""

    def __init__(self, result: TrainingResult, advice: str) -> None:
        super().__init__(f"{result.stopped}; {advice}")
        self.result = result


@dataclass(frozen=True, eq=False)
class _Samples:
    """Scaled samples, and whether their targets are classes."""

    x: Array
    y: Array
    network: Network
    has_classes: bool

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.x)

    def at(self, places: Places) -> "_Samples":
        """Some of the samples."""
        return replace(self, x=self.x[places], y=self.y[places])

    def differentiated(
        self, function: CompiledFunction, parameters: "Parameters", generator: np.random.Generator
    ) -> tuple[float, "Parameters"]:
        """The loss and its gradients, with the masks of one step."""
        masks = drawn_masks(self.network, len(self.x), generator)
        return function(parameters, self.x, self.y, **masks)

    def measured(
        self, function: CompiledFunction, parameters: "Parameters"
    ) -> tuple[float | None, float | None]:
        """The loss, and the accuracy for classes; None for what there is not."""
        if not len(self.x):
            return None, None
        ones = full_masks(self.network, len(self.x))
        loss = float(function(parameters, self.x, self.y, **ones)[0])
        if not self.has_classes:
            return loss, None
        outputs = function.predict(parameters, self.x, **ones)
        found, right = (class_numbers(self.network, values) for values in (outputs, self.y))
        return loss, float((found == right).mean())


def train(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    epochs: int = 100,
    batch_size: int = 32,
    lr: float | None = None,
    optimizer: str | Optimizer = "sgd",
    seed: int = 0,
    validation: float = 0.0,
    standardize: bool = False,
    parameters: Mapping[str, ArrayLike] | None = None,
    features: Sequence[str] = (),
    targets: Sequence[str] = (),
    classes: Sequence[str] = (),
    on_epoch: Callable[[Epoch], None] | None = None,
    dtype: DTypeLike = np.float64,
    keep_path: bool = False,
) -> TrainingResult:
    """The network trained on inputs `x` (N, D_0) and targets `y` (N, D_depth).

    A one-dimensional `x` or `y` will do for one input or output, and arrays of the shapes that the
    network reads and gives, as (N, 1, 8, 8). `lr` is the learning rate, by
    default the optimizer's. `validation` is the share of the samples that is held out. With
    `standardize`, inputs are scaled by the mean and deviation of the samples trained on, and so are
    the targets of a regression whose output is unbounded; losses are then of scaled targets, while
    `predict` takes and gives original units. Training starts from `parameters` or from
    `network.init(seed)`. `on_epoch` is called with each `Epoch`. Ctrl-C ends training and keeps
    what was learnt. With `keep_path` the result has the parameters of each epoch too.

    Raises `ShapeError`, `DataError` and `TrainingError` for what cannot be trained on, and
    `DivergedError` where a loss or parameter ceases to be finite.

    >>> result = train(Network("1-1"), [0, 1, 2, 3], [1, 3, 5, 7], lr=0.1, epochs=200)
    >>> result.predict([10]).round(3)
    array([[21.]])
    """
    settings = settings_of(optimizer, lr, epochs, batch_size, seed)
    generator = np.random.default_rng(settings.seed)
    inputs, outputs = matched(network, x, y)
    held_out, kept = split(len(inputs), validation, generator)
    has_classes = bool(classes) or is_for_classes(network)
    scalings = _scalings(
        network, inputs[kept], outputs[kept], standardize=standardize, has_classes=has_classes
    )
    start = start_from(network, parameters, seed, dtype)
    names = (tuple(features), tuple(targets), tuple(classes))
    model = Model(network, start, *scalings, *names)
    scaled = (model.inputs.apply(inputs), model.outputs.apply(outputs))
    given, wanted = (
        shaped(values.astype(dtype), shape)
        for values, shape in zip(scaled, (network.shapes[0], network.shapes[-1]), strict=True)
    )
    every = _Samples(given, wanted, network, has_classes)
    samples = every.at(kept), every.at(held_out)
    run = Run.begun(model.function, settings, generator, samples, start, keeps_path=keep_path)
    interrupted, stopped = descended(run, on_epoch)
    learnt = replace(model, parameters=run.finite if stopped else newest_finite(run))
    result = TrainingResult(learnt, tuple(run.history), interrupted, stopped, tuple(run.path or ()))
    if stopped:
        raise DivergedError(result, _advice(standardize))
    return result


def untrained(
    network: Network,
    x: Array,
    y: Array,
    *,
    seed: int = 0,
    standardize: bool = False,
    names: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] = ((), (), ()),
) -> Model:
    """The model from which `train` would start on all of these samples.

    `names` are those of the features, the targets and the classes.
    """
    inputs, outputs = matched(network, x, y)
    has_classes = bool(names[2]) or is_for_classes(network)
    scalings = _scalings(network, inputs, outputs, standardize=standardize, has_classes=has_classes)
    return Model(network, start_from(network, None, seed, np.float64), *scalings, *names)


def _scalings(
    network: Network, x: Array, y: Array, *, standardize: bool, has_classes: bool
) -> tuple[Scaling, Scaling]:
    """How inputs and targets are scaled. Bounded outputs could not reach scaled targets."""
    output = network.activations[-1]
    is_free = (output.lower, output.upper) == (-oo, oo) and not has_classes
    scales = standardize and network.looked_up is None
    inputs = Scaling.of(x) if scales else Scaling.none(x.shape[1])
    return inputs, Scaling.of(y) if standardize and is_free else Scaling.none(y.shape[1])


def _advice(standardize: bool) -> str:
    return "take a smaller lr" + ("" if standardize else ", or standardize")
