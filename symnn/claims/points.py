"""The two sides of a claim as numbers, in 50 digits, at random points with sizes of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from random import Random

import mpmath
from mpmath import mpf
from sympy import Expr, Idx

from symnn.binding import size_of
from symnn.cells import Entries, Sizes, Values, Where, built, real
from symnn.derivation import Derivation
from symnn.draws import NoPointError, each_random_point, fitting_sizes, is_regular, small_sizes
from symnn.equations import SAMPLES, Equation, System
from symnn.errors import SymnnError
from symnn.evaluation import DIGITS, Wanted, prepared, whole
from symnn.functions import U
from symnn.network import Network

POINTS = 5
TOLERANCE = mpf(10) ** -30
MOST_ENTRIES = 40
MOST_WORK = 400_000


@dataclass(frozen=True)
class At:
    """One place at one point: the index values, and the two sides there."""

    where: Where
    left: mpf
    right: mpf

    @property
    def differs(self) -> bool:
        """Whether the sides are apart by more than 30 digits hide."""
        size = max(1, abs(self.left), abs(self.right))
        return not abs(self.left - self.right) <= TOLERANCE * size


@dataclass(frozen=True)
class Spot:
    """A random point: the values of the leaves, and sizes; the rest is computed when wanted."""

    derivation: Derivation
    leaves: Values
    sizes: Sizes

    @cached_property
    def known(self) -> Values:
        """The leaves, and every quantity of the derivation."""
        found: dict[str, Entries] = dict(self.leaves)
        with mpmath.workdps(DIGITS):
            formulas = prepared(_equations(self.derivation), self.sizes)
            found |= {f.name: Wanted(f, found) for f in formulas}
        return found

    def compared(self, left: Expr, right: Expr, free: Sequence[Idx]) -> list[At]:
        """Both sides at every place of the free indices; of many, at a seeded sample of them."""
        with mpmath.workdps(DIGITS):
            ranges = [range(whole(size_of(i), self.sizes)) for i in free]
            places = list(product(*ranges))
            if len(places) > MOST_ENTRIES:
                places = sorted(Random(0).sample(places, MOST_ENTRIES))
            one, other = (built(side, self.sizes) for side in (left, right))
            found = []
            for place in places:
                where = dict(zip(free, place, strict=True))
                values = (real(cell(self.known, where)) for cell in (one, other))
                found.append(At(where, *values))
        return found


def _equations(derivation: Derivation) -> tuple[Equation, ...]:
    """Those of the derivation; of a Jacobian also the others of its model, as the loss."""
    model = derivation.model
    forward = (model.system if isinstance(model, Network) else model).equations
    every = {e.quantity.name: e for e in (*forward, *derivation.equations)}
    return tuple(every.values())


def spots(derivation: Derivation, count: int, samples: int | None = None) -> list[Spot]:
    """Random points, each with sizes of its own; `samples` fixes the number of samples.

    Raises `SymnnError` where the loss is not a real number at any point that was tried.
    """
    return [_spot(derivation, k, samples) for k in range(count)]


def _spot(derivation: Derivation, seed: int, samples: int | None) -> Spot:
    random, system = Random(seed), derivation.system
    sizes = _sizes(system, seed % 2, samples)
    _refuse_wide(derivation, sizes)
    with mpmath.workdps(DIGITS):
        formulas = prepared(system.equations, sizes)
        # That of a Jacobian ends in what is differentiated.
        names = [f.name for f in formulas]
        last = system.loss.name if system.loss.name in names else names[-1]
        for drawn in each_random_point(system, random, sizes):
            values: dict[str, Entries] = {
                name: entries if name in system.sums_to_one else _rounded(entries)
                for name, entries in drawn.items()
            }
            if is_regular(formulas, last, values):
                values[U.name] = {(): mpf(str(round(random.uniform(-2, 2), 2)))}
                return Spot(derivation, values, sizes)
    raise NoPointError


def _sizes(system: System, number: int, samples: int | None) -> Sizes:
    """The first small sizes, or the second where there are such; of so many samples, if given."""
    wanted = samples or 2 + number
    found = list(islice(fitting_sizes(system, wanted), 2)) or [small_sizes(system, wanted)]
    sizes = found[min(number, len(found) - 1)]
    if samples and sizes[SAMPLES] != samples:
        raise SymnnError(f"what this model reads is not there with N = {samples}")
    return sizes


def _refuse_wide(derivation: Derivation, sizes: Sizes) -> None:
    work = sum(
        mpmath.fprod(whole(size, sizes) for size in q.shape)
        for q in derivation.system.quantities.values()
    )
    if work > MOST_WORK:
        raise SymnnError(
            "claims are checked entry by entry, and this model is too wide for that; "
            "check them on one with fewer units"
        )


def _rounded(entries: Entries) -> Entries:
    """The same with two decimals, for a person to compute with."""
    return {place: mpf(str(round(float(value), 2))) for place, value in entries.items()}


def leaves_in_order(spot: Spot) -> Iterator[tuple[str, tuple[int, ...], mpf]]:
    """Every leaf's entries, parameters first, as they are asked for by hand."""
    quantities: Mapping[str, object] = spot.derivation.system.quantities
    for name in quantities:
        for place, value in sorted(spot.leaves.get(name, {}).items()):
            yield name, place, value
