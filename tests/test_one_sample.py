"""A Jacobian for one sample as a matrix: its entries are those that are compiled."""

import numpy as np
import pytest
from sympy import Add, Mul, Pow, Symbol

from symnn import Network, derive, jacobian
from symnn.array_nodes import Diagonal, MatrixProduct, Transposed
from symnn.errors import SpecError
from symnn.rendering import FORMATS, page_of, render
from symnn.rendering.one_sample import MIXED, matrix_of_one_sample

CASES = {
    "softmax": ("3-4:softmax", "yhat", "z1", "diag(ŷ) − ŷ ŷᵀ"),
    "an activation": ("2-3:tanh-1", "a1", "z1", "diag(1 − a¹ ⊙ a¹)"),
    "a layer's affine map": ("2-3:tanh-1", "z1", "x", "W¹"),
    "a layer": ("2-3:tanh-1", "a1", "x", "diag(1 − a¹ ⊙ a¹) W¹"),
    "an output by a hidden unit": ("2-3:tanh-2:sigmoid", "yhat", "a1", "diag(ŷ ⊙ (1 − ŷ)) W²"),
}


def of(spec, top, bottom):
    loss = "cross_entropy" if "softmax" in spec else "mse"
    return jacobian(Network(spec, loss=loss), top, bottom)


def numbers(expression, values):
    """The matrix with numbers put in: a column has one axis, and a product of columns is outer."""
    inner = [numbers(a, values) for a in expression.args]
    if isinstance(expression, Symbol):
        return values[expression.name]
    if isinstance(expression, Diagonal):
        return np.diag(inner[0])
    if isinstance(expression, Transposed):
        return inner[0][None, :]
    if isinstance(expression, MatrixProduct):
        one, other = inner
        return (one[:, None] if one.ndim == 1 else one) @ other
    if isinstance(expression, Pow):
        return inner[0] ** inner[1]
    if isinstance(expression, Add | Mul):
        start = 0.0 if isinstance(expression, Add) else 1.0
        return (
            sum(inner, start)
            if isinstance(expression, Add)
            else np.prod(np.broadcast_arrays(*inner), axis=0)
        )
    return float(expression)


@pytest.mark.parametrize(("spec", "top", "bottom", "text"), CASES.values(), ids=CASES)
def test_the_matrix_of_one_sample_is_printed(spec, top, bottom, text):
    page = FORMATS["unicode"](page_of(of(spec, top, bottom)))
    assert f"= {text}\n" in page.split("For one sample")[1]


@pytest.mark.parametrize(("spec", "top", "bottom", "text"), CASES.values(), ids=CASES)
def test_the_matrix_has_the_numbers_that_are_compiled(spec, top, bottom, text):
    del text
    found = of(spec, top, bottom)
    network = Network(spec, loss="cross_entropy" if "softmax" in spec else "mse")
    parameters = network.init(seed=1)
    x = np.random.default_rng(0).normal(size=(1, network.sizes[0]))
    whole = np.asarray(found.lambdify()(parameters, x))[0, :, 0, :]
    z1 = x[0] @ parameters["W1"].T + parameters["b1"]
    a1 = np.tanh(z1)
    values = {"z1": z1, "a1": a1, **parameters}
    if "softmax" in spec:
        values["yhat"] = np.exp(z1) / np.exp(z1).sum()
    elif "sigmoid" in spec:
        values["yhat"] = 1 / (1 + np.exp(-(a1 @ parameters["W2"].T + parameters["b2"])))
    matrix = numbers(matrix_of_one_sample(found.equation), values)
    np.testing.assert_allclose(matrix, whole, rtol=1e-12, atol=1e-15)


def test_what_is_no_such_matrix_has_entries_alone():
    found = of("2-3:tanh-1", "a1", "W1")
    assert matrix_of_one_sample(found.equation) is None
    assert "For one sample" not in FORMATS["unicode"](page_of(found))


@pytest.mark.parametrize("spec", ["2-batchnorm-1", "2x2-batchnorm-flatten-1"])
def test_no_formula_is_for_one_sample_where_samples_mix(spec):
    derivation = derive(Network(spec))
    page = render(derivation)
    assert "for one sample" not in page
    assert MIXED in page
    for found in (derivation, jacobian(Network(spec), "a1", "x")):
        with pytest.raises(SpecError, match="one sample, and here they mix; use --form index"):
            page_of(found, "scalar")


def test_a_loss_over_all_samples_does_not_mix_them():
    assert "for one sample" in render(derive(Network("1-2-1")))
