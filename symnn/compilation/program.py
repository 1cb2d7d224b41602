"""What a backend compiles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Symbol

from symnn.equations import Equation, Quantity, Role, System, all_entries, entry_name
from symnn.lookups import Lookup, lookups


@dataclass(frozen=True)
class Program:
    """What is to be compiled: a system, its adjoints, and the gradients by name.

    `predicted` names what the model predicts, where it is not the usual `output`.
    """

    title: str
    system: System
    adjoints: tuple[Equation, ...]
    gradients: Mapping[str, Equation]
    predicted: str | None = None

    @cached_property
    def lookups(self) -> tuple[Lookup, ...]:
        """The places that inputs look up."""
        return lookups(self.system)

    @property
    def inputs(self) -> tuple[Quantity, ...]:
        """Inputs and targets, in the order of their declaration."""
        return self.system.named(Role.INPUT, Role.TARGET)

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        """The parameters, in the order of their declaration."""
        return self.system.named(Role.PARAMETER)

    @property
    def output(self) -> Quantity | None:
        """What the model predicts: the last quantity before the loss that no target acts on."""
        outputs = outputs_of(self.system)
        if self.predicted is not None:
            return outputs[self.predicted]
        return next(reversed(outputs.values()), None)


def outputs_of(system: System) -> dict[str, Quantity]:
    """The quantities before the loss that no target acts on, and that are not constant, by name.

    Those that a person named, where there are any.
    """
    targets = {q.name for q in system.named(Role.TARGET)}
    moved = {q.name for role in (Role.INPUT, Role.PARAMETER) for q in system.named(role)}
    *before, _ = system.equations
    needed = {e.quantity.name: needed_by(e.quantity, before) for e in before}
    computed = (e.quantity for e in before)
    found = [q for q in computed if not targets & needed[q.name] and moved & needed[q.name]]
    return {q.name: q for q in [q for q in found if not q.is_part] or found}


@dataclass(frozen=True)
class ArrayProgram:
    """What is to be compiled to one array: a system, adjoints, and the equation of the result.

    `declared` are the inputs and targets of the model; those that do not occur may be left out.
    """

    title: str
    system: System
    adjoints: tuple[Equation, ...]
    result: Equation
    declared: tuple[Quantity, ...]

    @property
    def equations(self) -> tuple[Equation, ...]:
        """What the result is computed from, in order, and itself; it may be an adjoint already."""
        every = dict.fromkeys((*self.system.equations, *self.adjoints, self.result))
        needed = needed_by(self.result.quantity, every)
        return tuple(e for e in every if e.quantity.name in needed)

    @cached_property
    def lookups(self) -> tuple[Lookup, ...]:
        """The places that inputs look up."""
        return lookups(self.system)

    @property
    def inputs(self) -> tuple[Quantity, ...]:
        """The inputs and targets that are needed, in the order of their declaration."""
        return tuple(q for q in self.declared if q.name in self._needed)

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        """The parameters that are needed, in the order of their declaration."""
        return tuple(q for q in self.system.named(Role.PARAMETER) if q.name in self._needed)

    @cached_property
    def _needed(self) -> set[str]:
        """What occurs in the equations, and what tells the sizes that do."""
        names = {entry_name(a) for e in self.equations for a in all_entries(e.expression)}
        leaves = (*self.declared, *self.system.named(Role.PARAMETER))
        known = {size for q in leaves if q.name in names for size in q.shape}
        for size in sorted(_sizes(self.equations) - known, key=str):
            tellers = (q.name for q in leaves if size in q.shape)
            names.update(list(tellers)[:1])
        return names


def _sizes(equations: tuple[Equation, ...]) -> set[Symbol]:
    written = (x for e in equations for x in (e.expression, *e.quantity.shape))
    return {s for x in written for s in x.free_symbols if s.is_integer and s.is_positive}


def needed_by(quantity: Quantity, equations: Iterable[Equation]) -> set[str]:
    """The names of all that a quantity is computed from by these equations, its own among them."""
    reads = {e.quantity.name: {entry_name(a) for a in all_entries(e.expression)} for e in equations}
    needed, found = {quantity.name}, {quantity.name}
    while found:
        found = {name for n in found for name in reads.get(n, ())} - needed
        needed |= found
    return needed
