"""Lengths of vectors, √Σv², scaled by the greatest |v|: the square of 1e-300 is no float.

1/√Σv² of a vector of zeros is taken as 0, and with it the derivative of its length there, as in
`torch.linalg.vector_norm`. So are log Σv² and what Σv² divides: v²/Σv² is (v/|v|)².
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from sympy import Abs, Add, Expr, Integer, Max, Mul, Pow, Rational, Sum, log, sqrt

from symnn.binding import bound_indices, freshen, total
from symnn.cases import Piecewise
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.reductions import Maximum, reduced
from symnn.stability.parts import rebuilt
from symnn.stability.places import Places
from symnn.stability.powers import is_sum_of_squares

Square: TypeAlias = Sum | Add


class Lengths:
    """The lengths in equations one after another; `places` has the quantities that they take."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._squares: dict[str, Equation] = {}
        self._sums: dict[str, Equation] = {}
        self._lengths: dict[str, Equation] = {}
        self._vectors: dict[str, Vector] = {}

    def seen(self, e: Equation) -> Equation:
        """The equation, with its lengths as quantities of their own."""
        if with_factor(e.expression) is not None:
            self._squares[e.quantity.name] = e
        elif isinstance(e.expression, Sum) and not self._places.looped:
            self._sums[e.quantity.name] = e
        if self._square_under(e.expression) is not None and e.expression.exp.is_positive:
            self._lengths[e.quantity.name] = e
        return replace(e, expression=self._seen(e.expression))

    def _seen(self, node: Expr) -> Expr:
        if not node.has(Pow, log):
            return node
        if isinstance(node, log):
            squared = self._square_at(node.args[0])
            if squared is not None:
                factor, square = squared
                return log(factor) + 2 * log(self._length(square))
        if isinstance(node, Mul):
            node = self._over_squares(node)
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
        return self._square_at(node.base)

    def _square_at(self, node: Expr) -> tuple[Expr, Square] | None:
        """c and Σv² for c·Σv², under a name or not."""
        if _is_entry(node) and entry_name(node) in self._squares:
            node = self._squares[entry_name(node)].instance(*entry_indices(node))
        return with_factor(node)

    def _over_squares(self, product: Mul) -> Expr:
        """The product, divided by lengths where it is divided by their squares."""
        below = [f for f in product.args if self._divides(f)]
        if not below:
            return product
        above = (f for f in product.args if f not in below)
        return Mul(*map(self._in_lengths, above), *map(self._in_lengths, below))

    def _divides(self, factor: Expr) -> bool:
        is_divisor = isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp < 0
        return bool(is_divisor) and self._square_at(factor.base) is not None

    def _in_lengths(self, factor: Expr) -> Expr:
        """A power of c·Σv² as one of the length of v."""
        base, power = factor.as_base_exp()
        found = self._square_at(base) if power.is_Integer else None
        if found is None:
            return factor
        length = self._length(found[1])
        if isinstance(found[1], Sum):
            self._vectors[entry_name(length)] = Vector(length, found[1], is_inverse=False)
        return found[0] ** power * length ** (2 * power)

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
            if vector.is_inverse == (times < 0):
                continue
            rest = list(factors)
            rest.remove(power)
            for k, factor in enumerate(rest):
                found = self._with_unit(factor, vector)
                if found is not None:
                    left = [*rest[:k], found, *rest[k + 1 :]]
                    fewer = times - 1 if vector.is_inverse else times + 1
                    return self._with_units(Mul(*left, base**fewer))
        return self._with_single_inverses(whole)

    def _with_single_inverses(self, whole: Expr) -> Expr:
        """The product without a power of 1/|v| where another entry is in it: that has one of it."""
        factors = Mul.make_args(whole)
        for power in factors:
            base, times = power.as_base_exp()
            if not (times.is_Integer and times > 1 and _is_entry(base) and self._is_inverse(base)):
                continue
            others = [f for f in factors if _is_entry(f) and entry_name(f) not in self._vectors]
            if others:
                rest = (f for f in factors if f not in (power, others[0]))
                own = self._places.place("unit", others[0] * base)
                return self._with_single_inverses(Mul(*rest, own, base ** (times - 1)))
        return whole

    def _is_inverse(self, entry: Expr) -> bool:
        vector = self._vectors.get(entry_name(entry))
        return vector is not None and vector.is_inverse

    def _with_unit(self, factor: Expr, vector: "Vector") -> Expr | None:
        """The factor divided by the length, where it is an entry of the vector or a sum of such."""
        if _is_entry(factor) and entry_name(factor) in self._sums:
            factor = freshen(self._sums[entry_name(factor)].instance(*entry_indices(factor)))
        if isinstance(factor, Sum):
            # A sum in it last: what stands beside it is divided more plainly.
            body = sorted(Mul.make_args(factor.function), key=lambda part: isinstance(part, Sum))
            for k, part in enumerate(body):
                found = self._with_unit(part, vector)
                if found is not None:
                    body[k] = found
                    return total(Mul(*body), *bound_indices(factor))
            return None
        base, power = factor.as_base_exp()
        if isinstance(base, Sum) and power.is_Integer and power > 1:
            found = self._with_unit(base, vector)
            return None if found is None else found * base ** (power - 1)
        if not (power.is_Integer and power > 0 and vector.has(base)):
            return None
        return self._places.place("unit", vector.over(base)) * base ** (power - 1)


@dataclass(frozen=True)
class Vector:
    """What a length is of, by the entry that holds the length, or its inverse."""

    length: Expr
    square: Sum
    is_inverse: bool = True

    def at(self, length: Expr) -> "Vector":
        """The same for another entry."""
        there = zip(entry_indices(self.length), entry_indices(length), strict=True)
        return replace(self, length=length, square=freshen(self.square).xreplace(dict(there)))

    def over(self, factor: Expr) -> Expr:
        """The factor divided by the length."""
        return factor * self.length if self.is_inverse else factor / self.length

    def has(self, factor: Expr) -> bool:
        """Whether a factor is an entry of the vector, or its negative."""
        v, bound = self.square.function.base, bound_indices(self.square)
        every = [i for entry in all_entries(factor) for i in entry_indices(entry)]
        places = product(dict.fromkeys(every), repeat=len(bound))
        here = (v.xreplace(dict(zip(bound, p, strict=True))) for p in places)
        return any(entry in (factor, -factor) for entry in here)


def with_factor(node: Expr) -> tuple[Expr, Square] | None:
    """c and Σv² for c·Σv², where c is positive and no quantity."""
    factors = Mul.make_args(node)
    squares = [f for f in factors if is_sum_of_squares(f)]
    rest = Mul(*(f for f in factors if f not in squares))
    is_length = len(squares) == 1 and rest.is_positive and not any(all_entries(rest))
    return (rest, squares[0]) if is_length else None


def is_length(expression: Expr) -> bool:
    """Whether it is top·√Σv²: what divides by it divides by 0 where every v is 0."""
    roots = (f for f in Mul.make_args(expression) if isinstance(f, Pow) and f.exp == Rational(1, 2))
    return any(is_sum_of_squares(f.base) for f in roots)


def _is_entry(node: Expr) -> bool:
    return next(all_entries(node), None) == node
