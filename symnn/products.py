"""The sum of a product of arrays: as a product of matrices, as a contraction, or over axes."""

from collections.abc import Iterable, Sequence

from sympy import Idx, Symbol, Tuple

from symnn.array_nodes import Contraction, MatrixProduct
from symnn.axes import Array, multiplied, summed_over, union_in_order, with_axis


def summed_product(factors: Iterable[Array], bound: Sequence[Idx], order: Sequence[Idx]) -> Array:
    """The sum over `bound` of the product of the factors, by the plainest means that there is.

    `order` says which of two axes comes first.
    """
    groups: dict[frozenset[Idx], list[Array]] = {}
    for factor in factors:
        groups.setdefault(frozenset(factor.axes), []).append(factor)
    joined = [multiplied(arrays, order) for arrays in groups.values()]
    product = _matrix_product(joined, bound[0], order) if len(bound) == 1 else None
    return product or _contraction(joined, bound, order)


def _matrix_product(factors: Sequence[Array], bound: Idx, order: Sequence[Idx]) -> Array | None:
    """The product of two factors with one further axis each, or fewer; None where it is another."""
    own = [set(a.axes) - {bound} for a in factors]
    has_bound = all(bound in a.axes for a in factors)
    if len(factors) != 2 or not has_bound or max(map(len, own)) > 1 or own[0] & own[1]:
        return None
    # A vector stands on the right of a matrix: `z w`, not `w zᵀ`.
    left, right = sorted(
        factors, key=lambda a: (len(a.axes) == 1, _place(set(a.axes) - {bound}, order))
    )
    left, right = with_axis(left, bound, last=True), with_axis(right, bound, last=False)
    axes = tuple(i for i in (*left.axes, *right.axes) if i != bound)
    return Array(MatrixProduct(left.expression, right.expression), axes)


def _place(axes: Iterable[Idx], order: Sequence[Idx]) -> int:
    return min((list(order).index(i) for i in axes), default=-1)


def _contraction(factors: Sequence[Array], bound: Sequence[Idx], order: Sequence[Idx]) -> Array:
    """The product of any factors; where one has every axis, a sum over axes."""
    every = union_in_order(factors, order)
    rest = tuple(i for i in every if i not in bound)
    if any(set(f.axes) == set(every) for f in factors):
        return summed_over(multiplied(factors, order), bound)
    letters = _distinct_letters(every)
    labels = [Tuple(*(letters[i] for i in f.axes)) for f in factors]
    result = Tuple(*(letters[i] for i in rest))
    operands = [f.expression for f in factors]
    return Array(Contraction(result, Tuple(*labels), *operands), rest)


def _distinct_letters(axes: Sequence[Idx]) -> dict[Idx, Symbol]:
    """A letter for each axis, its own where no other has it."""
    chosen: dict[Idx, str] = {}
    for i in axes:
        wanted = [str(i.label)[-1], *"abcdefghijklmnopqrstuvwxyz"]
        chosen[i] = next(a for a in wanted if a.isalpha() and a not in chosen.values())
    return {i: Symbol(letter) for i, letter in chosen.items()}
