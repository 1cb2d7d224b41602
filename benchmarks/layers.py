"""The loss and all gradients of a convolution and of an LSTM, against NumPy by hand.

`python benchmarks/layers.py` first shows that both give the same numbers, then, interleaved in one
process, how long they take: sliding windows and `tensordot`, and a loop over time whose gates are
one product of matrices, as one would write them.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from timing import interleaved, show, show_machine

from symnn import Network, derive

Arrays = dict[str, np.ndarray]
Gradients = Callable[[Arrays, np.ndarray, np.ndarray], tuple[float, Arrays]]

RUNS = 60
CONVOLUTIONS = {
    "1x8x8-conv2d(8,3):relu-flatten-10, 64": (64, 1, 8, 8),
    "8x16x16-conv2d(16,3):relu-flatten-10, 32": (32, 8, 16, 16),
}
RECURRENT = {"16x8-lstm(32)-last-1, 64": (64, 16, 8)}


def convolution(p: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """A convolution, relu and a dense layer: the mean of squares, and its gradients."""
    windows = sliding_window_view(x, p["W1"].shape[2:], (2, 3))
    z = np.tensordot(windows, p["W1"], ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    z = z + p["b1"][:, None, None]
    a = np.maximum(z, 0).reshape(len(x), -1)
    error = a @ p["W3"].T + p["b3"] - y
    delta3 = 2 * error / error.size
    delta1 = (delta3 @ p["W3"]).reshape(z.shape) * (z > 0)
    return float(np.mean(error**2)), {
        "W1": np.tensordot(delta1, windows, ((0, 2, 3), (0, 2, 3))),
        "b1": delta1.sum(axis=(0, 2, 3)),
        "W3": delta3.T @ a,
        "b3": delta3.sum(axis=0),
    }


def sigmoid(u: np.ndarray) -> np.ndarray:
    """1/(1 + exp(-u))."""
    return 1 / (1 + np.exp(-u))


def lstm(p: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """An LSTM and a dense layer on its last state: the mean of squares, and its gradients."""
    gates, width = "ifog", len(p["bi1"])
    w, u, b = (np.concatenate([p[f"{kind}{gate}1"] for gate in gates]) for kind in "WUb")
    h = c = np.zeros((len(x), width))
    kept = []
    for t in range(x.shape[1]):
        z = x[:, t] @ w.T + h @ u.T + b
        s, g = sigmoid(z[:, : 3 * width]), np.tanh(z[:, 3 * width :])
        i, f, o = np.split(s, 3, axis=1)
        kept.append((h, c, i, f, o, g))
        c = f * c + i * g
        h = o * np.tanh(c)
        kept[-1] += (np.tanh(c),)
    error = h @ p["W3"].T + p["b3"] - y
    delta = 2 * error / error.size
    dw, du, db = np.zeros_like(w), np.zeros_like(u), np.zeros_like(b)
    dh, dc = delta @ p["W3"], np.zeros_like(c)
    for t in reversed(range(x.shape[1])):
        before, c, i, f, o, g, tanh = kept[t]
        dc = dc + dh * o * (1 - tanh**2)
        slopes = (dc * g * i * (1 - i), dc * c * f * (1 - f), dh * tanh * o * (1 - o))
        dz = np.concatenate([*slopes, dc * i * (1 - g**2)], axis=1)
        dw, du, db = dw + dz.T @ x[:, t], du + dz.T @ before, db + dz.sum(axis=0)
        dh, dc = dz @ u, dc * f
    found = {"W3": delta.T @ h, "b3": delta.sum(axis=0)}
    for kind, array in zip("WUb", (dw, du, db), strict=True):
        found |= {f"{kind}{g}1": part for g, part in zip(gates, np.split(array, 4), strict=True)}
    return float(np.mean(error**2)), found


def compare(title: str, x: np.ndarray, y: np.ndarray, by_hand: Gradients) -> None:
    """Show that both give the same, and how long they take."""
    network = Network(title.rpartition(",")[0], loss="mse")
    compiled, parameters = derive(network).lambdify(), network.init(seed=0)
    (one, gradients), (other, known) = (f(parameters, x, y) for f in (compiled, by_hand))
    worst = max(float(np.abs(gradients[name] - known[name]).max()) for name in known)
    assert abs(one - other) < 1e-12
    assert known.keys() == gradients.keys()
    assert worst < 1e-12
    print(f"\n{title}: all gradients agree to {worst:.1e}")
    cases = {
        "NumPy by hand": lambda: by_hand(parameters, x, y),
        "symnn": lambda: compiled(parameters, x, y),
    }
    show(title, interleaved(RUNS, cases), "NumPy by hand")


def main() -> None:
    """Compare every case."""
    show_machine()
    draws = np.random.default_rng(0)
    for title, shape in CONVOLUTIONS.items():
        x = draws.normal(size=shape)
        compare(title, x, draws.normal(size=(len(x), 10)), convolution)
    for title, shape in RECURRENT.items():
        x = draws.normal(size=shape)
        compare(title, x, draws.normal(size=(len(x), 1)), lstm)


if __name__ == "__main__":
    main()
