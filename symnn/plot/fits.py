"""What a model has learnt, over the data: a line through points, or the regions of classes.

All in the units of the data. The line and the regions are what `predict` says at each place.
"""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from symnn.errors import ShapeError
from symnn.plot.curve import Floats
from symnn.plot.ground import Data
from symnn.plot.learnt import AnyFit, Learnt, learnt_of
from symnn.plot.pictures import BLUE, COLOURS, INK, RED, Picture
from symnn.plot.telling import said, told_of
from symnn.plot.words import listed

LINE, GRID = 201, 161
_MARKERS = ("o", "s", "^", "D", "v", "P")


@dataclass(frozen=True, eq=False)
class FitPicture(Picture):
    """What a model has learnt, over its data."""

    learnt: Learnt

    @property
    def title(self) -> str:
        """What is predicted from what."""
        return f"{listed(self.learnt.targets)} from {listed(self.learnt.features)}"

    @property
    def alt(self) -> str:
        """How many samples there are, and what is seen of the fit."""
        count = len(self.learnt.x)
        samples = f"{count} sample{'s' * (count != 1)} of {listed(self.learnt.features)}"
        return f"{samples} with {listed(self.learnt.targets)}. {self._told()}"

    @abstractmethod
    def _told(self) -> str:
        """What is seen of the fit, in numbers."""

    def _span(self, k: int) -> tuple[float, float]:
        """From where to where a feature is shown: all samples, and some room."""
        values = self.learnt.x[:, k]
        room = 0.06 * float(np.ptp(values)) or 1.0
        return float(values.min()) - room, float(values.max()) + room


class LinePicture(FitPicture):
    """One feature: the samples as dots, and a line for each output."""

    @cached_property
    def at(self) -> Floats:
        """The values of the feature, (M,)."""
        return np.linspace(*self._span(0), LINE)

    @cached_property
    def lines(self) -> Floats:
        """The outputs at each of them, (M, K)."""
        return self.learnt.predict(self.at[:, None])

    def _told(self) -> str:
        name = self.learnt.features[0]
        told = [
            f"{self._name(k)} {told_of(self.at, line, name)}."
            for k, line in enumerate(self.lines.T)
        ]
        return " ".join([*told, self._misses()])

    def _misses(self) -> str:
        outputs = self.learnt.predict(self.learnt.x)
        if self.learnt.classes:
            return _rightly(self.learnt, outputs)
        misses = np.sqrt(((outputs - self.learnt.y) ** 2).mean(axis=0))
        return f"The samples lie {listed([said(m) for m in misses])} off, as root mean square."

    def _name(self, k: int) -> str:
        if not self.learnt.classes:
            many = len(self.learnt.targets) > 1
            return f"The line of {self.learnt.targets[k]}" if many else "The line"
        return f"The output for {self._class(k)}"

    def _class(self, k: int) -> str:
        return self.learnt.classes[-1 if self.lines.shape[1] == 1 else k]

    def draw(self, ax: Axes) -> None:
        """Dots, and a line for each output; the samples of several classes in rows below."""
        learnt, count = self.learnt, self.lines.shape[1]
        in_rows = bool(learnt.classes) and count > 1
        for k, colour in zip(range(count), COLOURS, strict=False):
            dots, line = (BLUE, RED) if count == 1 else (colour, colour)
            name = "" if count == 1 else f"{self._class(k) if in_rows else learnt.targets[k]}, "
            x, y = self._row(k) if in_rows else (learnt.x[:, 0], learnt.y[:, k])
            look: dict[str, Any] = {"color": dots, "alpha": 0.55, "ms": 5, "mec": "none"}
            ax.plot(x, y, "o", label="" if in_rows else f"{name}samples", **look)
            ax.plot(self.at, self.lines[:, k], color=line, label=f"{name}as learnt")
        ax.set_xlabel(learnt.features[0])
        ax.set_ylabel(
            "output" if in_rows else self._class(0) if learnt.classes else listed(learnt.targets)
        )
        ax.legend()

    def _row(self, k: int) -> tuple[Floats, Floats]:
        """The samples of a class, in a row of their own below the lines."""
        x = self.learnt.x[self.learnt.numbers(self.learnt.y) == k, 0]
        height = float(np.ptp(self.lines))
        return x, np.full(len(x), self.lines.min() - 0.05 * (k + 1) * height)


class RegionsPicture(FitPicture):
    """Two features and classes: the region of each class, and the samples on it."""

    size = (6.4, 5.2)

    @cached_property
    def axes(self) -> tuple[Floats, Floats]:
        """The values of each feature, (G,) each."""
        return np.linspace(*self._span(0), GRID), np.linspace(*self._span(1), GRID)

    @cached_property
    def outputs(self) -> Floats:
        """The outputs at each pair, (G, G, K): a row for each value of the second feature."""
        across, up = np.meshgrid(*self.axes)
        outputs = self.learnt.predict(np.column_stack([across.ravel(), up.ravel()]))
        return outputs.reshape(GRID, GRID, -1)

    @cached_property
    def regions(self) -> NDArray[np.intp]:
        """The number of the class at each pair, (G, G)."""
        outputs = self.outputs
        return self.learnt.numbers(outputs.reshape(GRID * GRID, -1)).reshape(GRID, GRID)

    def _lead(self, k: int) -> Floats:
        """By how much a class leads over the others at each pair, (G, G); below 0, it does not."""
        if self.outputs.shape[2] > 1:
            others = np.delete(self.outputs, k, axis=2)
            return np.asarray(self.outputs[:, :, k] - others.max(axis=2))
        return (self.outputs[:, :, 0] - self.learnt.threshold) * (1 if k == 1 else -1)

    def _told(self) -> str:
        classes = self.learnt.classes
        shares = [float((self.regions == k).mean()) for k in range(len(classes))]
        areas = [f"{name} {100 * share:.0f} %" for name, share in zip(classes, shares, strict=True)]
        outputs = self.learnt.predict(self.learnt.x)
        return f"Of the area shown {listed(areas)}. {_rightly(self.learnt, outputs)}"

    def draw(self, ax: Axes) -> None:
        """Regions in pale colours with a line between them; samples with a mark for each class."""
        learnt, count = self.learnt, len(self.learnt.classes)
        colours = [COLOURS[k % len(COLOURS)] for k in range(count)]
        for k, colour in enumerate(colours):
            lead = self._lead(k)
            if lead.max() > 0:
                ax.contourf(*self.axes, lead, [0, lead.max()], colors=[colour], alpha=0.22)
            if lead.max() > 0 > lead.min():
                ax.contour(*self.axes, lead, [0], colors=INK, linewidths=1.0)
        numbers = learnt.numbers(learnt.y)
        for k, name in enumerate(learnt.classes):
            points = learnt.x[numbers == k]
            marker = _MARKERS[k % len(_MARKERS)]
            look: dict[str, Any] = {
                "color": colours[k],
                "mec": "white",
                "mew": 0.6,
                "ms": 6,
                "ls": "",
            }
            ax.plot(*points.T, marker=marker, label=name, **look)
        ax.grid(visible=False)
        ax.set_xlabel(learnt.features[0])
        ax.set_ylabel(learnt.features[1])
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=min(count, 4))


class HeightsPicture(FitPicture):
    """Two features and a number: what is predicted as heights, the samples as dots on the same."""

    size = (6.8, 5.0)

    @cached_property
    def axes(self) -> tuple[Floats, Floats]:
        """The values of each feature, (G,) each."""
        return np.linspace(*self._span(0), GRID), np.linspace(*self._span(1), GRID)

    @cached_property
    def heights(self) -> Floats:
        """What is predicted at each pair, (G, G): a row for each value of the second feature."""
        across, up = np.meshgrid(*self.axes)
        outputs = self.learnt.predict(np.column_stack([across.ravel(), up.ravel()]))
        return outputs[:, 0].reshape(GRID, GRID)

    def _told(self) -> str:
        misses = self.learnt.predict(self.learnt.x) - self.learnt.y
        return (
            f"What is predicted goes from {said(self.heights.min())} to "
            f"{said(self.heights.max())} over the area shown. The samples lie "
            f"{said(float(np.sqrt((misses**2).mean())))} off, as root mean square."
        )

    def draw(self, ax: Axes) -> None:
        """Heights from dark to light with lines between; dots in the same colours."""
        learnt = self.learnt
        every = np.concatenate([self.heights.ravel(), learnt.y[:, 0]])
        levels = np.linspace(every.min(), every.max(), 15)
        look: dict[str, Any] = {"cmap": "cividis", "vmin": levels[0], "vmax": levels[-1]}
        filled = ax.contourf(*self.axes, self.heights, levels, alpha=0.8, **look)
        a, b = learnt.x.T
        ax.scatter(a, b, 26, learnt.y[:, 0], edgecolors="white", linewidths=0.6, **look)
        figure = ax.get_figure(root=True)
        if figure is not None:
            figure.colorbar(filled, ax=ax, label=learnt.targets[0])
        ax.grid(visible=False)
        ax.set_xlabel(learnt.features[0])
        ax.set_ylabel(learnt.features[1])


def _rightly(learnt: Learnt, outputs: Floats) -> str:
    right = int((learnt.numbers(outputs) == learnt.numbers(learnt.y)).sum())
    count = len(learnt.y)
    return f"{right} of {count} samples ({100 * right / count:.1f} %) are classed rightly."


def fit(model: AnyFit, x: Data, y: ArrayLike | None = None, ax: Axes | None = None) -> Axes:
    """What a model has learnt over samples, on `ax` or on a figure of its own.

    `x` (N, D) and `y` (N, K) are in their own units; equations take their arrays by name in `x`.
    One feature: dots and a line. Two: regions of classes, or heights. Raises `ShapeError` for
    more features.

    >>> import symnn
    >>> result = symnn.train(symnn.Network("1-1"), [0, 1, 2], [1, 3, 5], lr=0.1, epochs=300)
    >>> fit(result, [0, 1, 2], [1, 3, 5]).get_lines()[1].get_ydata()[[0, -1]].round(2)
    array([0.76, 5.24])
    """
    return fit_picture(model, x, y).on(ax)


def fit_picture(model: AnyFit, x: Data, y: ArrayLike | None = None) -> FitPicture:
    """The picture of a fit, of the kind that its features and targets ask for."""
    learnt = learnt_of(model, x, y)
    if learnt.x.shape[1] == 1:
        return LinePicture(learnt)
    if learnt.x.shape[1] != 2:
        names = listed(learnt.features)
        raise ShapeError(
            f"a picture of a fit has one feature or two; this model has "
            f"{learnt.x.shape[1]}: {names}"
        )
    if learnt.classes:
        return RegionsPicture(learnt)
    if learnt.y.shape[1] != 1:
        raise ShapeError(
            f"a picture over two features has one target; this model has {learnt.y.shape[1]}"
        )
    return HeightsPicture(learnt)
