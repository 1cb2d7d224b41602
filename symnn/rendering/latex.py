"""Pages as LaTeX, a fragment for a document with amsmath and amssymb, and as Markdown.

Formulas use what KaTeX, MathJax and amsmath all know, in `aligned` environments.
"""

import re
from collections.abc import Iterator, Sequence

from symnn.rendering.linear import reason_of
from symnn.rendering.page import Formula, Page, Section
from symnn.rendering.styles import LatexNotation

_WORDS = {
    "→": r"$\to$",
    "·": r"$\cdot$",
    "′": r"$'$",
    "−": r"$-$",
    "α": r"$\alpha$",
    "δ": r"$\delta$",
    "Σ": r"$\Sigma$",
    "|": "$|$",
    "<": "$<$",
    ">": "$>$",
    "_": r"\_",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
}
# A formula of so many characters is no wider than half a line; so many rows fill half a page.
_SHORT, _MANY, _COLUMNS, _TALL = 110, 4, 2, 14
_RAISED = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def latex(page: Page) -> str:
    """The page as a LaTeX fragment."""
    blocks = [rf"\noindent\textbf{{{words(page.title)}}}"]
    blocks += [_latex_section(s) for s in page.sections]
    blocks += [rf"\noindent {words(note)}." for note in page.notes]
    return "\n\n".join(blocks) + "\n"


def markdown(page: Page) -> str:
    """The page as Markdown, with formulas as GitHub and MyST read them."""
    blocks = [f"**{page.title}**"]
    for section in page.sections:
        blocks.append(f"**{section.heading}**")
        if section.rows:
            blocks += [f"$$\n{block}\n$$" for block in aligned(section)]
        blocks += [f"{note}." for note in section.notes]
    blocks += [f"{note}." for note in page.notes]
    return "\n\n".join(blocks) + "\n"


def words(text: str) -> str:
    """Plain words, safe for LaTeX."""
    plain = _RAISED.sub(lambda m: f"$^{{{m[0].translate(_LOWERED)}}}$", text)
    return "".join(_WORDS.get(c, c) for c in plain)


def _latex_section(section: Section) -> str:
    lines = [rf"\noindent\textbf{{{words(section.heading)}}}"]
    lines += [f"\\[\n{block}\n\\]" for block in aligned(section)]
    lines += [rf"\noindent {words(note)}." for note in section.notes]
    return "\n".join(lines)


def aligned(section: Section) -> Iterator[str]:
    """The formulas of a section in `aligned` environments, none taller than a page.

    Short formulas that have a row each stand side by side.
    """
    rows = list(_paired([[_cell(f) for f in row] for row in section.rows]))
    for k in range(0, len(rows), _TALL):
        lines = " \\\\\n".join(" & ".join(row) for row in rows[k : k + _TALL])
        yield f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"


def _paired(rows: Sequence[list[str]]) -> Iterator[list[str]]:
    """The rows, two short formulas to a row where there are many."""
    waiting: list[str] = []
    for row in rows:
        is_short = len(rows) > _MANY and len(row) == 1 and len(row[0]) < _SHORT
        if waiting and not (is_short and len(waiting) < _COLUMNS):
            yield waiting
            waiting = []
        if is_short:
            waiting = [*waiting, *row]
        else:
            yield row
    if waiting:
        yield waiting


def _cell(formula: Formula) -> str:
    texts = [LatexNotation(style).math(e) for e, style in formula.sides]
    distinct = [t for t, before in zip(texts, ["", *texts], strict=False) if t != before]
    left = "" if formula.continues else distinct.pop(0)
    reason = reason_of(formula, LatexNotation, words, quote=lambda m: f"${m}$")
    note = rf" \\ & \quad\text{{({reason})}}" if reason else ""
    return f"{left} &= {' = '.join(distinct)}{note}".lstrip()
