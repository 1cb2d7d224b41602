"""How quantities, their entries and their derivatives are named in print, in every format."""

from collections.abc import Sequence

from sympy import Expr, Indexed, Symbol

from symnn.equations import Quantity, Role, entry_indices, entry_name
from symnn.look import Look
from symnn.reading import entry_symbol
from symnn.spelling import parted


class Naming(Look):
    """The names of quantities and entries; what surrounds them, `notation` writes."""

    def _print_Indexed(self, expr: Indexed) -> str:
        q = self.style.quantities.get(entry_name(expr))
        labels = self._labels(q, expr)
        return self._named(q, entry_name(expr), labels, scalar=not labels)

    def _named(self, q: Quantity | None, text: str, labels: Sequence[str], *, scalar: bool) -> str:
        """The name of a quantity; a gradient's is ∂L/∂ that of the quantity it is of."""
        if q is None or not q.is_quotient:
            return self.name(q, text, labels, scalar=scalar)
        if q.top is not None:
            return self._named_by_two(q, self.style.quantities[q.top], labels, scalar=scalar)
        of = self.style.quantities[q.of or ""]
        return self.derivative(self._loss(), self.name(of, of.name, labels, scalar=scalar))

    def _named_by_two(
        self, q: Quantity, top: Quantity, labels: Sequence[str], *, scalar: bool
    ) -> str:
        """The name of a derivative of another quantity than the loss: ∂aᵢ/∂xⱼ, ∂²L/∂wᵢ∂wⱼ."""
        of = self.style.quantities[q.of or ""]
        count = len(labels) - self._count_shown(of) if labels else 0
        above, below = labels[:count], labels[count:]
        second = self._named(of, of.name, below, scalar=scalar)
        if of.is_quotient:
            second = self.brackets(second)
        if top.of is None or top.top is not None:
            first = self._named(top, top.name, above, scalar=scalar)
            return self.derivative(first if top.of is None else self.brackets(first), second)
        by = self.style.quantities[top.of]
        first = self.name(by, by.name, above, scalar=scalar)
        return self.second_derivative(self._loss(), first, second)

    def _count_shown(self, q: Quantity) -> int:
        """How many labels an entry of the quantity has."""
        return sum(size != 1 and not self._is_hidden(size) for size in q.shape)

    def _loss(self) -> str:
        """The name of what is differentiated."""
        loss = (q for q in self.style.quantities.values() if q.role is Role.LOSS)
        q = next(loss, None)
        return self.name(q, "L" if q is None else q.name, [], scalar=False)

    def parted(self, symbol: str, q: Quantity | None) -> tuple[str, str]:
        """The letter of a symbol and what stands below it: W and q, where no other W_q can be."""
        letter, below = parted(symbol)
        if q is None or not below:
            return symbol, ""
        names = (self.style.names.name(o) for o in self.style.quantities.values())
        layer = self.style.names.name(q).layer
        taken = {letter.lower(), f"{letter}{below}".lower()} - {symbol.lower()}
        is_taken = any(n.symbol.lower() in taken and n.layer == layer for n in names)
        return (symbol, "") if is_taken else (letter, below)

    def cased(self, symbol: str, q: Quantity | None, *, scalar: bool) -> str:
        """The symbol of a quantity: of one number in lower case, where nothing else has that."""
        if q is None or not (scalar and q.shape):
            return symbol
        lower = symbol.lower()
        others = self.style.quantities.values()
        is_taken = any(o.symbol == lower and o.layer == q.layer for o in others if o is not q)
        return symbol if is_taken else lower

    def _labels(self, q: Quantity | None, expr: Indexed) -> list[str]:
        if q is None:
            return [str(self._print(i)) for i in entry_indices(expr)]
        hidden = [size == 1 or self._is_hidden(size) for size in q.shape]
        shown = (i for i, h in zip(entry_indices(expr), hidden, strict=True) if not h)
        return [str(self._print(i)) for i in shown]

    def _is_hidden(self, size: Expr) -> bool:
        return self.style.hides_samples and not size.is_Integer

    def _print_Symbol(self, expr: Symbol) -> str:
        number = self.style.numbers.get(str(expr))
        if number is not None:
            return self.figure(number)
        name, place = entry_symbol(expr, self.style.quantities)
        q = self.style.quantities.get(name)
        if q is None or not q.shape:
            return self._named(q, str(expr), [], scalar=False)
        widths = [size for size in q.shape if size.is_Integer]
        shown = (p for p, width in zip(place, widths, strict=False) if width != 1)
        labels = [self.number(str(p + 1)) for p in shown]
        is_whole = not place and self.style.is_matrix
        return self._named(q, name, labels, scalar=not is_whole)

    def _quantity_name(self, expr: Expr) -> str:
        if not isinstance(expr, Symbol | Indexed):
            return ""
        return entry_symbol(expr, self.style.quantities)[0]
