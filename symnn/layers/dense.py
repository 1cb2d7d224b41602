"""The fully connected layer."""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Self

from sympy import Expr, Integer, Symbol

from symnn.binding import index, total
from symnn.equations import Quantity
from symnn.errors import SpecError
from symnn.layers.activating import activated
from symnn.layers.block import ZEROS, Block, Place, Start
from symnn.layers.kind import ActivationLike, Layer
from symnn.layers.sizes import size


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer, `a = f(x Wᵀ + b)`, with `width` units.

    It acts on the last axis of what is below, (N, …, D), and gives (N, …, width); W has the shape
    (width, D), b (width,), as in torch.nn.Linear. The activation is a name of the table, a row of
    one's own, a SymPy expression in one symbol or a function that makes one; None takes the
    network's default for that place.
    """

    width: int | str | Expr
    activation: ActivationLike | None = None
    bias: bool = True

    name: ClassVar[str] = "dense"
    example: ClassVar[str] = "2-3:tanh-1"
    takes_default: ClassVar[bool] = True

    def __post_init__(self) -> None:
        is_name = isinstance(self.width, str) and self.width.isidentifier()
        is_whole = isinstance(self.width, int) and not isinstance(self.width, bool)
        if isinstance(self.width, Symbol | Integer) or is_name or (is_whole and self.width > 0):  # type: ignore[operator]
            return
        raise SpecError(f"a layer has {self.width!r} units; a width is a whole number from 1")

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of the quantity `below`, shape (N, …, D_below)."""
        fan_in, width = below.shape[-1], size(self.width)
        weights = place.parameter("W", (width, fan_in), ("j", "i"))
        bias = place.parameter("b", (width,), ("j",))
        (*rest, _), j, i = below.indices, index("j", width), index("i", fan_in)
        product = total(weights.at(j, i) * below.at(*rest, i), i)
        affine = product + bias.at(j) if self.bias else product
        equations = activated(self, place, (*rest, j), affine, has_weights=True)
        starting = {weights.name: Start(self.row.init, fan_in, width), bias.name: ZEROS}
        parameters = (weights, bias) if self.bias else (weights,)
        return Block(parameters, equations, MappingProxyType(starting))

    def shrunk(self, width: int) -> Self:
        """The same layer with at most so many units."""
        return replace(self, width=min(self.width, width)) if self.is_numeric else self

    @property
    def is_numeric(self) -> bool:
        """Whether its width is a number."""
        return isinstance(self.width, int | Integer)

    @property
    def text(self) -> str:
        """`3`, or `dense(3,bias=false)`."""
        return str(self.width) if self.bias else super().text
