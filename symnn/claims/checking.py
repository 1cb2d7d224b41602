"""Claims checked: each is right, or wrong at a point that is shown, with the likeliest cause."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from symnn.claims.causes import factor
from symnn.claims.claim import Claim, ClaimError, Verdict, claim_error
from symnn.claims.points import POINTS, At, Spot, spots
from symnn.claims.proving import Prover
from symnn.claims.reading import Book, Reading, letters_in
from symnn.claims.telling import point, read_as, scope, values
from symnn.claims.variants import LINK, variants
from symnn.equations import System
from symnn.errors import SymnnError
from symnn.network import Network
from symnn.notations import Convention
from symnn.parsing.source import Fault, printable
from symnn.parsing.tree import Node
from symnn.reader.shapes import ShapeFault
from symnn.rewriting import letters_of


def check_claims(
    model: Network | System,
    claims: Iterable[str | Claim],
    *,
    notation: str | Convention = "symnn",
    names: Mapping[str, str] | None = None,
) -> list[Verdict]:
    """The verdict on each claim about a model's equations and derivatives.

    Claims are in the names of a page in this `notation`, one of `NOTATIONS`, and in a user's own
    `names`, by the names in code: `{"W1": "A"}`.

    Raises `ClaimError`, with the place, for a claim that cannot be read; `UnknownNameError` and
    `SpecError` for a notation or a name that cannot be.

    >>> from symnn import Network
    >>> right, wrong = check_claims(
    ...     Network("1-1"), ["dL/dw = 2*(w*x + b - y)*x", "dL/db = yhat - y"]
    ... )
    >>> right.is_right, wrong.cause
    (True, 'a factor: the left side is 2 times the right')
    >>> (verdict,) = check_claims(
    ...     Network("2-3-1"), ["dC/dw3 = delta3.T @ a2"], notation="nielsen"
    ... )
    >>> verdict.is_right
    True
    """
    given = [Claim(c) if isinstance(c, str) else c for c in claims]
    checker = Checker(Book(model, given, notation, names))
    return [checker.verdict(claim) for claim in given]


@dataclass(frozen=True)
class _Found:
    """A reading of a claim; and the first place where it is wrong, if it is, and in which side."""

    reading: Reading
    spot: Spot | None = None
    at: At | None = None
    side: int = 0


_AGREES = f"agrees to 30 digits at {POINTS} points"


class Checker:
    """One model, and the number of points at which claims about it are compared."""

    def __init__(self, book: Book, points: int = POINTS) -> None:
        self._book = book
        derivation = book.derivation
        self._letters = letters_of(derivation.system)
        self._spots = cache(lambda samples: spots(derivation, points, samples))
        self._prover = cache(
            lambda one: Prover(derivation.system, derivation.equations, is_one_sample=one)
        )

    def is_right(self, claim: Claim) -> bool:
        """Whether the sides agree at every point; raises `Fault` for what has no meaning."""
        readings = self._book.readings(self._book.sides[claim])
        return any(found.at is None for found in self._found(readings))

    def verdict(self, claim: Claim) -> Verdict:
        """What is found of a claim; raises `ClaimError` for one that has no meaning."""
        sides = self._book.sides[claim]
        found: list[_Found] = []
        try:
            for one in self._found(self._book.readings(sides)):
                found.append(one)
                if one.at is None:
                    return self._right(claim, one)
        except ShapeFault as fault:
            return self._misshapen(claim, sides, fault)
        except Fault as fault:
            raise claim_error(fault, claim) from None
        except SymnnError as error:
            raise ClaimError(str(error), 1, claim) from None
        return self._wrong(claim, sides, found)

    def _found(self, readings: Iterable[Reading]) -> Iterator[_Found]:
        """What is found of each reading; at the end `SymnnError` where one had no value.

        It comes at the end, since a claim that is right in another reading is right.
        """
        errors = []
        for reading in readings:
            try:
                yield self._compared(reading)
            except SymnnError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _compared(self, reading: Reading) -> _Found:
        left, *rest = reading.sides
        for spot in self._spots_of(reading):
            for number, side in enumerate(rest, start=1):
                for at in spot.compared(left, side, reading.free):
                    if at.differs:
                        return _Found(reading, spot, at, number)
        return _Found(reading)

    def _spots_of(self, reading: Reading) -> list[Spot]:
        return self._spots(1 if reading.is_one_sample else None)

    # Right.

    def _right(self, claim: Claim, found: _Found) -> Verdict:
        how = "proved" if self._is_proved(found.reading) else _AGREES
        return Verdict(claim, True, self._read_as(found.reading), _joined(how, found.reading))

    def _is_proved(self, reading: Reading) -> bool:
        left, *rest = reading.sides
        prover = self._prover(reading.is_one_sample)
        return all(prover.proves(left, side, reading.free) for side in rest)

    # Wrong.

    def _wrong(self, claim: Claim, sides: Sequence[Node], every: Sequence[_Found]) -> Verdict:
        found = every[-1] if every[-1].reading.is_one_sample else every[0]
        assert found.spot is not None
        assert found.at is not None
        reading, lexicon = found.reading, self._book.lexicon
        return Verdict(
            claim,
            False,
            self._read_as(reading),
            _joined("", reading),
            point(found.spot, lexicon, is_one_sample=reading.is_one_sample),
            values(found.at, reading, lexicon),
            self._factor(found) or self._mistake(sides, found.side),
        )

    def _misshapen(self, claim: Claim, sides: Sequence[Node], fault: ShapeFault) -> Verdict:
        """A claim whose parts do not go together: wrong, if one mistake explains it."""
        cause = next(filter(None, (self._mistake(sides, k) for k in range(1, len(sides)))), "")
        return Verdict(claim, False, printable(claim.text), fault.message, cause=cause)

    def _factor(self, found: _Found) -> str:
        reading = found.reading
        left, side = reading.sides[0], reading.sides[found.side]
        return factor([(s, s.compared(left, side, reading.free)) for s in self._spots_of(reading)])

    def _mistake(self, sides: Sequence[Node], number: int) -> str:
        """The mistake that, undone, makes this side right; or right but for a factor."""
        equations, lexicon = self._book.derivation.system.equations, self._book.lexicon
        nearly = ""
        for cause, side in variants(sides[number], letters_in(sides), equations, lexicon):
            found = self._tried((sides[0], side))
            right = next((f for f in found if f.at is None), None)
            if right is not None:
                return f"{cause}; right is {self._read_as(right.reading)}"
            if cause.startswith(LINK) and not nearly:
                factors = filter(None, map(self._factor, found))
                nearly = next((f"{cause}, and {f}" for f in factors), "")
        return nearly

    def _tried(self, sides: Sequence[Node]) -> list[_Found]:
        try:
            return list(self._found(self._book.readings(sides)))
        except (Fault, SymnnError):
            return []

    def _read_as(self, reading: Reading) -> str:
        return read_as(reading, self._book.lexicon, self._letters)


def _joined(how: str, reading: Reading) -> str:
    return ", ".join(filter(None, (how, scope(reading))))
