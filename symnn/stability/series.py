"""Formulas as power series at 0: where terms cancel there and no identity parts them.

A series is a list of coefficients in many digits, the first of the power `low`; the arithmetic is
that of truncated series. No function is known here: its own series is mpmath's.
"""

from dataclasses import dataclass

import mpmath
from mpmath import mpc, mpf
from sympy import Add, Expr, Float, Function, Integer, Mul, Pow, exp, log

from symnn.cases import Piecewise
from symnn.stability.estimates import constant, numeric
from symnn.stability.floats import EPSILON, LostError
from symnn.stability.ratios import X
from symnn.stability.tails import HYPERBOLIC, expanded

TERMS = 24
_DIGITS = 80
_NOTHING = mpf(10) ** -40


@dataclass(frozen=True)
class Series:
    """X^low times a polynomial: its coefficients, the first of which is not 0."""

    low: int
    coefficients: tuple[mpf, ...]

    @property
    def radius(self) -> mpf:
        """How far from 0 the terms that were left out are below half a unit of the last place."""
        first, *rest = map(abs, self.coefficients)
        known = [(k, c) for k, c in enumerate(rest, start=1) if k >= TERMS // 2 and c]
        # The coefficients go on as those that are known: as the powers of 1/reach.
        reach = min(((first / c) ** (mpf(1) / k) for k, c in known), default=mpf(4))
        return reach * (EPSILON / 8) ** (mpf(1) / TERMS)


def series_at_zero(side: Expr) -> Series:
    """The series of an expression in `X` for X > 0; raises `LostError` where it has none.

    >>> from sympy import sin
    >>> series_at_zero(sin(X) / X).coefficients[2] * 6
    mpf('-1.0')
    """
    with mpmath.workdps(_DIGITS):
        found = _series(expanded(side).rewrite([*HYPERBOLIC], exp))
        return Series(found.low, found.coefficients[:TERMS])


def polynomial(series: Series, variable: Expr, upto: mpf) -> Expr:
    """The series as a polynomial of nested products, as long as |variable| ≤ `upto` asks for."""
    kept = _kept(series, upto)
    step = 2 if not any(kept[1::2]) else 1
    power = variable**step
    nested: Expr = Integer(0)
    for c in reversed(kept[::step]):
        nested = _number(c) + Mul(power, nested) if nested != 0 else _number(c)
    return Mul(variable**series.low, nested)


def _kept(series: Series, upto: mpf) -> list[mpf]:
    first = abs(series.coefficients[0])
    kept = list(series.coefficients)
    while len(kept) > 1 and abs(kept[-1]) * upto ** (len(kept) - 1) < EPSILON * first / 8:
        kept.pop()
    return kept


def _number(value: mpf) -> Expr:
    whole = mpmath.nint(value)
    return Integer(int(whole)) if whole == value else Float(float(value), 17)


def _of(low: int, coefficients: list[mpf]) -> Series:
    """With its first coefficients left out where they are 0."""
    largest = max((abs(c) for c in coefficients), default=mpf(0))
    cleaned = [c if abs(c) > _NOTHING * max(largest, 1) else mpf(0) for c in coefficients]
    for k, c in enumerate(cleaned):
        if c != 0:
            return Series(low + k, tuple(cleaned[k:]))
    raise LostError("nothing is left of the series")


_WORKING = TERMS + 8


def _series(node: Expr) -> Series:
    if node == X:
        return Series(1, (mpf(1), *[mpf(0)] * (_WORKING - 1)))
    if not node.has(X):
        value = constant(node, _DIGITS)
        if not mpmath.isfinite(value):
            raise LostError("not a number")
        return Series(0, (value, *[mpf(0)] * (_WORKING - 1)))
    if isinstance(node, Add):
        return _sum([_series_or_nothing(a) for a in node.args])
    if isinstance(node, Mul):
        return _product([_series(a) for a in node.args])
    if isinstance(node, Pow) and not node.exp.has(X):
        return _power(_series(node.base), node.exp)
    if isinstance(node, Piecewise):
        return _series(_branch_at_zero(node))
    if isinstance(node, exp):
        return _exp(_series_or_nothing(node.args[0]))
    if isinstance(node, log):
        return _log(_series(node.args[0]))
    if isinstance(node, Function) and len(node.args) == 1:
        return _composed(type(node), _series_or_nothing(node.args[0]))
    raise LostError(f"no series for {type(node).__name__}")


def _branch_at_zero(node: Piecewise) -> Expr:
    """The branch that holds just above 0."""
    tiny = Float("1e-20")
    for value, condition in node.args:
        if condition.subs(X, tiny) == True:  # noqa: E712  (SymPy's true)
            return value
    raise LostError("no branch at 0")


def _series_or_nothing(node: Expr) -> Series:
    try:
        return _series(node)
    except _NothingError:
        return Series(_WORKING, (mpf(0),))


class _NothingError(LostError):
    """The series is 0, as far as it goes."""


def _sum(terms: list[Series]) -> Series:
    low = min(t.low for t in terms)
    # What a term has no coefficients for is not known.
    high = min(t.low + len(t.coefficients) for t in terms if len(t.coefficients) > 1)
    places = [mpf(0)] * (high - low)
    for t in terms:
        for k, c in enumerate(t.coefficients):
            if t.low + k < high:
                places[t.low - low + k] += c
    return _of(low, places)


def _product(factors: list[Series]) -> Series:
    result = factors[0]
    for other in factors[1:]:
        length = min(len(result.coefficients), len(other.coefficients))
        result = Series(
            result.low + other.low,
            tuple(_convolved(result.coefficients, other.coefficients, length)),
        )
    return result


def _convolved(one: tuple[mpf, ...], other: tuple[mpf, ...], length: int) -> list[mpf]:
    return [mpmath.fsum(one[j] * other[k - j] for j in range(k + 1)) for k in range(length)]


def _power(base: Series, exponent: Expr) -> Series:
    """By the recurrence for the powers of a series (Knuth 1997, section 4.7)."""
    if not (exponent * base.low).is_Integer or not exponent.is_number:
        raise LostError("a root at 0")
    if base.coefficients[0] < 0 and not exponent.is_Integer:
        raise LostError("a root of what is negative")
    p = mpmath.mpmathify(exponent.evalf(_DIGITS))
    first, *rest = base.coefficients
    found = [mpmath.power(first, p)]
    for n in range(1, len(base.coefficients)):
        terms = (((p + 1) * k - n) * rest[k - 1] * found[n - k] for k in range(1, n + 1))
        found.append(mpmath.fsum(terms) / (n * first))
    return Series(int(exponent * base.low), tuple(found))


def _placed(inner: Series) -> list[mpf]:
    """The coefficients from X^0 on."""
    if inner.low < 0:
        raise LostError("infinite at 0")
    return [*[mpf(0)] * inner.low, *inner.coefficients][:_WORKING]


def _exp(inner: Series) -> Series:
    """n·eₙ = Σ k·fₖ·eₙ₋ₖ, since (exp f)′ = f′·exp f."""
    f = _placed(inner)
    found = [mpmath.exp(f[0])]
    for n in range(1, len(f)):
        found.append(mpmath.fsum(k * f[k] * found[n - k] for k in range(1, n + 1)) / n)
    return _of(0, found)


def _log(inner: Series) -> Series:
    """n·f₀·lₙ = n·fₙ - Σ k·lₖ·fₙ₋ₖ, since f·(log f)′ = f′."""
    f = inner.coefficients
    if inner.low != 0 or f[0] <= 0:
        raise LostError("no logarithm at 0")
    found = [mpmath.log(f[0])]
    for n in range(1, len(f)):
        rest = mpmath.fsum(k * found[k] * f[n - k] for k in range(1, n))
        found.append((n * f[n] - rest) / (n * f[0]))
    return _of(0, found)


def _composed(function: type[Function], inner: Series) -> Series:
    placed = _placed(inner)
    start, placed[0] = placed[0], mpf(0)
    try:
        outer = mpmath.taylor(numeric(function), start, len(placed) - 1)
    except (ValueError, ZeroDivisionError, ArithmeticError) as error:
        raise LostError(str(error)) from None
    if any(isinstance(c, mpc) or not mpmath.isfinite(c) for c in outer):
        raise LostError("not real")
    result = [mpf(0)] * len(placed)
    for c in reversed(outer):
        result = _convolved(tuple(result), tuple(placed), len(placed))
        result[0] += c
    return _of(0, result)
