"""The compiled function against PyTorch, in double precision: every pair, and a training."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from symnn.derivation import derive
from symnn.network import Network
from symnn.training import train
from tests.nets import compiled, derived, some_net
from tests.oracles import TORCH_ACTIVATIONS, TORCH_LOSSES, TORCH_TRAINED

TOLERANCE = 1e-12
DIGITS_NETWORK = Network("64-32-10:softmax", loss="cross_entropy")
BATCH = 64
STEPS = 200
RATE = 0.1


class Twin:
    """The same network in PyTorch: its own forward pass, its own derivatives."""

    def __init__(self, torch, network, parameters):
        self.torch, self.network = torch, network
        self.parameters = {
            name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()
        }

    def outputs(self, x):
        rows = self.torch.tensor(x)
        for number, row in enumerate(self.network.activations, start=1):
            weights, bias = (self.parameters[f"{name}{number}"] for name in "Wb")
            trained = [self.parameters[f"{o.symbol}{number}"] for o in row.options if o.is_trained]
            function = {**TORCH_ACTIVATIONS, **(TORCH_TRAINED if trained else {})}[row.name]
            rows = function(self.torch)(rows @ weights.T + bias, *trained)
        return rows

    def loss_and_gradients(self, x, y):
        loss = TORCH_LOSSES[self.network.loss.name](self.torch)
        value = loss(self.outputs(x), self.torch.tensor(y))
        gradients = self.torch.autograd.grad(value, [*self.parameters.values()])
        named = zip(self.parameters, (g.numpy() for g in gradients), strict=True)
        return value.item(), dict(named)


def worst(values, oracles):
    """The largest error of any array, relative to its oracle's largest number, or to 1/1000."""
    errors = []
    for value, oracle in zip(values, oracles, strict=True):
        value, oracle = np.asarray(value), np.asarray(oracle)
        if value.shape != oracle.shape:
            return np.inf
        errors.append(np.abs(value - oracle).max() / max(1e-3, np.abs(oracle).max()))
    return max(error if np.isfinite(error) else np.inf for error in errors)


def batch_of(network, seed, samples=7):
    generator = np.random.default_rng(seed)
    parameters = {n: generator.normal(size=s) for n, s in network.parameter_shapes.items()}
    x = 2 * generator.normal(size=(samples, network.sizes[0]))
    t = generator.uniform(0.1, 0.9, size=(samples, network.sizes[-1]))
    return parameters, x, t / t.sum(axis=1, keepdims=True) if network.system.sums_to_one else t


@some_net
def test_the_loss_and_its_gradients_are_those_of_pytorch(spec, loss, torch):
    network = derived(spec, loss).model
    parameters, x, y = batch_of(network, seed=0)
    value, gradients = compiled(spec, loss)(parameters, x, y)
    twin = Twin(torch, network, parameters)
    expected, known = twin.loss_and_gradients(x, y)
    outputs = compiled(spec, loss).predict(parameters, x)
    assert worst([outputs], [twin.outputs(x).detach()]) <= TOLERANCE
    assert worst([value], [expected]) <= TOLERANCE
    assert worst(gradients.values(), known.values()) <= TOLERANCE


@pytest.fixture(scope="module")
def digits():
    """The 1797 images, from 0 to 1, and their digits one-hot."""
    data = load_digits()
    return data.data / 16, np.eye(10)[data.target]


def test_the_gradients_of_a_batch_of_digits_are_those_of_pytorch(digits, torch):
    x, y = (array[:BATCH] for array in digits)
    parameters = DIGITS_NETWORK.init(seed=0)
    value, gradients = derive(DIGITS_NETWORK).lambdify()(parameters, x, y)
    expected, known = Twin(torch, DIGITS_NETWORK, parameters).loss_and_gradients(x, y)
    assert worst([value], [expected]) <= TOLERANCE
    assert worst(gradients.values(), known.values()) <= TOLERANCE


def test_two_hundred_steps_lead_where_pytorchs_do(digits, torch):
    mine = DIGITS_NETWORK.init(seed=0)
    function, twin = derive(DIGITS_NETWORK).lambdify(), Twin(torch, DIGITS_NETWORK, mine)
    optimizer = torch.optim.SGD(twin.parameters.values(), lr=RATE)
    x, y = digits
    for step in range(STEPS):
        rows = np.arange(step * BATCH, (step + 1) * BATCH) % len(x)
        _, gradients = function(mine, x[rows], y[rows])
        mine = {name: value - RATE * gradients[name] for name, value in mine.items()}
        _, known = twin.loss_and_gradients(x[rows], y[rows])
        for name, tensor in twin.parameters.items():
            tensor.grad = torch.tensor(known[name])
        optimizer.step()
    theirs = [tensor.detach().numpy() for tensor in twin.parameters.values()]
    assert worst(mine.values(), theirs) <= 1e-9
    start = DIGITS_NETWORK.init(seed=0)
    assert worst(start.values(), theirs) > 0.1


def test_a_fifth_of_the_digits_that_was_held_out_is_read(digits):
    x, y = digits
    result = train(
        DIGITS_NETWORK, x, y, epochs=20, optimizer="adam", lr=0.005, validation=0.2, seed=0
    )
    assert result.history[-1].validation_accuracy >= 0.96
    assert result.history[0].validation_accuracy < result.history[-1].validation_accuracy


MUTANTS = {
    "a sign": lambda g: -g,
    "an eleventh digit": lambda g: g * (1 + 1e-11),
    "a transpose": lambda g: g.T,
    "not a number": lambda g: g * np.nan,
}


@pytest.mark.parametrize("mutate", MUTANTS.values(), ids=MUTANTS)
def test_a_wrong_gradient_is_seen(mutate):
    gradient = np.random.default_rng(0).normal(size=(2, 3))
    assert worst([gradient], [gradient]) == 0
    assert worst([mutate(gradient)], [gradient]) > TOLERANCE
