r"""LaTeX mathematics cut into the same tokens: the subset that symnn writes, and nothing else.

`W^{(1)}_{ji}` is a name of the model with its labels, `\frac`, `\sum` and the like are signs. Any
other command is refused, so that nothing is ever skipped.
"""

import re
from collections.abc import Iterator, Sequence

from symnn.parsing.source import Fault, Place, shown
from symnn.parsing.tokens import Token
from symnn.reader.lexicon import OF_LETTERS, Lexicon
from symnn.reader.macros import written_out
from symnn.reader.tokens import check_length, longest, unknown

_NUMBER = re.compile(r"\d+\.?\d*", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z]+", re.ASCII)
_BLANK = re.compile(
    r"(?:[ \t&]|\\[,;:! ]|\\(?:q?quad|displaystyle)(?![A-Za-z])|\\(?:left|right)(?![A-Za-z]))+"
)
_WORD = re.compile(r"\\text\{\s*(if|otherwise|and|or|not|where)\s*\}")
_PACKED = re.compile(r"_(?:\{([A-Za-z0-9]+)\}|([A-Za-z0-9]))", re.ASCII)
_PACKED_ON = re.compile(r"([A-Za-z0-9]+)\}", re.ASCII)
_REDUCTION = re.compile(rf"\\operatorname\*\{{({'|'.join(OF_LETTERS)})\}}|\\(max|min)(?![A-Za-z])")
_POWER = re.compile(r"\^([0-9])", re.ASCII)
_CONSTANTS = {r"\pi": "pi", r"\infty": "inf"}
_SIGNS = {
    r"\frac": "frac",
    r"\partial": "∂",
    r"\sum": "Σ",
    r"\prod": "∏",
    r"\sqrt": "√",
    r"\odot": "⊙",
    r"\cdot": "·",
    r"\times": "*",
    r"\leq": "<=",
    r"\geq": ">=",
    r"\neq": "!=",
    r"\le": "<=",
    r"\ge": ">=",
    r"\ne": "!=",
    r"\lfloor": "⌊",
    r"\rfloor": "⌋",
    r"\bmod": "mod",
    r"\mathbf{1}": "𝟏",
    r"\begin{cases}": "cases",
    r"\end{cases}": "end of cases",
    r"\\": ";",
    r"\\[2ex]": ";",
    r"\{": "{",
    r"\}": "}",
    "_{": "_",
    "[": "⟦",
    "'": "′",
    "^": "**",
    **{sign: sign for sign in "+-*/()]{}|,<>="},
}


def latex_tokens(text: str, lexicon: Lexicon) -> Iterator[Token]:
    """The tokens of a line of LaTeX and the end; raises `Fault` at what is not of the subset."""
    check_length(text)
    whole, places = written_out(text)
    places.append(len(text))
    try:
        for token in _tokens(whole, lexicon):
            yield token._replace(place=_before(token.place, places))
    except Fault as fault:
        raise Fault(fault.message, _before(fault.place, places)) from None


def _before(place: Place, places: Sequence[int]) -> Place:
    """Where a place stood before the macros were written out."""
    return Place(1, places[place.column - 1] + 1)


def _tokens(text: str, lexicon: Lexicon) -> Iterator[Token]:
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        for token, length in _pieces(text, at, lexicon):
            yield token
            at += length
    yield Token("end", "", Place(1, at + 1))


def is_latex(text: str) -> bool:
    """Whether a line is to be read as LaTeX: it has a command, or a group above or below."""
    return "\\" in text or "_{" in text or "^{" in text


def _pieces(text: str, at: int, lexicon: Lexicon) -> Iterator[tuple[Token, int]]:
    """The token at a place, or those of a name with labels or transposed, each with its length."""
    place = Place(1, at + 1)
    if head := longest(lexicon.heads, text, at, ""):
        yield Token("name", lexicon.heads[head], place), len(head)
        yield _labels(text, at + len(head))
    elif name := longest(lexicon.transposed, text, at, ""):
        yield Token("name", lexicon.transposed[name], place), len(name) - 1
        yield Token("sign", "ᵀ", Place(1, at + len(name))), 1
    elif name := longest(lexicon.latex, text, at, ""):
        yield Token("name", lexicon.latex[name], place), len(name)
    elif name := longest(lexicon.latex_functions, text, at, ""):
        yield Token("function", lexicon.latex_functions[name], place), len(name)
    else:
        yield _sign(text, at, lexicon, place)


def _labels(text: str, at: int) -> tuple[Token, int]:
    """The labels that go on in the braces of a name, or the beginning of them."""
    place = Place(1, at + 1)
    if match := _PACKED_ON.match(text, at):
        return Token("subscript", match[1], place), len(match[0])
    return Token("sign", "_", place), 0


def _transposition(text: str, at: int, lexicon: Lexicon) -> int:
    """How long the sign of a transposed matrix is that stands at a place; 0 where none does."""
    signs = {r"\top", lexicon.convention.transposed}
    found = (longest((f"^{s}", f"^{{{s}}}"), text, at, "") for s in signs)
    return max(map(len, found))


def _sign(text: str, at: int, lexicon: Lexicon, place: Place) -> tuple[Token, int]:
    if text.startswith("e^{", at):
        return Token("function", "exp", place), 2
    if match := _WORD.match(text, at):
        return Token("sign", match[1], place), len(match[0])
    if match := _PACKED.match(text, at):
        return Token("subscript", match[1] or match[2], place), len(match[0])
    if length := _transposition(text, at, lexicon):
        return Token("sign", "ᵀ", place), length
    if match := _POWER.match(text, at):
        return Token("power", match[1], place), len(match[0])
    if match := _NUMBER.match(text, at):
        return Token("number", match[0], place), len(match[0])
    if name := longest((rf"\{f}" for f in lexicon.functions), text, at, ""):
        return Token("function", name[1:], place), len(name)
    if match := _REDUCTION.match(text, at):
        return Token("function", match[1] or match[2], place), len(match[0])
    if sign := longest(_SIGNS, text, at, ""):
        return Token("sign", _SIGNS[sign], place), len(sign)
    if name := longest(_CONSTANTS, text, at, ""):
        return Token("name", _CONSTANTS[name], place), len(name)
    if match := _LETTERS.match(text, at):
        if lexicon.is_strange(match[0]):
            raise unknown(match[0], lexicon, place)
        return Token("name", match[0], place), len(match[0])
    raise Fault(_refusal(text, at), place)


def _refusal(text: str, at: int) -> str:
    command = re.match(r"\\[A-Za-z]+", text[at:])
    if command:
        return f"the command {shown(command[0])} is not among those that are read"
    return f"the character {shown(text[at])!r} has no meaning here"
