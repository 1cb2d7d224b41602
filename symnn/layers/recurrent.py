"""Recurrent layers: a state for each position of a sequence, made from the one before.

Each gives all states, (N, T, width); the layer `last` takes the last one. The state before the
first position is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Self

from sympy import Expr, Idx, Integer, tanh

from symnn.activations import ACTIVATIONS
from symnn.binding import index, total
from symnn.equations import Equation, Quantity, Role
from symnn.errors import SpecError
from symnn.functions import U
from symnn.layers.block import ZEROS, Block, Place, Start
from symnn.layers.kind import ActivationLike, Layer
from symnn.layers.sizes import UnfitError, size

_SIGMOID = ACTIVATIONS["sigmoid"].expression


def _sigmoid(argument: Expr) -> Expr:
    return _SIGMOID.xreplace({U: argument})


@dataclass(frozen=True)
class _Cells:
    """The inputs and states of a recurrent layer, and the weights that it gives to them."""

    below: Quantity
    place: Place
    width: Expr

    def __post_init__(self) -> None:
        if len(self.below.shape) != 3:
            raise UnfitError("length x width")

    @property
    def at(self) -> tuple[Idx, Idx, Idx]:
        """The sample, the position and the unit."""
        n, t, _ = self.below.indices
        return n, t, index("j", self.width)

    def state(self, symbol: str) -> Quantity:
        """A quantity for each unit at each position."""
        shape = (*self.below.shape[:2], self.width)
        return self.place.quantity(symbol, shape, (*self.below.letters[:2], "j"))

    def weights(self, gate: str) -> tuple[Quantity, Quantity, Quantity]:
        """W for the input, U for the state before, and b, of one gate."""
        fan_in = self.below.shape[2]
        return (
            self.place.parameter(f"W{gate}", (self.width, fan_in), ("j", "i")),
            self.place.parameter(f"U{gate}", (self.width, self.width), ("j", "k")),
            self.place.parameter(f"b{gate}", (self.width,), ("j",)),
        )

    def of_input(self, weights: Quantity) -> Expr:
        """W x."""
        (n, t, j), i = self.at, index("i", self.below.shape[2])
        return total(weights.at(j, i) * self.below.at(n, t, i), i)

    def of_state(self, weights: Quantity, h: Quantity) -> Expr:
        """U h, h being the state before."""
        (n, t, j), k = self.at, index("k", self.width)
        return total(weights.at(j, k) * h.at(n, t - 1, k), k)

    def before(self, h: Quantity) -> Equation:
        """The state before the first position."""
        n, _, j = self.at
        return Equation(h, (n, Integer(-1), j), Integer(0))

    def block(
        self,
        gates: Sequence[tuple[Quantity, ...]],
        equations: Sequence[tuple[Quantity, Expr]],
        states: Sequence[Quantity],
    ) -> Block:
        """The layer of these equations."""
        parameters = tuple(q for gate in gates for q in gate)
        starting = {
            q.name: ZEROS if len(q.shape) == 1 else Start("glorot", q.shape[1], q.shape[0])
            for q in parameters
        }
        return Block(
            parameters,
            tuple(Equation(q, self.at, e) for q, e in equations),
            MappingProxyType(starting),
            recurrent=tuple(map(self.before, states)),
        )

    def output(self) -> Quantity:
        """The state h; ŷ, where the layer is the last."""
        shape, letters = (*self.below.shape[:2], self.width), (*self.below.letters[:2], "j")
        is_output = self.place.is_last
        return self.place.output("h", Role.INTERMEDIATE, shape, letters, is_output=is_output)


@dataclass(frozen=True)
class _Recurrent(Layer):
    """What recurrent layers share: so many units."""

    width: int | str | Expr

    def __post_init__(self) -> None:
        size(self.width)

    def cells(self, below: Quantity, place: Place) -> _Cells:
        """The layer's inputs and states."""
        return _Cells(below, place, size(self.width))

    def shrunk(self, width: int) -> Self:
        """The same layer with at most two units."""
        is_number = isinstance(self.width, int)
        return replace(self, width=min(self.width, 2)) if is_number else self


@dataclass(frozen=True)
class RNN(_Recurrent):
    """h[t] = tanh(W x[t] + U h[t-1] + b) over (N, T, D), as torch.nn.RNN (Elman 1990).

    W has the shape (width, D), U (width, width), b (width,). PyTorch has two biases, of which b is
    the sum. With an activation of the table in place of tanh.
    """

    activation: ActivationLike | None = None

    name: ClassVar[str] = "rnn"
    example: ClassVar[str] = "4x2-rnn(3)-last-1"
    usual: ClassVar[str] = "tanh"

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, T, D)."""
        if not self.row.is_elementwise:
            raise SpecError(f"rnn has the activation {self.row.name}; it is one of single numbers")
        cells = self.cells(below, place)
        weights, recurrent, bias = gate = cells.weights("")
        h, (_, _, j) = cells.output(), cells.at
        z = cells.of_input(weights) + cells.of_state(recurrent, h) + bias.at(j)
        return cells.block([gate], [(h, self.row.expression.xreplace({U: z}))], [h])


@dataclass(frozen=True)
class GRU(_Recurrent):
    """A gated recurrent unit over (N, T, D), as torch.nn.GRU (Cho et al. 2014).

    r and z are sigmoids, g = tanh(Wg x + bg + r ⊙ (Ug h[t-1] + cg)), and
    h[t] = (1 - z) ⊙ g + z ⊙ h[t-1]. PyTorch stacks W and U in the order r, z, g, and has two biases
    for each: br and bz are their sums, bg and cg the two of g.
    """

    name: ClassVar[str] = "gru"
    example: ClassVar[str] = "4x2-gru(3)-last-1"

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, T, D)."""
        cells = self.cells(below, place)
        n, t, j = at = cells.at
        h, r, z, g = (cells.output(), *map(cells.state, "rzg"))
        gates = [cells.weights(gate) for gate in "rzg"]
        inner = place.parameter("cg", (cells.width,), ("j",))
        sums = [(cells.of_input(w) + b.at(j), cells.of_state(u, h)) for w, u, b in gates]
        chosen = sums[2][0] + r.at(*at) * (sums[2][1] + inner.at(j))
        mixed = (1 - z.at(*at)) * g.at(*at) + z.at(*at) * h.at(n, t - 1, j)
        equations = [
            (r, _sigmoid(sums[0][0] + sums[0][1])),
            (z, _sigmoid(sums[1][0] + sums[1][1])),
            (g, tanh(chosen)),
            (h, mixed),
        ]
        return cells.block([*gates, (inner,)], equations, [h])


@dataclass(frozen=True)
class LSTM(_Recurrent):
    """Long short-term memory over (N, T, D), as torch.nn.LSTM (Hochreiter and Schmidhuber 1997).

    i, f and o are sigmoids and g is tanh, of W x[t] + U h[t-1] + b with weights of their own;
    c[t] = f ⊙ c[t-1] + i ⊙ g and h[t] = o ⊙ tanh c[t]. PyTorch stacks W and U in the order i, f, g,
    o, and has two biases for each, of which b is the sum.
    """

    name: ClassVar[str] = "lstm"
    example: ClassVar[str] = "4x2-lstm(3)-last-1"

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, T, D)."""
        cells = self.cells(below, place)
        n, t, j = at = cells.at
        h, c = cells.output(), cells.state("c")
        names = "ifgo"
        gates = [cells.weights(gate) for gate in names]
        states = [cells.state(gate) for gate in names]
        values = [
            (tanh if gate == "g" else _sigmoid)(cells.of_input(w) + cells.of_state(u, h) + b.at(j))
            for gate, (w, u, b) in zip(names, gates, strict=True)
        ]
        i, f, g, o = (state.at(*at) for state in states)
        equations = [
            *zip(states, values, strict=True),
            (c, f * c.at(n, t - 1, j) + i * g),
            (h, o * tanh(c.at(*at))),
        ]
        return cells.block(gates, equations, [h, c])
