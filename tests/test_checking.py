"""The report of a derivation's check: what its rows say, and that each of them can fail."""

from dataclasses import replace

import pytest
from sympy import Symbol

from symnn.checking import Report, Row, check, matrix_rows, scalar_rows
from symnn.derivation import Derivation, derive
from symnn.functions import U
from symnn.gradcheck import random_point
from symnn.network import Network

# What stands in the report of a 2-2-1 net, and of how many numbers.
ROWS = {
    "∂L/∂W1: index view and finite differences": 4,
    "∂L/∂b1: index view and finite differences": 2,
    "∂L/∂W2: index view and finite differences": 2,
    "∂L/∂b2: index view and finite differences": 1,
    "yhat: index view and independent forward pass": 2,
    "L: index view and independent forward pass": 1,
    "L: matrix view and index view": 1,
    "∂L/∂W1: matrix view and index view": 4,
    "∂L/∂b1: matrix view and index view": 2,
    "∂L/∂W2: matrix view and index view": 2,
    "∂L/∂b2: matrix view and index view": 1,
    "∂L/∂W1: scalar view and index view": 4,
    "∂L/∂b1: scalar view and index view": 2,
    "∂L/∂W2: scalar view and index view": 2,
    "∂L/∂b2: scalar view and index view": 1,
}


class WrongCode(Derivation):
    """A derivation whose compiled code doubles the loss and turns the sign of ∂L/∂W1."""

    def lambdify(self, backend="numpy"):
        right = super().lambdify(backend)

        def wrong(parameters, **inputs):
            loss, gradients = right(parameters, **inputs)
            return 2 * loss, {**gradients, "W1": -gradients["W1"]}

        return wrong


class WrongShape(Derivation):
    """A derivation whose compiled code gives ∂L/∂W2 without its first axis."""

    def lambdify(self, backend="numpy"):
        right = super().lambdify(backend)

        def wrong(parameters, **inputs):
            loss, gradients = right(parameters, **inputs)
            return loss, {**gradients, "W2": gradients["W2"][0]}

        return wrong


class WrongScalars(Derivation):
    """A derivation whose scalar view is wrong in ∂L/∂W1[0,1] alone."""

    def partial(self, name, *index):
        right = super().partial(name, *index)
        return right + Symbol("x_0", real=True) if (name, index) == ("W1", (0, 1)) else right


def as_mutant(kind, derivation):
    return kind(**vars(derivation))


def failing(rows):
    return [row.what for row in rows if not row.ok]


def test_the_report_of_a_right_derivation_has_every_row_and_is_ok():
    report = check(derive(Network("2-2:tanh-1")))
    assert {row.what: row.count for row in report.rows} == ROWS
    assert report.ok
    assert report.notes == ()
    assert all(row.worst <= row.tolerance for row in report.rows)


@pytest.mark.parametrize("seed", range(3))
def test_a_net_with_a_softmax_output_is_right_in_all_views(seed):
    assert check(derive(Network("2-2:gelu-3:softmax", loss="cross_entropy")), seed).ok


def test_a_report_with_one_row_that_disagrees_is_not_ok():
    right, wrong = Row("a", 1, 0.0, 1e-9, True), Row("b", 1, 1.0, 1e-9, False)
    assert Report((right,)).ok
    assert not Report((right, wrong)).ok


def test_wrong_code_is_seen():
    derivation = as_mutant(WrongCode, derive(Network("2-2:tanh-1")))
    assert failing(matrix_rows(derivation, random_point(derivation.system))) == [
        "L: matrix view and index view",
        "∂L/∂W1: matrix view and index view",
    ]


def test_a_wrong_shape_is_seen():
    derivation = as_mutant(WrongShape, derive(Network("2-2:tanh-1")))
    rows = matrix_rows(derivation, random_point(derivation.system))
    assert failing(rows) == ["∂L/∂W2: matrix view and index view"]


def test_a_wrong_scalar_is_seen():
    derivation = as_mutant(WrongScalars, derive(Network("2-2:tanh-1")))
    assert failing(scalar_rows(derivation)) == ["∂L/∂W1: scalar view and index view"]


def test_of_many_scalars_a_seeded_sample_is_compared():
    derivation = derive(Network("5-8:tanh-3"))
    rows = scalar_rows(derivation)
    assert sum(row.count for row in rows) == 60
    assert rows == scalar_rows(derivation)
    assert not failing(rows)


def test_gradients_by_inputs_are_checked_in_the_views_that_they_have():
    report = check(derive(Network("2-2:tanh-1"), ["x"]))
    assert report.ok
    assert [row.what for row in report.rows if "∂" in row.what] == [
        "∂L/∂x: index view and finite differences",
        "∂L/∂x: matrix view and index view",
    ]


def test_a_system_without_a_network_has_the_views_that_need_none():
    report = check(derive(Network("2-2:tanh-1").system))
    assert report.ok
    matrices = [name for name in ROWS if "matrix view" in name]
    assert [row.what for row in report.rows] == [*[*ROWS][:4], *matrices]
    assert report.notes == ("equations alone have no independent forward pass",)


def test_a_wide_network_is_checked_shrunk_and_a_note_says_so():
    report = check(derive(Network("20-30-1")))
    assert report.ok
    assert report.notes == ("on the same net shrunk to 3-3-1",)


def test_a_formula_of_ones_own_is_noted():
    assert check(derive(Network("1-2-1", hidden=U**2 + U))).notes == (
        "u**2 + u is your own: the forward pass has no independent formula for it",
    )


def test_a_wrong_model_is_not_ok():
    network = Network("2-2:tanh-1")
    mutant = derive(replace(network.system, equations=doubled_loss(network.system.equations)))
    report = check(replace(mutant, model=network))
    assert failing(report.rows) == ["L: index view and independent forward pass"]


def doubled_loss(equations):
    *others, loss = equations
    return (*others, replace(loss, expression=2 * loss.expression))
