"""The tokens of a text, how far they have been read, and what is said of one that is unexpected."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from symnn.parsing.source import Fault, shown
from symnn.parsing.tokens import Token

_CLOSING = {"(": ")", "[": "]"}
_CURES = {
    "if": "a choice is written where(condition, value, other value)",
    "else": "a choice is written where(condition, value, other value)",
    "for": "what runs over an index is written with its letter first: sum(i, x[i])",
    "in": "what runs over an index is written with its letter first: sum(i, x[i])",
    "==": "a definition has one '='",
}

_T = TypeVar("_T")


class Cursor:
    """The tokens of a text; newlines within brackets are passed over."""

    def __init__(self, found: Iterable[Token]) -> None:
        self._tokens = list(found)
        self._at = 0
        self._open: list[Token] = []

    @property
    def _next(self) -> Token:
        while self._open and self._tokens[self._at].text == "\n":
            self._at += 1
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _taken(self, *texts: str) -> Token | None:
        return self._take() if self._next.text in texts else None

    def _is_at_end(self) -> bool:
        while self._next.kind == "newline":
            self._take()
        return self._next.kind == "end"

    def _end_of_line(self) -> None:
        if self._next.kind not in ("newline", "end"):
            raise self._unexpected()

    def _following(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def _unexpected(self, wanted: str = "") -> Fault:
        """The fault of the next token; of a bracket, where the next line is read within it."""
        token = self._next
        if self._open:
            bracket = self._open[-1]
            is_on_a_new_line = self._tokens[self._at - 1].text == "\n"
            if token.kind in ("end", "newline") or is_on_a_new_line:
                return Fault(f"this {bracket.text!r} is never closed", bracket.place)
        if token.text in _CURES:
            return Fault(_CURES[token.text], token.place)
        if token.kind in ("newline", "end"):
            return Fault(f"the line ends where {wanted or 'more'} is expected", token.place)
        if token.kind in ("name", "number") and not wanted:
            wanted = "a sign such as * or +"
        ending = f" where {wanted} is expected" if wanted else ""
        return Fault(f"unexpected {shown(token.text)!r}{ending}", token.place)

    def _bracketed(self, read: Callable[[], _T]) -> list[_T]:
        """What stands between brackets, separated by commas; the next token opens them."""
        opening = self._take()
        closing = _CLOSING[opening.text]
        self._open.append(opening)
        items = [read()]
        while self._taken(","):
            items.append(read())
        if self._next.text != closing:
            raise self._unexpected()
        # The newline after the closing bracket counts again, so it is taken as still within.
        self._at += 1
        self._open.pop()
        return items
