"""Sums as a reader would write them: Σ (a - b)·x for Σ a·x - Σ b·x, and Σ [a - b] for -Σ [b - a].

Sums with other factors before them stay apart: the three terms of a normalisation are three.
"""

from collections.abc import Callable, Sequence

from sympy import Add, Expr, Idx, Mul, Sum

from symnn.binding import bound_indices, fresh_index, rebound, size_of
from symnn.cases import Piecewise
from symnn.contraction import summed
from symnn.folding import Claim, is_upside_down
from symnn.reductions import BINDERS


def joined(expression: Expr, tidy: Callable[[Expr], Expr]) -> Expr:
    """The expression with those sums joined of which `tidy` makes a product.

    >>> from sympy import IndexedBase
    >>> from symnn.binding import canonical, index, total
    >>> a, x, n = IndexedBase("a"), IndexedBase("x"), index("n", 5)
    >>> canonical(joined(total(a[n] * x[n], n) - total(x[n], n), lambda e: e.factor()))
    Sum((a[_1_0] - 1)*x[_1_0], (_1_0, 0, 4))
    """
    if not expression.has(Sum):
        return expression
    arguments = [joined(a, tidy) for a in expression.args]
    if isinstance(expression, BINDERS):
        return rebound(expression, arguments[0], bound_indices(expression))
    if isinstance(expression, Piecewise):
        return Piecewise(*arguments, evaluate=False)
    if not isinstance(expression, Add):
        return expression.func(*arguments)
    done: list[Expr] = []
    for term in arguments:
        pairs = ((k, _in_one(before, term, tidy)) for k, before in enumerate(done))
        k, both = next((pair for pair in pairs if pair[1] is not None), (len(done), term))
        done[k : k + 1] = [both]
    return Add(*done)


def with_upright_sums(expression: Expr, goes_second: Claim) -> Expr:
    """The expression with no minus before a sum of a difference that reads better turned."""
    return Add(*(_upright(term, goes_second) for term in Add.make_args(expression)))


def _upright(term: Expr, goes_second: Claim) -> Expr:
    before, one = _parted(term)
    if one is None or not before.could_extract_minus_sign():
        return term
    if not is_upside_down(one.function, goes_second):
        return term
    return -before * rebound(one, -one.function, bound_indices(one))


def _in_one(one: Expr, other: Expr, tidy: Callable[[Expr], Expr]) -> Expr | None:
    """Two terms as one sum of a product; None if they are no such sums."""
    # What is added comes first, so that it is a - b and no minus before b - a.
    parts = sorted((_parted(one), _parted(other)), key=lambda p: p[0].could_extract_minus_sign())
    (before, first), (factor, second) = parts
    if first is None or second is None or not (factor / before).is_Rational:
        return None
    shared = _shared(bound_indices(first), bound_indices(second))
    over = [fresh_index(i) for i, _ in shared]
    if not over:
        return None
    added, further = (
        summed(s.function, [i for i in bound_indices(s) if i not in own]).xreplace(
            dict(zip(own, over, strict=True))
        )
        for s, own in zip((first, second), zip(*shared, strict=True), strict=True)
    )
    both = tidy(added + factor / before * further)
    return None if isinstance(both, Add) else before * summed(both, over)


def _shared(ones: Sequence[Idx], others: Sequence[Idx]) -> list[tuple[Idx, Idx]]:
    """The indices of two sums that take the same values, in pairs: the outermost first."""
    left, pairs = [*reversed(others)], []
    for i in reversed(ones):
        like = next((j for j in left if size_of(j) == size_of(i)), None)
        if like is not None:
            left.remove(like)
            pairs.append((i, like))
    return pairs[::-1]


def _parted(term: Expr) -> tuple[Expr, Sum | None]:
    """What stands before the one sum in a product, and the sum; none if there are more or none."""
    sums = [f for f in Mul.make_args(term) if isinstance(f, Sum)]
    return (term / sums[0], sums[0]) if len(sums) == 1 else (term, None)
