"""Sums over indices that stand in a δ: each takes the one term where the δ is 1.

A sum over an index that does not occur multiplies by its size. Sizes need no numbers. An index that
is bound here must be no other's: who opens a sum renames it first.
"""

from collections.abc import Iterator, Sequence

from sympy import (
    Add,
    And,
    Dummy,
    Expr,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Sum,
)

from symnn.binding import bound_indices, size_of, total
from symnn.cases import Piecewise
from symnn.digits import Digit
from symnn.ranges import always_holds, without_certainties
from symnn.reductions import ArgMax, ArgMin


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
