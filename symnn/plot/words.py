"""Names as pictures write them: in words, and in mathematics on an axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol

from symnn.equations import Quantity, System
from symnn.look import Style
from symnn.reading import order_of
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.text_notation import TextNotation
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.scalars import symbol


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words in a row: `a`, `a and b`, `a, b and c`."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


@dataclass(frozen=True)
class Signs:
    """How the quantities of a system are written: `W¹` in words, `$W^{(1)}$` in a picture."""

    system: System

    def math(self, q: Quantity, place: tuple[int, ...] | None = None) -> str:
        """A quantity, or its entry at a place counted from 0, as mathematics for matplotlib."""
        return f"${LatexNotation(self._style(place)).math(_expression(q, place))}$"

    def text(self, q: Quantity, place: tuple[int, ...] | None = None) -> str:
        """The same on a line of Unicode."""
        return UnicodeNotation(self._style(place)).math(_expression(q, place))

    def typed(self, q: Quantity, place: tuple[int, ...]) -> str:
        """An entry as it is typed in code, counted from 1: `w1[2,1]`."""
        return TextNotation(self._style(place)).math(_expression(q, place))

    def _style(self, place: tuple[int, ...] | None) -> Style:
        return self._whole if place is None else self._one_sample

    @cached_property
    def _whole(self) -> Style:
        return Style(order_of(self.system), self.system.quantities, is_matrix=True)

    @cached_property
    def _one_sample(self) -> Style:
        return Style(order_of(self.system), self.system.quantities, hides_samples=True)


def _expression(q: Quantity, place: tuple[int, ...] | None) -> Expr:
    return Symbol(q.name, real=True) if place is None else symbol(q, *place)
