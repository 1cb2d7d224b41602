"""The calculus of indexed expressions against SymPy's own derivative of the scalars.

Each case is unrolled to scalars for every value of its free indices; SymPy differentiates those.
The cases by hand are proved. Hypothesis makes further ones, which are proved where they can be and
compared at 40 digits where they cannot. `SYMNN_EXAMPLES` sets how many it makes (200).
"""

import os
from fractions import Fraction
from itertools import product

import mpmath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    DiracDelta,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    sin,
    tanh,
)

from symnn.binding import fresh_index, index, total
from symnn.calculus import derivative
from symnn.cases import Piecewise
from symnn.contraction import contract
from symnn.equations import SAMPLES, slope
from symnn.functions import U, elementwise
from symnn.rewriting import primes_worked_out
from tests.expressions import SHAPES, c, free_indices, indexed_expressions, quantity_entries
from tests.proofs import is_proved_equal, scalar, unrolled

DIGITS = 40
EXAMPLES = int(os.environ.get("SYMNN_EXAMPLES", "200"))

u, v, w, q = (IndexedBase(name, real=True) for name in "uvwq")
i, j = index("i", 2), index("j", 2)
k, p, r = index("k", 3), index("p", 2), index("r", 2)
n, m = index("n", SAMPLES), index("m", SAMPLES)
SIZES = {SAMPLES: Integer(2)}
sigmoid = elementwise("sigmoid_of_calculus", 1 / (1 + exp(-U)))

# An expression, and the entry by which it is differentiated: u is 2 by 2, v has 2 entries, w has 3.
CASES = {
    "an entry by itself": (u[i, j], u[p, r]),
    "an entry at its own indices": (u[i, j], u[i, j]),
    "another quantity": (v[i], u[p, r]),
    "a number": (c**3 + v[i] * c, c),
    "a product": (u[i, j] * v[i] * v[j], v[p]),
    "a quantity repeated": (v[i] * v[i], v[p]),
    "a quantity at two places": (v[i] * v[j] ** 2, v[p]),
    "a quotient": (v[i] / (1 + v[j] ** 2), v[p]),
    "a power that is no whole number": ((1 + v[i] ** 2) ** Rational(3, 2), v[p]),
    "a matrix product": (Sum(u[i, j] * v[j], j), v[p]),
    "a matrix product by the matrix": (Sum(u[i, j] * v[j], j), u[p, r]),
    "a squared norm": (Sum(v[i] ** 2, i), v[p]),
    "a sum squared": (Sum(v[i], i) ** 2, v[p]),
    "a sum times itself at an entry": (v[i] * Sum(v[i] * w[k], i, k), v[p]),
    "a quadratic form": (total(v[i] * u[i, j] * v[j], j, i), v[p]),
    "sums in sums": (total(v[i] * total(u[i, j] * tanh(v[j]), j) ** 2, i), v[p]),
    "sums in sums by the matrix": (total(v[i] * total(u[i, j] * tanh(v[j]), j) ** 2, i), u[p, r]),
    "SymPy's merged sums": (Sum(Sum(u[i, j] * v[j], j) * v[i], i), v[p]),
    "a sum twice over one index": (Sum(Sum(v[i] ** 2, i), i), v[p]),
    "an index that is bound and free": (v[i] * total(v[i] ** 2, i), v[i]),
    "an index that is bound twice": (total(v[i] * total(v[i] ** 3, i), i), v[i]),
    "an entry with a bound index": (total(u[i, j] * v[j], j), u[j, i]),
    "indices exchanged": (u[i, j] * u[j, i], u[j, i]),
    "a sum over an index that does not occur": (total(v[i] ** 2, k), v[p]),
    "a sum over two that do not occur": (total(v[i] ** 2, k, j), v[p]),
    "a sum of another quantity": (v[i] * total(w[k], k), v[p]),
    "a diagonal entry": (u[i, i], u[p, r]),
    "a trace": (total(u[i, i], i), u[p, r]),
    "a trace of a product": (total(u[i, j] * u[j, i], i, j), u[p, r]),
    "by a diagonal entry": (total(u[i, j] * v[j], j), u[p, p]),
    "an entry at a number": (v[0] * v[i], v[p]),
    "by an entry at a number": (total(v[i] ** 3, i), v[1]),
    "a δ that is there already": (total(KroneckerDelta(i, j) * v[i] * u[i, j], i), v[p]),
    "a δ that is left over": (v[i] * tanh(v[j]), v[j]),
    "a function of a function": (tanh(sin(v[i])), v[p]),
    "a named function": (sigmoid(v[i] * c), v[p]),
    "a named function by a number": (sigmoid(v[i] * c), c),
    "branches": (Piecewise((v[i] ** 2, v[i] > 0), (v[i] * v[j], True)), v[p]),
    "an absolute value": (Abs(v[i] - w[k]), v[p]),
    "softmax": (exp(v[i]) / total(exp(v[j]), j), v[p]),
    "softmax with its own index bound": (exp(v[i]) / total(exp(v[i]), i), v[p]),
    "softmax over an axis": (exp(u[i, j]) / total(exp(u[i, k]), k), u[p, r]),
    "logsumexp": (log(total(exp(v[i]), i)), v[p]),
    "a loss over samples": (total((q[n, i] - u[n, i]) ** 2, i, n) / (2 * SAMPLES), q[m, p]),
    "layer norm": (v[i] / (1 + total((v[j] - total(v[p], p) / 2) ** 2, j) / 2), v[r]),
    "attention": (
        total(exp(total(u[i, r] * u[j, r], r)) * v[j], j)
        / total(exp(total(u[i, r] * u[j, r], r)), j),
        u[p, r],
    ),
}

cases = pytest.mark.parametrize(("expression", "entry"), CASES.values(), ids=CASES)


def free_places(*expressions):
    """Every way to put numbers in for the free indices."""
    free = sorted(set().union(*(free_indices(e) for e in expressions)), key=str)
    ranges = (range(int((f.upper + 1).xreplace(SIZES))) for f in free)
    return [dict(zip(free, numbers, strict=True)) for numbers in product(*ranges)]


def pairs(expression, entry):
    """The derivative and SymPy's own, in scalars, for each value of the free indices."""
    derived = derivative(expression, entry)
    for at in free_places(expression, entry):
        scalars, variable = (unrolled(e, at, SIZES) for e in (expression, entry))
        # At a jump SymPy has DiracDelta, where symnn takes the derivative beside it.
        own = scalars.diff(variable).replace(DiracDelta, lambda *_: Integer(0))
        yield unrolled(derived, at, SIZES), own


@cases
def test_the_derivative_is_that_of_the_scalars(expression, entry):
    compared = list(pairs(expression, entry))
    assert compared
    for derived, oracle in compared:
        assert is_proved_equal(derived, oracle)


@cases
def test_the_second_derivative_is_that_of_the_scalars(expression, entry):
    first = primes_worked_out(derivative(expression, entry))
    again = entry.xreplace({f: fresh_index(f) for f in free_indices(entry)})
    for derived, oracle in pairs(first, again):
        assert is_proved_equal(derived, oracle)


MUTANTS = {
    "an unused index counts once": (total(v[i] ** 2, k), v[p], 2 * v[i] * KroneckerDelta(i, p)),
    "a repeated quantity counts once": (v[i] * v[i], v[p], v[i] * KroneckerDelta(i, p)),
    "a captured index": (v[i] * total(v[i] ** 2, i), v[p], 3 * v[p] ** 2),
    "softmax without its δ": (exp(v[i]) / total(exp(v[j]), j), v[p], exp(v[i]) * exp(v[p])),
    "a sign": (sin(v[i]), v[p], sin(v[i]) * KroneckerDelta(i, p)),
}


@pytest.mark.parametrize(("expression", "entry", "wrong"), MUTANTS.values(), ids=MUTANTS)
def test_a_wrong_derivative_is_seen(expression, entry, wrong):
    assert all(is_proved_equal(*pair) for pair in pairs(expression, entry))
    verdicts = [
        is_proved_equal(unrolled(wrong, at), unrolled(expression, at).diff(unrolled(entry, at)))
        for at in free_places(expression, entry)
    ]
    assert not all(verdicts)


def test_a_contracted_delta_is_gone():
    bound = index("i", 2)
    assert contract(u[bound, j] * v[bound], [bound], [bound], [p]) == u[p, j] * v[p]
    assert contract(u[bound, j], [bound, j], [bound, bound], [p, r]) == (
        total(u[p, j], j) * KroneckerDelta(p, r)
    )


rationals = st.fractions(min_value=-1, max_value=1, max_denominator=64)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    indexed_expressions,
    st.one_of(quantity_entries(), st.just(c)),
    st.lists(rationals, min_size=10, max_size=10),
)
def test_the_derivative_of_any_expression_is_that_of_the_scalars(expression, entry, numbers):
    for derived, oracle in pairs(expression, entry):
        if derived != oracle:
            assert nearly(at_point(derived, numbers), at_point(oracle, numbers))


def at_point(expression, numbers):
    """The value where the scalars have these numbers, in many digits."""
    names = [scalar(name, *place) for name, shape in SHAPES.items() for place in places_of(shape)]
    values = [Rational(x.numerator, x.denominator) for x in numbers]
    point = dict(zip([*names, c], values, strict=True))
    return expression.xreplace(point).evalf(DIGITS + 10)


def places_of(shape):
    return product(*map(range, shape))


def nearly(value, oracle):
    with mpmath.workdps(DIGITS + 10):
        error = abs(mpmath.mpmathify(value) - mpmath.mpmathify(oracle))
        return bool(error <= mpmath.mpf(10) ** -DIGITS * max(1, abs(mpmath.mpmathify(oracle))))


def test_a_difference_in_the_last_digit_is_seen():
    numbers = [Fraction(1, 2)] * 10
    right = exp(v[0])
    wrong = right * (1 + Rational(1, 10**38))
    values = [at_point(unrolled(e), numbers) for e in (right, wrong)]
    assert nearly(values[0], values[0])
    assert not nearly(values[1], values[0])


def test_the_derivative_of_a_power_does_not_divide_by_its_base():
    x, exponent = Symbol("x", real=True), Symbol("p", real=True)
    assert slope(3 * x**exponent, x) == 3 * exponent * x ** (exponent - 1)
