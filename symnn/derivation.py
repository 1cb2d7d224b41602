"""From a system to its derivative: one adjoint equation for each named quantity, walking backwards.

That is backpropagation, and it falls out of the chain rule: the engine knows no layers. The adjoint
of an activation is written into that of its pre-activation; every other quantity's has a name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from sympy import Add, Expr, Idx, Integer, KroneckerDelta, Mul

from symnn.calculus import Contribution, contract, contributions
from symnn.equations import (
    Equation,
    Partial,
    Quantity,
    Role,
    Rule,
    Step,
    System,
    all_entries,
    canonical,
    entry_indices,
    entry_name,
    fresh_index,
    total,
)
from symnn.errors import unknown_name
from symnn.network import Network
from symnn.recurrence import guarded
from symnn.rewriting import (
    collected,
    in_terms_of_outputs,
    lettered,
    letters_of,
    partials_put_in,
    primes_worked_out,
)
from symnn.scalars import Scalars

if TYPE_CHECKING:
    from symnn.compilation import Backend, CompiledFunction


@dataclass(frozen=True)
class Derivation:
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
    system = guarded(model.system if isinstance(model, Network) else model)
    names = _checked(system, wrt)
    sweep = _Sweep(system)
    adjoints = tuple(sweep.adjoint(q) for q in _named(system, names))
    gradients = {name: sweep.gradient(system.quantities[name]) for name in names}
    return Derivation(model, system, adjoints, MappingProxyType(gradients), tuple(sweep.steps))


def _checked(system: System, wrt: Iterable[str] | None) -> tuple[str, ...]:
    if wrt is None:
        return tuple(q.name for q in system.named(Role.PARAMETER))
    allowed = [q.name for q in system.quantities.values() if q.role not in (Role.TARGET, Role.LOSS)]
    for name in wrt:
        if name not in allowed:
            raise unknown_name("quantity to differentiate by", name, allowed)
    return tuple(dict.fromkeys(wrt))


def _named(system: System, names: Iterable[str]) -> Iterator[Quantity]:
    """The quantities whose adjoint has a name and is needed, the last first."""
    needed = _downstream(system, names)
    for equation in reversed(system.equations):
        if equation.quantity.named_adjoint and equation.quantity.name in needed:
            yield equation.quantity


def _downstream(system: System, names: Iterable[str]) -> set[str]:
    """The quantities that depend on one of these, themselves included."""
    reached = set(names)
    for equation in system.equations:
        if any(entry_name(e) in reached for e in all_entries(equation.expression)):
            reached.add(equation.quantity.name)
    return reached


# What a derivative may be written in terms of: quantities that a function gives.
_OUTPUTS = (Role.ACTIVATION, Role.INTERMEDIATE)


class _Sweep:
    """The walk backwards through one system: what has been derived so far, and how."""

    def __init__(self, system: System) -> None:
        self.steps: list[Step] = []
        self._system = system
        self._loss = system.loss.at()
        self._outputs = [e for e in system.equations if e.quantity.role in _OUTPUTS]
        self._targets = [q.name for q in system.named(Role.TARGET)]
        self._consumers = _consumers(system)
        self._letters = letters_of(system)
        self._named: dict[str, Equation] = {}
        self._contributions = cache(self._found_contributions)
        self._equation_of = cache(self._adjoint_equation)

    def adjoint(self, q: Quantity) -> Equation:
        """The equation of δ = ∂L/∂q, for a quantity whose adjoint has a name."""
        adjoint = q.named_adjoint
        assert adjoint is not None
        self._named[adjoint.name] = Equation(adjoint, q.indices, self._derived(adjoint.name, q))
        return self._named[adjoint.name]

    def gradient(self, q: Quantity) -> Equation:
        """The equation of ∂L/∂q."""
        name = f"dL_d{q.name}"
        quantity = replace(q, name=name, role=Role.GRADIENT, of=q.name, adjoint=None)
        adjoint = q.named_adjoint
        if adjoint and adjoint.name == name:
            return self._named[name]
        derived = adjoint.at(*q.indices) if adjoint else self._derived(name, q)
        return Equation(quantity, q.indices, derived)

    def _derived(self, target: str, q: Quantity) -> Expr:
        """∂L/∂q at the quantity's usual indices; each step on the way is written down."""
        self._at = target
        e: Expr = Partial(self._loss, q.at(*q.indices))
        through = " and ".join(f"{{{r.quantity.name}}}" for r in self._consumers.get(q.name, ()))
        because = f"{{{q.name}}} acts on {{{self._loss}}} through {through}"
        e = self._step(Rule.CHAIN, e, self._chain(q), because)
        e = self._step(Rule.FUNCTION, e, self._opened(q), "")
        e = self._step(Rule.CONTRACT, e, canonical(self._contracted(q)), "")
        e = self._step(Rule.FUNCTION, e, primes_worked_out(e), "")
        e = self._step(Rule.OUTPUT, e, in_terms_of_outputs(e, self._outputs), "")
        put_in = canonical(partials_put_in(e, self._of_the_loss))
        e = self._step(Rule.SUBSTITUTE, e, put_in, "")
        ones = self._system.sums_to_one
        because = "".join(f"the entries of {{{name}}} sum to 1" for name in ones)
        e = self._step(Rule.COLLECT, e, collected(e, self._targets, ones), because)
        return lettered(e, q.indices, self._letters)

    def _step(self, rule: Rule, before: Expr, after: Expr, because: str) -> Expr:
        if before != after:
            self.steps.append(Step(self._at, rule, before, after, because))
        return after

    def _chain(self, q: Quantity) -> Expr:
        """Σ ∂L/∂r · ∂r/∂q over everything r that q acts on at once."""
        terms = []
        for r in self._consumers.get(q.name, ()):
            if r.quantity.role is Role.LOSS:
                return Partial(self._loss, q.at(*q.indices))
            places = tuple(map(fresh_index, r.indices))
            link = Partial(r.quantity.at(*places), q.at(*q.indices))
            terms.append(total(self._reference(r.quantity, places) * link, *places))
        return Add(*terms)

    def _opened(self, q: Quantity) -> Expr:
        """The chain with each ∂r/∂q worked out, its δs still there."""
        return Add(
            *(
                total(Mul(c.slope, *map(_delta, c.indices, q.indices)), *c.bound)
                for c in self._contributions(q)
            )
        )

    def _contracted(self, q: Quantity) -> Expr:
        """The same with the δs taken out."""
        return Add(
            *(contract(c.slope, c.bound, c.indices, q.indices) for c in self._contributions(q))
        )

    def _found_contributions(self, q: Quantity) -> tuple[Contribution, ...]:
        return tuple(self._each_contribution(q))

    def _each_contribution(self, q: Quantity) -> Iterator[Contribution]:
        for r in self._consumers.get(q.name, ()):
            places = tuple(map(fresh_index, r.indices))
            reference = self._reference(r.quantity, places)
            for c in contributions(r.instance(*places), q.name):
                yield Contribution(c.indices, reference * c.slope, places + c.bound)

    def _reference(self, r: Quantity, places: tuple[Idx, ...]) -> Expr:
        """∂L/∂r at these places: by name, or, for an activation within the net, written out."""
        if r.role is Role.LOSS:
            return Integer(1)
        if r.named_adjoint:
            return r.named_adjoint.at(*places)
        if any(s.quantity.role is Role.LOSS for s in self._consumers[r.name]):
            return Partial(self._loss, r.at(*places))
        return self._equation_of(r).instance(*places)

    def _adjoint_equation(self, r: Quantity) -> Equation:
        """∂L/∂r as it is when its δs have been taken out, for writing into another."""
        return Equation(r, r.indices, self._contracted(r))

    def _of_the_loss(self, partial: Partial) -> Expr | None:
        """∂L/∂q, where q is an output on which the loss acts at once."""
        top, bottom = partial.args
        if top != self._loss:
            return None
        r = self._system.quantities[entry_name(bottom)]
        return primes_worked_out(self._equation_of(r).instance(*entry_indices(bottom)))


def _delta(one: Expr, other: Expr) -> Expr:
    # Not evaluated: SymPy asks at length whether two indices are ever equal, and none here is.
    return KroneckerDelta(one, other, evaluate=False)


def _consumers(system: System) -> dict[str, list[Equation]]:
    """The equations in which each quantity occurs."""
    found: dict[str, list[Equation]] = {}
    for equation in system.equations:
        names = dict.fromkeys(entry_name(e) for e in all_entries(equation.expression))
        for name in names:
            found.setdefault(name, []).append(equation)
    return found
