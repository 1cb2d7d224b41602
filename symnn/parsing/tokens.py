"""A text cut into tokens: numbers, names, signs and ends of lines; all else is refused."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from symnn.parsing.source import START, Fault, Place, shown

MAX_LENGTH = 10_000
MAX_NAME = 64
MAX_DIGITS = 400

_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t]+|\#[^\n]*)
  | (?P<newline>[\n;])
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z][A-Za-z0-9_]*)
  | (?P<sign>\*\*|//|<=|>=|==|!=|[-+*/()\[\],:=<>])
    """,
    re.VERBOSE | re.ASCII,
)

# What people type that means something elsewhere, and what it is called here.
_CURES = {
    "^": "a power is written **, as in x**2",
    ".": "'.' has no meaning here; a name has letters, digits and _ alone",
    "'": "text in quotes has no meaning here",
    '"': "text in quotes has no meaning here",
    "@": "a matrix product is a sum: sum(k, A[i,k]*B[k,j])",
    "%": "there is no remainder here",
    "{": "braces have no meaning here; use ( ) and [ ]",
    "}": "braces have no meaning here; use ( ) and [ ]",
    "&": "two conditions are joined by 'and'",
    "|": "an absolute value is abs(x); two conditions are joined by 'or'",
    "!": "a condition is denied by 'not'",
    "_": "a name begins with a letter",
    "−": "the minus sign is -",
    "–": "the minus sign is -",
    "×": "a product is written *",
    "·": "a product is written *",
    "⋅": "a product is written *",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "∞": "write inf",
    "π": "write pi",
    "²": "a power is written **, as in x**2",
    "³": "a power is written **, as in x**3",
    "√": "a root is written sqrt(x)",
    "∑": "a sum is written sum(i, x[i])",
    "Σ": "a sum is written sum(i, x[i])",
    "σ": "a sigmoid is written sigmoid(x)",
}


class Token(NamedTuple):
    """A piece of the text: its kind (number, name, sign, newline or end), itself and its place."""

    kind: str
    text: str
    place: Place


def normalized(text: str) -> str:
    """The text without a byte-order mark, every line ended by a newline character alone."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a normalized text, blanks and comments left out, and the end.

    >>> [t.text for t in tokens("h = 2*x  # twice")]
    ['h', '=', '2', '*', 'x', '']
    """
    if len(text) > MAX_LENGTH:
        raise Fault(f"{len(text)} characters; at most {MAX_LENGTH} are read", START)
    position, line, line_start = 0, 1, 0
    while position < len(text):
        place = Place(line, position - line_start + 1)
        match = _TOKEN.match(text, position)
        if match is None:
            raise Fault(_unknown(text[position]), place)
        kind, piece, position = str(match.lastgroup), match.group(), match.end()
        if kind != "blank":
            _check(kind, piece, text[position : position + 1], place)
            yield Token(kind, piece, place)
        if piece == "\n":
            line, line_start = line + 1, position
    yield Token("end", "", Place(line, position - line_start + 1))


def _unknown(character: str) -> str:
    cure = _CURES.get(character)
    if cure is None:
        return f"the character {shown(character)!r} (U+{ord(character):04X}) has no meaning here"
    return cure


def _check(kind: str, piece: str, following: str, place: Place) -> None:
    if kind == "name" and piece == "lambda":
        raise Fault("'lambda' is a word of Python and no name; write lam", place)
    if kind == "name" and len(piece) > MAX_NAME:
        raise Fault(f"a name of {len(piece)} characters; at most {MAX_NAME} are read", place)
    if kind != "number":
        return
    if re.match(r"[A-Za-z_]", following):
        raise Fault(f"after {shown(piece)} a sign is missing; a product is written 2*x", place)
    mantissa, _, exponent = piece.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MAX_DIGITS:
        raise Fault(f"a number of more than {MAX_DIGITS} digits", place)
