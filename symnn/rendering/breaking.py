"""Lines of a printed page within a width, as that of a terminal.

A formula goes on below where a sign stands between its sides or its terms: outside of brackets
where it can, and never within a fraction. Words are wrapped. What can be broken nowhere stays.
"""

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from unicodedata import combining

from symnn.rendering.linear import WIDTH

_CELLS = re.compile(r" {4,}(?=[^\s=≈←~<])")
_RELATION = re.compile(r" +(?=(?:=|≈|←|~=|<-) )")
_TERM = re.compile(r" (?=[+−⊙*@-] )|(?<=[^ +−⊙Σ]) (?=Σ)|(?<=·)(?=\S)|(?<=[^*]\*)(?=[^*\s])")
_SIGN = re.compile(r" [+−⊙*@-] ")
_LEAST, _INDENT = 20, 2


def within(text: str, columns: int) -> str:
    """The text with each line broken that is wider than so many columns.

    >>> print(within("  dL/dw = 2*(yhat - y)*x + w/50", 24))
      dL/dw = 2*(yhat - y)*x
                + w/50
    """
    width = max(columns, _LEAST)
    lines = _sentences(text.split("\n")) if width < WIDTH + _INDENT else text.split("\n")
    return "\n".join(part for line in lines for part in _line(line, width))


def _sentences(lines: Iterable[str]) -> Iterator[str]:
    """The lines with sentences that were wrapped for a wide page put together again."""
    whole, last = "", ""
    for line in lines:
        first = line.split(maxsplit=1)[0] if line.strip() else ""
        is_full = len(last) + 1 + len(first) > WIDTH + _INDENT
        if first and is_full and _is_sentence(last) and _is_sentence(line):
            whole = f"{whole} {line.strip()}"
        else:
            yield from [whole] if last else []
            whole = line
            if not line:
                yield ""
        last = line
    yield from [whole] if last else []


def _is_sentence(line: str) -> bool:
    body = line.lstrip(" ")
    return len(line) - len(body) == _INDENT and not any(_at(_RELATION, body))


def _line(line: str, width: int) -> Iterator[str]:
    if _wide(line) <= width:
        yield line
        return
    body = line.lstrip(" ")
    indent = len(line) - len(body)
    if not indent or not _at(_RELATION, body):
        yield from wrap(line, width, subsequent_indent=" " * indent, break_on_hyphens=False)
        return
    first, *others = _CELLS.split(body)
    yield from _formula(first, indent, width)
    for cell in others:
        yield from _formula(_under(first, cell), indent, width)


def _under(first: str, cell: str) -> str:
    """A formula from beside another, with its sign below the sign of that."""
    ends = [next((m.end() for m in _RELATION.finditer(text)), 0) for text in (first, cell)]
    before = [_wide(text[:end]) for text, end in zip((first, cell), ends, strict=True)]
    return cell[: ends[1]] + " " * max(0, before[0] - before[1]) + cell[ends[1] :]


def _formula(text: str, indent: int, width: int) -> Iterator[str]:
    """A formula side by side, with the signs before its sides in line."""
    places = [k for k, _ in _at(_RELATION, text)]
    if not places:
        yield from _side(" " * indent, text, indent + 4, width)
        return
    left, *sides = _parts(text, places)
    # The sign stays in line with those of other formulas, where that leaves enough room.
    padded = left + " " * (len(sides[0]) - len(sides[0].lstrip(" ")) - 1)
    lines = list(_sides(padded, sides, indent, width)) if _wide(padded) <= width / 3 else []
    has_room = lines and max(map(_wide, lines)) <= width
    yield from lines if has_room else _sides(left, sides, indent, width)


def _sides(left: str, sides: Iterable[str], indent: int, width: int) -> Iterator[str]:
    """A left side with the others, each on a line of its own where they are too wide for one."""
    start = " " * indent + left
    under = _wide(start) + 1 if _wide(start) < width / 2 else indent + 4
    for side in sides:
        if _wide(f"{start} {side.strip()}") > width and start.strip() != left.strip():
            yield start
            start = " " * (under - 1)
        *full, start = _side(f"{start} ", side.strip(), under + 4, width)
        yield from full
    yield start


def _parts(text: str, places: list[int]) -> list[str]:
    ends = [*places, len(text)]
    return [text[a:b] for a, b in zip([0, *places], ends, strict=True)]


def _side(start: str, text: str, under: int, width: int) -> Iterator[str]:
    """A side, broken before the signs of its terms."""
    rest = text
    while _wide(start + rest) > width:
        room = width - _wide(start)
        found = [(k, d) for k, d in _at(_TERM, rest, outside=False) if k]
        places = [(2 * d + (not _SIGN.match(rest, k)), k) for k, d in found]
        fitting = [(d, k) for d, k in places if k <= room]
        late = [(d, k) for d, k in fitting if k > room / 4] or fitting or places[:1]
        if not late:
            break
        _, end = min(late, key=lambda place: (place[0], -place[1]))
        yield start + rest[:end]
        is_new, rest = bool(_SIGN.match(rest, end)), rest[end:].lstrip(" ")
        # What is left of a term stands further in than the next one begins.
        piece = next((k for k, _ in _at(_SIGN, rest) if k), len(rest))
        is_deep = not is_new and under + _INDENT + _wide(rest[:piece]) <= width
        start = " " * (under + _INDENT * is_deep)
    yield start + rest


def _at(pattern: re.Pattern[str], text: str, *, outside: bool = True) -> list[tuple[int, int]]:
    """Each place of a pattern, and how many brackets are open there; none within a fraction."""
    closed = _fractions(text)
    found, depth = [], 0
    matches = {m.start() for m in pattern.finditer(text)}
    for k, letter in enumerate(text):
        if k in matches and not (outside and depth) and not any(a < k < b for a, b in closed):
            found.append((k, depth))
        depth += (letter in "([{") - (letter in ")]}")
    return found


def _fractions(text: str) -> list[tuple[int, int]]:
    """Where brackets are one side of a fraction."""
    opened, found = [], []
    for k, letter in enumerate(text):
        if letter in "([{":
            opened.append(k)
        elif letter in ")]}" and opened:
            start = opened.pop()
            if text[start - 1 : start] == "/" or text[k + 1 : k + 2] == "/":
                found.append((start, k))
    return found


def _wide(text: str) -> int:
    """The columns that a text takes: a hat over a letter takes none."""
    return sum(not combining(c) for c in text)
