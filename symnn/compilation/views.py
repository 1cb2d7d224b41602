"""Reads at affine places as views of the array itself: windows, parts and other shapes.

`x[n, c, 2·h + r]` over all n, c, h and r needs no table of places: it is a window that slides.
A flat axis that stands for several, or the other way round, is another shape of the same numbers.
What is no such read is left as it is. Nothing here prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Add, Expr, Integer, Mul, Piecewise, Symbol, Tuple, oo

from symnn.array_nodes import (
    Contraction,
    Expanded,
    Gathered,
    Permuted,
    Range,
    Reshaped,
    Sliced,
    Windowed,
)
from symnn.digits import Digit
from symnn.extents import Shapes, Within, is_zero
from symnn.stability.parts import rebuilt


@dataclass(frozen=True)
class _Axis:
    """An axis of the result; or a digit of one, `rank` the stride at which it counts, else 0."""

    number: int
    rank: int
    size: Expr
    whole: Expr


@dataclass
class _Affine:
    """constant + Σ factor · axis."""

    constant: Expr = field(default_factory=lambda: Integer(0))
    factors: dict[_Axis, Expr] = field(default_factory=dict)

    def __add__(self, other: "_Affine") -> "_Affine":
        factors = dict(self.factors)
        for axis, factor in other.factors.items():
            factors[axis] = factors.get(axis, Integer(0)) + factor
        return _Affine(self.constant + other.constant, factors)

    def times(self, factor: Expr) -> "_Affine":
        """A multiple of it."""
        return _Affine(factor * self.constant, {a: factor * f for a, f in self.factors.items()})


class NoViewError(ArithmeticError):
    """A read that is no view."""


def with_views(array: Expr, shapes: Shapes) -> Expr:
    """The array with a view for each read that is one; `shapes` are those of the quantities."""
    if not array.has(Gathered):
        return array
    if isinstance(array, Contraction):
        return _contraction(array, shapes)
    if isinstance(array, Gathered):
        try:
            return _view(array, shapes).ordered
        except NoViewError:
            return array
    if isinstance(array, Piecewise) and array.has(Digit):
        # What a digit counts may lie off its axis in a branch that is not taken.
        return array
    return rebuilt(array, (with_views(a, shapes) if isinstance(a, Expr) else a for a in array.args))


def _contraction(array: Contraction, shapes: Shapes) -> Expr:
    """The contraction of views, whose axes may stand in any order."""
    result, labels, *operands = array.args
    found = []
    for operand, letters in zip(operands, labels, strict=True):
        try:
            view = _view(operand, shapes)
            found.append((view.expression, Tuple(*(letters[n] for n in view.numbers))))
        except NoViewError:
            found.append((with_views(operand, shapes), letters))
    return Contraction(result, Tuple(*(a for _, a in found)), *(o for o, _ in found))


@dataclass(frozen=True)
class _View:
    """A view, and the axis of the result for which each of its axes stands."""

    expression: Expr
    axes: tuple[_Axis, ...]
    sizes: tuple[Expr, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The axes of the result, one for each of the view's; no view where one is in digits."""
        numbers = tuple(a.number for a in self.axes)
        if len(set(numbers)) < len(numbers):
            raise NoViewError("an axis in digits")
        return numbers

    @property
    def ordered(self) -> Expr:
        """The view with the axes of the result."""
        every = range(len(self.axes))
        order = sorted(every, key=lambda k: (self.axes[k].number, -self.axes[k].rank))
        turned = self.expression
        if order != list(every):
            turned = Permuted(turned, Tuple(*order))
        return Reshaped(turned, Tuple(*self.sizes)) if len(order) > len(self.sizes) else turned


def _view(node: Expr, shapes: Shapes) -> _View:
    """What is read, as a view; raises `NoViewError` where it is none."""
    if not isinstance(node, Gathered) or str(node.args[0]) not in shapes:
        raise NoViewError("no read of a quantity")
    array, *places = node.args
    shape = shapes[str(array)]
    count = max(map(_rank, places))
    reads = [_affine(p, tuple(range(count))) for p in places]
    sizes = _checked([a for read in reads for a in read.factors], count)
    if len(reads) != len(shape):
        raise NoViewError("fewer places than axes")
    return _Building(array, shape, reads).view(sizes)


def _rank(place: Expr) -> int:
    """How many axes an array of places has."""
    if isinstance(place, Expanded):
        return len(place.args[1])
    return 1 if isinstance(place, Range) else max(map(_rank, place.args), default=0)


def _affine(place: Expr, axes: Sequence[int]) -> _Affine:
    """A place as a sum of axes; the last of `axes` are its own."""
    if isinstance(place, Range):
        return _Affine(factors={_Axis(axes[-1], 0, *place.args, *place.args): Integer(1)})
    if isinstance(place, Expanded):
        inner, flags = place.args
        own = axes[len(axes) - len(flags) :]
        return _affine(inner, [a for a, flag in zip(own, flags, strict=True) if flag])
    if isinstance(place, Add):
        total = _Affine()
        for term in place.args:
            total = total + _affine(term, axes)
        return total
    if isinstance(place, Mul) and place.args[0].is_Integer:
        return _affine(Mul(*place.args[1:]), axes).times(place.args[0])
    if isinstance(place, Within):
        return _affine(place.args[0], axes)
    if isinstance(place, Digit):
        return _digit(place, axes)
    if place.is_Integer:
        return _Affine(place)
    raise NoViewError(f"{place} is not affine")


def _digit(place: Digit, axes: Sequence[int]) -> _Affine:
    whole = _affine(place.of, axes)
    if whole.constant != 0 or list(whole.factors.values()) != [1]:
        raise NoViewError("a digit of a sum")
    (axis,) = whole.factors
    _, stride, size = place.args
    if not (stride.is_Integer and axis.size.is_Integer):
        raise NoViewError("a digit of unknown length")
    size = axis.size / stride if size == oo else size
    return _Affine(factors={_Axis(axis.number, int(stride), size, axis.size): Integer(1)})


def _checked(axes: Sequence[_Axis], count: int) -> tuple[Expr, ...]:
    """The sizes of the axes of the result, each of which is read once, whole or in all digits."""
    sizes = []
    for number in range(count):
        parts = sorted((a for a in axes if a.number == number), key=lambda a: -a.rank)
        if not parts:
            raise NoViewError("an axis that is not read")
        if len(parts) == 1 and parts[0].rank == 0:
            sizes.append(parts[0].size)
            continue
        strides = [*(a.rank for a in parts), 1]
        whole = parts[0].whole
        steps = [whole, *strides[:-1]]
        if strides[-2] != 1 or any(
            s != a.rank * a.size for s, a in zip(steps, parts, strict=False)
        ):
            raise NoViewError("not all digits")
        sizes.append(whole)
    return tuple(sizes)


class _Building:
    """A view in the making."""

    def __init__(self, array: Symbol, shape: tuple[Expr, ...], reads: Sequence[_Affine]) -> None:
        self._array, self._shape = array, shape
        self._reads = [
            (r.constant, sorted(r.factors.items(), key=lambda pair: -pair[1])) for r in reads
        ]

    def view(self, sizes: tuple[Expr, ...]) -> _View:
        """The view: in another shape, or a part of each axis and windows along some."""
        for _, terms in self._reads:
            if not terms or any(not (f.is_Integer and f.is_positive) for _, f in terms):
                raise NoViewError("an axis that runs backwards, or is not read")
        nested = [self._is_nested(d) for d in range(len(self._shape))]
        array: Expr = self._array
        if any(nested):
            split: list[Expr] = []
            for d, (_, terms) in enumerate(self._reads):
                split += [a.size for a, _ in terms] if nested[d] else [self._shape[d]]
            array = Reshaped(array, Tuple(*split))
            reads = []
            for d, (constant, terms) in enumerate(self._reads):
                reads += (
                    [(Integer(0), [(a, Integer(1))]) for a, _ in terms]
                    if nested[d]
                    else [(constant, terms)]
                )
            self._reads, self._shape = reads, tuple(split)
        return self._windowed(array, sizes)

    def _is_nested(self, d: int) -> bool:
        """Whether an axis of the array is several of the result, one within the other."""
        constant, terms = self._reads[d]
        if len(terms) < 2 or constant != 0 or not self._shape[d].is_Integer:
            return False
        whole = [self._shape[d], *(f for _, f in terms)]
        steps = [*(f * a.size for a, f in terms), Integer(1)]
        return whole == steps

    def _windowed(self, array: Expr, sizes: tuple[Expr, ...]) -> _View:
        parts, windows, steps, inner, axes = [], [], [], [], []
        for d, (start, terms) in enumerate(self._reads):
            if len(terms) > 2:
                raise NoViewError("more than windows")
            reach = Add(*(f * (a.size - 1) for a, f in terms))
            (axis, step), *tap = terms
            axes.append(axis)
            is_whole = start == 0 and is_zero(self._shape[d] - reach - 1)
            if tap:
                ((own, width),) = tap
                parts.append(Tuple() if is_whole else Tuple(start, start + reach + 1, Integer(1)))
                windows.append((d, width * (own.size - 1) + 1))
                steps.append(Tuple() if step == 1 else Tuple(Integer(0), oo, step))
                inner.append((own, Tuple() if width == 1 else Tuple(Integer(0), oo, width)))
            else:
                part = Tuple(start, start + reach + 1, step)
                parts.append(Tuple() if is_whole and step == 1 else part)
                steps.append(Tuple())
        array = _sliced(array, parts)
        if windows:
            numbers, widths = zip(*windows, strict=True)
            array = Windowed(array, Tuple(*numbers), Tuple(*widths))
            array = _sliced(array, [*steps, *(step for _, step in inner)])
        return _View(array, (*axes, *(own for own, _ in inner)), sizes)


def _sliced(array: Expr, parts: Sequence[Tuple]) -> Expr:
    return Sliced(array, *parts) if any(parts) else array
