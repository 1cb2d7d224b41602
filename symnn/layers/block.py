"""What a layer is made of: parameters and equations on top of the quantity below it.

`Place` says where a layer stands and names its quantities; `Block` is what it adds to a system.
Nothing here differentiates, and nothing knows a particular layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from sympy import Expr, Integer

from symnn.equations import Equation, Quantity, Role


class Start(NamedTuple):
    """Where a parameter starts: a scheme of `initialization`, and the fans that it asks for.

    Of the scheme `constant` it is the value.
    """

    scheme: str
    fan_in: Expr = Integer(1)
    fan_out: Expr = Integer(1)
    value: Expr = Integer(0)

    @property
    def is_random(self) -> bool:
        """Whether it differs from entry to entry: whether the parameter is a weight."""
        return self.scheme not in ("zeros", "ones", "constant")


ZEROS, ONES = Start("zeros"), Start("ones")


@dataclass(frozen=True)
class Place:
    """Where a layer stands: its number from 1, its number in print, whether it is the last."""

    number: int
    printed: int | None
    is_last: bool

    def parameter(self, symbol: str, shape: Sequence[Expr], letters: Sequence[str]) -> Quantity:
        """A parameter of the layer, as `W1`."""
        name = f"{symbol}{self.number}"
        return Quantity(name, tuple(shape), Role.PARAMETER, tuple(letters), symbol, self.printed)

    def quantity(
        self,
        symbol: str,
        shape: Sequence[Expr],
        letters: Sequence[str],
        role: Role = Role.INTERMEDIATE,
    ) -> Quantity:
        """A quantity within the layer, as `mu1`."""
        name = f"{symbol}{self.number}"
        return Quantity(name, tuple(shape), role, tuple(letters), symbol, self.printed)

    def output(
        self,
        symbol: str,
        role: Role,
        shape: Sequence[Expr],
        letters: Sequence[str],
        *,
        is_output: bool,
    ) -> Quantity:
        """The quantity z or a of the layer; ŷ, if it is the output of the network."""
        name, layer = f"{symbol}{self.number}", self.printed
        if is_output:
            name, symbol, layer = "yhat", "yhat", None
        shape, letters = tuple(shape), tuple(letters)
        delta = Quantity(
            f"delta{self.number}", shape, Role.ADJOINT, letters, "delta", self.printed, of=name
        )
        adjoint = delta if role is Role.PREACTIVATION else None
        return Quantity(name, shape, role, letters, symbol, layer, adjoint=adjoint)

    def within(self, offset: int, *, is_last: bool) -> "Place":
        """The place of the layer `offset` further on, within this one."""
        printed = None if self.printed is None else self.printed + offset
        return Place(self.number + offset, printed, is_last)


@dataclass(frozen=True)
class Block:
    """What a layer adds to a system; its output is the left side of the last equation.

    `starting` says where parameters start, `recurrent` where recurrences begin. `inputs` are arrays
    that are given beside the samples: masks, which hold 0 with the `chances` told.
    """

    parameters: tuple[Quantity, ...]
    equations: tuple[Equation, ...]
    starting: Mapping[str, Start] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Quantity, ...] = ()
    recurrent: tuple[Equation, ...] = ()
    chances: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def output(self) -> Quantity:
        """The quantity that the layer above reads."""
        return self.equations[-1].quantity

    @property
    def weights(self) -> tuple[str, ...]:
        """The names of the parameters that start at random: no biases, and no scales of norms."""
        return tuple(name for name, start in self.starting.items() if start.is_random)


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks on top of each other as one."""
    return Block(
        tuple(q for b in blocks for q in b.parameters),
        tuple(e for b in blocks for e in b.equations),
        MappingProxyType({k: v for b in blocks for k, v in b.starting.items()}),
        tuple(q for b in blocks for q in b.inputs),
        tuple(e for b in blocks for e in b.recurrent),
        MappingProxyType({k: v for b in blocks for k, v in b.chances.items()}),
    )
