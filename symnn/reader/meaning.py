"""What the tree of a claim means: each side as an indexed expression with axes.

Nothing is evaluated but numbers within bounds: SymPy objects are made by name from tables, and
names stand for quantities of the model, for indices and for sizes. What is unknown is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from sympy import (
    Add,
    Eq,
    Expr,
    Idx,
    Integer,
    KroneckerDelta,
    Lambda,
    Max,
    Min,
    Pow,
    Rational,
    S,
    exp,
    log,
)

from symnn.binding import size_of, total
from symnn.cases import Piecewise
from symnn.digits import floored, remainder
from symnn.equations import Prime
from symnn.functions import U
from symnn.parsing.checks import check_number
from symnn.parsing.constants import check_exponent, check_power
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import Call, Chain, Comparison, Logic, Name, Node, Number, Power
from symnn.parsing.vocabulary import REDUCTIONS as VOCABULARY
from symnn.reader.choices import choice, indicator
from symnn.reader.derivatives import Derivatives
from symnn.reader.entries import Entries
from symnn.reader.letters import Indices, Letters
from symnn.reader.lexicon import OF_ARRAYS, OF_VALUES, Lexicon
from symnn.reader.links import Links
from symnn.reader.nodes import (
    Cases,
    Differentiated,
    Indicated,
    Labelled,
    Primed,
    Reduced,
    Transposed,
)
from symnn.reader.shapes import (
    ShapeFault,
    Value,
    aligned,
    beside,
    matrix_product,
    multiplied,
    new_axis,
    transposed,
)
from symnn.reader.tokens import unknown
from symnn.reductions import ArgMax, ArgMin, reduced

REDUCTIONS: Mapping[str, Callable[[Expr, tuple[Idx, ...]], Expr]] = {
    **{word: VOCABULARY[word] for word in ("sum", "mean", "max", "min", "prod")},
    # Print counts places from 1.
    "argmax": lambda body, indices: reduced(ArgMax, body, *indices) + 1,
    "argmin": lambda body, indices: reduced(ArgMin, body, *indices) + 1,
}


@dataclass(frozen=True)
class Meaning:
    """How the sides of one claim are read: for whole arrays, or for each sample by itself.

    `is_total` and `in_columns` are how derivatives are read, as in `Derivatives`.
    """

    lexicon: Lexicon
    links: Links
    hides_samples: bool
    moved: frozenset[str] = frozenset()
    is_total: bool = False
    in_columns: bool = False

    @cached_property
    def _letters(self) -> Letters:
        return Letters(self.lexicon, self.hides_samples, self.moved)

    def values(self, sides: Sequence[Node]) -> list[Value]:
        """The value of each side; raises `Fault` where one has none."""
        free = self._letters.free(sides)
        return [self.value(side, free) for side in sides]

    def names_samples(self, node: Node) -> bool:
        """Whether a node speaks of N, or has a label on an axis of samples."""
        return self._letters.names_samples(node)

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
            return self._entries(indices).entry(q, self._letters.axes(q).whole())
        if name in indices:
            # Print counts from 1: what is written n stands for the index n, one less.
            return Value(indices[name] + 1)
        if name in self.lexicon.sizes:
            return Value(self.lexicon.sizes[name])
        if name == "pi":
            return Value(S.Pi)
        if name == "inf":
            raise Fault("inf stands in a definition by cases alone", node.place)
        if name == U.name:
            return Value(U)
        raise unknown(name, self.lexicon, node.place)

    def _entries(self, indices: Indices) -> Entries:
        return Entries(self.lexicon, indices, self.moved, lambda node: self.value(node, indices))

    def _labelled(self, node: Labelled, indices: Indices) -> Value:
        if isinstance(node.of, Name) and node.of.name in self.lexicon.quantities:
            q = self.lexicon.quantities[node.of.name]
            placed = self._letters.placed(q, node.labels, node.place)
            return self._entries(indices).entry(q, placed)
        if isinstance(node.of, Name):
            raise unknown(node.of.name, self.lexicon, node.of.place)
        return self._entries(indices).row(self.value(node.of, indices), node)

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
        if sign == "mod":
            if not other.expression.is_positive:
                raise Fault("what follows mod is a whole number above 0", place)
            return Value(remainder(one.expression, other.expression), one.axes)
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

    def _reduced(self, node: Reduced, indices: Indices) -> Value:
        bound = self._letters.bound(node, indices, lambda end: self.value(end, {}))
        value = self.value(node.body, {**indices, **bound})
        body = value.expression
        if node.but is not None:
            places = [self.value(node.but, indices).expression - 1] * len(bound)
            but = zip(bound.values(), places, strict=True)
            body = Piecewise(*((1, Eq(i, p)) for i, p in but), (body, True), evaluate=False)
        return Value(REDUCTIONS[node.word](body, tuple(bound.values())), value.axes)

    def _call(self, node: Call, indices: Indices) -> Value:
        values = [self.value(a.value, indices) for a in node.arguments]
        if node.name in OF_VALUES:
            expressions, axes = aligned(values, node.place)
            return Value({"max": Max, "min": Min}[node.name](*expressions), axes)
        (value,) = values
        if node.name in OF_ARRAYS:
            return self._of_array(node, value)
        if node.name == "floor":
            return Value(floored(value.expression), value.axes)
        return Value(self.lexicon.functions[node.name](value.expression), value.axes)

    @staticmethod
    def _of_array(node: Call, value: Value) -> Value:
        """softmax, logsumexp, rowsum and diag, over the last axis."""
        if not value.axes:
            raise ShapeFault(f"{node.name} is over the last axis, and here is a number", node.place)
        *rest, last = value.axes
        other = new_axis(size_of(last))
        body = value.expression.xreplace({last: other})
        if node.name == "diag":
            return Value(value.expression * KroneckerDelta(last, other), (*value.axes, other))
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
        places = self._entries(indices).places
        derivatives = Derivatives(self._letters, self.links, places, self.is_total, self.in_columns)
        return derivatives.value(node)

    def _indicated(self, node: Indicated, indices: Indices) -> Value:
        return indicator(node.condition, lambda part: self.value(part, indices))

    def _cases(self, node: Cases, indices: Indices) -> Value:
        return choice(node, lambda part: self.value(part, indices))

    def _no_value(self, node: Node, indices: Indices) -> Value:
        del indices
        raise Fault("a condition stands in 𝟏[…] or after 'if'", node.place)


_BUILDERS: Mapping[type, Callable[..., Value]] = {
    Number: Meaning._number,
    Name: Meaning._name,
    Labelled: Meaning._labelled,
    Chain: Meaning._chain,
    Power: Meaning._power,
    Call: Meaning._call,
    Transposed: Meaning._transposed,
    Reduced: Meaning._reduced,
    Primed: Meaning._primed,
    Differentiated: Meaning._differentiated,
    Indicated: Meaning._indicated,
    Cases: Meaning._cases,
    Comparison: Meaning._no_value,
    Logic: Meaning._no_value,
}
