"""Ratios of polynomials in what vanishes at infinity: in factors, and their logarithms.

What vanishes is a symbol between 0 and 1, such as T = exp(-X); each is 1 at X = 0.
"""

from dataclasses import dataclass, field

from sympy import (
    Expr,
    Integer,
    Mul,
    Poly,
    PolynomialError,
    Rational,
    Symbol,
    cancel,
    erf,
    erfc,
    exp,
    factor,
    fraction,
    log,
)
from sympy.codegen.cfunctions import expm1, log1p

from symnn.cases import Piecewise
from symnn.folding import opaque
from symnn.stability.special import ScaledTail

X = Symbol("X", positive=True)


@dataclass
class Vanishing:
    """The symbols of one formula for what lies between 0 and 1, and what each stands for, in X."""

    meanings: dict[Symbol, Expr] = field(default_factory=dict)

    def symbol(self, meaning: Expr) -> Symbol:
        """The symbol that stands for this."""
        for symbol, known in self.meanings.items():
            if known == meaning:
                return symbol
        names = {exp: "e", erfc: "q", ScaledTail: "s"}
        letter = names[type(meaning)]
        used = sum(str(s).startswith(letter) for s in self.meanings)
        symbol = Symbol(letter + (str(used + 1) if used else ""), positive=True)
        self.meanings[symbol] = meaning
        return symbol


def in_factors(side: Expr, vanishing: Vanishing) -> Expr:
    """A ratio in lowest terms, each 1 - T in its numerator and denominator a factor."""
    if isinstance(side, Piecewise):
        return Piecewise(*((in_factors(v, vanishing), c) for v, c in side.args))
    opened, hidden = opaque(side)
    try:
        top, bottom = fraction(cancel(opened))
        shown = _parts(top, vanishing) / factor(_parts(bottom, vanishing))
    except PolynomialError:
        return side
    return shown.xreplace(hidden)


def _parts(polynomial: Expr, vanishing: Vanishing) -> Expr:
    """The polynomial in factors where it vanishes at T = 1, each 1 - T as -expm1(…)."""
    used = [s for s in vanishing.meanings if polynomial.has(s)]
    if not any(polynomial.subs(s, 1).expand() == 0 for s in used):
        return polynomial
    return Mul(*(_near_one(f, vanishing) for f in Mul.make_args(factor(polynomial))))


def _near_one(part: Expr, vanishing: Vanishing) -> Expr:
    base, power = part.as_base_exp()
    for symbol, meaning in vanishing.meanings.items():
        if isinstance(meaning, exp):
            close = expm1(meaning.args[0])
        elif isinstance(meaning, erfc):
            close = -erf(meaning.args[0])
        else:
            continue
        slope = base.diff(symbol)
        if slope.is_number and slope != 0 and (base - slope * (symbol - 1)).expand() == 0:
            return (slope * close) ** power
    return part


def lowest_power_out(polynomial: Expr, symbol: Symbol) -> tuple[int, Expr]:
    """The polynomial as symbol^k times one that is not 0 where the symbol is."""
    if not polynomial.has(symbol):
        return 0, polynomial
    low = min(monomial[0] for monomial in Poly(polynomial, symbol).monoms())
    return low, cancel(polynomial / symbol**low)


def log_of_ratio(top: Expr, bottom: Expr, vanishing: Vanishing, hidden: dict[Expr, Expr]) -> Expr:
    """log(top/bottom), as log1p wherever the ratio tends to 1."""
    zero = {s: 0 for s, m in vanishing.meanings.items() if not isinstance(m, ScaledTail)}
    at_zero = (
        cancel(top.xreplace(zero) / bottom.xreplace(zero)) if bottom.xreplace(zero) != 0 else None
    )
    if at_zero == 1:
        if top.xreplace(zero) == top and bottom.xreplace(zero) == bottom:
            return Integer(0)
        return _log_of_near_one(top, bottom, vanishing).xreplace(hidden)
    return log((_parts(top, vanishing) / _parts(bottom, vanishing)).xreplace(hidden))


def _log_of_near_one(top: Expr, bottom: Expr, vanishing: Vanishing) -> Expr:
    """log(top/bottom) of a ratio that is 1 where nothing is left of T."""
    if top == 1:
        far = -log1p(_parts((bottom - 1).expand(), vanishing))
    else:
        far = log1p(_parts((top - bottom).expand(), vanishing) / bottom)
    near = log(_parts(top, vanishing) / _parts(bottom, vanishing))
    for symbol in (s for s in vanishing.meanings if near.has(expm1, erf) and far.has(s)):
        # log(1 - T): 1 - T is 0 at T = 1, and the logarithm is at T = 0.
        return Piecewise((near, symbol > Rational(1, 2)), (far, True))
    return far
