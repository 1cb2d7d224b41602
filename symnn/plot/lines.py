"""A curve with its slope on axes: parted where it jumps, with dots that say what is taken there."""

from collections.abc import Iterable, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes

from symnn.plot.curve import Curve, Floats, Span
from symnn.plot.pictures import BLUE, RED


def draw_curve(
    ax: Axes, curve: Curve, labels: tuple[str, str], colours: tuple[str, str] = (BLUE, RED)
) -> None:
    """The curve and, dashed, its slope, each parted where it jumps and dotted there."""
    values = (curve.values, [(b.at, b.value, b.values) for b in curve.breaks if b.parts_values])
    slopes = (curve.slopes, [(b.at, b.slope, b.slopes) for b in curve.breaks if b.parts_slopes])
    looks = [*zip(labels, colours, ("-", (0, (4, 2))), (values, slopes), strict=True)]
    for label, colour, dashes, (y, jumps) in looks:
        u = _parted(curve.u, [at for at, _, _ in jumps])
        ax.plot(u, y, color=colour, ls=dashes, label=label)
    for _, colour, _, (_, jumps) in looks:
        for at, taken, sides in jumps:
            _dot(ax, at, taken, sides, colour)


def _parted(u: Floats, jumps: Sequence[float]) -> Floats:
    """The points of a line, without those at jumps, where nothing joins its two sides."""
    return np.where(np.isin(u, jumps), np.nan, u)


def _dot(ax: Axes, at: float, taken: float, sides: Sequence[float], colour: str) -> None:
    """A filled dot at the value that is taken, open ones at those that are not."""
    ax.plot([at], [taken], "o", color=colour, ms=7, zorder=4)
    for side in sides:
        if abs(side - taken) > 1e-6:
            ax.plot([at], [side], "o", mfc="white", mec=colour, mew=1.8, ms=7, zorder=4)


def add_legend(ax: Axes, policy: str, curves: Sequence[Curve]) -> None:
    """The names of the lines below them; where a filled dot is, also what is taken there."""
    has_dots = bool(policy) and any(curve.breaks for curve in curves)
    told = fill(f"● {policy}", 64) if has_dots else None
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.19),
        ncols=2,
        title=told,
        title_fontsize=11,
        columnspacing=3,
    )


def in_sight(curves: Iterable[Curve]) -> Span:
    """How far up and down is shown: all of the values, and slopes as far as those stay seen."""
    values = np.concatenate([curve.values for curve in curves])
    slopes = np.concatenate([curve.slopes for curve in curves])
    height = np.ptp(values) or 1.0
    low = max(min(values.min(), slopes.min()), values.min() - height)
    high = min(max(values.max(), slopes.max()), values.max() + height)
    room = (high - low) / 20
    return float(low - room), float(high + room)
