"""A text cut into tokens: numbers, names, signs and ends of lines; all else is refused."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from symnn.names import GREEK
from symnn.parsing.source import START, Fault, Place, shown

MAX_LENGTH = 10_000
MAX_NAME = 64
MAX_DIGITS = 400

# A Greek letter is its name: `β` and `beta` are one. So are `ŷ` and `yhat`, `x₁` and `x1`.
_SPELLED = {letter: name for name, letter in GREEK.items()} | {"λ": "lam"}
_HAT = "\u0302"
_HATTED = "ÂâĈĉÊêĜĝĤĥÎîĴĵÔôŜŝÛûŴŵŶŷẐẑ"
_BELOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_LETTER = "A-Za-z" + "".join(_SPELLED) + _HATTED
_GREEK = re.compile(f"[{''.join(_SPELLED)}]")
_GLUED = re.compile(f"[{''.join(_SPELLED)}][{_LETTER}]|[{_LETTER}][{''.join(_SPELLED)}]")

_TOKEN = re.compile(
    rf"""
    (?P<blank>[ \t]+|\#[^\n]*)
  | (?P<newline>[\n;])
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[{_LETTER}][{_LETTER}{_HAT}₀-₉0-9_]*)
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
    "²": "a power is written **, as in x**2",
    "³": "a power is written **, as in x**3",
    "¹": "a number at the end of a name is that of a layer: W1 is printed so",
    "ᵀ": "a transpose is the indices the other way round: sum(j, W[j,i]*d[j])",
    "⊤": "a transpose is the indices the other way round: sum(j, W[j,i]*d[j])",
    "⊙": "a product entry by entry is a[n,j]*b[n,j]",
    "∘": "a product entry by entry is a[n,j]*b[n,j]",
    "÷": "a quotient is written /",
    "√": "a root is written sqrt(x)",
    "∑": "a sum is written sum(i, x[i])",
} | dict.fromkeys("ᵢⱼₖₗₘₙₜ", "an index stands in brackets, as in x[i]")


# Other shapes of the same letters, and the signs of micro and of ohm.
_VARIANTS = str.maketrans("ϐϵϑϰϖϱϕ\u00b5\u2126", "βεθκπρφ\u03bc\u03a9")


_GOING_ON = ("+", "-", "*", "/", "**")


class Token(NamedTuple):
    """A piece of the text: its kind (number, name, sign, newline or end), itself and its place."""

    kind: str
    text: str
    place: Place


def normalized(text: str) -> str:
    """The text without a byte-order mark, every line ended by a newline character alone.

    A variant of a Greek letter is that letter: ϵ is ε, and the sign of micro is μ.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_VARIANTS)


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
            yield Token(kind, spelled(piece) if kind == "name" else piece, place)
        if piece == "\n":
            line, line_start = line + 1, position
    yield Token("end", "", Place(line, position - line_start + 1))


def joined(found: Iterable[Token]) -> Iterator[Token]:
    """The tokens without the ends of lines after which a line begins with a sign."""
    ends: list[Token] = []
    is_within = False
    for token in found:
        if token.text == "\n":
            ends.append(token)
            continue
        if not (is_within and token.text in _GOING_ON):
            yield from ends
        ends, is_within = [], True
        yield token


def spelled(name: str) -> str:
    """A name in letters of ASCII, as the code has it.

    >>> spelled("β"), spelled("σ_2"), spelled("w₁"), spelled("ŷ"), spelled("σ̂₁")
    ('beta', 'sigma_2', 'w1', 'yhat', 'sigma1_hat')
    """
    parts = unicodedata.normalize("NFD", name).translate(_BELOW)
    plain = _GREEK.sub(lambda letter: _SPELLED[letter.group()], parts)
    bare = plain.replace(_HAT, "")
    return plain if bare == plain else f"{bare}hat" if len(bare) == 1 else f"{bare}_hat"


def _unknown(character: str) -> str:
    cure = _CURES.get(character)
    if cure is None:
        return f"the character {shown(character)!r} (U+{ord(character):04X}) has no meaning here"
    return cure


def _check(kind: str, piece: str, following: str, place: Place) -> None:
    if kind == "name" and piece == "lambda":
        raise Fault("'lambda' is a word of Python and no name; write lam", place)
    if kind == "name" and _GLUED.search(piece):
        message = f"{shown(piece)!r} joins a Greek letter to another; write a product with *, or _"
        raise Fault(message, place)
    if kind == "name" and len(piece) > MAX_NAME:
        raise Fault(f"a name of {len(piece)} characters; at most {MAX_NAME} are read", place)
    if kind != "number":
        return
    if re.match(r"[A-Za-z_]", following):
        raise Fault(f"after {shown(piece)} a sign is missing; a product is written 2*x", place)
    mantissa, _, exponent = piece.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MAX_DIGITS:
        raise Fault(f"a number of more than {MAX_DIGITS} digits", place)
