"""Values by cases: SymPy's `Piecewise`, whose conditions keep their sums and choices as written.

SymPy itself takes a choice out of a condition, and out of any sum in it: `Σᵢ {wᵢ if i ≤ n; 0} > 0`
becomes `if i ≤ n then Σᵢ wᵢ > 0`, in which i is bound no longer.
"""

from typing import TypeAlias

import sympy
from sympy import Basic, Expr, Tuple, false, true
from sympy.core.sympify import _sympify
from sympy.functions.elementary.piecewise import ExprCondPair

from symnn.reductions import BINDERS

Case: TypeAlias = ExprCondPair | tuple[Expr | float, Basic | bool]


class Piecewise(sympy.Piecewise):
    """The value of the first case whose condition holds.

    >>> from sympy import Symbol
    >>> u = Symbol("u", real=True)
    >>> Piecewise((u, u > 0), (0, True))
    Piecewise((u, u > 0), (0, True))
    """

    def __new__(cls, *cases: Case, evaluate: bool = True) -> Expr:
        """The choice between these cases, pairs of a value and its condition."""
        pairs = [pair for pair in map(_pair, cases) if pair.cond is not false]
        if evaluate and not any(_is_kept(pair.cond) for pair in pairs):
            found = sympy.Piecewise(*pairs)
            if not isinstance(found, sympy.Piecewise):
                return found
            pairs = [_pair(pair) for pair in found.args]
        settled = next((k for k, pair in enumerate(pairs) if pair.cond is true), len(pairs))
        pairs = pairs[: settled + 1]
        node: Expr = pairs[0].expr if pairs[0].cond is true else Basic.__new__(cls, *pairs)
        return node


def is_indicator(expr: Basic) -> bool:
    """Whether it is 1 where a condition holds, and else 0."""
    is_choice = isinstance(expr, sympy.Piecewise) and len(expr.args) == 2
    return bool(is_choice and expr.args[0][0] == 1 and expr.args[1] == (0, True))


def _is_kept(holds: Basic | bool) -> bool:
    return isinstance(holds, Basic) and holds.has(sympy.Piecewise, *BINDERS)


def _pair(case: Case) -> "_Pair":
    return _Pair(*getattr(case, "args", case))


class _Pair(ExprCondPair):
    """A value and its condition; one that holds a sum or a choice is kept as it is written."""

    def __new__(cls, value: Expr | float, holds: Basic | bool) -> "_Pair":
        """The pair of `value` and the condition `holds`."""
        parts = (_sympify(value), holds) if _is_kept(holds) else ExprCondPair(value, holds).args
        pair: _Pair = Tuple.__new__(cls, *parts)
        return pair
