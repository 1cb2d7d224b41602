"""The evaluator in 50 digits, the gradient check, and the independent forward pass.

Each comparison is shown to fail as well: mutants of gradients, of models and of views.
"""

import subprocess
import sys
from dataclasses import replace
from math import inf

import mpmath
import pytest
import sympy
from mpmath import mpf
from sympy import (
    Eq,
    IndexedBase,
    KroneckerDelta,
    Lambda,
    Rational,
    Sum,
    Symbol,
    besselj,
    exp,
    log,
    pi,
    sqrt,
)

from symnn.activations import ACTIVATIONS, Activation
from symnn.binding import index, total
from symnn.cases import Piecewise
from symnn.cells import APPLICATIONS, BUILDERS
from symnn.checking import forward_rows
from symnn.derivation import derive
from symnn.digits import Digit
from symnn.equations import SAMPLES, Equation, Prime, Quantity, Role, System, numbers
from symnn.errors import SymnnError
from symnn.evaluation import DIGITS, evaluate, value_of
from symnn.functions import U
from symnn.gammas import DIGAMMA
from symnn.gradcheck import (
    Point,
    compare,
    compare_each,
    compared,
    derived_gradients,
    difference,
    finite_differences,
    merged,
    random_point,
)
from symnn.layers import Dense
from symnn.losses import LOSSES
from symnn.network import Network
from symnn.parsing import parse_system
from symnn.parsing.sizes import size_symbol
from symnn.reductions import Maximum, Minimum, Product, reduced
from symnn.reference import independent_forward

S, R = Symbol("s", real=True), Symbol("r", real=True)
X, M = IndexedBase("x", real=True), IndexedBase("m", real=True)
K, J = index("i", 3), index("j", 2)
N_INDEX = index("n", SAMPLES)
VALUES = {
    "s": {(): mpf(3) / 4},
    "r": {(): mpf(2)},
    "x": {(0,): mpf(2), (1,): mpf(3), (2,): mpf(5)},
    "m": {(0, 0): mpf(1), (0, 1): mpf(10), (1, 0): mpf(100), (1, 1): mpf(1000)},
}
SIZES = {SAMPLES: 3}


@pytest.fixture(autouse=True)
def digits():
    with mpmath.workdps(DIGITS):
        yield


# What it is, the expression, and its value by hand; K = 1 and J = 0 where they are free.
EXPRESSIONS = {
    "a number": (Rational(1, 3), Rational(1, 3)),
    "a float": (sympy.Float("0.5"), Rational(1, 2)),
    "pi": (pi, pi),
    "e": (sympy.E, exp(1)),
    "a symbol": (S, Rational(3, 4)),
    "a size": (SAMPLES / 2, Rational(3, 2)),
    "an index": (K + 1, 2),
    "an entry": (X[K], 3),
    "an entry at a number": (X[2], 5),
    "an entry at a computed place": (X[K + 1], 5),
    "a sum of terms": (S + R + 1, Rational(15, 4)),
    "a product": (S * R * 3, Rational(9, 2)),
    "a power": (R**5, 32),
    "a quotient": (1 / R, Rational(1, 2)),
    "a root": (sqrt(R), sqrt(2)),
    "an index as a divisor": (1 / (K + 2), Rational(1, 3)),
    "a size as a divisor": (1 / SAMPLES, Rational(1, 3)),
    "a sum": (Sum(X[K] ** 2, K), 38),
    "a sum over the samples": (Sum(X[N_INDEX], N_INDEX), 10),
    "a sum over two indices": (Sum(M[K, J] * X[J], (K, 0, 1), J), 2 * 101 + 3 * 1010),
    "a sum within a sum": (total(X[K] * total(X[J], J), K), 50),
    "the greatest": (reduced(Maximum, X[K], K), 5),
    "the least": (reduced(Minimum, -X[K], K), -5),
    "a product over an index": (reduced(Product, X[K], K), 30),
    "the first place of the greatest": (reduced(Maximum, 1 + (X[K] - 3) ** 2, K).place, 2),
    "the first of several": (reduced(Minimum, (X[K] - 2) * (X[K] - 3), K).place, 0),
    "a digit of an index": (Digit(4 * K + J + 1, 4, sympy.oo) + Digit(4 * K + J + 1, 1, 4), 2),
    "a sum within a function": (log(Sum(exp(X[J]), J)), log(exp(2) + exp(3))),
    "a sum whose term lacks the index": (total(R, K), 6),
    "a sum up to another index": (Sum(Sum(X[J], (J, 0, K)), (K, 0, 2)), 2 + 5 + 10),
    "a delta that is 1": (KroneckerDelta(K, 1), 1),
    "a delta that is 0": (KroneckerDelta(K, J), 0),
    "a delta in a sum": (total(X[K] * KroneckerDelta(K, J + 2), K), 5),
    "the first branch": (Piecewise((S, S > 0), (R, True)), Rational(3, 4)),
    "the other branch": (Piecewise((S, S > 1), (R, True)), 2),
    "a branch by an index": (Piecewise((S, Eq(K, 1)), (R, True)), Rational(3, 4)),
    "a branch that may not be evaluated": (Piecewise((S, S > 0), (X[K + 9], True)), Rational(3, 4)),
    "both of two conditions": (Piecewise((S, (S > 0) & (R > 2)), (R, True)), 2),
    "one of two conditions": (Piecewise((S, (S > 0) | (R > 2)), (R, True)), Rational(3, 4)),
    "a choice among conditions": (
        Piecewise((S, sympy.ITE(S > 0, R > 2, R > 1)), (R, True), evaluate=False),
        2,
    ),
    "a condition denied": (Piecewise((S, ~((S > 0) & (R > 1))), (R, True)), 2),
    "a named function": (ACTIVATIONS["relu"].expression.xreplace({U: S - 1}), 0),
    "a derivative not worked out": (Prime(Lambda(U, U**2), S), Rational(3, 2)),
    "the derivative of ln Γ": (DIGAMMA(S), sympy.polygamma(0, Rational(3, 4))),
}
# Where a function is not defined at 3/4.
ARGUMENTS = {sympy.acosh: Rational(5, 4)}
UNARY = [kind for kind in APPLICATIONS if issubclass(kind, sympy.Function) and 1 in kind.nargs]
COMPARISONS = {
    sympy.StrictGreaterThan: (False, False, True),
    sympy.GreaterThan: (False, True, True),
    sympy.StrictLessThan: (True, False, False),
    sympy.LessThan: (True, True, False),
    sympy.Equality: (False, True, False),
    sympy.Unequality: (True, False, True),
}


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_has_the_value_that_it_has_by_hand(expression, value):
    found = value_of(expression, VALUES, SIZES, {K: 1, J: 0})
    exact = mpmath.mpmathify(sympy.sympify(value).evalf(60))
    assert mpmath.almosteq(found, exact, rel_eps=mpf(10) ** -48)


@pytest.mark.parametrize("kind", UNARY, ids=lambda kind: kind.__name__)
def test_a_function_has_the_value_that_sympy_gives(kind):
    at = ARGUMENTS.get(kind, Rational(3, 4))
    found = value_of(kind(S), {"s": {(): mpf(at.p) / at.q}}, {})
    assert mpmath.almosteq(found, mpmath.mpmathify(kind(at).evalf(60)), rel_eps=mpf(10) ** -48)


@pytest.mark.parametrize("kind", COMPARISONS, ids=lambda kind: kind.__name__)
def test_a_comparison_holds_where_it_should(kind):
    branches = Piecewise((1, kind(S, R)), (0, True))
    at = [{"s": {(): mpf(s)}, "r": {(): mpf(2)}} for s in (1, 2, 3)]
    assert tuple(value_of(branches, values, {}) == 1 for values in at) == COMPARISONS[kind]


@pytest.mark.parametrize(("kind", "value"), [(sympy.Max, 3), (sympy.Min, 2)])
def test_an_extreme_is_the_right_one(kind, value):
    assert value_of(kind(R, 3, evaluate=False), VALUES, {}) == value


def test_every_class_that_can_be_evaluated_is_tried_here():
    expressions = [e for e, _ in EXPRESSIONS.values()]
    tried = {
        cls
        for e in expressions
        for node in sympy.preorder_traversal(e)
        for cls in type(node).__mro__
    }
    tried |= {*UNARY, *COMPARISONS, sympy.Max, sympy.Min, sympy.logic.boolalg.BooleanAtom}
    assert set(BUILDERS) <= tried


def test_no_branch_that_holds_gives_nan():
    assert mpmath.isnan(value_of(Piecewise((S, S > 1)), VALUES, {}))


REFUSED = {
    "unknown": (besselj(0, S), "cannot evaluate besselj in besselj(0, s)"),
    "entry": (M[K, J + 2], "no value for m[1,2]"),
    "symbol": (Symbol("t"), "no value for t"),
    "not real": (log(-R), "the value (0.693147 + 3.14159j) is not real"),
}


@pytest.mark.parametrize(("expression", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_evaluated_is_refused(expression, message):
    with pytest.raises(SymnnError) as refused:
        value_of(expression, VALUES, SIZES, {K: 1, J: 0})
    assert str(refused.value) == message


def quantity(name, shape, role):
    return Quantity(name, numbers(*shape), role, ("n", "j")[: len(shape)], name)


def system_of(*equations, leaves):
    quantities = (*leaves, *(e.quantity for e in equations))
    return System({q.name: q for q in quantities}, equations)


def cubes():
    """L = Σ w[j]³, whose gradient is 3 w[j]²."""
    w, loss = quantity("w", (2,), Role.PARAMETER), quantity("L", (), Role.LOSS)
    return system_of(Equation(loss, (), Sum(w.at(J) ** 3, J)), leaves=[w])


def logarithm(shift):
    """L = log(w - shift), which is real only above it."""
    w, loss = quantity("w", (), Role.PARAMETER), quantity("L", (), Role.LOSS)
    return system_of(Equation(loss, (), log(w.at() - shift)), leaves=[w])


def test_equations_are_evaluated_in_order_and_entry_by_entry():
    x, s = quantity("x", (3,), Role.INPUT), quantity("s", (3,), Role.ACTIVATION)
    loss = quantity("L", (), Role.LOSS)
    equations = [Equation(s, (K,), 2 * x.at(K)), Equation(loss, (), Sum(s.at(K), K))]
    known = evaluate(equations, {"x": VALUES["x"]}, {})
    assert known["s"] == {(0,): 4, (1,): 6, (2,): 10}
    assert known["L"] == {(): 20}


def test_an_equation_is_evaluated_in_the_digits_asked_for():
    third = [Equation(quantity("L", (), Role.LOSS), (), Rational(1, 3))]
    with mpmath.workdps(100):
        errors = [abs(evaluate(third, {}, {}, d)["L"][()] * 3 - 1) for d in (20, 80)]
    assert 1e-30 < errors[0] < 1e-19
    assert errors[1] < 1e-79


def test_finite_differences_are_right_to_30_digits():
    point = Point({"w": {(0,): mpf(2), (1,): mpf(-3)}}, {})
    slopes = finite_differences(cubes(), point)["w"]
    assert abs(slopes[0,] - 12) < 1e-30
    assert abs(slopes[1,] - 27) < 1e-30


def test_finite_differences_by_a_quantity_of_the_forward_pass_leave_out_its_equation():
    system = Network("2-2-1").system
    point = random_point(system)
    yhat, y = (evaluate(system.equations, point.values, point.sizes)[q] for q in ("yhat", "y"))
    slopes = finite_differences(system, point, ["yhat"])["yhat"]
    assert compared(slopes, {e: yhat[e] - y[e] for e in y}).ok


def test_a_random_point_is_the_same_for_the_same_seed():
    system = Network("2-2-1").system
    assert random_point(system, seed=3) == random_point(system, seed=3)
    assert random_point(system, seed=3) != random_point(system, seed=4)


def test_a_random_point_has_no_duplicate_numbers_and_floats_hold_them():
    values = random_point(Network("2-3-2").system).values
    drawn = [value for entries in values.values() for value in entries.values()]
    assert len(drawn) == len(set(drawn)) == 9 + 8 + 2 * (2 + 2)
    assert all(mpf(float(value)) == value for value in drawn)


def test_targets_that_are_declared_to_sum_to_one_do():
    point = random_point(Network("2-3:softmax", loss="cross_entropy").system)
    sums = [mpmath.fsum(point.values["y"][n, k] for k in range(3)) for n in range(2)]
    assert all(abs(total - 1) < 1e-45 for total in sums)


def test_points_where_the_loss_is_not_real_are_passed_over():
    point = random_point(logarithm(Rational(1, 2)))
    assert point.values["w"][()] > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "input x[i:6, j:5]; parameter w[i,j]; loss = sum(i, j, (w[i,j] - log(x[i,j]))**2)",
        "input x[i:3, j:3]; parameter w[j], v[k:6]\n"
        "loss = sum(i, j, minimum(x[i,j]**0.75, 1)*w[j]**2) + sum(k, log(v[k]))",
    ],
    ids=["logarithms of inputs", "a power of them that is compared"],
)
def test_many_values_that_must_be_positive_are_found(text):
    assert compare(derive(parse_system(text))).ok


def test_a_loss_that_is_never_real_is_refused():
    with pytest.raises(SymnnError) as refused:
        random_point(logarithm(10))
    assert str(refused.value) == "the loss is not a real number at any of 100 random points"


def networks():
    """Nets in which each activation and each loss stands at least once, by what they are."""
    hidden = {f"2-3:{name}-2": Network(f"2-3:{name}-2") for name in ACTIVATIONS}
    return {
        **hidden,
        **{
            f"2-2 {name}": Network(f"2-2:{fitting(row)}", loss=name) for name, row in LOSSES.items()
        },
        "1-1": Network("1-1"),
        "no bias": Network(2, Dense(2, "tanh", bias=False), Dense(1), loss="sse"),
        "deep": Network("1-2:tanh-2:softmax-2:gelu-1:sigmoid", loss="bce"),
    }


def fitting(loss):
    """An output activation that fits a loss."""
    if loss.takes_distribution:
        return "softmax"
    if loss.upper == 1:
        return "sigmoid"
    return "softplus" if loss.lower == 0 else "identity"


NETWORKS = networks()
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


@every_network
def test_derived_gradients_are_those_of_finite_differences(network):
    comparison = compare(derive(network))
    assert comparison.ok
    assert comparison.count == comparison.agreeing == network.parameter_count
    assert comparison.worst < 1e-30


@every_network
def test_the_forward_pass_is_that_of_loops_that_know_no_equation(network):
    derivation = derive(network)
    rows = forward_rows(derivation, network, random_point(network.system))
    assert [row.what for row in rows] == [
        "yhat: index view and independent forward pass",
        "L: index view and independent forward pass",
    ]
    assert all(row.ok and row.worst < 1e-45 for row in rows)


def test_gradients_by_inputs_and_by_the_forward_pass_can_be_checked():
    comparisons = compare_each(derive(Network("2-3:tanh-1"), ["x", "z1", "W1"]))
    assert [*comparisons] == ["x", "z1", "W1"]
    assert all(comparison.ok for comparison in comparisons.values())


def with_gradient(derivation, name, change):
    """The derivation with the right side of one gradient changed."""
    gradient = derivation.gradients[name]
    changed = replace(gradient, expression=change(gradient))
    return replace(derivation, gradients={**derivation.gradients, name: changed})


def at_first_entry(equation):
    """What is 1 at the equation's entry 0,0 and else 0."""
    return sympy.Mul(*(KroneckerDelta(i, 0) for i in equation.indices))


def with_indices_swapped(equation):
    j, i = equation.indices
    swap = {j: i, i: j}
    return equation.expression.xreplace(swap)


WRONG_GRADIENTS = {
    "the sign": (lambda e: -e.expression, 0),
    "a factor": (lambda e: 2 * e.expression, 0),
    "the mean": (lambda e: SAMPLES * e.expression, 0),
    "a part in 10²⁰": (lambda e: e.expression * (1 + Rational(1, 10**20)), 0),
    "one entry": (lambda e: e.expression + at_first_entry(e) / 1000, 3),
    "the indices": (with_indices_swapped, 2),
    "nothing": (lambda e: e.expression, 4),
}


@pytest.mark.parametrize(("change", "agreeing"), WRONG_GRADIENTS.values(), ids=WRONG_GRADIENTS)
def test_a_wrong_gradient_is_seen(change, agreeing):
    wrong = with_gradient(derive(Network("2-2:tanh-1")), "W1", change)
    comparison = compare_each(wrong)["W1"]
    assert (comparison.count, comparison.agreeing) == (4, agreeing)
    assert comparison.ok == (agreeing == 4)
    assert compare(wrong).ok == comparison.ok


def with_equation(system, name, change):
    """The system with the right side of one equation changed."""
    equations = (
        replace(e, expression=change(e)) if e.quantity.name == name else e for e in system.equations
    )
    return replace(system, equations=tuple(equations))


# Of a mutant's rows (outputs, loss) those that disagree. Its gradients are right: of the mutant.
WRONG_MODELS = {
    "the sign of b": ("z1", lambda e: e.expression - 2 * bias_of(e), (False, False)),
    "no bias": ("z1", lambda e: e.expression - bias_of(e), (False, False)),
    "another activation": ("a1", lambda e: e.expression**2, (False, False)),
    "a doubled loss": ("L", lambda e: 2 * e.expression, (True, False)),
    "no mean": ("L", lambda e: SAMPLES * e.expression, (True, False)),
    "nothing": ("L", lambda e: e.expression, (True, True)),
}


def bias_of(equation):
    return IndexedBase("b1", real=True)[equation.indices[1]]


@pytest.mark.parametrize(("name", "change", "oks"), WRONG_MODELS.values(), ids=WRONG_MODELS)
def test_a_wrong_model_is_seen_by_the_forward_pass_alone(name, change, oks):
    network = Network("2-2:tanh-2")
    derivation = derive(with_equation(network.system, name, change))
    rows = forward_rows(derivation, network, random_point(derivation.system))
    assert compare(derivation).ok
    assert tuple(row.ok for row in rows) == oks


OWN_ROWS = {
    "an expression": (Network("2-2-1", hidden=U**2 + U), ("u**2 + u",)),
    "an expression as a loss": (
        Network("2-2-1", loss=(Symbol("yhat") - Symbol("y")) ** 4),
        ("(-y + yhat)**4",),
    ),
    "a row that bears a table's name": (
        Network("2-2-1", hidden=Activation("tanh", "mine", 3 * U, "mine")),
        ("tanh",),
    ),
    "a vector activation": (
        Network("2-2-1", hidden=replace(ACTIVATIONS["softmax"], name="mine")),
        ("mine",),
    ),
    "rows of the tables": (Network("2-2-1"), ()),
}


@pytest.mark.parametrize(("network", "names"), OWN_ROWS.values(), ids=OWN_ROWS)
def test_the_independent_forward_pass_says_which_formulas_are_not_its_own(network, names):
    point = random_point(network.system)
    forward = independent_forward(network, point.values)
    known = evaluate(network.system.equations, point.values, point.sizes)
    assert forward.borrowed == names
    assert abs(forward.loss - known["L"][()]) < 1e-45


def test_an_error_is_relative_to_a_large_value_and_absolute_below_1():
    assert difference(mpf(1010), mpf(1000)) == pytest.approx(0.01)
    assert difference(mpf("0.51"), mpf("0.5")) == pytest.approx(0.01)


@pytest.mark.parametrize("value", [None, mpmath.nan, mpmath.inf, -mpmath.inf])
def test_a_value_that_is_missing_or_undefined_is_infinitely_wrong(value):
    assert difference(value, mpf(1)) == inf
    assert difference(mpf(1), value) == inf


def test_entries_that_only_one_side_has_disagree():
    one, two = {(0,): mpf(1)}, {(0,): mpf(1), (1,): mpf(2)}
    assert not compared(one, two).ok
    assert not compared(two, one).ok
    assert compared(one, one).ok


def test_a_comparison_of_nothing_is_not_ok():
    assert not compared({}, {}).ok
    assert not merged([]).ok


def test_comparisons_are_merged_by_the_worst_of_them():
    right, wrong = {(0,): mpf(1)}, {(0,): mpf(3)}
    both = merged([compared(right, right), compared(wrong, right)])
    assert (both.count, both.agreeing, both.worst, both.ok) == (2, 1, 2.0, False)


def test_derived_gradients_have_the_shapes_of_their_parameters():
    network = Network("2-3-1")
    gradients = derived_gradients(derive(network), random_point(network.system))
    shapes = {
        name: tuple(max(axis) + 1 for axis in zip(*e, strict=True)) for name, e in gradients.items()
    }
    assert shapes == network.parameter_shapes


def test_a_system_that_reads_far_places_is_checked_at_sizes_that_have_them():
    system = System.parse(
        "input x[n:N, p:K]; parameter S[r:K+2]; loss = x[2, K-1]*S[4] + sum(p, x[p+0, 0]*x[p+1, p])"
    )
    sizes = random_point(system).sizes
    assert sizes[SAMPLES] > sizes[size_symbol("K")] >= 3
    assert compare(derive(system)).ok


def test_the_gradient_check_needs_no_numpy():
    program = "import sys, symnn.gradcheck; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
