"""One expression as a function of numbers: nested closures, from a table of SymPy's classes.

This is the referee's arithmetic, slow and obvious: a sum is a Python loop, and nothing is rewritten
for speed or for stability. Values are mpmath's numbers in dictionaries from indices to entries; a
number has the single entry `()`. Everything here must run inside `mpmath.workdps`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import mpmath
import sympy
from mpmath import mpc, mpf
from sympy import Basic, Expr, Idx, KroneckerDelta, Sum, Symbol

from symnn.cases import Piecewise
from symnn.digits import Digit
from symnn.equations import Prime, entry_indices, entry_name
from symnn.errors import SymnnError
from symnn.functions import Elementwise, U
from symnn.gammas import GammaFunction
from symnn.reductions import ArgMax, ArgMin, Maximum, Minimum, Product, Reduction

Entries = Mapping[tuple[int, ...], mpf]
Values = Mapping[str, Entries]
Sizes = Mapping[Symbol, int]
Where = Mapping[Idx, int]
Cell = Callable[[Values, Where], Any]


class NoEntryError(SymnnError):
    """An entry that is read and is not there."""


def real(number: mpf | mpc) -> mpf:
    """The number, if it is a real one."""
    if isinstance(number, mpc):
        raise SymnnError(f"the value {mpmath.nstr(number, 6)} is not real")
    return mpmath.mpmathify(number)


def built(node: Basic, sizes: Sizes) -> Cell:
    """The expression as a function of the values and of the place of each index."""
    for kind in type(node).__mro__:
        if kind in BUILDERS:
            return BUILDERS[kind](node, sizes)
    raise SymnnError(f"cannot evaluate {type(node).__name__} in {node}")


def _constant(node: Basic, sizes: Sizes) -> Cell:
    number = _number(node)
    return lambda values, where: number


def _number(node: Basic) -> mpf:
    if node in (sympy.oo, -sympy.oo):
        return mpf("inf") if node > 0 else mpf("-inf")
    if isinstance(node, sympy.Rational):
        return mpf(node.p) / node.q
    return mpmath.mpmathify(node.evalf(mpmath.mp.dps + 5))


def _truth(node: Basic, sizes: Sizes) -> Cell:
    truth = bool(node)
    return lambda values, where: truth


def _place(node: Idx, sizes: Sizes) -> Cell:
    return lambda values, where: where[node]


def _symbol(node: Symbol, sizes: Sizes) -> Cell:
    if node not in sizes:
        return _entry(node, sizes)
    size = mpf(sizes[node])
    return lambda values, where: size


def _entry(node: Expr, sizes: Sizes) -> Cell:
    name = entry_name(node)
    places = tuple(built(i, sizes) for i in entry_indices(node))

    def cell(values: Values, where: Where) -> mpf:
        entry = tuple([int(place(values, where)) for place in places])
        try:
            return values[name][entry]
        except KeyError:
            raise NoEntryError(f"no value for {written(name, entry)}") from None

    return cell


def written(name: str, entry: tuple[int, ...]) -> str:
    """An entry as it is written in code: `W1[0,2]`, or the bare name of a number."""
    return f"{name}[{','.join(map(str, entry))}]" if entry else name


def _sum(node: Sum, sizes: Sizes) -> Cell:
    cell = built(node.function, sizes)
    for limit in node.limits:
        cell = _sum_over(limit, cell, sizes)
    return cell


def _sum_over(limit: Basic, body: Cell, sizes: Sizes) -> Cell:
    idx = limit.args[0]
    lower, upper = (built(bound, sizes) for bound in limit.args[1:])

    def cell(values: Values, where: Where) -> mpf:
        total = mpf(0)
        for place in range(int(lower(values, where)), int(upper(values, where)) + 1):
            total += body(values, {**where, idx: place})
        return total

    return cell


def _reduction(reducer: Callable[[list[mpf]], mpf], node: Reduction, sizes: Sizes) -> Cell:
    idx, *bounds = node.limits[0]
    lower, upper = (built(bound, sizes) for bound in bounds)
    body = built(node.function, sizes)

    def cell(values: Values, where: Where) -> mpf:
        places = range(int(lower(values, where)), int(upper(values, where)) + 1)
        return reducer([body(values, {**where, idx: place}) for place in places])

    return cell


def _of_real(best: Callable[[list[mpf]], mpf]) -> Callable[[list[mpf]], mpf]:
    return lambda numbers: best([*map(real, numbers)])


def _first(best: Callable[[list[mpf]], mpf]) -> Callable[[list[mpf]], mpf]:
    """The place of the first of the best."""
    return lambda numbers: mpf(numbers.index(best(numbers)))


def _add(node: Basic, sizes: Sizes) -> Cell:
    first, *rest = (built(a, sizes) for a in node.args)

    def cell(values: Values, where: Where) -> mpf:
        total = first(values, where)
        for term in rest:
            total += term(values, where)
        return total

    return cell


def _guard_first(factor: Expr) -> int:
    """0 for a choice by indices alone, 1 for any other choice, and 2 for what is none."""
    is_choice = isinstance(factor, Piecewise)
    return 0 if is_choice and not factor.has(sympy.Indexed) else 2 - is_choice


def _mul(node: Basic, sizes: Sizes) -> Cell:
    # What is 0 outside of a range comes first: beside it, others may not have a value there.
    ordered = sorted(node.args, key=_guard_first)
    factors = [(built(a, sizes), isinstance(a, Piecewise)) for a in ordered]

    def cell(values: Values, where: Where) -> mpf:
        outcome: Any = 1
        for factor, is_guard in factors:
            outcome *= factor(values, where)
            if is_guard and outcome == 0:
                break
        return outcome

    return cell


def _pow(node: Basic, sizes: Sizes) -> Cell:
    base, exponent = (built(a, sizes) for a in node.args)
    return lambda values, where: mpmath.power(base(values, where), exponent(values, where))


def _delta(node: KroneckerDelta, sizes: Sizes) -> Cell:
    left, right = (built(a, sizes) for a in node.args[:2])
    return lambda values, where: int(left(values, where) == right(values, where))


def _piecewise(node: Basic, sizes: Sizes) -> Cell:
    branches = [(built(value, sizes), built(holds, sizes)) for value, holds in node.args]

    def cell(values: Values, where: Where) -> mpf:
        taken = (value for value, holds in branches if holds(values, where))
        chosen = next(taken, None)
        return mpmath.nan if chosen is None else chosen(values, where)

    return cell


def _and(node: sympy.And, sizes: Sizes) -> Cell:
    # Of indices alone comes first: where it does not hold, an entry may have no place.
    ordered = sorted(node.args, key=lambda claim: claim.has(sympy.Indexed))
    claims = [built(claim, sizes) for claim in ordered]
    return lambda values, where: all(claim(values, where) for claim in claims)


def _elementwise(node: Elementwise, sizes: Sizes) -> Cell:
    argument = built(node.args[0], sizes)
    formula = built(node.formula, {})
    return lambda values, where: formula({U.name: {(): argument(values, where)}}, {})


def _gamma(node: GammaFunction, sizes: Sizes) -> Cell:
    argument = built(node.args[0], sizes)
    return lambda values, where: node.number(real(argument(values, where)))


def _prime(node: Prime, sizes: Sizes) -> Cell:
    return built(node.worked_out(), sizes)


def _digit(node: Digit, sizes: Sizes) -> Cell:
    of, stride = (built(a, sizes) for a in node.args[:2])
    if node.is_first:
        return lambda values, where: int(of(values, where)) // int(stride(values, where))
    size = built(node.args[2], sizes)
    return lambda values, where: (
        int(of(values, where)) // int(stride(values, where)) % int(size(values, where))
    )


def _applied(function: Callable[..., Any], node: Basic, sizes: Sizes) -> Cell:
    arguments = [built(a, sizes) for a in node.args]
    return lambda values, where: function(*(a(values, where) for a in arguments))


def _ordered(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of numbers that have an order: complex ones have none."""
    return lambda *numbers: function(*map(real, numbers))


def _any(*claims: bool) -> bool:
    return any(claims)


# Every one is a function of numbers (or of truth values) alone, under its SymPy class.
APPLICATIONS: Mapping[type[Basic], Callable[..., Any]] = {
    sympy.exp: mpmath.exp,
    sympy.log: mpmath.log,
    sympy.sin: mpmath.sin,
    sympy.cos: mpmath.cos,
    sympy.tan: mpmath.tan,
    sympy.sec: mpmath.sec,
    sympy.asin: mpmath.asin,
    sympy.acos: mpmath.acos,
    sympy.atan: mpmath.atan,
    sympy.sinh: mpmath.sinh,
    sympy.cosh: mpmath.cosh,
    sympy.tanh: mpmath.tanh,
    sympy.sech: mpmath.sech,
    sympy.asinh: mpmath.asinh,
    sympy.acosh: mpmath.acosh,
    sympy.atanh: mpmath.atanh,
    sympy.erf: mpmath.erf,
    sympy.erfc: mpmath.erfc,
    sympy.Abs: abs,
    sympy.sign: mpmath.sign,
    sympy.Max: _ordered(max),
    sympy.Min: _ordered(min),
    sympy.Or: _any,
    sympy.Not: lambda claim: not claim,
    sympy.ITE: lambda claim, one, other: one if claim else other,
    sympy.StrictGreaterThan: _ordered(gt),
    sympy.GreaterThan: _ordered(ge),
    sympy.StrictLessThan: _ordered(lt),
    sympy.LessThan: _ordered(le),
    sympy.Equality: eq,
    sympy.Unequality: ne,
}

BUILDERS: Mapping[type[Basic], Callable[[Any, Sizes], Cell]] = {
    sympy.Number: _constant,
    sympy.NumberSymbol: _constant,
    sympy.logic.boolalg.BooleanAtom: _truth,
    Idx: _place,
    Symbol: _symbol,
    sympy.Indexed: _entry,
    Sum: _sum,
    Maximum: partial(_reduction, _of_real(max)),
    Minimum: partial(_reduction, _of_real(min)),
    ArgMax: partial(_reduction, _first(_of_real(max))),
    ArgMin: partial(_reduction, _first(_of_real(min))),
    Product: partial(_reduction, mpmath.fprod),
    sympy.Add: _add,
    sympy.Mul: _mul,
    sympy.Pow: _pow,
    KroneckerDelta: _delta,
    Piecewise: _piecewise,
    sympy.And: _and,
    Elementwise: _elementwise,
    GammaFunction: _gamma,
    Prime: _prime,
    Digit: _digit,
    **{kind: partial(_applied, function) for kind, function in APPLICATIONS.items()},
}
