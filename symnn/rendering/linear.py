"""Pages as lines: Unicode for a terminal, ASCII for anything."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from textwrap import wrap

from sympy import Symbol

from symnn.look import Style
from symnn.notation import Notation
from symnn.plain import ascii_words
from symnn.rendering.page import Formula, Page, Section
from symnn.rendering.styles import TextNotation, UnicodeNotation

# The longest left side, of signs, that the sides of other lines are brought under.
MOST_OF_A_LEFT = 44
_WIDTH = 96
_POWER_OF_TEN = re.compile("·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_NAMED = re.compile(r"\{(\w+)\}")


def unicode(page: Page) -> str:
    """The page in Unicode, as for a terminal."""
    return _lines(page, UnicodeNotation, str)


def text(page: Page) -> str:
    """The page in ASCII, in the names that the code has."""
    return _lines(page, TextNotation, _plain)


def _plain(words: str) -> str:
    """Words in ASCII: 2·10⁻²¹ as 2e-21."""
    return ascii_words(_POWER_OF_TEN.sub(lambda m: f"e{ascii_words(m[1])}", words))


def _lines(page: Page, notation: type[Notation], plain: Callable[[str], str]) -> str:
    blocks = [[plain(page.title)]] if page.title else []
    blocks += [_section(s, notation, plain) for s in page.sections]
    if page.notes:
        blocks.append([plain(note) for note in page.notes])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _section(section: Section, notation: type[Notation], plain: Callable[[str], str]) -> list[str]:
    rows = [[_formula(f, notation, plain) for f in row] for row in section.rows]
    lines = [*_in_columns(rows), *(plain(note) for note in section.notes)]
    lead = lead_of(section, notation, plain)
    told = [f"  {line}" for line in wrap(lead, _WIDTH)] if lead else []
    indent = "    " if lead else "  "
    return [*filter(None, [plain(section.heading)]), *told, *(f"{indent}{line}" for line in lines)]


def _formula(
    formula: Formula, notation: type[Notation], plain: Callable[[str], str]
) -> tuple[str, str, str]:
    """The left sides, the last side, and the reason; no side reads as the one before."""
    texts = [notation(style).math(e) for e, style in formula.sides]
    *lefts, last = [t for t, before in zip(texts, ["", *texts], strict=False) if t != before]
    return " = ".join(lefts), last, reason_of(formula, notation, plain)


def text_of(formula: Formula) -> str:
    """The formula as one line of Unicode, for what cannot show mathematics."""
    left, right, reason = _formula(formula, UnicodeNotation, str)
    return " = ".join(filter(None, [left, right])) + (f" ({reason})" if reason else "")


def reason_of(
    formula: Formula,
    notation: type[Notation],
    plain: Callable[[str], str],
    quote: Callable[[str], str] = str,
) -> str:
    """The reason in `plain` words, with the quantities that it names in this notation, `quote`d."""
    return _told(formula.reason, formula.sides[0][1], notation, plain, quote)


def lead_of(
    section: Section,
    notation: type[Notation],
    plain: Callable[[str], str],
    quote: Callable[[str], str] = str,
) -> str:
    """The sentence above the rows, its quantities named as in `reason_of`."""
    if not section.lead:
        return ""
    style = section.rows[0][0].sides[0][1]
    return _told(section.lead, style, notation, plain, quote)


def _told(
    text: str,
    style: Style,
    notation: type[Notation],
    plain: Callable[[str], str],
    quote: Callable[[str], str],
) -> str:
    pieces = _NAMED.split(text)
    pieces[::2] = map(plain, pieces[::2])
    pieces[1::2] = [quote(_named(name, style, notation)) for name in pieces[1::2]]
    return "".join(pieces)


def _named(name: str, style: Style, notation: type[Notation]) -> str:
    """A quantity as a whole; what is one number is written as in the formulas: w, and not W."""
    q = style.quantities.get(name)
    is_number = q is not None and all(size == 1 for size in q.shape)
    return notation(replace(style, is_matrix=not is_number)).math(Symbol(name, real=True))


def _in_columns(rows: Sequence[Sequence[tuple[str, str, str]]]) -> list[str]:
    """The rows with the last `=` of each column of formulas in line."""
    wide = max((len(row) for row in rows), default=0)
    lefts = [max(_alignable(len(row[c][0]) for row in rows if len(row) > c)) for c in range(wide)]
    # A row of one formula may be as long as it likes; it does not push a second column away.
    ends = [max(len(row[c][1]) for row in rows if len(row) > c + 1) for c in range(wide - 1)]
    return [_line(row, lefts, ends) for row in rows]


def _alignable(widths: Iterable[int]) -> list[int]:
    """The widths of the left sides without those so long that the others would lie far off."""
    found = list(widths)
    return [width for width in found if width <= MOST_OF_A_LEFT] or [0]


def _line(row: Sequence[tuple[str, str, str]], lefts: Sequence[int], ends: Sequence[int]) -> str:
    cells = [f"{left:<{lefts[c]}} = {right}" for c, (left, right, _) in enumerate(row)]
    padded = [f"{cell:<{lefts[c] + ends[c] + 7}}" for c, cell in enumerate(cells[:-1])]
    reason = row[-1][2]
    return "".join([*padded, cells[-1]]) + (f"    ({reason})" if reason else "")
