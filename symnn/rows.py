"""What a row of the activations or of the losses says, and the symbols of their formulas.

Each formula is in these symbols alone, and in those of the row's options.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Idx, Indexed, IndexedBase, Symbol, false, oo
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, true

from symnn.equations import SAMPLES
from symnn.errors import unknown_name
from symnn.functions import U
from symnn.options import (
    Option,
    Value,
    given_options,
    label_of,
    with_values,
    worded,
    written_out,
)

WIDTH = Symbol("K", integer=True, positive=True)
UNIT = Idx(Symbol("k", integer=True), WIDTH)
OTHER_UNIT = Idx(Symbol("m", integer=True), WIDTH)
SAMPLE = Idx(Symbol("n", integer=True), SAMPLES)
V = IndexedBase("u", real=True)
P = IndexedBase("yhat", real=True)
T = IndexedBase("y", real=True)


@dataclass(frozen=True)
class Activation:
    """A row: the name, the formula, its source, and what a network must know of it.

    `applied` is what stands in an equation (a named function of `U`, or the formula itself).
    `lower` and `upper` bound the values. `init` is the fitting initialisation, `he` or `glorot`.
    `options` are the symbols in the formula that have a usual value, and `requires` what must hold
    of them. `kink` says the policy at a kink, which is there where `has_kink` holds of the options.
    `also` are its names elsewhere.
    """

    name: str
    title: str
    formula: Expr
    source: str
    applied: Expr | None = None
    lower: Expr = -oo
    upper: Expr = oo
    init: str = "glorot"
    sums_to_one: bool = False
    kink: str = ""
    has_kink: Boolean = true
    options: tuple[Option, ...] = ()
    requires: tuple[Relational, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def is_elementwise(self) -> bool:
        """Whether each value depends on one entry alone."""
        return not self.formula.has(Indexed)

    @cached_property
    def expression(self) -> Expr:
        """What stands in an equation, its options at their values: the named function if any."""
        return with_values(self.formula if self.applied is None else self.applied, self.options)

    @property
    def bounds(self) -> tuple[Expr, Expr]:
        """The least and the greatest value."""
        at = {o.symbol: o.value for o in self.options}
        return self.lower.xreplace(at), self.upper.xreplace(at)

    @property
    def label(self) -> str:
        """The row as it is typed in a spec: `elu(alpha=0.5)`."""
        return label_of(self.name, self.options)

    @property
    def words(self) -> str:
        """The title, with the values of the options that it names."""
        return worded(self.title, self.options)

    @property
    def policy(self) -> str:
        """What is taken at its kinks; empty where it has none."""
        at = {o.symbol: o.value for o in self.options}
        return "" if self.has_kink.xreplace(at) == false else worded(self.kink, self.options)

    def with_options(self, **values: Value) -> "Activation":
        """The same row with other values of its options, by their names.

        Raises `SpecError` for an option that it has not, or a value that it cannot have.

        >>> from symnn.activations import ACTIVATIONS
        >>> ACTIVATIONS["elu"].with_options(alpha=0.5).label
        'elu(alpha=0.5)'
        """
        options = given_options(self.name, self.options, values, self.requires)
        return self if options == self.options else replace(self, options=options)

    def is_of(self, table: Mapping[str, "Activation"]) -> bool:
        """Whether it is a row of the table, whatever its options are."""
        usual = table.get(self.name)
        return usual is not None and self == replace(usual, options=self.options)

    def at(self, u: Expr, values: Mapping[str, Expr]) -> Expr:
        """The formula at `u`, with any expressions for some of its options, by their names."""
        named = self.formula if self.applied is None else self.applied
        chosen = {
            o.symbol: next((values[name] for name in o.names if name in values), o.value)
            for o in self.options
        }
        return written_out(named, {**chosen, U: u})


def found(kind: str, name: str, table: Mapping[str, Activation]) -> Activation:
    """The row of a table by its name, or by one that it has elsewhere.

    Raises `UnknownNameError` where there is none.
    """
    rows = (row for row in table.values() if name in (row.name, *row.also))
    row = next(rows, None)
    if row is None:
        raise unknown_name(kind, name, table)
    return row
