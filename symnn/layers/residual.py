"""The residual connection: what goes into some layers, added to what comes out of them."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from symnn.activations import ACTIVATIONS, Activation
from symnn.equations import Quantity
from symnn.errors import SpecError
from symnn.layers.activating import activated
from symnn.layers.block import Block, Place, joined
from symnn.layers.kind import ActivationLike, Defaults, Layer
from symnn.layers.sizes import shape_text
from symnn.layers.stacking import stacked


@dataclass(frozen=True, init=False)
class Residual(Layer):
    """`x + f(x)`, f being the layers within, which must give the shape that they are given.

    The layers within have numbers of their own, and so has a sum with an activation. Those that
    name no activation take the network's, the last of them none. He, Zhang, Ren and Sun 2016.
    """

    layers: tuple[Layer, ...]
    activation: ActivationLike | None = None

    name: ClassVar[str] = "residual"
    example: ClassVar[str] = "2-3-residual(4:relu-3)-1"
    holds_layers: ClassVar[bool] = True

    def __init__(self, *layers: Layer, activation: ActivationLike | None = None) -> None:
        if not layers or not all(isinstance(layer, Layer) for layer in layers):
            raise SpecError("residual holds one layer or more, as in Residual(Dense(8), Dense(8))")
        object.__setattr__(self, "layers", layers)
        object.__setattr__(self, "activation", activation)

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, …)."""
        inner = joined(stacked(self.layers, below, place.within(0, is_last=False)))
        if inner.output.shape != below.shape:
            raise SpecError(
                f"layer {place.number}, {self.text}, gives {shape_text(inner.output)} and is "
                f"given {shape_text(below)}; a residual adds them, so they must be the same"
            )
        at = inner.output.indices
        last = place.within(self.parts - 1, is_last=place.is_last)
        passed = below.at(*at) + inner.output.at(*at)
        outcome = activated(self, last, at, passed, has_weights=False, symbol="r")
        return replace(inner, equations=inner.equations + outcome)

    @property
    def parts(self) -> int:
        """How many layers are within, and one for an activation of the sum."""
        has_own = self.row is not ACTIVATIONS["identity"]
        return sum(layer.parts for layer in self.layers) + has_own

    @property
    def rows(self) -> tuple[Activation, ...]:
        """Every activation within, and that of the sum."""
        return (*(row for layer in self.layers for row in layer.rows), self.row)

    @property
    def kinds(self) -> tuple[type[Layer], ...]:
        """Every kind within."""
        return (type(self), *(kind for layer in self.layers for kind in layer.kinds))

    def resolved(self, defaults: Defaults) -> Self:
        """The same with each activation as a row."""
        *before, last = self.layers
        inner = [layer.resolved(replace(defaults, here=defaults.within)) for layer in before]
        given = "identity" if self.activation is None else self.activation
        return type(self)(
            *inner,
            last.resolved(replace(defaults, here="identity")),
            activation=defaults.row_of(given),
        )

    def shrunk(self, width: int) -> Self:
        """The same with few units."""
        layers = (layer.shrunk(width) for layer in self.layers)
        return type(self)(*layers, activation=self.activation)

    @property
    def text(self) -> str:
        """`residual(4:relu-3:identity)`."""
        return f"{self.name}({'-'.join(layer.spec for layer in self.layers)})"
