"""What a backend compiles."""

from collections.abc import Mapping
from dataclasses import dataclass

from symnn.equations import Equation, Quantity, Role, System, all_entries, entry_name


@dataclass(frozen=True)
class Program:
    """What is to be compiled: a system, its adjoints, and the gradients by name."""

    title: str
    system: System
    adjoints: tuple[Equation, ...]
    gradients: Mapping[str, Equation]

    @property
    def inputs(self) -> tuple[Quantity, ...]:
        """Inputs and targets, in the order of their declaration."""
        return self.system.named(Role.INPUT, Role.TARGET)

    @property
    def output(self) -> Quantity | None:
        """What the model predicts: the last quantity before the loss that no target acts on."""
        targets = {q.name for q in self.system.named(Role.TARGET)}
        *before, _ = self.system.equations
        outputs = (e.quantity for e in reversed(before))
        return next((q for q in outputs if not targets & self.needed_by(q)), None)

    def needed_by(self, quantity: Quantity) -> set[str]:
        """The names of all that a quantity is computed from, its own among them."""
        reads = {
            e.quantity.name: {entry_name(a) for a in all_entries(e.expression)}
            for e in self.system.equations
        }
        needed, found = {quantity.name}, {quantity.name}
        while found:
            found = {name for n in found for name in reads.get(n, ())} - needed
            needed |= found
        return needed
