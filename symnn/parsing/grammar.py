"""From tokens to a syntax tree, by recursive descent; nothing is looked up, and nothing evaluated.

    line       = ("input" | "target" | "parameter") left {"," left}
               | left "=" value | "assume" value "=" value
    left       = name ["[" subscript {"," subscript} "]"]
    subscript  = value [":" value]
    value      = conditions, comparisons, + -, * / //, signs and ** as in Python
    atom       = number | left | name "(" argument {"," argument} ")" | "(" value ")"
    argument   = [name "="] value | name ":" value

Lines end at a newline outside of brackets or at `;`; one that begins with a sign goes on with the
line above.
"""

from collections.abc import Iterable
from typing import TypeAlias, TypeVar

from symnn.equations import Role
from symnn.parsing.cursor import Cursor
from symnn.parsing.source import Fault, Place, did_you_mean
from symnn.parsing.tokens import Token, joined, tokens
from symnn.parsing.tree import (
    Argument,
    Assumption,
    Call,
    Chain,
    Comparison,
    Declaration,
    Definition,
    Entry,
    Left,
    Logic,
    Name,
    Node,
    Number,
    Power,
    Statement,
    Subscript,
)

MAX_NODES = 5_000
MAX_DEPTH = 80

ROLES = {"input": Role.INPUT, "target": Role.TARGET, "parameter": Role.PARAMETER}
_WORDS = ("and", "or", "not")
_RANKED = (("or",), ("and",), ("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/", "//"))
_RANKS = {sign: rank for rank, signs in enumerate((*_RANKED, (), ("**",))) for sign in signs}
_SIGN = len(_RANKED)

_T = TypeVar("_T")
_Rest: TypeAlias = tuple[tuple[str, Node], ...]


def _logic(sign: Token, first: Node, rest: _Rest) -> Node:
    return Logic(sign.place, sign.text, (first, *(part for _, part in rest)))


def _comparison(sign: Token, first: Node, rest: _Rest) -> Node:
    return Comparison(sign.place, first, rest)


def _sum(_: Token, first: Node, rest: _Rest) -> Node:
    return Chain(first.place, (("+", first), *rest))


def _product(_: Token, first: Node, rest: _Rest) -> Node:
    return Chain(first.place, (("*", first), *rest))


# By rank.
_JOINED = (_logic, _logic, _comparison, _sum, _product)


def statements(text: str) -> list[Statement]:
    """The lines of a normalized text; raises `Fault` where one cannot be read."""
    return Parser(joined(tokens(text))).statements()


def expression(text: str) -> Node:
    """The one value that a text holds; raises `Fault` where it holds something else."""
    return Parser(joined(tokens(text))).only_value()


class Parser(Cursor):
    """The grammar of a text, over its tokens.

    A language that has more signs (printed mathematics, in `reader`) overrides how a token ranks,
    what stands before a value, and what a value may begin with.
    """

    def __init__(self, found: Iterable[Token]) -> None:
        super().__init__(found)
        self._depth = self._nodes = 0

    def statements(self) -> list[Statement]:
        """All lines."""
        found = []
        while not self._is_at_end():
            found.append(self._statement())
            self._end_of_line()
        return found

    def only_value(self) -> Node:
        """The one value that there is."""
        if self._is_at_end():
            raise Fault("there is no expression", self._next.place)
        value = self._value()
        if not self._is_at_end():
            raise self._unexpected()
        return value

    # Lines.

    def _statement(self) -> Statement:
        first = self._next
        if first.kind != "name":
            raise self._unexpected("a name")
        if self._following().kind == "name" and self._following().text not in _WORDS:
            return self._keyword_line(self._take())
        left = self._left()
        if not self._taken("="):
            if self._next.kind in ("newline", "end"):
                raise Fault(
                    "a line is a declaration or an equation: name[indices] = …", first.place
                )
            raise self._unexpected("'='")
        return Definition(left, self._value())

    def _keyword_line(self, keyword: Token) -> Statement:
        if keyword.text in ROLES:
            items = [self._left()]
            while self._taken(","):
                items.append(self._left())
            return Declaration(ROLES[keyword.text], tuple(items))
        if keyword.text != "assume":
            known = (*ROLES, "assume")
            if keyword.text == "loss":
                raise self._unexpected("'='")
            raise Fault(
                f"no line begins with {keyword.text!r}{did_you_mean(keyword.text, known)}",
                keyword.place,
            )
        left = self._value()
        if not self._taken("="):
            raise self._unexpected("'='")
        return Assumption(keyword.place, left, self._value())

    def _left(self) -> Left:
        token = self._take()
        if token.kind != "name" or token.text in _WORDS:
            self._at -= token.kind != "end"
            raise self._unexpected("a name")
        return self._named(token)

    def _named(self, token: Token) -> Left:
        if self._next.text != "[":
            return Name(token.place, token.text)
        return Entry(token.place, token.text, tuple(self._bracketed(self._subscript)))

    def _subscript(self) -> Subscript:
        return Subscript(self._value(), self._value() if self._taken(":") else None)

    # Values, by the rank of the signs between them.

    def _value(self, rank: int = 0) -> Node:
        """The longest value whose signs have at least this rank."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Fault(f"nested more than {MAX_DEPTH} deep", self._next.place)
        value = self._prefixed()
        while self._rank() >= rank:
            value = self._continued(value)
        self._depth -= 1
        return value

    def _rank(self) -> int:
        """The rank of the next token as a sign between two values; -1 where it is none."""
        return _RANKS.get(self._next.text, -1)

    def _prefixed(self) -> Node:
        token = self._taken("+", "-", "not")
        if token is None:
            return self._atom()
        if token.text == "not":
            return self._counted(Logic(token.place, "not", (self._value(_RANKS["<"]),)))
        return self._counted(Chain(token.place, ((token.text, self._value(_RANKS["**"])),)))

    def _continued(self, first: Node) -> Node:
        """The value that goes on with the next sign and all others of its rank."""
        sign, rank = self._next, self._rank()
        if sign.text == "**":
            self._take()
            return self._counted(Power(sign.place, first, self._value(_SIGN)))
        rest = []
        while self._rank() == rank:
            rest.append((self._sign(), self._value(rank + 1)))
        return self._counted(_JOINED[rank](sign, first, tuple(rest)))

    def _sign(self) -> str:
        """The next sign between two values, taken."""
        return self._take().text

    def _atom(self) -> Node:
        token = self._next
        if token.kind == "number":
            return self._counted(Number(self._take().place, token.text))
        if token.text == "(":
            values = self._bracketed(self._value)
            if len(values) > 1:
                raise Fault("a list in brackets has no meaning here", token.place)
            return values[0]
        if token.text == "[":
            raise Fault("a list has no meaning here; entries are read as x[i]", token.place)
        if token.kind != "name" or token.text in _WORDS:
            raise self._unexpected("a value")
        self._take()
        if self._next.text == "(":
            return self._call(token)
        return self._counted(self._named(token))

    def _call(self, name: Token) -> Node:
        if self._following().text == ")":
            raise Fault(f"{name.text}() has no argument", name.place)
        return self._counted(Call(name.place, name.text, tuple(self._bracketed(self._argument))))

    def _argument(self) -> Argument:
        option = None
        if self._next.kind == "name" and self._following().text == "=":
            option = self._take().text
            self._take()
        value = self._value()
        return Argument(value, self._value() if self._taken(":") else None, option)

    def _counted(self, node: "_T") -> "_T":
        self._nodes += 1
        if self._nodes > MAX_NODES:
            place: Place = node.place  # type: ignore[attr-defined]
            raise Fault(f"more than {MAX_NODES} numbers, names and signs", place)
        return node
