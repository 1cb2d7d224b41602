"""Convolutions: a weight for each tap of a window, the same at every place."""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Self

from sympy import Expr, Integer, oo

from symnn.binding import index, total
from symnn.digits import Digit
from symnn.equations import Quantity
from symnn.errors import SpecError
from symnn.layers.activating import activated
from symnn.layers.block import ZEROS, Block, Place, Start
from symnn.layers.kind import ActivationLike, Layer
from symnn.layers.sizes import UnfitError, size
from symnn.layers.windows import Axis, Windows, axes_of, check_rank

Sizes = int | tuple[int, ...]


@dataclass(frozen=True)
class Convolution(Layer):
    """What `Conv1d` and `Conv2d` share; `dims` is the number of axes that windows slide over."""

    channels: int | str | Expr
    kernel: Sizes
    activation: ActivationLike | None = None
    stride: Sizes = 1
    padding: Sizes = 0
    dilation: Sizes = 1
    groups: int = 1
    bias: bool = True

    takes_default: ClassVar[bool] = True
    dims: ClassVar[int]

    def __post_init__(self) -> None:
        size(self.channels)
        if isinstance(self.groups, bool) or not isinstance(self.groups, int) or self.groups < 1:
            raise SpecError(f"groups is {self.groups!r}; it is a whole number from 1")
        if not ((self.axes and self.groups == 1) or size(self.channels) % self.groups == 0):
            raise SpecError(f"{self.channels} channels do not divide into {self.groups} groups")

    @property
    def axes(self) -> tuple[Axis, ...]:
        """How the windows slide."""
        return axes_of(self.dims, self.kernel, self.stride, self.padding, self.dilation)

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, C, …)."""
        check_rank(below, self.dims)
        windows = Windows(below, self.axes)
        read, equations = windows.padded(place, Integer(0))
        n, o = read.indices[0], index("o", size(self.channels))
        c = index("c", self._group(below.shape[1]))
        kernel = (o.upper + 1, c.upper + 1, *(t.upper + 1 for t in windows.taps))
        letters = ("o", "c", *(str(t.label) for t in windows.taps))
        weights = place.parameter("W", kernel, letters)
        bias = place.parameter("b", kernel[:1], ("o",))
        term = weights.at(o, c, *windows.taps) * read.at(n, self._channel(o, c), *windows.reads)
        z = total(term, *reversed(windows.taps), c)
        z = z + bias.at(o) if self.bias else z
        at = (n, o, *windows.places)
        return Block(
            (weights, bias) if self.bias else (weights,),
            (*equations, *activated(self, place, at, z, has_weights=True)),
            MappingProxyType({weights.name: self._start(kernel), bias.name: ZEROS}),
        )

    def _group(self, channels: Expr) -> Expr:
        """How many channels each output reads."""
        if self.groups > 1 and channels % self.groups != 0:
            raise UnfitError(f"channels that divide into {self.groups} groups")
        return channels / self.groups

    def _channel(self, o: Expr, c: Expr) -> Expr:
        """The channel that output o reads as its c-th: its group's."""
        if self.groups == 1:
            return c
        outputs = size(self.channels) / self.groups
        return Digit(o, outputs, oo) * (c.upper + 1) + c

    def _start(self, kernel: tuple[Expr, ...]) -> Start:
        outputs, fan_in = kernel[0], Integer(1)
        for s in kernel[1:]:
            fan_in *= s
        return Start(self.row.init, fan_in, outputs * fan_in / kernel[1])

    def shrunk(self, width: int) -> Self:
        """The same layer with at most two channels, or as many as it has groups."""
        if self.groups > 1 or not isinstance(self.channels, int):
            return self
        return replace(self, channels=min(self.channels, width, 2))


@dataclass(frozen=True)
class Conv1d(Convolution):
    """A convolution over sequences (N, C, T), as torch.nn.Conv1d; W has the shape (O, C/g, k).

    z[n,o,t] = Σ W[o,c,r]·x[n,c,stride·t+dilation·r] + b[o], with zeros around x for `padding`.
    """

    name: ClassVar[str] = "conv1d"
    example: ClassVar[str] = "2x8-conv1d(3,3)-flatten-1"
    reads: ClassVar[str] = "ct"
    dims: ClassVar[int] = 1


@dataclass(frozen=True)
class Conv2d(Convolution):
    """A convolution over images (N, C, H, W), as torch.nn.Conv2d; W has the shape (O, C/g, k, k).

    z[n,o,h,w] = Σ W[o,c,r,s]·x[n,c,stride·h+dilation·r,stride·w+dilation·s] + b[o], with zeros
    around x for `padding`. `kernel` and the like are a number, or one for each axis, as 3x5.
    """

    name: ClassVar[str] = "conv2d"
    example: ClassVar[str] = "1x8x8-conv2d(3,3):relu-flatten-1"
    reads: ClassVar[str] = "chw"
    dims: ClassVar[int] = 2
