"""The words of the language: functions, their options, reductions over indices. Data, no logic.

Every activation of the table is a function here by its own name: element-wise, or over an index.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

import sympy
from sympy import Abs, Expr, Idx, Mul, Sum, cos, exp, log, sin, sqrt, tanh

from symnn.activations import ACTIVATIONS
from symnn.binding import size_of, total
from symnn.functions import U
from symnn.gammas import DIGAMMA, LGAMMA, TRIGAMMA
from symnn.losses import LOSSES
from symnn.parsing.branches import clipped, greater, less, times_log
from symnn.reductions import Maximum, Minimum, Product, reduced
from symnn.rows import OTHER_UNIT, OUTPUT, TARGET, UNIT, Activation, Loss, V

Reduction = Callable[[Expr, Sequence[Idx]], Expr]


def _rows() -> dict[str, Callable[[Expr], Expr]]:
    def apply(row: Activation) -> Callable[[Expr], Expr]:
        return lambda value: row.expression.xreplace({U: value})

    return {row.name: apply(row) for row in ACTIVATIONS.values() if row.is_elementwise}


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
        "lgamma": LGAMMA,
        "digamma": DIGAMMA,
        "trigamma": TRIGAMMA,
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

# Of several values, so many; each stands in the result twice or more.
FUNCTIONS_OF_SEVERAL: Mapping[str, tuple[int, Callable[..., Expr]]] = MappingProxyType(
    {"maximum": (2, greater), "minimum": (2, less), "clip": (3, clipped), "xlogy": (2, times_log)}
)


@cache
def loss_terms() -> Mapping[str, Loss]:
    """Of an output and its target: each loss of the table that sums or averages such a term."""
    return MappingProxyType({name: row for name, row in LOSSES.items() if row.term is not None})


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


def _over_units() -> dict[str, Callable[[Expr, Expr, Sequence[Idx]], Expr]]:
    """Of a value, of the same at other indices, and these: an activation over all units."""

    def apply(row: Activation) -> Callable[[Expr, Expr, Sequence[Idx]], Expr]:
        def at(value: Expr, other: Expr, indices: Sequence[Idx]) -> Expr:
            own = {
                s: total(s.function.xreplace({V[OTHER_UNIT]: other}), *reversed(indices))
                for s in row.expression.atoms(Sum)
            }
            found: Expr = row.expression.xreplace({**own, V[UNIT]: value})
            return found

        return at

    return {row.name: apply(row) for row in ACTIVATIONS.values() if not row.is_elementwise}


# What keeps its index: softmax and its like.
KEEPING: Mapping[str, Callable[[Expr, Expr, Sequence[Idx]], Expr]] = MappingProxyType(_over_units())
OF_INDICES = (*REDUCTIONS, *KEEPING)
WHERE = "where"
WORDS = (*FUNCTIONS, *FUNCTIONS_OF_SEVERAL, *OF_INDICES, WHERE)

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
        "sigma": "sigmoid",
        "Sigma": "sum(i, x[i])",
        "Pi": "prod(i, x[i])",
        "clamp": "clip",
        "step": "where(x > 0, 1, 0)",
        "heaviside": "where(x > 0, 1, 0)",
        "logistic": "sigmoid",
        "sgn": "sign",
        "cbrt": "x**(1/3)",
        "exp2": "2**x",
        "loggamma": "lgamma",
        "gammaln": "lgamma",
        "factorial": "exp(lgamma(x + 1))",
        "betaln": "lgamma(a) + lgamma(b) - lgamma(a + b)",
        "logaddexp": "log(exp(a) + exp(b))",
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


@cache
def copies(name: str) -> int:
    """How often an argument stands in what is built: what a bound on the size must count."""
    if name in FUNCTIONS_OF_SEVERAL:
        return FUNCTIONS_OF_SEVERAL[name][0]
    if name in ACTIVATIONS and ACTIVATIONS[name].is_elementwise:
        return int(ACTIVATIONS[name].at(U, {}).count(U))
    term = LOSSES[name].term if name in LOSSES else None
    if term is not None:
        return max(int(term.count(entry)) for entry in (OUTPUT, TARGET))
    return 2 if name in KEEPING else 1
