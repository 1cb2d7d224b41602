"""Index letters: which of the names in a claim are letters, and the size that each has.

A letter has the size of the axes on which it stands by itself, within its sum or, if none binds it,
in the whole claim.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Idx, Indexed

from symnn.binding import fresh_index, index, size_of
from symnn.equations import SAMPLES, Quantity
from symnn.functions import U
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import Chain, Comparison, Name, Node
from symnn.reader.labels import Axes, Placed
from symnn.reader.lexicon import Lexicon
from symnn.reader.nodes import Labelled, Labels, Reduced, below
from symnn.reader.shapes import ShapeFault, Value
from symnn.reader.tokens import unknown

Indices = Mapping[str, Idx]
MOST_PLACES = 9_999


@dataclass(frozen=True)
class Letters:
    """The letters of a model's claims; `hides_samples` where each sample is by itself.

    Those that are `moved`, as in `z[j + 2]` or `[j <= 2]`, may stand on axes of several sizes, and
    run over the first.
    """

    lexicon: Lexicon
    hides_samples: bool
    moved: frozenset[str] = frozenset()

    def axes(self, q: Quantity) -> Axes:
        """The axes of a quantity."""
        return Axes(q, self.hides_samples)

    def placed(self, q: Quantity, labels: Labels, place: Place) -> Placed:
        """For each axis of a quantity its label, or why it has none."""
        return self.axes(q).labelled(labels, place)

    def is_letter(self, name: str) -> bool:
        """Whether a name may stand for an index."""
        return name not in (*self.lexicon.quantities, *self.lexicon.sizes, "pi", "inf")

    def free(self, sides: Sequence[Node]) -> dict[str, Idx]:
        """An index for each letter that no sum binds; raises `Fault` for a name without meaning."""
        found = [f for side in sides for f in self._places(side, frozenset())]
        first = {name: place for name, _, place in reversed(found)}
        sized = {name for name, size, _ in found if size is not None}
        for name in first.keys() - sized:
            if not (self._usual_sizes(name) or self._compared(name, sides)):
                raise unknown(name, self.lexicon, first[name])
        indices: dict[str, Idx] = {}
        for name in sorted(first, key=lambda name: (name not in sized, name)):
            indices[name] = self._sized(name, sides, first[name], indices)
        return indices

    def bound(
        self, node: Reduced, indices: Indices, read: Callable[[Node], Value]
    ) -> dict[str, Idx]:
        """An index of its own for each letter of a sum, within the indices around it.

        `read` gives the value of a range's end.
        """
        parts = [node.body, *([_unequal(node)] if node.but is not None else [])]
        for letter in node.letters:
            if not self.is_letter(letter):
                raise Fault(f"{letter} is no index letter here", node.place)
        ends = {letter: index(letter, _end(end, read(end))) for letter, end in node.ends}
        sized = (ends.get(a) or self._sized(a, parts, node.place, indices) for a in node.letters)
        return dict(zip(node.letters, map(fresh_index, sized), strict=True))

    def _sized(self, letter: str, nodes: Sequence[Node], place: Place, indices: Indices) -> Idx:
        """The index of a letter, with the size of the axes on which it stands in these nodes.

        One that is only compared with another has the size of that one.
        """
        sizes: dict[Expr, Place] = {}
        for node in nodes:
            for name, size, where in self._places(node, frozenset()):
                if name == letter and size is not None:
                    sizes.setdefault(size, where)
        sizes = {s: w for s, w in sizes.items() if s != 1} or sizes
        if len(sizes) > 1:
            crossed = self._crossing(list(sizes))
            if crossed is not None:
                return index(letter, crossed)
        if len(sizes) > 1 and letter not in self.moved:
            one, other = list(sizes)[:2]
            raise ShapeFault(
                f"{letter} stands on an axis of {one} and on one of {other}", sizes[other]
            )
        known = [size_of(indices[a]) for a in self._compared(letter, nodes) if a in indices]
        for size in [*sizes, *known, *self._usual_sizes(letter)]:
            return index(letter, size)
        raise Fault(f"{letter} stands on no axis here, so its size is not known", place)

    def _crossing(self, sizes: Sequence[Expr]) -> Expr | None:
        """The size of an index that the model reads on axes of all these sizes."""
        crossings = self.lexicon.crossings
        every = (s for s in sizes if all((s, other) in crossings for other in sizes if other != s))
        return next(every, None)

    def names_samples(self, node: Node) -> bool:
        """Whether a node speaks of N, or has a label on an axis of samples."""
        if isinstance(node, Name):
            return node.name == SAMPLES.name and node.name not in self.lexicon.quantities
        if isinstance(node, Labelled) and isinstance(node.of, Name):
            q = self.lexicon.quantities.get(node.of.name)
            placed = self.placed(q, node.labels, node.place) if q else ()
            axes = zip(placed, q.shape if q else (), strict=True)
            return any(size == SAMPLES and not isinstance(label, str) for label, size in axes)
        return False

    def _compared(self, letter: str, nodes: Sequence[Node]) -> list[str]:
        """The names with which a letter is compared for being equal."""
        found = []
        for node in nodes:
            if isinstance(node, Comparison) and node.rest[0][0] in ("=", "==", "!="):
                names = [p.name for p in (node.first, node.rest[0][1]) if isinstance(p, Name)]
                found += [n for n in names if letter in names and n != letter]
            found += self._compared(letter, below(node))
        return found

    def _usual_sizes(self, letter: str) -> list[Expr]:
        """The size that a letter has in the model, where it has one alone."""
        known = {
            size
            for q in self.lexicon.quantities.values()
            for own, size in zip(q.letters, q.shape, strict=True)
            if own == letter
        }
        return list(known) if len(known) == 1 else []

    def _places(
        self, node: Node, bound: frozenset[str]
    ) -> Iterator[tuple[str, Expr | None, Place]]:
        """Each letter that is free in a node, with the size of the axis on which it stands."""
        match node:
            case Reduced(letters=letters, body=body):
                yield from self._places(body, bound | {*letters})
                if node.but is not None:
                    yield from self._places(node.but, bound)
            case Labelled(_, Name(_, name), labels) if name in self.lexicon.quantities:
                yield from self._labels(self.lexicon.quantities[name], labels, node, bound)
            case Labelled(_, of, str() as packed):
                yield from self._places(of, bound)
                yield from ((c, None, node.place) for c in packed if c.isalpha() and c not in bound)
            case Name(place, name) if self.is_letter(name) and name not in bound:
                if len(name) == 1 and name != U.name:
                    yield name, None, place
            case _:
                for part in below(node):
                    yield from self._places(part, bound)

    def _labels(
        self, q: Quantity, labels: Labels, node: Node, bound: frozenset[str]
    ) -> Iterator[tuple[str, Expr | None, Place]]:
        """The letters on the axes of a quantity."""
        for label, size in zip(self.placed(q, labels, node.place), q.shape, strict=True):
            if isinstance(label, Name) and self.is_letter(label.name):
                if label.name not in bound:
                    yield label.name, size, label.place
            elif not isinstance(label, str):
                yield from self._places(label, bound)


def _end(node: Node, value: Value) -> Expr:
    """The last place of an index: a whole number, or what is made of sizes."""
    last = value.expression
    is_size = last.is_integer and not last.is_nonpositive and not last.atoms(Idx, Indexed)
    if value.axes or not is_size or (last.is_Integer and last > MOST_PLACES):
        raise Fault(
            f"an index ends at a whole number up to {MOST_PLACES} or at the name of a size, "
            "as in 1 ≤ k ≤ K + 2",
            node.place,
        )
    return last


def moved_letters(nodes: Iterable[Node]) -> frozenset[str]:
    """The letters in sums, as in `z[j + 2]`, and those that are compared, as in `[j <= 2]`."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case Labelled(_, _, tuple() as labels):
                found |= {a for label in labels if isinstance(label, Chain) for a in _names(label)}
            case Comparison():
                found |= _names(node)
        found |= moved_letters(below(node))
    return frozenset(found)


def _names(node: Node) -> set[str]:
    own = {node.name} if isinstance(node, Name) else set()
    return own.union(*map(_names, below(node)))


def _unequal(node: Reduced) -> Node:
    """`i ≠ j`, of a product that leaves out a place."""
    assert node.but is not None
    return Comparison(node.place, Name(node.place, node.letters[-1]), (("!=", node.but),))
