"""Which quantities an equation reads, and which are reached through what it reads."""

from collections.abc import Collection, Iterable, Mapping

from symnn.equations import Equation, all_entries, entry_name

Reads = Mapping[str, Collection[str]]


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
