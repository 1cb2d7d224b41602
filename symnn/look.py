"""How a formula looks: what each format says of names, fractions, sums and the like.

`Look` is plain ASCII; other formats override what they write otherwise. `Style` is what any of them
must know of the net. Nothing here walks an expression: `notation` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from sympy import Expr, Indexed
from sympy.printing.printer import Printer

from symnn.decimals import is_written_out
from symnn.equations import Equation, Quantity, entry_name
from symnn.names import Names
from symnn.reading import Order

# For an index whose own letter is the name of a quantity: those that bound ones hardly ever reach.
_LETTERS = "srqvgedcfwo"


@dataclass(frozen=True)
class Style:
    """What a printer must know of the net: its quantities, and how much may be left out.

    Axes of length one are always left out. `is_matrix` writes products entry by entry as ⊙;
    `hides_samples` leaves out the index of the sample. `starts` are those of recurrences: where
    one is read, the entry before the first stands for it. `numbers` stand in the places of the
    symbols that have these names. The axes in `silent`, by the name and number, are those of parts
    that tell no reader how far an index runs.
    """

    order: Order
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    is_matrix: bool = False
    hides_samples: bool = False
    names: Names = field(default_factory=Names)
    starts: Mapping[str, Sequence[Equation]] = field(default_factory=dict)
    numbers: Mapping[str, Decimal] = field(default_factory=dict)
    silent: frozenset[tuple[str, int]] = frozenset()

    @cached_property
    def _has_long_axes(self) -> bool:
        """Whether an index may have two digits."""
        return any(s.is_Integer and s > 9 for q in self.quantities.values() for s in q.shape)

    @cached_property
    def _names(self) -> frozenset[str]:
        """What quantities are called, where a notation or a user calls them otherwise than code."""
        every = self.quantities.values() if not self.names.is_plain else ()
        return frozenset(self.names.name(q).symbol for q in every)

    def letter(self, text: str) -> str:
        """The letter of an index; another one, where a quantity is called so here."""
        if text not in self._names:
            return text
        own = {a for q in self.quantities.values() for a in q.letters}
        clashes = sorted(own & self._names | {text})
        free = (a for a in _LETTERS if a not in own and a not in self._names)
        return dict(zip(clashes, free, strict=False)).get(text, text)

    def packs(self, labels: Sequence[str]) -> bool:
        """Whether labels stand together: w_{21}, where that cannot be the twenty-first."""
        digits = sum(label.isdigit() for label in labels)
        return all(len(a) == 1 for a in labels) and not (digits > 1 and self._has_long_axes)

    def tells(self, entry: Indexed, axis: int, size: Expr) -> bool:
        """Whether a reader sees that an axis of an entry has a size."""
        q = self.quantities.get(entry_name(entry))
        return q is None or ((q.name, axis) not in self.silent and q.shape[axis] == size)


class Look(Printer):
    """The pieces of a formula in ASCII."""

    plus = "+"
    minus = "-"
    times = "*"
    # Between numbers a thin space, or nothing, would make one number of two.
    times_of_numbers = "*"
    beside = "*"
    before_sum = "*"
    comma = ", "
    pi = "pi"
    stacks_fractions = False
    entrywise = " * "
    functions: Mapping[str, str] = MappingProxyType({})
    bare_functions: tuple[str, ...] = ()

    relations: Mapping[str, str] = MappingProxyType({})

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.style = style
        if style.numbers:
            self.times = self.beside = self.before_sum = self.times_of_numbers

    def name(self, q: Quantity | None, text: str, labels: Sequence[str], *, scalar: bool) -> str:
        """The name of a quantity (`text`, if it is none) with labels on its axes."""
        raise NotImplementedError

    def number(self, text: str) -> str:
        """A number, or any other constant."""
        return text

    def figure(self, number: Decimal) -> str:
        """A number in its digits: 0.5, 1.2e-7."""
        # Not abs(): that would round to the 28 digits of decimals' usual context.
        sign, size = self.minus if number < 0 else "", number.copy_abs()
        if is_written_out(size):
            return sign + self.number(f"{size:f}")
        mantissa = Decimal((0, size.as_tuple().digits, 1 - len(size.as_tuple().digits)))
        return sign + self.scientific(str(mantissa), size.adjusted())

    def letter(self, text: str) -> str:
        """An index."""
        return text

    def word(self, name: str) -> str:
        """The printed name of a function that has one, such as ln for log."""
        return self.style.names.convention.log if name == "log" else self.functions.get(name, name)

    def relation(self, sign: str) -> str:
        """A sign that compares, such as <=."""
        return self.relations.get(sign, sign)

    def visible(self, text: str) -> str:
        """What a reader sees of a text: all but its marks."""
        return text

    def fraction(self, top: str, bottom: str) -> str:
        """A fraction; both sides have the brackets that they need on one line."""
        return f"{top}/{bottom}"

    def brackets(self, text: str) -> str:
        """The text in brackets."""
        return f"({text})"

    def power(self, base: str, exponent: str) -> str:
        """A power."""
        return f"{base}**{exponent}"

    def scientific(self, mantissa: str, exponent: int) -> str:
        """A number times a power of ten."""
        return f"{mantissa}e{exponent}"

    def infinity(self) -> str:
        """An infinite number."""
        return "inf"

    def root(self, text: str) -> str:
        """A square root."""
        return f"sqrt({text})"

    def exponential(self, exponent: str) -> str:
        """e to a power."""
        return f"exp({exponent})"

    def absolute(self, text: str) -> str:
        """An absolute value."""
        return f"abs({text})"

    def summation(self, letters: Sequence[str], body: str) -> str:
        """A sum over indices, the outermost first."""
        return f"sum({', '.join(letters)}, {body})"

    def reduction(self, word: str, letters: Sequence[str], body: str) -> str:
        """The greatest, the least, the product or the place of something over indices."""
        return f"{word}({', '.join(letters)}, {body})"

    def row(self, text: str, label: str) -> str:
        """One row of a matrix."""
        return f"{text}[{label}]"

    def derivative(self, top: str, bottom: str) -> str:
        """A partial derivative."""
        return f"d{top}/d{bottom}"

    def second_derivative(self, top: str, first: str, second: str) -> str:
        """A second partial derivative, by two quantities one after the other."""
        return f"d2{top}/(d{first} d{second})"

    def transposed(self, text: str) -> str:
        """A transposed matrix."""
        return f"{text}.T"

    def matrix_product(self, left: str, right: str) -> str:
        """A product of matrices."""
        return f"{left} @ {right}"

    def indicator(self, condition: str) -> str:
        """1 where the condition holds, else 0."""
        return f"[{condition}]"

    def conjunction(self, conditions: Sequence[str]) -> str:
        """Conditions that hold together."""
        return " and ".join(conditions)

    def disjunction(self, conditions: Sequence[str]) -> str:
        """Conditions of which one holds."""
        return " or ".join(conditions)

    def cases(self, branches: Sequence[tuple[str, str]]) -> str:
        """A definition by cases; the condition of the last may be empty."""
        texts = [f"{value} if {c}" if c else f"{value} otherwise" for value, c in branches]
        return self.brackets(", ".join(texts))

    def floor(self, text: str) -> str:
        """The greatest whole number below."""
        return f"floor({text})"

    def modulo(self, text: str, size: str) -> str:
        """What is left of a division by a whole number."""
        return f"{text} mod {size}"

    def option(self, name: str, symbol: str, value: str) -> str:
        """An option of a function, after its argument: by its name in code, or by its symbol."""
        return f", {name}={value}"

    def prime(self, name: str) -> str:
        """The derivative of a function of one argument."""
        return f"{name}'"

    def call(self, name: str, argument: str) -> str:
        """A function's value."""
        return f"{name}({argument})"

    def bare_call(self, name: str, argument: str) -> str:
        """A function's value, where the argument is a single name."""
        return f"{name} {argument}"

    def coefficient(self, text: str) -> str:
        """A fraction that stands before a sum."""
        return self.brackets(text)

    def denominator(self, text: str) -> str:
        """A product below the line."""
        return self.brackets(text)


def listed(labels: Sequence[str]) -> str:
    """The labels of an entry on one line: `[n,j]`, and `[n, 2h + r - 2]` where one has blanks."""
    return f"[{(', ' if any(' ' in label for label in labels) else ',').join(labels)}]"
