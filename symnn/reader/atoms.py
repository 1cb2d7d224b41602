"""What a printed value may begin with: names with labels, sums, functions, fractions, brackets."""

from collections.abc import Sequence
from dataclasses import dataclass

from symnn.parsing.source import Fault, Place
from symnn.parsing.tokens import Token
from symnn.parsing.tree import (
    Argument,
    Call,
    Comparison,
    Logic,
    Name,
    Node,
    Number,
)
from symnn.reader.differentials import DifferentialParser
from symnn.reader.lexicon import OF_LETTERS, OF_VALUES
from symnn.reader.nodes import (
    Cases,
    Indicated,
    Labelled,
    Labels,
    Primed,
    Reduced,
    Transposed,
)
from symnn.reader.signs import MULTIPLIED, RAISED


class AtomParser(DifferentialParser):
    """The tokens of a line, read value by value."""

    def _atom(self) -> Node:
        token = self._next
        special = {
            "Σ": self._summed,
            "∏": self._multiplied,
            "√": self._root,
            "∂": self._differentiated,
            "𝟏": self._indicated,
            "frac": self._fraction,
            "(": self._enclosed,
            "⟦": self._enclosed,
            "{": self._enclosed,
            "|": self._absolute,
            "⌊": self._floored,
            "cases": self._enclosed,
        }
        if token.kind == "function":
            return self._applied(self._take())
        if token.kind == "sign" and token.text in special:
            return self._with_postfix(special[token.text]())
        if token.kind == "number":
            self._take()
            return self._counted(Number(token.place, token.text))
        if token.kind != "name":
            raise self._unexpected("a value")
        self._take()
        return self._with_postfix(self._counted(Name(token.place, token.text)))

    def _with_postfix(self, node: Node) -> Node:
        """The node with its labels, transposed as often as it says."""
        while True:
            token = self._next
            if token.kind == "subscript" or (token.kind == "sign" and token.text in ("[", "_")):
                node = self._counted(Labelled(token.place, node, self._labels()))
            elif token.text == "ᵀ":
                self._take()
                node = self._counted(Transposed(token.place, node))
            else:
                return node

    def _labels(self) -> Labels:
        token = self._next
        if token.kind == "subscript":
            return self._take().text
        return tuple(self._between(self._value))

    def _enclosed(self) -> Node:
        """A value in brackets; a definition by cases; a condition in square brackets."""
        opening = self._take()
        self._open.append(opening)
        value = self._value()
        if self._next.text in ("if", "otherwise"):
            value = self._counted(Cases(opening.place, self._branches(value)))
        elif opening.text == "cases":
            raise self._unexpected("'if'")
        self._close(opening)
        if isinstance(value, Comparison | Logic):
            return self._counted(Indicated(opening.place, value))
        # In brackets, tanh x is clear: (tanh x)².
        self._bare.discard(value.place)
        return value

    def _branches(self, value: Node) -> tuple[tuple[Node, Node | None], ...]:
        found: list[tuple[Node, Node | None]] = []
        while True:
            if self._taken("otherwise"):
                return (*found, (value, None))
            if not self._taken("if"):
                raise self._unexpected("'if' or 'otherwise'")
            found.append((value, self._value()))
            if not self._taken(",", ";"):
                raise self._unexpected("the other case")
            value = self._value()

    def _indicated(self) -> Node:
        sign = self._take()
        if self._next.text != "⟦":
            raise self._unexpected("'['")
        (condition,) = self._between(self._value)
        return self._counted(Indicated(sign.place, condition))

    def _absolute(self) -> Node:
        (value,) = self._between(self._value)
        return self._function("abs", value, value.place)

    def _floored(self) -> Node:
        place = self._next.place
        (value,) = self._between(self._value)
        return self._function("floor", value, place)

    def _root(self) -> Node:
        sign = self._take()
        return self._function("sqrt", self._value(RAISED + 1), sign.place)

    def _summed(self) -> Node:
        sign = self._take()
        below = self._letters()
        return self._counted(below.of(sign.place, "sum", self._value(MULTIPLIED)))

    def _multiplied(self) -> Node:
        return self._reduced(self._take(), "prod")

    def _letters(self) -> "_Binder":
        """The letters below a sign, with the place that they leave out, as in `m ≠ i`."""
        token = self._next
        if token.kind == "subscript":
            return _Binder(tuple(self._take().text))
        if token.text not in ("[", "⟦", "_"):
            raise self._unexpected("an index letter below")
        return _binder(self._between(self._value))

    def _applied(self, token: Token) -> Node:
        """A function of what stands in brackets, or, as in `tanh z`, of the one name after it."""
        is_primed = self._taken("′") is not None
        if token.text in OF_LETTERS:
            return self._reduced(token, token.text)
        if self._next.text in ("(", "{"):
            argument = self._enclosed()
        elif self._next.kind == "name" and not is_primed:
            argument = self._atom()
            self._bare.add(token.place)
        else:
            raise self._unexpected(f"'(' after {token.text}")
        if is_primed:
            return self._with_postfix(self._counted(Primed(token.place, token.text, argument)))
        return self._with_postfix(self._function(token.text, argument, token.place))

    def _reduced(self, sign: Token, word: str) -> Node:
        """`sum(n, k, body)`, or with the letters below the word, `maxₖ(body)`."""
        if self._next.text == "(":
            *firsts, body = self._between(self._value)
            if not firsts:
                raise Fault(f"{word} runs over an index; write {word}(n, …)", sign.place)
            if word in OF_VALUES and not all(isinstance(n, Name | Comparison) for n in firsts):
                values = tuple(map(Argument, (*firsts, body)))
                return self._counted(Call(sign.place, word, values))
            binder = _binder(firsts)
        else:
            binder = self._letters()
            if self._next.text != "(":
                raise self._unexpected("'('")
            body = self._enclosed()
        return self._counted(binder.of(sign.place, word, body))

    def _function(self, name: str, argument: Node, place: Place) -> Node:
        return self._counted(Call(place, name, (Argument(argument),)))


@dataclass(frozen=True)
class _Binder:
    """What stands below a sign: letters, the place that they leave out, and where some end."""

    letters: tuple[str, ...]
    but: Node | None = None
    ends: tuple[tuple[str, Node], ...] = ()

    def of(self, place: Place, word: str, body: Node) -> Reduced:
        """The sum, or another word, over these letters."""
        return Reduced(place, word, self.letters, body, self.but, self.ends)


def _binder(nodes: Sequence[Node]) -> _Binder:
    """The letters that these nodes are; the last may leave out a place, any may have a range."""
    *firsts, last = nodes
    but = None
    if isinstance(last, Comparison) and [sign for sign, _ in last.rest] == ["!="]:
        ((_, but),) = last.rest
        last = last.first
    ranges = [_range(node) for node in (*firsts, last)]
    ends = tuple((letter, end) for letter, end in ranges if end is not None)
    return _Binder(tuple(letter for letter, _ in ranges), but, ends)


def _range(node: Node) -> tuple[str, Node | None]:
    """A letter, and its last place where that is told: `1 ≤ r ≤ 4`."""
    match node:
        case Name(_, name):
            return name, None
        case Comparison(_, Number(_, "1"), (("<=", Name(_, name)), ("<=", end))):
            return name, end
    raise Fault("an index letter stands here", node.place)
