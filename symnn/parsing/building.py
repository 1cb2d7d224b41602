"""From the syntax tree of one right side to a SymPy expression.

Every SymPy object is made here by name from the tables of `vocabulary`; no text reaches SymPy but
names that the tokens' own pattern has accepted. What SymPy finds as it builds, such as a division
by zero, is answered at its place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sympy import Add, Expr, Mul, Pow, Rational, S

from symnn.equations import Quantity, Role
from symnn.parsing.calls import Calls
from symnn.parsing.checks import MAX_BUILT, check_number, power, weight
from symnn.parsing.names import Names
from symnn.parsing.sizes import size_symbol
from symnn.parsing.source import Fault, did_you_mean
from symnn.parsing.subscripts import Axis, Bounds, Scope, place_on, unbound
from symnn.parsing.tree import (
    Call,
    Chain,
    Comparison,
    Entry,
    Logic,
    Name,
    Node,
    Number,
    Power,
    Subscript,
)
from symnn.parsing.vocabulary import WORDS


@dataclass(frozen=True)
class Builder:
    """What is needed to build the right side of one equation."""

    names: Names
    quantities: Mapping[str, Quantity]
    bounds: Bounds

    def built(self, node: Node, scope: Scope) -> Expr:
        """The expression of a right side."""
        if weight(node) > MAX_BUILT:
            raise Fault("this is too large when written out; name its parts", node.place)
        return self._value(node, scope)

    def _value(self, node: Node, scope: Scope) -> Expr:
        try:
            value = _BUILDERS[type(node)](self, node, scope)
            check_number(value, node.place)
        except RecursionError:
            raise Fault("this is nested too deep; name its parts", node.place) from None
        except (ArithmeticError, TypeError, ValueError):
            # What SymPy raises for a few constants, such as erfc(10**300) or an ordering of zoo.
            raise Fault("this has no value that can be computed", node.place) from None
        return value

    def _number(self, node: Number, scope: Scope) -> Expr:
        del scope
        fraction = Fraction(node.text)
        return Rational(fraction.numerator, fraction.denominator)

    def _name(self, node: Name, scope: Scope) -> Expr:
        name = node.name
        if name in scope.indices:
            return scope.indices[name]
        if name in self.names.declared:
            return self._entry(Entry(node.place, name, ()), scope)
        if name in self.names.size_names:
            return size_symbol(name)
        if name == "pi":
            return S.Pi
        if name == "inf":
            raise Fault("inf stands in a branch of where alone", node.place)
        raise unbound(self.names, node, scope)

    def _entry(self, node: Entry, scope: Scope) -> Expr:
        name, stated = node.name, node.subscripts
        if name not in self.names.declared:
            raise self._no_quantity(node)
        quantity = self.quantities[name]
        if quantity.role is Role.LOSS:
            raise Fault("nothing is computed from the loss", node.place)
        if len(stated) != len(quantity.shape):
            raise Fault(_wrong_axes(quantity, len(stated)), node.place)
        axes = (Axis(quantity, k) for k in range(len(stated)))
        return quantity.at(*(self._place(a, s, scope) for a, s in zip(axes, stated, strict=True)))

    def _no_quantity(self, node: Entry) -> Fault:
        name = node.name
        if name in self.names.letters:
            return Fault(f"{name!r} is an index and has no entries", node.place)
        if name in WORDS:
            return Fault(f"{name!r} is a function; write {name}(…)", node.place)
        return Fault(
            f"{name!r} is not declared{did_you_mean(name, self.names.declared)}", node.place
        )

    def _place(self, axis: Axis, stated: Subscript, scope: Scope) -> Expr:
        """A place on an axis: affine in the indices, and in what is looked up by an input."""

        def entry(node: Entry | Name) -> Expr | None:
            declared = self.names.declared.get(node.name)
            if declared is None and isinstance(node, Entry):
                raise self._no_quantity(node)
            is_read = declared is not None and declared.role in (Role.INPUT, Role.TARGET)
            return self._value(node, scope) if is_read else None

        return place_on(axis, stated, self.names, scope, self.bounds, entry)

    def _chain(self, node: Chain, scope: Scope) -> Expr:
        values = [(sign, self._value(part, scope), part) for sign, part in node.parts]
        if node.parts[0][0] in "+-":
            return Add(*(value if sign == "+" else -value for sign, value, _ in values))
        for sign, value, part in values:
            if sign == "//":
                raise Fault(
                    "// stands in sizes and places alone; a quotient is written /", part.place
                )
            if sign == "/" and value.is_zero:
                raise Fault("this divides by zero", part.place)
        return Mul(*(value if sign == "*" else Pow(value, -1) for sign, value, _ in values))

    def _power(self, node: Power, scope: Scope) -> Expr:
        base, exponent = self._value(node.base, scope), self._value(node.exponent, scope)
        return power(base, exponent, node.exponent.place)

    def _call(self, node: Call, scope: Scope) -> Expr:
        return Calls(self.names, self._value).call(node, scope)

    def _no_value(self, node: Comparison | Logic, scope: Scope) -> Expr:
        del scope
        raise Fault("a condition stands in where(condition, value, other) alone", node.place)


def _wrong_axes(quantity: Quantity, count: int) -> str:
    if not quantity.shape:
        return f"{quantity.name!r} is a number and has no axes"
    written = f"{quantity.name}[{','.join(quantity.letters)}]"
    axes = "1 axis" if len(quantity.shape) == 1 else f"{len(quantity.shape)} axes"
    return f"{quantity.name!r} has {axes}, as in {written}, not {count}"


_BUILDERS: Mapping[type, Callable[..., Expr]] = {
    Number: Builder._number,
    Name: Builder._name,
    Entry: Builder._entry,
    Chain: Builder._chain,
    Power: Builder._power,
    Call: Builder._call,
    Comparison: Builder._no_value,
    Logic: Builder._no_value,
}
