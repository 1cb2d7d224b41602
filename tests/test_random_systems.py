"""Random systems: what symnn derives and compiles, against SymPy's own derivative and JAX's.

Hypothesis makes systems (`random_systems`): indices, contractions, functions, shared quantities,
names bound twice, shifted reads, lookups, choices, recurrences. symnn reads each as text. Two
interpreters of the same trees say what is right. `SYMNN_SYSTEMS` sets how many systems are made:
`SYMNN_SYSTEMS=2000 pytest tests/test_random_systems.py`.
"""

import os
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, Phase, assume, given, settings

from symnn import System, derive
from symnn.checking import array_of
from symnn.equations import Role
from symnn.gradcheck import compare, derived_gradients, random_point
from tests.interpreters import Arrays, Scalars, TieError, TooLargeError
from tests.oracles import needed
from tests.random_systems import (
    Call,
    Definition,
    Number,
    Operation,
    Place,
    Power,
    RandomSystem,
    Read,
    Reduction,
    random_systems,
)

EXAMPLES = int(os.environ.get("SYMNN_SYSTEMS", "10"))
AT_N, AT_P = Place(((1, "n"),)), Place(((1, "p"),))
READ_W = Operation("*", Read("W", (AT_P,)), Read("x", (AT_N, AT_P)))


def leaves_of(system):
    """Random arrays for what is declared; whole numbers for what others are looked up by."""
    rng = np.random.default_rng(system.seed)
    leaves = {}
    for name, (_, letters) in system.declared.items():
        shape = tuple(system.size(letter) for letter in letters)
        leaves[name] = rng.integers(0, 2, shape) if name == "id" else rng.uniform(-1, 1, shape)
    return leaves


def split(system, leaves):
    """The parameters among these arrays, and the rest."""
    parameters = {n: a for n, a in leaves.items() if system.declared[n][0] == "parameter"}
    return parameters, {n: a for n, a in leaves.items() if n not in parameters}


def compiled(system, leaves):
    """The loss and the gradients of the code that symnn prints."""
    function = derive(System.parse(system.text)).lambdify()
    parameters, others = split(system, leaves)
    return function(parameters, **others)


def of_jax(jax, system, leaves):
    """The loss and the gradients of JAX."""
    parameters, others = split(system, leaves)
    others = {name: jax.numpy.asarray(a) for name, a in others.items()}
    meaning = Arrays(system, jax)
    function = jax.value_and_grad(lambda p: meaning.loss({**others, **p}))
    # Called once: what XLA saves in running, it spends in compiling.
    function = jax.jit(function, compiler_options={"xla_backend_optimization_level": 0})
    loss, gradients = function(parameters)
    return float(loss), {name: np.asarray(g) for name, g in gradients.items()}


def of_sympy(system, leaves):
    """The loss, and SymPy's derivative of it by every number of the parameters."""
    meaning = Scalars(system, leaves)
    loss = meaning.entry("loss")
    parameters, _ = split(system, leaves)
    gradients = {}
    for name, array in parameters.items():
        gradients[name] = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            symbol = meaning.entry(name, place).expression
            gradients[name][place] = value_of(loss.expression.diff(symbol), meaning.symbols)
    return loss.value, gradients


def value_of(expression, values):
    function = sympy.lambdify(list(values), expression, "math", cse=True)
    return function(*values.values())


def agree(found, expected):
    """Whether losses and gradients are the same, up to rounding."""
    (loss, gradients), (right_loss, right) = found, expected
    pairs = [(loss, right_loss), *((gradients[name], right[name]) for name in right)]
    size = max(1.0, *(float(np.abs(b).max()) for _, b in pairs))
    return gradients.keys() == right.keys() and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9, atol=1e-11 * size)
        for a, b in pairs
    )


many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SYMNN_SYSTEMS" not in os.environ,
    suppress_health_check=list(HealthCheck),
    # What fails here is large already when it is made small by hand: shrinking takes minutes.
    phases=(Phase.explicit, Phase.generate),
)


@many
@given(random_systems())
def test_a_random_system_is_derived_as_sympy_and_jax_derive_it(system):
    jax = needed("jax")
    leaves = leaves_of(system)
    with jax.enable_x64(True):
        expected = of_jax(jax, system, leaves)
    assume(is_moderate(expected))
    found = compiled(system, leaves)
    assert agree(found, expected) or is_at_a_tie(system, leaves), "JAX"
    with suppress(TooLargeError, OverflowError, TieError):
        assert agree(found, of_sympy(system, leaves)), "SymPy"


def is_at_a_tie(system, leaves):
    """Whether a choice hangs on rounding: of two sums of a softmax each may come out greater."""
    try:
        Scalars(system, leaves).entry("loss")
    except TieError:
        return True
    except (TooLargeError, OverflowError):
        pass
    return False


def is_moderate(result):
    """Whether rounding cannot hide or make a difference."""
    loss, gradients = result
    return all(np.isfinite(a).all() and np.abs(a).max() < 1e6 for a in (loss, *gradients.values()))


SMALL = RandomSystem(
    {"x": ("input", ("n", "p")), "W": ("parameter", ("p",))},
    (
        Definition("h", ("n",), Reduction("sum", ("p",), Call("tanh", (READ_W,)))),
        Definition("loss", (), Reduction("mean", ("n",), Power(Read("h", (AT_N,)), 2))),
    ),
    {"N": 2, "K": 3},
    seed=1,
    states_sizes=False,
    is_reversed=False,
)


def test_a_tree_is_typed_as_it_is_meant():
    assert SMALL.text == (
        "input x[n:N, p:K]\nparameter W[p:K]\n"
        "h[n] = sum(p, tanh((W[p] * x[n, p])))\nloss = mean(n, (h[n])**2)"
    )


def test_the_interpreters_see_what_numpy_sees(jax):
    leaves = leaves_of(SMALL)
    h = np.tanh(leaves["W"] * leaves["x"]).sum(axis=1)
    assert of_jax(jax, SMALL, leaves)[0] == pytest.approx((h**2).mean())
    assert of_sympy(SMALL, leaves)[0] == pytest.approx((h**2).mean())


ONE, X = Number("1"), Read("x", (AT_N, AT_P))
TOTAL = Reduction("sum", ("p",), Reduction("softmax", ("p",), X))
TIES = {"of what is 1": (TOTAL, ONE, True), "of itself": (X, X, False), "none": (X, ONE, False)}


@pytest.mark.parametrize(("one", "other", "expected"), TIES.values(), ids=TIES)
def test_a_choice_that_hangs_on_rounding_is_seen(one, other, expected):
    letters = ("n", "p") if other is X or one is X else ("n",)
    greater = Reduction("sum", letters, Call("maximum", (one, other)))
    system = replace(SMALL, definitions=(Definition("loss", (), greater),))
    assert is_at_a_tie(system, leaves_of(system)) == expected


@pytest.mark.parametrize("name", ["loss", "W"])
def test_the_comparison_sees_a_wrong_number(name):
    loss, gradients = of_sympy(SMALL, leaves_of(SMALL))
    wrong = gradients["W"] + np.array([0, 0, 1e-6 * (name == "W")])
    assert agree((loss, gradients), (loss, gradients))
    assert not agree((loss + 1e-6 * (name == "loss"), {"W": wrong}), (loss, gradients))


# What random systems have found, in the fewest words.
FOUND = {
    "an index over a part of an axis": (
        "input x[n:3]; parameter W[k:3, i:2]; z[n,i] = W[i+0,i]*x[n]; loss = sum(n, i, z[n,i]**2)"
    ),
    "a part of an axis within a function": (
        "parameter b[v:5]; z[i:2] = tanh(b[i+0]); loss = sum(i, z[i]**2)"
    ),
    "logsumexp over two indices": ("parameter S[i:2, j:3]; loss = logsumexp(i, j, S[i,j])"),
    "a softmax along the first of two axes": (
        "parameter S[i:2, j:3], v[j]; p[i,j] = softmax(i, S[i,j]); loss = sum(i, j, p[i,j]**2*v[j])"
    ),
    "an equation after the loss that nothing needs": (
        "input x[i:2]; parameter w; loss = w**2; z[i] = w*x[i]"
    ),
    "a sum within an output that depends on the index around": (
        "input x[n:1, p:2]; parameter b[p]\n"
        "a[p] = logsumexp(v:2, k:2, where(v <= k, softmax(p, x[0,p] + b[p]) + v + k, -inf))\n"
        "loss = sum(p, a[p]*x[0,p])"
    ),
    "an output that is the same along its axis": (
        "parameter b; z[p:3] = tanh(sum(j:2, b + j)); loss = sum(p, z[p])"
    ),
    "a start that binds the index which runs": (
        "parameter E[u:5, n:3], w; h[-1,n] = sum(m:3, E[n+m,0])\n"
        "h[m,n] = tanh(w*h[m-1,n]); loss = sum(m, n, h[m,n])"
    ),
    "a step ahead of the last": (
        "input x[m:3, k:3]; parameter q[k]; a[-1,k] = 1\n"
        "a[m,k] = sin((x[2-k,m] - q[k])*a[m-1,k]); loss = sum(m, k, a[m,k])"
    ),
    "the lesser of a value and itself": "parameter w; loss = minimum(w, w)**2",
    "a value less than itself": "parameter w; loss = where(w < w, w, w**2)",
    "a choice by a part of an array": (
        "input x[m:2, p:3]; parameter b, h[p]\n"
        "z[m] = b*minimum(b, x[m,0]); loss = sum(m, z[m]*h[m+0])"
    ),
    "a name bound for the third time": (
        "parameter b; h[k:3] = sum(p:2, sum(k:3, softmax(k, b*p + k/3)*k)); loss = h[0]"
    ),
    "a choice by a constant": "parameter w; c = tanh(0.5); loss = where(c < 1, w*relu(c), 0)**2",
    "a softmax of what is the same along its axis": (
        "parameter b; h[k:3] = softmax(k, sum(k:3, b*k)); loss = sum(k, h[k]*b)"
    ),
    "a row of which everything is left out": (
        "parameter b[p:2]; a[n:2] = logsumexp(p, k:2, where(p <= n, b[p]*k, -inf))\n"
        "loss = sum(n, a[n])"
    ),
    "a logarithm of an index": "parameter w; h[j:2] = w*log(1 + j**2); loss = sum(j, h[j]**2)",
    "a sum of numbers": "parameter w; loss = w*logsumexp(i:2, 0.5 + i/3)**2",
    "the error function of a size": "input x[n:N]; parameter w; loss = w*erf(N)*x[0]",
    "either of two conditions along different axes": (
        "parameter z[p:3, i:2], W[p], S\n"
        "O[p,i] = where(z[p,i] >= 0, 1, where(p-1 >= 0, W[p-1], S)); loss = sum(p, i, O[p,i])"
    ),
    "a place that is looked up at what may leave its axis": (
        "input id[i:2]; parameter gamma[i,u:3]; h[i,q:2] = gamma[id[i],i+q]**2\n"
        "loss = sum(i, q, h[i,q])"
    ),
    "a loop that runs on beyond what it reads": (
        "parameter S[j:2], w; h[0,k:3] = w; h[q:3,k:3] = sin(w + h[q-1,k])\n"
        "z[i:2] = S[i]*h[i+0,i+1]; loss = sum(i, z[i])"
    ),
    "a condition that is a function of one value": (
        "parameter w; h = elu(softplus(w)); loss = h**2"
    ),
    "an exponential within an exponential": "parameter w; loss = tanh(silu(w))",
    "a quotient that is asked for where there is none": (
        "parameter a[k:4]; h[i:3] = a[i+1]/(i+1); loss = sum(i, h[i]**2)"
    ),
    "a row that is asked for where there is none": (
        "parameter W[r:5], g; h[j:2] = tanh(g*logsumexp(n:2, where(n <= j, g*n + W[j+2], -inf)))\n"
        "loss = sum(j, h[j])"
    ),
    "a recurrence whose past is multiplied by nothing": (
        "input x[p:2]; parameter w; z[-1] = w; z[p] = w*tanh((x[p] - x[p])*z[p-1])\n"
        "a[0] = w; a[p] = (x[p] - x[p])*a[p-1]; loss = sum(p, z[p] + a[p] + w**2)"
    ),
    "a quantity that is a number at one place": (
        "input x[n:3]; parameter g[i:2], b; h[i] = where(i+1 < 2, exp(g[i+1]), 2)\n"
        "loss = where(h[1] >= b, b**2, b)*x[2] + h[0]"
    ),
    "the sign of a logarithm": ("parameter W[i:3], b; loss = sign(logsumexp(i, W[i]))*b + b**2"),
    "a choice in a sum in a condition": (
        "input x[n:3]; parameter w[i:3]\n"
        "loss = sum(n, x[n]*relu(sum(i, where(i <= n, w[i]*x[i], 0))))"
    ),
    "a condition that sees nothing but what is left out": (
        "parameter w[q:3, i:2]; a[q] = relu(logsumexp(i, where(i <= q, w[q,i], -inf)))\n"
        "loss = sum(q, a[q]*q)"
    ),
    "a quantity that only what the loss does not need reads": (
        "input x[k:3]; parameter w[k]; z[k] = softmax(k, w[k])\n"
        "a = where(x[0] < w[1], z[1]*z[0], 2); loss = sum(k, w[k]**2)"
    ),
    "a softmax of what has no equation any more": (
        "input x[i:2]; parameter g[i]\n"
        "a[i] = (exp(g[i]) + x[i])*where(x[i] > 0, logsumexp(q:3, g[i]*q), 2)\n"
        "d[i] = 1 - softmax(i, a[i+0]); loss = sum(i, x[i]*d[i])"
    ),
    "the greatest of values that are numbers": (
        "input x[q:3]; parameter E; h[l:3,q] = atan(softmax(l, E - x[q] + l/3))\n"
        "loss = sum(l, q, h[l,q])"
    ),
    "a logsumexp of numbers of which some are left out": (
        "parameter w; loss = w*logsumexp(i:3, j:2, where(i <= j, 0.5 + i/3, -inf))"
    ),
    "a recurrence that reads another axis further on": (
        "parameter W[k:3, v:5], Q[n:3]; z[0,m:3,q:2] = Q[m]**2\n"
        "z[i:2,m,q] = sigmoid(where(m > 1, minimum(W[q+0,i-m+2], 1), Q[m]) + z[i-1,q+1,q])\n"
        "loss = sum(i, m, q, z[i,m,q])"
    ),
    "a recurrence whose state is a softmax": (
        "parameter W; a[-1,l:3] = softmax(l, l/3)\n"
        "a[p:3,l] = sin(softmax(l:3, W + l/3)*a[p-1,0]); loss = sum(p, l, a[p,l]*p)"
    ),
    "the greatest so far": (
        "input x[t:4]; parameter w; m[-1] = -1000; m[t] = maximum(m[t-1], w*x[t]); loss = m[3]"
    ),
    "a mask that lies outside of the array in its derivative": (
        "input x[n:2, p:2]; parameter E[v:5, p:2]\n"
        "z[n,p,k:3] = minimum(E[2*n+p+1,p], x[n,p]) + k/3\n"
        "loss = sum(n, p, logsumexp(k, where(k <= p, z[n,p,k], -inf)))"
    ),
    "the same within one expression": (
        "input x[n:2, p:2]; parameter E[v:5, p:2]\n"
        "loss = sum(n, p, logsumexp(k:3, where(k <= p, minimum(E[2*n+p+1,p], x[n,p]) + k/3, -inf)))"
    ),
    "a choice that no place of a row takes": (
        "parameter b[p:2], c; h[m:2,n:2] = sin(softmax(m:2, where(c > b[n] + m + 9, b[n], c)))\n"
        "loss = sum(m, n, h[m,n])"
    ),
    "a softmax of sums from which all is left out beside the array": (
        "parameter W[r:5]; loss = sum(n, q, h[n,q]*n)\n"
        "h[n:2,q:3] = tanh(softmax(n, logsumexp(u:4, where(u <= q, n + u/3, -inf))) + W[q+2])"
    ),
    "a choice between entries by a size": (
        "input x[m:M], Q[m], z[n:N]; parameter w; loss = sum(n, m, h[n,m])\n"
        "h[-1,m] = where(m < M - 1, Q[m+1], x[m]); h[n,m] = sin(w*z[n]*h[n-1,1])"
    ),
    "a sum that is 0 once its letters are": (
        "parameter b[m:3, q:3]\nloss = sum(v:5, j:2, sum(i:2, softmax(i:2, b[2, j-i+1])) + v/3)"
    ),
    "a place that is not multiplied out": (
        "parameter W[r:4, v:5], b[r:4, k:3]; loss = sum(j:2, h[j])\n"
        "h[j:2] = leaky_relu(where(b[1,0] < W[j+2,1], b[j+2,2*j], W[2*j+1,2*j])**2)"
    ),
    "an input of the name of an argument": "input parameters; parameter w; loss = w*parameters",
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_what_was_wrong_once_is_right(text):
    derivation = derive(System.parse(text))
    assert compare(derivation).ok
    point = random_point(derivation.system)
    arrays = {name: array_of(entries) for name, entries in point.values.items()}
    parameters = {q.name: arrays.pop(q.name) for q in derivation.system.named(Role.PARAMETER)}
    _, gradients = derivation.lambdify()(parameters, **arrays)
    for name, right in derived_gradients(derivation, point).items():
        assert np.shape(gradients[name]) == np.shape(array_of(right))
        np.testing.assert_allclose(gradients[name], array_of(right), rtol=1e-12, atol=1e-14)
