"""A line of ASCII or Unicode mathematics cut into tokens.

Names are looked for in the model's own table, the longest first: `W¹` is one name where there is
such a layer. Signs of either alphabet become one: `−` is `-`, `·` and `⊙` stay as they are.
"""

import re
from collections.abc import Iterable, Iterator

from symnn.parsing.source import START, Fault, Place, did_you_mean, shown
from symnn.parsing.tokens import Token
from symnn.reader.lexicon import OF_LETTERS, Lexicon

MAX_LENGTH = 2_000
WORDS = ("if", "otherwise", "and", "or", "not", "mod", "where")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
# What stands before the name by which is differentiated: `dL/`, `d2L/(dw `.
_LABELS = r"(?:\[[^\]]*\])?"
_ABOVE = re.compile(rf"\b(d2?[A-Za-z]\w*){_LABELS}/(?:\((?:d\w+{_LABELS} )?)?$", re.ASCII)
_BLANK = re.compile(r"[ \t]+")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚᵣₛₜᵤᵥₐₑₒₓₕ", "0123456789ijklmnprstuvaeoxh")
_SUBSCRIPT = re.compile("[₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚᵣₛₜᵤᵥₐₑₒₓₕ]+")
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SUPERSCRIPT = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS = {
    "**": "**",
    "<=": "<=",
    ">=": ">=",
    "==": "==",
    "!=": "!=",
    ".T": "ᵀ",
    "ᵀ": "ᵀ",
    "′": "′",
    "'": "′",
    "−": "-",
    "×": "*",
    "⋅": "·",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "^": "**",
    "𝟏": "𝟏",
    "∂": "∂",
    "Σ": "Σ",
    "∏": "∏",
    "√": "√",
    "⌊": "⌊",
    "⌋": "⌋",
    **{sign: sign for sign in "+-*/@·⊙()[]{}|,;<>="},
}
_CONSTANTS = {"π": "pi", "∞": "inf"}
_SIGN = re.compile("|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))))


def plain_tokens(text: str, lexicon: Lexicon) -> Iterator[Token]:
    """The tokens of a line in ASCII or Unicode, blanks left out, and the end.

    A name of a quantity is given as in code. Raises `Fault` at what has no meaning.
    """
    check_length(text)
    at, is_tight = 0, False
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at, is_tight = blank.end(), False
            continue
        for token, length in _pieces(text, at, lexicon, is_tight):
            yield token
            at += length
            # A bracket right after a name or a bracket holds its labels.
            is_tight = token.kind == "name" or token.text in (")", "]")
    yield Token("end", "", _place(at))


def check_length(text: str) -> None:
    """Refuse a line that is too long."""
    if len(text) > MAX_LENGTH:
        raise Fault(f"{len(text)} characters; at most {MAX_LENGTH} are read", START)


def _place(at: int) -> Place:
    return Place(1, at + 1)


def _pieces(text: str, at: int, lexicon: Lexicon, is_tight: bool) -> Iterator[tuple[Token, int]]:
    """The token at a place, or the two of a differential, each with its length."""
    place = _place(at)
    if match := _NUMBER.match(text, at):
        yield Token("number", match[0], place), len(match[0])
    elif match := _SUBSCRIPT.match(text, at):
        yield Token("subscript", match[0].translate(_SUBSCRIPTS), place), len(match[0])
    elif name := _derived_by(text, at, lexicon):
        yield Token("sign", "∂", place), 1
        yield Token("name", lexicon.plain[name], _place(at + 1)), len(name)
    elif name := longest(lexicon.plain, text, at):
        yield Token("name", lexicon.plain[name], place), len(name)
    elif name := longest(lexicon.plain_functions, text, at):
        yield Token("function", lexicon.plain_functions[name], place), len(name)
    elif text.startswith("d(d", at):
        yield Token("sign", "∂", place), 1
    elif match := _IDENTIFIER.match(text, at):
        yield from _identifier(match[0], at, lexicon)
    elif match := _SUPERSCRIPT.match(text, at):
        yield Token("power", match[0].translate(_SUPERSCRIPTS), place), len(match[0])
    elif match := _SIGN.match(text, at):
        sign = _SIGNS[match[0]]
        yield Token("sign", "⟦" if sign == "[" and not is_tight else sign, place), len(match[0])
    elif text[at] in _CONSTANTS:
        yield Token("name", _CONSTANTS[text[at]], place), 1
    else:
        raise Fault(f"the character {shown(text[at])!r} has no meaning here", place)


def _derived_by(text: str, at: int, lexicon: Lexicon) -> str:
    """The w of `dL/dw`, also where `dw` is a name; empty where no derivative is meant."""
    found = _IDENTIFIER.match(text, at)
    above = _ABOVE.search(text[:at]) if found and found[0][0] == "d" else None
    if found is None or above is None or above[1] in lexicon.plain:
        return ""
    return found[0][1:] if found[0][1:] in lexicon.plain else ""


def _identifier(name: str, at: int, lexicon: Lexicon) -> Iterator[tuple[Token, int]]:
    """A word, a letter, the name of a size, or `d` before the name of a quantity."""
    if name in WORDS:
        yield Token("sign", name, _place(at)), len(name)
    elif name in OF_LETTERS or name == "floor":
        yield Token("function", name, _place(at)), len(name)
    elif name[0] == "d" and name[1:] in lexicon.plain:
        yield Token("sign", "∂", _place(at)), 1
        yield Token("name", lexicon.plain[name[1:]], _place(at + 1)), len(name) - 1
    elif name[:2] == "d2" and name[2:] in lexicon.plain:
        yield Token("sign", "∂", _place(at)), 1
        yield Token("power", "2", _place(at + 1)), 1
        yield Token("name", lexicon.plain[name[2:]], _place(at + 2)), len(name) - 2
    elif lexicon.is_strange(name):
        raise unknown(name, lexicon, _place(at))
    else:
        yield Token("name", name, _place(at)), len(name)


def longest(names: Iterable[str], text: str, at: int, word: str = "_") -> str:
    """The longest of the names that stands at a place; an identifier must end where it ends.

    Letters, digits and the signs in `word` go on with an identifier.
    """
    found = [n for n in names if text.startswith(n, at) and _ends(n, text, at, word)]
    return max(found, key=len, default="")


def _ends(name: str, text: str, at: int, word: str) -> bool:
    after = text[at + len(name) : at + len(name) + 1]
    is_open = name[-1].isascii() and (name[-1].isalnum() or name[-1] in word)
    return not (is_open and after.isascii() and (after.isalnum() or after in (*word,)))


def unknown(name: str, lexicon: Lexicon, place: Place) -> Fault:
    """The fault of a name that stands for nothing."""
    known = [n for n in lexicon.plain if n.isascii()]
    for k in range(1, len(name)):
        if name[:k] in known and name[k:] in known:
            return Fault(
                f"{shown(name)!r} is no name here; a product is written {name[:k]}*{name[k:]}",
                place,
            )
    hint = did_you_mean(name, known)
    names = ", ".join(sorted(known))
    return Fault(
        f"{shown(name)!r} is no name here{hint}{'' if hint else f'; known: {names}'}", place
    )
