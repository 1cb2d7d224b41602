"""How printed values go together: the signs between them, and the brackets around them.

Factors may stand side by side, or have ⊙, · or @ between. How far a value reaches is never guessed:
what people read in two ways is refused.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise

from symnn.parsing.grammar import Parser
from symnn.parsing.source import Fault, Place
from symnn.parsing.tokens import Token
from symnn.parsing.tree import Call, Chain, Node, Number, Power

COMPARED, ADDED, MULTIPLIED, SIGNED, RAISED = 2, 3, 4, 5, 6
_TIMES = ("*", "/", "⊙", "·", "@", "mod")
_OPENING = {
    "(": ")",
    "⟦": "]",
    "{": "}",
    "|": "|",
    "cases": "end of cases",
    "[": "]",
    "_": "}",
    "⌊": "⌋",
}
_BEGINNING = ("(", "⌊", "⟦", "{", "Σ", "∏", "√", "∂", "𝟏", "frac", "cases")
_KINDS = ("number", "name", "function")


class SignParser(Parser):
    """The tokens of one line of mathematics, and how far they have been read."""

    def __init__(self, found: Iterable[Token]) -> None:
        super().__init__(found)
        self._bare: set[Place] = set()

    def _rank(self) -> int:
        token = self._next
        if token.kind == "power":
            return RAISED
        # A quantity may have the name of a sign: mod.
        if token.kind in _KINDS or token.text in (*_TIMES, *_BEGINNING):
            return MULTIPLIED
        if token.text == "|":
            return -1 if "|" in [o.text for o in self._open] else MULTIPLIED
        if token.text == "=":
            return COMPARED if any(o.text in ("𝟏", "{", "cases", "⟦") for o in self._open) else -1
        return super()._rank()

    def _sign(self) -> str:
        is_sign = self._next.kind == "sign" and self._next.text in _TIMES
        if self._rank() == MULTIPLIED and not is_sign:
            return " "
        return self._take().text

    def _continued(self, first: Node) -> Node:
        token = self._next
        if token.kind == "power":
            self._take()
            number: Node = Number(token.place, token.text.removeprefix("-"))
            if token.text.startswith("-"):
                number = Chain(token.place, (("-", number),))
            return self._counted(Power(token.place, self._raisable(first), number))
        if token.text == "**":
            self._take()
            exponent = self._value(SIGNED)
            return self._counted(Power(token.place, self._raisable(first), exponent))
        joined = super()._continued(first)
        if isinstance(joined, Chain):
            _refuse_ambiguous(joined)
        return joined

    def _raisable(self, base: Node) -> Node:
        if isinstance(base, Call) and base.place in self._bare:
            raise Fault("is the function raised or what it is of? write brackets", base.place)
        return base

    def _prefixed(self) -> Node:
        if self._next.text == "-" and self._next.kind == "sign":
            token = self._take()
            # A minus before a product is that of the product: -2 A B.
            return self._counted(Chain(token.place, (("-", self._value(MULTIPLIED)),)))
        return super()._prefixed()

    # Brackets.

    def _between(self, read: Callable[[], Node]) -> list[Node]:
        """What stands between brackets, separated by commas; the next token opens them."""
        opening = self._take()
        self._open.append(opening)
        items = [read()]
        while self._taken(","):
            items.append(read())
        self._close(opening)
        return items

    def _close(self, opening: Token) -> None:
        if self._next.text != _OPENING[opening.text]:
            raise self._unexpected()
        self._at += 1
        self._open.pop()


def _refuse_ambiguous(chain: Chain) -> None:
    """Refuse `1/2 x`, which some read as 1/(2x); `1/2*x` is read as in code."""
    signs = [sign for sign, _ in chain.parts]
    for k, (sign, following) in enumerate(pairwise(signs), start=1):
        if sign == "/" and following == " ":
            place = chain.parts[k][1].place
            raise Fault("is this divided as well? write (a/b) c or a/(b c)", place)
