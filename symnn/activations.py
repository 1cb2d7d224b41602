"""The activations: a table of formulas in `U`, each with its source. Data, no logic.

A vector activation (softmax) is a formula in the entries `V[k]` of its axis. An option (the α of
ELU) is a symbol in a formula, with PyTorch's name and usual value. A kink is a policy, the same for
every backend: its row says the value of the derivative there and who takes the same. No derivative
stands here; SymPy derives it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sympy import (
    Expr,
    Integer,
    Ne,
    Rational,
    Symbol,
    erfc,
    exp,
    log,
    pi,
    sqrt,
    tanh,
)

from symnn.binding import total
from symnn.cases import Piecewise
from symnn.functions import Elementwise, U, elementwise
from symnn.options import Option
from symnn.rows import OTHER_UNIT, UNIT, WIDTH, Activation, V

__all__ = ["ACTIVATIONS", "NORMAL_CDF", "OTHER_UNIT", "UNIT", "WIDTH", "Activation", "V"]

ALPHA, BETA, LAMBDA, THETA, C = (
    Symbol(name, real=True) for name in ("alpha", "beta", "lambda", "theta", "c")
)


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


def _option(name: str, symbol: Symbol, value: str, *also: str) -> Option:
    return Option(name, symbol, Rational(value), also)


def _trained(name: str, symbol: Symbol, value: str, *also: str) -> Option:
    return Option(name, symbol, Rational(value), also, is_trained=True)


_sigmoid = _named(
    "sigmoid",
    "logistic sigmoid",
    1 / (1 + exp(-U)),
    "Verhulst 1845; torch.nn.Sigmoid",
    sign="σ",
    latex=r"\sigma",
    lower=Integer(0),
    upper=Integer(1),
)
_sigma = type(_sigmoid.expression)
# The distribution function of the standard normal, by erfc: 1 + erf loses its digits below -5.
NORMAL_CDF = elementwise("normal_cdf", erfc(-U / sqrt(2)) / 2, sign="Φ", latex=r"\Phi")
_softplus = elementwise("softplus", log(1 + exp(U)), (_sigma,), sign="softplus")
_root = sqrt(U**2 + BETA)

_ROWS = (
    Activation("identity", "identity", U, "torch.nn.Identity"),
    _sigmoid,
    Activation(
        "tanh",
        "hyperbolic tangent",
        tanh(U),
        "torch.nn.Tanh",
        lower=Integer(-1),
        upper=Integer(1),
    ),
    _named(
        "relu",
        "rectified linear unit",
        # Piecewise, not Max: SymPy gives Max a derivative of 1/2 at 0; PyTorch and JAX take 0.
        Piecewise((U, U > 0), (0, True)),
        "Nair and Hinton 2010; torch.nn.ReLU",
        sign="ReLU",
        lower=Integer(0),
        init="he",
        kink="ReLU′(0) = 0, as in PyTorch and JAX",
    ),
    _named(
        "leaky_relu",
        "leaky rectified linear unit, slope {negative_slope}",
        Piecewise((U, U > 0), (ALPHA * U, True)),
        "Maas, Hannun and Ng 2013; torch.nn.LeakyReLU",
        sign="LeakyReLU",
        init="he",
        kink="LeakyReLU′(0) = {negative_slope}, as in PyTorch (JAX takes 1)",
        has_kink=Ne(ALPHA, 1),
        options=(_option("negative_slope", ALPHA, "1/100", "slope"),),
    ),
    _named(
        "elu",
        "exponential linear unit, α = {alpha}",
        Piecewise((U, U > 0), (ALPHA * (exp(U) - 1), True)),
        "Clevert, Unterthiner and Hochreiter 2016; torch.nn.ELU",
        sign="ELU",
        lower=-ALPHA,
        init="he",
        kink="ELU′(0) = {alpha}, as in PyTorch and JAX",
        has_kink=Ne(ALPHA, 1),
        options=(_option("alpha", ALPHA, "1"),),
    ),
    _named(
        "softplus",
        "softplus",
        log(1 + exp(BETA * U)) / BETA,
        "Dugas et al. 2001; torch.nn.Softplus (without its threshold, which only saves time)",
        sign="softplus",
        through=(_sigma,),
        lower=Integer(0),
        init="he",
        options=(_option("beta", BETA, "1"),),
        requires=(BETA > 0,),
    ),
    _named(
        "silu",
        "sigmoid linear unit",
        U * _sigma(BETA * U),
        "Elfwing, Uchibe and Doya 2018; torch.nn.SiLU",
        sign="SiLU",
        init="he",
        options=(_option("beta", BETA, "1"),),
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
        lower=Integer(0),
        upper=Integer(1),
        sums_to_one=True,
    ),
    _named(
        "selu",
        "scaled exponential linear unit",
        # The constants λ and λ·α, to the digits of a double.
        Piecewise(
            (Rational("1.0507009873554805") * U, U > 0),
            (Rational("1.7580993408473769") * (exp(U) - 1), True),
        ),
        "Klambauer, Unterthiner, Mayr and Hochreiter 2017; torch.nn.SELU",
        sign="SELU",
        lower=-Rational("1.7580993408473769"),
        init="he",
        kink="SELU′(0) = 1.7580993408473769, as in PyTorch and JAX",
    ),
    _named(
        "celu",
        "continuously differentiable exponential linear unit, α = {alpha}",
        Piecewise((U, U > 0), (ALPHA * (exp(U / ALPHA) - 1), True)),
        "Barron 2017; torch.nn.CELU",
        sign="CELU",
        lower=-ALPHA,
        init="he",
        options=(_option("alpha", ALPHA, "1"),),
        requires=(ALPHA > 0,),
    ),
    _named(
        "gelu_tanh",
        "Gaussian error linear unit, by tanh",
        # u(1 + tanh(v))/2 is u·σ(2v), which keeps its digits where tanh is nearly -1.
        U * _sigma(2 * sqrt(2 / pi) * (U + Rational("0.044715") * U**3)),
        "Hendrycks and Gimpel 2016; torch.nn.GELU(approximate='tanh')",
        sign="GELUtanh",
        latex=r"\operatorname{GELU}_{\tanh}",
        init="he",
    ),
    _named(
        "quick_gelu",
        "Gaussian error linear unit, by the sigmoid",
        U * _sigma(Rational("1.702") * U),
        "Hendrycks and Gimpel 2016, section 2",
        sign="GELUσ",
        latex=r"\operatorname{GELU}_{\sigma}",
        init="he",
    ),
    _named(
        "swish",
        "swish, its β trained from {beta}",
        U * _sigma(BETA * U),
        "Ramachandran, Zoph and Le 2017",
        sign="swish",
        init="he",
        options=(_trained("beta", BETA, "1"),),
    ),
    _named(
        "prelu",
        "parametric rectified linear unit, its slope trained from {weight}",
        Piecewise((U, U > 0), (ALPHA * U, True)),
        "He, Zhang, Ren and Sun 2015; torch.nn.PReLU",
        sign="PReLU",
        init="he",
        kink="PReLU′(0) is its slope, as in PyTorch",
        options=(_trained("weight", ALPHA, "1/4", "slope", "alpha", "init"),),
    ),
    _named(
        "mish",
        "mish",
        U * tanh(_softplus(U)),
        "Misra 2019; torch.nn.Mish",
        sign="mish",
        through=(_sigma, _softplus),
        init="he",
    ),
    _named(
        "relu6",
        "rectified linear unit up to 6",
        Piecewise((0, U <= 0), (6, U >= 6), (U, True)),
        "Krizhevsky 2010; torch.nn.ReLU6",
        sign="ReLU6",
        lower=Integer(0),
        upper=Integer(6),
        init="he",
        kink="ReLU6′(0) = ReLU6′(6) = 0, as in PyTorch and JAX",
        also=("relu_6",),
    ),
    _named(
        "rrelu",
        "randomized leaky rectified linear unit in evaluation, its mean slope",
        Piecewise((U, U > 0), ((ALPHA + BETA) / 2 * U, True)),
        "Xu, Wang, Chen and Li 2015; torch.nn.RReLU in evaluation",
        sign="RReLU",
        init="he",
        kink="RReLU′(0) is the mean of {lower} and {upper}, as in PyTorch",
        options=(_option("lower", ALPHA, "1/8"), _option("upper", BETA, "1/3")),
        requires=(ALPHA <= BETA,),
    ),
    _named(
        "hardtanh",
        "linear between {min_val} and {max_val}",
        Piecewise((ALPHA, U <= ALPHA), (BETA, U >= BETA), (U, True)),
        "Collobert 2004; torch.nn.Hardtanh",
        sign="Hardtanh",
        lower=ALPHA,
        upper=BETA,
        kink="Hardtanh′({min_val}) = Hardtanh′({max_val}) = 0, as in PyTorch (JAX takes 1)",
        options=(_option("min_val", ALPHA, "-1"), _option("max_val", BETA, "1")),
        requires=(ALPHA < BETA,),
        also=("hard_tanh",),
    ),
    _named(
        "hardsigmoid",
        "piecewise linear sigmoid",
        Piecewise((0, U <= -3), (1, U >= 3), (U / 6 + Rational(1, 2), True)),
        "Howard et al. 2019; torch.nn.Hardsigmoid",
        sign="Hardsigmoid",
        lower=Integer(0),
        upper=Integer(1),
        kink="Hardsigmoid′(−3) = Hardsigmoid′(3) = 0, as in PyTorch and JAX",
        also=("hard_sigmoid",),
    ),
    _named(
        "hardswish",
        "piecewise quadratic swish",
        Piecewise((0, U <= -3), (U, U >= 3), (U * (U + 3) / 6, True)),
        "Howard et al. 2019; torch.nn.Hardswish",
        sign="Hardswish",
        init="he",
        kink="Hardswish′(−3) = 0 and Hardswish′(3) = 1, as in PyTorch",
        also=("hard_swish", "hard_silu"),
    ),
    _named(
        "softsign",
        "softsign",
        # In branches, each derivative of which is one square.
        Piecewise((U / (1 + U), U > 0), (U / (1 - U), True)),
        "Bergstra, Desjardins, Lamblin and Bengio 2009; torch.nn.Softsign",
        sign="softsign",
        lower=Integer(-1),
        upper=Integer(1),
        also=("soft_sign",),
    ),
    _named(
        "softshrink",
        "soft shrinkage, λ = {lambd}",
        Piecewise((U - LAMBDA, U > LAMBDA), (U + LAMBDA, U < -LAMBDA), (0, True)),
        "Donoho 1995; torch.nn.Softshrink",
        sign="Softshrink",
        kink="Softshrink is 0 up to {lambd} on both sides, and so is its derivative, as in PyTorch",
        options=(_option("lambd", LAMBDA, "1/2"),),
        requires=(LAMBDA >= 0,),
    ),
    _named(
        "hardshrink",
        "hard shrinkage, λ = {lambd}",
        Piecewise((U, U > LAMBDA), (U, U < -LAMBDA), (0, True)),
        "Donoho and Johnstone 1994; torch.nn.Hardshrink",
        sign="Hardshrink",
        kink="Hardshrink is 0 up to {lambd} on both sides, and so is its derivative, as in PyTorch",
        options=(_option("lambd", LAMBDA, "1/2"),),
        requires=(LAMBDA >= 0,),
    ),
    Activation("tanhshrink", "what tanh takes off", U - tanh(U), "torch.nn.Tanhshrink"),
    _named(
        "logsigmoid",
        "logarithm of the sigmoid",
        -log(1 + exp(-U)),
        "torch.nn.LogSigmoid",
        sign="logσ",
        latex=r"\operatorname{log}\sigma",
        through=(_sigma,),
        upper=Integer(0),
        also=("log_sigmoid",),
    ),
    _named(
        "threshold",
        "threshold at {threshold}",
        Piecewise((U, U > THETA), (C, True)),
        "torch.nn.Threshold",
        sign="Threshold",
        init="he",
        kink="Threshold is {value} at {threshold}, and its derivative 0, as in PyTorch",
        options=(_option("threshold", THETA, "1"), _option("value", C, "0")),
    ),
    _named(
        "squareplus",
        "squareplus, b = {b}",
        # (u + √(u² + b))/2, by its conjugate where the two terms nearly cancel.
        Piecewise(((U + _root) / 2, U > 0), (BETA / (2 * (_root - U)), True)),
        "Barron 2021; jax.nn.squareplus",
        sign="squareplus",
        lower=Integer(0),
        init="he",
        options=(_option("b", BETA, "4"),),
        requires=(BETA > 0,),
    ),
    _named(
        "sparse_plus",
        "sparse plus",
        Piecewise((0, U <= -1), (U, U >= 1), ((U + 1) ** 2 / 4, True)),
        "Martins and Astudillo 2016; jax.nn.sparse_plus",
        sign="sparseplus",
        lower=Integer(0),
        init="he",
    ),
    _named(
        "sparse_sigmoid",
        "sparse sigmoid",
        Piecewise((0, U <= -1), (1, U >= 1), ((U + 1) / 2, True)),
        "Martins and Astudillo 2016; jax.nn.sparse_sigmoid",
        sign="sparseσ",
        latex=r"\operatorname{sparse}\sigma",
        lower=Integer(0),
        upper=Integer(1),
        kink="The derivative of sparse_sigmoid is 0 at −1 and 1; JAX takes 1/4",
    ),
    Activation(
        "log_softmax",
        "logarithm of the softmax over the units",
        V[UNIT] - log(total(exp(V[OTHER_UNIT]), OTHER_UNIT)),
        "torch.nn.LogSoftmax(dim=-1)",
        upper=Integer(0),
    ),
    Activation(
        "softmin",
        "softmax of the negative units",
        exp(-V[UNIT]) / total(exp(-V[OTHER_UNIT]), OTHER_UNIT),
        "torch.nn.Softmin(dim=-1)",
        lower=Integer(0),
        upper=Integer(1),
        sums_to_one=True,
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({row.name: row for row in _ROWS})
