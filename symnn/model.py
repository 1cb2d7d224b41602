"""A trained network as a value: its parameters, the names of its columns, and its units.

Nothing here learns, reads or writes; `training` makes models, `modelfile` keeps them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from symnn.activations import ACTIVATIONS
from symnn.compilation import CompiledFunction
from symnn.derivation import derive
from symnn.errors import ShapeError
from symnn.layers import Dense
from symnn.network import Network
from symnn.samples import Array, Scaling, class_numbers, full_masks, inputs_of, shaped

if TYPE_CHECKING:
    from symnn.initialization import Parameters


@dataclass(frozen=True, eq=False)
class Model:
    """A network with parameters, and what its columns mean.

    `parameters` are for scaled inputs and outputs. `features` and `targets` are names of columns,
    `classes` those of the classes; all three may be empty. Raises `ShapeError` where there are more
    or fewer of them than the network has.
    """

    network: Network
    parameters: "Parameters"
    inputs: Scaling
    outputs: Scaling
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        outputs = self.network.sizes[-1]
        targets, classes = (1, max(outputs, 2)) if self.classes else (outputs, 0)
        wanted = {"features": self.network.sizes[0], "targets": targets, "classes": classes}
        for kind, count in wanted.items():
            given = len(getattr(self, kind))
            if given not in (0, count):
                raise ShapeError(f"{kind}: {given} given, but the network has {count}")

    @cached_property
    def function(self) -> CompiledFunction:
        """The compiled loss, gradients and prediction of the network."""
        return derive(self.network).lambdify()

    @cached_property
    def _forward(self) -> CompiledFunction:
        """The compiled prediction alone, for which nothing is derived."""
        return derive(self.network, ()).lambdify()

    def predict(self, x: ArrayLike) -> Array:
        """The outputs (N, D_depth) for the inputs `x` (N, D_0), both in their own units.

        Inputs may have the shape that the network reads, (N, 1, 8, 8) or the like, and outputs have
        that which it gives. Raises `ShapeError` and `DataError` as `inputs_of` does.
        """
        network = self.network
        scaled = self.inputs.apply(inputs_of(network, x))
        dtype = next(iter(self.parameters.values())).dtype
        given = shaped(scaled.astype(dtype), network.shapes[0])
        ones = full_masks(network, len(given))
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self._forward.predict(self.parameters, given, **ones)
            undone = self.outputs.undo(outputs.reshape(len(given), -1))
        return shaped(undone, network.shapes[-1])

    def classify(self, x: ArrayLike) -> tuple[str, ...]:
        """The name of the class predicted for each row of `x`, shape (N, D_0)."""
        return self.class_names(self.predict(x))

    def class_names(self, outputs: Array) -> tuple[str, ...]:
        """The name of the class for which each row of the outputs (N, D_depth) speaks."""
        return tuple(self.classes[place] for place in class_numbers(self.network, outputs))

    @property
    def line(self) -> tuple[Array, Array] | None:
        """The slopes (D_1, D_0) and intercepts (D_1,) of a network that is a straight line.

        In the units of the columns; None for a network of several layers or with an activation.
        """
        is_line = self.network.activations == (ACTIVATIONS["identity"],)
        if (
            not is_line
            or type(self.network.layers[0]) is not Dense
            or len(self.network.input.shape) > 1
        ):
            return None
        weights = self.parameters["W1"].astype(np.float64)
        bias = self.parameters.get("b1", np.zeros(len(weights)))
        slopes = weights * self.outputs.scales[:, None] / self.inputs.scales
        return slopes, self.outputs.undo(bias) - slopes @ self.inputs.means
