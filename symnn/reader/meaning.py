"""What the tree of a claim means: each side as an indexed expression with axes.

Nothing is evaluated but numbers within bounds: SymPy objects are made by name from tables, and
names stand for quantities of the model, for indices and for sizes. What is unknown is refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import sympy
from sympy import (
    Add,
    Expr,
    Idx,
    Integer,
    Lambda,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    exp,
    log,
)

from symnn.equations import SAMPLES, Prime, Quantity, Role, fresh_index, index, size_of, total
from symnn.errors import SymnnError
from symnn.functions import U
from symnn.parsing.checks import check_number
from symnn.parsing.constants import check_exponent, check_power
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import Call, Chain, Comparison, Logic, Name, Node, Number, Power
from symnn.reader.labels import HIDDEN, OPEN, UNIT, Axes, Placed, place_of
from symnn.reader.lexicon import OF_ARRAYS, Lexicon
from symnn.reader.links import Links
from symnn.reader.nodes import (
    Cases,
    Differentiated,
    Indicated,
    Labelled,
    Labels,
    Primed,
    Summed,
    Transposed,
    below,
)
from symnn.reader.shapes import (
    ShapeFault,
    Value,
    aligned,
    beside,
    matrix_product,
    multiplied,
    new_axis,
    shape,
    transposed,
)
from symnn.reader.tokens import unknown
from symnn.recurrence import or_start

_RELATIONS = {
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "=": sympy.Eq,
    "==": sympy.Eq,
    "!=": sympy.Ne,
}
_LOGIC = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not}
SAMPLE = index("n", SAMPLES)
Indices = Mapping[str, Idx]


@dataclass(frozen=True)
class Meaning:
    """How the sides of one claim are read: for whole arrays, or for each sample by itself."""

    lexicon: Lexicon
    links: Links
    hides_samples: bool
    free: Indices = field(default_factory=dict)

    def values(self, sides: Sequence[Node]) -> list[Value]:
        """The value of each side; raises `Fault` where one has none."""
        found = self._letters(sides)
        whole = replace(self, free=found)
        return [whole.value(side, found) for side in sides]

    # Index letters and their sizes.

    def _letters(self, sides: Sequence[Node]) -> dict[str, Idx]:
        """An index for each letter that no sum binds."""
        found = [f for side in sides for f in self._free_places(side, frozenset())]
        first = {name: place for name, _, place in reversed(found)}
        sized = {name for name, size, _ in found if size is not None}
        for name in first.keys() - sized:
            if not self._usual_sizes(name):
                raise unknown(name, self.lexicon, first[name])
        return {name: self._sized(name, sides, first[name]) for name in sorted(first)}

    def _sized(self, letter: str, nodes: Sequence[Node], place: Place) -> Idx:
        """The index of a letter, with the size of the axes on which it stands in these nodes."""
        sizes: dict[Expr, Place] = {}
        for node in nodes:
            for name, size, where in self._free_places(node, frozenset()):
                if name == letter and size is not None:
                    sizes.setdefault(size, where)
        sizes = {s: w for s, w in sizes.items() if s != 1} or sizes
        if len(sizes) > 1:
            one, other = list(sizes)[:2]
            raise ShapeFault(
                f"{letter} stands on an axis of {one} and on one of {other}", sizes[other]
            )
        for size in sizes or self._usual_sizes(letter):
            return index(letter, size)
        raise Fault(f"{letter} stands on no axis here, so its size is not known", place)

    def _usual_sizes(self, letter: str) -> list[Expr]:
        """The size that a letter has in the model, where it has one alone."""
        known = {
            size
            for q in self.lexicon.quantities.values()
            for own, size in zip(q.letters, q.shape, strict=True)
            if own == letter
        }
        return list(known) if len(known) == 1 else []

    def _free_places(
        self, node: Node, bound: frozenset[str]
    ) -> Iterator[tuple[str, Expr | None, Place]]:
        """Each letter that is free in a node, with the size of the axis on which it stands."""
        match node:
            case Summed(_, letters, body):
                yield from self._free_places(body, bound | {*letters})
                return
            case Call(_, "mean", arguments):
                letters = tuple(a.value.name for a in arguments[:-1] if isinstance(a.value, Name))
                yield from self._free_places(arguments[-1].value, bound | {*letters})
                return
            case Labelled(_, Name(_, name), labels) if name in self.lexicon.quantities:
                q = self.lexicon.quantities[name]
                for label, size in zip(self._placed(q, labels, node.place), q.shape, strict=True):
                    if isinstance(label, Name) and self._is_letter(label.name):
                        if label.name not in bound:
                            yield label.name, size, label.place
                    elif not isinstance(label, str):
                        yield from self._free_places(label, bound)
                return
            case Labelled(_, of, str() as packed):
                yield from self._free_places(of, bound)
                yield from ((c, None, node.place) for c in packed if c.isalpha() and c not in bound)
                return
            case Name(place, name) if self._is_letter(name) and name not in bound:
                if len(name) == 1 and name != U.name:
                    yield name, None, place
                return
        for part in below(node):
            yield from self._free_places(part, bound)

    def _is_letter(self, name: str) -> bool:
        known = (*self.lexicon.quantities, *self.lexicon.sizes, "pi")
        return name not in known

    # Values.

    def value(self, node: Node, indices: Indices) -> Value:
        """The value of a node."""
        try:
            found = _BUILDERS[type(node)](self, node, indices)
            check_number(found.expression, node.place)
        except RecursionError:
            raise Fault("this is nested too deep", node.place) from None
        except (ArithmeticError, TypeError) as error:
            del error
            raise Fault("this has no value that can be computed", node.place) from None
        return found

    def _number(self, node: Number, indices: Indices) -> Value:
        del indices
        fraction = Fraction(node.text)
        return Value(Rational(fraction.numerator, fraction.denominator))

    def _name(self, node: Name, indices: Indices) -> Value:
        name = node.name
        if name in self.lexicon.quantities:
            q = self.lexicon.quantities[name]
            return self._entry(q, self._axes(q).whole(), indices)
        if name in indices:
            # Print counts from 1: what is written n stands for the index n, one less.
            return Value(indices[name] + 1)
        if name in self.lexicon.sizes:
            return Value(self.lexicon.sizes[name])
        if name == "pi":
            return Value(S.Pi)
        if name == U.name:
            return Value(U)
        raise unknown(name, self.lexicon, node.place)

    def _axes(self, q: Quantity) -> Axes:
        return Axes(q, self.hides_samples)

    def _placed(self, q: Quantity, labels: Labels, place: Place) -> Placed:
        return self._axes(q).labelled(labels, place)

    def names_samples(self, node: Node) -> bool:
        """Whether a node speaks of N, or has a label on an axis of samples."""
        if isinstance(node, Name):
            return node.name == SAMPLES.name and node.name not in self.lexicon.quantities
        if isinstance(node, Labelled) and isinstance(node.of, Name):
            q = self.lexicon.quantities.get(node.of.name)
            placed = self._placed(q, node.labels, node.place) if q else ()
            axes = zip(placed, q.shape if q else (), strict=True)
            return any(size == SAMPLES and not isinstance(label, str) for label, size in axes)
        return False

    def _entry(self, q: Quantity, placed: Placed, indices: Indices) -> Value:
        places, axes = self._places(q, placed, indices)
        entry, starts = q.at(*places), self.lexicon.style.starts
        read = or_start(entry, starts[q.name]) if q.name in starts else entry
        return Value(read + 1 if q.is_integer else read, axes)

    def _places(
        self, q: Quantity, placed: Placed, indices: Indices
    ) -> tuple[list[Expr], tuple[Idx, ...]]:
        """The place on each axis of a quantity, and those of them that are open."""
        places: list[Expr] = []
        for label, size in zip(placed, q.shape, strict=True):
            if label == OPEN:
                places.append(new_axis(size))
            elif isinstance(label, str):
                places.append({UNIT: Integer(0), HIDDEN: SAMPLE}[label])
            elif isinstance(label, Number):
                places.append(place_of(label, size, f"{q.name} is {shape(q.shape)}"))
            else:
                places.append(self._label(label, size, indices))
        return places, tuple(p for p, m in zip(places, placed, strict=True) if m == OPEN)

    def _label(self, node: Node, size: Expr, indices: Indices) -> Expr:
        """What stands on an axis: an index, a sum of indices and numbers, or an input."""
        if isinstance(node, Number):
            return place_of(node, size, f"the axis has {size}")
        if isinstance(node, Name) and node.name in indices:
            found = indices[node.name]
            if size_of(found) == size or not isinstance(found, Idx):
                return found
            if size == 1:
                return Integer(0)
            raise ShapeFault(
                f"{node.name} runs over {size_of(found)}, and stands on an axis of {size}",
                node.place,
            )
        value = self.value(node, indices)
        if value.axes:
            raise Fault("a label is an index or a number", node.place)
        return value.expression - 1

    def _labelled(self, node: Labelled, indices: Indices) -> Value:
        if isinstance(node.of, Name) and node.of.name in self.lexicon.quantities:
            q = self.lexicon.quantities[node.of.name]
            return self._entry(q, self._placed(q, node.labels, node.place), indices)
        if isinstance(node.of, Name):
            raise unknown(node.of.name, self.lexicon, node.of.place)
        return self._row(self.value(node.of, indices), node, indices)

    def _row(self, value: Value, node: Labelled, indices: Indices) -> Value:
        """Some rows of an expression, as in (δ ⊙ x)ₙ."""
        labels = node.labels
        names = tuple(Name(node.place, c) for c in labels) if isinstance(labels, str) else labels
        if len(names) > len(value.axes):
            raise Fault("there are more labels here than axes", node.place)
        own = value.axes[: len(names)]
        places = [self._label(n, size_of(i), indices) for n, i in zip(names, own, strict=True)]
        rest = value.axes[len(names) :]
        return Value(value.expression.xreplace(dict(zip(own, places, strict=True))), rest)

    def _chain(self, node: Chain, indices: Indices) -> Value:
        values = [(sign, self.value(part, indices), part) for sign, part in node.parts]
        if node.parts[0][0] in "+-":
            expressions, axes = aligned([v for _, v, _ in values], node.place)
            signs = (-1 if sign == "-" else 1 for sign, _, _ in values)
            return Value(Add(*(s * e for s, e in zip(signs, expressions, strict=True))), axes)
        (_, product, _), *rest = values
        for sign, value, part in rest:
            product = self._times(sign, product, value, part.place)
        return product

    def _times(self, sign: str, one: Value, other: Value, place: Place) -> Value:
        if sign == " ":
            return beside(one, other, place)
        if sign == "@":
            return matrix_product(one, other, place)
        if sign == "/" and other.expression.is_zero:
            raise Fault("this divides by zero", place)
        if sign == "·" and not one.is_number and not other.is_number:
            raise ShapeFault(
                "is this a product entry by entry, ⊙, or of matrices? · is for numbers", place
            )
        if sign == "/":
            other = Value(Pow(other.expression, -1), other.axes)
        return multiplied(one, other, place)

    def _power(self, node: Power, indices: Indices) -> Value:
        base, exponent = self.value(node.base, indices), self.value(node.exponent, indices)
        if exponent.axes:
            raise Fault("an exponent is a number", node.exponent.place)
        check_exponent(exponent.expression, node.exponent.place)
        if exponent.expression.is_Rational:
            check_power(base.expression, exponent.expression, node.exponent.place)
        return Value(Pow(base.expression, exponent.expression), base.axes)

    def _transposed(self, node: Transposed, indices: Indices) -> Value:
        return transposed(self.value(node.of, indices), node.place)

    def _summed(self, node: Summed, indices: Indices) -> Value:
        inner, bound = self._bound(node.letters, node.body, indices, node.place)
        value = self.value(node.body, inner)
        return Value(total(value.expression, *reversed(bound)), value.axes)

    def _bound(
        self, letters: Sequence[str], body: Node, indices: Indices, place: Place
    ) -> tuple[dict[str, Idx], tuple[Idx, ...]]:
        """The indices within a sum, and those that it binds."""
        for letter in letters:
            if not self._is_letter(letter):
                raise Fault(f"{letter} is no index letter here", place)
        own = {letter: fresh_index(self._sized(letter, [body], place)) for letter in letters}
        return {**indices, **own}, tuple(own.values())

    def _call(self, node: Call, indices: Indices) -> Value:
        if node.name == "mean":
            return self._mean(node, indices)
        value = self.value(node.arguments[-1].value, indices)
        if node.name in OF_ARRAYS:
            return self._of_array(node, value)
        return Value(self.lexicon.functions[node.name](value.expression), value.axes)

    def _mean(self, node: Call, indices: Indices) -> Value:
        letters = tuple(a.value.name for a in node.arguments[:-1] if isinstance(a.value, Name))
        body = node.arguments[-1].value
        inner, bound = self._bound(letters, body, indices, node.place)
        value = self.value(body, inner)
        count = Mul(*map(size_of, bound))
        return Value(total(value.expression, *reversed(bound)) / count, value.axes)

    @staticmethod
    def _of_array(node: Call, value: Value) -> Value:
        """softmax, logsumexp and rowsum, over the last axis."""
        if not value.axes:
            raise ShapeFault(f"{node.name} is over the last axis, and here is a number", node.place)
        *rest, last = value.axes
        other = new_axis(size_of(last))
        body = value.expression.xreplace({last: other})
        if node.name == "rowsum":
            return Value(total(body, other), (*rest, new_axis(Integer(1))))
        whole = total(exp(body), other)
        if node.name == "logsumexp":
            return Value(log(whole), tuple(rest))
        return Value(exp(value.expression) / whole, value.axes)

    def _primed(self, node: Primed, indices: Indices) -> Value:
        value = self.value(node.argument, indices)
        function = self.lexicon.functions[node.function](U)
        return Value(Prime(Lambda(U, function), value.expression), value.axes)

    def _differentiated(self, node: Differentiated, indices: Indices) -> Value:
        (top, tops), (bottom, bottoms) = (self._named(n) for n in (node.top, node.bottom))
        if bottom.role is Role.LOSS or bottom.of is not None:
            raise Fault(f"nothing is derived by {bottom.name}", node.bottom.place)
        if top.role is Role.LOSS:
            if bottom.role is Role.TARGET:
                raise Fault(f"{bottom.name} is a target; nothing is derived by it", node.place)
            gradient = replace(bottom, name=f"dL_d{bottom.name}")
            return self._entry(gradient, bottoms, indices)
        return self._link(node, (top, tops), (bottom, bottoms), indices)

    def _named(self, node: Node) -> tuple[Quantity, Placed]:
        """The quantity above or below in a derivative, and its labels."""
        name = node.of if isinstance(node, Labelled) else node
        assert isinstance(name, Name)
        if name.name not in self.lexicon.quantities:
            raise unknown(name.name, self.lexicon, name.place)
        q = self.lexicon.quantities[name.name]
        if isinstance(node, Labelled):
            return q, self._placed(q, node.labels, node.place)
        return q, self._axes(q).whole()

    def _link(
        self,
        node: Differentiated,
        one: tuple[Quantity, Placed],
        other: tuple[Quantity, Placed],
        indices: Indices,
    ) -> Value:
        """The derivative of one entry by another; of whole arrays, entry by entry."""
        (top, tops), (bottom, bottoms) = one, other
        above, open_above = self._places(top, tops, indices)
        below_, open_below = self._places(bottom, bottoms, indices)
        if open_above and open_below:
            sizes = [tuple(map(size_of, axes)) for axes in (open_above, open_below)]
            if sizes[0] != sizes[1]:
                raise self._no_link(node, top, bottom, sizes)
            same: dict[Expr, Expr] = dict(zip(open_below, open_above, strict=True))
            off = self._derivative(node, top, above, bottom, below_)
            if not _is_entry_by_entry(off, open_above, open_below):
                raise self._no_link(node, top, bottom, sizes)
            below_ = [p.xreplace(same) for p in below_]
            found = self._derivative(node, top, above, bottom, below_)
            return Value(found, open_above)
        found = self._derivative(node, top, above, bottom, below_)
        return Value(found, (*open_above, *open_below))

    def _derivative(
        self,
        node: Differentiated,
        top: Quantity,
        above: Sequence[Expr],
        bottom: Quantity,
        below_: Sequence[Expr],
    ) -> Expr:
        try:
            return self.links.derivative(top.name, above, bottom.name, below_)
        except SymnnError as error:
            raise Fault(str(error), node.place) from None

    @staticmethod
    def _no_link(
        node: Differentiated, top: Quantity, bottom: Quantity, sizes: Sequence[tuple[Expr, ...]]
    ) -> Fault:
        return ShapeFault(
            f"d{top.name}/d{bottom.name} is no product entry by entry ({shape(sizes[0])} by "
            f"{shape(sizes[1])}); write the derivative of one entry by one, with index letters",
            node.place,
        )

    def _indicated(self, node: Indicated, indices: Indices) -> Value:
        condition, axes = self._condition(node.condition, indices)
        return Value(Piecewise((1, condition), (0, True), evaluate=False), axes)

    def _cases(self, node: Cases, indices: Indices) -> Value:
        values = [self.value(v, indices) for v, _ in node.branches]
        conditions = [self._condition(c, indices) for _, c in node.branches if c]
        every = [*values, *(Value(c, axes) for c, axes in conditions)]
        expressions, axes = aligned(every, node.place)
        branches, holds = expressions[: len(values)], expressions[len(values) :]
        pairs = zip(branches, (*holds, *[sympy.true] * (len(branches) - len(holds))), strict=True)
        return Value(Piecewise(*pairs, evaluate=False), axes)

    def _condition(self, node: Node, indices: Indices) -> tuple[Expr, tuple[Idx, ...]]:
        if isinstance(node, Logic):
            found = [Value(*self._condition(part, indices)) for part in node.parts]
            parts, axes = aligned(found, node.place)
            return _LOGIC[node.word](*parts), axes
        if not isinstance(node, Comparison):
            raise Fault("a condition compares two values, as in z > 0", node.place)
        nodes = (node.first, *(part for _, part in node.rest))
        sides, axes = aligned([self.value(part, indices) for part in nodes], node.place)
        claims = [
            _RELATIONS[sign](*sides[k : k + 2], evaluate=False)
            for k, (sign, _) in enumerate(node.rest)
        ]
        return (claims[0] if len(claims) == 1 else sympy.And(*claims)), axes

    def _no_value(self, node: Node, indices: Indices) -> Value:
        del indices
        raise Fault("a condition stands in 𝟏[…] or after 'if'", node.place)


def _is_entry_by_entry(derivative: Expr, above: Sequence[Idx], below_: Sequence[Idx]) -> bool:
    """Whether a derivative is zero wherever the two entries differ in place."""
    for one, other in zip(above, below_, strict=True):
        if size_of(one) == 1:
            continue
        deltas = [d for d in derivative.atoms(sympy.KroneckerDelta) if {*d.args} >= {one, other}]
        if not any(derivative.xreplace({d: Integer(0)}) == 0 for d in deltas):
            return False
    return True


_BUILDERS: Mapping[type, Callable[..., Value]] = {
    Number: Meaning._number,
    Name: Meaning._name,
    Labelled: Meaning._labelled,
    Chain: Meaning._chain,
    Power: Meaning._power,
    Call: Meaning._call,
    Transposed: Meaning._transposed,
    Summed: Meaning._summed,
    Primed: Meaning._primed,
    Differentiated: Meaning._differentiated,
    Indicated: Meaning._indicated,
    Cases: Meaning._cases,
    Comparison: Meaning._no_value,
    Logic: Meaning._no_value,
}
