"""The provers of the tests: they prove what is equal, and nothing that is not."""

import pytest
from sympy import (
    Abs,
    IndexedBase,
    Rational,
    Sum,
    Symbol,
    erfc,
    exp,
    pi,
    sign,
    sqrt,
    tanh,
)

from symnn.binding import index, total
from symnn.cases import Piecewise
from symnn.equations import SAMPLES
from tests.proofs import UndecidedError, is_proved_equal, scalar, unrolled

a, b, c = (Symbol(name, real=True) for name in "abc")
ramp = Piecewise((a, a > 0), (0, True))
step = Piecewise((1, a > 0), (0, True))

EQUAL = {
    "nothing to do": (a, a),
    "ratios": (1 / a + 1 / b, (a + b) / (a * b)),
    "difference of squares": ((a**2 - b**2) / (a - b), a + b),
    "a sign in a denominator": (1 / (a - b) + 1 / (b - a), 0 * a),
    "sigmoid's derivative": (
        exp(-a) / (1 + exp(-a)) ** 2,
        1 / (1 + exp(-a)) * (1 - 1 / (1 + exp(-a))),
    ),
    "exp of both signs": (1 / (1 + exp(-a)), exp(a) / (1 + exp(a))),
    "exp of a sum": (exp(a + 2 * b), exp(a) * exp(b) ** 2),
    "exp of a half": (exp(a / 2) ** 2, exp(a)),
    "functions as unknowns": ((1 - tanh(a)) * (1 + tanh(a)), 1 - tanh(a) ** 2),
    "a function of a ratio": (tanh(exp(-a)) * 2, 2 * tanh(1 / exp(a))),
    "roots": (sqrt(2) / sqrt(pi), 2 / sqrt(2 * pi)),
    "signs": (sign(a - b), -sign(b - a)),
    "branches": (ramp * step, ramp),
    "branches in branches": (Piecewise((ramp, ramp > 1), (a, True)) * step, ramp),
    "a function of branches": (tanh(ramp) * step, tanh(ramp)),
}
DIFFERENT = {
    "a sign": (a - b, b - a),
    "a last digit": (a, a * (1 + Rational(1, 10**40))),
    "a function's argument": (tanh(a), tanh(b)),
    "exp": (exp(a), exp(-a)),
    "a sign turned": (sign(a), sign(-a)),
    "an absolute value": (Abs(a), a),
    "erfc": (erfc(a), erfc(b)),
    "one branch of two": (ramp, 0 * a),
    "another branch": (ramp, Piecewise((a, a > 1), (0, True))),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_what_is_equal_is_proved(one, other):
    assert is_proved_equal(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_not_equal_is_not_proved(one, other):
    assert not is_proved_equal(one, other)


def test_too_many_branches_are_undecided():
    many = sum(Piecewise((a, b > k), (0, True)) for k in range(6))
    with pytest.raises(UndecidedError):
        is_proved_equal(a * many + many, many * (1 + a))


def test_sums_are_written_out():
    u, n, i = IndexedBase("u", real=True), index("n", SAMPLES), index("i", 2)
    written = unrolled(total(u[n, i] * SAMPLES, i), {n: 1}, {SAMPLES: 2})
    assert written == 2 * scalar("u", 1, 0) + 2 * scalar("u", 1, 1)
    assert unrolled(Sum(u[0, i], (i, 1, 1))) == scalar("u", 0, 1)
