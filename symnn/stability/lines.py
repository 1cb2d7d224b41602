"""What is rewritten before it runs: the equations of a program, in order."""

from dataclasses import dataclass

from symnn.equations import Equation


@dataclass(frozen=True)
class Lines:
    """The equations of a program, in order: those of the loss, the adjoints and the gradients."""

    forward: tuple[Equation, ...]
    adjoints: tuple[Equation, ...]
    gradients: tuple[Equation, ...]

    @property
    def parts(self) -> tuple[tuple[Equation, ...], ...]:
        """The three of them."""
        return self.forward, self.adjoints, self.gradients
