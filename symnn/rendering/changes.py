"""The end of a page with numbers: the update of each parameter, and what turning a knob does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from symnn.decimals import Figure
from symnn.equations import Role
from symnn.first_step import Change
from symnn.look import Style
from symnn.reading import Order
from symnn.rendering.page import Formula, Section, Table
from symnn.rendering.placing import VALUE, Placing, sign_of
from symnn.work import Turn


@dataclass(frozen=True)
class Changes(Placing):
    """What a step of the optimizer does, and what a turn of each knob."""

    def sections(self) -> Iterator[Section]:
        """The update, and the knobs."""
        yield from self.update()
        yield from self.knobs()

    def update(self) -> Iterator[Section]:
        """The rule of the optimizer, for every weight and bias."""
        if not self.work.changes:
            return
        count = len(self.work.optimizer.updates)
        changes = self.work.changes
        rules = [changes[k : k + count] for k in range(0, len(changes), count)]
        rows = [(formula,) for rule in rules for formula in self._rule(rule)]
        rate = self.text(self.work.typed(self.work.rate).number)
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
        value = replace(self.style, numbers={VALUE.name: figure.number})
        exact = all(known[s.name].is_exact for s in change.expression.free_symbols)
        sides = (
            (change.target, style),
            (change.expression, style),
            (change.expression, placed),
            (VALUE, value),
        )
        return Formula(sides, signs=("<-", sign_of(exact), sign_of(exact and figure.is_exact)))

    def _fall(self) -> str:
        before, after = self.work.loss, self.work.loss_after
        if before == after:
            return f"With these {self.loss_name} stays {self.number(after)}."
        verb = "falls" if after < before else "rises"
        numbers = f"from {self.number(before)} to {self.number(after)}"
        return f"With these {self.loss_name} {verb} {numbers}."

    def knobs(self) -> Iterator[Section]:
        """What turning a knob does: by its derivative, and in truth."""
        turns = self.work.turns
        if len(turns) == 1:
            yield Section("Turn a knob", lead=self._told(turns[0]), lead_style=self.style)
        if len(turns) > 1:
            steps = {turn.by for turn in turns}
            shared = f", each by {self._signed(turns[0])}" if len(steps) == 1 else ""
            lead = f"One at a time{shared}: how {self.loss_name} changes."
            tables = (self._turned(turns),)
            yield Section("Turn a knob", tables=tables, lead=lead, lead_style=self.style)

    def _told(self, turn: Turn) -> str:
        name = self.loss_name
        return (
            f"Turn {{{turn.symbol}}} by {self._signed(turn)}: {name} should change by about "
            f"{self.number(turn.expected)}; it changes by {self.number(turn.found)}."
        )

    def _turned(self, turns: Sequence[Turn]) -> Table:
        shared = len({turn.by for turn in turns}) == 1
        rows = []
        for turn in turns:
            by = () if shared else (self._signed(turn),)
            changes = (self.numbered(turn.expected), self.numbered(turn.found))
            rows.append(((turn.symbol, self.style), *by, *changes))
        by_each = () if shared else ("turned by",)
        return Table(("knob", *by_each, "by the derivative", "in truth"), tuple(rows))

    def _signed(self, turn: Turn) -> str:
        text = self.text(self.work.typed(turn.by).number)
        return text if turn.by < 0 else f"+{text}"

    @cached_property
    def _style_of_updates(self) -> Style:
        """The same; the learning rate, and what else the optimizer has, before the gradient."""
        roles = {s.name: Role.ADJOINT for s in self.work.start}
        return replace(self.style, order=Order({**self.style.order.roles, **roles}))
