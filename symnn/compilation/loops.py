"""Equations that read their own quantity at another index: groups that are computed in one loop.

`h[n,t,j] = tanh(… h[n,t-1,i] …)` is computed for t = 0, 1, …; its adjoint, which reads itself at
t + 1, for t = T - 1, T - 2, …. Equations that read each other so (an LSTM's) share a loop.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import product

from sympy import Expr, Idx

from symnn.dependence import reached, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.errors import SymnnError


@dataclass(frozen=True)
class Group:
    """Equations that are computed together: one alone, or those of a loop over `index`."""

    equations: tuple[Equation, ...]
    index: Idx | None = None
    is_descending: bool = False


def grouped(equations: Sequence[Equation]) -> list[Group]:
    """The equations in an order in which they can be computed, those of a loop together."""
    read_by = reads_of(equations)
    reads = {name: tuple(r for r in read if r in read_by) for name, read in read_by.items()}
    if _is_in_order(equations, reads):
        return [Group((e,)) for e in equations]
    below = {name: reached(reads[name], reads) for name in reads}
    circles = {
        name: tuple(m for m in reads if m in below[name] and name in below[m]) or (name,)
        for name in reads
    }
    graph = {
        circle: {circles[r] for name in circle for r in reads[name]} - {circle}
        for circle in dict.fromkeys(circles.values())
    }
    by_name = {e.quantity.name: e for e in equations}
    ordered = TopologicalSorter(graph).static_order()
    return [_group(tuple(by_name[name] for name in circle), reads) for circle in ordered]


def _is_in_order(equations: Sequence[Equation], reads: dict[str, tuple[str, ...]]) -> bool:
    known: set[str] = set()
    for e in equations:
        if not known.issuperset(reads[e.quantity.name]):
            return False
        known.add(e.quantity.name)
    return True


def _group(equations: tuple[Equation, ...], reads: dict[str, tuple[str, ...]]) -> Group:
    names = {e.quantity.name for e in equations}
    if len(equations) == 1 and not names & set(reads[equations[0].quantity.name]):
        return Group(equations)
    shifts = dict(s for e in equations for s in _shifts(e, names))
    indices = [*shifts] if len(shifts) == 1 else [i for i in shifts if _runs(i, equations)]
    if not indices:
        raise SymnnError(f"{', '.join(sorted(names))} read each other along more than one index")
    return Group(equations, indices[0], is_descending=bool(shifts[indices[0]] > 0))


def _runs(index: Idx, equations: tuple[Equation, ...]) -> bool:
    """Whether these can be computed one step of this index after the other, in one direction."""
    own = {e.quantity.name: e.indices for e in equations}
    if not all(index in indices for indices in own.values()):
        return False
    at_once: dict[str, set[str]] = {name: set() for name in own}
    steps = set()
    for e in equations:
        for entry in all_entries(e.expression):
            name = entry_name(entry)
            if name in own:
                step = entry_indices(entry)[own[name].index(index)] - index
                steps.add(step)
                if step == 0:
                    at_once[e.quantity.name].add(name)
    is_one_way = all(s.is_Integer for s in steps) and not (min(steps) < 0 < max(steps))
    return is_one_way and not any(n in reached(at_once[n], at_once) for n in own)


def _shifts(equation: Equation, names: set[str]) -> Iterator[tuple[Idx, Expr]]:
    """Each index of the equation at which a quantity of the loop is read elsewhere, and how far."""
    for entry in all_entries(equation.expression):
        if entry_name(entry) in names:
            # What it reads of itself stands on its own axes: h[t-1,k+1,k] is no step along k.
            is_own = entry_name(entry) == equation.quantity.name
            pairs = zip if is_own else product
            for read, i in pairs(entry_indices(entry), equation.indices):
                if (read - i).is_Integer and read != i:
                    yield i, read - i
