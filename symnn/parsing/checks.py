"""The bounds on what a text may make SymPy build, and the refusal of what is no real number."""

from sympy import Add, Dummy, Expr, Pow, S, exp

from symnn.cases import Piecewise
from symnn.parsing.branches import branches, lifted
from symnn.parsing.constants import (
    check_constant,
    check_exponent,
    check_exponential,
    check_power,
    digits,
)
from symnn.parsing.source import Fault, Place
from symnn.parsing.tokens import MAX_DIGITS
from symnn.parsing.tree import Call, Node, parts
from symnn.parsing.vocabulary import OPTIONS, copies

MAX_BUILT = 20_000
_INFINITE = (S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity)


def weight(node: Node) -> int:
    """How many nodes a value has when it is written out."""
    times = 1
    if isinstance(node, Call) and (
        node.name not in OPTIONS or any(a.option for a in node.arguments)
    ):
        times = copies(node.name)
    return 1 + times * sum(weight(part) for part, _ in parts(node))


def check_number(value: Expr, place: Place) -> None:
    """Refuse what is no real number, and one that is too long."""
    if value.is_number:
        # A branch may be infinite: where(u <= t, 0, -inf) leaves out what is not seen.
        branchless = value.xreplace({p: Dummy(real=True) for p in value.atoms(Piecewise)})
        if branchless.has(*_INFINITE):
            raise Fault("this has no finite value", place)
        check_constant(value, place)
        if value.is_extended_real is False:
            raise Fault("this is no real number", place)
    coefficients = [value.as_coeff_Mul()[0], value.as_coeff_Add()[0]]
    if any(c.is_Rational and digits(c) > MAX_DIGITS for c in coefficients):
        raise Fault(f"a number of more than {MAX_DIGITS} digits", place)


def power(base: Expr, exponent: Expr, place: Place) -> Expr:
    """The power; refused where it is large, in any branch of the exponent."""
    for branch in branches(plain(exponent, place)):
        check_exponent(branch, place)
        if branch.is_Rational:
            check_power(base, branch, place)
    return Pow(base, exponent)


def plain(value: Expr, place: Place) -> Expr:
    """The value with its choices outermost, where there are few; each is bounded as it is built."""
    return lifted(value, lambda function, *parts: _bounded(function, parts, place))


def _bounded(function: type[Expr], parts: tuple[Expr, ...], place: Place) -> Expr:
    """A function of what one branch holds: SymPy computes 2**1e300 as it is built."""
    if function is exp:
        check_exponential(Add.make_args(parts[0]), place)
    value = power(parts[0], parts[1], place) if function is Pow else function(*parts)
    if not value.has(*_INFINITE):
        check_number(value, place)
    return value
