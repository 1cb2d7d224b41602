"""Named functions of one real argument, each made from its formula and nothing else.

A row of a table gives a name and a formula; `elementwise` makes of them a SymPy function that stays
whole in an expression (`σ(z)`, not `1/(1 + exp(-z))`) and whose derivative SymPy derives from the
formula. The derivative is written back in terms of the function itself where that is simpler:
`σ' = σ(1 - σ)`. Nothing here knows a particular function.
"""

from functools import cache
from typing import TypeAlias

from sympy import Expr, Function, Symbol

from symnn.folding import folded, in_factors, simplest

U = Symbol("u", real=True)
Options: TypeAlias = tuple[tuple[str, Symbol, Expr], ...]
# How a number reads within the name of a function: alpha = -1/2 is elu_alpham1over2.
_IN_NAMES = str.maketrans({"-": "m", "/": "over"})


class Named(Function):
    """A function that has a sign of its own in print: `called` in ASCII, and `sign` or `latex`."""

    called: str
    sign: str
    latex: str


class Elementwise(Named):
    """A named function of one real argument; its subclasses are made by `elementwise`.

    `options` are the numbers in its formula that differ from the usual ones: name, symbol, value.
    """

    nargs = 1
    is_real = True
    formula: Expr
    through: tuple[type["Elementwise"], ...]
    options: Options

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative by the argument, derived from the formula."""
        del argindex
        return derivative_of(type(self)).xreplace({U: self.args[0]})

    def expanded(self) -> Expr:
        """The formula with the argument put in."""
        return self.formula.xreplace({U: self.args[0]})


def elementwise(
    name: str,
    formula: Expr,
    through: tuple[type[Elementwise], ...] = (),
    sign: str = "",
    latex: str = "",
    options: Options = (),
) -> type[Elementwise]:
    """The function called `name` with this formula in `U`.

    `through` are functions by whose names its derivative may be written as well. `sign` and `latex`
    are how it is printed (σ, \\sigma); its name, where they are not given. `options` are printed
    after the argument.

    >>> from sympy import exp
    >>> sigmoid = elementwise("sigmoid", 1 / (1 + exp(-U)))
    >>> sigmoid(U).diff(U)
    (1 - sigmoid(u))*sigmoid(u)
    """
    printed = latex or r"\operatorname{" + (sign or name).replace("_", r"\_") + "}"
    return _made(name, formula, through, sign or name, printed, options)


@cache
def _made(
    name: str,
    formula: Expr,
    through: tuple[type[Elementwise], ...],
    sign: str,
    latex: str,
    options: Options,
) -> type[Elementwise]:
    facts = {
        "formula": formula,
        "called": name,
        "options": options,
        "through": through,
        "sign": sign,
        "latex": latex,
        "__module__": __name__,
    }
    # Each choice of options has a name of its own: code that calls two must tell them apart.
    given = (option + str(value).translate(_IN_NAMES) for option, _, value in options)
    return type("_".join([name, *given]), (Elementwise,), facts)


def derivative_of(function: type[Elementwise]) -> Expr:
    """The derivative as an expression in `U` and the function itself: the simplest exact form."""
    return _derivative(function(U), function.formula, function.through)


@cache
def _derivative(value: Expr, formula: Expr, through: tuple[type[Elementwise], ...]) -> Expr:
    plain = formula.diff(U)
    definitions = [(value, formula), *((named(U), named.formula) for named in through)]
    forms = [form for name, meaning in definitions for form in folded(plain, name, meaning)]
    return simplest([*forms, plain, in_factors(plain)], value)
