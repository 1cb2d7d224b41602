"""How mathematics looks in MathML, which browsers draw and screen readers read.

Each piece is a run of elements, or a single one where something is raised or set upon it. The
elements are those of MathML Core; colours and sizes are left to the page.
"""

import re
from collections.abc import Sequence
from html import escape
from types import MappingProxyType

from sympy import Add, Expr, Function

from symnn.equations import Quantity
from symnn.functions import Named
from symnn.notation import Notation
from symnn.spelling import in_mathml

_MARKS = re.compile(r"<[^>]*>|[\u2061-\u2063]")
# The innermost of what has something above it.
_RAISED = re.compile(r"<(msup|msubsup)>(?:(?!<msu).)*?</\1>")
_APPLIED = "<mo>\u2061</mo>"
_INVISIBLE_TIMES = "<mo>\u2062</mo>"
_THIN = '<mspace width="0.167em"></mspace>'
_BLANK = "\u00a0"
_DISPLAYED = '<mrow displaystyle="true" scriptlevel="+0">'
_SLASH = '<mo lspace="0" rspace="0">/</mo>'
_INVISIBLE_COMMA = "<mo>\u2063</mo>"


def _sign(text: str) -> str:
    return f"<mo>{escape(text)}</mo>"


def _group(text: str) -> str:
    """One element, from a run of them."""
    return f"<mrow>{text}</mrow>"


def words(text: str) -> str:
    """Plain words, whose blanks at the ends are kept."""
    return f"<mtext>{escape(text.replace(' ', _BLANK))}</mtext>" if text else ""


class MathmlNotation(Notation):
    """MathML: `<msup><mi>δ</mi><mrow>…</mrow></msup>`."""

    plus = _sign("+")
    minus = _sign("−")
    times = _INVISIBLE_TIMES + _THIN
    times_of_numbers = _sign("·")
    beside = _INVISIBLE_TIMES
    before_sum = _INVISIBLE_TIMES + _THIN
    comma = _sign(",")
    pi = "<mi>π</mi>"
    stacks_fractions = True
    entrywise = _sign("⊙")
    bare_functions = ("<mi>tanh</mi>", "<mi>ln</mi>", "<mi>log</mi>")
    relations = MappingProxyType({"<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "~=": "≈", "<-": "←"})

    def name(self, q: Quantity | None, text: str, labels: Sequence[str], *, scalar: bool) -> str:
        """A name with its layer above and its indices below."""
        names = self.style.names
        symbol, number, after = (text, None, ()) if q is None else names.name(q)
        letter, told = self.parted(symbol, q)
        base, number_below = in_mathml(self.cased(letter, q, scalar=scalar))
        below = "".join(map(self.letter, told)) or number_below
        if q and names.convention.bold and self.style.is_matrix and q.shape and not scalar:
            base = f'<mrow class="bold">{base}</mrow>'
        layer = "" if number is None else _layer(number, names.convention.layer)
        heads, indices = [below], [*labels, *map(self.number, after)]
        if names.convention.layer_is_below:
            heads, layer = [below, layer], ""
        under = self.comma.join(filter(None, [*heads, self._listed_below(indices)]))
        return _scripted(base, under, layer)

    def _listed_below(self, indices: Sequence[str]) -> str:
        """Indices side by side; with a comma between them where one is longer than a letter."""
        is_short = self.style.packs([self.visible(i) for i in indices])
        return (_INVISIBLE_COMMA if is_short else self.comma).join(indices)

    def number(self, text: str) -> str:
        """A number; the minus of a negative one is a sign of its own."""
        digits = text.removeprefix("-")
        number = f"<mn>{escape(digits)}</mn>"
        return number if digits == text else _group(self.minus + number)

    def letter(self, text: str) -> str:
        """An index."""
        return f"<mi>{escape(text)}</mi>"

    def word(self, name: str) -> str:
        """The printed name of a function."""
        return f"<mi>{escape(super().word(name))}</mi>"

    def relation(self, sign: str) -> str:
        """A sign that compares."""
        return _sign(self.relations.get(sign, sign))

    def visible(self, text: str) -> str:
        """What is seen of a text: its elements are not."""
        return _MARKS.sub("", text).strip()

    def function_name(self, function: type[Function]) -> str:
        """σ, ReLU, ln."""
        if issubclass(function, Named):
            return f"<mi>{escape(function.sign)}</mi>"
        return super().function_name(function)

    def fraction(self, top: str, bottom: str) -> str:
        """A fraction; what is tall above the line is as large as beside it."""
        if not self.stacks_fractions:
            return f"{top}{_SLASH}{bottom}"
        return f"<mfrac>{_displayed(top)}{_group(_small(bottom))}</mfrac>"

    def coefficient(self, text: str) -> str:
        """A fraction that stands before a sum."""
        return text if self.stacks_fractions else super().coefficient(text)

    def denominator(self, text: str) -> str:
        """A product below the line."""
        return text if self.stacks_fractions else super().denominator(text)

    def brackets(self, text: str) -> str:
        """The text in brackets, which grow where it is tall."""
        return _fenced("(", text, ")")

    def power(self, base: str, exponent: str) -> str:
        """A power."""
        return f"<msup>{_group(base)}{_group(_small(exponent))}</msup>"

    def _exponent(self, exponent: Expr) -> str:
        return self._raised(exponent)

    def _print_exp(self, expr: Expr) -> str:
        return self.exponential(self._raised(expr.args[0]))

    def scientific(self, mantissa: str, exponent: int) -> str:
        """A number times a power of ten."""
        power = f"<msup><mn>10</mn>{self.number(str(exponent))}</msup>"
        return power if mantissa == "1" else self.number(mantissa) + _sign("·") + power

    def infinity(self) -> str:
        """An infinite number."""
        return "<mi>∞</mi>"

    def floor(self, text: str) -> str:
        """The greatest whole number below."""
        return _fenced("⌊", text, "⌋")

    def modulo(self, text: str, size: str) -> str:
        """What is left of a division by a whole number."""
        return f'{text}<mo lspace="0.25em" rspace="0.25em">mod</mo>{size}'

    def root(self, text: str) -> str:
        """A square root."""
        return f"<msqrt>{text}</msqrt>"

    def exponential(self, exponent: str) -> str:
        """e to a power."""
        return self.power("<mi>e</mi>", exponent)

    def absolute(self, text: str) -> str:
        """An absolute value."""
        return _fenced("|", text, "|")

    def summation(self, letters: Sequence[str], body: str) -> str:
        """A sum with its indices below."""
        sums = (f"<munder>{_sign('∑')}{letter}</munder>" for letter in letters)
        return _group("".join(sums) + body)

    def reduction(self, word: str, letters: Sequence[str], body: str) -> str:
        """The word with its indices below."""
        sign = _sign("∏") if word == "prod" else f"<mi>{escape(word)}</mi>"
        below = _group(_sign(",").join(letters))
        return _group(f"<munder>{sign}{below}</munder>{self.brackets(body)}")

    def _summand(self, body: Expr, text: str) -> str:
        if not isinstance(body, Add):
            return text
        has_brackets = "(" in self.visible(text)
        return _fenced("[", text, "]") if has_brackets else self.brackets(text)

    def row(self, text: str, label: str) -> str:
        """One row of a matrix."""
        return _scripted(_group(text), label, "")

    def derivative(self, top: str, bottom: str) -> str:
        """∂top/∂bottom."""
        partial = "<mi>∂</mi>"
        return self.fraction(partial + top, partial + bottom)

    def second_derivative(self, top: str, first: str, second: str) -> str:
        """∂²top/∂first∂second."""
        partial = "<mi>∂</mi>"
        return self.fraction(
            self.power(partial, "<mn>2</mn>") + top, partial + first + partial + second
        )

    def transposed(self, text: str) -> str:
        """A transposed matrix; the sign goes beside the number of its layer in brackets."""
        row = self.style.names.convention
        letter = "⊤" if row.transposed == r"\top" else "T"
        sign = f'<mo lspace="0" rspace="0">{letter}</mo>'
        has_layer = text.startswith("<msup>") and text.endswith("</mrow></msup>")
        if has_layer and row.layer[1]:
            return text.removesuffix("</mrow></msup>") + sign + "</mrow></msup>"
        return f"<msup>{self.brackets(text) if has_layer else _group(text)}{sign}</msup>"

    def matrix_product(self, left: str, right: str) -> str:
        """A product of matrices."""
        return left + self.times + right

    def indicator(self, condition: str) -> str:
        """1 where the condition holds, else 0."""
        return _group('<mn class="b">1</mn>' + _fenced("[", condition, "]"))

    def conjunction(self, conditions: Sequence[str]) -> str:
        """Conditions that hold together."""
        return words(" and ").join(conditions)

    def cases(self, branches: Sequence[tuple[str, str]]) -> str:
        """A definition by cases; a fraction in it is as large as beside it."""
        rows = (
            f"<mtr><mtd>{_displayed(value)}</mtd>"
            f"<mtd>{words('if ') + condition if condition else words('otherwise')}</mtd></mtr>"
            for value, condition in branches
        )
        return _fenced("{", f'<mtable class="cases">{"".join(rows)}</mtable>', "")

    def prime(self, name: str) -> str:
        """f′."""
        # Not raised: the sign is a small one that stands high already.
        return f"{name}<mo>′</mo>"

    def call(self, name: str, argument: str) -> str:
        """A function's value."""
        return _group(name + _APPLIED + self.brackets(argument))

    def option(self, name: str, symbol: str, value: str) -> str:
        """By its symbol: α."""
        return _sign(",") + self.name(None, symbol, [], scalar=False) + _sign("=") + value

    def disjunction(self, conditions: Sequence[str]) -> str:
        """Conditions of which one holds."""
        return words(" or ").join(conditions)

    def bare_call(self, name: str, argument: str) -> str:
        """A function's value, where the argument is a single name."""
        return _group(name + _APPLIED + _THIN + argument)


def _layer(layer: int, ends: tuple[str, str]) -> str:
    left, right = ends
    number = f"<mn>{layer}</mn>"
    return f"{_fence(left, 'prefix')}{number}{_fence(right, 'postfix')}" if left else number


def _scripted(base: str, below: str, above: str) -> str:
    """A name with what stands below it and above it."""
    if below and above:
        return f"<msubsup>{base}{_group(below)}{_group(above)}</msubsup>"
    if below:
        return f"<msub>{base}{_group(below)}</msub>"
    return f"<msup>{base}{_group(above)}</msup>" if above else base


def _fenced(left: str, text: str, right: str) -> str:
    """The text between brackets; a group within, so that a minus at its start is a sign."""
    grows = _is_tall(text)
    end = _fence(right, "postfix", grows=grows) if right else ""
    return _group(_fence(left, "prefix", grows=grows) + _group(text) + end)


def _is_tall(text: str) -> bool:
    return any(f"<{tall}" in text for tall in ("mfrac", "munder", "mtable"))


def _displayed(text: str) -> str:
    """One group, in full size where it has fractions."""
    return _group(text).replace("<mrow>", _DISPLAYED, 1) if _has_fractions(text) else _group(text)


def _has_fractions(text: str) -> bool:
    """Whether there is a fraction or a sum in it that is not raised."""
    while (rest := _RAISED.sub("", text)) != text:
        text = rest
    return "<mfrac" in text or "<munder" in text


def _small(text: str) -> str:
    """What stands below a line or raised, where nothing is set large."""
    return text.replace(_DISPLAYED, "<mrow>")


def _fence(sign: str, form: str, *, grows: bool = False) -> str:
    return f'<mo fence="true" form="{form}" stretchy="{str(grows).lower()}">{sign}</mo>'
