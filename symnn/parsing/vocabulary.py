"""The words of the language: functions, their options, reductions over indices. Data, no logic.

Every element-wise activation of the table is a function here by its own name.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import sympy
from sympy import (
    Abs,
    Expr,
    Gt,
    Idx,
    Lt,
    Max,
    Min,
    Mul,
    Piecewise,
    cos,
    exp,
    log,
    sin,
    sqrt,
    tanh,
)
from sympy.core.relational import Relational

from symnn.activations import ACTIVATIONS
from symnn.binding import size_of, total
from symnn.functions import U
from symnn.losses import LOSSES
from symnn.reductions import Maximum, Minimum, Product, reduced
from symnn.rows import OUTPUT, TARGET, Activation, Loss

Reduction = Callable[[Expr, Sequence[Idx]], Expr]


def chosen(condition: Expr, value: Expr, other: Expr) -> Expr:
    """The value where the condition holds, and the other one where it does not.

    A choice in the other place goes on with this one: one list of cases, not one within another.
    """
    others = other.args if isinstance(other, Piecewise) else ((other, True),)
    return Piecewise((value, condition), *others, evaluate=False)


def branchwise(function: Callable[[Expr], Expr], value: Expr) -> Expr:
    """The function of a value; of one with branches, the function in each branch.

    No condition ever holds another choice: SymPy takes minutes to sort out some of those.
    """
    if not isinstance(value, Piecewise):
        return function(value)
    branches = ((branchwise(function, branch), holds) for branch, holds in value.args)
    return Piecewise(*branches, evaluate=False)


def is_plain(value: Expr) -> bool:
    """Whether a value has no choice within it but in its branches."""
    if isinstance(value, Piecewise):
        return all(is_plain(branch) for branch, _ in value.args)
    return not value.has(Piecewise)


def greater(one: Expr, other: Expr) -> Expr:
    """The greater of two: where they are equal the later one, and a number always comes last.

    So `maximum(0, x)` and `maximum(x, 0)` both are relu, whose derivative at 0 is 0.
    """
    return _by_branches(Gt, Max, one, other)


def less(one: Expr, other: Expr) -> Expr:
    """The less of two, by the same rule."""
    return _by_branches(Lt, Min, one, other)


def _by_branches(
    holds: type[Relational], of_numbers: Callable[..., Expr], one: Expr, other: Expr
) -> Expr:
    def of_two(a: Expr, b: Expr) -> Expr:
        if (a.is_number and b.is_number) or a.is_infinite or b.is_infinite:
            return of_numbers(a, b)
        a, b = (b, a) if a.is_number else (a, b)
        difference = a - b
        if difference.is_number:
            return a if holds(difference, 0) else b
        return chosen(holds(difference, 0, evaluate=False), a, b)

    return branchwise(lambda a: branchwise(lambda b: of_two(a, b), other), one)


def _rows() -> dict[str, Callable[[Expr], Expr]]:
    def apply(expression: Expr) -> Callable[[Expr], Expr]:
        return lambda value: expression.xreplace({U: value})

    return {row.name: apply(row.expression) for row in ACTIVATIONS.values() if row.is_elementwise}


FUNCTIONS: Mapping[str, Callable[[Expr], Expr]] = MappingProxyType(
    {
        **_rows(),
        "exp": exp,
        "log": log,
        "sqrt": sqrt,
        "abs": Abs,
        "sign": sympy.sign,
        "sin": sin,
        "cos": cos,
        "tan": sympy.tan,
        "asin": sympy.asin,
        "acos": sympy.acos,
        "atan": sympy.atan,
        "sinh": sympy.sinh,
        "cosh": sympy.cosh,
        "tanh": tanh,
        "asinh": sympy.asinh,
        "acosh": sympy.acosh,
        "atanh": sympy.atanh,
        "erf": sympy.erf,
        "erfc": sympy.erfc,
        "sec": lambda u: 1 / cos(u),
        "csc": lambda u: 1 / sin(u),
        "cot": lambda u: cos(u) / sin(u),
        "sech": lambda u: 1 / sympy.cosh(u),
        "csch": lambda u: 1 / sympy.sinh(u),
        "coth": lambda u: 1 / tanh(u),
        "log2": lambda u: log(u) / log(2),
        "log10": lambda u: log(u) / log(10),
        "square": lambda u: u**2,
        "log1p": lambda u: log(1 + u),
        "expm1": lambda u: exp(u) - 1,
    }
)

# Of two values; each stands in the result twice or more.
FUNCTIONS_OF_TWO: Mapping[str, Callable[[Expr, Expr], Expr]] = MappingProxyType(
    {"maximum": greater, "minimum": less}
)

# Of an output and its target: the term that a loss of the table sums or averages.
LOSS_TERMS: Mapping[str, Loss] = MappingProxyType(
    {name: row for name, row in LOSSES.items() if row.term is not None}
)

# With options: each is a number, which keeps the function's name, or any expression.
OPTIONS: Mapping[str, Activation] = MappingProxyType(
    {name: row for name, row in ACTIVATIONS.items() if row.options}
)

REDUCTIONS: Mapping[str, Reduction] = MappingProxyType(
    {
        "sum": lambda body, indices: total(body, *reversed(indices)),
        "mean": lambda body, indices: total(body, *reversed(indices)) / Mul(*map(size_of, indices)),
        "max": lambda body, indices: reduced(Maximum, body, *reversed(indices)),
        "min": lambda body, indices: reduced(Minimum, body, *reversed(indices)),
        "prod": lambda body, indices: reduced(Product, body, *reversed(indices)),
        "logsumexp": lambda body, indices: log(total(exp(body), *reversed(indices))),
    }
)
SOFTMAX = "softmax"
OF_INDICES = (*REDUCTIONS, SOFTMAX)
WHERE = "where"
WORDS = (*FUNCTIONS, *FUNCTIONS_OF_TWO, *OF_INDICES, WHERE)

# What other languages call them.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        **{name: row.name for row in ACTIVATIONS.values() for name in row.also},
        "ln": "log",
        "max": "maximum",
        "min": "minimum",
        "arctan": "atan",
        "arcsin": "asin",
        "arccos": "acos",
        "arctanh": "atanh",
        "pow": "x**2",
        "norm": "sqrt(sum(i, x[i]**2))",
        "dot": "sum(i, a[i]*b[i])",
        "matmul": "sum(k, A[i,k]*B[k,j])",
        "trace": "sum(i, A[i,i])",
        "tr": "sum(i, A[i,i])",
        "delta": "where(i == j, 1, 0)",
        "clip": "minimum(maximum(x, a), b)",
        "step": "where(x > 0, 1, 0)",
        "heaviside": "where(x > 0, 1, 0)",
        "logistic": "sigmoid",
        "sgn": "sign",
        "cbrt": "x**(1/3)",
        "exp2": "2**x",
        "logaddexp": "log(exp(a) + exp(b))",
        "log_softmax": "x[k] - logsumexp(j, x[j])",
        "glu": "a*sigmoid(b)",
        "average": "mean",
        "product": "prod",
        "fabs": "abs",
        "Piecewise": "where",
        "if": "where",
        "std": "sqrt(mean(i, (x[i] - m)**2))",
        "var": "mean(i, (x[i] - m)**2)",
    }
)

# How often an argument stands in what is built: what a bound on the size must count.
COPIES: Mapping[str, int] = MappingProxyType(
    {
        SOFTMAX: 2,
        **dict.fromkeys(FUNCTIONS_OF_TWO, 2),
        **{
            name: max(row.term.count(entry) for entry in (OUTPUT, TARGET))
            for name, row in LOSS_TERMS.items()
            if row.term is not None
        },
        **{name: row.at(U, {}).count(U) for name, row in ACTIVATIONS.items() if row.is_elementwise},
    }
)
