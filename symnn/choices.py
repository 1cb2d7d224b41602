"""What a choice is to a reader: an indicator, the greater of two values, or cases.

A printer asks here before it writes; nothing here changes what an expression means.
"""

from sympy import Add, And, Basic, Expr, Gt, Lt, Not, Or

from symnn.cases import Piecewise, is_indicator


def is_choice(expr: Expr) -> bool:
    """Whether it is printed as a definition by cases."""
    if not isinstance(expr, Piecewise):
        return False
    expr = flattened(expr)
    parts = (indicated(expr), times_indicator(expr), greater_or_less(expr))
    return all(part is None for part in parts)


def times_indicator(expr: Piecewise) -> tuple[Expr, Piecewise] | None:
    """The number and the indicator that a choice between a number and 0 is the product of.

    >>> from sympy.abc import u
    >>> times_indicator(Piecewise((-1, u < 1), (0, True)))
    (-1, Piecewise((1, u < 1), (0, True)))
    """
    if len(expr.args) != 2 or expr.args[1][1] != True:  # noqa: E712
        return None
    (one, holds), (other, _) = expr.args
    number = one if other == 0 else other
    if 0 not in (one, other) or not number.is_number or not number.is_finite or number in (0, 1):
        return None
    ones = (one / number, holds), (other / number, True)
    return number, Piecewise(*ones, evaluate=False)


def indicated(expr: Piecewise) -> Basic | None:
    """The condition where it is 1, if it is 0 elsewhere; None for another choice.

    >>> from sympy.abc import u
    >>> indicated(Piecewise((0, u > 1), (1, True)))
    u <= 1
    """
    value, holds = expr.args[0]
    if is_indicator(expr):
        return holds
    return _negated(holds) if value == 0 and tuple(expr.args[1:]) == ((1, True),) else None


def _negated(holds: Basic) -> Basic:
    parts = map(_negated, holds.args)
    if isinstance(holds, Or):
        return And(*parts, evaluate=False)
    return Or(*parts, evaluate=False) if isinstance(holds, And) else Not(holds)


def flattened(expr: Piecewise) -> Piecewise:
    """A choice within a choice as one, where both have the same value otherwise.

    >>> from sympy.abc import u
    >>> flattened(Piecewise((Piecewise((u, u < 1), (0, True)), u > 0), (0, True), evaluate=False))
    Piecewise((u, (u > 0) & (u < 1)), (0, True))
    """
    (value, holds), *rest = expr.args
    if len(rest) != 1 or not isinstance(value, Piecewise):
        return expr
    inner = flattened(value)
    if len(inner.args) != 2 or inner.args[1] != rest[0]:
        return expr
    (value, both), last = inner.args
    return Piecewise((value, And(holds, both, evaluate=False)), last, evaluate=False)


def greater_or_less(expr: Piecewise) -> tuple[str, tuple[Expr, Expr]] | None:
    """Of the greater or the less of two values, the word for it and both; None for another choice.

    A number stands first, as in max(0, u). Slopes of one line, u and u/100, are cases.

    >>> from sympy.abc import u
    >>> greater_or_less(Piecewise((u, u > 0), (0, True)))
    ('max', (0, u))
    """
    (one, holds), *rest = expr.args
    if len(rest) != 1 or not isinstance(holds, Gt | Lt):
        return None
    other = rest[0][0]
    if other != 0 and (one / other).is_number:
        return None
    ratio = _ratio(_least(one, other) - other, holds.lhs - holds.rhs)
    if ratio is None:
        return None
    word = "max" if isinstance(holds, Gt) == (ratio > 0) else "min"
    return word, (other, one) if other.is_number else (one, other)


def _least(value: Expr, other: Expr) -> Expr:
    """Of the less of a number and another value, that value, where the number is no less itself."""
    two = greater_or_less(value) if isinstance(value, Piecewise) else None
    if two is None:
        return value
    word, (bound, inner) = two
    if word == "max" or not (bound.is_number and other.is_number and bound >= other):
        return value
    return inner


def _ratio(one: Expr, other: Expr) -> Expr | None:
    """The number that one is times the other, if there is such a number."""
    one, other = one.expand(), other.expand()
    first = Add.make_args(one)[0]
    for term in Add.make_args(other):
        found = first / term
        if found.is_number and found.is_real and (one - found * other).expand() == 0:
            return found
    return None
