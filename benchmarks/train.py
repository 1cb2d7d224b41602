"""One step and one epoch on the digits, against others: `python benchmarks/train.py`.

The network is 64-32-10, tanh, softmax with cross-entropy, batches of 64, float64. symnn's compiled
function is compared with NumPy by hand, PyTorch, JAX and scikit-learn: first that they give the
same numbers, then, interleaved in one process, how long they take. A step is the gradients and an
update by gradient descent. What needs a library that is not installed is left out, and said to be.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier
from timing import interleaved, show, show_machine

from symnn import Network, derive

Arrays = dict[str, np.ndarray]
Step = Callable[[Arrays, np.ndarray, np.ndarray], Arrays]

BATCH, RATE = 64, 0.1
DIGITS = load_digits()
X = DIGITS.data / 16.0
Y = np.eye(10)[DIGITS.target]
NETWORK = Network("64-32:tanh-10:softmax", loss="cross_entropy")
START = NETWORK.init(seed=0)


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch of whole batches, in order."""
    for start in range(0, len(X) - BATCH + 1, BATCH):
        yield X[start : start + BATCH], Y[start : start + BATCH]


def symnn_step() -> Step:
    """symnn's compiled function, and an update."""
    function = derive(NETWORK).lambdify()

    def step(p: Arrays, x: np.ndarray, y: np.ndarray) -> Arrays:
        _, gradients = function(p, x, y)
        return {name: value - RATE * gradients[name] for name, value in p.items()}

    return step


def numpy_step() -> Step:
    """What one would write by hand."""

    def step(p: Arrays, x: np.ndarray, y: np.ndarray) -> Arrays:
        a = np.tanh(x @ p["W1"].T + p["b1"])
        z = a @ p["W2"].T + p["b2"]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        delta2 = (e / e.sum(axis=1, keepdims=True) - y) / len(x)
        delta1 = (delta2 @ p["W2"]) * (1 - a**2)
        return {
            "W1": p["W1"] - RATE * (delta1.T @ x),
            "b1": p["b1"] - RATE * delta1.sum(axis=0),
            "W2": p["W2"] - RATE * (delta2.T @ a),
            "b2": p["b2"] - RATE * delta2.sum(axis=0),
        }

    return step


class TorchRun:
    """PyTorch, eager: autograd and its own optimizer, on its own tensors."""

    def __init__(self) -> None:
        import torch

        self.torch = torch
        torch.set_num_threads(1)
        first, second = torch.nn.Linear(64, 32), torch.nn.Linear(32, 10)
        self.net = torch.nn.Sequential(first, torch.nn.Tanh(), second).double()
        self.layers = {"W1": first.weight, "b1": first.bias, "W2": second.weight, "b2": second.bias}
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=RATE)
        self.data = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in batches()]
        self.set(START)

    def set(self, p: Arrays) -> None:
        """Take these parameters."""
        with self.torch.no_grad():
            for name, tensor in self.layers.items():
                tensor.copy_(self.torch.from_numpy(p[name]))

    def step(self, number: int) -> None:
        """One step on one batch."""
        x, y = self.data[number]
        self.optimizer.zero_grad()
        self.torch.nn.functional.cross_entropy(self.net(x), y).backward()
        self.optimizer.step()

    def parameters(self) -> Arrays:
        """The parameters now."""
        return {name: tensor.detach().numpy().copy() for name, tensor in self.layers.items()}


class JaxRun:
    """JAX, compiled by jit; each step is waited for at the end of the epoch."""

    def __init__(self) -> None:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)

        def loss(p: Arrays, x: np.ndarray, y: np.ndarray) -> object:
            a = jnp.tanh(x @ p["W1"].T + p["b1"])
            return -jnp.sum(y * jax.nn.log_softmax(a @ p["W2"].T + p["b2"])) / len(x)

        def step(p: Arrays, x: np.ndarray, y: np.ndarray) -> Arrays:
            gradients = jax.grad(loss)(p, x, y)
            return {name: value - RATE * gradients[name] for name, value in p.items()}

        self.jax, self.run = jax, jax.jit(step)
        self.data = [(jnp.asarray(x), jnp.asarray(y)) for x, y in batches()]
        self.set(START)

    def set(self, p: Arrays) -> None:
        """Take these parameters."""
        self.p = {name: self.jax.numpy.asarray(value) for name, value in p.items()}

    def step(self, number: int, *, waits: bool = True) -> None:
        """One step on one batch."""
        self.p = self.run(self.p, *self.data[number])
        if waits:
            self.jax.block_until_ready(self.p)

    def parameters(self) -> Arrays:
        """The parameters now."""
        return {name: np.asarray(value) for name, value in self.p.items()}


class ScikitRun:
    """scikit-learn's partial_fit; of a batch it makes one step. It also shuffles and checks."""

    def __init__(self) -> None:
        self.net = MLPClassifier(
            (32,), activation="tanh", solver="sgd", alpha=0.0, batch_size=BATCH,
            learning_rate_init=RATE, momentum=0.0, nesterovs_momentum=False, shuffle=False,
        )  # fmt: skip
        self.data = [(x, y.argmax(axis=1)) for x, y in batches()]
        self.net.partial_fit(*self.data[0], classes=range(10))
        self.set(START)

    def set(self, p: Arrays) -> None:
        """Take these parameters."""
        self.net.coefs_ = [p["W1"].T.copy(), p["W2"].T.copy()]
        self.net.intercepts_ = [p["b1"].copy(), p["b2"].copy()]

    def step(self, number: int) -> None:
        """One step on one batch."""
        self.net.partial_fit(*self.data[number])

    def parameters(self) -> Arrays:
        """The parameters now."""
        (w1, w2), (b1, b2) = self.net.coefs_, self.net.intercepts_
        return {"W1": w1.T.copy(), "b1": b1, "W2": w2.T.copy(), "b2": b2}


class FunctionRun:
    """A step that takes parameters and gives new ones."""

    def __init__(self, function: Step) -> None:
        self.function, self.data = function, list(batches())
        self.set(START)

    def set(self, p: Arrays) -> None:
        """Take these parameters."""
        self.p = p

    def step(self, number: int) -> None:
        """One step on one batch."""
        self.p = self.function(self.p, *self.data[number])

    def parameters(self) -> Arrays:
        """The parameters now."""
        return self.p


RUNS = {
    "symnn": lambda: FunctionRun(symnn_step()),
    "NumPy by hand": lambda: FunctionRun(numpy_step()),
    "PyTorch, eager": TorchRun,
    "JAX, jit": JaxRun,
    "scikit-learn": ScikitRun,
}


def made() -> dict:
    """Each run of which the library is there."""
    found = {}
    for name, make in RUNS.items():
        try:
            found[name] = make()
        except ImportError as error:
            print(f"left out: {name} ({error})")
    return found


def epoch(run: object) -> None:
    """One pass over the batches."""
    for number in range(len(run.data)):
        run.step(number)


def jax_epoch(run: JaxRun) -> None:
    """The same, waiting at the end alone, as JAX is used."""
    for number in range(len(run.data)):
        run.step(number, waits=False)
    run.jax.block_until_ready(run.p)


def check_equal(runs: dict) -> None:
    """Print how far apart the parameters are after an epoch; stop where it is not rounding."""
    print("\nFarthest from symnn's parameters after one epoch")
    results = {}
    for name, run in runs.items():
        run.set(START)
        epoch(run)
        results[name] = run.parameters()
    for name, result in results.items():
        apart = max(np.abs(result[k] - v).max() for k, v in results["symnn"].items())
        print(f"  {name:<15} {apart:.0e}")
        assert apart < 1e-12, f"{name} computes something else"


def main() -> None:
    """Compare, measure and print."""
    show_machine()
    runs = made()
    check_equal(runs)
    for run in runs.values():
        run.set(START)
    steps = {name: partial(run.step, 0) for name, run in runs.items()}
    show(f"One step, a batch of {BATCH}", interleaved(300, steps), "symnn")
    epochs = {
        name: partial(jax_epoch if isinstance(run, JaxRun) else epoch, run)
        for name, run in runs.items()
    }
    show(f"One epoch, {len(X) // BATCH} steps", interleaved(30, epochs), "symnn")


if __name__ == "__main__":
    main()
