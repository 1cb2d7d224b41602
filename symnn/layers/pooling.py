"""Pooling: the mean, or the greatest, of each window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sympy import Expr, Integer, Mul, Tuple, oo

from symnn.binding import index, total
from symnn.digits import Digit
from symnn.equations import Quantity
from symnn.layers.activating import activated
from symnn.layers.block import Block, Place
from symnn.layers.kind import Layer
from symnn.layers.windows import Axis, Windows, axes_of, check_rank
from symnn.reductions import Maximum

Sizes = int | tuple[int, ...]


@dataclass(frozen=True)
class Pooling(Layer):
    """What poolings share; windows stand side by side where no `stride` is given."""

    kernel: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0

    dims: ClassVar[int]
    outside: ClassVar[Expr]

    def __post_init__(self) -> None:
        assert self.axes

    @property
    def axes(self) -> tuple[Axis, ...]:
        """How the windows slide."""
        stride = self.kernel if self.stride is None else self.stride
        return axes_of(self.dims, self.kernel, stride, self.padding)

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of (N, C, …)."""
        check_rank(below, self.dims)
        windows = Windows(below, self.axes)
        read, equations = windows.padded(place, self.outside)
        n, c = read.indices[:2]
        a = self.pooled(read, (n, c), windows)
        at = (n, c, *windows.places)
        return Block((), (*equations, *activated(self, place, at, a, has_weights=False)))

    def pooled(self, read: Quantity, channel: Sequence[Expr], windows: Windows) -> Expr:
        """One number for the entries of a window in a channel."""
        raise NotImplementedError


class _Average(Pooling):
    outside = Integer(0)

    def pooled(self, read: Quantity, channel: Sequence[Expr], windows: Windows) -> Expr:
        """The mean of a window; what is around x counts, as zeros."""
        entry = read.at(*channel, *windows.reads)
        return total(entry, *reversed(windows.taps)) / Mul(*(x.kernel for x in self.axes))


class _Greatest(Pooling):
    outside = -oo

    def pooled(self, read: Quantity, channel: Sequence[Expr], windows: Windows) -> Expr:
        """The greatest of a window, whose taps are counted row by row; of several the first."""
        if len(windows.taps) == 1:
            (tap,), places = windows.taps, windows.reads
        else:
            rows, columns = (axis.kernel for axis in self.axes)
            tap = index("r", rows * columns)
            digits = (Digit(tap, Integer(columns), oo), Digit(tap, Integer(1), Integer(columns)))
            taps = dict(zip(windows.taps, digits, strict=True))
            places = tuple(place.xreplace(taps) for place in windows.reads)
        return Maximum(read.at(*channel, *places), Tuple(tap, tap.lower, tap.upper))


class AvgPool1d(_Average):
    """The mean of each window over (N, C, T), as torch.nn.AvgPool1d."""

    name: ClassVar[str] = "avgpool1d"
    example: ClassVar[str] = "2x8-avgpool1d(2)-flatten-1"
    reads: ClassVar[str] = "ct"
    dims: ClassVar[int] = 1


class AvgPool2d(_Average):
    """The mean of each window over (N, C, H, W), as torch.nn.AvgPool2d."""

    name: ClassVar[str] = "avgpool2d"
    example: ClassVar[str] = "1x8x8-avgpool2d(2)-flatten-1"
    reads: ClassVar[str] = "chw"
    dims: ClassVar[int] = 2


class MaxPool1d(_Greatest):
    """The greatest of each window over (N, C, T), as torch.nn.MaxPool1d."""

    name: ClassVar[str] = "maxpool1d"
    example: ClassVar[str] = "2x8-maxpool1d(2)-flatten-1"
    reads: ClassVar[str] = "ct"
    dims: ClassVar[int] = 1


class MaxPool2d(_Greatest):
    """The greatest of each window over (N, C, H, W), as torch.nn.MaxPool2d."""

    name: ClassVar[str] = "maxpool2d"
    example: ClassVar[str] = "1x8x8-maxpool2d(2)-flatten-1"
    reads: ClassVar[str] = "chw"
    dims: ClassVar[int] = 2
