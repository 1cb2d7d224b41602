"""Where the nodes of a graph stand: in layers, each below what it reads, with few crossings.

The method of Sugiyama, Tagawa and Toda 1981: longest paths give the layers, an edge over several
layers bends at a point in each, averages of neighbours give the order and then the places. It knows
nothing of networks, and chance has no part in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]
Point = tuple[float, float]
# A node, or the bend of an edge (its start, its end, the layer).
Item = str | tuple[str, str, int]

SWEEPS, ROUNDS = 12, 24


@dataclass(frozen=True)
class Layout:
    """The centre of each node, and the points through which each edge goes, its ends included.

    Across in the units of the widths; down in layers, from 0.
    """

    nodes: Mapping[str, Point]
    edges: Mapping[Edge, tuple[Point, ...]]
    width: float
    depth: int


def layout(
    widths: Mapping[str, float], edges: Sequence[Edge], gap: float = 0.3, bend: float = 0.1
) -> Layout:
    """The places of nodes of these widths, in an order in which each edge goes onward.

    An edge back, against the order of `widths`, is laid as if it went onward.

    >>> found = layout({"a": 1, "b": 1, "c": 1}, [("a", "b"), ("a", "c"), ("b", "c")])
    >>> found.nodes["c"][1], len(found.edges["a", "c"])
    (2, 3)
    """
    order = {name: place for place, name in enumerate(widths)}
    onward = {e: e if order[e[0]] < order[e[1]] else (e[1], e[0]) for e in edges if e[0] != e[1]}
    layers = _layers(list(widths), list(onward.values()))
    rows, links = _with_bends(layers, dict.fromkeys(onward.values()))
    rows = _ordered(rows, links)
    wide = {item: widths[item] if isinstance(item, str) else bend for row in rows for item in row}
    across = _placed(rows, links, wide, gap)
    low = min(across[i] - wide[i] / 2 for i in across)
    high = max(across[i] + wide[i] / 2 for i in across)
    at = {i: (across[i] - low, k) for k, row in enumerate(rows) for i in row}
    nodes = {i: at[i] for i in at if isinstance(i, str)}
    lines = {e: tuple(at[i] for i in _chain(*way, layers)) for e, way in onward.items()}
    turned = {e: line if onward[e] == e else line[::-1] for e, line in lines.items()}
    return Layout(nodes, turned, high - low, len(rows))


def _layers(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The layer of each node: below all that it reads, and what reads nothing just above."""
    before: dict[str, list[str]] = {name: [] for name in names}
    after: dict[str, list[str]] = {name: [] for name in names}
    for start, end in edges:
        before[end].append(start)
        after[start].append(end)
    layers: dict[str, int] = {}
    for name in names:
        layers[name] = max((layers[b] + 1 for b in before[name]), default=0)
    for name in names:
        if not before[name] and after[name]:
            layers[name] = min(layers[a] for a in after[name]) - 1
    return layers


def _chain(start: str, end: str, layers: Mapping[str, int]) -> list[Item]:
    bends: list[Item] = [(start, end, k) for k in range(layers[start] + 1, layers[end])]
    return [start, *bends, end]


Links = dict[Item, list[Item]]


def _with_bends(
    layers: Mapping[str, int], edges: Mapping[Edge, None]
) -> tuple[list[list[Item]], tuple[Links, Links]]:
    """The items of each layer, and what each is joined to in the layer above and below."""
    rows: list[list[Item]] = [[] for _ in range(max(layers.values()) + 1)]
    for name, layer in layers.items():
        rows[layer].append(name)
    above: Links = {name: [] for name in layers}
    below: Links = {name: [] for name in layers}
    for start, end in edges:
        chain = _chain(start, end, layers)
        for k, item in enumerate(chain[1:-1], start=layers[start] + 1):
            rows[k].append(item)
            above[item], below[item] = [], []
        for one, other in pairwise(chain):
            below[one].append(other)
            above[other].append(one)
    return rows, (above, below)


def _ordered(rows: list[list[Item]], links: tuple[Links, Links]) -> list[list[Item]]:
    """Each layer in the order with the fewest crossings that sweeps down and up have met."""
    above, below = links
    best, fewest = rows, _crossings(rows, below)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        joined, places = (
            (above, range(1, len(rows))) if downward else (below, range(len(rows) - 2, -1, -1))
        )
        rows = [list(row) for row in rows]
        for k in places:
            fixed = {i: p for p, i in enumerate(rows[k - 1 if downward else k + 1])}
            rows[k] = _by_average(rows[k], joined, fixed)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _by_average(row: list[Item], joined: Links, fixed: Mapping[Item, int]) -> list[Item]:
    def average(pair: tuple[int, Item]) -> float:
        place, item = pair
        found = [fixed[other] for other in joined[item]]
        return sum(found) / len(found) if found else place

    return [item for _, item in sorted(enumerate(row), key=average)]


def _crossings(rows: Sequence[Sequence[Item]], below: Links) -> int:
    """How many pairs of edges cross."""
    count = 0
    for row, under in pairwise(rows):
        place = {item: p for p, item in enumerate(under)}
        ends = [sorted(place[b] for b in below[item]) for item in row]
        flat = [end for group in ends for end in group]
        count += sum(a > b for k, a in enumerate(flat) for b in flat[k + 1 :])
    return count


def _placed(
    rows: Sequence[Sequence[Item]],
    links: tuple[Links, Links],
    wide: Mapping[Item, float],
    gap: float,
) -> dict[Item, float]:
    """The place of each item across: near the average of its neighbours, none upon another."""
    across: dict[Item, float] = {}
    for row in rows:
        total = sum(wide[i] for i in row) + gap * (len(row) - 1)
        at = -total / 2
        for item in row:
            across[item] = at + wide[item] / 2
            at += wide[item] + gap
    above, below = links
    # Down and up in turn, each row by the one before it; so a chain ends up straight.
    for turn in range(ROUNDS):
        side = (above, below)[turn % 2]
        for row in reversed(rows) if turn % 2 else rows:
            wanted = []
            for item in row:
                joined = [across[other] for other in side[item]]
                wanted.append(sum(joined) / len(joined) if joined else across[item])
            across |= zip(row, _apart(row, wanted, wide, gap), strict=True)
    return across


def _apart(
    row: Sequence[Item], wanted: Sequence[float], wide: Mapping[Item, float], gap: float
) -> list[float]:
    """Places nearest to those wanted, in their order and apart: blocks that touch move as one."""
    blocks: list[tuple[float, list[float], int]] = []
    offset = 0.0
    for k, item in enumerate(row):
        if k:
            offset += (wide[row[k - 1]] + wide[item]) / 2 + gap
        blocks.append((wanted[k] - offset, [wanted[k] - offset], 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (_, first, m), (_, second, n) = blocks[-2:]
            every = [*first, *second]
            blocks[-2:] = [(sum(every) / len(every), every, m + n)]
    starts = [start for start, _, count in blocks for _ in range(count)]
    places, offset = [], 0.0
    for k, item in enumerate(row):
        if k:
            offset += (wide[row[k - 1]] + wide[item]) / 2 + gap
        places.append(starts[k] + offset)
    return places
