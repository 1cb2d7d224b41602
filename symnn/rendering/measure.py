r"""How wide LaTeX is when it is set, and where it may be broken.

The LaTeX is symnn's own: letters, signs, groups in braces, fractions, sums, brackets and a few
environments. Widths are those of Computer Modern at 10 pt, in points, and rather too great than too
small; a test holds them against TeX's.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)
_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(5.3, 4.3, 4.4, 5.3, 4.7, 6.0, 5.2, 5.8, 3.5, 4.8, 5.6, 3.2, 8.8),
            *(6.0, 4.9, 5.1, 4.9, 4.9, 4.7, 3.7, 5.8, 5.3, 7.5, 5.8, 5.4, 5.2),
            *(7.5, 8.1, 7.9, 8.6, 8.0, 7.9, 7.9, 9.2, 5.2, 6.5, 9.3, 6.9, 10.9),
            *(9.2, 8.0, 7.8, 8.0, 7.8, 6.8, 7.2, 8.0, 8.1, 10.9, 9.1, 8.0, 7.6),
        ),
        strict=True,
    )
)
_UPRIGHT = {"i": 2.8, "l": 2.8, "f": 3.1, "t": 3.9, "r": 4.0, "m": 8.4, "w": 7.3, " ": 3.4}
_SIGNS = {"(": 3.9, ")": 3.9, "[": 2.8, "]": 2.8, "|": 2.8, ",": 4.5, ".": 2.8, "'": 2.8, "!": 2.8}
_COMMANDS = {
    **dict.fromkeys((r"\,", r"\!"), 1.7),
    **dict.fromkeys((r"\_", r"\%", r"\&", r"\#", r"\{", r"\}"), 5.0),
    **dict(zip((r"\quad", r"\qquad", r"\;", r"\ "), (10.0, 20.0, 2.8, 3.4), strict=True)),
    **dict(zip((r"\cdot", r"\top", r"\infty", r"\partial"), (7.3, 7.8, 10.0, 6.0), strict=True)),
    **dict(zip((r"\ln", r"\log", r"\tanh", r"\exp"), (10.0, 14.6, 21.7, 17.0), strict=True)),
    **dict(zip((r"\max", r"\min", r"\sum", r"\prod"), (20.3, 18.4, 14.5, 12.8), strict=True)),
}
# With the space that TeX puts round them.
_BINARY = ("+", "-", r"\odot", r"\times")
_RELATIONS = ("=", "<", ">", r"\le", r"\ge", r"\ne", r"\approx", r"\leftarrow")
_BINARY_WIDTH, _RELATION_WIDTH, _THIN = 12.3, 13.4, 1.7
_SIZES = (1, 1, 0.74, 0.58)
_LIMITS = (r"\sum", r"\prod", r"\max", r"\min")
_FONTS = (r"\mathbf", r"\boldsymbol", r"\mathit", r"\mathrm", r"\mathsf", r"\mathcal", r"\hat")
_WORDS = (r"\text", r"\operatorname", r"\operatorname*", r"\textbf")
_DISPLAYED = r"\displaystyle"
_OPENING, _CLOSING = ("(", "[", r"\left", r"\Bigl"), (")", "]", r"\right", r"\Bigr")


@dataclass(frozen=True)
class Piece:
    """A piece of a formula that is never broken within: its text, its width, its brackets.

    `depth` counts the brackets round it. A line may end before a piece that `joins`: a sign between
    terms, or, where nothing else helps, one that `multiplies`.
    """

    text: str
    width: float
    depth: int = 0
    joins: bool = False
    multiplies: bool = False


def width(latex: str) -> float:
    """The width of a formula in display style, in points at 10 pt."""
    return sum(piece.width for piece in pieces(latex))


def pieces(latex: str) -> list[Piece]:
    """The formula in pieces, in order."""
    return list(_Reader(_TOKEN.findall(latex)).pieces())


def lines(latex: str, room: float, first: float | None = None) -> list[str]:
    """The formula in lines, each within `room` points, the first within `first` if that is less.

    A line ends before a sign between terms, outside of brackets where it can, and never within a
    fraction; a fraction that is wider than a line becomes a factor with its numerator in brackets.
    A formula that can be broken nowhere stays whole.
    """
    found = pieces(latex)
    if sum(p.width for p in found) <= (room if first is None else first):
        return [latex]
    opened = [q for p in found for q in (_opened(p) if p.width > room / 2 else [p])]
    cut = _cut(opened, room, room if first is None else first)
    return [text for text in map(_text, _balanced(cut)) if text]


def _cut(found: Sequence[Piece], room: float, first: float) -> Iterator[list[Piece]]:
    """The pieces line by line."""
    rest, here = list(found), first
    while rest:
        fitting = bisect_right(list(accumulate(p.width for p in rest)), here)
        place = len(rest) if fitting == len(rest) else _place(rest, fitting)
        yield rest[:place]
        rest, here = rest[place:], room


def _place(found: Sequence[Piece], fitting: int) -> int:
    """Where to end a line of which so many pieces fit: where the brackets are fewest, then last."""
    fits = range(1, min(fitting + 1, len(found)))
    places = [k for k in fits if found[k].joins or found[k].multiplies]
    late = [k for k in places if k > fitting / 3] or places
    if late:
        return min(late, key=lambda k: (found[k].depth, not found[k].joins, -k))
    after = (k for k in range(max(fitting, 1), len(found)) if found[k].joins or found[k].multiplies)
    return next(after, len(found))


def _balanced(cut: Iterator[list[Piece]]) -> Iterator[list[Piece]]:
    """The lines with brackets of a fixed size where a pair of growing ones was parted."""
    rows = list(cut)
    level: list[tuple[int, int]] = []
    parted: set[tuple[int, int]] = set()
    for r, row in enumerate(rows):
        for k, piece in enumerate(row):
            if piece.text.startswith(r"\left"):
                level.append((r, k))
            elif piece.text.startswith(r"\right"):
                opening = level.pop()
                if opening[0] != r:
                    parted |= {opening, (r, k)}
    for r, row in enumerate(rows):
        yield [_fixed(p) if (r, k) in parted else p for k, p in enumerate(row)]


def _fixed(piece: Piece) -> Piece:
    text = piece.text.replace(r"\left", r"\Bigl").replace(r"\right", r"\Bigr")
    return Piece(text, piece.width, piece.depth)


def _text(row: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in row).strip()


def _opened(piece: Piece) -> list[Piece]:
    """A wide fraction as a factor and its numerator in brackets."""
    match = re.match(r"\\frac(?={)", piece.text)
    if match is None:
        return [piece]
    reader = _Reader(_TOKEN.findall(piece.text)[1:])
    top, bottom = reader.group(), reader.group()
    inner = [
        Piece(p.text, p.width, p.depth + piece.depth + 1, p.joins, p.multiplies)
        for p in pieces(top.removeprefix(_DISPLAYED))
    ]
    factor = Piece(rf"\frac{{1}}{{{bottom}}} ", width(bottom) + 3, piece.depth)
    ends = [Piece(sign, 7.8, piece.depth) for sign in (r"\left(", r"\right)")]
    return [factor, ends[0], *inner, ends[1]]


class _Reader:
    """One pass over the tokens of a formula, in display, text, script or smaller style: 0 to 3."""

    def __init__(self, tokens: Sequence[str], level: int = 0) -> None:
        self.tokens = list(reversed(tokens))
        self.level = level

    def group(self) -> str:
        """The text of the next group in braces, without them; or the next token."""
        token = self.tokens.pop()
        while token.isspace():
            token = self.tokens.pop()
        if token != "{":
            return token
        text, open_braces = [], 1
        while open_braces:
            token = self.tokens.pop()
            open_braces += (token == "{") - (token == "}")
            text.append(token)
        return "".join(text[:-1])

    def pieces(self) -> Iterator[Piece]:
        depth, follows = 0, False
        while self.tokens:
            token = self.tokens[-1]
            if token.startswith(_CLOSING):
                depth -= 1
            text, wide = self._one()
            # A minus that begins a term, as after a sum's sign, joins nothing.
            joins = token in ("+", "-") and follows
            yield Piece(text, wide, depth, joins, token in (r"\,", r"\odot", r"\cdot"))
            if not token.isspace():
                follows = not token.startswith((*_OPENING, *_LIMITS, *_RELATIONS))
            if token.startswith(_OPENING):
                depth += 1

    def _one(self) -> tuple[str, float]:
        """The next piece with its scripts, and its width."""
        before = len(self.tokens)
        kept = self.tokens[:]
        wide, has_limits = self._nucleus()
        above = below = 0.0
        while self.tokens and self.tokens[-1] in "^_":
            sign = self.tokens.pop()
            inner = self._within(self.group(), max(self.level + 1, 2))
            above, below = (inner, below) if sign == "^" else (above, inner)
        scripts = max(above, below)
        is_set_below = has_limits and self.level == 0
        wide = max(wide, scripts) + _THIN if is_set_below else wide + scripts + 1.2 * bool(scripts)
        used = before - len(self.tokens)
        return "".join(reversed(kept[-used:])), wide

    def _within(self, text: str, level: int) -> float:
        return sum(wide for _, wide in _Reader(_TOKEN.findall(text), min(level, 3)).every())

    def every(self) -> Iterator[tuple[str, float]]:
        """Each piece with its width."""
        while self.tokens:
            yield self._one()

    def _nucleus(self) -> tuple[float, bool]:
        """The width of what the next tokens are, and whether limits stand below it."""
        token = self.tokens.pop()
        if token == "{":
            self.tokens.append(token)
            return self._within(self.group(), self.level), False
        if token == r"\frac":
            return max(self._side(self.group()) for _ in range(2)) + 3, False
        if token in _FONTS:
            return 1.16 * self._within(self.group(), self.level) + 0.5, False
        if token in _WORDS:
            words = self.group()
            return upright(words) * _SIZES[self.level] + _THIN * 2, token.endswith("*")
        if token == r"\sqrt":
            return self._within(self.group(), self.level) + 10.5, False
        if token == r"\begin":
            return self._environment(), False
        if token in (r"\left", r"\right", r"\Bigl", r"\Bigr"):
            self.tokens.pop()
            return 9.0, False
        return self._sign(token) * _SIZES[self.level], token in _LIMITS

    def _side(self, text: str) -> float:
        """The width of what stands above or below the line of a fraction."""
        plain = text.removeprefix(_DISPLAYED)
        return self._within(plain, self.level + 1 if plain == text else 0)

    def _sign(self, token: str) -> float:
        if token.isspace() or token in "^_":
            return 0.0
        if token in _BINARY:
            return _BINARY_WIDTH if self.level < 2 else 7.9
        if token in _RELATIONS:
            return _RELATION_WIDTH if self.level < 2 else 7.9
        if token.startswith("\\"):
            return _COMMANDS.get(token, 8.4 if token[1:2].isupper() else 6.9)
        return _LETTERS.get(token, _SIGNS.get(token, 5.1))

    def _environment(self) -> float:
        """The width of a definition by cases, or of a matrix."""
        name, depth = self.group(), 1
        rows: list[list[str]] = [[""]]
        while True:
            token = self.tokens.pop()
            depth += (token == r"\begin") - (token == r"\end")
            if not depth:
                break
            # What parts the cells of an environment within this one is that one's own.
            if depth == 1 and token == r"\\":
                rows.append([""])
            elif depth == 1 and token == "&":
                rows[-1].append("")
            else:
                rows[-1][-1] += token
        self.group()
        columns = max(map(len, rows))
        level = max(self.level, 1) if name == "cases" else self.level
        wide = [
            max(self._within(_cell(row[c]), level) for row in rows if len(row) > c)
            for c in range(columns)
        ]
        return sum(wide) + 10 * columns + 10


def _cell(text: str) -> str:
    """What stands in a cell, without the space that was asked for above it."""
    return text.strip().removeprefix("[2ex]").strip()


def upright(words: str) -> float:
    """The width of plain words."""
    return sum(_UPRIGHT.get(c, 5.6 if c.islower() else 7.6 if c.isupper() else 5.2) for c in words)
