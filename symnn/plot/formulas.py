"""An activation with its derivative.

Both lines are computed by the compiled equations. A kink is marked: a filled dot is the value that
is taken there, an open one the value from a side that is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from matplotlib.axes import Axes
from sympy import Expr, Integer

from symnn.equations import SAMPLES, Equation, Quantity, Role
from symnn.functions import Elementwise, U
from symnn.given import activation_row
from symnn.layers import ActivationLike, Place
from symnn.layers.activating import applied
from symnn.plot.curve import Curve, Span, breaks_of, checked_span
from symnn.plot.lines import add_legend, draw_curve
from symnn.plot.pictures import Picture
from symnn.plot.telling import said, told_of
from symnn.rows import Activation
from symnn.scalars import Scalars, symbol

UNITS = 3


@dataclass(frozen=True, eq=False)
class ActivationPicture(Picture):
    """An activation and its derivative."""

    row: Activation
    span: Span | None = None

    @cached_property
    def curve(self) -> Curve:
        """The activation as a function of one number: of several units, the first by itself."""
        span = self.span or _around(breaks_of(self._formula))
        return Curve(self._formula, span, self.row.name)

    @cached_property
    def _formula(self) -> Expr:
        return self.row.expression if self.row.is_elementwise else _first_unit(self.row)

    @property
    def sign(self) -> str:
        """Its name in print."""
        applied = self.row.applied
        return applied.sign if isinstance(applied, Elementwise) else self.row.name

    @property
    def title(self) -> str:
        """The row's own title."""
        words = self.row.words
        return words[:1].upper() + words[1:]

    @property
    def alt(self) -> str:
        """From where to where both lines go, their extremes, and the policy at a kink."""
        c, f = self.curve, self.sign
        of = "" if self.row.is_elementwise else f" for the first of {UNITS} units, the others at 0,"
        lo, hi = map(said, c.span)
        told = f"{f}{of} from u = {lo} to {hi}: {told_of(c.u, c.values, at=c.value_at)}. "
        told += f"Its derivative {f}′: {told_of(c.u, c.slopes, at=c.slope_at)}."
        return f"{told} {self.row.policy}." if self.row.policy and c.breaks else told

    def draw(self, ax: Axes) -> None:
        """The activation in blue, its derivative dashed in red."""
        unit = "u" if self.row.is_elementwise else "u_1"
        name = _mathematical(self.row, self.sign)
        draw_curve(ax, self.curve, (f"${name}({unit})$", f"${name}$′$({unit})$"))
        ax.set_xlabel(f"${unit}$")
        add_legend(ax, self.row.policy, [self.curve])


def _mathematical(row: Activation, sign: str) -> str:
    applied = row.applied
    if isinstance(applied, Elementwise):
        return applied.latex
    return rf"\operatorname{{{sign.replace('_', ' ')}}}"


def activation(
    activation: ActivationLike, ax: Axes | None = None, *, span: Span | None = None
) -> Axes:
    """An activation with its derivative, on `ax` or on a figure of its own.

    A name (`"elu(alpha=0.5)"`), a row, or an expression in one symbol. `span` is from where to
    where, by default wide enough for every kink. Raises `SymnnError` for what is no activation.

    >>> ax = activation("tanh", span=(-2, 2))
    >>> value, slope = (line.get_ydata().max().round(3) for line in ax.get_lines())
    >>> print(value, slope)
    0.964 1.0
    """
    return ActivationPicture(activation_row(activation), checked_span(span)).on(ax)


def _first_unit(row: Activation) -> Expr:
    """A vector activation's first unit as a function of its own argument, the others at 0."""
    u = Quantity("u", (SAMPLES, Integer(UNITS)), Role.INPUT, ("n", "k"), "u")
    f = Quantity("f", u.shape, Role.ACTIVATION, u.letters, "f")
    e = Equation(f, u.indices, applied(row, u, Place(1, None, is_last=True)))
    entry = Scalars({"u": u, "f": f}, {"f": e}).entry("f", 0)
    others = {symbol(u, k): Integer(0) for k in range(1, UNITS)}
    return entry.xreplace({symbol(u, 0): U, **others})


def _around(breaks: Sequence[float]) -> Span:
    """From −5 to 5, or so far that every break is well inside."""
    reach = max([5.0, *(abs(b) + 2 for b in breaks)])
    return -reach, reach
