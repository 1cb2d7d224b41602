"""Equations as numbers: the slow and obvious evaluator, entry by entry, in many digits.

It is the referee of the code that runs, so it shares nothing with that code: no arrays, no NumPy,
no rewriting. What one expression comes to, `cells` says. Everything here must run inside
`mpmath.workdps`; the public `evaluate` does that itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import mpmath
from mpmath import mpf
from sympy import Expr, Idx

from symnn.binding import size_of
from symnn.cells import Cell, Entries, Sizes, Values, Where, built, real
from symnn.equations import Equation

DIGITS = 50


@dataclass(frozen=True)
class Formula:
    """An equation that is ready to be evaluated: its index ranges, and its right side."""

    name: str
    indices: tuple[Idx, ...]
    ranges: tuple[range, ...]
    cell: Cell

    def value(self, entry: tuple[int, ...], values: Values) -> mpf:
        """One entry of the left side."""
        return real(self.cell(values, dict(zip(self.indices, entry, strict=True))))


class Wanted(dict[tuple[int, ...], mpf]):
    """The entries of a formula, each computed when it is first wanted.

    So a recurrence needs no order: h[n,t] wants h[n,t-1], and its adjoint the entry at t + 1.
    """

    def __init__(self, formula: Formula, values: Values) -> None:
        super().__init__()
        self._formula, self._values = formula, values
        self._places = set(product(*formula.ranges))

    def __missing__(self, entry: tuple[int, ...]) -> mpf:
        if entry not in self._places:
            raise KeyError(entry)
        self[entry] = self._formula.value(entry, self._values)
        return self[entry]

    def all(self) -> Entries:
        """Every entry, in order."""
        return {entry: self[entry] for entry in product(*self._formula.ranges)}


def evaluate(
    equations: Iterable[Equation], values: Values, sizes: Sizes, digits: int = DIGITS
) -> dict[str, Entries]:
    """The values given, and those of each equation's left side, in the order of the equations.

    `sizes` says what the symbols among the sizes stand for, as `{SAMPLES: 3}`. Raises `SymnnError`
    for an expression that it cannot evaluate and for a value that is missing or is not real.

    >>> from sympy import Sum
    >>> from symnn.equations import Quantity, Role, index, numbers
    >>> i = index("i", 2)
    >>> x = Quantity("x", numbers(2), Role.INPUT, ("i",), "x")
    >>> loss = Quantity("L", (), Role.LOSS, (), "L")
    >>> squares = Equation(loss, (), Sum(x.at(i) ** 2, i))
    >>> evaluate([squares], {"x": {(0,): mpf(3), (1,): mpf(4)}}, {})["L"]
    {(): mpf('25.0')}
    """
    with mpmath.workdps(digits):
        return computed(prepared(equations, sizes), values)


def prepared(equations: Iterable[Equation], sizes: Sizes) -> tuple[Formula, ...]:
    """The equations as closures, at the present precision."""
    return tuple(
        Formula(
            e.quantity.name,
            e.indices,
            tuple(range(whole(size_of(i), sizes)) for i in e.indices),
            built(e.expression, sizes),
        )
        for e in equations
    )


def computed(formulas: Iterable[Formula], values: Values) -> dict[str, Entries]:
    """The values, and those of each formula after them."""
    known = dict(values)
    wanted = {f.name: Wanted(f, known) for f in formulas}
    known.update(wanted)
    return {**values, **{name: entries.all() for name, entries in wanted.items()}}


def value_of(expression: Expr, values: Values, sizes: Sizes, where: Where | None = None) -> mpf:
    """The value of one expression, with its free indices at `where`."""
    return real(built(expression, sizes)(values, where or {}))


def whole(size: Expr, sizes: Sizes) -> int:
    """The size as a Python integer."""
    return int(built(size, sizes)({}, {}))
