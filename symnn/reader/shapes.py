"""Values with axes: what a whole array, a row of one, or a number is while it is read.

A value is an indexed expression, and the open indices that its axes stand for. Samples are rows.
Arrays of one rank go together where their sizes are equal or 1; an array of a lower rank goes with
the last axes that fit it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sympy import Expr, Idx, Integer

from symnn.binding import fresh_index as fresh
from symnn.binding import index, size_of, total
from symnn.parsing.source import Fault, Place


class ShapeFault(Fault):
    """Parts of a claim whose shapes do not fit."""


@dataclass(frozen=True)
class Value:
    """An indexed expression with open axes; `is_row` for a vector that was transposed."""

    expression: Expr
    axes: tuple[Idx, ...] = ()
    is_row: bool = False

    @property
    def sizes(self) -> tuple[Expr, ...]:
        """The size of each axis."""
        return tuple(map(size_of, self.axes))

    @property
    def is_number(self) -> bool:
        """Whether there is a single entry."""
        return all(size == 1 for size in self.sizes)

    def at(self, *places: Expr) -> Expr:
        """The entry at these places."""
        return self.expression.xreplace(dict(zip(self.axes, places, strict=True)))

    def __str__(self) -> str:
        return shape(self.sizes)


def shape(sizes: Sequence[Expr]) -> str:
    """A shape as a message shows it: `N × 3`; `1` for a number."""
    return " × ".join(map(str, sizes)) or "1"


def new_axis(size: Expr) -> Idx:
    """An index of this size that equals no other."""
    return fresh(index("i", size))


def aligned(values: Sequence[Value], place: Place) -> tuple[list[Expr], tuple[Idx, ...]]:
    """The values as expressions over the same axes; raises `ShapeFault` where they do not fit."""
    rank = max(len(v.axes) for v in values)
    sizes = [Integer(1)] * rank
    for v in values:
        if len(v.axes) == rank:
            sizes = [_common(a, b, values, place) for a, b in zip(sizes, v.sizes, strict=True)]
    axes = tuple(map(new_axis, sizes))
    return [v.at(*_places(v, axes, values, place)) for v in values], axes


def _common(one: Expr, other: Expr, values: Sequence[Value], place: Place) -> Expr:
    if 1 in (one, other) or one == other:
        return one if other == 1 else other
    raise _misfit(values, place)


def _misfit(values: Sequence[Value], place: Place) -> ShapeFault:
    shapes = " and ".join(dict.fromkeys(str(v) for v in values if not v.is_number))
    return ShapeFault(f"the shapes {shapes} do not fit entry by entry", place)


def _places(value: Value, axes: Sequence[Idx], values: Sequence[Value], place: Place) -> list[Expr]:
    """For each axis of the value the one on which it goes: the last ones, if there is a choice."""
    for chosen in list(combinations(axes, len(value.axes)))[::-1]:
        pairs = list(zip(value.sizes, chosen, strict=True))
        if all(size in (1, size_of(axis)) for size, axis in pairs):
            return [Integer(0) if size == 1 else axis for size, axis in pairs]
    raise _misfit(values, place)


def multiplied(one: Value, other: Value, place: Place) -> Value:
    """The product entry by entry."""
    (a, b), axes = aligned([one, other], place)
    return Value(a * b, axes)


def beside(one: Value, other: Value, place: Place) -> Value:
    """What stands side by side: a product of matrices, or of anything with a number."""
    if not one.axes or not other.axes:
        return multiplied(one, other, place)
    if _fits(one, other):
        return matrix_product(one, other, place)
    if one.is_number or other.is_number:
        one, other = (squeezed(v) if v.is_number else v for v in (one, other))
        return multiplied(one, other, place)
    return matrix_product(one, other, place)


def squeezed(value: Value) -> Value:
    """The value without axes of length one."""
    places = [Integer(0) if size_of(i) == 1 else i for i in value.axes]
    return Value(value.at(*places), tuple(i for i in value.axes if size_of(i) != 1))


def _fits(one: Value, other: Value) -> bool:
    return bool(other.axes and one.axes and one.sizes[-1] == other.sizes[0])


def matrix_product(one: Value, other: Value, place: Place) -> Value:
    """The sum over the last axis of the one and the first of the other.

    A vector before a row is a column: δ aᵀ is the table of all products.
    """
    if len(one.axes) == 1 and other.is_row and not _fits(one, other):
        unit = new_axis(Integer(1))
        one = Value(one.expression, (*one.axes, unit))
    if not _fits(one, other):
        raise ShapeFault(
            f"a product of matrices needs the inner sizes equal: {one} times {other}", place
        )
    bound = new_axis(one.sizes[-1])
    inner = Integer(0) if one.sizes[-1] == 1 else bound
    left = one.expression.xreplace({one.axes[-1]: inner})
    right = other.expression.xreplace({other.axes[0]: inner})
    body = left * right if inner == 0 else total(left * right, bound)
    # Both may have come from one array: their axes are told apart.
    return Value(body, (*one.axes[:-1], *other.axes[1:]))


def transposed(value: Value, place: Place) -> Value:
    """The value with its two axes exchanged; of a vector, a row."""
    if not value.axes:
        return value
    if len(value.axes) == 1:
        return Value(value.expression, (new_axis(Integer(1)), *value.axes), is_row=True)
    if value.is_row:
        return Value(value.expression, value.axes[1:])
    if len(value.axes) > 2:
        raise ShapeFault(f"what is transposed has two axes, not {value}", place)
    return Value(value.expression, value.axes[::-1])
