"""Derivatives of any quantity by any other, and second derivatives of the loss.

The derivative's own system is derived once more: nothing here knows a rule. A `Jacobian` has the
axes of what is differentiated first, then those of what it is differentiated by.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from sympy import Add, Idx

from symnn.binding import fresh_index, index, size_of, total
from symnn.contraction import without_deltas
from symnn.dependence import looped, reached, reads_of
from symnn.derivation import Derivation, downstream
from symnn.equations import Equation, Quantity, Role, Step, System
from symnn.errors import SymnnError, unknown_name
from symnn.network import Network
from symnn.recurrence import guarded
from symnn.rewriting import collected, lettered, letters_of
from symnn.sweep import Sweep, derivative_by

if TYPE_CHECKING:
    from symnn.compilation import CompiledArray


@dataclass(frozen=True)
class Jacobian(Derivation):
    """The derivative of one quantity by another, as equations; `equation` is the last of them."""

    inputs: tuple[Quantity, ...]
    title: str

    @property
    def equation(self) -> Equation:
        """The equation of ∂output/∂q: the axes of the output, then those of q."""
        (only,) = self.gradients.values()
        return only

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
    system = model.system if isinstance(model, Network) else guarded(model)
    title = f"Derivative of {of} by {wrt}"
    return _jacobian(model, system, _known(system, of), _known(system, wrt), title)


def hessian(model: Network | System, *names: str) -> Jacobian:
    """The second derivative of the loss by one parameter (`hessian(system, "w")`), or by a pair.

    A name may be that of an input or of any quantity on the way, too. Raises `UnknownNameError` for
    another, and `SymnnError` for more than two names.

    >>> hessian(System.parse("input x; parameter w; loss = (w*x)**2"), "w").equation.expression
    2*x**2
    """
    if len(names) not in (1, 2):
        raise SymnnError(f"a block of the Hessian has one name or two, not {len(names)}")
    system = model.system if isinstance(model, Network) else guarded(model)
    first, second = (_known(system, name) for name in (names[0], names[-1]))
    gradient = _jacobian(model, system, system.loss.name, first, f"Gradient by {first}")
    name = gradient.equation.quantity.name
    title = f"Second derivative of the loss by {' and '.join(names)}"
    return _jacobian(model, derivative_system(gradient), name, second, title)


def hessian_vector_product(model: Network | System, wrt: Iterable[str] | None = None) -> Derivation:
    """The product of the Hessian with a direction, for each parameter, by deriving gᵀv.

    The direction of a parameter `w` is a further input, `v_w`, with its shape:
    `lambdify()` gives `f(parameters, *inputs, *directions) -> (gᵀv, {name: (Hv) of it})`. Raises
    `UnknownNameError` for a name that is none.

    >>> system = System.parse("input x; parameter w; loss = (w*x)**2")
    >>> hessian_vector_product(system).gradients["w"].expression
    2*v_w*x**2
    """
    start = model.system if isinstance(model, Network) else guarded(model)
    names = [q.name for q in start.named(Role.PARAMETER)] if wrt is None else [*wrt]
    for name in names:
        _known(start, name)
    needed, adjoints, gradients, steps = _swept(start, start.loss, names)
    system = _of_loss(derivative_system(Derivation(model, needed, adjoints, gradients, steps)))
    directions = {name: _direction(system.quantities[name]) for name in names}
    slope = Add(
        *(
            total(e.left * directions[name].at(*e.indices), *e.indices)
            for name, e in gradients.items()
        )
    )
    product = Quantity("gv", (), Role.INTERMEDIATE, (), "gᵀv")
    added = {q.name: q for q in (*directions.values(), product)}
    equations = (*system.equations, Equation(product, (), slope))
    whole = replace(system, quantities={**system.quantities, **added}, equations=equations)
    needed, adjoints, gradients, steps = _swept(whole, product, names)
    # What is computed first is gᵀv: it takes the place of the loss.
    loss = replace(product, role=Role.LOSS)
    roles = {
        name: replace(q, role=Role.INTERMEDIATE) if q.role is Role.LOSS else q
        for name, q in needed.quantities.items()
    }
    *before, last = needed.equations
    final = (*before, replace(last, quantity=loss))
    done = replace(needed, quantities={**roles, "gv": loss}, equations=final)
    return Derivation(model, done, adjoints, gradients, steps)


def gauss_newton(
    model: Network | System, wrt: str, other: str | None = None, output: str | None = None
) -> Jacobian:
    """The Gauss-Newton matrix of the loss by one parameter or a pair: Jᵀ (∂²L/∂ŷ²) J.

    J is the derivative of the `output`, by default the last quantity before the loss. It is the
    Hessian without the second derivatives of the model (Schraudolph 2002). Raises
    `UnknownNameError` for an unknown name, and `SymnnError` where the model has no output.

    >>> text = "input x; target y; parameter w; yhat = exp(w*x); loss = (yhat - y)**2"
    >>> gauss_newton(System.parse(text), "w").equation.expression
    2*x**2*yhat**2
    """
    system = model.system if isinstance(model, Network) else guarded(model)
    if len(system.equations) < 2:
        raise SymnnError("the model has no output beside its loss; there is no Gauss-Newton matrix")
    output = _known(system, output or system.equations[-2].quantity.name)
    names = (wrt, other or wrt)
    outer = [
        _jacobian(model, system, output, _known(system, name), f"Derivative of {output} by {name}")
        for name in names
    ]
    inner = hessian(model, output)
    return _joined(model, system, outer, inner)


def _joined(
    model: Network | System, system: System, outer: Sequence[Jacobian], inner: Jacobian
) -> Jacobian:
    """Jᵀ H J, each of them written out."""
    left, right = (j.equation for j in outer)
    rank = len(inner.equation.indices) // 2
    one, two = (tuple(map(fresh_index, left.indices[:rank])) for _ in range(2))
    q, p = (system.quantities[str(e.quantity.of)] for e in (left, right))
    first = q.indices
    letters = letters_of(system)
    second: tuple[Idx, ...] = ()
    for i in p.indices:
        busy = {str(j.label) for j in (*first, *second)}
        second += (index(letters.free(i, busy), size_of(i)),)
    body = (
        left.instance(*one, *first)
        * inner.equation.instance(*one, *two)
        * right.instance(*two, *second)
    )
    targets = [t.name for t in system.named(Role.TARGET)]
    product = collected(without_deltas(total(body, *two, *one)), targets, system.sums_to_one)
    expression = lettered(product, (*first, *second), letters)
    quantity = Quantity(
        f"G_{q.name}_{p.name}", (*q.shape, *p.shape), Role.GRADIENT, (*q.letters, *p.letters), "G"
    )
    parts = (*outer, inner)
    defined = {e.quantity.name for part in parts for e in part.system.equations}
    needed = tuple(e for e in system.equations if e.quantity.name in defined)
    adjoints = tuple(dict.fromkeys(e for part in parts for e in part.adjoints))
    return Jacobian(
        model,
        replace(system, equations=needed),
        adjoints,
        MappingProxyType({q.name: Equation(quantity, (*first, *second), expression)}),
        (),
        inner.inputs,
        f"Gauss-Newton matrix of the loss by {' and '.join(dict.fromkeys((q.name, p.name)))}",
    )


def _direction(q: Quantity) -> Quantity:
    return replace(q, name=f"v_{q.name}", role=Role.INPUT, symbol=f"v_{q.symbol}", adjoint=None)


def derivative_system(derivation: Derivation) -> System:
    """The derivative's own system: the equations of the forward pass, adjoints and gradients."""
    quantities = {e.quantity.name: e.quantity for e in derivation.equations}
    return replace(
        derivation.system,
        quantities={**derivation.system.quantities, **quantities},
        equations=derivation.equations,
    )


def _of_loss(system: System) -> System:
    """The system with derivatives that say of themselves that they are the loss's."""
    top = system.loss.name
    quantities = {
        name: replace(q, top=top) if q.of and not q.top else q
        for name, q in system.quantities.items()
    }
    equations = (replace(e, quantity=quantities[e.quantity.name]) for e in system.equations)
    return replace(system, quantities=quantities, equations=tuple(equations))


def _known(system: System, name: str) -> str:
    if name not in system.quantities:
        raise unknown_name("quantity", name, system.quantities)
    return name


def _jacobian(model: Network | System, system: System, of: str, wrt: str, title: str) -> Jacobian:
    output = system.quantities[of]
    defined = {e.quantity.name for e in system.equations}
    if of == wrt or of not in defined or of in looped(reads_of(system.equations)):
        system, output = _with_alias(system, output)
    needed, adjoints, gradients, steps = _swept(system, output, [wrt])
    inputs = system.named(Role.INPUT, Role.TARGET)
    return Jacobian(model, needed, adjoints, gradients, steps, inputs, title)


def _swept(
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
