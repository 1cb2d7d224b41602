"""Arrays of samples: what a network may be given, and how it is scaled and split.

Whatever is wrong with an array is found here, before anything runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from symnn.errors import DataError, ShapeError, TrainingError
from symnn.network import Network

Array = NDArray[np.floating[Any]]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Scaling:
    """Standardisation of columns: `(values - means) / scales`, both of shape (D,)."""

    means: Array
    scales: Array

    @classmethod
    def of(cls, values: Array) -> "Scaling":
        """The scaling that gives these columns mean 0 and deviation 1; a constant one gets scale 1.

        >>> Scaling.of(np.array([[1.0, 7.0], [3.0, 7.0]]))
        Scaling(means=array([2., 7.]), scales=array([1., 1.]))
        """
        means = values.mean(axis=0)
        # By the largest first: squares of large numbers overflow, and the rounding of a constant
        # column's mean must not become its scale.
        largest = np.where(np.ptp(values, axis=0) == 0, 0.0, np.abs(values - means).max(axis=0))
        safe = np.where(largest == 0, 1.0, largest)
        deviations = safe * ((values - means) / safe).std(axis=0)
        return cls(means, np.where(largest == 0, 1.0, deviations))

    @classmethod
    def none(cls, width: int) -> "Scaling":
        """The scaling that changes nothing."""
        return cls(np.zeros(width), np.ones(width))

    @property
    def is_none(self) -> bool:
        """Whether it changes nothing."""
        return bool((self.means == 0).all() and (self.scales == 1).all())

    def apply(self, values: Array) -> Array:
        """The values in deviations from the mean, shape (N, D)."""
        return (values - self.means) / self.scales

    def undo(self, values: Array) -> Array:
        """The values in their own units, shape (N, D)."""
        return values * self.scales + self.means


def scaled(arrays: Mapping[str, Any], scalings: Mapping[str, Scaling]) -> dict[str, Any]:
    """The arrays by name, each that has a scaling in deviations from its mean."""
    return {
        name: scalings[name].apply(np.asarray(values)) if name in scalings else values
        for name, values in arrays.items()
    }


def matched(network: Network, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """The inputs (N, D_0) and targets (N, D_depth) as arrays that fit the network and its loss.

    Axes after the first are laid out as one. Raises `ShapeError` and `DataError` where they do not
    fit.
    """
    inputs = inputs_of(network, x)
    outputs = as_matrix(y, network.sizes[-1], "y", shape=network.shapes[-1])
    if len(inputs) != len(outputs):
        raise ShapeError(f"x has {len(inputs)} rows and y has {len(outputs)}; they must pair up")
    loss = network.loss
    if is_for_classes(network) and ((outputs < 0) | (outputs > 1)).any():
        worst = outputs[(outputs < 0) | (outputs > 1)][0]
        raise DataError(f"loss {loss.name} takes targets from 0 to 1, but y holds {worst:g}")
    sums = outputs.reshape(-1, network.shapes[-1][-1]).sum(axis=1)
    if loss.targets_sum_to_one and not np.allclose(sums, 1):
        row = int(np.argmax(~np.isclose(sums, 1)))
        raise DataError(
            f"loss {loss.name} takes targets that sum to 1, but those of row {row} of y "
            f"sum to {sums[row]:g}"
        )
    return inputs, outputs


def inputs_of(network: Network, x: ArrayLike) -> Array:
    """The inputs as an array (N, D_0), from (N, D_0) or from the shape that the network reads.

    Raises `ShapeError` and `DataError` as `as_matrix` does, and `DataError` for what is no number
    of a row, where the first layer looks rows up.
    """
    inputs = as_matrix(x, network.sizes[0], "x", shape=network.shapes[0])
    count = network.looked_up
    if (
        count is not None
        and ((inputs != np.floor(inputs)) | (inputs < 0) | (inputs >= count)).any()
    ):
        wrong = (inputs != np.floor(inputs)) | (inputs < 0) | (inputs >= count)
        raise DataError(
            f"x holds {inputs[wrong][0]:g}; an embedding takes whole numbers from 0 to {count - 1}"
        )
    return inputs


def shaped(values: Array, shape: tuple[int, ...]) -> Array:
    """Rows (N, D) as arrays of this shape, (N, *shape)."""
    return values.reshape(len(values), *shape)


def drawn_masks(network: Network, count: int, generator: np.random.Generator) -> dict[str, Array]:
    """A mask of each dropout for so many samples: 0 with its chance p, else 1/(1 - p)."""
    masks = network.masks.items()
    draws = {name: generator.random((count, *shape)) for name, (_, shape) in masks}
    return {name: (draws[name] >= p) / (1 - p) for name, (p, _) in masks}


def full_masks(network: Network, count: int) -> dict[str, Array]:
    """The masks with which a dropout changes nothing: ones."""
    return {name: np.ones((count, *shape)) for name, (_, shape) in network.masks.items()}


def split(count: int, validation: float, generator: np.random.Generator) -> tuple[Places, Places]:
    """The places, in random order, of the samples held out and of those to train on.

    Raises `TrainingError` for a share that is not in [0, 1) or leaves either of them empty.
    """
    if not 0 <= validation < 1:
        raise TrainingError(f"validation is {validation}; it is a share from 0 to below 1")
    order = generator.permutation(count)
    size = round(validation * count)
    if validation and not 0 < size < count:
        raise TrainingError(
            f"validation {validation:g} of {count} samples holds out {size}; "
            "there must be samples both to train on and to hold out"
        )
    return order[:size], order[size:]


def class_numbers(network: Network, outputs: Array) -> Places:
    """The number of the class that each row of outputs or targets (N, …, D) stands for.

    The largest of several outputs; of one output whether it is above 1/2, or above 0 where the loss
    takes logits.
    """
    if network.shapes[-1][-1] > 1:
        return outputs.argmax(axis=-1)
    threshold = 0.0 if network.loss.takes_logits else 0.5
    return np.where(outputs[..., 0] > threshold, 1, 0)


def is_for_classes(network: Network) -> bool:
    """Whether the targets of the network's loss are classes or their probabilities."""
    loss = network.loss
    return bool(loss.takes_logits or loss.takes_distribution or (loss.lower, loss.upper) == (0, 1))


def as_matrix(
    values: ArrayLike,
    width: int,
    name: str,
    dtype: DTypeLike = np.float64,
    shape: tuple[int, ...] = (),
) -> Array:
    """The values as an array (N, width); a list of numbers will do where the width is 1.

    Values of the shape (N, *shape) are laid out so.

    Raises `ShapeError` for another shape, and `DataError` for what is not a finite number.

    >>> as_matrix([1, 2], 1, "x")
    array([[1.],
           [2.]])
    """
    array = _numbers(values, name)
    columns = array[:, None] if array.ndim == 1 and width == 1 else array
    if len(shape) > 1 and columns.shape[1:] == shape:
        columns = columns.reshape(len(columns), width)
    if columns.ndim != 2 or columns.shape[1] != width:
        taken = f" or (N, {', '.join(map(str, shape))})" if len(shape) > 1 else ""
        raise ShapeError(
            f"{name} has shape {array.shape}, but the network takes (N, {width}){taken}"
        )
    if not len(columns):
        raise ShapeError(f"{name} has no rows")
    with np.errstate(over="ignore"):
        matrix = columns.astype(dtype)
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise DataError(f"{name}[{row}, {column}] is {columns[row, column]}, not a finite number")
    return matrix


def _numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise ShapeError(f"the rows of {name} differ in length") from None
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} holds {array.dtype}, not real numbers")
    return array
