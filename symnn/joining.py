"""Sums over the same indices as one, where that brings a common factor out: Σ a·x - Σ b·x.

Sums with other factors before them stay apart: the three terms of a normalisation are three.
"""

from collections.abc import Callable

from sympy import Add, Expr, Mul, Sum

from symnn.binding import bound_indices, fresh_index, rebound, size_of
from symnn.cases import Piecewise
from symnn.contraction import summed
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


def _in_one(one: Expr, other: Expr, tidy: Callable[[Expr], Expr]) -> Expr | None:
    """Two terms as one sum of a product; None if they are no such sums."""
    # What is added comes first, so that it is a - b and no minus before b - a.
    parts = sorted((_parted(one), _parted(other)), key=lambda p: p[0].could_extract_minus_sign())
    (before, first), (factor, second) = parts
    if first is None or second is None or not (factor / before).is_Rational:
        return None
    over = tuple(map(fresh_index, bound_indices(first)))
    if [*map(size_of, over)] != [*map(size_of, bound_indices(second))]:
        return None
    added, further = (
        s.function.xreplace(dict(zip(bound_indices(s), over, strict=True))) for s in (first, second)
    )
    both = tidy(added + factor / before * further)
    return None if isinstance(both, Add) else before * summed(both, over)


def _parted(term: Expr) -> tuple[Expr, Sum | None]:
    """What stands before the one sum in a product, and the sum; none if there are more or none."""
    sums = [f for f in Mul.make_args(term) if isinstance(f, Sum)]
    return (term / sums[0], sums[0]) if len(sums) == 1 else (term, None)
