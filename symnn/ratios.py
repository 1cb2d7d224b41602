"""Roots and ratios of the forward pass by their names: s for √(…), and x̂ for c/s.

A derivative of s = √v is in powers of √v, and one of x̂ = c/s in c and powers of s. Both are written
in the names that the forward pass has already, where that is shorter. Every function returns an
expression that equals its argument by the equations that it is told.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from sympy import Expr, Idx, Indexed, Mul, Pow, Rational

from symnn.binding import bound_indices, canonical, size_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.extents import Shapes, stands_at
from symnn.reductions import BINDERS
from symnn.rewriting import within_sums

_HALF = Rational(1, 2)


def in_terms_of_ratios(expression: Expr, equations: Iterable[Equation], shapes: Shapes) -> Expr:
    """The expression with the names of roots and of ratios for what they are.

    `shapes` are those of the quantities, as for `in_terms_of_outputs`.
    """
    expression = canonical(expression)
    for e in equations:
        if isinstance(e.expression, Pow) and e.expression.exp == _HALF:
            expression = _with_root(expression, e)
        top = _top_of_ratio(e)
        if top is not None:
            expression = _with_ratio(expression, e, top, shapes)
    return expression


def _with_root(expression: Expr, equation: Equation) -> Expr:
    """The powers of √v as powers of the s that it defines."""
    for power in expression.atoms(Pow):
        if power.exp.is_Rational and power.exp.q == 2:
            for place in _fitting(power.base, equation):
                # Of one place twice, as the distance of yᵢ from yᵢ, there may be nothing left.
                root = canonical(equation.instance(*place))
                if isinstance(root, Pow) and root.base == canonical(power.base):
                    name = equation.quantity.at(*place)
                    expression = expression.xreplace({power: name ** (2 * power.exp)})
    return expression


def _fitting(base: Expr, equation: Equation) -> Iterator[tuple[Idx, ...]]:
    """The indices of an expression at which the left side may stand, axis by axis."""
    bound = {i for node in base.atoms(*BINDERS) for i in bound_indices(node)}
    free = sorted(base.atoms(Idx) - bound, key=str)
    yield from product(*([i for i in free if size_of(i) == size_of(j)] for j in equation.indices))


def _top_of_ratio(equation: Equation) -> Indexed | None:
    """The entry c of an equation x̂ = c/s, c at the indices of x̂; None for another equation."""
    factors = Mul.make_args(equation.expression)
    tops = [f for f in factors if not (isinstance(f, Pow) and f.exp.is_negative)]
    below = [f.base for f in factors if f not in tops]
    is_ratio = len(tops) == 1 and below and all(isinstance(b, Indexed) for b in below)
    if not is_ratio or entry_indices(tops[0]) != equation.indices:
        return None
    top: Indexed = tops[0]
    return top


def _with_ratio(expression: Expr, equation: Equation, top: Indexed, shapes: Shapes) -> Expr:
    """c as x̂·s, everywhere at once or at one place, wherever the whole is shorter so."""
    name = entry_name(top)
    entries = (e for e in all_entries(expression) if entry_name(e) == name)
    read = dict.fromkeys(e for e in entries if stands_at(equation, entry_indices(e), shapes))
    renamed = {}
    for entry in read:
        place = entry_indices(entry)
        below = entry / equation.instance(*place)
        renamed[entry] = equation.quantity.at(*place) * below
    for chosen in (renamed, *({k: v} for k, v in renamed.items())):
        form = canonical(within_sums(expression.xreplace(chosen), lambda e: e))
        if form.count_ops() < expression.count_ops():
            expression = form
    return expression
