"""A derivation laid out for a reader, before any format is chosen. Nothing is derived here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from sympy import Expr, Integer, Sum, Symbol, Tuple, exp

from symnn.array_nodes import Contraction, Expanded, Gathered, Permuted, Range, SumOver, Taken
from symnn.arrays import as_array
from symnn.derivation import Derivation
from symnn.equations import (
    SAMPLES,
    Equation,
    Partial,
    Quantity,
    Role,
    Rule,
    Step,
    all_entries,
    bound_indices,
    canonical,
    entry_indices,
    entry_name,
    size_of,
)
from symnn.errors import ShapeError, SpecError, unknown_name
from symnn.functions import Elementwise, U
from symnn.language import Wanted
from symnn.look import Style
from symnn.reading import order_of
from symnn.rendering.heading import conventions, parameter_count, title_of
from symnn.rendering.page import Formula, Page, Section
from symnn.rendering.styles import UnicodeNotation
from symnn.rewriting import collected, lettered, letters_of
from symnn.scalars import Scalars, places, symbol

MOST_SCALARS = 30
MOST_OPERATIONS = 9
FORMS = ("auto", "matrix", "index", "scalar")
_FORWARD = frozenset(Role) - {Role.ADJOINT, Role.GRADIENT}


def page_of(
    derivation: Derivation,
    form: str = "auto",
    wanted: Sequence[Wanted] = (),
    *,
    with_steps: bool = False,
    check: str = "",
) -> Page:
    """The page of a derivation in one of the `FORMS`.

    `wanted` limits the gradients to these names and entries; `check` is the last line. Raises
    `UnknownNameError` for another form, `ShapeError` for an entry that is not there, and
    `SpecError` where the scalar form would be too long to read.
    """
    if form not in FORMS:
        raise unknown_name("form", form, FORMS)
    layout = _Layout(derivation, _form(derivation, form), tuple(wanted))
    sections = [layout.forward(), layout.backward(), layout.gradients(), layout.entries()]
    if with_steps:
        sections.append(layout.steps())
    return Page(
        title_of(derivation),
        tuple(s for s in sections if s.rows or s.notes),
        (*conventions(derivation), *filter(None, [check])),
    )


def _form(derivation: Derivation, form: str) -> str:
    count = parameter_count(derivation)
    if form == "scalar" and (count is None or count > MOST_SCALARS):
        raise SpecError(
            f"the scalar form has a line for each of {count or 'N'} parameters, and is for "
            f'{MOST_SCALARS} or fewer; ask for single ones, as in --wrt "W1[1,1]"'
        )
    if form == "auto":
        return "index" if _is_all_units(derivation) else "matrix"
    return form


def _is_all_units(derivation: Derivation) -> bool:
    """Whether every axis but that of the samples has length one."""
    return {s for q in derivation.system.quantities.values() for s in q.shape} <= {1, SAMPLES}


@dataclass(frozen=True)
class _Layout:
    """One derivation in one form, section by section."""

    derivation: Derivation
    form: str
    wanted: tuple[Wanted, ...]

    # Sections -------------------------------------------------------------------------------

    def forward(self) -> Section:
        """The equations from the input to the loss, and the functions that they name."""
        *layers, loss = self.derivation.system.equations
        rows = [*self._rows(layers), *self._rows([loss]), *self._definitions()]
        return Section("Forward", tuple(rows))

    def backward(self) -> Section:
        """Each adjoint: its name as a derivative, the link of the chain rule, the result."""
        adjoints = self.derivation.adjoints
        rows = (
            self._rows(adjoints)
            if self.form == "scalar"
            else [(self._linked(e),) for e in adjoints]
        )
        return Section("Backward, one link of the chain rule a line", tuple(rows))

    def gradients(self) -> Section:
        """The gradient of each parameter, the last layer first."""
        chosen = [e for e in self.derivation.gradients.values() if self._is_wanted(e)]
        if self.form == "scalar":
            return Section("Gradients")
        rows = [tuple(map(self._gradient, layer)) for layer in reversed(_by_layer(chosen))]
        return Section("Gradients", tuple(rows))

    def entries(self) -> Section:
        """Single weights and biases: those asked for, or all of them in a small net."""
        single = [w for w in self.wanted if w.place]
        if single:
            return Section("Entries", tuple(row for w in single for row in self._entry(w)))
        chosen = [e for e in self.derivation.gradients.values() if self._is_wanted(e)]
        if not self._is_small:
            return Section("Every weight and bias", notes=tuple(self._how_to_ask(chosen)))
        inlined = self._writes_deltas_out or self.form == "scalar"
        deltas = [] if inlined else [e.quantity for e in self.derivation.adjoints]
        quantities = [*deltas, *(e.quantity for e in _last_layer_first(chosen))]
        rows = [(self._scalar(q, p),) for q in quantities for p in places(q)]
        return Section("Every weight and bias, for one sample", tuple(rows))

    def steps(self) -> Section:
        """Each step of the derivation, a line each, with its rule."""
        steps = [s for s in self.derivation.steps if self._is_seen(s)]
        firsts = [(self._step(s, None),) for s in steps[:1]]
        rest = [(self._step(s, before),) for before, s in pairwise(steps)]
        return Section("Steps", (*firsts, *rest))

    def _is_seen(self, step: Step) -> bool:
        """Whether a step changes what is printed, and not only how SymPy keeps it."""
        indices, printer = self._quantities[step.target].indices, UnicodeNotation(self._index)
        return printer.math(self._lettered(step.before, indices)) != printer.math(
            self._lettered(step.after, indices)
        )

    # Formulas -------------------------------------------------------------------------------

    def _rows(self, equations: Sequence[Equation]) -> list[tuple[Formula, ...]]:
        """The equations in the form of the page, those of one layer side by side."""
        if self.form == "scalar":
            return [(self._scalar(e.quantity, p),) for e in equations for p in places(e.quantity)]
        return [tuple(self._formula(e) for e in layer) for layer in _by_layer(equations)]

    def _formula(self, e: Equation) -> Formula:
        if self._has_matrix_form(e):
            return Formula((self._matrix_left(e.quantity), self._matrix_side(e)))
        style = self._style(e.left, e.expression)
        return Formula(((e.left, style), (e.expression, style)))

    def _gradient(self, e: Equation) -> Formula:
        """A gradient; in a net of one layer also with its δ put in."""
        formula = self._formula(e)
        if len(self.derivation.adjoints) != 1:
            return formula
        whole = self._formula(replace(e, expression=self._with_delta(e)))
        return Formula((*formula.sides, whole.sides[-1]))

    def _with_delta(self, e: Equation) -> Expr:
        (delta,) = self.derivation.adjoints
        found = [a for a in all_entries(e.expression) if entry_name(a) == delta.quantity.name]
        values = {a: delta.instance(*entry_indices(a)) for a in found}
        targets = [q.name for q in self.derivation.system.named(Role.TARGET)]
        return self._lettered(collected(e.expression.xreplace(values), targets), e.indices)

    def _has_matrix_form(self, e: Equation) -> bool:
        """Whether the equation is to be, and can be, written without indices."""
        if self.form != "matrix" or not e.quantity.shape:
            return False
        array = as_array(e)
        over_samples = Tuple(Integer(0))
        sums = {s for s in array.atoms(SumOver) if s.args[1] != over_samples}
        kept = {x.args[0] for x in array.atoms(Expanded)}
        return not array.has(*_WITHOUT_MATRIX_FORM) and sums <= kept

    def _matrix_left(self, q: Quantity) -> tuple[Expr, Style]:
        return Symbol(q.name, real=True), self._matrix

    def _matrix_side(self, e: Equation) -> tuple[Expr, Style]:
        return as_array(e), self._matrix

    def _linked(self, e: Equation) -> Formula:
        """`δ = ∂L/∂z = (δ W) ⊙ f′(z) = …`."""
        of = self._quantities[e.quantity.of or ""]
        partial = Partial(self.derivation.system.loss.at(), of.at(*e.indices))
        sides = [partial, *self._link(e), e.expression]
        if self._has_matrix_form(e):
            arrays = [self._matrix_side(Equation(e.quantity, e.indices, s)) for s in sides]
            return Formula((self._matrix_left(e.quantity), *arrays))
        style = self._style(e.left, *sides)
        return Formula(((e.left, style), *((s, style) for s in sides)))

    def _link(self, e: Equation) -> list[Expr]:
        """The chain rule with f′ not yet worked out; a softmax's in terms of its output."""
        steps = [s for s in self.derivation.steps if s.target == e.quantity.name]
        after = {s.rule: self._lettered(s.after, e.indices) for s in steps}
        rule = Rule.OUTPUT if after.get(Rule.CONTRACT, e.left).has(exp) else Rule.CONTRACT
        link = after.get(rule)
        return [link] if link is not None and canonical(link) != canonical(e.expression) else []

    def _scalar(self, q: Quantity, place: tuple[int, ...]) -> Formula:
        """One entry for one sample, in the net's scalars; δs are written out if short."""
        right = (
            self._written_out(q, place)
            if q.role is Role.GRADIENT and self._writes_deltas_out
            else self._scalars.entry(q.name, *place)
        )
        return Formula(((symbol(q, *place), self._one_sample), (right, self._one_sample)))

    def _written_out(self, q: Quantity, place: tuple[int, ...]) -> Expr:
        return self._scalars.substituted(q.name, *place, keep=_FORWARD)

    @cached_property
    def _writes_deltas_out(self) -> bool:
        """Whether each gradient of one sample, without a δ, is a product that fits a glance."""
        gradients = [e.quantity for e in self.derivation.gradients.values()]
        entries = (self._written_out(q, places(q)[-1]) for q in gradients)
        return all(entry.count_ops() <= MOST_OPERATIONS for entry in entries)

    def _definitions(self) -> Iterator[tuple[Formula, ...]]:
        """The functions that have a name here: `σ(u) = 1/(1 + exp(-u))`."""
        for f in dict.fromkeys(_functions(self.derivation.equations)):
            sides = ((f(U), self._one_sample), (f.formula, self._one_sample))
            yield (Formula(sides),)

    def _step(self, step: Step, previous: Step | None) -> Formula:
        indices = self._quantities[step.target].indices
        before, after = (self._lettered(e, indices) for e in (step.before, step.after))
        goes_on = previous is not None and previous.target == step.target
        sides = [after] if goes_on else [before, after]
        reason = f"{step.rule}, {step.because}" if step.because else str(step.rule)
        return Formula(tuple((s, self._index) for s in sides), reason, continues=goes_on)

    # What was asked for ---------------------------------------------------------------------

    @cached_property
    def _is_small(self) -> bool:
        """Whether there is a line for each parameter."""
        count = parameter_count(self.derivation)
        return count is not None and count <= MOST_SCALARS

    def _is_wanted(self, e: Equation) -> bool:
        return not self.wanted or any(w.name == e.quantity.of for w in self.wanted if not w.place)

    def _entry(self, wanted: Wanted) -> Iterator[tuple[Formula, ...]]:
        """One entry over all samples and, in a small net, for one sample in the net's scalars."""
        e = self.derivation.gradients[wanted.name]
        place = _from_zero(e.quantity, wanted)
        numbers = iter(map(Integer, place))
        at = [i if size_of(i) == SAMPLES else next(numbers) for i in e.indices]
        right = self._lettered(e.instance(*at), [i for i in at if not i.is_Integer])
        yield (Formula(((e.quantity.at(*at), self._index), (right, self._index))),)
        if self._is_small:
            left, right = symbol(e.quantity, *place), self._written_out(e.quantity, place)
            yield (Formula(((left, self._one_sample), (right, self._one_sample))),)

    def _how_to_ask(self, chosen: Sequence[Equation]) -> Iterator[str]:
        for e in chosen[:1]:
            place = ",".join("1" for size in e.quantity.shape if size != SAMPLES)
            yield f'Ask for single ones by name, counted from 1: --wrt "{e.quantity.of}[{place}]"'

    # Styles ---------------------------------------------------------------------------------

    @cached_property
    def _quantities(self) -> dict[str, Quantity]:
        every = {e.quantity.name: e.quantity for e in self.derivation.equations}
        return {**self.derivation.system.quantities, **every}

    @cached_property
    def _scalars(self) -> Scalars:
        equations = {e.quantity.name: e for e in self.derivation.equations}
        return Scalars(self._quantities, equations, expands_functions=False)

    @cached_property
    def _index(self) -> Style:
        return Style(order_of(self.derivation.system), self._quantities)

    @cached_property
    def _matrix(self) -> Style:
        return replace(self._index, is_matrix=True)

    @cached_property
    def _one_sample(self) -> Style:
        return replace(self._index, hides_samples=True)

    def _lettered(self, expression: Expr, indices: Sequence[Expr]) -> Expr:
        return lettered(expression, indices, letters_of(self.derivation.system))

    def _style(self, *sides: Expr) -> Style:
        """The index style; without the sample in a net of single units, where no sum needs it."""
        sums = (i for side in sides for s in side.atoms(Sum) for i in bound_indices(s))
        needs_sample = any(size_of(i) == SAMPLES for i in sums)
        hides = _is_all_units(self.derivation) and not needs_sample
        return self._one_sample if hides else self._index


# What has no look of its own without indices.
_WITHOUT_MATRIX_FORM = (Contraction, Gathered, Permuted, Range, Taken)


def _by_layer(equations: Sequence[Equation]) -> list[list[Equation]]:
    """The equations in rows: z with its a, and the gradients of W and b of one layer."""
    rows: list[list[Equation]] = []
    for e in equations:
        if rows and _share_a_row(rows[-1][-1].quantity, e.quantity):
            rows[-1].append(e)
        else:
            rows.append([e])
    return rows


def _share_a_row(one: Quantity, other: Quantity) -> bool:
    if one.role is Role.PREACTIVATION:
        return other.role is Role.ACTIVATION
    return one.role is other.role is Role.GRADIENT and _number(one) == _number(other) != ""


def _number(q: Quantity) -> str:
    """The number of the layer in the name of a quantity."""
    return "".join(c for c in q.name if c.isdigit())


def _last_layer_first(equations: Sequence[Equation]) -> list[Equation]:
    return [e for layer in reversed(_by_layer(equations)) for e in layer]


def _functions(equations: Sequence[Equation]) -> Iterator[type[Elementwise]]:
    """The named functions in these equations, each before those that its formula names."""
    for e in equations:
        yield from _functions_in(e.expression)


def _functions_in(expression: Expr) -> Iterator[type[Elementwise]]:
    for f in sorted(expression.atoms(Elementwise), key=str):
        yield type(f)
        yield from _functions_in(f.formula)


def _from_zero(q: Quantity, wanted: Wanted) -> tuple[int, ...]:
    """The place counted from 0; raises `ShapeError` where the quantity has none such."""
    place = tuple(p - 1 for p in wanted.place)
    if place not in places(q):
        shape = tuple(int(s) for s in q.shape if s != SAMPLES)
        raise ShapeError(f"{wanted} is not there: {wanted.name} has the shape {shape}, from 1 on")
    return place
