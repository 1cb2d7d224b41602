"""Pages mean what they say: every line of a net's page is read back, and is the same equation.

A part in each run; all, in about an hour of one core, by
`SYMNN_READ_BACK=all pytest tests/test_read_back.py`; layers alone by adding `-k layer`.
"""

import os
from pathlib import Path

import pytest

import symnn
from symnn.curvature import gauss_newton
from symnn.derivation import derive
from symnn.errors import SpecError
from symnn.jacobians import hessian, jacobian
from symnn.layers import LAYERS
from symnn.network import Network
from symnn.notations import NOTATIONS
from symnn.parsing import parse_system
from symnn.rendering import page_of
from tests.nets import HIDDEN_NETS, NETS, OUTPUT_NETS
from tests.readback import FORMS, misread, printed
from tests.readback import NOTATIONS as NOTATIONS_OF_PRINT

FOLDER = Path(symnn.__file__).parents[1] / "examples"
EVERY = os.environ.get("SYMNN_READ_BACK") == "all"
FEW_EXAMPLES = [*FOLDER.glob("*.eqs"), FOLDER / "losses" / "weighted_cross_entropy.eqs"]
EXAMPLES = sorted(FOLDER.glob("**/*.eqs") if EVERY else FEW_EXAMPLES)
FEW = [("1-1", "mse"), ("2-2:relu-1:sigmoid", "bce")]
each_net = pytest.mark.parametrize(
    ("spec", "loss"), NETS if EVERY else FEW, ids=lambda value: value
)
each_formula = pytest.mark.parametrize(
    ("spec", "loss"), [*HIDDEN_NETS, *OUTPUT_NETS][:: 1 if EVERY else 30], ids=lambda value: value
)


@each_net
def test_every_line_of_a_net_is_read_back(spec, loss):
    model = Network(spec, loss=loss)
    assert not misread(model, printed(model))


@each_formula
def test_every_line_in_matrices_is_read_back(spec, loss):
    model = Network(spec, loss=loss)
    assert not misread(model, printed(model, forms=("matrix",)))


# Each row of the layers in the smallest size that shows each of its lines; where options or another
# activation change the lines, those too.
LAYER_NETS = {
    "dense": ["2-3:prelu-1", "2-2:swish-1"],
    "conv1d": ["2x4-conv1d(3,2)-flatten-1", "1x5-conv1d(1,2,stride=2,padding=1)-flatten-1"],
    "conv2d": ["1x3x3-conv2d(2,2):relu-flatten-1"],
    "avgpool1d": ["2x2-avgpool1d(2)-flatten-1"],
    "avgpool2d": ["1x2x2-avgpool2d(2)-flatten-1"],
    "maxpool1d": ["2x4-maxpool1d(2)-flatten-1", "1x4-conv1d(1,1)-maxpool1d(2)-flatten-1"],
    "maxpool2d": ["1x2x4-maxpool2d(2)-flatten-1"],
    "flatten": ["2x3-flatten-1"],
    "embedding": ["2-embedding(3,2)-flatten-1"],
    "layernorm": ["3-layernorm-1", "2-2-layernorm:relu-1"],
    "batchnorm": ["2-2-batchnorm:relu-1", "2x2-batchnorm-flatten-1"],
    "rmsnorm": ["3-rmsnorm-1", "2-2-rmsnorm-1"],
    "residual": ["2-residual(2:relu-2)-1"],
    "dropout": ["2-2-dropout(0.5)-1"],
    "glu": ["2-4:identity-glu-1"],
    "rnn": ["3x2-rnn(2)-last-1"],
    "gru": ["3x2-gru(2)-last-1"],
    "lstm": ["2x2-lstm(2)-last-1"],
    "last": ["2x2-last-1"],
    "attention": ["3x2-attention(1)-flatten-1", "3x2-attention(2)-flatten-1"],
    "transformer": ["2x2-transformer(1,2)-flatten-1"],
}
BOOKS = [name for name in NOTATIONS if name != "symnn"]
# The net, its forms, and whose names.
IN_LAYERS = [
    ("2-rmsnorm-1", ["matrix"], "symnn"),
    ("1-embedding(3,2)-flatten-1", ["index"], "symnn"),
]
if EVERY:
    nets = [spec for specs in LAYER_NETS.values() for spec in specs]
    IN_LAYERS = [(spec, ["matrix", "index"], "symnn") for spec in nets]
    IN_LAYERS += [
        (spec, ["matrix", "index"][k % 2 :][:1], BOOKS[k % len(BOOKS)])
        for k, spec in enumerate(nets)
    ]


def test_each_layer_is_among_those_read_back():
    assert LAYER_NETS.keys() == LAYERS.keys()


@pytest.mark.parametrize(("spec", "forms", "notation"), IN_LAYERS, ids=str)
def test_every_line_of_a_layer_is_read_back(spec, forms, notation):
    model = Network(spec)
    lines = printed(model, forms, notation=notation)
    assert lines
    assert not misread(model, lines, notation=notation)


# Steps are long: in a short run one notation of each, and only the shortest.
STEPS = [
    ("1-1:sigmoid", "bce"),
    ("1-2:softmax", "cross_entropy"),
    ("2-2-1", "mse"),
    ("1-2:relu-1", "mse"),
    ("1x4-conv1d(1,2)-flatten-1", "mse"),
    ("1-1:tanh-layernorm-1", "huber"),
    (FOLDER / "mlp.eqs", ""),
    (FOLDER / "rnn.eqs", ""),
    (FOLDER / "softmax_regression.eqs", ""),
]


@pytest.mark.parametrize(("model", "loss"), STEPS if EVERY else STEPS[:3], ids=str)
def test_every_step_is_read_back(model, loss):
    net = Network(model, loss=loss) if loss else parse_system(model.read_text())
    short = [("unicode", "latex", "text")[STEPS.index((model, loss)) % 3]]
    lines = printed(net, ["index"], NOTATIONS_OF_PRINT if EVERY else short, with_steps=True)
    assert not misread(net, lines[:: 1 if EVERY else 3])


def test_the_link_of_a_recurrence_is_that_from_step_to_step():
    rnn = parse_system((FOLDER / "rnn.eqs").read_text())
    right = (
        "dL/dh[n,t,j] = sum(m, dL/dyhat[m]*dyhat[m]/dh[n,t,j]) "
        "+ sum(l, k, m, dL/dh[m,k,l]*dh[m,k,l]/dh[n,t,j])"
    )
    wrong = right.replace("+ sum(l", "- sum(l")
    assert misread(rnn, [right, wrong]) == [wrong]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_line_of_an_example_is_read_back(path):
    model = parse_system(path.read_text())
    # In a short run each has one notation.
    short = ("unicode", "latex")[EXAMPLES.index(path) % 2 :][:1]
    assert not misread(model, printed(model) if EVERY else printed(model, ["matrix"], short))


# In a short run each way to write layers and indices, in one form each.
IN_BOOKS = [
    ("1-2-1", "mse", book, FORMS[k:][:1]) for k, book in enumerate(["nielsen", "bishop", "murphy"])
]
if EVERY:
    IN_BOOKS += [("1-1", "mse", book, FORMS) for book in BOOKS]
    IN_BOOKS += [(*net, BOOKS[k % len(BOOKS)], FORMS) for k, net in enumerate(NETS)]


@pytest.mark.parametrize(("spec", "loss", "notation", "forms"), IN_BOOKS, ids=str)
def test_every_line_in_the_names_of_a_book_is_read_back(spec, loss, notation, forms):
    model = Network(spec, loss=loss)
    lines = printed(model, forms=forms, notation=notation)
    assert not misread(model, lines, notation=notation)


@pytest.mark.parametrize(("spec", "loss"), NETS if EVERY else [("2-2-1", "mse")], ids=str)
def test_every_line_in_macros_is_read_back(spec, loss):
    model = Network(spec, loss=loss)
    assert not misread(model, printed(model, ("matrix", "index"), ["macros"]))


# Of each: which derivative, the net, its loss, and by what.
SECOND = [
    (jacobian, "1-3:softmax", "cross_entropy", ("yhat", "z1")),
    (hessian, "1-1:sigmoid", "bce", ("W1", "b1")),
    (gauss_newton, "1-1", "huber", ("W1",)),
    # Through a spread: the derivative is that of all that lies between.
    (jacobian, "2-rmsnorm-1", "mse", ("a1", "x")),
]
if EVERY:
    SECOND += [
        *((hessian, spec, loss, ("W1",)) for spec, loss in NETS if loss == "mse"),
        *((jacobian, spec, loss, ("yhat", "x")) for spec, loss in NETS if loss == "mse"),
        *((gauss_newton, spec, loss, ("W1",)) for spec, loss in NETS if loss != "mse"),
        (hessian, "2-2-1", "mse", ("x", "b1")),
        (jacobian, "2-3:softmax", "cross_entropy", ("yhat", "x")),
        (jacobian, "3-layernorm-1", "mse", ("xhat1", "x")),
        (jacobian, "3-layernorm-1", "mse", ("a1", "x")),
        (jacobian, "2-batchnorm-1", "mse", ("a1", "x")),
        (jacobian, "2x2-attention(1)-flatten-1", "mse", ("P1", "S1")),
        (jacobian, "2x2-attention(1)-flatten-1", "mse", ("O1", "Q1")),
        (jacobian, "2x2-attention(1)-flatten-1", "mse", ("a1", "x")),
        (jacobian, "1x4-conv1d(1,2)-flatten-1", "mse", ("z1", "x")),
        (jacobian, "1x4-maxpool1d(2)-flatten-1", "mse", ("a1", "x")),
        (jacobian, "4-glu-1", "mse", ("a1", "x")),
        (jacobian, "2x1-rnn(1)-last-1", "mse", ("a2", "x")),
        (jacobian, "2x1-rnn(1)-last-1", "mse", ("h1", "h1")),
        (hessian, "2x1-rnn(1)-last-1", "mse", ("W1",)),
        (gauss_newton, "2-3:softmax", "cross_entropy", ("W1", "b1")),
    ]


# By an input, and by what lies between.
BY_OTHERS = [("1-1:sigmoid", ("x", "z1"))]
if EVERY:
    BY_OTHERS += [(specs[0], ("x",)) for name, specs in LAYER_NETS.items() if name != "embedding"]
    BY_OTHERS += [("2-2:relu-1", ("z1", "a1", "yhat")), ("2-2:softmax-1", ("x", "W1", "z1"))]


@pytest.mark.parametrize(("spec", "names"), BY_OTHERS, ids=str)
def test_every_line_of_a_derivative_by_others_is_read_back(spec, names):
    found = derive(Network(spec), names)
    assert not misread(found, printed(found)[:: 1 if EVERY else 3])


HESSIANS = {
    "ridge": """
        input x[n:N,i:D]; target y[n]; parameter w[i], lam; z[n] = sum(i, w[i]*x[n,i])
        loss = mean(n, (z[n] - y[n])**2) + lam*sum(i, w[i]**2)""",
    "logistic": """
        input x[n:N,i:D]; target y[n]; parameter w[i]
        loss = mean(n, softplus(-y[n]*sum(i, w[i]*x[n,i])))""",
    "a length": "parameter w[k:K]; loss = sqrt(sum(k, w[k]**2))",
    "logsumexp": "parameter w[k:3]; loss = logsumexp(k, w[k])",
    "a kink": "input x[n:N]; parameter w; loss = mean(n, maximum(w*x[n], 0)**2)",
    "decay": """
        input x[n:N]; target y[n]; parameter w, k; yhat[n] = w*exp(-k*x[n])
        loss = mean(n, (yhat[n] - y[n])**2)""",
}
few_hessians = dict(list(HESSIANS.items())[: None if EVERY else 1])


@pytest.mark.parametrize("text", few_hessians.values(), ids=few_hessians)
def test_every_line_of_a_hessian_of_equations_is_read_back(text):
    found = hessian(parse_system(text), "w")
    assert not misread(found, printed(found))


@pytest.mark.parametrize(
    ("derivative", "spec", "loss", "names"),
    SECOND,
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_every_line_of_a_second_derivative_is_read_back(derivative, spec, loss, names):
    found = derivative(Network(spec, loss=loss), *names)
    assert not misread(found, printed(found)[:: 1 if EVERY else 2])


def test_every_line_in_names_of_ones_own_is_read_back():
    model, names = Network("2-2-1"), {"W1": "theta1", "b1": "slope", "yhat": "p_hat", "L": "J"}
    lines = printed(model, forms=("index",), names=names)
    assert not misread(model, lines, names=names)


# Each says the same with names that something else in print has, or almost.
MODEL = """
input {x}[n:N], {more}[n:N,k:2]; target {y}[n:N]
parameter {w}, {b}, {v}[k:2], {u}[k:2,j:3]
z[n] = {w}*{x}[n] + {b}*sum(k, {v}[k]*{more}[n,k]) - {u}[0,1]
loss = mean(n, (z[n] - {y}[n])**2)
"""
NAMES = {
    "x1 beside x": "x x1 y w w1 w11 w2",
    "L": "x more y L b v M",
    "dw beside w": "x dx y w dw d2w ddw",
    "Sigma": "x more y Sigma lam S Q",
    "sigma2": "sigma2 more y sigma b v S",
    "letters": "i m y l p o q",
    "words": "iff otherwise1 andy where1 mod ln1 max1",
    "constants": "e d f E O I beta",
}
in_short = dict(list(NAMES.items())[: None if EVERY else 4])


@pytest.mark.parametrize("names", in_short.values(), ids=in_short)
def test_names_that_others_have_are_read_back(names):
    keys = ("x", "more", "y", "w", "b", "v", "u")
    model = parse_system(MODEL.format(**dict(zip(keys, names.split(), strict=True))))
    assert not misread(model, printed(model, FORMS if EVERY else ["index"]))


# What random systems have found, in few words: each has something that only such systems have.
SYSTEMS = {
    "a start, along the samples": """
        input x[n:N]; parameter W
        h[-1] = W/11; h[n] = sigmoid(x[n] + h[n-1]); loss = sum(n, h[n])""",
    "a start for a column": """
        input x[t:T]; parameter b[j:3]; a[0, j] = b[j]**2
        a[t, j] = tanh(x[t] * a[t-1, j]); loss = sum(t, j, a[t, j])""",
    "its own delta": """
        input x[n:N]; parameter w; delta1[n] = w*x[n]; z1[n] = tanh(delta1[n])
        loss = mean(n, z1[n]**2)""",
    "an index that stands on the left alone": """
        input x[n:N, p:K]; z[m:N, n] = maximum(x[n, 0], 3); loss = sum(m, n, z[m, n])""",
    "an index on a longer axis": """
        input x[n:N, p:K]; parameter E[u:2*K+1, n:N]
        h[m:N] = (maximum(E[m+0, 0], x[m, 0]))**3; loss = sum(m, h[m])""",
    "a sum over a part of an axis": """
        input x[n:N, p:K]; parameter W[v:5]; loss = sum(p, W[p+0]) + mean(r:K+2, n, x[n, 0] + r)""",
    "letters of quantities in capitals": """
        input x[n:N, p:K], Q[q:K]; parameter W[q:K, k:3]
        h[q:K, k:3] = W[q, k]*Q[q] + x[1, q]; loss = sum(q:K, k:3, h[q, k]*q/3)""",
    "places that ask for larger sizes": """
        input x[n:N, p:K], id; parameter S[r:K+2]
        loss = x[2, K-1]*S[4] + x[0, 3] + x[id, 1]*S[K+1]""",
    "several letters below": """
        input x[n:N, p:K]; parameter W[m:N]; h[p:K] = x[N-1, p]*W[1]
        loss = sum(p, h[p] + x[1, p]) + sum(m:N, W[m]*x[m, 0])""",
}


@pytest.mark.parametrize("text", SYSTEMS.values(), ids=SYSTEMS)
def test_every_line_of_a_random_system_is_read_back(text):
    model = parse_system(text)
    assert not misread(model, printed(model, ["index"]))


# Read back, these were something else before: the line as it is to be printed.
SAID = {
    "a start, along the samples": "h₀ = W/11",
    "its own delta": "∂L/∂δ¹ = ∂L/∂z¹·tanh′(δ¹) = ∂L/∂z¹·(1 − (z¹)²)",
    "a sum over a part of an axis": "L = Σ[1 ≤ p ≤ K] Wₚ + (1/(N(K + 2))) "
    "Σ[1 ≤ r ≤ K + 2] Σₙ (r + xₙ₁ − 1)",
}


@pytest.mark.parametrize(("name", "line"), SAID.items(), ids=SAID)
def test_a_line_of_a_random_system_says_it_all(name, line):
    assert line in printed(parse_system(SYSTEMS[name]), ["index"], ["unicode"])


def test_an_entry_along_the_samples_tells_which():
    found = printed(parse_system(SYSTEMS["a start, along the samples"]), ["index"], ["unicode"])
    assert "hₙ = σ(xₙ + h[n − 1])" in found


LOOKED_UP = "input id; parameter E[q:4,k:3], b; loss = b + sum(k, E[id,k]**2)"


def test_what_one_whole_number_picks_is_read_back():
    model = parse_system(LOOKED_UP)
    assert "L = Σₖ E[id,k]² + b" in printed(model, ["index"], ["unicode"])
    assert not misread(model, printed(model, ["index"]))


def test_the_scalar_form_of_what_is_looked_up_is_refused():
    with pytest.raises(SpecError, match="E is looked up by an input"):
        page_of(derive(parse_system(LOOKED_UP)), "scalar")


def test_a_line_that_is_not_so_is_seen():
    model = Network("2-3-1")
    right, wrong = "δ¹ = (δ² W²) ⊙ (1 − a¹ ⊙ a¹)", "δ¹ = (δ² W²) ⊙ (1 − z¹ ⊙ z¹)"
    assert misread(model, [right, wrong, "δ¹ = (δ² W²) ⊙ W¹"]) == [wrong, "δ¹ = (δ² W²) ⊙ W¹"]
