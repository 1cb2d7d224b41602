"""How derivatives are written: `∂A/∂B` and `∂²A/∂B∂C`, as fractions too, `dA/dB`, `d2A/(dB dC)`."""

from dataclasses import dataclass

from symnn.parsing.source import Fault
from symnn.parsing.tokens import Token
from symnn.parsing.tree import Chain, Name, Node, Printed
from symnn.reader.nodes import Differentiated, Labelled, Labels
from symnn.reader.signs import SignParser


class DifferentialParser(SignParser):
    """The tokens of a line, as far as they are derivatives or fractions."""

    def _labels(self) -> Labels:
        raise NotImplementedError

    def _enclosed(self) -> Node:
        raise NotImplementedError

    def _fraction(self) -> Node:
        sign = self._take()
        top, bottom = self._differentials_or_group(), self._differentials_or_group()
        differentials = [isinstance(n, _Differentials) for n in (top, bottom)]
        if all(differentials):
            assert isinstance(top, _Differentials)
            assert isinstance(bottom, _Differentials)
            return self._derivative(sign, top, bottom)
        if any(differentials):
            raise Fault("a derivative has a ∂ above and below", sign.place)
        return self._counted(Chain(sign.place, (("*", top), ("/", bottom))))

    def _differentials_or_group(self) -> Node:
        """A group in braces, or what stands after each ∂ in one."""
        opening = self._next
        if opening.text != "{":
            raise self._unexpected("'{'")
        if self._following().text != "∂":
            return self._enclosed()
        self._take()
        self._open.append(opening)
        found = self._differentials(2)
        self._close(opening)
        return found

    def _differentials(self, count: int) -> "_Differentials":
        """`∂A`, `∂²A` or, where so many may stand here, `∂A ∂B`."""
        place, order = self._next.place, 1
        found: list[Node] = []
        while self._next.text == "∂" and len(found) < count:
            self._take()
            if self._next.kind == "power" and self._next.text == "2":
                self._take()
                order = 2
            found.append(self._differential())
        if not found:
            raise self._unexpected("∂ or d before the name of a quantity")
        return _Differentials(place, tuple(found), order)

    def _differential(self) -> Node:
        """The name after a ∂, with its labels; in brackets, a derivative."""
        token = self._next
        if token.text == "(":
            inner = self._enclosed()
            if not isinstance(inner, Differentiated):
                raise Fault("the name of a quantity or a derivative stands after ∂", token.place)
            return inner
        if token.kind != "name":
            raise self._unexpected("the name of a quantity")
        self._take()
        node: Node = Name(token.place, token.text)
        if self._next.kind == "subscript" or self._next.text in ("[", "_"):
            node = Labelled(self._next.place, node, self._labels())
        return self._counted(node)

    def _derivative(self, sign: Token, above: "_Differentials", below: "_Differentials") -> Node:
        """`∂A/∂B`; `∂²A/∂B∂C` is the derivative of `∂A/∂B` by C."""
        if len(above.of) > 1 or above.order != len(below.of) or below.order > 1:
            raise Fault("a derivative has as many ∂ below as its order", sign.place)
        node = above.of[0]
        for bottom in below.of:
            node = self._counted(Differentiated(sign.place, node, bottom))
        return node

    def _differentiated(self) -> Node:
        sign = self._next
        above = self._differentials(1)
        if not self._taken("/"):
            raise self._unexpected("'/'")
        if above.order == 1 or self._next.text != "(":
            return self._derivative(sign, above, self._differentials(above.order))
        opening = self._take()
        self._open.append(opening)
        below = self._differentials(above.order)
        self._close(opening)
        return self._derivative(sign, above, below)


@dataclass(frozen=True)
class _Differentials(Printed):
    """`∂name`, above or below the line of a fraction; `∂²name` is of the second order."""

    of: tuple[Node, ...]
    order: int = 1
