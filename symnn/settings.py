"""The settings of a training: what each may be, and what is answered where it is not."""

from collections.abc import Mapping
from math import isfinite
from operator import index
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from symnn.descent import Settings
from symnn.errors import DataError, ShapeError, TrainingError, unknown_name
from symnn.modelfile import DTYPES
from symnn.network import Network
from symnn.optimizers import OPTIMIZERS, Optimizer, compiled
from symnn.samples import Array

if TYPE_CHECKING:
    from symnn.initialization import Parameters


def optimizer_row(optimizer: str | Optimizer) -> Optimizer:
    """The row of an optimizer that is given as a name or a row; `UnknownNameError` for no name."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    if optimizer not in OPTIMIZERS:
        raise unknown_name("optimizer", optimizer, OPTIMIZERS)
    return OPTIMIZERS[optimizer]


def whole(name: str, value: int, least: int) -> int:
    """The value as a whole number; `TrainingError` where it is none, or below the least."""
    try:
        number = index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise TrainingError(f"{name} is {value!r}; it is a whole number from {least}")
    return number


def positive(name: str, value: float) -> float:
    """The value as a finite number above 0; `TrainingError` where it is none."""
    if not (isfinite(value) and value > 0):
        raise TrainingError(f"{name} is {value!r}; it is a number above 0")
    return float(value)


def settings_of(
    optimizer: str | Optimizer, lr: float | None, epochs: int, batch_size: int, seed: int
) -> Settings:
    """The settings; `UnknownNameError` or `TrainingError` where one is of no use."""
    row = optimizer_row(optimizer)
    return Settings(
        compiled(row),
        positive("lr", row.rate if lr is None else lr),
        whole("epochs", epochs, 1),
        whole("batch_size", batch_size, 1),
        whole("seed", seed, 0),
    )


def start_from(
    network: Network, given: Mapping[str, ArrayLike] | None, seed: int, dtype: DTypeLike
) -> "Parameters":
    """The parameters given, as new arrays, or those of `network.init(seed)`.

    Raises `ShapeError` where they are not those of the network, `DataError` where they are not
    finite numbers, and `TrainingError` for a dtype that is neither float32 nor float64.
    """
    if np.dtype(dtype).name not in DTYPES:
        raise TrainingError(f"dtype is {np.dtype(dtype)}; it is {' or '.join(DTYPES)}")
    if given is None:
        return network.init(seed, dtype)
    shapes = network.parameter_shapes
    if set(given) != set(shapes):
        raise ShapeError(
            f"the parameters are {', '.join(sorted(given))}; "
            f"the network has {', '.join(sorted(shapes))}"
        )
    arrays = {name: _array(name, given[name], dtype) for name in shapes}
    for name, array in arrays.items():
        if array.shape != shapes[name]:
            raise ShapeError(f"{name} has shape {array.shape}; the network has {shapes[name]}")
        if not np.isfinite(array).all():
            raise DataError(f"{name} holds a number that is not finite")
    return arrays


def _array(name: str, value: ArrayLike, dtype: DTypeLike) -> Array:
    try:
        return np.array(value, dtype=dtype)
    except (TypeError, ValueError):
        raise DataError(f"{name} is not an array of numbers") from None
