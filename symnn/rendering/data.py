"""Pages as JSON, for programs.

The document has `symnn` (the version that wrote it), `format` (of this document: 1), `title`,
`sections` (each a `heading`, `notes`, and `formulas`) and `notes`. A formula has its `sides` in
text, Unicode and LaTeX, the first of which equals each of the others; `where` tells its parts. A
section of steps has a sentence, its `lead`; one with no heading goes on from the
section before. Where numbers are put in, a formula has the
`signs` between its sides, `~=` before what is rounded, and a section may have `tables`.
docs/page.schema.json says all of it.
"""

import json
from typing import Any

from symnn.look import Style
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.page import Formula, Page, Section, Side, Table
from symnn.rendering.text_notation import TextNotation
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.rendering.words import Words
from symnn.version import __version__

FORMAT = 1
_WORDS = Words(UnicodeNotation)
_NOTATIONS = {"text": TextNotation, "unicode": UnicodeNotation, "latex": LatexNotation}


def as_json(page: Page) -> str:
    """The page as a JSON document."""
    document = {
        "symnn": __version__,
        "format": FORMAT,
        "title": _WORDS.told(page.title, page.style),
        "sections": [_section(s, page.style) for s in page.sections],
        "notes": [_WORDS.told(note, page.style) for note in page.notes],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _section(section: Section, style: Style | None) -> dict[str, Any]:
    formulas = [_formula(f) for row in section.rows for f in row]
    told = {"lead": _WORDS.told(section.lead, section.style)} if section.lead else {}
    return {
        "heading": section.heading,
        **told,
        "formulas": formulas,
        **({"tables": [_table(t) for t in section.tables]} if section.tables else {}),
        "notes": [_WORDS.told(note, style) for note in section.notes],
    }


def _table(table: Table) -> dict[str, Any]:
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    return {"heads": [_cell(head) for head in table.heads], "rows": rows}


def _cell(cell: Side | str) -> dict[str, str]:
    if isinstance(cell, str):
        return dict.fromkeys(_NOTATIONS, cell)
    return _side(cell)


def _side(side: Side) -> dict[str, str]:
    return {name: notation(side[1]).math(side[0]) for name, notation in _NOTATIONS.items()}


def _formula(formula: Formula) -> dict[str, Any]:
    sides = [_side(side) for side in formula.sides]
    signs = {"signs": list(formula.signs)} if formula.signs else {}
    parts = {"where": [_formula(part) for part in formula.parts]} if formula.parts else {}
    return {"sides": sides, **signs, **parts}
