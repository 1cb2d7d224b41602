"""Numbers that know what floats would make of them: a value in many digits, and an error.

Every number carries a bound of its absolute error, to first order (Higham 2002, section 3.4): a
rounding adds half a unit of the last place, a function passes an error on by its slope, and what
is below the smallest float is lost. All of it runs inside `mpmath.workdps`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache

import mpmath
from mpmath import mpc, mpf
from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Function,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    cosh,
    exp,
    sinh,
)
from sympy.codegen.cfunctions import expm1
from sympy.core.relational import Relational

from symnn.functions import Elementwise, U
from symnn.stability.identities import with_identities
from symnn.stability.special import Log1pRatio, ScaledTail, UpperTail

EPSILON = mpf(2) ** -53
LARGEST, SMALLEST = mpf(2) ** 1024, mpf(2) ** -1074


class LostError(ArithmeticError):
    """A number that no float can be: an overflow, a division by 0, a root of what is negative."""


@dataclass(frozen=True)
class Rounded:
    """A number, and a bound of the error with which floats know it."""

    value: mpf
    error: mpf


class Way(Enum):
    """How numbers are computed: in floats, in floats that may be infinite, or without an error."""

    FLOATS = 0
    INFINITE = 1
    EXACT = 2


Known = Mapping[Symbol, Rounded]


def rounded(node: Expr, known: Known, way: Way = Way.FLOATS) -> Rounded:
    """The number that an expression comes to, and its error; `way` says how it is computed."""
    for kind, rule in _RULES:
        if isinstance(node, kind):
            found = rule(node, known, way)
            return _AFTER[way](found)
    raise LostError(f"{type(node).__name__} has no rule")


def _in_floats(found: Rounded) -> Rounded:
    if not abs(found.value) + found.error < LARGEST:
        raise LostError("an overflow")
    return found


def _with_infinity(found: Rounded) -> Rounded:
    if mpmath.isnan(found.value):
        raise LostError("not a number")
    if abs(found.value) + found.error < LARGEST:
        return found
    return Rounded(mpmath.sign(found.value) * mpf("inf"), mpf(0))


def _after(value: mpf, error: mpf) -> Rounded:
    """A result, rounded once more."""
    return Rounded(value, error + EPSILON * abs(value) + SMALLEST)


def _infinite(value: mpf) -> Rounded:
    """What comes of an infinite number: no error is left to be counted."""
    if mpmath.isnan(value):
        raise LostError("not a number")
    return Rounded(value, mpf(0))


def _exactly(found: Rounded) -> Rounded:
    return Rounded(found.value, mpf(0))


@cache
def _number_of(node: Expr) -> Rounded:
    value = mpmath.mpmathify(node.evalf(60))
    if isinstance(value, mpc):
        raise LostError("not real")
    is_half = isinstance(node, Rational) and node.q & (node.q - 1) == 0
    return Rounded(value, mpf(0)) if is_half or isinstance(node, Float) else _after(value, mpf(0))


def _number(node: Expr, known: Known, way: Way) -> Rounded:
    return _number_of(node)


def _symbol(node: Symbol, known: Known, way: Way) -> Rounded:
    return known[node]


def _add(node: Add, known: Known, way: Way) -> Rounded:
    terms = [rounded(a, known, way) for a in node.args]
    # Each of the additions rounds what has come together by then.
    sizes = sum(abs(t.value) for t in terms)
    value = sum(t.value for t in terms)
    if mpmath.isinf(sizes):
        return _infinite(value)
    error = mpmath.fsum(t.error for t in terms)
    if len(terms) > 2:
        error += EPSILON * sizes
    # A sum of two floats is never below the smallest float.
    return Rounded(value, error + EPSILON * abs(value))


def _mul(node: Mul, known: Known, way: Way) -> Rounded:
    # As it is printed: what is above the line first, then divided by what is below.
    result = Rounded(mpf(1), mpf(0))
    for factor in node.args:
        other = rounded(factor, known, way)
        if mpmath.isinf(result.value) or mpmath.isinf(other.value):
            result = _infinite(result.value * other.value)
            continue
        error = abs(result.value) * other.error + abs(other.value) * result.error
        value = result.value * other.value
        if abs(result.value) == 1 and result.error == 0:
            result = other if result.value == 1 else Rounded(value, error)
        elif abs(other.value) == 1 and other.error == 0:
            result = Rounded(value, error)
        else:
            result = _after(value, error + result.error * other.error)
    return result


def _pow(node: Pow, known: Known, way: Way) -> Rounded:
    base, exponent = (rounded(a, known, way) for a in node.args)
    if base.value == 0 and exponent.value <= 0:
        raise LostError("a division by 0")
    if base.value < 0 and not node.exp.is_integer:
        raise LostError("a root of what is negative")
    if mpmath.isinf(base.value) and node.exp.is_Integer:
        return _infinite(base.value**exponent.value)
    if base.value and abs(exponent.value * mpmath.log(abs(base.value))) > _ENOUGH:
        raise LostError("an overflow")
    value = mpmath.power(base.value, exponent.value)
    if base.error >= abs(base.value) and base.error > 0:
        if node.exp.is_negative:
            raise LostError("a division by what is lost")
        bound = mpmath.power(abs(base.value) + base.error, exponent.value)
        return _after(value, bound)
    # Under a power a relative error is as many times as large, and then some.
    relative = abs(exponent.value) * base.error / abs(base.value) if base.value else mpf(0)
    if exponent.error:
        relative += abs(mpmath.log(abs(base.value))) * exponent.error
    return _after(value, abs(value) * relative * (1 + relative))


def _abs(node: Abs, known: Known, way: Way) -> Rounded:
    inner = rounded(node.args[0], known, way)
    return Rounded(abs(inner.value), inner.error)


def _extreme(node: Expr, known: Known, way: Way) -> Rounded:
    sides = [rounded(a, known, way) for a in node.args]
    choose = max if isinstance(node, Max) else min
    return choose(sides, key=lambda side: side.value)


def _piecewise(node: Piecewise, known: Known, way: Way) -> Rounded:
    for value, condition in node.args:
        if _holds(condition, known):
            return rounded(value, known, way)
    raise LostError("no branch")


def _holds(condition: Expr, known: Known) -> bool:
    if isinstance(condition, Relational):
        sides = (mpf_as_number(rounded(a, known, Way.EXACT).value) for a in condition.args)
        return bool(condition.func(*sides))
    if condition.args:
        parts = [_holds(part, known) for part in condition.args]
        return bool(condition.func(*parts))
    return bool(condition)


def mpf_as_number(value: mpf) -> Expr:
    """The number for SymPy, to all its digits."""
    return Float._new(value._mpf_, 200)


def _function(node: Function, known: Known, way: Way) -> Rounded:
    arguments = [rounded(a, known, way) for a in node.args]
    function = numeric(node.func)
    try:
        (argument,) = arguments
        if mpmath.isinf(argument.value):
            return _infinite(_real(function(argument.value), way))
        if type(node) in _EXPLOSIVE and abs(argument.value) > _ENOUGH:
            return _explosion(node, argument.value, way)
        value = _real(function(argument.value), way)
        if argument.error == 0:
            return _after(value, EPSILON * abs(value))
        step = argument.error
        slope = abs(_real(function(argument.value + step), way) - value) / step
    except (ValueError, ZeroDivisionError, OverflowError, TypeError) as error:
        raise LostError(str(error)) from None
    return _after(value, slope * argument.error + EPSILON * abs(value))


def _explosion(node: Function, argument: mpf, way: Way) -> Rounded:
    """exp and its like of what is far beyond the numbers that floats can be."""
    if argument < 0 and isinstance(node, exp | expm1):
        return _after(mpf(-1 if isinstance(node, expm1) else 0), mpf(0))
    if way is Way.INFINITE:
        return _infinite(mpmath.sign(argument) * mpf("inf"))
    raise LostError("an overflow")


def _real(value: mpf | mpc, way: Way) -> mpf:
    if isinstance(value, mpc):
        if value.imag != 0:
            raise LostError("not real")
        value = value.real
    if mpmath.isnan(value) or (mpmath.isinf(value) and way is not Way.INFINITE):
        raise LostError("not finite")
    return value


def numeric(function: type[Function]) -> Callable[[mpf], mpf]:
    """The function on numbers of many digits."""
    if issubclass(function, Elementwise):
        formula = with_identities(function.formula)
        return lambda v: rounded(formula, {U: Rounded(v, mpf(0))}, Way.EXACT).value
    found = _NUMERIC.get(function.__name__) or getattr(mpmath, function.__name__, None)
    if found is None:
        raise LostError(f"no numbers for {function.__name__}")
    return found


def scaled_tail(v: mpf) -> mpf:
    """exp(v²)·erfc(v)."""
    return mpmath.exp(v**2) * mpmath.erfc(v)


def log1p_ratio(v: mpf) -> mpf:
    """log(1 + v)/v."""
    return mpmath.log1p(v) / v if v else mpf(1)


_NUMERIC: Mapping[str, Callable[[mpf], mpf]] = {
    UpperTail.__name__: mpmath.erfc,
    ScaledTail.__name__: scaled_tail,
    Log1pRatio.__name__: log1p_ratio,
    "log": mpmath.log,
}

_AFTER: Mapping[Way, Callable[[Rounded], Rounded]] = {
    Way.FLOATS: _in_floats,
    Way.INFINITE: _with_infinity,
    Way.EXACT: _exactly,
}
_EXPLOSIVE = (exp, cosh, sinh, expm1)
# No float has a logarithm of this size.
_ENOUGH = 100_000

_RULES: tuple[tuple[type, Callable[..., Rounded]], ...] = (
    (Symbol, _symbol),
    (Number, _number),
    (Add, _add),
    (Mul, _mul),
    (Pow, _pow),
    (Abs, _abs),
    (Max, _extreme),
    (Min, _extreme),
    (Piecewise, _piecewise),
    (Function, _function),
    (Expr, _number),
)
