"""The equation language: what a text means, and how each fault is answered, word for word.

What is read is compared with NumPy written by hand. Hypothesis makes texts: each is a system or an
`EquationError`, nothing else. `SYMNN_EXAMPLES` sets how many it makes (2,000).
"""

import ast
import os
import random
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sympy import (
    Basic,
    Dummy,
    Eq,
    Idx,
    Indexed,
    Integer,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    oo,
    tanh,
)

import symnn.parsing
from symnn.activations import ACTIVATIONS
from symnn.binding import index, total
from symnn.cases import Piecewise
from symnn.compilation.program import outputs_of
from symnn.derivation import derive
from symnn.equations import SAMPLES, Role, System
from symnn.errors import SymnnError
from symnn.evaluation import evaluate, value_of
from symnn.functions import U
from symnn.parsing import EquationError, parse_expression, parse_system
from symnn.parsing.tokens import tokens
from symnn.parsing.vocabulary import (
    ALIASES,
    FUNCTIONS,
    FUNCTIONS_OF_SEVERAL,
    OPTIONS,
    REDUCTIONS,
    loss_terms,
)
from symnn.published import LOSS_FORMULAS
from symnn.recurrence import guarded

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "examples").glob("*.eqs"))
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
EXAMPLES = int(os.environ.get("SYMNN_EXAMPLES", "2000"))
# One line that declares what the cases below use: a case stands on line 2.
HEAD = "input x[n:N, t:T, d:D], id[n]; target y[n]; parameter W[d, h:H], w, b[h]\n"
NAMES = ["E", "I", "S", "Q", "O", "beta", "gamma", "zeta", "class", "None"]
SIZES = {"N": 2, "T": 5, "D": 3, "H": 4, "C": 2, "O": 3, "K": 3, "V": 6}


def read(line, head=HEAD):
    return parse_system(head + line)


def loss_of(line, head=HEAD):
    return read(line, head).equation("loss").expression


def fault_of(line, head=HEAD):
    with pytest.raises(EquationError) as caught:
        parse_system(head + line)
    return caught.value


def q(name, *indices):
    return read("loss = w").quantities[name].at(*indices)


N, T, D, H = (Symbol(name, integer=True, positive=True) for name in "NTDH")
n, t, d, h = index("n", N), index("t", T), index("d", D), index("h", H)


# What a text means.


def test_the_sample_size_is_the_one_of_the_package():
    assert read("loss = w").quantities["y"].shape == (SAMPLES,)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a[p:2,q:2] = sum(p, q, b[p]*b[q]**2); loss = a[0,0]", 3 * 5),
        ("a[q:2] = sum(q, r:2, b[q]*b[r]**2); loss = a[0]", 3 * 5),
        ("a[p:2] = sum(p, b[p]*sum(p, q:2, b[p]*b[q]**2)); loss = a[0]", 3 * 3 * 5),
        ("a[p:2,q:2] = mean(p, q, b[p]*sum(p, q, b[p]*b[q]**2)); loss = a[0,0]", 1.5 * 3 * 5),
    ],
)
def test_indices_that_are_bound_again_stay_apart(text, value):
    derivation = derive(System.parse(f"parameter b[p:2]; {text}"))
    loss, _ = derivation.lambdify()({"b": np.array([1.0, 2.0])})
    assert loss == value


def test_declarations_give_quantities_with_their_roles_letters_and_sizes():
    quantities = read("loss = w").quantities
    assert list(quantities) == ["x", "id", "y", "W", "w", "b", "loss"]
    x, W, w = quantities["x"], quantities["W"], quantities["w"]
    assert (x.role, x.letters, x.shape) == (Role.INPUT, ("n", "t", "d"), (N, T, D))
    assert (W.role, W.letters, W.shape) == (Role.PARAMETER, ("d", "h"), (D, H))
    assert (w.role, w.letters, w.shape) == (Role.PARAMETER, (), ())
    assert quantities["y"].role is Role.TARGET
    assert (quantities["loss"].role, quantities["loss"].symbol) == (Role.LOSS, "L")


def test_what_is_computed_is_intermediate():
    assert read("z[n] = y[n]; loss = mean(n, z[n])").quantities["z"].role is Role.INTERMEDIATE


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("W1", ("W", 1)),
        ("z12", ("z", 12)),
        ("h0", ("h0", None)),
        ("W01", ("W01", None)),
        ("x_1", ("x_1", None)),
        ("Wq", ("Wq", None)),
    ],
)
def test_the_digits_at_the_end_of_a_name_are_its_layer(name, printed):
    quantity = parse_system(f"parameter {name}[i:2]\nloss = {name}[0]").quantities[name]
    assert (quantity.symbol, quantity.layer) == printed


def test_the_digits_of_one_number_are_no_layer():
    system = parse_system("parameter W1, h[i:2], h1; loss = W1 + h1*h[0]")
    found = [(q.symbol, q.layer) for q in map(system.quantities.get, ("W1", "h1"))]
    assert found == [("W1", None), ("h", 1)]


def test_comments_blank_lines_and_semicolons_are_read_as_such():
    text = "# a line\n\nparameter w # the slope\n\n  loss = w ; # all\n\n"
    assert parse_system(text) == parse_system("parameter w; loss = w")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_do_anywhere(end):
    assert parse_system(f"\ufeffparameter w{end}loss = w{end}").loss.name == "loss"


def test_a_line_goes_on_within_brackets():
    assert loss_of("loss = sum(h,\n  b[h]  # each\n)") == total(q("b", h), h)


def test_a_size_is_stated_where_the_index_first_occurs():
    system = read("z[n,i:T-2] = sum(s:3, x[n,i+s,0]); loss = mean(n, i, z[n,i])")
    assert system.quantities["z"].shape == (N, T - 2)
    assert system.equation("z").expression == total(
        q("x", n, index("i", T - 2) + index("s", 3), 0), index("s", 3)
    )


def test_an_index_without_a_size_has_that_of_the_axis_on_which_it_stands():
    system = read("z[n,u,h] = sum(e, x[n,u,e]*W[e,h]); loss = mean(n, u, h, z[n,u,h])")
    assert system.quantities["z"].shape == (N, T, H)


def test_sizes_are_found_through_equations_in_any_order():
    text = "loss = mean(i, p[i]); p[i] = q[i]**2; q[i] = r[i] + 1; r[i] = b[i]"
    assert [e.quantity.name for e in read(text).equations] == ["r", "q", "p", "loss"]
    assert read(text).quantities["p"].shape == (H,)


def test_equations_that_stand_in_order_keep_it():
    names = [e.quantity.name for e in parse_system(TEXTS["attention"]).equations]
    assert names == ["q", "k", "v", "s", "p", "o", "yhat", "loss"]


MEANINGS = {
    "sum": ("sum(h, b[h])", lambda: total(q("b", h), h)),
    "sum, the first index outermost": (
        "sum(d, h, W[d,h])",
        lambda: total(q("W", d, h), h, d),
    ),
    "mean": ("mean(d, h, W[d,h])", lambda: total(q("W", d, h), h, d) / (D * H)),
    "logsumexp": ("logsumexp(h, b[h])", lambda: FUNCTIONS["log"](total(exp(q("b", h)), h))),
    "softmax": (
        "sum(h, log(softmax(h, b[h])))",
        lambda: total(log(exp(q("b", h)) / total(exp(q("b", index("i", H))), index("i", H))), h),
    ),
    "a literal read": ("b[0] + W[2,0]", lambda: q("b", 0) + q("W", 2, 0)),
    "an affine read with a size": (
        "sum(i:H-1, b[H-1-i])",
        lambda: total(q("b", H - 1 - index("i", H - 1)), index("i", H - 1)),
    ),
    "an index's value": ("sum(h, h*b[h])", lambda: total(h * q("b", h), h)),
    "a size": ("w/sqrt(H)", lambda: q("w") / FUNCTIONS["sqrt"](H)),
    "pi": ("w*pi", lambda: q("w") * FUNCTIONS["acos"](-1)),
    "decimals are exact": ("w*0.1 + 1e-5", lambda: q("w") / 10 + Rational(1, 100000)),
    "signs and powers as in Python": ("-w**-2**2", lambda: -(q("w") ** -4)),
    "lookup by an integer input": (
        "mean(n, W[id[n], 0])",
        lambda: total(q("W", q("id", n), 0), n) / N,
    ),
    "lookup at a place that is computed from what an input holds": (
        "mean(n, W[D-1-2*id[n], 0])",
        lambda: total(q("W", D - 1 - 2 * q("id", n), 0), n) / N,
    ),
    "where": (
        "where(w <= 1, w, 0)",
        lambda: Piecewise((q("w"), q("w") <= 1), (0, True), evaluate=False),
    ),
    "maximum takes the later of equals, and a number last": (
        "maximum(0, w)",
        lambda: Piecewise((q("w"), q("w") > 0), (0, True), evaluate=False),
    ),
    "maximum of choices is a choice of maxima": (
        "maximum(where(w > 1, w, 2), 0)",
        lambda: Piecewise(
            (Piecewise((q("w"), q("w") > 0), (0, True), evaluate=False), q("w") > 1),
            (2, True),
            evaluate=False,
        ),
    ),
    "a loss with a weight": ("nll(w, b[1], weight=b[0])", lambda: -q("b", 0) * q("w") * q("b", 1)),
    "xlogy": (
        "xlogy(w, 1 + w**2)",
        lambda: Piecewise(
            (0, Eq(q("w"), 0)), (q("w") * log(1 + q("w") ** 2), True), evaluate=False
        ),
    ),
    "clip": (
        "clip(w, 1, 2)",
        lambda: Piecewise(
            (Piecewise((q("w"), q("w") - 2 < 0), (2, True), evaluate=False), q("w") - 1 > 0),
            (1, True),
            evaluate=False,
        ),
    ),
}


# Texts of which each two say the same.
SAME = {
    "a choice as a factor is made a choice": (
        "parameter w, b[k:2]; loss = maximum(b[0]*minimum(w, 1), b[1])",
        "parameter w, b[k:2]; loss = maximum(where(w - 1 < 0, b[0]*w, b[0]), b[1])",
    ),
    "a Greek letter is its name": (
        "parameter β, λ, σ_2, µ; loss = β*λ*σ_2*μ*π",
        "parameter beta, lam, sigma_2, mu; loss = beta*lam*sigma_2*mu*pi",
    ),
    "a hat is a word, and a digit below is a digit": (
        "parameter ŷ, x̂, w₁, σ̂₁, θ₁₂; loss = ŷ*x̂*w₁*σ̂₁*θ₁₂",
        "parameter yhat, xhat, w1, sigma1_hat, theta12; loss = yhat*xhat*w1*sigma1_hat*theta12",
    ),
    "log_softmax is what its row says": (
        "parameter s[k:K]; l[k] = log_softmax(k, s[k]); loss = sum(k, l[k]**2)",
        "parameter s[k:K]; l[k] = s[k] - logsumexp(k, s[k]); loss = sum(k, l[k]**2)",
    ),
    "softmin is what its row says": (
        "parameter s[i:N, k:K]; p[i,k] = softmin(i, k, s[i,k]); loss = p[0,0]",
        "parameter s[i:N, k:K]; p[i,k] = softmax(i, k, -s[i,k]); loss = p[0,0]",
    ),
    "a line that begins with a sign goes on with the one above": (
        "parameter w, b; loss = w\n  + b  # more\n\n  - 2*w\n  * b",
        "parameter w, b; loss = w + b - 2*w*b",
    ),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_two_texts_say_the_same(one, other):
    assert parse_system(one) == parse_system(other)


@pytest.mark.parametrize(("text", "meaning"), MEANINGS.values(), ids=MEANINGS)
def test_a_value_means(text, meaning):
    assert loss_of(f"loss = {text}") == meaning()


def test_infinity_stands_in_a_branch():
    expression = loss_of("loss = where(w > 0, w, -inf)")
    assert expression.args[1][0] == -oo


def test_a_bound_index_with_the_name_of_a_free_one_is_the_inner_one():
    system = read("p[n,h] = exp(b[h])/sum(h, exp(b[h])); loss = mean(n, h, p[n,h])")
    other = index("i", H)
    inner = total(exp(q("b", other)), other)
    assert system.equation("p").expression == exp(q("b", h)) / inner


def test_a_letter_made_for_a_bound_index_is_no_name_of_the_text():
    head = "parameter i, b[h:3]\n"
    inner = loss_of("loss = i*sum(h, b[h]/sum(h, b[h]))", head).atoms(Sum)
    letters = {str(limit[0].label) for s in inner for limit in s.limits}
    assert letters == {"h", "j"}


def test_an_input_that_is_looked_up_by_is_an_integer_one():
    system = read("loss = mean(n, W[id[n], 0])")
    assert [name for name, x in system.quantities.items() if x.is_integer] == ["id"]


def test_what_is_looked_up_by_as_counted_from_1_is_known_to_be_so():
    system = read("loss = mean(n, W[id[n]-1, 0])")
    assert system.quantities["id"].is_from_1
    assert not read("loss = mean(n, W[id[n]-1, 0]*W[id[n], 0])").quantities["id"].is_from_1


def test_the_causal_mask_is_a_comparison_of_indices():
    text = "s[t,u:T] = w*(t - u); p[t,u] = softmax(u, where(u <= t, s[t,u], -inf)); loss = p[0,0]"
    system = read(text)
    values = {"w": {(): mpmath.mpf(1)}}
    p = evaluate(system.equations, values, {T: 3})["p"]
    assert [p[0, u] for u in range(3)] == [1, 0, 0]
    assert p[1, 2] == 0
    assert p[2, 0] != 0


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_an_option_at_its_usual_value_is_the_row_of_the_table(name):
    row = OPTIONS[name]
    values = ", ".join(f"{o.name}={o.value}" for o in row.options)
    assert loss_of(f"loss = {name}(w, {values})") == loss_of(f"loss = {name}(w)")


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_options_that_are_quantities_give_what_numbers_give(name):
    row = OPTIONS[name]
    numbers = [o.value + Rational(k, 8) for k, o in enumerate(row.options, start=1)]
    letters = [Symbol(a, real=True) for a in ("a", "b")]
    given = zip(row.options, numbers, letters, strict=False)
    texts = [(f"{o.name}={number}", f"{o.name}={letter}") for o, number, letter in given]
    named, written = (
        loss_of(f"loss = {name}(w, {', '.join(t)})", "parameter w, a, b; ")
        for t in zip(*texts, strict=True)
    )
    values = {str(a): {(): mpmath.mpf(n.p) / n.q} for a, n in zip(letters, numbers, strict=False)}
    for w in (-2, -0.25, 0.75, 3):
        known = {**values, "w": {(): mpmath.mpf(w)}}
        assert abs(value_of(named, known, {}) - value_of(written, known, {})) < 1e-14


def test_options_are_put_into_the_formula():
    w = q("w")
    assert loss_of("loss = softplus(w, beta=2)").expanded() == log(1 + exp(2 * w)) / 2
    assert loss_of("loss = elu(w, alpha=b[0])") == Piecewise(
        (w, w > 0), ((exp(w) - 1) * q("b", 0), True), evaluate=False
    )
    assert loss_of("loss = leaky_relu(w, slope=b[0])").has(q("b", 0))


def test_an_option_named_as_a_symbol_of_a_formula_is_a_quantity_of_its_own():
    system = parse_system("parameter u, alpha\nloss = elu(alpha, alpha=u)")
    u, alpha = Symbol("u", real=True), Symbol("alpha", real=True)
    expected = Piecewise((alpha, alpha > 0), ((exp(alpha) - 1) * u, True), evaluate=False)
    assert system.equation("loss").expression == expected


@pytest.mark.parametrize("name", [r.name for r in ACTIVATIONS.values() if r.is_elementwise])
def test_every_elementwise_activation_is_a_function(name):
    expected = ACTIVATIONS[name].expression.xreplace({U: q("w")})
    assert loss_of(f"loss = {name}(w)") == expected


@pytest.mark.parametrize("name", loss_terms())
def test_a_loss_of_the_table_is_a_function_of_an_output_and_its_target(name):
    row = loss_terms()[name]
    expression = loss_of(f"loss = {name}(w, b[0])")
    with mpmath.workdps(50):
        output, target = mpmath.mpf("0.4"), mpmath.mpf("0.7")
        options = {o.name: value_of(o.value, {}, {}) for o in row.options}
        found = value_of(expression, {"w": {(): output}, "b": {(0,): target}}, {})
        assert abs(found - LOSS_FORMULAS[name]([[output]], [[target]], **options)) <= 1e-40


def test_an_option_of_a_loss_is_given_by_its_name():
    found = loss_of("loss = mean(n, huber(x[n,0,0], y[n], delta=2))")
    at = {"x": {(0, 0, 0): mpmath.mpf(3)}, "y": {(0,): mpmath.mpf(0)}}
    assert value_of(found, at, {N: 1}) == 4


OPTIONS_OF_TERMS = {
    f"{name} {o.name}": (name, o)
    for name, row in loss_terms().items()
    for o in row.options
    if row.term_at({o.name: U}) is not None
}


@pytest.mark.parametrize(("name", "option"), OPTIONS_OF_TERMS.values(), ids=OPTIONS_OF_TERMS)
def test_an_option_of_a_loss_may_be_any_value(name, option):
    with_quantity = loss_of(f"loss = {name}(w, b[0], {option.name}=b[1])")
    number = Rational(2) if option.name == "gamma" else Rational(3, 7)
    with_number = loss_of(f"loss = {name}(w, b[0], {option.name}={number})")
    with mpmath.workdps(30):
        given = {(0,): mpmath.mpf("0.7"), (1,): mpmath.mpf(number.p) / number.q}
        at = {"w": {(): mpmath.mpf("0.4")}, "b": given}
        assert abs(value_of(with_quantity, at, {}) - value_of(with_number, at, {})) <= 1e-25


@pytest.mark.parametrize("name", [*NAMES, "N", "pi", "inf", "loss1", "If"])
def test_names_that_mean_something_to_python_or_sympy_are_names(name):
    system = parse_system(f"parameter {name}\nloss = {name}**2")
    assert system.equation("loss").expression == Symbol(name, real=True) ** 2
    system = parse_system(f"parameter {name}[i:3]\nloss = sum(i, {name}[i])")
    assert system.quantities[name].shape == (3,)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_names_are_indices_and_sizes(name):
    system = parse_system(f"parameter a[{name}:3]\nloss = sum({name}, a[{name}])")
    assert system.equation("loss").expression == total(
        system.quantities["a"].at(index(name, 3)), index(name, 3)
    )
    assert parse_system(f"parameter a[i:{name}]\nloss = sum(i, a[i])").quantities["a"].shape == (
        Symbol(name, integer=True, positive=True),
    )


def test_functions_and_keywords_are_names_of_quantities_too():
    system = parse_system(
        "parameter exp, sum[i:2]\ninput = exp(exp)\nloss = input + sum(i, sum[i])"
    )
    assert system.equation("input").expression == exp(Symbol("exp", real=True))


def test_an_assumption_is_kept_with_the_system():
    assert parse_system(TEXTS["softmax_regression"]).sums_to_one == ("y",)


def test_a_system_without_a_loss_is_read_where_none_is_needed():
    system = parse_system("input z[k:K]\np[k] = softmax(k, z[k])", needs_loss=False)
    assert [e.quantity.name for e in system.equations] == ["p"]


# Differences and other reads of a part of an axis.


def test_a_ratio_may_have_a_large_exponent():
    # 1/r of a real r may be infinite, which SymPy says is not known to be real.
    system = parse_system("parameter r; input e, s; loss = 4*e*((s/r)**12 - (s/r)**6)")
    assert "r**12" in str(system.equation("loss").expression)
    system = parse_system("parameter r; input s; loss = (2 - (1 + s/r)**12)**-20")
    assert "(1 + s/r)**12" in str(system.equation("loss").expression)


def test_an_index_may_run_over_a_part_of_an_axis_on_purpose():
    assert loss_of("loss = sum(i:H-1, b[i+1] - b[i])").has(Sum)
    assert loss_of("loss = sum(i:2, c[i]*c[i+1])", "parameter c[j:3]\n").has(Sum)
    assert loss_of("loss = sum(i:2, c[i+0])", "parameter c[j:3]\n").has(Sum)


# Recurrences.


def test_a_recurrence_reads_itself_at_the_step_before_and_has_a_start():
    system = parse_system(TEXTS["rnn"])
    (start,) = system.starts
    assert (start.quantity.name, start.indices[1], start.expression) == ("h", -1, 0)
    h = system.equation("h")
    assert h.expression.has(h.quantity.at(n, t - 1, index("k", H)))


def test_a_recurrence_that_starts_at_0_runs_from_1():
    system = read("a[n,0] = 1; a[n,t] = a[n,t-1]*w + x[n,t-1,0]; loss = mean(n, a[n,T-1])")
    assert system.starts[0].indices == (n, Integer(0))


def test_the_equations_of_a_recurrence_may_need_one_another():
    text = """
    g[n,t] = sigmoid(w*h1[n,t-1] + x[n,t,0])
    h1[n,t] = tanh(c[n,t])
    c[n,t] = g[n,t]*c[n,t-1] + x[n,t,1]
    h1[n,-1] = 0; c[n,-1] = y[n]
    loss = mean(n, h1[n,T-1])
    """
    system = read(text)
    assert [e.quantity.name for e in system.equations] == ["g", "c", "h1", "loss"]
    assert sorted(e.quantity.name for e in system.starts) == ["c", "h1"]


def test_a_recurrence_may_read_two_steps_back():
    system = read("f[t] = f[t-1] + f[t-2]; f[-1] = 0; f[-2] = w; loss = f[T-1]")
    assert sorted(int(e.indices[0]) for e in system.starts) == [-2, -1]


# Faults, each with its place.

FAULTS = {
    "an undeclared name": (
        "loss = w*bq[0]",
        "line 2, column 10: 'bq' is not declared; did you mean 'b'?",
    ),
    "an undeclared number": ("loss = w + v", "line 2, column 12: 'v' is not declared"),
    "doubly declared": (
        "input w; loss = w",
        "line 2, column 7: 'w' is declared already, on line 1",
    ),
    "defined twice": (
        "c = 1; c = c + 1; loss = c",
        "line 2, column 8: 'c' is defined already, on line 2; "
        "give this one a name of its own, as c1",
    ),
    "an input defined": (
        "y[n] = 1; loss = w",
        "line 2, column 1: 'y' is defined already, on line 1; "
        "give this one a name of its own, as y1",
    ),
    "defined by itself": (
        "c = c + 1; loss = c",
        "line 2, column 1: 'c' is defined by itself; give the new value a name of its own, as c1",
    ),
    "circular": (
        "c = f + 1; f = g; g = c; loss = c",
        "line 2, column 1: a circular definition: c needs f, f needs g, g needs c",
    ),
    "an index twice on a left side": (
        "z[n,n] = 1; loss = w",
        "line 2, column 5: index 'n' stands twice on the left side",
    ),
    "a shifted left side": (
        "z[n,t+1] = 1; loss = w",
        "line 2, column 5: on a left side stand index letters alone, as in z[n,i:3]; "
        "shift the right side",
    ),
    "an index never bound": (
        "z[n] = sum(d, x[n,t,d]); loss = w",
        "line 2, column 19: index 't' is not bound here: put it on the left side, or sum over it",
    ),
    "two sizes of a letter": (
        "z[h:3] = b[h]; loss = w",
        "line 2, column 3: index 'h' has the size H already; a letter has one size, "
        "so write another letter for 3",
    ),
    "a letter that is a quantity": (
        "z[w] = 1; loss = w",
        "line 2, column 3: 'w' is a quantity (line 1) and cannot be an index as well",
    ),
    "a quantity that is a letter": (
        "parameter n; loss = w",
        "line 2, column 11: 'n' is an index (line 1) and cannot be a quantity as well",
    ),
    "a quantity that is a size": (
        "parameter N; loss = w",
        "line 2, column 11: 'N' is a size (line 1) and cannot be a quantity as well",
    ),
    "a size that is a letter": (
        "z[N:3] = 1; loss = w",
        "line 2, column 3: 'N' is a size (line 1) and cannot be an index as well",
    ),
    "sizes that disagree": (
        "z[n,h] = x[n,0,h]; loss = w",
        "line 2, column 16: index 'h' has the size H, but axis 3 of x has D",
    ),
    "numbers that disagree": (
        "parameter u[j:3], v[i:4]; loss = sum(j, u[j]*v[j])",
        "line 2, column 48: index 'j' has the size 3, but axis 1 of v has 4; "
        "write j+0 for its first 3",
    ),
    "an index without a size": (
        "z[n,i] = y[n]; loss = w",
        "line 2, column 5: index 'i' has no size; state it where it first stands, as i:3 or i:I",
    ),
    "a reduction over a missing index": (
        "loss = sum(k, b[h])",
        "line 2, column 12: sum over 'k', which does not stand in what follows",
    ),
    "a reduction over nothing": (
        "loss = sum(w)",
        "line 2, column 8: sum runs over an index; write sum(i, …)",
    ),
    "a loss with an index": (
        "loss = x[n,0,0]",
        "line 2, column 10: index 'n' is not bound here: a loss is one number, such as mean(n, …)",
    ),
    "a loss with axes": (
        "loss[n] = y[n]",
        "line 2, column 1: the loss is one number; write loss = mean(…)",
    ),
    "no loss": ("L = w", "line 2, column 1: there is no loss; write loss = … and not L = …"),
    "no equation": ("", "line 1, column 1: there is no loss: write loss = …"),
    "max of two values": (
        "loss = max(0, w)",
        "line 2, column 12: max runs over an index; of two values write maximum(0, x) or relu(x)",
    ),
    "a name that an entry has": (
        "b_0 = w; loss = b_0*b[0]",
        "line 2, column 1: 'b_0' reads as an entry of 'b'; call it b0",
    ),
    "a loss of one value": (
        "loss = mse(w)",
        "line 2, column 8: mse takes 2 arguments, not 1",
    ),
    "a loss that is no function of two values": (
        "loss = rmse(w, b[0])",
        "line 2, column 8: no function is called 'rmse'; did you mean 'mse'?",
    ),
    "a negative weight of a loss": (
        "loss = nll(w, b[0], weight=-2)",
        "line 2, column 8: the weight of nll is -2; it must not be negative",
    ),
    "an option of a loss that is a choice": (
        "loss = huber(w, b[0], delta=maximum(b[1], 1))",
        "line 2, column 29: a choice as an option is named on a line of its own: d = maximum(a, b)",
    ),
    "an option that makes a loss no term": (
        "loss = cross_entropy(w, b[0], label_smoothing=0.1)",
        "line 2, column 8: cross_entropy with label_smoothing is no term of one output; "
        "put it into the target, as in (1 - e)*y[k] + e/K",
    ),
    "an option of a loss that it cannot have": (
        "loss = huber(w, b[0], delta=-1)",
        "line 2, column 8: huber with delta = -1: it must have delta > 0",
    ),
    "min of two values": (
        "loss = min(w, 0)",
        "line 2, column 12: min runs over an index; of two values write minimum(0, x)",
    ),
    "lambda": (
        "loss = lambda*w",
        "line 2, column 8: 'lambda' is a word of Python and no name; write lam",
    ),
    "a caret": ("loss = w^2", "line 2, column 9: a power is written **, as in x**2"),
    "an attribute": (
        "loss = w.diff",
        "line 2, column 9: '.' has no meaning here; a name has letters, digits and _ alone",
    ),
    "a string": ("loss = 'w'", "line 2, column 8: text in quotes has no meaning here"),
    "a comprehension": (
        "loss = [w for w in b]",
        "line 2, column 8: a list has no meaning here; entries are read as x[i]",
    ),
    "a generator": (
        "loss = sum(b for h in b)",
        "line 2, column 14: what runs over an index is written with its letter first: sum(i, x[i])",
    ),
    "an unknown function": (
        "loss = tahn(w)",
        "line 2, column 8: no function is called 'tahn'; did you mean 'tanh'?",
    ),
    "a function by another name": (
        "loss = ln(w)",
        "line 2, column 8: no function is called 'ln'; write log",
    ),
    "a quantity that is called": (
        "loss = b(0)",
        "line 2, column 8: 'b' is a quantity; its entries are read with [ ]",
    ),
    "a function without its argument": (
        "loss = tanh()",
        "line 2, column 8: tanh() has no argument",
    ),
    "too many arguments": (
        "loss = tanh(w, w)",
        "line 2, column 8: tanh takes 1 argument, not 2",
    ),
    "an option that there is not": (
        "loss = softplus(w, gamma=2)",
        "line 2, column 26: softplus has no option 'gamma'; it has beta",
    ),
    "a number of axes": (
        "loss = W[0]",
        "line 2, column 8: 'W' has 2 axes, as in W[d,h], not 1",
    ),
    "a number with brackets": (
        "loss = w[0]",
        "line 2, column 8: 'w' is a number and has no axes",
    ),
    "a read past the end": (
        "loss = sum(h, b[h+1])",
        "line 2, column 17: axis 1 of b is read at H, and ends at H - 1",
    ),
    "a read before the start": (
        "loss = sum(h, b[h-1])",
        "line 2, column 17: axis 1 of b is read at -1, and begins at 0; "
        "guard it: where(h >= 1, …, 0)",
    ),
    "a negative place": (
        "loss = b[-1]",
        "line 2, column 10: axis 1 of b is read at -1, and begins at 0; the last is H - 1",
    ),
    "a literal past the end": (
        "loss = c[3]",
        "line 2, column 10: axis 1 of c is read at 3, and ends at 2",
    ),
    "a place that is no sum of indices": (
        "loss = b[exp(w)]",
        "line 2, column 10: a place is made of index letters, sizes and whole numbers, "
        "as in x[2*t+s]",
    ),
    "a lookup by a parameter": (
        "loss = b[w]",
        "line 2, column 10: 'w' is a quantity; places are looked up by an input alone, "
        "as in E[id[n], d]",
    ),
    "a lookup by a parameter and a number": (
        "loss = b[w-1]",
        "line 2, column 10: 'w' is a quantity; places are looked up by an input alone, "
        "as in E[id[n], d]",
    ),
    "a product of what is looked up by": (
        "loss = sum(n, b[id[n]*id[n]])",
        "line 2, column 17: an index is multiplied by whole numbers and sizes alone",
    ),
    "a product of indices": (
        "loss = sum(h, b[h*h])",
        "line 2, column 17: an index is multiplied by whole numbers and sizes alone",
    ),
    "a condition as a value": (
        "loss = (w > 0)*w",
        "line 2, column 11: a condition stands in where(condition, value, other) alone",
    ),
    "a value as a condition": (
        "loss = where(w, w, 0)",
        "line 2, column 14: the first argument of where is a condition, as in u <= t",
    ),
    "infinity elsewhere": (
        "loss = w*inf",
        "line 2, column 10: inf stands in a branch of where alone",
    ),
    "a choice in a condition": (
        "loss = where(maximum(w, 0) > 1, w, 0)",
        "line 2, column 14: a choice within a condition is named on a line of its own: "
        "m = maximum(a, b)",
    ),
    "a choice within a sum within a choice": (
        "loss = minimum(sum(h, maximum(b[h], 0)), 1)",
        "line 2, column 16: a choice within a condition is named on a line of its own: "
        "m = maximum(a, b)",
    ),
    "a bracket never closed": (
        "loss = sum(h, b[h]",
        "line 2, column 11: this '(' is never closed",
    ),
    "a bracket never closed, and more lines": (
        "z = sum(h, b[h]\nloss = w",
        "line 2, column 8: this '(' is never closed",
    ),
    "no sign between": (
        "loss = 2w",
        "line 2, column 8: after 2 a sign is missing; a product is written 2*x",
    ),
    "two names side by side": (
        "loss = w b",
        "line 2, column 10: unexpected 'b' where a sign such as * or + is expected",
    ),
    "nothing on the right": (
        "loss =",
        "line 2, column 7: the line ends where a value is expected",
    ),
    "no equals sign": (
        "loss + 1",
        "line 2, column 6: unexpected '+' where '=' is expected",
    ),
    "an unknown kind of line": (
        "parametre q; loss = w",
        "line 2, column 1: no line begins with 'parametre'; did you mean 'parameter'?",
    ),
    "a character": (
        "loss = w ∴ 2",
        "line 2, column 10: the character '∴' (U+2234) has no meaning here",
    ),
    "an index below": ("loss = wᵢ", "line 2, column 9: an index stands in brackets, as in x[i]"),
    "a sign of books": ("loss = ∑ w", "line 2, column 8: a sum is written sum(i, x[i])"),
    "a Greek letter beside another": (
        "loss = w*Δw",
        "line 2, column 10: 'Δw' joins a Greek letter to another; write a product with *, or _",
    ),
    "a letter of books": (
        "loss = σ(w)",
        "line 2, column 8: no function is called 'sigma'; write sigmoid",
    ),
    "a raised 2": ("loss = w²", "line 2, column 9: a power is written **, as in x**2"),
    "a root": ("loss = √w", "line 2, column 8: a root is written sqrt(x)"),
    "an index of Python": (
        "loss = sum(h in H, b[h])",
        "line 2, column 14: what runs over an index is written with its letter first: sum(i, x[i])",
    ),
    "an assignment for a comparison": (
        "loss = where(w=0, w, 1)",
        "line 2, column 16: a comparison is written w == …",
    ),
    "a choice as in a spreadsheet": (
        "loss = if(w > 0, w, 0)",
        "line 2, column 8: no function is called 'if'; write where",
    ),
    "a choice as in Python": (
        "loss = w if w > 0 else 0",
        "line 2, column 10: a choice is written where(condition, value, other value)",
    ),
    "a function without brackets": (
        "loss = exp",
        "line 2, column 8: 'exp' is a function; write exp(…)",
    ),
    "a loss without a sign": (
        "loss w",
        "line 2, column 6: unexpected 'w' where '=' is expected",
    ),
    "a loss twice": (
        "loss = w; loss = w",
        "line 2, column 11: 'loss' is declared already, on line 2; "
        "give this one a name of its own, as loss1",
    ),
    "doubly declared on one line": (
        "parameter v, v; loss = v",
        "line 2, column 14: 'v' is declared already, on line 2",
    ),
    "an index twice in a reduction": (
        "loss = sum(h, h, b[h])",
        "line 2, column 15: index 'h' stands twice here",
    ),
    "an import": ("import os; loss = w", "line 2, column 1: no line begins with 'import'"),
    "a lambda with an argument": (
        "loss = lambda w: w",
        "line 2, column 8: 'lambda' is a word of Python and no name; write lam",
    ),
    "a minus of typography": ("loss = w − 2", "line 2, column 10: the minus sign is -"),
    "a division by zero": ("loss = w/(1 - 1)", "line 2, column 11: this divides by zero"),
    "a loss of constants alone": (
        "loss = w*huber(gelu(2), 64)",
        "line 2, column 10: huber of constants alone; put its value there, a number",
    ),
    "no real number": ("loss = w*sqrt(-1)", "line 2, column 10: this is no real number"),
    "a large exponent": (
        "loss = w**65",
        "line 2, column 11: an exponent is at most 64 in size",
    ),
    "a large exponent in a branch": (
        "loss = 2**maximum(w, 1e300)",
        "line 2, column 11: an exponent is at most 64 in size",
    ),
    "a power within a condition": (
        "loss = exp(where(sin(w) < 1e300*log(0.5), sin(w), 2)/64)",
        "line 2, column 25: a number of more than 400 digits",
    ),
    "powers of powers of branches": (
        "loss = relu(w) + maximum(((((maximum(2, w) + 1)**64 + 1)**64) + 1)**64, w)",
        "line 2, column 67: a number of more than 400 digits",
    ),
    "a large exponent once choices are outermost": (
        "loss = maximum(exp(maximum(w, 100)*log(maximum(w, 2))), w)",
        "line 2, column 16: an exponent is at most 64 in size",
    ),
    "choices among the choices of choices": (
        "loss = " + "clip(" * 4 + "w" + ", b[0], b[1])" * 4,
        "line 2, column 8: this chooses among more than 64 values; name its parts",
    ),
    "a large number": (
        "loss = 1e999999999",
        "line 2, column 8: a number of more than 400 digits",
    ),
    "a large constant": (
        "loss = exp(exp(exp(9)))",
        "line 2, column 12: this constant is out of the range of numbers, 1e308",
    ),
    "an axis without a letter": (
        "parameter v[3]; loss = w",
        "line 2, column 13: an axis is named by an index letter, as in W[j:3]",
    ),
    "a size that is none": (
        "parameter v[i:0]; loss = w",
        "line 2, column 15: a size is a whole number from 1 to 10000000, not 0",
    ),
    "a size that is divided": (
        "parameter v[i:H/2]; loss = w",
        "line 2, column 15: a size is a whole number: divide by //",
    ),
    "softmax over an index that is not kept": (
        "loss = softmax(h, b[h])",
        "line 2, column 16: softmax keeps its index: put 'h' on the left side",
    ),
    "log_softmax over an index that is not kept": (
        "loss = log_softmax(h, b[h])",
        "line 2, column 20: log_softmax keeps its index: put 'h' on the left side",
    ),
    "a recurrence without a start": (
        "a[t] = w*a[t-1]; loss = w",
        "line 2, column 12: axis 1 of a is read at -1, and begins at 0; "
        "state its start, a[-1] = 0, or guard it: where(t >= 1, …, 0)",
    ),
    "a guarded recurrence without a start": (
        "a[t] = where(t > 0, a[t-1], w); loss = w",
        "line 2, column 1: 'a' is read at t-1 and needs a start, a[-1] = 0",
    ),
    "a start without a recurrence": (
        "a[0] = 1; a[t] = w; loss = w",
        "line 2, column 1: 'a' has a start and is no recurrence: it does not read itself at t-1",
    ),
    "a start without an equation": (
        "a[-1] = 1; loss = w",
        "line 2, column 1: 'a' has a start here, but no equation",
    ),
    "a recurrence from the end": (
        "a[t] = where(t < T-1, a[t+1], w); loss = w",
        "line 2, column 25: a recurrence runs forward: write a1[t] of t-1, with all else read at "
        "T-1-t, and a[t] = a1[T-1-t]",
    ),
    "a recurrence from the end with a start": (
        "a[T,h] = 0; a[t,h] = a[t+1,h] + w; loss = w",
        "line 2, column 24: a recurrence runs forward: write a1[t,h] of t-1, with all else read at "
        "T-1-t, and a[t,h] = a1[T-1-t,h]",
    ),
    "two quantities from the end": (
        "a[t] = w*c[t+1]; c[t] = 1 + a[t]; loss = w",
        "line 2, column 12: a recurrence runs forward: write a1[t] of t-1, with all else read at "
        "T-1-t, and a[t] = a1[T-1-t]",
    ),
    "a recurrence both ways": (
        "a[-1] = 0; a[t] = a[t-1] + where(t < T-1, a[t+1], w); loss = w",
        "line 2, column 12: 'a' needs 'a' at t + 1; a recurrence reads t-1, and at t what is "
        "computed before",
    ),
    "a recurrence over two indices": (
        "a[-1,h] = 0; a[t,h] = a[t-1,h] + where(h > 0, a[t,h-1], w); loss = w",
        "line 2, column 14: a recurrence runs over one index, not over h and t",
    ),
    "something from the loss": (
        "c = loss; loss = w",
        "line 2, column 5: nothing is computed from the loss",
    ),
    "another assumption": (
        "assume w = 1; loss = w",
        "line 2, column 1: what can be assumed is that a target or an input sums to one over "
        "its last axis: assume sum(k, y[n,k]) = 1",
    ),
    "a name kept for derivatives": (
        "parameter dL_dw; loss = w",
        "line 2, column 11: a name that begins with dL_d is kept for derivatives",
    ),
}


@pytest.mark.parametrize(("line", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_answered_at_its_place(line, message):
    head = HEAD.replace("\n", "; parameter c[j:3]\n") if "c[3]" in line else HEAD
    assert str(fault_of(line, head)) == message


def test_a_fault_in_a_file_is_answered_with_its_name():
    with pytest.raises(EquationError) as caught:
        parse_system("parameter w\nloss = w*v", "model.eqs")
    assert str(caught.value) == "model.eqs:2:10: 'v' is not declared"
    assert isinstance(caught.value, SymnnError)


def test_a_fault_points_at_the_place():
    fault = fault_of("loss = w*v")
    assert (fault.line, fault.column, fault.text) == (2, 10, "loss = w*v")
    assert fault.pointing() == "loss = w*v\n         ^"


def test_the_caret_stands_right_after_tabs_and_in_long_lines():
    line, caret = fault_of("\tloss = v").pointing().split("\n")
    assert line[caret.index("^")] == "v"
    line, caret = fault_of("loss = " + "w + " * 500 + "v").pointing().split("\n")
    assert (line[caret.index("^")], len(line) < 100) == ("v", True)


def test_nothing_of_a_text_acts_on_the_terminal():
    fault = fault_of("loss = w \x1b[31m")
    assert "\x1b" not in fault.pointing() + str(fault)


HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__",
    "exec(w)",
    "eval(w)",
    "w.__class__",
    "open(w)",
    "lambda: 0",
    "(w := 1)",
    "f'{w}'",
    "w if w else w",
    "globals()[w]",
    "*w",
    "**w",
    "yield w",
    "\\input{x}",
    "w; import os",
    "S(w)",
    "Symbol(w)",
    "Function(w)(w)",
    "10**10**10",
    "(" * 5000,
    "-" * 9000 + "w",
    "not " * 2000 + "w",
    "2**" * 3000 + "2",
    "9" * 9000,
    "w" * 9000,
    "abs(" * 79 + "w" + ")" * 79,
    "\x00",
    "\ud800",
    "+".join(["w"] * 4900),
    "1" + "/3" * 4000,
    "softmax(h," * 30 + "b[h]" + ")" * 30,
    "maximum(w," * 30 + "b[0]" + ")" * 30,
    "where(w<0," * 30 + "b[0]" + ",1)" * 30,
    "123456789**1.23456789",
    "exp(1.23456789*log(123456789))",
    "sin(10**64)**64**64",
    "tanh(w**1.234567)**0.5",
    "maximum(99**(sqrt(2) - 10**50), 1)",
    "maximum(0, " + "*".join(["clip(w, 1, 2)"] * 300) + ")",
    "abs(99**(w - 10**50))",
    "abs(exp(64**(64**(log(3.7**erf(exp(log(3.7*1e-300/pi)*10**50)))))))",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_in_one_line_or_means_what_it_says(text):
    outcome = read_or_refused(HEAD + f"loss = {text}")
    assert type(outcome) is System or len(str(outcome)) < 300


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#" * 10_001, "line 1, column 1: 10074 characters; at most 10000 are read"),
        ("loss = " + "(" * 81 + "w" + ")" * 81, "line 2, column 88: nested more than 80 deep"),
        ("loss = " + "-" * 81 + "w", "line 2, column 88: nested more than 80 deep"),
        ("loss = " + "w" * 65, "line 2, column 8: a name of 65 characters; at most 64 are read"),
        ("loss = 0." + "1" * 400, "line 2, column 8: a number of more than 400 digits"),
        (
            "loss = " + "softmax(h," * 16 + "b[h]" + ")" * 16,
            "line 2, column 8: this is too large when written out; name its parts",
        ),
    ],
    ids=["length", "depth", "signs", "name", "digits", "size"],
)
def test_what_is_too_large_is_refused(text, message):
    assert str(fault_of(text)) == message


def test_more_than_5000_nodes_are_refused():
    fault = fault_of("loss = " + "+-1" * 3300, "")
    assert fault.message == "more than 5000 numbers, names and signs"


# What is doubtful.


def test_a_parameter_without_effect_on_the_loss_is_noted():
    system = parse_system("parameter w, b\nc = b + 1\nloss = w", "model.eqs")
    assert system.notes == (
        "model.eqs:1:14: parameter 'b' does not act on the loss; its gradient is zero",
    )


def test_a_flat_function_of_a_parameter_is_noted():
    system = parse_system("parameter w\ninput x\nc = w*x\nloss = c + sign(c) + sign(x)")
    assert system.notes == ("line 4, column 12: sign is flat: no parameter below it can learn",)


def test_a_condition_of_a_parameter_alone_is_noted():
    system = parse_system("parameter w\ninput x\nloss = where(w > x, 1, 0)*x + where(w > 0, w, 0)")
    assert system.notes == (
        "line 3, column 8: a condition is flat: no parameter in it can learn, "
        "and none stands in a value",
    )


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_is_doubtful_in_the_examples(name):
    assert parse_system(TEXTS[name]).notes == ()


# An expression alone.


def test_an_expression_declares_its_names():
    system = parse_expression("(w*x + b - y)**2", ["w", "b"])
    roles = {name: str(quantity.role) for name, quantity in system.quantities.items()}
    assert roles == {
        "w": "parameter",
        "x": "input",
        "b": "parameter",
        "y": "target",
        "loss": "loss",
    }
    assert system == parse_system(
        "parameter w\ninput x\nparameter b\ntarget y\nloss = (w*x + b - y)**2"
    )


def test_an_expression_may_have_indices_with_their_sizes():
    system = parse_expression("mean(n:N, (sum(i:3, w[i]*x[n,i]) - y[n])**2)", ["w"])
    assert system.quantities["x"].shape == (N, 3)


def test_an_expression_without_a_size_is_refused():
    with pytest.raises(EquationError) as caught:
        parse_expression("sum(i, w[i])", ["w"])
    assert str(caught.value) == (
        "line 1, column 5: index 'i' has no size; state it where it first stands, as i:3 or i:I"
    )


# Numbers: each system against NumPy written by hand.


def randoms(shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


def values_of(system, seed=0):
    """A random array for each quantity that is given, small whole numbers where it looks up."""
    generator = np.random.default_rng(seed)
    given = system.named(Role.INPUT, Role.TARGET, Role.PARAMETER)
    shapes = {x: tuple(int(s.subs(SYMBOLS)) for s in x.shape) for x in given}
    return {
        x.name: generator.integers(0, 6, size) if x.is_integer else generator.normal(size=size)
        for x, size in shapes.items()
    }


SYMBOLS = {Symbol(name, integer=True, positive=True): size for name, size in SIZES.items()}


def entries(array):
    array = np.asarray(array)
    places = product(*(range(size) for size in array.shape))
    return {place: mpmath.mpf(float(array[place])) for place in places}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z)
    return e / e.sum(-1, keepdims=True)


def line(v):
    return np.mean((v["w"] * v["x"] + v["b"] - v["y"]) ** 2)


def mlp(v):
    a = np.tanh(v["x"] @ v["W1"].T + v["b1"])
    yhat = sigmoid(a @ v["W2"] + v["b2"])
    return -np.mean(v["y"] * np.log(yhat) + (1 - v["y"]) * np.log(1 - yhat))


def softmax_regression(v):
    p = softmax(v["x"] @ v["W"].T + v["b"])
    return -(v["y"] * np.log(p)).sum() / len(p) + v["lam"] * (v["W"] ** 2).sum()


def conv1d(v):
    x, w = v["x"], v["w"]
    z = sum(np.einsum("oc,nci->noi", w[:, :, s], x[:, :, s : s + 3]) for s in range(3))
    a = np.maximum(z + v["b"][:, None], 0)
    return np.mean((a.mean(-1) @ v["v"] - v["y"]) ** 2)


def rnn(v):
    h = np.zeros((len(v["y"]), len(v["b"])))
    for step in range(v["x"].shape[1]):
        h = np.tanh(v["x"][:, step] @ v["U"].T + h @ v["V"].T + v["b"])
    return np.mean((h @ v["w"] - v["y"]) ** 2)


def embedding(v):
    z = v["E"][v["word"]].mean(1) @ v["W"].T
    log_sum = np.log(np.exp(z).sum(-1, keepdims=True))
    return -(v["y"] * (z - log_sum)).sum() / len(z)


def layernorm(v):
    x = v["x"]
    normal = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return np.mean(((v["gamma"] * normal + v["beta"]) @ v["w"] - v["y"]) ** 2)


def attention(v):
    query, key, value = (v["x"] @ v[name] for name in ("Wq", "Wk", "Wv"))
    p = softmax(query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1]))
    return np.mean((p @ value @ v["Wo"] - v["y"]) ** 2)


BY_HAND = {
    f.__name__: f
    for f in (line, mlp, softmax_regression, conv1d, rnn, embedding, layernorm, attention)
}


def test_every_example_is_written_by_hand_as_well():
    assert set(BY_HAND) == set(TEXTS)


def loss_value(system, values):
    given = {name: entries(array) for name, array in values.items()}
    return float(evaluate(guarded(system).equations, given, SYMBOLS, digits=20)["loss"][()])


@pytest.mark.parametrize("name", TEXTS)
def test_an_example_has_the_value_that_numpy_gives_it(name):
    system = parse_system(TEXTS[name])
    values = values_of(system)
    assert loss_value(system, values) == pytest.approx(BY_HAND[name](values), rel=1e-12)


def test_padding_is_a_guarded_read():
    system = parse_system(
        "input x[n:N, c:C, t:T]; target y[n, t]; parameter w[c, s:3]\n"
        "z[n,t] = sum(c, s, w[c,s]*where(1 <= t+s <= T, x[n,c,t+s-1], 0))\n"
        "loss = mean(n, t, (z[n,t] - y[n,t])**2)"
    )
    values = values_of(system)
    x = np.pad(values["x"], ((0, 0), (0, 0), (1, 1)))
    z = sum(np.einsum("c,nct->nt", values["w"][:, s], x[:, :, s : s + 5]) for s in range(3))
    expected = np.mean((z - values["y"]) ** 2)
    assert loss_value(system, values) == pytest.approx(expected, rel=1e-12)


def test_a_stride_and_a_size_made_by_division():
    text = "z[n,i:(T-3)//2+1] = sum(s:3, x[n,2*i+s,0]); loss = mean(n, i, z[n,i])"
    system = read(text)
    assert system.quantities["z"].shape[1].subs(T, 9) == 4
    _, i = system.equation("z").indices
    s = index("s", 3)
    assert system.equation("z").expression == total(q("x", n, 2 * i + s, 0), s)


def test_parts_of_an_axis_are_read_by_sizes():
    v = index("h", H)
    head = "parameter z[k:3*H], b[h:H]\n"
    expression = loss_of("loss = sum(h, b[h]*z[2*H+h])", head)
    quantity = read("loss = b[0]", head).quantities["z"]
    assert expression == total(q("b", v) * quantity.at(2 * H + v), v)


def test_the_comparison_sees_another_model():
    values = values_of(parse_system(TEXTS["mlp"]))
    other = parse_system(TEXTS["mlp"].replace("tanh", "sigmoid"))
    assert loss_value(other, values) != pytest.approx(mlp(values), rel=1e-3)


# Any text at all.

PIECES = [
    *re.findall(
        r"\S+",
        "x w b W y id n t d h N T D H loss sum mean max softmax logsumexp where exp log sqrt tanh "
        "relu abs sign elu alpha maximum lambda inf pi class None E I input target parameter "
        "assume and or not if for eval 0 1 2 3 0.5 1e-5 64 65 1e9 1e999 ( ) [ ] , : = + - * / ** "
        "// < <= == > ; . ^ @ ' # { é ∑",
    ),
    "\ud800",
    "\x00",
]
WORDS = st.lists(st.sampled_from([*PIECES, "\n", " ", "("]), max_size=30)
SEEDS = st.integers(0, 2**32)


def mutated(seed):
    """An example with a few of its tokens changed."""
    rng = random.Random(seed)
    text = TEXTS[rng.choice(sorted(TEXTS))]
    parts = [p for line in text.split("\n") for p in (*(t.text for t in tokens(line)), "\n")]
    for _ in range(rng.randrange(1, 5)):
        place = rng.randrange(len(parts))
        change = rng.choice(["drop", "add", "swap", "repeat"])
        if change == "drop":
            del parts[place]
        elif change == "repeat":
            parts[place:place] = parts[place : place + rng.randrange(1, 12)]
        else:
            new = rng.choice([*PIECES, *parts])
            parts[place : place + (change == "swap")] = [new]
    return " ".join(parts)


def read_or_refused(text):
    """The system that a text gives, or the error."""
    try:
        return parse_system(text)
    except EquationError as error:
        return error


def is_read_or_refused(text):
    system = read_or_refused(text)
    if isinstance(system, EquationError):
        assert "\n" not in str(system)
        assert system.pointing().count("\n") == 1
        return
    for equation in (*system.starts, *system.equations):
        assert isinstance(equation.expression, Basic)
        free = {i for i in equation.expression.free_symbols if isinstance(i, Idx)}
        assert free <= set(equation.indices)
        assert not equation.expression.atoms(Dummy)


anything = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@anything
@given(st.text(max_size=80))
def test_any_characters_are_read_or_refused(text):
    is_read_or_refused(text)


@anything
@given(WORDS)
def test_any_words_are_read_or_refused(words):
    is_read_or_refused(HEAD + "loss = " + " ".join(words))
    is_read_or_refused("".join(words))


@anything
@given(SEEDS)
def test_an_example_with_a_few_tokens_changed_is_read_or_refused(seed):
    is_read_or_refused(mutated(seed))


def test_the_parser_looks_up_no_attribute_by_a_text():
    folder = Path(symnn.parsing.__file__).parent
    names = {
        node.id
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name)
    }
    assert not names & {"getattr", "setattr", "eval", "exec", "compile", "__import__", "vars"}


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_an_alias_is_no_word_of_the_language(alias):
    assert alias not in {*FUNCTIONS, *REDUCTIONS} - {"max", "min"}


def test_the_documentation_names_every_function():
    text = (ROOT / "docs" / "equations.md").read_text(encoding="utf-8")
    names = {*FUNCTIONS, *FUNCTIONS_OF_SEVERAL, *REDUCTIONS, *loss_terms()} - set(ACTIVATIONS)
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_a_choice_in_the_other_place_goes_on_with_the_cases():
    cases = loss_of("loss = where(b[0] < 0, 0, where(b[0] < 1, 1, 2))")
    assert len(cases.args) == 3


def test_indexed_entries_are_those_of_the_quantities():
    system = parse_system(TEXTS["attention"])
    names = {str(e.base.label) for eq in system.equations for e in eq.expression.atoms(Indexed)}
    assert names <= set(system.quantities)
    assert tanh(1) not in [e.expression for e in system.equations]


def test_a_flood_of_texts_finds_no_fault():
    """The whole flood is `benchmarks/fuzz.py`."""
    command = [sys.executable, ROOT / "benchmarks" / "fuzz.py", "1000", "--seed", "7"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "0 faults" in ended.stdout


@pytest.mark.parametrize("text", ["elu(log(-x*x))", "where(log(-x*x) > 0, x, 0)"])
def test_a_comparison_of_what_is_never_real_is_refused_in_one_line(text):
    system = System.parse(f"parameter x; loss = {text}")
    with pytest.raises(SymnnError, match="compares what is no real number") as raised:
        derive(system)
    assert "\n" not in str(raised.value)


NAMED = {
    "the scores of a softmax": ("p[h] = softmax(h, b[h] + 1)\nloss = sum(h, p[h]*b[h])", "zp"),
    "a softmax within more": ("loss = sum(h, (softmax(h, b[h]) - 1)**2)", "p"),
    "the same twice, once": (
        "loss = sum(h, softmax(h, b[h] + 1)*log_softmax(h, b[h] + 1))",
        "zp",
    ),
    "the scores of a logsumexp": ("loss = logsumexp(h, 2*b[h] + 1)", "z"),
    "what no name is taken for": (
        "z = b[0]\ns = b[1]\np[h] = softmax(h, z*s + b[h])\nloss = sum(h, p[h]*b[h])",
        "zsup",
    ),
    "no entry, and no multiple of one": ("p[h] = softmax(h, 3*b[h])\nloss = max(h, p[h])", "p"),
    "not what a logarithm is taken of": ("loss = -sum(h, log(softmax(h, b[h])))", ""),
    "the scores beside another sum": (
        "a[h] = sum(d, W[d,h]) + log_softmax(h, b[h] + w)\nloss = sum(h, a[h])",
        "za",
    ),
    "no line of a recurrence": (
        "a[-1,h] = 0\na[r:4,h] = softmax(h, b[h] + a[r-1,h])\nloss = sum(h, a[3,h]*b[h])",
        "a",
    ),
}


@pytest.mark.parametrize(("text", "names"), NAMED.values(), ids=NAMED)
def test_what_gets_a_name_of_itself_is(text, names):
    system = read(text)
    found = [e.quantity.name for e in system.equations]
    assert found == [*names, "loss"]
    assert set(found) <= set(system.quantities)
    letters = {str(i.label) for e in system.equations for i in e.expression.atoms(Idx)}
    assert all(letter.isalpha() for letter in letters)


def test_what_is_predicted_has_a_name_of_ones_own_where_there_is_one():
    head = "input x[n:N, d:D]; target y[n, k:K]; parameter W[k, d]\n"
    z = "sum(d, W[k,d]*x[n,d])"
    loss = "loss = mean(n, k, (softmax(k, {}) - y[n,k])**2)"
    named = System.parse(f"{head}a[n,k] = {z}\n" + loss.format("a[n,k] + 1"))
    alone = System.parse(head + loss.format(z))
    assert [*outputs_of(named)] == ["a"]
    assert [*outputs_of(alone)] == ["z", "p"]
