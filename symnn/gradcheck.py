"""Gradients against finite differences of the loss, both in 50 digits.

What is checked is the printed system itself, entry by entry, at a seeded random point. Nothing here
imports NumPy, since `symnn derive` checks what it prints. A gradient check cannot see a wrong model
(the gradient of a wrong loss may well be right): `reference` holds an independent forward pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from random import Random

import mpmath
from mpmath import mpf

from symnn.cells import Entries, Sizes, Values, Where
from symnn.derivation import Derivation
from symnn.draws import NoPointError, each_random_point, is_regular, small_sizes
from symnn.equations import Role, System
from symnn.evaluation import DIGITS, Formula, computed, evaluate, prepared

# Truncation costs h², rounding 10⁻⁵⁰/h: about 33 digits are right for h = 10⁻¹⁷.
STEP_DIGITS = 17
TOLERANCE = 1e-25
SAMPLE_COUNT = 2


@dataclass(frozen=True)
class Comparison:
    """How many entries were compared, how many agree, and the worst difference of all.

    A difference is relative to the value, and absolute where the value is below 1.
    """

    count: int
    agreeing: int
    worst: float
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether there were entries, and all of them agree."""
        return 0 < self.count == self.agreeing


@dataclass(frozen=True)
class Point:
    """Where a system is evaluated: the values of its leaves, and its symbolic sizes."""

    values: Values
    sizes: Sizes


def compare(derivation: Derivation, seed: int = 0) -> Comparison:
    """All gradients of a derivation against finite differences, at a seeded random point.

    Raises `SymnnError` if the loss is not a real number at any of a hundred points.
    """
    return merged(compare_each(derivation, seed).values())


def compare_each(derivation: Derivation, seed: int = 0) -> dict[str, Comparison]:
    """Each gradient of a derivation against finite differences, by the quantity's name."""
    point = random_point(derivation.system, seed)
    derived = derived_gradients(derivation, point)
    differences: dict[str, Entries] = {}
    for name, e in derivation.gradients.items():
        top = e.quantity.top or derivation.system.loss.name
        differences |= finite_differences(derivation.system, point, [name], top)
    return {name: compared(derived[name], differences[name]) for name in differences}


def derived_gradients(derivation: Derivation, point: Point) -> dict[str, Entries]:
    """What the derivation's own equations give for each gradient, by the quantity's name."""
    known = evaluate(derivation.equations, point.values, point.sizes)
    return {name: known[e.quantity.name] for name, e in derivation.gradients.items()}


def finite_differences(
    system: System, point: Point, names: Iterable[str] | None = None, top: str | None = None
) -> dict[str, Entries]:
    """Central differences of the loss by every entry of the parameters, or of each in `names`.

    With a `top`, of every entry of that quantity: its indices come first.
    A quantity of the forward pass (`z1`) is moved as it is computed: what a recurrence makes of it
    later moves with it.
    """
    chosen = [q.name for q in system.named(Role.PARAMETER)] if names is None else names
    with mpmath.workdps(DIGITS):
        formulas = prepared(system.equations, point.sizes)
        known = computed(formulas, point.values)
        of = top or system.loss.name
        return {name: central_differences(formulas, of, known, name) for name in chosen}


def central_differences(
    formulas: Iterable[Formula], top: str, values: Values, name: str
) -> Entries:
    """(L(θ + h) - L(θ - h)) / 2h for each entry L of `top` and θ of the quantity `name`."""
    every = list(formulas)
    step = mpf(10) ** -STEP_DIGITS
    leaves = {n: entries for n, entries in values.items() if n not in {f.name for f in every}}

    def at(entry: tuple[int, ...], shift: mpf) -> Entries:
        if name not in leaves:
            moving = [_moved(f, entry, shift) if f.name == name else f for f in every]
            return computed(moving, leaves)[top]
        moved = {**leaves[name], entry: leaves[name][entry] + shift}
        return computed(every, {**leaves, name: moved})[top]

    found: dict[tuple[int, ...], mpf] = {}
    for entry in values[name]:
        above, below = at(entry, step), at(entry, -step)
        found |= {(*a, *entry): (above[a] - below[a]) / (2 * step) for a in above}
    return found


def _moved(formula: Formula, entry: tuple[int, ...], shift: mpf) -> Formula:
    """The formula with one of its entries moved."""
    there = dict(zip(formula.indices, entry, strict=True))

    def cell(values: Values, where: Where) -> mpf:
        value = formula.cell(values, where)
        return value + shift if all(where[i] == k for i, k in there.items()) else value

    return replace(formula, cell=cell)


def second_differences(
    system: System, point: Point, name: str
) -> dict[tuple[tuple[int, ...], tuple[int, ...]], mpf]:
    """Central second differences of the loss by each pair of entries of what is computed."""
    step = mpf(10) ** -STEP_DIGITS
    with mpmath.workdps(2 * DIGITS):
        formulas = prepared(system.equations, point.sizes)
        entries = computed(formulas, point.values)[name]

        def at(*shifts: tuple[tuple[int, ...], mpf]) -> mpf:
            moving = list(formulas)
            for shift in shifts:
                moving = [_moved(f, *shift) if f.name == name else f for f in moving]
            return computed(moving, point.values)[system.loss.name][()]

        def slope(one: tuple[int, ...], other: tuple[int, ...], by: mpf) -> mpf:
            return at((one, step), (other, by)) - at((one, -step), (other, by))

        return {
            (i, j): (slope(i, j, step) - slope(i, j, -step)) / (4 * step**2)
            for i, j in product(entries, entries)
        }


def random_point(system: System, seed: int = 0, samples: int = SAMPLE_COUNT) -> Point:
    """The first seeded random point at which the loss is a finite real number."""
    random = Random(seed)
    sizes = small_sizes(system, samples)
    with mpmath.workdps(DIGITS):
        formulas = prepared(system.equations, sizes)
        for values in each_random_point(system, random, sizes):
            if is_regular(formulas, formulas[-1].name, values):
                return Point(values, sizes)
    raise NoPointError


def compared(values: Entries, oracle: Entries, tolerance: float = TOLERANCE) -> Comparison:
    """The values against those of the oracle; an entry that only one of them has disagrees."""
    entries = values.keys() | oracle.keys()
    with mpmath.workdps(DIGITS):
        errors = [difference(values.get(e), oracle.get(e)) for e in entries]
    agreeing = sum(error <= tolerance for error in errors)
    return Comparison(len(errors), agreeing, max(errors, default=0.0), tolerance)


def difference(value: mpf | None, oracle: mpf | None) -> float:
    """The error of a value, relative to max(1, |oracle|); infinite where it is undefined."""
    if value is None or oracle is None:
        return float("inf")
    error = float(abs(value - oracle) / max(1, abs(oracle)))
    return error if error == error else float("inf")


def merged(comparisons: Iterable[Comparison]) -> Comparison:
    """Several comparisons as one: the counts added, the worst of all, the loosest tolerance."""
    rows = list(comparisons)
    return Comparison(
        sum(row.count for row in rows),
        sum(row.agreeing for row in rows),
        max((row.worst for row in rows), default=0.0),
        max((row.tolerance for row in rows), default=TOLERANCE),
    )
