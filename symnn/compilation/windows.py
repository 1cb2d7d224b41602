"""Whole expressions with views for their reads, contractions with conditions among them.

The derivative of a convolution reads `δ[h - r]` where that is on its axis: the windows of δ within
a margin of zeros, turned round. With steps it reads the weights at `h - 2·l`: that is the same of a
δ with a zero between each two.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters

from sympy import Dummy, Expr, Integer, Symbol, Tuple

from symnn.array_nodes import Contraction, Gathered, Padded
from symnn.cases import Piecewise
from symnn.compilation.affine import Affine, Axis, NoViewError, claims
from symnn.compilation.views import Read, read_of, slid, view_of
from symnn.digits import Digit
from symnn.extents import Shapes
from symnn.stability.parts import rebuilt

Operand = tuple[Expr, Tuple]
Reads = Mapping[int, Read]
Masks = Mapping[int, list[Affine]]


def with_views(array: Expr, shapes: Shapes) -> Expr:
    """The array with a view for each read that is one; `shapes` are those of the quantities."""
    if not array.has(Gathered):
        return array
    if isinstance(array, Contraction):
        return _Product(array, shapes).rewritten()
    if isinstance(array, Gathered | Piecewise):
        try:
            return view_of(array, shapes)
        except NoViewError:
            pass
    if isinstance(array, Gathered) or (isinstance(array, Piecewise) and array.has(Digit)):
        # What a digit counts may lie off its axis in a branch that is not taken.
        return array
    return rebuilt(array, (with_views(a, shapes) if isinstance(a, Expr) else a for a in array.args))


@dataclass
class _Product:
    """A contraction: its operands, those that read elsewhere, and what conditions ask."""

    node: Contraction
    shapes: Shapes

    def rewritten(self) -> Expr:
        """The contraction with views for its operands, and without conditions that they keep."""
        result, labels, *operands = self.node.args
        every = [*zip(operands, labels, strict=True)]
        bounds = {k: _bounds(o, a) for k, (o, a) in enumerate(every)}
        masks = {k: found for k, found in bounds.items() if found is not None}
        found = {k: self._read(o, a) for k, (o, a) in enumerate(every)}
        reads = {k: read for k, read in found.items() if read}
        asked = {c.identity for asked in masks.values() for c in asked}
        needed = {c.identity for read in reads.values() for c in read.certain()}
        if asked and asked == needed:
            every = self._kept(every, masks, reads)
        else:
            reads = {k: read for k, read in reads.items() if not read.certain()}
            every = [self._operand(o, a, reads.get(k)) for k, (o, a) in enumerate(every)]
        return Contraction(result, Tuple(*(a for _, a in every)), *(o for o, _ in every))

    def _read(self, operand: Expr, letters: Tuple) -> Read | None:
        try:
            return read_of(operand, tuple(letters), self.shapes)
        except NoViewError:
            return None

    def _operand(self, operand: Expr, letters: Tuple, read: Read | None) -> Operand:
        try:
            view = read.view() if read else None
            if view is not None:
                return view.expression, Tuple(*view.keys)
        except NoViewError:
            pass
        return with_views(operand, self.shapes), letters

    def _kept(self, every: list[Operand], masks: Masks, reads: Reads) -> list[Operand]:
        """The operands within margins, which make the conditions true; as they are, if none fit."""
        rest = {k: operand for k, operand in enumerate(every) if k not in masks}
        try:
            return list(self._within(rest, reads))
        except NoViewError:
            return [(with_views(o, self.shapes), a) for o, a in every]

    def _within(self, rest: dict[int, Operand], reads: Reads) -> Iterator[Operand]:
        strided = [k for k, read in reads.items() if any(map(_steps_back, read.places, read.shape))]
        if not strided:
            for k, (operand, letters) in rest.items():
                view = reads[k].view() if k in reads else None
                yield (
                    (view.expression, Tuple(*view.keys))
                    if view
                    else (
                        with_views(operand, self.shapes),
                        letters,
                    )
                )
            return
        others = [k for k in rest if k not in strided]
        if len(strided) != 1 or len(others) != 1 or others[0] in reads:
            raise NoViewError("more than a read at a distance and what it is multiplied by")
        yield from self._spread(reads[strided[0]], *rest[others[0]])

    def _spread(self, read: Read, other: Expr, letters: Tuple) -> Iterator[Operand]:
        """`W[h - s·l]·δ[l]` over l as `W[r]·δ̄[h - r]` over r, where δ̄ has δ at each s-th place."""
        spare = (a for a in ascii_letters if Symbol(a) not in {*letters, *_letters_of(read)})
        plain, turned = [], {}
        for place, size in zip(read.places, read.shape, strict=True):
            if not _steps_back(place, size):
                plain.append(place)
                continue
            (at, one), (summed, step) = sorted(place.factors.items(), key=lambda pair: -pair[1])
            if one != 1 or at.rank or summed.rank:
                raise NoViewError("steps in both")
            stays = summed.key in self.node.args[0]
            if stays or sum(summed.key in {a.key for a in p.factors} for p in read.places) > 1:
                raise NoViewError("each part of an array is read for itself")
            tap = Axis(Symbol(next(spare)), 0, size, size)
            plain.append(Affine.axis(tap))
            reach = Affine(place.constant, {at: Integer(1), tap: Integer(-1)})
            turned[summed.key] = (reach, -step, summed.size)
        view = slid(read.array, read.shape, plain)
        yield view.expression, Tuple(*view.keys)
        yield _dilated(other, letters, turned)


def _dilated(
    array: Expr, letters: Tuple, turned: dict[object, tuple[Affine, Expr, Expr]]
) -> Operand:
    """An array with zeros between its entries and around them, and windows over it."""
    margins, places, shape = [], [], []
    for letter in letters:
        if letter not in turned:
            size = Dummy(integer=True, positive=True)
            margins.append(Tuple(Integer(0), Integer(0), Integer(1)))
            places.append(Affine.axis(Axis(letter, 0, size, size)))
            shape.append(size)
            continue
        reach, step, count = turned[letter]
        length = step * (count - 1) + 1
        ends = (-reach.least, reach.greatest - length + 1)
        if not all(e.expand().is_Integer for e in ends):
            raise NoViewError("a margin of an unknown size")
        low, high = (max(e.expand(), Integer(0)) for e in ends)
        margins.append(Tuple(low, high, step))
        places.append(reach + Affine.number(low))
        shape.append(low + length + high)
    view = slid(Padded(array, *margins), shape, places)
    return view.expression, Tuple(*view.keys)


def _steps_back(place: Affine, size: Expr) -> bool:
    """Whether it is read backwards in steps, and has no more entries than are summed over."""
    return any(
        f.is_Integer and f < -1 and (size - axis.size).is_positive is not True and size.is_Integer
        for axis, f in place.factors.items()
    )


def _letters_of(read: Read) -> set[object]:
    return {a.key for place in read.places for a in place.factors}


def _bounds(operand: Expr, letters: Sequence[Symbol]) -> list[Affine] | None:
    """What an operand that is 1 where a condition holds and else 0 asks; None for another."""
    if not isinstance(operand, Piecewise) or [tuple(b) for b in operand.args[1:]] != [(0, True)]:
        return None
    value, condition = operand.args[0]
    try:
        return claims(condition, tuple(letters)) if value == 1 else None
    except NoViewError:
        return None
