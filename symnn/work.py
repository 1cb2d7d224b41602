"""A derivation with numbers in it: every quantity at one point, the update, and what a knob does.

The values come from the derivation's own equations, evaluated in many digits; the formulas that
they stand in are the same equations with each sum written out. Nothing here prints.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import mpmath
from mpmath import mpf
from sympy import Expr, Integer, Symbol

from symnn.cells import Entries, Values
from symnn.decimals import Figure, figure_of
from symnn.derivation import Derivation
from symnn.display import Displayed
from symnn.equations import SAMPLES, Equation, Quantity, Role
from symnn.errors import DataError, SpecError
from symnn.evaluation import evaluate, value_of, whole
from symnn.first_step import Change, beside, changes
from symnn.leaves import Leaves, Numbers, as_mpf
from symnn.placed import Placed
from symnn.precise import PRECISIONS, as_number, counted, evaluated_in, listed, settled
from symnn.scalars import places, symbol

if TYPE_CHECKING:
    from symnn.optimizers import Optimizer

KEPT = 45
MOST_NUMBERS = 500
MOST_TYPED = 12
RATE = Fraction(1, 10)


@dataclass(frozen=True)
class Turn:
    """One entry moved by a little: what the derivative says of the loss, and what it does."""

    symbol: Symbol
    by: Fraction
    expected: mpf
    found: mpf


@dataclass(frozen=True, repr=False)
class Work(Displayed):
    """A derivation at a point: `work["delta1"]` is the value of a quantity, by its name in code.

    `rate` is the learning rate of the update and `optimizer` its rule, `digits` how many of each
    number are printed, and `turned` the knobs that are turned, each by how much.
    """

    derivation: Derivation
    leaves: Leaves
    rate: Fraction
    optimizer: "Optimizer"
    digits: int = 6
    turned: Mapping[tuple[str, tuple[int, ...]], Fraction] | None = None

    def __post_init__(self) -> None:
        refuse_many(self.derivation, self.leaves.sizes)

    def __repr__(self) -> str:
        return f"Work({self.derivation.model!r}, L={float(self.loss):.{self.digits}g})"

    def __getitem__(self, name: str) -> object:
        """The value of a quantity: a number, or nested lists of its shape."""
        return listed(self.values[name])

    @property
    def loss(self) -> mpf:
        """The value of the loss."""
        return self.values[self.derivation.system.loss.name][()]

    @property
    def updated(self) -> dict[str, object]:
        """Each parameter after the update, by its name."""
        return {name: listed(entries) for name, entries in self._after.items()}

    @property
    def loss_after(self) -> mpf:
        """The loss at the updated parameters."""
        loss = self.derivation.system.loss.name
        leaves = {**as_mpf(self.leaves.values), **self._after}
        return evaluate(self.derivation.system.equations, leaves, self.leaves.sizes)[loss][()]

    def check(self) -> None:
        """Raise `DataError` where a quantity is not a finite number, and name it."""
        for name, entries in self.values.items():
            for place, value in entries.items():
                if not mpmath.isfinite(value):
                    raise DataError(f"{counted(name, place)} is not finite at these values")

    # Values -----------------------------------------------------------------------------------

    @cached_property
    def values(self) -> Values:
        """Every quantity by its name, from places to numbers."""
        rough, exact = (
            evaluated_in(self.derivation.equations, self.leaves, digits) for digits in PRECISIONS
        )
        return {
            name: {p: settled(v, rough[name][p]) for p, v in entries.items()}
            for name, entries in exact.items()
        }

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The number in the place of each symbol, as it is printed."""
        found = {}
        for name, entries in self.values.items():
            q = self.quantities[name]
            typed = q.name in self.leaves.values
            for place, value in entries.items():
                found[str(symbol(q, *place))] = self.figure(value, is_typed=typed)
        return found

    def figure(self, value: mpf, *, is_typed: bool = False) -> Figure:
        """The number in as many digits as are printed; one that was typed short stays whole."""
        with mpmath.workdps(PRECISIONS[-1]):
            number = Decimal(mpmath.nstr(value, KEPT, strip_zeros=False))
        whole_figure = figure_of(number, MOST_TYPED)
        is_short = is_typed and whole_figure.is_exact
        return whole_figure if is_short else figure_of(number, self.digits)

    def typed(self, number: Fraction) -> Figure:
        """A number as it was typed, where it is short."""
        return self.figure(as_number(number), is_typed=True)

    # Formulas ---------------------------------------------------------------------------------

    @cached_property
    def quantities(self) -> dict[str, Quantity]:
        """Every quantity, with numbers for its sizes."""
        d = self.derivation
        every = {**d.system.quantities, **{e.quantity.name: e.quantity for e in d.equations}}
        return {name: self._sized(q) for name, q in every.items()}

    def _sized(self, q: Quantity) -> Quantity:
        shape = tuple(Integer(whole(size, self.leaves.sizes)) for size in q.shape)
        return replace(q, shape=shape)

    @cached_property
    def scalars(self) -> Placed:
        """The equations with every sum written out, for all the samples."""
        sizes = {s: Integer(n) for s, n in self.leaves.sizes.items()}
        equations = {
            e.quantity.name: Equation(
                self.quantities[e.quantity.name],
                tuple(i.xreplace(sizes) for i in e.indices),
                e.expression.xreplace(sizes),
            )
            for e in self.derivation.equations
        }
        return Placed(self.quantities, equations, expands_functions=False, values=self.values)

    def lines(self, q: Quantity) -> Iterator[tuple[Symbol, Expr]]:
        """Each entry of a computed quantity: its symbol, and its formula."""
        sized = self.quantities[q.name]
        for place in places(sized):
            yield symbol(sized, *place), self.scalars.entry(q.name, *place)

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.leaves.sizes[SAMPLES]

    def at_sample(self, expression: Expr, n: Expr, number: int) -> mpf:
        """The value of an expression in the index of the samples, for one of them."""
        with mpmath.workdps(PRECISIONS[0]):
            return value_of(expression, self.values, self.leaves.sizes, {n: number})

    # The update -------------------------------------------------------------------------------

    @cached_property
    def start(self) -> dict[Symbol, Fraction]:
        """What the optimizer's rule reads beside a parameter and its gradient, at the first step.

        Raises `SpecError` where a quantity of the model has the name of one of these.
        """
        return beside(self.optimizer, self.rate, self.quantities)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The update of each entry of each parameter, line by line as in the optimizer's row."""
        values = {
            symbol(self.quantities[name], *place): value
            for name, entries in self.values.items()
            for place, value in entries.items()
        }
        return tuple(changes(self.optimizer, self.start, self._trained(), values))

    def _trained(self) -> Iterator[tuple[Symbol, Symbol]]:
        """The symbols of each entry of a parameter that has a gradient, and of its gradient."""
        for name, e in self.derivation.gradients.items():
            q = self.quantities[name]
            if q.role is Role.PARAMETER:
                gradient = self.quantities[e.quantity.name]
                for place in places(q):
                    yield symbol(q, *place), symbol(gradient, *place)

    @cached_property
    def _after(self) -> dict[str, Entries]:
        moved = {c.target: c.value for c in self.changes}
        return {
            q.name: {p: moved.get(symbol(q, *p), v) for p, v in self.values[q.name].items()}
            for q in self.quantities.values()
            if q.role is Role.PARAMETER
        }

    # Knobs ------------------------------------------------------------------------------------

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """What each chosen knob does when it is turned."""
        return tuple(
            self._turn(name, place, by) for (name, place), by in (self.turned or {}).items()
        )

    def _turn(self, name: str, place: tuple[int, ...], by: Fraction) -> Turn:
        gradient = self.derivation.gradients[name].quantity.name
        numbers = self.leaves.values[name]
        moved: dict[str, Numbers] = {
            **self.leaves.values,
            name: {**numbers, place: numbers[place] + by},
        }
        system = self.derivation.system
        leaves = Leaves(moved, self.leaves.sizes)
        after = evaluated_in(system.equations, leaves, PRECISIONS[-1])[system.loss.name][()]
        with mpmath.workdps(PRECISIONS[-1]):
            expected = self.values[gradient][place] * as_number(by)
            found = after - self.loss
            # A loss that does not change is the same but for its last digits.
            found = mpf(0) if abs(found) < abs(after) * mpf(10) ** -PRECISIONS[0] else found
        return Turn(symbol(self.quantities[name], *place), by, expected, found)


def refuse_many(derivation: Derivation, sizes: Mapping[Symbol, int]) -> None:
    """Raise `SpecError` where there are more numbers than a page takes."""
    quantities = {**derivation.system.quantities}
    quantities |= {e.quantity.name: e.quantity for e in derivation.equations}
    count = sum(prod(whole(size, sizes) for size in q.shape) for q in quantities.values())
    if count > MOST_NUMBERS:
        raise SpecError(
            f"too large to put numbers in: there are {count} of them, and {MOST_NUMBERS} is the "
            "most; take fewer samples, or --wrt W1 for some of the gradients"
        )
