"""The losses: a table of formulas in the outputs `P[n,k]` and targets `T[n,k]`, with their sources.

Each formula is the whole loss, its reduction included, over `n` samples and `k` outputs; the
reductions are PyTorch's. An option (the δ of Huber's loss) is a symbol in a formula, with PyTorch's
name and usual value. A kink is a policy, the same for every backend. Data, no logic; no derivative
stands here.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from sympy import (
    Abs,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    Rational,
    Symbol,
    cosh,
    exp,
    log,
    sqrt,
)

from symnn.activations import ACTIVATIONS
from symnn.binding import total
from symnn.cases import Piecewise
from symnn.equations import SAMPLES
from symnn.functions import U, elementwise
from symnn.options import Option
from symnn.rows import OTHER_UNIT, OUTPUT, SAMPLE, TARGET, UNIT, WIDTH, Loss, P, T

__all__ = ["LOSSES", "SAMPLE", "Loss", "P", "T"]

ALPHA, BETA, DELTA, EPSILON, GAMMA, TAU = (
    Symbol(name, real=True) for name in ("alpha", "beta", "delta", "epsilon", "gamma", "tau")
)
MARGIN, VARIANCE, WEIGHT, KAPPA = (Symbol(name, real=True) for name in ("mu", "v", "q", "kappa"))


def _mean(term: Expr) -> Expr:
    return _sum(term) / (SAMPLES * WIDTH)


def _sum(term: Expr) -> Expr:
    return total(term, UNIT, SAMPLE)


def _option(name: str, symbol: Symbol, value: str, *also: str) -> Option:
    return Option(name, symbol, Rational(value), also)


def _entry(symbol: Symbol) -> Indexed:
    """The number of output k, of an option that is a list of one for each."""
    return IndexedBase(symbol.name, real=True)[UNIT]


def _class_mean(term: Expr) -> Expr:
    """The sum over outputs, the mean over samples weighted by the κ of the target's class.

    That is PyTorch's for numbers of classes, which one-hot targets are; the weights of targets that
    are shares add up to theirs.
    """
    return _sum(KAPPA * term) / _sum(KAPPA * _t)


_MEAN = "mean over samples and outputs"
_SUM = "sum over samples and outputs"
_ROWS_MEAN = "sum over outputs, mean over samples"
_p, _t = OUTPUT, TARGET
_other, _other_t = P[SAMPLE, OTHER_UNIT], T[SAMPLE, OTHER_UNIT]
_softplus = type(ACTIVATIONS["softplus"].expression)
_relu = type(ACTIVATIONS["relu"].expression)
_huber = elementwise(
    "huber",
    Piecewise((U**2 / 2, Abs(U) <= DELTA), (DELTA * (Abs(U) - DELTA / 2), True), evaluate=False),
)
_smooth = elementwise(
    "smooth_l1",
    Piecewise((U**2 / (2 * BETA), Abs(U) < BETA), (Abs(U) - BETA / 2, True), evaluate=False),
)
_pinball = elementwise("pinball", Piecewise((TAU * U, U > 0), ((TAU - 1) * U, True)))
_log_cosh = elementwise("log_cosh", log(cosh(U)))
_xlogx = elementwise("xlogx", Piecewise((U * log(U), U > 0), (0, True)))
_log_softmax = _p - log(total(exp(_other), OTHER_UNIT))
_smoothed = (1 - EPSILON) * _t + EPSILON / WIDTH
_smoothing = _option("label_smoothing", EPSILON, "0")
_p_weight = replace(_option("pos_weight", WEIGHT, "1"), entry=_entry(WEIGHT))
_weight = replace(_option("weight", KAPPA, "1"), entry=_entry(KAPPA))
_by_class = replace(_weight, is_list=True)
_kappa = _weight.entry
_AT_MARGIN = "ReLU′(0) = 0, as in PyTorch"

_ROWS = (
    Loss("mse", "mean squared error", _mean((_p - _t) ** 2), _MEAN, "torch.nn.MSELoss"),
    Loss(
        "sse",
        "sum of squared errors",
        _sum((_p - _t) ** 2),
        _SUM,
        "torch.nn.MSELoss(reduction='sum')",
    ),
    Loss(
        "half_sse",
        "half the sum of squared errors",
        _sum((_p - _t) ** 2) / 2,
        _SUM,
        "Bishop 2006, equation 5.11",
    ),
    Loss(
        "mae",
        "mean absolute error",
        _mean(Abs(_p - _t)),
        _MEAN,
        "torch.nn.L1Loss",
        kink="|u|′ = 0 at u = 0, as in PyTorch (JAX takes 1)",
        also=("l1",),
    ),
    Loss(
        "huber",
        "Huber loss, δ = {delta}",
        _mean(_huber(_p - _t)),
        _MEAN,
        "Huber 1964; torch.nn.HuberLoss",
        options=(_option("delta", DELTA, "1"),),
        requires=(DELTA > 0,),
    ),
    Loss(
        "bce",
        "binary cross-entropy",
        -_mean(KAPPA * (WEIGHT * _t * log(_p) + (1 - _t) * log(1 - _p))),
        _MEAN,
        "torch.nn.BCELoss",
        lower=Integer(0),
        upper=Integer(1),
        options=(_p_weight, _weight),
        requires=(WEIGHT > 0, KAPPA >= 0),
    ),
    Loss(
        "bce_with_logits",
        "binary cross-entropy with logits",
        _mean(KAPPA * (_softplus(_p) - _t * _p + (WEIGHT - 1) * _t * _softplus(-_p))),
        _MEAN,
        "torch.nn.BCEWithLogitsLoss",
        takes_logits=True,
        options=(_p_weight, _weight),
        requires=(WEIGHT > 0, KAPPA >= 0),
    ),
    Loss(
        "cross_entropy",
        "cross-entropy",
        -_sum(_smoothed * log(_p)) / SAMPLES,
        _ROWS_MEAN,
        "Goodfellow, Bengio and Courville 2016, section 3.13",
        lower=Integer(0),
        upper=Integer(1),
        takes_distribution=True,
        targets_sum_to_one=True,
        options=(_smoothing, _by_class),
        requires=(EPSILON >= 0, EPSILON <= 1, KAPPA >= 0),
        weighted=-_class_mean(_smoothed * log(_p)),
    ),
    Loss(
        "cross_entropy_with_logits",
        "cross-entropy with logits",
        -_sum(_smoothed * _log_softmax) / SAMPLES,
        _ROWS_MEAN,
        "torch.nn.CrossEntropyLoss",
        takes_logits=True,
        targets_sum_to_one=True,
        options=(_smoothing, _by_class),
        requires=(EPSILON >= 0, EPSILON <= 1, KAPPA >= 0),
        weighted=-_class_mean(_smoothed * _log_softmax),
    ),
    Loss(
        "smooth_l1",
        "smooth L1 loss, β = {beta}",
        _mean(_smooth(_p - _t)),
        _MEAN,
        "Girshick 2015; torch.nn.SmoothL1Loss",
        options=(_option("beta", BETA, "1"),),
        requires=(BETA > 0,),
    ),
    Loss(
        "log_cosh",
        "logarithm of the hyperbolic cosine",
        _mean(_log_cosh(_p - _t)),
        _MEAN,
        "keras.losses.LogCosh",
    ),
    Loss(
        "quantile",
        "quantile (pinball) loss, τ = {tau}",
        _mean(_pinball(_t - _p)),
        _MEAN,
        "Koenker and Bassett 1978; sklearn.metrics.mean_pinball_loss",
        kink="pinball′(0) = {tau} − 1, that from the left",
        options=(_option("tau", TAU, "1/2"),),
        requires=(TAU > 0, TAU < 1),
        also=("pinball",),
    ),
    Loss(
        "rmse",
        "root of the mean squared error",
        sqrt(_mean((_p - _t) ** 2)),
        _MEAN,
        "sklearn.metrics.root_mean_squared_error",
    ),
    Loss(
        "msle",
        "mean squared logarithmic error",
        _mean((log(1 + _p) - log(1 + _t)) ** 2),
        _MEAN,
        "sklearn.metrics.mean_squared_log_error",
        lower=Integer(0),
    ),
    Loss(
        "mape",
        "mean absolute percentage error, as a fraction",
        _mean(Abs(_p - _t) / Abs(_t)),
        _MEAN,
        "sklearn.metrics.mean_absolute_percentage_error",
        kink="|u|′ = 0 at u = 0",
    ),
    Loss(
        "poisson_nll",
        "Poisson negative log-likelihood of a logarithm",
        _mean(exp(_p) - _t * _p),
        _MEAN,
        "torch.nn.PoissonNLLLoss",
    ),
    Loss(
        "gaussian_nll",
        "Gaussian negative log-likelihood, variance {var}",
        _mean(log(VARIANCE) / 2 + (_p - _t) ** 2 / (2 * VARIANCE)),
        _MEAN,
        "Nix and Weigend 1994; torch.nn.GaussianNLLLoss",
        options=(_option("var", VARIANCE, "1"),),
        requires=(VARIANCE > 0,),
    ),
    Loss(
        "kl_div",
        "Kullback-Leibler divergence, of log-probabilities",
        _sum(_xlogx(_t) - _t * _p) / SAMPLES,
        _ROWS_MEAN,
        "Kullback and Leibler 1951; torch.nn.KLDivLoss(reduction='batchmean')",
    ),
    Loss(
        "nll",
        "negative log-likelihood, of log-probabilities",
        -_sum(_t * _p) / SAMPLES,
        _ROWS_MEAN,
        "torch.nn.NLLLoss",
        options=(_by_class,),
        requires=(KAPPA >= 0,),
        weighted=-_class_mean(_t * _p),
    ),
    Loss(
        "soft_margin",
        "soft margin loss, targets −1 and 1",
        _mean(_softplus(-_t * _p)),
        _MEAN,
        "torch.nn.SoftMarginLoss",
    ),
    Loss(
        "hinge",
        "hinge loss, targets −1 and 1",
        _mean(_relu(1 - _t * _p)),
        _MEAN,
        "Vapnik 1995; keras.losses.Hinge",
        kink=_AT_MARGIN,
    ),
    Loss(
        "squared_hinge",
        "squared hinge loss, targets −1 and 1",
        _mean(_relu(1 - _t * _p) ** 2),
        _MEAN,
        "keras.losses.SquaredHinge",
    ),
    Loss(
        "hinge_embedding",
        "hinge loss of a distance, targets −1 and 1, margin {margin}",
        _mean(Piecewise((_p, _t > 0), (_relu(MARGIN - _p), True))),
        _MEAN,
        "torch.nn.HingeEmbeddingLoss",
        kink=_AT_MARGIN,
        options=(_option("margin", MARGIN, "1"),),
    ),
    Loss(
        "multi_margin",
        "multi-class hinge loss, targets one-hot, margin {margin}",
        total(KAPPA * _t * (_relu(MARGIN - _p + _other) - MARGIN / WIDTH), OTHER_UNIT, UNIT, SAMPLE)
        / (SAMPLES * WIDTH),
        _MEAN,
        "Crammer and Singer 2001; torch.nn.MultiMarginLoss",
        kink=_AT_MARGIN,
        options=(_option("margin", MARGIN, "1"), _weight),
        requires=(MARGIN >= 0, KAPPA >= 0),
    ),
    Loss(
        "multilabel_margin",
        "multi-label hinge loss, targets 0 and 1",
        total(_t * (1 - _other_t) * _relu(1 - _p + _other), OTHER_UNIT, UNIT, SAMPLE)
        / (SAMPLES * WIDTH),
        _MEAN,
        "torch.nn.MultiLabelMarginLoss",
        kink=_AT_MARGIN,
    ),
    Loss(
        "multilabel_soft_margin",
        "multi-label soft margin loss",
        _mean(KAPPA * (_t * _softplus(-_p) + (1 - _t) * _softplus(_p))),
        _MEAN,
        "torch.nn.MultiLabelSoftMarginLoss",
        takes_logits=True,
        options=(_weight,),
        requires=(KAPPA >= 0,),
    ),
    Loss(
        "focal",
        "focal loss, γ = {gamma}, α = {alpha}",
        -_mean(
            ALPHA * _t * (1 - _p) ** GAMMA * log(_p)
            + (1 - ALPHA) * (1 - _t) * _p**GAMMA * log(1 - _p)
        ),
        _MEAN,
        "Lin, Goyal, Girshick, He and Dollár 2017",
        lower=Integer(0),
        upper=Integer(1),
        options=(_option("gamma", GAMMA, "2"), _option("alpha", ALPHA, "1/4")),
        requires=(GAMMA >= 1, ALPHA >= 0, ALPHA <= 1),
    ),
    Loss(
        "cosine",
        "cosine distance of each sample's outputs and targets",
        total(
            1
            - total(_other * _other_t, OTHER_UNIT)
            / sqrt(total(_other**2, OTHER_UNIT) * total(_other_t**2, OTHER_UNIT)),
            SAMPLE,
        )
        / SAMPLES,
        "mean over samples",
        "torch.nn.CosineEmbeddingLoss with the target 1",
        also=("cosine_embedding",),
    ),
)

LOSSES: Mapping[str, Loss] = MappingProxyType({row.name: row for row in _ROWS})
