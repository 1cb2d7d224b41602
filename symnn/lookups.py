"""Places that are looked up by integer inputs: `E[id[n], d]`, `b[y[n] - 1]`.

What such an input may hold follows from the axes on which it looks places up. A read that stands
in a branch of a choice counts for nothing elsewhere, and may have no place there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Idx, Indexed, Integer, Not

from symnn.cases import Piecewise
from symnn.equations import Quantity, Role, System, all_entries, entry_indices, entry_name
from symnn.reductions import ArgMax, ArgMin


@dataclass(frozen=True)
class Lookup:
    """A place on an axis of `read` that has this size, and the entries by which it is found.

    It counts where all of `guards` hold.
    """

    read: Quantity
    place: Expr
    size: Expr
    entries: tuple[Expr, ...]
    guards: tuple[Expr, ...] = ()

    @cached_property
    def is_of_all(self) -> bool:
        """Whether each entry of an input is a place by itself, as in `E[id[n], d]`."""
        is_entry = not self.guards and self.place in self.entries
        return is_entry and all(isinstance(i, Idx) for i in entry_indices(self.place))

    @cached_property
    def alone(self) -> tuple[str, Expr, Expr] | None:
        """Which input has which least and greatest value; None where that is not one's alone.

        >>> from symnn import System
        >>> s = System.parse("input y[n:N]; parameter b[k:K]; loss = sum(n, b[y[n]-1])")
        >>> [found] = lookups(s)
        >>> found.alone
        ('y', 1, K)
        """
        entry, *others = self.entries
        rest = (self.place - entry).expand()
        if others or rest.has(*self.place.atoms(Indexed)) or not rest.free_symbols <= _sizes(self):
            return None
        return entry_name(entry), -rest, self.size - 1 - rest


def _sizes(lookup: Lookup) -> set[Expr]:
    return {s for s in lookup.place.free_symbols | lookup.size.free_symbols if s.is_positive}


def lookups(system: System) -> tuple[Lookup, ...]:
    """Every place in the forward pass that is looked up by inputs alone, each once."""
    found = (
        lookup
        for equation in system.equations
        if equation.quantity.role is not Role.ADJOINT
        for lookup in _lookups(equation.expression, system, ())
    )
    return tuple(dict.fromkeys(found))


def counted_from_1(system: System) -> set[str]:
    """The inputs whose least number is 1, wherever they look up."""
    least: dict[str, set[Expr]] = {}
    for lookup in lookups(system):
        name, first = lookup.alone[:2] if lookup.alone else ("", Integer(0))
        for entry in lookup.entries:
            least.setdefault(entry_name(entry), set()).add(first if name else Integer(0))
    return {name for name, firsts in least.items() if firsts == {1}}


def _lookups(expression: Expr, system: System, guards: tuple[Expr, ...]) -> Iterator[Lookup]:
    if isinstance(expression, Piecewise):
        yield from _in_branches(expression, system, guards)
        return
    if isinstance(expression, Indexed):
        quantity = system.quantities[entry_name(expression)]
        for place, size in zip(entry_indices(expression), quantity.shape, strict=True):
            entries = tuple(_integer_entries(place, system))
            if entries and not place.has(ArgMax, ArgMin):
                yield Lookup(quantity, place, size, entries, guards)
    for part in expression.args:
        yield from _lookups(part, system, guards)


def _in_branches(choice: Piecewise, system: System, guards: tuple[Expr, ...]) -> Iterator[Lookup]:
    """Those of each branch, where its condition holds and none before it does."""
    for value, condition in choice.args:
        yield from _lookups(condition, system, guards)
        yield from _lookups(value, system, (*guards, condition))
        guards = (*guards, Not(condition, evaluate=False))


def _integer_entries(expression: Expr, system: System) -> list[Expr]:
    """The entries of integer inputs that stand in no other, each once."""
    found = [e for e in all_entries(expression) if system.quantities[entry_name(e)].is_integer]
    inner = {i for e in found for place in entry_indices(e) for i in all_entries(place)}
    return sorted((e for e in found if e not in inner), key=str)
