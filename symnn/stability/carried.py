"""Derivatives in a recurrence, each with the factor by which all who read it multiply it.

With h[t] = σ(w·h[t-1] + x[t]) and a loss of log h, dL/dh[t] has the term 1/h[t], which is infinite
where h is too small for a float, though h(1 - h)·dL/dh is all that is ever read. That product is
what runs backwards then: it divides by nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Add, Expr, Idx, Mul, Pow, Sum, exp

from symnn.binding import bound_indices, freshen, total
from symnn.cases import Piecewise
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.stability.lines import Lines

Factors = tuple[Expr, ...]


def with_factors_carried(lines: Lines) -> Lines:
    """The lines, where derivatives that divide by what they are multiplied by carry it."""
    asked = {e.quantity.name for e in lines.gradients}
    names = looped(reads_of(lines.adjoints)) - asked
    adjoints, gradients = list(lines.adjoints), list(lines.gradients)
    for name in (e.quantity.name for e in lines.adjoints if e.quantity.name in names):
        every = [*adjoints, *gradients]
        (own,) = (e for e in adjoints if e.quantity.name == name)
        common = _common(own, every)
        if common and _divides_by(own.expression, common):
            carried = _Carried(own, common)
            adjoints = list(map(carried.seen, adjoints))
            gradients = list(map(carried.seen, gradients))
    return Lines(lines.forward, tuple(adjoints), tuple(gradients))


def _divides_by(expression: Expr, factors: Factors) -> bool:
    """Whether it divides by anything of which the factors are made."""
    shared = {entry_name(a) for f in factors for a in all_entries(f)}
    divisors = (p.base for p in expression.atoms(Pow) if p.exp.could_extract_minus_sign())
    return any(entry_name(a) in shared for base in divisors for a in all_entries(base))


def _common(own: Equation, every: Iterable[Equation]) -> Factors:
    """The factors, in the indices of the quantity, beside each of its entries that is read."""
    name = own.quantity.name
    found = [r for e in every for r in _reads(freshen(e.expression), name, ())]
    for places, factors in found:
        if len(set(places)) == len(places) and all(isinstance(i, Idx) for i in places):
            back = dict(zip(places, own.indices, strict=True))
            inside = (f for f in factors if _may_be_carried(f, places))
            candidates = [f.xreplace(back) for f in inside]
            return tuple(
                f for f in dict.fromkeys(candidates) if all(_at(own, f, p) in fs for p, fs in found)
            )
    return ()


def _may_be_carried(factor: Expr, places: Sequence[Expr]) -> bool:
    """Whether it is made of quantities at these places alone, and no exp that overflows."""
    return any(all_entries(factor)) and factor.atoms(Idx) <= {*places} and not factor.has(exp)


def _at(own: Equation, factor: Expr, places: Sequence[Expr]) -> Expr:
    return factor.xreplace(dict(zip(own.indices, places, strict=True)))


def _reads(node: Expr, name: str, factors: Factors) -> Iterator[tuple[tuple[Expr, ...], Factors]]:
    """The places at which a quantity is read, and all that its entry is multiplied by there."""
    if not _has(node, name):
        return
    if _is_entry(node):
        yield tuple(entry_indices(node)), factors
    elif isinstance(node, Mul):
        for k, arg in enumerate(node.args):
            yield from _reads(arg, name, (*factors, *node.args[:k], *node.args[k + 1 :]))
    elif isinstance(node, Add):
        for arg in node.args:
            yield from _reads(arg, name, factors)
    elif isinstance(node, Sum):
        yield from _reads(node.function, name, factors)
    elif isinstance(node, Piecewise):
        for value, _ in node.args:
            yield from _reads(value, name, factors)
    else:
        for entry in all_entries(node):
            if entry_name(entry) == name:
                yield tuple(entry_indices(entry)), ()


def _has(node: Expr, name: str) -> bool:
    return any(entry_name(a) == name for a in all_entries(node))


def _is_entry(node: Expr) -> bool:
    return next(all_entries(node), None) == node


class _Carried:
    """One quantity, and that which takes its place: its product with the factors."""

    def __init__(self, own: Equation, factors: Factors) -> None:
        self._own, self._factors = own, factors
        self._name = own.quantity.name
        self._quantity = replace(own.quantity, name=f"carried_{self._name}")

    def seen(self, e: Equation) -> Equation:
        """The equation with the product for the quantity; that of the quantity, with its own."""
        if not _has(e.expression, self._name) and e != self._own:
            return e
        expression = self._pushed(freshen(e.expression), ())
        if e.quantity.name != self._name:
            return replace(e, expression=expression)
        terms = (Mul(*self._factors, term) for term in Add.make_args(expression))
        return replace(e, quantity=self._quantity, expression=Add(*terms))

    def _pushed(self, node: Expr, factors: Factors) -> Expr:
        """The node times the factors, moved to where the quantity is read."""
        if not _has(node, self._name):
            return Mul(node, *factors)
        if isinstance(node, Mul):
            (inside,) = (a for a in node.args if _has(a, self._name))
            return self._pushed(inside, (*factors, *(a for a in node.args if a is not inside)))
        if isinstance(node, Add):
            free = [a for a in node.args if not _has(a, self._name)]
            rest = (self._pushed(a, factors) for a in node.args if _has(a, self._name))
            return Add(Mul(Add(*free), *factors), *rest)
        if isinstance(node, Sum):
            bound = bound_indices(node)
            body = Mul.make_args(self._pushed(node.function, factors))
            inside = [f for f in body if f.has(*bound)]
            return Mul(total(Mul(*inside), *bound), *(f for f in body if f not in inside))
        if isinstance(node, Piecewise):
            branches = ((self._pushed(value, factors), c) for value, c in node.args)
            return Piecewise(*branches, evaluate=False)
        return self._entry(node, list(factors))

    def _entry(self, entry: Expr, factors: list[Expr]) -> Expr:
        places = entry_indices(entry)
        for factor in self._factors:
            factors.remove(_at(self._own, factor, places))
        return Mul(self._quantity.at(*places), *factors)
