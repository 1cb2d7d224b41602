"""Every step of a derivation, checked: sizes and numbers are put in, and both sides are equal.

Two samples, layers of 2 and 3 units, seeded rational numbers for the leaves. A derivative that is
not yet worked out is the true one: SymPy's, of the loss with every definition put in (∂L/∂q), or of
the right side of r (∂r/∂q). Both sides must agree to 40 digits for every value of the indices.
"""

from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from random import Random

import mpmath
import pytest
import sympy
from sympy import IndexedBase, Integer, KroneckerDelta, Rational, Sum

from symnn.activations import ACTIVATIONS
from symnn.binding import canonical
from symnn.derivation import derive
from symnn.equations import SAMPLES, Partial, Prime, Role, Rule, all_entries, entry_name
from symnn.evaluation import evaluate, value_of
from symnn.layers import Dense
from symnn.network import Network
from tests.nets import SOME_OUTPUT_NETS
from tests.proofs import scalar, unrolled

DIGITS = 40
WORKING_DIGITS = 60
SIZES = {SAMPLES: Integer(2)}
LEAVES = (Role.INPUT, Role.TARGET, Role.PARAMETER)

NETWORKS = {
    **{
        f"{spec} {loss}": Network(spec.replace("2-2-", "3-"), loss=loss)
        for spec, loss in SOME_OUTPUT_NETS
    },
    **{f"hidden {name}": Network(f"2-3:{name}-2") for name in ACTIVATIONS},
    "hidden tanh and softmax": Network("2-3:tanh-2:softmax", loss="cross_entropy"),
    "three layers": Network("2-3:tanh-2:sigmoid-1"),
    "no bias": Network(2, Dense(3, "silu", bias=False), Dense(2, bias=False)),
    "of one's own": Network(2, Dense(3, lambda u: u / (1 + u**2)), Dense(2)),
}


@cache
def derived(network):
    return derive(network)


class Truth(dict):
    """The numbers of one network: leaves drawn, the forward pass, and derivatives by SymPy.

    The entries of `δ`, of `L/q` (∂L/∂q) and of `r/q` (∂r/∂q) come when they are asked for.
    """

    def __init__(self, network):
        leaves = drawn(network.system, Random(0))
        super().__init__(evaluate(network.system.equations, leaves, SIZES, WORKING_DIGITS))
        self.network = network

    def __missing__(self, name):
        quantities = self.network.system.quantities.values()
        adjoints = {q.adjoint.name: f"L/{q.name}" for q in quantities if q.adjoint}
        self[name] = Derivatives(self.network, *adjoints.get(name, name).split("/"))
        return self[name]


class Derivatives(dict):
    """The entries of a derivative of L by a quantity, or of one quantity by another."""

    def __init__(self, network, top, bottom):
        super().__init__()
        self.network, self.top, self.bottom = network, top, bottom

    def __missing__(self, place):
        rank = len(self.network.system.quantities[self.top].shape)
        above = (
            right_side(self.network, self.top, place[:rank])
            if rank
            else loss_in(self.network, self.bottom)
        )
        slope = above.diff(scalar(self.bottom, *place[rank:]))
        self[place] = value_of(slope, scalars_of(self.network), {})
        return self[place]


def drawn(system, random):
    """Rational numbers for the leaves: targets between 0 and 1, those that sum to one do."""
    leaves = {}
    for q in system.named(*LEAVES):
        signs = (1,) if q.role is Role.TARGET else (-1, 1)
        leaves[q.name] = {
            place: mpmath.mpf(random.randint(1, 63) * random.choice(signs)) / 64
            for place in places_of(q)
        }
    for name in system.sums_to_one:
        rows = leaves[name]
        last = max(k for _, k in rows)
        for n in {n for n, _ in rows}:
            rows[n, last] = 1 - sum(rows[n, k] for k in range(last))
    return leaves


def places_of(q):
    return list(product(*(range(int(size.xreplace(SIZES))) for size in q.shape)))


@cache
def truth_of(network):
    return Truth(network)


@cache
def scalars_of(network):
    """The number of each entry of the forward pass and the leaves, by its symbol's name."""
    return {
        str(scalar(name, *place)): {(): value}
        for name, entries in Truth(network).items()
        for place, value in entries.items()
    }


@cache
def right_side(network, name, place):
    """The right side of one entry's equation in scalars."""
    equation = network.system.equation(name)
    return unrolled(equation.expression, dict(zip(equation.indices, place, strict=True)), SIZES)


@cache
def loss_in(network, name):
    """The loss in the scalars of a quantity: the definition of all that depends on it put in."""
    loss = right_side(network, "L", ())
    for equation in reversed(network.system.equations[:-1]):
        if equation.quantity.name == name:
            break
        read = {entry_name(e) for e in all_entries(equation.expression)}
        q = equation.quantity
        loss = loss.xreplace(
            {scalar(q.name, *p): right_side(network, q.name, p) for p in places_of(q)}
        )
        if name in read:
            break
    return loss


def instantiated(expression):
    """The expression with a quantity `top/bottom` for each derivative yet to be worked out."""
    named = {}
    for node in expression.atoms(Partial):
        top, bottom = node.args
        places = (*indices_of(top), *indices_of(bottom))
        name = f"{entry_name(top)}/{entry_name(bottom)}"
        named[node] = (
            IndexedBase(name, real=True)[places] if places else sympy.Symbol(name, real=True)
        )
    return expression.xreplace(named)


def indices_of(entry):
    return getattr(entry, "indices", ())


def faults(network, steps):
    """The steps whose sides differ, each by its number, at some value of the indices."""
    derivation = derived(network)
    equations = {e.quantity.name: e for e in derivation.equations}
    with mpmath.workdps(WORKING_DIGITS):
        truth = truth_of(network)
        return [k for k, s in enumerate(steps) if not holds(s, equations[s.target].indices, truth)]


def holds(step, indices, truth):
    sides = [instantiated(side) for side in (step.before, step.after)]
    ranges = (range(int((i.upper + 1).xreplace(SIZES))) for i in indices)
    for place in product(*ranges):
        where = dict(zip(indices, place, strict=True))
        before, after = (value_of(side, truth, SIZES, where) for side in sides)
        if not abs(before - after) <= mpmath.mpf(10) ** -DIGITS * max(1, abs(before)):
            return False
    return True


each_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


@each_network
def test_both_sides_of_each_step_are_equal(network):
    steps = derived(network).steps
    assert steps
    assert faults(network, steps) == []


@each_network
def test_the_steps_lead_from_the_question_to_the_equation(network):
    derivation = derived(network)
    for equation in derivation.equations:
        steps = [s for s in derivation.steps if s.target == equation.quantity.name]
        for one, next_one in pairwise(steps):
            assert canonical(one.after) == canonical(next_one.before)
        if steps:
            of = derivation.system.quantities[equation.quantity.of]
            assert steps[0].before == Partial(derivation.system.loss.at(), of.at(*of.indices))
            assert canonical(steps[-1].after) == canonical(equation.expression)


def test_a_quantity_without_steps_is_an_adjoint_by_another_name():
    derivation = derive(Network("2-3-1"), wrt=["W1", "z1"])
    targets = {s.target for s in derivation.steps}
    assert targets == {"delta1", "delta2", "dL_dW1"}
    assert derivation.gradients["z1"].expression == derivation.adjoints[-1].left


def test_every_rule_is_used():
    used = {s.rule for network in NETWORKS.values() for s in derived(network).steps}
    assert used == set(Rule)


def test_nothing_is_left_to_work_out_in_the_equations():
    for network in NETWORKS.values():
        for equation in derived(network).equations:
            assert not equation.expression.has(Partial, Prime, KroneckerDelta)


def with_sign(e):
    return -e


def with_a_last_digit(e):
    return e * (1 + Rational(1, 10**38))


def with_a_sum_less(e):
    return e.replace(lambda a: isinstance(a, Sum), lambda a: a.func(a.function, *a.limits) / 2)


def with_indices_exchanged(e):
    return e.replace(
        lambda a: entry_name(a) == "W2" and len(indices_of(a)) == 2,
        lambda a: a.base[a.indices[0], 0],
    )


def without_deltas(e):
    return e.replace(KroneckerDelta, lambda *a: Integer(1))


def with_a_wrong_prime(e):
    return e.replace(Prime, lambda function, argument: function(argument))


# What is done to the right side of a step, and the rules whose steps it must spoil.
MUTANTS = {
    with_sign: set(Rule),
    with_a_last_digit: set(Rule),
    with_indices_exchanged: {Rule.CHAIN, Rule.OUTPUT},
    without_deltas: {Rule.FUNCTION},
    with_a_wrong_prime: {Rule.CONTRACT},
    with_a_sum_less: {Rule.CHAIN, Rule.FUNCTION},
}


@pytest.mark.parametrize("mutate", MUTANTS, ids=lambda mutate: mutate.__name__)
def test_a_wrong_step_is_seen(mutate):
    network = NETWORKS["hidden tanh and softmax"]
    steps = derived(network).steps
    wrong = [replace(s, after=mutate(s.after)) for s in steps]
    caught = faults(network, wrong)
    changed = [k for k, s in enumerate(wrong) if canonical(s.after) != canonical(steps[k].after)]
    assert {steps[k].rule for k in caught} >= MUTANTS[mutate]
    assert changed
    assert set(caught) <= set(changed)


def test_a_wrong_number_is_seen():
    network = NETWORKS["hidden tanh"]
    (step,) = (s for s in derived(network).steps if s.rule is Rule.OUTPUT)
    indices = derived(network).adjoints[-1].indices
    right, wrong = truth_of(network), Truth(network)
    wrong["a1"] = dict.fromkeys(right["a1"], mpmath.mpf(1) / 3)
    with mpmath.workdps(WORKING_DIGITS):
        assert holds(step, indices, right)
        assert not holds(step, indices, wrong)
