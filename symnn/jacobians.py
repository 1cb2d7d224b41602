"""Derivatives of any quantity by any other, and second derivatives of the loss.

The derivative's own system is derived once more: nothing here knows a rule. A `Jacobian` has the
axes of what is differentiated first, then those of what it is differentiated by.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from symnn.dependence import looped, reached, reads_of
from symnn.derivation import Derivation, downstream, system_of
from symnn.equations import Equation, Quantity, Role, Step, System
from symnn.errors import SymnnError, unknown_name
from symnn.names import name_in_code
from symnn.network import Network
from symnn.sweep import Sweep, derivative_by

if TYPE_CHECKING:
    from symnn.compilation import CompiledArray


@dataclass(frozen=True)
class Jacobian(Derivation):
    """The derivative of one quantity by another, as equations; `equation` is the last of them."""

    inputs: tuple[Quantity, ...]
    title: str
    # What was asked for: what is differentiated, and by what; of a Hessian, by which names.
    asked: tuple[str, ...]

    @property
    def equation(self) -> Equation:
        """The equation of ∂output/∂q: the axes of the output, then those of q."""
        (only,) = self.gradients.values()
        return only

    @property
    def is_second(self) -> bool:
        """Whether it is a second derivative of the loss, which then is shown with it."""
        return " of the loss by " in self.title

    def of_model(self, model: Network | System) -> Derivation:
        """What is derived here, of another model with the same names."""
        return (hessian if self.is_second else jacobian)(model, *self.asked)

    def lambdify(self, backend: str = "numpy") -> "CompiledArray":  # type: ignore[override]
        """The equation as a function `f(parameters, *inputs)` that returns one array.

        Its axes are those of the output and then those of what it is differentiated by. Targets
        may be left out where they do not occur. Raises `UnknownNameError` for a backend that
        is not in the table.
        """
        # Here and not above: deriving and printing need no NumPy, and should not wait for it.
        from symnn.compilation import ARRAY_BACKENDS, ArrayProgram

        if backend not in ARRAY_BACKENDS:
            raise unknown_name("backend", backend, ARRAY_BACKENDS)
        title = f"{self.title}, {self.model!r}"
        program = ArrayProgram(title, self.system, self.adjoints, self.equation, self.inputs)
        return ARRAY_BACKENDS[backend](program)


def jacobian(model: Network | System, of: str, wrt: str) -> Jacobian:
    """The exact derivative of the quantity `of` by the quantity `wrt`, entry by entry.

    Both are names: of a quantity of the forward pass (`a1`, `yhat`), of the loss, of a parameter or
    an input. Raises `UnknownNameError` for another.

    >>> system = System.parse("input x[k:K]; p[k] = softmax(k, x[k]); loss = sum(k, p[k]**2)")
    >>> jacobian(system, "p", "x").equation.expression
    (KroneckerDelta(k, l) - p[l])*p[k]
    """
    system = system_of(model)
    output, by = known(system, of), known(system, wrt)
    return _jacobian(model, system, (output, by), (output, by), f"Derivative of {output} by {by}")


def hessian(model: Network | System, *names: str) -> Jacobian:
    """The second derivative of the loss by one parameter (`hessian(system, "w")`), or by a pair.

    A name may be that of an input or of any quantity on the way, too. Raises `UnknownNameError` for
    another, and `SymnnError` for more than two names.

    >>> hessian(System.parse("input x; parameter w; loss = (w*x)**2"), "w").equation.expression
    2*x**2
    """
    if len(names) not in (1, 2):
        raise SymnnError(f"a block of the Hessian has one name or two, not {len(names)}")
    system = system_of(model)
    first, second = (known(system, name) for name in (names[0], names[-1]))
    pair = (system.loss.name, first)
    gradient = _jacobian(model, system, pair, pair, f"Gradient by {first}")
    name = gradient.equation.quantity.name
    by = first if len(names) == 1 else f"{first} and {second}"
    title = f"Second derivative of the loss by {by}"
    return _jacobian(model, derivative_system(gradient), (name, second), names, title)


def derivative_system(derivation: Derivation) -> System:
    """The derivative's own system: the equations of the forward pass, adjoints and gradients."""
    quantities = {e.quantity.name: e.quantity for e in derivation.equations}
    return replace(
        derivation.system,
        quantities={**derivation.system.quantities, **quantities},
        equations=derivation.equations,
    )


def known(system: System, name: str) -> str:
    """The name in code of a quantity of the system; `UnknownNameError` where it has none."""
    return name_in_code("quantity", name, system.quantities)


def _jacobian(
    model: Network | System,
    system: System,
    pair: tuple[str, str],
    asked: tuple[str, ...],
    title: str,
) -> Jacobian:
    of, wrt = pair
    output = system.quantities[of]
    defined = {e.quantity.name for e in system.equations}
    if of == wrt or of not in defined or of in looped(reads_of(system.equations)):
        system, output = _with_alias(system, output)
    needed, adjoints, gradients, steps = swept(system, output, [wrt])
    inputs = system.named(Role.INPUT, Role.TARGET)
    return Jacobian(model, needed, adjoints, gradients, steps, inputs, title, asked)


def swept(
    system: System, output: Quantity, names: Collection[str]
) -> tuple[System, tuple[Equation, ...], Mapping[str, Equation], tuple[Step, ...]]:
    """What the output needs, the adjoints with names, the derivatives wanted, and the steps."""
    needed = _needed(system, output.name)
    named = _named(needed, output, names)
    sweep = Sweep(needed, output, output.indices, named.get)
    ordered = (e.quantity for e in reversed(needed.equations))
    adjoints = tuple(sweep.adjoint(q) for q in ordered if q in named)
    gradients = {name: sweep.gradient(system.quantities[name]) for name in names}
    return needed, adjoints, MappingProxyType(gradients), tuple(sweep.steps)


def _with_alias(system: System, q: Quantity) -> tuple[System, Quantity]:
    """The system with one more equation, which says that its output is `q`."""
    alias = replace(q, name=f"{q.name}_", role=Role.INTERMEDIATE, adjoint=None)
    equation = Equation(alias, q.indices, q.at(*q.indices))
    quantities = {**system.quantities, alias.name: alias}
    return replace(system, quantities=quantities, equations=(*system.equations, equation)), alias


def _needed(system: System, name: str) -> System:
    """The system with those equations alone on which a quantity depends."""
    on_the_way = reached({name}, reads_of(system.equations))
    kept = tuple(e for e in system.equations if e.quantity.name in on_the_way)
    return replace(system, equations=kept)


def _named(system: System, output: Quantity, wrt: Collection[str]) -> dict[Quantity, Quantity]:
    """The quantities on the way whose adjoints have names, and those adjoints.

    That of a quantity which acts in one place alone is written out where it is read.
    """
    on_the_way = downstream(system, wrt) - {*wrt, output.name}
    reads = reads_of(system.equations)
    recurrent = looped(reads)
    users = (on_the_way | {output.name}) & reads.keys()

    def has_name(name: str) -> bool:
        return name in recurrent or sum(name in reads[user] for user in users) > 1

    chosen = (system.quantities[name] for name in on_the_way if has_name(name))
    return {q: derivative_by(output, q, Role.ADJOINT) for q in chosen}
