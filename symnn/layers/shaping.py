"""Layers that choose, rearrange or gate entries: flatten, last, embedding, dropout, glu."""

from dataclasses import dataclass, replace
from math import isfinite
from types import MappingProxyType
from typing import ClassVar, Self

from sympy import Expr, Mul, oo

from symnn.activations import ACTIVATIONS
from symnn.binding import index
from symnn.digits import Digit
from symnn.equations import Quantity, Role
from symnn.errors import SpecError
from symnn.functions import U
from symnn.layers.activating import activated
from symnn.layers.block import Block, Place, Start
from symnn.layers.kind import Layer
from symnn.layers.sizes import UnfitError, size


@dataclass(frozen=True)
class Flatten(Layer):
    """All axes but that of the samples as one, the last running fastest, as torch.nn.Flatten."""

    name: ClassVar[str] = "flatten"
    example: ClassVar[str] = "2x3-flatten-1"

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, …)."""
        sizes = below.shape[1:]
        n, j = below.indices[0], index("j", Mul(*sizes))
        strides = [Mul(*sizes[k:]) for k in range(1, len(sizes) + 1)]
        # The first digit of several never starts anew.
        ends = [oo if Mul(*sizes[:k]) == 1 else s for k, s in enumerate(sizes)]
        digits = [Digit(j, s, end) for s, end in zip(strides, ends, strict=True)]
        entry = below.at(n, *digits) if len(sizes) > 1 else below.at(n, j)
        return Block((), activated(self, place, (n, j), entry, has_weights=False))


@dataclass(frozen=True)
class Last(Layer):
    """The last position of a sequence (N, T, …): what a recurrent layer knows at its end."""

    name: ClassVar[str] = "last"
    example: ClassVar[str] = "4x2-rnn(3)-last-1"

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, T, …)."""
        if len(below.shape) < 3:
            raise UnfitError("length x width")
        n, _, *rest = below.indices
        entry = below.at(n, below.shape[1] - 1, *rest)
        return Block((), activated(self, place, (n, *rest), entry, has_weights=False))


@dataclass(frozen=True)
class Embedding(Layer):
    """A row of E for each whole number of the input, from 0 to count - 1, as torch.nn.Embedding.

    It is the first layer; E has the shape (count, width), and (N, T) becomes (N, T, width).
    """

    count: int | str | Expr
    width: int | str | Expr

    name: ClassVar[str] = "embedding"
    example: ClassVar[str] = "4-embedding(5,3)-flatten-1"
    takes_integers: ClassVar[bool] = True

    def __post_init__(self) -> None:
        size(self.count), size(self.width)

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of the whole numbers (N, …)."""
        if not below.is_integer:
            raise UnfitError("whole numbers, as the first layer")
        rows = place.parameter("E", (size(self.count), size(self.width)), ("v", "j"))
        j = index("j", size(self.width))
        entry = rows.at(below.at(*below.indices), j)
        equations = activated(self, place, (*below.indices, j), entry, has_weights=False)
        return Block((rows,), equations, MappingProxyType({rows.name: Start("normal")}))

    def shrunk(self, width: int) -> Self:
        """The same layer with few rows and columns."""
        if not (isinstance(self.count, int) and isinstance(self.width, int)):
            return self
        return replace(self, count=min(self.count, width), width=min(self.width, width))


@dataclass(frozen=True)
class Dropout(Layer):
    """Each number times that of a mask, which is an input: 0 with chance p, else 1/(1 - p).

    Training draws a mask for each step, from its seeded source of chance; prediction takes ones.
    So it is torch.nn.Dropout.
    """

    p: float = 0.5

    name: ClassVar[str] = "dropout"
    example: ClassVar[str] = "3-4-dropout(0.5)-1"

    def __post_init__(self) -> None:
        is_number = isinstance(self.p, int | float) and not isinstance(self.p, bool)
        if not is_number or not isfinite(self.p) or not 0 <= self.p < 1:
            raise SpecError(f"dropout has p = {self.p!r}; it is a chance from 0 to below 1")

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, …)."""
        mask = place.quantity("mask", below.shape, below.letters, Role.INPUT)
        product = mask.at(*below.indices) * below.at(*below.indices)
        equations = activated(self, place, below.indices, product, has_weights=False)
        return Block((), equations, inputs=(mask,), chances=MappingProxyType({mask.name: self.p}))


@dataclass(frozen=True)
class GLU(Layer):
    """The gated linear unit: the first half of the last axis, each times σ of one of the second.

    (N, …, 2·D) becomes (N, …, D), as torch.nn.GLU: aⱼ = uⱼ·σ(uⱼ₊D) (Dauphin et al. 2017).
    """

    name: ClassVar[str] = "glu"
    example: ClassVar[str] = "2-4:identity-glu-1"

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, …, 2·D)."""
        (*rest, _), width = below.indices, below.shape[-1] / 2
        if not width.is_integer:
            raise UnfitError("a width that is even")
        j = index("j", width)
        gate = ACTIVATIONS["sigmoid"].expression.xreplace({U: below.at(*rest, j + width)})
        product = below.at(*rest, j) * gate
        return Block((), activated(self, place, (*rest, j), product, has_weights=False))
