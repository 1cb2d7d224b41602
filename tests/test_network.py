"""Networks: what a spec and values build, what is refused word for word, where training starts."""

import numpy as np
import pytest
from sympy import Heaviside, Max, Symbol, exp, log, tanh

from symnn.activations import ACTIVATIONS
from symnn.cases import Piecewise
from symnn.equations import SAMPLES, Role
from symnn.errors import SpecError, UnknownNameError
from symnn.functions import U
from symnn.given import activation_row, loss_row
from symnn.initialization import SCHEMES
from symnn.layers import LAYERS, Dense
from symnn.losses import LOSSES
from symnn.misfits import misfit
from symnn.network import Network

ACTIVATION_NAMES = ", ".join(sorted(ACTIVATIONS))
LOSS_NAMES = ", ".join(sorted(LOSSES))
yhat, y, v, w = (Symbol(name) for name in ("yhat", "y", "v", "w"))
WHOLE = "give a name, a row of the table, or a SymPy expression in"

# What is asked for, and the answer.
REFUSED_NAMES = {
    "activation": (
        lambda: Network("2-3:tahn-1"),
        f"no activation named 'tahn'; did you mean 'tanh'? Known: {ACTIVATION_NAMES}",
    ),
    "activation in capitals": (
        lambda: Network("2-1:XYZ"),
        f"no activation named 'XYZ'; Known: {ACTIVATION_NAMES}",
    ),
    "hidden activation": (
        lambda: Network("2-3-1", hidden="rely"),
        f"no activation named 'rely'; did you mean 'relu'? Known: {ACTIVATION_NAMES}",
    ),
    "activation of a layer": (
        lambda: Network(2, Dense(1, "sigmoyd")),
        f"no activation named 'sigmoyd'; did you mean 'sigmoid'? Known: {ACTIVATION_NAMES}",
    ),
    "loss": (
        lambda: Network("2-1", loss="msee"),
        f"no loss named 'msee'; did you mean 'mse'? Known: {LOSS_NAMES}",
    ),
}
REFUSED = {
    "bce on an identity": (
        lambda: Network("2-1", loss="bce"),
        "loss bce needs outputs between 0 and 1, which identity does not give; "
        "use sigmoid, or the loss bce_with_logits on an identity output",
    ),
    "bce on tanh": (
        lambda: Network("2-1:tanh", loss="bce"),
        "loss bce needs outputs between 0 and 1, which tanh does not give; "
        "use sigmoid, or the loss bce_with_logits on an identity output",
    ),
    "bce on softmax": (
        lambda: Network("2-2:softmax", loss="bce"),
        "loss bce takes each output by itself, and those of softmax sum to one; "
        "use sigmoid, or the loss cross_entropy",
    ),
    "logits on sigmoid": (
        lambda: Network("2-1:sigmoid", loss="bce_with_logits"),
        "loss bce_with_logits takes logits, and sigmoid gives probabilities already; "
        "use an identity output, or the loss bce",
    ),
    "logits on softmax": (
        lambda: Network("2-2:softmax", loss="cross_entropy_with_logits"),
        "loss cross_entropy_with_logits takes logits, and softmax gives probabilities already; "
        "use an identity output, or the loss cross_entropy",
    ),
    "cross_entropy on an identity": (
        lambda: Network("2-2", loss="cross_entropy"),
        "loss cross_entropy needs outputs that sum to one, which identity does not give; "
        "use softmax, or the loss cross_entropy_with_logits on an identity output",
    ),
    "cross_entropy on sigmoid": (
        lambda: Network("2-2:sigmoid", loss="cross_entropy"),
        "loss cross_entropy needs outputs that sum to one, which sigmoid does not give; "
        "use softmax, or the loss cross_entropy_with_logits on an identity output",
    ),
    "softmax over one unit": (
        lambda: Network("2-1:softmax"),
        "softmax over one unit is always 1; use sigmoid, or more units",
    ),
    "softmax over one hidden unit": (
        lambda: Network("2-1:softmax-2"),
        "softmax over one unit is always 1; use sigmoid, or more units",
    ),
    "logits over one output": (
        lambda: Network("2-1", loss="cross_entropy_with_logits"),
        "loss cross_entropy_with_logits over one output is always 0; "
        "use bce_with_logits, or more outputs",
    ),
    "an activation that is a number": (
        lambda: Network("2-3-1", hidden=3),
        f"an activation is 3; {WHOLE} any one symbol",
    ),
    "an activation that gives no expression": (
        lambda: Network("2-3-1", hidden=lambda u: "u"),
        f"an activation is 'u'; {WHOLE} any one symbol",
    ),
    "an activation of two symbols": (
        lambda: Network("2-3-1", hidden=v * w),
        "the activation v*w has 2 symbols; it must have exactly one",
    ),
    "a constant activation": (
        lambda: Network("2-3-1", hidden=v**0 * tanh(1)),
        "the activation tanh(1) has 0 symbols; it must have exactly one",
    ),
    "a loss that is a function": (
        lambda: Network("2-1", loss=0.5),
        f"a loss is 0.5; {WHOLE} yhat and y",
    ),
    "a loss with a stranger": (
        lambda: Network("2-1", loss=(yhat - y) ** 2 + w),
        "the loss w + (-y + yhat)**2 has the symbol w; use yhat and y alone",
    ),
    "a spec and layers": (
        lambda: Network("2-1", Dense(1)),
        "give either a spec or the number of inputs and layers, not both",
    ),
    "no layers": (
        lambda: Network(2),
        "a network has at least one layer, as in Network(2, Dense(1))",
    ),
    "no inputs": (
        lambda: Network(0, Dense(1)),
        "the number of inputs is 0; it is a whole number from 1, or a spec",
    ),
    "inputs that are no number": (
        lambda: Network(None, Dense(1)),
        "the number of inputs is None; it is a whole number from 1, or a spec",
    ),
    "inputs that are a truth value": (
        lambda: Network(True, Dense(1)),
        "the number of inputs is True; it is a whole number from 1, or a spec",
    ),
    "a width of 0": (lambda: Dense(0), "a layer has 0 units; a width is a whole number from 1"),
    "a width that is no number": (
        lambda: Dense("3"),
        "a layer has '3' units; a width is a whole number from 1",
    ),
    "half a unit": (lambda: Dense(2.5), "a layer has 2.5 units; a width is a whole number from 1"),
}


@pytest.mark.parametrize(("build", "message"), REFUSED_NAMES.values(), ids=REFUSED_NAMES)
def test_a_name_that_is_not_known_is_refused_with_the_nearest(build, message):
    with pytest.raises(UnknownNameError) as error:
        build()
    assert str(error.value) == message


@pytest.mark.parametrize(("build", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_with_the_cure(build, message):
    with pytest.raises(SpecError) as error:
        build()
    assert str(error.value) == message


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("output", ACTIVATIONS.values(), ids=lambda row: row.name)
def test_a_pair_is_built_exactly_where_it_fits(output, loss):
    problem = misfit(output, loss)
    if problem:
        with pytest.raises(SpecError) as error:
            Network(f"2-2:{output.name}", loss=loss)
        assert str(error.value) == problem
        assert loss.name in problem
        assert output.name in problem
    else:
        assert Network(f"2-2:{output.name}", loss=loss).loss is loss


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda row: row.name)
def test_each_loss_fits_some_output(loss):
    assert any(not misfit(output, loss) for output in ACTIVATIONS.values())


def test_an_activation_of_ones_own_fits_every_loss():
    own = activation_row(1 / (1 + exp(-v)))
    assert not any(misfit(own, loss) for loss in LOSSES.values())


SAME = {
    "values": Network(2, Dense(3, "tanh"), Dense(1, "sigmoid"), loss="bce"),
    "rows": Network(2, Dense(3, ACTIVATIONS["tanh"]), Dense(1, "sigmoid"), loss=LOSSES["bce"]),
    "defaults": Network("2-3-1", output="sigmoid", loss="bce"),
    "a default that a layer overrides": Network("2-3:tanh-1:sigmoid", hidden="relu", loss="bce"),
}


@pytest.mark.parametrize("network", SAME.values(), ids=SAME)
def test_a_spec_and_values_build_the_same(network):
    spec = Network("2-3:tanh-1:sigmoid", loss="bce")
    assert repr(network) == repr(spec) == "Network('2-3:tanh-1:sigmoid', loss='bce')"
    assert network.system.equations == spec.system.equations
    assert Network(network.spec, loss=network.loss.name).system.equations == spec.system.equations


def test_an_expression_makes_the_same_equations_as_the_name():
    for given in (tanh(v), tanh, lambda u: tanh(u)):
        assert Network("2-3-1", hidden=given).system.equations == Network("2-3-1").system.equations
    assert Network("2-1", loss=(yhat - y) ** 2).system.equations == Network("2-1").system.equations


@pytest.mark.parametrize("corner", [Max(0, v), v * Heaviside(v)], ids=str)
def test_a_corner_of_ones_own_becomes_branches(corner):
    row = activation_row(corner)
    assert not row.formula.has(Max, Heaviside)
    assert row.formula.has(Piecewise)
    assert row.formula.subs(U, 2) == 2
    assert row.formula.subs(U, -2) == 0


def test_a_loss_of_ones_own_is_the_mean():
    row = loss_row(-y * log(yhat))
    assert row.reduction == "mean over samples and outputs"
    assert row.name == "-y*log(yhat)"


def test_shapes_and_counts_follow_from_the_sizes():
    network = Network(4, Dense(3, "relu", bias=False), Dense(2))
    assert network.sizes == (4, 3, 2)
    assert network.parameter_shapes == {"W1": (3, 4), "W2": (2, 3), "b2": (2,)}
    assert network.parameter_count == 3 * 4 + 2 * 3 + 2
    assert Network("784-512-512-10").parameter_count == 669_706


def test_the_system_names_its_quantities_with_roles_and_shapes():
    system = Network("4-3:relu-2:softmax", loss="cross_entropy").system
    assert {q.name: (q.role, q.shape) for q in system.quantities.values()} == {
        "x": (Role.INPUT, (SAMPLES, 4)),
        "y": (Role.TARGET, (SAMPLES, 2)),
        "W1": (Role.PARAMETER, (3, 4)),
        "b1": (Role.PARAMETER, (3,)),
        "W2": (Role.PARAMETER, (2, 3)),
        "b2": (Role.PARAMETER, (2,)),
        "z1": (Role.PREACTIVATION, (SAMPLES, 3)),
        "a1": (Role.ACTIVATION, (SAMPLES, 3)),
        "z2": (Role.PREACTIVATION, (SAMPLES, 2)),
        "yhat": (Role.ACTIVATION, (SAMPLES, 2)),
        "L": (Role.LOSS, ()),
    }
    assert system.sums_to_one == ("y",)
    assert system.loss.name == "L"
    assert Network("4-2").system.sums_to_one == ()


def test_a_shrunk_network_keeps_all_but_the_widths():
    network = Network(64, Dense(32, "relu", bias=False), Dense(10, "softmax"), loss="cross_entropy")
    small = network.shrunk()
    assert small.sizes == (3, 3, 3)
    assert small.activations == network.activations
    assert [layer.bias for layer in small.layers] == [False, True]
    assert network.shrunk(100).sizes == network.sizes
    assert Network("9-16:identity-glu-8").shrunk().sizes == (3, 4, 2, 4)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_each_layer_of_the_table_builds_a_network(layer):
    assert Network(layer.example).layers


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=lambda row: row.name)
def test_weights_start_with_the_deviation_of_the_activations_scheme(row):
    fan_in, fan_out = 400, 300
    variance = {"he": 2 / fan_in, "glorot": 2 / (fan_in + fan_out)}[row.init]
    parameters = Network(f"{fan_in}-{fan_out}:{row.name}").init(seed=3)
    weights = parameters["W1"]
    # Of 120,000 draws, the mean and deviation lie within five of their standard errors.
    assert abs(weights.mean()) < 5 * np.sqrt(variance / weights.size)
    assert abs(weights.std() / np.sqrt(variance) - 1) < 5 / np.sqrt(2 * weights.size)
    assert (parameters["b1"] == 0).all()


def test_every_scheme_is_an_activations():
    assert {row.init for row in ACTIVATIONS.values()} == set(SCHEMES)


def test_the_two_schemes_differ_by_more_than_the_test_allows():
    he, glorot = (SCHEMES[name].deviation(400, 300) for name in ("he", "glorot"))
    assert abs(he / glorot - 1) > 0.3


def test_the_start_has_the_shapes_the_seed_and_the_dtype():
    network = Network("4-3-2")
    one, same, other = (network.init(seed) for seed in (1, 1, 2))
    assert {name: array.shape for name, array in one.items()} == network.parameter_shapes
    assert all((one[name] == same[name]).all() for name in one)
    assert (one["W1"] != other["W1"]).any()
    assert (one["W1"][:, :2] != one["W2"].T[:, :2]).any()
    assert {a.dtype for a in one.values()} == {np.dtype("float64")}
    assert {a.dtype for a in network.init(dtype="float32").values()} == {np.dtype("float32")}
