"""The loss of one prediction with its derivative, for a target or two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from matplotlib.axes import Axes
from sympy import Expr, Integer, Rational, nan, oo, zoo

from symnn.equations import SAMPLES, Equation, Quantity, Role
from symnn.errors import SpecError, SymnnError
from symnn.functions import U
from symnn.given import LossLike, loss_row
from symnn.plot.curve import Curve, Span, checked_span
from symnn.plot.lines import add_legend, draw_curve, in_sight
from symnn.plot.pictures import BLUE, COLOURS, RED, Picture
from symnn.plot.telling import said, told_of
from symnn.rows import WIDTH, Loss
from symnn.scalars import Scalars, symbol


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
        if self.row.lists:
            lists = " and ".join(o.name for o in self.row.options if o.numbers)
            raise SpecError(
                f"{self.row.name} has a list as its {lists}, and one prediction is drawn"
            )
        shown, name = self.shown, f"loss {self.row.name}"
        return {y: Curve(_of_one(self.row, y, shown), shown.span, name) for y in shown.targets}

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
            draw_curve(ax, curve, (f"$L{at}$", slope), colours)
        ax.set_ylim(*in_sight(self.curves.values()))
        ax.set_xlabel(
            f"${unit}$" + (rf"  (target ${target}={said(self.shown.targets[0])}$)" * has_one)
        )
        add_legend(ax, self.row.policy, [*self.curves.values()])


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
    found = entry.xreplace(given)
    if found.has(zoo, nan, oo):
        raise SymnnError(f"loss {row.name} is not a finite number for the target {said(y)}")
    return found


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
