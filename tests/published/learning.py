"""Embeddings and distances, mixtures and energies, rewards: models that learn other things."""

from itertools import product

import numpy as np
from numpy import array, cosh, einsum, exp, eye, log, outer, sqrt
from numpy.linalg import norm

from tests.published.cases import binary, case, definite, positive, signs, symmetric, unit
from tests.published.networks import sigmoid, softmax

WILLIAMS, FISCHER, LEE = "williams-1992", "fischer-igel-2012", "lee-seung-2001"
STATES = array(list(product((0.0, 1.0), repeat=3)))


def within(random, shape):
    """Vectors well within the unit ball."""
    return random.uniform(-0.4, 0.4, shape)


def poincare(t, x):
    a, b = 1 - t @ t, 1 - x @ x
    c = 1 + 2 * ((t - x) ** 2).sum() / (a * b)
    return 4 / (b * sqrt(c**2 - 1)) * ((x @ x - 2 * t @ x + 1) / a**2 * t - x / a)


def dice(p, g):
    total = (p**2).sum() + (g**2).sum()
    return 2 * (g * total - 2 * p * (p * g).sum()) / total**2


def pairs(y):
    """Differences of each row from each other, and their lengths, 1 in place of 0."""
    between = y[:, None] - y
    return between, norm(between, axis=2) + eye(len(y))


def sammon(y, D):
    between, d = pairs(y)
    wanted = D + eye(len(y))
    c = D.sum() / 2
    return -2 / c * (((wanted - d) / (d * wanted))[:, :, None] * between).sum(axis=1)


def smacof(y, w, D):
    """2(V - B)Y for the raw Stress over i < j."""
    _, d = pairs(y)
    of_weights, of_ratios = -w * (1 - eye(len(y))), -w * D / d * (1 - eye(len(y)))
    v = of_weights - np.diag(of_weights.sum(axis=1))
    b = of_ratios - np.diag(of_ratios.sum(axis=1))
    return 2 * (v - b) @ y


def sne(y, P):
    between, _ = pairs(y)
    kernel = exp(-(between**2).sum(axis=2)) * (1 - eye(len(y)))
    q = kernel / kernel.sum(axis=1, keepdims=True)
    p = P * (1 - eye(len(y)))
    return 2 * ((p - q + p.T - q.T)[:, :, None] * between).sum(axis=1)


def conditional(random, shape):
    """Probabilities of the others, given each: rows that sum to 1, with 0 on the diagonal."""
    weights = random.uniform(0.2, 1.0, shape) * (1 - eye(shape[0]))
    return weights / weights.sum(axis=1, keepdims=True)


def apart(random, shape):
    """Distances: symmetric, positive, 0 from itself."""
    half = random.uniform(0.5, 2.0, shape)
    return (half + half.T) * (1 - eye(shape[0]))


def rbm(v, W, b, c):
    """What the data expect less what the model expects, of the log-likelihood of one v."""
    weight = exp(STATES @ b) * (1 + exp(STATES @ W.T + c)).prod(axis=1)
    p = weight / weight.sum()
    hidden, hiddens = sigmoid(W @ v + c), sigmoid(STATES @ W.T + c)
    return (
        outer(hidden, v) - einsum("s,si,sj->ij", p, hiddens, STATES),
        v - p @ STATES,
        hidden - p @ hiddens,
    )


def linear_attention(Q, K, V, g):
    """Running sums: forwards for Q, backwards for K and V."""
    so_far = np.cumsum(K[:, :, None] * V[:, None], axis=0)
    to_come = np.cumsum((Q[:, :, None] * g[:, None])[::-1], axis=0)[::-1]
    return (
        einsum("te,tde->td", g, so_far),
        einsum("tde,te->td", to_come, V),
        einsum("tde,td->te", to_come, K),
    )


CAUSAL = """input g[t:T, e:2]; parameter Q[t, d:3], K[t, d], V[t, e]
S[-1,d,e] = 0
S[t,d,e] = S[t-1,d,e] + K[t,d]*V[t,e]
loss = sum(t, d, e, g[t,e]*Q[t,d]*S[t,d,e])
"""
BOLTZMANN = """input v[j:3]; parameter W[i:2, j], b[j], c[i]
F = -sum(j, b[j]*v[j]) - sum(i, log(1 + exp(sum(j, W[i,j]*v[j]) + c[i])))
Z = sum(p:2, q:2, r:2, exp(b[0]*p + b[1]*q + b[2]*r)
    *prod(i, 1 + exp(W[i,0]*p + W[i,1]*q + W[i,2]*r + c[i])))
loss = -F - log(Z)
"""
CASES = (
    # Embeddings
    case(
        "poincare-distance",
        "nickel-kiela-2017",
        "eq. (4)",
        "∂d/∂θ = 4/(β√(γ² − 1)) ((‖x‖² − 2θᵀx + 1)/α² θ − x/α)",
        """parameter t[i:3]; input x[i]
         a = 1 - sum(i, t[i]**2)
         b = 1 - sum(i, x[i]**2)
         loss = acosh(1 + 2*sum(i, (t[i] - x[i])**2)/(a*b))""",
        {"t": within, "x": within},
        t=poincare,
    ),
    case(
        "sammon",
        "sammon-1969",
        "appendix, the partial derivatives of the error",
        "∂E/∂y_p = −(2/c) Σⱼ (d*_pj − d_pj)/(d_pj d*_pj) (y_p − yⱼ), c = Σ_{i<j} d*ᵢⱼ",
        """parameter y[i:4, k:2]; input D[i, j:4]
         d[i,j] = sqrt(sum(k, (y[i,k] - y[j,k])**2))
         c = sum(i, j, where(i < j, D[i,j], 0))
         loss = sum(i, j, where(i < j, (D[i,j] - d[i,j])**2/D[i,j], 0))/c""",
        {"D": apart},
        y=sammon,
    ),
    case(
        "stress",
        "borg-groenen-2005",
        "chapter 8, the gradient of raw Stress",
        "∇σ(X) = 2VX − 2B(X)X",
        """parameter y[i:4, k:2]; input w[i, j:4], D[i, j]
         d[i,j] = sqrt(sum(k, (y[i,k] - y[j,k])**2))
         loss = sum(i, j, where(i < j, w[i,j]*(D[i,j] - d[i,j])**2, 0))""",
        {"w": apart, "D": apart},
        y=smacof,
    ),
    case(
        "sne",
        "hinton-roweis-2002",
        "section 2, the gradient of the cost",
        "∂C/∂yᵢ = 2 Σⱼ (yᵢ − yⱼ)(pᵢⱼ − qᵢⱼ + pⱼᵢ − qⱼᵢ)",
        """parameter y[i:4, k:2]; input P[i, j:4]
         q[i,j] = softmax(j, where(i == j, -inf, -sum(k, (y[i,k] - y[j,k])**2)))
         loss = sum(i, j, where(i == j, 0, P[i,j]*log(P[i,j]/q[i,j])))""",
        {"P": conditional},
        y=sne,
    ),
    case(
        "laplacian",
        "belkin-niyogi-2003",
        "section 3, ½ Σᵢⱼ (yᵢ − yⱼ)²Wᵢⱼ = yᵀLy",
        "∂/∂y ½ Σᵢⱼ (yᵢ − yⱼ)²Wᵢⱼ = 2Ly, L = D − W",
        "parameter y[i:n]; input W[i, j:n]; loss = sum(i, j, (y[i] - y[j])**2*W[i,j])/2",
        {"W": symmetric},
        y=lambda y, W: 2 * (np.diag(W.sum(axis=1)) - W) @ y,
    ),
    case(
        "contrastive-alike",
        "hadsell-2006",
        "the spring model",
        "∂L_S/∂W = D ∂D/∂W",
        """parameter a[d:3], b[d]
         D = sqrt(sum(d, (a[d] - b[d])**2))
         loss = D**2/2""",
        a=lambda a, b: a - b,
        b=lambda a, b: b - a,
    ),
    case(
        "contrastive-unlike",
        "hadsell-2006",
        "the spring model",
        "∂L_D/∂W = −(m − D) ∂D/∂W where D < m, and 0 elsewhere",
        """parameter a[d:3], b[d]; input m
         D = sqrt(sum(d, (a[d] - b[d])**2))
         loss = maximum(0, m - D)**2/2""",
        {"m": positive},
        a=lambda a, b, m: -max(0, m - norm(a - b)) * (a - b) / norm(a - b),
    ),
    case(
        "normalised-features",
        "wang-2017-normface",
        "the gradient of the layer that normalises",
        "∂L/∂x = (∂L/∂x̃ − x̃ Σⱼ ∂L/∂x̃ⱼ x̃ⱼ)/‖x‖",
        """parameter x[n:N, d:3]; input g[n, d]
         u[n,d] = x[n,d]/sqrt(sum(d, x[n,d]**2))
         loss = sum(n, d, g[n,d]*u[n,d])""",
        x=lambda x, g: (lambda r, u: (g - u * (g * u).sum(axis=1, keepdims=True)) / r)(
            norm(x, axis=1, keepdims=True), x / norm(x, axis=1, keepdims=True)
        ),
    ),
    case(
        "nmf-squares",
        LEE,
        "gradient descent for ‖V − WH‖²",
        "−½ ∂/∂H ‖V − WH‖² = WᵀV − WᵀWH, and of W likewise",
        """input V[i:3, m:4]; parameter W[i, a:2], H[a, m]
         loss = -sum(i, m, (V[i,m] - sum(a, W[i,a]*H[a,m]))**2)/2""",
        H=lambda V, W, H: W.T @ V - W.T @ W @ H,
        W=lambda V, W, H: V @ H.T - W @ H @ H.T,
    ),
    case(
        "nmf-divergence",
        LEE,
        "gradient descent for D(V‖WH)",
        "−∂D/∂H_aμ = Σᵢ W_ia V_iμ/(WH)_iμ − Σᵢ W_ia",
        """input V[i:3, m:4]; parameter W[i, a:2], H[a, m]
         P[i,m] = sum(a, W[i,a]*H[a,m])
         loss = -sum(i, m, V[i,m]*log(V[i,m]/P[i,m]) - V[i,m] + P[i,m])""",
        {"V": positive, "W": positive, "H": positive},
        H=lambda V, W, H: W.T @ (V / (W @ H)) - W.sum(axis=0)[:, None],
    ),
    # Overlap, normalisation, attention
    case(
        "dice",
        "milletari-2016",
        "section 3, the derivative of the Dice coefficient",
        "∂D/∂pⱼ = 2(gⱼ(Σp² + Σg²) − 2pⱼ Σpg)/(Σp² + Σg²)²",
        """parameter p[i:5]; target g[i]
         loss = 2*sum(i, p[i]*g[i])/(sum(i, p[i]**2) + sum(i, g[i]**2))""",
        {"p": unit, "g": binary},
        p=dice,
    ),
    case(
        "spectral-norm",
        "miyato-2018",
        "the gradient by W",
        "∂V/∂W = (δhᵀ − λu₁v₁ᵀ)/σ(W), λ = δᵀW̄h",
        """parameter W[i:3, j:4]; input u[i], v[j], delta[i], h[j]
         s = sum(i, j, u[i]*W[i,j]*v[j])
         loss = sum(i, delta[i]*sum(j, W[i,j]/s*h[j]))""",
        W=lambda W, u, v, delta, h: (
            lambda s: (outer(delta, h) - delta @ W @ h / s * outer(u, v)) / s
        )(u @ W @ v),
    ),
    case(
        "linear-attention",
        "katharopoulos-2020",
        "causal masking, the gradients of the numerator",
        "∇_Qᵢ = Gᵢ(Σ_{j≤i} KⱼVⱼᵀ)ᵀ, ∇_Kᵢ = (Σ_{j≥i} QⱼGⱼᵀ)Vᵢ, ∇_Vᵢ = (Σ_{j≥i} QⱼGⱼᵀ)ᵀKᵢ",
        CAUSAL,
        Q=lambda Q, K, V, g: linear_attention(Q, K, V, g)[0],
        K=lambda Q, K, V, g: linear_attention(Q, K, V, g)[1],
        V=lambda Q, K, V, g: linear_attention(Q, K, V, g)[2],
    ),
    # Mixtures, flows, energies
    case(
        "experts",
        "jacobs-1991",
        "the derivative of the error −log Σᵢ pᵢ exp(−½‖d − oᵢ‖²)",
        "∂E/∂oᵢ = −pᵢ exp(−½‖d − oᵢ‖²)/Σⱼ pⱼ exp(−½‖d − oⱼ‖²) (d − oᵢ)",
        """parameter o[i:3, k:2]; input p[i], d[k]
         loss = -log(sum(i, p[i]*exp(-sum(k, (d[k] - o[i,k])**2)/2)))""",
        {"p": positive},
        o=lambda o, p, d: -softmax(log(p) - ((d - o) ** 2).sum(axis=1) / 2)[:, None] * (d - o),
    ),
    case(
        "planar-flow",
        "rezende-mohamed-2015",
        "section 4.1, eqs. (10) to (12)",
        "f(z) = z + uh(wᵀz + b): ∂f/∂z = I + uψ(z)ᵀ, ψ(z) = h′(wᵀz + b)w",
        """parameter z[i:3], u[i], w[i], b
         f[i] = z[i] + u[i]*tanh(sum(j:3, w[j]*z[j]) + b)""",
        **{"f/z": lambda z, u, w, b: eye(3) + outer(u, w) / cosh(w @ z + b) ** 2},
    ),
    case(
        "importance-weights",
        "burda-2016",
        "section 3, the gradient of the bound L_k",
        "∇ log (1/k) Σ wᵢ = Σ w̃ᵢ ∇ log wᵢ, w̃ᵢ = wᵢ/Σw",
        "parameter s[k:K]; loss = log(mean(k, exp(s[k])))",
        s=lambda s: softmax(s),
    ),
    case(
        "boltzmann-machine",
        FISCHER,
        "the derivatives of the log-likelihood of one v",
        "by wᵢⱼ: p(hᵢ|v)vⱼ − Σ p(v)p(hᵢ|v)vⱼ, by bⱼ: vⱼ − Σ p(v)vⱼ, by cᵢ: p(hᵢ|v) − Σ p(v)p(hᵢ|v)",
        BOLTZMANN,
        {"v": binary},
        W=lambda v, W, b, c: rbm(v, W, b, c)[0],
        b=lambda v, W, b, c: rbm(v, W, b, c)[1],
        c=lambda v, W, b, c: rbm(v, W, b, c)[2],
    ),
    # Rewards
    case(
        "bernoulli-eligibility",
        WILLIAMS,
        "the characteristic eligibility of a Bernoulli-logistic unit",
        "∂ ln g/∂wⱼ = (y − p)xⱼ",
        """parameter w[j:3]; input x[j], y
         p = sigmoid(sum(j, w[j]*x[j]))
         loss = where(y == 1, log(p), log(1 - p))""",
        {"y": binary},
        w=lambda w, x, y: (y - sigmoid(w @ x)) * x,
    ),
    case(
        "gaussian-eligibility",
        WILLIAMS,
        "the eligibilities of a Gaussian unit",
        "∂ ln g/∂μ = (y − μ)/σ², ∂ ln g/∂σ = ((y − μ)² − σ²)/σ³",
        "parameter mu, s; input y; loss = -log(s*sqrt(2*pi)) - (y - mu)**2/(2*s**2)",
        {"s": positive},
        mu=lambda mu, s, y: (y - mu) / s**2,
        s=lambda mu, s, y: ((y - mu) ** 2 - s**2) / s**3,
    ),
    case(
        "residual-gradient",
        "baird-1995",
        "the residual gradient algorithm",
        "Δw = −(r + γV(x′) − V(x))(γ ∂V(x′)/∂w − ∂V(x)/∂w)",
        """parameter w[i:3]; input a[i], b[i], r, gamma
         loss = -(r + gamma*sum(i, w[i]*b[i]) - sum(i, w[i]*a[i]))**2/2""",
        {"gamma": unit},
        w=lambda w, a, b, r, gamma: -(r + gamma * w @ b - w @ a) * (gamma * b - a),
    ),
    # Quotients and normal matrices
    case(
        "rayleigh",
        "trefethen-bau-1997",
        "eq. (27.2)",
        "∇r(x) = (2/xᵀx)(Ax − r(x)x), r(x) = xᵀAx/xᵀx, A symmetric",
        """parameter x[i:n]; input A[i, j:n]
         loss = sum(i, j, x[i]*A[i,j]*x[j])/sum(i, x[i]**2)""",
        {"A": symmetric},
        x=lambda x, A: 2 / (x @ x) * (A @ x - x @ A @ x / (x @ x) * x),
    ),
    case(
        "log-sum-exp-affine",
        "boyd-vandenberghe-2004",
        "appendix A.4, the log-sum-exp of affine functions",
        "∇f = Aᵀz/1ᵀz, ∇²f = Aᵀ(diag(z)/1ᵀz − zzᵀ/(1ᵀz)²)A, z = exp(Ax + b)",
        """parameter x[j:2]; input A[i:4, j], b[i]
         loss = log(sum(i, exp(sum(j, A[i,j]*x[j]) + b[i])))""",
        x=lambda x, A, b: A.T @ softmax(A @ x + b),
        **{
            "x,x": lambda x, A, b: (lambda p: A.T @ (np.diag(p) - outer(p, p)) @ A)(
                softmax(A @ x + b)
            )
        },
    ),
    case(
        "kernel-adatron",
        "friess-1998",
        "the gradient of the dual of a support vector machine",
        "∂L/∂αᵢ = 1 − yᵢ Σⱼ αⱼyⱼK(xᵢ, xⱼ)",
        """parameter a[i:4]; input y[i], K[i, j:4]
         loss = sum(i, a[i]) - sum(i, j, a[i]*a[j]*y[i]*y[j]*K[i,j])/2""",
        {"K": definite, "y": signs},
        a=lambda a, y, K: 1 - y * (K @ (a * y)),
    ),
    case(
        "backpropagation",
        "rumelhart-1986",
        "eqs. (4) to (7)",
        "∂E/∂xⱼ = ∂E/∂yⱼ yⱼ(1 − yⱼ), ∂E/∂wⱼᵢ = ∂E/∂xⱼ yᵢ, ∂E/∂yᵢ = Σⱼ ∂E/∂xⱼ wⱼᵢ",
        """input d[j:2]; parameter y0[i:3], W[j, i]
         x[j] = sum(i, W[j,i]*y0[i])
         y[j] = 1/(1 + exp(-x[j]))
         loss = sum(j, (y[j] - d[j])**2)/2""",
        x=lambda d, y0, W: (lambda y: (y - d) * y * (1 - y))(sigmoid(W @ y0)),
        W=lambda d, y0, W: (lambda y: outer((y - d) * y * (1 - y), y0))(sigmoid(W @ y0)),
        y0=lambda d, y0, W: (lambda y: W.T @ ((y - d) * y * (1 - y)))(sigmoid(W @ y0)),
    ),
)
ROBUST = "zhang-1997-parameter"
# Each function ρ of a residual x, and what its derivative ψ is in the table.
_ROBUST = (
    ("l1-l2", "2*(sqrt(1 + x[n]**2/2) - 1)", "x/√(1 + x²/2)", lambda x: x / sqrt(1 + x**2 / 2)),
    (
        "fair",
        "4*(abs(x[n])/2 - log(1 + abs(x[n])/2))",
        "x/(1 + |x|/c)",
        lambda x: x / (1 + abs(x) / 2),
    ),
    ("cauchy", "2*log(1 + (x[n]/2)**2)", "x/(1 + (x/c)²)", lambda x: x / (1 + (x / 2) ** 2)),
    ("geman-mcclure", "(x[n]**2/2)/(1 + x[n]**2)", "x/(1 + x²)²", lambda x: x / (1 + x**2) ** 2),
    ("welsch", "2*(1 - exp(-(x[n]/2)**2))", "x exp(−(x/c)²)", lambda x: x * exp(-((x / 2) ** 2))),
    (
        "tukey",
        "where(abs(x[n]) <= 2, 4/6*(1 - (1 - (x[n]/2)**2)**3), 4/6)",
        "x(1 − (x/c)²)² where |x| ≤ c, and 0 elsewhere",
        lambda x: x * np.clip(1 - (x / 2) ** 2, 0, None) ** 2,
    ),
)
CASES += tuple(
    case(
        f"robust-{name}",
        ROBUST,
        "table 1, the influence function ψ = dρ/dx; c = 2",
        f"ψ(x) = {says}",
        f"parameter x[n:6]; loss = sum(n, {rho})",
        x=psi,
    )
    for name, rho, says, psi in _ROBUST
)
