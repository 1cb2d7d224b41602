"""The likeliest mistake in a claim that is wrong: what undoes it makes the claim right."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import mpmath
from mpmath import mpf

from symnn.claims.points import TOLERANCE, At, Spot

MOST_DENOMINATOR = 64


def factor(found: Sequence[tuple[Spot, Sequence[At]]]) -> str:
    """The one factor between the sides at every place, in words; empty where there is none."""
    pairs = [(spot, at) for spot, every in found for at in every]
    if all(at.left == 0 for _, at in pairs) or any(
        (at.left == 0) != (at.right == 0) for _, at in pairs
    ):
        return ""
    ratios = [(spot, at.left / at.right) for spot, at in pairs if at.right != 0]
    for words, weight in _weights(found[0][0]):
        number = _common(ratio / weight(spot) for spot, ratio in ratios)
        if number is not None:
            return _told(number, words)
    return ""


def _weights(spot: Spot) -> Iterator[tuple[str, Callable[[Spot], mpf]]]:
    """1, and each size and its inverse."""
    yield "", lambda _: mpf(1)
    for size in spot.sizes:
        name = str(size)
        yield name, lambda s, size=size: mpf(s.sizes[size])  # type: ignore[misc]
        yield f"1/{name}", lambda s, size=size: 1 / mpf(s.sizes[size])  # type: ignore[misc]


def _common(ratios: Iterator[mpf]) -> Fraction | None:
    """The short fraction that all the ratios are."""
    first, *rest = ratios
    number = Fraction(str(mpmath.nstr(first, 30))).limit_denominator(MOST_DENOMINATOR)
    value = mpf(number.numerator) / number.denominator
    near = all(abs(r - value) <= TOLERANCE * max(1, abs(value)) for r in (first, *rest))
    return number if near and number else None


def _told(number: Fraction, size: str) -> str:
    """The factor in words: a sign, a mean and a sum exchanged, or a number."""
    if number == -1 and not size:
        return "a sign: the right side is the negative of the left"
    if number == 1 and size == "1/N":
        return "a sum instead of a mean: the left side is 1/N times the right"
    if number == 1 and size == "N":
        return "a mean instead of a sum: the left side is N times the right"
    top, bottom = str(number.numerator), str(number.denominator) if number.denominator > 1 else ""
    if size.startswith("1/"):
        bottom = f"({bottom}*{size[2:]})" if bottom else size[2:]
    elif size:
        top = size if top == "1" else f"{top}*{size}"
    return f"a factor: the left side is {top}{f'/{bottom}' if bottom else ''} times the right"
