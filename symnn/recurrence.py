"""Recurrences with a start, as equations that stand on their own.

`h[n,-1,j] = 0` and `h[n,t,j] = … h[n,t-1,j] …` become one equation that reads the start where t - 1
lies before the first place. Then the calculus needs to know nothing of recurrences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import ascii_letters

from sympy import Eq, Expr, Idx, Indexed

from symnn.binding import bound_indices, index, rename_bound, size_of
from symnn.cases import Piecewise
from symnn.equations import Equation, System, entry_indices, entry_name

Starts = Mapping[str, Sequence[Equation]]


def guarded(system: System) -> System:
    """The system with each start put where it is read, and no starts beside its equations.

    >>> system = System.parse('''
    ...     input x[t:T]; parameter w
    ...     h[-1] = 0
    ...     h[t] = w*h[t-1] + x[t]
    ...     loss = h[T-1]**2
    ... ''')
    >>> guarded(system).equation("h").expression
    w*Piecewise((h[t - 1], t >= 1), (0, True)) + x[t]
    """
    starts = starts_of(system)
    if not starts:
        return system
    equations = tuple(_with_starts(e, starts) for e in system.equations)
    return replace(system, equations=equations, starts=())


def _with_starts(equation: Equation, starts: Starts) -> Equation:
    read = equation.expression.atoms(Indexed)
    before = {e: or_start(e, starts[entry_name(e)]) for e in read if entry_name(e) in starts}
    expression = equation.expression.xreplace(before)
    for start in starts.get(equation.quantity.name, ()):
        expression = _or_first(equation, expression, start)
    return replace(equation, expression=expression)


def at_starts(expression: Expr, starts: Starts) -> Expr:
    """The expression with the entry alone wherever it, or its start, is read: what a reader sees.

    It is the inverse of `guarded`, and says the same where the starts are told beside it.
    """
    if not starts:
        return expression
    read = {
        guard: guard.args[0][0]
        for guard in expression.atoms(Piecewise)
        if entry_name(guard.args[0][0]) in starts and _is_guard(guard, starts)
    }
    return expression.xreplace(read)


def _is_guard(guard: Piecewise, starts: Starts) -> bool:
    entry = guard.args[0][0]
    return isinstance(entry, Indexed) and or_start(entry, starts[entry_name(entry)]) == guard


def starts_of(system: System) -> dict[str, list[Equation]]:
    """The starts of a system's recurrences by the name of what begins."""
    starts: dict[str, list[Equation]] = {}
    for start in system.starts:
        starts.setdefault(start.quantity.name, []).append(start)
    return starts


def _axis(start: Equation) -> int:
    """The axis along which the recurrence runs: the one at which the start has a number."""
    return next(a for a, i in enumerate(start.indices) if not isinstance(i, Idx))


def or_start(entry: Indexed, starts: Sequence[Equation]) -> Expr:
    """An entry that may lie before the first place: there, what its start says."""
    places = entry_indices(entry)
    axis = _axis(starts[0])
    earlier = [s for s in starts if s.indices[axis].is_negative]
    reads_back = any((i - places[axis]).is_positive for i in places[axis].atoms(Idx))
    if not (earlier and reads_back):
        return entry
    cases = [(entry, places[axis] >= 0)]
    cases += [(_at(s, places), Eq(places[axis], s.indices[axis])) for s in earlier[:-1]]
    return Piecewise(*cases, (_at(earlier[-1], places), True))


def _or_first(equation: Equation, expression: Expr, start: Equation) -> Expr:
    """The right side, with what a start says of a place that the index itself takes."""
    axis = _axis(start)
    if start.indices[axis].is_negative:
        return expression
    first = Eq(equation.indices[axis], start.indices[axis])
    return Piecewise((_at(start, equation.indices), first), (expression, True), evaluate=False)


def _at(start: Equation, places: Sequence[Expr]) -> Expr:
    """What a start says, at these places of its other axes."""
    pairs = zip(start.indices, places, strict=True)
    expression = _apart(start.expression, {i for p in places for i in p.atoms(Idx)})
    return expression.xreplace({i: place for i, place in pairs if isinstance(i, Idx)})


def _apart(expression: Expr, taken: set[Idx]) -> Expr:
    """The expression with another letter for each bound index that is taken."""
    busy = {str(i.label) for i in (*taken, *expression.atoms(Idx))}
    spare = (letter for letter in ascii_letters if letter not in busy)
    others = {i: index(next(spare), size_of(i)) for i in sorted(taken, key=str)}
    return rename_bound(
        expression, lambda node: tuple(others.get(i, i) for i in bound_indices(node))
    )
