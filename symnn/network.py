"""A network: layers and a loss, as a system of equations."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from sympy import Expr

from symnn.display import Displayed
from symnn.equations import Role, System
from symnn.errors import SpecError
from symnn.given import LossLike, activation_row, loss_row
from symnn.language import parse_spec
from symnn.layers import (
    LAYERS,
    ActivationLike,
    Block,
    Defaults,
    Dense,
    Input,
    Layer,
    Place,
    layer_of,
    stacked,
)
from symnn.layers.stacking import input_quantity, system_of
from symnn.losses import Loss
from symnn.misfits import misfit
from symnn.penalties import Penalty, PenaltyLike, check_penalties, penalties_of
from symnn.rows import Activation

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from symnn.initialization import Parameters

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
            layer.resolved(Defaults(here, hidden, activation_row))
            for layer, here in zip(given, defaults, strict=True)
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
        return system_of(self._x, self._blocks, self.loss, self.penalties)

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
                sizes = [min(size, most) if _is_number(size) else size for size in self.shapes[0]]
                with suppress(SpecError):
                    plain = Network(Input(*sizes), *layers)
                    loss = self.loss.of_width(plain.sizes[-1])
                    return Network(Input(*sizes), *layers, loss=loss, penalty=self.penalties)
        return self

    def __repr__(self) -> str:
        labels = [row.label for row in self.penalties]
        given = f", penalty={(labels[0] if len(labels) == 1 else labels)!r}" if labels else ""
        return f"Network({self.spec!r}, loss={self.loss.label!r}{given})"


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
    for option in network.loss.options:
        if option.numbers and len(option.numbers) != network.shapes[-1][-1]:
            raise SpecError(
                f"loss {network.loss.name} has {option.name} for {len(option.numbers)} outputs, "
                f"but the network has {network.shapes[-1][-1]}"
            )
    problem = misfit(network.activations[-1], network.loss)
    if problem:
        raise SpecError(problem)
