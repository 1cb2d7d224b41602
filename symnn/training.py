"""Training: the one place where something changes.

A run is deterministic: its only source of chance is `numpy.random.default_rng(seed)`. A step makes
new arrays and is put in place by one assignment, so an interrupt never finds half a step.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from symnn.errors import DataError, ShapeError, TrainingError, unknown_name
from symnn.model import Array, Model, Scaling, as_matrix, class_numbers, is_for_classes
from symnn.modelfile import save
from symnn.network import Network
from symnn.optimizers import OPTIMIZERS, Optimizer, Rule, Values, compiled

if TYPE_CHECKING:
    from symnn.initialization import Parameters


@dataclass(frozen=True)
class Epoch:
    """The losses at the end of an epoch, over all samples; accuracies from 0 to 1, for classes."""

    number: int
    loss: float
    accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What was learnt, and how: the model, an `Epoch` for each epoch that ended.

    `interrupted` says that Ctrl-C ended it, `stopped` why it could not go on (else it is empty).
    """

    model: Model
    history: tuple[Epoch, ...]
    interrupted: bool = False
    stopped: str = ""

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
    """Training met a number that is not finite; `result` holds what was learnt before that epoch."""

    def __init__(self, result: TrainingResult, advice: str) -> None:
        super().__init__(f"{result.stopped}; {advice}")
        self.result = result


class _NotFinite(Exception):  # noqa: N818 - it never leaves this module
    """The fact, in words, that a loss or a parameter is not finite."""


@dataclass(frozen=True)
class _State:
    """All that a step changes."""

    parameters: "Parameters"
    kept: Mapping[str, Values]
    steps: int = 0


@dataclass
class _Run:
    """A training under way: where it stands, and the last parameters known to be finite."""

    function: Any
    rule: Rule
    rate: float
    state: _State
    finite: "Parameters"
    history: list[Epoch] = field(default_factory=list)

    def step(self, x: Array, y: Array) -> None:
        """One step along the gradients of these samples."""
        state = self.state
        loss, gradients = self.function(state.parameters, x, y)
        if not isfinite(loss):
            raise _NotFinite(f"the loss is {loss}")
        moved = {
            name: self.rule.step(
                value, gradients[name], state.kept[name], state.steps + 1, eta=self.rate
            )
            for name, value in state.parameters.items()
        }
        self.state = _State(
            {name: parameter for name, (parameter, _) in moved.items()},
            {name: kept for name, (_, kept) in moved.items()},
            state.steps + 1,
        )

    def finish(self, epoch: Epoch) -> None:
        """Take an epoch into the history, and its parameters as good."""
        if not isfinite(epoch.loss):
            raise _NotFinite(f"the loss is {epoch.loss}")
        if not _all_finite(self.state.parameters):
            raise _NotFinite("a parameter is not finite")
        self.history.append(epoch)
        self.finite = self.state.parameters

    @property
    def learnt(self) -> "Parameters":
        """The newest parameters that are finite."""
        newest = self.state.parameters
        return newest if _all_finite(newest) else self.finite


@dataclass(frozen=True, eq=False)
class _Samples:
    """Scaled samples, and how they are measured."""

    x: Array
    y: Array
    network: Network
    has_classes: bool

    def at(self, places: NDArray[np.intp]) -> "_Samples":
        return replace(self, x=self.x[places], y=self.y[places])

    def measured(self, run: _Run) -> tuple[float | None, float | None]:
        """The loss and, for classes, the accuracy; None for what there is not."""
        if not len(self.x):
            return None, None
        parameters = run.state.parameters
        loss = float(run.function(parameters, self.x, self.y)[0])
        if not self.has_classes:
            return loss, None
        outputs = run.function.predict(parameters, self.x)
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
) -> TrainingResult:
    """The network trained on inputs `x` (N, D_0) and targets `y` (N, D_depth).

    A one-dimensional `x` or `y` will do for one input or output. `lr` is the learning rate, by
    default the optimizer's. `validation` is the share of the samples that is held out. With
    `standardize`, inputs are scaled by the mean and deviation of the samples trained on, and so are
    the targets of a regression whose output is unbounded; losses are then of scaled targets, while
    `predict` takes and gives original units. Training starts from `parameters` or from
    `network.init(seed)`. `on_epoch` is called with each `Epoch`. Ctrl-C ends training and keeps
    what was learnt.

    Raises `ShapeError`, `DataError` and `TrainingError` for what cannot be trained on, and
    `DivergedError` where a loss or parameter ceases to be finite.

    >>> result = train(Network("1-1"), [0, 1, 2, 3], [1, 3, 5, 7], lr=0.1)
    >>> result.predict([10]).round(3)
    array([[21.]])
    """
    rule = compiled(_optimizer_row(optimizer))
    rate = _positive("lr", rule.optimizer.rate if lr is None else lr)
    epochs, batch_size = _whole("epochs", epochs, 1), _whole("batch_size", batch_size, 1)
    generator = np.random.default_rng(_whole("seed", seed, 0))
    inputs, outputs = _checked(network, x, y)
    held_out, kept = split(len(inputs), validation, generator)
    model = Model(
        network,
        _start(network, parameters, seed, dtype),
        *_scalings(network, inputs[kept], outputs[kept], standardize, bool(classes)),
        tuple(features),
        tuple(targets),
        tuple(classes),
    )
    samples = _Samples(
        model.inputs.apply(inputs).astype(dtype),
        model.outputs.apply(outputs).astype(dtype),
        network,
        bool(classes) or is_for_classes(network),
    )
    run = _begin(model, rule, rate)
    ending = {}
    try:
        for number in range(1, epochs + 1):
            _epoch(run, number, samples.at(kept), samples.at(held_out), batch_size, generator)
            if on_epoch is not None:
                on_epoch(run.history[-1])
    except KeyboardInterrupt:
        ending = {"interrupted": True}
    except _NotFinite as fact:
        stopped = f"{fact} in epoch {len(run.history) + 1} with lr {rate:g}"
        best = replace(model, parameters=run.finite)
        raise DivergedError(
            TrainingResult(best, tuple(run.history), stopped=stopped),
            "take a smaller lr" + ("" if standardize else ", or standardize"),
        ) from None
    return TrainingResult(replace(model, parameters=run.learnt), tuple(run.history), **ending)
