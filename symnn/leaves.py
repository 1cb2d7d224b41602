"""Where a system is evaluated: an exact number for each entry that is given, and each size."""

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import mpmath
from sympy import Symbol

Numbers: TypeAlias = Mapping[tuple[int, ...], Fraction]


class Leaves(NamedTuple):
    """A number for each entry of each leaf by its name, and for each symbol among the sizes."""

    values: Mapping[str, Numbers]
    sizes: Mapping[Symbol, int]


def as_mpf(values: Mapping[str, Numbers]) -> dict[str, dict[tuple[int, ...], mpmath.mpf]]:
    """The numbers at mpmath's present precision."""
    return {
        name: {place: mpmath.mpf(v.numerator) / v.denominator for place, v in numbers.items()}
        for name, numbers in values.items()
    }
