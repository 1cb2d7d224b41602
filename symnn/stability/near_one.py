"""Logarithms of what may be all but 1: by how much it is less or more, and by log1p of that.

log(mean exp v) is log1p(mean(exp v - 1)), and the logarithm of p + (1 - p)·exp(-t) that of 1 and
(1 - p)·(exp(-t) - 1). What is of one argument is left to `forms`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Abs, Add, Expr, Integer, Mul, Pow, Rational, Sum, collect, exp, log
from sympy.codegen.cfunctions import expm1, log1p

from symnn.binding import bound_indices, size_of, total
from symnn.cases import Piecewise
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.softmaxes import softmax_over
from symnn.stability.cancelling import is_rational, less_one
from symnn.stability.lines import Lines
from symnn.stability.parts import argument_of, rebuilt
from symnn.stability.places import Places


def with_logs_near_one(lines: Lines) -> Lines:
    """The lines, where such a logarithm keeps the digits of what it is of."""
    every = (*lines.forward, *lines.adjoints, *lines.gradients)
    if not any(e.expression.has(log) for e in every):
        return lines
    run = _Run(every)
    return Lines(*(tuple(run.rewritten(part)) for part in lines.parts))


class _Run:
    """The equations one after another; sums and shares are known by what they are made of."""

    def __init__(self, every: Sequence[Equation]) -> None:
        self._places = Places({e.quantity.name for e in every})
        self._looped = looped(reads_of(every))
        plain = [e for e in every if e.quantity.name not in self._looped]
        self._known = {e.quantity.name: e for e in plain if _is_made_of_more(e.expression)}
        self._softmaxes = {
            e.quantity.name: e for e in plain if softmax_over(e.expression) is not None
        }

    def rewritten(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        """The equations, each after those that it needs now."""
        for e in equations:
            self._places.looped = e.indices if e.quantity.name in self._looped else ()
            found = self._seen(e.expression) if e.expression.has(log) else e.expression
            yield from self._places.taken_new()
            yield replace(e, expression=found)

    def _seen(self, node: Expr) -> Expr:
        if not node.has(log) or next(all_entries(node), None) == node:
            return node
        if isinstance(node, Sum):
            return total(self._seen(node.function), *bound_indices(node))
        found = rebuilt(node, map(self._seen, node.args))
        return self._log(found) if isinstance(found, log) else found

    def _log(self, node: Expr) -> Expr:
        (inside,) = node.args
        read = {a for a in all_entries(inside) if entry_name(a) in self._known}
        values = {a: self._known[entry_name(a)].instance(*entry_indices(a)) for a in read}
        whole = inside.xreplace(values)
        if not _is_of_several(whole):
            return node
        less = less_one(self._opened(whole))
        if less is None or inside == 1 + less:
            return node
        if whole == 1 + less:
            return log1p(less)
        less = self._places.place("less", _collected(less))
        near = (log1p(less), Abs(less) < Rational(1, 2))
        return Piecewise(near, (node, True), evaluate=False)

    def _opened(self, node: Expr) -> Expr:
        """The expression with 1 + (exp v - 1) for each exp v, and sums of 1 as what they are."""
        if isinstance(node, exp):
            return 1 + expm1(node.args[0])
        if isinstance(node, Sum):
            return self._sum(node)
        if isinstance(node, Add | Mul) or (isinstance(node, Pow) and node.exp.is_Integer):
            return node.func(*map(self._opened, node.args))
        return node

    def _sum(self, node: Sum) -> Expr:
        bound = bound_indices(node)
        terms = Add.make_args(self._opened(node.function).expand(deep=False))
        return Add(*(self._total(term, bound) for term in terms))

    def _total(self, term: Expr, bound: tuple[Expr, ...]) -> Expr:
        if not term.has(*bound):
            return Mul(term, *map(size_of, bound))
        return Integer(1) if self._is_share(term, bound) else total(term, *bound)

    def _is_share(self, term: Expr, bound: tuple[Expr, ...]) -> bool:
        """Whether it is p[k] of a softmax over k, and k is what is summed over."""
        if next(all_entries(term), None) != term or entry_name(term) not in self._softmaxes:
            return False
        e = self._softmaxes[entry_name(term)]
        there = dict(zip(e.indices, entry_indices(term), strict=True))
        return len(bound) == 1 and there[softmax_over(e.expression)] == bound[0]


def _collected(less: Expr) -> Expr:
    """(1 - p)·(exp v - 1) for exp v - 1 less p times that: of 1 - p the digits are known."""
    parts = sorted(less.atoms(expm1), key=str) if isinstance(less, Add) else []
    return collect(less, parts) if parts else less


def _is_made_of_more(expression: Expr) -> bool:
    """Whether it is a sum of exponentials, or a ratio of sums."""
    is_sum = isinstance(expression, Sum) and expression.has(exp)
    return is_sum or is_rational(expression)


def _is_of_several(whole: Expr) -> bool:
    """Whether it is a function of more than one argument, and no share of a softmax."""
    is_softmax = any(p.exp.is_negative and p.base.has(Sum) for p in whole.atoms(Pow))
    is_several = whole.has(Sum) or (len(set(all_entries(whole))) > 1 and not argument_of(whole))
    return is_several and not is_softmax
