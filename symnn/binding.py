"""Indices, and the sums and other reductions that bind them.

An index runs from 0 and carries the size of its axis. A name that is bound twice, or bound and free
at once, is captured by substitution: what renames bound indices is here, and nowhere else.
"""

from collections.abc import Callable, Sequence
from functools import cache

from sympy import Dummy, Expr, Idx, Integer, Sum, Symbol, Tuple
from sympy.core.sympify import _sympify

from symnn.cases import Piecewise
from symnn.reductions import BINDERS, Binder


@cache
def index(letter: str, size: Expr | int) -> Idx:
    """An index that runs from 0 to `size - 1`."""
    return Idx(Symbol(letter, integer=True), size)


def fresh_index(like: Idx) -> Idx:
    """An index of the same size and letter that equals no other."""
    return Idx(Dummy(str(like.label), integer=True), size_of(like))


def size_of(idx: Idx) -> Expr:
    """How many values an index takes."""
    return idx.upper - idx.lower + 1


class Total(Sum):
    """SymPy's `Sum`, kept as it is written.

    SymPy's own constructor moves what stands beside a `Piecewise` into it, and merges a sum with
    one inside; both hide what a reader, and `folding`, look for.
    """

    def __new__(cls, function: Expr, *limits: Tuple) -> "Total":
        """The sum of `function` over the indices in `limits`."""
        # SymPy itself passes a plain 1 at times; _sympify refuses text.
        node: Total = Expr.__new__(cls, _sympify(function), *limits)
        node.is_commutative = True
        return node


def total(expression: Expr, *indices: Idx) -> Expr:
    """The sum over these indices, the innermost first; over none, the expression itself."""
    if not indices:
        return expression
    return Total(expression, *(Tuple(i, i.lower, i.upper) for i in indices))


def bound_indices(node: Binder) -> tuple[Idx, ...]:
    """The indices that a sum, or another reduction, binds."""
    return tuple(limit[0] for limit in node.limits)


def free_indices(expression: Expr) -> set[Idx]:
    """The indices that nothing in the expression binds."""
    return {i for i in expression.free_symbols if isinstance(i, Idx)}


def freshen(expression: Expr) -> Expr:
    """The same expression with every bound index renamed to one that is nowhere else."""
    return rename_bound(expression, lambda node: tuple(map(fresh_index, bound_indices(node))))


def canonical(expression: Expr) -> Expr:
    """The same expression with bound indices named by the height of their sum.

    Two expressions that differ in the names of bound indices alone become equal. No name is
    captured: a sum stands higher than all within it, no free index begins with `_`, and a name of
    another height, as of a sum into which one has been put since, is made new first.
    """
    is_stale = any(map(_has_name_of_another_height, expression.atoms(*BINDERS)))
    return rename_bound(freshen(expression) if is_stale else expression, _names_by_height)


def _has_name_of_another_height(node: Binder) -> bool:
    bound = bound_indices(node)
    is_named = any(str(i.label).startswith("_") and not isinstance(i.label, Dummy) for i in bound)
    return is_named and bound != _names_by_height(node)


def _names_by_height(node: Binder) -> tuple[Idx, ...]:
    height = sum_height(node.function) + 1
    bound = bound_indices(node)
    return tuple(index(f"_{height}_{p}", size_of(i)) for p, i in enumerate(bound))


def sum_height(expression: Expr) -> int:
    """How deep sums and other reductions are nested in an expression."""
    below = max((sum_height(a) for a in expression.args), default=0)
    return below + isinstance(expression, BINDERS)


def rename_bound(expression: Expr, names: Callable[[Binder], tuple[Idx, ...]]) -> Expr:
    """The same expression with new names for all bound indices, inner sums first."""
    if not expression.has(*BINDERS):
        return expression
    arguments = [rename_bound(a, names) for a in expression.args]
    if isinstance(expression, Piecewise):
        # Not evaluated: SymPy asks at length which conditions imply which, and nothing changed.
        return Piecewise(*arguments, evaluate=False)
    if not isinstance(expression, BINDERS):
        return expression.func(*arguments)
    if isinstance(expression, Sum) and arguments[0] == 0:
        # In the same letters two sums may be one: Σ (1 - a/a) is 0.
        return Integer(0)
    inner = rebound(expression, arguments[0], bound_indices(expression))
    new = names(inner)
    body = inner.function.xreplace(dict(zip(bound_indices(inner), new, strict=True)))
    return rebound(inner, body, new)


def rebound(node: Binder, body: Expr, indices: Sequence[Idx]) -> Binder:
    """A sum or another reduction like `node`, of another body, over other indices."""
    limits = (Tuple(i, i.lower, i.upper) for i in indices)
    return (Total if isinstance(node, Sum) else node.func)(body, *limits)
