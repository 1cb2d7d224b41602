"""Equations as a graph: a box for each quantity, an arrow from each to those that read it.

Parameters stand in the box that reads them. What is read from an earlier step of a recurrence has a
dashed arrow back.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from symnn.equations import Role, System, all_entries, entry_name
from symnn.plot.layered import Edge, Layout, Point, layout
from symnn.plot.pictures import BLUE, GREEN, INK, ORANGE, RED, Picture
from symnn.plot.words import Signs, listed

# In inches: what a layer takes, and a box.
DOWN, HEIGHT, TALL, PADDING, MARGIN = 1.05, 0.42, 0.66, 0.16, 0.25
_SIZE, _SMALL = 14, 11
GREY, BROWN = "#666666", "#9a5b00"
_MOST_TOLD = 14
_LOOKS = {Role.INPUT: BLUE, Role.TARGET: GREEN, Role.LOSS: RED}


@dataclass(frozen=True, eq=False)
class QuantitiesPicture(Picture):
    """The quantities of a system, and which of them each reads."""

    system: System
    name: str = "The equations"

    @cached_property
    def reads(self) -> dict[str, tuple[str, ...]]:
        """What each equation reads, parameters and all, by the name of its quantity."""
        found: dict[str, dict[str, None]] = {}
        for e in (*self.system.starts, *self.system.equations):
            names = sorted({entry_name(a) for a in all_entries(e.expression)}, key=self._place)
            found.setdefault(e.quantity.name, {}).update(dict.fromkeys(names))
        return {name: tuple(names) for name, names in found.items()}

    def _place(self, name: str) -> int:
        return list(self.system.quantities).index(name)

    @cached_property
    def parameters(self) -> dict[str, tuple[str, ...]]:
        """The parameters among what each equation reads."""
        roles = {name: q.role for name, q in self.system.quantities.items()}
        return {
            name: tuple(n for n in names if roles[n] is Role.PARAMETER)
            for name, names in self.reads.items()
        }

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """From each quantity that is read to each that reads it; parameters left out."""
        return tuple(
            (read, name)
            for name, names in self.reads.items()
            for read in names
            if read not in self.parameters[name]
        )

    @cached_property
    def layout(self) -> Layout:
        """Where each box stands, across in inches."""
        read = {start for start, _ in self.edges}
        leaves = [q.name for q in self.system.named(Role.INPUT, Role.TARGET) if q.name in read]
        names = [*leaves, *(e.quantity.name for e in self.system.equations)]
        return layout({name: self._width(name) for name in names}, self.edges)

    @property
    def size(self) -> tuple[float, float]:  # type: ignore[override]
        """Width and height in inches: what the boxes take."""
        found = self.layout
        return max(found.width + 2 * MARGIN, 4.5), found.depth * DOWN + 0.6

    @property
    def title(self) -> str:
        """What is shown."""
        return f"{self.name} as a graph"

    @property
    def alt(self) -> str:
        """What each quantity reads; of many, their names in order."""
        text = {name: self._signs.text(q) for name, q in self.system.quantities.items()}
        leaves = [name for name in self.layout.nodes if name not in self.reads]
        told = f"{self.name} as a graph, from {listed([text[n] for n in leaves])} down to "
        told += f"{text[self.system.equations[-1].quantity.name]}"
        if len(self.reads) > _MOST_TOLD:
            return f"{told}, by way of {listed([text[n] for n in list(self.reads)[:-1]])}."
        reads = {
            name: [text[r] if r != name else "its own earlier step" for r in names]
            for name, names in self.reads.items()
            if names
        }
        lines = [f"{text[name]} reads {listed(names)}" for name, names in reads.items()]
        return f"{told}: {'; '.join(lines)}."

    @cached_property
    def _signs(self) -> Signs:
        return Signs(self.system)

    def _math(self, name: str) -> str:
        return self._signs.math(self.system.quantities[name])

    def _below(self, name: str) -> str:
        """The parameters of a box, as it shows them."""
        return ", ".join(map(self._math, self.parameters.get(name, ())))

    def _width(self, name: str) -> float:
        widths = [_wide(self._math(name), _SIZE), _wide(self._below(name), _SMALL)]
        return max(*widths, 0.3) + 2 * PADDING

    def _height(self, name: str) -> float:
        return TALL if self._below(name) else HEIGHT

    def draw(self, ax: Axes) -> None:
        """Boxes from the inputs at the top down to the loss, and arrows between them."""
        found = self.layout
        for edge, line in found.edges.items():
            self._arrow(ax, edge, line)
        for name, (x, k) in found.nodes.items():
            self._box(ax, name, x, -k * DOWN)
        for name in (start for start, end in self.edges if start == end):
            self._loop(ax, name)
        room = (self.size[0] - found.width) / 2
        ax.set_xlim(-room, found.width + room)
        ax.set_ylim(-(found.depth - 1) * DOWN - TALL, TALL)
        ax.set_aspect("equal")
        ax.axis("off")

    def _box(self, ax: Axes, name: str, x: float, y: float) -> None:
        width, height, below = self._width(name), self._height(name), self._below(name)
        colour = _LOOKS.get(self.system.quantities[name].role, INK)
        corner = (x - width / 2, y - height / 2)
        box = FancyBboxPatch(
            corner,
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.08",
            fc="white",
            ec=colour,
            lw=1.8,
            zorder=3,
        )
        ax.add_patch(box)
        look: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4}
        ax.text(x, y + (0.13 if below else 0), self._math(name), size=_SIZE, color=colour, **look)
        if below:
            ax.text(x, y - 0.17, below, size=_SMALL, color=BROWN, **look)

    def _arrow(self, ax: Axes, edge: Edge, line: tuple[Point, ...]) -> None:
        """An arrow through the bends of an edge; dashed where it goes back."""
        is_back = line[0][1] > line[-1][1]
        way = -1 if is_back else 1
        # Beside the arrow the other way, where there is one.
        beside = 0.12 if is_back and edge[::-1] in self.edges else 0.0
        (x0, k0), *bends, (x1, k1) = ((x + beside, k) for x, k in line)
        points = [(x0, -k0 * DOWN - way * self._height(edge[0]) / 2)]
        # Straight past the boxes of a layer, so that it crosses none.
        for x, k in bends:
            points += [(x, -k * DOWN + way * TALL / 2), (x, -k * DOWN - way * TALL / 2)]
        points.append((x1, -k1 * DOWN + way * self._height(edge[1]) / 2))
        look: dict[str, Any] = {"color": ORANGE, "ls": (0, (4, 2))} if is_back else {"color": GREY}
        arrow = FancyArrowPatch(
            path=_smooth(points), arrowstyle="-|>", mutation_scale=11, lw=1.4, zorder=2, **look
        )
        ax.add_patch(arrow)

    def _loop(self, ax: Axes, name: str) -> None:
        """An arrow from a box to itself: what reads its own earlier step."""
        x, k = self.layout.nodes[name]
        right, y, out = x + self._width(name) / 2, -k * DOWN, 0.35
        points = [
            (right, y - 0.1),
            (right + out, y - 0.3),
            (right + out, y + 0.3),
            (right, y + 0.1),
        ]
        path = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        look: dict[str, Any] = {"color": ORANGE, "ls": (0, (4, 2)), "lw": 1.4}
        ax.add_patch(FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=11, **look))


def _smooth(points: list[Point]) -> Path:
    """A line through points that goes up or down at each of them."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        half = (y1 - y0) / 2
        vertices += [(x0, y0 + half), (x1, y1 - half), (x1, y1)]
        codes += [Path.CURVE4] * 3
    return Path(vertices, codes)


def _wide(text: str, size: int) -> float:
    """The width of a text in inches."""
    return float(TextPath((0, 0), text, size=size).get_extents().width) / 72 if text else 0.0
