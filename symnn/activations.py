"""The activations: a table of formulas in `U`, each with its source. Data, no logic.

A vector activation (softmax) is a formula in the entries `V[k]` of its axis. A kink is a policy:
its row says the value of the derivative there and who takes the same. No derivative stands here;
SymPy derives it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sympy import (
    Expr,
    Idx,
    Indexed,
    IndexedBase,
    Piecewise,
    Rational,
    Symbol,
    erfc,
    exp,
    log,
    oo,
    sqrt,
    tanh,
)

from symnn.equations import total
from symnn.functions import Elementwise, U, elementwise

WIDTH = Symbol("K", integer=True, positive=True)
V = IndexedBase("u", real=True)
UNIT = Idx(Symbol("k", integer=True), WIDTH)
OTHER_UNIT = Idx(Symbol("m", integer=True), WIDTH)


@dataclass(frozen=True)
class Activation:
    """A row: the name, the formula, its source, and what a network must know of it.

    `applied` is what stands in an equation (a named function of `U`, or the formula itself).
    `lower` and `upper` bound the values. `init` is the fitting initialisation, `he` or `glorot`.
    """

    name: str
    title: str
    formula: Expr
    source: str
    applied: Expr | None = None
    lower: Expr = -oo
    upper: Expr = oo
    init: str = "glorot"
    sums_to_one: bool = False
    kink: str = ""

    @property
    def is_elementwise(self) -> bool:
        """Whether each value depends on one entry alone."""
        return not self.formula.has(Indexed)

    @property
    def expression(self) -> Expr:
        """What stands in an equation: the named function where there is one."""
        return self.formula if self.applied is None else self.applied


def _named(
    name: str,
    title: str,
    formula: Expr,
    source: str,
    sign: str,
    latex: str = "",
    through: tuple[type[Elementwise], ...] = (),
    **facts: object,
) -> Activation:
    applied = elementwise(name, formula, through, sign, latex)(U)
    return Activation(name, title, formula, source, applied=applied, **facts)  # type: ignore[arg-type]


_sigmoid = _named(
    "sigmoid",
    "logistic sigmoid",
    1 / (1 + exp(-U)),
    "Verhulst 1845; torch.nn.Sigmoid",
    sign="σ",
    latex=r"\sigma",
    lower=0,
    upper=1,
)
_sigma = type(_sigmoid.expression)
# The distribution function of the standard normal, by erfc: 1 + erf loses its digits below -5.
NORMAL_CDF = elementwise("normal_cdf", erfc(-U / sqrt(2)) / 2, sign="Φ", latex=r"\Phi")

_ROWS = (
    Activation("identity", "identity", U, "torch.nn.Identity"),
    _sigmoid,
    Activation("tanh", "hyperbolic tangent", tanh(U), "torch.nn.Tanh", lower=-1, upper=1),
    _named(
        "relu",
        "rectified linear unit",
        # Piecewise, not Max: SymPy gives Max a derivative of 1/2 at 0; PyTorch and JAX take 0.
        Piecewise((U, U > 0), (0, True)),
        "Nair and Hinton 2010; torch.nn.ReLU",
        sign="ReLU",
        lower=0,
        init="he",
        kink="ReLU′(0) = 0, as in PyTorch and JAX",
    ),
    _named(
        "leaky_relu",
        "leaky rectified linear unit, slope 1/100",
        Piecewise((U, U > 0), (U * Rational(1, 100), True)),
        "Maas, Hannun and Ng 2013; torch.nn.LeakyReLU",
        sign="LeakyReLU",
        init="he",
        kink="LeakyReLU′(0) = 1/100, as in PyTorch (JAX takes 1)",
    ),
    _named(
        "elu",
        "exponential linear unit, α = 1",
        Piecewise((U, U > 0), (exp(U) - 1, True)),
        "Clevert, Unterthiner and Hochreiter 2016; torch.nn.ELU",
        sign="ELU",
        lower=-1,
        init="he",
    ),
    _named(
        "softplus",
        "softplus",
        log(1 + exp(U)),
        "Dugas et al. 2001; torch.nn.Softplus",
        sign="softplus",
        through=(_sigma,),
        lower=0,
        init="he",
    ),
    _named(
        "silu",
        "sigmoid linear unit (swish)",
        U * _sigma(U),
        "Elfwing, Uchibe and Doya 2018; torch.nn.SiLU",
        sign="SiLU",
        init="he",
    ),
    _named(
        "gelu",
        "Gaussian error linear unit, exact",
        U * NORMAL_CDF(U),
        "Hendrycks and Gimpel 2016; torch.nn.GELU(approximate='none')",
        sign="GELU",
        init="he",
    ),
    Activation(
        "softmax",
        "softmax over the units",
        exp(V[UNIT]) / total(exp(V[OTHER_UNIT]), OTHER_UNIT),
        "Bridle 1990; torch.nn.Softmax(dim=-1)",
        lower=0,
        upper=1,
        sums_to_one=True,
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({row.name: row for row in _ROWS})
