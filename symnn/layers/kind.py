"""What every layer has, and how it is typed in a spec."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, replace
from typing import ClassVar, Self, TypeAlias

from sympy import Expr

from symnn.activations import ACTIVATIONS, Activation
from symnn.calls import Call
from symnn.equations import Quantity
from symnn.layers.block import Block, Place

ActivationLike: TypeAlias = str | Call | Activation | Expr | Callable[[Expr], Expr]


@dataclass(frozen=True)
class Defaults:
    """What a network takes for an activation that is not named: here, and in layers within.

    `row_of` finds the row of one that is named.
    """

    here: ActivationLike
    within: ActivationLike
    row_of: Callable[[ActivationLike], Activation]


class Layer:
    """What every layer has; a layer is a frozen dataclass that adds `block`.

    `name` is what it is called in a spec, `example` how it is typed there. A layer
    whose `activation` is None takes the network's default for its place where it `takes_default`,
    and its `usual` one elsewhere. That it `takes_integers` says that others are
    looked up by its input.
    """

    name: ClassVar[str] = ""
    example: ClassVar[str] = ""
    holds_layers: ClassVar[bool] = False
    takes_default: ClassVar[bool] = False
    usual: ClassVar[str] = "identity"
    takes_integers: ClassVar[bool] = False
    # The usual letters of the axes of its input, where they are not n, t, …, i.
    reads: ClassVar[str] = ""

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of the quantity `below`, whose first axis is that of the samples."""
        raise NotImplementedError

    @property
    def parts(self) -> int:
        """How many layers there are in it, itself included: each has a number of its own."""
        return 1

    @property
    def row(self) -> Activation:
        """The activation of its output."""
        found = getattr(self, "activation", None)
        return found if isinstance(found, Activation) else ACTIVATIONS["identity"]

    @property
    def rows(self) -> tuple[Activation, ...]:
        """Every activation in it, that of the output last."""
        return (self.row,)

    @property
    def kinds(self) -> "tuple[type[Layer], ...]":
        """Every kind of layer in it, its own first."""
        return (type(self),)

    def resolved(self, defaults: Defaults) -> Self:
        """The same layer with its activation as a row."""
        if not hasattr(self, "activation"):
            return self
        given = self.activation
        if given is None:
            given = defaults.here if self.takes_default else self.usual
        return replace(self, activation=defaults.row_of(given))  # type: ignore[type-var]

    def shrunk(self, width: int) -> Self:
        """The same layer with at most so many units."""
        del width
        return self

    @property
    def text(self) -> str:
        """The layer as it is typed in a spec, without its activation."""
        name = self.name or type(self).__name__
        parts = [
            (f.name, getattr(self, f.name), f.default is MISSING)
            for f in fields(self)  # type: ignore[arg-type]
            if f.name != "activation" and getattr(self, f.name) != f.default
        ]
        given = [value_text(v) if bare else f"{k}={value_text(v)}" for k, v, bare in parts]
        return f"{name}({','.join(given)})" if given else name

    @property
    def spec(self) -> str:
        """The layer as it is typed in a spec, with its activation where it has one."""
        has_none = not self.takes_default and self.row.name == self.usual
        return self.text if has_none else f"{self.text}:{self.row.label}"


def value_text(value: object) -> str:
    """A value as it is typed in a spec.

    >>> value_text(3), value_text((3, 5)), value_text(True), value_text(0.5)
    ('3', '3x5', 'true', '0.5')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return value.label if isinstance(value, Activation) else str(value)
