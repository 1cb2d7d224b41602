"""How mathematics looks in LaTeX: in commands that KaTeX, MathJax and amsmath all have."""

import re
from collections.abc import Sequence
from itertools import pairwise
from types import MappingProxyType

from sympy import Add, Expr, Function

from symnn.equations import Quantity
from symnn.functions import Named
from symnn.notation import Notation
from symnn.spelling import in_latex

_LATEX_FUNCTIONS = MappingProxyType(
    {
        "exp": r"\exp",
        "tanh": r"\tanh",
        "max": r"\max",
        "min": r"\min",
        "sign": r"\operatorname{sign}",
        "softmax": r"\operatorname{softmax}",
        "logsumexp": r"\operatorname{logsumexp}",
        "rowsum": r"\operatorname{rowsum}",
        "erfc": r"\operatorname{erfc}",
    }
)


_DISPLAYED = r"\displaystyle "
_MINUS_FIRST = re.compile(r"^-[\d.]+")
# Between rows with fractions.
_APART = "[2ex]"


class LatexNotation(Notation):
    r"""LaTeX that KaTeX, MathJax and amsmath all read: `\delta^{(1)} = …`."""

    times = r" \, "
    times_of_numbers = r" \cdot "
    beside = " "
    before_sum = " "
    pi = r"\pi"
    stacks_fractions = True
    entrywise = r" \odot "
    functions = _LATEX_FUNCTIONS
    bare_functions = (r"\tanh", r"\ln", r"\log")
    relations = MappingProxyType(
        {
            "<=": r"\le",
            ">=": r"\ge",
            "!=": r"\ne",
            "==": "=",
            "~=": r"\approx",
            "<-": r"\leftarrow",
        }
    )

    def name(self, q: Quantity | None, text: str, labels: Sequence[str], *, scalar: bool) -> str:
        """`W^{(1)}_{ji}`; a weight that is one number in lower case."""
        names = self.style.names
        symbol, number, after = (text, None, ()) if q is None else names.name(q)
        letter, told = self.parted(symbol, q)
        base, number_below = in_latex(self.cased(letter, q, scalar=scalar))
        below = told or number_below
        if q and names.convention.bold and self.style.is_matrix and q.shape and not scalar:
            base = f"{names.convention.bold}{{{base}}}"
        layer = "" if number is None else str(number).join(names.convention.layer)
        if names.convention.layer_is_below:
            return base + self._below_name([below, layer], [*labels, *after])
        above = f"^{{{layer}}}" if layer else ""
        return base + above + self._below_name([below], [*labels, *after])

    def _below_name(self, heads: Sequence[str], indices: Sequence[str]) -> str:
        """What stands below a name: its own number and its layer's, then its indices."""
        joined = ("" if self.style.packs(indices) else ",").join(indices)
        shown = ",".join(filter(None, [*heads, joined]))
        return f"_{{{shown}}}" if shown else ""

    def word(self, name: str) -> str:
        r"""The printed name of a function: \ln, \operatorname{softmax}."""
        if name == "log":
            return f"\\{super().word(name)}"
        return self.functions.get(name, rf"\operatorname{{{name}}}")

    def function_name(self, function: type[Function]) -> str:
        r"""\sigma, \operatorname{ReLU}, \ln."""
        return function.latex if issubclass(function, Named) else super().function_name(function)

    def fraction(self, top: str, bottom: str) -> str:
        """A fraction; what is tall above the line is as large as beside it."""
        if not self.stacks_fractions:
            return super().fraction(top, bottom)
        return rf"\frac{{{_displayed(top)}}}{{{_small(bottom)}}}"

    def coefficient(self, text: str) -> str:
        """A fraction that stands before a sum."""
        return text if self.stacks_fractions else super().coefficient(text)

    def denominator(self, text: str) -> str:
        """A product below the line."""
        return text if self.stacks_fractions else super().denominator(text)

    def brackets(self, text: str) -> str:
        """The text in brackets, which grow where it is tall."""
        return rf"\left({text}\right)" if _is_tall(text) else f"({text})"

    def power(self, base: str, exponent: str) -> str:
        """A power."""
        return f"{base}^{{{_small(exponent)}}}"

    def scientific(self, mantissa: str, exponent: int) -> str:
        """A number times a power of ten."""
        power = f"10^{{{exponent}}}"
        return rf"{mantissa} \cdot {power}" if mantissa != "1" else power

    def infinity(self) -> str:
        """An infinite number."""
        return r"\infty"

    def _exponent(self, exponent: Expr) -> str:
        return self._raised(exponent)

    def _print_exp(self, expr: Expr) -> str:
        return self.exponential(self._raised(expr.args[0]))

    def root(self, text: str) -> str:
        """A square root."""
        return rf"\sqrt{{{text}}}"

    def exponential(self, exponent: str) -> str:
        """e to a power; by its other name, where a quantity is called e."""
        if any(q.symbol in ("e", "E") for q in self.style.quantities.values()):
            return self.call(r"\exp", exponent)
        return f"e^{{{_small(exponent)}}}"

    def absolute(self, text: str) -> str:
        """An absolute value."""
        return rf"\left|{text}\right|"

    def summation(self, letters: Sequence[str], body: str) -> str:
        """A sum with its indices below."""
        return " ".join(rf"\sum_{{{letter}}}" for letter in letters) + f" {body}"

    def reduction(self, word: str, letters: Sequence[str], body: str) -> str:
        """The word with its indices below."""
        named = word if word in ("max", "min", "prod") else rf"operatorname*{{{word}}}"
        return rf"\{named}_{{{', '.join(letters)}}} {self.brackets(body)}"

    def _summand(self, body: Expr, text: str) -> str:
        if not isinstance(body, Add):
            return text
        return rf"\left[{text}\right]" if "(" in text else self.brackets(text)

    def row(self, text: str, label: str) -> str:
        """One row of a matrix."""
        return f"{text}_{{{label}}}"

    def derivative(self, top: str, bottom: str) -> str:
        """∂top/∂bottom."""
        return rf"\frac{{\partial {top}}}{{\partial {bottom}}}"

    def floor(self, text: str) -> str:
        """The greatest whole number below."""
        return rf"\left\lfloor {text} \right\rfloor"

    def modulo(self, text: str, size: str) -> str:
        """What is left of a division by a whole number."""
        return rf"{text} \bmod {size}"

    def second_derivative(self, top: str, first: str, second: str) -> str:
        """∂²top/∂first∂second."""
        return rf"\frac{{\partial^2 {top}}}{{\partial {first} \, \partial {second}}}"

    def transposed(self, text: str) -> str:
        """A transposed matrix; the sign goes into the superscript of its layer."""
        row = self.style.names.convention
        name, under, below = text.rpartition("_{") if text.endswith("}") else (text, "", "")
        if under and row.layer[1] and name.endswith(f"{row.layer[1]}}}") and below.count("}") == 1:
            return f"{name[:-1]}{row.transposed}}}{under}{below}"
        if row.layer[1] and text.endswith(f"{row.layer[1]}}}"):
            return f"{text[:-1]}{row.transposed}}}"
        return f"{self.brackets(text) if '^' in text else text}^{{{row.transposed}}}"

    def matrix_product(self, left: str, right: str) -> str:
        """A product of matrices."""
        return rf"{left} \, {right}"

    def indicator(self, condition: str) -> str:
        """1 where the condition holds, else 0."""
        return rf"\mathbf{{1}}\left[{condition}\right]"

    def cases(self, branches: Sequence[tuple[str, str]]) -> str:
        """A definition by cases; a fraction in it is as large as beside it."""
        # After words TeX would set the minus of a number as one between two.
        told = (_MINUS_FIRST.sub(r"{\g<0>}", c) for _, c in branches)
        conditions = (rf"\text{{if }} {c}" if c else r"\text{otherwise}" for c in told)
        rows = [f"{_displayed(v)} & {c}" for (v, _), c in zip(branches, conditions, strict=True)]
        is_tall = any(row.startswith(_DISPLAYED) for row in rows)
        end = rf" \\{_APART} " if is_tall else r" \\ "
        return r"\begin{cases} " + end.join(rows) + r" \end{cases}"

    def conjunction(self, conditions: Sequence[str]) -> str:
        """Conditions that hold together."""
        return r" \text{ and } ".join(conditions)

    def option(self, name: str, symbol: str, value: str) -> str:
        """By its symbol: α."""
        return f", {self.name(None, symbol, [], scalar=False)}={value}"

    def disjunction(self, conditions: Sequence[str]) -> str:
        """Conditions of which one holds."""
        return r" \text{ or } ".join(conditions)

    def prime(self, name: str) -> str:
        """f′."""
        return f"{name}'"

    def call(self, name: str, argument: str) -> str:
        """A function's value."""
        return name + self.brackets(argument)


def _displayed(text: str) -> str:
    """The text in full size where it has fractions."""
    is_small = _has_fractions(text) and not text.startswith(_DISPLAYED)
    return _DISPLAYED + text if is_small else text


def _has_fractions(text: str) -> bool:
    """Whether there is a fraction or a sum in it that is not raised or below a name."""
    seen, skipped, depth = [], 0, 0
    for before, letter in pairwise(f" {text}"):
        depth += (letter == "{") - (letter == "}")
        if letter == "{" and before in "^_" and not skipped:
            skipped = depth
        elif letter == "}" and depth < skipped:
            skipped = 0
        if not skipped:
            seen.append(letter)
    return any(sign in "".join(seen) for sign in (r"\frac", r"\sum", r"\symnnpartial"))


def _small(text: str) -> str:
    """What stands below a line or raised, where nothing is set large."""
    return text.replace(_DISPLAYED, "")


def _is_tall(text: str) -> bool:
    return any(sign in text for sign in (r"\frac", r"\sum", r"\begin", r"\symnnpartial"))
