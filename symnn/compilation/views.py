"""Reads at affine places as views of the array itself: windows, parts and other shapes.

`x[n, c, 2·h + r]` over all n, c, h and r needs no table of places: it is a window that slides.
A flat axis that stands for several, or the other way round, is another shape of the same numbers.
What a condition keeps on its axis is read within a margin of zeros. What is no such read is left as
it is. Nothing here prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, Tuple, oo

from symnn.array_nodes import Gathered, Padded, Permuted, Reshaped, Sliced, Windowed
from symnn.cases import Piecewise
from symnn.compilation.affine import Affine, Axis, Key, NoViewError, affine, claims, rank
from symnn.extents import Clipped, Shapes, is_zero


@dataclass(frozen=True)
class View:
    """A view, and the axis of the result for which each of its axes stands."""

    expression: Expr
    axes: tuple[Axis, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """The axes of the result, one for each of the view's; no view where one is in digits."""
        keys = tuple(a.key for a in self.axes)
        if len(set(keys)) < len(keys):
            raise NoViewError("an axis in digits")
        return keys

    def ordered(self, keys: Sequence[Key]) -> Expr:
        """The view with the axes of the result, in their order."""
        every = range(len(self.axes))
        order = sorted(every, key=lambda k: (keys.index(self.axes[k].key), -self.axes[k].rank))
        turned = self.expression
        if order != list(every):
            turned = Permuted(turned, Tuple(*order))
        if len(order) == len(keys):
            return turned
        sizes = {a.key: a.whole for a in self.axes}
        return Reshaped(turned, Tuple(*(sizes[key] for key in keys)))


@dataclass(frozen=True)
class Read:
    """The entries of an array at one place for each of its axes; `kept` is what is certain."""

    array: Expr
    shape: tuple[Expr, ...]
    places: tuple[Affine, ...]
    clipped: tuple[bool, ...]

    def certain(self) -> list[Affine]:
        """What must not be negative for the read to be on its axes."""
        found = []
        for place, size, is_clipped in zip(self.places, self.shape, self.clipped, strict=True):
            if is_clipped:
                found += [place, place.times(Integer(-1)) + Affine.number(size - 1)]
        return [claim for claim in found if not claim.least.is_nonnegative]

    def view(self) -> View:
        """The read as a view, within a margin of zeros where places may lie off their axis."""
        _check_axes([a for place in self.places for a in place.factors])
        return _within_margins(self)


def read_of(node: Expr, keys: Sequence[Key], shapes: Shapes) -> Read:
    """What a node reads, its axes called by `keys`; raises `NoViewError` where it is no read."""
    if not isinstance(node, Gathered) or str(node.args[0]) not in shapes:
        raise NoViewError("no read of a quantity")
    array, *places = node.args
    shape = shapes[str(array)]
    if len(places) != len(shape):
        raise NoViewError("fewer places than axes")
    reads = tuple(affine(p, keys) for p in places)
    if {a.key for r in reads for a in r.factors} != set(keys):
        raise NoViewError("an axis that is not read")
    return Read(array, shape, reads, tuple(p.has(Clipped) for p in places))


def view_of(node: Expr, shapes: Shapes) -> Expr:
    """A read, or one that a condition keeps on its axes and is else 0, as a view."""
    known: list[Affine] = []
    if isinstance(node, Piecewise):
        (value, condition), *rest = node.args
        keys = tuple(range(max(map(rank, (*value.args, *condition.args)), default=0)))
        known = claims(condition, keys)
        if [tuple(branch) for branch in rest] != [(0, True)]:
            raise NoViewError("a choice among numbers")
        node = value
    else:
        keys = tuple(range(max(map(rank, node.args), default=0)))
    read = read_of(node, keys, shapes)
    if {c.identity for c in read.certain()} != {c.identity for c in known}:
        raise NoViewError("a place that is not on its axis")
    return read.view().ordered(keys)


def _check_axes(axes: Sequence[Axis]) -> None:
    """Raise `NoViewError` unless each axis of the result is read once, whole or in all digits."""
    for key in dict.fromkeys(a.key for a in axes):
        parts = sorted((a for a in axes if a.key == key), key=lambda a: -a.rank)
        if len(parts) == 1 and parts[0].rank == 0:
            continue
        steps = [parts[0].whole, *(a.rank for a in parts)]
        if steps[-1] != 1 or any(
            step != a.rank * a.size for step, a in zip(steps, parts, strict=False)
        ):
            raise NoViewError("not all digits")


def _within_margins(read: Read) -> View:
    """The view of an array that is as large as the places reach."""
    margins, places, shape = [], [], []
    for place, size, is_clipped in zip(read.places, read.shape, read.clipped, strict=True):
        low = _positive(-place.least) if is_clipped else Integer(0)
        high = _positive(place.greatest - size + 1) if is_clipped else Integer(0)
        margins.append(Tuple(low, high, Integer(1)))
        places.append(place + Affine.number(low))
        shape.append(size + low + high)
    is_inside = all(low == high == 0 for low, high, _ in margins)
    array = read.array if is_inside else Padded(read.array, *margins)
    return slid(array, shape, places)


def _positive(size: Expr) -> Expr:
    """The size of a margin, which is a number; 0 for one below."""
    size = size.expand()
    if not size.is_Integer:
        raise NoViewError("a margin of an unknown size")
    return max(size, Integer(0))


def slid(array: Expr, shape: Sequence[Expr], places: Sequence[Affine]) -> View:
    """The view of an array, all of whose places are on it."""
    terms = [_terms(place) for place in places]
    nested = [_is_nested(p, t, s) for p, t, s in zip(places, terms, shape, strict=True)]
    if not any(nested):
        return _windowed(array, shape, places)
    sizes: list[Expr] = []
    split: list[Affine] = []
    for d, place in enumerate(places):
        sizes += [a.size for a, _ in terms[d]] if nested[d] else [shape[d]]
        split += [Affine.axis(a) for a, _ in terms[d]] if nested[d] else [place]
    return _windowed(Reshaped(array, Tuple(*sizes)), sizes, split)


def _terms(place: Affine) -> list[tuple[Axis, Expr]]:
    """The axes along which a place runs, that which takes the longest steps first."""
    terms = sorted(place.factors.items(), key=lambda pair: -pair[1])
    if not terms or not all(f.is_Integer and f != 0 for _, f in terms):
        raise NoViewError("an axis that is not read")
    return terms


def _is_nested(place: Affine, terms: Sequence[tuple[Axis, Expr]], size: Expr) -> bool:
    """Whether an axis of the array is several of the result, one within the other."""
    if len(terms) < 2 or place.constant != 0 or not size.is_Integer:
        return False
    whole = [size, *(f for _, f in terms)]
    return whole == [*(f * a.size for a, f in terms), Integer(1)]


def _windowed(array: Expr, shape: Sequence[Expr], places: Sequence[Affine]) -> View:
    """The view that takes a part of each axis, and windows along some."""
    parts, windows, steps, inner, axes = [], [], [], [], []
    for d, (place, size) in enumerate(zip(places, shape, strict=True)):
        (axis, step), *taps = _terms(place)
        if step < 0 or len(taps) > 1:
            raise NoViewError("an axis that runs backwards, or more than windows")
        axes.append(axis)
        start, stop = place.least, place.greatest + 1
        is_whole = start == 0 and is_zero(size - stop)
        if not taps:
            parts.append(Tuple() if is_whole and step == 1 else Tuple(start, stop, step))
            steps.append(Tuple())
            continue
        ((tap, width),) = taps
        parts.append(Tuple() if is_whole else Tuple(start, stop, Integer(1)))
        windows.append((d, abs(width) * (tap.size - 1) + 1))
        steps.append(_every(step))
        inner.append((tap, _every(width)))
    array = _sliced(array, parts)
    if windows:
        numbers, widths = zip(*windows, strict=True)
        array = Windowed(array, Tuple(*numbers), Tuple(*widths))
        array = _sliced(array, [*steps, *(step for _, step in inner)])
    return View(array, (*axes, *(tap for tap, _ in inner)))


def _every(step: Expr) -> Tuple:
    """All of an axis in these steps; a negative one begins at the end."""
    return Tuple() if step == 1 else Tuple(Integer(0), oo, step)


def _sliced(array: Expr, parts: Sequence[Tuple]) -> Expr:
    return Sliced(array, *parts) if any(parts) else array
