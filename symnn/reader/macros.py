r"""LaTeX in the macros of `symnn.sty`, written out: `\symnnlayer{W}{1}` is `W^{(1)}`.

What each macro stands for is read from the table that writes the package.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from symnn.parsing.source import Fault, Place
from symnn.rendering.macros import MACROS

MOST_LETTERS = 20_000
_MACRO = re.compile(r"\\(symnn[a-z]+)(?![A-Za-z])", re.ASCII)
_ARGUMENT = re.compile(r"#(\d)")

# Each character with the place in the line from which it comes.
Marked = Sequence[tuple[str, int]]


def written_out(text: str) -> tuple[str, list[int]]:
    r"""The line with every macro written out; and where in it each character stood before.

    Raises `Fault` for a macro that is not in the table, or without its arguments.

    >>> written_out(r"\symnntransposed{x} y")[0]
    'x^{\\top} y'
    """
    marked: Marked = list(zip(text, range(len(text)), strict=True))
    while match := _MACRO.search(_text(marked)):
        start, end = match.span()
        place = Place(1, marked[start][1] + 1)
        if match[1] not in MACROS:
            raise Fault(f"the macro \\{match[1]} is not one of symnn.sty", place)
        row, arguments = MACROS[match[1]], []
        for _ in range(row.arguments):
            argument, end = _group(marked, end, place)
            arguments.append(argument)
        body = list(_filled(row.body, arguments, marked[start][1]))
        marked = [*marked[:start], *body, *marked[end:]]
        if len(marked) > MOST_LETTERS:
            raise Fault("its macros make this line too long", place)
    return _text(marked), [at for _, at in marked]


def _text(marked: Marked) -> str:
    return "".join(letter for letter, _ in marked)


def _group(marked: Marked, at: int, place: Place) -> tuple[Marked, int]:
    """What stands in the braces at a place, and where they end."""
    depth = 0
    pairs = pairwise([("", -1), *marked[at:]])
    for k, ((before, _), (letter, _)) in enumerate(pairs):
        if before != "\\":
            depth += (letter == "{") - (letter == "}")
        if depth == 0:
            if k == 0:
                break
            return marked[at + 1 : at + k], at + k + 1
    raise Fault("this macro lacks an argument in braces", place)


def _filled(body: str, arguments: Sequence[Marked], at: int) -> Iterator[tuple[str, int]]:
    """The body of a macro with its arguments."""
    for k, part in enumerate(_ARGUMENT.split(body)):
        if k % 2:
            yield from arguments[int(part) - 1]
        else:
            yield from ((letter, at) for letter in part)
