"""From a system to its derivative: one adjoint equation for each named quantity, walking backwards.

That is backpropagation, and it falls out of the chain rule: the engine knows no layers. The adjoint
of an activation is written into that of its pre-activation; every other quantity's has a name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sympy import Expr

from symnn.dependence import reached, reads_of
from symnn.display import Displayed
from symnn.equations import (
    Equation,
    Quantity,
    Role,
    Step,
    System,
)
from symnn.errors import unknown_name
from symnn.names import name_in_code
from symnn.network import Network
from symnn.recurrence import guarded
from symnn.scalars import Scalars
from symnn.statistics import statistics
from symnn.sweep import Sweep

if TYPE_CHECKING:
    from symnn.compilation import Backend, CompiledFunction
    from symnn.optimizers import Optimizer
    from symnn.work import Work


@dataclass(frozen=True)
class Derivation(Displayed):
    """A system and its derivative: equations that are printed and compiled alike.

    `adjoints` are in the order in which they can be computed; `gradients` gives the equation of
    ∂L/∂θ for each θ asked for, with the shape of θ. `steps` tells how each came about.
    """

    model: Network | System
    system: System
    adjoints: tuple[Equation, ...]
    gradients: Mapping[str, Equation]
    steps: tuple[Step, ...]

    @property
    def equations(self) -> tuple[Equation, ...]:
        """All of it in one order of computation: forward, adjoints, gradients."""
        named = {e.quantity.name for e in self.adjoints}
        rest = (e for e in self.gradients.values() if e.quantity.name not in named)
        return (*self.system.equations, *self.adjoints, *rest)

    @property
    def scalars(self) -> Scalars:
        """The scalar view of these equations, for one sample."""
        quantities = {
            **self.system.quantities,
            **{e.quantity.name: e.quantity for e in self.equations},
        }
        return Scalars(quantities, {e.quantity.name: e for e in self.equations})

    @property
    def loss(self) -> Expr:
        """The loss of one sample in the scalars of the net: `W1_0_0`, `b1_0`, `x_0`, `y_0`, …."""
        return self.scalars.substituted(self.system.loss.name)

    def partial(self, name: str, *place: int) -> Expr:
        """∂L/∂θ for one entry θ = `name[place]`, for one sample, in the scalars of the net.

        Raises `UnknownNameError` for a name without a gradient here, `ShapeError` for a place
        that the array does not have.

        >>> derive(Network("1-1")).partial("W1", 0, 0)
        x_0*(2*W1_0_0*x_0 + 2*b1_0 - 2*y_0)
        """
        if name not in self.gradients:
            raise unknown_name("gradient", name, self.gradients)
        return self.scalars.substituted(f"dL_d{name}", *place)

    def shrunk(self) -> tuple["Derivation", str]:
        """The derivation of the same network with few units a layer, and the words that say so.

        Where no layer is wide these are the derivation itself and an empty text.

        >>> derive(Network("2-100-1")).shrunk()[1]
        'on the same net shrunk to 2-3-1'
        """
        if not isinstance(self.model, Network):
            return self, ""
        small = self.model.shrunk()
        if small.spec == self.model.spec:
            return self, ""
        return self.of_model(small), f"on the same net shrunk to {small.brief}"

    def of_model(self, model: Network | System) -> "Derivation":
        """What is derived here, of another model with the same names."""
        return derive(model, list(self.gradients))

    def at(
        self,
        values: "Mapping[str, object] | str",
        *,
        lr: object = "0.1",
        optimizer: "str | Optimizer" = "sgd",
        digits: int = 6,
        turn: "Mapping[str, object] | Iterable[str]" = (),
        seed: int = 0,
    ) -> "Work":
        """The derivation with numbers in it: every value, the update, and what a knob does.

        `values` are numbers or nested lists by the names of inputs, targets and parameters, those
        of the code or of print; a text such as `w=0.5,b=1`; or `random`, drawn from `seed`. An
        array may leave out the axis of the samples, and axes of length one. `lr` and `optimizer`
        are of the update; `turn` says which knobs are turned, as `["w"]` or `{"w": 0.01}`.

        Raises `SymnnError` where a value is missing, not finite, or of another shape.

        >>> work = derive(Network("1-1")).at({"w": 0.5, "b": 1, "x": 2, "y": 3})
        >>> work["dL_dW1"], work.updated
        ([[-4.0]], {'W1': [[0.9]], 'b1': [1.2]})
        """
        # Here and not above: values and optimizers are of no concern to the calculus.
        from symnn.worked import work_at

        return work_at(
            self, values, lr=lr, optimizer=optimizer, digits=digits, turn=turn, seed=seed
        )

    def lambdify(self, backend: "str | Backend" = "numpy") -> "CompiledFunction":
        """The equations as a function `f(parameters, x, y) -> (loss, gradients)`.

        `f.source` is its code, `f.predict(parameters, x)` the outputs. Raises `UnknownNameError`
        for a backend that is not in the table.
        """
        # Here and not above: deriving and printing need no NumPy, and should not wait for it.
        from symnn.compilation import BACKENDS, Program

        if isinstance(backend, str) and backend not in BACKENDS:
            raise unknown_name("backend", backend, BACKENDS)
        compiled = BACKENDS[backend] if isinstance(backend, str) else backend
        return compiled(Program(repr(self.model), self.system, self.adjoints, self.gradients))


def derive(model: Network | System, wrt: Iterable[str] | None = None) -> Derivation:
    """The exact derivative of the model's loss by each parameter, or by each name in `wrt`.

    A name is that of a parameter (`W1`), of an input (`x`), or of any quantity of the forward pass
    (`z1`). Raises `UnknownNameError` for another.

    >>> derive(Network("1-1")).gradients["W1"].expression
    Sum(delta1[n, j]*x[n, i], (n, 0, N - 1))
    """
    system = system_of(model)
    names = _checked(system, wrt)
    within = statistics(system) - set(names)
    sweep = Sweep(
        system, system.loss, adjoint_of=lambda q: None if q.name in within else q.named_adjoint
    )
    adjoints = tuple(sweep.adjoint(q) for q in _named(system, names) if q.name not in within)
    gradients = {name: sweep.gradient(system.quantities[name]) for name in names}
    return Derivation(model, system, adjoints, MappingProxyType(gradients), tuple(sweep.steps))


def system_of(model: Network | System) -> System:
    """The equations of a model, with each start put where it is read."""
    return guarded(model.system if isinstance(model, Network) else model)


def _checked(system: System, wrt: Iterable[str] | None) -> tuple[str, ...]:
    if wrt is None:
        return tuple(q.name for q in system.named(Role.PARAMETER))
    allowed = {
        name: q for name, q in system.quantities.items() if q.role not in (Role.TARGET, Role.LOSS)
    }
    named = (name_in_code("quantity to differentiate by", name, allowed) for name in wrt)
    return tuple(dict.fromkeys(named))


def _named(system: System, names: Iterable[str]) -> Iterator[Quantity]:
    """The quantities whose adjoint has a name and is needed, the last first."""
    needed = downstream(system, names)
    for equation in reversed(system.equations):
        if equation.quantity.named_adjoint and equation.quantity.name in needed:
            yield equation.quantity


def downstream(system: System, names: Iterable[str]) -> set[str]:
    """The quantities that depend on one of these, themselves included."""
    reads = reads_of(system.equations)
    # Of a recurrence, what stands before may read what stands after it.
    return {*names, *(name for name in reads if reached(reads[name], reads) & set(names))}
