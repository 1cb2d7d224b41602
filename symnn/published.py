"""The formulas of activations, losses and penalties once more, over numbers.

They are a second copy on purpose: each was written from its published definition, in another form
than the package's own where there is one, and a test holds the two against each other. No
derivative stands here. Runs at the precision of `mpmath.workdps`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import mpmath
from mpmath import mpf

Row = Sequence[mpf]
Rows = Sequence[Row]


def _softmax(row: Row) -> Row:
    total = mpmath.fsum(mpmath.exp(u) for u in row)
    return [mpmath.exp(u) / total for u in row]


def _summed(term: Callable[..., mpf]) -> Callable[..., mpf]:
    return lambda outputs, targets, **options: mpmath.fsum(
        term(p, t, **{name: _of_output(value, k) for name, value in options.items()})
        for output, target in zip(outputs, targets, strict=True)
        for k, (p, t) in enumerate(zip(output, target, strict=True))
    )


def _of_output(option: mpf | Row, k: int) -> mpf:
    """The number that an option has for output k."""
    return option if isinstance(option, mpf) else option[k]


def _weights(targets: Rows, weight: mpf | Row) -> mpf:
    """The weights of all targets, each that of its class; their number where all are alike."""
    if isinstance(weight, mpf):
        return mpf(len(targets))
    return mpmath.fsum(mpmath.fdot(target, weight) for target in targets)


def _mean(term: Callable[..., mpf]) -> Callable[..., mpf]:
    summed = _summed(term)
    return lambda outputs, targets, **options: summed(outputs, targets, **options) / _count(outputs)


def _count(rows: Rows) -> int:
    return sum(len(row) for row in rows)


def _huber(p: mpf, t: mpf, delta: mpf) -> mpf:
    error = abs(p - t)
    return error**2 / 2 if error <= delta else delta * (error - delta / 2)


def _bernoulli(p: mpf, t: mpf, pos_weight: mpf, weight: mpf) -> mpf:
    return -weight * (pos_weight * t * mpmath.log(p) + (1 - t) * mpmath.log1p(-p))


def _bernoulli_logit(z: mpf, t: mpf, pos_weight: mpf, weight: mpf) -> mpf:
    rest = mpmath.log1p(mpmath.exp(-abs(z)))
    of_one, of_zero = max(-z, mpf(0)) + rest, max(z, mpf(0)) + rest
    return weight * (pos_weight * t * of_one + (1 - t) * of_zero)


def _categorical(outputs: Rows, targets: Rows, label_smoothing: mpf, weight: mpf | Row) -> mpf:
    width = len(outputs[0])

    def term(p: mpf, t: mpf, weight: mpf) -> mpf:
        return weight * (t - label_smoothing * (t - mpf(1) / width)) * mpmath.log(p)

    return -_summed(term)(outputs, targets, weight=weight) / _weights(targets, weight)


def _categorical_logit(
    outputs: Rows, targets: Rows, label_smoothing: mpf, weight: mpf | Row
) -> mpf:
    return _categorical([_softmax(row) for row in outputs], targets, label_smoothing, weight)


def _focal(p: mpf, t: mpf, gamma: mpf, alpha: mpf) -> mpf:
    likely, unlikely = alpha * (1 - p) ** gamma, (1 - alpha) * p**gamma
    return -(t * likely * mpmath.log(p) + (1 - t) * unlikely * mpmath.log1p(-p))


def _log_likelihood(outputs: Rows, targets: Rows, weight: mpf | Row) -> mpf:
    summed = _summed(lambda p, t, weight: weight * t * p)(outputs, targets, weight=weight)
    return summed / _weights(targets, weight)


def _margins(outputs: Rows, targets: Rows, margin: mpf, weight: mpf | Row) -> mpf:
    """The mean over samples of Σ t_j · Σ_{i ≠ j} max(0, margin - p_j + p_i), over the outputs."""
    sums = mpf(0)
    for output, target in zip(outputs, targets, strict=True):
        for j, t in enumerate(target):
            others = (p for i, p in enumerate(output) if i != j)
            t *= _of_output(weight, j)
            sums += t * mpmath.fsum(max(mpf(0), margin - output[j] + p) for p in others)
    return sums / _count(outputs)


def _label_margins(outputs: Rows, targets: Rows) -> mpf:
    sums = mpf(0)
    for output, target in zip(outputs, targets, strict=True):
        for p, t in zip(output, target, strict=True):
            for other, u in zip(output, target, strict=True):
                sums += t * (1 - u) * max(mpf(0), 1 - (p - other))
    return sums / _count(outputs)


def _cosine(outputs: Rows, targets: Rows) -> mpf:
    angles = (
        mpmath.fdot(p, t) / (mpmath.norm(p, 2) * mpmath.norm(t, 2))
        for p, t in zip(outputs, targets, strict=True)
    )
    return mpmath.fsum(1 - angle for angle in angles) / len(outputs)


def _slope(u: mpf, slope: mpf) -> mpf:
    return u if u > 0 else slope * u


def _clipped(u: mpf, low: mpf | int, high: mpf | int) -> mpf:
    return min(max(u, mpf(low)), mpf(high))


# Each by the names of its options, in units of its own where it has some.
UNIT_FORMULAS: Mapping[str, Callable[..., mpf]] = MappingProxyType(
    {
        "identity": lambda u: u,
        "sigmoid": lambda u: (1 + mpmath.tanh(u / 2)) / 2,
        "tanh": lambda u: mpmath.sinh(u) / mpmath.cosh(u),
        "relu": lambda u: max(u, mpf(0)),
        "leaky_relu": lambda u, negative_slope: _slope(u, negative_slope),
        "elu": lambda u, alpha: max(u, mpf(0)) + alpha * min(mpmath.expm1(u), mpf(0)),
        "softplus": lambda u, beta: mpmath.log1p(mpmath.exp(beta * u)) / beta,
        "silu": lambda u, beta: u / (1 + mpmath.exp(-beta * u)),
        "gelu": lambda u: u * (1 + mpmath.erf(u / mpmath.sqrt(2))) / 2,
        "selu": lambda u: (
            mpf("1.0507009873554805") * max(u, mpf(0))
            + mpf("1.7580993408473769") * min(mpmath.expm1(u), mpf(0))
        ),
        "celu": lambda u, alpha: max(u, mpf(0)) + min(alpha * mpmath.expm1(u / alpha), mpf(0)),
        "gelu_tanh": lambda u: (
            u / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (u + mpf("0.044715") * u**3)))
        ),
        "quick_gelu": lambda u: u / (1 + mpmath.exp(-mpf("1.702") * u)),
        "swish": lambda u, beta: u / (1 + mpmath.exp(-beta * u)),
        "prelu": lambda u, weight: _slope(u, weight),
        "mish": lambda u: u * mpmath.tanh(mpmath.log1p(mpmath.exp(u))),
        "relu6": lambda u: _clipped(u, 0, 6),
        "rrelu": lambda u, lower, upper: _slope(u, (lower + upper) / 2),
        "hardtanh": lambda u, min_val, max_val: _clipped(u, min_val, max_val),
        "hardsigmoid": lambda u: _clipped(u + 3, 0, 6) / 6,
        "hardswish": lambda u: u * _clipped(u + 3, 0, 6) / 6,
        "softsign": lambda u: u / (1 + abs(u)),
        "softshrink": lambda u, lambd: mpmath.sign(u) * max(abs(u) - lambd, mpf(0)),
        "hardshrink": lambda u, lambd: u if abs(u) > lambd else mpf(0),
        "tanhshrink": lambda u: u - mpmath.sinh(u) / mpmath.cosh(u),
        "logsigmoid": lambda u: min(u, mpf(0)) - mpmath.log1p(mpmath.exp(-abs(u))),
        "threshold": lambda u, threshold, value: u if u > threshold else value,
        "squareplus": lambda u, b: (u + mpmath.sqrt(u**2 + b)) / 2,
        "sparse_plus": lambda u: (max(u + 1, mpf(0)) ** 2 - max(u - 1, mpf(0)) ** 2) / 4,
        "sparse_sigmoid": lambda u: _clipped(u + 1, 0, 2) / 2,
    }
)
ROW_FORMULAS: Mapping[str, Callable[[Row], Row]] = MappingProxyType(
    {
        "softmax": _softmax,
        "log_softmax": lambda row: [mpmath.log(p) for p in _softmax(row)],
        "softmin": lambda row: _softmax([-u for u in row]),
    }
)
LOSS_FORMULAS: Mapping[str, Callable[..., mpf]] = MappingProxyType(
    {
        "mse": _mean(lambda p, t: (p - t) ** 2),
        "sse": _summed(lambda p, t: (p - t) ** 2),
        "half_sse": _summed(lambda p, t: (p - t) ** 2 / 2),
        "mae": _mean(lambda p, t: abs(p - t)),
        "huber": _mean(_huber),
        "bce": _mean(_bernoulli),
        "bce_with_logits": _mean(_bernoulli_logit),
        "cross_entropy": _categorical,
        "cross_entropy_with_logits": _categorical_logit,
        "smooth_l1": _mean(lambda p, t, beta: _huber(p, t, beta) / beta),
        "log_cosh": _mean(lambda p, t: mpmath.log(mpmath.cosh(p - t))),
        "quantile": _mean(lambda p, t, tau: max(tau * (t - p), (tau - 1) * (t - p))),
        "rmse": lambda outputs, targets: mpmath.sqrt(
            _mean(lambda p, t: (p - t) ** 2)(outputs, targets)
        ),
        "msle": _mean(lambda p, t: mpmath.log((1 + p) / (1 + t)) ** 2),
        "mape": _mean(lambda p, t: abs((p - t) / t)),
        "poisson_nll": _mean(lambda p, t: mpmath.exp(p) - t * p),
        "gaussian_nll": _mean(lambda p, t, var: (mpmath.log(var) + (p - t) ** 2 / var) / 2),
        "kl_div": lambda outputs, targets: (
            _summed(lambda p, t: t * (mpmath.log(t) - p) if t else mpf(0))(outputs, targets)
            / len(outputs)
        ),
        "nll": lambda outputs, targets, weight: -_log_likelihood(outputs, targets, weight),
        "soft_margin": _mean(lambda p, t: mpmath.log1p(mpmath.exp(-t * p))),
        "hinge": _mean(lambda p, t: max(mpf(0), 1 - t * p)),
        "squared_hinge": _mean(lambda p, t: max(mpf(0), 1 - t * p) ** 2),
        "hinge_embedding": _mean(lambda p, t, margin: p if t > 0 else max(mpf(0), margin - p)),
        "multi_margin": _margins,
        "multilabel_margin": _label_margins,
        "multilabel_soft_margin": _mean(
            lambda p, t, weight: _bernoulli_logit(p, t, mpf(1), weight)
        ),
        "focal": _mean(_focal),
        "cosine": _cosine,
    }
)
PENALTY_FORMULAS: Mapping[str, Callable[..., mpf]] = MappingProxyType(
    {
        "l1": lambda weights, lambd: lambd * mpmath.norm(weights, 1),
        "l2": lambda weights, lambd: lambd * mpmath.norm(weights, 2) ** 2,
        "elastic_net": lambda weights, lambd, l1_ratio: (
            lambd * mpmath.norm(weights, 2) ** 2
            + lambd * l1_ratio * mpmath.fsum(abs(w) - w**2 for w in weights)
        ),
    }
)
