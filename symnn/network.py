"""A network: layers and a loss, as a system of equations."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from sympy import Expr, Gt, Heaviside, Lt, Max, Min, Piecewise, ordered
from sympy.core.relational import Relational

from symnn.activations import ACTIVATIONS
from symnn.binding import total
from symnn.display import Displayed
from symnn.equations import SAMPLES, Role, System
from symnn.errors import SpecError
from symnn.functions import U
from symnn.language import Call, parse_call, parse_spec
from symnn.layers import (
    LAYERS,
    ActivationLike,
    Block,
    Dense,
    Input,
    Layer,
    Place,
    layer_of,
    stacked,
)
from symnn.layers.stacking import input_quantity, system_of
from symnn.losses import LOSSES, Loss
from symnn.options import options_of
from symnn.penalties import Penalty, PenaltyLike, check_penalties, penalties_of
from symnn.rows import SAMPLE, UNIT, WIDTH, Activation, P, T, found

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from symnn.initialization import Parameters

LossLike: TypeAlias = str | Loss | Expr
ModelLike: TypeAlias = str | int | tuple[int | str | Expr, ...] | Input
Sizes: TypeAlias = tuple[int, ...]


class Network(Displayed):
    """A feed-forward network and its loss.

    `Network("2-3:tanh-1:sigmoid", loss="bce")` reads a spec: sizes joined by `-`, an activation
    after `:`. `Network(2, Dense(3, "tanh"), Dense(1, "sigmoid"), loss="bce")` is the same from
    values. Layers that name no activation take `hidden` or, the last, `output`. A loss of one's own
    is a SymPy expression in the symbols `yhat` and `y`, taken as the mean over samples and outputs.

    `penalty` adds to the loss a penalty or several: `"l2(0.01)"` on all weights (what starts at
    random: W1, a recurrent layer's U1, and not b1), `"l1(0.1):W1"` or `("l1(0.1)", ["W1"])` on the
    parameters named.

    Raises `SpecError` where the parts do not fit, and `UnknownNameError` for a name that stands in
    no table.

    >>> Network("2-3:tanh-1:sigmoid", loss="bce").parameter_shapes
    {'W1': (3, 2), 'b1': (3,), 'W2': (1, 3), 'b2': (1,)}
    """

    def __init__(
        self,
        model: ModelLike,
        *layers: Layer,
        loss: LossLike = "mse",
        penalty: PenaltyLike = None,
        hidden: ActivationLike = "tanh",
        output: ActivationLike = "identity",
    ) -> None:
        self.input, given = _layers(model, layers)
        defaults = [hidden] * (len(given) - 1) + [output]
        self.layers: tuple[Layer, ...] = tuple(
            layer.resolved(activation_row, default, hidden)
            for layer, default in zip(given, defaults, strict=True)
        )
        self.loss: Loss = loss_row(loss)
        self.penalties: tuple[Penalty, ...] = penalties_of(penalty)
        depth = sum(layer.parts for layer in self.layers)
        first = self.layers[0]
        self._x = input_quantity(self.input.shape, first.reads, is_integer=first.takes_integers)
        place = Place(1, 1 if depth > 1 else None, is_last=True)
        self._blocks: tuple[Block, ...] = stacked(self.layers, self._x, place)
        outputs = (self._x, *(block.output for block in self._blocks))
        self.shapes: tuple[Sizes, ...] = tuple(_numbers(q.shape[1:]) for q in outputs)
        self.sizes: tuple[int, ...] = tuple(prod(shape) for shape in self.shapes)
        _check_fit(self)
        names = [q.name for block in self._blocks for q in block.parameters]
        weights = [name for block in self._blocks for name in block.weights]
        check_penalties(self.penalties, names, weights)

    @property
    def activations(self) -> tuple[Activation, ...]:
        """The row of each layer's activation."""
        return tuple(layer.row for layer in self.layers)

    @property
    def spec(self) -> str:
        """The spec that gives these sizes and activations."""
        return "-".join([str(self.input), *(layer.spec for layer in self.layers)])

    @property
    def brief(self) -> str:
        """The sizes alone, `2-3-1`, of a network that is dense; of another, its spec."""
        is_dense = all(type(layer) is Dense for layer in self.layers)
        return "-".join(map(str, self.sizes)) if is_dense else self.spec

    @cached_property
    def system(self) -> System:
        """The network as equations, from the inputs to the loss."""
        loss = self.loss
        declared = loss.targets_sum_to_one
        return system_of(
            self._x, self._blocks, loss.expression, self.penalties, targets_sum_to_one=declared
        )

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter, in the order of the layers; numbers where they are known."""
        parameters = self.system.named(Role.PARAMETER)
        return {q.name: _numbers(q.shape) for q in parameters}

    @property
    def parameter_count(self) -> int:
        """How many weights and biases there are."""
        return sum(prod(shape) for shape in self.parameter_shapes.values())

    @property
    def looked_up(self) -> int | None:
        """How many rows the first layer looks up by its input; None where it does not."""
        count = getattr(self.layers[0], "count", None)
        return count if self.layers[0].takes_integers else None

    @property
    def masks(self) -> dict[str, tuple[float, Sizes]]:
        """The masks that are given beside the samples: the chance of a 0, and the shape of one."""
        chances = {k: p for block in self._blocks for k, p in block.chances.items()}
        shapes = self.system.quantities
        return {k: (p, _numbers(shapes[k].shape[1:])) for k, p in chances.items()}

    def init(self, seed: int = 0, dtype: "DTypeLike" = "float64") -> "Parameters":
        """Parameters to start from: He or Glorot weights by activation, and zero biases.

        Raises `SpecError` where a size is a symbol.
        """
        # Here and not above: deriving and printing need no NumPy, and should not wait for it.
        from symnn.initialization import initial

        starting = {k: start for block in self._blocks for k, start in block.starting.items()}
        shapes = self.parameter_shapes
        symbols = {str(s) for shape in shapes.values() for s in shape if not isinstance(s, int)}
        if symbols:
            raise SpecError(f"the size {min(symbols)} is a symbol; parameters start from numbers")
        return initial(((k, shape, starting[k]) for k, shape in shapes.items()), seed, dtype)

    def shrunk(self, width: int = 3) -> "Network":
        """The same network, no layer wider than `width`, to be checked entry by entry.

        Inputs of several axes keep what their windows and heads need; where a layer takes halves,
        as `glu` does, layers have one unit more.
        """
        widest = max([width, *filter(_is_number, self.shapes[0])])
        for wide in (width, width + 1):
            layers = tuple(layer.shrunk(wide) for layer in self.layers)
            for most in range(width, widest + 1):
                sizes = (min(size, most) if _is_number(size) else size for size in self.shapes[0])
                with suppress(SpecError):
                    penalty = self.penalties
                    return Network(Input(*sizes), *layers, loss=self.loss, penalty=penalty)
        return self

    def __repr__(self) -> str:
        labels = [row.label for row in self.penalties]
        given = f", penalty={(labels[0] if len(labels) == 1 else labels)!r}" if labels else ""
        return f"Network({self.spec!r}, loss={self.loss.label!r}{given})"


def activation_row(activation: ActivationLike) -> Activation:
    """The row of an activation that is given as a name, a row, an expression or a function."""
    if isinstance(activation, Activation):
        return activation
    if isinstance(activation, str) and "(" in activation:
        activation = parse_call(activation, "an activation")
    if isinstance(activation, str | Call):
        call = activation if isinstance(activation, Call) else Call(activation)
        if call.name in LAYERS:
            example = LAYERS[call.name].example
            raise SpecError(f"{call.name!r} is no activation but a layer, as in {example}")
        row = found("activation", call.name, ACTIVATIONS)
        return row.with_options(**options_of(call, row.options))
    formula = activation(U) if callable(activation) else activation
    formula = _formula("an activation", formula, ["any one symbol"])
    free = formula.free_symbols
    if len(free) != 1:
        raise SpecError(
            f"the activation {formula} has {len(free)} symbols; it must have exactly one"
        )
    formula = formula.xreplace({free.pop(): U})
    return Activation(str(formula), f"activation {formula}", formula, "given as an expression")


def loss_row(loss: LossLike) -> Loss:
    """The row of a loss that is given as a name, a row or an expression in `yhat` and `y`."""
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str):
        call = parse_call(loss, "a loss") if "(" in loss else Call(loss)
        row = found("loss", call.name, LOSSES)
        return row.with_options(**options_of(call, row.options))
    formula = _formula("a loss", loss, ["yhat", "y"])
    entries = {"yhat": P[SAMPLE, UNIT], "y": T[SAMPLE, UNIT]}
    strangers = sorted(str(s) for s in formula.free_symbols if str(s) not in entries)
    if strangers:
        raise SpecError(f"the loss {formula} has the symbol {strangers[0]}; use yhat and y alone")
    term = formula.xreplace({s: entries[str(s)] for s in formula.free_symbols})
    mean = total(term, UNIT, SAMPLE) / (SAMPLES * WIDTH)
    reduction = "mean over samples and outputs"
    return Loss(str(formula), f"loss {formula}", mean, reduction, "given as an expression")


def _formula(what: str, value: object, symbols: Sequence[str]) -> Expr:
    if not isinstance(value, Expr):
        raise SpecError(
            f"{what} is {value!r}; give a name, a row of the table, or a SymPy expression in "
            f"{' and '.join(symbols)}"
        )
    # Piecewise: SymPy gives Max a derivative of 1/2 where its arguments are equal. Not by
    # rewrite(Max, Piecewise), which never ends for Max((yhat - y)/10, 9*(y - yhat)/10).
    formula: Expr = value
    for kind, holds in ((Max, Gt), (Min, Lt)):
        formula = formula.replace(kind, partial(_first_that, holds))
    return formula.rewrite(Heaviside, Piecewise)


def _first_that(holds: type[Relational], *terms: Expr) -> Expr:
    """The greatest (or least) of these; where two are equal the later one, and numbers are last."""
    chosen, *rest = sorted(ordered(terms), key=lambda term: bool(term.is_number))
    for term in rest:
        chosen = Piecewise((chosen, holds(chosen - term, 0)), (term, True), evaluate=False)
    return chosen


def _layers(model: ModelLike, layers: Sequence[Layer]) -> tuple[Input, Sequence[Layer]]:
    if isinstance(model, str):
        if layers:
            raise SpecError("give either a spec or the number of inputs and layers, not both")
        sizes, parts = parse_spec(model)
        return Input(*sizes), tuple(layer_of(part, LAYERS) for part in parts)
    if not isinstance(model, Input | tuple) and (
        isinstance(model, bool) or not isinstance(model, int) or model < 1
    ):
        raise SpecError(
            f"the number of inputs is {model!r}; it is a whole number from 1, or a spec"
        )
    if not layers:
        raise SpecError("a network has at least one layer, as in Network(2, Dense(1))")
    given = model if isinstance(model, tuple) else (model,)
    return (model if isinstance(model, Input) else Input(*given)), layers


def _is_number(size: object) -> bool:
    return isinstance(size, int)


def _numbers(sizes: Sequence[Expr]) -> Sizes:
    """The sizes as plain numbers, where they are known."""
    return tuple(int(s) if s.is_Integer else s for s in sizes)


@dataclass(frozen=True)
class Misfit:
    """A reason why an output activation and a loss do not go together, and the cure."""

    applies: Callable[[Activation, Loss], bool]
    text: str


_MISFITS = (
    Misfit(
        lambda output, loss: loss.takes_distribution and not output.sums_to_one,
        "loss {loss} needs outputs that sum to one, which {output} does not give; "
        "use softmax, or the loss {loss}_with_logits on an identity output",
    ),
    Misfit(
        lambda output, loss: loss.takes_logits and _is_probability(output),
        "loss {loss} takes logits, and {output} gives probabilities already; "
        "use an identity output, or the loss {plain}",
    ),
    Misfit(
        lambda output, loss: loss.upper == 1 and not _is_probability(output),
        "loss {loss} needs outputs between 0 and 1, which {output} does not give; "
        "use sigmoid, or the loss {loss}_with_logits on an identity output",
    ),
    Misfit(
        lambda output, loss: bool(loss.lower == 0 and loss.upper != 1 and output.bounds[0] < 0),
        "loss {loss} needs outputs from 0 on, which {output} does not give; use relu or softplus",
    ),
    Misfit(
        lambda output, loss: loss.name == "bce" and output.sums_to_one,
        "loss {loss} takes each output by itself, and those of {output} sum to one; "
        "use sigmoid, or the loss cross_entropy",
    ),
)


def misfit(output: Activation, loss: Loss) -> str:
    """Why a loss does not fit an output activation, in one line; empty where it fits.

    An activation of one's own is taken to fit: its range is not known.

    >>> misfit(ACTIVATIONS["sigmoid"], LOSSES["bce"])
    ''
    """
    if output.name not in ACTIVATIONS:
        return ""
    plain = "cross_entropy" if output.sums_to_one else "bce"
    reasons = (m.text for m in _MISFITS if m.applies(output, loss))
    return next(reasons, "").format(loss=loss.name, output=output.name, plain=plain)


def _is_probability(output: Activation) -> bool:
    return output.bounds == (0, 1)


def _check_fit(network: Network) -> None:
    """Raise `SpecError` where an activation or the loss does not fit."""
    for row, shape in zip(network.activations, network.shapes[1:], strict=True):
        if row.sums_to_one and shape[-1] == 1:
            raise SpecError(f"{row.name} over one unit is always 1; use sigmoid, or more units")
    if network.loss.targets_sum_to_one and network.shapes[-1][-1] == 1:
        plain = network.loss.name.replace("cross_entropy", "bce")
        raise SpecError(
            f"loss {network.loss.name} over one output is always 0; use {plain}, or more outputs"
        )
    problem = misfit(network.activations[-1], network.loss)
    if problem:
        raise SpecError(problem)
