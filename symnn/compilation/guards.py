"""Products by a condition, as choices, where the rest need not be a number.

A derivative is read where it is asked for: from `a[i+1]/(i+1)` comes `[p ≥ 1]·dL_dh[p-1]/p`, which
is 0 at p = 0, while what is computed there is 0·∞. Only a choice leaves out what it does not take.
"""

from sympy import (
    And,
    Expr,
    Idx,
    Indexed,
    Mul,
    Pow,
    S,
    Sum,
    acos,
    acosh,
    asin,
    atanh,
    log,
)

from symnn.cases import Piecewise, is_indicator
from symnn.extents import Clipped
from symnn.stability.parts import rebuilt

# They have no value at some numbers, as what is divided by, or a root, has.
_PARTIAL = (log, asin, acos, acosh, atanh, type(S.NegativeInfinity))


def guarded(expression: Expr) -> Expr:
    """The expression, whose places are marked, with such products as choices.

    >>> from sympy import IndexedBase
    >>> from symnn.binding import index
    >>> a, p = IndexedBase("a"), index("p", 4)
    >>> guarded(a[p] * Piecewise((1, p >= 1), (0, True)) / p)
    Piecewise((1/p, p >= 1), (0, True))*a[p]
    """
    if isinstance(expression, Indexed) or not expression.has(Piecewise):
        return expression
    if isinstance(expression, Sum):
        return expression.func(guarded(expression.function), *expression.limits)
    whole = rebuilt(expression, map(guarded, expression.args))
    return _chosen(whole) if isinstance(whole, Mul) else whole


def _chosen(product: Mul) -> Expr:
    conditions = [f for f in product.args if is_indicator(f)]
    partial = [f for f in product.args if f not in conditions and _is_partial(f)]
    if not conditions or not partial:
        return product
    rest = (f for f in product.args if f not in conditions and f not in partial)
    holds = And(*(f.args[0][1] for f in conditions))
    return Mul(Piecewise((Mul(*partial), holds), (0, True), evaluate=False), *rest)


def _is_partial(expression: Expr) -> bool:
    """Whether a part of it may be no number where an index is not what it stands for."""
    if isinstance(expression, Indexed):
        return False
    is_power = isinstance(expression, Pow) and not (
        expression.exp.is_Integer and expression.exp > 0
    )
    if (is_power or isinstance(expression, _PARTIAL)) and _has_places(expression):
        return True
    return any(map(_is_partial, _parts(expression)))


def _has_places(expression: Expr) -> bool:
    """Whether it holds an index as a number, or reads where an array may have ended."""
    if isinstance(expression, Indexed):
        return expression.has(Clipped)
    return isinstance(expression, Idx) or any(map(_has_places, _parts(expression)))


def _parts(expression: Expr) -> tuple[Expr, ...]:
    """What it is made of, without what a sum runs over."""
    is_sum = isinstance(expression, Sum)
    return (expression.function,) if is_sum else expression.args
