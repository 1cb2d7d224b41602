r"""From tokens to the tree of a claim: sides with `=` between them.

The grammar of the equation language, and what printed mathematics has beside it:

    claim      = value {"=" value} {"where" value "=" value}
    value      = as in equations; factors may also stand side by side, or have ⊙, · or @ between
    factor     = atom {labels | "ᵀ" | power}
    atom       = "Σ" letter value | "√" value | "∂" name "/" "∂" name | "𝟏" "[" condition "]"
               | "⌊" value "⌋" | "|" value "|" | "{" value "if" condition ";" value "otherwise" "}"
               | function ["′"] "(" value ")" | function name
    labels     = "[" value {"," value} "]", or letters and digits below the line

How far a value reaches is never guessed: what people read in two ways is refused.
"""

from collections.abc import Iterable, Iterator

from symnn.parsing.source import Fault
from symnn.parsing.tokens import Token
from symnn.parsing.tree import Node
from symnn.reader.atoms import AtomParser
from symnn.reader.nodes import with_part


class ClaimParser(AtomParser):
    """The tokens of one claim, and the sides that have been read of it."""

    def __init__(self, found: Iterable[Token]) -> None:
        super().__init__(found)
        self.sides: list[Node] = []

    def claim(self) -> tuple[Node, ...]:
        """The sides of the claim, two or more; those that are complete stand in `sides`."""
        self.sides.append(self._value())
        while self._taken("="):
            self.sides.append(self._value())
        parts = list(self._parts())
        if self._next.kind != "end":
            raise self._unexpected()
        if len(self.sides) == 1:
            raise Fault("a claim has an '=': dL/dw = …", self._next.place)
        # What is named last stands in what is named before.
        for name, value in parts:
            self.sides = [with_part(side, name, value) for side in self.sides]
        return tuple(self.sides)

    def _parts(self) -> Iterator[tuple[Node, Node]]:
        """The parts that have names of their own, and what each stands for."""
        while self._taken("where"):
            name = self._value()
            if not self._taken("="):
                raise self._unexpected("'='")
            yield name, self._value()
