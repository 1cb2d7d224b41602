"""Derivatives by a named Σv², which divide by it: they stand in what reads them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Expr, Mul, Pow

from symnn.binding import freshen
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.stability.lengths import with_factor
from symnn.stability.lines import Lines


def squares_put_in(lines: Lines) -> Lines:
    """The lines, where the derivative by a named Σv² that divides by it stands in what reads it.

    There it meets a v: v/Σv² is a float, where 1/Σv² is none.
    """
    squares = {e.quantity.name for e in lines.forward if with_factor(e.expression) is not None}
    asked = {e.quantity.name for e in lines.gradients}
    in_loops = looped(reads_of(lines.adjoints)) if squares else set()
    known: dict[str, Equation] = {}

    def put_in(equations: Iterable[Equation]) -> Iterator[Equation]:
        for e in equations:
            read = {a for a in all_entries(e.expression) if entry_name(a) in known}
            values = {a: freshen(known[entry_name(a)].instance(*entry_indices(a))) for a in read}
            whole = replace(e, expression=e.expression.xreplace(values)) if values else e
            name, of = e.quantity.name, e.quantity.of
            if of in squares and name not in in_loops and _divides_by(whole.expression, of):
                known[name] = whole
                if name not in asked:
                    continue
            yield whole

    if not squares:
        return lines
    adjoints = tuple(put_in(lines.adjoints))
    return Lines(lines.forward, adjoints, tuple(put_in(lines.gradients)))


def _divides_by(expression: Expr, name: str) -> bool:
    powers = (
        f
        for f in Mul.make_args(expression)
        if isinstance(f, Pow) and next(all_entries(f.base), None) == f.base
    )
    return any(f.exp.is_Integer and f.exp < 0 and entry_name(f.base) == name for f in powers)
