"""A formula of one number as a line: its values, its slopes, and the points where either jumps.

Both are computed by the compiled equations, so what is drawn is what runs. Nothing here draws.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sympy import Abs, Expr, Poly, PolynomialError, sign
from sympy.core.relational import Relational

from symnn.binding import index, total
from symnn.compilation import CompiledFunction
from symnn.derivation import derive
from symnn.equations import SAMPLES, Equation, Quantity, Role, System
from symnn.errors import SymnnError
from symnn.functions import Elementwise, U
from symnn.plot.telling import said

Floats = NDArray[np.float64]
Span = tuple[float, float]

POINTS = 401
# What differs by more, on the two sides of a break, is a jump.
_SMALLEST_JUMP = 1e-6


@dataclass(frozen=True)
class Break:
    """A point where the value or the slope jumps: what is taken there, and what is on each side."""

    at: float
    value: float
    slope: float
    values: tuple[float, float]
    slopes: tuple[float, float]

    @property
    def parts_values(self) -> bool:
        """Whether the value itself jumps."""
        return _differ(self.value, *self.values)

    @property
    def parts_slopes(self) -> bool:
        """Whether the slope jumps."""
        return _differ(self.slope, *self.slopes)


def gap(at: float) -> float:
    """How far beside a break its two sides are looked at."""
    return 1e-12 * (1 + abs(at))


def _differ(*values: float) -> bool:
    return max(values) - min(values) > _SMALLEST_JUMP * (1 + max(map(abs, values)))


@dataclass(frozen=True, eq=False)
class Curve:
    """A formula in `U` over a span: its values and slopes, (M,) each, and where they jump."""

    formula: Expr
    span: Span
    name: str = "the function"

    @cached_property
    def u(self) -> Floats:
        """Where it is computed: evenly, and at each break and right beside it."""
        even = np.linspace(*self.span, POINTS)
        beside = [(b - gap(b), b, b + gap(b)) for b in self._at]
        return np.unique(np.concatenate([even, *map(np.array, beside)]))

    def value_at(self, u: Floats) -> Floats:
        """The values, (M,) as `u`; raises `SymnnError` where one is not finite."""
        with np.errstate(all="ignore"):
            return finite(np.asarray(self._function.predict({}, u), np.float64), u, self.name)

    def slope_at(self, u: Floats) -> Floats:
        """The derivatives, (M,) as `u`; raises `SymnnError` where one is not finite."""
        with np.errstate(all="ignore"):
            slopes = np.asarray(self._function({}, u)[1]["u"], np.float64)
        return finite(slopes, u, f"the derivative of {self.name}")

    @cached_property
    def values(self) -> Floats:
        """The value at each `u`."""
        return self.value_at(self.u)

    @cached_property
    def slopes(self) -> Floats:
        """The derivative at each `u`."""
        return self.slope_at(self.u)

    @cached_property
    def breaks(self) -> tuple[Break, ...]:
        """The points where the value or the slope jumps."""
        found = []
        for b in self._at:
            k = int(np.searchsorted(self.u, b))
            values, slopes = (
                tuple(map(float, y[k - 1 : k + 2])) for y in (self.values, self.slopes)
            )
            found.append(Break(b, values[1], slopes[1], values[::2], slopes[::2]))  # type: ignore[arg-type]
        return tuple(b for b in found if b.parts_values or b.parts_slopes)

    @cached_property
    def _at(self) -> list[float]:
        lo, hi = self.span
        return [b for b in breaks_of(self.formula) if lo < b < hi]

    @cached_property
    def _function(self) -> CompiledFunction:
        return derive(_system(self.formula), ["u"]).lambdify()


def finite(values: Floats, at: Floats, what: str) -> Floats:
    """The values, all of them finite; raises `SymnnError` where one is not."""
    if not np.isfinite(values).all():
        place = said(float(at[int(np.argmin(np.isfinite(values)))]))
        raise SymnnError(f"{what} is not a finite number at {place}; take another span")
    return values


def breaks_of(formula: Expr) -> list[float]:
    """Where a formula in `U` changes from one branch to another.

    >>> from sympy import Abs
    >>> from symnn.cases import Piecewise
    >>> breaks_of(Piecewise((Abs(U), U > -1), (0, True)))
    [-1.0, 0.0]
    """
    opened = formula
    while opened.has(Elementwise):
        opened = opened.replace(lambda e: isinstance(e, Elementwise), lambda e: e.expanded())
    changes = [r.lhs - r.rhs for r in opened.atoms(Relational)]
    changes += [f.args[0] for f in opened.atoms(Abs, sign)]
    return sorted({float(root) for change in changes for root in _roots(change)})


def _roots(change: Expr) -> Iterator[Expr]:
    """The real roots of a polynomial in `U` or in |U|; none of anything else."""
    for signed in (change.xreplace({Abs(U): U}), change.xreplace({Abs(U): -U})):
        try:
            yield from Poly(signed, U).real_roots()
        except (PolynomialError, NotImplementedError):
            continue


def _system(formula: Expr) -> System:
    """`f[n] = formula(u[n])`, and the sum of all f: its gradient is the derivative at each u."""
    n = index("n", SAMPLES)
    u = Quantity("u", (SAMPLES,), Role.INPUT, ("n",), "u")
    f = Quantity("f", (SAMPLES,), Role.ACTIVATION, ("n",), "f")
    last = Quantity("L", (), Role.LOSS, (), "L")
    equations = (
        Equation(f, (n,), formula.xreplace({U: u.at(n)})),
        Equation(last, (), total(f.at(n), n)),
    )
    return System({q.name: q for q in (u, f, last)}, equations)


def checked_span(span: Span | None) -> Span | None:
    """The span, if it is one; raises `SymnnError` where it goes not from a number to a larger."""
    if span is None:
        return None
    lo, hi = map(float, span)
    if not (np.isfinite([lo, hi]).all() and lo < hi):
        raise SymnnError(
            f"the span is from {lo:g} to {hi:g}; it goes from a number to a larger one"
        )
    return lo, hi
