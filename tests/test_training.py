"""Training: what it learns, that it repeats, and what happens when it cannot go on."""

import signal
from dataclasses import replace

import numpy as np
import pytest
from sympy import Symbol

from symnn.datasets import load
from symnn.derivation import derive
from symnn.errors import SymnnError, TrainingError
from symnn.examples import drop_missing, make_examples
from symnn.layers import Dense
from symnn.network import Network
from symnn.optimizers import OPTIMIZERS
from symnn.samples import Scaling, split
from symnn.training import DivergedError, train

X = np.random.default_rng(1).normal(size=(23, 2))
Y = X @ [[2.0], [-3.0]] + 1


def same(first, second):
    return all(np.array_equal(first[name], second[name]) for name in first | second)


def penguins(features, target, outputs):
    table, _ = drop_missing(load("penguins"), [*features, target])
    return make_examples(table, features, [target], outputs)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_finds_the_plane(optimizer):
    result = train(Network("2-1"), X, Y, optimizer=optimizer, lr=0.05, epochs=300)
    assert result.parameters["W1"] == pytest.approx(np.array([[2, -3]]), abs=1e-3)
    assert result.parameters["b1"] == pytest.approx(1, abs=1e-3)
    assert result.history[-1].loss < 1e-5


def test_one_epoch_of_sgd_is_the_steps_written_out():
    network = Network("2-3:tanh-1")
    result = train(network, X, Y, epochs=1, batch_size=10, lr=0.1, seed=5)
    generator = np.random.default_rng(5)
    kept = generator.permutation(len(X))
    order = generator.permutation(len(X))
    expected, function = network.init(5), derive(network).lambdify()
    for batch in (order[:10], order[10:20], order[20:]):
        _, gradients = function(expected, X[kept][batch], Y[kept][batch])
        expected = {name: p - 0.1 * gradients[name] for name, p in expected.items()}
    for name, value in expected.items():
        assert result.parameters[name] == pytest.approx(value, abs=1e-12)


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    first, second, other = (
        train(Network("2-3-1"), X, Y, epochs=3, validation=0.2, seed=seed) for seed in (7, 7, 8)
    )
    assert same(first.parameters, second.parameters)
    assert first.history == second.history
    assert not same(first.parameters, other.parameters)


def test_training_learns_nothing_from_what_is_held_out():
    held_out, _ = split(len(X), 0.2, np.random.default_rng(0))
    changed = X.copy()
    changed[held_out] += 100
    first, second = (
        train(Network("2-1"), x, Y, epochs=2, validation=0.2, standardize=True)
        for x in (X, changed)
    )
    assert len(held_out) == 5
    assert same(first.parameters, second.parameters)
    assert first.history[-1].loss == second.history[-1].loss
    assert first.history[-1].validation_loss != second.history[-1].validation_loss


def test_the_history_has_the_loss_of_all_samples_at_the_end_of_each_epoch():
    seen = []
    result = train(Network("2-1"), X, Y, epochs=4, on_epoch=seen.append)
    assert [epoch.number for epoch in result.history] == [1, 2, 3, 4]
    assert result.history == tuple(seen)
    final = ((result.predict(X) - Y) ** 2).mean()
    assert result.history[-1].loss == pytest.approx(final, abs=1e-12)
    assert result.history[-1].accuracy is None
    assert result.history[-1].validation_loss is None


def test_training_can_go_on_from_parameters_and_leaves_them_alone():
    start = {"W1": np.array([[2.0, -3.0]]), "b1": np.array([0.5])}
    result = train(Network("2-1"), X, Y, parameters=start, epochs=60, lr=0.1)
    assert start["b1"].tolist() == [0.5]
    assert result.parameters["b1"] == pytest.approx(1, abs=1e-3)


def test_lists_of_numbers_will_do_for_one_input_and_one_output():
    result = train(Network("1-1"), [0, 1, 2, 3], [1, 3, 5, 7], lr=0.1, epochs=300)
    assert result.predict([10]) == pytest.approx(21, abs=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_parameters_keep_the_dtype_asked_for(dtype, optimizer):
    result = train(
        Network("2-3:tanh-1:sigmoid", loss="bce"),
        X,
        Y > 0,
        epochs=2,
        optimizer=optimizer,
        dtype=dtype,
    )
    assert {value.dtype for value in result.parameters.values()} == {np.dtype(dtype)}


def test_an_optimizer_of_ones_own_is_as_good_as_a_name():
    sgd = OPTIMIZERS["sgd"]
    slower = replace(sgd, hyperparameters=(replace(sgd.hyperparameters[0], default=0.001),))
    ours = train(Network("2-1"), X, Y, epochs=2, optimizer=slower)
    assert same(ours.parameters, train(Network("2-1"), X, Y, epochs=2, lr=0.001).parameters)


def test_a_loss_and_layers_of_ones_own_can_be_trained():
    yhat, y, u = Symbol("yhat"), Symbol("y"), Symbol("u")
    network = Network(2, Dense(3, u**3 / 10 + u), Dense(1, bias=False), loss=(yhat - y) ** 4)
    result = train(network, X, Y / 10, epochs=20)
    assert result.history[-1].loss < result.history[0].loss


# Data that are known


def test_the_penguins_lie_on_the_line_of_the_essay():
    data = penguins(["flipper_length_mm"], "body_mass_g", 1)
    result = train(Network("1-1"), data.x, data.y, standardize=True)
    (slope,), intercept = result.model.line
    assert slope == pytest.approx(49.7, abs=0.2)
    assert intercept == pytest.approx(-5781, rel=0.01)


def test_full_batches_find_the_line_of_least_squares():
    data = penguins(["flipper_length_mm"], "body_mass_g", 1)
    result = train(Network("1-1"), data.x, data.y, standardize=True, batch_size=342, lr=0.1)
    (slope,), intercept = result.model.line
    expected = np.polyfit(data.x[:, 0], data.y[:, 0], 1)
    assert [*slope, *intercept] == pytest.approx(expected, rel=1e-9)
    at = result.predict([[200.0]])
    assert at == pytest.approx(np.polyval(expected, 200.0), rel=1e-9)


def test_the_species_of_a_penguin_is_learnt():
    columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    data = penguins(columns, "species", 3)
    network = Network("4-8-3:softmax", loss="cross_entropy")
    result = train(network, data.x, data.y, standardize=True, validation=0.2, classes=data.classes)
    assert result.history[-1].accuracy > 0.95
    assert result.history[-1].validation_accuracy > 0.95
    found = result.model.classify(data.x)
    right = [data.classes[place] for place in data.y.argmax(axis=1)]
    assert np.mean([a == b for a, b in zip(found, right, strict=True)]) > 0.95


@pytest.mark.parametrize(
    ("spec", "loss"),
    [("2-1:sigmoid", "bce"), ("2-1", "bce_with_logits"), ("2-1:sigmoid", "mse")],
)
def test_two_classes_are_told_apart_by_one_output(spec, loss):
    y = (X[:, :1] + X[:, 1:] > 0.3).astype(float)
    result = train(Network(spec, loss=loss), X, y, classes=("no", "yes"), epochs=300, lr=0.5)
    assert result.history[-1].accuracy == 1
    assert result.model.classify(X) == tuple("yes" if one else "no" for one in y[:, 0])


# Scaling


def test_a_constant_column_has_scale_one():
    scaling = Scaling.of(np.full((7, 1), 0.1))
    assert scaling.scales.tolist() == [1]


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_scaling_gives_mean_zero_and_deviation_one_at_any_size(size):
    values = X * size
    scaled = Scaling.of(values).apply(values)
    assert scaled.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert scaled.std(axis=0) == pytest.approx(1)
    assert Scaling.of(values).undo(scaled) == pytest.approx(values, rel=1e-9)


@pytest.mark.parametrize(
    ("spec", "loss", "scales_targets"),
    [("2-1", "mse", True), ("2-1:sigmoid", "mse", False), ("2-1:sigmoid", "bce", False)],
)
def test_only_the_targets_of_an_unbounded_regression_are_scaled(spec, loss, scales_targets):
    result = train(Network(spec, loss=loss), X, Y > 0, epochs=1, standardize=True)
    assert result.model.inputs.is_none is False
    assert result.model.outputs.is_none is not scales_targets


# Endings


def test_a_rate_too_large_stops_and_keeps_the_last_finite_parameters():
    # One batch, from zeros: nothing here depends on NumPy's stream of random numbers.
    start = {"W1": np.zeros((1, 2)), "b1": np.zeros(1)}
    x = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    with pytest.raises(DivergedError) as caught:
        train(Network("2-1"), x, [1, 2], lr=1, parameters=start)
    result = caught.value.result
    assert str(caught.value) == (
        "the loss is not finite in epoch 26, with lr 1; take a smaller lr, or standardize"
    )
    assert result.stopped == "the loss is not finite in epoch 26, with lr 1"
    assert len(result.history) == 25
    assert all(np.isfinite(value).all() for value in result.parameters.values())
    assert np.isfinite([epoch.loss for epoch in result.history]).all()


def test_diverging_at_once_keeps_the_start_and_a_warning_is_not_shown():
    network = Network("2-1")
    with pytest.raises(DivergedError, match="in epoch 1, with lr 1e") as caught:
        train(network, X * 1e150, Y, lr=1e200, standardize=False)
    assert same(caught.value.result.parameters, network.init(0))
    assert caught.value.result.history == ()


@pytest.mark.parametrize("end", [KeyboardInterrupt, lambda: signal.raise_signal(signal.SIGINT)])
def test_ctrl_c_ends_training_and_keeps_what_was_learnt(end):
    def stop_in_the_third(epoch):
        if epoch.number == 3:
            raise end() or AssertionError("the signal came too late")

    result = train(Network("2-1"), X, Y, epochs=1000, on_epoch=stop_in_the_third)
    expected = train(Network("2-1"), X, Y, epochs=3)
    assert result.interrupted
    assert not expected.interrupted
    assert result.history == expected.history
    assert same(result.parameters, expected.parameters)


REFUSALS = {
    "x too wide": (
        {"x": np.zeros((4, 3))},
        "x has shape (4, 3), but the network takes (N, 2)",
    ),
    "y too wide": (
        {"y": np.zeros((23, 2))},
        "y has shape (23, 2), but the network takes (N, 1)",
    ),
    "x flat": ({"x": np.zeros(4)}, "x has shape (4,), but the network takes (N, 2)"),
    "x a cube": ({"x": np.zeros((4, 2, 1))}, "x has shape (4, 2, 1), but the network takes (N, 2)"),
    "not as many": ({"y": Y[:4]}, "x has 23 rows and y has 4; they must pair up"),
    "none": ({"x": np.zeros((0, 2))}, "x has no rows"),
    "ragged": ({"x": [[1, 2], [3]]}, "the rows of x differ in length"),
    "text": ({"x": [["a", "b"]]}, "x holds <U1, not real numbers"),
    "complex": ({"y": Y + 1j}, "y holds complex128, not real numbers"),
    "nan": (
        {"x": np.where(X[2, 1] == X, np.nan, X)},
        "x[2, 1] is nan, not a finite number",
    ),
    "infinite": ({"y": [np.inf] * 23}, "y[0, 0] is inf, not a finite number"),
    "epochs": ({"epochs": 0}, "epochs is 0; it is a whole number from 1"),
    "batch size": ({"batch_size": 2.5}, "batch_size is 2.5; it is a whole number from 1"),
    "seed": ({"seed": -1}, "seed is -1; it is a whole number from 0"),
    "negative lr": ({"lr": -0.1}, "lr is -0.1; it is a number above 0"),
    "nan lr": ({"lr": float("nan")}, "lr is nan; it is a number above 0"),
    "optimizer": (
        {"optimizer": "adm"},
        "no optimizer named 'adm'; did you mean 'adam'? Known: adam, momentum, nesterov, sgd",
    ),
    "validation above": ({"validation": 1.5}, "validation is 1.5; it is a share from 0 to below 1"),
    "validation of none": (
        {"validation": 0.01},
        "validation 0.01 of 23 samples holds out 0; "
        "there must be samples both to train on and to hold out",
    ),
    "validation of all": (
        {"validation": 0.99},
        "validation 0.99 of 23 samples holds out 23; "
        "there must be samples both to train on and to hold out",
    ),
    "dtype": ({"dtype": np.float16}, "dtype is float16; it is float32 or float64"),
    "parameters missing": (
        {"parameters": {"W1": [[1, 2]]}},
        "the parameters are W1; the network has W1, b1",
    ),
    "parameter of another shape": (
        {"parameters": {"W1": [[1], [2]], "b1": [0]}},
        "W1 has shape (2, 1); the network has (1, 2)",
    ),
    "parameter of text": (
        {"parameters": {"W1": [["a", "b"]], "b1": [0]}},
        "W1 is not an array of numbers",
    ),
    "parameter not finite": (
        {"parameters": {"W1": [[1, 2]], "b1": [np.inf]}},
        "b1 holds a number that is not finite",
    ),
    "features": (
        {"features": ["a"]},
        "features: 1 given, but the network has 2",
    ),
}


@pytest.mark.parametrize(("change", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_trained_on_is_refused(change, message):
    with pytest.raises(SymnnError) as caught:
        train(Network("2-1"), **{"x": X, "y": Y} | change)
    assert str(caught.value) == message


TARGETS = {
    "below 0": ("1-1:sigmoid", "bce", [[-1]], "loss bce takes targets from 0 to 1, but y holds -1"),
    "above 1": (
        "1-1",
        "bce_with_logits",
        [[2]],
        "loss bce_with_logits takes targets from 0 to 1, but y holds 2",
    ),
    "no distribution": (
        "1-2:softmax",
        "cross_entropy",
        [[0.5, 0.25]],
        "loss cross_entropy takes targets that sum to 1, but those of row 0 of y sum to 0.75",
    ),
}


@pytest.mark.parametrize(("spec", "loss", "y", "message"), TARGETS.values(), ids=TARGETS.keys())
def test_targets_that_break_what_the_loss_declares_are_refused(spec, loss, y, message):
    with pytest.raises(SymnnError) as caught:
        train(Network(spec, loss=loss), [[1.0]], y)
    assert str(caught.value) == message


def test_a_training_error_is_a_value_error():
    assert issubclass(DivergedError, TrainingError)
    assert issubclass(TrainingError, ValueError)
