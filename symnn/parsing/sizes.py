"""The size of an axis: whole numbers and names with + - * and //."""

from collections.abc import Callable

from sympy import Expr, Integer, Symbol, floor

from symnn.language import MAX_WIDTH
from symnn.parsing.source import Fault, Place, shown
from symnn.parsing.tree import Chain, Name, Node, Number, walk

MAX_SIZE_NODES = 20


def are_equal(one: Expr, other: Expr) -> bool:
    """Whether two sizes are the same for all values of their symbols."""
    return bool((one - other).expand() == 0)


def size_symbol(name: str) -> Symbol:
    """The symbol of a size."""
    return Symbol(name, integer=True, positive=True)


def size_expression(node: Node, named: Callable[[Name], str]) -> Expr:
    """The size that is stated; `named` takes each name in it, and refuses what is no size."""
    if sum(1 for _ in walk(node)) > MAX_SIZE_NODES:
        raise Fault("this size is too long; give it a name, as in i:M", node.place)
    size = _size(node, named)
    if size.is_Integer and not 1 <= size <= MAX_WIDTH:
        message = f"a size is a whole number from 1 to {MAX_WIDTH}, not {_short(size)}"
        raise Fault(message, node.place)
    return size


def _short(number: Expr) -> str:
    return shown(str(number)) if abs(number) < 10**50 else "one of over 50 digits"


def _size(node: Node, named: Callable[[Name], str]) -> Expr:
    if isinstance(node, Number) and node.text.isdigit():
        return Integer(int(node.text))
    if isinstance(node, Name):
        return size_symbol(named(node))
    if isinstance(node, Chain):
        (first, outcome), *rest = ((sign, _size(part, named)) for sign, part in node.parts)
        outcome = -outcome if first == "-" else outcome
        for sign, size in rest:
            outcome = _combined(sign, outcome, size, node.place)
        return outcome.expand()
    raise Fault("a size is made of whole numbers, names, + - * and //", node.place)


def _combined(sign: str, one: Expr, other: Expr, place: Place) -> Expr:
    if sign == "/":
        raise Fault("a size is a whole number: divide by //", place)
    if sign == "//":
        if not (other.is_Integer and other > 0):
            raise Fault("a size is divided by a whole number from 1", place)
        return floor(one / other)
    return {"+": one + other, "-": one - other, "*": one * other}[sign]
