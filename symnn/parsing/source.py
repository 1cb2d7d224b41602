"""Places in a text, and the error that points at one.

The parser's parts raise `Fault`, which knows only what is wrong and where in the text; the public
calls make of it an `EquationError`, which knows the line and the file as well.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from symnn.errors import SymnnError

MAX_SHOWN = 40
_WINDOW = 96


class Place(NamedTuple):
    """A character of a text: its line and its column, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


class Fault(Exception):  # noqa: N818 - it never leaves the package; EquationError does
    """What is wrong with a text, and where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message, self.place = message, place


class EquationError(SymnnError):
    """Equations that cannot be read: what is wrong, and the place where it stands.

    `line` and `column` count from 1, `text` is the whole line, and `source` the name of its file
    where there is one. The message is a single line; `pointing()` shows the place.

    >>> print(EquationError("p is not declared", Place(3, 10), "q[n] = 2*p", "model.eqs"))
    model.eqs:3:10: p is not declared
    """

    def __init__(self, message: str, place: Place, text: str = "", source: str = "") -> None:
        self.message, self.text, self.source = message, text, source
        self.line, self.column = place
        line, column = place
        where = f"{source}:{line}:{column}" if source else f"line {line}, column {column}"
        super().__init__(f"{where}: {message}")

    def pointing(self) -> str:
        """The line, and below it a caret under the place; a long line is cut to what is near.

        >>> print(EquationError("p is not declared", Place(3, 10), "q[n] = 2*p").pointing())
        q[n] = 2*p
                 ^
        """
        first = max(0, self.column - 1 - _WINDOW // 2)
        shown_part = printable(self.text[first : first + _WINDOW])
        return f"{shown_part}\n{' ' * (self.column - 1 - first)}^"


def printable(text: str) -> str:
    """The text without characters that would act on a terminal."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in text)


def shown(text: str) -> str:
    """A piece of the user's text as a message shows it: printable, and short."""
    return printable(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names, as the end of a message; empty where none is near.

    >>> did_you_mean("Wqq", ["Wq", "x"])
    "; did you mean 'Wq'?"
    """
    names = {other.lower(): other for other in sorted(known)}
    letters = sorted(name.lower())
    close = [other for other in names if sorted(other) == letters]
    close = close or get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return f"; did you mean {names[close[0]]!r}?" if close else ""
