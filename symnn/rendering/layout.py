"""A derivation laid out for a reader, before any format is chosen. Nothing is derived here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from sympy import Expr, Integer, S

from symnn.binding import size_of
from symnn.derivation import Derivation, system_of
from symnn.equations import SAMPLES, Equation, Quantity
from symnn.errors import ShapeError, SpecError, unknown_name
from symnn.jacobians import Jacobian
from symnn.language import Wanted
from symnn.names import Names, names_of
from symnn.network import Network
from symnn.notations import Convention
from symnn.reductions import ArgMax, ArgMin
from symnn.rendering.explanation import explanation
from symnn.rendering.formulas import Formulas, is_all_units
from symnn.rendering.heading import conventions, parameter_count, title_of
from symnn.rendering.jacobian_page import jacobian_page
from symnn.rendering.one_sample import (
    MIXED,
    columns_of_one_sample,
    mixes_samples,
    refuse_mixed,
)
from symnn.rendering.page import Formula, Page, Section
from symnn.rendering.parts import with_parts
from symnn.rendering.rows import last_layer_first
from symnn.rendering.work_page import work_page
from symnn.scalars import places, symbol
from symnn.work import Work

MOST_SCALARS = 30
MOST_LINES = 80
# The longest entry, of operations, that is written out without being asked for.
MOST_OF_AN_ENTRY = 100
FORMS = ("auto", "matrix", "index", "scalar")


def page_of(
    derivation: Derivation,
    form: str = "auto",
    wanted: Sequence[Wanted] = (),
    *,
    with_steps: bool = False,
    detail: str = "full",
    check: str = "",
    notation: str | Convention = "symnn",
    names: Mapping[str, str] | None = None,
    work: Work | None = None,
) -> Page:
    """The page of a derivation in one of the `FORMS`, or with the numbers of `work` in it.

    `wanted` limits the gradients to these names and entries; `check` is the last line. `notation`
    is one of `NOTATIONS`; `names` are a user's own, by the names in code: `{"W1": "A"}`.

    Raises `UnknownNameError` for another form or notation, `ShapeError` for an entry that is not
    there, and `SpecError` for a name that cannot be printed or a scalar form too long to read.
    """
    if form not in FORMS:
        raise unknown_name("form", form, FORMS)
    called = names_in(derivation, notation, names or {})
    if isinstance(derivation, Jacobian):
        chosen = "index" if form == "auto" else form
        in_columns = form in ("auto", "matrix")
        formulas = Formulas(derivation, chosen, called)
        return with_parts(jacobian_page(derivation, formulas, check, in_columns=in_columns))
    if work is not None:
        told = explanation(Formulas(derivation, "index", called), detail) if with_steps else []
        return work_page(work, called, told, check)
    formulas = Formulas(derivation, _form(derivation, form), called)
    layout = _Layout(derivation, formulas, tuple(wanted))
    sections = [layout.forward(), layout.backward(), layout.gradients()]
    sections += [layout.columns(), layout.entries()]
    if with_steps:
        sections += explanation(formulas, detail)
    page = Page(
        _title(derivation),
        tuple(s for s in sections if s.rows or s.notes),
        (*conventions(derivation, called), *filter(None, [check])),
    )
    return with_parts(page)


def _title(derivation: Derivation) -> str:
    """What is derived of the model, where that is another than its loss, and the model."""
    of_loss = derivation.system.loss.name == system_of(derivation.model).loss.name
    title = title_of(derivation)
    return title if of_loss else f"Hessian of the loss times a direction · {title}"


def names_in(derivation: Derivation, notation: str | Convention, own: Mapping[str, str]) -> Names:
    """The names of all that is printed; the layers of a network are counted.

    Raises `UnknownNameError` and `SpecError`, as `names_of` does.
    """
    every = {e.quantity.name: e.quantity for e in derivation.equations if not e.quantity.of}
    # Any other is written as the derivative that it is, and takes no name from what it is of.
    deltas = (e.quantity for e in derivation.adjoints if e.quantity.is_delta)
    quantities = {**derivation.system.quantities, **every, **{q.name: q for q in deltas}}
    is_network = isinstance(derivation.model, Network)
    depth = max((q.layer or 1 for q in quantities.values()), default=1) if is_network else 0
    return names_of(quantities.values(), notation, own, depth)


def _form(derivation: Derivation, form: str) -> str:
    count = parameter_count(derivation)
    if form == "scalar" and count is not None and count > MOST_SCALARS:
        raise SpecError(
            f"the scalar form has a line for each of {count} parameters, and is for "
            f'{MOST_SCALARS} or fewer; leave it out and ask for single ones, as in --wrt "W1[1,1]"'
        )
    if form == "scalar" and (count is None or not _has_sizes(derivation)):
        letters = {str(s) for s in _sizes(derivation) if not s.is_Integer}
        sizes = sorted(letters - {str(SAMPLES)}) or [str(SAMPLES)]
        raise SpecError(f"the scalar form needs numbers for the sizes {', '.join(sizes)}")
    if form == "scalar":
        refuse_mixed(derivation)
    if form == "auto":
        return "index" if is_all_units(derivation) else "matrix"
    return form


def _sizes(derivation: Derivation) -> set[Expr]:
    return {size for q in derivation.system.quantities.values() for size in q.shape}


def _has_sizes(derivation: Derivation) -> bool:
    """Whether every size but that of the samples is a number."""
    return all(size.is_Integer or size == SAMPLES for size in _sizes(derivation))


@dataclass(frozen=True)
class _Layout:
    """One derivation in one form, section by section."""

    derivation: Derivation
    formulas: Formulas
    wanted: tuple[Wanted, ...]

    # Sections -------------------------------------------------------------------------------

    def forward(self) -> Section:
        """The equations from the input to the loss, and the functions that they name."""
        *layers, loss = self.derivation.system.equations
        rows = [
            *self.formulas.starts(),
            *self.formulas.rows(layers),
            *self.formulas.rows([loss]),
            *self.formulas.definitions(),
        ]
        return Section("Forward", tuple(rows))

    def backward(self) -> Section:
        """Each adjoint: its name as a derivative, the link of the chain rule, the result."""
        adjoints = self.derivation.adjoints
        rows = (
            self.formulas.rows(adjoints)
            if self.formulas.form == "scalar"
            else [(self.formulas.linked(e),) for e in adjoints]
        )
        return Section("Backward, one link of the chain rule a line", tuple(rows), is_chain=True)

    def gradients(self) -> Section:
        """The gradient of each parameter: the last layer first, or in the order of declaration."""
        chosen = [e for e in self.derivation.gradients.values() if self._is_wanted(e)]
        if self.formulas.form == "scalar":
            return Section("Gradients")
        rows = [tuple(map(self.formulas.gradient, layer)) for layer in last_layer_first(chosen)]
        return Section("Gradients", tuple(rows))

    def columns(self) -> Section:
        """The layers for one sample, where the notation is of a book with vectors as columns."""
        d = self.derivation
        asked = self.formulas.names.convention.has_columns and self.formulas.form == "matrix"
        is_plain = isinstance(d.model, Network) and not self.wanted
        if not (asked and is_plain):
            return Section("", ())
        every = (d.system.equations[:-1], d.adjoints, tuple(d.gradients.values()))
        arrays = {e: columns_of_one_sample(e) for equations in every for e in equations}
        if None in arrays.values():
            return Section("", ())
        left, style = self.formulas.matrix_left, self.formulas.matrix_style
        rows = [(Formula((left(e.quantity), (a, style))),) for e, a in arrays.items()]
        return Section("For one sample, vectors as columns", tuple(rows))

    def entries(self) -> Section:
        """Single weights and biases: those asked for, or all of them in a small net."""
        single = [w for w in self.wanted if w.place]
        if single:
            return Section("Entries", tuple(row for w in single for row in self._entry(w)))
        chosen = [e for e in self.derivation.gradients.values() if self._is_wanted(e)]
        if not self._is_small:
            mixed = [MIXED] if mixes_samples(self.derivation.system) else []
            notes = (*mixed, *self._how_to_ask(chosen))
            return Section("Every weight and bias", notes=notes)
        inlined = self.formulas.writes_deltas_out or self.formulas.form == "scalar"
        deltas = [] if inlined else [e.quantity for e in self.derivation.adjoints]
        quantities = [*deltas, *(e.quantity for layer in last_layer_first(chosen) for e in layer)]
        rows = [(self.formulas.scalar(q, p),) for q in quantities for p in places(q)]
        notes = tuple(self._how_to_ask(chosen))
        if self.formulas.form != "scalar" and notes and any(map(_is_unreadable, rows)):
            return Section("Every weight and bias", notes=notes)
        return Section("Every weight and bias, for one sample", tuple(rows))

    # What was asked for ---------------------------------------------------------------------

    @cached_property
    def _is_small(self) -> bool:
        """Whether there is a line for each parameter, and each can be unrolled and read."""
        count = parameter_count(self.derivation)
        if count is None or count > MOST_SCALARS:
            return False
        d = self.derivation
        quantities = [e.quantity for e in (*d.adjoints, *d.gradients.values())]
        sizes = [[s for s in q.shape if s != SAMPLES] for q in quantities]
        if not _has_sizes(d) or mixes_samples(d.system):
            return False
        looks_up = any(q.is_integer for q in d.system.quantities.values())
        chooses = any(e.expression.has(ArgMax, ArgMin) for e in d.equations)
        lines = sum(prod(map(int, shape)) for shape in sizes)
        return not looks_up and not chooses and lines <= MOST_LINES

    def _is_wanted(self, e: Equation) -> bool:
        return not self.wanted or any(w.name == e.quantity.of for w in self.wanted if not w.place)

    def _entry(self, wanted: Wanted) -> Iterator[tuple[Formula, ...]]:
        """One entry over all samples and, in a small net, for one sample in the net's scalars."""
        e = self.derivation.gradients[wanted.name]
        place = _from_zero(e.quantity, wanted)
        numbers = iter(map(Integer, place))
        at = [i if size_of(i) == SAMPLES else next(numbers) for i in e.indices]
        right = self.formulas.lettered(e.instance(*at), [i for i in at if not i.is_Integer])
        yield (
            Formula(
                (
                    (e.quantity.at(*at), self.formulas.index_style),
                    (right, self.formulas.index_style),
                )
            ),
        )
        if self._is_small:
            left, right = symbol(e.quantity, *place), self.formulas.written_out(e.quantity, place)
            yield (
                Formula(
                    (
                        (left, self.formulas.one_sample_style),
                        (right, self.formulas.one_sample_style),
                    )
                ),
            )

    def _how_to_ask(self, chosen: Sequence[Equation]) -> Iterator[str]:
        for e in [e for e in chosen if set(e.quantity.shape) - {SAMPLES}][:1]:
            place = ",".join("1" for size in e.quantity.shape if size != SAMPLES)
            yield f'Ask for single ones by name, counted from 1: `--wrt "{e.quantity.of}[{place}]"`'


def _is_unreadable(row: Sequence[Formula]) -> bool:
    return any(side.count_ops() > MOST_OF_AN_ENTRY for f in row for side, _ in f.sides[1:])


def _from_zero(q: Quantity, wanted: Wanted) -> tuple[int, ...]:
    """The place counted from 0; raises `ShapeError` where the quantity has none such."""
    place = tuple(p - 1 for p in wanted.place)
    shape = tuple(s for s in q.shape if s != SAMPLES)
    is_there = [p >= 0 and (p < s) != S.false for p, s in zip(place, shape, strict=False)]
    if len(place) != len(shape) or not all(is_there):
        own = f"{wanted.name} has the shape {shape}, from 1 on"
        if SAMPLES in q.shape:
            own = f"for each sample {own}" if shape else f"of {wanted.name} a sample has one number"
            own += f"; over all samples, write {wanted.name}"
        raise ShapeError(f"{wanted} is not there: {own}")
    return place
