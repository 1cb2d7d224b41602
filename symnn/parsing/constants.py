"""The size of a constant, in floating point, before SymPy looks at it closely.

SymPy asks of a constant whether it is real, or zero, and computes as many digits as that takes: for
sin(10**10**50) it would never end. So a constant must be a number that floating point has, and a
root of one must be short enough to be written.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import sympy
from mpmath import mpf
from sympy import Add, Expr, Function, Mul, Pow, Rational, Sum, log

from symnn.binding import bound_indices, size_of
from symnn.cases import Piecewise
from symnn.gammas import DIGAMMA, LGAMMA, TRIGAMMA, GammaFunction
from symnn.parsing.source import Fault, Place
from symnn.parsing.tokens import MAX_DIGITS

MAX_EXPONENT = 64
MAX_UNSURE = 8
MAX_RATIO = 20
MAX_ROOT = 4_000
MAX_HEIGHT = 4


def _of_positive(function: type[GammaFunction]) -> Callable[[float], float]:
    def approximated(value: float) -> float:
        if not value > 0:
            raise ValueError
        return float(function.number(mpf(value)))

    return approximated


_FLOATS: Mapping[type[Expr], Callable[..., float]] = {
    sympy.Pow: math.pow,
    sympy.exp: math.exp,
    sympy.log: math.log,
    sympy.sin: math.sin,
    sympy.cos: math.cos,
    sympy.tan: math.tan,
    sympy.asin: math.asin,
    sympy.acos: math.acos,
    sympy.atan: math.atan,
    sympy.sinh: math.sinh,
    sympy.cosh: math.cosh,
    sympy.tanh: math.tanh,
    sympy.asinh: math.asinh,
    sympy.acosh: math.acosh,
    sympy.atanh: math.atanh,
    sympy.erf: math.erf,
    sympy.erfc: math.erfc,
    LGAMMA: _of_positive(LGAMMA),
    DIGAMMA: _of_positive(DIGAMMA),
    TRIGAMMA: _of_positive(TRIGAMMA),
    sympy.Abs: abs,
    sympy.Max: max,
    sympy.Min: min,
}


def check_constant(value: Expr, place: Place) -> None:
    """Refuse a constant that is not real, or that floating point does not have."""
    if _height(value) > MAX_HEIGHT:
        raise Fault("this constant has too many functions within functions; name a part", place)
    try:
        is_finite = math.isfinite(approximation(value))
    except OverflowError:
        is_finite = False
    except ValueError:
        raise Fault("this is no real number", place) from None
    if not is_finite:
        raise Fault("this constant is out of the range of numbers, 1e308", place)


@lru_cache(maxsize=4096)
def _height(value: Expr) -> int:
    """How many functions of constants and roots of sums stand within one another."""
    below = max((_height(a) for a in value.args if isinstance(a, Expr)), default=0)
    is_root = value.is_Pow and value.base.is_Rational and value.exp.is_Rational
    return below + (isinstance(value, Function) or (value.is_Pow and not is_root))


@lru_cache(maxsize=4096)
def approximation(value: Expr) -> float:
    """About how large a constant is; 1 for a function that is no more than its name to SymPy."""
    if value.is_Rational:
        return int(value.p) / int(value.q)
    if value.is_NumberSymbol:
        return float(value)
    if value is sympy.I:
        raise ValueError
    arguments = [approximation(a) for a in value.args if isinstance(a, Expr)]
    if isinstance(value, Sum):
        return arguments[0] * math.prod(approximation(size_of(i)) for i in bound_indices(value))
    if value.is_Add:
        return sum(arguments)
    if value.is_Mul:
        return math.prod(arguments)
    found = _FLOATS[value.func](*arguments) if value.func in _FLOATS else 1.0
    if not found and (value.func is sympy.exp or (value.is_Pow and arguments[0])):
        raise OverflowError
    return found


def check_exponent(exponent: Expr, place: Place) -> None:
    """Refuse an exponent that is large, or has a large constant among its terms."""
    constant = exponent if exponent.is_number else exponent.as_coeff_Add()[0]
    if abs(approximation(constant)) > MAX_EXPONENT:
        raise Fault(f"an exponent is at most {MAX_EXPONENT} in size", place)


def check_power(base: Expr, exponent: Expr, place: Place) -> None:
    """Refuse a power by a number that is too long to be written; powers of powers multiply."""
    _check_unsure(base, exponent, place)
    for factor in _factors(base):
        inner, power = factor.as_base_exp()
        if power.is_Rational and abs(power * exponent) > MAX_EXPONENT:
            raise Fault(f"the exponents multiply to more than {MAX_EXPONENT}", place)
        if inner.is_Rational and power.is_Rational:
            _check_root(inner, power * exponent, place)


def _check_unsure(base: Expr, exponent: Rational, place: Place) -> None:
    """Refuse a long exponent where the power may not be real.

    Asked whether it is, SymPy multiplies it out, to the degree that the exponent has as a ratio.
    """
    if exponent.is_Integer:
        if abs(exponent) > MAX_UNSURE and not _is_real(base):
            raise Fault(f"of what may not be real, an exponent is at most {MAX_UNSURE}", place)
    elif max(abs(exponent.p), exponent.q) > MAX_RATIO and not base.is_extended_nonnegative:
        raise Fault(
            "of what may be negative, an exponent is a short ratio such as 1/3; "
            "write abs(…)**… for another",
            place,
        )


def _is_real(value: Expr) -> bool:
    """Whether it is real wherever it is finite: 1 + 1/r is, which SymPy does not say of r = 0."""
    if isinstance(value, Add | Mul):
        return all(map(_is_real, value.args))
    if isinstance(value, Pow) and value.exp.is_Integer:
        return _is_real(value.base)
    return bool(value.is_extended_real)


def _factors(base: Expr) -> Iterator[Expr]:
    """What SymPy raises to a power one by one: the factors of a product, in each branch."""
    for factor in Mul.make_args(base):
        if isinstance(factor, Piecewise):
            for branch, _ in factor.args:
                yield from _factors(branch)
        else:
            yield factor


def check_exponential(exponents: Iterable[Expr], place: Place) -> None:
    """The same for exp(c*log(a)), which SymPy writes as a**c."""
    for exponent in exponents:
        factor, rest = exponent.as_coeff_Mul()
        if isinstance(rest, log):
            check_exponent(factor, place)
            if rest.args[0].is_Rational:
                check_power(rest.args[0], factor, place)


def check_logarithms(value: Expr, place: Place) -> None:
    """Refuse c*log(a) of numbers in a condition where a**c, which SymPy computes, is long."""
    for product in value.atoms(Mul):
        factor, rest = product.as_coeff_Mul()
        for part in Mul.make_args(rest):
            if isinstance(part, log) and part.args[0].is_Rational:
                _check_root(part.args[0], factor, place)


def _check_root(number: Rational, exponent: Rational, place: Place) -> None:
    if digits(number) * abs(exponent) > MAX_DIGITS:
        raise Fault(f"a number of more than {MAX_DIGITS} digits", place)
    if exponent.q > 1 and digits(number) * exponent.q > MAX_ROOT:
        raise Fault("a power of a number with too many digits; round the exponent", place)


def digits(number: Rational) -> float:
    """About how many digits a ratio has, above or below the line."""
    return max(math.log10(abs(int(number.p)) or 1), math.log10(int(number.q)))
