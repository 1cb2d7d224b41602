"""A derivation with numbers as a page: each formula, the numbers in their places, the value.

A side with numbers is the formula itself in a style that has a number for each symbol, so what is
printed has the very terms of the formula. `≈` stands before what is rounded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from mpmath import mpf
from sympy import Expr, Idx, Integer, Sum, Symbol

from symnn.binding import bound_indices, size_of, total
from symnn.decimals import Figure
from symnn.equations import SAMPLES, Equation, Partial, Quantity, Role
from symnn.look import Style
from symnn.names import Names
from symnn.reading import Order, order_of
from symnn.rendering.formulas import Formulas
from symnn.rendering.heading import conventions, title_of
from symnn.rendering.page import Formula, Page, Section, Side, Table
from symnn.rendering.rows import last_layer_first
from symnn.rendering.styles import UnicodeNotation
from symnn.scalars import places, symbol
from symnn.work import Change, Turn, Work

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
    sections = [*layout.before(), *extra, *layout.after()]
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
class _Layout:
    """One derivation at one point, section by section."""

    work: Work
    names: Names

    def before(self) -> Iterator[Section]:
        """What is given, the forward pass, the backward pass, and the gradients."""
        yield self.given()
        yield from self.forward()
        yield from self.backward()
        gradients = [e for e in self.work.derivation.gradients.values() if not self._by_samples(e)]
        adjoints = {e.quantity.name for e in self.work.derivation.adjoints}
        chosen = [e for e in gradients if e.quantity.name not in adjoints]
        yield Section("Gradients", tuple(self._lines(last_layer_first(chosen))))

    def after(self) -> Iterator[Section]:
        """The update, and the knobs."""
        yield from self.update()
        yield from self.knobs()

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

    def update(self) -> Iterator[Section]:
        """The rule of the optimizer, for every weight and bias."""
        if not self.work.changes:
            return
        count = len(self.work.optimizer.updates)
        changes = self.work.changes
        rules = [changes[k : k + count] for k in range(0, len(changes), count)]
        rows = [(formula,) for rule in rules for formula in self._rule(rule)]
        rate = self._text(self.work.typed(self.work.rate).number)
        yield Section(f"Update, learning rate {rate}", tuple(rows))
        yield Section("", lead=self._fall(), lead_style=self.style)

    def _rule(self, changes: Sequence[Change]) -> Iterator[Formula]:
        """The lines of one entry, each of which may read what those before it gave."""
        known = {**self.work.figures}
        known |= {s.name: self.work.typed(v) for s, v in self.work.start.items()}
        for change in changes:
            yield self._change(change, known)
            if change.target.name not in self.work.figures:
                known |= {change.target.name: self.work.figure(change.value)}

    def _change(self, change: Change, known: Mapping[str, Figure]) -> Formula:
        """`w ← w − η·∂L/∂w = 0.5 − 0.1·(−4) = 0.9`."""
        figure = self.work.figure(change.value)
        numbers = {name: f.number for name, f in known.items()}
        style = self._style_of_updates
        placed = replace(style, numbers=numbers)
        value = replace(self.style, numbers={_VALUE.name: figure.number})
        exact = all(known[s.name].is_exact for s in change.expression.free_symbols)
        sides = (
            (change.target, style),
            (change.expression, style),
            (change.expression, placed),
            (_VALUE, value),
        )
        return Formula(sides, signs=("<-", _sign(exact), _sign(exact and figure.is_exact)))

    def _fall(self) -> str:
        before, after = self.work.loss, self.work.loss_after
        if before == after:
            return f"With these {self._loss_name} stays {self._number(after)}."
        verb = "falls" if after < before else "rises"
        numbers = f"from {self._number(before)} to {self._number(after)}"
        return f"With these {self._loss_name} {verb} {numbers}."

    def knobs(self) -> Iterator[Section]:
        """What turning a knob does: by its derivative, and in truth."""
        turns = self.work.turns
        if len(turns) == 1:
            yield Section("Turn a knob", lead=self._told(turns[0]), lead_style=self.style)
        if len(turns) > 1:
            steps = {turn.by for turn in turns}
            shared = f", each by {self._signed(turns[0])}" if len(steps) == 1 else ""
            lead = f"One at a time{shared}: how {self._loss_name} changes."
            tables = (self._turned(turns),)
            yield Section("Turn a knob", tables=tables, lead=lead, lead_style=self.style)

    def _told(self, turn: Turn) -> str:
        name = self._loss_name
        return (
            f"Turn {{{turn.symbol}}} by {self._signed(turn)}: {name} should change by about "
            f"{self._number(turn.expected)}; it changes by {self._number(turn.found)}."
        )

    def _turned(self, turns: Sequence[Turn]) -> Table:
        shared = len({turn.by for turn in turns}) == 1
        rows = []
        for turn in turns:
            by = () if shared else (self._signed(turn),)
            changes = (self._numbered(turn.expected), self._numbered(turn.found))
            rows.append(((turn.symbol, self.style), *by, *changes))
        by_each = () if shared else ("turned by",)
        return Table(("knob", *by_each, "by the derivative", "in truth"), tuple(rows))

    def _signed(self, turn: Turn) -> str:
        text = self._text(self.work.typed(turn.by).number)
        return text if turn.by < 0 else f"+{text}"

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
            exact = all(map(self._is_exact, right.free_symbols))
            sides.append((right, self.with_numbers))
            signs.append(_sign(exact))
        sides.append((left, self.with_numbers))
        return Formula(tuple(sides), signs=(*signs, _sign(exact and self._is_exact(left))))

    def _as_derivative(self, e: Equation, left: Symbol) -> Iterator[Side]:
        """∂L/∂z, for a δ that stands for it."""
        if e.quantity.symbol == "delta" and e.quantity.of:
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
        return Formula(sides, signs=(_sign(self._is_exact(s)),))

    def _is_exact(self, s: Symbol) -> bool:
        figure = self.work.figures.get(s.name)
        return figure is None or figure.is_exact

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
        yield [(head, self.formulas.index_style), *map(self._numbered, numbers)]

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

    def _numbered(self, value: mpf) -> Side:
        style = replace(self.style, numbers={_VALUE.name: self.work.figure(value).number})
        return _VALUE, style

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

    # Words and styles -------------------------------------------------------------------------

    def _number(self, value: mpf) -> str:
        return self._text(self.work.figure(value).number)

    def _text(self, number: Decimal) -> str:
        return UnicodeNotation(self.style).figure(number)

    @cached_property
    def _loss_name(self) -> str:
        return "{" + self.work.derivation.system.loss.name + "}"

    @cached_property
    def formulas(self) -> Formulas:
        """The formulas of the same derivation without numbers."""
        return Formulas(self.work.derivation, "index", self.names)

    @cached_property
    def style(self) -> Style:
        """One symbol for each entry, of every sample."""
        system = self.work.derivation.system
        return Style(order_of(system), self.work.quantities, names=self.names)

    @cached_property
    def _style_of_updates(self) -> Style:
        """The same; the learning rate, and what else the optimizer has, before the gradient."""
        roles = {s.name: Role.ADJOINT for s in self.work.start}
        return replace(self.style, order=Order({**self.style.order.roles, **roles}))

    @cached_property
    def with_numbers(self) -> Style:
        """The same with a number in the place of each symbol."""
        return replace(self.style, numbers=self._numbers)

    @cached_property
    def _numbers(self) -> dict[str, Decimal]:
        return {name: figure.number for name, figure in self.work.figures.items()}


_VALUE = Symbol("value", real=True)
_N = Symbol("n", real=True)
_SUMMED = (Role.LOSS, Role.GRADIENT)


def _sign(is_exact: bool) -> str:
    return "=" if is_exact else "~="
