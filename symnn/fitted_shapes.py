"""Which axes of a quantity the axes of given numbers are, and how large that makes each size.

An array may leave out the axis of the samples, and axes of length one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from sympy import Expr, Symbol

from symnn.assigned import Nested
from symnn.equations import SAMPLES, Quantity
from symnn.errors import DataError, ShapeError
from symnn.evaluation import whole
from symnn.language import Wanted
from symnn.leaves import Numbers


class Shapes:
    """The sizes as they become known."""

    def __init__(self, leaves: Mapping[str, Quantity]) -> None:
        self.leaves = leaves
        self.sizes: dict[Symbol, int] = {}
        self.sources: dict[Symbol, str] = {}

    def fitted(self, q: Quantity, value: Nested) -> tuple[int, ...]:
        """Which axes of the quantity the axes of the value are."""
        shape = shape_of(value, q.name)
        for axes in _readings(q):
            sizes = [q.shape[k] for k in axes]
            if len(sizes) == len(shape) and self._agree(sizes, shape):
                self._learn(q, sizes, shape)
                return axes
        raise ShapeError(
            f"{q.name} has the shape {self._written(q)}, but values of the shape "
            f"{_tuple(shape)} are given"
        )

    def of_entries(self, q: Quantity, found: Mapping[Wanted, Fraction]) -> tuple[int, ...]:
        """Which axes of the quantity the numbers in the brackets count along."""
        counts = {len(wanted.place) for wanted in found}
        least = [max(w.place[k] for w in found) for k in range(min(counts))]
        for axes in _readings(q):
            sizes = [q.shape[k] for k in axes]
            known = [self._known(s) for s in sizes]
            if counts == {len(axes)} and all(
                n is None or m <= n for m, n in zip(least, known, strict=True)
            ):
                open_sizes = [n is None for n in known]
                learnt = [m for m, is_open in zip(least, open_sizes, strict=True) if is_open]
                self._learn(q, [s for s, o in zip(sizes, open_sizes, strict=True) if o], learnt)
                return axes
        wanted = next(iter(found))
        raise ShapeError(
            f"{wanted} is not there: {q.name} has the shape {self._written(q)}, from 1 on"
        )

    def settled(self, kept: Mapping[str, tuple[int, ...]]) -> dict[Symbol, int]:
        """Every size; one sample where nothing has an axis of them."""
        symbols = {s for q in self.leaves.values() for size in q.shape for s in size.free_symbols}
        sizes = {SAMPLES: 1, **self.sizes}
        unknown = sorted(map(str, symbols - sizes.keys()))
        if unknown:
            raise ShapeError(f"no value shows how large {joined(unknown)} is")
        for name, axes in kept.items():
            samples = [k for k, s in enumerate(self.leaves[name].shape) if s == SAMPLES]
            if sizes[SAMPLES] > 1 and not set(samples) <= set(axes):
                raise ShapeError(
                    f"{name} has one sample, but {self.sources[SAMPLES]} has {sizes[SAMPLES]}"
                )
        return sizes

    def check(
        self, q: Quantity, value: Nested, axes: Sequence[int], sizes: Mapping[Symbol, int]
    ) -> None:
        """Raise `ShapeError` where a size made of others is another one."""
        wanted = tuple(whole(q.shape[k], sizes) for k in axes)
        if wanted != shape_of(value, q.name):
            raise ShapeError(
                f"{q.name} has the shape {_tuple(wanted)}, but values of the shape "
                f"{_tuple(shape_of(value, q.name))} are given"
            )

    def _known(self, size: Expr) -> int | None:
        return int(size) if size.is_Integer else self.sizes.get(size)

    def _agree(self, sizes: Sequence[Expr], shape: Sequence[int]) -> bool:
        return all(self._known(s) in (n, None) for s, n in zip(sizes, shape, strict=True))

    def _learn(self, q: Quantity, sizes: Sequence[Expr], shape: Sequence[int]) -> None:
        for size, number in zip(sizes, shape, strict=True):
            if size.is_Symbol and size not in self.sizes:
                self.sizes[size], self.sources[size] = number, q.name

    def _written(self, q: Quantity) -> str:
        known = [size.xreplace(self.sizes) for size in q.shape]
        return _tuple([str(size) for size in known])


def _readings(q: Quantity) -> Iterator[tuple[int, ...]]:
    """The axes that a value may have: all, without that of the samples, without those of one."""
    every = tuple(range(len(q.shape)))
    for has_units in (True, False):
        for has_samples in (True, False):
            yield tuple(
                k
                for k in every
                if (has_samples or q.shape[k] != SAMPLES) and (has_units or q.shape[k] != 1)
            )


def shape_of(value: Nested, name: str) -> tuple[int, ...]:
    """The shape of nested lists; raises `ShapeError` where their rows differ."""
    if isinstance(value, Fraction):
        return ()
    shapes = [shape_of(v, name) for v in value]
    for k, shape in enumerate(shapes[1:], 2):
        if shape != shapes[0]:
            raise ShapeError(
                f"{name} has rows of different shapes: row 1 {_tuple(shapes[0])}, "
                f"row {k} {_tuple(shape)}"
            )
    return (len(value), *shapes[0])


def _tuple(shape: Sequence[object]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def number_at(value: Nested, place: Sequence[int]) -> Fraction:
    """The number at a place of nested lists."""
    for k in place:
        assert not isinstance(value, Fraction)
        value = value[k]
    assert isinstance(value, Fraction)
    return value


def filled(
    q: Quantity,
    places: Iterable[tuple[int, ...]],
    found: Mapping[Wanted, Fraction],
    axes: Sequence[int],
) -> Numbers:
    """The entries that are given one by one; raises `DataError` where one is not given."""
    numbers = {wanted.place: value for wanted, value in found.items()}
    filled: dict[tuple[int, ...], Fraction] = {}
    for place in places:
        key = tuple(place[k] + 1 for k in axes)
        if key not in numbers:
            raise DataError(f"no value for {Wanted(q.name, key)}; give every entry of {q.name}")
        filled[place] = numbers[key]
    return filled


def joined(names: Sequence[str]) -> str:
    """Names in a sentence: `w, b and x`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
