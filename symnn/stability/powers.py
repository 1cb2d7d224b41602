"""Powers of powers, and their logarithms, as one power: x³ of 1e-200 is no float, 3·log x is one.

Each is the same function where it is real: √(x³) asks for x ≥ 0, as x^(3/2) does. A sum of squares
that is divided by a square is divided term by term: (x/s)² + (y/s)².
"""

from dataclasses import replace

from sympy import Abs, Add, Expr, Mul, Pow, Sum, log

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
    if isinstance(found, Mul):
        return _divided(found)
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


def _divided(product: Expr) -> Expr:
    """The product, with a sum of squares in it divided by what the whole is divided by twice."""
    powers = [f for f in Mul.make_args(product) if _divides_twice(f)]
    for factor in product.args if powers else ():
        rest = Mul(*(f for f in product.args if f is not factor and f not in powers))
        if isinstance(factor, Add) and _has_square(factor):
            within, beside = (Mul(*powers), rest) if rest.has(Sum) else (Mul(*powers, rest), 1)
            return Mul(Add(*(_divided(t * within) for t in factor.args)), beside)
        if isinstance(factor, Sum) and _has_square(factor):
            bound = bound_indices(factor)
            inside = [f for f in powers if not f.has(*bound) and not is_sum_of_squares(f.base)]
            if inside:
                left = Mul(rest, *(f for f in powers if f not in inside))
                return Mul(total(_divided(Mul(factor.function, *inside)), *bound), left)
    return product


def _divides_twice(factor: Expr) -> bool:
    is_power = isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp < 0
    if not is_power:
        return False
    is_entry = next(all_entries(factor.base), None) == factor.base
    return bool(factor.exp < -1 and is_entry) or is_sum_of_squares(factor.base)


def is_sum_of_squares(node: Expr) -> bool:
    """Whether it is Σv², or v² + w²."""
    if isinstance(node, Sum):
        return _is_square(node.function)
    return isinstance(node, Add) and all(map(_is_square, node.args))


def _is_square(node: Expr) -> bool:
    return isinstance(node, Pow) and node.exp == 2 and any(all_entries(node))


def _has_square(node: Expr) -> bool:
    """Whether it is a product with a square of what is computed, or a sum of such."""
    if isinstance(node, Add | Mul):
        return any(map(_has_square, node.args))
    if isinstance(node, Sum):
        return _has_square(node.function)
    is_power = isinstance(node, Pow) and node.exp.is_Integer and node.exp > 1
    return bool(is_power and any(all_entries(node.base)))
