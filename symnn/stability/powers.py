"""Powers of powers, and their logarithms, as one power: x³ of 1e-200 is no float, 3·log x is one.

Each is the same function where it is real: √(x³) asks for x ≥ 0, as x^(3/2) does.
"""

from dataclasses import replace

from sympy import Abs, Expr, Pow, Sum, log

from symnn.binding import bound_indices, total
from symnn.equations import Equation, all_entries
from symnn.stability.lines import Lines
from symnn.stability.parts import rebuilt


def with_single_powers(lines: Lines) -> Lines:
    """The lines, where no power is computed for its logarithm or its root."""
    return Lines(*(tuple(map(_rewritten, part)) for part in lines.parts))


def _rewritten(e: Equation) -> Equation:
    return replace(e, expression=_seen(e.expression)) if e.expression.has(Pow) else e


def _seen(node: Expr) -> Expr:
    if not node.args or next(all_entries(node), None) == node:
        return node
    if isinstance(node, Sum):
        return total(_seen(node.function), *bound_indices(node))
    found = rebuilt(node, map(_seen, node.args))
    if isinstance(found, log) and _is_power(found.args[0]):
        base, power = found.args[0].args
        return power * log(Abs(base) if power.is_even else base)
    if isinstance(found, Pow) and found.exp.is_number and _is_power(found.base):
        base, power = found.base.args
        whole = power * found.exp
        if power.is_even or not whole.is_Integer:
            return Pow(Abs(base) if power.is_even else base, whole)
    return found


def _is_power(node: Expr) -> bool:
    """Whether it is a power of something by a number."""
    return isinstance(node, Pow) and bool(node.exp.is_Rational) and any(all_entries(node))
