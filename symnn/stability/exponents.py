"""Numbers as exp(v) · r, and what is asked of exponentials."""

from dataclasses import dataclass

from sympy import (
    Abs,
    And,
    Dummy,
    Expr,
    Idx,
    Integer,
    Max,
    Min,
    Mul,
    Or,
    Rational,
    S,
    Sum,
    exp,
    log,
    sign,
)
from sympy.codegen.cfunctions import expm1, log1p
from sympy.logic.boolalg import Boolean

from symnn.binding import freshen
from symnn.cases import Piecewise, is_indicator
from symnn.equations import all_entries
from symnn.stability.parts import without_factor

ZERO = Integer(0)


@dataclass(frozen=True)
class Scaled:
    """exp(`exponent`) · `rest`."""

    exponent: Expr
    rest: Expr

    @property
    def value(self) -> Expr:
        """The product itself."""
        if self.exponent == 0:
            return self.rest
        masks = [f for f in Mul.make_args(self.rest) if is_indicator(f)]
        rest = Mul(*(f for f in Mul.make_args(self.rest) if f not in masks))
        return exp(where(mask_of(self.rest), self.exponent)) * rest


@dataclass(frozen=True)
class Known:
    """A quantity as exp(v) · r, of its indices."""

    indices: tuple[Idx, ...]
    scaled: Scaled

    def at(self, *places: Expr) -> Scaled:
        """The entry at these places."""
        there = dict(zip(self.indices, places, strict=True))
        exponent, rest = self.scaled.exponent, self.scaled.rest
        return Scaled(freshen(exponent).xreplace(there), freshen(rest).xreplace(there))


def is_masked(node: Expr) -> bool:
    """Whether it is 0 but where some condition holds."""
    return isinstance(node, Piecewise) and node.args[-1] == (0, True)


def is_masked_sum(node: Expr) -> bool:
    """Whether it is a sum of exponentials alone, of which some may be left out."""
    if not isinstance(node, Sum):
        return False
    factors = [f for f in Mul.make_args(node.function) if not isinstance(f, exp)]
    return bool(factors) and all(_is_masked_exp(f) or is_masked_sum(f) for f in factors)


def _is_masked_exp(node: Expr) -> bool:
    return is_masked(node) and all(v == 0 or isinstance(v, exp) for v, _ in node.args)


def mask_of(rest: Expr) -> Boolean:
    """The condition outside of which a product is 0, since a factor is."""
    masked = (f for f in Mul.make_args(rest) if is_masked(f))
    return And(*(Or(*(c for value, c in f.args[:-1] if value != 0)) for f in masked))


def where(condition: Boolean, exponent: Expr) -> Expr:
    """The exponent where the condition holds; what is left out does not count, however great."""
    if condition == True:  # noqa: E712  (SymPy's true)
        return exponent
    return Piecewise((exponent, condition), (S.NegativeInfinity, True), evaluate=False)


def with_zeros(node: Expr) -> Expr | None:
    """The expression with 0 where exp is of -oo, which is no exponent to shift by.

    None where there is another -oo, but in a logarithm: that of a sum is shifted by itself.

    >>> from sympy.abc import u, v
    >>> with_zeros(exp(Piecewise((u, v > 0), (S.NegativeInfinity, True))))
    Piecewise((exp(u), v > 0), (0, True))
    """
    hidden = {found: Dummy(real=True) for found in node.atoms(log)}
    opened = node.xreplace(hidden).replace(_is_exp_of_a_mask, _of_branches)
    back = {dummy: found for found, dummy in hidden.items()}
    return None if opened.has(S.NegativeInfinity) else opened.xreplace(back)


def _is_exp_of_a_mask(node: Expr) -> bool:
    is_choice = isinstance(node, exp) and isinstance(node.args[0], Piecewise)
    return is_choice and any(v is S.NegativeInfinity for v, _ in node.args[0].args)


def _of_branches(node: exp) -> Expr:
    return Piecewise(*((exp(value), c) for value, c in node.args[0].args), evaluate=False)


def is_whole(power: Expr) -> bool:
    """Whether a power is a whole number from 1."""
    return bool(power.is_Integer and power.is_positive)


def is_minus_entry(term: Expr) -> bool:
    """Whether it is an entry of a quantity with a minus."""
    return next(all_entries(-term), None) == -term


def is_of_exponentials(node: Expr) -> bool:
    """Whether nothing but what is in the exponents is read."""
    inside = {a for e in node.atoms(exp) for a in all_entries(e)}
    return inside.issuperset(all_entries(node))


def cores(node: Expr) -> set[Expr]:
    """What the exponents in an expression are made of: v for exp(-2v + 1)."""
    return {without_factor(e.args[0].as_coeff_Add()[1]) for e in node.atoms(exp)}


def log_of_one_and(found: Scaled) -> Expr:
    """log(1 + exp(v)·r), to the last digits of what is far below 1."""
    v, r = found.exponent, found.rest
    if r == -1:
        # Mächler 2012, "Accurately computing log(1 - exp(-|a|))": by expm1 where exp(v) is near 1.
        below = log1p(-exp(Min(v, 0, evaluate=False)))
        return Piecewise((log(-expm1(v)), v > Rational(-11, 16)), (below, True), evaluate=False)
    above = v + log(r + exp(-Max(v, 0, evaluate=False)))
    below = log1p(r * exp(Min(v, 0, evaluate=False)))
    return Piecewise((above, v > 0), (below, True), evaluate=False)


def difference(one: Scaled, other: Scaled) -> Expr | None:
    """(r·exp(a) - r·exp(b))·exp(-max(a, b)), to the last digits where a is near b; else None."""
    if one.rest != -other.rest:
        return None
    apart = one.exponent - other.exponent
    return -one.rest * sign(apart) * expm1(-Abs(apart))
