"""The exact calculus of indexed expressions.

What is differentiated is any expression in entries `q[i,j]`, sums over indices, and functions; the
derivative is by one entry `q[p,r]` with indices of its own. Three facts carry it all:

- an entry's derivative by another of the same quantity is δ(i,p)·δ(j,r), and by any other is 0;
- sums, products and functions differentiate as SymPy's `diff` says, with each sum and each entry
  taken as one variable: so no rule of a function is written here;
- a sum over an index that stands in a δ takes the one term where the δ is 1, and a sum over an
  index that does not occur multiplies by its size.

Beside the sum, the greatest (or least) of many values has the derivative of the one that it is, the
first where several are; and a product that of each factor times the product of the others.

Sizes need no numbers. No bound index is ever captured: each is renamed on the way in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import (
    Add,
    And,
    Dummy,
    Eq,
    Expr,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Lambda,
    Mul,
    Pow,
    Sum,
    Symbol,
)

from symnn.binding import bound_indices, fresh_index, freshen, size_of, total
from symnn.cases import Piecewise
from symnn.digits import Digit
from symnn.equations import Prime, entries, entry_indices, entry_name, slope
from symnn.ranges import always_holds, without_certainties
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


def contract(
    term: Expr, bound: Sequence[Idx], indices: Sequence[Expr], wanted: Sequence[Expr]
) -> Expr:
    """The sum over `bound` of term · δ(indices, wanted), with the δs taken out.

    >>> from sympy import IndexedBase
    >>> from symnn.equations import index
    >>> x, n, i, p = IndexedBase("x"), index("n", 5), index("i", 3), index("p", 3)
    >>> contract(x[n, i], [n, i], [i], [p])
    Sum(x[n, p], (n, 0, 4))
    """
    return summed(*contracted(term, bound, indices, wanted))


def contracted(
    term: Expr, bound: Sequence[Idx], indices: Sequence[Expr], wanted: Sequence[Expr]
) -> tuple[Expr, tuple[Idx, ...]]:
    """What is left to be summed by `contract`, and over which indices."""
    open_indices = list(bound)
    pairs = list(zip(indices, wanted, strict=True))
    left: list[Expr] = []
    for i, value in _composed(pairs, open_indices):
        open_indices.remove(i)
        term = term.xreplace({i: value})
        pairs = [(a.xreplace({i: value}), b) for a, b in pairs if _digit_of(a) != i]
    while pairs:
        here, there = pairs.pop(0)
        if here in open_indices:
            open_indices.remove(here)
            term = term.xreplace({here: there}) * _reaches(here, there)
            pairs = [(a.xreplace({here: there}), b) for a, b in pairs]
            left = [d.xreplace({here: there}) for d in left]
            continue
        solved = _solved(here, there, open_indices)
        if solved is not None:
            i, value = solved
            open_indices.remove(i)
            left = [d.xreplace({i: value}) for d in left]
            term = term.xreplace({i: value}) * is_within(value, i)
            pairs = [(a.xreplace({i: value}), b) for a, b in pairs]
        elif here != there:
            left.append(KroneckerDelta(here, there))
            if isinstance(here, ArgMax | ArgMin):
                # Beside δ(argmax f, t), what stands at the argmax stands at t.
                term = term.xreplace({here: there})
                pairs = [(a.xreplace({here: there}), b) for a, b in pairs]
    return without_certainties(Mul(term, *left)), tuple(open_indices)


def _composed(
    pairs: Sequence[tuple[Expr, Expr]], indices: Sequence[Idx]
) -> Iterator[tuple[Idx, Expr]]:
    """Each index of which all digits are told, and its value: c·H·W + h·W + w."""
    for i in indices:
        digits = [(here, there) for here, there in pairs if _digit_of(here) == i]
        if digits and Mul(*(size_of(d) for _, d in digits if isinstance(d, Idx))) == size_of(i):
            yield i, Add(*(here.stride * there for here, there in digits if size_of(there) != 1))


def _digit_of(expression: Expr) -> Expr | None:
    return expression.of if isinstance(expression, Digit) else None


def _reaches(here: Idx, there: Expr) -> Expr:
    """1 where `there`, an index of a whole axis, is a value that `here` takes as well."""
    shortfall = there - here.upper if not isinstance(there, Idx) else there.upper - here.upper
    return Integer(1) if shortfall.expand().is_nonpositive else is_within(there, here)


def _solved(here: Expr, there: Expr, indices: Sequence[Idx]) -> tuple[Idx, Expr] | None:
    """An index i and its value, where `here` = `there` is i = value: t + s = p gives t = p - s."""
    for i in indices:
        slope = here.coeff(i) if isinstance(here, Add) else Integer(0)
        if slope in (1, -1) and not here.has(Indexed, ArgMax, ArgMin):
            return i, (there - here.xreplace({i: Integer(0)})) * slope
    return None


def is_within(value: Expr, i: Idx) -> Expr:
    """1 where the value is one that the index takes, and 0 elsewhere."""
    bounds = [c for c in (value >= i.lower, value <= i.upper) if not always_holds(c)]
    return Piecewise((1, And(*bounds)), (0, True), evaluate=False) if bounds else Integer(1)


def summed(term: Expr, indices: Sequence[Idx]) -> Expr:
    """The sum of a term: what lacks the indices goes before it, an absent index multiplies."""
    present = [i for i in indices if term.has(i)]
    size = Mul(*(size_of(i) for i in indices if i not in present))
    outside, inside = term.as_independent(*present, as_Add=False) if present else (term, 1)
    if isinstance(inside, Add):
        # SymPy multiplies 2(ŷ - y) out: the 2 is taken before the sum all the same.
        content, inside = inside.primitive()
        outside *= content
    return size * outside * (total(inside, *present) if present else 1)


def without_deltas(expression: Expr) -> Expr:
    """The expression with each sum over an index that stands in a δ taken: Σₖ δ(i,k)·x[k] is x[i].

    >>> from sympy import IndexedBase
    >>> from symnn.equations import index
    >>> x, i, k = IndexedBase("x"), index("i", 3), index("k", 3)
    >>> without_deltas(total((1 + x[k]) * (KroneckerDelta(i, k) - x[k]), k))
    x[i] - Sum((x[k] + 1)*x[k], (k, 0, 2)) + 1
    """
    if not expression.has(KroneckerDelta):
        return expression
    if not expression.has(Sum):
        return expression
    arguments = [without_deltas(a) for a in expression.args]
    if not isinstance(expression, Sum):
        return expression.func(*arguments)
    return _sum_without_deltas(arguments[0], bound_indices(expression))


def _sum_without_deltas(body: Expr, bound: tuple[Idx, ...]) -> Expr:
    """The sum of `body` over `bound`, with the δs of bound indices taken out."""
    deltas = [d for d in body.atoms(KroneckerDelta) if d.has(*bound)]
    if not deltas:
        return summed(body, bound)
    # Terms that are left with the same indices stay in one sum.
    left: dict[tuple[Idx, ...], list[Expr]] = {}
    for term in Add.make_args(_opened(body, deltas)):
        factors = Mul.make_args(term)
        taken = [f for f in factors if f in deltas]
        pairs = [d.args if d.args[0] in bound else d.args[::-1] for d in taken]
        rest = Mul(*(f for f in factors if f not in taken))
        done, over = contracted(rest, bound, [a for a, _ in pairs], [b for _, b in pairs])
        left.setdefault(over, []).append(done)
    sums = ((Add(*terms), over) for over, terms in left.items())
    return Add(
        *(summed(e, over) if over == bound else _sum_without_deltas(e, over) for e, over in sums)
    )


def _opened(body: Expr, deltas: Sequence[Expr]) -> Expr:
    """The body as a sum of products with these δs as factors; what holds none stays as it is."""
    names = {d: Dummy(f"d{k}") for k, d in enumerate(deltas)}
    opened = body.xreplace(names)
    dummies = {*names.values()}
    hidden: dict[Expr, Expr] = {}

    def hide(e: Expr) -> Expr:
        if not e.free_symbols & dummies:
            return hidden.setdefault(e, Dummy("h", real=True)) if e.is_Add else e
        if isinstance(e, Add | Mul) or (isinstance(e, Pow) and e.exp.is_Integer and e.exp > 0):
            return e.func(*map(hide, e.args))
        return e

    spread = hide(opened).expand(power_base=False, power_exp=False, log=False, multinomial=True)
    shown = {v: k for k, v in (*names.items(), *hidden.items())}
    return Add(*(_once(t, dummies).xreplace(shown) for t in Add.make_args(spread)))


def _once(term: Expr, dummies: set[Dummy]) -> Expr:
    """The term with each δ to the first power: δ² is δ."""
    powers = {p: p.base for p in term.atoms(Pow) if p.base in dummies and p.exp.is_positive}
    return term.xreplace(powers)
