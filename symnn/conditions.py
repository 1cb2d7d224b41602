"""Conditions on whole numbers as a reader writes them: `1 ≤ i - k + 1 ≤ T - 4`, `t < T`, `u ≤ t`.

SymPy keeps `0 <= i - k` and `i - k <= T - 5` in whatever form it finds. Here they become chains of
expressions and signs; each says the same as what it was made from.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sympy import Add, And, Eq, Expr, Ge, Gt, Idx, Indexed, Integer, Le, Lt, Ne
from sympy.core.relational import Relational

Chain = tuple[Expr | str, ...]
Claim = Callable[[Expr], bool]

_FLIPPED = {"<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class _Bound:
    """`index sign bound`, all of it whole numbers; the sign is one of <=, >=, == and !=."""

    index: Expr
    sign: str
    bound: Expr

    def flipped(self) -> "_Bound":
        """The same with both sides negative."""
        return _Bound(-self.index, _FLIPPED[self.sign], -self.bound)


def chains(condition: Expr, is_whole: Claim) -> list[Chain]:
    """The comparisons of a condition, each as expressions with a sign between each two.

    `is_whole` tells of an entry whether it is a whole number.

    >>> from sympy import And, Symbol
    >>> from symnn.equations import index
    >>> i, k, T = index("i", 9), index("k", 3), Symbol("T", integer=True)
    >>> chains(And(i - k >= 0, i - k <= T - 5), lambda entry: False)
    [(1, '<=', i - k + 1, '<=', T - 4)]
    """
    parts = condition.args if isinstance(condition, And) else [condition]
    found = [_bound(p, is_whole) if isinstance(p, Relational) else None for p in parts]
    bounds = [b for b in found if b is not None]
    others = [p for p, b in zip(parts, found, strict=True) if b is None]
    return [*_of_bounds(bounds), *_with_both_ends([_as_it_is(p) for p in sorted(others, key=str)])]


def _with_both_ends(found: list[Chain]) -> list[Chain]:
    """A value that is above one number and below another between the two: -1 < u < 1."""
    if len(found) != 2 or found[0][0] != found[1][0]:
        return found
    one, other = found
    if one[1] in ("<", "<="):
        one, other = other, one
    if one[1] not in (">", ">=") or other[1] not in ("<", "<="):
        return found
    return [(one[2], one[1].replace(">", "<"), *other)]


def _as_it_is(part: Expr) -> Chain:
    if not isinstance(part, Relational):
        return (part,)
    if part.rhs == 0 and isinstance(part.lhs, Add):
        part = _with_sides(part)
    return part.lhs, part.rel_op, part.rhs


def _with_sides(part: Relational) -> Relational:
    """A difference compared with 0 as two sides, a number on the right: w > y for w - y > 0."""
    constant, terms = part.lhs.as_coeff_add()
    less = [t for t in terms if t.could_extract_minus_sign()]
    more = [t for t in terms if t not in less]
    if not more:
        return part.func(constant, Add(*(-t for t in less)), evaluate=False).reversed
    if not less:
        return part.func(Add(*more), -constant, evaluate=False)
    side = constant if constant > 0 else 0
    return part.func(Add(side, *more), Add(side - constant, *(-t for t in less)), evaluate=False)


def _bound(part: Relational, is_whole: Claim) -> _Bound | None:
    """The comparison with its indices on the left, where it compares whole numbers."""
    difference = (part.lhs - part.rhs).expand()
    terms = Add.make_args(difference)
    if not all(_is_whole_term(t, is_whole) for t in terms):
        return None
    indices = Add(*(t for t in terms if t.has(Idx)))
    rest = Add(*(t for t in terms if not t.has(Idx)))
    if indices == 0:
        return None
    sign, more = _SIGNS[type(part)]
    bound = _Bound(indices, sign, -rest + more)
    return bound.flipped() if _leads_with_minus(indices) else bound


# A strict comparison of whole numbers is one that is not, with the next number.
_SIGNS = {Le: ("<=", 0), Ge: (">=", 0), Lt: ("<=", -1), Gt: (">=", 1), Eq: ("==", 0), Ne: ("!=", 0)}


def _is_whole_term(term: Expr, is_whole: Claim) -> bool:
    coefficient, rest = term.as_coeff_Mul()
    if not coefficient.is_Integer:
        return False
    if isinstance(rest, Indexed):
        return is_whole(rest)
    return bool(rest.is_integer)


def _leads_with_minus(indices: Expr) -> bool:
    """Whether more is subtracted than added, or as much and the first by name is."""
    signs = [
        -1 if t.could_extract_minus_sign() else 1
        for t in sorted(Add.make_args(indices), key=lambda t: str(_unsigned(t)))
    ]
    return sum(signs) < 0 or (sum(signs) == 0 and signs[0] < 0)


def _unsigned(term: Expr) -> Expr:
    """The term without its sign."""
    return -term if term.could_extract_minus_sign() else term


def _of_bounds(bounds: Sequence[_Bound]) -> Iterator[Chain]:
    """The bounds of one index together, where it is between two."""
    by_index: dict[Expr, dict[str, list[Expr]]] = {}
    for b in sorted(bounds, key=lambda b: str((b.index, b.sign, b.bound))):
        by_index.setdefault(b.index, {}).setdefault(b.sign, []).append(b.bound)
    for index, signs in by_index.items():
        lows, highs = signs.pop(">=", []), signs.pop("<=", [])
        while lows and highs:
            low, high = lows.pop(0), highs.pop(0)
            is_one = low == high
            yield _one(_Bound(index, "==", low)) if is_one else _between(index, low, high)
        for sign, found in {">=": lows, "<=": highs, **signs}.items():
            for bound in found:
                yield _one(_Bound(index, sign, bound))


def _between(index: Expr, low: Expr, high: Expr) -> Chain:
    """`1 ≤ i - k + 1 ≤ …`: several indices are a place, from 1 on; `2 ≤ i ≤ 4` stays of one."""
    if not index.is_Add:
        return (low, "<=", index, "<=", high)
    if high.is_Integer and not low.is_Integer:
        index, low, high = -index, -high, -low
    shift = 1 - low if low.is_Integer else Integer(0)
    return (low + shift, "<=", index + shift, "<=", high + shift)


def _one(b: _Bound) -> Chain:
    """One comparison, with no minus before an index where the other side can take it."""
    subtracted = [t for t in Add.make_args(b.index) if t.could_extract_minus_sign()]
    left, right = b.index - Add(*subtracted), b.bound - Add(*subtracted)
    below, above = right - 1, right + 1
    if b.sign == "<=" and right.is_Add and not above.as_coeff_Add()[0]:
        return (left, "<", above)
    if b.sign == ">=" and subtracted and right.is_Add and not below.as_coeff_Add()[0]:
        return (left, ">", below)
    return (left, b.sign, right)
