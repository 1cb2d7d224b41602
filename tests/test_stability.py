"""What is computed instead of a formula: the same function, in floats to the last digits.

Each stable form is compared with its formula at 40 digits on both sides of 0, and in floats at
numbers from 1e-9 to 1000, where a warning is an error. Each identity of the table is proved.
"""

import mpmath
import numpy as np
import pytest
from sympy import (
    Abs,
    Symbol,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expand_trig,
    log,
    simplify,
    sin,
    sinh,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import expm1, log1p

from symnn.activations import ACTIVATIONS, NORMAL_CDF
from symnn.cases import Piecewise
from symnn.compilation.numpy_helpers import helper_text
from symnn.evaluation import value_of
from symnn.functions import Elementwise, U, elementwise
from symnn.losses import LOSSES
from symnn.stability import Log1pRatio, ScaledTail, Stable, Times, UpperTail, stable
from symnn.stability.identities import ONE_AND, A, with_identities
from symnn.stability.rounding import LOUD, TOLERABLE, loss_of
from tests.proofs import with_formulas

DIGITS = 1000
AGREEING = 40
FLOAT_TOLERANCE = 1e-12
# What is smaller than this no float holds to all its digits.
LEAST = mpmath.mpf(10) ** -300
POINTS = [sign * size for size in (1000.0, 30.0, 3.0, 0.5, 1e-3, 1e-9) for sign in (1, -1)]
FUNCTIONS = {type(row.expression) for row in ACTIVATIONS.values()} | {type(NORMAL_CDF(U))}
FUNCTIONS |= {type(f) for row in LOSSES.values() for f in row.expression.atoms(Elementwise)}
NAMED = sorted((f for f in FUNCTIONS if issubclass(f, Elementwise)), key=str)

sigmoid = 1 / (1 + exp(-U))
ROWS = {
    **{f.__name__: with_formulas(f.formula) for f in NAMED},
    "log sigmoid": log(sigmoid),
    "log(1 - sigmoid)": log(1 - sigmoid),
}
OWN = {
    "sigmoid, written by exp(u)": exp(U) / (1 + exp(U)),
    "sigmoid, with a factor": 1 / (1 + exp(-2 * U)),
    "tanh, written by exp": (exp(U) - exp(-U)) / (exp(U) + exp(-U)),
    "a bell": exp(-U) / (1 + exp(-U)) ** 2,
    "sech": 1 / cosh(U),
    "sech′": -sinh(U) / cosh(U) ** 2,
    "log cosh": log(cosh(U)),
    "mish": U * tanh(log(1 + exp(U))),
    "two exponents": 1 / (1 + exp(-2 * U) + exp(-3 * U)),
    "a shifted sigmoid": 1 / (1 + exp(1 - U)),
}

OWN |= {
    "1 - tanh²": 1 - tanh(U) ** 2,
    "sigmoid′": sigmoid * (1 - sigmoid),
    "log(exp(u) - 1)": log(exp(Abs(U)) - 1),
    "log of a softplus": log(log(1 + exp(U))),
    "log of the normal distribution": log(erfc(U / sqrt(2))),
    "the inverse Mills ratio": exp(-(U**2) / 2) / erfc(U / sqrt(2)),
    "the root of a sigmoid": sqrt(sigmoid),
    "a logarithm near 1": log(1 + U**2),
    "a root near 1": sqrt(1 + U**2) - 1,
    "what tanh leaves": U - tanh(U),
    "Langevin's function": cosh(U) / sinh(U) - 1 / U,
    "(exp(u) - 1)/u": (1 - exp(-Abs(U))) / Abs(U),
    "a sigmoid that steps": Piecewise((sigmoid, U >= 0), (exp(U) - 1, True)),
}

# Right, though a number on the way is infinite.
BY_INFINITY = {
    "a bell of an exp": exp(U) * exp(-exp(U)) / (1 + exp(-exp(U))) ** 2,
    "a bell of 1/u": exp(-1 / U) / (U * (1 + exp(-1 / U))) ** 2,
}
FORMULAS = ROWS | OWN | BY_INFINITY

each_formula = pytest.mark.parametrize("name", FORMULAS)


def plain(found):
    """A stable form in the functions of its formula again."""
    form = found.form
    for symbol, meaning in reversed(found.meanings):
        form = form.xreplace({symbol: meaning})
    form = form.replace(Log1pRatio, lambda v: log(1 + v) / v)
    form = form.replace(log1p, lambda v: log(1 + v)).replace(expm1, lambda v: exp(v) - 1)
    form = form.replace(Times, lambda a, b: a * b)
    form = form.replace(ScaledTail, lambda v: exp(v**2) * erfc(v))
    return form.replace(UpperTail, erfc)


def at(expression, u):
    """The value at a number, in many digits."""
    with mpmath.workdps(DIGITS):
        return value_of(expression, {U.name: {(): mpmath.mpf(u)}}, {})


def agrees(one, other, digits=AGREEING):
    with mpmath.workdps(DIGITS):
        return bool(abs(one - other) <= mpmath.mpf(10) ** -digits * abs(other))


@each_formula
def test_a_stable_form_is_the_same_function(name):
    formula = FORMULAS[name]
    form, digits = plain(stable(formula)), 15 if has_series(stable(formula)) else AGREEING
    for u in POINTS:
        assert agrees(at(form, u), at(formula, u), digits)


def has_series(found):
    """Whether a power series stands in for the formula near 0."""
    return any(c.has(Abs) for p in found.form.atoms(Piecewise) for _, c in p.args)


# The exponent of gelu_tanh is no multiple of u; what is compiled calls the sigmoid of it by name.
@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "gelu_tanh"])
def test_a_stable_form_is_right_and_silent_in_floats(name):
    formula = FORMULAS[name]
    for value, u in zip(in_floats(formula, np.array(POINTS)), POINTS, strict=True):
        oracle = at(formula, u)
        assert abs(value - oracle) <= FLOAT_TOLERANCE * max(abs(oracle), LEAST)


def in_floats(formula, points):
    """The stable form of a formula as the function that runs, at these points."""
    namespace = {}
    exec(helper_text(elementwise("f", formula)), namespace)
    return np.broadcast_to(namespace["f"](points), points.shape)


def test_what_a_form_loses_is_seen_before_it_runs():
    for name, formula in FORMULAS.items():
        assert stable(formula).loss() <= (LOUD if name in BY_INFINITY else TOLERABLE), name
    for formula in (1 - tanh(U) ** 2, sigmoid, log(1 + exp(U)), 1 - erf(U), U - tanh(U)):
        assert loss_of(formula) > TOLERABLE


def test_a_formula_that_loses_nothing_is_left_as_it_is():
    for formula in (tanh(U), U / (1 + Abs(U)), exp(-(U**2)), U**3, sin(U) + 2):
        assert stable(formula) == Stable(formula)


def test_a_gap_at_zero_is_filled():
    formulas = {(exp(U) - 1) / U: 1, sin(U) / U: 1, U / tanh(U): 1, (1 - cos(U)) / U**2: 0.5}
    for formula, value in formulas.items():
        assert in_floats(formula, np.array([0.0]))[0] == value


PROOFS = {row.name: (row.plain, row.careful) for row in ONE_AND}
w = Symbol("w", positive=True)
PROOFS |= {
    "log(1 + A)": (log(1 + w), with_identities(log(1 + w))),
    "root(c² + A) - c": (sqrt(4 + w) - 2, with_identities(sqrt(4 + w) - 2)),
    "2 - erfc A": (2 - erfc(w), with_identities(2 - erfc(w))),
    "1 - cᴬ": (1 - 2**w, with_identities(1 - 2**w)),
    "log A² of |A|": (log(w**2), with_identities(log(w**2))),
    "log A³": (log(w**3), with_identities(log(w**3))),
}


@pytest.mark.parametrize(("written", "careful"), PROOFS.values(), ids=PROOFS)
def test_an_identity_of_the_table_is_proved(written, careful):
    assert written != careful
    assert careful.has(A, w)
    opened = plain(Stable(careful)).rewrite(erfc, erf)
    difference = expand_trig(written.rewrite(erfc, erf) - opened)
    assert simplify(difference.rewrite(cosh, exp).rewrite(cos, exp).rewrite([sin, sinh], exp)) == 0


def test_every_named_function_of_the_tables_is_a_case():
    names = {f.__name__ for f in NAMED}
    assert names >= {row.name for row in ACTIVATIONS.values() if row.applied is not None}
    assert {"huber", "normal_cdf"} <= names


E = Symbol("e", positive=True)
WRONG = {
    "a sign": lambda form: -form,
    "e for 1/e": lambda form: form.xreplace({E: 1 / E}),
    "a last digit": lambda form: form * (1 + exp(-80)),
}


@pytest.mark.parametrize("mutate", WRONG.values(), ids=WRONG)
def test_a_wrong_form_is_seen(mutate):
    found = stable(sigmoid)
    right, wrong = plain(found), plain(Stable(mutate(found.form), found.meanings))
    assert all(agrees(at(right, u), at(sigmoid, u)) for u in POINTS)
    assert not all(agrees(at(wrong, u), at(sigmoid, u)) for u in POINTS)
