"""How exact numbers are written: as a decimal where there is one, else as a fraction."""

from fractions import Fraction
from numbers import Rational

MAX_PLACES = 40


def places_of(number: Rational) -> int | None:
    """How many places the number has after the point; None where they never end."""
    below = int(number.denominator)
    return next((k for k in range(MAX_PLACES + 1) if 10**k % below == 0), None)


def shown(number: Rational | int) -> str:
    """A number as a user types it: as a decimal where it has one, else as a fraction.

    >>> shown(Fraction(1, 8)), shown(Fraction(-1, 3)), shown(7)
    ('0.125', '-1/3', '7')
    """
    exact = Fraction(int(number.numerator), int(number.denominator))
    places = places_of(exact)
    if places is None:
        return f"{exact.numerator}/{exact.denominator}"
    digits = str(abs(exact.numerator) * 10**places // exact.denominator).rjust(places + 1, "0")
    sign = "-" if exact < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
