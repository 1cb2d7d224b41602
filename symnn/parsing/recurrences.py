"""The order in which equations are computed, and the recurrences among them.

A group is a set of equations each of which needs the others, or one that needs itself. It can be
computed where one index, the same in each, runs forward: within the group all is read at `t` or
before, and what is read before `t` has a start, as `h[n,-1,j] = 0`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from sympy import Expr, Idx

from symnn.equations import Equation, Role, all_entries, entry_indices, entry_name
from symnn.parsing.names import spare_name
from symnn.parsing.ordering import ordered, reachable
from symnn.parsing.source import Fault, Place


@dataclass(frozen=True)
class Start:
    """Where a recurrence begins: its line in the text, the axis (from 0), the places on it."""

    place: Place
    axis: int
    places: tuple[int, ...]


@dataclass(frozen=True)
class Read:
    """One entry that an equation reads: of which quantity, and at which indices."""

    name: str
    indices: tuple[Expr, ...]

    def past(self, own: Sequence[Idx]) -> Iterator[tuple[int, Idx, int]]:
        """Each axis that is read before one of these indices: the axis, the index, how far back."""
        for axis, place in enumerate(self.indices):
            for i in own:
                step = i - place
                if step.is_Integer and step > 0:
                    yield axis, i, int(step)


def reads(expression: Expr) -> tuple[Read, ...]:
    """The entries that an expression reads, each once."""
    found = (Read(entry_name(e), entry_indices(e)) for e in all_entries(expression))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Equations:
    """The equations of a text by name, in its order, with the starts of the recurrences among them.

    `places` are those of the left sides in the text; `own` are those that read themselves as typed,
    whatever is left of that once it is built: 0·h[t-1] is nothing.
    """

    equations: Mapping[str, Equation]
    starting: Mapping[str, Sequence[Equation]]
    starts: Mapping[str, Start]
    places: Mapping[str, Place]
    own: Collection[str] = ()

    @cached_property
    def reads(self) -> Mapping[str, tuple[Read, ...]]:
        """What each equation reads of the others and of itself."""
        found = {name: reads(e.expression) for name, e in self.equations.items()}
        return {n: tuple(r for r in rs if r.name in self.equations) for n, rs in found.items()}

    def all_reads(self, name: str) -> tuple[Read, ...]:
        """What an equation reads, declared quantities and its start included."""
        found = (self.equations[name], *self.starting.get(name, ()))
        return tuple(r for e in found for r in reads(e.expression))

    @cached_property
    def needs(self) -> Mapping[str, set[str]]:
        """The equations whose values each one needs, the starts included."""
        names = self.equations.keys()
        return {name: {r.name for r in self.all_reads(name)} & names for name in names}

    def in_order(self) -> tuple[Equation, ...]:
        """The equations in an order in which they can be computed, those of a group together.

        Raises `Fault` where there is none, and where a recurrence has no start.
        """
        groups = self._groups()
        group_of = {member: first for first, members in groups.items() for member in members}
        needs = {
            first: {group_of[n] for m in members for n in self.needs[m]} - {first}
            for first, members in groups.items()
        }
        order, circle = ordered(groups, needs)
        if circle:
            raise self._circular(circle)
        found = [self.equations[m] for first in order for m in self._run(groups[first])]
        for name, start in self.starts.items():
            pasts = (read for read, *_ in self._with_a_past(groups[group_of[name]]))
            if name not in {*self.own, *pasts}:
                raise Fault(
                    f"{name!r} has a start and is no recurrence: it does not read itself at t-1",
                    start.place,
                )
        # What the loss does not need is computed all the same, and before it.
        return tuple(sorted(found, key=lambda e: e.quantity.role is Role.LOSS))

    def _groups(self) -> dict[str, list[str]]:
        """The groups, each under its first member; an equation outside of any is one by itself."""
        needed_by: dict[str, list[str]] = {name: [] for name in self.equations}
        for name, needed in self.needs.items():
            for n in needed:
                needed_by[n].append(name)
        leader: dict[str, str] = {}
        for name, equation in self.equations.items():
            reads_the_past = any(any(r.past(equation.indices)) for r in self.reads[name])
            if name not in leader and reads_the_past:
                around = reachable(name, self.needs) & reachable(name, needed_by)
                leader.update(dict.fromkeys(around, name))
        groups: dict[str, list[str]] = {}
        for name in self.equations:
            groups.setdefault(leader.get(name, name), []).append(name)
        return {members[0]: members for members in groups.values()}

    def _with_a_past(self, members: Sequence[str]) -> Iterator[tuple[str, int, Idx, int]]:
        """Each member that is read before an index of the reader: on which axis, how far back."""
        for name in members:
            for read in self.reads[name]:
                if read.name in members:
                    for axis, i, step in read.past(self.equations[name].indices):
                        yield read.name, axis, i, step

    def _clock(self, members: Sequence[str]) -> Idx | None:
        """The index over which a group runs: of several, the one along which it can be computed."""
        clocks = list(dict.fromkeys(i for _, _, i, _ in self._with_a_past(members)))
        possible = clocks if len(clocks) == 1 else [i for i in clocks if self._runs(i, members)]
        if clocks and not possible:
            letters = " and ".join(sorted(str(i.label) for i in clocks))
            raise self._fault(members[0], f"a recurrence runs over one index, not over {letters}")
        return next(iter(possible), None)

    def _runs(self, clock: Idx, members: Sequence[str]) -> bool:
        """Whether the members can be computed one step of this index after the other."""
        try:
            _, circle = ordered(members, {n: {*self._at_once(n, members, clock)} for n in members})
        except Fault:
            return False
        return not circle

    def _run(self, members: Sequence[str]) -> list[str]:
        """The members of a group in the order in which they run, at each step of its index."""
        clock = self._clock(members)
        needs = {name: set(self._at_once(name, members, clock)) for name in members}
        if clock is not None:
            for name, (axis, step) in self._farthest(members, clock).items():
                self._check_start(name, axis, clock, step)
                for e in self.starting.get(name, ()):
                    needs[name] |= {r.name for r in reads(e.expression)} & set(members)
        order, circle = ordered(members, needs)
        if circle:
            raise self._circular(circle)
        return order

    def _farthest(self, members: Sequence[str], clock: Idx) -> dict[str, tuple[int, int]]:
        """The members read before this index: on which axis, and how far back at most."""
        found: dict[str, tuple[int, int]] = {}
        for name, axis, i, step in self._with_a_past(members):
            if i == clock:
                found[name] = axis, max(step, found.get(name, (axis, 0))[1])
        return found

    def _at_once(
        self, name: str, members: Sequence[str], clock: Idx | None = None
    ) -> Iterator[str]:
        """The members that must be computed before this one within one step."""
        for read in self.reads[name]:
            if read.name not in members:
                continue
            own = self.equations[read.name].indices
            if clock not in own:
                yield read.name
                continue
            step = clock - read.indices[own.index(clock)]
            if not (step.is_Integer and step >= 0):
                at = read.indices[own.index(clock)]
                raise self._fault(
                    name,
                    f"{name!r} needs {read.name!r} at {at}; a recurrence reads {clock}-1, "
                    f"and at {clock} what is computed before",
                )
            if step == 0:
                yield read.name

    def _check_start(self, name: str, axis: int, clock: Idx, step: int) -> None:
        start = self.starts.get(name)
        letters = [str(i.label) for i in self.equations[name].indices]
        if axis >= len(letters) or letters[axis] != str(clock.label):
            raise self._fault(
                name, f"a recurrence over {clock} has the letter {clock} in each of its equations"
            )
        if start and start.axis == axis and len(start.places) >= step:
            return
        for back in range(1, step + 1):
            if not start or -back not in start.places:
                letters[axis] = str(-back)
                break
        raise self._fault(
            name,
            f"{name!r} is read at {clock}-{step} and needs a start, "
            f"{name}[{','.join(letters)}] = 0",
        )

    def _fault(self, name: str, message: str) -> Fault:
        return Fault(message, self.places[name])

    def _read_ahead(self, name: str) -> Expr | None:
        """The place after one of its indices at which an equation reads itself, if it does."""
        for read in self.reads[name]:
            if read.name == name:
                for place, i in zip(read.indices, self.equations[name].indices, strict=True):
                    if (place - i).is_Integer and place != i:
                        return place
        return None

    def _circular(self, circle: Sequence[str]) -> Fault:
        first = min(circle, key=list(self.equations).index)
        if len(circle) == 1:
            ahead = self._read_ahead(first)
            if ahead is not None:
                return self._fault(
                    first, f"{first!r} reads itself at {ahead}; a recurrence runs forward"
                )
            other = spare_name(first, self.equations)
            return self._fault(
                first,
                f"{first!r} is defined by itself; give the new value a name of its own, as {other}",
            )
        start = circle.index(first)
        names = [*circle[start:], *circle[:start], first]
        needs = [f"{a} needs {b}" for a, b in pairwise(names)]
        shown = [*needs[:4], "…", needs[-1]] if len(needs) > 6 else needs
        return self._fault(first, f"a circular definition: {', '.join(shown)}")
