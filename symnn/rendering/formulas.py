"""The formulas of a page: each equation of a derivation in the form that was asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from sympy import Expr, Idx, Integer, Symbol, Tuple, exp

from symnn.array_nodes import (
    AxisReduction,
    Contraction,
    Expanded,
    Gathered,
    Permuted,
    Range,
    Spread,
    SumOver,
    Taken,
)
from symnn.arrays import as_array
from symnn.binding import canonical, size_of
from symnn.cases import Piecewise
from symnn.choices import is_choice
from symnn.derivation import Derivation
from symnn.equations import (
    SAMPLES,
    Equation,
    Partial,
    Prime,
    Quantity,
    Role,
    Rule,
    Step,
    all_entries,
    entry_indices,
    entry_name,
)
from symnn.functions import U
from symnn.look import Style
from symnn.names import Names
from symnn.network import Network
from symnn.pieces import need_samples
from symnn.reading import order_of
from symnn.recurrence import starts_of
from symnn.rendering.columns_alone import product_of_columns
from symnn.rendering.page import Formula
from symnn.rendering.rows import by_layer, functions
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.rewriting import collected, lettered, letters_of
from symnn.scalars import Scalars, places, symbol

MOST_OPERATIONS = 9
# A link of the chain rule that is longer than this many results says less than the result alone.
LINK_OF_RESULT, LONGEST_LINK = 2, 40
_FORWARD = frozenset(Role) - {Role.ADJOINT, Role.GRADIENT}
# What has no look of its own without indices.
_WITHOUT_MATRIX_FORM = (AxisReduction, Contraction, Gathered, Permuted, Range, Taken)


def is_all_units(derivation: Derivation) -> bool:
    """Whether every axis but that of the samples has length one."""
    return {s for q in derivation.system.quantities.values() for s in q.shape} <= {1, SAMPLES}


@dataclass(frozen=True)
class Formulas:
    """One derivation in one form, formula by formula."""

    derivation: Derivation
    form: str
    names: Names = field(default_factory=Names)

    def rows(self, equations: Sequence[Equation]) -> list[tuple[Formula, ...]]:
        """The equations in the form of the page, those of one layer side by side."""
        if self.form == "scalar":
            return [(self.scalar(e.quantity, p),) for e in equations for p in places(e.quantity)]
        return [tuple(self.formula(e) for e in layer) for layer in by_layer(equations)]

    def formula(self, e: Equation) -> Formula:
        """The equation, in matrices where the form asks for it and the equation has one."""
        array = self._array(e)
        if array is not None:
            return Formula((self.matrix_left(e.quantity), (array, self.matrix_style)))
        return self._indexed(e)

    def _indexed(self, e: Equation) -> Formula:
        style = self._style(e.left, e.expression)
        return Formula(((e.left, style), (e.expression, style)))

    def gradient(self, e: Equation) -> Formula:
        """A gradient; in a net of one layer also with its δ put in, unless that is by cases."""
        if len(self.derivation.adjoints) != 1:
            return self.formula(e)
        (delta,) = self.derivation.adjoints
        if self._is_recurrent(delta) or any(map(is_choice, delta.expression.atoms(Piecewise))):
            return self.formula(e)
        whole = replace(e, expression=self._put_in(e, [delta]))
        # Sides with indices and sides without do not go together.
        if self._array(whole) is not None:
            return Formula((*self.formula(e).sides, self.formula(whole).sides[-1]))
        if self._array(e) is not None:
            return self.formula(e)
        return Formula((*self._indexed(e).sides, self._indexed(whole).sides[-1]))

    @staticmethod
    def _is_recurrent(e: Equation) -> bool:
        """Whether the right side reads the left side, at another place."""
        return any(entry_name(a) == e.quantity.name for a in all_entries(e.expression))

    def _put_in(self, e: Equation, adjoints: Iterable[Equation]) -> Expr:
        """The right side with these derivatives put in, and collected."""
        known = {a.quantity.name: a for a in adjoints}
        found = [a for a in all_entries(e.expression) if entry_name(a) in known]
        values = {a: known[entry_name(a)].instance(*entry_indices(a)) for a in found}
        targets = [q.name for q in self.derivation.system.named(Role.TARGET)]
        ones = self.derivation.system.sums_to_one
        return self.lettered(collected(e.expression.xreplace(values), targets, ones), e.indices)

    def _in_short(self, e: Equation) -> list[Expr]:
        """The right side with the derivatives that it reads put in, where that is the shorter."""
        read = {entry_name(a) for a in all_entries(e.expression)}
        known = [a for a in self.derivation.adjoints if a.quantity.name in read]
        is_plain = known and not any(map(self._is_recurrent, [e, *known]))
        if not is_plain or any(a.expression.has(Piecewise) for a in known):
            return []
        whole = self._put_in(e, known)
        is_shorter = whole.count_ops() < e.expression.count_ops()
        has_form = self._array(e) is None or self._array(replace(e, expression=whole)) is not None
        return [whole] if is_shorter and has_form else []

    def _array(self, e: Equation) -> Expr | None:
        """The right side without indices; None where it is not to be, or cannot be, written so."""
        if self.form != "matrix":
            return None
        whole = self._whole(e)
        return product_of_columns(e) if whole is None else whole

    def _whole(self, e: Equation) -> Expr | None:
        """The right side over whole arrays; None where a reader would not know what goes where."""
        if not e.quantity.shape:
            return None
        # Of two arrays by one another, the axes of which are not said, nobody knows which is whose.
        if e.quantity.top is not None and len(e.quantity.shape) > 2:
            return None
        array = as_array(e, self.shapes)
        has_samples = any(size_of(i) == SAMPLES for i in e.expression.atoms(Idx))
        over_samples = [Tuple(Integer(0))] if has_samples else []
        sums = {s for s in array.atoms(SumOver) if s.args[1] not in over_samples}
        spread = {x.args[0] for x in array.atoms(Expanded)}
        # What is alike in all rows has no sign for it: `w ⊙ δ` would not say what goes where.
        if any(self._has_axes(spread.args[0]) for spread in array.atoms(Spread)):
            return None
        is_clear = all(isinstance(x, SumOver) for x in spread)
        # Its numbers are shown as counted from 1, which has no sign for a whole array.
        is_counted = any(
            q.is_from_0 and array.has(Symbol(q.name, real=True)) for q in self.quantities.values()
        )
        has_look = not is_counted and not array.has(*_WITHOUT_MATRIX_FORM)
        return array if is_clear and sums <= spread and has_look else None

    def _has_axes(self, array: Expr) -> bool:
        found = (self.derivation.system.quantities.get(str(s)) for s in array.free_symbols)
        return any(q is not None and q.shape for q in found)

    def matrix_left(self, q: Quantity) -> tuple[Expr, Style]:
        """The left side over a whole array."""
        return Symbol(q.name, real=True), self.matrix_style

    def linked(self, e: Equation) -> Formula:
        """`δ = ∂L/∂z = (δ W) ⊙ f′(z) = …`."""
        of = self.quantities[e.quantity.of or ""]
        partial = Partial(self.derivation.system.loss.at(), of.at(*e.indices))
        shorter = self._in_short(e)
        sides = [partial, *self._link(e), e.expression, *shorter]
        if self._array(e) is not None:
            every = [Equation(e.quantity, e.indices, s) for s in sides]
            arrays = [self._array(x) or as_array(x, self.shapes) for x in every]
            shown = [(array, self.matrix_style) for array in arrays]
            return Formula((self.matrix_left(e.quantity), *shown), further=len(shorter))
        style = self._style(e.left, *sides)
        return Formula(((e.left, style), *((s, style) for s in sides)), further=len(shorter))

    def _link(self, e: Equation) -> list[Expr]:
        """The chain rule with f′ not yet worked out; a softmax's in terms of its output."""
        steps = [s for s in self.derivation.steps if s.target == e.quantity.name]
        after = {s.rule: self.lettered(s.after, e.indices) for s in steps}
        rule = Rule.OUTPUT if after.get(Rule.CONTRACT, e.left).has(exp) else Rule.CONTRACT
        link = after.get(rule)
        if link is None or canonical(link) == canonical(e.expression):
            return []
        # Without an f′ it says only how the result was before it was written in shorter names.
        grown = LINK_OF_RESULT if link.has(Prime, Partial) else 0
        longest = min(MOST_OPERATIONS + grown * e.expression.count_ops(), LONGEST_LINK)
        return [link] if link.count_ops() <= longest else []

    def scalar(self, q: Quantity, place: tuple[int, ...]) -> Formula:
        """One entry for one sample, in the net's scalars; δs are written out if short."""
        right = (
            self.written_out(q, place)
            if q.role is Role.GRADIENT and self.writes_deltas_out
            else self._scalars.entry(q.name, *place)
        )
        return Formula(((symbol(q, *place), self.one_sample_style), (right, self.one_sample_style)))

    def written_out(self, q: Quantity, place: tuple[int, ...]) -> Expr:
        """One entry for one sample, with every δ put in."""
        return self._scalars.substituted(q.name, *place, keep=_FORWARD)

    @cached_property
    def writes_deltas_out(self) -> bool:
        """Whether each gradient of one sample, without a δ, is a product that fits a glance."""
        gradients = [e.quantity for e in self.derivation.gradients.values()]
        entries = (self.written_out(q, places(q)[-1]) for q in gradients)
        return all(entry.count_ops() <= MOST_OPERATIONS for entry in entries)

    def definitions(self, further: Sequence[Equation] = ()) -> Iterator[tuple[Formula, ...]]:
        """The functions that have a name here: `σ(u) = 1/(1 + exp(-u))`."""
        for f in dict.fromkeys(functions((*self.derivation.equations, *further))):
            sides = ((f(U), self.one_sample_style), (f.formula, self.one_sample_style))
            yield (Formula(sides),)

    def step(self, step: Step) -> Formula:
        """What a step says: the line before it equals the line after."""
        indices = self.quantities[step.target].indices
        sides = (self.lettered(e, indices) for e in (step.before, step.after))
        return Formula(tuple((s, self.index_style) for s in sides))

    def is_seen(self, step: Step) -> bool:
        """Whether a step changes what is printed, and not only how SymPy keeps it."""
        indices = self.quantities[step.target].indices
        before, after = (self.lettered(e, indices) for e in (step.before, step.after))
        return before != after and self._printed(before) != self._printed(after)

    @cached_property
    def _printed(self) -> Callable[[Expr], str]:
        return cache(UnicodeNotation(self.index_style).math)

    # Styles ---------------------------------------------------------------------------------

    @cached_property
    def shapes(self) -> dict[str, tuple[Expr, ...]]:
        """The shape of each quantity by its name."""
        return {name: q.shape for name, q in self.quantities.items()}

    @cached_property
    def quantities(self) -> dict[str, Quantity]:
        """Every quantity of the derivation by its name."""
        every = {e.quantity.name: e.quantity for e in self.derivation.equations}
        return {**self.derivation.system.quantities, **every}

    @cached_property
    def _scalars(self) -> Scalars:
        model = self.derivation.model
        forward = (model.system if isinstance(model, Network) else model).equations
        # The page of a second derivative shows the loss, which is none of its equations.
        equations = {e.quantity.name: e for e in (*forward, *self.derivation.equations)}
        return Scalars(self.quantities, equations, expands_functions=False)

    @cached_property
    def index_style(self) -> Style:
        """Every index is written."""
        return Style(
            order_of(self.derivation.system),
            self.quantities,
            names=self.names,
            starts=self._starts,
        )

    @cached_property
    def _starts(self) -> dict[str, list[Equation]]:
        model = self.derivation.model
        return starts_of(model.system if isinstance(model, Network) else model)

    def starts(self) -> Iterator[tuple[Formula, ...]]:
        """Where recurrences begin: `h[n,0,j] = 0`; in scalars it is put in."""
        if self.form == "scalar":
            return
        computed = {e.quantity.name for e in self.derivation.system.equations}
        for start in (s for starts in self._starts.values() for s in starts):
            if start.quantity.name not in computed:
                continue
            sides = (start.quantity.at(*start.indices), start.expression)
            yield (Formula(tuple((s, self.index_style) for s in sides)),)

    @cached_property
    def matrix_style(self) -> Style:
        """Whole arrays, multiplied entry by entry with ⊙."""
        return replace(self.index_style, is_matrix=True)

    @cached_property
    def one_sample_style(self) -> Style:
        """The index of the sample is left out."""
        return replace(self.index_style, hides_samples=True)

    def lettered(self, expression: Expr, indices: Sequence[Expr]) -> Expr:
        """The expression with a letter for each bound index that is free beside `indices`."""
        return self._lettered(expression, tuple(indices))

    @cached_property
    def _lettered(self) -> Callable[[Expr, tuple[Expr, ...]], Expr]:
        letters = letters_of(self.derivation.system)
        # What one step ends with is what the next begins with.
        return cache(lambda expression, taken: lettered(expression, taken, letters))

    def _style(self, *sides: Expr) -> Style:
        """The index style; without the sample in a net of single units, where nothing needs it."""
        hides = is_all_units(self.derivation) and not need_samples(sides, self.shapes)
        return self.one_sample_style if hides else self.index_style
