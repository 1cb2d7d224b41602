r"""Pages as LaTeX: a fragment for a document with amsmath and amssymb, and Markdown with the same math.

Formulas use what KaTeX, MathJax and amsmath all know; a section is one `aligned` environment.
"""

import re

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
            blocks.append(f"$$\n{aligned(section)}\n$$")
        blocks += [f"{note}." for note in section.notes]
    blocks += [f"{note}." for note in page.notes]
    return "\n\n".join(blocks) + "\n"


def words(text: str) -> str:
    """Plain words, safe for LaTeX."""
    plain = _RAISED.sub(lambda m: f"$^{{{m[0].translate(_LOWERED)}}}$", text)
    return "".join(_WORDS.get(c, c) for c in plain)


def _latex_section(section: Section) -> str:
    lines = [rf"\noindent\textbf{{{words(section.heading)}}}"]
    if section.rows:
        lines.append(f"\\[\n{aligned(section)}\n\\]")
    lines += [rf"\noindent {words(note)}." for note in section.notes]
    return "\n".join(lines)


def aligned(section: Section) -> str:
    """The formulas of a section in one `aligned` environment, a row a line."""
    rows = [" & ".join(_row(f) for f in row) for row in section.rows]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _row(formula: Formula) -> str:
    texts = [LatexNotation(style).math(e) for e, style in formula.sides]
    distinct = [t for t, before in zip(texts, ["", *texts], strict=False) if t != before]
    left = "" if formula.continues else distinct.pop(0)
    reason = reason_of(formula, LatexNotation, words, quote=lambda m: f"${m}$")
    note = rf" && \text{{({reason})}}" if reason else ""
    return f"{left} &= {' = '.join(distinct)}{note}"
