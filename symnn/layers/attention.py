"""Self-attention: each position of a sequence looks at all positions, or at those up to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Self

from sympy import Expr, Idx, Mul, exp, oo, sqrt

from symnn.binding import index, size_of, total
from symnn.cases import Piecewise
from symnn.equations import Equation, Quantity
from symnn.layers.activating import activated
from symnn.layers.block import ZEROS, Block, Place, Start
from symnn.layers.kind import Layer
from symnn.layers.sizes import UnfitError, size


@dataclass(frozen=True)
class Attention(Layer):
    """Self-attention over (N, T, D), as torch.nn.MultiheadAttention (Vaswani et al. 2017).

    For each of the heads S = QKᵀ/√E, P = softmax(S), O = PV; the outputs of all heads go through
    Wo. A head has the size E, by default D / heads; where that is no number it is a size of its
    own, called E. Causal attention sees no later position. Wq, Wk and Wv have the shape
    (heads, E, D), bq, bk and bv (heads, E), Wo (D, heads, E) and bo (D,), without the axis of heads
    where there is one; PyTorch keeps the same numbers in the same order as (D, D) and (D,), those
    of q, k and v stacked.
    """

    heads: int | str | Expr = 1
    head_size: int | str | Expr | None = None
    causal: bool = False
    bias: bool = True

    name: ClassVar[str] = "attention"
    example: ClassVar[str] = "3x4-attention(2)-flatten-1"

    def __post_init__(self) -> None:
        size(self.heads)
        if self.head_size is not None:
            size(self.head_size)

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, T, D)."""
        if len(below.shape) != 3:
            raise UnfitError("length x width")
        n, t, _ = below.indices
        u, i = (
            index("u" if str(t.label) != "u" else "s", below.shape[1]),
            index("i", below.shape[2]),
        )
        j, e = index("j", below.shape[2]), index("e", self._head_size(below.shape[2]))
        h = () if self.heads == 1 else (index("h", size(self.heads)),)
        made = _Made(place)
        x = below.at(n, t, i)
        q, k, v = (
            made.quantity(
                name.upper(),
                (n, *h, t, e),
                total(made.at(f"W{name}", (*h, e, i)) * x, i)
                + (made.at(f"b{name}", (*h, e)) if self.bias else 0),
            )
            for name in "qkv"
        )
        scores = total(q.at(n, *h, t, e) * k.at(n, *h, u, e), e) / sqrt(size_of(e))
        s = made.quantity("S", (n, *h, t, u), scores)
        p = made.quantity("P", (n, *h, t, u), self._shares(s, (n, *h, t, u)))
        heads = total(p.at(n, *h, t, u) * v.at(n, *h, u, e), u)
        o = made.quantity("O", (n, *h, t, e), heads)
        a = total(made.at("Wo", (j, *h, e)) * o.at(n, *h, t, e), e, *h)
        a = a + made.at("bo", (j,)) if self.bias else a
        last = activated(self, place, (n, t, j), a, has_weights=False)
        starting = MappingProxyType({w.name: self._start(w, size_of(j)) for w in made.parameters})
        return Block(tuple(made.parameters), (*made.equations, *last), starting)

    def _head_size(self, width: Expr) -> Expr:
        if self.head_size is not None:
            return size(self.head_size)
        heads = size(self.heads)
        if heads == 1:
            return width
        if not (heads.is_Integer and width.is_Integer):
            return size("E")
        if width % heads != 0:
            raise UnfitError(f"a width that divides into {heads} heads")
        return width // heads

    def _shares(self, s: Quantity, at: tuple[Idx, ...]) -> Expr:
        """softmax over the last index, with -oo where a later position stands."""
        *rest, t, u = at
        other = index("m" if str(u.label) != "m" else "l", size_of(u))

        def weight(to: Idx) -> Expr:
            score = s.at(*rest, t, to)
            seen = Piecewise((score, to <= t), (-oo, True), evaluate=False)
            return exp(seen if self.causal else score)

        return weight(u) / total(weight(other), other)

    def _start(self, w: Quantity, width: Expr) -> Start:
        if not w.symbol.startswith("W"):
            return ZEROS
        inner = Mul(*w.shape) / width
        return Start("glorot", *((inner, width) if w.symbol == "Wo" else (width, inner)))

    def shrunk(self, width: int) -> Self:
        """The same layer with at most two heads."""
        del width
        return replace(self, heads=min(self.heads, 2)) if isinstance(self.heads, int) else self


class _Made:
    """The parameters and equations of a layer, in the order in which they are made."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.parameters: list[Quantity] = []
        self.equations: list[Equation] = []

    def at(self, symbol: str, indices: Sequence[Idx]) -> Expr:
        """The entry of a new parameter at these indices."""
        shape, letters = tuple(map(size_of, indices)), tuple(str(i.label) for i in indices)
        self.parameters.append(self._place.parameter(symbol, shape, letters))
        return self.parameters[-1].at(*indices)

    def quantity(self, symbol: str, indices: Sequence[Idx], expression: Expr) -> Quantity:
        """A new quantity, and its equation."""
        shape, letters = tuple(map(size_of, indices)), tuple(str(i.label) for i in indices)
        made = self._place.quantity(symbol, shape, letters)
        self.equations.append(Equation(made, tuple(indices), expression))
        return made
