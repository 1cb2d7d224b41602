"""A trained network as a value: its parameters, the names of its columns, and its units.

Nothing here learns, reads or writes; `training` makes models, `modelfile` keeps them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from symnn.activations import ACTIVATIONS
from symnn.derivation import derive
from symnn.errors import DataError, ShapeError
from symnn.network import Network

if TYPE_CHECKING:
    from symnn.initialization import Parameters

Array = NDArray[np.floating[Any]]


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

    def apply(self, values: Array) -> Array:
        """The values in deviations from the mean, shape (N, D)."""
        return (values - self.means) / self.scales

    def undo(self, values: Array) -> Array:
        """The values in their own units, shape (N, D)."""
        return values * self.scales + self.means


@dataclass(frozen=True, eq=False)
class Model:
    """A network with parameters, and what its columns mean.

    `parameters` are for scaled inputs and outputs. `features` and `targets` are names of columns,
    `classes` those of the classes; all three may be empty.
    """

    network: Network
    parameters: "Parameters"
    inputs: Scaling
    outputs: Scaling
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    @cached_property
    def function(self) -> Any:
        """The compiled loss, gradients and prediction of the network."""
        return derive(self.network).lambdify()

    def predict(self, x: ArrayLike) -> Array:
        """The outputs for the inputs `x`, shapes (N, D_depth) and (N, D_0), both in their own units.

        Raises `ShapeError` and `DataError` as `as_matrix` does.
        """
        scaled = self.inputs.apply(as_matrix(x, self.network.sizes[0], "x"))
        dtype = next(iter(self.parameters.values())).dtype
        with np.errstate(over="ignore"):
            return self.outputs.undo(self.function.predict(self.parameters, scaled.astype(dtype)))

    def classify(self, x: ArrayLike) -> tuple[str, ...]:
        """The name of the class predicted for each row of `x`, shape (N, D_0)."""
        places = class_numbers(self.network, self.predict(x))
        return tuple(self.classes[place] for place in places)

    @property
    def line(self) -> tuple[Array, Array] | None:
        """The slopes (D_1, D_0) and intercepts (D_1,) of a network that is a straight line.

        In the units of the columns; None for a network of several layers or with an activation.
        """
        if self.network.activations != (ACTIVATIONS["identity"],):
            return None
        weights = self.parameters["W1"].astype(np.float64)
        bias = self.parameters.get("b1", np.zeros(len(weights)))
        slopes = weights * self.outputs.scales[:, None] / self.inputs.scales
        return slopes, self.outputs.undo(bias) - slopes @ self.inputs.means


def class_numbers(network: Network, outputs: Array) -> NDArray[np.intp]:
    """The number of the class that each row of outputs or targets (N, D_depth) stands for.

    The largest of several outputs; of one output whether it is above 1/2, or above 0 where the loss
    takes logits.
    """
    if network.sizes[-1] > 1:
        return outputs.argmax(axis=1)
    threshold = 0.0 if network.loss.takes_logits else 0.5
    return (outputs[:, 0] > threshold).astype(np.intp)


def is_for_classes(network: Network) -> bool:
    """Whether the targets of the network's loss are classes or their probabilities."""
    loss = network.loss
    return bool(loss.takes_logits or loss.takes_distribution or (loss.lower, loss.upper) == (0, 1))


def as_matrix(
    values: ArrayLike, width: int, name: str, dtype: "DTypeLike" = np.float64
) -> Array:
    """The values as an array (N, width); a list of numbers will do where the width is 1.

    Raises `ShapeError` for another shape, and `DataError` for what is not a finite number.

    >>> as_matrix([1, 2], 1, "x")
    array([[1.],
           [2.]])
    """
    array = _numbers(values, name)
    columns = array[:, None] if array.ndim == 1 and width == 1 else array
    if columns.ndim != 2 or columns.shape[1] != width:
        raise ShapeError(f"{name} has shape {array.shape}, but the network takes (N, {width})")
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
