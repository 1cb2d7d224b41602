"""An independent forward pass: textbook loops over numbers, from sizes and names alone.

It is the oracle that can see a wrong model, so it reads no equation of a network: the formulas of
its rows are `published` ones. Runs at the precision of `mpmath.workdps`, like `evaluation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import mpmath
from mpmath import mpf

from symnn.activations import ACTIVATIONS, UNIT, WIDTH, Activation, V
from symnn.cells import Entries, Values
from symnn.equations import SAMPLES
from symnn.evaluation import value_of
from symnn.functions import U
from symnn.losses import LOSSES, Loss, P, T
from symnn.network import Network
from symnn.options import Option
from symnn.penalties import PENALTIES, Penalty
from symnn.published import (
    LOSS_FORMULAS,
    PENALTY_FORMULAS,
    ROW_FORMULAS,
    UNIT_FORMULAS,
    Row,
    Rows,
)


@dataclass(frozen=True)
class Forward:
    """The outputs, one row a sample, and the loss.

    `borrowed` names the activations, losses and penalties that are a user's own: for these their
    own formula was evaluated, so that this pass is not independent of it.
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
        options = numbers_of(activation, values, number)
        rows = [activated(activation, affine(weights, bias, row), options) for row in rows]
    loss = loss_of(network.loss, rows, as_rows(values["y"]))
    every = tuple(f"W{number}" for number, _ in enumerate(network.layers, start=1))
    for penalty in network.penalties:
        names = penalty.parameters or every
        loss += penalty_of(penalty, [w for name in names for w in values[name].values()])
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


def numbers_of(activation: Activation, values: Values, number: int) -> dict[str, mpf]:
    """The options of a layer's activation by their names; one that is trained is among `values`."""
    return {
        o.name: values[f"{o.symbol}{number}"][()] if o.is_trained else value_of(o.value, {}, {})
        for o in activation.options
    }


def activated(activation: Activation, row: Row, options: Mapping[str, mpf]) -> Row:
    """The activation of one sample's units."""
    if is_own(activation):
        return evaluated_activation(activation, row)
    if activation.name in ROW_FORMULAS:
        return ROW_FORMULAS[activation.name](row)
    return [UNIT_FORMULAS[activation.name](u, **options) for u in row]


def loss_of(loss: Loss, outputs: Rows, targets: Rows) -> mpf:
    """The loss of all samples."""
    if is_own(loss):
        return evaluated_loss(loss, outputs, targets)
    options = {o.name: _number_or_list(o) for o in loss.options}
    return LOSS_FORMULAS[loss.name](outputs, targets, **options)


def _number_or_list(option: Option) -> mpf | Row:
    if option.numbers:
        return [value_of(number, {}, {}) for number in option.numbers]
    return value_of(option.value, {}, {})


def penalty_of(penalty: Penalty, weights: Row) -> mpf:
    """What a penalty adds to the loss, for these entries of its parameters."""
    if is_own(penalty):
        return mpmath.fsum(value_of(penalty.expression, {U.name: {(): w}}, {}) for w in weights)
    options = {o.name: value_of(o.value, {}, {}) for o in penalty.options}
    return PENALTY_FORMULAS[penalty.name](weights, **options)


def borrowed_by(network: Network) -> tuple[str, ...]:
    """The names of the network's rows that are not of symnn's tables."""
    rows: list[Activation | Loss | Penalty] = [
        *network.activations,
        network.loss,
        *network.penalties,
    ]
    return tuple(dict.fromkeys(row.name for row in rows if is_own(row)))


def is_own(row: Activation | Loss | Penalty) -> bool:
    """Whether a row is a user's own, even one that bears the name of a row of the tables."""
    if isinstance(row, Activation):
        return not row.is_of(ACTIVATIONS)
    if isinstance(row, Penalty):
        return not row.is_of(PENALTIES)
    return not row.is_of(LOSSES)


def evaluated_activation(activation: Activation, row: Row) -> Row:
    """The activation by its own formula."""
    sizes = {WIDTH: len(row)}
    if activation.is_elementwise:
        return [value_of(activation.expression, {U.name: {(): u}}, sizes) for u in row]
    values: Values = {str(V.label): {(k,): u for k, u in enumerate(row)}}
    return [value_of(activation.expression, values, sizes, {UNIT: k}) for k in range(len(row))]


def evaluated_loss(loss: Loss, outputs: Rows, targets: Rows) -> mpf:
    """The loss by its own formula."""
    values = {str(P.label): as_entries(outputs), str(T.label): as_entries(targets)}
    for name, numbers in loss.lists.items():
        values[name] = {(k,): value_of(number, {}, {}) for k, number in enumerate(numbers)}
    return value_of(loss.expression, values, {SAMPLES: len(outputs), WIDTH: len(outputs[0])})


def as_rows(entries: Entries) -> Rows:
    """The entries of a matrix as rows."""
    height, width = (1 + max(entry[axis] for entry in entries) for axis in (0, 1))
    return [[entries[i, j] for j in range(width)] for i in range(height)]


def as_entries(rows: Rows) -> Entries:
    """The rows of a matrix as entries."""
    return {(i, j): value for i, row in enumerate(rows) for j, value in enumerate(row)}
