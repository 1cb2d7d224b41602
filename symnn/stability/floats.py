"""Numbers that know what floats would make of them: a value in many digits, and an error.

Every number carries a bound of its absolute error, to first order (Higham 2002, section 3.4): a
rounding adds half a unit of the last place, a function passes an error on by its slope, and what
is below the smallest float is lost. All of it runs inside `mpmath.workdps`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import mpmath
from mpmath import mpc, mpf

EPSILON = mpf(2) ** -53
LARGEST, SMALLEST = mpf(2) ** 1024, mpf(2) ** -1074


class LostError(ArithmeticError):
    """A number that no float can be: an overflow, a division by 0, a root of what is negative."""


class UnknownError(LostError):
    """A number that comes of infinite ones, and may be any."""


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


def in_way(found: Rounded, way: Way) -> Rounded:
    """A result as it is known when numbers are computed so."""
    return _AFTER[way](found)


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


def after(value: mpf, error: mpf) -> Rounded:
    """A result, rounded once more; what is far below the smallest float is 0."""
    if abs(value) + error < SMALLEST / 4:
        return Rounded(value, abs(value) + error)
    return Rounded(value, error + EPSILON * abs(value) + SMALLEST)


def infinite(value: mpf) -> Rounded:
    """What comes of an infinite number: no error is left to be counted."""
    if mpmath.isnan(value):
        raise UnknownError("not a number")
    return Rounded(value, mpf(0))


def _exactly(found: Rounded) -> Rounded:
    return Rounded(found.value, mpf(0))


def summed(terms: Sequence[Rounded]) -> Rounded:
    """Their sum: each of the additions rounds what has come together by then."""
    sizes = sum(abs(t.value) for t in terms)
    value = sum(t.value for t in terms)
    if mpmath.isinf(sizes):
        return infinite(value)
    error = mpmath.fsum(t.error for t in terms)
    if len(terms) > 2:
        error += EPSILON * sizes
    # A sum of two floats is never below the smallest float.
    return Rounded(value, error + EPSILON * abs(value))


def multiplied(one: Rounded, other: Rounded) -> Rounded:
    """Their product; a factor of 1 or of -1 rounds nothing."""
    value = one.value * other.value
    if mpmath.isinf(one.value) or mpmath.isinf(other.value):
        return infinite(value)
    error = abs(one.value) * other.error + abs(other.value) * one.error
    if _is_unit(one) or _is_unit(other):
        return Rounded(value, error)
    return after(value, error + one.error * other.error)


def _is_unit(number: Rounded) -> bool:
    return bool(abs(number.value) == 1 and number.error == 0)


def raised(base: Rounded, power: Rounded, is_whole: bool) -> Rounded:
    """A power of it; `is_whole` says that the exponent is a whole number."""
    if base.value == 0 and power.value <= 0:
        raise LostError("a division by 0")
    if base.value < 0 and not is_whole:
        raise LostError("a root of what is negative")
    if mpmath.isinf(base.value) and is_whole:
        return infinite(base.value**power.value)
    if base.value and abs(power.value * mpmath.log(abs(base.value))) > ENOUGH:
        if (abs(base.value) < 1) == (power.value > 0):
            return after(mpf(0), mpf(0))
        raise LostError("an overflow")
    value = mpmath.power(base.value, power.value)
    if base.error >= abs(base.value) and base.error > 0:
        if power.value < 0:
            raise LostError("a division by what is lost")
        bound = mpmath.power(abs(base.value) + base.error, power.value)
        return after(value, bound)
    # Under a power a relative error is as many times as large, and then some.
    relative = abs(power.value) * base.error / abs(base.value) if base.value else mpf(0)
    if power.error:
        relative += abs(mpmath.log(abs(base.value))) * power.error
    return after(value, abs(value) * relative * (1 + relative))


def real(value: mpf | mpc, way: Way) -> mpf:
    """A value that is a number and no infinity, unless those are asked for."""
    if isinstance(value, mpc):
        if value.imag != 0:
            raise LostError("not real")
        value = value.real
    if mpmath.isnan(value) or (mpmath.isinf(value) and way is not Way.INFINITE):
        raise LostError("not finite")
    return value


_AFTER: Mapping[Way, Callable[[Rounded], Rounded]] = {
    Way.FLOATS: _in_floats,
    Way.INFINITE: _with_infinity,
    Way.EXACT: _exactly,
}
# No float has a logarithm of this size.
ENOUGH = 100_000
