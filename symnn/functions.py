"""Named functions of one real argument, each made from its formula and nothing else.

A row of a table gives a name and a formula; `elementwise` makes of them a SymPy function that stays
whole in an expression (`σ(z)`, not `1/(1 + exp(-z))`) and whose derivative SymPy derives from the
formula. The derivative is written back in terms of the function itself where that is simpler:
`σ' = σ(1 - σ)`. Nothing here knows a particular function.
"""

from functools import cache

from sympy import Expr, Function, Symbol

from symnn.folding import folded, simplest

U = Symbol("u", real=True)


class Elementwise(Function):
    """A named function of one real argument; its subclasses are made by `elementwise`."""

    nargs = 1
    is_real = True
    formula: Expr
    through: tuple[type["Elementwise"], ...]
    sign: str
    latex: str

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative by the argument, derived from the formula."""
        del argindex
        return derivative_of(type(self)).xreplace({U: self.args[0]})

    def expanded(self) -> Expr:
        """The formula with the argument put in."""
        return self.formula.xreplace({U: self.args[0]})


@cache
def elementwise(
    name: str,
    formula: Expr,
    through: tuple[type[Elementwise], ...] = (),
    sign: str = "",
    latex: str = "",
) -> type[Elementwise]:
    """The function called `name` with this formula in `U`.

    `through` are functions by whose names its derivative may be written as well. `sign` and `latex`
    are how it is printed (σ, \\sigma); its name, where they are not given.

    >>> from sympy import exp
    >>> sigmoid = elementwise("sigmoid", 1 / (1 + exp(-U)))
    >>> sigmoid(U).diff(U)
    (1 - sigmoid(u))*sigmoid(u)
    """
    facts = {
        "formula": formula,
        "through": through,
        "sign": sign or name,
        "latex": latex or rf"\operatorname{{{sign or name}}}",
        "__module__": __name__,
    }
    return type(name, (Elementwise,), facts)


def derivative_of(function: type[Elementwise]) -> Expr:
    """The derivative as an expression in `U` and the function itself: the simplest exact form."""
    return _derivative(function(U), function.formula, function.through)


@cache
def _derivative(value: Expr, formula: Expr, through: tuple[type[Elementwise], ...]) -> Expr:
    plain = formula.diff(U)
    definitions = [(value, formula), *((named(U), named.formula) for named in through)]
    forms = [form for name, meaning in definitions for form in folded(plain, name, meaning)]
    return simplest([*forms, plain], value)
