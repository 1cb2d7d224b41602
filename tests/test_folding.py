"""Folding: each function returns what it was given, in other words; proved for any expression."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Rational, Symbol, exp, factor, log, nan, symbols, tanh, zoo

from symnn.activations import ACTIVATIONS
from symnn.cases import Piecewise
from symnn.folding import (
    branchwise,
    denominator_symbols,
    factored,
    folded,
    is_upside_down,
    opaque,
    simplest,
    solved_for,
    transcendental_pieces,
    upright,
)
from symnn.functions import U, derivative_of
from tests.proofs import is_proved_equal, with_formulas

a, b, t, u = (Symbol(name, real=True) for name in "abtu")
name = Symbol("name", real=True)


def is_target(term):
    return term.has(t)


def products(parts):
    return st.one_of(
        st.builds(lambda x, y: x + y, parts, parts),
        st.builds(lambda x, y: x - y, parts, parts),
        st.builds(lambda x, y: x * y, parts, parts),
        st.builds(lambda x, k: x**k, parts, st.sampled_from((2, 3))),
        st.builds(lambda x: 1 / x if x != 0 else x, parts),
        st.builds(lambda x: -x, parts),
    )


def hidden_and_shown(expression):
    opened, back = opaque(expression)
    return opened.xreplace(back)


leaves = st.sampled_from((a, b, t, tanh(a), exp(-b), Rational(-2), Rational(1, 3)))
ratios = st.recursive(leaves, products, max_leaves=8).filter(lambda e: not e.has(zoo, nan))
# Each is a claim about every expression: the argument and the result are equal.
REWRITINGS = {
    "factored": factored,
    "factored, with targets": lambda e: factored(e, is_target),
    "upright": upright,
    "upright, with targets": lambda e: upright(e, is_target),
    "opaque and back": hidden_and_shown,
    "simplest": lambda e: simplest([e.expand(), factor(e), e]),
}


@pytest.mark.parametrize("rewrite", REWRITINGS.values(), ids=REWRITINGS)
@settings(max_examples=100, deadline=None)
@given(expression=ratios)
def test_the_result_equals_the_argument(rewrite, expression):
    assert is_proved_equal(rewrite(expression), expression)


def test_a_rewriting_that_changes_the_value_is_seen():
    assert not is_proved_equal(upright(-a * (a - 1)), a * (a - 1))


UPRIGHT = {
    "a difference from one": (-a * (a - 1), a * (1 - a)),
    "an even power": ((a - 1) ** 2 * b, (a - 1) ** 2 * b),
    "an odd power": ((a - 1) ** 3 * b, -((1 - a) ** 3) * b),
    "a target": (-b * (t - a), b * (a - t)),
    "a target that is subtracted": (b * (a - t), b * (a - t)),
    "two minus signs": ((-a - b) * u, -u * (a + b)),
    "no product": (a - 1, a - 1),
}


@pytest.mark.parametrize(("given_", "form"), UPRIGHT.values(), ids=UPRIGHT)
def test_each_factor_stands_upright(given_, form):
    assert upright(given_, is_target) == form


def test_a_difference_that_subtracts_a_target_is_upright():
    assert is_upside_down(t - a, is_target)
    assert not is_upside_down(a - t, is_target)


FACTORED = {
    "sigmoid": (a - a**2, a * (1 - a)),
    "a common factor": (a * b + a * t, a * (b + t)),
    "lowest terms": ((a**2 - b**2) / (a + b), a - b),
    "functions": (tanh(a) - tanh(a) ** 2, tanh(a) * (1 - tanh(a))),
}


@pytest.mark.parametrize(("given_", "form"), FACTORED.values(), ids=FACTORED)
def test_a_sum_is_factored(given_, form):
    assert factored(given_) == form


sigmoid = 1 / (1 + exp(-u))
# A derivative, the definition, and the simplest form in its name.
FOLDS = {
    "sigmoid": (sigmoid.diff(u), sigmoid, name * (1 - name)),
    "tanh": (tanh(u).diff(u), tanh(u), 1 - name**2),
    "elu": (
        Piecewise((1, u > 0), (exp(u), True)),
        Piecewise((u, u > 0), (exp(u) - 1, True)),
        Piecewise((1, u > 0), (1 + name, True)),
    ),
    "powers of one exp": (exp(2 * u) * exp(-u), exp(u), name),
    "what has none of it": (a**2, sigmoid, a**2),
}


@pytest.mark.parametrize(("given_", "definition", "form"), FOLDS.values(), ids=FOLDS)
def test_a_derivative_is_written_in_the_name_of_its_function(given_, definition, form):
    assert simplest([*folded(given_, name, definition), given_], name) == form


@pytest.mark.parametrize(("given_", "definition", "form"), FOLDS.values(), ids=FOLDS)
def test_every_folded_form_equals_what_was_given(given_, definition, form):
    for folded_form in (*folded(given_, name, definition), form):
        for above, condition in ((True, u > 0), (False, u <= 0)):
            sides = (folded_form.xreplace({name: definition}), given_)
            one, other = (_on_side(e, above) for e in sides)
            assert is_proved_equal(one, other), condition


def _on_side(expression, above):
    return expression.replace(Piecewise, lambda *b: b[0][0] if above else b[1][0])


def test_a_form_that_divides_by_something_new_is_refused():
    silu = u * sigmoid
    forms = list(folded(silu.diff(u), name, silu))
    assert all(denominator_symbols(f) <= denominator_symbols(silu.diff(u)) for f in forms)
    # Solved for exp(-u), it would divide by u.
    (piece,) = transcendental_pieces(silu)
    solved = solved_for(piece, name, silu)
    assert u in denominator_symbols(branchwise(silu.diff(u), piece, solved))


def test_a_piece_is_not_what_is_left_of_an_output_less_another_quantity():
    # a - b of a = exp(u) + b has no digit of exp(u) where b is large.
    assert all(name not in f.free_symbols for f in folded(exp(u), name, exp(u) + b))
    assert name + 1 in folded(exp(u), name, exp(u) - 1)


def test_what_is_not_linear_in_its_piece_is_not_solved():
    assert solved_for(tanh(u), name, tanh(u) + tanh(u) ** 2) is None
    assert transcendental_pieces(log(1 + exp(u))) == [exp(u)]
    assert transcendental_pieces(Abs(u)) == []


named_rows = pytest.mark.parametrize(
    "row",
    [row for row in ACTIVATIONS.values() if row.applied is not None],
    ids=lambda row: row.name,
)


@named_rows
def test_the_derivative_of_a_named_function_is_proved(row):
    derived, formula = derivative_of(type(row.expression)), with_formulas(row.expression.expanded())
    assert is_proved_equal(with_formulas(derived), formula.diff(U))


def test_a_long_power_of_a_sum_is_a_factor_as_it_stands():
    a, b = symbols("a b")
    whole = (1 + a + b + a * b) ** 64
    assert factored(a * whole + b * whole) == (a + b) * whole
