"""What is computed instead of a formula: the same function, in floats to the last digits.

Each stable form is compared with its formula at 40 digits on both sides of 0, and in floats at
numbers from 1e-9 to 1000, where a warning is an error.
"""

import math

import mpmath
import numpy as np
import pytest
from sympy import Abs, cosh, erfc, exp, log, sinh, tanh
from sympy.codegen.cfunctions import expm1, log1p

from symnn.activations import ACTIVATIONS, NORMAL_CDF
from symnn.compilation.numpy_printer import NumpyPrinter
from symnn.evaluation import value_of
from symnn.functions import Elementwise, U
from symnn.losses import LOSSES
from symnn.reading import Order
from symnn.stability import T, UpperTail, stable
from tests.proofs import with_formulas

DIGITS = 1000
AGREEING = 40
FLOAT_TOLERANCE = 1e-12
# Where a value is smaller, its error is measured against this. A formula of one's own may lose
# digits next to a zero of its own; a row of the tables may not.
LEAST = {"row": mpmath.mpf(10) ** -300, "own": mpmath.mpf(10) ** -2}
POINTS = [sign * size for size in (1000.0, 30.0, 3.0, 0.5, 1e-3, 1e-9) for sign in (1, -1)]
FUNCTIONS = {type(row.expression) for row in ACTIVATIONS.values()} | {type(NORMAL_CDF(U))}
FUNCTIONS |= {type(f) for row in LOSSES.values() for f in row.formula.atoms(Elementwise)}
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

FORMULAS = ROWS | OWN

each_formula = pytest.mark.parametrize("name", FORMULAS)


def plain(form, meaning):
    """A stable form in the functions of its formula again."""
    form = form.replace(log1p, lambda v: log(1 + v)).replace(expm1, lambda v: exp(v) - 1)
    form = form.replace(UpperTail, erfc)
    return form if meaning is None else form.xreplace({T: meaning})


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
    form = plain(*stable(formula))
    for u in POINTS:
        assert agrees(at(form, u), at(formula, u))


@each_formula
def test_a_stable_form_is_right_and_silent_in_floats(name):
    formula, least = FORMULAS[name], LEAST["row" if name in ROWS else "own"]
    form, meaning = stable(formula)
    printer = NumpyPrinter(Order({}))
    namespace = {"np": np, "math": math, "erfc": np.vectorize(math.erfc, otypes=[float])}
    namespace["u"] = np.array(POINTS)
    if meaning is not None:
        namespace[str(T)] = eval(printer.doprint(meaning), namespace)
    values = eval(printer.doprint(form), namespace)
    for value, u in zip(np.broadcast_to(values, len(POINTS)), POINTS, strict=True):
        oracle = at(formula, u)
        assert abs(value - oracle) <= FLOAT_TOLERANCE * max(abs(oracle), least)


def test_every_named_function_of_the_tables_is_a_case():
    names = {f.__name__ for f in NAMED}
    assert names >= {row.name for row in ACTIVATIONS.values() if row.applied is not None}
    assert {"huber", "normal_cdf"} <= names


WRONG = {
    "a sign": lambda form: -form,
    "T for 1/T": lambda form: form.xreplace({T: 1 / T}),
    "a last digit": lambda form: form * (1 + exp(-80)),
}


@pytest.mark.parametrize("mutate", WRONG.values(), ids=WRONG)
def test_a_wrong_form_is_seen(mutate):
    form, meaning = stable(sigmoid)
    right, wrong = plain(form, meaning), plain(mutate(form), meaning)
    assert all(agrees(at(right, u), at(sigmoid, u)) for u in POINTS)
    assert not all(agrees(at(wrong, u), at(sigmoid, u)) for u in POINTS)


def test_a_formula_without_exp_is_left_as_it_is():
    formula = U / (1 + Abs(U))
    assert stable(formula) == (formula, None)


def test_no_power_of_t_is_divided_by():
    for name in ("sigmoid", "softplus", "tanh, written by exp", "sech", "mish"):
        form, _ = stable(FORMULAS[name])
        assert not any(p.base == T and p.exp.is_negative for p in form.atoms(type(T**-1)))
