"""Jacobians, Hessians, Hessian-vector products and Gauss-Newton matrices, each against others."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import sympy
from numpy.testing import assert_allclose

import symnn
from symnn import Network, System
from symnn.curvature import GaussNewton
from symnn.equations import SAMPLES
from symnn.errors import ShapeError, SymnnError, UnknownNameError
from symnn.gradcheck import compare
from symnn.rendering import FORMATS, render
from symnn.scalars import Scalars, symbol
from tests.oracles import needed

LOGISTIC = """
input x[n:N, i:D]; target y[n]; parameter w[i], b
z[n] = sum(i, w[i]*x[n,i]) + b
p[n] = sigmoid(z[n])
loss = -mean(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))
"""
SOFTMAX = """
input x[n:N, k:K]
p[n,k] = softmax(k, x[n,k])
loss = sum(n, k, p[n,k]**2)
"""
RNN = """
input x[n:N, t:T, d:D]; target y[n, j:H]; parameter W[j,d], U[j,k:H]
h[n,-1,j] = 0
h[n,t,j] = tanh(sum(d, W[j,d]*x[n,t,d]) + sum(k, U[j,k]*h[n,t-1,k]))
loss = mean(n, sum(j, (h[n,T-1,j] - y[n,j])**2))
"""

RECURRENT_NET = Network("2x1-rnn(1)-last-1")


def last_line(page):
    return page.strip().splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("text", "of", "wrt", "line"),
    [
        (SOFTMAX, "p", "x", "∂pₙₖ/∂xₘₗ = pₙₖ·𝟏[m = n]·(𝟏[k = l] − pₙₗ)"),
        (LOGISTIC, "p", "w", "∂pₙ/∂wᵢ = pₙ·(1 − pₙ)·xₙᵢ"),
        (LOGISTIC, "z", "x", "∂zₙ/∂xₘᵢ = wᵢ·𝟏[m = n]"),
        (LOGISTIC, "loss", "b", "∂L/∂b = (1/N) Σₙ (pₙ − yₙ)"),
        (LOGISTIC, "z", "z", "∂zₙ/∂zₘ = 𝟏[m = n]"),
    ],
)
def test_jacobians_come_out_in_the_textbook_form(text, of, wrt, line):
    assert last_line(render(symnn.jacobian(System.parse(text), of, wrt), form="index")) == line


def test_the_hessian_of_logistic_regression_comes_out_in_the_textbook_form():
    hessian = symnn.hessian(System.parse(LOGISTIC), "w")
    assert last_line(render(hessian)) == "∂²L/∂wᵢ∂wₖ = (1/N) Σₙ pₙ·(1 − pₙ)·xₙᵢ·xₙₖ"


def entries(jacobian):
    """Every entry for one sample, everything put in, by the places of the two quantities."""
    e = jacobian.equation
    quantities = {**jacobian.system.quantities}
    quantities |= {equation.quantity.name: equation.quantity for equation in jacobian.equations}
    view = Scalars(quantities, {x.quantity.name: x for x in jacobian.equations})
    sizes = [int(size) for size in e.quantity.shape if size != SAMPLES]
    for place in product(*map(range, sizes)):
        yield place, view.substituted(e.quantity.name, *place)


NETS = ["1-1", "2-2:tanh-1", "2-2:softmax", "1-2:sigmoid-2"]


@pytest.mark.parametrize("spec", NETS)
def test_every_second_derivative_is_that_of_sympy(spec):
    net = Network(spec, loss="cross_entropy" if "softmax" in spec else "half_sse")
    loss = symnn.derive(net).loss
    parameters = [net.system.quantities[name] for name in net.parameter_shapes]
    for one, other in product(parameters, parameters[:2]):
        for place, found in entries(symnn.hessian(net, one.name, other.name)):
            first = symbol(one, *place[: len(one.shape)])
            second = symbol(other, *place[len(one.shape) :])
            symbols = sorted(loss.free_symbols, key=str)
            point = {s: sympy.Rational(k + 2, 7) for k, s in enumerate(symbols)}
            if "softmax" in spec:
                # The targets of a sample sum to one: the Hessian may say so.
                ys = sorted((s for s in point if str(s).startswith("y_")), key=str)
                point[ys[-1]] = 1 - sum(point[s] for s in ys[:-1])
            assert abs((found - loss.diff(first, second)).xreplace(point).evalf(40)) < 1e-35


def arrays(net, samples=5):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, net.sizes[0]))
    y = np.eye(net.sizes[-1])[rng.integers(0, net.sizes[-1], samples)]
    return net.init(0), x, y


CLASSES = Network("3-4:tanh-2:softmax", loss="cross_entropy")


def torch_output(torch, p, x):
    a = torch.tanh(x @ p["W1"].T + p["b1"])
    return torch.softmax(a @ p["W2"].T + p["b2"], -1)


@pytest.fixture(scope="module")
def torch_hessian():
    """The second derivatives of the loss of `CLASSES`, by the names of two parameters."""
    torch = needed("torch")
    parameters, x, y = (
        {k: torch.tensor(v) for k, v in a.items()} if isinstance(a, dict) else torch.tensor(a)
        for a in arrays(CLASSES)
    )

    def loss(*values):
        p = dict(zip(parameters, values, strict=True))
        return -(y * torch_output(torch, p, x).log()).sum() / len(x)

    blocks = torch.autograd.functional.hessian(loss, tuple(parameters.values()))
    rows = (dict(zip(parameters, row, strict=True)) for row in blocks)
    return dict(zip(parameters, rows, strict=True))


@pytest.mark.parametrize(("one", "other"), [("W1", "W1"), ("W1", "b2"), ("W2", "W1")])
def test_a_block_of_the_hessian_agrees_with_pytorch(torch_hessian, one, other):
    found = symnn.hessian(CLASSES, one, other).lambdify()(*arrays(CLASSES))
    assert_allclose(found, torch_hessian[one][other], rtol=1e-12, atol=1e-14)


def test_a_jacobian_of_the_output_agrees_with_pytorch(torch):
    parameters, x, _ = arrays(CLASSES)
    p = {name: torch.tensor(value) for name, value in parameters.items()}
    found = symnn.jacobian(CLASSES, "yhat", "x").lambdify()(parameters, x)
    wanted = torch.autograd.functional.jacobian(
        lambda v: torch_output(torch, p, v), torch.tensor(x)
    )
    assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


def test_the_hessian_times_a_direction_agrees_with_pytorch(torch_hessian):
    parameters, x, y = arrays(CLASSES)
    rng = np.random.default_rng(1)
    directions = {f"v_{name}": rng.normal(size=p.shape) for name, p in parameters.items()}
    product = symnn.hessian_vector_product(CLASSES).lambdify()
    slope, products = product(parameters, x, y, **directions)
    for name in parameters:
        blocks = (
            np.tensordot(torch_hessian[name][other], directions[f"v_{other}"], p.ndim)
            for other, p in parameters.items()
        )
        assert_allclose(products[name], sum(blocks), rtol=1e-12, atol=1e-14)
    gradients = symnn.derive(CLASSES).lambdify()(parameters, x, y)[1]
    wanted = sum((g * directions[f"v_{name}"]).sum() for name, g in gradients.items())
    assert slope == pytest.approx(wanted, rel=1e-12)


def test_a_recurrence_is_differentiated_twice():
    torch = needed("torch")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3, 3)), rng.normal(size=(4, 2))
    parameters = {"W": rng.normal(size=(2, 3)), "U": rng.normal(size=(2, 2))}

    def loss(u):
        h = torch.zeros(4, 2, dtype=torch.float64)
        for t in range(3):
            h = torch.tanh(torch.tensor(x)[:, t] @ torch.tensor(parameters["W"]).T + h @ u.T)
        return ((h - torch.tensor(y)) ** 2).sum(1).mean()

    found = symnn.hessian(System.parse(RNN), "U").lambdify()(parameters, x, y)
    wanted = torch.autograd.functional.hessian(loss, torch.tensor(parameters["U"]))
    assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("spec", "loss"), [("3-2:tanh-2:softmax", "cross_entropy"), ("3-2:tanh-1:sigmoid", "bce")]
)
def test_the_gauss_newton_matrix_is_free_of_the_targets_where_the_loss_matches_the_output(
    spec, loss
):
    net = Network(spec, loss=loss)
    assert symnn.gauss_newton(net, "W1") == symnn.gauss_newton(net, "W1", output="z2")
    found = str(symnn.gauss_newton(net, "W1").equation.expression)
    assert "yhat" in found
    assert "y[" not in found


def test_the_gauss_newton_matrix_of_an_unmatched_loss_is_by_the_last_quantity():
    net = Network("3-2:tanh-1:sigmoid", loss="mse")
    assert symnn.gauss_newton(net, "W1") == symnn.gauss_newton(net, "W1", output="yhat")


def test_the_gauss_newton_matrix_is_the_jacobian_around_the_losss_second_derivative():
    net = Network("3-2:tanh-2:softmax", loss="cross_entropy")
    parameters, x, y = arrays(net)
    found = symnn.gauss_newton(net, "W1", "b2", output="z2").lambdify()(parameters, x, y)
    one, other = (
        symnn.jacobian(net, "z2", name).lambdify()(parameters, x) for name in ("W1", "b2")
    )
    middle = symnn.hessian(net, "z2").lambdify()(parameters, x, y)
    wanted = np.einsum("nkij,nkml,mlp->ijp", one, middle, other)
    assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("net", "names", "count"),
    [
        (Network("2-2:softmax", loss="cross_entropy"), ["W1"], 16),
        (Network("1-1:sigmoid", loss="mse"), ["W1", "b1"], 1),
    ],
    ids=lambda value: getattr(value, "spec", str(value)),
)
def test_a_gauss_newton_matrix_agrees_with_finite_differences_and_a_wrong_one_does_not(
    net, names, count
):
    matrix = symnn.gauss_newton(net, *names)
    result = matrix.compared()
    assert (result.count, result.agreeing) == (count, count)
    assert result.worst < 1e-30
    (name,) = matrix.gradients
    wrong = replace(matrix.equation, expression=2 * matrix.equation.expression)
    assert not replace(matrix, gradients={name: wrong}).compared().ok


def test_what_is_wide_is_checked_on_a_small_net():
    small, on = symnn.hessian(Network("8-2:tanh-1"), "W1", "b2").shrunk()
    assert on == "on the same net shrunk to 3-2-1"
    assert small.equations == symnn.hessian(Network("3-2:tanh-1"), "W1", "b2").equations


def test_targets_and_what_does_not_occur_may_be_left_out():
    f = symnn.jacobian(System.parse(LOGISTIC), "z", "x").lambdify()
    x, w = np.ones((3, 2)), np.array([1.0, 2.0])
    for found in (f({"w": w}, x), f({"w": w, "b": 0.0}, x, np.ones(3)), f({"w": w}, x=x)):
        assert_allclose(found, np.einsum("nm,i->nmi", np.eye(3), w))
    with pytest.raises(ShapeError, match="no array for the parameter w; give w"):
        f({}, x)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_prints_a_hessian(format_name):
    assert render(symnn.hessian(Network("2-2:tanh-1"), "W1", "b2"), format_name)


def test_names_and_counts_of_names_are_checked():
    net = Network("1-1")
    with pytest.raises(UnknownNameError, match="no quantity named 'W3'"):
        symnn.jacobian(net, "yhat", "W3")
    with pytest.raises(SymnnError, match="a block of the Hessian has one name or two, not 3"):
        symnn.hessian(net, "W1", "b1", "W1")


@pytest.mark.parametrize(
    "found",
    [
        symnn.jacobian(RECURRENT_NET, "yhat", "x"),
        symnn.jacobian(RECURRENT_NET, "h1", "h1"),
        symnn.hessian(RECURRENT_NET, "W1"),
        symnn.gauss_newton(RECURRENT_NET, "W1", "U1"),
    ],
    ids=lambda found: found.title,
)
def test_derivatives_of_a_recurrent_net_agree_with_finite_differences(found):
    result = found.compared() if isinstance(found, GaussNewton) else compare(found)
    assert result.ok
    lines = render(found).splitlines()
    assert "  h¹ₙ₀ = 0" in lines
    # It stands under its own name alone.
    assert sum("tanh(" in line and "∂" not in line for line in lines) == 1
    assert not any(line.strip() == "= h¹ₙₜ" for line in lines)


def test_what_follows_in_a_recurrence_moves_with_it_where_the_check_moves_it():
    result = compare(symnn.derive(RECURRENT_NET, ["h1"]))
    assert (result.count, result.agreeing) == (4, 4)


def test_the_derivative_of_a_norm_over_the_batch_has_no_matrix_of_one_sample():
    page = render(symnn.jacobian(Network("2-batchnorm-1"), "a1", "x"))
    assert "For one sample" not in page


def test_the_scalar_form_needs_sizes_that_are_numbers():
    with pytest.raises(SymnnError, match="the scalar form needs sizes that are numbers"):
        render(symnn.hessian(System.parse(LOGISTIC), "w"), form="scalar")


def test_the_page_of_a_product_with_a_direction_says_what_it_is_in_letters_that_tex_has():
    product = symnn.hessian_vector_product(System.parse(LOGISTIC), ["w"])
    page, latex = (render(product, name) for name in ("text", "latex"))
    assert page.startswith("Hessian of the loss times a direction | Equations with")
    assert "slope" in page
    assert "dslope/dw[i] = " in render(product, "text", "index")
    assert page.isascii()
    assert latex.replace("·", "").isascii()


@pytest.mark.parametrize("name", ["slope", "v_w"])
def test_a_name_that_a_product_with_a_direction_needs_is_refused(name):
    system = System.parse(f"input {name}; parameter w; loss = (w*{name})**2")
    with pytest.raises(SymnnError, match=f"{name} is added to the equations here"):
        symnn.hessian_vector_product(system)


def test_sign_and_abs_leave_no_dirac_delta():
    system = System.parse("input x; parameter w; loss = abs(w*x) + relu(w*x) + sign(w)*w**2")
    hessian = symnn.hessian(system, "w")
    assert "Dirac" not in str(hessian.equation.expression) + render(hessian)
    assert hessian.lambdify()({"w": 2.0}, 3.0) == 2.0


def test_a_condition_on_a_contraction_names_no_letter_of_its_axes():
    system = System.parse("""
    input x[c:2,t:6]; parameter w[o:2,c,s:3]
    z[o,i:4] = relu(sum(c, s, w[o,c,s]*x[c,i+s]))
    """)
    x, w = np.arange(12.0).reshape(2, 6), np.ones((2, 2, 3))
    found = symnn.jacobian(system, "z", "w").lambdify()({"w": w}, x)
    windows = np.lib.stride_tricks.sliding_window_view(x, 3, axis=1)
    assert_allclose(found, np.einsum("ok,cis->oikcs", np.eye(2), windows))


@pytest.mark.parametrize(
    ("text", "section"),
    [
        (
            "input x[n:N, i:D]; target y[n]; parameter w[i]\n"
            "loss = sum(n, (sum(i, w[i]*x[n,i]) - y[n])**2)/2",
            "In matrices, a row for each sample\n  ∂²L/∂w∂w = xᵀ x\n",
        ),
        (
            "input A[i:D, j:E]; parameter w[j]; loss = sum(i, sum(j, A[i,j]*w[j])**2)/2",
            "In matrices, vectors as columns\n  ∂²L/∂w∂w = Aᵀ A\n",
        ),
    ],
    ids=["a matrix of samples", "a matrix without samples"],
)
def test_a_hessian_in_matrices_says_what_its_rows_are(text, section):
    page = render(symnn.hessian(System.parse(text), "w"))
    assert section in page
    assert page.startswith("Second derivative of the loss by w · parameter w\n")
