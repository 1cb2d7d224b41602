"""Formulas in what vanishes at infinity: right from 0 to ±1000, and without an overflow.

On each side of 0, with X = |u|, every exp becomes a power of one T = exp(-c·X), which lies between
0 and 1; a normal density, of T = exp(-c·X²); and erf and erfc become the tail erfc(c·X). What is
left is a ratio of polynomials: its terms no longer cancel at infinity, since each vanishes at its
own pace, and 1 - T, which cancels at 0, stands as a factor of its own: -expm1(-c·X).
"""

from collections.abc import Iterator, Sequence
from functools import reduce

from sympy import (
    Abs,
    Dummy,
    Expr,
    Integer,
    Max,
    Min,
    Poly,
    Pow,
    Rational,
    Symbol,
    atanh,
    cancel,
    cosh,
    coth,
    csch,
    erf,
    erfc,
    exp,
    fraction,
    log,
    sech,
    sinh,
    tanh,
    together,
)
from sympy.codegen.cfunctions import log1p

from symnn.cases import Piecewise
from symnn.folding import opaque
from symnn.functions import Elementwise, U
from symnn.stability.identities import with_identities
from symnn.stability.ratios import Vanishing, X, in_factors, log_of_ratio, lowest_power_out
from symnn.stability.special import Log1pRatio, ScaledTail

HYPERBOLIC = (cosh, sinh, tanh, coth, sech, csch)
# Beyond this a ratio of polynomials takes longer to bring to lowest terms than it is worth.
_LARGEST = 400


class UnfitError(ValueError):
    """The formula has no form of this kind."""


def expanded(formula: Expr) -> Expr:
    """The formula with every named function in it written out."""
    while formula.has(Elementwise):
        formula = formula.replace(lambda e: isinstance(e, Elementwise), lambda e: e.expanded())
    return formula


def holds_zero_above(formula: Expr) -> bool:
    """Whether 0 belongs with what is above it; raises `UnfitError` where both are asked for."""
    wanted = {
        bool(c.subs(U, 0)) == bool(c.subs(U, 1))
        for c in formula.atoms(*_RELATIONS)
        if c in (U > 0, U >= 0, U < 0, U <= 0)
    }
    if len(wanted) == 2:
        raise UnfitError("0 is on both sides")
    return wanted == {True}


_RELATIONS = tuple({type(c) for c in (U > 0, U >= 0, U < 0, U <= 0)})


def on_side(formula: Expr, sign: int) -> Expr:
    """The formula at u = sign·X; raises `UnfitError` where it compares what is not real there."""
    try:
        return formula.xreplace({U: sign * X})
    except TypeError as error:
        raise UnfitError(str(error)) from None


def sided(formula: Expr, sign: int, vanishing: Vanishing, by_ratios: bool) -> Expr:
    """The formula for u = sign·X and X > 0, in X and what vanishes.

    `by_ratios` writes what divides by something that vanishes as a ratio of what does not.
    """
    side = on_side(expanded(formula), sign)
    side = side.replace(lambda e: isinstance(e, Piecewise), lambda e: Piecewise(*e.args))
    side = side.rewrite([*HYPERBOLIC], exp).rewrite(atanh, log)
    if side.count_ops() > _LARGEST:
        raise UnfitError("too long")
    return _Side(vanishing, by_ratios).written(side)


class _Side:
    """One side of 0, on its way into what vanishes."""

    def __init__(self, vanishing: Vanishing, by_ratios: bool) -> None:
        self._vanishing, self._by_ratios = vanishing, by_ratios

    def written(self, side: Expr) -> Expr:
        """The whole of it."""
        units = _units([e.args[0] for e in side.atoms(exp)])
        side = side.replace(lambda e: isinstance(e, exp), lambda e: self._exp(e.args[0], units))
        side = side.replace(lambda e: isinstance(e, erf), lambda e: 1 - self._tail(e.args[0]))
        side = side.replace(lambda e: isinstance(e, erfc), lambda e: self._tail(e.args[0]))
        return with_identities(self._lowest_terms(self._rebuilt(side)))

    def _rebuilt(self, node: Expr) -> Expr:
        """The expression with what stands inside of functions and branches in lowest terms."""
        if not node.args or not node.has(*self._vanishing.meanings):
            return node
        if isinstance(node, Piecewise):
            return Piecewise(*((self._lowest_terms(self._rebuilt(v)), c) for v, c in node.args))
        arguments = [self._rebuilt(a) for a in node.args]
        if isinstance(node, log):
            return self._by_ratio(self._log(arguments[0]))
        if node.is_Function or (node.is_Pow and not node.exp.is_Integer):
            arguments = [self._lowest_terms(a) for a in arguments]
        return node.func(*arguments)

    def _exp(self, argument: Expr, units: dict[Expr, Rational]) -> Expr:
        """exp of a polynomial, as a power of what vanishes."""
        found = _in_units(argument, units)
        if found is None:
            return exp(argument)
        unit, multiple, constant = found
        return exp(constant) * self._vanishing.symbol(exp(-unit)) ** (-multiple)

    def _tail(self, argument: Expr) -> Expr:
        """erfc of c·X, c > 0; of -c·X it is 2 less that."""
        slope = argument.diff(X)
        if argument.subs(X, 0) != 0 or slope.has(X) or not slope.is_number:
            return erfc(argument)
        if slope.is_negative:
            return 2 - self._tail(-argument)
        if not self._by_ratios:
            return self._vanishing.symbol(erfc(argument))
        density = exp(-((argument**2).expand()))
        return self._vanishing.symbol(density) * self._vanishing.symbol(ScaledTail(argument))

    def _log(self, inside: Expr) -> Expr:
        """The logarithm, with its powers of what vanishes taken out: no overflow, no log 0."""
        opened, hidden = opaque(inside)
        top, bottom = fraction(cancel(together(opened)))
        outside: Expr = Integer(0)
        for symbol in [s for s in self._vanishing.meanings if inside.has(s)]:
            low_top, top = lowest_power_out(top, symbol)
            low_bottom, bottom = lowest_power_out(bottom, symbol)
            if low_top != low_bottom:
                outside += (low_top - low_bottom) * self._log_of(symbol)
        return outside + log_of_ratio(top, bottom, self._vanishing, hidden)

    def _log_of(self, symbol: Symbol) -> Expr:
        meaning = self._vanishing.meanings[symbol]
        return meaning.args[0] if isinstance(meaning, exp) else log(symbol)

    def _by_ratio(self, node: Expr) -> Expr:
        """log1p(v) as v·(log1p(v)/v): the second factor is near 1 where v vanishes."""
        if not self._by_ratios:
            return node
        return node.replace(
            lambda e: isinstance(e, log1p), lambda e: e.args[0] * Log1pRatio(e.args[0])
        )

    def _lowest_terms(self, side: Expr) -> Expr:
        if not side.has(*self._vanishing.meanings):
            return side
        return in_factors(side, self._vanishing)


def _units(arguments: list[Expr]) -> dict[Expr, Rational]:
    """For each direction of the arguments (X, X², …), what all multiples of it are multiples of."""
    found: dict[Expr, Rational] = {}
    for argument in arguments:
        for direction, multiple in _directions(argument):
            size = abs(multiple)
            known = found.get(direction)
            found[direction] = size if known is None else known.gcd(size)
    return found


def _directions(argument: Expr) -> Iterator[tuple[Expr, Rational]]:
    """The argument as a rational multiple of a polynomial that grows from 0."""
    if not argument.has(X) or not argument.is_polynomial(X):
        return
    terms = (argument - argument.subs(X, 0)).expand()
    poly = Poly(terms, X)
    leading = poly.LC()
    coefficient = leading.as_coeff_Mul()[0]
    if not coefficient.is_Rational or coefficient == 0:
        coefficient = Integer(1) if leading.is_positive else Integer(-1)
    direction = (terms / coefficient).expand()
    if all(c.is_positive for c in Poly(direction, X).coeffs()):
        yield direction, Rational(coefficient)


def _in_units(argument: Expr, units: dict[Expr, Rational]) -> tuple[Expr, Integer, Expr] | None:
    """The unit, how many of it the argument is, and what is left at 0."""
    for direction, multiple in _directions(argument):
        # An exp within an exp is written first: then this is no multiple of what was seen.
        if direction in units:
            unit = units[direction]
            return unit * direction, multiple / unit, argument.subs(X, 0)
    return None


def rescaled(sides: Sequence[Expr], vanishing: Vanishing) -> list[Expr]:
    """The sides with e for each e^k, where all powers of an e = exp(…) are multiples of one k."""
    scaled = list(sides)
    for symbol, meaning in list(vanishing.meanings.items()):
        if not isinstance(meaning, exp):
            continue
        powers = {e for e in _powers(scaled, symbol) if e.is_Rational}
        if not powers:
            continue
        unit = reduce(lambda one, other: one.gcd(other), map(abs, powers))
        if unit != 1:
            smaller = {symbol**k: symbol ** (k / unit) for k in powers}
            scaled = [side.subs(smaller, simultaneous=True) for side in scaled]
            vanishing.meanings[symbol] = exp(unit * meaning.args[0])
    return scaled


def _powers(sides: Sequence[Expr], symbol: Symbol) -> Iterator[Expr]:
    """The powers to which a symbol occurs."""
    for side in sides:
        hidden = Dummy()
        powers = [p for p in side.atoms(Pow) if p.base == symbol]
        yield from (p.exp for p in powers)
        if side.xreplace(dict.fromkeys(powers, hidden)).has(symbol):
            yield Integer(1)


def in_u(side: Expr, sign: int) -> Expr:
    """A form in X written in u again: as ±u, and as |u| where a root or a logarithm is taken."""
    return _walk(side, sign)


def _walk(node: Expr, sign: int) -> Expr:
    if node == X:
        return sign * U
    if not node.has(X):
        return node
    if node.is_Function and not isinstance(node, Piecewise | Max | Min):
        return node.func(*(a.xreplace({X: Abs(U)}) for a in node.args))
    if node.is_Pow and not node.exp.is_Integer:
        return node.xreplace({X: Abs(U)})
    return node.func(*(_walk(a, sign) for a in node.args))
