"""Products with 0 that are 0: y·log p where y is 0, though p is 0 as well.

Entropies and divergences have such terms, by the convention 0·log 0 = 0 (Cover and Thomas 2006,
section 2.1), which is the limit of y·log y, and of xᵖ·log x for p > 0. So has the derivative y/p of
y·log p by p: with y = 0 there is nothing to differentiate.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sympy import Add, Eq, Expr, Integer, Mul, Or, Pow, Sum, log
from sympy.codegen.cfunctions import log1p
from sympy.logic.boolalg import Boolean

from symnn.binding import bound_indices, total
from symnn.cases import Piecewise
from symnn.equations import Equation, all_entries, entry_name
from symnn.reductions import BINDERS
from symnn.stability.lengths import is_length
from symnn.stability.lines import Lines
from symnn.stability.parts import has_pieces, rebuilt

Factors = tuple[Expr, ...]


@dataclass(frozen=True)
class Known:
    """The names of the quantities that are computed, and of those among them that are lengths."""

    computed: set[str]
    lengths: set[str]

    def is_over_length(self, factor: Expr) -> bool:
        """Whether it divides by a length."""
        is_power_of_one = isinstance(factor, Pow) and _is_entry(factor.base)
        return is_power_of_one and entry_name(factor.base) in self.lengths


def with_zeros(lines: Lines) -> Lines:
    """The lines, where what is multiplied by 0 is no infinity."""
    every = [e for part in lines.parts for e in part]
    # With a length of 0 all that it is of is 0, and no v/|v| has a value.
    lengths = {e.quantity.name for e in every if is_length(e.expression)}
    known = Known({e.quantity.name for e in every}, lengths)
    forward = tuple(_guarded(lines.forward, None))
    adjoints, gradients = (tuple(_guarded(part, known)) for part in lines.parts[1:])
    return Lines(forward, adjoints, gradients)


def _guarded(equations: Iterable[Equation], known: Known | None) -> Iterator[Equation]:
    for e in equations:
        yield replace(e, expression=_seen(e.expression, known, ()))


def _seen(node: Expr, known: Known | None, around: Factors) -> Expr:
    """The expression, which is multiplied by what is `around`.

    `known` are the quantities that are no data, where it is a derivative.
    """
    if not node.args or _is_entry(node):
        return node
    if isinstance(node, Sum):
        return total(_seen(node.function, known, ()), *bound_indices(node))
    if isinstance(node, Mul):
        return _product(node, known, around)
    inner = around if isinstance(node, Add) else ()
    found = rebuilt(node, (_seen(a, known, inner) for a in node.args))
    return _factor(found, around, known)


def _product(node: Mul, known: Known | None, around: Factors) -> Expr:
    """The product, with its logarithms and divisors as for 1 where the rest is 0."""
    rest = tuple(f for f in node.args if not _may_be_infinite(f) and _may_vanish(f))
    return Mul(
        *(
            _seen(f, known, (*around, *(r for r in rest if r is not f and not _has_log(r))))
            for f in node.args
        )
    )


def _has_log(factor: Expr) -> bool:
    return any(map(_may_be_infinite, factor.atoms(log)))


def _factor(factor: Expr, around: Factors, known: Known | None) -> Expr:
    """The factor, a logarithm or a divisor as for 1 where one around it is 0."""
    if isinstance(factor, log):
        rest = around
    elif known is not None and known.is_over_length(factor):
        rest = ()
    else:
        rest = () if known is None else tuple(f for f in around if _is_data(f, known))
    return _with_one(factor, rest)


def _with_one(factor: Expr, rest: Factors) -> Expr:
    if not rest or not _may_be_infinite(factor):
        return factor
    # Not of the product: that of two small numbers is 0 too.
    bases = dict.fromkeys(base for f in rest for base, _ in [f.as_base_exp()])
    is_zero = Or(*(Eq(base, 0, evaluate=False) for base in bases))
    if isinstance(factor, Pow):
        return Pow(_instead(Integer(1), is_zero, factor.base), factor.exp)
    constant, inside = factor.args[0].as_coeff_Add()
    if constant == 1:
        return log1p(_instead(Integer(0), is_zero, inside))
    return log(_instead(Integer(1), is_zero, factor.args[0]))


def _instead(value: Expr, condition: Boolean, other: Expr) -> Piecewise:
    return Piecewise((value, condition), (other, True), evaluate=False)


def _may_be_infinite(factor: Expr) -> bool:
    """Whether it is the logarithm of, or divides by, what may be 0 and is computed as it stands."""
    if isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp.is_negative:
        return _is_entry(factor.base)
    if not isinstance(factor, log):
        return False
    inside = factor.args[0]
    is_plain = any(all_entries(inside)) and not has_pieces(inside) and not inside.has(*BINDERS)
    return is_plain and not inside.is_positive


def _may_vanish(factor: Expr) -> bool:
    """Whether it is made of entries, and so may be 0; an exp or a divisor is not."""
    has_entries = any(all_entries(factor)) and not has_pieces(factor)
    is_sum = isinstance(factor, Sum) and _is_entry(factor.function)
    is_plain = has_entries and (is_sum or not factor.has(*BINDERS))
    is_power = isinstance(factor, Pow) and factor.has(log) is False
    is_divisor = isinstance(factor, Pow) and factor.exp.could_extract_minus_sign()
    return (is_plain or is_power) and not is_divisor and not factor.is_positive


def _is_data(factor: Expr, known: Known) -> bool:
    """Whether it is an entry of what is given, or a sum of such."""
    entry = factor.function if isinstance(factor, Sum) else factor
    return _is_entry(entry) and entry_name(entry) not in known.computed


def _is_entry(node: Expr) -> bool:
    return next(all_entries(node), None) == node
