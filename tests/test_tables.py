"""Every activation and loss against oracles: 50 digits, PyTorch and JAX.

The derivative of a row is what SymPy derives from its formula. A row that has no oracle in the
tables here fails, so that a new row needs one. PyTorch and JAX may be missing on a user's machine,
and then only their cases are skipped; where CI is set, a missing one fails.
"""

from functools import partial
from itertools import product

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from sympy import Symbol, exp, tanh
from sympy.core.relational import Relational

import symnn
from symnn.activations import ACTIVATIONS, UNIT, WIDTH, V
from symnn.binding import index
from symnn.calculus import derivative
from symnn.equations import SAMPLES, Role
from symnn.errors import SpecError
from symnn.evaluation import DIGITS, value_of
from symnn.functions import Elementwise, U, derivative_of
from symnn.given import activation_row, loss_row
from symnn.layers import Dense
from symnn.losses import LOSSES, P, T
from symnn.network import Network
from symnn.published import LOSS_FORMULAS, ROW_FORMULAS, UNIT_FORMULAS
from symnn.reference import as_entries
from tests.oracles import TORCH_ACTIVATIONS, TORCH_LOSS_OPTIONS, TORCH_LOSSES, TORCH_OPTIONS

FLOAT_TOLERANCE = 1e-12
DIGITS_TOLERANCE = 1e-30
STEP_DIGITS = 17

POINTS = (-3.0, -1.25, -0.5, -0.01, 0.01, 0.5, 1.25, 3.0)
ROW_OF_UNITS = (-1.5, 0.25, 2.0)
ANY_OUTPUTS = ((-2.0, 0.5, 1.25), (0.25, -0.75, 3.0))
# No two differ by a margin, where these losses have a kink.
OFF_MARGIN = ((-2.0, 0.5, 1.3), (0.2, -0.7, 3.0))
ANY_TARGETS = ((0.5, 0.75, -1.5), (2.0, -0.5, 2.75))
PROBABILITIES = ((0.125, 0.25, 0.625), (0.5, 0.375, 0.125))
DISTRIBUTIONS = ((0.25, 0.375, 0.375), (0.125, 0.625, 0.25))

JAX_ACTIVATIONS = {
    "identity": lambda jax: jax.nn.identity,
    "sigmoid": lambda jax: jax.nn.sigmoid,
    "tanh": lambda jax: jax.nn.tanh,
    "relu": lambda jax: jax.nn.relu,
    "leaky_relu": lambda jax: jax.nn.leaky_relu,
    "elu": lambda jax: jax.nn.elu,
    "softplus": lambda jax: jax.nn.softplus,
    "silu": lambda jax: jax.nn.silu,
    "gelu": lambda jax: lambda u: jax.nn.gelu(u, approximate=False),
    "softmax": lambda jax: jax.nn.softmax,
    "selu": lambda jax: jax.nn.selu,
    "celu": lambda jax: jax.nn.celu,
    "gelu_tanh": lambda jax: lambda u: jax.nn.gelu(u, approximate=True),
    "swish": lambda jax: jax.nn.swish,
    "mish": lambda jax: jax.nn.mish,
    "relu6": lambda jax: jax.nn.relu6,
    "hardtanh": lambda jax: jax.nn.hard_tanh,
    "hardsigmoid": lambda jax: jax.nn.hard_sigmoid,
    "hardswish": lambda jax: jax.nn.hard_swish,
    "softsign": lambda jax: jax.nn.soft_sign,
    "logsigmoid": lambda jax: jax.nn.log_sigmoid,
    "squareplus": lambda jax: jax.nn.squareplus,
    "sparse_plus": lambda jax: jax.nn.sparse_plus,
    "sparse_sigmoid": lambda jax: jax.nn.sparse_sigmoid,
    "log_softmax": lambda jax: jax.nn.log_softmax,
}
# JAX has no losses; its differentiation is the oracle here, and its own functions where it can be.
JAX_LOSSES = {
    "mse": lambda jax: lambda p, t: ((p - t) ** 2).mean(),
    "sse": lambda jax: lambda p, t: ((p - t) ** 2).sum(),
    "half_sse": lambda jax: lambda p, t: ((p - t) ** 2).sum() / 2,
    "mae": lambda jax: lambda p, t: abs(p - t).mean(),
    "huber": lambda jax: lambda p, t: jax_huber(jax, p - t).mean(),
    "bce": lambda jax: lambda p, t: jax_bernoulli(jax, p, t).mean(),
    "bce_with_logits": lambda jax: lambda p, t: jax_bernoulli(jax, jax.nn.sigmoid(p), t).mean(),
    "cross_entropy": lambda jax: lambda p, t: -(t * jax.numpy.log(p)).sum(axis=-1).mean(),
    "cross_entropy_with_logits": lambda jax: (
        lambda p, t: -(t * jax.nn.log_softmax(p)).sum(axis=-1).mean()
    ),
}

activations = pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=lambda row: row.name)
losses = pytest.mark.parametrize("row", LOSSES.values(), ids=lambda row: row.name)


def jax_huber(jax, error):
    return jax.numpy.where(abs(error) <= 1, error**2 / 2, abs(error) - 0.5)


def jax_bernoulli(jax, p, t):
    return -(t * jax.numpy.log(p) + (1 - t) * jax.numpy.log1p(-p))


@pytest.fixture(autouse=True)
def digits():
    with mpmath.workdps(DIGITS):
        yield


def worst(values, oracle):
    """The largest error: relative, absolute where the oracle is 0, infinite where undefined."""
    pairs = zip(flat(values), flat(oracle), strict=True)
    errors = [abs(mpf(v) - mpf(o)) / (abs(mpf(o)) or 1) for v, o in pairs]
    return max(error if mpmath.isfinite(error) else mpmath.inf for error in errors)


def flat(values):
    """The numbers of nested lists, in order."""
    if not isinstance(values, list | tuple):
        return [values]
    return [number for part in values for number in flat(part)]


def central_difference(function, values, position):
    """The derivative of a function of a flat list by the number at one position."""
    step = mpf(10) ** -STEP_DIGITS
    high, low = ([*map(mpf, values)] for _ in range(2))
    high[position] += step
    low[position] -= step
    return (function(high) - function(low)) / (2 * step)


def at_point(expression, u):
    """The value of an expression in `U`."""
    return value_of(expression, {U.name: {(): mpf(u)}}, {})


def row_derivative(row):
    """The derivative that a network would use for an elementwise row, in `U`."""
    if isinstance(row.expression, Elementwise):
        return derivative_of(type(row.expression))
    return row.expression.diff(U)


def unit_values(row, points=POINTS):
    return [at_point(row.expression, u) for u in points]


def unit_slopes(row, points=POINTS):
    return [at_point(row_derivative(row), u) for u in points]


def vector_values(row, at=ROW_OF_UNITS):
    """A vector activation of one row of units."""
    return [at_units(row.expression, at, {UNIT: k}) for k in range(len(at))]


def jacobian(row, at=ROW_OF_UNITS):
    """The derivative of each value of a vector activation by each entry."""
    by = index("p", WIDTH)
    slope = derivative(row.expression, V[by])
    return [[at_units(slope, at, {UNIT: k, by: p}) for p in range(len(at))] for k in range(len(at))]


def at_units(expression, units, where):
    entries = {(k,): mpf(u) for k, u in enumerate(units)}
    return value_of(expression, {str(V.label): entries}, {WIDTH: len(units)}, where)


def outputs_of(row):
    """Outputs for which a loss is defined."""
    if row.name in ("multi_margin", "multilabel_margin"):
        return OFF_MARGIN
    return PROBABILITIES if row.lower == 0 else ANY_OUTPUTS


def targets_of(row):
    """Targets that fit a loss, none of them equal to its output."""
    if row.name in ("msle", "kl_div"):
        return DISTRIBUTIONS
    return DISTRIBUTIONS if row.takes_logits or row.upper == 1 else ANY_TARGETS


def loss_value(row, formula=None):
    return at_outputs(row, formula or row.expression, {})


def loss_slopes(row):
    """The derivative of a loss by each output."""
    n, k = index("n0", SAMPLES), index("k0", WIDTH)
    slope = derivative(row.expression, P[n, k])
    height, width = len(outputs_of(row)), len(outputs_of(row)[0])
    return [at_outputs(row, slope, {n: i, k: j}) for i, j in product(range(height), range(width))]


def at_outputs(row, expression, where):
    outputs, targets = mp_rows(outputs_of(row)), mp_rows(targets_of(row))
    values = {str(P.label): as_entries(outputs), str(T.label): as_entries(targets)}
    for name, numbers in row.lists.items():
        values[name] = {(k,): mpf(number.p) / number.q for k, number in enumerate(numbers)}
    return value_of(expression, values, {SAMPLES: len(outputs), WIDTH: len(outputs[0])}, where)


def mp_rows(rows):
    return [[mpf(value) for value in row] for row in rows]


@activations
def test_an_activation_has_every_oracle(row):
    values = UNIT_FORMULAS if row.is_elementwise else ROW_FORMULAS
    assert row.name in values
    assert row.name in {**TORCH_ACTIVATIONS, **JAX_ACTIVATIONS}
    assert not row.options or any(name.startswith(f"{row.name}(") for name in TORCH_OPTIONS)


@losses
def test_a_loss_has_every_oracle(row):
    assert row.name in LOSS_FORMULAS
    assert row.name in TORCH_LOSSES
    assert not row.options or any(name.startswith(f"{row.name}(") for name in TORCH_LOSS_OPTIONS)


@activations
def test_an_activation_has_the_published_value_and_its_derivative_at_50_digits(row):
    if row.is_elementwise:
        formula = partial(UNIT_FORMULAS[row.name], **usual_options(row))
        points = [u for u in POINTS if u not in kinks(row)]
        slopes = [central_difference(lambda u: formula(u[0]), [u], 0) for u in points]
        values = [formula(mpf(u)) for u in points]
        assert worst(unit_values(row, points), values) <= DIGITS_TOLERANCE
        assert worst(unit_slopes(row, points), slopes) <= DIGITS_TOLERANCE
    else:
        assert_vector_at_50_digits(row)


def assert_vector_at_50_digits(row):
    formula, size = ROW_FORMULAS[row.name], len(ROW_OF_UNITS)
    slopes = [
        [central_difference(lambda u, k=k: formula(u)[k], ROW_OF_UNITS, p) for p in range(size)]
        for k in range(size)
    ]
    assert worst(vector_values(row), formula([*map(mpf, ROW_OF_UNITS)])) <= DIGITS_TOLERANCE
    assert worst(jacobian(row), slopes) <= DIGITS_TOLERANCE


def usual_options(row):
    return {o.name: at_point(o.value, 0) for o in row.options}


in_torch = pytest.mark.parametrize(
    "label", [name for name in ACTIVATIONS if name in TORCH_ACTIVATIONS] + list(TORCH_OPTIONS)
)


@in_torch
def test_an_activation_and_its_derivative_are_those_of_pytorch(label, torch):
    row = activation_row(label)
    function = {**TORCH_ACTIVATIONS, **TORCH_OPTIONS}[label](torch)
    if row.is_elementwise:
        # At 0 too, and wherever a row has a kink: there its policy is PyTorch's.
        points = (*POINTS, 0.0, *kinks(row))
        u = torch.tensor(points, dtype=torch.float64, requires_grad=True)
        values = function(u)
        (slopes,) = torch.autograd.grad(values.sum(), u)
        assert worst(unit_values(row, points), values.tolist()) <= FLOAT_TOLERANCE
        assert worst(unit_slopes(row, points), slopes.tolist()) <= FLOAT_TOLERANCE
    else:
        u = torch.tensor(ROW_OF_UNITS, dtype=torch.float64)
        slopes = torch.autograd.functional.jacobian(function, u)
        assert worst(vector_values(row), function(u).tolist()) <= FLOAT_TOLERANCE
        assert worst(jacobian(row), slopes.tolist()) <= FLOAT_TOLERANCE


def kinks(row):
    """Where the branches of an elementwise row meet."""
    bounds = {c.args[1] for c in at_u(row.expression).atoms(Relational)}
    return sorted(float(b) for b in bounds if b.is_number)


def at_u(expression):
    return expression.expanded() if isinstance(expression, Elementwise) else expression


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name in JAX_ACTIVATIONS])
def test_an_activation_and_its_derivative_are_those_of_jax(name, jax):
    row = ACTIVATIONS[name]
    function = JAX_ACTIVATIONS[row.name](jax)
    if row.is_elementwise:
        u = jax.numpy.array(POINTS)
        slopes = jax.vmap(jax.grad(function))(u)
        assert worst(unit_values(row), function(u).tolist()) <= FLOAT_TOLERANCE
        assert worst(unit_slopes(row), slopes.tolist()) <= FLOAT_TOLERANCE
    else:
        u = jax.numpy.array(ROW_OF_UNITS)
        assert worst(vector_values(row), function(u).tolist()) <= FLOAT_TOLERANCE
        assert worst(jacobian(row), jax.jacobian(function)(u).tolist()) <= FLOAT_TOLERANCE


@losses
def test_a_loss_has_the_published_value_and_its_derivative_at_50_digits(row):
    formula = partial(LOSS_FORMULAS[row.name], **usual_options(row))
    targets = mp_rows(targets_of(row))
    outputs, width = flat(outputs_of(row)), len(outputs_of(row)[0])

    def loss_at(values):
        rows = [values[i : i + width] for i in range(0, len(values), width)]
        return formula(rows, targets)

    slopes = [central_difference(loss_at, outputs, k) for k in range(len(outputs))]
    assert worst(loss_value(row), loss_at([*map(mpf, outputs)])) <= DIGITS_TOLERANCE
    assert worst(loss_slopes(row), slopes) <= DIGITS_TOLERANCE


@pytest.mark.parametrize("label", [*LOSSES, *TORCH_LOSS_OPTIONS])
def test_a_loss_and_its_derivative_are_those_of_pytorch(label, torch):
    row = loss_row(label)
    outputs = torch.tensor(outputs_of(row), dtype=torch.float64, requires_grad=True)
    targets = torch.tensor(targets_of(row), dtype=torch.float64)
    value = {**TORCH_LOSSES, **TORCH_LOSS_OPTIONS}[label](torch)(outputs, targets)
    (slopes,) = torch.autograd.grad(value, outputs)
    assert worst(loss_value(row), value.item()) <= FLOAT_TOLERANCE
    assert worst(loss_slopes(row), slopes.tolist()) <= FLOAT_TOLERANCE


CLASS_LOSSES = {
    "cross_entropy_with_logits(weight=[1,2,0.5])": ("CrossEntropyLoss", {}),
    "cross_entropy_with_logits(label_smoothing=0.25,weight=[1,2,0.5])": (
        "CrossEntropyLoss",
        {"label_smoothing": 0.25},
    ),
    "nll(weight=[1,2,0.5])": ("NLLLoss", {}),
    "multi_margin(weight=[1,2,0.5])": ("MultiMarginLoss", {}),
}


@pytest.mark.parametrize("label", CLASS_LOSSES)
def test_class_weights_are_those_of_pytorch_for_numbers_of_classes(label, torch):
    network, (name, options) = Network("2-3", loss=label), CLASS_LOSSES[label]
    w, b = [[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]], [0.1, -0.2, 0.3]
    x, classes = [[1.0, -0.5], [0.25, 2.0], [-1.5, 0.75], [0.5, 0.5]], [1, 2, 1, 0]
    weight, bias = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (w, b))
    outputs = torch.tensor(x, dtype=torch.float64) @ weight.T + bias
    loss = getattr(torch.nn, name)(weight=torch.tensor([1, 2, 0.5]).double(), **options)
    value = loss(outputs, torch.tensor(classes))
    slopes = torch.autograd.grad(value, [weight, bias])
    parameters = {"W1": np.array(w), "b1": np.array(b)}
    found, gradients = symnn.derive(network).lambdify()(parameters, np.array(x), np.eye(3)[classes])
    assert worst(float(found), value.item()) <= FLOAT_TOLERANCE
    for mine, theirs in zip(gradients.values(), slopes, strict=True):
        assert worst(mine.tolist(), theirs.tolist()) <= FLOAT_TOLERANCE


LIST_FAULTS = {
    "cross_entropy(weight=[1,2])": (
        "loss cross_entropy has weight for 2 outputs, but the network has 3"
    ),
    "cross_entropy(weight=2)": (
        "cross_entropy: weight is '2'; give one number for each output, as in [1,2,0.5]"
    ),
    "cross_entropy(weight=[1,-2,3])": "cross_entropy with weight = -2: it must have weight >= 0",
    "cross_entropy(weight=[0,0,0])": "cross_entropy: of the numbers of weight one must not be 0",
    "cross_entropy(weight=[1,nan,3])": (
        "argument 1 of cross_entropy is 'nan'; an argument is a number, as in elu(alpha=0.5)"
    ),
    "cross_entropy(weight=[1,2,3)": (
        "argument 1 of cross_entropy is '[1,2,3'; a list is numbers in brackets, as in [1,2,0.5]"
    ),
    "cross_entropy(weight=[])": (
        "argument 1 of cross_entropy is '[]'; a list is numbers in brackets, as in [1,2,0.5]"
    ),
    f"cross_entropy(weight=[{','.join('1' * 101)}])": (
        "argument 1 of cross_entropy is a list of 101; at most 100 are read"
    ),
    "cross_entropy(label_smoothing=[1,2,3])": (
        "cross_entropy: label_smoothing is '(1, 2, 3)'; give a number"
    ),
}


@pytest.mark.parametrize(("loss", "message"), LIST_FAULTS.items(), ids=lambda text: text[:40])
def test_a_list_that_does_not_fit_is_answered(loss, message):
    with pytest.raises(SpecError) as raised:
        Network("2-3:softmax", loss=loss)
    assert str(raised.value) == message


CONSTANT = """
input x[n:N, i:2]; target y[n, k:3]; parameter W[k, i]
yhat[n,k] = softmax(k, sum(i, x[n,i]*W[k,i]))
c[k] = where(k == 0, 1, where(k == 1, 2, 0.5))
loss = -sum(n, k, c[k]*y[n,k]*log(yhat[n,k]))/sum(n, k, c[k]*y[n,k])
"""
WEIGHTED = {
    "a network": Network(
        2, Dense(3, "softmax", bias=False), loss="cross_entropy(weight=[1,2,0.5])"
    ),
    "equations": symnn.System.parse(CONSTANT),
}


@pytest.mark.parametrize("model", WEIGHTED.values(), ids=WEIGHTED)
def test_what_is_predicted_is_the_output_and_not_the_weights(model):
    (name,) = (q.name for q in symnn.derive(model).system.named(Role.PARAMETER))
    parameters, x = {name: np.array([[0.5, -1], [2, 0.25], [-0.75, 1.5]])}, np.array([[1.0, -0.5]])
    plain = Network(2, Dense(3, "softmax", bias=False), loss="cross_entropy")
    expected = symnn.derive(plain).lambdify().predict({"W1": parameters[name]}, x)
    assert (
        worst(symnn.derive(model).lambdify().predict(parameters, x).tolist(), expected.tolist())
        == 0
    )


def test_weights_may_be_given_as_an_array_and_are_typed_as_a_list():
    row = LOSSES["cross_entropy"].with_options(weight=np.array([1, 2, 0.5]))
    assert row.label == "cross_entropy(weight=[1,2,0.5])"
    assert loss_row(row.label) == row
    assert row.of_width(2).label == "cross_entropy(weight=[1,2])"


def test_the_gradient_of_a_weighted_cross_entropy_keeps_its_short_form():
    derivation = symnn.derive(Network("2-3:softmax", loss="cross_entropy(weight=[1,2,0.5])"))
    assert str(derivation.adjoints[0].expression) == (
        "(-kappa[j]*y[n, j] + yhat[n, j]*Sum(kappa[k]*y[n, k], (k, 0, 2)))"
        "/Sum(kappa[k]*y[m, k], (k, 0, 2), (m, 0, N - 1))"
    )


@pytest.mark.parametrize("name", JAX_LOSSES)
def test_a_loss_and_its_derivative_are_those_of_jax(name, jax):
    row = LOSSES[name]
    outputs, targets = jax.numpy.array(outputs_of(row)), jax.numpy.array(targets_of(row))
    value, slopes = jax.value_and_grad(JAX_LOSSES[row.name](jax))(outputs, targets)
    assert worst(loss_value(row), value.item()) <= FLOAT_TOLERANCE
    assert worst(loss_slopes(row), slopes.tolist()) <= FLOAT_TOLERANCE


def test_mae_has_the_slope_0_where_output_and_target_are_equal():
    n, k = index("n0", SAMPLES), index("k0", WIDTH)
    values = {"yhat": {(0, 0): mpf(2)}, "y": {(0, 0): mpf(2)}}
    slope = derivative(LOSSES["mae"].formula, P[n, k])
    assert value_of(slope, values, {SAMPLES: 1, WIDTH: 1}, {n: 0, k: 0}) == 0


WRONG_DERIVATIVES = {
    "sign": -(1 - tanh(U) ** 2),
    "power": 1 - tanh(U) ** 3,
    "a last digit": (1 - tanh(U) ** 2) * (1 + exp(-25)),
    "undefined": (1 - tanh(U) ** 2) + Symbol("nan", real=True),
}


@pytest.mark.parametrize("wrong", WRONG_DERIVATIVES.values(), ids=WRONG_DERIVATIVES)
def test_a_wrong_derivative_is_seen(wrong):
    values = {U.name: {}, "nan": {(): mpmath.nan}}
    slopes = [value_of(wrong, {**values, U.name: {(): mpf(u)}}, {}) for u in POINTS]
    right = unit_slopes(ACTIVATIONS["tanh"])
    assert worst(right, right) == 0
    assert worst(slopes, right) > FLOAT_TOLERANCE


def test_a_doubled_loss_is_seen():
    row = LOSSES["mse"]
    assert worst(loss_value(row, 2 * row.formula), loss_value(row)) == 1


def test_a_missing_value_is_seen():
    with pytest.raises(ValueError, match="zip"):
        worst([1.0, 2.0], [1.0])
