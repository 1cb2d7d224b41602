"""Networks, systems, derivations, equations and steps as a notebook shows them.

A derivation is its page, a network its forward pass, a system its equations. An equation or a step
by itself knows no system: names such as `W1` are read as W of layer 1.
"""

from collections.abc import Iterator
from dataclasses import replace
from html import escape

from sympy import Expr, Indexed, Symbol

from symnn.binding import size_of
from symnn.derivation import Derivation, derive
from symnn.display import Displayed
from symnn.equations import (
    SAMPLES,
    Equation,
    Quantity,
    Role,
    Step,
    System,
    all_entries,
    entry_indices,
    entry_name,
)
from symnn.look import Style
from symnn.network import Network
from symnn.parsing.names import printed_name
from symnn.reading import Order, order_of
from symnn.rendering.html import SCOPED_STYLE, TABLE_STYLE, WORDS, formulas, scoped, table_of
from symnn.rendering.latex import aligned, array
from symnn.rendering.layout import page_of
from symnn.rendering.page import Formula, Page, Section
from symnn.rendering.work_page import work_page
from symnn.rewriting import Letters, lettered, letters_of
from symnn.work import Work

_OF = "dL_d"
# Samples are counted by n, whatever else there is.
_USUAL = Letters({SAMPLES: "nm"})


def as_latex(value: Displayed) -> str:
    """The formulas of a value between dollars, a block for each section."""
    blocks = []
    for section in _page(value).sections:
        formulas = (*aligned(section), *map(array, section.tables))
        blocks += [f"$$\n{block}\n$$" for block in formulas]
        blocks += [f"{note}." for note in section.notes if not section.heading]
    return "\n\n".join(blocks)


def as_html(value: Displayed) -> str:
    """The value as a piece of HTML that styles nothing but itself."""
    page = _page(value)
    title = f"<p><strong>{WORDS.told(page.title, page.style)}</strong></p>\n" if page.title else ""
    sections = "".join(_section(s, page.style) for s in page.sections)
    notes = "".join(f"<p>{WORDS.told(note, page.style)}.</p>\n" for note in page.notes)
    has_tables = any(s.tables for s in page.sections)
    style = SCOPED_STYLE + (scoped(TABLE_STYLE) if has_tables else "")
    return f'<div class="symnn">\n<style>\n{style}</style>\n{title}{sections}{notes}</div>'


def _section(section: Section, style: Style | None) -> str:
    heading = f"<p><em>{escape(section.heading)}</em></p>\n" if section.heading else ""
    notes = "".join(f"<p>{WORDS.told(note, style)}.</p>\n" for note in section.notes)
    told = WORDS.told(section.lead, section.style)
    lead = f"<p>{told}</p>\n" if told else ""
    rows = f"{formulas(section.rows)}\n" if section.rows else ""
    tables = "".join(f"{table_of(table)}\n" for table in section.tables)
    return heading + lead + rows + tables + notes


def _page(value: Displayed) -> Page:
    if isinstance(value, Derivation):
        return page_of(value)
    if isinstance(value, Work):
        return work_page(value)
    if isinstance(value, Network):
        page = page_of(derive(value))
        return replace(page, sections=page.sections[:1], notes=())
    if isinstance(value, System):
        style = Style(order_of(value), value.quantities)
        equations = [
            (*_sides(e, style, letters_of(value)),) for e in (*value.starts, *value.equations)
        ]
        return Page("", (Section("", tuple((Formula(sides),) for sides in equations)),))
    if isinstance(value, Equation):
        style = _style([value.left, value.expression], value.quantity)
        return _of_one(Formula((*_sides(value, style),)))
    assert isinstance(value, Step), value
    sides = [lettered(e, (), _USUAL) for e in (value.before, value.after)]
    reason = f"{value.rule}, {value.because}" if value.because else str(value.rule)
    return _of_one(Formula(tuple((side, _style(sides)) for side in sides)), reason)


def _of_one(formula: Formula, *notes: str) -> Page:
    return Page("", (Section("", ((formula,),), notes),))


def _sides(e: Equation, style: Style, letters: Letters = _USUAL) -> Iterator[tuple[Expr, Style]]:
    yield e.left, style
    yield lettered(e.expression, e.indices, letters), style


def _style(expressions: list[Expr], *known: Quantity) -> Style:
    """A style with what the names in these expressions say of themselves."""
    entries = [entry for expression in expressions for entry in all_entries(expression)]
    found = {entry_name(entry): _quantity(entry) for entry in entries}
    of = {q.of: _named(q.of, q.shape, q.letters) for q in found.values() if q.of}
    quantities = {**of, **found, **{q.name: q for q in known}}
    # What a derivative by two names is of has axes that it does not tell: its own name is written.
    quantities = {n: replace(q, of=None, symbol=n) if q.top else q for n, q in quantities.items()}
    return Style(Order({name: q.role for name, q in quantities.items()}), quantities)


def _quantity(entry: Indexed | Symbol) -> Quantity:
    name, indices = entry_name(entry), entry_indices(entry)
    shape = tuple(size_of(i) if hasattr(i, "upper") else Symbol("N", integer=True) for i in indices)
    letters = tuple(str(i) for i in indices)
    if name.startswith(_OF):
        q = _named(name, shape, letters)
        return replace(q, role=Role.ADJOINT, of=name.removeprefix(_OF))
    return _named(name, shape, letters)


def _named(name: str, shape: tuple[Expr, ...], letters: tuple[str, ...]) -> Quantity:
    symbol, layer = printed_name(name)
    role = Role.LOSS if symbol == "L" and not shape else _ROLES.get(symbol, Role.INTERMEDIATE)
    return Quantity(name, shape, role, letters, symbol, layer)


# What a name by itself is most likely to be; it decides nothing but the order of factors.
_ROLES = {
    "x": Role.INPUT,
    "y": Role.TARGET,
    "W": Role.PARAMETER,
    "b": Role.PARAMETER,
    "delta": Role.ADJOINT,
}
