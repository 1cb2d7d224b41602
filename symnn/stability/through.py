"""Forms of a composition by those of its parts: f(g(u)) by f at v = g(u), a sum by its terms.

σ(exp(u)) is as good as σ, once v = exp(u) is known, and so is σ′(exp(u)) in its derivative
σ′(exp(u))·exp(u). At u = 1000 that product is 0·∞ in floats, though it is 0: beside what
vanishes, `Times` counts for nothing. Nothing here judges a form; `rounding` does.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import TypeAlias

from sympy import Add, Expr, Function, Mul, Pow, Symbol

from symnn.cases import Piecewise
from symnn.functions import U
from symnn.stability.rounding import Meanings, Stable
from symnn.stability.special import Capped, Times

# What an inner formula comes to.
_INNER = Symbol("v", real=True)
# Longer formulas take longer to try than they are worth.
_LARGEST, _MOST = 120, 4


Stabilised: TypeAlias = Callable[[Expr], Stable]


def by_parts(formula: Expr, stabilised: Stabilised) -> Iterator[Stable]:
    """The formula by stable forms of its inner formula and of what that stands in, or its terms."""
    if formula.count_ops() > _LARGEST or formula.has(Piecewise):
        return
    for inner in _inner(formula):
        for is_inside in (_holds_no_u, _is_around, _is_function):
            own = {f: _in_inner(f, inner) for f in Mul.make_args(formula)}
            outer = {f: g for f, g in own.items() if is_inside(g)}
            if outer:
                rest = Mul(*(f for f in own if f not in outer))
                whole = Mul(*outer.values()).xreplace({_INNER: U})
                yield from _composed(whole, inner, rest, stabilised)
    if isinstance(formula, Add):
        known = _Known()
        yield Stable(Add(*(known.put(stabilised(a), U) for a in formula.args)), known.meanings)


def _in_inner(factor: Expr, inner: Expr) -> Expr:
    """The factor with v for the inner formula; of v = 1/u, u is known as well."""
    return factor.xreplace({U: 1 / _INNER} if inner == 1 / U else {inner: _INNER})


def _holds_no_u(factor: Expr) -> bool:
    return not factor.has(U)


def _is_around(factor: Expr) -> bool:
    """Whether it is a function of the inner formula, and no power of it."""
    return _holds_no_u(factor) and factor.as_base_exp()[0] != _INNER


def _is_function(factor: Expr) -> bool:
    """Whether the inner formula stands in functions: a polynomial of it goes with the rest."""
    return _holds_no_u(factor) and any(f.has(_INNER) for f in factor.atoms(Function))


def _inner(formula: Expr) -> list[Expr]:
    """What functions and powers in the formula are of, the shortest first."""
    found = {a for part in formula.atoms(Function, Pow) for a in part.args}
    inner = [a for a in found if a.has(U) and a != U and not a.could_extract_minus_sign()]
    inner += [-a for a in found if a.has(U) and a != -U and a.could_extract_minus_sign()]
    ordered = sorted(dict.fromkeys(inner), key=lambda a: (a.count_ops(), str(a)))
    return [a for a in ordered if a not in (U, formula)][:_MOST]


def _composed(outer: Expr, inner: Expr, rest: Expr, stabilised: Stabilised) -> Iterator[Stable]:
    """outer(inner)·rest: as a product, as one in which 0 counts for more than ∞, or far from ∞."""
    for cap, times in ((_as_it_is, Mul), (_as_it_is, Times), (Capped, Times)):
        known = _Known()
        place = known.name(_INNER, cap(known.put(stabilised(inner), U)))
        front = known.put(stabilised(outer), place)
        behind = known.put(stabilised(rest), U)
        yield Stable(times(front, behind) if rest != 1 else front, known.meanings)


def _as_it_is(value: Expr) -> Expr:
    return value


class _Known:
    """What symbols stand for, each thing once and under a name of its own."""

    def __init__(self) -> None:
        self.meanings: Meanings = ()

    def put(self, found: Stable, place: Expr) -> Expr:
        """The form at a place, its symbols among those that are known now."""
        names: dict[Expr, Expr] = {U: place}
        for symbol, meaning in found.meanings:
            names[symbol] = self.name(symbol, meaning.xreplace(names))
        return found.form.xreplace(names)

    def name(self, symbol: Symbol, meaning: Expr) -> Symbol:
        """The symbol for a meaning; that of the same meaning, where there is one."""
        for known, other in self.meanings:
            if other == meaning:
                return known
        taken = {str(s) for s, _ in self.meanings}
        texts = (f"{symbol}{k}" if k else str(symbol) for k in count())
        free = next(text for text in texts if text not in taken)
        fresh = Symbol(free, **symbol.assumptions0)
        self.meanings = (*self.meanings, (fresh, meaning))
        return fresh
