"""The transformer's encoder block: attention, two norms and an MLP, with residual connections."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from sympy import Expr

from symnn.activations import ACTIVATIONS, Activation
from symnn.equations import Quantity
from symnn.errors import SpecError
from symnn.layers.attention import Attention
from symnn.layers.block import Block, Place, joined
from symnn.layers.dense import Dense
from symnn.layers.kind import ActivationLike, Layer
from symnn.layers.norms import LayerNorm
from symnn.layers.residual import Residual
from symnn.layers.sizes import UnfitError, size
from symnn.layers.stacking import stacked


@dataclass(frozen=True)
class TransformerEncoder(Layer):
    """A block of a transformer's encoder over (N, T, D), as torch.nn.TransformerEncoderLayer.

    It is made of other layers, which have numbers of their own: x = norm(x + attention(x)) and
    x = norm(x + dense(f(dense(x)))), or, with `norm_first`, x = x + attention(norm(x)) and
    x = x + dense(f(dense(norm(x)))). `hidden` is the width within the MLP; its activation f is ReLU
    where none is given. Vaswani et al. 2017; Xiong et al. 2020 for `norm_first`.
    """

    heads: int | str | Expr
    hidden: int | str | Expr
    activation: ActivationLike | None = None
    norm_first: bool = False
    causal: bool = False
    eps: float = 1e-5

    name: ClassVar[str] = "transformer"
    example: ClassVar[str] = "3x4-transformer(2,8)-flatten-1"
    usual: ClassVar[str] = "relu"

    def __post_init__(self) -> None:
        size(self.heads), size(self.hidden)
        if not isinstance(self.norm_first, bool) or not isinstance(self.causal, bool):
            raise SpecError("norm_first and causal of a transformer are true or false")

    def layers(self, width: Expr) -> tuple[Layer, ...]:
        """The layers of which it is made, for inputs of this width."""
        attention = Attention(self.heads, causal=self.causal)
        identity = ACTIVATIONS["identity"]
        mlp = (Dense(self.hidden, self.mlp_row), Dense(width, identity))
        norms = LayerNorm(eps=self.eps), LayerNorm(eps=self.eps)
        if self.norm_first:
            return Residual(norms[0], attention), Residual(norms[1], *mlp)
        return Residual(attention), norms[0], Residual(*mlp), norms[1]

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, T, D)."""
        if len(below.shape) != 3:
            raise UnfitError("length x width")
        return joined(stacked(self.layers(below.shape[2]), below, place))

    @property
    def parts(self) -> int:
        """Attention, two norms and two dense layers."""
        return 5

    @property
    def mlp_row(self) -> Activation:
        """The activation of the MLP."""
        return self.activation if isinstance(self.activation, Activation) else ACTIVATIONS["relu"]

    @property
    def row(self) -> Activation:
        """The activation of its output: none."""
        return ACTIVATIONS["identity"]

    @property
    def rows(self) -> tuple[Activation, ...]:
        """The activation of the MLP, and that of the output."""
        return (self.mlp_row, self.row)

    @property
    def spec(self) -> str:
        """The layer as it is typed in a spec, with the activation of its MLP."""
        row = self.mlp_row
        return self.text if row.name == self.usual else f"{self.text}:{row.name}"

    def shrunk(self, width: int) -> Self:
        """The same with at most two heads and few hidden units."""
        if not (isinstance(self.heads, int) and isinstance(self.hidden, int)):
            return self
        return replace(self, heads=min(self.heads, 2), hidden=min(self.hidden, width))
