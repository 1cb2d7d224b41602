"""An expression over whole arrays and what its axes stand for: union, order and alignment of axes.

Nothing here reads an equation; `arrays` does, and brings what it lowers into line with this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sympy import Expr, Idx, Integer, Mul, Tuple

from symnn.array_nodes import Expanded, Permuted, SumOver, Transposed


@dataclass(frozen=True)
class Array:
    """An expression over whole arrays, and the indices that its axes stand for, in order."""

    expression: Expr
    axes: tuple[Idx, ...] = ()


def union(arrays: Iterable[Array], order: Sequence[Idx]) -> tuple[Idx, ...]:
    """All axes of the arrays, in order; as they are, where all have the same."""
    arrays = [a for a in arrays if a.axes]
    if len({a.axes for a in arrays}) == 1:
        return arrays[0].axes
    return union_in_order(arrays, order)


def union_in_order(arrays: Iterable[Array], order: Sequence[Idx]) -> tuple[Idx, ...]:
    """All axes of the arrays, in order."""
    found = {i for a in arrays for i in a.axes}
    return tuple(i for i in order if i in found)


def aligned(array: Array, axes: tuple[Idx, ...]) -> Array:
    """The array with these axes: transposed, or with axes of length one, where it must be."""
    own = array.axes
    if not own or own == axes[len(axes) - len(own) :]:
        return Array(array.expression, axes)
    kept = tuple(i for i in axes if i in own)
    if len(own) == 2 and kept != own:
        return aligned(transposed(array), axes)
    if kept != own:
        places = Tuple(*map(own.index, kept))
        return aligned(Array(Permuted(array.expression, places), kept), axes)
    flags = Tuple(*(Integer(i in own) for i in axes))
    coefficient, rest = array.expression.as_coeff_Mul()
    return Array(coefficient * Expanded(rest, flags), axes)


def multiplied(arrays: Sequence[Array], order: Sequence[Idx]) -> Array:
    """The product of the arrays, their axes brought into line."""
    axes = union(arrays, order)
    return Array(Mul(*(aligned(a, axes).expression for a in arrays)), axes)


def summed_over(array: Array, bound: Sequence[Idx]) -> Array:
    """The array summed over these axes of its own."""
    rest = tuple(i for i in array.axes if i not in bound)
    numbers = sorted(array.axes.index(i) for i in bound) if rest else []
    return Array(SumOver(array.expression, Tuple(*numbers)), rest)


def with_last(array: Array, axes: tuple[Idx, ...]) -> Array:
    """The array with these axes of its own last."""
    return aligned(array, (*(i for i in array.axes if i not in axes), *axes))


def with_axis(array: Array, bound: Idx, *, last: bool) -> Array:
    """The array with `bound` as its last (or first) axis."""
    if len(array.axes) == 1 or (array.axes[-1] == bound) is last:
        return array
    return transposed(array)


def transposed(array: Array) -> Array:
    """The array with its axes in reverse."""
    return Array(Transposed(array.expression), array.axes[::-1])
