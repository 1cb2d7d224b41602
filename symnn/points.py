"""Values for a system: which name means which quantity, which shape fits, and what is missing.

A point gives a number to each entry of each input, target and parameter, and to each size. Numbers
are exact fractions; nothing here computes with them.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from random import Random

import mpmath
from sympy import Symbol

from symnn.assigned import Assigned, Nested
from symnn.cells import written
from symnn.draws import NoPointError, each_random_point, is_regular, small_sizes
from symnn.equations import Quantity, Role, System
from symnn.errors import DataError, ShapeError
from symnn.evaluation import DIGITS, prepared, whole
from symnn.fitted_shapes import Shapes, filled, joined, number_at
from symnn.language import Wanted
from symnn.leaves import Leaves, Numbers, as_mpf
from symnn.lookups import lookups
from symnn.names import name_in_code

_NEAR = Fraction(1, 10**6)
LEAVES = (Role.PARAMETER, Role.INPUT, Role.TARGET)


def leaves_of(system: System, given: Assigned, ones: Iterable[str] = ()) -> Leaves:
    """The values that are given, for every leaf of the system; those in `ones` may be left out.

    Names are those of the code or of print (`w` for W1 in a net of one layer), entries are counted
    from 1. An array may leave out the axis of the samples, and axes of length one. Raises
    `UnknownNameError` for another name, `ShapeError` for a shape that does not fit, and `DataError`
    where values are missing or cannot be.
    """
    leaves = {q.name: q for q in system.named(*LEAVES)}
    arrays, entries = _sorted(system, leaves, given)
    shapes = Shapes(leaves)
    kept = {name: shapes.fitted(leaves[name], nested) for name, nested in arrays.items()}
    kept |= {name: shapes.of_entries(leaves[name], found) for name, found in entries.items()}
    missing = [name for name in leaves if name not in kept and name not in ones]
    if missing:
        it, example = "them" if len(missing) > 1 else "it", f"{missing[0]}=0.5"
        raise DataError(f"no value for {joined(missing)}; give {it} as in {example}")
    sizes = shapes.settled(kept)
    values: dict[str, Numbers] = {}
    for name, q in leaves.items():
        ranges = [range(whole(size, sizes)) for size in q.shape]
        places = list(product(*ranges))
        if name not in kept:
            values[name] = dict.fromkeys(places, Fraction(1))
        elif name in entries:
            values[name] = filled(q, places, entries[name], kept[name])
        else:
            shapes.check(q, arrays[name], kept[name], sizes)
            values[name] = {p: number_at(arrays[name], [p[k] for k in kept[name]]) for p in places}
    _check(system, values, sizes)
    return Leaves(values, sizes)


def random_leaves(system: System, seed: int = 0, samples: int = 1) -> Leaves:
    """Seeded random values with two decimals; targets that sum to one are a class each.

    Raises `SymnnError` where the loss is no real number at any point that was tried.
    """
    random = Random(seed)
    sizes = small_sizes(system, samples)
    with mpmath.workdps(DIGITS):
        formulas = prepared(system.equations, sizes)
        for drawn in each_random_point(system, random, sizes):
            values = {name: _rounded(entries) for name, entries in drawn.items()}
            values |= {name: _class(drawn[name]) for name in system.sums_to_one}
            if is_regular(formulas, formulas[-1].name, as_mpf(values)):
                return Leaves(values, sizes)
    raise NoPointError


def _rounded(entries: Mapping[tuple[int, ...], mpmath.mpf]) -> Numbers:
    return {place: Fraction(str(round(float(value), 2))) for place, value in entries.items()}


def _class(entries: Mapping[tuple[int, ...], mpmath.mpf]) -> Numbers:
    """1 for the largest along the last axis, 0 for the others."""
    best: dict[tuple[int, ...], tuple[int, ...]] = {}
    for place, value in entries.items():
        row = place[:-1]
        if row not in best or value > entries[best[row]]:
            best[row] = place
    return {place: Fraction(place == best[place[:-1]]) for place in entries}


# Names --------------------------------------------------------------------------------------


def _sorted(
    system: System, leaves: Mapping[str, Quantity], given: Assigned
) -> tuple[dict[str, Nested], dict[str, dict[Wanted, Fraction]]]:
    """The whole arrays and the single entries that are given, by the names in code."""
    arrays: dict[str, Nested] = {}
    entries: dict[str, dict[Wanted, Fraction]] = {}
    for wanted, value in given.items():
        name = resolved(system, leaves, wanted.name)
        if name in arrays or (name in entries and not wanted.place):
            raise DataError(f"{name} is given twice; give it once, or entry by entry")
        if not wanted.place:
            arrays[name] = value
        elif isinstance(value, Fraction):
            entries.setdefault(name, {})[wanted] = value
        else:
            raise ShapeError(f"{wanted} is one number, but a list is given")
    return arrays, entries


def resolved(system: System, leaves: Mapping[str, Quantity], typed: str) -> str:
    """The name in code of what was typed; raises `UnknownNameError` and `DataError`."""
    if typed in leaves:
        return typed
    if typed in system.quantities:
        raise DataError(f"{typed} is computed; give {joined(list(leaves))}")
    return name_in_code("input, target or parameter", typed, leaves)


# Values -------------------------------------------------------------------------------------


def _check(system: System, values: Mapping[str, Numbers], sizes: Mapping[Symbol, int]) -> None:
    """Raise `DataError` for targets that do not sum to one as declared, and for no place."""
    for name in system.sums_to_one:
        sums: dict[tuple[int, ...], Fraction] = {}
        for place, value in values.get(name, {}).items():
            sums[place[:-1]] = sums.get(place[:-1], Fraction(0)) + value
        wrong = next((s for s in sums.values() if abs(s - 1) > _NEAR), None)
        if wrong is not None:
            raise DataError(
                f"{name} sums to {float(wrong):g}; the loss takes targets that sum to 1"
            )
    for lookup in lookups(system):
        alone = lookup.alone
        if alone is None or lookup.guards:
            continue
        name, *ends = alone
        least, greatest = (whole(end, sizes) for end in ends)
        for place, value in values.get(name, {}).items():
            if value.denominator != 1 or not least <= value <= greatest:
                raise DataError(
                    f"{written(name, place)} is {float(value):g}; it is looked up by, and takes "
                    f"whole numbers from {least} to {greatest}"
                )
