"""The loss as a landscape: along one weight, with the tangent that its derivative is.

The loss and the gradient are those of the compiled equations. All other weights stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from symnn.plot.curve import Floats, Span, checked_span, finite
from symnn.plot.ground import AnyModel, Data, Ground, Knob, ground_of
from symnn.plot.pictures import BLUE, RED, Picture
from symnn.plot.telling import said, told_of

POINTS = 201


@dataclass(frozen=True, eq=False)
class KnobPicture(Picture):
    """The loss along one weight, and its tangent where the weight is."""

    ground: Ground
    knob: Knob
    span: Span | None = None

    @cached_property
    def at(self) -> float:
        """The weight as it is."""
        return self.ground.value(self.knob)

    @cached_property
    def loss(self) -> float:
        """The loss there."""
        return float(self.loss_at(np.array([self.at]))[0])

    @cached_property
    def slope(self) -> float:
        """The derivative there: the compiled gradient."""
        return self.ground.slope(self.knob)

    @cached_property
    def theta(self) -> Floats:
        """The values of the weight at which the loss is computed, (M,)."""
        reach = 2 * max(1.0, abs(self.at))
        lo, hi = self.span or (self.at - reach, self.at + reach)
        return np.linspace(lo, hi, POINTS)

    @cached_property
    def losses(self) -> Floats:
        """The loss at each of them, (M,)."""
        return self.loss_at(self.theta)

    def loss_at(self, theta: Floats) -> Floats:
        """The losses, (M,), for values of the weight; `SymnnError` where one is not finite."""
        losses = np.array([self.ground.loss({self.knob: float(value)}) for value in theta])
        return finite(losses, theta, f"the loss along {self.knob.text}")

    @property
    def title(self) -> str:
        """What is turned."""
        return f"The loss along {self.knob.text}"

    @property
    def alt(self) -> str:
        """What the loss does along the weight, where the weight is, and the slope there."""
        lo, hi = said(self.theta[0]), said(self.theta[-1])
        name = self.knob.text
        told = told_of(self.theta, self.losses, name, self.loss_at)
        return (
            f"The loss along {name} from {lo} to {hi}{self.ground.beside}: {told}. "
            f"At {name} = {said(self.at)} it is {said(self.loss)}, and the tangent there has the "
            f"slope ∂L/∂{name} = {said(self.slope)}."
        )

    def draw(self, ax: Axes) -> None:
        """The loss in blue, the tangent dashed in red, a dot where they touch."""
        name = self.knob.math
        ax.plot(self.theta, self.losses, color=BLUE, label="$L$")
        ends = self._tangent_ends()
        ax.plot(
            ends,
            self.loss + self.slope * (ends - self.at),
            color=RED,
            ls=(0, (4, 2)),
            label=rf"tangent, $\partial L/\partial {name[1:-1]} = {_in_math(self.slope)}$",
        )
        ax.plot([self.at], [self.loss], "o", color=RED, ms=8, zorder=4)
        ax.set_xlabel(name)
        ax.set_ylabel("$L$", rotation=0, labelpad=12)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.19), ncols=2)

    def _tangent_ends(self) -> Floats:
        """From where to where the tangent is drawn: as far as the loss is in sight, and some."""
        height, width = np.ptp(self.losses) or 1.0, np.ptp(self.theta)
        reach = min(width / 3, 0.35 * height / abs(self.slope) if self.slope else width)
        return np.clip(self.at + np.array([-reach, reach]), self.theta[0], self.theta[-1])


def _in_math(value: float) -> str:
    """A number as mathematics for matplotlib."""
    mantissa, power, exponent = said(value).partition("·10")
    raised = exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return rf"{mantissa} \cdot 10^{{{raised}}}" if power else mantissa


def knob(
    model: AnyModel,
    x: Data = None,
    y: ArrayLike | None = None,
    wrt: str | None = None,
    ax: Axes | None = None,
    *,
    parameters: Mapping[str, ArrayLike] | None = None,
    span: Span | None = None,
    seed: int = 0,
) -> Axes:
    """The loss along one weight, and its tangent, whose slope is the derivative.

    `model` is a spec, a `Network`, a trained model or the result of a training, or equations with
    their arrays by name in `x`. `wrt` names a weight as in print or in code, `w`, `W2[1,3]` counted
    from 1; by default the first. `parameters` are those of the network, else those learnt, else
    drawn from `seed`; samples too are drawn where there are none. `span` is from where to where.
    Raises `SymnnError` where something does not fit.

    >>> ax = knob("1-1", [0, 1, 2], [1, 3, 5], "w", parameters={"W1": [[1.0]], "b1": [1.0]})
    >>> (before, after) = ax.get_lines()[1].get_ydata()
    >>> bool(after < before)
    True
    """
    ground = ground_of(model, x, y, parameters, seed)
    return KnobPicture(ground, ground.knob(wrt), checked_span(span)).on(ax)
