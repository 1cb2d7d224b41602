"""Random values for the leaves of a system, and small sizes for which all that is read is there.

What is drawn is seeded, and has few bits, so that floats hold it exactly. No NumPy is needed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice, product, zip_longest
from random import Random

import mpmath
from mpmath import mpf
from sympy import Expr, Idx, Indexed, Integer, Symbol

from symnn.binding import size_of
from symnn.cells import Entries, NoEntryError, Sizes, Values
from symnn.equations import SAMPLES, Quantity, Role, System, entry_indices, entry_name
from symnn.errors import SymnnError
from symnn.evaluation import Formula, computed, prepared, whole
from symnn.extents import is_within
from symnn.lookups import lookups

_BOTH = (Role.INPUT, Role.PARAMETER)
# How many draws, how far, and whose are positive: a logarithm wants them so, an acosh far as well.
_ROUNDS: tuple[tuple[int, int, tuple[Role, ...]], ...] = (
    (40, 1, ()),
    (15, 1, (Role.INPUT,)),
    (15, 1, _BOTH),
    (15, 4, ()),
    (15, 4, _BOTH),
)
_TRIES = sum(count for count, _, _ in _ROUNDS)
MOST_SYMBOLS, LARGEST, MOST_CHOICES = 4, 6, 300
# Targets lie between 0 and 1, so that they fit every loss.
BOUNDS: Mapping[Role, tuple[float, float]] = {
    Role.INPUT: (-1.0, 1.0),
    Role.TARGET: (0.1, 0.9),
    Role.PARAMETER: (-1.0, 1.0),
}


def small_sizes(system: System, samples: int | None = None) -> dict[Symbol, int]:
    """A small number for each symbolic size, such that every entry that is read is there.

    No two are alike, and of samples there are `samples`, where that may be. Raises `SymnnError`
    where an axis has no entry, whatever the sizes.

    >>> from symnn import System
    >>> text = "input x[n:N]; parameter w[k:K]; loss = mean(n, w[4]*x[n])"
    >>> small_sizes(System.parse(text), samples=2)
    {K: 5, N: 2}
    """
    every = chain(fitting_sizes(system, samples), _with_axes(system, samples))
    found = next(every, None)
    if found is None:
        raise SymnnError("an axis has no entry, whatever the sizes")
    return found


def fitting_sizes(system: System, samples: int | None = None) -> Iterator[dict[Symbol, int]]:
    """Every choice of small sizes with which all that is read is there, the likeliest first."""
    every = _with_axes(system, samples)
    if not any(map(_may_miss, _reads(system))):
        return every
    return filter(lambda sizes: _finds_all(system, sizes), islice(every, MOST_CHOICES))


def _with_axes(system: System, samples: int | None) -> Iterator[dict[Symbol, int]]:
    """Small sizes that give every axis an entry."""
    shapes = [q.shape for q in system.quantities.values()]
    symbols = sorted({s for shape in shapes for size in shape for s in size.free_symbols}, key=str)
    choices = _choices(symbols, {SAMPLES: samples} if samples else {})
    return (c for c in choices if all(whole(size, c) > 0 for shape in shapes for size in shape))


def _choices(symbols: Sequence[Symbol], wanted: Sizes) -> Iterator[dict[Symbol, int]]:
    """Numbers for the symbols: no two alike, and what is wanted; then any others."""
    for least in range(2, 12):
        yield {s: least + k for k, s in enumerate(symbols)} | dict(wanted)
    every = product(range(1, LARGEST + 1), repeat=min(len(symbols), MOST_SYMBOLS))
    for numbers in sorted(every, key=lambda ns: (len({*ns}) < len(ns), sum(ns))):
        # Of more symbols the last are as large as can be.
        yield dict(wanted) | dict(zip_longest(symbols, numbers, fillvalue=LARGEST))


def _reads(system: System) -> Iterator[tuple[Expr, Expr]]:
    """Each place that is read, with the size of its axis."""
    for e in system.equations:
        for entry in e.expression.atoms(Indexed):
            shape = system.quantities[entry_name(entry)].shape
            yield from zip(entry_indices(entry), shape, strict=True)


def _may_miss(read: tuple[Expr, Expr]) -> bool:
    """Whether it depends on a symbolic size that the place is on its axis."""
    place, size = read
    if isinstance(place, Idx) and size_of(place) == size:
        return False
    sizes = [size, *map(size_of, place.atoms(Idx)), *(() if place.has(Idx) else (place,))]
    return any(s.free_symbols for s in sizes) and not is_within(place, size)


def _finds_all(system: System, sizes: Sizes) -> bool:
    """Whether every entry is there that the equations read."""
    random = Random(0)
    with mpmath.workdps(15):
        formulas = prepared(system.equations, sizes)
        for _ in range(3):
            try:
                computed(formulas, random_values(system, random, sizes))
            except NoEntryError:
                return False
            except (SymnnError, ArithmeticError):
                # No value there, for another reason.
                continue
            return True
    return True


def is_regular(formulas: tuple[Formula, ...], last: str, values: Values) -> bool:
    """Whether the loss, or what is computed last, is made of finite real numbers there."""
    try:
        return all(map(mpmath.isfinite, computed(formulas, values)[last].values()))
    except (SymnnError, ZeroDivisionError):
        return False


class NoPointError(SymnnError):
    """No point was found at which the loss has a value."""

    def __init__(self) -> None:
        super().__init__(f"the loss is not a real number at any of {_TRIES} random points")


def each_random_point(system: System, random: Random, sizes: Sizes) -> Iterator[dict[str, Entries]]:
    """Values of all leaves, as often as one may try to find some at which a loss has a value."""
    for count, reach, positive in _ROUNDS:
        for _ in range(count):
            yield random_values(system, random, sizes, reach, positive)


def random_values(
    system: System,
    random: Random,
    sizes: Sizes,
    reach: int = 1,
    positive: Collection[Role] = (),
) -> dict[str, Entries]:
    """A value for each entry of each leaf, which has few bits, so that floats hold it exactly.

    Inputs and parameters are `reach` times as large as usual, and those of some roles `positive`.
    """
    leaves = system.named(*BOUNDS)
    held = held_by_integers(system, sizes)
    drawn = {
        q.name: random_numbers(q, random, sizes, held[q.name])
        if q.is_integer
        else random_entries(q, random, sizes, 1 if q.role is Role.TARGET else reach)
        for q in leaves
    }
    for q in leaves:
        if q.role in positive:
            drawn[q.name] = {entry: abs(value) for entry, value in drawn[q.name].items()}
    return {
        name: normalised(entries) if name in system.sums_to_one else entries
        for name, entries in drawn.items()
    }


def random_entries(quantity: Quantity, random: Random, sizes: Sizes, reach: int) -> Entries:
    """Uniform draws within the bounds of the quantity's role, times `reach`."""
    ranges = (range(whole(size, sizes)) for size in quantity.shape)
    bounds = BOUNDS[quantity.role]
    return {entry: mpf(reach * random.uniform(*bounds)) for entry in product(*ranges)}


def random_numbers(quantity: Quantity, random: Random, sizes: Sizes, held: range) -> Entries:
    """Whole numbers of a range, for an input by which others are looked up."""
    ranges = (range(whole(size, sizes)) for size in quantity.shape)
    return {entry: mpf(random.choice(held)) for entry in product(*ranges)}


def held_by_integers(system: System, sizes: Sizes) -> dict[str, range]:
    """What each integer input may hold such that all is there that it looks up, if there is such.

    Where several look up one place together, each is less than the size of the axis.
    """
    held: dict[str, range] = {}
    # Those that no condition guards come first: of others some may be nowhere.
    for lookup in sorted(lookups(system), key=lambda found: bool(found.guards)):
        alone = lookup.alone
        spans = (
            [alone]
            if alone
            else [(entry_name(e), Integer(0), lookup.size - 1) for e in lookup.entries]
        )
        for name, least, greatest in spans:
            span = range(whole(least, sizes), whole(greatest, sizes) + 1)
            known = held.get(name, span)
            both = range(max(known.start, span.start), min(known.stop, span.stop))
            held[name] = both or known
    return held


def normalised(entries: Entries) -> Entries:
    """The entries divided by their sums over the last axis."""
    sums: dict[tuple[int, ...], mpf] = {}
    for entry, value in entries.items():
        sums[entry[:-1]] = sums.get(entry[:-1], mpf(0)) + value
    return {entry: value / sums[entry[:-1]] for entry, value in entries.items()}
