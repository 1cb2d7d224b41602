"""What a model has learnt, as a function of its features, whatever kind of model it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symnn.equations import Role
from symnn.errors import ShapeError, SymnnError
from symnn.fitfile import SavedFit
from symnn.fitting import Fit, placed
from symnn.model import Model
from symnn.plot.curve import Floats
from symnn.plot.ground import Data, named_arrays
from symnn.samples import as_matrix, class_numbers, is_for_classes, scaled
from symnn.training import TrainingResult

AnyFit: TypeAlias = Model | TrainingResult | Fit | SavedFit


@dataclass(frozen=True, eq=False)
class Learnt:
    """A model as a function of one feature or two, with the names of its columns.

    `x` (N, D) and `y` (N, K) are the samples, in their own units.
    """

    model: Model | Fit | SavedFit
    x: Floats
    y: Floats
    features: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] = ()

    def predict(self, x: Floats) -> Floats:
        """The outputs, (M, K), for inputs (M, D)."""
        if isinstance(self.model, Model):
            return np.asarray(self.model.predict(x), np.float64).reshape(len(x), -1)
        system, function = self.model.system, self.model.function
        names = system.named(Role.INPUT)
        columns = [x] if len(names[0].shape) == 2 else list(x.T)
        inputs = {q.name: column for q, column in zip(names, columns, strict=True)}
        given = scaled(inputs, self.model.scalings)
        return np.asarray(function.predict(self.model.parameters, **given)).reshape(len(x), -1)

    def numbers(self, outputs: Floats) -> NDArray[np.intp]:
        """The number of the class of each row of outputs or targets."""
        assert isinstance(self.model, Model)
        return class_numbers(self.model.network, outputs)

    @property
    def threshold(self) -> float:
        """Above what one output speaks for the second class."""
        assert isinstance(self.model, Model)
        return 0.0 if self.model.network.loss.takes_logits else 0.5


def learnt_of(model: AnyFit, x: Data, y: ArrayLike | None) -> Learnt:
    """The model with its samples; raises `ShapeError` where they do not fit."""
    if isinstance(model, TrainingResult):
        model = model.model
    if isinstance(model, Model):
        return _network(model, x, y)
    return _equations(model, named_arrays(x, y) or {})


def _network(model: Model, x: Data, y: ArrayLike | None) -> Learnt:
    network = model.network
    if x is None or y is None or isinstance(x, Mapping):
        raise ShapeError("a picture of a fit needs arrays x and y")
    inputs = as_matrix(x, network.sizes[0], "x", shape=network.shapes[0])
    outputs = as_matrix(y, network.sizes[-1], "y", shape=network.shapes[-1])
    width, many = network.sizes[0], network.sizes[-1]
    features = model.features or _numbered("x", width)
    classes = model.classes
    if not classes and is_for_classes(network):
        classes = _numbered("class ", max(many, 2))
    targets = model.targets or (_numbered("y", many) if not classes else ("the class",))
    samples = (np.asarray(inputs, np.float64), np.asarray(outputs, np.float64))
    return Learnt(model, *samples, features, targets, classes)


def _numbered(name: str, count: int) -> tuple[str, ...]:
    lowered = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    if name.endswith(" "):
        return tuple(f"{name}{k + 1}" for k in range(count))
    return (
        (name,) if count == 1 else tuple(f"{name}{k + 1}".translate(lowered) for k in range(count))
    )


def _equations(model: Fit | SavedFit, data: Mapping[str, ArrayLike]) -> Learnt:
    """Equations with inputs of one number a sample each, or with one of D numbers."""
    system = model.system
    inputs, targets = system.named(Role.INPUT), system.named(Role.TARGET)
    axes = [len(q.shape) for q in inputs]
    if len(targets) != 1 or axes not in ([1], [2], [1, 1]) or len(targets[0].shape) != 1:
        raise SymnnError(
            "a picture of equations has one target and one input or two, of a number a sample each"
        )
    _, arrays = placed(system, data, parameters=model.parameters)
    columns = [np.asarray(arrays[q.name], np.float64) for q in inputs]
    x = columns[0] if axes == [2] else np.column_stack(columns)
    y = np.asarray(arrays[targets[0].name], np.float64)[:, None]
    named = model.columns if isinstance(model, SavedFit) else {}
    default = (
        _numbered(inputs[0].name, x.shape[1]) if axes == [2] else tuple(q.name for q in inputs)
    )
    features = tuple(c for q in inputs for c in named.get(q.name, ())) or default
    return Learnt(model, x, y, features, named.get(targets[0].name, (targets[0].name,)))
