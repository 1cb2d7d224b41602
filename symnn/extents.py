"""Which entries are read on their axis for certain, and which are marked before they are lowered.

An array is read as a whole along an axis only where an index runs over all of that axis. Any other
read by an index is marked here: as one of some places (`Within`), or, where a place may lie off the
axis because a condition keeps its value out, as one that is moved onto it (`Clipped`).
"""

from collections.abc import Mapping, Sequence

from sympy import Add, Dummy, Expr, Idx, Indexed, Integer

from symnn.binding import size_of
from symnn.digits import Digit
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.reductions import ArgMax, ArgMin

Shapes = Mapping[str, tuple[Expr, ...]]


class Mark(Expr):
    """`Mark(place)`: a place on an axis, with what is known of it."""

    is_commutative = True
    is_integer = True


class Within(Mark):
    """Some of the places of an axis."""


class Clipped(Mark):
    """Places of which some may lie off the axis; those are moved to its end."""


def with_marks(expression: Expr, shapes: Shapes) -> Expr:
    """The expression with a mark on each place that is not simply all of its axis."""
    if not expression.has(Indexed):
        return expression
    arguments = [with_marks(a, shapes) for a in expression.args]
    if not isinstance(expression, Indexed) or entry_name(expression) not in shapes:
        return expression.func(*arguments) if arguments else expression
    sizes = shapes[entry_name(expression)]
    places = entry_indices(expression)
    return expression.base[tuple(map(_marked, places, arguments[1:], sizes))]


def _marked(place: Expr, inner: Expr, size: Expr) -> Expr:
    if isinstance(place, Idx) and is_zero(size_of(place) - size):
        return place
    if isinstance(place, Mark) or not place.has(Idx):
        return inner
    if place.has(Indexed):
        return Clipped(inner) if _is_turned_round(place) or _is_computed(place) else inner
    if place.has(Digit):
        # A window or a group is read forwards; what is subtracted comes from a derivative.
        terms = place.expand().args if isinstance(place, Add) else ()
        return Clipped(place) if any(t.could_extract_minus_sign() for t in terms) else inner
    if is_within(place, size):
        return Within(place) if isinstance(place, Idx) else place
    return Clipped(place)


def _is_turned_round(place: Expr) -> bool:
    """Whether a place is that of the greatest less an index: a derivative reads there."""
    known = {a: Dummy(integer=True) for a in place.atoms(ArgMax, ArgMin)}
    terms = Add.make_args(place.xreplace(known).expand())
    return not any(t.has(Indexed) for t in terms) and any(
        t.has(Idx) and t.could_extract_minus_sign() for t in terms
    )


def _is_computed(place: Expr) -> bool:
    """Whether a place is found from what an input holds, as in b[y[n] - 1]."""
    known = {a: Dummy(integer=True) for a in place.atoms(ArgMax, ArgMin)}
    return not isinstance(place, Indexed) and bool(place.xreplace(known).has(Indexed))


def is_zero(difference: Expr) -> bool:
    """Whether two sizes are the same, by their difference."""
    return bool(difference.expand() == 0)


def is_within(place: Expr, size: Expr) -> bool:
    """Whether a place is on an axis of this size, whatever the sizes and the indices in it.

    >>> from sympy import Symbol
    >>> from symnn.equations import index
    >>> K = Symbol("K", integer=True, positive=True)
    >>> is_within(index("i", K) + 1, K + 1), is_within(index("i", K) + 1, K)
    (True, False)
    """
    least = greatest = place = place.expand()
    for i in place.atoms(Idx):
        slope = place.coeff(i)
        low, high = Integer(0), size_of(i) - 1
        if slope.is_nonpositive:
            low, high = high, low
        elif not slope.is_nonnegative:
            return False
        least, greatest = least.xreplace({i: low}), greatest.xreplace({i: high})
    ends = least.expand(), (size - 1 - greatest).expand()
    return all(bool(end.is_nonnegative) for end in ends)


def stands_at(equation: Equation, place: Sequence[Expr], shapes: Shapes) -> bool:
    """Whether the left side of an equation has a place wherever its right side is read at it.

    r[j:3] = σ(u[j]) has none at p where u has six, though σ(u[p]) may be read there. `shapes` are
    those of all quantities.
    """
    pairs = zip(place, equation.indices, equation.quantity.shape, strict=True)
    return all(is_within(p, size) or _is_tied(equation, i, size, shapes) for p, i, size in pairs)


def _is_tied(equation: Equation, i: Idx, size: Expr, shapes: Shapes) -> bool:
    """Whether the right side reads at an index what has no more places than the left side."""
    reads = {(entry_name(e), entry_indices(e)) for e in all_entries(equation.expression)}
    return any((i, size) in zip(places, shapes[name], strict=True) for name, places in reads)
