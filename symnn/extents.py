"""Which entries are read on their axis for certain, and which are marked before they are lowered.

An array is read as a whole along an axis only where an index runs over all of that axis. Any other
read by an index is marked here: as one of some places (`Within`), or, where a place may lie off the
axis because a condition keeps its value out, as one that is moved onto it (`Clipped`).
"""

from collections.abc import Mapping

from sympy import Add, Expr, Idx, Indexed, Integer

from symnn.binding import size_of
from symnn.digits import Digit
from symnn.equations import entry_indices, entry_name

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
    if isinstance(place, Mark) or place.has(Indexed) or not place.has(Idx):
        return inner
    if place.has(Digit):
        # A window or a group is read forwards; what is subtracted comes from a derivative.
        terms = place.expand().args if isinstance(place, Add) else ()
        return Clipped(place) if any(t.could_extract_minus_sign() for t in terms) else inner
    if is_within(place, size):
        return Within(place) if isinstance(place, Idx) else place
    return Clipped(place)


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
    least = greatest = place
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
