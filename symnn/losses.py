"""The losses: a table of formulas in the outputs `P[n,k]` and targets `T[n,k]`, with their sources.

Each formula is the whole loss, its reduction included, over `n` samples and `k` outputs; the
reductions are PyTorch's. Data, no logic; no derivative stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sympy import (
    Abs,
    Expr,
    Idx,
    IndexedBase,
    Integer,
    Piecewise,
    Rational,
    Symbol,
    exp,
    log,
    oo,
)

from symnn.activations import ACTIVATIONS, OTHER_UNIT, UNIT, WIDTH
from symnn.equations import SAMPLES, total
from symnn.functions import U, elementwise

P = IndexedBase("yhat", real=True)
T = IndexedBase("y", real=True)
SAMPLE = Idx(Symbol("n", integer=True), SAMPLES)


@dataclass(frozen=True)
class Loss:
    """A row: the name, the formula, its reduction in words, and the outputs that it fits.

    `lower` and `upper` bound the outputs for which it is defined. `takes_logits` refuses outputs
    that are probabilities already; `takes_distribution` asks for outputs that sum to one.
    `targets_sum_to_one` declares it of the targets, and a derivation may use it.
    """

    name: str
    title: str
    formula: Expr
    reduction: str
    source: str
    lower: Expr = -oo
    upper: Expr = oo
    takes_logits: bool = False
    takes_distribution: bool = False
    targets_sum_to_one: bool = False
    kink: str = ""


def _mean(term: Expr) -> Expr:
    return _sum(term) / (SAMPLES * WIDTH)


def _sum(term: Expr) -> Expr:
    return total(term, UNIT, SAMPLE)


_MEAN = "mean over samples and outputs"
_SUM = "sum over samples and outputs"
_p, _t = P[SAMPLE, UNIT], T[SAMPLE, UNIT]
_softplus = type(ACTIVATIONS["softplus"].expression)
_huber = elementwise(
    "huber", Piecewise((U**2 / 2, Abs(U) <= 1), (Abs(U) - Rational(1, 2), True), evaluate=False)
)

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
    ),
    Loss(
        "huber",
        "Huber loss, δ = 1",
        _mean(_huber(_p - _t)),
        _MEAN,
        "Huber 1964; torch.nn.HuberLoss",
    ),
    Loss(
        "bce",
        "binary cross-entropy",
        -_mean(_t * log(_p) + (1 - _t) * log(1 - _p)),
        _MEAN,
        "torch.nn.BCELoss",
        lower=Integer(0),
        upper=Integer(1),
    ),
    Loss(
        "bce_with_logits",
        "binary cross-entropy with logits",
        _mean(_softplus(_p) - _t * _p),
        _MEAN,
        "torch.nn.BCEWithLogitsLoss",
        takes_logits=True,
    ),
    Loss(
        "cross_entropy",
        "cross-entropy",
        -_sum(_t * log(_p)) / SAMPLES,
        "sum over outputs, mean over samples",
        "Goodfellow, Bengio and Courville 2016, section 3.13",
        lower=Integer(0),
        upper=Integer(1),
        takes_distribution=True,
        targets_sum_to_one=True,
    ),
    Loss(
        "cross_entropy_with_logits",
        "cross-entropy with logits",
        -_sum(_t * (_p - log(total(exp(P[SAMPLE, OTHER_UNIT]), OTHER_UNIT)))) / SAMPLES,
        "sum over outputs, mean over samples",
        "torch.nn.CrossEntropyLoss",
        takes_logits=True,
        targets_sum_to_one=True,
    ),
)

LOSSES: Mapping[str, Loss] = MappingProxyType({row.name: row for row in _ROWS})
