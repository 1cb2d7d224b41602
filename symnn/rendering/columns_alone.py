"""Without samples, vectors as columns: `xᵀ A x`, `x yᵀ` and `A X B` for sums of products."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Function, Idx, KroneckerDelta, Mul, Pow, Sum

from symnn.array_nodes import ArrayNode, MatrixProduct, Softmax, Transposed
from symnn.arrays import lower
from symnn.binding import bound_indices, free_indices, size_of
from symnn.equations import SAMPLES, Equation

_MOST_TERMS = 8
_PLAIN = (MatrixProduct, Softmax, Transposed)


@dataclass(frozen=True)
class _Factor:
    """A vector or a matrix, and the indices on its axes."""

    array: Expr
    places: tuple[Idx, ...]

    def facing(self, place: Idx) -> Expr:
        """The array with this index on its first axis."""
        return self.array if self.places[0] == place else Transposed(self.array)

    def beyond(self, place: Idx) -> Idx | None:
        """The index on its other axis; a vector has none."""
        return next((p for p in self.places if p != place), None)


def product_of_columns(e: Equation) -> Expr | None:
    """The right side in matrices, where it is a number or has two axes; None elsewhere.

    It is where each term is a product of vectors and matrices, and no index is that of samples.
    """
    if any(size_of(i) == SAMPLES for i in (*e.indices, *e.expression.atoms(Idx))):
        return None
    terms = Add.make_args(e.expression)
    if len(e.indices) not in (0, 2) or len(terms) > _MOST_TERMS or not e.expression.has(Idx):
        return None
    found = [_product(term, e.indices) for term in terms]
    return None if any(term is None for term in found) else Add(*found)


def _product(term: Expr, free: Sequence[Idx]) -> Expr | None:
    """A term as one product of arrays from one end to the other: 2 xᵀ A y, δ xᵀ, A X B."""
    if not term.has(Idx):
        return None if free else term
    bound, parts = list(_bound_in(term)), list(_parts(term))
    numbers = [p for p in parts if not p.has(Idx)]
    factors = [_factor(p) for p in _together([p for p in parts if p.has(Idx)], bound)]
    found = [f for f in factors if f is not None]
    places = [p for f in found for p in f.places]
    once = all(places.count(i) == 1 for i in free) and all(places.count(i) == 2 for i in bound)
    if len(found) < len(factors) or set(places) != {*bound, *free} or not once:
        return None
    whole = _between(found, free) if free else _number(found)
    return whole and Mul(*numbers, whole)


def _bound_in(term: Expr) -> Iterator[Idx]:
    for factor in Mul.make_args(term):
        if isinstance(factor, Sum):
            yield from bound_indices(factor)
            yield from _bound_in(factor.function)


def _parts(term: Expr) -> Iterator[Expr]:
    """The factors of a term and of the sums in it, a square as two."""
    for factor in Mul.make_args(term):
        if isinstance(factor, Sum):
            yield from _parts(factor.function)
        elif isinstance(factor, Pow) and factor.exp == 2:
            yield from (factor.base, factor.base)
        else:
            yield factor


def _together(parts: Sequence[Expr], bound: Sequence[Idx]) -> Iterator[Expr]:
    """The factors, those with the same indices as one, unless they are two ends: z ⊙ (1 - z)."""
    groups: dict[frozenset[Idx], list[Expr]] = {}
    for part in parts:
        groups.setdefault(frozenset(free_indices(part)), []).append(part)
    for places, group in groups.items():
        others = {i for other in groups if other != places for i in other}
        if len(group) == 2 and places <= {*bound} and not places & others:
            yield from group
        else:
            yield Mul(*group)


def _factor(part: Expr) -> _Factor | None:
    if part.has(KroneckerDelta):
        return None
    array = lower(part, sorted(free_indices(part), key=str))
    is_plain = not array.expression.atoms(ArrayNode) - array.expression.atoms(*_PLAIN)
    is_one = len(array.axes) in (1, 2)
    return _Factor(array.expression, tuple(array.axes)) if is_plain and is_one else None


def _number(factors: Sequence[_Factor]) -> Expr | None:
    """The product that begins with one vector and ends with the other: xᵀ A y."""
    if len(set(factors)) < len(factors) and not all(f.array.is_Symbol for f in factors):
        # Σ (y - ŷ)² is easier to read than (y - ŷ)ᵀ (y - ŷ), and so is a sum of functions.
        return None
    if any(f.array.atoms(Function, Pow) for f in factors):
        return None
    lines = []
    for first in (f for f in factors if len(f.places) == 1):
        column, rest = _column(first.places[0], [f for f in factors if f is not first])
        if column is not None and not rest:
            lines.append(_times(Transposed(first.array), column))
    return min(lines, key=lambda line: line.count(Transposed), default=None)


def _between(factors: Sequence[_Factor], free: Sequence[Idx]) -> Expr | None:
    """The product of matrices from the first index to the second, or of a column and a row."""
    column, rest = _column(free[0], factors, until=free[1])
    if column is None or not rest:
        return column
    other, rest = _column(free[1], rest)
    return None if other is None or rest else _times(column, *_turned(other))


def _column(
    place: Idx, factors: Sequence[_Factor], until: Idx | None = None
) -> tuple[Expr | None, list[_Factor]]:
    """What is read on from an index to a vector or to the index `until`, and what is left."""
    rest = list(factors)
    found: list[Expr] = []
    at: Idx | None = place
    while at is not None and (at != until or not found):
        following = next((f for f in rest if at in f.places), None)
        if following is None or following.places.count(at) > 1:
            return None, rest
        rest = [f for f in rest if f is not following]
        found.append(following.facing(at))
        at = following.beyond(at)
    return _times(*found), rest


def _turned(column: Expr) -> list[Expr]:
    """The factors of a transposed product, the last one first."""
    if isinstance(column, MatrixProduct):
        one, other = column.args
        return [*_turned(other), *_turned(one)]
    return [Transposed(column)]


def _times(*factors: Expr) -> Expr:
    first, *rest = factors
    for factor in rest:
        first = MatrixProduct(first, factor)
    return first
