"""The scalar view: one symbol for each weight, bias, input and unit, and one sample.

The symbols are named like `W2_0_1` (the entry `W2[0, 1]`), `x_0`, `yhat_0`; the axis of the
samples is left out, since there is one. Expressions are unrolled by the sizes of their indices, so
this is a view of a small net, or of one weight that was asked for; it never derives anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from sympy import (
    Add,
    And,
    Expr,
    Ge,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Le,
    Max,
    Min,
    Mul,
    Sum,
    Symbol,
    piecewise_fold,
)

from symnn.binding import bound_indices, size_of
from symnn.cases import Piecewise
from symnn.equations import SAMPLES, Equation, Quantity, Role, entry_indices, entry_name
from symnn.errors import ShapeError, SpecError, unknown_name
from symnn.functions import Elementwise
from symnn.reductions import ArgMax, ArgMin, Binder, Maximum, Minimum, Product, Reduction

_OF_TERMS = {Maximum: Max, Minimum: Min, Product: Mul}


def symbol(q: Quantity, *place: int) -> Symbol:
    """The symbol of the entry of `q` at a place, which leaves out the axis of the samples."""
    return Symbol("_".join([q.name, *map(str, place)]), real=True)


def places(q: Quantity) -> list[tuple[int, ...]]:
    """All places of a quantity, in order."""
    return list(product(*(range(int(size)) for size in q.shape if size != SAMPLES)))


@dataclass(frozen=True)
class Scalars:
    """Equations unrolled for one sample; `quantities` has each name that occurs in them.

    Named functions are replaced by their formulas, unless `expands_functions` is false.
    """

    quantities: Mapping[str, Quantity]
    equations: Mapping[str, Equation]
    expands_functions: bool = True

    def entry(self, name: str, *place: int) -> Expr:
        """The right side for one entry, in the symbols of what it reads."""
        equation = self._equation(name)
        self._check(equation.quantity, place)
        numbers = iter(place)
        at = {
            i: Integer(0) if size_of(i) == SAMPLES else Integer(next(numbers))
            for i in equation.indices
        }
        return self._unrolled(equation.expression, at)

    def substituted(self, name: str, *place: int, keep: frozenset[Role] = frozenset()) -> Expr:
        """The same with every definition put in, as far as quantities of the roles in `keep`."""
        return self._substitute(self.entry(name, *place), keep, {})

    def _equation(self, name: str) -> Equation:
        if name not in self.equations:
            raise unknown_name("quantity", name, self.equations)
        return self.equations[name]

    def _check(self, q: Quantity, place: tuple[int, ...]) -> None:
        shape = tuple(int(s) for s in q.shape if s != SAMPLES)
        fits = len(place) == len(shape) and all(
            0 <= p < s for p, s in zip(place, shape, strict=False)
        )
        if not fits:
            raise ShapeError(
                f"{q.of or q.name} has the shape {shape} and no entry {list(place)}; "
                f"indices run from 0"
            )

    def _substitute(self, e: Expr, keep: frozenset[Role], known: dict[Symbol, Expr]) -> Expr:
        for s in e.free_symbols - known.keys():
            name, place = self._symbols.get(s, ("", ()))
            if name in self.equations and self.quantities[name].role not in keep:
                known[s] = self._substitute(self.entry(name, *place), keep, known)
        return e.xreplace(known)

    @cached_property
    def _symbols(self) -> dict[Symbol, tuple[str, tuple[int, ...]]]:
        return {symbol(q, *p): (q.name, p) for q in self.quantities.values() for p in places(q)}

    def _unrolled(self, e: Expr, at: Mapping[Expr, Expr]) -> Expr:
        if isinstance(e, Sum):
            return Add(*self._terms(e, at))
        if isinstance(e, ArgMax | ArgMin):
            return self._unrolled_place(e, at)
        if isinstance(e, Reduction):
            return _OF_TERMS[type(e)](*self._terms(e, at))
        if isinstance(e, KroneckerDelta):
            return _each_case(self._unrolled(e.args[0], at), self._unrolled(e.args[1], at))
        if isinstance(e, Indexed):
            return self._symbol_at(e, at)
        if isinstance(e, Idx):
            return at[e]
        if e == SAMPLES:
            return Integer(1)
        if isinstance(e, Piecewise):
            pairs = (tuple(self._unrolled(a, at) for a in pair.args) for pair in e.args)
            return Piecewise(*pairs)
        if not e.args:
            return e
        arguments = [self._unrolled(a, at) for a in e.args]
        whole = e.func(*arguments)
        named = isinstance(whole, Elementwise) and self.expands_functions
        return self._unrolled(whole.expanded(), at) if named else whole

    def _terms(self, e: Binder, at: Mapping[Expr, Expr]) -> list[Expr]:
        """What a sum or another reduction is over, term by term."""
        bound = bound_indices(e)
        sizes = [1 if size_of(i) == SAMPLES else int(size_of(i)) for i in bound]
        terms = []
        for numbers in product(*map(range, sizes)):
            chosen = dict(zip(bound, map(Integer, numbers), strict=True))
            terms.append(self._unrolled(e.function, {**at, **chosen}))
        return terms

    def _unrolled_place(self, e: Reduction, at: Mapping[Expr, Expr]) -> Expr:
        """The first place of the greatest (or least) term, by cases."""
        terms = self._terms(e, at)
        comes_before = Ge if isinstance(e, ArgMax) else Le
        cases = [
            (Integer(k), And(*(comes_before(term, other) for other in terms[k + 1 :])))
            for k, term in enumerate(terms)
        ]
        return Piecewise(*cases, evaluate=False)

    def _symbol_at(self, e: Indexed, at: Mapping[Expr, Expr]) -> Expr:
        q = self.quantities[entry_name(e)]
        places = [_by_cases(self._unrolled(i, at)) for i in entry_indices(e)]
        for k, place in enumerate(places):
            if isinstance(place, Piecewise):
                entries = (
                    (e.func(e.base, *places[:k], number, *places[k + 1 :]), holds)
                    for number, holds in place.args
                )
                cases = ((self._symbol_at(entry, at), holds) for entry, holds in entries)
                return Piecewise(*cases, evaluate=False)
        if not all(place.is_Integer for place in places):
            raise SpecError(
                f"{q.name} is looked up by an input, which the scalar form has no sign for; "
                "use --form index"
            )
        numbers = [int(place) for place in places]
        kept = (k for k, size in zip(numbers, q.shape, strict=True) if size != SAMPLES)
        return symbol(q, *kept)


def _by_cases(place: Expr) -> Expr:
    """A place with the cases outermost: 2 + {0 if c; 1 otherwise} is {2 if c; 3 otherwise}."""
    return piecewise_fold(place, evaluate=False) if place.has(Piecewise) else place


def _each_case(one: Expr, other: Expr) -> Expr:
    """δ of two places, of which one may be given by cases."""
    one, other = (_by_cases(place) for place in (one, other))
    if isinstance(one, Piecewise):
        one, other = other, one
    if isinstance(other, Piecewise):
        cases = ((KroneckerDelta(one, place), holds) for place, holds in other.args)
        return Piecewise(*cases, evaluate=False)
    return KroneckerDelta(one, other)
