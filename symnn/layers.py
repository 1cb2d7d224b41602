"""The layers: each is its equations and nothing else.

A layer takes the quantity below it and gives a block: the parameters and the equations that it
adds, the last of which is its output. Nothing here differentiates: a new layer is a new class in
this file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from sympy import Expr, Indexed, Integer

from symnn.activations import ACTIVATIONS, UNIT, WIDTH, Activation
from symnn.equations import SAMPLES, Equation, Quantity, Role, index, total
from symnn.errors import SpecError
from symnn.functions import U
from symnn.language import Call

ActivationLike: TypeAlias = str | Call | Activation | Expr | Callable[[Expr], Expr]


@dataclass(frozen=True)
class Place:
    """Where a layer stands: its number from 1, its number in print, whether it is the last."""

    number: int
    printed: int | None
    is_last: bool


@dataclass(frozen=True)
class Block:
    """What a layer adds to a system."""

    parameters: tuple[Quantity, ...]
    equations: tuple[Equation, ...]


@dataclass(frozen=True)
class Dense:
    """A fully connected layer, `a = f(x Wᵀ + b)`, with `width` units.

    The activation is a name of the table, a row of one's own, a SymPy expression in one symbol or
    a function that makes one; None takes the network's default for that place.
    """

    width: int
    activation: ActivationLike | None = None
    bias: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.width, int) or isinstance(self.width, bool) or self.width < 1:
            raise SpecError(f"a layer has {self.width!r} units; a width is a whole number from 1")

    def block(self, below: Quantity, row: Activation, place: Place) -> Block:
        """The layer on top of the quantity `below`, shape (N, D_below)."""
        fan_in, width = below.shape[1], Integer(self.width)
        linear = row is ACTIVATIONS["identity"]
        weights = _parameter("W", place, (width, fan_in), ("j", "i"))
        bias = _parameter("b", place, (width,), ("j",))
        z = _units("z", Role.PREACTIVATION, width, place, is_output=linear and place.is_last)
        (n, j), i = z.indices, index("i", fan_in)
        product = total(weights.at(j, i) * below.at(n, i), i)
        affine = Equation(z, z.indices, product + bias.at(j) if self.bias else product)
        parameters = (weights, bias) if self.bias else (weights,)
        if linear:
            return Block(parameters, (affine,))
        a = _units("a", Role.ACTIVATION, width, place, is_output=place.is_last)
        return Block(parameters, (affine, Equation(a, a.indices, applied(row, z))))


def applied(row: Activation, z: Quantity) -> Expr:
    """The activation of the entries `z[n,j]`, shape (N, D)."""
    n, j = z.indices
    if row.is_elementwise:
        return row.expression.xreplace({U: z.at(n, j)})
    sized = row.expression.xreplace({WIDTH: z.shape[1]})
    at_unit = sized.xreplace({UNIT.xreplace({WIDTH: z.shape[1]}): j})
    return at_unit.xreplace({e: z.at(n, *e.indices) for e in at_unit.atoms(Indexed)})


def _parameter(
    symbol: str, place: Place, shape: tuple[Expr, ...], letters: tuple[str, ...]
) -> Quantity:
    name = f"{symbol}{place.number}"
    return Quantity(name, shape, Role.PARAMETER, letters, symbol, place.printed)


def _units(symbol: str, role: Role, width: Expr, place: Place, *, is_output: bool) -> Quantity:
    """The quantity z or a of a layer, shape (N, D); ŷ, if it is the output of the network."""
    shape, letters = (SAMPLES, width), ("n", "j")
    name, layer = (f"{symbol}{place.number}", place.printed)
    if is_output:
        name, symbol, layer = "yhat", "yhat", None
    delta = Quantity(
        f"delta{place.number}", shape, Role.ADJOINT, letters, "delta", place.printed, of=name
    )
    adjoint = delta if role is Role.PREACTIVATION else None
    return Quantity(name, shape, role, letters, symbol, layer, adjoint=adjoint)


LAYERS: Mapping[str, type[Dense]] = MappingProxyType({"dense": Dense})
