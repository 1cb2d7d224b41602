"""Places in arrays as sums of axes: what `2·h + r` is of h and r, what a condition asks of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, And, Expr, Ge, Gt, Integer, Le, Lt, Mul, oo

from symnn.array_nodes import Expanded, Range
from symnn.digits import Digit
from symnn.extents import Mark

# What an axis of a result is called: its number, or its letter in a contraction.
Key = object


class NoViewError(ArithmeticError):
    """A read that is no view of the array."""


@dataclass(frozen=True)
class Axis:
    """An axis of the result; or a digit of one, `rank` the stride at which it counts, else 0."""

    key: Key
    rank: int
    size: Expr
    whole: Expr


@dataclass(frozen=True)
class Affine:
    """constant + Σ factor · axis."""

    constant: Expr
    factors: Mapping[Axis, Expr]

    def __add__(self, other: "Affine") -> "Affine":
        factors = dict(self.factors)
        for axis, factor in other.factors.items():
            factors[axis] = factors.get(axis, Integer(0)) + factor
        present = {a: f for a, f in factors.items() if f != 0}
        return Affine(self.constant + other.constant, present)

    def times(self, factor: Expr) -> "Affine":
        """A multiple of it."""
        return Affine(factor * self.constant, {a: factor * f for a, f in self.factors.items()})

    @staticmethod
    def number(value: Expr | int) -> "Affine":
        """A number, which no axis changes."""
        return Affine(Integer(value) if isinstance(value, int) else value, {})

    @staticmethod
    def axis(axis: Axis) -> "Affine":
        """All the places along an axis."""
        return Affine(Integer(0), {axis: Integer(1)})

    @property
    def least(self) -> Expr:
        """The least that it comes to."""
        return self._end(lambda f: f.is_negative)

    @property
    def greatest(self) -> Expr:
        """The greatest that it comes to."""
        return self._end(lambda f: f.is_positive)

    def _end(self, counts: Callable[[Expr], bool | None]) -> Expr:
        ends = (f * (a.size - 1) for a, f in self.factors.items() if counts(f))
        return (self.constant + Add(*ends)).expand()

    @property
    def identity(self) -> tuple[Expr, frozenset[tuple[Axis, Expr]]]:
        """What two that are equal have in common."""
        return self.constant.expand(), frozenset(self.factors.items())


def rank(place: Expr) -> int:
    """How many axes an array of places has."""
    if isinstance(place, Expanded):
        return len(place.args[1])
    return 1 if isinstance(place, Range) else max(map(rank, place.args), default=0)


def affine(place: Expr, axes: Sequence[Key]) -> Affine:
    """A place as a sum of axes, of which its own are the last; raises `NoViewError` if it is none.

    >>> from symnn.array_nodes import Range
    >>> affine(2 * Range(3) + 1, ["h"]).greatest
    5
    """
    if isinstance(place, Range):
        return Affine.axis(Axis(axes[-1], 0, place.args[0], place.args[0]))
    if isinstance(place, Expanded):
        inner, flags = place.args
        own = axes[len(axes) - len(flags) :]
        return affine(inner, [a for a, flag in zip(own, flags, strict=True) if flag])
    if isinstance(place, Add):
        total = Affine.number(0)
        for term in place.args:
            total = total + affine(term, axes)
        return total
    if isinstance(place, Mul) and place.args[0].is_Integer:
        return affine(Mul(*place.args[1:]), axes).times(place.args[0])
    if isinstance(place, Mark):
        return affine(place.args[0], axes)
    if isinstance(place, Digit):
        return _digit(place, axes)
    if place.is_Integer or (place.is_Symbol and place.is_integer):
        return Affine.number(place)
    raise NoViewError(f"{place} is not affine")


def _digit(place: Digit, axes: Sequence[Key]) -> Affine:
    whole = affine(place.of, axes)
    if whole.constant != 0 or list(whole.factors.values()) != [1]:
        raise NoViewError("a digit of a sum")
    (axis,) = whole.factors
    _, stride, size = place.args
    if not (stride.is_Integer and axis.size.is_Integer):
        raise NoViewError("a digit of an unknown size")
    size = axis.size / stride if size == oo else size
    return Affine.axis(Axis(axis.key, int(stride), size, axis.size))


def claims(condition: Expr, axes: Sequence[Key]) -> list[Affine]:
    """What a condition says not to be negative; raises `NoViewError` for any other condition."""
    if isinstance(condition, And):
        return [claim for part in condition.args for claim in claims(part, axes)]
    if condition == True:  # noqa: E712  (SymPy's true)
        return []
    for kinds, sign in ((Ge | Gt, 1), (Le | Lt, -1)):
        if isinstance(condition, kinds):
            left, right = (affine(side, axes) for side in condition.args)
            difference = (left + right.times(Integer(-1))).times(Integer(sign))
            is_strict = isinstance(condition, Gt | Lt)
            return [difference + Affine.number(-1)] if is_strict else [difference]
    raise NoViewError(f"{condition} is no bound")
