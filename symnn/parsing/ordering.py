"""An order in which equations can be computed, as near as can be to the one in which they stand."""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush


def ordered(
    names: Iterable[str], needs: Mapping[str, Iterable[str]]
) -> tuple[list[str], list[str]]:
    """The names, each after all that it needs, and those of a circle if that cannot be.

    >>> ordered("abc", {"a": "c"})
    (['b', 'c', 'a'], [])
    >>> ordered("abc", {"a": "c", "c": "a"})
    (['b'], ['a', 'c'])
    """
    places = {name: k for k, name in enumerate(names)}
    waiting = {name: {n for n in needs.get(name, ()) if n in places} for name in places}
    takers: dict[str, list[str]] = {}
    for name, needed in waiting.items():
        for n in needed:
            takers.setdefault(n, []).append(name)
    ready = [(place, name) for name, place in places.items() if not waiting[name]]
    heapify(ready)
    found: list[str] = []
    while ready:
        _, name = heappop(ready)
        found.append(name)
        del waiting[name]
        for taker in takers.get(name, ()):
            waiting[taker].remove(name)
            if not waiting[taker]:
                heappush(ready, (places[taker], taker))
    return found, circle(waiting) if waiting else []


def circle(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Names each of which needs the next, and the last the first; each name needs another."""
    path: list[str] = [next(iter(needs))]
    while (following := min(n for n in needs[path[-1]] if n in needs)) not in path:
        path.append(following)
    return path[path.index(following) :]


def reachable(start: str, needs: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything that a name needs, directly or not."""
    found: set[str] = set()
    open_names = list(needs.get(start, ()))
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            open_names.extend(needs.get(name, ()))
    return found
