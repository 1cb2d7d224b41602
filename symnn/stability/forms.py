"""The form in which a formula of one argument is computed: the first that keeps its digits.

The forms are tried from the plainest on, and `rounding` judges each. Every one is the formula
itself, by an identity; near 0 it may be its power series, as far as a float can tell.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TypeVar

import mpmath
from mpmath import mpf
from sympy import Abs, Expr, Integer, PolynomialError, Symbol, powsimp
from sympy.logic.boolalg import Boolean

from symnn.cases import Piecewise
from symnn.functions import Elementwise, U
from symnn.stability.floats import LostError
from symnn.stability.identities import with_identities, with_roots_opened
from symnn.stability.ratios import Vanishing, X
from symnn.stability.rounding import (
    LOUD,
    TOLERABLE,
    Meanings,
    Stable,
    has_value_at_zero,
    is_silent,
)
from symnn.stability.series import Series, polynomial, series_at_zero
from symnn.stability.tails import (
    UnfitError,
    expanded,
    holds_zero_above,
    in_u,
    on_side,
    rescaled,
    sided,
)
from symnn.stability.through import by_parts

Made = TypeVar("Made")
# A series that is good for less of the line than this is of no use.
_LEAST_RADIUS = 0.02
# u where a series is good, and else 0.
_NEAR = Symbol("near", real=True)


@cache
def stable(formula: Expr) -> Stable:
    """The formula of `U` in a form that keeps its digits.

    A gap at 0 that can be filled is filled: (exp(u) - 1)/u is 1 there.

    >>> from sympy import exp, tanh
    >>> stable(1 / (1 + exp(-U)))
    Stable(form=Piecewise((1/(e + 1), u > 0), (e/(e + 1), True)), meanings=((e, exp(-Abs(u))),))
    >>> stable(tanh(U))
    Stable(form=tanh(u), meanings=())
    """
    if not formula.free_symbols <= {U}:
        # An option that has no value yet: nothing can be said of its digits.
        return Stable(formula)
    plain, loss = _best(_closed_forms(formula)) or (Stable(formula), mpf(1))
    if loss <= LOUD and has_value_at_zero(formula):
        return plain
    best, least = _best(_series_forms(formula)) or (plain, loss)
    return best if least <= TOLERABLE or least < loss else plain


def is_safe(formula: Expr) -> bool:
    """Whether the formula is best computed as it stands, and without a warning."""
    found = stable(formula)
    is_known = formula.free_symbols <= {U}
    return found == Stable(formula) and not (is_known and found.loss() == LOUD)


def _best(forms: Iterable[Stable]) -> tuple[Stable, mpf] | None:
    """The first form that loses nothing, or else the one that loses least; and what it loses."""
    seen = []
    for form in forms:
        seen.append((form, form.loss()))
        if seen[-1][1] <= TOLERABLE:
            return seen[-1]
    return min(seen, key=lambda pair: pair[0].damage(), default=None)


def _closed_forms(formula: Expr) -> Iterator[Stable]:
    """The formula itself, and what is equal to it, from the plainest on."""
    yield Stable(formula)
    yield from _made(lambda: Stable(with_identities(expanded(formula))))
    yield from _made(lambda: Stable(with_roots_opened(expanded(formula))))
    yield from _made(lambda: Stable(powsimp(expanded(formula), combine="exp")))
    yield from _made(partial(_in_tails, formula, by_ratios=False))
    yield from _made(partial(_in_tails, formula, by_ratios=True))
    if formula.has(Elementwise, Piecewise):
        yield from _made(lambda: Stable(with_identities(_by_cases(expanded(formula)))))
        yield from _made(lambda: Stable(powsimp(_by_cases(expanded(formula)), True, "exp")))
    yield from by_parts(formula, stable)


def _by_cases(formula: Expr) -> Expr:
    """The formula in each branch of an innermost choice in it: there, what cancels cancels.

    Choices with the same conditions are made together, as those of a function and its derivative.
    """
    inner = [p for p in formula.atoms(Piecewise) if not any(a.has(Piecewise) for a in p.args)]
    for choice in sorted(inner, key=str)[:1]:
        conditions = _conditions(choice)
        branches = ((_branch(formula, conditions, k), c) for k, c in enumerate(conditions))
        return Piecewise(*branches, evaluate=False)
    return formula


def _branch(formula: Expr, conditions: Sequence[Expr], k: int) -> Expr:
    """The formula with the k-th branch for every choice with these conditions."""
    return formula.replace(
        lambda e: isinstance(e, Piecewise) and _conditions(e) == conditions,
        lambda e: e.args[k].expr,
    )


def _conditions(choice: Expr) -> list[Expr]:
    return [c for _, c in choice.args]


def _series_forms(formula: Expr) -> Iterator[Stable]:
    """The same, each with the series of the formula where u is small."""
    for near, is_near in _made(partial(_series_near_zero, formula)):
        near, meanings = _guarded(near, is_near)
        for form in _closed_forms(formula):
            both = Piecewise((near, is_near), (form.form, True), evaluate=False)
            yield replace(form, form=both, meanings=(*meanings, *form.meanings))


def _guarded(near: Expr, is_near: Boolean) -> tuple[Expr, Meanings]:
    """The series at u where it is good and at 0 elsewhere, where powers of u overflow."""
    if is_silent(near, ()):
        return near, ()
    inside = Piecewise((U, is_near), (Integer(0), True), evaluate=False)
    return near.xreplace({U: _NEAR}), ((_NEAR, inside),)


def _made(make: Callable[[], Made]) -> Iterator[Made]:
    """What is made, where it can be."""
    try:
        yield make()
    except (UnfitError, LostError, PolynomialError):
        return


def _in_tails(formula: Expr, by_ratios: bool) -> Stable:
    """The formula in what vanishes, on each side of 0."""
    vanishing = Vanishing()
    zero_above = holds_zero_above(formula)
    sides = rescaled([sided(formula, s, vanishing, by_ratios) for s in (1, -1)], vanishing)
    above, below = (in_u(side, sign) for side, sign in zip(sides, (1, -1), strict=True))
    form = _two_sided(above, below, zero_above)
    meanings = {s: m.xreplace({X: Abs(U)}) for s, m in vanishing.meanings.items() if form.has(s)}
    return Stable(form, tuple(meanings.items()))


def _two_sided(above: Expr, below: Expr, zero_above: bool) -> Expr:
    if above == below:
        return above
    is_above = U >= 0 if zero_above else U > 0
    return Piecewise((above, is_above), (below, True), evaluate=False)


def _series_near_zero(formula: Expr) -> tuple[Expr, Boolean]:
    """The series of the formula at 0, and the condition under which it is good."""
    zero_above = holds_zero_above(formula)
    plain = expanded(formula)
    above, below = (series_at_zero(on_side(plain, sign)) for sign in (1, -1))
    reach = min(above.radius, below.radius, mpf(1))
    if reach < _LEAST_RADIUS or min(above.low, below.low) < 0:
        raise LostError("the series is of no use")
    bound = mpf(2) ** int(mpmath.floor(mpmath.log(reach, 2)))
    near = polynomial(above, U, bound)
    if not _are_one(above, below):
        near = _two_sided(near, polynomial(below, -U, bound), zero_above)
    return near, Abs(U) < float(bound)


def _are_one(above: Series, below: Series) -> bool:
    """Whether the series for u > 0, in u, and for u < 0, in -u, are the same function of u."""
    pairs = zip(above.coefficients, below.coefficients, strict=False)
    return above.low == below.low and all(
        abs(a - (-1) ** (above.low + k) * b) <= mpf(10) ** -25 for k, (a, b) in enumerate(pairs)
    )
