"""Where a softmax stands in an expression: exp(v[k]) over the sum of exp(v[m]).

It is only recognised here, so that it can be computed shifted, without an overflow; what it is for
print and for the calculus is the ratio that it is.
"""

from itertools import permutations

from sympy import Expr, Idx, Mul, Pow, Sum, exp

from symnn.binding import bound_indices, canonical, size_of, total
from symnn.reductions import BINDERS


def as_softmax(expression: Expr) -> tuple[Expr, tuple[Idx, ...], Expr] | None:
    """v[k], k and c of c · exp(v[k]) / Sum(exp(v[m]), m); k may be several.

    None where there is no such ratio in it.
    """
    if not isinstance(expression, Mul):
        return None
    tops = [f for f in expression.args if isinstance(f, exp)]
    below = [f for f in expression.args if isinstance(f, Pow) and f.exp == -1]
    for top, bottom in ((top, bottom) for top in tops for bottom in below):
        over = _summed_in(bottom.base, top)
        if over:
            rest = Mul(*(f for f in expression.args if f not in (top, bottom)))
            return top.args[0], over, rest
    return None


def softmax_over(node: Expr) -> Idx | None:
    """The index over which it is exp(v[k])/Σ exp(v), and nothing else; None where it is not."""
    found = as_softmax(node)
    return found[1][0] if found and len(found[1]) == 1 and found[2] == 1 else None


def _summed_in(node: Expr, term: Expr) -> tuple[Idx, ...]:
    """The indices of the term over which it is summed, where the node is that sum of it."""
    if not isinstance(node, Sum):
        return ()
    bound = bound_indices(node)
    inner = {i for part in term.atoms(*BINDERS) for i in bound_indices(part)}
    for over in permutations(sorted(term.atoms(Idx) - inner, key=str), len(bound)):
        if tuple(map(size_of, over)) != tuple(map(size_of, bound)):
            continue
        renamed = term.xreplace(dict(zip(over, bound, strict=True)))
        if canonical(total(renamed, *bound)) == canonical(node):
            return tuple(reversed(over))
    return ()
