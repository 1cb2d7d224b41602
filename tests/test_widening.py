"""Where a value on the way is no float, the function runs once more in a wider one."""

from dataclasses import replace

import numpy as np
import pytest

from symnn.derivation import derive
from symnn.equations import System
from symnn.jacobians import hessian
from tests.numbers import numbers_of

# On some machines a long double is no wider than float64, which is then the widest.
WIDEST = np.finfo(np.longdouble).maxexp
DTYPES = [f for f in (np.float16, np.float32, np.float64) if np.finfo(f).maxexp < WIDEST]
TOLERANCES = {np.float16: 2e-3, np.float32: 2e-6, np.float64: 1e-12}
HEAD = "parameter a, b\ninput x[n:N]\ntarget y[n]\n"
MODELS = {
    "Student's t": "loss = mean(n, (a + 1)/2*log(1 + ((x[n] - y[n])/b)**2/a))",
    "Michaelis and Menten": "loss = mean(n, (a*x[n]/(b + x[n]) - y[n])**2)",
    "Geman and McClure": "loss = mean(n, (x[n] - y[n])**2/((x[n] - y[n])**2 + a**2*b**2))",
    "a mean of a learned power": "p = 2 + a/b\nloss = sum(n, abs(x[n])**p)**(1/p) + sum(n, y[n])",
    "a root of a product": "loss = sqrt(prod(n, x[n]**2))*a*b + sum(n, y[n])",
    "a rate by Arrhenius": "loss = mean(n, a*exp(-b/x[n]))*b + sum(n, y[n])",
    "shares of fourth powers": "loss = sum(n, y[n]*x[n]**4/sum(m:N, x[m]**4)) + a*b",
}
X, Y = np.array([0.75, 1.5, -0.625]), np.array([-0.5, 1.25, 0.875])


def compiled(text):
    derivation = derive(System.parse(HEAD + text), ["a", "b", "x"])
    return derivation, derivation.lambdify()


def far(dtype, power):
    """Parameters and inputs of the size of this power of the largest float."""
    size = 2.0 ** round(power * np.finfo(dtype).maxexp)
    a, b, x, y = (np.asarray(size * v, dtype) for v in (1.25, 0.75, X, Y))
    return {"a": a, "b": b}, {"x": x, "y": y}


def is_given(gradient, values, terms, dtype):
    """Whether an array has these values, as well as its floats can."""
    smallest, tolerance = np.finfo(dtype).tiny, TOLERANCES[dtype]
    return gradient.dtype == dtype and all(
        abs(float(gradient[place]) - value)
        <= tolerance * max(abs(value), terms[place]) + float(smallest)
        for place, value in values.items()
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text", MODELS.values(), ids=MODELS)
def test_what_no_float_holds_on_the_way_is_right_at_the_end(text, dtype):
    derivation, function = compiled(text)
    for power in (-0.8, 0.4, 0.7):
        parameters, given = far(dtype, power)
        known, terms = numbers_of(derivation, parameters | given)
        slopes = {name: known[f"dL_d{name}"] for name in ("a", "b", "x")}
        if any(abs(v) > np.finfo(dtype).max for found in slopes.values() for v in found.values()):
            assert power > 0
            continue
        loss, gradients = function(parameters, **given)
        assert loss == pytest.approx(float(known["loss"][()]), rel=TOLERANCES[dtype], abs=1e-300)
        for name, found in slopes.items():
            assert is_given(gradients[name], found, terms[f"dL_d{name}"], dtype)


@pytest.mark.filterwarnings("ignore")
def test_without_a_second_run_they_are_not(one_float):
    _, function = compiled(MODELS["Geman and McClure"])
    parameters, given = far(np.float32, -0.8)
    assert np.isnan(function(parameters, **given)[0])


def test_outputs_and_second_derivatives_run_again_too():
    text = HEAD + "u[n] = a*x[n]**2/(b*x[n]**2 + x[n]**2)\nloss = mean(n, (u[n] - y[n])**2)"
    system = System.parse(text)
    x, y = np.float32([1e-30, 2e-30]), np.float32([1, 1])
    parameters = {"a": np.float32(3), "b": np.float32(2)}
    assert derive(system).lambdify().predict(parameters, x) == pytest.approx([1, 1], rel=1e-6)
    found = hessian(system, "b").lambdify()(parameters, x, y)
    # With u = 3/(1 + b), d²(u - 1)²/db² = 2·u′² + 2·(u - 1)·u″, and u = 1 here.
    assert found == pytest.approx(2 / 9, rel=1e-6)
    assert found.dtype == np.float32


def test_what_a_function_does_not_tell_is_seen_at_the_end():
    function = derive(System.parse("input x; loss = coth(exp(x))"), ["x"]).lambdify()
    # For small v coth v is 1/v, so this is the slope of exp(-x).
    slope = function({}, np.float32(-60))[1]["x"]
    assert slope == pytest.approx(-np.exp(60), rel=1e-5)


RUNS = {
    "all is in range": (MODELS["Student's t"], 0, 1),
    "what became 0 is divided by": (MODELS["Student's t"], -0.8, 2),
    "what became 0 does no harm": ("loss = mean(n, (x[n]*a + b - y[n])**2)", -0.8, 1),
    "what became 0 is below a tanh": ("loss = mean(n, (tanh(x[n]*a)*b - y[n])**2)", 0.02, 1),
}


@pytest.mark.parametrize(("text", "power", "expected"), RUNS.values(), ids=RUNS)
def test_it_runs_again_only_where_it_may_help(text, power, expected):
    _, function = compiled(text)
    runs = []
    inner = function._loss_and_gradients
    counted = replace(function, _loss_and_gradients=lambda *given: runs.append(1) or inner(*given))
    parameters, given = far(np.float32, power)
    counted(parameters, **given)
    assert len(runs) == expected


def test_what_no_float_holds_at_the_end_is_infinite_with_the_warning_of_numpy():
    _, function = compiled("loss = sum(n, (x[n] - y[n])**3) + a*b")
    parameters, given = far(np.float64, 0.7)
    with pytest.warns(RuntimeWarning, match="overflow"):
        loss, gradients = function(parameters, **given)
    assert np.isinf(loss)
    assert np.isfinite(gradients["a"])


def test_floats_of_a_width_are_given_back_as_they_came():
    _, function = compiled(MODELS["Michaelis and Menten"])
    for power in (0, -0.8):
        parameters, given = far(np.float32, power)
        before = {name: array.copy() for name, array in (parameters | given).items()}
        function(parameters, **given)
        for name, array in (parameters | given).items():
            assert array.dtype == np.float32
            np.testing.assert_array_equal(array, before[name])
