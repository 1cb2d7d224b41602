"""A function of one number with its derivative: an activation, or the loss of one prediction.

Both lines are computed by the compiled equations. A kink is marked: a filled dot is the value that
is taken there, an open one the value from a side that is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import fill
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from sympy import Expr, Integer, Rational

from symnn.equations import SAMPLES, Equation, Quantity, Role
from symnn.functions import Elementwise, U
from symnn.given import LossLike, activation_row, loss_row
from symnn.layers import ActivationLike, Place
from symnn.layers.activating import applied
from symnn.plot.curve import Curve, Floats, Span, breaks_of, checked_span
from symnn.plot.pictures import BLUE, COLOURS, RED, Picture
from symnn.plot.telling import said, told_of
from symnn.rows import WIDTH, Activation, Loss
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
        return Curve(self._formula, self.span or _around(breaks_of(self._formula)))

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
        _draw(ax, self.curve, (f"${name}({unit})$", f"${name}'({unit})$"))
        ax.set_xlabel(f"${unit}$")
        _name_kinks(ax, self.row.policy, [self.curve], RED)
        ax.legend()


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
    >>> [line.get_label() for line in ax.get_lines()]
    ['$\\\\operatorname{tanh}(u)$', "$\\\\operatorname{tanh}'(u)$"]
    """
    return ActivationPicture(activation_row(activation), checked_span(span)).on(ax)


@dataclass(frozen=True)
class Prediction:
    """How the loss of one prediction is shown: from where to where, and for which targets.

    A loss of several outputs is shown for one of `outputs`; the others are predicted as `others`.
    """

    span: Span
    targets: tuple[float, ...]
    outputs: int = 1
    others: float = 0.0


@dataclass(frozen=True, eq=False)
class LossPicture(Picture):
    """The loss of one prediction, and its derivative, for a target or two."""

    row: Loss
    targets: tuple[float, ...] = ()
    span: Span | None = None

    @cached_property
    def shown(self) -> Prediction:
        """The targets, and from where to where."""
        usual = _prediction(self.row, self.targets)
        span = self.span or usual.span
        return Prediction(span, self.targets or usual.targets, usual.outputs, usual.others)

    @cached_property
    def curves(self) -> Mapping[float, Curve]:
        """The loss as a function of the prediction, by the target."""
        return {
            y: Curve(_of_one(self.row, y, self.shown), self.shown.span) for y in self.shown.targets
        }

    @property
    def title(self) -> str:
        """The row's own title."""
        words = self.row.words
        return f"{words[:1].upper()}{words[1:]}, of one prediction"

    @property
    def alt(self) -> str:
        """For each target, from where to where both lines go, and their extremes."""
        lo, hi = map(said, self.shown.span)
        of = f", of {self.shown.outputs} outputs the first," if self.shown.outputs > 1 else ""
        told = [f"{self.row.words[:1].upper()}{self.row.words[1:]}{of} for ŷ from {lo} to {hi}."]
        for y, c in self.curves.items():
            told.append(f"With y = {said(y)} the loss: {told_of(c.u, c.values, 'ŷ', c.value_at)};")
            told.append(f"its derivative ∂L/∂ŷ: {told_of(c.u, c.slopes, 'ŷ', c.slope_at)}.")
        kinks = any(c.breaks for c in self.curves.values())
        return " ".join([*told, *([f"{self.row.policy}."] if self.row.policy and kinks else [])])

    def draw(self, ax: Axes) -> None:
        """The loss for each target in a colour of its own, its derivative dashed in the same."""
        unit = r"\hat{y}" if self.shown.outputs == 1 else r"\hat{y}_1"
        target = "y" if self.shown.outputs == 1 else "y_1"
        has_one = len(self.curves) == 1
        for (y, curve), colour in zip(self.curves.items(), COLOURS, strict=False):
            at = "" if has_one else rf",\ {target}={said(y)}"
            slope = rf"$\partial L/\partial {unit}{at}$"
            colours = (BLUE, RED) if has_one else (colour, colour)
            _draw(ax, curve, (f"$L{at}$", slope), colours)
        _name_kinks(
            ax, self.row.policy, self.curves.values(), "#555555" if len(self.curves) > 1 else RED
        )
        ax.set_ylim(*_in_sight(self.curves.values()))
        ax.set_xlabel(
            f"${unit}$" + (rf"  (target ${target}={said(self.shown.targets[0])}$)" * has_one)
        )
        ax.legend()


def loss(
    loss: LossLike,
    ax: Axes | None = None,
    *,
    y: float | Sequence[float] | None = None,
    span: Span | None = None,
) -> Axes:
    """The loss of one prediction ŷ with its derivative, on `ax` or on a figure of its own.

    `y` is the target, or several; by default 0, and both classes where the loss is for classes. A
    loss of several outputs is shown for the first of two, its target 1 and the other's 0. Raises
    `SymnnError` for what is no loss, or has no finite value there.

    >>> alt = loss("mse", y=1).get_label()
    >>> alt[alt.index("With"):].split(";")[0]
    'With y = 1 the loss: falls from 16 at ŷ = −3 to 0 at ŷ = 1, then rises to 16 at ŷ = 5'
    """
    targets = () if y is None else (y,) if isinstance(y, int | float) else tuple(y)
    return LossPicture(loss_row(loss), targets, checked_span(span)).on(ax)


def _first_unit(row: Activation) -> Expr:
    """A vector activation's first unit as a function of its own argument, the others at 0."""
    u = Quantity("u", (SAMPLES, Integer(UNITS)), Role.INPUT, ("n", "k"), "u")
    f = Quantity("f", u.shape, Role.ACTIVATION, u.letters, "f")
    e = Equation(f, u.indices, applied(row, u, Place(1, None, is_last=True)))
    entry = Scalars({"u": u, "f": f}, {"f": e}).entry("f", 0)
    others = {symbol(u, k): Integer(0) for k in range(1, UNITS)}
    return entry.xreplace({symbol(u, 0): U, **others})


def _of_one(row: Loss, y: float, shown: Prediction) -> Expr:
    """The loss of one sample as a function of its first prediction, `U`, at a target."""
    shape = (SAMPLES, Integer(shown.outputs))
    yhat = Quantity("yhat", shape, Role.INPUT, ("n", "k"), "yhat")
    target = replace(yhat, name="y", role=Role.TARGET, symbol="y")
    last = Quantity("L", (), Role.LOSS, (), "L")
    formula = row.expression.xreplace({WIDTH: shape[1]})
    e = Equation(last, (), formula.xreplace({SAMPLES: Integer(1)}))
    every = {q.name: q for q in (yhat, target, last)}
    entry = Scalars(every, {"L": e}).entry("L")
    others = range(1, shown.outputs)
    given = {symbol(yhat, 0): U, symbol(target, 0): _number(y)}
    given |= {symbol(yhat, k): _number(shown.others) for k in others}
    given |= {symbol(target, k): Integer(0) for k in others}
    return entry.xreplace(given)


def _number(value: float) -> Expr:
    # As it reads: 0.1 is a tenth.
    return Rational(str(value))


_REAL = (-4.0, 4.0)
_CLASSES = Prediction((-5.0, 5.0), (1.0, 0.0))
_SIGNS = Prediction((-3.0, 3.0), (1.0, -1.0))
_LOGARITHMS = Prediction((-5.0, 0.0), (1.0,))
# Those whose formula alone does not say which targets they take.
_PREDICTIONS: Mapping[str, Prediction] = MappingProxyType(
    {
        **dict.fromkeys(("hinge", "squared_hinge", "hinge_embedding", "soft_margin"), _SIGNS),
        **dict.fromkeys(("nll", "kl_div"), _LOGARITHMS),
        **dict.fromkeys(
            ("multi_margin", "multilabel_margin"), replace(_SIGNS, targets=(1.0,), outputs=2)
        ),
        "cosine": Prediction(_REAL, (1.0,), 2, 1.0),
        "mape": Prediction((-3.0, 5.0), (1.0,)),
        "poisson_nll": Prediction((-3.0, 3.0), (1.0,)),
    }
)


def _prediction(row: Loss, given: Sequence[float]) -> Prediction:
    """How the loss of one prediction is usually shown."""
    if row.name in _PREDICTIONS:
        return _PREDICTIONS[row.name]
    outputs, targets = (2, (1.0,)) if row.targets_sum_to_one else (1, (1.0, 0.0))
    if (row.lower, row.upper) == (0, 1):
        return Prediction((0.01, 0.99), targets, outputs, 0.5)
    if row.takes_logits:
        return replace(_CLASSES, targets=targets, outputs=outputs)
    if row.lower == 0:
        return Prediction((0.0, 6.0), (2.0,))
    at = tuple(given) or (0.0,)
    return Prediction((min(at) + _REAL[0], max(at) + _REAL[1]), at)


def _around(breaks: Sequence[float]) -> Span:
    """From −5 to 5, or so far that every break is well inside."""
    reach = max([5.0, *(abs(b) + 2 for b in breaks)])
    return -reach, reach


def _draw(
    ax: Axes, curve: Curve, labels: tuple[str, str], colours: tuple[str, str] = (BLUE, RED)
) -> None:
    """The curve and, dashed, its slope, each parted where it jumps and dotted there."""
    values = (curve.values, [(b.at, b.value, b.values) for b in curve.breaks if b.parts_values])
    slopes = (curve.slopes, [(b.at, b.slope, b.slopes) for b in curve.breaks if b.parts_slopes])
    looks = [*zip(labels, colours, ("-", (0, (4, 2))), (values, slopes), strict=True)]
    for label, colour, dashes, (y, jumps) in looks:
        u = _parted(curve.u, [at for at, _, _ in jumps])
        ax.plot(u, y, color=colour, ls=dashes, label=label)
    for _, colour, _, (_, jumps) in looks:
        for at, taken, sides in jumps:
            _dot(ax, at, taken, sides, colour)


def _parted(u: Floats, jumps: Sequence[float]) -> Floats:
    """The points of a line, without those at jumps, where nothing joins its two sides."""
    return np.where(np.isin(u, jumps), np.nan, u)


def _dot(ax: Axes, at: float, taken: float, sides: Sequence[float], colour: str) -> None:
    """A filled dot at the value that is taken, open ones at those that are not."""
    ax.plot([at], [taken], "o", color=colour, ms=7, zorder=4)
    for side in sides:
        if abs(side - taken) > 1e-6:
            ax.plot([at], [side], "o", mfc="white", mec=colour, mew=1.8, ms=7, zorder=4)


def _name_kinks(ax: Axes, policy: str, curves: Iterable[Curve], colour: str) -> None:
    """Say in the legend what is taken where a filled dot is."""
    if policy and any(curve.breaks for curve in curves):
        ax.plot([], [], "o", color=colour, label=fill(policy, 34))


def _in_sight(curves: Iterable[Curve]) -> Span:
    """How far up and down is shown: all of the values, and slopes as far as those stay seen."""
    values = np.concatenate([curve.values for curve in curves])
    slopes = np.concatenate([curve.slopes for curve in curves])
    height = np.ptp(values) or 1.0
    low = max(min(values.min(), slopes.min()), values.min() - height)
    high = min(max(values.max(), slopes.max()), values.max() + height)
    room = (high - low) / 20
    return float(low - room), float(high + room)
