"""The libraries that the tests ask for a second opinion, and their names of the rows."""

import os
from importlib import import_module
from importlib.util import find_spec

import pytest

TORCH_ACTIVATIONS = {
    "identity": lambda torch: torch.nn.Identity(),
    "sigmoid": lambda torch: torch.nn.Sigmoid(),
    "tanh": lambda torch: torch.nn.Tanh(),
    "relu": lambda torch: torch.nn.ReLU(),
    "leaky_relu": lambda torch: torch.nn.LeakyReLU(),
    "elu": lambda torch: torch.nn.ELU(),
    "softplus": lambda torch: torch.nn.Softplus(),
    "silu": lambda torch: torch.nn.SiLU(),
    "gelu": lambda torch: torch.nn.GELU(),
    "softmax": lambda torch: torch.nn.Softmax(dim=-1),
    "selu": lambda torch: torch.nn.SELU(),
    "celu": lambda torch: torch.nn.CELU(),
    "gelu_tanh": lambda torch: torch.nn.GELU(approximate="tanh"),
    "quick_gelu": lambda torch: lambda u: u * torch.sigmoid(1.702 * u),
    "swish": lambda torch: torch.nn.SiLU(),
    "prelu": lambda torch: lambda u: torch.nn.functional.prelu(u, torch.full((1,), 0.25).to(u)),
    "mish": lambda torch: torch.nn.Mish(),
    "relu6": lambda torch: torch.nn.ReLU6(),
    "rrelu": lambda torch: torch.nn.RReLU().eval(),
    "hardtanh": lambda torch: torch.nn.Hardtanh(),
    # Not its own Hardsigmoid, whose slope 1/6 it holds in single precision.
    "hardsigmoid": lambda torch: lambda u: (torch.nn.functional.hardtanh(u / 3) + 1) / 2,
    "hardswish": lambda torch: torch.nn.Hardswish(),
    "softsign": lambda torch: torch.nn.Softsign(),
    "softshrink": lambda torch: torch.nn.Softshrink(),
    "hardshrink": lambda torch: torch.nn.Hardshrink(),
    "tanhshrink": lambda torch: torch.nn.Tanhshrink(),
    "logsigmoid": lambda torch: torch.nn.LogSigmoid(),
    "threshold": lambda torch: torch.nn.Threshold(1.0, 0.0),
    "squareplus": lambda torch: lambda u: (u + torch.sqrt(u**2 + 4)) / 2,
    "sparse_plus": lambda torch: lambda u: (torch.relu(u + 1) ** 2 - torch.relu(u - 1) ** 2) / 4,
    "sparse_sigmoid": lambda torch: lambda u: (torch.nn.functional.hardtanh(u) + 1) / 2,
    "log_softmax": lambda torch: torch.nn.LogSoftmax(dim=-1),
    "softmin": lambda torch: torch.nn.Softmin(dim=-1),
}
# Of those with a trained parameter, which is the second argument.
TORCH_TRAINED = {
    "swish": lambda torch: lambda u, beta: u * torch.sigmoid(beta * u),
    "prelu": lambda torch: torch.nn.functional.prelu,
}
# The options of a row under other values than the usual ones, as PyTorch takes them.
TORCH_OPTIONS = {
    "leaky_relu(negative_slope=0.3)": lambda torch: torch.nn.LeakyReLU(0.3),
    "elu(alpha=0.5)": lambda torch: torch.nn.ELU(0.5),
    "softplus(beta=3)": lambda torch: torch.nn.Softplus(3.0, threshold=1e6),
    "silu(beta=2)": lambda torch: lambda u: u * torch.sigmoid(2 * u),
    "celu(alpha=2)": lambda torch: torch.nn.CELU(2.0),
    "swish(beta=-0.5)": lambda torch: lambda u: u * torch.sigmoid(-0.5 * u),
    "prelu(weight=-0.5)": lambda torch: torch.nn.LeakyReLU(-0.5),
    "rrelu(lower=0.25,upper=0.5)": lambda torch: torch.nn.RReLU(0.25, 0.5).eval(),
    "hardtanh(min_val=-0.5,max_val=2)": lambda torch: torch.nn.Hardtanh(-0.5, 2.0),
    "softshrink(lambd=1)": lambda torch: torch.nn.Softshrink(1.0),
    "hardshrink(lambd=1)": lambda torch: torch.nn.Hardshrink(1.0),
    "threshold(threshold=0.5,value=-2)": lambda torch: torch.nn.Threshold(0.5, -2.0),
    "squareplus(b=0.5)": lambda torch: lambda u: (u + torch.sqrt(u**2 + 0.5)) / 2,
}
TORCH_LOSSES = {
    "mse": lambda torch: torch.nn.MSELoss(),
    "sse": lambda torch: torch.nn.MSELoss(reduction="sum"),
    "half_sse": lambda torch: lambda p, t: torch.nn.MSELoss(reduction="sum")(p, t) / 2,
    "mae": lambda torch: torch.nn.L1Loss(),
    "huber": lambda torch: torch.nn.HuberLoss(),
    "bce": lambda torch: torch.nn.BCELoss(),
    "bce_with_logits": lambda torch: torch.nn.BCEWithLogitsLoss(),
    # PyTorch has it for logits alone.
    "cross_entropy": lambda torch: lambda p, t: -(t * torch.log(p)).sum(dim=-1).mean(),
    "cross_entropy_with_logits": lambda torch: torch.nn.CrossEntropyLoss(),
}


def needed(name):
    """The module called `name`; without it the test is skipped, and in CI it fails."""
    if find_spec(name) is not None:
        return import_module(name)
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {name}: pip install -e '.[oracles]'")
    return pytest.skip(f"{name} is not installed")
