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
