"""Derivatives by a named sum, which divide by lengths: they stand in what reads them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sympy import Expr, Mul, Pow, Rational, Sum

from symnn.binding import freshen
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.stability.lengths import with_factor
from symnn.stability.lines import Lines


def squares_put_in(lines: Lines) -> Lines:
    """The lines, where the derivative by a named Σv² that divides by it stands in what reads it.

    There it meets a v: v/Σv² is a float, where 1/Σv² is none. So does that by a named sum, as Σvw
    in a correlation, that divides by two lengths.
    """
    squares = {e.quantity.name for e in lines.forward if with_factor(e.expression) is not None}
    lengths = {e.quantity.name for e in lines.forward if _is_root(e.expression, squares)}
    asked = {e.quantity.name for e in lines.gradients}
    if not squares | lengths:
        return lines
    sums = {e.quantity.name for e in lines.forward if isinstance(e.expression, Sum)}
    in_loops = looped(reads_of(lines.adjoints))
    known: dict[str, Equation] = {}

    def put_in(equations: Iterable[Equation]) -> Iterator[Equation]:
        for e in equations:
            read = {a for a in all_entries(e.expression) if entry_name(a) in known}
            values = {a: freshen(known[entry_name(a)].instance(*entry_indices(a))) for a in read}
            whole = replace(e, expression=e.expression.xreplace(values)) if values else e
            name, of = e.quantity.name, e.quantity.of
            divisors = list(_divisors(whole.expression))
            is_beyond = of in divisors or sum(d in lengths for d in divisors) > 1
            if of in squares | sums and name not in in_loops and is_beyond:
                known[name] = whole
                if name not in asked:
                    continue
            yield whole

    adjoints = tuple(put_in(lines.adjoints))
    return Lines(lines.forward, adjoints, tuple(put_in(lines.gradients)))


def _is_root(expression: Expr, squares: Collection[str]) -> bool:
    """Whether it is √(c·Σv²), of a sum that may be named."""
    if not (isinstance(expression, Pow) and expression.exp == Rational(1, 2)):
        return False
    base = expression.base
    is_named = next(all_entries(base), None) == base and entry_name(base) in squares
    return is_named or with_factor(base) is not None


def _divisors(expression: Expr) -> Iterator[str]:
    """The names of what it is divided by, each as often as it is."""
    for factor in Mul.make_args(expression):
        base, power = factor.as_base_exp()
        if power.is_Integer and power < 0 and next(all_entries(base), None) == base:
            yield from [entry_name(base)] * -int(power)
