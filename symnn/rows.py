"""What a row of activations, losses or penalties says, and the symbols of their formulas.

Each formula is in these symbols alone, and in those of the row's options.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self, TypeVar

from sympy import Expr, Idx, Indexed, IndexedBase, Integer, Sum, Symbol, Tuple, false, oo
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
OUTPUT, TARGET = P[SAMPLE, UNIT], T[SAMPLE, UNIT]


class HasOptions:
    """What every row with options can do."""

    name: str
    title: str
    kink: str
    has_kink: Boolean
    options: tuple[Option, ...]
    requires: tuple[Relational, ...]

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

    def with_options(self, **values: Value) -> Self:
        """The same row with other values of its options, by their names.

        Raises `SpecError` for an option that it has not, or a value that it cannot have.

        >>> from symnn.activations import ACTIVATIONS
        >>> ACTIVATIONS["elu"].with_options(alpha=0.5).label
        'elu(alpha=0.5)'
        """
        options = given_options(self.name, self.options, values, self.requires)
        return self if options == self.options else replace(self, options=options)  # type: ignore[type-var]

    def is_of(self, table: Mapping[str, Self]) -> bool:
        """Whether it is a row of the table, whatever its options are."""
        usual = table.get(self.name)
        return usual is not None and self == replace(usual, options=self.options)  # type: ignore[type-var]


@dataclass(frozen=True)
class Activation(HasOptions):
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

    def at(self, u: Expr, values: Mapping[str, Expr]) -> Expr:
        """The formula at `u`, with any expressions for some of its options, by their names."""
        named = self.formula if self.applied is None else self.applied
        chosen = {
            o.symbol: next((values[name] for name in o.names if name in values), o.value)
            for o in self.options
        }
        return written_out(named, {**chosen, U: u})


@dataclass(frozen=True)
class Loss(HasOptions):
    """A row: the name, the formula, its reduction in words, and the outputs that it fits.

    `lower` and `upper` bound the outputs for which it is defined. `takes_logits` refuses outputs
    that are probabilities already; `takes_distribution` asks for outputs that sum to one.
    `targets_sum_to_one` declares it of the targets, and a derivation may use it. `weighted` is the
    formula where an option is a list, of one number for each output; without it that is `formula`.
    Options and kinks are as in an `Activation`.
    """

    name: str
    title: str
    formula: Expr
    reduction: str
    source: str
    lower: Expr = -oo
    upper: Expr = oo
    takes_logits: bool = False
    takes_distribution: bool = False
    targets_sum_to_one: bool = False
    kink: str = ""
    has_kink: Boolean = true
    options: tuple[Option, ...] = ()
    requires: tuple[Relational, ...] = ()
    also: tuple[str, ...] = ()
    weighted: Expr | None = None

    @property
    def lists(self) -> dict[str, tuple[Expr, ...]]:
        """The options that are lists, one number for each output, by their names in the formula."""
        return {o.symbol.name: o.numbers for o in self.options if o.numbers}

    @property
    def averaged(self) -> str:
        """The reduction in words, as it is with these options."""
        plain = self.reduction
        is_weighted = self.lists and self.weighted is not None
        return plain.replace("mean over", "weighted mean over") if is_weighted else plain

    @cached_property
    def expression(self) -> Expr:
        """The formula with its options at their values; of a list, an entry of that name."""
        is_weighted = self.lists and self.weighted is not None
        return with_values(self.weighted if is_weighted else self.formula, self.options)

    def of_width(self, width: int) -> "Loss":
        """The loss for so many outputs: of a longer list, its first numbers and its greatest."""
        cut = (
            replace(o, given=Tuple(*o.numbers[: width - 1], max(o.numbers[width - 1 :])))
            if len(o.numbers) > width
            else o
            for o in self.options
        )
        return replace(self, options=tuple(cut))

    @cached_property
    def term(self) -> Expr | None:
        """What is summed or averaged, of one `OUTPUT` and its `TARGET`; None if of several.

        >>> from symnn.losses import LOSSES
        >>> LOSSES["mse"].term
        (-y[n, k] + yhat[n, k])**2
        """
        return _term_of(self.expression)

    def term_at(self, values: Mapping[str, Expr]) -> Expr | None:
        """The term with any expressions for some of its options, by their names.

        >>> from symnn.losses import LOSSES
        >>> LOSSES["quantile"].term_at({"tau": OUTPUT}).free_symbols >= {OUTPUT}
        True
        """
        given = {o.symbol: values[n] for o in self.options for n in o.names if n in values}
        others = {o.symbol: o.value for o in self.options if o.symbol not in given}
        term = _term_of(written_out(self.formula, others))
        return None if term is None else written_out(term, given)


def _term_of(loss: Expr) -> Expr | None:
    """What a formula sums or averages; None if that is of several outputs."""
    coefficient, (whole, *rest) = loss.as_coeff_mul(Sum)
    if rest or not isinstance(whole, Sum):
        return None
    one: Expr = coefficient.xreplace({SAMPLES: Integer(1), WIDTH: Integer(1)}) * whole.function
    without_entries = one.xreplace({OUTPUT: U, TARGET: U})
    return None if without_entries.has(Indexed, Sum, SAMPLES, WIDTH) else one


@dataclass(frozen=True)
class Penalty(HasOptions):
    """A row: the name, the formula of one weight `U`, whose sum is added to a loss, and its source.

    `parameters` are the names of those on which it is; none are all weights of a network. Options
    and kinks are as in an `Activation`.

    >>> from symnn.penalties import PENALTIES
    >>> PENALTIES["l1"].with_options(lambd=0.1).on("W1", "W2").label
    'l1(lambd=0.1):W1,W2'
    """

    name: str
    title: str
    formula: Expr
    source: str
    kink: str = ""
    has_kink: Boolean = true
    options: tuple[Option, ...] = ()
    requires: tuple[Relational, ...] = ()
    also: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    @cached_property
    def expression(self) -> Expr:
        """The formula with its options at their values."""
        return with_values(self.formula, self.options)

    @property
    def label(self) -> str:
        """The penalty as it is typed: `l1(lambd=0.1):W1`."""
        names = f":{','.join(self.parameters)}" if self.parameters else ""
        return label_of(self.name, self.options) + names

    @property
    def words(self) -> str:
        """The title, with the values of its options and the names of its parameters."""
        names = f" on {', '.join(self.parameters)}" if self.parameters else ""
        return worded(self.title, self.options) + names

    def on(self, *names: str) -> Self:
        """The same penalty on the parameters of these names; of none, on all weights."""
        return replace(self, parameters=tuple(dict.fromkeys(names)))

    def is_of(self, table: Mapping[str, Self]) -> bool:
        """Whether it is a row of the table, whatever its options and parameters are."""
        usual = table.get(self.name)
        return usual is not None and self == replace(
            usual, options=self.options, parameters=self.parameters
        )


R = TypeVar("R", bound=Activation | Loss | Penalty)


def found(kind: str, name: str, table: Mapping[str, R]) -> R:
    """The row of a table by its name, or by one that it has elsewhere.

    Raises `UnknownNameError` where there is none.
    """
    for row in table.values():
        if name in (row.name, *row.also):
            return row
    raise unknown_name(kind, name, table)
