"""What a page with numbers says of the rows of a data file: their units, and what comes out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symnn.cli.saved import Rows
    from symnn.look import Style
    from symnn.model import Model
    from symnn.rendering.page import Page, Section, Side
    from symnn.samples import Scaling
    from symnn.work import Work


def with_data(page: "Page", rows: "Rows", work: "Work") -> "Page":
    """The page with the rows that its numbers come from, and what the network says of one."""
    told = _Told(rows, work)
    place = next(k for k, s in enumerate(page.sections, 1) if s.heading.startswith("Forward"))
    before, after = page.sections[:place], page.sections[place:]
    return replace(page, sections=(told.data(), *before, *told.outcome(), *after))


@dataclass(frozen=True)
class _Told:
    rows: "Rows"
    work: "Work"

    @property
    def model(self) -> "Model":
        return self.rows.model

    def data(self) -> "Section":
        """Which rows they are, and, where the network reads them scaled, how."""
        from symnn.rendering.page import Section, Table

        is_one = len(self.rows.table) == 1
        lead = f"Row{'' if is_one else 's'} {self.rows.label} of {self.rows.table.name}."
        if self.model.classes:
            lead += f" The classes of {self.model.targets[0]} are, in order, "
            lead += f"{', '.join(self.model.classes)}."
        if self.model.inputs.is_none and self.model.outputs.is_none:
            return Section("Data", lead=lead, lead_style=self.style)
        lead += " The network takes each column less its mean, divided by its deviation."
        heads = ("", "column", *(["value"] if is_one else []), "mean", "deviation")
        tables = (Table(heads, tuple(self._columns())),)
        return Section("Data", lead=lead, lead_style=self.style, tables=tables)

    def outcome(self) -> "Iterator[Section]":
        """What the network says of a single row, in the units of the data or class by class."""
        from symnn.rendering.page import Section, Table
        from symnn.scalars import places, symbol

        if len(self.rows.table) > 1:
            return
        q = self.work.quantities["yhat"]
        outputs = [symbol(q, *place) for place in places(q)]
        if len(outputs) == len(self.model.classes):
            lines = [
                (name, self._number(self.work.values["yhat"][place]))
                for name, place in zip(self.model.classes, places(q), strict=True)
            ]
            yield Section("Outcome", tables=(Table(("class", "output"), tuple(lines)),))
        if not self.model.classes and not self.model.outputs.is_none:
            heads = ("column", "predicted", "target")
            yield Section("Outcome", tables=(Table(heads, tuple(self._undone())),))

    def _undone(self) -> "Iterator[tuple[str, ...]]":
        import numpy as np

        scaled = np.array(self.work["yhat"], dtype=np.float64).reshape(1, -1)
        found = self.model.outputs.undo(scaled)[0].tolist()
        for name, value in zip(self.model.targets, found, strict=True):
            (target,) = self.rows.table.column(name)
            yield name, self._number(value), target

    def _columns(self) -> "Iterator[tuple[Side | str, ...]]":
        yield from self._scaled("x", self.model.features, self.model.inputs)
        if not self.model.classes:
            yield from self._scaled("y", self.model.targets, self.model.outputs)

    def _scaled(
        self, name: str, columns: tuple[str, ...], scaling: "Scaling"
    ) -> "Iterator[tuple[Side | str, ...]]":
        numbers = zip(scaling.means.tolist(), scaling.scales.tolist(), strict=True)
        for head, column, (mean, scale) in zip(self._heads(name), columns, numbers, strict=True):
            cells = self.rows.table.column(column)
            value = cells if len(cells) == 1 else ()
            yield head, column, *value, self._number(mean), self._number(scale)

    def _heads(self, name: str) -> "Iterator[Side]":
        """Each entry of a sample, by its name."""
        from sympy import Integer

        from symnn.scalars import places

        q = self.work.derivation.system.quantities[name]
        for place in places(self.work.quantities[name]):
            if place[0] == 0:
                yield q.at(q.indices[0], *map(Integer, place[1:])), self.style

    def _number(self, value: object) -> str:
        from mpmath import mpmathify

        from symnn.rendering.unicode_notation import UnicodeNotation

        return UnicodeNotation(self.style).figure(self.work.figure(mpmathify(value)).number)

    @property
    def style(self) -> "Style":
        """The style of the page's names, the sample left out where there is but one."""
        from symnn.rendering.formulas import Formulas

        formulas = Formulas(self.work.derivation, "index")
        return formulas.one_sample_style if self.work.samples == 1 else formulas.index_style
