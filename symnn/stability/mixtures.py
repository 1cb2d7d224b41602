"""Mixtures q = y·a + (1 - y)·b, of which 1 - q or a logarithm is read: 1 - q is a mixture as well.

The probability of the class that is there, y·p + (1 - y)·(1 - p), is all but 1 where a model is
certain. Of 1 - q no digit would be left; of y·(1 - p) + (1 - y)·p all are (`outputs`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Add, Expr, Mul, Rational, Sum, log
from sympy.codegen.cfunctions import log1p

from symnn.binding import bound_indices, total
from symnn.cases import Piecewise
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.stability.lines import Lines
from symnn.stability.parts import rebuilt
from symnn.stability.places import Places


def with_mixtures(lines: Lines) -> Lines:
    """The lines, with what a mixture is less than 1 by under a name of its own."""
    every = (*lines.forward, *lines.adjoints, *lines.gradients)
    in_loops = looped(reads_of(every))
    plain = (e for e in lines.forward if e.quantity.name not in in_loops)
    found = ((e, complement(e.expression)) for e in plain)
    rests = {e.quantity.name: replace(e, expression=rest) for e, rest in found if rest is not None}
    if not rests:
        return lines
    run = _Run(rests, Places({e.quantity.name for e in every}))
    return Lines(*(tuple(run.rewritten(part)) for part in lines.parts))


def complement(mixture: Expr) -> Expr | None:
    """1 - q of a mixture q of two; None of what is none.

    >>> from sympy.abc import p, y
    >>> complement(y * p + (1 - y) * (1 - p))
    p*(1 - y) + y*(1 - p)
    """
    if not (isinstance(mixture, Add) and len(mixture.args) == 2):
        return None
    one, other = mixture.args
    for first, second in ((one, other), (other, one)):
        for share in Mul.make_args(first):
            if not share.is_number and 1 - share in Mul.make_args(second):
                return share * (1 - first / share) + (1 - share) * (1 - second / (1 - share))
    return None


class _Run:
    def __init__(self, rests: dict[str, Equation], places: Places) -> None:
        self._rests, self._places = rests, places

    def rewritten(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        """The equations, each after those that it needs now."""
        for e in equations:
            found = self._seen(e.expression) if e.quantity.name not in self._rests else e.expression
            yield from self._places.taken_new()
            yield replace(e, expression=found)

    def _seen(self, node: Expr) -> Expr:
        if not any(entry_name(a) in self._rests for a in all_entries(node)):
            return node
        if self._is_mixture(node):
            return node
        if isinstance(node, Sum):
            return total(self._seen(node.function), *bound_indices(node))
        if isinstance(node, log):
            return self._log(node)
        if isinstance(node, Add):
            for sign in (1, -1):
                mixture = self._less_than_one(sign * node)
                if mixture is not None:
                    return sign * self._rest(mixture)
        return rebuilt(node, map(self._seen, node.args))

    def _log(self, node: log) -> Expr:
        """log q, by 1 - q where that is the smaller; and log(1 - q) the other way round."""
        (inside,) = node.args
        mixture = self._less_than_one(inside)
        if mixture is not None:
            inside, less = self._rest(mixture), mixture
        elif self._is_mixture(inside):
            less = self._rest(inside)
        else:
            return rebuilt(node, [self._seen(inside)])
        near = (log1p(-less), less < Rational(1, 2))
        return Piecewise(near, (log(inside), True), evaluate=False)

    def _less_than_one(self, node: Expr) -> Expr | None:
        """The mixture q where it is 1 - q."""
        one, less = node.as_coeff_Add()
        return -less if one == 1 and self._is_mixture(-less) else None

    def _is_mixture(self, node: Expr) -> bool:
        return next(all_entries(node), None) == node and entry_name(node) in self._rests

    def _rest(self, entry: Expr) -> Expr:
        rest = self._rests[entry_name(entry)].instance(*entry_indices(entry))
        return self._places.place("rest", rest)
