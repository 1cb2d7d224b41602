"""Claims checked: each is right, or wrong at a point that is shown, with the likeliest cause."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from symnn.claims.claim import Claim, Verdict, claim_error
from symnn.claims.points import POINTS, At, Spot, spots
from symnn.claims.reading import Book, Reading
from symnn.claims.telling import letters_for, point, read_as, scope, values
from symnn.equations import System
from symnn.network import Network
from symnn.parsing.source import Fault


def check_claims(model: Network | System, claims: Iterable[str | Claim]) -> list[Verdict]:
    """The verdict on each claim about a model's equations and derivatives.

    Raises `ClaimError`, with the place, for a claim that cannot be read.

    >>> from symnn import Network
    >>> right, wrong = check_claims(
    ...     Network("1-1"), ["dL/dw = 2*(w*x + b - y)*x", "dL/db = yhat - y"]
    ... )
    >>> right.is_right, wrong.is_right
    (True, False)
    """
    given = [Claim(c) if isinstance(c, str) else c for c in claims]
    checker = _Checker(Book(model, given))
    return [checker.verdict(claim) for claim in given]


@dataclass(frozen=True)
class _Found:
    """A reading of a claim with the first place where it is wrong, if it is."""

    reading: Reading
    spot: Spot | None = None
    at: At | None = None


class _Checker:
    """One model, and the points at which claims about it are compared."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._spots = cache(lambda samples: spots(book.derivation, samples))

    def verdict(self, claim: Claim) -> Verdict:
        try:
            readings = self._book.readings(self._book.sides[claim])
        except Fault as fault:
            raise claim_error(fault, claim) from None
        found = [self._compared(reading) for reading in readings]
        right = next((f for f in found if f.at is None), None)
        return self._right(claim, right) if right else self._wrong(claim, found)

    def _compared(self, reading: Reading) -> _Found:
        left, *rest = reading.sides
        for spot in self._spots(1 if reading.is_one_sample else None):
            for side in rest:
                for at in spot.compared(left, side, reading.free):
                    if at.differs:
                        return _Found(reading, spot, at)
        return _Found(reading)

    def _right(self, claim: Claim, found: _Found) -> Verdict:
        how = f"agrees to 30 digits at {POINTS} points"
        return Verdict(claim, True, self._read_as(found.reading), _joined(how, found.reading))

    def _wrong(self, claim: Claim, every: Sequence[_Found]) -> Verdict:
        found = every[-1]
        assert found.spot is not None
        assert found.at is not None
        shown = point(found.spot, self._book.lexicon, is_one_sample=found.reading.is_one_sample)
        return Verdict(
            claim,
            False,
            self._read_as(found.reading),
            _joined("", found.reading),
            shown,
            values(found.at, found.reading, self._book.lexicon),
        )

    def _read_as(self, reading: Reading) -> str:
        return read_as(reading, self._book.lexicon, letters_for(self._book.derivation))


def _joined(how: str, reading: Reading) -> str:
    return ", ".join(filter(None, (how, scope(reading))))
