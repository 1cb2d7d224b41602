"""What a backend compiles."""

from collections.abc import Mapping
from dataclasses import dataclass

from symnn.equations import Equation, Quantity, Role, System


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
        """What the model predicts: the last quantity before the loss, where there is one."""
        *before, _ = self.system.equations
        return before[-1].quantity if before else None
