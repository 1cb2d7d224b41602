"""What holds of every index: a comparison that is true wherever its indices may stand.

Where a derivative turns x[h - 1] round, conditions such as 0 ≤ h + 1 are left over. They hold for
every h, and a reader need not see them.
"""

from sympy import Eq, Expr, Ge, Idx, Le, false, true
from sympy.core.relational import Relational

from symnn.cases import Piecewise


def least(expression: Expr) -> Expr | None:
    """The least value of an expression that is linear in its indices; None for another.

    >>> from symnn.equations import index
    >>> least(2 - index("i", 5))
    -2
    """
    found = expression
    for i in expression.atoms(Idx):
        slope = expression.coeff(i)
        if not slope.is_Integer or (expression - slope * i).has(i):
            return None
        found = found.xreplace({i: i.lower if slope > 0 else i.upper})
    return found.expand()


def always_holds(condition: Expr) -> bool:
    """Whether a comparison by ≤ or ≥ holds for all values of its indices.

    >>> from symnn.equations import index
    >>> always_holds(index("i", 5) <= 4), always_holds(index("i", 5) <= 3)
    (True, False)
    """
    # SymPy itself may have found that it holds.
    if not isinstance(condition, Ge | Le):
        return bool(condition == true)
    lowest = least((condition.gts - condition.lts).expand())
    return lowest is not None and bool(lowest.is_nonnegative)


def never_holds(condition: Expr) -> bool:
    """Whether a comparison by =, ≤ or ≥ holds for no values of its indices.

    >>> from symnn.equations import index
    >>> never_holds(Eq(index("i", 5) + 1, 0)), never_holds(Eq(index("i", 5), 4))
    (True, False)
    """
    if isinstance(condition, Ge | Le):
        return _is_positive(condition.lts - condition.gts)
    if isinstance(condition, Eq):
        difference = condition.lhs - condition.rhs
        return _is_positive(difference) or _is_positive(-difference)
    return False


def _is_positive(difference: Expr) -> bool:
    lowest = least(difference.expand())
    return lowest is not None and bool(lowest.is_positive)


def without_certainties(expression: Expr) -> Expr:
    """The expression without the conditions that hold for all values of the indices, or none."""
    if not expression.has(Piecewise):
        return expression
    conditions = {c for p in expression.atoms(Piecewise) for c in p.atoms(Relational)}
    settled = {c: true for c in conditions if always_holds(c)}
    return expression.xreplace(settled | {c: false for c in conditions if never_holds(c)})
