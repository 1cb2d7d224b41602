"""What a printer asks of an expression before it writes: is it a number, what goes last.

Nothing here writes a sign, and nothing changes what an expression means.
"""

from collections.abc import Callable, Mapping, Sequence

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
    sqrt,
)

from symnn.binding import size_of
from symnn.cases import Piecewise
from symnn.choices import is_choice
from symnn.equations import SAMPLES, entry_indices, entry_name
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
    return 2 * is_choice(expr) or isinstance(expr, Sum)


def is_told_by_an_axis(i: Idx, body: Expr, tells: Callable[[Indexed, int, Expr], bool]) -> bool:
    """Whether an index stands by itself on an axis of its size in the body, or equals such a one.

    `tells` says whether a reader sees that an axis of an entry has a size.
    """
    size = size_of(i)
    on_axes = (
        tells(entry, axis, size)
        for entry in body.atoms(Indexed)
        for axis, place in enumerate(entry.indices)
        if place == i
    )
    pairs = (delta.args[:2] for delta in body.atoms(KroneckerDelta, Eq, Ne) if i in delta.args)
    return any(on_axes) or any(
        all(not isinstance(side, Idx) or size_of(side) == size for side in pair) for pair in pairs
    )


def need_samples(sides: Sequence[Expr], shapes: Mapping[str, Sequence[Expr]]) -> bool:
    """Whether the sides do more with samples than to read what belongs to one and the same."""
    entries = {a for side in sides for a in side.atoms(Indexed)}
    axes = [zip(entry_indices(a), shapes[entry_name(a)], strict=True) for a in entries]
    read = [[place for place, size in pairs if size == SAMPLES] for pairs in axes]
    values = [side.xreplace(dict.fromkeys(entries, Integer(1))) for side in sides]
    counted = any(size_of(i) == SAMPLES for value in values for i in value.atoms(Idx))
    several = len({place for places in read for place in places}) > 1
    moved = any(len(p) > 1 or not all(isinstance(i, Idx) for i in p) for p in read)
    return several or moved or counted


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


def with_one_root(expr: Mul) -> tuple[list[Expr], list[Expr], tuple[Expr, Expr] | None]:
    """What is above the line, what below, and (a, b) where roots of numbers make up √a/√b."""
    roots = [f for f in expr.args if isinstance(f, Pow) and f.is_number and not f.exp.is_Integer]
    if not roots:
        return (*above_and_below(expr), None)
    coefficient, _ = expr.as_coeff_Mul()
    number = Mul(coefficient, *roots)
    top, bottom = fraction(number**2)
    above, below = above_and_below(expr / number)
    if top != 1 and sqrt(top).is_Integer:
        above, top = [sqrt(top), *above], Integer(1)
    return above, below, (top, bottom)
