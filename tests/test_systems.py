"""Models typed as equations: derived, checked at 50 digits, compiled, compared with PyTorch."""

import re
from functools import cache
from pathlib import Path

import mpmath
import numpy as np
import pytest
from sympy import Symbol, sign

from symnn import System, derive, hessian, jacobian
from symnn.equations import Role
from symnn.errors import DataError, ShapeError, SymnnError
from symnn.evaluation import evaluate
from symnn.gradcheck import compare, derived_gradients, random_point
from symnn.parsing.vocabulary import FUNCTIONS
from symnn.rendering import FORMATS, render
from tests.oracles import needed

EXAMPLES = sorted(Path(__file__).parent.parent.joinpath("examples").glob("*.eqs"))

STRIDED = """
input x[n:N, c:C, t:2*P+1]; target y[n, o, i:P]; parameter w[o:O, c, s:3], b[o]
z[n,o,i] = sum(c, s, w[o,c,s]*x[n,c,2*i+s]) + b[o]
loss = sum(n, o, i, (tanh(z[n,o,i]) - y[n,o,i])**2)
"""
LSTM = """
input x[n:N, t:T, d:D]; target y[n, j:H]
parameter Wf[j,d], Uf[j,k:H], Wi[j,d], Ui[j,k], Wo[j,d], Uo[j,k], Wg[j,d], Ug[j,k]
h[n,-1,j] = 0
c[n,-1,j] = 0
f[n,t,j] = sigmoid(sum(d, Wf[j,d]*x[n,t,d]) + sum(k, Uf[j,k]*h[n,t-1,k]))
i[n,t,j] = sigmoid(sum(d, Wi[j,d]*x[n,t,d]) + sum(k, Ui[j,k]*h[n,t-1,k]))
o[n,t,j] = sigmoid(sum(d, Wo[j,d]*x[n,t,d]) + sum(k, Uo[j,k]*h[n,t-1,k]))
g[n,t,j] = tanh(sum(d, Wg[j,d]*x[n,t,d]) + sum(k, Ug[j,k]*h[n,t-1,k]))
c[n,t,j] = f[n,t,j]*c[n,t-1,j] + i[n,t,j]*g[n,t,j]
h[n,t,j] = o[n,t,j]*tanh(c[n,t,j])
loss = sum(n, j, (h[n,T-1,j] - y[n,j])**2)
"""
CAUSAL = """
input x[n:N, t:T, d:D]; target y[n,t,d]; parameter A[d, e:D]
s[n,t,u:T] = sum(d, e, x[n,t,d]*A[d,e]*x[n,u,e])
p[n,t,u] = softmax(u, where(u <= t, s[n,t,u], -inf))
loss = mean(n, t, d, (sum(u, p[n,t,u]*x[n,u,d]) - y[n,t,d])**2)
"""
RESIDUAL = """
input x[n:N, d:D]; target y[n,d]; parameter W[d, e:D]
a[n,d] = x[n,d] + tanh(sum(e, W[d,e]*x[n,e]))
b[n,d] = a[n,d] + tanh(sum(e, W[d,e]*a[n,e]))
loss = mean(n, d, (b[n,d] - y[n,d])**2)
"""
MAX_POOLING = """
input x[n:N, p:2*H+1, q:W]; target y[n]; parameter w[p], b
m[n,i:H,j:W-1] = max(s:3, r:2, x[n,2*i+s,j+r]*w[2*i+s] + b)
loss = mean(n, (sum(i, j, m[n,i,j]**2) - y[n])**2)
"""
EXTREMES = """
input x[n:N, t:T]; target y[n]; parameter w[t], b
q[n] = prod(t, w[t]*x[n,t] + b)
r[n] = min(t, x[n,t]*exp(w[t]))
loss = mean(n, (q[n] + r[n]*max(t, w[t] + x[n,t]) - y[n])**2)
"""
TEXTS = {
    "max pooling": MAX_POOLING,
    "extremes": EXTREMES,
    **{path.stem: path.read_text() for path in EXAMPLES},
    "strided": STRIDED,
    "lstm": LSTM,
    "causal": CAUSAL,
    "residual": RESIDUAL,
}


def arrays(system, point):
    """The leaves of a system at a point, as arrays by name."""
    shapes = {q.name: [int(s.subs(point.sizes)) for s in q.shape] for q in leaves(system)}
    return {
        name: np.array([float(v) for v in point.values[name].values()]).reshape(shape)
        for name, shape in shapes.items()
    }


def leaves(system):
    return system.named(Role.PARAMETER, Role.INPUT, Role.TARGET)


def called(function, system, values):
    parameters = {q.name: values[q.name] for q in system.named(Role.PARAMETER)}
    return function(parameters, *(values[q.name] for q in function.program.inputs))


@cache
def derived(text):
    """The derivation of a text, once in a run."""
    return derive(System.parse(text))


@cache
def compiled(text):
    """The compiled function of a text, once in a run."""
    return derived(text).lambdify()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_gradient_agrees_with_finite_differences_at_50_digits(text):
    result = compare(derived(text))
    assert result.ok, result


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_compiled_agrees_with_the_equations_entry_by_entry(text):
    derivation = derived(text)
    system = derivation.system
    point = random_point(system, seed=1)
    _, gradients = called(compiled(text), system, arrays(system, point))
    for name, entries in derived_gradients(derivation, point).items():
        expected = np.array([float(v) for v in entries.values()]).reshape(gradients[name].shape)
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_float32_stays_float32(text):
    system = derived(text).system
    values = arrays(system, random_point(system))
    narrow = {name: v.astype(np.float32) for name, v in values.items()}
    _, gradients = called(compiled(text), system, narrow)
    assert {g.dtype for g in gradients.values()} == {np.dtype(np.float32)}


def predicted(function, system, values):
    parameters = {q.name: values[q.name] for q in system.named(Role.PARAMETER)}
    return function.predict(parameters, *(values[q.name] for q in system.named(Role.INPUT)))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_prediction_is_the_same_where_nothing_is_derived(text):
    system = derived(text).system
    values = arrays(system, random_point(system, seed=3))
    forward = derive(system, ()).lambdify()
    expected = predicted(compiled(text), system, values)
    np.testing.assert_array_equal(predicted(forward, system, values), expected)
    assert np.ptp(expected) > 0


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_format_prints_it(text, format_name):
    page = render(derived(text), format_name, "index")
    assert "Forward" in page
    assert "_1_0" not in page, "a bound index must have a letter"


def test_attention_has_the_textbook_gradient_of_its_softmax():
    page = render(derived(TEXTS["attention"]))
    assert "∂L/∂s = p ⊙ (∂L/∂p − rowsum(∂L/∂p ⊙ p))" in re.sub(" +", " ", page)


def test_a_recurrence_runs_backwards_in_print_and_in_code():
    page = render(derived(TEXTS["rnn"]))
    assert "∂L/∂h[n, t + 1, k]" in page
    source = compiled(TEXTS["rnn"]).source
    assert "for t in range(T):" in source
    assert "for t in reversed(range(T)):" in source


def test_the_transposed_convolution_comes_out():
    derivation = derive(System.parse(TEXTS["conv1d"]), ["x"])
    assert "∂L/∂z[n, o, t − k + 1]·w[o,c,k]" in render(derivation)


def torch_gradients(torch, loss, values, names):
    tensors = {k: torch.tensor(v, requires_grad=k in names) for k, v in values.items()}
    result = loss(torch, tensors)
    result.backward()
    return result.item(), {name: tensors[name].grad.numpy() for name in names}


def attention(torch, v):
    scores = (v["x"] @ v["Wq"]) @ (v["x"] @ v["Wk"]).transpose(1, 2) / v["Wq"].shape[1] ** 0.5
    out = torch.softmax(scores, -1) @ (v["x"] @ v["Wv"]) @ v["Wo"]
    return ((out - v["y"]) ** 2).mean()


def strided(torch, v):
    z = torch.nn.functional.conv1d(v["x"], v["w"], v["b"], stride=2)
    return ((torch.tanh(z) - v["y"]) ** 2).sum()


def lstm(torch, v):
    size = v["Wf"].shape[0]
    cell = torch.nn.LSTM(v["x"].shape[2], size, bias=False, batch_first=True, dtype=torch.float64)
    weights = {
        "weight_ih_l0": torch.cat([v["Wi"], v["Wf"], v["Wg"], v["Wo"]]),
        "weight_hh_l0": torch.cat([v["Ui"], v["Uf"], v["Ug"], v["Uo"]]),
    }
    _, (h, _) = torch.func.functional_call(cell, weights, (v["x"],))
    return ((h[0] - v["y"]) ** 2).sum()


def causal(torch, v):
    scores = v["x"] @ v["A"] @ v["x"].transpose(1, 2)
    later = torch.ones_like(scores).triu(1).bool()
    p = torch.softmax(scores.masked_fill(later, -torch.inf), -1)
    return ((p @ v["x"] - v["y"]) ** 2).mean()


def layernorm(torch, v):
    z = torch.nn.functional.layer_norm(v["x"], v["gamma"].shape, v["gamma"], v["beta"])
    return ((z @ v["w"] - v["y"]) ** 2).mean()


TORCH = {f.__name__: f for f in (attention, strided, lstm, causal, layernorm)}


@pytest.mark.parametrize("name", TORCH)
def test_gradients_agree_with_pytorch(name):
    torch = needed("torch")
    system = derived(TEXTS[name]).system
    values = arrays(system, random_point(system, seed=2))
    loss, gradients = called(compiled(TEXTS[name]), system, values)
    expected, oracle = torch_gradients(torch, TORCH[name], values, gradients)
    assert loss == pytest.approx(expected, rel=1e-12)
    for parameter, gradient in gradients.items():
        np.testing.assert_allclose(gradient, oracle[parameter], rtol=1e-10, atol=1e-12)


def test_inputs_may_be_given_by_name():
    f = derive(System.parse("input x; target y; parameter w; loss = (w*x - y)**2")).lambdify()
    assert f({"w": 2.0}, y=1.0, x=3.0) == f({"w": 2.0}, 3.0, 1.0)
    assert f({"w": 2.0}, 3.0, 1.0)[0] == 25.0


def test_a_missing_input_is_answered_in_one_line():
    f = derive(System.parse("input x; target y; parameter w; loss = (w*x - y)**2")).lambdify()
    with pytest.raises(ShapeError) as refused:
        f({"w": 2.0}, 3.0)
    assert str(refused.value) == "1 inputs were given; the model takes x, y"


LOOKED_UP = {
    "by itself": ("E[y[n]]", lambda y: y),
    "from 1": ("E[y[n]-1]", lambda y: y - 1),
    "from the end": ("E[K-1-y[n]]", lambda y: 3 - y),
    "at a stride": ("where(y[n] < 2, E[2*y[n]+1], 0)", lambda y: np.where(y < 2, 2 * y + 1, -1)),
}


@pytest.mark.parametrize(("read", "place"), LOOKED_UP.values(), ids=LOOKED_UP)
def test_a_place_may_be_computed_from_what_an_input_holds(read, place):
    system = System.parse(f"input y[n:N]; parameter E[k:K]; loss = sum(n, {read}**3)")
    E, y = np.array([2.0, 3.0, 5.0, 7.0]), np.array([1, 3, 1, 2])
    one_hot = place(y)[:, None] == np.arange(4)
    loss, gradients = derive(system).lambdify()({"E": E}, y)
    assert loss == np.sum(one_hot @ E**3)
    assert gradients["E"] == pytest.approx(np.sum(one_hot, axis=0) * 3 * E**2)


@pytest.mark.parametrize(
    ("read", "y", "message"),
    [
        ("E[y[n]]", [-1], "y holds -1; it is looked up by, and takes whole numbers from 0 to 3"),
        ("E[y[n]]", [4], "y holds 4; it is looked up by, and takes whole numbers from 0 to 3"),
        ("E[y[n]]", [0.5], "y is what others are looked up by; it holds whole numbers"),
        ("E[y[n]-1]", [0], "y holds 0; it is looked up by, and takes whole numbers from 1 to 4"),
        ("E[2*y[n]]", [2], "E is looked up at 4; it has the places 0 to 3"),
        ("where(y[n] > 0, E[y[n]], 0)", [0, 4], "E is looked up at 4; it has the places 0 to 3"),
    ],
)
def test_a_place_that_is_not_there_is_answered_in_one_line(read, y, message):
    system = System.parse(f"input y[n:N]; parameter E[k:K]; loss = sum(n, {read}**3)")
    with pytest.raises(DataError, match=re.escape(message)):
        derive(system).lambdify()({"E": np.ones(4)}, y)


def test_classes_are_counted_from_1_on_the_whole_page():
    text = """input y[n:N]; parameter E[k:K], f[n]
    c[n] = where(y[n] >= 1, E[y[n]-1]*f[n], E[y[n]]*f[n])
    loss = sum(n, c[n]**2)"""
    page = render(derive(System.parse(text)))
    assert page.count("yₙ ≥ 2") >= 2
    assert "≥ 1" not in page


def test_what_is_kept_out_by_a_mask_may_hold_anything():
    text = "input y[n:N], m[n]; parameter E[k:K]; loss = sum(n, where(m[n] > 0, E[y[n]], 0))"
    _, gradients = derive(System.parse(text)).lambdify()({"E": np.ones(2)}, [-1, 1], [0.0, 1.0])
    assert gradients["E"].tolist() == [0, 1]


def test_sizes_that_disagree_are_answered_in_one_line():
    system = System.parse(TEXTS["attention"])
    values = arrays(system, random_point(system))
    values["Wk"] = values["Wk"][:, :1]
    with pytest.raises(ShapeError) as refused:
        called(compiled(TEXTS["attention"]), system, values)
    assert "parameter Wq has H = " in str(refused.value)
    assert "and parameter Wk has H = 1; they must be the same" in str(refused.value)


def test_a_constant_gradient_has_the_shape_of_its_parameter():
    system = System.parse("input x[n:N]; parameter w[j:J]; loss = sum(n, x[n]) + 2*sum(j, w[j])")
    _, gradients = derive(system).lambdify()({"w": np.zeros(3)}, np.ones(2))
    np.testing.assert_array_equal(gradients["w"], [2.0, 2.0, 2.0])
    assert Symbol("J", integer=True, positive=True) in system.quantities["w"].shape


FORMS_OF_A_CALL = {
    "of an entry": "parameter x[i:4]; loss = sum(i, {0}(x[i]))",
    "of a number": "parameter x; input c; loss = {0}(c*x)",
    "of a constant": "parameter x; loss = x*{0}({1})",
}
# Where each has a value: atanh below 1, acosh above.
CONSTANTS = {"asin": "1/2", "acos": "1/2", "atanh": "1/2"}


@pytest.mark.parametrize("form", FORMS_OF_A_CALL.values(), ids=FORMS_OF_A_CALL)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_the_language_is_derived_printed_and_run(name, form):
    derivation = derive(System.parse(form.format(name, CONSTANTS.get(name, "3/2"))))
    system, point = derivation.system, random_point(derivation.system)
    assert compare(derivation).ok
    assert render(derivation, "latex")
    _, gradients = called(derivation.lambdify(), system, arrays(system, point))
    for name, entries in derived_gradients(derivation, point).items():
        expected = np.array([float(v) for v in entries.values()]).reshape(gradients[name].shape)
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-12, atol=1e-14)


def test_the_derivatives_of_the_logarithm_of_gamma_keep_their_digits():
    random = np.random.default_rng(0)
    at = np.concatenate([10.0 ** random.uniform(-8, 8, 40), random.uniform(1, 17, 20)])
    names = ["lgamma", "digamma", "trigamma"]
    for order, name in enumerate(names):
        system = System.parse(f"parameter x[i:N]; loss = sum(i, {name}(x[i]))")
        _, gradients = derive(system).lambdify()({"x": at})
        right = np.array([float(mpmath.polygamma(order, v)) for v in at])
        np.testing.assert_allclose(gradients["x"], right, rtol=1e-13, atol=1e-14)


def test_a_gamma_of_no_positive_number_is_none():
    system = System.parse("parameter x[i:N]; loss = sum(i, lgamma(x[i]))")
    _, gradients = derive(system).lambdify()({"x": [-1.5, 0.0, 2.0]})
    assert np.isnan(gradients["x"]).tolist() == [True, True, False]


def test_a_jump_has_the_derivative_beside_it():
    (gradient,) = derive(System.parse("parameter x; loss = x*sign(x)")).gradients.values()
    assert gradient.expression == sign(Symbol("x", real=True))


def test_a_gradient_is_an_array_that_no_parameter_shares():
    parameters = {"a": np.ones(3), "b": np.full(3, 2.0), "c": np.eye(3), "d": np.eye(3), "e": 1.0}
    text = """parameter a[i:3], b[i], c[i,j:3], d[j,i], e
    loss = sum(i, a[i]*b[i]) + sum(i, j, c[i,j]*d[j,i]) + e"""
    _, gradients = derive(System.parse(text)).lambdify()(parameters)
    for gradient in gradients.values():
        assert isinstance(gradient, np.ndarray)
        assert not any(np.shares_memory(gradient, p) for p in parameters.values())


LOGARITHMS = {
    "of a product within": ("p[n] = sigmoid(y[n]*x[n])", "log(p[n])"),
    "of a sum with an input": ("p[n] = sigmoid(x[n])", "log(p[n] + c)"),
    "of two sums": ("p[n] = sigmoid(x[n])", "log(p[n] + 1/10) + log(p[n] + 1/2)"),
    "of a ratio and of an index": ("p[n] = tanh(x[n])**2", "log(p[n]/(1 - p[n]))*log(p[n] + n)"),
    "of a choice": ("p[n] = sigmoid(x[n])", "log(where(p[n] > 1/2, p[n], 1))"),
}


@pytest.mark.parametrize(("line", "term"), LOGARITHMS.values(), ids=LOGARITHMS)
def test_a_logarithm_of_an_activation_is_that_of_the_equations(line, term):
    text = f"parameter x[n:N]; target y[n]; input c\n{line}\nloss = sum(n, {term})"
    derivation = derive(System.parse(text))
    point = random_point(derivation.system)
    at = arrays(derivation.system, point)
    with mpmath.workdps(30):
        known = evaluate(derivation.system.equations, point.values, point.sizes)["loss"][()]
    loss, _ = derivation.lambdify()({"x": at["x"]}, y=at["y"], c=at["c"])
    assert loss == pytest.approx(float(known), rel=1e-13)


def test_a_model_predicts_the_last_quantity_that_no_target_acts_on():
    text = """parameter w; input x[n:N]; target y[n]
    yhat[n] = w*x[n]
    e[n] = yhat[n] - y[n]
    loss = sum(n, e[n]**2)"""
    function = derive(System.parse(text)).lambdify()
    assert function.predict({"w": 2.0}, [1.0, 3.0]).tolist() == [2.0, 6.0]


SOFTMAXES = {
    "of the last index": "p[n,k] = softmax(k, s[n,k])",
    "of the first index": "p[n,k] = softmax(n, s[n,k])",
    "of two indices": "p[n,k] = softmax(n, k, s[n,k])",
    "of an outer sum": "p[n,k] = softmax(k, n, s[n,0] + s[1,k])",
    "of what is transposed": "q[k,n] = softmax(n, s[n,k]); p[n,k] = q[k,n]",
    "beside another factor": "p[n,k] = g[n,k]*softmax(n, s[n,k])",
    "a logarithm over the first": "p[n,k] = s[n,k] - logsumexp(n, s[n,k])",
    "a logarithm over two": "p[n,k] = s[n,k]*logsumexp(n, k, s[n,k] + s[0,k])",
}


@pytest.mark.parametrize("line", SOFTMAXES.values(), ids=SOFTMAXES)
def test_a_softmax_is_over_the_indices_that_it_names(line):
    text = f"parameter s[n:3, k:4]; input g[n,k]\n{line}\nloss = sum(n, k, g[n,k]*p[n,k])"
    derivation = derive(System.parse(text))
    system, point = derivation.system, random_point(derivation.system, seed=1)
    _, gradients = called(derivation.lambdify(), system, arrays(system, point))
    (entries,) = derived_gradients(derivation, point).values()
    expected = np.array([float(v) for v in entries.values()]).reshape(3, 4)
    np.testing.assert_allclose(gradients["s"], expected, rtol=1e-12, atol=1e-14)
    assert compare(derivation).ok


def test_a_system_without_a_loss_has_jacobians_and_no_gradients():
    system = System.parse("parameter w\nq = w**2")
    assert jacobian(system, "q", "w").lambdify()({"w": 3.0}) == 6
    with pytest.raises(SymnnError) as refused:
        derive(system)
    assert str(refused.value) == "line 2, column 1: there is no loss; write loss = … and not q = …"


POWERS = [
    "x**(1/p)",
    "x**(2/p)",
    "(x*p)**(1/p)",
    "2**(1/x)",
    "x**-p",
    "(x**p)**p",
    "1/x**p",
    "x**1.5",
]


@pytest.mark.parametrize("power", POWERS)
def test_a_power_of_any_exponent_runs_as_it_is_derived(power):
    derivation = derive(System.parse(f"parameter x; input p; loss = {power}"))
    system, point = derivation.system, random_point(derivation.system)
    _, gradients = called(derivation.lambdify(), system, arrays(system, point))
    (expected,) = derived_gradients(derivation, point)["x"].values()
    assert gradients["x"] == pytest.approx(float(expected), rel=1e-12)


def test_a_recurrence_may_divide_by_its_own_last_state():
    text = "parameter x; input a\nu[0] = x\nu[k:8] = (u[k-1] + a/u[k-1])/2\nloss = u[7]"
    loss, _ = derive(System.parse(text)).lambdify()({"x": 1.5}, 2.0)
    assert loss == pytest.approx(2**0.5, rel=1e-15)


CAPTURED = {
    "a mean by weights": "p[t,u] = softmax(u, A[t,u])",
    "a product": "p[t,u] = softmax(u, A[t,u]*x[u])",
}


@pytest.mark.parametrize("lines", CAPTURED.values(), ids=CAPTURED)
def test_no_index_of_a_second_derivative_is_captured(lines):
    above = "o[t] = sum(u, p[t,u]*x[u]); loss = sum(t, o[t]**2)"
    system = System.parse(f"input x[t:2]; parameter A[t, u:2]\n{lines}\n{above}")
    assert compare(hessian(system, "A", "x")).ok


# What is read at j+3 of an array of gates, or at i-1 of a state, is no step of the recurrence.
PARTS = {
    "a part has its own outputs": """
        input x[p:6]; parameter w[p]; u[p] = w[p]*x[p]
        r[j:3] = sigmoid(u[j+0]); z[j] = sigmoid(u[j+3]); q[j:3] = u[j+0]/w[0]
        loss = sum(j, r[j]**2 + r[j]*z[j] + q[j])""",
    "gates in one array": """
        input x[t:T]; parameter W[p:4], U[p, j:2], b[p]
        h[-1,j] = 0; a[t,p] = W[p]*x[t] + sum(j, U[p,j]*h[t-1,j]) + b[p]
        r[t,j] = sigmoid(a[t,j+0]); g[t,j] = sigmoid(a[t,j+2])
        h[t,j] = r[t,j]*h[t-1,j] + g[t,j]
        loss = sum(j, h[T-1,j]**2)""",
    "a state of its neighbours": """
        input k; parameter s[i:4]
        u[0,i] = s[i]
        u[t:3,i] = u[t-1,i] + k*(where(i > 0, u[t-1,i-1], 0) - where(i < 3, u[t-1,i+1], 0))
        loss = sum(i, u[2,i]**3)""",
    "heads in one array, put together": """
        input g[t:2, h:2, e:2], P[h, t, u:2]; parameter v[u, p:4]
        o[t,h,e] = sum(u, P[h,t,u]*v[u,2*h+e])
        loss = sum(t, h, e, g[t,h,e]*o[t,h,e]**2)""",
    "heads and their weights": """
        input g[t:2, d:2]; parameter W[d, p:4], o[t, h:2, e:2]
        y[t,d] = sum(h, e, W[d,2*h+e]*o[t,h,e])
        loss = sum(t, d, g[t,d]*y[t,d]**2)""",
    "heads and three factors": """
        input g[t:2, d:2], c[h:2]; parameter W[d, p:4], o[t, h, e:2]
        y[t,d] = sum(h, e, W[d,2*h+e]*o[t,h,e]*c[h])
        loss = sum(t, d, g[t,d]*y[t,d]**2)""",
    "the greatest of two at places together": """
        parameter a[p:4, q:4], c[s:3]
        y[t:2, e:2] = max(k:2, h:2, a[2*h+t,2*k+t]*c[e+t])
        loss = sum(t, e, y[t,e]**2)""",
    "a state before the one that a parameter acts on": """
        input x[t:3]; parameter w
        h[-1] = 0; m[-1] = 1/2
        m[t] = m[t-1]/2 + h[t-1]/10
        h[t] = tanh(m[t] + w*x[t])
        loss = h[2]**2""",
    "a condition guards what follows": """
        input l[s:3]; parameter y[k:2], v[s]
        a[s] = where(s >= 1 and l[s] != l[s-1], v[s-1]*y[l[s]], v[s]**2)
        loss = sum(s, a[s]**2)""",
}


@pytest.mark.parametrize("text", PARTS.values(), ids=PARTS)
def test_a_part_of_an_array_is_derived_as_a_part(text):
    test_every_gradient_agrees_with_finite_differences_at_50_digits(text)
    test_what_is_compiled_agrees_with_the_equations_entry_by_entry(text)


def test_no_condition_is_printed_that_never_holds():
    assert "t = 0" not in render(derived(PARTS["a state of its neighbours"]))


BOTH_WAYS = """
input x[n:N, t:T, i:D]; target y[n, t, j]; parameter U[j:H, i], W[j, k:H], V[j, i], R[j, k]
a[n,-1,j] = 0; a[n,t,j] = tanh(sum(i, U[j,i]*x[n,t,i]) + sum(k, W[j,k]*a[n,t-1,k]))
c[n,-1,j] = 0; c[n,t,j] = tanh(sum(i, V[j,i]*x[n,T-1-t,i]) + sum(k, R[j,k]*c[n,t-1,k]))
loss = mean(n, t, j, (a[n,t,j] + c[n,T-1-t,j] - y[n,t,j])**2)
"""


def test_a_recurrence_that_runs_from_the_end_is_the_mirror_image_as_pytorchs(torch):
    draw = np.random.default_rng(0).normal
    parameters = {name: draw(size=(3, 2 if name in "UV" else 3)) for name in "UWVR"}
    x, y = draw(size=(2, 4, 2)), draw(size=(2, 4, 3))
    network = torch.nn.RNN(2, 3, bias=False, batch_first=True, bidirectional=True).double()
    with torch.no_grad():
        for weight, value in zip(network.parameters(), parameters.values(), strict=True):
            weight.copy_(torch.tensor(value))
    states, _ = network(torch.tensor(x))
    oracle = ((states[..., :3] + states[..., 3:] - torch.tensor(y)) ** 2).mean()
    oracle.backward()
    loss, gradients = derive(System.parse(BOTH_WAYS)).lambdify()(parameters, x, y)
    assert abs(loss - oracle.item()) < 1e-14
    for name, weight in zip(parameters, network.parameters(), strict=True):
        assert np.abs(gradients[name] - weight.grad.numpy()).max() < 1e-14


def test_xlogy_of_nothing_is_nothing_as_pytorchs(torch):
    text = "target y[k:4]; parameter p[k]; loss = sum(k, xlogy(y[k], p[k]) - xlogy(p[k], p[k]))"
    y, p = [0.0, 1.0, 0.0, 0.25], [0.5, 0.25, 2.0, 0.125]
    weight, target = torch.tensor(p, requires_grad=True), torch.tensor(y)
    oracle = (torch.xlogy(target, weight) - torch.xlogy(weight, weight)).sum()
    oracle.backward()
    run = derive(System.parse(text)).lambdify()
    loss, gradients = run({"p": np.array(p)}, np.array(y))
    assert abs(loss - oracle.item()) < 1e-6
    assert np.abs(gradients["p"] - weight.grad.numpy()).max() < 1e-6
    loss, gradients = run({"p": np.array([0.0, 1.0, 0.0, 0.0])}, np.array([0.0, 1.0, 0.0, 0.0]))
    assert (loss, gradients["p"].tolist()) == (0.0, [0.0, 0.0, 0.0, 0.0])


def test_a_choice_that_divides_by_what_vanished_has_its_derivative():
    text = (
        "target y[k:3]; parameter z[k]; p[k] = softmax(k, z[k]); loss = -sum(k, xlogy(y[k], p[k]))"
    )
    run = derive(System.parse(text)).lambdify()
    loss, gradients = run({"z": np.array([1000.0, -1000, -2000])}, np.array([0.0, 1.0, 0.0]))
    assert (loss, gradients["z"].tolist()) == (2000.0, [1.0, -1.0, 0.0])
