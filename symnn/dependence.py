"""Which quantities an equation reads and where, and which are reached through what it reads."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sympy import Expr, Idx

from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.ranges import lies_within

Reads = Mapping[str, Collection[str]]
Shapes = Mapping[str, tuple[Expr, ...]]


def reads_of(equations: Iterable[Equation]) -> dict[str, tuple[str, ...]]:
    """The names that each equation reads, in the order in which they stand, by its own name.

    >>> from symnn.equations import System
    >>> reads_of(System.parse("parameter w; input x; a = w*x; loss = a**2").equations)
    {'a': ('w', 'x'), 'loss': ('a',)}
    """
    return {
        e.quantity.name: tuple(dict.fromkeys(map(entry_name, all_entries(e.expression))))
        for e in equations
    }


def reached(start: Iterable[str], reads: Reads) -> set[str]:
    """These names, and all that they are made of."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += reads.get(name, ())
    return found


def looped(reads: Reads) -> set[str]:
    """The names of what depends on itself: the quantities of recurrences."""
    return {name for name in reads if name in reached(reads[name], reads)}


def stands_at(equation: Equation, place: Sequence[Expr], shapes: Shapes) -> bool:
    """Whether the left side of an equation has a place wherever its right side is read at it.

    r[j:3] = σ(u[j]) has none at p where u has six, though σ(u[p]) may be read there. `shapes` are
    those of all quantities.
    """
    pairs = zip(place, equation.indices, equation.quantity.shape, strict=True)
    return all(lies_within(p, size) or _is_tied(equation, i, size, shapes) for p, i, size in pairs)


def _is_tied(equation: Equation, i: Idx, size: Expr, shapes: Shapes) -> bool:
    """Whether the right side reads at an index what has no more places than the left side."""
    reads = {(entry_name(e), entry_indices(e)) for e in all_entries(equation.expression)}
    return any((i, size) in zip(places, shapes[name], strict=True) for name, places in reads)
