"""The logarithm of the gamma function and its derivatives, each a function of one argument.

SymPy says what they are and what their derivatives are; its own `polygamma` has two arguments, and
turns digamma(1) into a constant that has no sign in a model. Here each stays as it is written. They
are those of positive numbers, as in a likelihood; elsewhere there is no number.
"""

from functools import cache

import mpmath
from mpmath import mpf
from sympy import Expr, loggamma, polygamma

from symnn.functions import Named, U


class GammaFunction(Named):
    """ln Γ, or its derivative of some order; the subclasses are made by `derivative_of_lgamma`."""

    nargs = 1
    is_real = True
    order: int
    meaning: Expr

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative by the argument, which SymPy knows."""
        del argindex
        plain = self.meaning.diff(U)
        named = plain.replace(polygamma, lambda n, _: derivative_of_lgamma(int(n) + 1)(U))
        return named.xreplace({U: self.args[0]})

    @classmethod
    def number(cls, value: mpf) -> mpf:
        """The value at a number; nan where that is not positive."""
        if not value > 0:
            return mpmath.nan
        return mpmath.polygamma(cls.order - 1, value) if cls.order else mpmath.loggamma(value)


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_NAMES = {
    0: ("lgamma", "lnΓ", r"\operatorname{ln\Gamma}"),
    1: ("digamma", "ψ", r"\psi"),
    2: ("trigamma", "ψ₁", r"\psi_{1}"),
}


@cache
def derivative_of_lgamma(order: int) -> type[GammaFunction]:
    """The derivative of ln Γ of this order, and ln Γ itself for 0.

    >>> derivative_of_lgamma(0)(U**2).diff(U)
    2*u*digamma(u**2)
    >>> derivative_of_lgamma(1)(U).diff(U, U)
    polygamma2(u)
    """
    below = str(order - 1)
    own = (f"polygamma{below}", f"ψ{below.translate(_LOWERED)}", rf"\psi_{{{below}}}")
    name, sign, latex = _NAMES.get(order, own)
    meaning = polygamma(order - 1, U) if order else loggamma(U)
    facts = {"order": order, "meaning": meaning, "called": name, "sign": sign, "latex": latex}
    return type(name, (GammaFunction,), {**facts, "__module__": __name__})


LGAMMA, DIGAMMA, TRIGAMMA = map(derivative_of_lgamma, range(3))
