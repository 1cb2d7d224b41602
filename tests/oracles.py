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
    "smooth_l1": lambda torch: torch.nn.SmoothL1Loss(),
    "log_cosh": lambda torch: lambda p, t: torch.log(torch.cosh(p - t)).mean(),
    "quantile": lambda torch: lambda p, t: (t - p).abs().mean() / 2,
    "rmse": lambda torch: lambda p, t: torch.sqrt(torch.nn.MSELoss()(p, t)),
    "msle": lambda torch: lambda p, t: torch.nn.MSELoss()(torch.log1p(p), torch.log1p(t)),
    "mape": lambda torch: lambda p, t: ((p - t) / t).abs().mean(),
    "poisson_nll": lambda torch: torch.nn.PoissonNLLLoss(),
    "gaussian_nll": lambda torch: lambda p, t: torch.nn.GaussianNLLLoss()(p, t, torch.ones_like(t)),
    "kl_div": lambda torch: torch.nn.KLDivLoss(reduction="batchmean"),
    # PyTorch takes numbers of classes here.
    "nll": lambda torch: lambda p, t: -(t * p).sum(dim=-1).mean(),
    "soft_margin": lambda torch: torch.nn.SoftMarginLoss(),
    "hinge": lambda torch: lambda p, t: torch.relu(1 - t * p).mean(),
    "squared_hinge": lambda torch: lambda p, t: (torch.relu(1 - t * p) ** 2).mean(),
    "hinge_embedding": lambda torch: (
        lambda p, t: torch.nn.HingeEmbeddingLoss()(p, torch.where(t > 0, 1.0, -1.0).to(p))
    ),
    "multi_margin": lambda torch: lambda p, t: margins(torch, p, t, 1.0),
    "multilabel_margin": lambda torch: lambda p, t: label_margins(torch, p, t),
    "multilabel_soft_margin": lambda torch: torch.nn.MultiLabelSoftMarginLoss(),
    "focal": lambda torch: lambda p, t: focal(torch, p, t, 2.0, 0.25),
    # Not its own CosineEmbeddingLoss, which adds 1e-12 to the squares.
    "cosine": lambda torch: lambda p, t: (1 - torch.nn.functional.cosine_similarity(p, t)).mean(),
}
# The options of a loss under other values than the usual ones.
TORCH_LOSS_OPTIONS = {
    "huber(delta=0.5)": lambda torch: torch.nn.HuberLoss(delta=0.5),
    "smooth_l1(beta=2)": lambda torch: torch.nn.SmoothL1Loss(beta=2.0),
    "quantile(tau=0.25)": lambda torch: (
        lambda p, t: torch.maximum(0.25 * (t - p), -0.75 * (t - p)).mean()
    ),
    "gaussian_nll(var=0.25)": lambda torch: (
        lambda p, t: torch.nn.GaussianNLLLoss()(p, t, torch.full_like(t, 0.25))
    ),
    "bce(pos_weight=3)": lambda torch: (
        lambda p, t: -(3 * t * torch.log(p) + (1 - t) * torch.log1p(-p)).mean()
    ),
    "bce_with_logits(pos_weight=3)": lambda torch: torch.nn.BCEWithLogitsLoss(
        pos_weight=torch.tensor(3.0, dtype=torch.float64)
    ),
    "cross_entropy(label_smoothing=0.25)": lambda torch: (
        lambda p, t: -((0.75 * t + 0.25 / p.shape[1]) * torch.log(p)).sum(dim=1).mean()
    ),
    "cross_entropy_with_logits(label_smoothing=0.25)": lambda torch: torch.nn.CrossEntropyLoss(
        label_smoothing=0.25
    ),
    "bce(weight=2)": lambda torch: (
        lambda p, t: -2 * (t * torch.log(p) + (1 - t) * torch.log1p(-p)).mean()
    ),
    "bce(pos_weight=[3,1,0.5],weight=[1,0,2])": lambda torch: (
        lambda p, t: torch.nn.BCEWithLogitsLoss(
            doubles(torch, 1, 0, 2), pos_weight=doubles(torch, 3, 1, 0.5)
        )(torch.logit(p), t)
    ),
    "bce_with_logits(pos_weight=[3,1,0.5],weight=[1,0,2])": lambda torch: (
        torch.nn.BCEWithLogitsLoss(doubles(torch, 1, 0, 2), pos_weight=doubles(torch, 3, 1, 0.5))
    ),
    "cross_entropy(weight=[1,2,0.5])": lambda torch: (
        lambda p, t: (
            -(t * torch.log(p) * doubles(torch, 1, 2, 0.5)).sum()
            / (t @ doubles(torch, 1, 2, 0.5)).sum()
        )
    ),
    "cross_entropy_with_logits(label_smoothing=0.25,weight=[1,0,2])": lambda torch: (
        lambda z, t: class_mean(torch, z, t, doubles(torch, 1, 0, 2), 0.25)
    ),
    "nll(weight=[1,2,0.5])": lambda torch: (
        lambda p, t: (
            -(t * p * doubles(torch, 1, 2, 0.5)).sum() / (t @ doubles(torch, 1, 2, 0.5)).sum()
        )
    ),
    "multi_margin(weight=[1,2,0.5])": lambda torch: (
        lambda p, t: margins(torch, p, t, 1.0, doubles(torch, 1, 2, 0.5))
    ),
    "multilabel_soft_margin(weight=[1,0,2])": lambda torch: torch.nn.MultiLabelSoftMarginLoss(
        doubles(torch, 1, 0, 2)
    ),
    "hinge_embedding(margin=2)": lambda torch: (
        lambda p, t: torch.nn.HingeEmbeddingLoss(2.0)(p, torch.where(t > 0, 1.0, -1.0).to(p))
    ),
    "multi_margin(margin=0.5)": lambda torch: lambda p, t: margins(torch, p, t, 0.5),
    "focal(gamma=3,alpha=0.5)": lambda torch: lambda p, t: focal(torch, p, t, 3.0, 0.5),
}


def doubles(torch, *numbers):
    """A tensor of numbers in double precision."""
    return torch.tensor(numbers, dtype=torch.float64)


def class_mean(torch, z, t, weight, label_smoothing=0.0):
    """PyTorch's weighted sum over targets that are shares, by the weights of these.

    For numbers of classes PyTorch divides by the weights too; for shares it divides by N.
    """
    loss = torch.nn.CrossEntropyLoss(weight, reduction="sum", label_smoothing=label_smoothing)
    return loss(z, t) / (t @ weight).sum()


def margins(torch, p, t, margin, weight=None):
    """PyTorch's multi-class hinge of each class, as far as the target is of that class."""
    loss = torch.nn.MultiMarginLoss(margin=margin, reduction="none", weight=weight)
    classes = torch.arange(p.shape[1])
    each = torch.stack([loss(p, k.repeat(len(p))) for k in classes], dim=1)
    return (t * each).sum(dim=1).mean()


def label_margins(torch, p, t):
    """The formula of PyTorch's multi-label hinge, for targets that may lie between 0 and 1."""
    gaps = torch.relu(1 - (p[:, :, None] - p[:, None, :]))
    return (t[:, :, None] * (1 - t[:, None, :]) * gaps).sum(dim=(1, 2)).mean() / p.shape[1]


def focal(torch, p, t, gamma, alpha):
    """Lin et al. 2017, equation 5, weighted by the target."""
    likely, unlikely = alpha * (1 - p) ** gamma, (1 - alpha) * p**gamma
    return -(t * likely * torch.log(p) + (1 - t) * unlikely * torch.log(1 - p)).mean()


def needed(name):
    """The module called `name`; without it the test is skipped, and in CI it fails."""
    if find_spec(name) is not None:
        return import_module(name)
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {name}: pip install -e '.[oracles]'")
    return pytest.skip(f"{name} is not installed")
