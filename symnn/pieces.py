"""What a printer asks of an expression before it writes: is it a number, what goes last.

Nothing here writes a sign, and nothing changes what an expression means.
"""

from collections.abc import Mapping

from sympy import (
    Add,
    Eq,
    Expr,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Ne,
    Pow,
    Sum,
    fraction,
)

from symnn.cases import Piecewise
from symnn.reading import above_and_below, is_typed
from symnn.reductions import ArgMax, ArgMin, Maximum, Minimum, Product, Reduction


def is_scalar(expr: Expr) -> bool:
    """Whether it is a number, or made of sizes."""
    return expr.is_number or (not expr.has(Idx) and all(s.is_integer for s in expr.free_symbols))


def content_of(expr: Add) -> tuple[Expr, Expr]:
    """The number that all terms share, and the rest; 1 where a term has a root of a number.

    No common denominator is taken that makes numbers larger: w/2 + z stays, not (w + 2z)/2.
    """
    has_root = any(isinstance(f, Pow) and f.is_number for t in expr.args for f in t.args)
    is_apart = any(is_typed(t.as_coeff_Mul()[0]) for t in expr.args)
    content, rest = expr.primitive()
    before, after = (max(abs(t.as_coeff_Mul()[0].p) for t in e.args) for e in (expr, rest))
    is_worse = content.q > 1 and after > before
    return (Integer(1), expr) if has_root or is_apart or is_worse else (content, rest)


def place_at_end(expr: Expr) -> int:
    """What goes last in a product: 1 for a sum with its sign, 2 for a definition by cases."""
    return 2 * (isinstance(expr, Piecewise) and not is_indicator(expr)) or isinstance(expr, Sum)


def is_told_by_an_axis(i: Idx, body: Expr) -> bool:
    """Whether an index stands by itself on an axis in the body, or equals what does."""
    on_axes = {place for entry in body.atoms(Indexed) for place in entry.indices}
    compared = {side for delta in body.atoms(KroneckerDelta, Eq, Ne) for side in delta.args}
    return i in on_axes | compared


# The words for the reductions over an index, in every format.
REDUCTION_WORDS: Mapping[type[Reduction], str] = {
    Maximum: "max",
    Minimum: "min",
    Product: "prod",
    ArgMax: "argmax",
    ArgMin: "argmin",
}


def excepted_place(node: Reduction) -> tuple[Expr, Expr] | None:
    """Of a product over all places but one, that place and the factors; None for another."""
    body = node.function
    if not (isinstance(node, Product) and isinstance(body, Piecewise)):
        return None
    (value, holds), *rest = body.args
    if value != 1 or not isinstance(holds, Eq) or node.index not in holds.args or len(rest) != 1:
        return None
    (place,) = set(holds.args) - {node.index}
    return place, rest[0][0]


def is_indicator(expr: Piecewise) -> bool:
    """Whether it is 1 where a condition holds and 0 elsewhere."""
    return bool(expr.args[0][0] == 1 and tuple(expr.args[1:]) == ((0, True),))


def with_one_root(expr: Mul) -> tuple[list[Expr], list[Expr], tuple[Expr, Expr] | None]:
    """What is above the line, what below, and (a, b) where roots of numbers make up √a/√b."""
    roots = [f for f in expr.args if isinstance(f, Pow) and f.is_number and not f.exp.is_Integer]
    if not roots:
        return (*above_and_below(expr), None)
    coefficient, _ = expr.as_coeff_Mul()
    number = Mul(coefficient, *roots)
    return (*above_and_below(expr / number), fraction(number**2))
