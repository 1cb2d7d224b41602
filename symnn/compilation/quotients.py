"""Products divided by powers, as products of ratios: (x/y)² for x²/y², since y² may be no float.

What is divided by y twice is no larger on the way than it is in the end, nor smaller. What is
divided by y and z is divided by one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Eq, Expr, Integer, Mul, Or, Pow, Symbol

from symnn.array_nodes import Expanded, Transposed
from symnn.cases import Piecewise

# The same numbers along other axes.
_MOVED = (Expanded, Transposed)


@dataclass(frozen=True)
class Ratio:
    """(`top` / `bottom`) to a power; `bottom` is None where nothing divides."""

    top: Expr
    bottom: Expr | None
    power: int


def is_divided_power(factor: Expr) -> bool:
    """Whether a factor below the line is a square, or more, of a quantity."""
    return isinstance(factor, Pow) and bool(factor.exp.is_Integer) and is_quantity(factor.base)


def is_quantity(factor: Expr) -> bool:
    """Whether it is a quantity, as a whole array; a size is none."""
    array = factor.args[0] if isinstance(factor, _MOVED) else factor
    return isinstance(array, Symbol) and not array.is_integer


def divided_by(above: Sequence[Expr], below: Sequence[Expr]) -> list[Expr]:
    """The factors below the line by which those above are divided one by one."""
    if all(f.is_number for f in above):
        return []
    quantities = [f for f in below if is_divided_power(f) or is_quantity(f)]
    is_safe = len(quantities) == 1 and not is_divided_power(quantities[0])
    has_square = any(_as_power(f)[1] > 1 for f in above if not f.is_number)
    return quantities if has_square or not is_safe else []


def ratios(above: Sequence[Expr], below: Sequence[Expr]) -> tuple[list[Ratio], list[Expr]]:
    """The factors `above`, divided by those `below`; and what is to be divided by yet.

    >>> from sympy.abc import a, x, y
    >>> ratios([a, x**2], [y**3])
    ([Ratio(top=x, bottom=y, power=2), Ratio(top=a, bottom=y, power=1)], [])
    """
    waiting = dict(map(_as_power, below))
    found = []
    for top, power in sorted(map(_as_power, above), key=lambda p: -p[1]):
        left = power
        for bottom, count in waiting.items():
            taken = min(left, count)
            if taken:
                found.append(Ratio(top, bottom, taken))
                waiting[bottom] -= taken
                left -= taken
        if left:
            found.append(Ratio(top, None, left))
    return found, [bottom for bottom, count in waiting.items() for _ in range(count)]


def _as_power(factor: Expr) -> tuple[Expr, int]:
    base, power = factor.as_base_exp()
    return (base, int(power)) if power.is_Integer and power > 0 else (factor, 1)


def with_powers_outside(product: Mul) -> Expr:
    """The product with powers of arrays along other axes for powers that were put there."""
    spread = Mul(*map(_spread, product.args))
    powers = [f for f in Mul.make_args(spread) if isinstance(f, Pow) and is_quantity(f.base)]
    times = sum(-f.exp for f in powers if f.exp.is_Integer and f.exp < 0)
    return spread if times > 1 else product


def _spread(factor: Expr) -> Expr:
    if isinstance(factor, _MOVED) and isinstance(factor.args[0], Pow):
        base, power = factor.args[0].args
        if power.is_Integer and power < 0 and is_quantity(base):
            return Pow(factor.func(base, *factor.args[1:]), power)
    return factor


def with_guard_outside(product: Mul) -> Expr:
    """The product with 0 where a factor is 0, for one that is divided by a power elsewhere."""
    for guard in product.args:
        if isinstance(guard, Piecewise) and len(guard.args) == 2:
            (_, is_zero), (power, _) = guard.args
            power, rest = _spread(power), [f for f in product.args if f is not guard]
            if _is_of(is_zero, rest) and isinstance(power, Pow) and is_divided_power(1 / power):
                whole = Mul(*rest, power)
                return Piecewise((Integer(0), is_zero), (whole, True), evaluate=False)
    return product


def _is_of(condition: Expr, factors: Sequence[Expr]) -> bool:
    """Whether the condition says that one of some of the factors is 0."""
    cases = Or.make_args(condition)
    bases = {f.as_base_exp()[0] for f in factors}
    return all(isinstance(c, Eq) and c.args[1] == 0 and c.args[0] in bases for c in cases)
