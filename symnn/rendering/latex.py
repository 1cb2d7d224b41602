"""Pages as LaTeX, a fragment for a document with amsmath and amssymb, and as Markdown.

Formulas use what KaTeX, MathJax and amsmath all know, in `aligned` environments.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from symnn.look import Style
from symnn.plain import latex_code, latex_words
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.measure import lines as broken
from symnn.rendering.measure import width
from symnn.rendering.page import Formula, Page, Section, Side, Table
from symnn.rendering.sides import cell_of, sides_of
from symnn.rendering.words import Words

# The text of an A4 page is 16 cm wide: so many points, with some to spare.
ROOM = 445.0
# Of many rows two go side by side, and a page may end between them; so many fill half a page.
_MANY, _TALL = 4, 14
# What keeps the first line of a table off the rule above it.
_STRUT = r"\rule{0pt}{2.5ex}"
_SIGN, _INDENT, _BETWEEN = 14.0, 10.0, 20.0
_GAP = r" & \qquad "
_DOCUMENT = r"""\documentclass[a4paper,fleqn]{article}
\usepackage{amsmath, amssymb}
\setlength{\textwidth}{16cm}
\setlength{\textheight}{24.8cm}
\setlength{\oddsidemargin}{-0.04cm}
\setlength{\topmargin}{-1.5cm}
\setlength{\mathindent}{10pt}
\setlength{\parskip}{0.5\baselineskip}
\setlength{\jot}{6pt}
\AtBeginDocument{%
  \setlength{\abovedisplayskip}{9pt plus 2pt minus 1pt}%
  \setlength{\belowdisplayskip}{9pt plus 2pt minus 1pt}%
  \setlength{\abovedisplayshortskip}{\abovedisplayskip}%
  \setlength{\belowdisplayshortskip}{\belowdisplayskip}}
\raggedbottom
\clubpenalty=10000 \widowpenalty=10000 \displaywidowpenalty=10000
\sloppy
\begin{document}
BODY\end{document}
"""


def latex(page: Page, notation: type[LatexNotation] = LatexNotation) -> str:
    """The page as a LaTeX fragment."""
    words = Words(notation, latex_words, _in_line, latex_code)
    title = words.told(page.title, page.style)
    blocks = [rf"\noindent{{\large\bfseries\boldmath\raggedright {title}\par}}"]
    blocks += [_latex_section(s, words, notation, page.style) for s in page.sections]
    blocks += [rf"\noindent {words.told(note, page.style)}." for note in page.notes]
    return "\n\n".join(blocks) + "\n"


def markdown(page: Page) -> str:
    """The page as Markdown, with formulas as GitHub and MyST read them."""
    words = Words(LatexNotation, quote=_in_line, code=lambda code: f"`{code}`")
    blocks = [f"**{words.told(page.title, page.style)}**"]
    for section in page.sections:
        if section.heading:
            blocks.append(f"**{section.heading}**")
        if section.lead:
            blocks.append(words.told(section.lead, section.style))
        if section.rows:
            blocks += [f"$$\n{block}\n$$" for block in aligned(section)]
        blocks += map(_pipes, section.tables)
        blocks += [f"{words.told(note, page.style)}." for note in section.notes]
    blocks += [f"{words.told(note, page.style)}." for note in page.notes]
    return "\n\n".join(blocks) + "\n"


def _in_line(formula: str) -> str:
    return f"${formula}$"


def _latex_section(
    section: Section, words: Words, notation: type[LatexNotation], style: Style | None
) -> str:
    lines = []
    if section.heading:
        heading = rf"\noindent\textbf{{{latex_words(section.heading)}}}\nopagebreak"
        lines += [r"\addvspace{\medskipamount}", heading]
    if section.lead:
        told = words.told(section.lead, section.style)
        lines += [*([""] if lines else []), r"\noindent " + told]
    lines += [_breakable(section, notation)] if section.rows else []
    lines += [f"\\[\n{array(t, notation)}\n\\]" for t in section.tables]
    lines += [""] if lines and section.notes and not (section.rows or section.tables) else []
    lines += [rf"\noindent {words.told(note, style)}." for note in section.notes]
    return "\n".join(lines)


def _breakable(section: Section, notation: type[LatexNotation]) -> str:
    """The formulas of a section with their first signs in line, over as many pages as they need.

    No page ends after the first line or before the last, nor where a line goes on.
    """
    rows = _rows(section, notation)
    last = len(rows) - 1
    lines = [_GAP.join(row) for row in rows]
    for k in range(last):
        is_kept = len(rows) <= _MANY or k in (0, last - 1) or _goes_on(rows[k + 1])
        lines[k] += r" \\*" if is_kept else r" \\"
    body = "\n".join(lines)
    columns = max(map(len, rows))
    block = f"\\begin{{alignat*}}{{{columns}}}\n{body}\n\\end{{alignat*}}"
    return block if len(rows) <= _MANY else f"{{\\allowdisplaybreaks\n{block}}}"


def array(table: Table, notation: type[LatexNotation] = LatexNotation) -> str:
    """The table as an `array`."""
    rows = [[cell_of(c, notation, _text) for c in row] for row in (table.heads, *table.rows)]
    head, *lines = [" & ".join(row) for row in rows]
    body = " \\\\\n".join(lines)
    columns = "".join("l" if are_words else "r" for are_words in table.are_words)
    return f"\\begin{{array}}{{{columns}}}\n{head} \\\\ \\hline{_STRUT}\n{body}\n\\end{{array}}"


def _text(words: str) -> str:
    return rf"\text{{{latex_words(words)}}}"


def _pipes(table: Table) -> str:
    """The table as Markdown has them, where a bar ends a cell."""
    rows = [[_piped(cell) for cell in row] for row in (table.heads, *table.rows)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    sides = "".join(":---|" if are_words else "---:|" for are_words in table.are_words)
    return "\n".join([lines[0], f"|{sides}", *lines[1:]])


def _piped(cell: Side | str) -> str:
    text = cell_of(cell, LatexNotation, str)
    if isinstance(cell, str):
        return text.replace("|", r"\|")
    return "${}$".format(text.replace("|", r"ert "))


def aligned(section: Section, notation: type[LatexNotation] = LatexNotation) -> Iterator[str]:
    """The formulas of a section in `aligned` environments, none wider or taller than a page."""
    rows = _rows(section, notation)
    while rows:
        # What goes on from the line above stays with it.
        place = next((k for k in range(_TALL, len(rows)) if not _goes_on(rows[k])), len(rows))
        lines = " \\\\\n".join(_GAP.join(row) for row in rows[:place])
        yield f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"
        rows = rows[place:]


def _rows(section: Section, notation: type[LatexNotation]) -> list[list[str]]:
    rows = [[_cell(f, notation) for f in row] for row in section.rows]
    return list(_fitted(rows if section.is_chain else _paired(rows)))


def _goes_on(row: Sequence[str]) -> bool:
    return row[0].startswith(r"&\quad")


# The place of a number in an array: below its name, but not above it.
_PLACE = re.compile(r"_\{[0-9,]+\}|_[0-9]")


class _Cell(NamedTuple):
    """A formula: its left side, each further side with the sign before it, and its parts."""

    left: str
    sides: Sequence[tuple[str, str]]
    parts: "Sequence[_Cell]" = ()

    @property
    def width(self) -> float:
        """How wide it is on one line."""
        signs = 14 * len(self.sides)
        return width(self.left) + sum(width(side) for _, side in self.sides) + signs


def _cell(formula: Formula, notation: type[LatexNotation]) -> _Cell:
    first, *rest = sides_of(formula, notation)
    return _Cell(first[1], rest, [_cell(part, notation) for part in formula.parts])


def _fitted(rows: Sequence[Sequence[_Cell]]) -> Iterator[list[str]]:
    """The rows within the width of a page: side by side where they fit, else one below another."""
    table = list(rows)
    if _columns_width(table) > ROOM or any(cell.parts for row in table for cell in row):
        table = [[cell] for row in rows for cell in row]
    room = ROOM - _SIGN - max((width(cell.left) for row in table for cell in row), default=0.0)
    fits = _columns_width(table) <= ROOM
    for row in table:
        if fits:
            yield [_on_one_line(cell) for cell in row]
        else:
            yield from ([line] for line in _lines(row[0], room))
        for part in (p for cell in row for p in cell.parts):
            yield from ([line] for line in _part(part, room - _INDENT))


def _columns_width(table: Sequence[Sequence[_Cell]]) -> float:
    """The width of cells in columns that align at the first sign."""
    columns = range(max(map(len, table), default=0))
    cells = [[row[c] for row in table if len(row) > c] for c in columns]
    lefts = sum(max(width(cell.left) for cell in column) for column in cells)
    rights = sum(max(cell.width - width(cell.left) for cell in column) for column in cells)
    return lefts + rights + _BETWEEN * len(cells)


def _paired(rows: Sequence[Sequence[_Cell]]) -> list[Sequence[_Cell]]:
    """The rows, two formulas to a row where there are many of one."""
    table: list[Sequence[_Cell]] = []
    for row in rows:
        is_single = len(rows) > _MANY and len(row) == 1 and not row[0].parts
        last = table[-1] if table else ()
        is_pair = is_single and len(last) == 1 and _kind(row[0]) == _kind(last[0])
        if is_pair and max(row[0].width, last[0].width) < ROOM / 2 - _BETWEEN:
            table[-1] = [*last, *row]
        else:
            table.append(row)
    return table


def _kind(cell: _Cell) -> str:
    """What a number with a place is of: two weights of one layer agree; else nothing."""
    return _PLACE.sub("", cell.left) if _PLACE.search(cell.left) else ""


def _on_one_line(cell: _Cell) -> str:
    sides = " ".join(f"{sign} {side}" for sign, side in cell.sides)
    return f"{cell.left} &{sides}".lstrip()


def _lines(cell: _Cell, room: float) -> Iterator[str]:
    """A formula in as many lines as it needs, each side on one if it can be."""
    left, line, used = cell.left, "", 0.0
    for sign, side in cell.sides:
        if line and used + width(side) + _SIGN > room:
            yield f"{left} &{line}".lstrip()
            left, line, used = "", "", 0.0
        *full, rest = broken(side, room - _INDENT, room)
        for part in full:
            yield f"{left} &{sign} {part}".lstrip()
            left, sign = "", r"\quad"
        used += width(rest) + (_SIGN if line else 0.0)
        line = f"{line} {sign} {rest}".lstrip()
    yield f"{left} &{line}".lstrip()


def _part(cell: _Cell, room: float) -> Iterator[str]:
    """`where r = …` below the formula that has it."""
    ((sign, side),) = cell.sides
    told = rf"\text{{where }} {cell.left} {sign} "
    for k, line in enumerate(broken(side, room, room - width(told))):
        yield rf"&\quad {told}{line}" if k == 0 else rf"&\quad\quad {line}"


def standalone(page: Page, notation: type[LatexNotation] = LatexNotation) -> str:
    """The page as a whole LaTeX document, which needs amsmath and amssymb alone."""
    return _DOCUMENT.replace("BODY", latex(page, notation))
