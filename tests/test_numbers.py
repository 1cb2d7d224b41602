"""Numbers that hold: what is compiled agrees with the true values to 1e-12, and says nothing.

Every row of the tables and what people write in the equation language is swept over arguments from
1e-300 to 1e3 in size, both signs: values, derivatives, second derivatives; in float32 as well. A
warning is an error. `SYMNN_NUMBERS=all` takes every point and every case (minutes).
"""

import mpmath
import numpy as np
import pytest
from sympy import Symbol

from symnn.activations import ACTIVATIONS
from symnn.derivation import derive
from symnn.equations import SAMPLES, System
from symnn.evaluation import evaluate
from symnn.functions import U
from symnn.jacobians import hessian
from symnn.layers import Dense
from symnn.losses import LOSSES
from symnn.network import Network
from tests.numbers import (
    IS_FULL,
    LARGEST,
    POINTS,
    TOLERANCE,
    entries,
    faults,
    formula_of,
    is_right,
    numbers_of,
    representable,
    sizes_of_terms,
    wrong_entries,
)
from tests.proofs import with_formulas

ROWS = {row.name: row for row in ACTIVATIONS.values() if row.is_elementwise}
# The forms hold on their own, on a machine that has no wider float too.
pytestmark = pytest.mark.usefixtures("one_float")
each_row = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def through_a_network(activation, points, dtype=np.float64):
    """An activation's values and derivatives, by the road that every network goes."""
    network = Network(1, Dense(1, activation), loss=Symbol("yhat") * Symbol("y"))
    name = "z1" if "z1" in network.system.quantities else "yhat"
    function = derive(network, [name]).lambdify()
    # The loss is a mean: a power of two, so that the division by it is exact.
    padded = np.array([*points, *[1.0] * (128 - len(points) % 128)], dtype)[:, None]
    parameters = {**network.init(seed=0), "W1": np.ones((1, 1)), "b1": np.zeros(1)}
    parameters = {n: np.asarray(p, dtype) for n, p in parameters.items()}
    weights = np.full_like(padded, len(padded))
    outputs = function.predict(parameters, padded)
    slopes = function(parameters, padded, weights)[1][name]
    assert outputs.dtype == slopes.dtype == dtype
    assert outputs.shape == slopes.shape == padded.shape
    return outputs[: len(points), 0], slopes[: len(points), 0]


@each_row
def test_an_activation_and_its_derivative_keep_twelve_digits(row):
    formula = with_formulas(row.expression)
    values, slopes = through_a_network(row.name, POINTS)
    assert faults(formula, values, POINTS) == []
    assert faults(formula.diff(U), slopes, POINTS) == []


@each_row
def test_the_second_derivative_of_an_activation_keeps_twelve_digits(row):
    slope = row.expression.diff(U)
    if slope.has(U):
        formula = with_formulas(slope)
        values, slopes = through_a_network(slope, POINTS)
        assert faults(formula, values, POINTS) == []
        assert faults(formula.diff(U), slopes, POINTS) == []


@each_row
def test_an_activation_keeps_the_digits_of_single_precision(row):
    points = [float(np.float32(u)) for u in POINTS if abs(u) > 1e-30]
    formula = with_formulas(row.expression)
    values, slopes = through_a_network(row.name, points, np.float32)
    for f, found in ((formula, values), (formula.diff(U), slopes)):
        wrong = faults(f, found, points, tolerance=1e-5)
        assert [w for w in wrong if abs(float(w[2])) > 1e-37] == []


# What people write, as functions of x. The first are representative; the others come in the full
# sweep.
WRITTEN = [
    "1 - tanh(x[i])**2",
    "log(sigmoid(x[i]))",
    "log(1 - sigmoid(x[i]))",
    "log(1 + exp(x[i]))",
    "log(exp(abs(x[i])) - 1)",
    "(exp(x[i]) - 1)/x[i]",
    "sqrt(x[i]**2 + 1) - 1",
    "log(cosh(x[i]))",
    "x[i]/sqrt(x[i]**2 + 0.00001)",
    "x[i]*(1 + erf(x[i]/sqrt(2)))/2",
    "0.5*x[i]*(1 + tanh(0.7978845608*(x[i] + 0.044715*x[i]**3)))",
    "where(x[i] > 0, log(1 + x[i]), -log(1 - x[i]))",
    "(1 - sigmoid(x[i]))**2*log(sigmoid(x[i]))",
    "exp(-exp(x[i]))",
    "log(1 - tanh(x[i])**2)",
    "log(softplus(x[i]))",
    "1 - 2**x[i]",
    "tanh(sqrt(1 + x[i]))",
    "elu(1 + x[i])",
    "sigmoid(exp(x[i]))",
    "1/(1 + elu(x[i]))",
    "sigmoid(1/x[i])",
    "exp(-1/x[i])",
    "elu(log(x[i]))",
    "x[i]**3*log(x[i]**3)",
    "sqrt(x[i]**1.5)",
    "coth(x[i])**2",
    "cosh(sigmoid(x[i]))",
    "gelu(1 - exp(-x[i]))",
    "squareplus(exp(-x[i]))",
]
ALSO = [
    *("exp(x[i]) - 1", "1 - exp(-x[i])", "tanh(x[i])", "1/cosh(x[i])**2", "sinh(x[i])/cosh(x[i])"),
    *("x[i]*sigmoid(x[i])", "log1p(x[i])", "expm1(x[i])", "sqrt(x[i]**2)", "x[i]**2/(1 + x[i]**2)"),
    *("x[i]**3", "x[i]**(-2)", "1/x[i]", "sqrt(1 + x[i]) - 1", "abs(x[i])", "atan(x[i])"),
    *("asinh(x[i])", "erf(x[i])", "erfc(x[i])", "1 - erf(x[i])", "(1 + erf(x[i]/sqrt(2)))/2"),
    *("x[i]*tanh(log(1 + exp(x[i])))", "exp(-x[i]**2)", "exp(-x[i]**2/2)/sqrt(6.283)"),
    *("sin(x[i])", "sin(x[i])/x[i]", "cos(x[i]) - 1", "(1 - cos(x[i]))/x[i]**2", "cosh(x[i]) - 1"),
    *("maximum(x[i], 0)", "minimum(x[i], 1)", "where(x[i] > 0, x[i], exp(x[i]) - 1)"),
    *("where(x[i] > 0, sqrt(x[i]), 0)", "x[i]/(1 + abs(x[i]))", "1/(1 + exp(-x[i]))"),
    *("exp(x[i])/(1 + exp(x[i]))", "sigmoid(x[i])*(1 - sigmoid(x[i]))", "1 - 2*sigmoid(x[i])"),
    *("2*sigmoid(2*x[i]) - 1", "tanh(x[i]/2)", "log(2*cosh(x[i]))", "exp(-abs(x[i]))"),
    *("log(1 + x[i]**2)", "sqrt(sigmoid(x[i]))", "x[i] - tanh(x[i])", "1/(1 + x[i]**2)"),
    *("log(sigmoid(x[i]))*sigmoid(-x[i])", "exp(x[i])/(1 + exp(x[i]))**2", "sigmoid(x[i])**2"),
    *("softplus(x[i], beta=2)", "elu(x[i], alpha=0.5)", "log(exp(x[i]) + exp(-x[i]))"),
    "-sigmoid(x[i])*log(sigmoid(x[i])) - (1 - sigmoid(x[i]))*log(1 - sigmoid(x[i]))",
    *("1 - exp(-exp(x[i]))", "x[i]*exp(-x[i])", "log(abs(x[i]))", "atanh(tanh(x[i]))"),
    *("log(x[i]**2)", "sigmoid(sqrt(1 + x[i]))", "tanh(mish(x[i]))", "sigmoid(squareplus(x[i]))"),
    *("tanh(exp(x[i]))", "sigmoid(sinh(x[i]))", "tanh(1/x[i])", "silu(exp(-x[i]))"),
    *("sigmoid(log(sigmoid(x[i])))", "elu(1 - exp(-x[i]))"),
    *("mish(gelu(x[i]))", "coth(exp(x[i]))"),
    *("tanh(x[i])**3", "exp(x[i])*exp(-x[i]**2)", "1 + tanh(x[i])", "exp(x[i])/(exp(x[i]) - 1)"),
]


@pytest.mark.parametrize("text", WRITTEN + (ALSO if IS_FULL else []))
def test_what_is_written_keeps_twelve_digits_value_and_derivative(text):
    system = System.parse(f"input x[i:I]\ntarget g[i]\na[i] = {text}\nloss = sum(i, g[i]*a[i])")
    formula = with_formulas(formula_of(system.equation("a").expression))
    points = representable(formula, POINTS)
    function = derive(system, ["x"]).lambdify()
    x = np.array(points)
    assert faults(formula, function.predict({}, x), points) == []
    slopes = function({}, x, np.ones_like(x))[1]["x"]
    assert faults(formula.diff(U), slopes, points) == []


GIVEN = "input x[n:N, k:K], y[n, k]\n"
SIGMOID = GIVEN + "p[n,k] = sigmoid(x[n,k])\n"
SOFTMAX = GIVEN + "p[n,k] = softmax(k, x[n,k])\n"
SYSTEMS = {
    "bce": SIGMOID + "loss = -sum(n, k, y[n,k]*log(p[n,k]) + (1 - y[n,k])*log(1 - p[n,k]))",
    "bce, the complement named": SIGMOID
    + "q[n,k] = 1 - p[n,k]\nloss = -sum(n, k, y[n,k]*log(p[n,k]) + (1 - y[n,k])*log(q[n,k]))",
    "bce, the sigmoid written": GIVEN
    + "p[n,k] = 1/(1 + exp(-x[n,k]))\n"
    + "loss = -mean(n, k, y[n,k]*log(p[n,k]) + (1 - y[n,k])*log(1 - p[n,k]))",
    "focal": SIGMOID + "loss = -sum(n, k, y[n,k]*(1 - p[n,k])**2*log(p[n,k]))",
    "log odds": SIGMOID + "loss = sum(n, k, y[n,k]*log(p[n,k]/(1 - p[n,k])))",
    "a tanh in a logarithm": GIVEN
    + "a[n,k] = tanh(x[n,k])\nloss = sum(n, k, y[n,k]*log(1 + a[n,k]))",
    "cross-entropy": SOFTMAX + "loss = -sum(n, k, y[n,k]*log(p[n,k]))",
    "log of a softmax": GIVEN + "loss = -sum(n, k, y[n,k]*log(softmax(k, x[n,k])))",
    "logsumexp": GIVEN + "loss = sum(n, logsumexp(k, x[n,k])*y[n,0])",
    "logsumexp, written": GIVEN + "loss = sum(n, log(sum(k, exp(x[n,k])))*y[n,0])",
    "log of a mean of exps": GIVEN + "loss = sum(n, log(mean(k, exp(x[n,k])))*y[n,0])",
    "softmax, written": GIVEN
    + "p[n,k] = exp(x[n,k])/sum(k, exp(x[n,k]))\nloss = sum(n, k, y[n,k]*p[n,k])",
    "a temperature": GIVEN
    + "p[n,k] = exp(x[n,k]/2)/sum(k, exp(x[n,k]/2))\nloss = sum(n, k, y[n,k]*p[n,k])",
    "entropy": SOFTMAX + "loss = -sum(n, k, p[n,k]*log(p[n,k]))",
    "KL": SOFTMAX
    + "q[n,k] = softmax(k, y[n,k])\nloss = sum(n, k, q[n,k]*(log(q[n,k]) - log(p[n,k])))",
    "focal of a softmax": SOFTMAX + "loss = -sum(n, k, y[n,k]*(1 - p[n,k])**2*log(p[n,k]))",
    "a causal mask": GIVEN
    + "s[n,k] = where(k <= n, x[n,k], -inf)\np[n,k] = softmax(k, s[n,k])\n"
    + "loss = sum(n, k, p[n,k]*y[n,k])",
    "root of the mean square": GIVEN
    + "loss = sum(n, k, y[n,k]*x[n,k]/sqrt(mean(k, x[n,k]**2) + 1/100000))",
    "layer norm": GIVEN
    + "m[n] = mean(k, x[n,k])\nv[n] = mean(k, (x[n,k] - m[n])**2)\n"
    + "h[n,k] = (x[n,k] - m[n])/sqrt(v[n] + 1/100000)\nloss = sum(n, k, y[n,k]*h[n,k])",
    "a difference of sigmoids": GIVEN + "loss = sum(n, k, sigmoid(x[n,k]) - sigmoid(y[n,k]))",
}
PARTS = GIVEN + "e[n,k] = exp(x[n,k])\ns[n] = sum(k, e[n,k])\np[n,k] = e[n,k]/s[n]\n"
ODDS = GIVEN + "e[n,k] = exp(x[n,k])\nd[n,k] = 1 + e[n,k]\np[n,k] = e[n,k]/d[n,k]\n"
# Sums and ratios of exponentials whose parts overflow.
IN_PARTS = {
    "a softmax": PARTS + "loss = sum(n, k, y[n,k]*p[n,k])",
    "its square": PARTS + "loss = sum(n, k, (y[n,k] - p[n,k])**2)",
    "its entropy": PARTS + "loss = -sum(n, k, p[n,k]*log(p[n,k]))",
    "a softmax, its sum named": GIVEN
    + "s[n] = sum(k, exp(x[n,k]))\nloss = sum(n, k, y[n,k]*exp(x[n,k])/s[n])",
    "the square of a ratio": GIVEN
    + "loss = sum(n, k, y[n,k]*(exp(x[n,k])/sum(k, exp(x[n,k])))**2)",
    "a temperature that is learned": "parameter t\n"
    + GIVEN
    + "loss = sum(n, k, y[n,k]*exp(x[n,k]/t)/sum(k, exp(x[n,k]/t)))",
    "a transposed softmax": GIVEN
    + "p[k,n] = softmax(k, x[n,k])\nq[n,k] = 2*p[k,n] + 1\nloss = sum(n, k, y[n,k]*q[n,k]**2)",
    "a softmax within a sum": GIVEN
    + "p[n,k] = softmax(k, x[n,k]) - y[n,k]\nloss = sum(n, k, (p[n,k] + 1)**2)",
    "a weighted logsumexp": GIVEN + "loss = sum(n, log(sum(k, (y[n,k] + 1)*exp(x[n,k]))))",
    "a weighted sum, named": GIVEN
    + "s[n] = sum(k, (y[n,k] + 1)*exp(x[n,k]))\nloss = sum(n, log(s[n]))",
    "a partition function with 1": GIVEN + "loss = sum(n, log(1 + sum(k, exp(x[n,k]))))",
    "a ratio of sums": GIVEN + "loss = sum(n, sum(k, y[n,k]*exp(x[n,k]))/sum(k, exp(x[n,k])))",
    "an expected value": GIVEN
    + "a[n] = sum(k, x[n,k]*exp(x[n,k]))\nb[n] = sum(k, exp(x[n,k]))\nloss = sum(n, a[n]/b[n])",
    "two entries": GIVEN + "loss = sum(n, y[n,1]*exp(x[n,0])/(exp(x[n,0]) + exp(x[n,1])))",
    "a sigmoid": ODDS + "loss = sum(n, k, y[n,k]*p[n,k])",
    "the log of a sigmoid": ODDS + "loss = sum(n, k, y[n,k]*log(p[n,k]))",
    "bce": GIVEN
    + "e[n,k] = exp(-x[n,k])\np[n,k] = 1/(1 + e[n,k])\n"
    + "loss = -sum(n, k, y[n,k]*log(p[n,k]) + (1 - y[n,k])*log(1 - p[n,k]))",
    "a tanh": GIVEN
    + "a[n,k] = exp(x[n,k])\nb[n,k] = exp(-x[n,k])\n"
    + "loss = sum(n, k, y[n,k]*(a[n,k] - b[n,k])/(a[n,k] + b[n,k]))",
}
BATCHES = [
    [-1000, 1000, 0],
    [1000, 1000, 1000],
    [40, -40, 0],
    [1e-300, -1e-300, 1e-300],
    [0.5, -0.25, 2],
    [-745, -3, -1000],
]
TARGETS = [[0.25, 0.5, 0.25], [1, 0, 0], [0, 1, 0]]


def batches():
    for rows in [[row] for row in BATCHES] if IS_FULL else [BATCHES[:1], BATCHES[2:5]]:
        for t in TARGETS if IS_FULL else TARGETS[:2]:
            yield {"x": np.array(rows, float), "y": np.array([t] * len(rows), float)}


@pytest.mark.parametrize(
    "text",
    [*SYSTEMS.values(), *IN_PARTS.values()],
    ids=[*SYSTEMS, *(f"parts: {n}" for n in IN_PARTS)],
)
def test_losses_as_they_are_written_keep_twelve_digits(text):
    derivation = derive(System.parse(text), ["x"])
    function = derivation.lambdify()
    parameters = {"t": 0.5} if "parameter t" in text else {}
    for given in batches():
        known, terms = numbers_of(derivation, given | parameters)
        loss, gradients = function(parameters, given["x"], given["y"])
        scale = max(1, np.abs(given["x"]).max())
        assert is_right(loss, known["loss"][()], lambda scale=scale: scale)
        assert wrong_entries(gradients["x"], known["dL_dx"], terms["dL_dx"]) == []


SECOND = ("an expected value", "bce", "a tanh")


@pytest.mark.parametrize("name", IN_PARTS if IS_FULL else SECOND)
def test_second_derivatives_of_ratios_of_exponentials_keep_twelve_digits(name):
    found = hessian(System.parse(IN_PARTS[name]), "x")
    function, parameters = found.lambdify(), {"t": 0.5} if "learned" in name else {}
    for given in batches():
        known, terms = numbers_of(found, given | parameters)
        array = function(parameters, **given)
        assert wrong_entries(array, known["ddL_dx_dx"], terms["ddL_dx_dx"]) == []


def outputs_for(row):
    """The activation that gives outputs for which a loss is defined."""
    if row.takes_distribution:
        return "2-2:softmax"
    if row.upper == 1:
        return "2-2:sigmoid"
    return "2-2:softplus" if row.lower == 0 else "2-2"


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_keeps_twelve_digits_value_and_derivative(loss):
    network = Network(outputs_for(LOSSES[loss]), loss=loss)
    derivation = derive(network, ["x"])
    function = derivation.lambdify()
    parameters = {"W1": np.eye(2), "b1": np.zeros(2)}
    for z in ([700.0, -1000.0], [17.0, -38.0], [0.25, -1.5], [1e-300, -1e-300]):
        for t in ([1.0, 0.0], [0.25, 0.75]):
            given = {"x": [z], "y": [t], **parameters}
            values = {name: entries(np.array(a, float)) for name, a in given.items()}
            try:
                known = evaluate(derivation.equations, values, {SAMPLES: 1}, 1100)
            except ZeroDivisionError:
                continue
            true_loss, slopes = known[network.system.loss.name][()], known["dL_dx"]
            if not all(abs(v) < LARGEST for v in (true_loss, *slopes.values())):
                continue
            value, gradients = function(parameters, [z], [t])
            assert is_right(value, true_loss, lambda z=z: abs(z[0]))
            terms = sizes_of_terms(derivation.equations, known, {SAMPLES: 1}, 60)["dL_dx"]
            assert wrong_entries(gradients["x"], slopes, terms) == []


def test_a_derivative_at_a_kink_is_the_same_wherever_it_is_computed():
    kinks = {"relu": 0, "leaky_relu": 0.01, "elu": 1, "softplus": 0.5}
    for name, slope in kinks.items():
        assert through_a_network(name, [0.0, -0.0])[1].tolist() == [slope, slope]
    system = System.parse("input x[i:I]\nloss = sum(i, abs(x[i]) + maximum(x[i], 0))")
    assert derive(system, ["x"]).lambdify()({}, np.array([0.0, -0.0]))[1]["x"].tolist() == [0, 0]


def test_a_gap_at_zero_that_can_be_filled_is_filled():
    system = System.parse("input x[i:I]\na[i] = (exp(x[i]) - 1)/x[i]\nloss = sum(i, a[i])")
    function = derive(system, ["x"]).lambdify()
    assert function.predict({}, np.zeros(2)).tolist() == [1, 1]
    assert function({}, np.zeros(2))[1]["x"].tolist() == [0.5, 0.5]


ZEROS = {
    "an entropy": ("sum(n, k, y[n,k]*log(y[n,k]) - y[n,k]*x[n,k])", 0.3 * np.log(0.3) - 2.9, None),
    "of 0 twice": ("-sum(n, k, y[n,k]*log(x[n,k]))", -np.log(2) - 0.3 * np.log(3), [0, -0.5, -0.1]),
    "of 0 twice, in parts": (
        "p[n,k] = maximum(x[n,k], 0)\nloss = -sum(n, k, y[n,k]*log(p[n,k]))",
        -np.log(2) - 0.3 * np.log(3),
        [0, -0.5, -0.1],
    ),
    "of 1 - p": (
        "sum(n, k, y[n,k]*log(1 - (1 - x[n,k])))",
        np.log(2) + 0.3 * np.log(3),
        [0, 0.5, 0.1],
    ),
    "a power": ("sum(n, k, y[n,k]*x[n,k]**2*log(x[n,k]))", 4 * np.log(2) + 2.7 * np.log(3), None),
}


@pytest.mark.parametrize(("text", "true_loss", "slopes"), ZEROS.values(), ids=ZEROS)
def test_0_times_log_0_is_0(text, true_loss, slopes):
    text = text if "loss" in text else f"loss = {text}"
    function = derive(System.parse(GIVEN + text), ["x"]).lambdify()
    loss, gradients = function({}, np.array([[0.0, 2, 3]]), np.array([[0.0, 1, 0.3]]))
    assert loss == pytest.approx(true_loss, rel=TOLERANCE)
    assert np.isfinite(gradients["x"]).all()
    if slopes is not None:
        np.testing.assert_allclose(gradients["x"][0], slopes, rtol=TOLERANCE)


def test_what_no_sample_has_teaches_nothing():
    text = "target y[n:N, k:K]\nparameter p[k]\nloss = -sum(n, k, y[n,k]*log(p[k]))"
    function = derive(System.parse(text)).lambdify()
    gradient = function({"p": [0.0, 0.5]}, [[0.0, 1], [0, 1]])[1]["p"]
    assert gradient.tolist() == [0, -4]


@pytest.mark.parametrize("text", ["log(maximum(x[i], 0))", "1/maximum(x[i], 0)", "log(relu(x[i]))"])
def test_a_branch_that_has_no_value_is_no_matter_where_another_holds(text):
    function = derive(System.parse(f"input x[i:I]\nloss = sum(i, {text})"), ["x"]).lambdify()
    loss, gradients = function({}, np.array([2.0]))
    is_log = text.startswith("log")
    assert loss == pytest.approx(np.log(2) if is_log else 0.5)
    assert gradients["x"] == pytest.approx([0.5 if is_log else -0.25])


def test_the_derivative_of_a_power_by_its_exponent_is_0_at_0():
    system = System.parse("parameter p\ninput x[n:N]\nloss = sum(n, x[n]**p)")
    _, gradients = derive(system, ["p"]).lambdify()({"p": 2.5}, np.array([0.0, 2]))
    assert gradients["p"] == pytest.approx(2**2.5 * np.log(2), rel=TOLERANCE)


COSINE = (
    "c[n] = sum(k, x[n,k]*y[n,k])/(sqrt(sum(k, x[n,k]**2))*sqrt(sum(k, y[n,k]**2)))\n"
    "loss = sum(n, 1 - c[n])"
)
PAIRS = {
    "a cosine": COSINE,
    "rows brought to one spread": "m[n] = mean(k, x[n,k])\nv[n] = mean(k, (x[n,k] - m[n])**2)\n"
    + "h[n,k] = (x[n,k] - m[n])/sqrt(v[n])\nloss = sum(n, k, y[n,k]*h[n,k]**2)",
    "two numbers": "loss = sum(n, k, sqrt(x[n,k]**2 + y[n,k]**2))",
    "exps of two": "loss = sum(n, exp(x[n,0]*1000)/exp(y[n,0]*1000 - 1))",
}


@pytest.mark.parametrize("text", PAIRS.values(), ids=PAIRS)
def test_what_two_arrays_make_holds_at_any_size(text):
    derivation = derive(System.parse(GIVEN + text), ["x"])
    function = derivation.lambdify()
    for size, other in ((1e-300, 1e-200), (1e-104, 1.0), (1.0, 1.0), (1e3, 1e-290)):
        if "exp" in text and size > 1:
            continue
        x, y = size * np.array([[1.0, 2, -3]]), other * np.array([[1.0, 0.5, 0.3]])
        known, terms = numbers_of(derivation, {"x": x, "y": y})
        loss, gradients = function({}, x, y)
        assert is_right(loss, known["loss"][()])
        assert wrong_entries(gradients["x"], known["dL_dx"], terms["dL_dx"]) == []


# What people fit, of positive u and v that are all small or all large.
FITTED = {
    "a hazard in an interval": "loss = -sum(n, k, log(1 - exp(-exp(v[n,k]/10)*u[n,k])))",
    "a ratio of squares": "loss = sum(n, k, u[n,k]**2/v[n,k]**2)",
    "of two normal densities": "loss = sum(n, k, log(v[n,k]/u[n,k]) "
    + "+ (u[n,k]**2 + (u[n,k] - 3*v[n,k])**2)/(2*v[n,k]**2))",
    "a spread for all": "s = sum(n, k, v[n,k])\n"
    + "loss = sum(n, exp(-sum(k, (u[n,k] - 3*v[n,k])**2)/(2*s**2)))",
    "an energy in decibels": "loss = sum(n, 10*log(sum(k, u[n,k]**2)/sum(k, v[n,k]**2)))",
    "a logarithm of a variance": "m[n] = mean(k, u[n,k])\ns[n] = mean(k, (u[n,k] - m[n])**2)\n"
    + "loss = sum(n, log(s[n]) + v[n,0])",
    "shares of an energy": "loss = sum(n, k, (k + 1)*u[n,k]**2/sum(k, u[n,k]**2))",
    "a slope": "loss = sum(n, sum(k, u[n,k]*v[n,k])/sum(k, v[n,k]**2))",
    "Geman-McClure's loss": "loss = sum(n, k, u[n,k]**2/(u[n,k]**2 + v[n,k]**2))",
    "Welsch's loss": "loss = sum(n, k, v[n,k]**2*(1 - exp(-(u[n,k]/v[n,k])**2)))",
    "cosines of all pairs": "c[n,m:N] = sum(k, u[n,k]*v[m,k])"
    + "/(sqrt(sum(k, u[n,k]**2))*sqrt(sum(k, v[m,k]**2)))\nloss = sum(n, m, exp(c[n,m]))",
    "a correlation": "m = mean(n, k, u[n,k])\nw = mean(n, k, v[n,k])\n"
    + "c = sum(n, k, (u[n,k] - m)*(v[n,k] - w))\ns = sqrt(sum(n, k, (u[n,k] - m)**2))\n"
    + "r = sqrt(sum(n, k, (v[n,k] - w)**2))\nloss = exp(c/(s*r))",
    "a slope that is fitted": "m = mean(n, k, u[n,k])\nw = mean(n, k, v[n,k])\n"
    + "loss = sum(n, k, (u[n,k] - m)*(v[n,k] - w))/sum(n, k, (u[n,k] - m)**2)",
    "a mean in spreads": "m = mean(n, k, u[n,k])\n"
    + "loss = sum(n, v[n,0]) + m/sqrt(mean(n, k, (u[n,k] - m)**2))",
    "what is left of 1": "loss = sum(n, k, 1 - 1/(1 + u[n,k]) + v[n,k])",
    "what is left of a share": "p[n,k] = (2 + v[n,k])/(2 + v[n,k] + u[n,k])\n"
    + "loss = sum(n, k, 1 - p[n,k])",
    "more than a square": "q[n,k] = (1 + u[n,k])**2\nloss = sum(n, k, q[n,k] - 1 + v[n,k])",
    "log of a mean of exps": "loss = sum(n, log(mean(k, exp(u[n,k]))) + v[n,0])",
    "survival where some are cured": "p[n,k] = sigmoid(v[n,k])\n"
    + "loss = -sum(n, k, log(p[n,k] + (1 - p[n,k])*exp(-u[n,k])))",
    "a mixture of experts": "p[n,k] = softmax(k, v[n,k])\n"
    + "loss = -sum(n, log(sum(k, p[n,k]*exp(-u[n,k]))))",
    "log of a scale under a name": "s[n,k] = 1 + u[n,k]/(2 + v[n,k])\n"
    + "loss = sum(n, k, log(s[n,k]))",
    "a rational kernel": "loss = sum(n, k, (1 + sum(j, u[n,j])/(4 + 2*v[n,k]))**(-2 - v[n,k]))",
    "1 less, beside another": "loss = sum(n, k, exp(u[n,k]) - 1 + v[n,k]**2)",
    "of Box and Cox": "loss = sum(n, k, ((1 + 1/(2 + v[n,k]))**u[n,k] - 1)/u[n,k])",
    "log odds, all under names": "p[n,k] = sigmoid(u[n,k])\nq[n,k] = 1 - p[n,k]\n"
    + "o[n,k] = p[n,k]/q[n,k]\nloss = sum(n, k, log(o[n,k]) + v[n,k])",
    "two thresholds": "p[n,k] = 1 - sigmoid(u[n,k] - 3*v[n,k])\nloss = -sum(n, k, log(p[n,k]))",
}
# Of x of any size and sign, and a y that is 0 or 1.
FITTED_BY = {
    "Cox": "loss = sum(n, k, log(sum(m:N, where(m >= n, exp(x[m,k]), 0))) - x[n,k])",
    "above a threshold": "p[n,k] = 1 - sigmoid(y[n,k] - x[n,k])\n"
    + "loss = -sum(n, k, log(p[n,k]))",
    "a mask": "e[n,k] = where(k <= n, exp(x[n,k]), 0)\n"
    + "loss = sum(n, sum(k, e[n,k]*y[n,k])/sum(k, e[n,k]))",
    "a density under a name": "s[n,k] = exp(-y[n,k]*x[n,k])\n"
    + "loss = sum(n, k, log((2 + y[n,k])*s[n,k]))",
    "a negative binomial": "loss = sum(n, k, y[n,k]*log(exp(x[n,k])/((y[n,k] + 2) + exp(x[n,k]))))",
}


@pytest.mark.parametrize("text", FITTED_BY.values(), ids=FITTED_BY)
def test_what_is_fitted_by_an_exp_holds_at_any_size(text):
    derivation = derive(System.parse(GIVEN + text), ["x"])
    function = derivation.lambdify()
    for x in ([[1000.0, -1000, 3], [0.5, 40, 1000], [-745, 2, -1000]], [[1e-300] * 3] * 3):
        given = {"x": np.array(x), "y": np.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])}
        known, terms = numbers_of(derivation, given)
        loss, gradients = function({}, **given)
        assert is_right(loss, known["loss"][()], lambda: 1)
        assert wrong_entries(gradients["x"], known["dL_dx"], terms["dL_dx"]) == []


AT_SIZES = (1e-300, 1e-200, 1.0, 300.0)


@pytest.mark.parametrize("text", FITTED.values(), ids=FITTED)
def test_what_is_fitted_holds_at_any_size(text):
    derivation = derive(System.parse(f"input u[n:N, k:K], v[n, k]\n{text}"), ["u", "v"])
    function = derivation.lambdify()
    for size in AT_SIZES:
        u, v = size * np.array([[1.0, 2, 0.75]]), size * np.array([[0.5, 1.25, 1.5]])
        known, terms = numbers_of(derivation, {"u": u, "v": v})
        loss, gradients = function({}, u, v)
        assert is_right(loss, known["loss"][()])
        for name, array in gradients.items():
            assert wrong_entries(array, known[f"dL_d{name}"], terms[f"dL_d{name}"]) == []


# Formulas are written in a u of their own: a quantity of that name is another.
CALLED_U = {
    "beside a function": "loss = sum(n, k, log(sigmoid(x[n,k]))*{0}[n,k])",
    "within it": "loss = sum(n, k, log(1 + exp({0}[n,k]*tanh(x[n,k]))))",
    "beside an output": "a[n,k] = exp(x[n,k])*{0}[n,k]\nloss = sum(n, k, log(1 + a[n,k]**2))",
    "a number": "{0} = sum(n, k, x[n,k])\nloss = sum(n, k, {0}*(1 - tanh(x[n,k])**2))",
}


@pytest.mark.parametrize("text", CALLED_U.values(), ids=CALLED_U)
def test_a_quantity_called_u_is_one_like_any_other(text):
    found = []
    for name in ("u", "y"):
        given = "input x[n:N, k:K]\n" if f"{name} =" in text.format(name) else GIVEN
        system = System.parse(given.replace("y", name) + text.format(name))
        x = np.array([[0.5, -2, 30]])
        arrays = (x,) if given != GIVEN else (x, x + 1)
        loss, gradients = derive(system, ["x"]).lambdify()({}, *arrays)
        found.append((loss, gradients["x"].tolist()))
    assert found[0] == found[1]


LENGTHS_AS_TYPED = {
    "a length": "loss = sum(n, sqrt(sum(k, x[n,k]**2)))",
    "its square named": "s[n] = sum(k, x[n,k]**2)\nr[n] = sqrt(s[n])\nloss = sum(n, r[n])",
    "a distance": "loss = sum(n, sqrt(sum(k, (x[n,k] - y[n,k])**2)))",
}


@pytest.mark.parametrize("text", LENGTHS_AS_TYPED.values(), ids=LENGTHS_AS_TYPED)
def test_a_length_holds_at_any_size_and_its_derivative_is_0_at_0(text):
    function = derive(System.parse(GIVEN + text), ["x"]).lambdify()
    directions = np.array([[2.0, -1, 2], [0, 0, 0]]) / 3
    for size in (1e-300, 1e-9, 1, 1e3, 1e300):
        x = 3 * size * directions
        loss, gradients = function({}, x, 0 * x)
        assert is_right(loss, 3 * mpmath.mpf(size))
        np.testing.assert_allclose(gradients["x"], directions, rtol=TOLERANCE)


# One class is all but certain: log p, 1 - p and roots of p keep their digits, though p is 1 or 0.
CERTAIN = {
    "log of a softmax": "loss = -sum(n, k, y[n,k]*log(softmax(k, x[n,k])))",
    "under a name": "p[n,k] = softmax(k, x[n,k])\nloss = -sum(n, k, y[n,k]*log(p[n,k]))",
    "logits": "loss = sum(n, logsumexp(k, x[n,k]) - x[n,0])",
    "logits, the sum named": "s[n] = logsumexp(k, x[n,k])\n"
    + "loss = -sum(n, k, y[n,k]*(x[n,k] - s[n]))",
    "of some share": "loss = 0.9*sum(n, k, y[n,k]*(logsumexp(j, x[n,j]/2) - x[n,k]/2))",
    "focal": "p[n,k] = softmax(k, x[n,k])\n"
    + "loss = -sum(n, k, y[n,k]*(1 - p[n,k])**2*log(p[n,k]))",
    "in parts": "e[n,k] = exp(x[n,k])\ns[n] = sum(k, e[n,k])\n"
    + "p[n,k] = e[n,k]/s[n]\nloss = -sum(n, k, y[n,k]*log(p[n,k]))",
    "a complement": "p[n,k] = softmax(k, x[n,k])\nloss = sum(n, k, y[n,k]*(1 - p[n,k]))",
    "the logarithm of a complement": "p[n,k] = softmax(k, x[n,k])\n"
    + "loss = -sum(n, k, y[n,k]*log(1 - p[n,k]))",
    "the logarithm of a complement, in one line": "loss = -sum(n, k, y[n,k]*"
    + "log(1 - softmax(k, x[n,k])))",
    "of a complement under a name": "p[n,k] = softmax(k, x[n,k])\nq[n,k] = 1 - p[n,k]\n"
    + "loss = -sum(n, k, (1 - y[n,k])*log(q[n,k]))",
    "bce of each class, in one line": "loss = -mean(n, sum(k, (1 - y[n,k])"
    + "*log(softmax(k, x[n,k])) + y[n,k]*log(1 - softmax(k, x[n,k]))))",
    "the root of a complement": "p[n,k] = softmax(k, x[n,k])\n"
    + "loss = sum(n, k, (y[n,k] + k)*(1 - p[n,k])**0.5)",
    "bce of each class": "p[n,k] = softmax(k, x[n,k])\n"
    + "loss = -mean(n, k, (1 - y[n,k])*log(p[n,k]) + y[n,k]*log(1 - p[n,k]))",
    "a root": "loss = sum(n, k, y[n,k]*softmax(k, -x[n,k])**0.3)",
    "focal, by the probability of what is there": "p[n,k] = sigmoid(x[n,k])\n"
    + "q[n,k] = y[n,k]*p[n,k] + (1 - y[n,k])*(1 - p[n,k])\n"
    + "loss = -mean(n, k, (1 - q[n,k])**(2 + y[n,2])*log(q[n,k]))",
    "a root, under a name": "p[n,k] = softmax(k, x[n,k])\nloss = sum(n, p[n,2]**0.5)",
    "masked": "loss = sum(n, logsumexp(k, where(k <= 1, x[n,k], -inf)) - x[n,0])",
}


@pytest.mark.parametrize("text", CERTAIN.values(), ids=CERTAIN)
def test_a_class_that_is_all_but_certain_keeps_its_digits(text):
    derivation = derive(System.parse(GIVEN + text), ["x"])
    function = derivation.lambdify()
    for x in ([[50, 0, -3]], [[1000.0, 0, 300]], [[1e-8, -40, -30]]):
        given = {"x": np.array(x, float), "y": np.array([[1.0, 0, 0]])}
        known, terms = numbers_of(derivation, given)
        loss, gradients = function({}, **given)
        assert is_right(loss, known["loss"][()])
        assert wrong_entries(gradients["x"], known["dL_dx"], terms["dL_dx"]) == []


# Rows of which something, or all, is left out; by a named score the derivative is a plain one.
MASKS = {"of places": "k < n", "of an input": "y[n,k] > 0", "of a parameter": "b[k] > y[n,k]"}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_a_masked_softmax_in_one_line_is_that_of_named_scores(mask, dtype):
    lines = "p[n,k] = softmax(k, where({}, {}, -inf))\nloss = sum(n, k, (k + 1)*p[n,k])"
    inline = f"{GIVEN}parameter b[k]\n" + lines.format(mask, "b[k]*x[n,k]")
    named = f"{GIVEN}parameter b[k]\ns[n,k] = b[k]*x[n,k]\n" + lines.format(mask, "s[n,k]")
    one, other = (derive(System.parse(text), ["b"]).lambdify() for text in (inline, named))
    b = np.array([0.5, 0.75, 2], dtype)
    y = np.array([[-1, -1, -1], [1, 0.6, -1], [3, 1, 2]], dtype)
    for size in (1, 1000):
        x = size * np.array([[1, 2, 3], [0.5, 0.25, -1], [-0.75, -0.5, -0.25]], dtype)
        expected, found = (f({"b": b}, x, y) for f in (other, one))
        assert found[0] == pytest.approx(expected[0], rel=1e-5)
        assert found[1]["b"].dtype == dtype
        scale = float(np.abs(expected[1]["b"]).max())
        np.testing.assert_allclose(found[1]["b"], expected[1]["b"], atol=1e-6 * max(scale, 1))


# A likelihood of many samples is below every float; its logarithm is not.
LIKELIHOODS = {
    "of what is given": "loss = -log(prod(n, prod(k, (1 + y[n,k])*x[n,k])))",
    "of Bernoulli": "p[n,k] = sigmoid(x[n,k])\n"
    + "loss = -log(prod(n, prod(k, p[n,k]**y[n,k]*(1 - p[n,k])**(1 - y[n,k]))))",
    "of classes": "p[n,k] = softmax(k, x[n,k])\nloss = -log(prod(n, prod(k, p[n,k]**y[n,k])))",
    "of a normal density, under names": "d[n,k] = exp(-(x[n,k] - y[n,k])**2*50)/sqrt(6.28)\n"
    + "p[n] = prod(k, d[n,k])\nq = prod(n, p[n])\nloss = -log(q)",
    "of numbers of both signs": "loss = sum(n, log(prod(k, x[n,k])))",
}


@pytest.mark.parametrize("text", LIKELIHOODS.values(), ids=LIKELIHOODS)
def test_a_likelihood_that_no_float_holds_has_a_logarithm_and_a_derivative(text):
    is_small = text.startswith("loss")
    rows = [[-1e-200, 2e-200, -0.5]] * 2 if is_small else [[1000.0, -1000, 3], [40, 0, -700]]
    derivation = derive(System.parse(GIVEN + text), ["x"])
    given = {"x": np.array(rows), "y": np.array([[1.0, 0, 0], [0, 0, 1]])}
    known, terms = numbers_of(derivation, given)
    loss, gradients = derivation.lambdify()({}, **given)
    assert is_right(loss, known["loss"][()])
    assert wrong_entries(gradients["x"], known["dL_dx"], terms["dL_dx"]) == []


STEP = "input x[n:N, t:T]\nparameter w\nh[n,-1] = 0\n"
CHAIN = "input x[n:N, t:T, k:K]\nparameter A[j:K, k]\nh[n,-1,k] = 0\n"
SCORES = "x[n,t,k] + sum(j, A[j,k]*h[n,t-1,j])"
RECURRENCES = {
    "a sigmoid": STEP + "h[n,t] = sigmoid(w*h[n,t-1] + x[n,t])\nloss = sum(n, t, h[n,t])",
    "its logarithm": STEP
    + "h[n,t] = 1/(1 + exp(-(w*h[n,t-1] + x[n,t])))\nloss = -sum(n, t, log(h[n,t]))",
    "a tanh in a logarithm": STEP
    + "h[n,t] = tanh(w*h[n,t-1] + x[n,t])\nloss = sum(n, t, log(1 + h[n,t]))",
    "an exp under a name": STEP
    + "e[n,t] = exp(-w*h[n,t-1] - x[n,t])\nh[n,t] = 1/(1 + e[n,t])\nloss = sum(n, t, h[n,t])",
    "logaddexp": STEP + "h[n,t] = log(exp(w*h[n,t-1]) + exp(x[n,t]))\nloss = sum(n, h[n,T-1])",
    "the forward algorithm": CHAIN
    + "h[n,t,k] = x[n,t,k] + logsumexp(j, h[n,t-1,j] + A[j,k])\n"
    + "loss = -sum(n, log(sum(k, exp(h[n,T-1,k]))))",
    "a softmax": CHAIN + f"h[n,t,k] = softmax(k, {SCORES})\nloss = -sum(n, t, log(h[n,t,0]))",
    "a softmax in parts": CHAIN
    + f"e[n,t,k] = exp({SCORES})\ns[n,t] = sum(j, e[n,t,j])\nh[n,t,k] = e[n,t,k]/s[n,t]\n"
    + "loss = sum(n, t, k, h[n,t,k]**2)",
}


@pytest.mark.parametrize("text", RECURRENCES.values(), ids=RECURRENCES)
def test_exponentials_within_a_recurrence_keep_twelve_digits(text):
    if "A[j:K, k]" in text:
        x = np.array([[[1000.0, -1000, 3], [40, 0, -40], [-1000, 1000, 0], [1, 2, 3]]])
        parameters = {"A": np.array([[-1000.0, 0, -3], [2, -500, 0], [1, 1, 700]])}
    else:
        x = np.array([[1000.0, -1000, 3, 40], [-1000, 0.1, 700, -700]])
        parameters = {"w": np.array(2.0)}
    derivation = derive(System.parse(text), ["x", *parameters])
    known, terms = numbers_of(derivation, {"x": x, **parameters})
    loss, gradients = derivation.lambdify()(parameters, x)
    assert is_right(loss, known["loss"][()])
    for name, array in gradients.items():
        assert wrong_entries(array, known[f"dL_d{name}"], terms[f"dL_d{name}"]) == []


WRONG = {
    "an eleventh digit": lambda values: values * (1 + 1e-11),
    "a sign": lambda values: -values,
    "not a number": lambda values: values * np.nan,
    "infinite": lambda values: values + np.inf,
    "the tail cut off": lambda values: np.where(values < 1e-15, 0, values),
}


@pytest.mark.parametrize("mutate", WRONG.values(), ids=WRONG)
def test_a_wrong_number_is_seen(mutate):
    formula = with_formulas(ACTIVATIONS["sigmoid"].expression)
    values, _ = through_a_network("sigmoid", POINTS)
    assert faults(formula, values, POINTS) == []
    assert faults(formula, mutate(values), POINTS) != []


def test_the_cancellation_that_is_mended_is_one_that_is_seen():
    formula = with_formulas(ACTIVATIONS["tanh"].expression).diff(U)
    assert faults(formula, 1 - np.tanh(np.array(POINTS)) ** 2, POINTS) != []
    assert is_right(1 + TOLERANCE / 2, 1)
    assert not is_right(1 + 2 * TOLERANCE, 1)
