"""Gradients against finite differences of the loss, both in 50 digits.

What is checked is the printed system itself, entry by entry, at a seeded random point. Nothing here
imports NumPy, since `symnn derive` checks what it prints. A gradient check cannot see a wrong model
(the gradient of a wrong loss may well be right): `reference` holds an independent forward pass.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random

import mpmath
from mpmath import mpf
from sympy import Expr, Indexed, Symbol

from symnn.cells import Entries, Sizes, Values
from symnn.derivation import Derivation
from symnn.equations import SAMPLES, Quantity, Role, System, all_entries, entry_name
from symnn.errors import SymnnError
from symnn.evaluation import DIGITS, Formula, computed, evaluate, prepared, whole

# Truncation costs h², rounding 10⁻⁵⁰/h: about 33 digits are right for h = 10⁻¹⁷.
STEP_DIGITS = 17
TOLERANCE = 1e-25
SAMPLE_COUNT = 2
TRIES = 100
FARTHER = 4
# Targets lie between 0 and 1, so that they fit every loss.
BOUNDS: Mapping[Role, tuple[float, float]] = {
    Role.INPUT: (-1.0, 1.0),
    Role.TARGET: (0.1, 0.9),
    Role.PARAMETER: (-1.0, 1.0),
}


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
    For a quantity of the forward pass (`z1`) its own equation is left out, and it is moved itself.
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
    others = [f for f in formulas if f.name != name]
    step = mpf(10) ** -STEP_DIGITS

    def at(entry: tuple[int, ...], shift: mpf) -> Entries:
        moved = {**values[name], entry: values[name][entry] + shift}
        return computed(others, {**values, name: moved})[top]

    found: dict[tuple[int, ...], mpf] = {}
    for entry in values[name]:
        above, below = at(entry, step), at(entry, -step)
        found |= {(*a, *entry): (above[a] - below[a]) / (2 * step) for a in above}
    return found


def random_point(system: System, seed: int = 0, samples: int = SAMPLE_COUNT) -> Point:
    """The first seeded random point at which the loss is a finite real number."""
    random = Random(seed)
    sizes = {**small_sizes(system), SAMPLES: samples}
    with mpmath.workdps(DIGITS):
        formulas = prepared(system.equations, sizes)
        for attempt in range(TRIES):
            # Some functions, such as acosh, have no value near 0.
            reach = 1 if attempt < TRIES / 2 else FARTHER
            values = random_values(system, random, sizes, reach)
            if is_regular(formulas, formulas[-1].name, values):
                return Point(values, sizes)
    raise SymnnError(f"the loss is not a real number at any of {TRIES} random points")


def small_sizes(system: System) -> dict[Symbol, int]:
    """A small number for each symbolic size, no two alike, such that every axis has an entry."""
    shapes = [q.shape for q in system.quantities.values()]
    symbols = sorted({s for shape in shapes for size in shape for s in size.free_symbols}, key=str)
    for least in range(2, 12):
        sizes = {s: least + k for k, s in enumerate(symbols)}
        if all(whole(size, sizes) > 0 for shape in shapes for size in shape):
            return sizes
    raise SymnnError("an axis has no entry, whatever the sizes")


def is_regular(formulas: tuple[Formula, ...], last: str, values: Values) -> bool:
    """Whether the loss, or what is computed last, is made of finite real numbers there."""
    try:
        return all(map(mpmath.isfinite, computed(formulas, values)[last].values()))
    except (SymnnError, ZeroDivisionError):
        return False


def random_values(
    system: System, random: Random, sizes: Sizes, reach: int = 1
) -> dict[str, Entries]:
    """A value for each entry of each leaf, which has few bits, so that floats hold it exactly.

    Inputs and parameters are `reach` times as large as usual.
    """
    leaves = system.named(*BOUNDS)
    looked_up = looked_up_axes(system)
    drawn = {
        q.name: random_numbers(q, random, sizes, whole(looked_up[q.name], sizes))
        if q.is_integer
        else random_entries(q, random, sizes, 1 if q.role is Role.TARGET else reach)
        for q in leaves
    }
    return {
        name: normalised(entries) if name in system.sums_to_one else entries
        for name, entries in drawn.items()
    }


def random_entries(quantity: Quantity, random: Random, sizes: Sizes, reach: int) -> Entries:
    """Uniform draws within the bounds of the quantity's role, times `reach`."""
    ranges = (range(whole(size, sizes)) for size in quantity.shape)
    bounds = BOUNDS[quantity.role]
    return {entry: mpf(reach * random.uniform(*bounds)) for entry in product(*ranges)}


def random_numbers(quantity: Quantity, random: Random, sizes: Sizes, below: int) -> Entries:
    """Whole numbers from 0, for an input by which others are looked up."""
    ranges = (range(whole(size, sizes)) for size in quantity.shape)
    return {entry: mpf(random.randrange(below)) for entry in product(*ranges)}


def looked_up_axes(system: System) -> dict[str, Expr]:
    """For each integer input, the size of the axis that it is an index of."""
    found: dict[str, Expr] = {}
    for equation in system.equations:
        for entry in equation.expression.atoms(Indexed):
            shape = system.quantities[entry_name(entry)].shape
            for i, size in zip(entry.indices, shape, strict=True):
                found.update({entry_name(e): size for e in all_entries(i)})
    return found


def normalised(entries: Entries) -> Entries:
    """The entries divided by their sums over the last axis."""
    sums: dict[tuple[int, ...], mpf] = {}
    for entry, value in entries.items():
        sums[entry[:-1]] = sums.get(entry[:-1], mpf(0)) + value
    return {entry: value / sums[entry[:-1]] for entry, value in entries.items()}


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
