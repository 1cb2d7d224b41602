"""Products of second derivatives: the Hessian times a direction, and the Gauss-Newton matrix.

The derivative's own system is derived once more: nothing here knows a rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

import mpmath
from mpmath import mpf
from sympy import Add, Idx

from symnn.binding import fresh_index, index, size_of, total
from symnn.cells import Entries
from symnn.contraction import without_deltas
from symnn.derivation import Derivation, system_of
from symnn.equations import Equation, Quantity, Role, System, all_entries, entry_name
from symnn.errors import SymnnError
from symnn.evaluation import DIGITS, evaluate
from symnn.gradcheck import (
    Comparison,
    Point,
    compared,
    finite_differences,
    random_point,
    second_differences,
)
from symnn.jacobians import Jacobian, derivative_system, hessian, jacobian, known, swept
from symnn.network import Network
from symnn.rewriting import collected, lettered, letters_of

# What gᵀv is called, where TeX and ASCII have to have it.
SLOPE = "slope"


def hessian_vector_product(model: Network | System, wrt: Iterable[str] | None = None) -> Derivation:
    """The product of the Hessian with a direction, for each parameter, by deriving the slope gᵀv.

    The direction of a parameter `w` is a further input, `v_w`, with its shape:
    `lambdify()` gives `f(parameters, *inputs, *directions) -> (gᵀv, {name: (Hv) of it})`. Raises
    `UnknownNameError` for a name that is none, and `SymnnError` where the system has a quantity
    called `v_w` or `slope` itself.

    >>> system = System.parse("input x; parameter w; loss = (w*x)**2")
    >>> hessian_vector_product(system).gradients["w"].expression
    2*v_w*x**2
    """
    start = system_of(model)
    chosen = [q.name for q in start.named(Role.PARAMETER)] if wrt is None else wrt
    names = [known(start, name) for name in chosen]
    needed, adjoints, gradients, steps = swept(start, start.loss, names)
    system = _of_loss(derivative_system(Derivation(model, needed, adjoints, gradients, steps)))
    directions = {name: _direction(system.quantities[name]) for name in names}
    _check_free({q.name for q in directions.values()} | {SLOPE}, system)
    slope = Add(
        *(
            total(e.left * directions[name].at(*e.indices), *e.indices)
            for name, e in gradients.items()
        )
    )
    product = Quantity(SLOPE, (), Role.INTERMEDIATE, (), SLOPE)
    added = {q.name: q for q in (*directions.values(), product)}
    equations = (*system.equations, Equation(product, (), slope))
    whole = replace(system, quantities={**system.quantities, **added}, equations=equations)
    needed, adjoints, gradients, steps = swept(whole, product, names)
    # What is computed first is the slope: it takes the place of the loss.
    loss = replace(product, role=Role.LOSS)
    roles = {
        name: replace(q, role=Role.INTERMEDIATE) if q.role is Role.LOSS else q
        for name, q in needed.quantities.items()
    }
    *before, last = needed.equations
    final = (*before, replace(last, quantity=loss))
    done = replace(needed, quantities={**roles, SLOPE: loss}, equations=final)
    return Derivation(model, done, adjoints, gradients, steps)


def _check_free(names: Iterable[str], system: System) -> None:
    for name in sorted({*names} & system.quantities.keys()):
        raise SymnnError(f"{name} is added to the equations here; give theirs another name")


@dataclass(frozen=True)
class GaussNewton(Jacobian):
    """Jᵀ (∂²L/∂ŷ²) J by one parameter or a pair, where ŷ is `output`."""

    output: str

    def of_model(self, model: Network | System) -> Derivation:
        """What is derived here, of another model with the same names."""
        wrt, other = self.asked
        return gauss_newton(model, wrt, other, self.output)

    def compared(self, seed: int = 0) -> Comparison:
        """Each entry against Jᵀ H J of finite differences, at a seeded random point.

        J has those of the output, H the second ones of the loss by the output.
        """
        system = system_of(self.model)
        point = random_point(system, seed)
        with mpmath.workdps(2 * DIGITS):
            found = evaluate(self.equations, point.values, point.sizes)
            one, other = (_by_entry(system, point, name, self.output) for name in self.asked)
            inner = second_differences(system, point, self.output)
            oracle = {
                (*a, *b): mpmath.fsum(one[a][i] * h * other[b][j] for (i, j), h in inner.items())
                for a, b in product(one, other)
            }
        return compared(found[self.equation.quantity.name], oracle)


def _by_entry(
    system: System, point: Point, name: str, output: str
) -> Mapping[tuple[int, ...], Entries]:
    """For each entry of a quantity, the finite differences of each of the output by it."""
    rank = len(system.quantities[output].shape)
    found: dict[tuple[int, ...], dict[tuple[int, ...], mpf]] = {}
    for place, value in finite_differences(system, point, [name], output)[name].items():
        found.setdefault(place[rank:], {})[place[:rank]] = value
    return found


def gauss_newton(
    model: Network | System, wrt: str, other: str | None = None, output: str | None = None
) -> GaussNewton:
    """The Gauss-Newton matrix of the loss by one parameter or a pair: Jᵀ (∂²L/∂ŷ²) J.

    J is the derivative of the `output`: by default the last quantity before the loss, or what that
    is an activation of, where this frees ∂²L/∂ŷ² of the targets, as z of a softmax with the
    cross-entropy (the matching loss of Schraudolph 2002; it is then the Fisher information, Martens
    2020). It is the Hessian without the second derivatives of the model up to there. Raises
    `UnknownNameError` for an unknown name, and `SymnnError` where the model has no output.

    >>> text = "input x; target y; parameter w; yhat = exp(w*x); loss = (yhat - y)**2"
    >>> gauss_newton(System.parse(text), "w").equation.expression
    2*x**2*yhat**2
    """
    system = system_of(model)
    if len(system.equations) < 2:
        raise SymnnError("the model has no output beside its loss; there is no Gauss-Newton matrix")
    names = (wrt, other or wrt)
    if output is None:
        output, inner = _natural_output(model, system)
    else:
        output = known(system, output)
        inner = hessian(model, output)
    outer = [jacobian(model, output, name) for name in names]
    return _joined(model, system, output, outer, inner)


def _natural_output(model: Network | System, system: System) -> tuple[str, Jacobian]:
    """The output that the loss is matched to, and the second derivative of the loss by it."""
    last = system.equations[-2]
    output = last.quantity.name
    inner = hessian(model, output)
    targets = {q.name for q in system.named(Role.TARGET)}

    def reads_targets(second: Jacobian) -> bool:
        return any(entry_name(e) in targets for e in all_entries(second.equation.expression))

    inside = {entry_name(e) for e in all_entries(last.expression)}
    if len(inside) == 1 and reads_targets(inner):
        (before,) = inside
        if before in {e.quantity.name for e in system.equations}:
            deeper = hessian(model, before)
            if not reads_targets(deeper):
                return before, deeper
    return output, inner


def _joined(
    model: Network | System,
    system: System,
    output: str,
    outer: Sequence[Jacobian],
    inner: Jacobian,
) -> GaussNewton:
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
    return GaussNewton(
        model,
        replace(system, equations=needed),
        adjoints,
        MappingProxyType({q.name: Equation(quantity, (*first, *second), expression)}),
        (),
        inner.inputs,
        f"Gauss-Newton matrix of the loss by {' and '.join(dict.fromkeys((q.name, p.name)))} "
        f"with the output {output}",
        (q.name, p.name),
        output,
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
