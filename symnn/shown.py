"""An expression as print shows it: indices from 1, ŷ - y within a function, no sum over one place.

Each function gives an expression that means the same, by the conventions of print, and that is for
a printer alone: nothing of it may be computed with, for SymPy would turn it back.
"""

from collections.abc import Callable, Mapping

from sympy import (
    Abs,
    Add,
    And,
    Expr,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Or,
    Sum,
    Symbol,
    asinh,
    atan,
    cos,
    cosh,
    erf,
    erfc,
    sign,
    sin,
    sinh,
    tan,
    tanh,
)
from sympy.core.relational import Relational

from symnn.binding import bound_indices, size_of, total
from symnn.cases import Piecewise
from symnn.choices import flattened, times_indicator
from symnn.equations import Quantity, entry_name
from symnn.reductions import BINDERS, ArgMax, ArgMin, Reduction

# f(-u) = f(u), and f(-u) = -f(u); what is not said of a function is not used.
EVEN = (Abs, cos, cosh)
ODD = (asinh, atan, erf, sign, sin, sinh, tan, tanh)

# What SymPy would write anew where an index in it moves.
_KEPT = (Relational, And, Or, Piecewise)


def without_units(expr: Expr) -> Expr:
    """The expression without sums, and the like, of one term and δs of one case."""
    if not expr.has(Sum, KroneckerDelta, Reduction):
        return expr
    arguments = [without_units(a) for a in expr.args]
    if isinstance(expr, Reduction) and _is_unit(expr.index):
        return Integer(0) if isinstance(expr, ArgMax | ArgMin) else arguments[0]
    if isinstance(expr, KroneckerDelta) and all(_is_unit(i) for i in arguments):
        return Integer(1)
    if not isinstance(expr, Sum):
        return expr if tuple(arguments) == expr.args else expr.func(*arguments)
    return total(arguments[0], *(i for i in bound_indices(expr) if size_of(i) != 1))


def at_one_place(expr: Expr) -> Expr:
    """The expression with the one place that it can have for an index over one place.

    What is not bound, that is: a bound one stands where it is bound.
    """
    if not expr.has(Idx):
        return expr
    return expr.xreplace({i: Integer(0) for i in expr.free_symbols if _is_unit(i)})


def _is_unit(i: Expr) -> bool:
    return isinstance(i, Idx) and size_of(i) == 1


def counted_from_1(expr: Expr, quantities: Mapping[str, Quantity]) -> Expr:
    """The expression with indices, and the values of whole-number inputs, that run from 1.

    `x[t - 1]` stays, `h[T - 1]` is `h[T]`, and `x[t + s]` is `x[t + s - 1]`.
    """
    if isinstance(expr, Idx):
        return expr - 1
    if isinstance(expr, Symbol):
        return expr - 1 if _is_whole_number(expr, quantities) else expr
    if isinstance(expr, Indexed):
        places = [counted_from_1(i, quantities) + 1 for i in expr.indices]
        entry = expr.base[tuple(places)]
        q = quantities.get(entry_name(expr))
        return entry - 1 if q is not None and q.is_from_0 else entry
    if isinstance(expr, BINDERS):
        bound = expr.func(counted_from_1(expr.function, quantities), *expr.limits)
        return bound - 1 if isinstance(expr, ArgMax | ArgMin) else bound
    if isinstance(expr, KroneckerDelta) or _compares_an_index(expr):
        places = [counted_from_1(i, quantities) + 1 for i in expr.args]
        return expr.func(*places, evaluate=False)
    if not expr.has(Indexed, Idx, Symbol):
        return expr
    arguments = [counted_from_1(a, quantities) for a in expr.args]
    if tuple(arguments) == expr.args:
        return expr
    keeps = {"evaluate": False} if isinstance(expr, _KEPT) else {}
    return expr.func(*arguments, **keeps)


def _is_whole_number(expr: Symbol, quantities: Mapping[str, Quantity]) -> bool:
    q = quantities.get(expr.name)
    return q is not None and q.is_from_0 and not q.shape


def _compares_an_index(expr: Expr) -> bool:
    return isinstance(expr, Relational) and any(isinstance(side, Idx) for side in expr.args)


def with_indicators(expr: Expr) -> Expr:
    """The expression with a choice between a number and 0 as the number times an indicator.

    The number stands before a sum of such.
    """
    if not expr.has(Piecewise):
        return expr
    if isinstance(expr, Piecewise):
        found = times_indicator(flattened(expr))
        if found is not None:
            number, indicator = found
            return Mul(number, with_indicators(indicator), evaluate=False)
    arguments = [with_indicators(a) for a in expr.args]
    if tuple(arguments) == expr.args:
        return expr
    if isinstance(expr, Sum):
        number, body = arguments[0].as_coeff_Mul()
        return Mul(number, expr.func(body, *expr.limits))
    keeps = {"evaluate": False} if isinstance(expr, _KEPT) else {}
    return expr.func(*arguments, **keeps)


def facing(expr: Expr, upright: Callable[[Expr], Expr]) -> Expr:
    """The expression with the argument of each even or odd function upright: cosh(ŷ - y).

    SymPy keeps cosh(y - ŷ), whichever of the two was written.
    """
    if not expr.has(*EVEN, *ODD, erfc):
        return expr
    arguments = [facing(a, upright) for a in expr.args]
    if isinstance(expr, (*EVEN, *ODD)) and isinstance(arguments[0], Add):
        return _turned(expr.func, arguments[0], upright(arguments[0]))
    if not expr.args or tuple(arguments) == expr.args:
        return expr
    return expr.func(*arguments)


def _turned(function: type[Function], argument: Expr, turned: Expr) -> Expr:
    """The function of the argument by way of that of its negative, if that is the upright one."""
    if turned == argument:
        return function(argument, evaluate=False)
    minus = -1 if issubclass(function, ODD) else 1
    return Mul(minus, function(turned, evaluate=False))
