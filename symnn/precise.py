"""Values that are exact as far as print can tell: computed twice, in 50 and in 80 digits.

A difference that should be 0 is as large as the last digit; two precisions tell it apart.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import mpmath
from mpmath import mpf
from sympy import Expr, Symbol

from symnn.cells import Entries, Values, written
from symnn.equations import Equation
from symnn.errors import DataError
from symnn.evaluation import evaluate, value_of
from symnn.leaves import Leaves, as_mpf

PRECISIONS = (50, 80)
LEAST_AGREEMENT = mpf(10) ** -30


def evaluated_in(equations: Sequence[Equation], leaves: Leaves, digits: int) -> Values:
    """The values of the equations, computed in so many digits; `DataError` for a division by 0."""
    with mpmath.workdps(digits):
        values = as_mpf(leaves.values)
        try:
            return evaluate(equations, values, leaves.sizes, digits)
        except ZeroDivisionError:
            raise DataError("something is divided by 0 at these values") from None


def settled(value: mpf, rough: mpf) -> mpf:
    """The value; 0 where nothing but the precision says how large it is."""
    is_noise = abs(value - rough) > LEAST_AGREEMENT * abs(rough)
    return mpf(0) if is_noise else value


def value_at(expression: Expr, values: Mapping[Symbol, mpf]) -> mpf:
    """The value of a formula in plain symbols."""
    entries: Values = {str(s): {(): v} for s, v in values.items()}
    found = []
    for digits in PRECISIONS:
        with mpmath.workdps(digits):
            found.append(value_of(expression, entries, {}))
    return settled(found[1], found[0])


def as_number(number: Fraction) -> mpf:
    """The fraction in as many digits as there are."""
    with mpmath.workdps(PRECISIONS[-1]):
        return mpf(number.numerator) / number.denominator


def counted(name: str, place: tuple[int, ...]) -> str:
    """An entry counted from 1."""
    return written(name, tuple(p + 1 for p in place))


def listed(entries: Entries) -> object:
    """The entries as nested lists of floats."""
    if () in entries:
        return float(entries[()])
    size = 1 + max(place[0] for place in entries)
    return [listed({p[1:]: v for p, v in entries.items() if p[0] == k}) for k in range(size)]
