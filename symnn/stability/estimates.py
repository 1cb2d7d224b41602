"""Expressions as the numbers that floats would make of them, each with a bound of its error."""

from collections.abc import Callable, Mapping
from functools import cache, reduce

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
    Pow,
    Rational,
    S,
    Symbol,
    cosh,
    exp,
    log,
    sinh,
)
from sympy.codegen.cfunctions import expm1
from sympy.core.relational import Relational

from symnn.cases import Piecewise
from symnn.functions import Elementwise, U
from symnn.gammas import GammaFunction
from symnn.stability.floats import (
    ENOUGH,
    EPSILON,
    LARGEST,
    SMALLEST,
    LostError,
    Rounded,
    Way,
    after,
    in_way,
    infinite,
    multiplied,
    raised,
    real,
    summed,
)
from symnn.stability.identities import with_identities
from symnn.stability.special import Capped, Log1pRatio, ScaledTail, Times, UpperTail

Known = Mapping[Symbol, Rounded]


def rounded(node: Expr, known: Known, way: Way = Way.FLOATS) -> Rounded:
    """The number that an expression comes to, and its error; `way` says how it is computed."""
    for kind, rule in _RULES:
        if isinstance(node, kind):
            return in_way(rule(node, known, way), way)
    raise LostError(f"{type(node).__name__} has no rule")


def constant(node: Expr, digits: int) -> mpf:
    """A number in so many digits; raises `LostError` where it is none, or not real."""
    if node.has(S.NaN, S.ComplexInfinity):
        raise LostError("no number")
    value = mpmath.mpmathify(node.evalf(digits))
    if isinstance(value, mpc):
        raise LostError("not real")
    return value


@cache
def _number_of(node: Expr) -> Rounded:
    value = constant(node, 60)
    is_half = isinstance(node, Rational) and node.q & (node.q - 1) == 0
    return Rounded(value, mpf(0)) if is_half or isinstance(node, Float) else after(value, mpf(0))


def _number(node: Expr, known: Known, way: Way) -> Rounded:
    return _number_of(node)


def _symbol(node: Symbol, known: Known, way: Way) -> Rounded:
    return known[node]


def _add(node: Add, known: Known, way: Way) -> Rounded:
    return summed([rounded(a, known, way) for a in node.args])


def _mul(node: Mul, known: Known, way: Way) -> Rounded:
    # As it is printed: what is above the line first, then divided by what is below.
    return reduce(multiplied, (rounded(factor, known, way) for factor in node.args))


def _times(node: Times, known: Known, way: Way) -> Rounded:
    one, other = (rounded(a, known, way) for a in node.args)
    is_nothing = way is not Way.EXACT and abs(one.value) < SMALLEST
    return Rounded(mpf(0), SMALLEST) if is_nothing else multiplied(one, other)


def _capped(node: Capped, known: Known, way: Way) -> Rounded:
    inner = rounded(node.args[0], known, way)
    if way is Way.EXACT or not mpmath.isinf(inner.value):
        return inner
    return Rounded(mpmath.sign(inner.value) * LARGEST / 1024, mpf(0))


def _pow(node: Pow, known: Known, way: Way) -> Rounded:
    base, power = (rounded(a, known, way) for a in node.args)
    return raised(base, power, bool(node.exp.is_integer))


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
    if isinstance(node, Elementwise) and way is not Way.EXACT and abs(arguments[0].value) > _FAR:
        return _computed(node, arguments[0], way)
    function = numeric(node.func)
    try:
        (argument,) = arguments
        if mpmath.isinf(argument.value):
            return infinite(real(function(argument.value), way))
        if isinstance(node, log) and argument.error > 0 and abs(argument.value) < SMALLEST:
            return _log_of_nothing(way)
        if type(node) in _EXPLOSIVE and abs(argument.value) > ENOUGH:
            return _explosion(node, argument.value, way)
        value = real(function(argument.value), way)
        if argument.error == 0:
            return after(value, EPSILON * abs(value))
        step = argument.error
        slope = abs(real(function(argument.value + step), way) - value) / step
    except (ValueError, ZeroDivisionError, OverflowError, TypeError) as error:
        raise LostError(str(error)) from None
    return after(value, slope * argument.error + EPSILON * abs(value))


def _computed(node: Elementwise, argument: Rounded, way: Way) -> Rounded:
    """A named function by the form in which it is computed, which is made for smaller arguments."""
    from symnn.stability.forms import stable

    found = stable(node.formula)
    numbers = {U: argument}
    for symbol, meaning in found.meanings:
        numbers[symbol] = rounded(meaning, numbers, way)
    return rounded(found.form, numbers, way)


def _log_of_nothing(way: Way) -> Rounded:
    """The logarithm of what is 0 in floats."""
    if way is Way.FLOATS:
        raise LostError("a logarithm of 0")
    return infinite(-mpf("inf"))


def _explosion(node: Function, argument: mpf, way: Way) -> Rounded:
    """exp and its like of what is far beyond the numbers that floats can be."""
    if argument < 0 and isinstance(node, exp | expm1):
        return after(mpf(-1 if isinstance(node, expm1) else 0), mpf(0))
    if way is not Way.FLOATS:
        return infinite(mpmath.sign(argument) * mpf("inf"))
    raise LostError("an overflow")


def numeric(function: type[Function]) -> Callable[[mpf], mpf]:
    """The function on numbers of many digits."""
    if issubclass(function, Elementwise):
        formula = with_identities(function.formula)
        return lambda v: rounded(formula, {U: Rounded(v, mpf(0))}, Way.EXACT).value
    if issubclass(function, GammaFunction):
        return function.number
    found = _NUMERIC.get(function.__name__) or getattr(mpmath, function.__name__, None)
    if found is None:
        raise LostError(f"no numbers for {function.__name__}")
    return found


def scaled_tail(v: mpf) -> mpf:
    """exp(v²)·erfc(v)."""
    return mpmath.exp(v**2) * mpmath.erfc(v)


def upper_tail(v: mpf) -> mpf:
    """erfc(v), and 0 for a v of which mpmath has none."""
    try:
        return mpmath.erfc(v)
    except OverflowError:
        return mpf(0)


def log1p_ratio(v: mpf) -> mpf:
    """log(1 + v)/v."""
    return mpmath.log1p(v) / v if v else mpf(1)


_NUMERIC: Mapping[str, Callable[[mpf], mpf]] = {
    UpperTail.__name__: upper_tail,
    "erfc": upper_tail,
    ScaledTail.__name__: scaled_tail,
    Log1pRatio.__name__: log1p_ratio,
    "log": mpmath.log,
}

# Up to here a named function is as good as its formula.
_FAR = 1000
_EXPLOSIVE = (exp, cosh, sinh, expm1)

_RULES: tuple[tuple[type, Callable[..., Rounded]], ...] = (
    (Symbol, _symbol),
    (Number, _number),
    (Add, _add),
    (Mul, _mul),
    (Times, _times),
    (Capped, _capped),
    (Pow, _pow),
    (Abs, _abs),
    (Max, _extreme),
    (Min, _extreme),
    (Piecewise, _piecewise),
    (Function, _function),
    (Expr, _number),
)
