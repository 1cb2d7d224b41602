"""Functions that stable forms call and SymPy lacks: each is its definition, computed with care."""

from sympy import Function


class UpperTail(Function):
    """erfc, which SymPy would turn from erfc(-v) into 2 - erfc(v): that loses every digit."""

    nargs = 1
    is_real = True


class ScaledTail(Function):
    """exp(v²)·erfc(v), for v ≥ 0: what is left of erfc where both factors leave the floats."""

    nargs = 1
    is_real = True
    is_positive = True


class Log1pRatio(Function):
    """log(1 + v)/v, and 1 at v = 0."""

    nargs = 1
    is_real = True
    is_positive = True


class Times(Function):
    """a·b, and 0 where a is 0, even if b is infinite."""

    nargs = 2
    is_real = True


class Capped(Function):
    """What there is of v among the floats: near the largest of them where v is infinite."""

    nargs = 1
    is_real = True
