"""The NumPy that runs: the numbers of the equations, at any size of number, without a warning.

The oracle is `symnn.evaluation`, entry by entry in many digits. A warning is an error here.
"""

import json
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from sympy import Abs, Max, Rational, Symbol, atan, cos, cosh, exp, log, sin, sqrt, tanh

from symnn.compilation import BACKENDS
from symnn.derivation import derive
from symnn.equations import SAMPLES, Role, System
from symnn.errors import ShapeError
from symnn.evaluation import evaluate
from symnn.functions import U
from symnn.layers import Dense
from symnn.losses import LOSSES
from symnn.network import Network
from tests.nets import SOME_NETS, SOME_OUTPUT_NETS, compiled, derived, some_net

TOLERANCE = 1e-12
# So many that 1 + exp(-1000) is not 1.
DIGITS_AT_EXTREMES = 1000
EXTREMES = [
    (1000.0, -1000.0),
    (-1000.0, 1000.0),
    (1000.0, 1000.0),
    (-1000.0, -1000.0),
    (0.0, 1000.0),
    (40.0, -40.0),
    (1e-9, -1e-9),
    (0.5, -0.25),
]
ORDINARY = [(0.5, -0.25), (1.5, 2.0), (-0.75, 0.125)]
TARGETS = [(1.0, 0.0), (0.0, 1.0), (0.25, 0.75)]
yhat, y = Symbol("yhat"), Symbol("y")


def entries(array):
    return {place: mpmath.mpf(float(value)) for place, value in np.ndenumerate(array)}


def oracle(derivation, parameters, x, t, digits=50):
    """Every quantity of the equations in many digits."""
    values = {"x": x, "y": t, **parameters}
    with mpmath.workdps(digits):
        given = {name: entries(np.asarray(array, dtype=float)) for name, array in values.items()}
    return evaluate(derivation.equations, given, {SAMPLES: len(x)}, digits)


def worst(values, known):
    """The largest error of any array, relative to the largest number of its oracle, or to 1."""
    errors = []
    for name, array in values.items():
        rows, found = known[name], entries(np.asarray(array))
        assert rows.keys() == found.keys()
        scale = max(1, *(abs(value) for value in rows.values()))
        errors += [float(abs(found[place] - rows[place]) / scale) for place in rows]
    return max(error if np.isfinite(error) else np.inf for error in errors)


def computed(derivation, parameters, x, t, function=None):
    """What the compiled function gives, by the names of the equations."""
    function = function or derivation.lambdify()
    loss, gradients = function(parameters, x, t)
    assert isinstance(loss, float)
    output = derivation.system.equations[-2].quantity.name
    return {
        "L": loss,
        output: function.predict(parameters, x),
        **{f"dL_d{name}": array for name, array in gradients.items()},
    }


def random_batch(network, seed, samples=5):
    """Parameters, inputs and targets between 0 and 1 that sum to one where they must."""
    generator = np.random.default_rng(seed)
    parameters = {n: generator.normal(size=s) for n, s in network.parameter_shapes.items()}
    x = generator.normal(size=(samples, network.sizes[0]))
    t = generator.uniform(0.1, 0.9, size=(samples, network.sizes[-1]))
    return parameters, x, t / t.sum(axis=1, keepdims=True) if network.system.sums_to_one else t


def at_preactivations(network, rows):
    """Parameters and inputs that give the first layer these pre-activations, and targets."""
    x = np.array(rows)
    parameters = {n: np.full(s, 0.5) for n, s in network.parameter_shapes.items()}
    parameters["W1"] = np.eye(network.sizes[1], 2)
    parameters["b1"] = np.zeros(network.sizes[1])
    cycled = [TARGETS[k % len(TARGETS)] for k in range(len(x))]
    return parameters, x, np.array(cycled)[:, : network.sizes[-1]]


@some_net
def test_the_compiled_function_gives_the_numbers_of_the_equations(spec, loss):
    derivation = derived(spec, loss)
    batch = random_batch(derivation.model, seed=1)
    found = computed(derivation, *batch, compiled(spec, loss))
    assert worst(found, oracle(derivation, *batch)) <= TOLERANCE


ARCHITECTURES = {
    "one layer": Network("3-2"),
    "three layers": Network("3-4:silu-2:tanh-3:softmax", loss="cross_entropy"),
    "softmax within": Network("2-3:softmax-2:softmax", loss="cross_entropy"),
    "a chain of single units": Network("1-1-1-1"),
    "no bias": Network(3, Dense(4, "gelu", bias=False), Dense(2, bias=False)),
    "one layer without bias": Network(3, Dense(2, bias=False)),
    "square layers": Network("3-3:elu-3:softplus-3"),
}


@pytest.mark.parametrize("network", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_every_architecture_gives_the_numbers_of_the_equations(network):
    derivation = derive(network)
    for samples in (1, 4):
        batch = random_batch(network, seed=2, samples=samples)
        assert worst(computed(derivation, *batch), oracle(derivation, *batch)) <= TOLERANCE


# One layer, so that the pre-activations are those of the output.
EXTREME_NETS = [(spec.replace("2-2-", "2-"), loss) for spec, loss in SOME_OUTPUT_NETS]
EXTREME_NETS += [net for net in SOME_NETS if net not in SOME_OUTPUT_NETS]
# At 1000 the first is e to the 1000, beyond what floating point has; the second divides by a target
# of 0.
BEYOND = {"poisson_nll", "mape"}
EXTREME_NETS = [net for net in EXTREME_NETS if net[1] not in BEYOND]


@pytest.mark.parametrize(("spec", "loss"), EXTREME_NETS, ids=lambda value: value)
def test_numbers_are_right_and_silent_at_1000(spec, loss):
    derivation, function = derived(spec, loss), compiled(spec, loss)
    parameters, x, t = at_preactivations(derivation.model, EXTREMES)
    known = oracle(derivation, parameters, x, t, digits=DIGITS_AT_EXTREMES)
    assert worst(computed(derivation, parameters, x, t, function), known) <= TOLERANCE
    single = {name: array.astype(np.float32) for name, array in parameters.items()}
    for array in computed(derivation, single, x, t, function).values():
        assert np.isfinite(array).all()


OWN_ACTIVATIONS = {
    "cube": U**3,
    "softsign": U / (1 + Abs(U)),
    "arctan": atan(U),
    "sine": sin(U) + cos(U) / 2,
    "bent identity": (sqrt(U**2 + 1) - 1) / 2 + U,
    "gaussian": exp(-(U**2)),
    "scaled sigmoid": 1 / (1 + exp(-2 * U)),
    "sigmoid of exp(u)": exp(U) / (1 + exp(U)),
    "scaled tanh": Rational(17159, 10000) * tanh(2 * U / 3),
    "swish with a factor": U / (1 + exp(-Rational(17, 10) * U)),
    "softplus": log(1 + exp(U)),
    "log cosh": log(cosh(U)),
    "hyperbolic secant": 1 / cosh(U),
    "relu by Max": Max(0, U),
    "mish": U * tanh(log(1 + exp(U))),
    "hard tanh": Max(-1, -Max(-1, -U)),
}
OWN_LOSSES = {
    "a fourth power": (yhat - y) ** 4,
    "log cosh": log(cosh(yhat - y)),
    "hinge": Max(0, 1 - y * yhat),
    "quantile": Max(Rational(9, 10) * (y - yhat), Rational(1, 10) * (yhat - y)),
    "Poisson": exp(yhat / 1000) - y * yhat,
    "absolute": Abs(yhat - y),
}


@pytest.mark.parametrize("formula", OWN_ACTIVATIONS.values(), ids=OWN_ACTIVATIONS)
def test_an_activation_of_ones_own_is_right_and_silent_at_1000(formula):
    derivation = derive(Network(2, Dense(2, formula), Dense(1)))
    for rows, digits in ((ORDINARY, 50), (EXTREMES, DIGITS_AT_EXTREMES)):
        batch = at_preactivations(derivation.model, rows)
        assert worst(computed(derivation, *batch), oracle(derivation, *batch, digits)) <= TOLERANCE


@pytest.mark.parametrize("formula", OWN_LOSSES.values(), ids=OWN_LOSSES)
def test_a_loss_of_ones_own_is_right_and_silent_at_1000(formula):
    derivation = derive(Network("2-2", loss=formula))
    for rows, digits in ((ORDINARY, 50), (EXTREMES, DIGITS_AT_EXTREMES)):
        batch = at_preactivations(derivation.model, rows)
        assert worst(computed(derivation, *batch), oracle(derivation, *batch, digits)) <= TOLERANCE


def test_a_plain_sigmoid_is_loud_at_1000():
    with pytest.warns(RuntimeWarning, match="overflow"):
        1 / (1 + np.exp(np.array([1000.0])))


MUTANTS = {
    "an eleventh digit": lambda values: {**values, "dL_dW1": values["dL_dW1"] + 1e-11},
    "a sign": lambda values: {**values, "dL_db1": -values["dL_db1"]},
    "not a number": lambda values: {**values, "L": np.nan},
}


@pytest.mark.parametrize("mutate", MUTANTS.values(), ids=MUTANTS)
def test_a_wrong_number_is_seen(mutate):
    derivation = derived("2-2-1:sigmoid", "bce")
    batch = random_batch(derivation.model, seed=1)
    right, known = computed(derivation, *batch), oracle(derivation, *batch)
    assert worst(right, known) <= TOLERANCE
    assert worst(mutate(right), known) > TOLERANCE


@some_net
def test_the_source_alone_gives_the_same_numbers(spec, loss):
    function = compiled(spec, loss)
    batch = random_batch(derived(spec, loss).model, seed=3)
    namespace = {}
    exec(function.source, namespace)
    value, gradients = function(*batch)
    again, gradients_again = namespace["loss_and_gradients"](*batch)
    assert value == again
    assert all((gradients[name] == gradients_again[name]).all() for name in gradients)
    assert (function.predict(*batch[:2]) == namespace["predict"](*batch[:2])).all()


RUNNER = """
import json, sys
sys.modules["sympy"] = None
import numpy as np
given = json.load(sys.stdin)
namespace = {}
exec(given["source"], namespace)
arrays = {name: np.array(value) for name, value in given["parameters"].items()}
x, y = np.array(given["x"]), np.array(given["y"])
loss, gradients = namespace["loss_and_gradients"](arrays, x, y)
assert not any(name.startswith(("sympy.", "symnn")) for name in sys.modules)
json.dump([loss, {name: value.tolist() for name, value in gradients.items()}], sys.stdout)
"""


@pytest.mark.parametrize(
    ("spec", "loss"),
    [("2-2:gelu-1", "mse"), ("2-2-2:softmax", "cross_entropy"), ("2-2-1:sigmoid", "bce")],
)
def test_the_source_runs_with_numpy_alone(spec, loss):
    function = compiled(spec, loss)
    parameters, x, t = random_batch(derived(spec, loss).model, seed=4)
    given = {
        "source": function.source,
        "parameters": {name: array.tolist() for name, array in parameters.items()},
        "x": x.tolist(),
        "y": t.tolist(),
    }
    process = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    value, gradients = function(parameters, x, t)
    assert json.loads(process.stdout) == [value, {n: g.tolist() for n, g in gradients.items()}]


def test_the_source_imports_nothing_but_numpy_and_math():
    for net in SOME_NETS:
        imports = [line for line in compiled(*net).source.splitlines() if "import" in line]
        assert set(imports) <= {"import math", "import numpy as np"}


def test_the_source_does_not_depend_on_the_widths():
    wide, narrow = (
        Network(spec, output="softmax", loss="cross_entropy")
        for spec in ("784-512-512-10", "4-8-8-3")
    )
    sources = [derive(network).lambdify().source.splitlines() for network in (wide, narrow)]
    differing = [pair for pair in zip(*sources, strict=True) if pair[0] != pair[1]]
    assert [line for line, _ in differing] == [
        f'"""{wide!r}"""',
        '    """The outputs, shape (N, 10)."""',
    ]


@some_net
def test_single_precision_stays_single(spec, loss):
    function = compiled(spec, loss)
    parameters, x, t = random_batch(derived(spec, loss).model, seed=5)
    single = {name: array.astype(np.float32) for name, array in parameters.items()}
    value, gradients = function(single, x, t)
    exact, exact_gradients = function(parameters, x, t)
    assert function.predict(single, x).dtype == np.float32
    for name, gradient in gradients.items():
        assert gradient.dtype == np.float32
        scale = max(1, np.abs(exact_gradients[name]).max())
        assert np.abs(gradient - exact_gradients[name]).max() < 1e-4 * scale
    assert abs(value - exact) < 1e-4 * max(1, abs(exact))


@pytest.mark.parametrize("formula", OWN_ACTIVATIONS.values(), ids=OWN_ACTIVATIONS)
def test_single_precision_stays_single_with_an_activation_of_ones_own(formula):
    network = Network(2, Dense(2, formula), Dense(1))
    function = derive(network).lambdify()
    parameters, x, t = random_batch(network, seed=5)
    single = {name: array.astype(np.float32) for name, array in parameters.items()}
    gradients = function(single, x, t)[1]
    assert {g.dtype for g in gradients.values()} == {np.dtype("float32")}
    assert function.predict(single, x).dtype == np.float32


PLACES = {
    "an index": "loss = sum(n, j, W[j]*x[n]*j)",
    "in a function": "loss = sum(n, j, W[j]*x[n]*exp(j/3) + where(n < j, W[j], 0))",
    "in a power": "loss = sum(n, (x[n] - sum(j, W[j]*x[n]**j))**2)",
    "in a mask": "p[n,j] = softmax(j, where(n <= j, W[j]*x[n], -inf))\nloss = sum(n, j, p[n,j]*j)",
    "in a recurrence": "h[-1] = 0\nh[n] = tanh(W[0]*x[n] + h[n-1]*n)\nloss = sum(n, h[n]*W[1]*n)",
    "an id": "loss = sum(n, W[id[n]]*x[n]*id[n])",
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_the_value_of_a_place_keeps_the_dtype(text, dtype):
    needs_id = "input id[n]\n" if "id[n]" in text else ""
    function = derive(System.parse(f"parameter W[j:3]\ninput x[n:4]\n{needs_id}{text}")).lambdify()
    W, x = np.array([0.5, 0.25, 1]), np.array([0.25, 0.5, 0.125, 1])
    places = [np.array([2, 0, 1, 2])] if needs_id else []
    expected = function({"W": W}, x, *places)
    loss, gradients = function({"W": W.astype(dtype)}, x.astype(dtype), *places)
    assert gradients["W"].dtype == dtype
    assert loss == pytest.approx(expected[0], rel=5e-3)
    np.testing.assert_allclose(gradients["W"], expected[1]["W"], rtol=5e-3)


def test_whole_numbers_become_double_precision():
    function = compiled("2-1")
    parameters = {"W1": [[1, 2]], "b1": [3]}
    value, gradients = function(parameters, [[1, 1], [0, 1]], [[1], [2]])
    assert value == ((6 - 1) ** 2 + (5 - 2) ** 2) / 2
    assert gradients["W1"].tolist() == [[5.0, 8.0]]
    assert gradients["b1"].tolist() == [8.0]
    assert {g.dtype for g in gradients.values()} == {np.dtype("float64")}


def test_what_is_given_is_not_changed():
    function = compiled("2-2-1:sigmoid", "bce")
    batch = random_batch(derived("2-2-1:sigmoid", "bce").model, seed=6)
    parameters, x, t = batch
    before = [x.copy(), t.copy(), *(array.copy() for array in parameters.values())]
    function(*batch)
    assert all((a == b).all() for a, b in zip(before, [x, t, *parameters.values()], strict=True))


def test_outputs_do_not_depend_on_the_rest_of_the_batch():
    function = compiled("2-2-2:softmax", "cross_entropy")
    parameters, x, _ = random_batch(derived("2-2-2:softmax", "cross_entropy").model, seed=7)
    alone = [function.predict(parameters, row[None])[0] for row in x]
    assert np.abs(function.predict(parameters, x) - np.array(alone)).max() < 1e-15


def test_gradients_have_the_shapes_of_the_parameters():
    network = Network("4-3:relu-2")
    batch = random_batch(network, seed=8, samples=6)
    gradients = derive(network).lambdify()(*batch)[1]
    assert {name: g.shape for name, g in gradients.items()} == network.parameter_shapes


def test_only_what_was_asked_for_is_computed():
    derivation = derive(Network("2-3-1"), wrt=["W2", "x"])
    batch = random_batch(derivation.model, seed=9)
    gradients = derivation.lambdify()(*batch)[1]
    assert {name: g.shape for name, g in gradients.items()} == {"W2": (1, 3), "x": (5, 2)}


SHAPES = {
    "x of one axis": (
        {"x": np.ones(2)},
        "x has the shape (2,); it must be (N, 2)",
    ),
    "x too wide": ({"x": np.ones((5, 3))}, "x has the shape (5, 3); it must be (N, 2)"),
    "x without samples": ({"x": np.ones((0, 2))}, "x has the shape (0, 2); it must be (N, 2)"),
    "y too wide": ({"y": np.ones((5, 2))}, "y has the shape (5, 2); it must be (N, 1)"),
    "y of one axis": ({"y": np.ones(5)}, "y has the shape (5,); it must be (N, 1)"),
    "fewer targets than samples": (
        {"y": np.ones((4, 1))},
        "x has 5 samples and y has 4; they must have as many",
    ),
    "a weight transposed": (
        {"W1": np.ones((2, 3))},
        "parameter W1 has the shape (2, 3); it must be (3, 2)",
    ),
    "a bias as a column": (
        {"b1": np.ones((3, 1))},
        "parameter b1 has the shape (3, 1); it must be (3,)",
    ),
    "a bias that is a number": ({"b2": 1.0}, "parameter b2 has the shape (); it must be (1,)"),
}


@pytest.mark.parametrize(("changed", "message"), SHAPES.values(), ids=SHAPES)
def test_an_array_that_does_not_fit_is_refused(changed, message):
    parameters, x, t = random_batch(derived("2-3-1").model, seed=10)
    given = {**parameters, "x": x, "y": t, **changed}
    x, t = given.pop("x"), given.pop("y")
    with pytest.raises(ShapeError) as error:
        compiled("2-3-1")(given, x, t)
    assert str(error.value) == message


def test_a_missing_parameter_is_refused():
    parameters, x, t = random_batch(derived("2-3-1").model, seed=10)
    del parameters["b2"]
    function = compiled("2-3-1")
    for call in (lambda: function(parameters, x, t), lambda: function.predict(parameters, x)):
        with pytest.raises(ShapeError) as error:
            call()
        assert str(error.value) == "no array for the parameter b2; give W1, b1, W2, b2"


def test_more_parameters_than_needed_are_left_alone():
    parameters, x, t = random_batch(derived("2-3-1").model, seed=10)
    function = compiled("2-3-1")
    assert function({**parameters, "W9": [[1.0]]}, x, t)[0] == function(parameters, x, t)[0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_backend_runs(backend):
    batch = random_batch(derived("2-2-1").model, seed=11)
    value, gradients = derived("2-2-1").lambdify(backend)(*batch)
    known = oracle(derived("2-2-1"), *batch)
    found = {"L": value, **{f"dL_d{name}": g for name, g in gradients.items()}}
    assert worst(found, known) <= TOLERANCE


def test_every_loss_meets_its_extremes():
    assert {loss for _, loss in EXTREME_NETS} == set(LOSSES) - BEYOND
    assert all(derived(*net).system.named(Role.PARAMETER) for net in EXTREME_NETS)


WINDOWS = {
    "a convolution": "1x8x8-conv2d(2,3):relu-flatten-2",
    "steps and gaps": "2x9-conv1d(3,3,stride=2,dilation=2)-flatten-1",
    "pooling in blocks": "2x4x4-avgpool2d(2)-flatten-1",
    "pooling that overlaps": "2x7-avgpool1d(3,stride=2)-flatten-1",
}


@pytest.mark.parametrize("spec", WINDOWS.values(), ids=WINDOWS)
def test_windows_are_views_and_no_tables_of_places(spec):
    forward = derive(Network(spec)).lambdify().source.partition("# Backward")[0]
    assert "sliding_window_view" in forward or "reshape" in forward
    assert "arange" not in forward
    assert "einsum" not in forward


def test_the_derivative_of_a_convolution_with_steps_and_padding_looks_nothing_up():
    network = Network("2x11x11-conv2d(3,3,padding=1)-conv2d(2,3,stride=2)-flatten-1")
    source = derive(network, ["W1", "W2", "x"]).lambdify().source
    assert "arange" not in source
    assert "clip" not in source
