"""What is told of a claim: how it was understood, and where its sides differ. Text alone."""

from dataclasses import replace

import mpmath
from sympy import Expr, Integer

from symnn.binding import index, size_of
from symnn.claims.points import At, Spot, leaves_in_order
from symnn.claims.reading import Reading
from symnn.equations import SAMPLES
from symnn.reader.lexicon import Lexicon
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.rewriting import Letters, lettered

MOST_VALUES = 12
SHOWN_DIGITS = 8


def read_as(reading: Reading, lexicon: Lexicon, letters: Letters) -> str:
    """The claim as it was understood, in indices."""
    named = _named_axes(reading, letters)
    style = replace(lexicon.style, hides_samples=reading.hides_samples)
    printer = UnicodeNotation(style)
    taken = [named.get(i, i) for i in reading.free]
    sides = [printer.math(lettered(e.xreplace(named), taken, letters)) for e in reading.sides]
    return " = ".join(sides)


def _named_axes(reading: Reading, letters: Letters) -> dict[Expr, Expr]:
    """A letter for each axis that had none in the claim."""
    busy = [str(i.label) for i in reading.free if i not in reading.axes]
    named: dict[Expr, Expr] = {}
    for i in reading.axes:
        wanted = "n" if size_of(i) == SAMPLES and "n" not in busy else letters.free(i, busy)
        busy.append(wanted)
        named[i] = index(wanted, size_of(i))
    return named


def scope(reading: Reading) -> str:
    """For which samples a claim was read."""
    if reading.is_one_sample:
        return "for one sample"
    return "each sample by itself" if _hides(reading) else ""


def _hides(reading: Reading) -> bool:
    return reading.hides_samples and any(size_of(i) == SAMPLES for i in reading.free)


def point(spot: Spot, lexicon: Lexicon, *, is_one_sample: bool) -> str:
    """The values of the leaves at a point: `w = 0.53, b = -0.2`; of many, the first."""
    shown, count = [], 0
    for name, place, value in leaves_in_order(spot):
        count += 1
        if count <= MOST_VALUES:
            entry = lexicon.quantities[name].at(*map(Integer, place))
            shown.append(f"{_entry(entry, lexicon, is_one_sample)} = {mpmath.nstr(value, 4)}")
    more = count - len(shown)
    sizes = [f"{s} = {k}" for s, k in spot.sizes.items() if s != SAMPLES or not is_one_sample]
    return ", ".join([*sizes, *shown]) + (f" and {more} more" if more > 0 else "")


def _entry(entry: Expr, lexicon: Lexicon, hides_samples: bool) -> str:
    style = replace(lexicon.style, hides_samples=hides_samples)
    return UnicodeNotation(style).math(entry)


def values(at: At, reading: Reading, lexicon: Lexicon) -> str:
    """The two sides there: `∂L/∂W¹₂₁ is 0.4, the right side 0.2`."""
    left = reading.sides[0].xreplace({i: Integer(k) for i, k in at.where.items()})
    name = _entry(left, lexicon, reading.is_one_sample) if len(str(left)) < 60 else "the left side"
    one, other = (mpmath.nstr(v, SHOWN_DIGITS) for v in (at.left, at.right))
    return f"{name} is {one}, and the right side {other}"
