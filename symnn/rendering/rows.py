"""Which equations of a derivation stand side by side, and which functions they name."""

from collections.abc import Iterator, Sequence

from sympy import Expr

from symnn.equations import Equation, Quantity, Role
from symnn.functions import Elementwise


def by_layer(equations: Sequence[Equation]) -> list[list[Equation]]:
    """The equations in rows: z with its a, and the gradients of W and b of one layer, two a row."""
    rows: list[list[Equation]] = []
    for e in equations:
        if rows and len(rows[-1]) < 2 and _share_a_row(rows[-1][-1].quantity, e.quantity):
            rows[-1].append(e)
        else:
            rows.append([e])
    return rows


def _share_a_row(one: Quantity, other: Quantity) -> bool:
    if one.role is Role.PREACTIVATION:
        # An activation that is read twice has a derivative of its own, and another role.
        is_own = other.symbol == "a" and _number(one) == _number(other)
        return other.role is Role.ACTIVATION or is_own
    # A matrix has its bias beside it, and not the next matrix.
    is_bias = len(other.shape) < max(2, len(one.shape))
    is_of_layer = _number(one) == _number(other) != ""
    return one.role is other.role is Role.GRADIENT and is_of_layer and is_bias


def _number(q: Quantity) -> str:
    """The number of the layer in the name of a quantity."""
    return "".join(c for c in q.name if c.isdigit())


def last_layer_first(equations: Sequence[Equation]) -> list[list[Equation]]:
    """The rows with those of the last layer first; what is of no layer stays in its order."""
    rows = by_layer(equations)
    return rows[::-1] if all(e.quantity.layer is not None for e in equations) else rows


def functions(equations: Sequence[Equation]) -> Iterator[type[Elementwise]]:
    """The named functions in these equations, each before those that its formula names."""
    for e in equations:
        yield from _functions_in(e.expression)


def _functions_in(expression: Expr) -> Iterator[type[Elementwise]]:
    for f in sorted(expression.atoms(Elementwise), key=str):
        yield type(f)
        yield from _functions_in(f.formula)
