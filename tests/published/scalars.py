"""Functions of one number, and short formulas in a few numbers."""

import re

import numpy as np
from numpy import cos, cosh, exp, log, sin, sinh, sqrt, tan, tanh

from tests.published.cases import case, fixed, normal, positive, unit

DLMF = "dlmf"
GOODFELLOW = "goodfellow-2016"


def of_one(identity, work, place, says, formula, derivative, draw=normal):
    """A case of a function of one number, at several numbers at once."""
    read = re.sub(r"\bx\b", "x[i]", formula)
    model = f"parameter x[i:4]; loss = sum(i, {read})"
    return case(identity, work, place, says, model, {"x": draw}, x=derivative)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def above_one(random, shape):
    return random.uniform(1.2, 3.0, shape)


def inside(random, shape):
    return random.uniform(-0.9, 0.9, shape)


CASES = (
    # Elementary functions
    of_one("power", DLMF, "section 4.7(ii)", "dxᵃ/dx = a xᵃ⁻¹", "x**5", lambda x: 5 * x**4),
    of_one(
        "root",
        DLMF,
        "section 4.7(ii)",
        "dx^½/dx = ½ x^−½",
        "sqrt(x)",
        lambda x: 0.5 * x**-0.5,
        positive,
    ),
    of_one(
        "cube-root",
        DLMF,
        "section 4.7(ii)",
        "dx^⅓/dx = ⅓ x^−⅔",
        "x**(1/3)",
        lambda x: x ** (-2 / 3) / 3,
        positive,
    ),
    of_one(
        "reciprocal",
        DLMF,
        "section 4.7(ii)",
        "dx⁻²/dx = −2 x⁻³",
        "x**-2",
        lambda x: -2 * x**-3.0,
        positive,
    ),
    of_one(
        "logarithm", DLMF, "section 4.7(i)", "d ln x/dx = 1/x", "log(x)", lambda x: 1 / x, positive
    ),
    of_one(
        "exponential",
        DLMF,
        "section 4.7(ii)",
        "deᵃˣ/dx = a eᵃˣ",
        "exp(3*x)",
        lambda x: 3 * exp(3 * x),
    ),
    of_one("base", DLMF, "section 4.7(ii)", "daˣ/dx = aˣ ln a", "2**x", lambda x: 2**x * log(2)),
    of_one("sine", DLMF, "section 4.20", "d sin x/dx = cos x", "sin(x)", lambda x: cos(x)),
    of_one("cosine", DLMF, "section 4.20", "d cos x/dx = −sin x", "cos(x)", lambda x: -sin(x)),
    of_one(
        "tangent",
        DLMF,
        "section 4.20",
        "d tan x/dx = sec²x",
        "tan(x)",
        lambda x: 1 / cos(x) ** 2,
        inside,
    ),
    of_one(
        "cosecant",
        DLMF,
        "section 4.20",
        "d csc x/dx = −csc x cot x",
        "csc(x)",
        lambda x: -1 / sin(x) / tan(x),
        positive,
    ),
    of_one(
        "secant",
        DLMF,
        "section 4.20",
        "d sec x/dx = sec x tan x",
        "sec(x)",
        lambda x: tan(x) / cos(x),
        inside,
    ),
    of_one(
        "cotangent",
        DLMF,
        "section 4.20",
        "d cot x/dx = −csc²x",
        "cot(x)",
        lambda x: -1 / sin(x) ** 2,
        positive,
    ),
    of_one(
        "arcsine",
        DLMF,
        "section 4.24(ii)",
        "d arcsin x/dx = (1 − x²)^−½",
        "asin(x)",
        lambda x: (1 - x**2) ** -0.5,
        inside,
    ),
    of_one(
        "arccosine",
        DLMF,
        "section 4.24(ii)",
        "d arccos x/dx = −(1 − x²)^−½",
        "acos(x)",
        lambda x: -((1 - x**2) ** -0.5),
        inside,
    ),
    of_one(
        "arctangent",
        DLMF,
        "section 4.24(ii)",
        "d arctan x/dx = 1/(1 + x²)",
        "atan(x)",
        lambda x: 1 / (1 + x**2),
    ),
    of_one(
        "hyperbolic-sine",
        DLMF,
        "section 4.34",
        "d sinh x/dx = cosh x",
        "sinh(x)",
        lambda x: cosh(x),
    ),
    of_one(
        "hyperbolic-cosine",
        DLMF,
        "section 4.34",
        "d cosh x/dx = sinh x",
        "cosh(x)",
        lambda x: sinh(x),
    ),
    of_one(
        "hyperbolic-tangent",
        DLMF,
        "section 4.34",
        "d tanh x/dx = sech²x",
        "tanh(x)",
        lambda x: 1 / cosh(x) ** 2,
    ),
    of_one(
        "hyperbolic-secant",
        DLMF,
        "section 4.34",
        "d sech x/dx = −sech x tanh x",
        "sech(x)",
        lambda x: -tanh(x) / cosh(x),
    ),
    of_one(
        "hyperbolic-cotangent",
        DLMF,
        "section 4.34",
        "d coth x/dx = −csch²x",
        "coth(x)",
        lambda x: -1 / sinh(x) ** 2,
        positive,
    ),
    of_one(
        "area-sine",
        DLMF,
        "section 4.38(ii)",
        "d arcsinh x/dx = (1 + x²)^−½",
        "asinh(x)",
        lambda x: (1 + x**2) ** -0.5,
    ),
    of_one(
        "area-cosine",
        DLMF,
        "section 4.38(ii)",
        "d arccosh x/dx = (x² − 1)^−½",
        "acosh(x)",
        lambda x: (x**2 - 1) ** -0.5,
        above_one,
    ),
    of_one(
        "area-tangent",
        DLMF,
        "section 4.38(ii)",
        "d arctanh x/dx = 1/(1 − x²)",
        "atanh(x)",
        lambda x: 1 / (1 - x**2),
        inside,
    ),
    of_one(
        "error-function",
        DLMF,
        "section 7.10",
        "d erf x/dx = (2/√π) exp(−x²)",
        "erf(x)",
        lambda x: 2 / sqrt(np.pi) * exp(-(x**2)),
    ),
    # Activations
    of_one(
        "sigmoid",
        GOODFELLOW,
        "eq. (3.33)",
        "dσ(x)/dx = σ(x)(1 − σ(x))",
        "sigmoid(x)",
        lambda x: sigmoid(x) * (1 - sigmoid(x)),
    ),
    of_one("softplus", GOODFELLOW, "eq. (3.36)", "dζ(x)/dx = σ(x)", "log(1 + exp(x))", sigmoid),
    of_one(
        "tanh",
        "bishop-2006",
        "eq. (5.60)",
        "h′(a) = 1 − h(a)²",
        "tanh(x)",
        lambda x: 1 - tanh(x) ** 2,
    ),
    of_one(
        "scaled-tanh",
        "lecun-1998-efficient",
        "section 4.4",
        "f(x) = 1.7159 tanh(2x/3), f′(x) = 1.7159·(2/3)(1 − tanh²(2x/3))",
        "1.7159*tanh(2*x/3)",
        lambda x: 1.7159 * 2 / 3 * (1 - tanh(2 * x / 3) ** 2),
    ),
    of_one(
        "silu",
        "elfwing-2018",
        "section 2",
        "d(xσ(x))/dx = σ(x)(1 + x(1 − σ(x)))",
        "x*sigmoid(x)",
        lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    ),
    of_one(
        "dsilu",
        "elfwing-2018",
        "section 2",
        "d(σ(x)(1 + x(1 − σ(x))))/dx = σ(x)(1 − σ(x))(2 + x(1 − σ(x)) − xσ(x))",
        "(sigmoid(x)*(1 + x*(1 - sigmoid(x))))",
        lambda x: sigmoid(x) * (1 - sigmoid(x)) * (2 + x * (1 - sigmoid(x)) - x * sigmoid(x)),
    ),
    of_one(
        "swish",
        "ramachandran-2017",
        "the derivative of Swish",
        "f′(x) = βf(x) + σ(βx)(1 − βf(x))",
        "x*sigmoid(1.5*x)",
        lambda x: 1.5 * x * sigmoid(1.5 * x) + sigmoid(1.5 * x) * (1 - 1.5 * x * sigmoid(1.5 * x)),
    ),
    of_one(
        "mish",
        "misra-2020",
        "the derivative of Mish",
        "f′(x) = eˣω/δ², ω = 4(x+1) + 4e²ˣ + e³ˣ + eˣ(4x+6), δ = 2eˣ + e²ˣ + 2",
        "x*tanh(softplus(x))",
        lambda x: (
            exp(x)
            * (4 * (x + 1) + 4 * exp(2 * x) + exp(3 * x) + exp(x) * (4 * x + 6))
            / (2 * exp(x) + exp(2 * x) + 2) ** 2
        ),
    ),
    of_one(
        "elu",
        "clevert-2016",
        "section 3",
        "f′(x) = 1 if x > 0, f(x) + α if x ≤ 0",
        "elu(x, alpha=0.7)",
        lambda x: np.where(x > 0, 1, 0.7 * (exp(x) - 1) + 0.7),
    ),
    of_one(
        "softsign",
        "glorot-2010",
        "section 2",
        "d(x/(1 + |x|))/dx = 1/(1 + |x|)²",
        "x/(1 + abs(x))",
        lambda x: 1 / (1 + abs(x)) ** 2,
    ),
    of_one(
        "log-sigmoid",
        "goodfellow-2016",
        "eqs. (3.35) and (3.36)",
        "d log σ(x)/dx = −dζ(−x)/dx = σ(−x)",
        "log(sigmoid(x))",
        lambda x: sigmoid(-x),
    ),
    of_one(
        "logit",
        GOODFELLOW,
        "eq. (3.37)",
        "σ⁻¹(x) = log(x/(1 − x)), so 1/(x(1 − x))",
        "log(x/(1 - x))",
        lambda x: 1 / (x * (1 - x)),
        unit,
    ),
    case(
        "prelu",
        "he-2015",
        "section 2.1",
        "∂f(y)/∂a = 0 if y > 0, y if y ≤ 0",
        "parameter a; input y[i:5]; loss = sum(i, where(y[i] > 0, y[i], a*y[i]))",
        a=lambda y: np.where(y > 0, 0, y).sum(),
    ),
    case(
        "swish-beta",
        "ramachandran-2017",
        "Swish with a trainable β",
        "∂(xσ(βx))/∂β = x²σ(βx)(1 − σ(βx))",
        "parameter beta; input x[i:5]; loss = sum(i, x[i]*sigmoid(beta*x[i]))",
        beta=lambda x, beta: (x**2 * sigmoid(beta * x) * (1 - sigmoid(beta * x))).sum(),
    ),
    # Short formulas
    of_one(
        "normal-density",
        DLMF,
        "section 7.10",
        "dφ(x)/dx = −xφ(x), φ(x) = exp(−x²/2)/√(2π)",
        "exp(-x**2/2)/sqrt(2*pi)",
        lambda x: -x * exp(-(x**2) / 2) / sqrt(2 * np.pi),
    ),
    of_one(
        "normal-distribution",
        DLMF,
        "section 7.10",
        "dΦ(x)/dx = φ(x), Φ(x) = (1 + erf(x/√2))/2",
        "(1 + erf(x/sqrt(2)))/2",
        lambda x: exp(-(x**2) / 2) / sqrt(2 * np.pi),
    ),
    case(
        "autodiff-survey",
        "baydin-2018",
        "section 3.1, table 2",
        "f = ln x₁ + x₁x₂ − sin x₂: ∂f/∂x₁ = 1/x₁ + x₂ = 5.5 and ∂f/∂x₂ = x₁ − cos x₂ at (2, 5)",
        "parameter x1, x2; loss = log(x1) + x1*x2 - sin(x2)",
        {"x1": fixed(2.0), "x2": fixed(5.0)},
        x1=lambda: 5.5,
        x2=lambda x2: 2 - cos(x2),
    ),
    case(
        "logistic-map",
        "baydin-2018",
        "figure 2",
        "l₁ = x, lₙ₊₁ = 4lₙ(1 − lₙ): dl₄/dx = 128x(1−x)(−8+16x)(1−2x)²(1−8x+8x²) + "
        "64(1−x)(1−2x)²(1−8x+8x²)² − 64x(1−2x)²(1−8x+8x²)² − 256x(1−x)(1−2x)(1−8x+8x²)²",
        """parameter x
         l1 = x
         l2 = 4*l1*(1 - l1)
         l3 = 4*l2*(1 - l2)
         loss = 4*l3*(1 - l3)""",
        {"x": unit},
        x=lambda x: (
            128 * x * (1 - x) * (-8 + 16 * x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2)
            + 64 * (1 - x) * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2) ** 2
            - 64 * x * (1 - 2 * x) ** 2 * (1 - 8 * x + 8 * x**2) ** 2
            - 256 * x * (1 - x) * (1 - 2 * x) * (1 - 8 * x + 8 * x**2) ** 2
        ),
    ),
    case(
        "pytorch-tutorial",
        "pytorch-autograd",
        "Differentiation in Autograd",
        "Q = 3a³ − b²: ∂Q/∂a = 9a², ∂Q/∂b = −2b",
        "parameter a[i:2], b[i]; Q[i] = 3*a[i]**3 - b[i]**2; loss = sum(i, Q[i])",
        a=lambda a: 9 * a**2,
        b=lambda b: -2 * b,
    ),
    of_one(
        "jax-polynomial",
        "jax-autodiff",
        "Taking gradients",
        "f(x) = x³ + 2x² − 3x + 1: f′(x) = 3x² + 4x − 3",
        "(x**3 + 2*x**2 - 3*x + 1)",
        lambda x: 3 * x**2 + 4 * x - 3,
    ),
    case(
        "cs231n-compound",
        "cs231n-optimization-2",
        "Compound expressions with chain rule",
        "f = (x + y)z: ∂f/∂x = z, ∂f/∂y = z, ∂f/∂z = x + y",
        "parameter x, y, z; q = x + y; loss = q*z",
        x=lambda z: z,
        y=lambda z: z,
        z=lambda x, y: x + y,
    ),
    case(
        "cs231n-max",
        "cs231n-optimization-2",
        "Simple expressions, interpreting the gradient",
        "f = max(x, y): ∂f/∂x = 𝟏(x ≥ y), ∂f/∂y = 𝟏(y ≥ x)",
        "parameter x, y; loss = maximum(x, y)",
        x=lambda x, y: float(x >= y),
        y=lambda x, y: float(y >= x),
    ),
    case(
        "cs231n-neuron",
        "cs231n-optimization-2",
        "Modularity: sigmoid example",
        "f = σ(w₀x₀ + w₁x₁ + w₂): ∂f/∂w = (1 − f)f·(x₀, x₁, 1), ∂f/∂x = (1 − f)f·(w₀, w₁)",
        "parameter w[i:3], x[j:2]; loss = 1/(1 + exp(-(w[0]*x[0] + w[1]*x[1] + w[2])))",
        w=lambda w, x: (lambda f: (1 - f) * f * np.append(x, 1))(sigmoid(w[:2] @ x + w[2])),
        x=lambda w, x: (lambda f: (1 - f) * f * w[:2])(sigmoid(w[:2] @ x + w[2])),
    ),
    case(
        "cs231n-staged",
        "cs231n-optimization-2",
        "Backprop in practice: staged computation",
        "f = (x + σ(y))/(σ(x) + (x + y)²), with the staged derivatives dx and dy",
        "parameter x, y; loss = (x + sigmoid(y))/(sigmoid(x) + (x + y)**2)",
        {"x": positive, "y": positive},
        x=lambda x, y: (
            (
                1
                - (x + sigmoid(y))
                / (sigmoid(x) + (x + y) ** 2)
                * (2 * (x + y) + (1 - sigmoid(x)) * sigmoid(x))
            )
            / (sigmoid(x) + (x + y) ** 2)
        ),
        y=lambda x, y: (
            (
                (1 - sigmoid(y)) * sigmoid(y)
                - (x + sigmoid(y)) / (sigmoid(x) + (x + y) ** 2) * 2 * (x + y)
            )
            / (sigmoid(x) + (x + y) ** 2)
        ),
    ),
    case(
        "rosenbrock",
        "nocedal-wright-2006",
        "exercise 2.1",
        "f = 100(x₂ − x₁²)² + (1 − x₁)²: ∇f = (−400x₁(x₂ − x₁²) − 2(1 − x₁), 200(x₂ − x₁²))",
        "parameter x[i:2]; loss = 100*(x[1] - x[0]**2)**2 + (1 - x[0])**2",
        x=lambda x: np.array(
            [-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)]
        ),
    ),
    case(
        "polar-angle",
        DLMF,
        "section 4.24(ii)",
        "∂ arctan(y/x)/∂x = −y/(x² + y²), ∂ arctan(y/x)/∂y = x/(x² + y²)",
        "parameter x, y; loss = atan(y/x)",
        {"x": positive},
        x=lambda x, y: -y / (x**2 + y**2),
        y=lambda x, y: x / (x**2 + y**2),
    ),
    case(
        "log-of-a-power-by-a-sine",
        "deisenroth-2020",
        "exercise 5.1",
        "f = log(x⁴) sin(x³): f′ = (4/x) sin(x³) + 3x² log(x⁴) cos(x³)",
        "parameter x; loss = log(x**4)*sin(x**3)",
        x=lambda x: 4 / x * sin(x**3) + 3 * x**2 * log(x**4) * cos(x**3),
    ),
    case(
        "lennard-jones",
        "allen-tildesley-2017",
        "chapter 5, the force of the Lennard-Jones potential",
        "v = 4ε((σ/r)¹² − (σ/r)⁶): −dv/dr = (24ε/r)(2(σ/r)¹² − (σ/r)⁶)",
        "parameter r; input eps, sigma; loss = -4*eps*((sigma/r)**12 - (sigma/r)**6)",
        {"r": positive, "sigma": positive},
        r=lambda r, eps, sigma: 24 * eps / r * (2 * (sigma / r) ** 12 - (sigma / r) ** 6),
    ),
)
