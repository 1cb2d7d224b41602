"""How mathematics looks in ASCII, in the names that the code has."""

from collections.abc import Sequence

from sympy import Expr

from symnn.equations import Quantity
from symnn.look import listed
from symnn.notation import Notation
from symnn.spelling import in_ascii


class TextNotation(Notation):
    """ASCII alone, in the names that the code has: `delta1 = (delta2 @ W2) * (1 - a1**2)`."""

    def name(self, q: Quantity | None, text: str, labels: Sequence[str], *, scalar: bool) -> str:
        """`W1`, `W1[j,i]`; what is one number in lower case; `W` in a net of one layer."""
        base = text if q is None else self._spelled(q, scalar=scalar)
        return base + listed(labels) if labels else base

    def _closed(self, base: Expr, text: str) -> str:
        return text

    def word(self, name: str) -> str:
        """The name that the function has in code."""
        return name

    def _spelled(self, q: Quantity, *, scalar: bool) -> str:
        """The name in a notation: the symbol, the number of the layer, indices of its own."""
        symbol, layer, after = self.style.names.name(q)
        cased = self.cased(symbol, q, scalar=scalar)
        return "".join([in_ascii(cased), *after, "" if layer is None else str(layer)])
