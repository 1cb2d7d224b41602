"""Pages as HTML: one file that needs nothing else, with formulas in MathML.

It is light or dark as the reader's system is, asks nothing of the network, runs no script, and
reads in a screen reader: sections with headings, and blocks of formulas with their text.
"""

from collections.abc import Iterator, Sequence
from html import escape

from symnn.look import Style
from symnn.rendering.linear import MOST_OF_A_LINE, text_of
from symnn.rendering.mathml import MathmlNotation, words
from symnn.rendering.page import Formula, Page, Section, Side, Table
from symnn.rendering.sides import cell_of, sides_of
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.rendering.words import Words

_MATH_STYLE = """\
mtable.lines mtd { padding: .35em 0; text-align: left; }
mtable.lines mtd.left { text-align: right; text-align: -webkit-right; padding-left: 2.5em; }
mtable.lines mtd.left:first-child { padding-left: 0; }
mtable.lines mtd.part { padding-left: 2em; }
mtable.lines mtext { font: .8em/1.4 system-ui, sans-serif; color: var(--quiet, inherit); }
mtable.cases mtd { padding: .15em .4em; text-align: left; }
mtable.cases mtext { font: inherit; color: inherit; }
math .bold, math mn.b { font-weight: bold; }
"""
# For a page that has tables.
TABLE_STYLE = """\
table.numbers { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
table.numbers th, table.numbers td { padding: .2rem .9rem; text-align: right; }
table.numbers th { border-bottom: 1px solid currentColor; font-weight: normal; }
table.numbers th.words, table.numbers td.words { text-align: left; }
table.numbers tr:first-child th { padding-bottom: .35rem; }
"""


def scoped(style: str) -> str:
    """The same for formulas within a page of another's, such as a notebook."""
    return "".join(f".symnn {line}\n" for line in style.splitlines())


SCOPED_STYLE = scoped(_MATH_STYLE)
_STYLE = """\
:root { color-scheme: light dark; --ink: #1d2330; --paper: #ffffff; --quiet: #5b6474;
  --line: #d9dde5; --accent: #2452b5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7ee; --paper: #14171d; --quiet: #9aa4b5; --line: #343b48; --accent: #8fb3ff; }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 2rem; text-wrap: balance; }
h2 { font-size: 1rem; color: var(--accent); margin: 2rem 0 .5rem;
  padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
.formulas { overflow-x: auto; padding: .25rem 1rem; }
.formulas > math { width: fit-content; margin-inline: 0; }
.formulas:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
math { font-size: 1.1875rem; }
p { margin: .5rem 0; }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line);
  color: var(--quiet); font-size: .9375rem; }
@media print { main { max-width: none; padding: 0; } .formulas { overflow: visible; } }
"""


# How words are written in HTML.
WORDS = Words(
    MathmlNotation, escape, lambda m: f"<math>{m}</math>", lambda c: f"<code>{escape(c)}</code>"
)


def html(page: Page) -> str:
    """The page as one HTML file."""
    title = escape(Words(UnicodeNotation).told(page.title, page.style))
    sections = "\n".join(_section(s, k, page.style) for k, s in enumerate(page.sections, 1))
    notes = "".join(f"<p>{WORDS.told(note, page.style)}.</p>\n" for note in page.notes)
    tables = TABLE_STYLE if any(s.tables for s in page.sections) else ""
    footer = f"<footer>\n{notes}</footer>\n" if notes else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}{_MATH_STYLE}{tables}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{WORDS.told(page.title, page.style)}</h1>\n{sections}\n{footer}"
        "</main>\n</body>\n</html>\n"
    )


def _section(section: Section, number: int, style: Style | None) -> str:
    name = f"section-{number}"
    lines = [
        f'<section aria-labelledby="{name}">',
        f'<h2 id="{name}">{escape(section.heading)}</h2>',
    ]
    if not section.heading:
        lines = [f'<section aria-label="continued" id="{name}">']
    if section.lead:
        lines.append(f"<p>{WORDS.told(section.lead, section.style)}</p>")
    if section.rows:
        # What is wider than the window is scrolled, by the keyboard too.
        labelled = f'aria-labelledby="{name}"' if section.heading else 'aria-label="formulas"'
        lines.append(f'<div class="formulas" role="group" tabindex="0" {labelled}>')
        lines += [formulas(section.rows), "</div>"]
    lines += [f'<div class="formulas">\n{table_of(t)}\n</div>' for t in section.tables]
    lines += [f"<p>{WORDS.told(note, style)}.</p>" for note in section.notes]
    return "\n".join([*lines, "</section>"])


def formulas(rows: Sequence[Sequence[Formula]]) -> str:
    """Rows of formulas as one `math` element, with the first `=` of each column in line."""
    wide = max(len(row) for row in rows)
    texts = "; ".join(text_of(f) for row in rows for f in row)
    told = (line for row in rows for line in (*_lines(row, wide), *_parts(row, wide)))
    lines = "\n".join(f"<mtr>{line}</mtr>" for line in told)
    return (
        f'<math display="block" alttext="{escape(texts)}">\n'
        f'<mtable class="lines" displaystyle="true">\n{lines}\n</mtable>\n</math>'
    )


def _lines(row: Sequence[Formula], wide: int) -> Iterator[str]:
    """A row, or, of a long formula with numbers, a line for each side."""
    if len(row) > 1 or not row[0].signs or len(text_of(row[0])) <= MOST_OF_A_LINE:
        yield "".join(_cells(row, wide))
        return
    (left, *sides) = sides_of(row[0], MathmlNotation)
    for place, (sign, side) in enumerate(sides):
        first = "" if place else left[1]
        cell = _cell_over(2 * wide - 1)
        yield f'<mtd class="left">{first}</mtd>{cell}{sign}<mrow>{side}</mrow></mtd>'


def _cells(row: Sequence[Formula], wide: int) -> Iterator[str]:
    *firsts, last = row
    for formula in firsts:
        yield from _sides(formula)
    # What has nothing beside it takes the room of the columns there, and pushes none away.
    yield from _sides(last, 2 * (wide - len(row)) + 1)


def _sides(formula: Formula, columns: int = 1) -> Iterator[str]:
    first, *rest = sides_of(formula, MathmlNotation)
    yield f'<mtd class="left">{first[1]}</mtd>'
    # Each side is a group, so that a minus at its start is a sign and not a subtraction.
    told = "".join(f"{sign}<mrow>{side}</mrow>" for sign, side in rest)
    yield f"{_cell_over(columns)}{told}</mtd>"


def _cell_over(columns: int, name: str = "") -> str:
    spans = f' columnspan="{columns}"' if columns > 1 else ""
    return f"<mtd{name}{spans}>"


def _parts(row: Sequence[Formula], wide: int) -> Iterator[str]:
    """`where r = …`, a line for each part, below the formula that has it."""
    for part in (part for formula in row for part in formula.parts):
        sides = sides_of(part, MathmlNotation)
        told = "".join(f"{sign}<mrow>{side}</mrow>" for sign, side in sides)
        cell = _cell_over(2 * wide - 1, ' class="part"')
        yield f"<mtd></mtd>{cell}{words('where ')}{told}</mtd>"


def table_of(table: Table) -> str:
    """The table as an element of its own."""
    classes = [' class="words"' if are_words else "" for are_words in table.are_words]
    heads = zip(table.heads, classes, strict=True)
    head = "".join(f'<th scope="col"{name}>{_cell(cell)}</th>' for cell, name in heads)
    body = "\n".join(_table_row(row, classes) for row in table.rows)
    return f'<table class="numbers">\n<tr>{head}</tr>\n{body}\n</table>'


def _table_row(row: Sequence[Side | str], classes: Sequence[str]) -> str:
    cells = zip(row, classes, strict=True)
    return f"<tr>{''.join(f'<td{name}>{_cell(cell)}</td>' for cell, name in cells)}</tr>"


def _cell(cell: Side | str) -> str:
    text = cell_of(cell, MathmlNotation, escape)
    return text if isinstance(cell, str) else f"<math>{text}</math>"
