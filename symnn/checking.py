"""The full check of a derivation: its gradients, its forward pass, and its three views.

Four ways to the same numbers, at one seeded random point: finite differences, loops that know no
equation (`reference`), the compiled NumPy code, and the scalar expressions. `check` gives a row for
each comparison; it makes no judgement beyond the row's tolerance, and prints nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf
from numpy.typing import ArrayLike, NDArray
from sympy import cse, numbered_symbols

from symnn.cells import Entries, Values
from symnn.curvature import GaussNewton
from symnn.derivation import Derivation
from symnn.equations import SAMPLES, Quantity, Role
from symnn.evaluation import DIGITS, evaluate, value_of
from symnn.gradcheck import (
    Comparison,
    Point,
    compare_each,
    compared,
    derived_gradients,
    random_point,
)
from symnn.layers import LAYERS, Dense
from symnn.network import Network
from symnn.reference import as_entries, borrowed_by, independent_forward
from symnn.scalars import symbol

Array = NDArray[np.floating[Any]]

EXACT_TOLERANCE = 1e-40
FLOAT_TOLERANCE = 1e-9
# A scalar expression is derived and evaluated by itself: of many, a sample tells enough.
SCALAR_LIMIT = 60


@dataclass(frozen=True)
class Row:
    """One comparison: what with what, of how many numbers, and how far they are apart at worst.

    `worst` is relative to the value, and absolute where the value is below 1.
    """

    what: str
    count: int
    worst: float
    tolerance: float
    ok: bool


@dataclass(frozen=True)
class Report:
    """All comparisons of a derivation. `notes` say what could not be compared, and why."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every row is within its tolerance."""
        return all(row.ok for row in self.rows)


def check(derivation: Derivation, seed: int = 0) -> Report:
    """Every comparison that the derivation allows, at the random points of this seed.

    The work grows with the square of the parameters: a wide network is checked as it is
    `shrunk()`, and a note says so.

    >>> from symnn.derivation import derive
    >>> check(derive(Network("2-2-1"))).ok
    True
    """
    small, on = derivation.shrunk()
    rows = gradient_rows(small, seed)
    point = random_point(small.system, seed)
    if not isinstance(small.model, Network):
        # A derivative of a derivative runs in another way.
        rows += matrix_rows(small, point) if type(small) is Derivation else []
        return Report(tuple(rows), ("equations alone have no independent forward pass",))
    own = own_layers(small.model)
    if not own:
        rows += forward_rows(small, small.model, point)
    rows += matrix_rows(small, point)
    rows += scalar_rows(small, seed)
    return Report(tuple(rows), (*filter(None, [on]), *own, *borrowing(small.model)))


def gradient_rows(derivation: Derivation, seed: int = 0) -> list[Row]:
    """Each gradient against finite differences of the loss."""
    if isinstance(derivation, GaussNewton):
        what = f"{derivation.title}: index view and finite differences"
        return [row(what, derivation.compared(seed))]
    comparisons = compare_each(derivation, seed).items()
    return [row(f"∂L/∂{name}: index view and finite differences", c) for name, c in comparisons]


def forward_rows(derivation: Derivation, network: Network, point: Point) -> list[Row]:
    """The outputs and the loss against the pass that knows no equation."""
    known = evaluate(derivation.system.equations, point.values, point.sizes)
    with mpmath.workdps(DIGITS):
        forward = independent_forward(network, point.values)
    oracles: dict[str, Entries] = {"yhat": as_entries(forward.outputs), "L": {(): forward.loss}}
    return [
        row(
            f"{name}: index view and independent forward pass",
            compared(known[name], oracle, EXACT_TOLERANCE),
        )
        for name, oracle in oracles.items()
    ]


def matrix_rows(derivation: Derivation, point: Point) -> list[Row]:
    """The loss and the gradients of the compiled NumPy code against the index view."""
    arrays = {name: array_of(entries) for name, entries in point.values.items()}
    leaves = derivation.system.named(Role.PARAMETER)
    parameters = {q.name: arrays.pop(q.name) for q in leaves}
    loss, gradients = derivation.lambdify()(parameters, **arrays)
    of_loss = derivation.system.loss.name
    views: dict[str, ArrayLike] = {"L": loss}
    views |= {f"∂L/∂{name}": value for name, value in gradients.items()}
    known = evaluate(derivation.equations, point.values, point.sizes)
    oracles = {"L": known[of_loss], **labelled(derived_gradients(derivation, point))}
    return [
        row(
            f"{label}: matrix view and index view",
            compared(entries_of(views[label]), oracle, FLOAT_TOLERANCE),
        )
        for label, oracle in oracles.items()
    ]


def scalar_rows(derivation: Derivation, seed: int = 0) -> list[Row]:
    """The scalar view of each parameter's gradient, for one sample, against the index view.

    Of more than 60 entries, a seeded sample of 60 is compared.
    """
    point = random_point(derivation.system, seed, samples=1)
    values = scalars(derivation, point)
    oracles = chosen(parameter_gradients(derivation, point), Random(seed))
    return [
        row(
            f"∂L/∂{name}: scalar view and index view",
            compared(scalar_entries(derivation, name, oracle, values), oracle, EXACT_TOLERANCE),
        )
        for name, oracle in oracles.items()
    ]


def scalar_entries(
    derivation: Derivation, name: str, entries: Iterable[tuple[int, ...]], values: Values
) -> Entries:
    """The scalar expressions of these entries of a gradient, evaluated."""
    places = list(entries)
    # What the expressions share is evaluated once: in full, those of a deep net grow without end.
    names = numbered_symbols("common_", real=True)
    shared, expressions = cse([derivation.partial(name, *e) for e in places], names, order="none")
    known = dict(values)
    with mpmath.workdps(DIGITS):
        for common, expression in shared:
            known[common.name] = {(): value_of(expression, known, {})}
        found = (value_of(expression, known, {}) for expression in expressions)
        return dict(zip(places, found, strict=True))


def scalars(derivation: Derivation, point: Point) -> Values:
    """Every entry of the leaves and of the forward pass as a number by its own name: `W1_0_2`."""
    known = evaluate(derivation.system.equations, point.values, point.sizes)
    quantities = derivation.system.quantities
    return {
        symbol(quantities[name], *of_one_sample(quantities[name], entry)).name: {(): value}
        for name, entries in known.items()
        for entry, value in entries.items()
    }


def of_one_sample(quantity: Quantity, entry: tuple[int, ...]) -> tuple[int, ...]:
    """The indices of an entry without that of its sample."""
    pairs = zip(entry, quantity.shape, strict=True)
    return tuple(place for place, size in pairs if size != SAMPLES)


def parameter_gradients(derivation: Derivation, point: Point) -> dict[str, Entries]:
    """The index view's gradients by the parameters alone."""
    parameters = {q.name for q in derivation.system.named(Role.PARAMETER)}
    gradients = derived_gradients(derivation, point)
    return {name: entries for name, entries in gradients.items() if name in parameters}


def chosen(gradients: Mapping[str, Entries], random: Random) -> dict[str, Entries]:
    """At most 60 entries of all, in their order; a parameter of which none is left is left out."""
    pairs = [(name, entry) for name, entries in gradients.items() for entry in entries]
    kept = set(random.sample(pairs, min(SCALAR_LIMIT, len(pairs))))
    parts = {
        name: {e: value for e, value in entries.items() if (name, e) in kept}
        for name, entries in gradients.items()
    }
    return {name: entries for name, entries in parts.items() if entries}


def own_layers(network: Network) -> tuple[str, ...]:
    """A note for each kind of layer that the independent forward pass does not know."""
    kinds = dict.fromkeys(type(x) for x in network.layers if type(x) is not Dense)
    own = [kind for kind in kinds if LAYERS.get(kind.name) is not kind]
    notes = [
        f"{kind.__name__} is your own layer: there is no independent forward pass" for kind in own
    ]
    ours = ", ".join(kind.name for kind in kinds if kind not in own)
    return (*notes, *([f"there is no independent forward pass for {ours}"] if ours else []))


def borrowing(network: Network) -> tuple[str, ...]:
    """A note for each activation and loss whose own formula was used on both sides."""
    return tuple(
        f"{name} is your own: the forward pass has no independent formula for it"
        for name in borrowed_by(network)
    )


def labelled(gradients: Mapping[str, Entries]) -> dict[str, Entries]:
    """The gradients under the names that they have in print."""
    return {f"∂L/∂{name}": entries for name, entries in gradients.items()}


def array_of(entries: Entries) -> Array:
    """The entries as an array of float64."""
    shape = [1 + max(axis) for axis in zip(*entries, strict=True)]
    return np.array([float(value) for value in entries.values()]).reshape(shape)


def entries_of(values: ArrayLike) -> Entries:
    """The numbers of an array by their indices; each is held exactly."""
    return {entry: mpf(float(value)) for entry, value in np.ndenumerate(np.asarray(values))}


def row(what: str, comparison: Comparison) -> Row:
    """A comparison with the name of what was compared."""
    c = comparison
    return Row(what, c.count, c.worst, c.tolerance, c.ok)
