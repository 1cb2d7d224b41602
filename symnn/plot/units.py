"""A network of dense layers as a graph: a circle for each unit, a line for each weight.

Of a layer of many units the first few and the last are drawn, with dots between. Where the weights
are known, a line is the thicker the larger its weight is, blue above 0 and red below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from symnn.equations import Quantity, System
from symnn.fitfile import SavedFit
from symnn.fitting import Fit
from symnn.layers import Dense
from symnn.model import Model
from symnn.network import Network
from symnn.plot.graphs import QuantitiesPicture
from symnn.plot.pictures import BLUE, GREEN, INK, RED, Picture
from symnn.plot.words import Signs, listed
from symnn.training import TrainingResult

AnyGraph: TypeAlias = str | Network | Model | TrainingResult | System | Fit | SavedFit

MOST, FIRST = 7, 3
ACROSS, DOWN, RADIUS = 2.3, 0.95, 0.36


@dataclass(frozen=True, eq=False)
class UnitsPicture(Picture):
    """The units of a network of dense layers, and the weights between them."""

    network: Network
    parameters: Mapping[str, ArrayLike] | None = None

    @cached_property
    def columns(self) -> tuple[Quantity, ...]:
        """The inputs, and what each layer gives."""
        quantities, depth = self.network.system.quantities, len(self.network.layers)
        names = [f"a{k}" if f"a{k}" in quantities else f"z{k}" for k in range(1, depth)]
        return tuple(quantities[name] for name in ("x", *names, "yhat"))

    @cached_property
    def shown(self) -> tuple[tuple[int | None, ...], ...]:
        """The places of the units that are drawn in each column; None where some are left out."""
        return tuple(
            tuple(range(size)) if size <= MOST else (*range(FIRST), None, size - 1)
            for size in self.network.sizes
        )

    @property
    def size(self) -> tuple[float, float]:  # type: ignore[override]
        """Width and height in inches."""
        tallest = max(map(len, self.shown))
        return ACROSS * len(self.columns) * 0.8 + 0.6, max(tallest * DOWN, 1.6) * 0.8 + 1.3

    @property
    def title(self) -> str:
        """The sizes and the activations."""
        return in_words(self.network)

    @property
    def alt(self) -> str:
        """The units of each layer, with the weights and the activation that give them."""
        told = [f"The network {self.title} as a graph: {self._units(0, 'input')}"]
        for k, row in enumerate(self.network.activations, start=1):
            last = k == len(self.network.activations)
            noun = "output" if last else "unit"
            by = listed([self._parameter(name) for name in self._names(k)])
            joined = f"{self._units(k, noun)} by {by}"
            told.append(joined if row.name == "identity" else f"{joined}, then {row.label}")
        count = self.network.parameter_count
        weights = f"{count} parameter{'s' * (count != 1)}"
        return (
            f"{'; '.join(told)}. Every unit is joined to every unit of the layer before: {weights}."
        )

    def _units(self, k: int, noun: str) -> str:
        size, q = self.network.sizes[k], self.columns[k]
        names = [self._signs.text(q, (p,)) for p in (0, size - 1)]
        if size == 1:
            return f"one {noun} {names[0]}"
        between = " and " if size == 2 else " to "
        return f"{size} {noun}s {between.join(names)}"

    def _parameter(self, name: str) -> str:
        shape = self.network.parameter_shapes[name]
        text = self._sign(name, math=False)
        return f"{text} ({'×'.join(map(str, shape))})" if max(shape) > 1 else text

    def _names(self, k: int) -> list[str]:
        """The parameters of a layer."""
        return [name for name in (f"W{k}", f"b{k}") if name in self.network.parameter_shapes]

    def _sign(self, name: str, *, math: bool) -> str:
        """The name of a parameter, of one number in lower case."""
        q, shape = self.network.system.quantities[name], self.network.parameter_shapes[name]
        place = (0,) * len(shape) if set(shape) == {1} else None
        return self._signs.math(q, place) if math else self._signs.text(q, place)

    @cached_property
    def _signs(self) -> Signs:
        return Signs(self.network.system)

    def places(self, k: int) -> dict[int, tuple[float, float]]:
        """The centre of each unit that is drawn in a column, by its place."""
        shown = self.shown[k]
        top = (len(shown) - 1) / 2
        return {p: (k * ACROSS, (top - row) * DOWN) for row, p in enumerate(shown) if p is not None}

    def draw(self, ax: Axes) -> None:
        """Columns of units from the inputs on the left; each layer's weights named above."""
        for k in range(1, len(self.columns)):
            self._weights(ax, k)
        tallest = max(map(len, self.shown))
        top = (tallest - 1) / 2 * DOWN + 0.7
        bottom = -top - 0.05 if self._is_labelled else 0.3 - top
        for k in range(len(self.columns)):
            self._column(ax, k)
            if k:
                names = ", ".join(self._sign(name, math=True) for name in self._names(k))
                ax.text((k - 0.5) * ACROSS, top, names, ha="center", va="center", size=15)
                label = self.network.activations[k - 1].label
                words = "" if label == "identity" else label
                ax.text(k * ACROSS, bottom, words, ha="center", va="center", color="#555555")
        ax.set_xlim(-RADIUS - 0.2, (len(self.columns) - 1) * ACROSS + RADIUS + 0.2)
        ax.set_ylim(bottom - 0.25, top + 0.3)
        ax.set_aspect("equal")
        ax.axis("off")

    @property
    def _is_labelled(self) -> bool:
        """Whether a layer has an activation, which is named below it."""
        return any(row.name != "identity" for row in self.network.activations)

    def _column(self, ax: Axes, k: int) -> None:
        q, colour = self.columns[k], self._colour(k)
        for p, centre in self.places(k).items():
            ax.add_patch(Circle(centre, RADIUS, fc="white", ec=colour, lw=1.8, zorder=3))
            size = 13 if p < 99 else 11
            look: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "zorder": 4,
                "color": colour,
                "size": size,
            }
            ax.text(*centre, self._signs.math(q, (p,)), **look)
        shown = self.shown[k]
        if None in shown:
            row = shown.index(None)
            y = ((len(shown) - 1) / 2 - row) * DOWN
            ax.text(k * ACROSS, y, "⋮", ha="center", va="center", size=22, color=colour)

    def _colour(self, k: int) -> str:
        return BLUE if k == 0 else GREEN if k == len(self.columns) - 1 else INK

    def _weights(self, ax: Axes, k: int) -> None:
        before, after = self.places(k - 1), self.places(k)
        pairs = [(i, j) for i in before for j in after]
        lines = [(before[i], after[j]) for i, j in pairs]
        ax.add_collection(LineCollection(lines, zorder=1, **self._look(k, pairs)))

    def _look(self, k: int, pairs: list[tuple[int, int]]) -> dict[str, Any]:
        """Widths and colours: all alike, or by the weights where they are known."""
        if self.parameters is None:
            return {"colors": "#999999", "linewidths": 1.1}
        weights = np.asarray(self.parameters[f"W{k}"], np.float64)
        chosen = np.array([weights[j, i] for i, j in pairs])
        largest = float(np.abs(weights).max()) or 1.0
        return {
            "colors": [BLUE if w > 0 else RED for w in chosen],
            "linewidths": 0.3 + 3.2 * np.abs(chosen) / largest,
            "alpha": 0.8,
        }


def in_words(network: Network) -> str:
    """The sizes and layers of a network with their activations: `2 → 3 tanh → 1`."""
    layers = (f"{x.text} {x.row.label}".removesuffix(" identity") for x in network.layers)
    return " → ".join([str(network.input).replace("x", "×"), *layers])


def graph(model: AnyGraph, ax: Axes | None = None, *, quantities: bool = False) -> Axes:
    """A network or equations as a graph, on `ax` or on a figure of its own.

    Dense layers are drawn unit by unit, with their weights where the model is trained; other
    layers, equations, and with `quantities` dense layers too, as boxes of quantities with arrows to
    those that read them.

    >>> sorted(text.get_text() for text in graph("2-1").texts if text.get_text())
    ['$W$, $b$', '$\\\\hat{y}$', '$x_{1}$', '$x_{2}$']
    """
    return graph_picture(model, quantities=quantities).on(ax)


def graph_picture(model: AnyGraph, *, quantities: bool = False) -> Picture:
    """The picture of a model as a graph, of units or of quantities."""
    if isinstance(model, TrainingResult):
        model = model.model
    if isinstance(model, System | Fit | SavedFit):
        return QuantitiesPicture(model if isinstance(model, System) else model.system)
    parameters = model.parameters if isinstance(model, Model) else None
    network = Network(model) if isinstance(model, str) else model
    network = network.network if isinstance(network, Model) else network
    is_dense = all(type(layer) is Dense for layer in network.layers)
    if quantities or not is_dense or len(network.input.shape) > 1:
        return QuantitiesPicture(network.system, f"The network {in_words(network)}")
    return UnitsPicture(network, parameters)
