"""How much a formula loses when it is computed in floats, found before it is ever run."""

from dataclasses import dataclass
from functools import cache

import mpmath
from mpmath import mpf
from sympy import Expr, Pow, Symbol, log

from symnn.cases import Piecewise
from symnn.functions import U
from symnn.stability.estimates import rounded
from symnn.stability.floats import EPSILON, LARGEST, LostError, Rounded, UnknownError, Way

Meanings = tuple[tuple[Symbol, Expr], ...]

# 1e-12 is promised of what is compiled; a form that loses more than a third of that is not taken.
TOLERABLE = 3 * mpf(10) ** -13
# A form that goes by infinity is right, and loud about it: it is taken where there is no other.
LOUD = mpf(10) ** -9
_LARGEST_SINGLE = mpf(2) ** 127
_SIZES = (1000.0, 100.0, 1e-200, 1e-8, 30.0, 400.0, 1e-3, 0.3, 1.1, 3.0, 10.0)
POINTS = tuple(sign * size for size in _SIZES for sign in (1, -1))


@cache
def loss_of(form: Expr, meanings: Meanings = ()) -> mpf:
    """The largest share of its digits that a form in `U` loses at any of the `POINTS`.

    1 is all of them. `meanings` are what symbols in the form stand for, in order. An error counts
    for nothing where one in the last place of u itself would do as much.

    >>> from sympy import exp, tanh
    >>> loss_of(tanh(U)) < TOLERABLE < loss_of(1 - tanh(U) ** 2)
    True
    """
    largest = mpf(0)
    with mpmath.workdps(60):
        for u in POINTS:
            largest = max(largest, _loss_at(form, meanings, mpf(u)))
            if largest >= 1:
                break
    return largest


def damage(form: Expr, meanings: Meanings = ()) -> tuple[int, mpf]:
    """At how many of the `POINTS` a form loses more than is tolerable, and how much in all.

    All of the digits are all there is to lose at one point.
    """
    with mpmath.workdps(60):
        losses = (min(_loss_at(form, meanings, mpf(u)), mpf(1)) for u in POINTS)
        lost = [loss for loss in losses if loss > TOLERABLE]
        return len(lost), mpmath.fsum(lost)


def is_silent(form: Expr, meanings: Meanings) -> bool:
    """Whether NumPy has nothing to warn of, though it computes each branch everywhere."""
    branches = [value for p in form.atoms(Piecewise) for value, _ in p.args]
    if any(map(_may_have_a_pole, branches)):
        return False
    with mpmath.workdps(60):
        return not any(
            _is_lost(part, meanings, mpf(u)) for part in [*branches, form] for u in (*POINTS, 0)
        )


def _may_have_a_pole(branch: Expr) -> bool:
    """Whether it divides by, or takes the root or the logarithm of, what may be 0 at some u."""
    bases = [p.base for p in branch.atoms(Pow) if not (p.exp.is_Integer and p.exp.is_positive)]
    bases += [f.args[0] for f in branch.atoms(log)]
    return any(base.has(U) and not base.is_positive for base in bases)


def _is_lost(form: Expr, meanings: Meanings, u: mpf) -> bool:
    try:
        return abs(_at(form, meanings, u).value) > _LARGEST_SINGLE
    except LostError:
        return True


def has_value_at_zero(form: Expr) -> bool:
    """Whether the form can be computed at 0 at all."""
    with mpmath.workdps(60):
        try:
            _at(form, (), mpf(0), Way.EXACT)
        except LostError:
            return False
        return True


def _loss_at(form: Expr, meanings: Meanings, u: mpf) -> mpf:
    try:
        here = _at(form, meanings, u)
    except LostError:
        return _loss_beyond(form, meanings, u)
    if here.error == 0 or abs(here.value) < mpf(10) ** -300 > here.error:
        return mpf(0)
    share = here.error / abs(here.value) if here.value else mpf(1)
    if share <= TOLERABLE:
        return share
    step = mpf(10) ** -25
    try:
        beside = _at(form, meanings, u * (1 + step))
    except LostError:
        return mpf(1)
    turn = abs(beside.value - here.value) / step
    return mpf(0) if here.error <= 8 * EPSILON * turn else share


def _loss_beyond(form: Expr, meanings: Meanings, u: mpf) -> mpf:
    """What is lost where a number on the way, or the value itself, is beyond the floats."""
    try:
        value = _at(form, meanings, u, Way.EXACT).value
    except UnknownError:
        return mpf(1)
    except LostError:
        return mpf(0)
    if not abs(value) < LARGEST:
        return mpf(0)
    try:
        found = _at(form, meanings, u, Way.INFINITE)
    except LostError:
        return mpf(1)
    error = abs(found.value - value) + found.error
    return LOUD if error <= TOLERABLE * abs(value) + mpf(10) ** -300 else mpf(1)


def _at(form: Expr, meanings: Meanings, u: mpf, way: Way = Way.FLOATS) -> Rounded:
    known: dict[Symbol, Rounded] = {U: Rounded(u, mpf(0))}
    for symbol, meaning in meanings:
        known[symbol] = rounded(meaning, known, way)
    return rounded(form, known, way)


@dataclass(frozen=True)
class Stable:
    """A form in `U` and in symbols, and what each of these stands for, in order."""

    form: Expr
    meanings: Meanings = ()

    def loss(self) -> mpf:
        """The share of its digits that is lost where most are; see `loss_of`."""
        return loss_of(self.form, self.meanings)

    def damage(self) -> tuple[int, mpf]:
        """At how many points it loses too many, and how many in all; see `damage`."""
        return damage(self.form, self.meanings)

    @property
    def is_silent(self) -> bool:
        """Whether NumPy has nothing to warn of when it computes every branch."""
        return is_silent(self.form, self.meanings)
