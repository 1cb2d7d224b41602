"""Products of second derivatives: the Hessian times a direction, and the Gauss-Newton matrix.

The derivative's own system is derived once more: nothing here knows a rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType

from sympy import Add, Idx

from symnn.binding import fresh_index, index, size_of, total
from symnn.contraction import without_deltas
from symnn.derivation import Derivation
from symnn.equations import Equation, Quantity, Role, System
from symnn.errors import SymnnError
from symnn.jacobians import Jacobian, derivative_system, hessian, jacobian, known, swept
from symnn.network import Network
from symnn.recurrence import guarded
from symnn.rewriting import collected, lettered, letters_of


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
        known(start, name)
    needed, adjoints, gradients, steps = swept(start, start.loss, names)
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
    needed, adjoints, gradients, steps = swept(whole, product, names)
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
    output = known(system, output or system.equations[-2].quantity.name)
    names = (wrt, other or wrt)
    outer = [jacobian(model, output, name) for name in names]
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


def _of_loss(system: System) -> System:
    """The system with derivatives that say of themselves that they are the loss's."""
    top = system.loss.name
    quantities = {
        name: replace(q, top=top) if q.of and not q.top else q
        for name, q in system.quantities.items()
    }
    equations = (replace(e, quantity=quantities[e.quantity.name]) for e in system.equations)
    return replace(system, quantities=quantities, equations=tuple(equations))
