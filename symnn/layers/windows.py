"""Windows that slide over the last axes of an array: what convolutions and pooling read.

Window h starts at stride·h; its taps r are dilation·r further on. Padding is a quantity of its own,
x̄, the input with a margin; so a convolution and its derivative are the same with and without.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import And, Expr, Idx, Integer

from symnn.binding import index
from symnn.cases import Piecewise
from symnn.equations import Equation, Quantity
from symnn.errors import SpecError
from symnn.layers.block import Place
from symnn.layers.kind import value_text
from symnn.layers.sizes import UnfitError

# The usual letters of places and of taps, by the number of axes.
_PLACES = {1: "t", 2: "hw"}
_TAPS = {1: "r", 2: "rs"}
_MAX = 10_000


@dataclass(frozen=True)
class Axis:
    """How windows slide along one axis."""

    kernel: int
    stride: int
    padding: int
    dilation: int

    def count(self, size: Expr) -> Expr:
        """How many windows there are; None fit where this is below 1."""
        room = size + 2 * self.padding - self.dilation * (self.kernel - 1) - 1
        if self.stride == 1:
            return room + 1
        if not room.is_Integer:
            raise SpecError(f"a stride of {self.stride} needs sizes that are numbers, not {size}")
        return Integer(int(room) // self.stride + 1)


@dataclass(frozen=True)
class Windows:
    """The windows over the last axes of a quantity: one `Axis` each."""

    below: Quantity
    axes: tuple[Axis, ...]

    @property
    def first(self) -> int:
        """The number of the first axis that they slide over."""
        return len(self.below.shape) - len(self.axes)

    @property
    def sizes(self) -> tuple[Expr, ...]:
        """How many windows there are along each axis."""
        pairs = zip(self.axes, self.below.shape[self.first :], strict=True)
        counts = tuple(axis.count(size) for axis, size in pairs)
        if any(c.is_nonpositive for c in counts):
            least = "x".join(
                str(a.dilation * (a.kernel - 1) + 1 - 2 * a.padding) for a in self.axes
            )
            raise UnfitError(f"at least {least} for its window")
        return counts

    @property
    def places(self) -> tuple[Idx, ...]:
        """The index of a window along each axis."""
        return tuple(map(index, _PLACES[len(self.axes)], self.sizes))

    @property
    def taps(self) -> tuple[Idx, ...]:
        """The index of a tap within a window along each axis."""
        return tuple(
            index(a, x.kernel) for a, x in zip(_TAPS[len(self.axes)], self.axes, strict=True)
        )

    @property
    def reads(self) -> tuple[Expr, ...]:
        """Where a tap of a window reads: stride·h + dilation·r."""
        every = zip(self.axes, self.places, self.taps, strict=True)
        return tuple(x.stride * place + x.dilation * tap for x, place, tap in every)

    def padded(self, place: Place, outside: Expr) -> tuple[Quantity, tuple[Equation, ...]]:
        """The quantity that the windows read, and its equation where there is padding."""
        margins = (0,) * self.first + tuple(axis.padding for axis in self.axes)
        if not any(margins):
            return self.below, ()
        shape = tuple(s + 2 * m for s, m in zip(self.below.shape, margins, strict=True))
        whole = place.quantity("xpad", shape, self.below.letters)
        inner = tuple(i - m for i, m in zip(whole.indices, margins, strict=True))
        conditions = And(*self._inside(inner, margins))
        inside = Piecewise((self.below.at(*inner), conditions), (outside, True), evaluate=False)
        return whole, (Equation(whole, whole.indices, inside),)

    def _inside(self, inner: tuple[Expr, ...], margins: tuple[int, ...]) -> Iterator[Expr]:
        for i, margin, bound in zip(inner, margins, self.below.shape, strict=True):
            if margin:
                yield i >= 0
                yield i <= bound - 1


def axes_of(
    dims: int, kernel: object, stride: object, padding: object = 0, dilation: object = 1
) -> tuple[Axis, ...]:
    """An `Axis` for each of so many; a number stands for all of them."""
    values = (
        per_axis("kernel", kernel, dims, 1),
        per_axis("stride", stride, dims, 1),
        per_axis("padding", padding, dims, 0),
        per_axis("dilation", dilation, dims, 1),
    )
    return tuple(Axis(*one) for one in zip(*values, strict=True))


def per_axis(name: str, value: object, dims: int, least: int) -> tuple[int, ...]:
    """A whole number for each axis; raises `SpecError` for anything else."""
    several: tuple[int, ...] = value if isinstance(value, tuple) else (value,) * dims  # type: ignore[assignment]
    if len(several) != dims:
        raise SpecError(f"{name} is {value_text(several)}; there are {dims} axes to slide over")
    for one in several:
        if isinstance(one, bool) or not isinstance(one, int) or not least <= one <= _MAX:
            raise SpecError(f"{name} is {one!r}; it is a whole number from {least}")
    return several


def check_rank(below: Quantity, dims: int) -> None:
    """Raise `UnfitError` where the quantity is not (N, C, …) with so many axes after C."""
    if len(below.shape) != dims + 2:
        raise UnfitError({1: "channels x length", 2: "channels x height x width"}[dims])
