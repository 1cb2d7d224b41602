"""An independent forward pass: textbook loops over numbers, from sizes and names alone.

It is the oracle that can see a wrong model, so it reads no equation of a network. The tables here
are a second copy on purpose: each formula was written from its published definition, in another
form than the package's own where there is one, and a test holds the two against each other. No
derivative stands here. Runs at the precision of `mpmath.workdps`, like `evaluation`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import mpmath
from mpmath import mpf

from symnn.activations import ACTIVATIONS, UNIT, WIDTH, Activation, V
from symnn.equations import SAMPLES
from symnn.evaluation import Entries, Values, value_of
from symnn.functions import U
from symnn.losses import LOSSES, Loss, P, T
from symnn.network import Network

Row = Sequence[mpf]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Forward:
    """The outputs, one row a sample, and the loss.

    `borrowed` names the activations and losses that are a user's own: for these their own formula
    was evaluated, so that this pass is not independent of it.
    """

    outputs: Rows
    loss: mpf
    borrowed: tuple[str, ...] = ()


def independent_forward(network: Network, values: Values) -> Forward:
    """The network's outputs and loss at these values, by loops that know no equation."""
    rows = as_rows(values["x"])
    for number, activation in enumerate(network.activations, start=1):
        weights = as_rows(values[f"W{number}"])
        bias = values.get(f"b{number}", {})
        rows = [activated(activation, affine(weights, bias, row)) for row in rows]
    loss = loss_of(network.loss, rows, as_rows(values["y"]))
    return Forward(rows, loss, borrowed_by(network))


def affine(weights: Rows, bias: Entries, row: Row) -> Row:
    """The sum over i of `weights[j][i] * row[i]`, plus `bias[j]`, for each j."""
    outcome = []
    for j, weights_to_j in enumerate(weights):
        z = bias.get((j,), mpf(0))
        for w, x in zip(weights_to_j, row, strict=True):
            z += w * x
        outcome.append(z)
    return outcome


def activated(activation: Activation, row: Row) -> Row:
    """The activation of one sample's units."""
    if is_own(activation):
        return evaluated_activation(activation, row)
    if activation.name in ROW_FORMULAS:
        return ROW_FORMULAS[activation.name](row)
    return [UNIT_FORMULAS[activation.name](u) for u in row]


def loss_of(loss: Loss, outputs: Rows, targets: Rows) -> mpf:
    """The loss of all samples."""
    if is_own(loss):
        return evaluated_loss(loss, outputs, targets)
    return LOSS_FORMULAS[loss.name](outputs, targets)


def borrowed_by(network: Network) -> tuple[str, ...]:
    """The names of the network's rows that are not of symnn's tables."""
    rows: list[Activation | Loss] = [*network.activations, network.loss]
    return tuple(dict.fromkeys(row.name for row in rows if is_own(row)))


def is_own(row: Activation | Loss) -> bool:
    """Whether a row is a user's own, even one that bears the name of a row of the tables."""
    return row not in (ACTIVATIONS.get(row.name), LOSSES.get(row.name))


def evaluated_activation(activation: Activation, row: Row) -> Row:
    """The activation by its own formula."""
    sizes = {WIDTH: len(row)}
    if activation.is_elementwise:
        return [value_of(activation.formula, {U.name: {(): u}}, sizes) for u in row]
    values: Values = {str(V.label): {(k,): u for k, u in enumerate(row)}}
    return [value_of(activation.formula, values, sizes, {UNIT: k}) for k in range(len(row))]


def evaluated_loss(loss: Loss, outputs: Rows, targets: Rows) -> mpf:
    """The loss by its own formula."""
    values = {str(P.label): as_entries(outputs), str(T.label): as_entries(targets)}
    return value_of(loss.formula, values, {SAMPLES: len(outputs), WIDTH: len(outputs[0])})


def as_rows(entries: Entries) -> Rows:
    """The entries of a matrix as rows."""
    height, width = (1 + max(entry[axis] for entry in entries) for axis in (0, 1))
    return [[entries[i, j] for j in range(width)] for i in range(height)]


def as_entries(rows: Rows) -> Entries:
    """The rows of a matrix as entries."""
    return {(i, j): value for i, row in enumerate(rows) for j, value in enumerate(row)}


def _softmax(row: Row) -> Row:
    total = mpmath.fsum(mpmath.exp(u) for u in row)
    return [mpmath.exp(u) / total for u in row]


def _summed(term: Callable[[mpf, mpf], mpf]) -> Callable[[Rows, Rows], mpf]:
    return lambda outputs, targets: mpmath.fsum(
        term(p, t)
        for output, target in zip(outputs, targets, strict=True)
        for p, t in zip(output, target, strict=True)
    )


def _mean(term: Callable[[mpf, mpf], mpf]) -> Callable[[Rows, Rows], mpf]:
    summed = _summed(term)
    return lambda outputs, targets: summed(outputs, targets) / _count(outputs)


def _count(rows: Rows) -> int:
    return sum(len(row) for row in rows)


def _huber(p: mpf, t: mpf) -> mpf:
    error = abs(p - t)
    return error**2 / 2 if error <= 1 else error - mpf(1) / 2


def _bernoulli(p: mpf, t: mpf) -> mpf:
    return -(t * mpmath.log(p) + (1 - t) * mpmath.log1p(-p))


def _bernoulli_logit(z: mpf, t: mpf) -> mpf:
    return max(z, mpf(0)) - z * t + mpmath.log1p(mpmath.exp(-abs(z)))


def _categorical(outputs: Rows, targets: Rows) -> mpf:
    return -_summed(lambda p, t: t * mpmath.log(p))(outputs, targets) / len(outputs)


def _categorical_logit(outputs: Rows, targets: Rows) -> mpf:
    return _categorical([_softmax(row) for row in outputs], targets)


UNIT_FORMULAS: Mapping[str, Callable[[mpf], mpf]] = MappingProxyType(
    {
        "identity": lambda u: u,
        "sigmoid": lambda u: (1 + mpmath.tanh(u / 2)) / 2,
        "tanh": lambda u: mpmath.sinh(u) / mpmath.cosh(u),
        "relu": lambda u: max(u, mpf(0)),
        "leaky_relu": lambda u: max(u, u / 100),
        "elu": lambda u: max(u, mpf(0)) + min(mpmath.expm1(u), mpf(0)),
        "softplus": lambda u: mpmath.log1p(mpmath.exp(u)),
        "silu": lambda u: u / (1 + mpmath.exp(-u)),
        "gelu": lambda u: u * (1 + mpmath.erf(u / mpmath.sqrt(2))) / 2,
    }
)
ROW_FORMULAS: Mapping[str, Callable[[Row], Row]] = MappingProxyType({"softmax": _softmax})
LOSS_FORMULAS: Mapping[str, Callable[[Rows, Rows], mpf]] = MappingProxyType(
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
    }
)
