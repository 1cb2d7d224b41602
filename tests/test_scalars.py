"""The scalar view: its symbols, its entries against the equations, what is refused."""

import pytest
from sympy import Symbol, tanh

from symnn.binding import index
from symnn.checking import check
from symnn.equations import SAMPLES, Role
from symnn.errors import ShapeError, UnknownNameError
from symnn.functions import Elementwise
from symnn.scalars import Scalars, places, symbol
from tests.nets import SOME_NETS, derived, some_net
from tests.proofs import unrolled


def real(name):
    return Symbol(name, real=True)


def without_sample(expression, system):
    """The symbols without the place of the one sample: `x_0_1` is `x_1`."""
    renamed = {}
    for q in system.values():
        if SAMPLES in q.shape:
            for place in places(q):
                numbered = "_".join([q.name, "0", *map(str, place)])
                renamed[real(numbered)] = symbol(q, *place)
    return expression.xreplace(renamed)


@some_net
def test_each_entry_is_the_equations_right_side(spec, loss):
    scalars = derived(spec, loss).scalars
    for name, equation in scalars.equations.items():
        for place in places(equation.quantity):
            numbers = iter(place)
            at = {i: 0 if i.upper == SAMPLES - 1 else next(numbers) for i in equation.indices}
            oracle = unrolled(equation.expression, at, {SAMPLES: 1})
            assert scalars.entry(name, *place) == without_sample(oracle, scalars.quantities)


def test_symbols_bear_the_name_and_the_place_without_the_sample():
    quantities = derived("2-2-1").system.quantities
    assert [str(symbol(quantities["W1"], *p)) for p in places(quantities["W1"])] == [
        "W1_0_0",
        "W1_0_1",
        "W1_1_0",
        "W1_1_1",
    ]
    assert [str(symbol(quantities["x"], *p)) for p in places(quantities["x"])] == ["x_0", "x_1"]
    assert [str(symbol(quantities["L"], *p)) for p in places(quantities["L"])] == ["L"]


def test_the_loss_of_the_straight_line_is_written_in_its_scalars():
    x, y, w, b = (real(name) for name in ("x_0", "y_0", "W1_0_0", "b1_0"))
    derivation = derived("1-1")
    assert derivation.loss == (w * x + b - y) ** 2
    assert (derivation.partial("W1", 0, 0) - 2 * (w * x + b - y) * x).expand() == 0
    assert (derivation.partial("b1", 0) - 2 * (w * x + b - y)).expand() == 0


def test_definitions_are_put_in_as_far_as_the_roles_that_are_kept():
    scalars = derived("2-2-1").scalars
    units = frozenset({Role.ACTIVATION, Role.ADJOINT})
    w, delta, a, x = (real(name) for name in ("W2_0_1", "delta2_0", "a1_1", "x_0"))
    assert scalars.entry("delta1", 1) == (1 - a**2) * w * delta
    assert scalars.substituted("dL_dW1", 1, 0, keep=units) == real("delta1_1") * x
    kept = scalars.substituted("delta1", 1, keep=units)
    assert kept == (1 - a**2) * w * delta
    full = scalars.substituted("a1", 1)
    assert full == tanh(real("W1_1_0") * x + real("W1_1_1") * real("x_1") + real("b1_1"))


def test_named_functions_stay_whole_where_that_is_asked_for():
    derivation = derived("2-2-1:sigmoid", "bce")
    expanding = derivation.scalars
    keeping = Scalars(expanding.quantities, expanding.equations, expands_functions=False)
    assert keeping.entry("yhat", 0).has(Elementwise)
    assert not expanding.entry("yhat", 0).has(Elementwise)


def test_no_named_function_is_left_in_a_partial_derivative():
    for spec, loss in SOME_NETS:
        assert not derived(spec, loss).partial("W1", 0, 0).has(Elementwise)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_branches_within_conditions_can_be_checked(activation):
    # SymPy turns a condition over a Piecewise into ITE, which the evaluator must know.
    assert check(derived(f"2-2-1:{activation}", "huber")).ok


def test_an_entry_that_is_not_there_is_refused():
    with pytest.raises(ShapeError) as error:
        derived("2-2-1").scalars.entry("dL_db1", 2)
    assert str(error.value) == "b1 has the shape (2,) and no entry [2]; indices run from 0"
    with pytest.raises(ShapeError) as error:
        derived("2-2-1").scalars.entry("z1", 0, 0)
    assert str(error.value) == "z1 has the shape (2,) and no entry [0, 0]; indices run from 0"


def test_a_name_without_an_equation_is_refused():
    with pytest.raises(UnknownNameError) as error:
        derived("1-1").scalars.entry("W1", 0, 0)
    assert str(error.value) == ("no quantity named 'W1'; Known: L, dL_dW1, dL_db1, delta1, yhat")


def test_a_wrong_entry_is_seen():
    i, q = index("i", 2), derived("2-2-1").system.quantities["x"]
    wrong = unrolled(q.at(index("n", SAMPLES), i), {index("n", SAMPLES): 0, i: 1})
    assert without_sample(wrong, {"x": q}) == symbol(q, 1) != symbol(q, 0)
