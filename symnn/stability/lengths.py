"""Lengths of vectors, √Σv², scaled by the greatest |v|: the square of 1e-300 is no float.

1/√Σv² of a vector of zeros is taken as 0, and with it the derivative of its length there, as in
`torch.linalg.vector_norm`.
"""

from dataclasses import replace

from sympy import Abs, Expr, Integer, Pow, Sum, sqrt

from symnn.binding import bound_indices, total
from symnn.cases import Piecewise
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.reductions import Maximum, reduced
from symnn.stability.parts import rebuilt
from symnn.stability.scaling import Scaling


class Lengths:
    """The lengths in equations one after another; `scaling` has the quantities that they take."""

    def __init__(self, scaling: Scaling) -> None:
        self._scaling = scaling
        self._squares: dict[str, Equation] = {}
        self._names: set[str] = set()

    def seen(self, e: Equation) -> Equation:
        """The equation, with its lengths as quantities of their own."""
        if _is_sum_of_squares(e.expression):
            self._squares[e.quantity.name] = e
        if self._square_under(e.expression) is not None and e.expression.exp.is_positive:
            self._names.add(e.quantity.name)
        return replace(e, expression=self._seen(e.expression))

    def _seen(self, node: Expr) -> Expr:
        if not node.has(Pow):
            return node
        square = self._square_under(node)
        if square is not None:
            return self._power(self._length(square), 2 * node.exp)
        if isinstance(node, Pow) and node.exp.is_Integer and self._is_length(node.base):
            return self._power(node.base, node.exp)
        return rebuilt(node, map(self._seen, node.args)) if not _is_entry(node) else node

    def _square_under(self, node: Expr) -> Expr | None:
        """Σv², where the node is an odd power of √Σv²."""
        if not (isinstance(node, Pow) and node.exp.is_Rational and node.exp.q == 2):
            return None
        if _is_entry(node.base) and entry_name(node.base) in self._squares:
            return self._squares[entry_name(node.base)].instance(*entry_indices(node.base))
        return node.base if _is_sum_of_squares(node.base) else None

    def _is_length(self, node: Expr) -> bool:
        return _is_entry(node) and entry_name(node) in self._names

    def _length(self, square: Sum) -> Expr:
        """The greatest |v|, times the length of what is left."""
        v, bound = square.function.base, bound_indices(square)
        top = self._scaling.place("top", reduced(Maximum, Abs(v), *bound))
        scale = Piecewise((top, top > 0), (Integer(1), True), evaluate=False)
        scaled = self._scaling.place("scaled", v / self._scaling.place("scale", scale))
        return self._scaling.place("length", top * sqrt(total(scaled**2, *bound)))

    def _power(self, length: Expr, power: Expr) -> Expr:
        if power > 0:
            return length**power
        inverse = Piecewise((1 / length, length > 0), (Integer(0), True), evaluate=False)
        return self._scaling.place("inverse", inverse) ** -power


def _is_sum_of_squares(node: Expr) -> bool:
    return isinstance(node, Sum) and isinstance(node.function, Pow) and node.function.exp == 2


def _is_entry(node: Expr) -> bool:
    return next(all_entries(node), None) == node
