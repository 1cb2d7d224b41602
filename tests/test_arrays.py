"""Whole arrays: the forms that a reader knows, and values equal to those of the indices, always."""

from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from sympy import Expr, IndexedBase, Integer, KroneckerDelta, Symbol, exp, log, tanh

from symnn.array_nodes import LogSumExp, MatrixProduct, Softmax, SumOver, Transposed
from symnn.arrays import as_array
from symnn.binding import index, total
from symnn.cases import Piecewise
from symnn.compilation.numpy_printer import NumpyPrinter
from symnn.equations import SAMPLES, Equation, Quantity, Role
from symnn.evaluation import value_of
from symnn.reading import Order
from symnn.rewriting import lettered
from tests.expressions import SHAPES, free_indices, indexed_expressions

TOLERANCE = 1e-12
HELPERS = """
import numpy as np


def softmax(u):
    e = np.exp(u)
    return e / e.sum(axis=-1, keepdims=True)


def logsumexp(u):
    return np.log(np.exp(u).sum(axis=-1))
"""

W, x, b, d, a = (IndexedBase(name, real=True) for name in ("W", "x", "b", "delta", "a"))
n, i, j, k = index("n", SAMPLES), index("i", 3), index("j", 2), index("k", 2)
A, X, B, D = (Symbol(name, real=True) for name in ("W", "x", "b", "delta"))

# The indices of the left side, the right side, and the same over whole arrays.
FORMS = {
    "an array": ((n, i), x[n, i], X),
    "a transpose": ((i, n), x[n, i], Transposed(X)),
    "a layer": ((n, j), total(W[j, i] * x[n, i], i) + b[j], MatrixProduct(X, Transposed(A)) + B),
    "an activation": ((n, i), tanh(x[n, i]), tanh(X)),
    "errors brought back": ((n, i), total(W[j, i] * d[n, j], j), MatrixProduct(D, A)),
    "a gradient of weights": (
        (j, i),
        total(d[n, j] * x[n, i], n),
        MatrixProduct(Transposed(D), X),
    ),
    "a gradient of biases": ((j,), total(d[n, j], n), SumOver(D, (0,))),
    "softmax": (
        (n, j),
        exp(d[n, j]) / total(exp(d[n, k]), k),
        Softmax(D),
    ),
    "logsumexp": ((n,), log(total(exp(d[n, k]), k)), LogSumExp(D)),
    "a sum of squares": ((), total(d[n, j] ** 2, j, n), SumOver(D**2, ())),
    "a number": ((), Integer(2) * SAMPLES, 2 * SAMPLES),
}


def equation(indices, expression):
    shape = tuple(i.upper + 1 for i in indices)
    letters = tuple(str(i.label) for i in indices)
    return Equation(Quantity("q", shape, Role.GRADIENT, letters, "q"), indices, expression)


@pytest.mark.parametrize(("indices", "expression", "form"), FORMS.values(), ids=FORMS)
def test_an_equation_has_the_form_that_a_reader_knows(indices, expression, form):
    assert same(as_array(equation(indices, expression)), form)


def same(one, other):
    """Whether two forms are one tree; a tuple of axes is a SymPy one or a plain one."""
    return str(one) == str(other) and isinstance(one, Expr)


def on_arrays(of, arrays):
    """The value of an equation's form over whole arrays, by NumPy."""
    text = NumpyPrinter(Order({})).doprint(as_array(of))
    namespace = {**arrays, "dtype": np.float64}
    exec(HELPERS, namespace)
    return np.asarray(eval(text, namespace))


def by_entries(of, arrays, sizes):
    """The same by the indices, entry by entry."""
    values = {
        name: {place: mpmath.mpf(float(v)) for place, v in np.ndenumerate(array)}
        for name, array in arrays.items()
        if isinstance(array, np.ndarray)
    }
    shape = tuple(int((f.upper + 1).xreplace(sizes)) for f in of.indices)
    outcome = np.empty(shape)
    for place in product(*map(range, shape)):
        where = dict(zip(of.indices, place, strict=True))
        outcome[place] = value_of(of.expression, values, sizes, where)
    return outcome


def error(of, arrays, sizes=None):
    return difference(on_arrays(of, arrays), by_entries(of, arrays, sizes or {}))


def difference(whole, entries):
    """The largest error, relative to the largest number or to 1; infinite for another shape."""
    if whole.shape != entries.shape:
        return np.inf
    scale = max(1.0, np.abs(entries).max(initial=0.0))
    return float(np.abs(whole - entries).max(initial=0.0) / scale)


GENERATOR = np.random.default_rng(0)
SAMPLES_HERE = {SAMPLES: Integer(4)}
ARRAYS = {
    "W": GENERATOR.normal(size=(2, 3)),
    "x": GENERATOR.normal(size=(4, 3)),
    "b": GENERATOR.normal(size=2),
    "delta": GENERATOR.normal(size=(4, 2)),
    "N": 4,
}


@pytest.mark.parametrize(("indices", "expression", "form"), FORMS.values(), ids=FORMS)
def test_a_form_has_the_value_of_the_indices(indices, expression, form):
    del form
    assert error(equation(indices, expression), ARRAYS, SAMPLES_HERE) <= TOLERANCE


OTHERS = {
    "a product of three": ((n, j), total(W[j, i] * x[n, i] * d[n, j], i)),
    "two sums": ((j,), total(W[j, i] * x[n, i], i, n)),
    "a bias alone": ((n, j), b[j]),
    "a column and a row": ((j, k), b[j] * b[k]),
    "transposed sums": ((i, j), W[j, i] + total(x[n, i] * d[n, j], n)),
    "branches": ((n, j), Piecewise((d[n, j], d[n, j] > b[j]), (b[j], True))),
    "a sum of branches": ((n,), total(Piecewise((d[n, j], d[n, j] > 0), (0, True)), j)),
    "a mean taken off": ((n, j), d[n, j] - total(d[n, k], k) / 2),
    "a sum squared": ((n,), total(d[n, k], k) ** 2),
    "δ": ((j, k), KroneckerDelta(j, k) * b[j]),
    "a sum over an index that does not occur": ((n,), total(d[n, j], i, j)),
    "a sum of what has none of its indices": ((), total(Integer(1), i, n)),
    "a constant": ((n, j), Integer(1)),
}


@pytest.mark.parametrize(("indices", "expression"), OTHERS.values(), ids=OTHERS)
def test_any_other_form_has_the_value_of_the_indices(indices, expression):
    assert error(equation(indices, expression), ARRAYS, SAMPLES_HERE) <= TOLERANCE


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(indexed_expressions)
def test_any_expression_has_the_value_of_its_indices(expression):
    free = tuple(sorted(free_indices(expression), key=str))
    arrays = {name: ARRAY_OF[name] for name in (*SHAPES, "c")}
    assert error(equation(free, lettered(expression, free)), arrays) <= TOLERANCE


ARRAY_OF = {name: GENERATOR.uniform(-1, 1, size=shape) for name, shape in SHAPES.items()}
ARRAY_OF["c"] = GENERATOR.uniform(-1, 1, size=())


MUTANTS = {
    "a transpose": lambda array: array.T,
    "a sign": lambda array: -array,
    "a last digit": lambda array: array + 1e-11,
    "a lost axis": lambda array: array[0],
}


@pytest.mark.parametrize("mutate", MUTANTS.values(), ids=MUTANTS)
def test_a_wrong_array_is_seen(mutate):
    of = equation((j, i), W[j, i])
    whole, entries = on_arrays(of, ARRAYS), by_entries(of, ARRAYS, {})
    assert difference(whole, entries) == 0
    assert difference(mutate(whole), entries) > TOLERANCE
