"""Lengths of vectors, √Σv², scaled by the greatest |v|: the square of 1e-300 is no float.

1/√Σv² of a vector of zeros is taken as 0, and with it the derivative of its length there, as in
`torch.linalg.vector_norm`.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from sympy import Abs, Add, Expr, Integer, Max, Mul, Pow, Sum, sqrt

from symnn.binding import bound_indices, freshen, total
from symnn.cases import Piecewise
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.reductions import Maximum, reduced
from symnn.stability.parts import rebuilt
from symnn.stability.places import Places

Square: TypeAlias = Sum | Add


class Lengths:
    """The lengths in equations one after another; `places` has the quantities that they take."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._squares: dict[str, Equation] = {}
        self._lengths: dict[str, Equation] = {}
        self._vectors: dict[str, Vector] = {}

    def seen(self, e: Equation) -> Equation:
        """The equation, with its lengths as quantities of their own."""
        if _with_factor(e.expression) is not None:
            self._squares[e.quantity.name] = e
        if self._square_under(e.expression) is not None and e.expression.exp.is_positive:
            self._lengths[e.quantity.name] = e
        return replace(e, expression=self._seen(e.expression))

    def _seen(self, node: Expr) -> Expr:
        if not node.has(Pow):
            return node
        under = self._square_under(node)
        if under is not None:
            factor, square = under
            return factor**node.exp * self._power(self._length(square), 2 * node.exp, square)
        if isinstance(node, Pow) and node.exp.is_Integer and self._is_length(node.base):
            return self._power(node.base, node.exp, self._square_of(node.base))
        if _is_entry(node):
            return node
        found = rebuilt(node, map(self._seen, node.args))
        return self._with_units(found) if isinstance(found, Mul) else found

    def _square_under(self, node: Expr) -> tuple[Expr, Square] | None:
        """c and Σv², or v² + w², where the node is an odd power of √(c·Σv²)."""
        if not (isinstance(node, Pow) and node.exp.is_Rational and node.exp.q == 2):
            return None
        if _is_entry(node.base) and entry_name(node.base) in self._squares:
            named = self._squares[entry_name(node.base)]
            return _with_factor(named.instance(*entry_indices(node.base)))
        return _with_factor(node.base)

    def _square_of(self, length: Expr) -> Square:
        """The sum of squares of which a quantity holds the length."""
        root = self._lengths[entry_name(length)].instance(*entry_indices(length))
        under = self._square_under(root)
        assert under is not None
        return under[1]

    def _is_length(self, node: Expr) -> bool:
        return _is_entry(node) and entry_name(node) in self._lengths

    def _length(self, square: Square) -> Expr:
        """The greatest |v|, times the length of what is left."""
        if isinstance(square, Add):
            entries = [term.base for term in square.args]
            top = self._places.place("top", Max(*map(Abs, entries), evaluate=False))
            scaled = (self._places.place("scaled", v / self._scale(top)) for v in entries)
            rest: Expr = Add(*(v**2 for v in scaled))
        else:
            v, bound = square.function.base, bound_indices(square)
            top = self._places.place("top", reduced(Maximum, Abs(v), *bound))
            rest = total(self._places.place("scaled", v / self._scale(top)) ** 2, *bound)
        return self._places.place("length", top * sqrt(rest))

    def _scale(self, top: Expr) -> Expr:
        """What is divided by: 1 for a vector of zeros."""
        scale = Piecewise((top, top > 0), (Integer(1), True), evaluate=False)
        return self._places.place("scale", scale)

    def _power(self, length: Expr, power: Expr, square: Square) -> Expr:
        if power > 0:
            return length**power
        inverse = Piecewise((1 / length, length > 0), (Integer(0), True), evaluate=False)
        place = self._places.place("inverse", inverse)
        if isinstance(square, Sum):
            self._vectors[entry_name(place)] = Vector(place, square)
        return place**-power

    def _with_units(self, whole: Expr) -> Expr:
        """The product with v/|v| for v where both are in it: powers of |v| may be beyond floats."""
        factors = Mul.make_args(whole)
        for power in factors:
            base, times = power.as_base_exp()
            if not _is_entry(base) or entry_name(base) not in self._vectors:
                continue
            vector = self._vectors[entry_name(base)].at(base)
            rest = list(factors)
            rest.remove(power)
            for k, factor in enumerate(rest):
                found = self._with_unit(factor, vector)
                if found is not None:
                    left = [*rest[:k], found, *rest[k + 1 :]]
                    return self._with_units(Mul(*left, base ** (times - 1)))
        return whole

    def _with_unit(self, factor: Expr, vector: "Vector") -> Expr | None:
        """The factor divided by the length, where it is an entry of the vector or a sum of such."""
        if isinstance(factor, Sum):
            body = list(Mul.make_args(factor.function))
            for k, part in enumerate(body):
                found = self._with_unit(part, vector) if not isinstance(part, Sum) else None
                if found is not None:
                    body[k] = found
                    return total(Mul(*body), *bound_indices(factor))
            return None
        if not vector.has(factor):
            return None
        return self._places.place("unit", factor * vector.inverse)


@dataclass(frozen=True)
class Vector:
    """What a length is of, by the entry that holds the length's inverse."""

    inverse: Expr
    square: Sum

    def at(self, inverse: Expr) -> "Vector":
        """The same for another entry."""
        there = zip(entry_indices(self.inverse), entry_indices(inverse), strict=True)
        return Vector(inverse, freshen(self.square).xreplace(dict(there)))

    def has(self, factor: Expr) -> bool:
        """Whether a factor is an entry of the vector."""
        v, bound = self.square.function.base, bound_indices(self.square)
        every = [i for entry in all_entries(factor) for i in entry_indices(entry)]
        places = product(dict.fromkeys(every), repeat=len(bound))
        return any(v.xreplace(dict(zip(bound, p, strict=True))) == factor for p in places)


def _with_factor(node: Expr) -> tuple[Expr, Square] | None:
    """c and Σv² for c·Σv², where c is positive and no quantity."""
    factors = Mul.make_args(node)
    squares = [f for f in factors if _is_sum_of_squares(f)]
    rest = Mul(*(f for f in factors if f not in squares))
    is_length = len(squares) == 1 and rest.is_positive and not any(all_entries(rest))
    return (rest, squares[0]) if is_length else None


def _is_sum_of_squares(node: Expr) -> bool:
    if isinstance(node, Sum):
        return _is_square(node.function)
    return isinstance(node, Add) and all(_is_square(term) for term in node.args)


def _is_square(node: Expr) -> bool:
    return isinstance(node, Pow) and node.exp == 2 and any(all_entries(node))


def _is_entry(node: Expr) -> bool:
    return next(all_entries(node), None) == node
