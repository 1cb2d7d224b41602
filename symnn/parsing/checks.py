"""The bounds on what a text may make SymPy build, and the refusal of what is no real number."""

from sympy import Expr, S

from symnn.parsing.constants import check_constant, digits
from symnn.parsing.source import Fault, Place
from symnn.parsing.tokens import MAX_DIGITS
from symnn.parsing.tree import Call, Node, parts
from symnn.parsing.vocabulary import COPIES, OPTIONS

MAX_BUILT = 20_000


def weight(node: Node) -> int:
    """How many nodes a value has when it is written out."""
    copies = 1
    if isinstance(node, Call) and (
        node.name not in OPTIONS or any(a.option for a in node.arguments)
    ):
        copies = COPIES.get(node.name, 1)
    return 1 + copies * sum(weight(part) for part, _ in parts(node))


def check_number(value: Expr, place: Place) -> None:
    """Refuse what is no real number, and one that is too long."""
    if value.is_number:
        if value.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
            raise Fault("this has no finite value", place)
        check_constant(value, place)
        if value.is_extended_real is False:
            raise Fault("this is no real number", place)
    coefficients = [value.as_coeff_Mul()[0], value.as_coeff_Add()[0]]
    if any(c.is_Rational and digits(c) > MAX_DIGITS for c in coefficients):
        raise Fault(f"a number of more than {MAX_DIGITS} digits", place)
