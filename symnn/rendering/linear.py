"""Pages as lines: Unicode for a terminal, ASCII for anything."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from textwrap import wrap
from typing import NamedTuple

from symnn.look import Style
from symnn.notation import Notation
from symnn.plain import ascii_words
from symnn.rendering.page import Formula, Page, Section, Table
from symnn.rendering.sides import cell_of, sides_of
from symnn.rendering.text_notation import TextNotation
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.rendering.words import Words

# The longest left side, of signs, that the sides of other lines are brought under.
MOST_OF_A_LEFT = 44
# The longest line of a formula with numbers, which may be broken at its signs.
MOST_OF_A_LINE = 80
# That of a sentence above formulas.
WIDTH = 96
_TERM = re.compile(r" [+−-] ")
_POWER_OF_TEN = re.compile("·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


def unicode(page: Page) -> str:
    """The page in Unicode, as for a terminal."""
    return _lines(page, _UNICODE)


def text(page: Page) -> str:
    """The page in ASCII, in the names that the code has."""
    return _lines(page, Words(TextNotation, _plain))


def _plain(words: str) -> str:
    """Words in ASCII: 2·10⁻²¹ as 2e-21."""
    return ascii_words(_POWER_OF_TEN.sub(lambda m: f"e{ascii_words(m[1])}", words))


_UNICODE = Words(UnicodeNotation)


def _lines(page: Page, words: Words) -> str:
    style = page.style
    blocks = [[words.told(page.title, style)]] if page.title else []
    blocks += [_section(s, words, style) for s in page.sections]
    if page.notes:
        blocks.append([words.told(note, style) for note in page.notes])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _section(section: Section, words: Words, style: Style | None) -> list[str]:
    rows = [[_formula(f, words.notation) for f in row] for row in section.rows]
    lines = [*_in_columns(_broken(rows))]
    for table in section.tables:
        lines += [*([""] if lines else []), *_table(table, words.notation, words.plain)]
    lines += [words.told(note, style) for note in section.notes]
    told = [f"  {line}" for line in wrap(words.told(section.lead, section.style), WIDTH)]
    indent = "    " if told and not section.tables else "  "
    body = [f"{indent}{line}".rstrip() for line in lines]
    return [*filter(None, [words.plain(section.heading)]), *told, *body]


class _Line(NamedTuple):
    """A formula on a line: the left sides, and the last side after its sign."""

    left: str
    sign: str
    right: str
    # The sides after the first with their signs, where each may stand on a line of its own.
    parts: tuple[tuple[str, str], ...] = ()
    # What stands below it: where each part that has a name is told.
    where: tuple[str, ...] = ()


def _formula(formula: Formula, notation: type[Notation]) -> _Line:
    first, *rest = sides_of(formula, notation)
    where = tuple(f"where {_joined(sides_of(part, notation))}" for part in formula.parts)
    if formula.signs:
        right = _joined(rest).removeprefix(f"{rest[0][0]} ")
        return _Line(first[1], rest[0][0], right, tuple(rest), where)
    sides = [first, *rest]
    last = max(len(sides) - 1 - formula.further, min(1, len(rest)))
    right = _joined([("", sides[last][1]), *sides[last + 1 :]])
    return _Line(_joined(sides[:last]), sides[last][0] or "=", right, (), where)


def _joined(sides: Sequence[tuple[str, str]]) -> str:
    return " ".join(" ".join(filter(None, side)) for side in sides)


def _broken(rows: Sequence[Sequence[_Line]]) -> Iterator[Sequence[_Line]]:
    """The rows, with each side on a line of its own where a formula is too long for one."""
    lefts = max((len(row[0].left) for row in rows if len(row) == 1), default=0)
    for row in rows:
        (line, *others) = row
        room = MOST_OF_A_LINE - lefts - 5
        if others or len(line.right) <= room or not line.parts:
            yield row
            continue
        left = line.left
        for sign, text in line.parts:
            for k, part in enumerate(_wrapped(text, room)):
                yield [_Line(left, " " if k else sign, part)]
                left = ""


def _wrapped(text: str, room: int) -> Iterator[str]:
    """A side in lines, each of which but the first begins with a sign between terms."""
    rest = text
    while len(rest) > room:
        places = [(depth, k) for k, depth in _depths(rest) if _TERM.match(rest, k)]
        fitting = [(depth, k) for depth, k in places if k <= room] or places[:1]
        if not fitting:
            break
        # Where the brackets are fewest, and there the last.
        _, end = min(fitting, key=lambda place: (place[0], -place[1]))
        yield rest[:end]
        rest = rest[end + 1 :]
    yield rest


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Each place of a text, and how many brackets are open there."""
    opened = accumulate((letter in "([") - (letter in ")]") for letter in text)
    return enumerate(opened)


def _table(table: Table, notation: type[Notation], plain: Callable[[str], str]) -> list[str]:
    """The table with its numbers in line at their points."""
    heads = [cell_of(head, notation, plain) for head in table.heads]
    columns = [
        _at_their_points([cell_of(cell, notation, plain) for cell in column])
        for column in zip(*table.rows, strict=True)
    ]
    widths = [max(map(len, [head, *c])) for head, c in zip(heads, columns, strict=True)]
    sides = ["<" if are_words else ">" for are_words in table.are_words]
    rows = [heads, *zip(*columns, strict=True)]
    return [
        "   ".join(f"{c:{s}{w}}" for c, s, w in zip(row, sides, widths, strict=True)).rstrip()
        for row in rows
    ]


def _at_their_points(cells: Sequence[str]) -> list[str]:
    """The cells with as much after the place of the point in each."""
    after = [len(cell) - cell.index(".") if "." in cell else 0 for cell in cells]
    return [cell + " " * (max(after) - a) for cell, a in zip(cells, after, strict=True)]


def text_of(formula: Formula) -> str:
    """The formula as one line of Unicode, for what cannot show mathematics."""
    line = _joined(sides_of(formula, UnicodeNotation))
    return "".join([line, *(f" where {text_of(part)}" for part in formula.parts)])


def _in_columns(rows: Iterable[Sequence[_Line]]) -> list[str]:
    """The rows with the last `=` of each column of formulas in line."""
    table = list(rows)
    wide = max((len(row) for row in table), default=0)
    columns = [[row[c] for row in table if len(row) > c] for c in range(wide)]
    lefts = [max(_alignable(len(f.left) for f in column)) for column in columns]
    # A row of one formula may be as long as it likes; it does not push a second column away.
    ends = [max(len(row[c].right) for row in table if len(row) > c + 1) for c in range(wide - 1)]
    lines = []
    for row in table:
        lines += [_line(row, lefts, ends), *(f"    {told}" for f in row for told in f.where)]
    return lines


def _alignable(widths: Iterable[int]) -> list[int]:
    """The widths of the left sides without those so long that the others would lie far off."""
    found = list(widths)
    return [width for width in found if width <= MOST_OF_A_LEFT] or [0]


def _line(row: Sequence[_Line], lefts: Sequence[int], ends: Sequence[int]) -> str:
    cells = [f"{f.left:<{lefts[c]}} {f.sign} {f.right}" for c, f in enumerate(row)]
    padded = [f"{cell:<{lefts[c] + ends[c] + 7}}" for c, cell in enumerate(cells[:-1])]
    return "".join([*padded, cells[-1]])
