"""Where training starts: random weights, scaled by the activation that follows them."""

from collections.abc import Iterable
from dataclasses import dataclass

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


def initial(
    shapes: Iterable[tuple[str, tuple[int, ...], str]], seed: int, dtype: DTypeLike
) -> Parameters:
    """Normal weights by the scheme of each, and zero biases, from `numpy.random.default_rng(seed)`.

    `shapes` gives the name, the shape and the scheme of each parameter, in order.
    """
    generator = np.random.default_rng(seed)
    return {
        name: _drawn(generator, shape, SCHEMES[scheme]).astype(dtype)
        for name, shape, scheme in shapes
    }


def _drawn(
    generator: np.random.Generator, shape: tuple[int, ...], scheme: Scheme
) -> NDArray[np.float64]:
    if len(shape) == 1:
        return np.zeros(shape)
    fan_out, fan_in = shape
    return generator.normal(0.0, scheme.deviation(fan_in, fan_out), shape)
