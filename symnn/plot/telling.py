"""What a line does, in words, for text alternatives: where it rises, falls, stays and jumps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
At = Callable[[Floats], Floats]

MOST_PIECES = 6
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# What changes by less of the whole, from point to point, is flat: it is rounding.
_FLAT = 1e-14
# What stays, and is as small beside the rest, is 0.
_NOTHING = 1e-12
_SMALLEST_JUMP = 1e-6
# Points so near are the two sides of a break.
_BESIDE = 4e-12


def said(value: float, digits: int = 4) -> str:
    """A number in so many digits, as people write it.

    >>> [said(v) for v in (-0.12345, 1.5e-9, 20000.0, 0.0)]
    ['−0.1235', '1.5·10⁻⁹', '20000', '0']
    """
    if not isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "not a number"
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{short}·10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")
    text = f"{value:.{max(digits, len(str(int(abs(value)))))}g}"
    return "0" if value == 0 else text.replace("-", "−")


@dataclass(frozen=True)
class _Piece:
    """A part of a line that goes one way, from one point of it to another."""

    way: int
    start: tuple[float, float]
    end: tuple[float, float]
    is_jump: bool


def told_of(u: Floats, values: Floats, name: str = "u", at: At | None = None) -> str:
    """What a line through `values` at `u`, both (M,), does from left to right.

    Turning points are looked for between the points by `at`, which gives values anywhere.

    >>> import numpy as np
    >>> u = np.linspace(-2.0, 2.0, 41)
    >>> told_of(u, u**2)
    'falls from 4 at u = −2 to 0 at u = 0, then rises to 4 at u = 2'
    """
    pieces = list(_pieces(u, values, at))
    if len(pieces) > MOST_PIECES:
        low, high = int(values.argmin()), int(values.argmax())
        return (
            f"goes from {said(values[0])} to {said(values[-1])}, up and down; least "
            f"{said(values[low])} at {name} = {said(u[low])}, greatest {said(values[high])} at "
            f"{name} = {said(u[high])}"
        )
    least = _NOTHING * float(np.abs(values).max())
    first, *rest = (_told(piece, name, least, k == 0) for k, piece in enumerate(pieces))
    return ", then ".join([first, *rest])


def _told(piece: _Piece, name: str, least: float, is_first: bool) -> str:
    (begin, before), (end, after) = piece.start, piece.end
    begin, end = (0.0 if abs(place) < _BESIDE else place for place in (begin, end))
    if piece.is_jump:
        return f"jumps to {said(after)} at {name} = {said(end)}"
    if piece.way == 0:
        after = 0.0 if abs(after) < least else after
        return f"is {said(after)} up to {name} = {said(end)}"
    verb = "rises" if piece.way > 0 else "falls"
    start = f" from {said(before)} at {name} = {said(begin)}" if is_first else ""
    return f"{verb}{start} to {said(after)} at {name} = {said(end)}"


def _pieces(u: Floats, values: Floats, at: At | None) -> Iterator[_Piece]:
    """The parts of the line that go one way each."""
    u, values = _without_beside(u, values)
    steps = np.diff(values)
    ways = np.where(np.abs(steps) <= _FLAT * np.abs(values).max(), 0, np.sign(steps)).astype(int)
    place, start = 0, (float(u[0]), float(values[0]))
    runs = [(key, len(list(run))) for key, run in groupby(zip(ways, _is_near(u), strict=True))]
    for k, ((way, jumps), length) in enumerate(runs):
        place += length
        end = (float(u[place]), float(values[place]))
        after = runs[k + 1][0] if k + 1 < len(runs) else (0, False)
        turns = way * after[0] < 0 and not jumps and not after[1]
        if turns and at is not None:
            end = _extreme(at, way, float(u[place - 1]), float(u[place + 1]))
        yield _Piece(int(way), start, end, bool(jumps))
        start = end


def _is_near(u: Floats) -> NDArray[np.bool_]:
    """Of each step whether it is so small that its ends are the two sides of a break."""
    return np.diff(u) <= _BESIDE * (1 + np.abs(u[:-1]))


def _without_beside(u: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The points without those beside a break to which the line does not jump."""
    near = _is_near(u)
    is_break = np.concatenate([[False], near[:-1] & near[1:], [False]])
    is_idle = near & (np.abs(np.diff(values)) <= _SMALLEST_JUMP * np.ptp(values))
    idle = np.flatnonzero(is_idle)
    beside = np.where(is_break[idle], idle + 1, idle)
    return np.delete(u, beside), np.delete(values, beside)


def _extreme(at: At, way: int, low: float, high: float) -> tuple[float, float]:
    """The place and the value of the greatest (the least, for a way down) between two points."""
    for _ in range(4):
        u = np.linspace(low, high, 101)
        values = at(u)
        k = int((way * values).argmax())
        low, high = float(u[max(k - 1, 0)]), float(u[min(k + 1, 100)])
    # Nearer to a whole number than a picture shows, it is that.
    place, value = float(u[k]), float(values[k])
    near = round(place, 6)
    return (near, float(at(np.array([near]))[0])) if abs(place - near) < 1e-6 else (place, value)
