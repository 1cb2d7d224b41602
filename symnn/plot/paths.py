"""The loss over two weights as a map, with the path that a training took over it.

Every other weight stays as it is at the end of the training, so that the path's end, and in a model
of two weights all of it, lies on the map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from symnn.equations import System
from symnn.errors import SymnnError
from symnn.fitting import Fit, fit
from symnn.network import Network
from symnn.plot.curve import Floats, Span, checked_span
from symnn.plot.ground import Data, Ground, Knob, ground_of, named_arrays
from symnn.plot.pictures import INK, RED, Picture
from symnn.plot.telling import said
from symnn.training import TrainingResult, train

if TYPE_CHECKING:
    from symnn.initialization import Parameters

GRID = 51
_LEVELS = 14
# Matplotlib's own ends of the heights are ±10²⁵⁰.
_GREATEST = 1e200


@dataclass(frozen=True, eq=False)
class SurfacePicture(Picture):
    """The loss over two weights, and the path of a training."""

    ground: Ground
    knobs: tuple[Knob, Knob]
    parameters: "Sequence[Parameters]"
    spans: tuple[Span | None, Span | None] = (None, None)
    size = (6.4, 5.2)

    @cached_property
    def path(self) -> Floats:
        """Where the two weights were at the start and after each epoch, (E + 1, 2)."""
        return np.array([[p[k.name][k.place] for k in self.knobs] for p in self.parameters], float)

    @cached_property
    def axes(self) -> tuple[Floats, Floats]:
        """The values of each weight at which the loss is computed, (G,) each."""
        return self._axis(0), self._axis(1)

    def _axis(self, k: int) -> Floats:
        low, high = self.spans[k] or _around(
            self.path[:, k], float(np.ptp(self.path, axis=0).max())
        )
        return np.linspace(low, high, GRID)

    @cached_property
    def losses(self) -> Floats:
        """The loss at each pair, (G, G): a row for each value of the second weight."""
        first, second = self.knobs
        across, up = self.axes
        rows = [[self.ground.loss({first: a, second: b}) for a in across] for b in up]
        losses = np.array(rows)
        if not (np.abs(losses) < _GREATEST).all():
            raise SymnnError(
                "the loss is beyond 10²⁰⁰ somewhere on the map; take nearer spans or a smaller lr"
            )
        return losses

    @property
    def title(self) -> str:
        """The two weights."""
        return f"The loss over {self.knobs[0].text} and {self.knobs[1].text}"

    @property
    def alt(self) -> str:
        """The least loss on the map and where, and from where to where the training went."""
        (first, second), (across, up) = self.knobs, self.axes
        row, column = np.unravel_index(int(np.nanargmin(self.losses)), self.losses.shape)
        pair = f"({first.text}, {second.text})"
        told = (
            f"The loss over {first.text} from {said(across[0])} to {said(across[-1])} and "
            f"{second.text} from {said(up[0])} to {said(up[-1])}{self.ground.beside}: least "
            f"{said(self.losses[row, column])} near {pair} = ({said(across[column], 2)}, "
            f"{said(up[row], 2)}), greatest {said(np.nanmax(self.losses))}."
        )
        start, end = (self._loss(p) for p in (self.parameters[0], self.parameters[-1]))
        places = [f"({said(a)}, {said(b)})" for a, b in self.path[[0, -1]]]
        told += (
            f" In {len(self.path) - 1} epochs training goes from {pair} = {places[0]}, where the "
            f"loss is {said(start)}, to {places[1]}, where it is {said(end)}."
        )
        return f"{told} {self._others}".strip()

    @property
    def _others(self) -> str:
        count = sum(np.size(value) for value in self.ground.parameters.values()) - 2
        if not count:
            return ""
        others = "weight moves" if count == 1 else f"{count} weights move"
        return f"The other {others} too; the map is that of the end."

    def _loss(self, parameters: "Parameters") -> float:
        return float(self.ground.function(parameters, **self.ground.arrays)[0])

    def draw(self, ax: Axes) -> None:
        """The loss as heights, darker where greater; the path from an open dot to a filled one."""
        across, up = self.axes
        levels = _levels(self.losses)
        ax.contourf(across, up, self.losses, levels, cmap="Blues", extend="both", alpha=0.85)
        lines = ax.contour(across, up, self.losses, levels, colors=INK, linewidths=0.6, alpha=0.6)
        ax.clabel(lines, levels[1::3], fmt=_labels(levels), fontsize=10)
        ax.plot(*self.path.T, "-", color=RED, lw=1.8, marker=".", ms=5, label="path of training")
        ax.plot(*self.path[0], "o", mfc="white", mec=RED, mew=2, ms=8, label="start")
        ax.plot(*self.path[-1], "o", color=RED, ms=8, label="end")
        ax.grid(visible=False)
        ax.set_xlim(across[0], across[-1])
        ax.set_ylim(up[0], up[-1])
        ax.set_xlabel(self.knobs[0].math)
        ax.set_ylabel(self.knobs[1].math, rotation=0, labelpad=16)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3)


def _around(values: Floats, longest: float) -> Span:
    """A span around the path, which lies in its middle; neither weight is shown much nearer."""
    low, high = float(values.min()), float(values.max())
    room = max(0.4 * (high - low), 0.3 * longest) or 1.0
    return low - room, high + room


def _levels(losses: Floats) -> Floats:
    """Heights for contours, closer where the loss is small."""
    low, high = float(np.nanmin(losses)), float(np.nanmax(losses[np.isfinite(losses)]))
    if not high > low:
        raise SymnnError("the loss does not depend on these two weights")
    return low + (high - low) * np.linspace(0, 1, _LEVELS) ** 2


def _labels(levels: Floats) -> dict[float, str]:
    """The heights in as few digits as tell them apart."""
    texts = ([said(level, digits) for level in levels] for digits in range(2, 8))
    distinct = next((t for t in texts if len(set(t)) == len(levels)), list(map(said, levels)))
    return dict(zip(levels.tolist(), distinct, strict=True))


def surface(
    model: str | Network | System | TrainingResult | Fit,
    x: Data,
    y: ArrayLike | None = None,
    wrt: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    spans: tuple[Span | None, Span | None] = (None, None),
    **settings: Any,  # noqa: ANN401
) -> Axes:
    """The loss over two weights as contours, with the path of a training, on `ax` or a figure.

    `model` is what `train` or `fit` gave with `keep_path=True`; or a spec, a network or equations,
    which then are trained on the samples with `settings`, those of `train` and `fit`. `wrt` names
    two weights, as `knob` has it; by default the first two. Raises `SymnnError` where something
    does not fit, or the result has kept no path.

    >>> ax = surface("1-1", [0, 1, 2], [1, 3, 5], lr=0.1, epochs=20)
    >>> len(ax.get_lines()[0].get_xydata())
    21
    """
    result = model if isinstance(model, TrainingResult | Fit) else trained(model, x, y, settings)
    ground = ground_of(result, x, y)
    spanned = (checked_span(spans[0]), checked_span(spans[1]))
    return SurfacePicture(ground, knobs_of(ground, wrt), path_of(result), spanned).on(ax)


def trained(
    model: str | Network | System, x: Data, y: ArrayLike | None, settings: Mapping[str, Any]
) -> TrainingResult | Fit:
    """A model trained on samples, with its path."""
    if isinstance(model, System):
        return fit(model, named_arrays(x, y) or {}, keep_path=True, **settings)
    if x is None or y is None or isinstance(x, Mapping):
        raise SymnnError("a network is trained on arrays x and y; give both")
    network = Network(model) if isinstance(model, str) else model
    return train(network, x, y, keep_path=True, **settings)


def knobs_of(ground: Ground, names: Sequence[str] | None) -> tuple[Knob, Knob]:
    """The two weights of these names, by default the first two; `SymnnError` for any but two."""
    found = [ground.knob(name) for name in names or ()] or ground.first(2)
    if len({(k.name, k.place) for k in found}) != 2 or len(found) != 2:
        given = ", ".join(k.text for k in found)
        raise SymnnError(f"a surface is over two weights, and these are {given}")
    return found[0], found[1]


def path_of(result: TrainingResult | Fit) -> "tuple[Parameters, ...]":
    """The path of a training; `SymnnError` where none was kept."""
    if not result.path:
        raise SymnnError("this training has kept no path; train with keep_path=True")
    return result.path
