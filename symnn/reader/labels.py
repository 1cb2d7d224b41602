"""Which axis each label of a quantity stands on.

Axes of length one need no label, and in a line for one sample neither does that of the samples. A
number counts from 1, as in print, and so does what is computed from letters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Integer

from symnn.equations import SAMPLES, Quantity
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import Name, Node, Number
from symnn.reader.nodes import Labels

OPEN, UNIT, HIDDEN = "open", "unit", "hidden"
Placed = tuple[Node | str, ...]


@dataclass(frozen=True)
class Axes:
    """The axes of one quantity; `hides_samples` where a line is for one sample."""

    quantity: Quantity
    hides_samples: bool

    def whole(self) -> Placed:
        """Every axis as it is without labels."""
        return tuple(HIDDEN if self._is_hidden(size) else OPEN for size in self.quantity.shape)

    def labelled(self, labels: Labels, place: Place) -> Placed:
        """For each axis its label, or why it has none; raises `Fault` where none of it fits."""
        # Where a recurrence starts, there is a place 0; it comes after those that are there.
        for least, given in product((1, 0), _readings(labels, place)):
            for axes in self._candidates(given):
                if len(axes) == len(given) and self._are_there(axes, given, least):
                    return self._filled(axes, given)
        for given in _readings(labels, place):
            # A number on the axis of the samples is a unit of one sample, if it can be.
            for axes in self._wide_and_every():
                if len(axes) == len(given):
                    return self._filled(axes, given)
        raise self._misfit(labels, place)

    def _is_hidden(self, size: Expr) -> bool:
        return self.hides_samples and size == SAMPLES

    def _candidates(self, given: Sequence[Node]) -> Iterator[list[int]]:
        """The axes on which labels may stand, the likeliest first."""
        wide, every = self._wide_and_every()
        sizes = self.quantity.shape
        for axes in (wide, every):
            if not self._puts_number_on_samples(axes, given):
                yield axes
        if self.hides_samples:
            yield [k for k in wide if sizes[k] != SAMPLES]
            yield [k for k in every if sizes[k] != SAMPLES]
        elif given and len(given) < len(wide) and isinstance(given[0], Name):
            yield wide[: len(given)]

    def _wide_and_every(self) -> tuple[list[int], list[int]]:
        """The axes that are longer than one, and all of them."""
        every = list(range(len(self.quantity.shape)))
        return [k for k in every if self.quantity.shape[k] != 1], every

    def _are_there(self, axes: Sequence[int], given: Sequence[Node], least: int) -> bool:
        """Whether each number is a place of its axis, as far as that is known."""
        sizes = (self.quantity.shape[k] for k in axes)
        return all(
            _is_there(label.text, size, least)
            for size, label in zip(sizes, given, strict=True)
            if isinstance(label, Number) and label.text.isdigit()
        )

    def _puts_number_on_samples(self, axes: Sequence[int], given: Sequence[Node]) -> bool:
        sizes = (self.quantity.shape[k] for k in axes)
        return any(
            size == SAMPLES and isinstance(label, Number)
            for size, label in zip(sizes, given, strict=False)
        )

    def _filled(self, axes: Sequence[int], given: Sequence[Node]) -> Placed:
        by_axis = dict(zip(axes, given, strict=True))
        is_row = not self.hides_samples and len(axes) < sum(s != 1 for s in self.quantity.shape)
        return tuple(
            by_axis[k]
            if k in by_axis
            else OPEN
            if is_row
            else HIDDEN
            if self._is_hidden(size)
            else UNIT
            for k, size in enumerate(self.quantity.shape)
        )

    def _misfit(self, labels: Labels, place: Place) -> Fault:
        q = self.quantity
        if not q.shape:
            return Fault(f"{q.name} is a number and has no labels", place)
        wide = [a for a, size in zip(q.letters, q.shape, strict=True) if size != 1]
        written = f"{q.name}[{','.join(wide)}]" if wide else f"{q.name} alone"
        return Fault(f"{q.name} is written {written}, not with {_count(labels)}", place)


def _count(labels: Labels) -> str:
    count = len(labels)
    return f"{count} label{'s' * (count != 1)}"


def _readings(labels: Labels, place: Place) -> Iterator[tuple[Node, ...]]:
    """The labels; of some that stand together, each by itself and then digits as one number."""
    if not isinstance(labels, str):
        yield labels
        return
    yield tuple(_label(c, place) for c in labels)
    if len(labels) > 1 and labels.isdigit():
        yield (_label(labels, place),)


def _is_there(text: str, size: Expr, least: int) -> bool:
    """Whether a number is a place; on an axis of no known size one of several digits is none."""
    place = int(text[:9])
    return least <= place and (place <= size if size.is_Integer else len(text) == 1)


def _label(text: str, place: Place) -> Node:
    return Number(place, text) if text.isdigit() else Name(place, text)


def place_of(number: Number, size: Expr, what: str, least: int = 1) -> Integer:
    """The place that a number stands for, from 0; raises `Fault` where the axis has none such.

    Where a recurrence starts, there is a place before the first: the `least` is 0.
    """
    if not number.text.isdigit():
        raise Fault("a label is a whole number, from 1", number.place)
    place = int(number.text[:9])
    if place < least or (size.is_Integer and place > size):
        raise Fault(f"{number.text} is no place there: {what}, counted from 1", number.place)
    return Integer(place - 1)
