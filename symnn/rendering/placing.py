"""What every part of a page with numbers needs: the names, the numbers in their places, styles."""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from mpmath import mpf
from sympy import Symbol

from symnn.look import Style
from symnn.names import Names
from symnn.reading import order_of
from symnn.rendering.formulas import Formulas
from symnn.rendering.page import Side
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.work import Work

# What a number stands in the place of that has no symbol in the model.
VALUE = Symbol("value", real=True)


def sign_of(is_exact: bool) -> str:
    """The sign before a number: `=`, or `~=` where it is rounded."""
    return "=" if is_exact else "~="


@dataclass(frozen=True)
class Placing:
    """A derivation at a point, and what its quantities are called."""

    work: Work
    names: Names

    def is_exact(self, s: Symbol) -> bool:
        """Whether the number in the place of a symbol is all of it."""
        figure = self.work.figures.get(s.name)
        return figure is None or figure.is_exact

    def numbered(self, value: mpf) -> Side:
        """A number by itself, for a table."""
        style = replace(self.style, numbers={VALUE.name: self.work.figure(value).number})
        return VALUE, style

    def number(self, value: mpf) -> str:
        """A number in words."""
        return self.text(self.work.figure(value).number)

    def text(self, number: Decimal) -> str:
        """The digits of a number."""
        return UnicodeNotation(self.style).figure(number)

    @cached_property
    def loss_name(self) -> str:
        """The loss, as a sentence names it."""
        return "{" + self.work.derivation.system.loss.name + "}"

    @cached_property
    def formulas(self) -> Formulas:
        """The formulas of the same derivation without numbers."""
        return Formulas(self.work.derivation, "index", self.names)

    @cached_property
    def style(self) -> Style:
        """One symbol for each entry, of every sample."""
        system = self.work.derivation.system
        return Style(order_of(system), self.work.quantities, names=self.names)

    @cached_property
    def with_numbers(self) -> Style:
        """The same with a number in the place of each symbol."""
        return replace(self.style, numbers=self._numbers)

    @cached_property
    def _numbers(self) -> dict[str, Decimal]:
        return {name: figure.number for name, figure in self.work.figures.items()}
