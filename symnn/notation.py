"""The walk of a printer over sums, products and powers, the same for every format and every view.

The expression is never changed on the way: the order of its terms, and brackets, are all that is
chosen here. How a piece looks, a format says (`look`).
"""

from collections.abc import Sequence
from decimal import Decimal

from sympy import (
    Add,
    Expr,
    Function,
    Idx,
    Integer,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
)
from sympy.printing.precedence import PRECEDENCE, precedence

from symnn.array_nodes import ArrayNode, MatrixProduct, SumOver
from symnn.binding import bound_indices
from symnn.choices import is_choice
from symnn.decimals import is_written_out
from symnn.function_notation import FunctionNotation
from symnn.pieces import content_of, is_scalar, place_at_end, with_one_root
from symnn.reading import above_and_below, is_typed
from symnn.recurrence import at_starts
from symnn.shown import at_one_place, counted_from_1, facing, with_indicators, without_units

_ADD, _MUL, _POW, _ATOM = (PRECEDENCE[k] for k in ("Add", "Mul", "Pow", "Atom"))


class Notation(FunctionNotation):
    """The walk over an expression; a format is a subclass that overrides its look."""

    def part(self, expr: Expr, level: int) -> str:
        """The text of a part, in brackets where it binds less than `level`."""
        text = str(self._print(expr))
        return self.brackets(text) if self.binding(expr) < level else text

    def binding(self, expr: Expr) -> int:
        """How tightly an expression binds: as SymPy says, but for what is printed another way."""
        number = self._number_at(expr)
        if number is not None:
            return _ADD if number < 0 else _ATOM if is_written_out(number) else _MUL
        if isinstance(expr, Mul) and self.style.is_matrix and not self._is_scalar(expr):
            return min(precedence(expr), _MUL)
        if is_typed(expr):
            return _ATOM if expr > 0 else _ADD
        if isinstance(expr, Pow) and expr.exp == 2 and self.style.is_matrix:
            # It is printed as a product, s ⊙ s.
            return int(precedence(expr)) if self._is_scalar(expr) else _MUL
        content = content_of(expr)[0] if isinstance(expr, Add) else Integer(1)
        if content != 1:
            return _MUL if content.is_Integer else _ADD
        return _ADD + 1 if isinstance(expr, Sum) else int(precedence(expr))

    def _number_at(self, expr: Expr) -> Decimal | None:
        """The number that stands in the place of a symbol."""
        return self.style.numbers.get(str(expr)) if isinstance(expr, Symbol) else None

    def _is_negative(self, expr: Expr) -> bool:
        number = self._number_at(expr)
        return number is not None and number < 0

    def math(self, expr: Expr) -> str:
        """The expression in this format."""
        indicated = with_indicators(at_one_place(without_units(expr)))
        started = at_starts(indicated, self.style.starts)
        from_1 = counted_from_1(started, self.style.quantities)
        return str(self._print(facing(from_1, self.style.order.upright)))

    def _print_Add(self, expr: Add) -> str:
        content, primitive = content_of(expr)
        if content != 1:
            # SymPy multiplies 2(ŷ - y) out to 2ŷ - 2y; a reader keeps the error together.
            above, below = above_and_below(content)
            return self._fraction([*above, primitive], below, None)
        first, *rest = self.style.order.terms(expr)
        texts = [self.part(first, _ADD)]
        for term in rest:
            negative = term.could_extract_minus_sign()
            sign = self.minus if negative else self.plus
            is_closed = negative or self._is_negative(term)
            texts.append(f" {sign} {self.part(-term if negative else term, _ADD + is_closed)}")
        return "".join(texts)

    def _print_Mul(self, expr: Mul) -> str:
        if expr.could_extract_minus_sign():
            needs_none = isinstance(-expr, MatrixProduct | Sum)
            text = str(self._print(-expr)) if needs_none else self.part(-expr, _MUL)
            return f"{self.minus}{text}"
        above, below, radical = with_one_root(expr)
        sizes = [f for f in above if self._is_scalar(f)]
        rest = [f for f in above if not self._is_scalar(f)]
        is_fraction = below or radical
        is_apart = is_fraction or (sizes and isinstance(Mul(*rest), MatrixProduct))
        if all(map(self._is_scalar, below)) and is_apart and self._goes_last(rest):
            coefficient = self._fraction(sizes, below, radical)
            level = _MUL if isinstance(rest[0], Add) else 0
            text = self._product(rest) if len(rest) > 1 else self.part(rest[0], level)
            before = self.coefficient(coefficient) if is_fraction else coefficient
            return before + self.before_sum + text
        return self._fraction(above, below, radical)

    def _goes_last(self, factors: Sequence[Expr]) -> bool:
        """Whether a coefficient stands before these factors, rather than a fraction above all."""
        if len(factors) == 1 and (self._is_derivative(factors[0]) or _adds_choices(factors[0])):
            return True
        if self.style.is_matrix:
            return len(factors) == 1 and (
                isinstance(factors[0], MatrixProduct | SumOver) or is_choice(factors[0])
            )
        return any(map(place_at_end, factors))

    def _fraction(
        self, above: Sequence[Expr], below: Sequence[Expr], radical: tuple[Expr, Expr] | None
    ) -> str:
        roots = [self.root(str(self._print(r))) if r != 1 else "" for r in radical or (1, 1)]
        sides = ((above, roots[0], False), (below, roots[1], True))
        top, bottom = (
            self._joined(self._side(factors, is_below=is_below, is_alone=not root), root)
            for factors, root, is_below in sides
        )
        top = top or self.number("1")
        if not bottom:
            return top
        several = len(below) + bool(roots[1]) > 1
        return self.fraction(top, self.denominator(bottom) if several else bottom)

    def _side(self, factors: Sequence[Expr], *, is_below: bool, is_alone: bool = True) -> str:
        """One side of a fraction; a root goes beside one that is not `is_alone`."""
        if not factors:
            return ""
        if len(factors) == 1 and self.stacks_fractions and is_alone:
            return str(self._print(factors[0]))
        if len(factors) == 1:
            return self.part(factors[0], _MUL + is_below)
        return self._product(factors)

    def _joined(self, left: str, right: str) -> str:
        return f"{left}{self.times}{right}" if left and right else left or right

    def _product(self, factors: Sequence[Expr]) -> str:
        """The factors side by side: `2(ŷ - y)·x`, `a(1 - a)`, `(δ W) ⊙ (1 - a ⊙ a)`."""
        factors = self.style.order.factors(factors)
        if self.style.is_matrix:
            factors = sorted(factors, key=self._is_scalar, reverse=True)
        ordered = sorted(factors, key=place_at_end)
        texts = [self.part(f, _MUL) for f in ordered[:-1]]
        last = ordered[-1]
        texts.append(str(self._print(last)) if place_at_end(last) else self.part(last, _MUL))
        product = texts[0]
        for left, right, text in zip(ordered, ordered[1:], texts[1:], strict=False):
            product += self._between(left, right, text, len(ordered)) + text
        return product

    def _between(self, left: Expr, right: Expr, text: str, count: int) -> str:
        """What stands between two factors."""
        if self.style.is_matrix and not self._is_scalar(left):
            return self.entrywise
        if place_at_end(right):
            return self.before_sum
        is_name = isinstance(left, Symbol) and not self._is_derivative(left)
        if self._is_scalar(left):
            first = self.visible(text)[:1]
            closes = isinstance(left, Function) or not (left.is_number or is_name)
            is_apart = first.isdigit() or (first.isalpha() and not left.is_number) or closes
            return self.times if is_apart else self.beside
        opens = self.visible(text).startswith(("(", r"\left("))
        return self.beside if opens and is_name and count == 2 else self.times

    def _is_scalar(self, expr: Expr) -> bool:
        """Whether it is made of sizes, or, among matrices, of quantities without axes."""
        if is_scalar(expr) or not self.style.is_matrix:
            return is_scalar(expr)
        read = {s for s in expr.free_symbols if not s.is_integer}
        found = [self.style.quantities.get(str(s)) for s in read]
        return not expr.has(ArrayNode) and all(q is not None and not q.shape for q in found)

    def _is_derivative(self, entry: Expr) -> bool:
        q = self.style.quantities.get(self._quantity_name(entry))
        return q is not None and q.is_quotient

    def _print_Pow(self, expr: Pow) -> str:
        base, exponent = expr.args
        if exponent.is_negative:
            return self.fraction(self.number("1"), self._side([1 / expr], is_below=True))
        if exponent == Rational(1, 2):
            return self.root(str(self._print(base)))
        if self.style.is_matrix and exponent == 2 and not self._is_scalar(base):
            return self.entrywise.join([self.part(base, _POW)] * 2)
        text = self.part(base, _POW + 1)
        return self.power(self._closed(base, text), self._exponent(exponent))

    def _exponent(self, exponent: Expr) -> str:
        return self.part(exponent, _ATOM)

    def _raised(self, expr: Expr) -> str:
        """What stands above a line by itself: its fractions on one line, x^{3/4}."""
        stacks, self.stacks_fractions = self.stacks_fractions, False
        text = str(self._print(expr))
        self.stacks_fractions = stacks
        return text

    def _closed(self, base: Expr, text: str) -> str:
        """The base of a power, in brackets where its name has something above it already."""
        if self._number_at(base) is not None:
            return text
        q = self.style.quantities.get(self._quantity_name(base))
        is_bare = isinstance(base, Function) and not self.visible(text).endswith((")", "|"))
        return (
            self.brackets(text)
            if is_bare or (q and self.style.names.name(q).layer is not None)
            else text
        )

    def _print_Sum(self, expr: Sum) -> str:
        letters = [self._below(i, expr.function) for i in reversed(bound_indices(expr))]
        body = str(self._print(expr.function))
        return self.summation(letters, self._summand(expr.function, body))

    def _summand(self, body: Expr, text: str) -> str:
        return text

    def _print_Idx(self, expr: Idx) -> str:
        return self.letter(self.style.letter(str(expr)))

    def _print_Integer(self, expr: Expr) -> str:
        return self.number(str(expr))

    def _print_Rational(self, expr: Rational) -> str:
        if is_typed(expr):
            return self._decimal(expr)
        return self.fraction(self.number(str(expr.p)), self.number(str(expr.q)))

    def _decimal(self, number: Rational) -> str:
        """`0.044715`, `1e-5`."""
        if abs(number) >= Rational(1, 1000):
            return self.number(str(Decimal(number.p) / Decimal(number.q)))
        mantissa, exponent = f"{Decimal(number.p) / Decimal(number.q):e}".split("e")
        return self.scientific(mantissa, int(exponent))

    def _print_Infinity(self, expr: Expr) -> str:
        del expr
        return self.infinity()

    def _print_NegativeInfinity(self, expr: Expr) -> str:
        del expr
        return f"{self.minus}{self.infinity()}"

    def _print_Pi(self, expr: Expr) -> str:
        del expr
        return self.pi

    def emptyPrinter(self, expr: object) -> str:
        """What has no look of its own: numbers, constants."""
        return self.number(str(expr))


def _adds_choices(expr: Expr) -> bool:
    """Whether it is a sum with definitions by cases, which are too tall for a fraction."""
    parts = (f for term in expr.args for f in Mul.make_args(term))
    return isinstance(expr, Add) and any(map(is_choice, parts))
