"""The exact calculus of indexed expressions.

What is differentiated is any expression in entries `q[i,j]`, sums over indices, and functions; the
derivative is by one entry `q[p,r]` with indices of its own. Three facts carry it all:

- an entry's derivative by another of the same quantity is δ(i,p)·δ(j,r), and by any other is 0;
- sums, products and functions differentiate as SymPy's `diff` says, with each sum and each entry
  taken as one variable: so no rule of a function is written here;
- a sum over an index that stands in a δ takes the one term where the δ is 1, and a sum over an
  index that does not occur multiplies by its size (`contraction`).

Beside the sum, the greatest (or least) of many values has the derivative of the one that it is, the
first where several are; and a product that of each factor times the product of the others.

Sizes need no numbers. No bound index is ever captured: each is renamed on the way in.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import (
    Add,
    Dummy,
    Eq,
    Expr,
    Function,
    Idx,
    Lambda,
    Symbol,
)

from symnn.binding import bound_indices, fresh_index, freshen
from symnn.cases import Piecewise
from symnn.contraction import contract
from symnn.equations import Prime, entries, entry_indices, entry_name, slope
from symnn.reductions import BINDERS, ArgMax, ArgMin, Binder, Extremum, Product, reduced


@dataclass(frozen=True)
class Contribution:
    """A place where a quantity occurs: its indices there, and the derivative by that occurrence.

    The derivative is `slope`, to be summed over the `bound` indices.
    """

    indices: tuple[Expr, ...]
    slope: Expr
    bound: tuple[Idx, ...] = ()


def derivative(expression: Expr, entry: Expr) -> Expr:
    """The derivative of an expression by one entry.

    >>> from sympy import IndexedBase, Sum
    >>> from symnn.equations import index
    >>> w, x = IndexedBase("w", real=True), IndexedBase("x", real=True)
    >>> i, p = index("i", 3), index("p", 3)
    >>> derivative(Sum(w[i] * x[i], i), w[p])
    x[p]
    """
    return Add(
        *(
            contract(c.slope, c.bound, c.indices, entry_indices(entry))
            for c in contributions(freshen(expression), entry_name(entry))
        )
    )


def contributions(expression: Expr, name: str) -> Iterator[Contribution]:
    """Every place where the quantity called `name` occurs, with the derivative by it.

    The outermost sums that hold the quantity, and its entries outside of them, are the variables;
    SymPy differentiates by each, and a sum's own variables are found in turn.
    """
    variables = list(outermost(expression, name))
    names = {v: Dummy(f"v{k}", real=True) for k, v in enumerate(variables)}
    opened = expression.xreplace(names)
    back = {dummy: v for v, dummy in names.items()}
    for variable, dummy in names.items():
        slope = slope_of(opened, dummy).xreplace(back)
        if not isinstance(variable, BINDERS):
            yield Contribution(entry_indices(variable), slope)
            continue
        for inner in _within(freshen(variable), name):
            yield Contribution(inner.indices, slope * inner.slope, inner.bound)


def _within(node: Binder, name: str) -> Iterator[Contribution]:
    """The places of a quantity within a sum or another reduction, with the derivative of that."""
    for inner in contributions(node.function, name):
        if isinstance(node, Extremum):
            at = {node.index: node.place}
            indices = tuple(i.xreplace(at) for i in inner.indices)
            yield Contribution(indices, inner.slope.xreplace(at), inner.bound)
            continue
        slope = inner.slope * (_others(node) if isinstance(node, Product) else 1)
        yield Contribution(inner.indices, slope, bound_indices(node) + inner.bound)


def _others(node: Product) -> Expr:
    """The product of all factors but the one at the index of `node`."""
    other = fresh_index(node.index)
    factor = node.function.xreplace({node.index: other})
    is_own = Eq(other, node.index, evaluate=False)
    rest = Piecewise((1, is_own), (factor, True), evaluate=False)
    return reduced(Product, rest, other)


def slope_of(expression: Expr, variable: Dummy) -> Expr:
    """The derivative by a variable; of a function of that variable alone, f′ with its name."""
    if isinstance(expression, Function) and expression.args == (variable,):
        u = Symbol("u", real=True)
        return Prime(Lambda(u, expression.func(u)), variable)
    return slope(expression, variable)


def outermost(expression: Expr, name: str) -> Iterator[Expr]:
    """The outermost sums that hold a quantity, and its entries outside of any sum, each once."""
    # Where an entry stands, and which is the greatest, do not change with the values.
    fixed = {p: Dummy(integer=True) for p in expression.atoms(ArgMax, ArgMin)}
    shown = {dummy: place for place, dummy in fixed.items()}
    expression = expression.xreplace(fixed)
    sums = [s for s in top_sums(expression) if entries(s, name)]
    rest = expression.xreplace({s: Dummy() for s in top_sums(expression)})
    yield from (e.xreplace(shown) for e in (*sums, *entries(rest, name)))


def top_sums(expression: Expr) -> list[Binder]:
    """The sums and other reductions that stand in no other, each once, in a fixed order."""
    if isinstance(expression, BINDERS):
        return [expression]
    found = [s for a in expression.args for s in top_sums(a)]
    return list(dict.fromkeys(found))
