"""Gradient descent: batches in random order, a step for each, and where a run stands.

What the samples are, a network's or those of any equations, is told by a `Samples`. A step makes
new arrays and is put in place by one assignment, so an interrupt never finds half a step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from symnn.compilation import CompiledFunction
from symnn.optimizers import Rule, Values
from symnn.samples import Array, Places

if TYPE_CHECKING:
    from symnn.initialization import Parameters


class Samples(Protocol):
    """What a function is trained on."""

    def __len__(self) -> int:
        """How many samples there are."""
        ...

    def at(self, places: Places) -> "Samples":
        """Some of the samples."""
        ...

    def differentiated(
        self, function: CompiledFunction, parameters: "Parameters", generator: np.random.Generator
    ) -> tuple[float, "Parameters"]:
        """The loss and its gradients, for one step."""
        ...

    def measured(
        self, function: CompiledFunction, parameters: "Parameters"
    ) -> tuple[float | None, float | None]:
        """The loss, and the accuracy for classes; None for what there is not."""
        ...


@dataclass(frozen=True)
class Epoch:
    """The losses at the end of an epoch, over all samples; accuracies from 0 to 1, for classes."""

    number: int
    loss: float
    accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None


class NotFiniteError(Exception):
    """The fact, in words, that a loss or a parameter is not finite."""


@dataclass(frozen=True)
class Settings:
    """How a model is trained: a rule, its learning rate, and for how long; each of use."""

    rule: Rule
    rate: float
    epochs: int
    batch_size: int
    seed: int


@dataclass(frozen=True)
class State:
    """All that a step changes."""

    parameters: "Parameters"
    kept: Mapping[str, Values]
    steps: int = 0


@dataclass
class Run:
    """A training under way: where it stands, and the last parameters known to be finite.

    `path`, where one is kept, has the parameters at the start and at the end of each epoch.
    """

    function: CompiledFunction
    settings: Settings
    generator: np.random.Generator
    kept: Samples
    held_out: Samples
    state: State
    finite: "Parameters"
    history: list[Epoch] = field(default_factory=list)
    path: "list[Parameters] | None" = None

    @classmethod
    def begun(
        cls,
        function: CompiledFunction,
        settings: Settings,
        generator: np.random.Generator,
        samples: tuple[Samples, Samples],
        start: "Parameters",
        *,
        keeps_path: bool,
    ) -> "Run":
        """The run before its first step; `samples` are those to train on and those held out."""
        state = State(start, {name: settings.rule.start(value) for name, value in start.items()})
        path = [start] if keeps_path else None
        return cls(function, settings, generator, *samples, state, start, path=path)

    def epoch(self, number: int) -> None:
        """One pass over the samples in random order; the last batch may be smaller."""
        order = self.generator.permutation(len(self.kept))
        # What overflows is found by its value, and named; a warning would only repeat it.
        with np.errstate(all="ignore"):
            size = self.settings.batch_size
            for start in range(0, len(order), size):
                self.step(self.kept.at(order[start : start + size]))
            parameters = self.state.parameters
            loss, accuracy = self.kept.measured(self.function, parameters)
            held_out = self.held_out.measured(self.function, parameters)
        assert loss is not None
        _check_finite("the loss", loss)
        for name, value in parameters.items():
            _check_finite(f"parameter {name}", value)
        self.finite = parameters
        if self.path is not None:
            self.path.append(parameters)
        self.history.append(Epoch(number, loss, accuracy, *held_out))

    def step(self, batch: Samples) -> None:
        """One step along the gradients of a batch."""
        state, rule, rate = self.state, self.settings.rule, self.settings.rate
        loss, gradients = batch.differentiated(self.function, state.parameters, self.generator)
        _check_finite("the loss", loss)
        moved = {
            name: rule.step(value, gradients[name], state.kept[name], state.steps + 1, eta=rate)
            for name, value in state.parameters.items()
        }
        self.state = State(
            {name: parameter for name, (parameter, _) in moved.items()},
            {name: kept for name, (_, kept) in moved.items()},
            state.steps + 1,
        )


def descended(run: Run, on_epoch: Callable[[Epoch], None] | None) -> tuple[bool, str]:
    """Whether the run was interrupted, and why it stopped, if it did."""
    try:
        for number in range(1, run.settings.epochs + 1):
            run.epoch(number)
            if on_epoch is not None:
                on_epoch(run.history[-1])
    except KeyboardInterrupt:
        return True, ""
    except NotFiniteError as fact:
        return False, f"{fact} in epoch {len(run.history) + 1}, with lr {run.settings.rate:g}"
    return False, ""


def _check_finite(what: str, value: float | Array) -> None:
    if not np.isfinite(value).all():
        raise NotFiniteError(f"{what} is not finite")


def newest_finite(run: Run) -> "Parameters":
    """The parameters of the last step, or, where one of them is not finite, of the last epoch."""
    newest = run.state.parameters
    is_finite = all(np.isfinite(value).all() for value in newest.values())
    return newest if is_finite else run.finite
