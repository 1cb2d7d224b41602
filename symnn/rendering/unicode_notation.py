"""How mathematics looks on a line of Unicode."""

from collections.abc import Sequence
from types import MappingProxyType

from sympy import Add, Expr, Function

from symnn.equations import Quantity
from symnn.functions import Named
from symnn.look import listed
from symnn.notation import Notation
from symnn.spelling import in_unicode

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")
_SUBSCRIPTS = str.maketrans("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


class UnicodeNotation(Notation):
    """One line of Unicode: `δ¹ = (δ² W²) ⊙ (1 − a¹ ⊙ a¹)`."""

    minus = "−"
    times = times_of_numbers = "·"
    beside = ""
    before_sum = " "
    pi = "π"
    entrywise = " ⊙ "
    bare_functions = ("tanh", "ln", "log")
    relations = MappingProxyType({"<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "~=": "≈", "<-": "←"})

    def number(self, text: str) -> str:
        """A number, with the minus of a formula."""
        return text.replace("-", self.minus)

    def name(self, q: Quantity | None, text: str, labels: Sequence[str], *, scalar: bool) -> str:
        """`W¹`, `W¹ⱼᵢ`; a weight that is one number in lower case."""
        if q is None:
            return in_unicode(text) + (self._subscript(labels) if labels else "")
        symbol, number, after = self.style.names.name(q)
        base = in_unicode(self.cased(symbol, q, scalar=scalar))
        layer = "" if number is None else str(number)
        below = self._subscript([*labels, *after]) if labels or after else ""
        if self.style.names.convention.layer_is_below:
            # The number of the layer and an index, side by side, would read as one.
            below = f"[{','.join([*labels, *after])}]" if layer and below else below
            return base + layer.translate(_LOWERED) + below
        return base + layer.translate(_SUPERSCRIPTS) + below

    def _subscript(self, labels: Sequence[str]) -> str:
        if self.style.packs(labels):
            text = "".join(labels).translate(_SUBSCRIPTS)
            if not set(text) & set("".join(labels)):
                return text
        return listed(labels)

    def function_name(self, function: type[Function]) -> str:
        """σ, ReLU, ln."""
        return function.sign if issubclass(function, Named) else super().function_name(function)

    def power(self, base: str, exponent: str) -> str:
        """A power, raised where the exponent is a number."""
        return base + (exponent.translate(_SUPERSCRIPTS) if exponent.isdigit() else f"^{exponent}")

    def scientific(self, mantissa: str, exponent: int) -> str:
        """A number times a power of ten."""
        power = f"10{str(exponent).translate(_SUPERSCRIPTS)}"
        return f"{mantissa}·{power}" if mantissa != "1" else power

    def infinity(self) -> str:
        """An infinite number."""
        return "∞"

    def root(self, text: str) -> str:
        """A square root."""
        return f"√{text}" if len(text) == 1 else f"√({text})"

    def absolute(self, text: str) -> str:
        """An absolute value."""
        return f"|{text}|"

    def summation(self, letters: Sequence[str], body: str) -> str:
        """Σ with its indices below."""
        return " ".join(f"Σ{self._subscript([letter])}" for letter in letters) + f" {body}"

    def reduction(self, word: str, letters: Sequence[str], body: str) -> str:
        """The word with its indices below."""
        return {"prod": "∏"}.get(word, word) + self._subscript(letters) + self.brackets(body)

    def _summand(self, body: Expr, text: str) -> str:
        if not isinstance(body, Add):
            return text
        return f"[ {text} ]" if "(" in text else self.brackets(text)

    def row(self, text: str, label: str) -> str:
        """One row of a matrix."""
        return text + self._subscript([label])

    def derivative(self, top: str, bottom: str) -> str:
        """∂top/∂bottom."""
        return f"∂{top}/∂{bottom}"

    def second_derivative(self, top: str, first: str, second: str) -> str:
        """∂²top/∂first∂second."""
        return f"∂²{top}/∂{first}∂{second}"

    def transposed(self, text: str) -> str:
        """A transposed matrix."""
        return f"{text}ᵀ"

    def floor(self, text: str) -> str:
        """The greatest whole number below."""
        return f"⌊{text}⌋"

    def matrix_product(self, left: str, right: str) -> str:
        """A product of matrices."""
        return f"{left} {right}"

    def indicator(self, condition: str) -> str:
        """1 where the condition holds, else 0."""
        return f"𝟏[{condition}]"

    def cases(self, branches: Sequence[tuple[str, str]]) -> str:
        """A definition by cases, on one line."""
        texts = (f"{value} if {c}" if c else f"{value} otherwise" for value, c in branches)
        return f"{{{'; '.join(texts)}}}"

    def option(self, name: str, symbol: str, value: str) -> str:
        """By its symbol: α."""
        return f", {self.name(None, symbol, [], scalar=False)}={value}"

    def prime(self, name: str) -> str:
        """f′."""
        return f"{name}′"
