"""Norms: numbers brought to mean 0 and deviation 1, then scaled and shifted by parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from sympy import Expr, Idx, Mul, Rational, sqrt

from symnn.binding import size_of, total
from symnn.equations import Equation, Quantity, Role
from symnn.errors import SpecError
from symnn.layers.activating import activated
from symnn.layers.block import ONES, ZEROS, Block, Place
from symnn.layers.kind import ActivationLike, Layer
from symnn.layers.sizes import UnfitError


def _mean(expression: Expr, over: Sequence[Idx]) -> Expr:
    return total(expression, *reversed(over)) / Mul(*map(size_of, over))


def _check_eps(eps: object) -> None:
    if isinstance(eps, bool) or not isinstance(eps, int | float) or not 0 < eps < 1:
        raise SpecError(f"eps is {eps!r}; it is a small number above 0")


@dataclass(frozen=True)
class _Standardised(Layer):
    """What layer norm and batch norm share: which axes a mean is over, and where γ and β stand."""

    activation: ActivationLike | None = None
    eps: float = 1e-5

    def __post_init__(self) -> None:
        _check_eps(self.eps)

    def over(self, at: tuple[Idx, ...]) -> tuple[Idx, ...]:
        """The indices that a mean is over."""
        raise NotImplementedError

    def scaled(self, at: tuple[Idx, ...]) -> tuple[Idx, ...]:
        """The indices of γ and β."""
        raise NotImplementedError

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, …)."""
        at = below.indices
        over, scaled = self.over(at), self.scaled(at)
        kept = tuple(i for i in at if i not in over)
        x, shape = below.at(*at), tuple(map(size_of, kept))
        letters = tuple(str(i.label) for i in kept)
        # Their derivatives have no names of their own: they are written into that of x.
        mean = place.quantity("mu", shape, letters)
        deviation = place.quantity("s", shape, letters)
        xhat = place.quantity("xhat", below.shape, below.letters)
        centred, s = x - mean.at(*kept), deviation.at(*kept)
        gamma, beta = (_weight(place, symbol, scaled) for symbol in ("gamma", "beta"))
        a = gamma.at(*scaled) * xhat.at(*at) + beta.at(*scaled)
        equations = (
            Equation(mean, kept, _mean(x, over)),
            Equation(deviation, kept, sqrt(_mean(centred**2, over) + Rational(str(self.eps)))),
            Equation(xhat, at, centred / s),
            *activated(self, place, at, a, has_weights=False),
        )
        starting = MappingProxyType({gamma.name: ONES, beta.name: ZEROS})
        return Block((gamma, beta), equations, starting)


def _weight(place: Place, symbol: str, at: Sequence[Idx]) -> Quantity:
    return place.parameter(symbol, tuple(map(size_of, at)), tuple(str(i.label) for i in at))


@dataclass(frozen=True)
class LayerNorm(_Standardised):
    """The mean and deviation of each sample over the last axis, as torch.nn.LayerNorm(D).

    With `axes` over so many last axes; γ and β have their shape.
    """

    axes: int = 1

    name: ClassVar[str] = "layernorm"
    example: ClassVar[str] = "3-layernorm-1"

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.axes, bool) or not isinstance(self.axes, int) or self.axes < 1:
            raise SpecError(f"axes is {self.axes!r}; it is a whole number from 1")

    def over(self, at: tuple[Idx, ...]) -> tuple[Idx, ...]:
        """The last axes."""
        if self.axes >= len(at):
            raise UnfitError(f"{self.axes} axes or more")
        return at[-self.axes :]

    def scaled(self, at: tuple[Idx, ...]) -> tuple[Idx, ...]:
        """The same."""
        return self.over(at)


@dataclass(frozen=True)
class BatchNorm(_Standardised):
    """The mean and deviation of each channel over the batch, as torch.nn.BatchNorm1d and 2d.

    The channel is the axis after that of the samples, (N, C, …); γ and β have the shape (C,). The
    mean and deviation are those of the samples at hand, in training as in prediction.
    """

    name: ClassVar[str] = "batchnorm"
    example: ClassVar[str] = "3-4-batchnorm:relu-1"

    def over(self, at: tuple[Idx, ...]) -> tuple[Idx, ...]:
        """The samples and all places."""
        return (at[0], *at[2:])

    def scaled(self, at: tuple[Idx, ...]) -> tuple[Idx, ...]:
        """The channel."""
        return (at[1],)


@dataclass(frozen=True)
class RMSNorm(Layer):
    """Each sample over the root of its mean square along the last axis, as torch.nn.RMSNorm(D).

    γ has the shape (D,). PyTorch's eps is the machine's, unless it is given.
    """

    activation: ActivationLike | None = None
    eps: float = 1e-5

    name: ClassVar[str] = "rmsnorm"
    example: ClassVar[str] = "3-rmsnorm-1"

    def __post_init__(self) -> None:
        _check_eps(self.eps)

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, …, D)."""
        (*kept, j), x = below.indices, below.at(*below.indices)
        rms = place.quantity("rms", below.shape[:-1], below.letters[:-1], Role.ACTIVATION)
        xhat = place.quantity("xhat", below.shape, below.letters)
        gamma = _weight(place, "gamma", (j,))
        root = sqrt(_mean(x**2, (j,)) + Rational(str(self.eps)))
        equations = (
            Equation(rms, tuple(kept), root),
            Equation(xhat, below.indices, x / rms.at(*kept)),
            *activated(
                self,
                place,
                below.indices,
                gamma.at(j) * xhat.at(*below.indices),
                has_weights=False,
            ),
        )
        return Block((gamma,), equations, MappingProxyType({gamma.name: ONES}))
