"""What the labels of a quantity, or of an expression, pick: an entry, a row, or all of it."""

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Idx, Integer

from symnn.binding import index, size_of
from symnn.equations import SAMPLES, Quantity
from symnn.parsing.source import Fault
from symnn.parsing.tree import Name, Node, Number
from symnn.reader.labels import HIDDEN, OPEN, UNIT, Placed, place_of
from symnn.reader.letters import Indices
from symnn.reader.lexicon import Lexicon
from symnn.reader.nodes import Labelled
from symnn.reader.shapes import ShapeFault, Value, new_axis, shape
from symnn.recurrence import or_start

SAMPLE = index("n", SAMPLES)


@dataclass(frozen=True)
class Entries:
    """How labels are read within some indices; `read` gives the value of a label that is computed.

    Letters that are `moved`, as in `z[j + 2]`, may stand on axes of several sizes.
    """

    lexicon: Lexicon
    indices: Indices
    moved: frozenset[str]
    read: Callable[[Node], Value]

    def entry(self, q: Quantity, placed: Placed) -> Value:
        """An entry of a quantity, or all of it."""
        places, axes = self.places(q, placed)
        entry, starts = q.at(*places), self.lexicon.style.starts.get(q.name, ())
        for start in starts:
            if any(i == p for i, p in zip(start.indices, places, strict=True) if i.is_Integer):
                # The place before the first has the value that the start gives it.
                at = dict(zip(start.indices, places, strict=True))
                return Value(start.expression.xreplace(at), axes)
        read = or_start(entry, starts) if starts else entry
        return Value(read + 1 if q.is_from_0 else read, axes)

    def places(self, q: Quantity, placed: Placed) -> tuple[list[Expr], tuple[Idx, ...]]:
        """The place on each axis of a quantity, and those of them that are open."""
        places: list[Expr] = []
        for label, size in zip(placed, q.shape, strict=True):
            if label == OPEN:
                places.append(new_axis(size))
            elif isinstance(label, str):
                places.append({UNIT: Integer(0), HIDDEN: SAMPLE}[label])
            elif isinstance(label, Number):
                least = 1 if q.name not in self.lexicon.style.starts else 0
                places.append(place_of(label, size, f"{q.name} is {shape(q.shape)}", least))
            else:
                places.append(self._label(label, size))
        return places, tuple(p for p, m in zip(places, placed, strict=True) if m == OPEN)

    def _label(self, node: Node, size: Expr) -> Expr:
        """What stands on an axis: an index, a sum of indices and numbers, or an input."""
        if isinstance(node, Number):
            return place_of(node, size, f"the axis has {size}")
        if isinstance(node, Name) and node.name in self.indices:
            found = self.indices[node.name]
            if not isinstance(found, Idx) or node.name in self.moved:
                return found
            if size_of(found) == size or (size_of(found), size) in self.lexicon.crossings:
                return found
            if size == 1:
                return Integer(0)
            raise ShapeFault(
                f"{node.name} runs over {size_of(found)}, and stands on an axis of {size}",
                node.place,
            )
        value = self.read(node)
        if value.axes:
            raise Fault("a label is an index or a number", node.place)
        return value.expression - 1

    def row(self, value: Value, node: Labelled) -> Value:
        """Some rows of an expression, as in (δ ⊙ x)ₙ."""
        labels = node.labels
        names = tuple(Name(node.place, c) for c in labels) if isinstance(labels, str) else labels
        if len(names) > len(value.axes):
            raise Fault("there are more labels here than axes", node.place)
        own = value.axes[: len(names)]
        places = [self._label(n, size_of(i)) for n, i in zip(names, own, strict=True)]
        rest = value.axes[len(names) :]
        return Value(value.expression.xreplace(dict(zip(own, places, strict=True))), rest)
