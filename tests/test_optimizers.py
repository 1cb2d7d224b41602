"""The optimizers: every row against PyTorch, and what must hold of every row."""

import numpy as np
import pytest

from symnn.optimizers import GRADIENT, OPTIMIZERS, PARAMETER, RATE, STEP, Optimizer, compiled
from tests.oracles import needed

ROWS = pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())

IN_TORCH = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {}),
}


def gradients(dtype=np.float64):
    rng = np.random.default_rng(3)
    return [rng.normal(size=(4, 3)).astype(dtype) for _ in range(12)]


def run(row: Optimizer, start, grads, **chosen):
    rule = compiled(row)
    parameter, state = start, rule.start(start)
    for t, gradient in enumerate(grads, start=1):
        parameter, state = rule.step(parameter, gradient, state, t, **chosen)
    return parameter, state


@ROWS
@pytest.mark.parametrize("eta", [0.3, 0.001])
def test_twelve_steps_are_those_of_pytorch(row, eta):
    torch = needed("torch")
    start = np.random.default_rng(4).normal(size=(4, 3))
    name, options = IN_TORCH[row.name]
    theirs = torch.tensor(start.copy(), requires_grad=True)
    optimizer = getattr(torch.optim, name)([theirs], lr=eta, **options)
    for gradient in gradients():
        theirs.grad = torch.tensor(gradient)
        optimizer.step()
    ours, _ = run(row, start, gradients(), eta=eta)
    assert np.abs(ours - theirs.detach().numpy()).max() < 1e-12


@ROWS
def test_a_wrong_rate_would_be_seen(row):
    start = np.zeros((4, 3))
    right, _ = run(row, start, gradients(), eta=0.1)
    wrong, _ = run(row, start, gradients(), eta=0.1001)
    assert np.abs(right - wrong).max() > 1e-6


@ROWS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_optimizer_never_changes_the_dtype(row, dtype):
    parameter, state = run(row, np.ones((4, 3), dtype), gradients(dtype))
    assert parameter.dtype == dtype
    assert [array.dtype for array in state.values()] == [dtype] * len(row.state)


@ROWS
def test_a_step_changes_nothing_in_place(row):
    parameter, gradient = np.ones(3), np.full(3, 0.5)
    rule = compiled(row)
    state = rule.start(parameter)
    rule.step(parameter, gradient, state, 1)
    assert parameter.tolist() == [1, 1, 1]
    assert gradient.tolist() == [0.5, 0.5, 0.5]
    assert all(not array.any() for array in state.values())


@ROWS
def test_the_equations_speak_only_of_what_the_row_declares(row):
    known = {PARAMETER, GRADIENT, STEP, *row.state, *(h.symbol for h in row.hyperparameters)}
    for update in row.updates:
        assert update.expression.free_symbols <= known
        known.add(update.target)
    assert row.updates[-1].target == PARAMETER


@ROWS
def test_a_row_is_complete(row):
    assert row.title
    assert row.source
    assert row.rate > 0
    assert RATE in {h.symbol for h in row.hyperparameters}


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        OPTIMIZERS["mine"] = OPTIMIZERS["sgd"]  # type: ignore[index]


def test_the_equations_read_as_in_a_textbook():
    written = [f"{u.target} <- {u.expression}" for u in OPTIMIZERS["nesterov"].updates]
    assert written == ["v <- g + mu*v", "theta <- -eta*(g + mu*v) + theta"]
