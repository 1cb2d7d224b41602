"""How exact numbers are written: as a decimal where there is one, else as a fraction."""

from decimal import Context, Decimal
from fractions import Fraction
from numbers import Rational
from typing import NamedTuple

MAX_PLACES = 40
# From 0.0001 to 999999999 a number is written out; beyond, with a power of ten.
LEAST_POWER, MOST_POWER = -4, 8


class Figure(NamedTuple):
    """A number in so many digits, and whether those are all that it has."""

    number: Decimal
    is_exact: bool


def figure_of(number: Decimal, digits: int) -> Figure:
    """The number in so many significant digits; an exact one has no zeros at its end.

    >>> figure_of(Decimal("0.37750"), 6)
    Figure(number=Decimal('0.3775'), is_exact=True)
    >>> figure_of(Decimal("1234.56789"), 6)
    Figure(number=Decimal('1234.57'), is_exact=False)
    """
    context = Context(prec=digits)
    rounded = context.create_decimal(number)
    if rounded != number:
        return Figure(rounded, is_exact=False)
    short = rounded.normalize(context) if rounded else Decimal(0)
    is_whole = _power(short) > 0 and short.adjusted() <= MOST_POWER
    return Figure(short.quantize(Decimal(1)) if is_whole else short, is_exact=True)


def is_written_out(number: Decimal) -> bool:
    """Whether the number is written without a power of ten."""
    return number == 0 or (_power(number) <= 0 and LEAST_POWER <= number.adjusted() <= MOST_POWER)


def _power(number: Decimal) -> int:
    """The power of ten of its last digit."""
    power = number.as_tuple().exponent
    assert isinstance(power, int), number
    return power


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
