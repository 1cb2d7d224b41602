"""Where a loss is looked at: compiled equations, parameters, and the samples.

A weight is found by any of its names: as it is printed (`w`, `w²₁`), or as it is typed
(`W2[1,3]`, counted from 1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symnn.cells import Entries
from symnn.compilation import CompiledFunction
from symnn.derivation import derive
from symnn.equations import Quantity, Role, System
from symnn.errors import ShapeError, TrainingError, unknown_name
from symnn.fitfile import SavedFit
from symnn.fitting import Fit, placed
from symnn.gradcheck import random_point
from symnn.language import parse_wanted
from symnn.model import Model
from symnn.network import Network
from symnn.plot.words import Signs
from symnn.recurrence import guarded
from symnn.samples import full_masks, matched, scaled, shaped
from symnn.settings import start_from, whole
from symnn.training import TrainingResult

if TYPE_CHECKING:
    from symnn.initialization import Parameters

Arrays = Mapping[str, NDArray[Any]]
AnyModel: TypeAlias = str | Network | Model | TrainingResult | System | Fit | SavedFit
Data: TypeAlias = ArrayLike | Mapping[str, ArrayLike] | None

SAMPLES_DRAWN = 8
# Printed names are looked through in nets of so many weights.
_MOST_NAMES = 2000


@dataclass(frozen=True)
class Knob:
    """One weight: its quantity, its place counted from 0, and its name in words and in print."""

    name: str
    place: tuple[int, ...]
    text: str
    math: str


@dataclass(frozen=True, eq=False)
class Ground:
    """A loss that can be computed anywhere; `beside` says in words what the samples are."""

    system: System
    function: CompiledFunction
    parameters: "Parameters"
    arrays: Arrays
    beside: str = ""

    def loss(self, moved: Mapping[Knob, float]) -> float:
        """The loss with some weights at other values."""
        with np.errstate(all="ignore"):
            return float(self.function(self._with(moved), **self.arrays)[0])

    def slope(self, knob: Knob) -> float:
        """The derivative of the loss by a weight, where it is."""
        return float(self.function(self.parameters, **self.arrays)[1][knob.name][knob.place])

    def value(self, knob: Knob) -> float:
        """The weight as it is."""
        return float(self.parameters[knob.name][knob.place])

    def at(self, moved: Mapping[Knob, float]) -> "Ground":
        """The same with some weights at other values."""
        return replace(self, parameters=self._with(moved))

    def _with(self, moved: Mapping[Knob, float]) -> "Parameters":
        changed = {k.name: self.parameters[k.name].copy() for k in moved}
        for knob, value in moved.items():
            changed[knob.name][knob.place] = value
        return {**self.parameters, **changed}

    def knob(self, name: str | None = None) -> Knob:
        """The weight of this name; the first without one. `SymnnError` where there is none."""
        if name is None:
            return self.first(1)[0]
        for q, place in islice(self._entries(), _MOST_NAMES):
            knob = self._knob(q, place)
            if name in (knob.text, self._signs.typed(q, place)):
                return knob
        return self._typed(name)

    def first(self, count: int) -> list[Knob]:
        """So many weights, or as many as there are."""
        return [self._knob(q, place) for q, place in islice(self._entries(), count)]

    def _typed(self, name: str) -> Knob:
        wanted = parse_wanted(name)
        quantities = {q.name: q for q in self.system.named(Role.PARAMETER)}
        if wanted.name not in quantities:
            raise unknown_name("weight", wanted.name, quantities)
        shape = self.parameters[wanted.name].shape
        place = tuple(p - 1 for p in wanted.place)
        if not place and self.parameters[wanted.name].size == 1:
            place = (0,) * len(shape)
        fits = len(place) == len(shape) and all(
            0 <= p < size for p, size in zip(place, shape, strict=False)
        )
        if not fits:
            example = f"{wanted.name}[{','.join('1' for _ in shape)}]"
            raise ShapeError(
                f"{wanted} is no single weight: {wanted.name} has the shape {shape}; "
                f"say which of them, counted from 1, as in {example}"
            )
        return self._knob(quantities[wanted.name], place)

    def _knob(self, q: Quantity, place: tuple[int, ...]) -> Knob:
        return Knob(q.name, place, self._signs.text(q, place), self._signs.math(q, place))

    def _entries(self) -> Iterator[tuple[Quantity, tuple[int, ...]]]:
        for q in self.system.named(Role.PARAMETER):
            yield from ((q, p) for p in product(*map(range, self.parameters[q.name].shape)))

    @cached_property
    def _signs(self) -> Signs:
        return Signs(self.system)


def ground_of(
    model: AnyModel,
    x: Data = None,
    y: ArrayLike | None = None,
    parameters: Mapping[str, ArrayLike] | None = None,
    seed: int = 0,
) -> Ground:
    """The loss of a model on its samples; samples and parameters are drawn where none are given."""
    whole("seed", seed, 0)
    if isinstance(model, System | Fit | SavedFit):
        return _of_equations(model, named_arrays(x, y), parameters, seed)
    if isinstance(model, TrainingResult):
        model = model.model
    if isinstance(model, Model):
        return _of_network(model.network, model, x, y, parameters or model.parameters, seed)
    network = Network(model) if isinstance(model, str) else model
    return _of_network(network, None, x, y, parameters, seed)


def named_arrays(x: Data, y: ArrayLike | None) -> Mapping[str, ArrayLike] | None:
    """The arrays of equations by name; raises `ShapeError` for any others."""
    if y is not None or not (x is None or isinstance(x, Mapping)):
        raise ShapeError("equations take their arrays by name, as {'x': …, 'y': …}")
    return x


def _of_network(
    network: Network,
    model: Model | None,
    x: Data,
    y: ArrayLike | None,
    parameters: Mapping[str, ArrayLike] | None,
    seed: int,
) -> Ground:
    if isinstance(x, Mapping):
        raise ShapeError("x is a mapping; a network takes arrays x and y")
    start = start_from(network, parameters, seed, np.float64)
    function = derive(network).lambdify() if model is None else model.function
    if x is None:
        arrays, beside = _drawn(network.system, seed, Role.INPUT, Role.TARGET)
    elif y is None:
        raise ShapeError("there are inputs x and no targets y; give both, or none")
    else:
        inputs, targets = matched(network, x, y)
        if model is not None:
            inputs, targets = model.inputs.apply(inputs), model.outputs.apply(targets)
        arrays = {
            "x": shaped(inputs, network.shapes[0]),
            "y": shaped(targets, network.shapes[-1]),
        }
        beside = _counted(len(inputs))
    masks = full_masks(network, len(arrays["y"]))
    return Ground(network.system, function, start, {**arrays, **masks}, beside)


def _of_equations(
    model: System | Fit | SavedFit,
    data: Mapping[str, ArrayLike] | None,
    parameters: Mapping[str, ArrayLike] | None,
    seed: int,
) -> Ground:
    system = model if isinstance(model, System) else model.system
    function = derive(system).lambdify() if isinstance(model, System) else model.function
    given = parameters or (None if isinstance(model, System) else model.parameters)
    if not system.named(Role.PARAMETER):
        raise TrainingError("the equations have no parameter to turn")
    if data is not None:
        start, arrays = placed(system, data, parameters=given, seed=seed)
        arrays = arrays if isinstance(model, System) else scaled(arrays, model.scalings)
        count = max((len(a) for a in arrays.values() if a.ndim), default=1)
        return Ground(system, function, start, arrays, _counted(count))
    arrays, beside = _drawn(system, seed, Role.INPUT, Role.TARGET)
    start, _ = _drawn(system, seed, Role.PARAMETER)
    if given is not None:
        start = {name: np.array(given[name], np.float64) for name in start}
    return Ground(system, function, start, arrays, beside)


def _drawn(system: System, seed: int, *roles: Role) -> tuple[dict[str, NDArray[Any]], str]:
    """Arrays at random for the quantities of these roles, and the words that say so."""
    values = random_point(guarded(system), seed, SAMPLES_DRAWN).values
    arrays = {q.name: _array(q, values[q.name]) for q in system.named(*roles)}
    return arrays, f", for {SAMPLES_DRAWN} samples drawn at random (seed {seed})"


def _array(q: Quantity, entries: Entries) -> NDArray[Any]:
    shape = tuple(1 + max(places) for places in zip(*entries, strict=True))
    array = np.zeros(shape, np.intp if q.is_integer else np.float64)
    for place, value in entries.items():
        array[place] = value
    return array


def _counted(count: int) -> str:
    return f", for {count} samples" if count != 1 else ", for one sample"
