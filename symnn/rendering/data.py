"""Pages as JSON, for programs.

The document has `symnn` (the version that wrote it), `format` (of this document: 1), `title`,
`sections` (each a `heading`, `notes`, and `formulas`) and `notes`. A formula has its `sides` in
text, Unicode and LaTeX, the first of which equals each of the others; one that `continues` begins
with what the last side of the formula before equals. A section of steps has a sentence, its `lead`;
one with no heading goes on from the section before. Where numbers are put in, a formula has the
`signs` between its sides, `~=` before what is rounded, and a section may have `tables`.
docs/page.schema.json says all of it.
"""

import json
from typing import Any

from symnn.rendering.linear import lead_of
from symnn.rendering.page import Formula, Page, Section, Side, Table
from symnn.rendering.styles import LatexNotation, TextNotation, UnicodeNotation
from symnn.version import __version__

FORMAT = 1
_NOTATIONS = {"text": TextNotation, "unicode": UnicodeNotation, "latex": LatexNotation}


def as_json(page: Page) -> str:
    """The page as a JSON document."""
    document = {
        "symnn": __version__,
        "format": FORMAT,
        "title": page.title,
        "sections": [_section(s) for s in page.sections],
        "notes": list(page.notes),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _section(section: Section) -> dict[str, Any]:
    formulas = [_formula(f) for row in section.rows for f in row]
    lead = lead_of(section, UnicodeNotation, str)
    told = {"lead": lead} if lead else {}
    return {
        "heading": section.heading,
        **told,
        "formulas": formulas,
        **({"tables": [_table(t) for t in section.tables]} if section.tables else {}),
        "notes": list(section.notes),
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
    reason = formula.reason.replace("{", "").replace("}", "")
    goes_on = {"continues": True} if formula.continues else {}
    return {"sides": sides, **signs, **goes_on, **({"reason": reason} if reason else {})}
