"""Losses with several inputs, as equations in examples/losses: as PyTorch's, also at extremes."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from symnn import System, derive
from symnn.equations import Role
from tests.oracles import needed

FOLDER = Path(__file__).parent.parent / "examples" / "losses"
SIZES = {"N": 9, "D": 3, "H": 4, "K": 5}
TOLERANCE = 1e-12


def numbers(rng, shape):
    return rng.normal(size=shape)


def signs(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape)


def positive(rng, shape):
    return rng.uniform(0.2, 3, size=shape)


def chances(rng, shape):
    return rng.uniform(size=shape)


def one_hot(rng, shape):
    return np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]


def logits(v):
    return v["x"] @ v["W"].T + v["b"]


def triplet_margin(torch, v):
    ends = (torch.tanh(v[k] @ v["W"].T) for k in ("x", "positive", "negative"))
    return torch.nn.TripletMarginLoss(margin=v["margin"].item())(*ends)


def margin_ranking(torch, v):
    scores = (v[k] @ v["w"] for k in ("x", "other"))
    return torch.nn.MarginRankingLoss(margin=v["margin"].item())(*scores, v["y"])


def cosine_embedding(torch, v):
    ends = (v[k] @ v["W"].T for k in ("x", "other"))
    return torch.nn.CosineEmbeddingLoss(margin=v["margin"].item())(*ends, v["y"])


def weighted_cross_entropy(torch, v):
    return torch.nn.CrossEntropyLoss(weight=v["weight"])(logits(v), v["y"].argmax(1))


def weighted_bce_with_logits(torch, v):
    loss = torch.nn.BCEWithLogitsLoss(weight=v["weight"], pos_weight=v["pos_weight"])
    return loss(logits(v), v["y"])


def gaussian_nll(torch, v):
    return torch.nn.GaussianNLLLoss()(logits(v), v["y"], v["variance"])


# How a loss is had of PyTorch, and how those of its inputs are drawn that are no plain numbers.
CASES = {
    "triplet_margin": (triplet_margin, {"margin": positive}),
    "margin_ranking": (margin_ranking, {"margin": positive, "y": signs}),
    "cosine_embedding": (cosine_embedding, {"margin": chances, "y": signs}),
    "weighted_cross_entropy": (weighted_cross_entropy, {"weight": positive, "y": one_hot}),
    "weighted_bce_with_logits": (
        weighted_bce_with_logits,
        {"weight": positive, "pos_weight": positive, "y": chances},
    ),
    "gaussian_nll": (gaussian_nll, {"variance": positive}),
}
OF_LOGITS = ["weighted_cross_entropy", "weighted_bce_with_logits"]


@cache
def compiled(name):
    system = System.parse((FOLDER / f"{name}.eqs").read_text())
    return derive(system).lambdify()


def drawn(name, seed):
    """Values for the leaves of an example, by name."""
    rng = np.random.default_rng(seed)
    system = System.parse((FOLDER / f"{name}.eqs").read_text())
    special = CASES[name][1]
    leaves = system.named(Role.PARAMETER, Role.INPUT, Role.TARGET)
    shapes = {q.name: tuple(SIZES[str(s)] for s in q.shape) for q in leaves}
    return {k: np.asarray(special.get(k, numbers)(rng, s)) for k, s in shapes.items()}


def own(name, values):
    function = compiled(name)
    wanted = [q.name for q in function.program.inputs]
    parameters = {k: v for k, v in values.items() if k not in wanted}
    return function(parameters, *(values[k] for k in wanted))


def worst(name, values, torch):
    """How far loss and gradients are from PyTorch's, relative to the greatest number of each."""
    value, gradients = own(name, values)
    tensors = {k: torch.tensor(v, requires_grad=k in gradients) for k, v in values.items()}
    expected = CASES[name][0](torch, tensors)
    expected.backward()
    pairs = [(value, expected.detach().numpy())]
    pairs += [(g, tensors[k].grad.numpy()) for k, g in gradients.items()]
    assert all(np.shape(one) == other.shape for one, other in pairs)
    return max(np.abs(one - other).max() / np.abs(other).max() for one, other in pairs)


@pytest.fixture(scope="module")
def torch():
    return needed("torch")


def test_every_example_has_a_case():
    assert {path.stem for path in FOLDER.glob("*.eqs")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_loss_and_its_gradients_are_those_of_pytorch(name, torch):
    assert max(worst(name, drawn(name, seed), torch) for seed in range(5)) <= TOLERANCE


@pytest.mark.parametrize("name", OF_LOGITS)
def test_logits_of_a_thousand_keep_their_digits(name, torch):
    values = drawn(name, seed=0)
    values["x"] *= 1000
    assert worst(name, values, torch) <= TOLERANCE
    single = {k: v.astype(np.float32) for k, v in values.items()}
    value, gradients = own(name, single)
    assert np.isfinite(value)
    assert all(np.isfinite(g).all() and g.dtype == np.float32 for g in gradients.values())


def test_one_wrong_weight_is_seen(torch, monkeypatch):
    name = "weighted_cross_entropy"
    loss, special = CASES[name]

    def changed(torch, v):
        return loss(torch, {**v, "weight": v["weight"] + torch.eye(len(v["weight"]))[0] * 1e-6})

    monkeypatch.setitem(CASES, name, (changed, special))
    assert worst(name, drawn(name, seed=0), torch) > 1e-9
