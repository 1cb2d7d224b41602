"""Derivations: proved against SymPy's derivative of the loss, short forms, independence of size.

Every fitting pair of output activation and loss is proved, by `proofs`, and so is every hidden
activation; none is only sampled.
"""

from dataclasses import replace
from itertools import product

import pytest
from sympy import IndexedBase, Rational, Symbol, exp

from symnn.activations import ACTIVATIONS
from symnn.arrays import as_array
from symnn.binding import canonical, index, total
from symnn.derivation import Derivation, derive
from symnn.equations import SAMPLES, Role, Rule
from symnn.errors import ShapeError, UnknownNameError
from symnn.gradcheck import compare
from symnn.layers import Dense
from symnn.losses import LOSSES
from symnn.misfits import misfit
from symnn.network import Network
from tests.nets import FIRST_ACTIVATIONS, FIRST_LOSSES, NETS, OUTPUT_NETS, derived, each_net
from tests.proofs import is_proved_equal, scalar

N = SAMPLES
W1, W2, x, y, z1, z2, a1, yhat, delta1, delta2, b1 = (
    IndexedBase(name, real=True)
    for name in ("W1", "W2", "x", "y", "z1", "z2", "a1", "yhat", "delta1", "delta2", "b1")
)
n = index("n", SAMPLES)


def places(quantity):
    return product(*(range(int(size)) for size in quantity.shape if size != SAMPLES))


def declared(derivation):
    """What the loss declares of two targets that sum to one."""
    if not derivation.system.sums_to_one:
        return {}
    return {scalar("y", 1): 1 - scalar("y", 0)}


def unproved(derivation):
    """The names and places whose partial derivative is not proved to be SymPy's."""
    loss, known = derivation.loss, declared(derivation)
    return [
        (name, place)
        for name, equation in derivation.gradients.items()
        for place in places(equation.quantity)
        if not is_proved_equal(
            derivation.partial(name, *place).xreplace(known),
            loss.diff(scalar(name, *place)).xreplace(known),
        )
    ]


# The prover has no rule for roots, nor for a logarithm of cosh.
HELD_AGAINST_DIFFERENCES = ("cosine", "rmse", "log_cosh")


@each_net
def test_each_partial_derivative_is_proved_to_be_that_of_the_loss(spec, loss):
    derivation = derived(spec, loss)
    parameters = derivation.system.named(Role.PARAMETER)
    assert list(derivation.gradients) == [q.name for q in parameters]
    # The prover has no rule for roots: that loss is held against finite differences at 50 digits.
    assert (
        compare(derivation).ok if loss in HELD_AGAINST_DIFFERENCES else unproved(derivation) == []
    )


def test_every_equation_of_every_net_has_a_form_in_arrays():
    for net in NETS:
        for of in derived(*net).equations:
            assert as_array(of).atoms(Symbol)


def test_every_pair_that_fits_is_a_case():
    firsts = [ACTIVATIONS[name] for name in FIRST_ACTIVATIONS]
    fitting = [pair for pair in product(firsts, FIRST_LOSSES) if not misfit(*pair)]
    assert len(OUTPUT_NETS[: len(fitting)]) == len(fitting) > 50
    assert {output.rsplit(":")[-1] for output, _ in OUTPUT_NETS} >= set(FIRST_ACTIVATIONS)


OTHER_NETS = {
    "one layer": Network("2-2"),
    "three layers": Network("2-2-2-1"),
    "no bias": Network(2, Dense(2, "tanh", bias=False), Dense(1, bias=False)),
    "softmax within": Network("2-2:softmax-2:softmax", loss="cross_entropy"),
    "an activation of one's own": Network(2, Dense(2, lambda u: u / (1 + u**2)), Dense(1)),
    "a loss of one's own": Network("2-2-1", loss=(Symbol("yhat") - Symbol("y")) ** 4),
}


@pytest.mark.parametrize("network", OTHER_NETS.values(), ids=OTHER_NETS)
def test_each_partial_derivative_of_another_net_is_proved(network):
    assert unproved(derive(network)) == []


def test_each_partial_derivative_by_the_inputs_is_proved():
    assert unproved(derive(Network("2-2-2:softmax", loss="cross_entropy"), wrt=["x"])) == []


class WrongSign(Derivation):
    def partial(self, name, *place):
        sign = -1 if (name, place) == ("W1", (1, 0)) else 1
        return sign * super().partial(name, *place)


class WrongPlace(Derivation):
    def partial(self, name, *place):
        return super().partial(name, *(place[::-1] if name == "W1" else place))


class LastDigit(Derivation):
    def partial(self, name, *place):
        right = super().partial(name, *place)
        return right * (1 + Rational(1, 10**30)) if name == "b1" else right


MUTANTS = {
    WrongSign: [("W1", (1, 0))],
    WrongPlace: [("W1", (0, 1)), ("W1", (1, 0))],
    LastDigit: [("b1", (0,)), ("b1", (1,))],
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
@pytest.mark.parametrize(
    ("spec", "loss"),
    [("2-2-1:sigmoid", "bce"), ("2-2-1:relu", "huber"), ("2-2-2:softmax", "cross_entropy")],
)
def test_a_wrong_derivative_is_not_proved(spec, loss, mutant):
    assert unproved(mutant(**vars(derived(spec, loss)))) == MUTANTS[mutant]


def through(width=2):
    """Σ_k W2[k,j] δ2[n,k], for units j of a hidden layer."""
    j, k = index("j", 3), index("k", width)
    return total(W2[k, j] * delta2[n, k], k)


j1, j2, j3, k2, l3 = index("j", 1), index("j", 2), index("j", 3), index("k", 2), index("k", 3)
# Net, loss, the adjoint, and what it is.
SHORT_FORMS = {
    "linear and mse": ("2-1", "mse", "delta1", 2 * ((yhat[n, j1] - y[n, j1]) / N)),
    "linear and mse, two outputs": ("2-2", "mse", "delta1", (yhat[n, j2] - y[n, j2]) / N),
    "linear and sse": ("2-2", "sse", "delta1", 2 * (yhat[n, j2] - y[n, j2])),
    "linear and half_sse": ("2-2", "half_sse", "delta1", yhat[n, j2] - y[n, j2]),
    "sigmoid and bce": ("2-1:sigmoid", "bce", "delta1", (yhat[n, j1] - y[n, j1]) / N),
    "sigmoid and bce, two outputs": (
        "2-2:sigmoid",
        "bce",
        "delta1",
        (yhat[n, j2] - y[n, j2]) / (2 * N),
    ),
    "softmax and cross_entropy": (
        "2-3:softmax",
        "cross_entropy",
        "delta1",
        (yhat[n, j3] - y[n, j3]) / N,
    ),
    "softmax and cross_entropy, hidden tanh": (
        "2-3-2:softmax",
        "cross_entropy",
        "delta2",
        (yhat[n, j2] - y[n, j2]) / N,
    ),
    "logits and cross_entropy": (
        "2-3",
        "cross_entropy_with_logits",
        "delta1",
        (exp(yhat[n, j3]) / total(exp(yhat[n, l3]), l3) - y[n, j3]) / N,
    ),
    "logits and bce": (
        "2-1",
        "bce_with_logits",
        "delta1",
        (type(ACTIVATIONS["sigmoid"].expression)(yhat[n, j1]) - y[n, j1]) / N,
    ),
    "hidden sigmoid": (
        "2-3:sigmoid-2",
        "mse",
        "delta1",
        a1[n, j3] * (1 - a1[n, j3]) * through(),
    ),
    "hidden tanh": ("2-3:tanh-2", "mse", "delta1", (1 - a1[n, j3] ** 2) * through()),
    "sigmoid and half_sse": (
        "2-2:sigmoid",
        "half_sse",
        "delta1",
        yhat[n, j2] * (1 - yhat[n, j2]) * (yhat[n, j2] - y[n, j2]),
    ),
    "tanh and half_sse": (
        "2-2:tanh",
        "half_sse",
        "delta1",
        (1 - yhat[n, j2] ** 2) * (yhat[n, j2] - y[n, j2]),
    ),
}


@pytest.mark.parametrize(("spec", "loss", "name", "form"), SHORT_FORMS.values(), ids=SHORT_FORMS)
def test_the_famous_short_form_comes_out(spec, loss, name, form):
    equation = next(e for e in derived(spec, loss).adjoints if e.quantity.name == name)
    assert canonical(equation.expression) == canonical(form)


def test_the_gradients_of_a_layer_are_delta_times_its_inputs():
    gradients = derived("2-3-2").gradients
    j, i = gradients["W1"].indices
    (of_bias,) = gradients["b1"].indices
    assert gradients["W1"].expression == total(delta1[n, j] * x[n, i], n)
    assert gradients["b1"].expression == total(delta1[n, of_bias], n)
    assert gradients["W2"].expression == total(
        a1[n, gradients["W2"].indices[1]] * delta2[n, gradients["W2"].indices[0]], n
    )


def test_a_gradient_has_its_parameters_shape():
    derivation = derived("2-3-2")
    for q in derivation.system.named(Role.PARAMETER):
        gradient = derivation.gradients[q.name].quantity
        assert (gradient.shape, gradient.of, gradient.role) == (q.shape, q.name, Role.GRADIENT)


def test_the_sum_of_the_targets_is_1_only_where_the_loss_declares_it():
    undeclared = replace(LOSSES["cross_entropy"], targets_sum_to_one=False)
    declared_by, plain = (
        derive(Network("2-3:softmax", loss=loss)) for loss in ("cross_entropy", undeclared)
    )
    k = index("k", 3)
    (delta,) = plain.adjoints
    long_form = (yhat[n, j3] * total(y[n, k], k) - y[n, j3]) / N
    assert canonical(delta.expression) == canonical(long_form)
    assert [s.rule for s in declared_by.steps if "sum to 1" in s.because] == [Rule.COLLECT]
    assert not any("sum to 1" in s.because for s in plain.steps)
    assert unproved(plain) == []


def test_the_derivative_by_inputs_and_units_can_be_asked_for():
    derivation = derive(Network("2-3-1"), wrt=["x", "z1", "a1", "x"])
    assert list(derivation.gradients) == ["x", "z1", "a1"]
    assert derivation.gradients["z1"].expression == delta1[n, j3]
    i, k, m = index("i", 2), index("k", 3), index("k", 1)
    assert derivation.gradients["x"].expression == total(W1[k, i] * delta1[n, k], k)
    assert derivation.gradients["a1"].expression == total(W2[m, j3] * delta2[n, m], m)


def test_only_the_adjoints_that_are_needed_are_derived():
    assert [e.quantity.name for e in derive(Network("2-2-2-1"), wrt=["W3"]).adjoints] == ["delta3"]
    assert [e.quantity.name for e in derived("2-2-2-1").adjoints] == ["delta3", "delta2", "delta1"]


def test_equations_stand_in_an_order_in_which_they_can_be_computed():
    derivation = derived("2-3:silu-2:softmax", "cross_entropy")
    names = [e.quantity.name for e in derivation.equations]
    known = {"x", "y", "W1", "b1", "W2", "b2", "N"}
    for name, equation in zip(names, derivation.equations, strict=True):
        bases = {str(base.label) for base in equation.expression.atoms(IndexedBase)}
        assert bases <= known
        known.add(name)
    assert len(set(names)) == len(names)


REFUSED_NAMES = {
    "output": (["yhatt"], "no quantity to differentiate by named 'yhatt'; did you mean 'yhat'? "),
    "target": (["y"], "no quantity to differentiate by named 'y'; "),
    "loss": (["L"], "no quantity to differentiate by named 'L'; "),
}


@pytest.mark.parametrize(("wrt", "message"), REFUSED_NAMES.values(), ids=REFUSED_NAMES)
def test_a_name_that_cannot_be_differentiated_by_is_refused(wrt, message):
    with pytest.raises(UnknownNameError) as error:
        derive(Network("2-1"), wrt=wrt)
    assert str(error.value) == f"{message}Known: W1, b1, x, yhat"


def test_a_partial_derivative_by_another_name_is_refused():
    with pytest.raises(UnknownNameError) as error:
        derived("2-1").partial("W2", 0, 0)
    assert str(error.value) == "no gradient named 'W2'; Known: W1, b1"


@pytest.mark.parametrize("place", [(1, 0), (0, 2), (0,), (), (0, 0, 0), (-1, 0)], ids=str)
def test_a_partial_derivative_at_a_place_that_is_not_there_is_refused(place):
    with pytest.raises(ShapeError) as error:
        derived("2-1").partial("W1", *place)
    assert str(error.value) == (
        f"W1 has the shape (1, 2) and no entry {list(place)}; indices run from 0"
    )


def test_a_backend_that_is_not_there_is_refused():
    with pytest.raises(UnknownNameError) as error:
        derived("2-1").lambdify("nunpy")
    assert str(error.value) == "no backend named 'nunpy'; did you mean 'numpy'? Known: numpy"


def structure(spec):
    """What must not depend on widths: names, operations, steps, and lines of code."""
    derivation = derive(Network(spec, output="softmax", loss="cross_entropy"))
    return (
        [(e.quantity.name, len(e.indices), e.expression.count_ops()) for e in derivation.equations],
        [(s.target, s.rule, s.before.count_ops(), s.after.count_ops()) for s in derivation.steps],
        len(derivation.lambdify().source.splitlines()),
    )


def test_the_derivation_does_not_depend_on_the_widths():
    assert structure("784-512-512-10") == structure("4-8-8-3")


def test_the_comparison_of_structures_sees_a_layer_more():
    assert structure("4-8-8-8-3") != structure("4-8-8-3")


def test_a_net_of_sixty_hidden_layers_is_derived():
    derivation = derive(Network("-".join(["3"] * 61 + ["1"])))
    assert len(derivation.adjoints) == 61
    assert len(derivation.gradients) == 122
    first = derivation.adjoints[-1]
    k = index("k", 3)
    assert first.expression == (1 - a1[n, j3] ** 2) * total(W2[k, j3] * delta2[n, k], k)
