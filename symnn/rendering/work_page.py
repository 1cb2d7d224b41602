"""A derivation with numbers as a page: each formula, the numbers in their places, the value.

A side with numbers is the formula itself in a style that has a number for each symbol, so what is
printed has the very terms of the formula. `≈` stands before what is rounded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Idx, Integer, Sum, Symbol

from symnn.binding import bound_indices, size_of, total
from symnn.equations import SAMPLES, Equation, Partial, Quantity, Role
from symnn.names import Names
from symnn.rendering.changes import Changes
from symnn.rendering.heading import conventions, title_of
from symnn.rendering.page import Formula, Page, Section, Side, Table
from symnn.rendering.placing import Placing, sign_of
from symnn.rendering.rows import last_layer_first
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.scalars import places, symbol
from symnn.work import Work

MOST_IN_A_ROW = 4
# A formula with more numbers than these is shown without them: a sum over many samples.
MOST_PLACES = 40
# How wide a table may be, in signs.
MOST_OF_A_TABLE = 78


def work_page(
    work: Work, names: Names | None = None, extra: Iterable[Section] = (), check: str = ""
) -> Page:
    """The page of a derivation at a point; `extra` sections stand before the update."""
    layout = _Layout(work, names or Names())
    sections = [*layout.before(), *extra, *Changes(work, layout.names).sections()]
    rounded = (
        f"What stands after ≈ is rounded to {work.digits} digits, in print alone: each number is "
        "computed from unrounded ones"
    )
    is_rounded = any(not f.is_exact for f in work.figures.values())
    notes = [
        *conventions(work.derivation, layout.names),
        *([rounded] if is_rounded else []),
        *filter(None, [check]),
    ]
    title = title_of(work.derivation)
    return Page(title, tuple(s for s in sections if s.rows or s.tables or s.lead), tuple(notes))


@dataclass(frozen=True)
class _Layout(Placing):
    """One derivation at one point, section by section."""

    def before(self) -> Iterator[Section]:
        """What is given, the forward pass, the backward pass, and the gradients."""
        yield self.given()
        yield from self.forward()
        yield from self.backward()
        gradients = [e for e in self.work.derivation.gradients.values() if not self._by_samples(e)]
        adjoints = {e.quantity.name for e in self.work.derivation.adjoints}
        chosen = [e for e in gradients if e.quantity.name not in adjoints]
        rows = last_layer_first(chosen)
        yield Section("Gradients", tuple(self._lines([e for row in rows for e in row])))

    def given(self) -> Section:
        """The numbers that are given; those of many samples stand in their table."""
        system = self.work.derivation.system
        chosen = system.named(Role.INPUT, Role.TARGET, Role.PARAMETER)
        rows: list[tuple[Formula, ...]] = []
        for q in chosen:
            if self.work.samples > 1 and SAMPLES in q.shape:
                continue
            sized = self.work.quantities[q.name]
            formulas = [self._value(symbol(sized, *p)) for p in places(sized)]
            rows += [
                tuple(formulas[k : k + MOST_IN_A_ROW])
                for k in range(0, len(formulas), MOST_IN_A_ROW)
            ]
        return Section("Values", tuple(rows))

    def forward(self) -> Iterator[Section]:
        """The equations from the input to the loss."""
        equations = self.work.derivation.system.equations
        definitions = tuple(self.formulas.definitions())
        if self.work.samples == 1:
            yield Section("Forward", (*self._lines(equations), *definitions))
            return
        shown = [e for e in equations if self._by_samples(e)]
        rows = tuple(row for row in self.formulas.rows(shown)) + definitions
        leaves = self.work.derivation.system.named(Role.INPUT, Role.TARGET)
        columns = [
            *self._columns(q for q in leaves if SAMPLES in q.shape and q.role is Role.INPUT),
            *self._columns(e.quantity for e in shown),
            *self._columns(q for q in leaves if SAMPLES in q.shape and q.role is Role.TARGET),
            *self._loss_of_each(),
        ]
        yield Section("Forward, sample by sample", rows, tables=tuple(self._tables(columns)))
        rest = [e for e in equations if not self._by_samples(e)]
        yield Section("", tuple(self._lines(rest)))

    def backward(self) -> Iterator[Section]:
        """The adjoints, and what is differentiated by that has samples."""
        d = self.work.derivation
        every = {e.quantity.name: e for e in (*d.adjoints, *d.gradients.values())}
        adjoints = {e.quantity.name for e in d.adjoints}
        chosen = [e for name, e in every.items() if name in adjoints or self._by_samples(e)]
        if self.work.samples == 1:
            yield Section("Backward, one link of the chain rule a line", tuple(self._lines(chosen)))
            return
        shown = [e for e in chosen if self._by_samples(e)]
        rows = tuple((self.formulas.linked(e),) for e in shown if e.quantity.name in adjoints)
        tables = tuple(self._tables([*self._columns(e.quantity for e in shown)]))
        yield Section("Backward, sample by sample", rows, tables=tables)
        yield Section("", tuple(self._lines([e for e in chosen if not self._by_samples(e)])))

    # Lines ----------------------------------------------------------------------------------

    def _lines(self, equations: Iterable[Equation]) -> Iterator[tuple[Formula, ...]]:
        for e in equations:
            for left, right in self.work.lines(e.quantity):
                yield (self._line(e, left, right),)

    def _line(self, e: Equation, left: Symbol, right: Expr) -> Formula:
        """`z = w·x + b = 0.5·2 + 1 = 2`."""
        sides: list[Side] = [(left, self.style), *self._as_derivative(e, left)]
        signs = ["="] * len(sides)
        if self.work.samples == 1 or e.quantity.role not in _SUMMED:
            sides.append((right, self.style))
        else:
            sides.append((self._over_samples(e, left), self.formulas.index_style))
        exact = True
        if len(right.free_symbols) <= MOST_PLACES:
            exact = all(map(self.is_exact, right.free_symbols))
            sides.append((right, self.with_numbers))
            signs.append(sign_of(exact))
        sides.append((left, self.with_numbers))
        return Formula(tuple(sides), signs=(*signs, sign_of(exact and self.is_exact(left))))

    def _as_derivative(self, e: Equation, left: Symbol) -> Iterator[Side]:
        """∂L/∂z, for a δ that stands for it."""
        if e.quantity.is_delta and e.quantity.of:
            of = self.work.quantities[e.quantity.of]
            place = self._places[left]
            yield Partial(self.work.derivation.system.loss.at(), symbol(of, *place)), self.style

    def _over_samples(self, e: Equation, left: Symbol) -> Expr:
        """The formula of one entry, with the sum over the samples not written out."""
        at = [Integer(p) for p in self._places[left]]
        return self.formulas.lettered(e.instance(*at), [])

    @cached_property
    def _places(self) -> Mapping[Symbol, tuple[int, ...]]:
        every = self.work.quantities.values()
        return {symbol(q, *p): p for q in every for p in places(q)}

    def _value(self, s: Symbol) -> Formula:
        sides = ((s, self.style), (s, self.with_numbers))
        return Formula(sides, signs=(sign_of(self.is_exact(s)),))

    # Tables ---------------------------------------------------------------------------------

    def _by_samples(self, e: Equation) -> bool:
        return SAMPLES in e.quantity.shape

    def _columns(self, quantities: Iterable[Quantity]) -> Iterator[list[Side]]:
        """Each entry of one sample as a column: its head, and the number of each sample."""
        for q in quantities:
            sized = self.work.quantities[q.name]
            axis = q.shape.index(SAMPLES)
            n = q.indices[axis]
            for place in places(replace(q, shape=tuple(s for s in sized.shape))):
                if place[axis]:
                    continue
                at = [n if k == axis else Integer(p) for k, p in enumerate(place)]
                column: list[Side] = [(q.at(*at), self.formulas.index_style)]
                for number in range(self.work.samples):
                    moved = (*place[:axis], number, *place[axis + 1 :])
                    column.append((symbol(sized, *moved), self.with_numbers))
                yield column

    def _loss_of_each(self) -> Iterator[list[Side]]:
        """What the loss adds up, where it is a sum over the samples."""
        found = self._summand()
        if found is None:
            return
        body, n = found
        head = self.formulas.lettered(body, [n])
        numbers = (self.work.at_sample(body, n, k) for k in range(self.work.samples))
        yield [(head, self.formulas.index_style), *map(self.numbered, numbers)]

    def _summand(self) -> tuple[Expr, Idx] | None:
        loss = self.work.derivation.system.equation(self.work.derivation.system.loss.name)
        _, factors = loss.expression.as_coeff_mul()
        sums = [f for f in factors if isinstance(f, Sum)]
        if len(sums) != 1:
            return None
        bound = bound_indices(sums[0])
        over = [i for i in bound if size_of(i) == SAMPLES]
        if len(over) != 1:
            return None
        sign = -1 if loss.expression.could_extract_minus_sign() else 1
        rest = [i for i in bound if i != over[0]]
        return sign * total(sums[0].function, *rest), over[0]

    def _tables(self, columns: Sequence[Sequence[Side]]) -> Iterator[Table]:
        """The columns in tables that fit a page, each with the number of the sample."""
        counted: list[Side] = [(_N, self.style)]
        counted += [(Integer(k + 1), self.style) for k in range(self.work.samples)]
        rest = list(columns)
        while rest:
            widths = [self._width(column) for column in rest]
            fitting = max(
                [k for k in range(1, len(rest) + 1) if sum(widths[:k]) <= MOST_OF_A_TABLE] or [1]
            )
            chosen = [counted, *rest[:fitting]]
            yield Table(
                tuple(column[0] for column in chosen),
                tuple(zip(*(column[1:] for column in chosen), strict=True)),
            )
            rest = rest[fitting:]

    @staticmethod
    def _width(column: Sequence[Side]) -> int:
        return 3 + max(len(UnicodeNotation(style).math(e)) for e, style in column)


_N = Symbol("n", real=True)
_SUMMED = (Role.LOSS, Role.GRADIENT)
