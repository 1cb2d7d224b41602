"""Without samples, vectors as columns: `xᵀ A x` and `x yᵀ` for sums and products of entries."""

from collections.abc import Iterator, Sequence

from sympy import Add, Expr, Idx, Indexed, Mul, Pow, Sum, Symbol

from symnn.array_nodes import MatrixProduct, Transposed
from symnn.binding import bound_indices, size_of
from symnn.equations import SAMPLES, Equation, entry_indices, entry_name
from symnn.rendering.one_sample import matrix_of_one_sample

_Entry = tuple[str, Sequence[Expr]]


def product_of_columns(e: Equation) -> Expr | None:
    """The right side in matrices, where it is an outer product or a number; None elsewhere."""
    if any(size_of(i) == SAMPLES for i in (*e.indices, *e.expression.atoms(Idx))):
        return None
    if e.indices:
        return matrix_of_one_sample(e)
    terms = [_number(term) for term in Add.make_args(e.expression)]
    found = [term for term in terms if term is not None]
    return Add(*found) if len(found) == len(terms) and e.expression.has(Sum) else None


def _number(term: Expr) -> Expr | None:
    """A term without an axis as a product of columns and matrices: 2 xᵀ A y."""
    if not term.has(Idx):
        return term
    bound, factors = list(_bound_in(term)), list(_factors(term))
    entries = [f for f in factors if f.has(Idx)]
    if not all(isinstance(f, Indexed) for f in entries) or len(set(bound)) < len(bound):
        return None
    whole = _in_line([(entry_name(f), entry_indices(f)) for f in entries], set(bound))
    return whole and Mul(*(f for f in factors if f not in entries), whole)


def _bound_in(term: Expr) -> Iterator[Idx]:
    for factor in Mul.make_args(term):
        if isinstance(factor, Sum):
            yield from bound_indices(factor)
            yield from _bound_in(factor.function)


def _factors(term: Expr) -> Iterator[Expr]:
    """The factors of a term and of the sums in it, a square as two."""
    for factor in Mul.make_args(term):
        if isinstance(factor, Sum):
            yield from _factors(factor.function)
        elif isinstance(factor, Pow) and factor.exp == 2:
            yield from (factor.base, factor.base)
        else:
            yield factor


def _in_line(entries: Sequence[_Entry], bound: set[Idx]) -> Expr | None:
    """The product from one vector to the other, each index between two neighbours."""
    places = [p for _, indices in entries for p in indices]
    in_pairs = set(places) == bound and all(places.count(i) == 2 for i in bound)
    vectors = [k for k, (_, indices) in enumerate(entries) if len(indices) == 1]
    if not in_pairs or len(vectors) != 2:
        return None
    lines = [_from(entries[k], [*entries[:k], *entries[k + 1 :]]) for k in vectors]
    found = [line for line in lines if line is not None]
    return min(found, key=lambda line: line.count(Transposed), default=None)


def _from(vector: _Entry, rest: list[_Entry]) -> Expr | None:
    """The product that begins with this vector and has each of the rest once."""
    name, (at,) = vector
    line = Transposed(Symbol(name, real=True))
    while rest:
        # The other vector ends the line.
        reached = [e for e in rest if at in e[1] and (len(e[1]) == 2 or len(rest) == 1)]
        if not reached or len(reached[0][1]) > 2:
            return None
        rest.remove(reached[0])
        name, indices = reached[0]
        array = Symbol(name, real=True)
        is_turned = len(indices) == 2 and indices[1] == at
        line = MatrixProduct(line, Transposed(array) if is_turned else array)
        at = next((i for i in indices if i != at), at)
    return line
