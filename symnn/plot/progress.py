"""How a training went: the loss of each epoch, on the samples trained on and on those held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from symnn.descent import Epoch
from symnn.errors import SymnnError
from symnn.fitting import Fit
from symnn.plot.curve import Floats
from symnn.plot.pictures import BLUE, RED, Picture
from symnn.plot.telling import said
from symnn.training import TrainingResult

History: TypeAlias = TrainingResult | Fit | Sequence[Epoch]

# From so many times on, the small losses would lie on the axis.
_MOST_TIMES = 50


@dataclass(frozen=True, eq=False)
class CurvesPicture(Picture):
    """The training loss of each epoch, and the validation loss, if there is one."""

    history: tuple[Epoch, ...]
    what: str = "training"

    @cached_property
    def epochs(self) -> Floats:
        """The numbers of the epochs, (E,)."""
        return np.array([epoch.number for epoch in self.history], np.float64)

    @cached_property
    def losses(self) -> dict[str, Floats]:
        """The losses, (E,), by what they are of."""
        found = {"training": [epoch.loss for epoch in self.history]}
        held_out = [e.validation_loss for e in self.history if e.validation_loss is not None]
        if len(held_out) == len(self.history):
            found["validation"] = held_out
        return {name: np.array(values) for name, values in found.items()}

    @property
    def is_logarithmic(self) -> bool:
        """Whether the losses differ so much, and all are above 0."""
        every = np.concatenate([*self.losses.values()])
        return bool(every.min() > 0 and every.max() > _MOST_TIMES * every.min())

    @property
    def title(self) -> str:
        """What was trained."""
        return f"The loss in each epoch of {self.what}"

    @property
    def alt(self) -> str:
        """From where to where each loss went, its least, and the accuracy at the end."""
        count = len(self.history)
        told = [
            f"The loss at the end of {'each of ' * (count > 1)}{count} epoch{'s' * (count > 1)}."
        ]
        told += [
            f"{name.capitalize()}: {_course(self.epochs, y)}." for name, y in self.losses.items()
        ]
        shares = (self.history[-1].accuracy, self.history[-1].validation_accuracy)
        pairs = zip(self.losses, shares, strict=False)
        said_of = [f"{100 * share:.1f} % {name}" for name, share in pairs if share is not None]
        return " ".join(
            [*told, *([f"Accuracy at the end: {', '.join(said_of)}."] if said_of else [])]
        )

    def draw(self, ax: Axes) -> None:
        """A line for each loss, over the epochs; on a logarithmic scale where they differ much."""
        looks = zip(self.losses.items(), (BLUE, RED), ("-", (0, (4, 2))), strict=False)
        for (name, y), colour, dashes in looks:
            marker = "o" if len(y) == 1 else ""
            ax.plot(self.epochs, y, color=colour, ls=dashes, marker=marker, label=name)
        if self.is_logarithmic:
            ax.set_yscale("log")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        ax.legend()


def _course(epochs: Floats, y: Floats) -> str:
    """From where to where, and the least where that is not at the end."""
    if len(y) == 1:
        return said(y[0])
    least = int(y.argmin())
    ends = f"from {said(y[0])} after the first to {said(y[-1])} after the last"
    return (
        ends
        if least == len(y) - 1
        else f"{ends}, least {said(y[least])} after {int(epochs[least])}"
    )


def curves(result: History, ax: Axes | None = None) -> Axes:
    """The losses of a training, epoch by epoch, on `ax` or on a figure of its own.

    What `train` or `fit` gave, or the `Epoch`s themselves. Raises `SymnnError` where no epoch
    ended.

    >>> import symnn
    >>> result = symnn.train(symnn.Network("1-1"), [0, 1, 2], [1, 3, 5], lr=0.1, epochs=20)
    >>> line = curves(result).get_lines()[0]
    >>> bool((line.get_ydata() == [epoch.loss for epoch in result.history]).all())
    True
    """
    return CurvesPicture(history_of(result)).on(ax)


def history_of(result: History) -> tuple[Epoch, ...]:
    """The epochs of a training; raises `SymnnError` where none ended."""
    history = result.history if isinstance(result, TrainingResult | Fit) else tuple(result)
    if not history:
        raise SymnnError("no epoch ended, so there is no curve to draw")
    return history
