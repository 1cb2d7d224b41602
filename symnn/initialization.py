"""Where training starts: random weights, scaled by the activation that follows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, SupportsFloat, SupportsInt

import numpy as np
from numpy.typing import DTypeLike, NDArray

Parameters = dict[str, NDArray[np.floating]]


@dataclass(frozen=True)
class Scheme:
    """A weight's standard deviation is `sqrt(gain / fan)`, with the fan that the scheme names."""

    source: str
    gain: float
    uses_fan_out: bool

    def deviation(self, fan_in: int, fan_out: int) -> float:
        """The standard deviation of the weights of one layer."""
        fan = (fan_in + fan_out) if self.uses_fan_out else fan_in
        return float(np.sqrt(self.gain / fan))


SCHEMES = {
    "he": Scheme("He, Zhang, Ren and Sun 2015, equation 10", 2.0, uses_fan_out=False),
    "glorot": Scheme("Glorot and Bengio 2010, equation 12", 2.0, uses_fan_out=True),
}


CONSTANTS = {"zeros": 0.0, "ones": 1.0}


class Starting(Protocol):
    """Where a parameter starts: a scheme, or a constant, and the fans that a scheme asks for."""

    @property
    def scheme(self) -> str:
        """A name of `SCHEMES` or `CONSTANTS`, or `normal`, of deviation 1, or `constant`."""

    @property
    def fan_in(self) -> SupportsInt:
        """How many numbers each entry of the outcome is a sum of."""

    @property
    def value(self) -> SupportsFloat:
        """The number itself, where the scheme is `constant`."""

    @property
    def fan_out(self) -> SupportsInt:
        """In how many entries of the outcome each number takes part."""


def initial(
    shapes: Iterable[tuple[str, tuple[int, ...], Starting]], seed: int, dtype: DTypeLike
) -> Parameters:
    """Normal weights by the scheme of each, and constants, from `numpy.random.default_rng(seed)`.

    `shapes` gives the name, the shape and the start of each parameter, in order.
    """
    generator = np.random.default_rng(seed)
    return {name: _drawn(generator, shape, start).astype(dtype) for name, shape, start in shapes}


def _drawn(
    generator: np.random.Generator, shape: tuple[int, ...], start: Starting
) -> NDArray[np.float64]:
    if start.scheme in CONSTANTS:
        return np.full(shape, CONSTANTS[start.scheme])
    if start.scheme == "constant":
        return np.full(shape, float(start.value))
    if start.scheme == "normal":
        return generator.normal(0.0, 1.0, shape)
    deviation = SCHEMES[start.scheme].deviation(int(start.fan_in), int(start.fan_out))
    return generator.normal(0.0, deviation, shape)
