"""Sums that cancel, as what they are: a table of identities, each proved by a test.

A row is a pattern in `A`, any expression, and the same thing computed with care. They are the
classical ones: Abramowitz and Stegun 1964, sections 4.1, 4.2, 4.5 and 7.1; Kahan 1987.
"""

from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    And,
    Dummy,
    Expr,
    Function,
    Mul,
    Pow,
    Rational,
    Symbol,
    cancel,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expand,
    fraction,
    log,
    rem,
    sin,
    sinh,
    sqrt,
    together,
)
from sympy.codegen.cfunctions import expm1, log1p

from symnn.cases import Piecewise
from symnn.stability.special import UpperTail

A = Symbol("A", real=True)


@dataclass(frozen=True)
class Identity:
    """1 + `sign`·f(A) = `careful`, for the f that `is_piece` knows and `inside` takes apart."""

    name: str
    function: type[Function]
    sign: int
    careful: Expr

    @property
    def plain(self) -> Expr:
        """The sum as it is written."""
        return 1 + self.sign * self.function(A)


# 1 ± f(A), for each function that comes near ∓1.
ONE_AND = (
    Identity("1 - exp A", exp, -1, -expm1(A)),
    Identity("1 - cos A", cos, -1, 2 * sin(A / 2) ** 2),
    Identity("1 - cosh A", cosh, -1, -2 * sinh(A / 2) ** 2),
    Identity("1 - erf A", erf, -1, UpperTail(A)),
    Identity("1 + erf A", erf, 1, UpperTail(-A)),
    Identity("1 - erfc A", erfc, -1, erf(A)),
)


def with_identities(expression: Expr) -> Expr:
    """The expression with the sums of the table, and log(1 + A) and √(1 + A) - 1, written so.

    >>> from sympy.abc import x
    >>> with_identities((exp(x) - 1) / x)
    expm1(x)/x
    """
    if not expression.args:
        return expression
    arguments = [with_identities(a) for a in expression.args]
    if isinstance(expression, Add):
        return _sum(arguments)
    if isinstance(expression, log):
        return _log(arguments[0])
    if isinstance(expression, Pow) and arguments[0].is_number and arguments[0].is_positive:
        return exp(arguments[1] * log(arguments[0]))
    return expression.func(*arguments)


def _sum(terms: list[Expr]) -> Expr:
    total = Add(*terms)
    constant, rest = total.as_coeff_Add()
    for rule in (_one_and, _erfc_of_less, _root):
        found = rule(constant, rest) if constant != 0 else None
        if found is not None:
            return found
    return total


def _one_and(constant: Expr, rest: Expr) -> Expr | None:
    """c ± c·f(A), by the table."""
    for row in ONE_AND:
        for piece in rest.atoms(row.function):
            if rest == row.sign * constant * piece:
                return constant * row.careful.xreplace({A: piece.args[0]})
    return None


def _erfc_of_less(constant: Expr, rest: Expr) -> Expr | None:
    """2c - c·erfc(A) = c·erfc(-A)."""
    for piece in rest.atoms(erfc):
        if 2 * rest == -constant * piece:
            return constant / 2 * UpperTail(-piece.args[0])
    return None


def _root(constant: Expr, rest: Expr) -> Expr | None:
    """√(c² + A) - c = A / (√(c² + A) + c), and its multiples."""
    coefficient, root = rest.as_coeff_Mul()
    if not (isinstance(root, Pow) and root.exp == Rational(1, 2)):
        return None
    c = -constant / coefficient
    inside = root.base - c**2
    if not c.is_positive or not isinstance(root.base, Add) or inside.as_coeff_Add()[0] != 0:
        return None
    return Mul(coefficient, inside, Pow(sqrt(root.base) + c, -1))


def with_roots_opened(expression: Expr) -> Expr:
    """The expression as one ratio, with √v·√v = v: c/(x² + c)^(3/2) for 1/√(x² + c) - x²/….

    >>> from sympy.abc import x
    >>> with_roots_opened(1 / sqrt(x**2 + 1) - x**2 / sqrt(x**2 + 1) ** 3)
    (x**2 + 1)**(-3/2)
    """
    if isinstance(expression, Piecewise):
        branches = ((with_roots_opened(value), c) for value, c in expression.args)
        return Piecewise(*branches, evaluate=False)
    roots = {p.base for p in expression.atoms(Pow) if p.exp.is_Rational and p.exp.q == 2}
    roots = {base for base in roots if base.free_symbols}
    if len(roots) != 1:
        return expression
    (base,) = roots
    root = Dummy("r", positive=True)
    opened = expression.replace(
        lambda e: isinstance(e, Pow) and e.base == base, lambda e: root ** (2 * e.exp)
    )
    top, bottom = fraction(together(opened))
    if not (top.is_polynomial(root) and bottom.is_polynomial(root)):
        return expression
    top = rem(expand(top), root**2 - base, root)
    return cancel(top / bottom).xreplace({root: sqrt(base)})


def with_power_less_one(terms: Add) -> Expr:
    """c·(bᵉ - 1), for an exponent that is no number, as c·expm1(e·log b) where bᵉ is near 1.

    >>> from sympy.abc import b, e
    >>> with_power_less_one(b**e - 1)
    Piecewise((expm1(e*log(b)), (b > 0) & (Abs(b**e - 1) < 1/2)), (b**e - 1, True))
    """
    constant, rest = terms.as_coeff_Add()
    for term in Add.make_args(rest) if constant != 0 else ():
        factor, power = term.as_coeff_Mul()
        is_power = isinstance(power, Pow) and not power.exp.is_number and factor == -constant
        if is_power and not isinstance(power.base, exp) and power.base.free_symbols:
            base, less = power.base, power - 1
            near = (expm1(power.exp * _log(base)), And(base > 0, Abs(less) < Rational(1, 2)))
            whole = Piecewise(near, (less, True), evaluate=False)
            return Add(factor * whole, rest - term)
    return terms


def _log(inside: Expr) -> Expr:
    """log(1 + A) = log1p(A), and log(Aⁿ) = n·log A, of |A| for an even n."""
    if isinstance(inside, expm1):
        return log(inside)
    if isinstance(inside, Pow) and inside.exp.is_Integer:
        return inside.exp * log(Abs(inside.base) if inside.exp.is_even else inside.base)
    constant, rest = inside.as_coeff_Add()
    return log1p(rest) if constant == 1 and rest != 0 else log(inside)
