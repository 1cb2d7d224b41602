"""Networks and their parts: backpropagation, normalisation, embeddings, energies."""

import numpy as np
from numpy import diag, exp, eye, log, outer, sqrt, tanh
from numpy.linalg import inv, norm

from tests.published.cases import (
    binary,
    case,
    distribution,
    one_hot,
    positive,
    symmetric,
    unit,
)

NIELSEN, ESL, BISHOP = "nielsen-2015", "hastie-2009", "bishop-2006"
IOFFE = "ioffe-szegedy-2015"
OVER_IMAGES = {"axis": (0, 2, 3), "keepdims": True}
TWO_LAYERS = """input x[n:N, i:3]; target y[n, k:2]; parameter U[j:4, i], b[j], V[k, j], c[k]
z[n,j] = sum(i, U[j,i]*x[n,i]) + b[j]
a[n,j] = sigmoid(z[n,j])
s[n,k] = sum(j, V[k,j]*a[n,j]) + c[k]
o[n,k] = sigmoid(s[n,k])
loss = sum(n, k, (o[n,k] - y[n,k])**2)/(2*N)
"""


def sigmoid(a):
    return 1 / (1 + exp(-a))


def softmax(a):
    return exp(a - a.max(axis=-1, keepdims=True)) / exp(a - a.max(axis=-1, keepdims=True)).sum(
        axis=-1, keepdims=True
    )


def nielsen(x, y, U, b, V, c):
    """Errors by BP1 and BP2, and what BP3 and BP4 make of them, means over the samples."""
    a = sigmoid(x @ U.T + b)
    o = sigmoid(a @ V.T + c)
    top = (o - y) * o * (1 - o)
    below = (top @ V) * a * (1 - a)
    n = len(x)
    return {
        "c": top.sum(axis=0) / n,
        "V": top.T @ a / n,
        "b": below.sum(axis=0) / n,
        "U": below.T @ x / n,
    }


def esl(x, y, A, B):
    """Errors δ and s of eqs. (11.13) to (11.15) for one sample."""
    z = sigmoid(A @ x)
    delta = -2 * (y - B @ z)
    return outer(delta, z), outer(z * (1 - z) * (B.T @ delta), x)


def batch_norm(x, gamma, g):
    """The six equations of Ioffe and Szegedy, for ∂ℓ/∂y = g."""
    eps, m = 1e-3, len(x)
    mean, variance = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / sqrt(variance + eps)
    by_x_hat = g * gamma
    by_variance = (by_x_hat * (x - mean)).sum(axis=0) * -0.5 * (variance + eps) ** -1.5
    by_mean = (-by_x_hat / sqrt(variance + eps)).sum(axis=0) + by_variance * (-2 * (x - mean)).sum(
        axis=0
    ) / m
    by_x = by_x_hat / sqrt(variance + eps) + by_variance * 2 * (x - mean) / m + by_mean / m
    return by_x, (g * x_hat).sum(axis=0), g.sum(axis=0)


def squares(x):
    """The squared distance of each row from each other."""
    return ((x[:, None] - x) ** 2).sum(axis=2)


def neighbours(A, x):
    """The probabilities pᵢⱼ of neighbourhood components analysis."""
    weights = exp(-squares(x @ A.T)) * (1 - eye(len(x)))
    return weights / weights.sum(axis=1, keepdims=True)


def nca(A, x, c):
    p, same = neighbours(A, x), c @ c.T
    apart = x[:, None] - x
    all_pairs = np.einsum("ik,ikd,ike->ide", p, apart, apart)
    own_pairs = np.einsum("ij,ijd,ije->ide", p * same, apart, apart)
    return (
        2 * A @ (np.einsum("i,ide->de", (p * same).sum(axis=1), all_pairs) - own_pairs.sum(axis=0))
    )


def tsne(y, P):
    kernel = (1 - eye(len(y))) / (1 + squares(y))
    q = kernel / kernel.sum()
    return 4 * np.einsum("ij,ijd->id", (P - q) / (1 + squares(y)), y[:, None] - y)


def symmetric_sne(y, P):
    kernel = exp(-squares(y)) * (1 - eye(len(y)))
    return 4 * np.einsum("ij,ijd->id", P - kernel / kernel.sum(), y[:, None] - y)


def pairs(random, shape):
    """Symmetric probabilities of pairs, none of a point with itself."""
    half = random.uniform(0.1, 1.0, shape)
    whole = (half + half.T) * (1 - eye(*shape))
    return whole / whole.sum()


def by_image(x, g):
    """The three terms of a normalisation of each channel."""
    s = sqrt(x.var(**OVER_IMAGES) + 0.001)
    y = (x - x.mean(**OVER_IMAGES)) / s
    return (g - g.mean(**OVER_IMAGES) - y * (g * y).mean(**OVER_IMAGES)) / s


CASES = (
    # Backpropagation as textbooks write it
    case(
        "nielsen-backpropagation",
        NIELSEN,
        "chapter 2, equations (BP1) to (BP4)",
        "δᴸ = (aᴸ − y) ⊙ σ′(zᴸ), δˡ = ((wˡ⁺¹)ᵀδˡ⁺¹) ⊙ σ′(zˡ), ∂C/∂b = δ, ∂C/∂wˡ = δˡ(aˡ⁻¹)ᵀ",
        TWO_LAYERS,
        {"y": unit},
        c=lambda x, y, U, b, V, c: nielsen(x, y, U, b, V, c)["c"],
        V=lambda x, y, U, b, V, c: nielsen(x, y, U, b, V, c)["V"],
        b=lambda x, y, U, b, V, c: nielsen(x, y, U, b, V, c)["b"],
        U=lambda x, y, U, b, V, c: nielsen(x, y, U, b, V, c)["U"],
    ),
    case(
        "nielsen-quadratic",
        NIELSEN,
        "chapter 3, eqs. (55) and (56)",
        "C = (y − a)²/2, x = 1, y = 0: ∂C/∂w = aσ′(z), ∂C/∂b = aσ′(z)",
        "parameter w, b; a = sigmoid(w + b); loss = (0 - a)**2/2",
        w=lambda w, b: sigmoid(w + b) ** 2 * (1 - sigmoid(w + b)),
        b=lambda w, b: sigmoid(w + b) ** 2 * (1 - sigmoid(w + b)),
    ),
    case(
        "nielsen-cross-entropy",
        NIELSEN,
        "chapter 3, eqs. (61) and (62)",
        "∂C/∂wⱼ = (1/n) Σ xⱼ(σ(z) − y), ∂C/∂b = (1/n) Σ (σ(z) − y)",
        """input x[n:N, d:D]; target y[n]; parameter w[d], b
         a[n] = sigmoid(sum(d, w[d]*x[n,d]) + b)
         loss = -1/N*sum(n, y[n]*log(a[n]) + (1 - y[n])*log(1 - a[n]))""",
        {"y": binary},
        w=lambda x, y, w, b: x.T @ (sigmoid(x @ w + b) - y) / len(x),
        b=lambda x, y, w, b: (sigmoid(x @ w + b) - y).mean(),
    ),
    case(
        "nielsen-decay",
        NIELSEN,
        "chapter 3, eqs. (88) to (90)",
        "C = C₀ + (λ/2n) Σ w²: ∂C/∂w = ∂C₀/∂w + (λ/n)w",
        """input x[n:N, d:D], lam; target y[n]; parameter w[d]
         loss = sum(n, (sum(d, w[d]*x[n,d]) - y[n])**2)/(2*N) + lam/(2*N)*sum(d, w[d]**2)""",
        w=lambda x, y, w, lam: x.T @ (x @ w - y) / len(x) + lam / len(x) * w,
    ),
    case(
        "esl-network",
        ESL,
        "eqs. (11.12) to (11.15)",
        "∂Rᵢ/∂β = δᵢz, ∂Rᵢ/∂α = sᵢx, δ = −2(y − f)g′, s = σ′(αᵀx) Σ βδ",
        """input x[l:3]; target y[k:2]; parameter A[m:4, l], B[k, m]
         z[m] = sigmoid(sum(l, A[m,l]*x[l]))
         f[k] = sum(m, B[k,m]*z[m])
         loss = sum(k, (y[k] - f[k])**2)""",
        B=lambda x, y, A, B: esl(x, y, A, B)[0],
        A=lambda x, y, A, B: esl(x, y, A, B)[1],
    ),
    case(
        "bishop-network",
        BISHOP,
        "eqs. (5.65), (5.66) and (5.67)",
        "δₖ = yₖ − tₖ, δⱼ = (1 − zⱼ²) Σ wₖⱼδₖ, ∂E/∂wⱼᵢ = δⱼxᵢ, ∂E/∂wₖⱼ = δₖzⱼ",
        """input x[i:3]; target t[k:2]; parameter W[j:4, i], V[k, j]
         z[j] = tanh(sum(i, W[j,i]*x[i]))
         y[k] = sum(j, V[k,j]*z[j])
         loss = sum(k, (y[k] - t[k])**2)/2""",
        V=lambda x, t, W, V: outer(V @ tanh(W @ x) - t, tanh(W @ x)),
        W=lambda x, t, W, V: outer((1 - tanh(W @ x) ** 2) * (V.T @ (V @ tanh(W @ x) - t)), x),
    ),
    case(
        "parr-howard-neuron",
        "parr-howard-2018",
        "section 5.1, the gradient by the weights",
        "∂C/∂w = 0 if w·x + b ≤ 0, −2(y − w·x − b)x/N otherwise; ∂C/∂b likewise without x",
        """input x[n:N, d:D]; target y[n]; parameter w[d], b
         a[n] = maximum(0, sum(d, w[d]*x[n,d]) + b)
         loss = sum(n, (y[n] - a[n])**2)/N""",
        w=lambda x, y, w, b: np.where(
            (x @ w + b > 0)[:, None], -2 * (y - x @ w - b)[:, None] * x, 0
        ).mean(axis=0),
        b=lambda x, y, w, b: np.where(x @ w + b > 0, -2 * (y - x @ w - b), 0).mean(),
    ),
    case(
        "goodfellow-mlp",
        "goodfellow-2016",
        "algorithm 6.4",
        "g ← g ⊙ f′(a), ∂J/∂b = g + λb, ∂J/∂W = g hᵀ + λW, g ← Wᵀg",
        """input x[i:3], lam; target y[k:2]; parameter W[j:4, i], b[j], V[k, j]
         h[j] = relu(sum(i, W[j,i]*x[i]) + b[j])
         s[k] = sum(j, V[k,j]*h[j])
         loss = (sum(k, (s[k] - y[k])**2)
           + lam/2*(sum(j, i, W[j,i]**2) + sum(j, b[j]**2) + sum(k, j, V[k,j]**2)))""",
        V=lambda x, y, W, b, V, lam: (lambda h: outer(2 * (V @ h - y), h) + lam * V)(
            np.maximum(0, W @ x + b)
        ),
        b=lambda x, y, W, b, V, lam: (
            (W @ x + b > 0) * (V.T @ (2 * (V @ np.maximum(0, W @ x + b) - y))) + lam * b
        ),
        W=lambda x, y, W, b, V, lam: (
            outer((W @ x + b > 0) * (V.T @ (2 * (V @ np.maximum(0, W @ x + b) - y))), x) + lam * W
        ),
    ),
    case(
        "deep-linear",
        "saxe-2014",
        "eqs. (2) and (3)",
        "τ dW²¹/dt = W³²ᵀ(Σ³¹ − W³²W²¹Σ¹¹), τ dW³²/dt = (Σ³¹ − W³²W²¹Σ¹¹)W²¹ᵀ",
        """input x[p:P, i:4]; target y[p, k:3]; parameter A[j:2, i], B[k, j]
         loss = -sum(p, k, (y[p,k] - sum(j, B[k,j]*sum(i, A[j,i]*x[p,i])))**2)/2""",
        A=lambda x, y, A, B: B.T @ (y.T @ x - B @ A @ x.T @ x),
        B=lambda x, y, A, B: (y.T @ x - B @ A @ x.T @ x) @ A.T,
    ),
    case(
        "residual",
        "he-2016-identity",
        "eq. (5)",
        "∂E/∂x_l = ∂E/∂x_L (1 + ∂/∂x_l Σ F)",
        """parameter x[d:3]; input W[d, e:3], V[d, e], g[d]
         a[d] = x[d] + tanh(sum(e, W[d,e]*x[e]))
         b[d] = a[d] + tanh(sum(e, V[d,e]*a[e]))
         loss = sum(d, g[d]*b[d])""",
        x=lambda x, W, V, g: (
            lambda a: (
                g
                @ (eye(3) + diag(1 - tanh(V @ a) ** 2) @ V)
                @ (eye(3) + diag(1 - tanh(W @ x) ** 2) @ W)
            )
        )(x + tanh(W @ x)),
    ),
    # Normalisation
    case(
        "batch-norm",
        IOFFE,
        "section 3, the gradients of the transform",
        "∂ℓ/∂x = ∂ℓ/∂x̂/√(σ² + ε) + ∂ℓ/∂σ² 2(x − μ)/m + ∂ℓ/∂μ/m; ∂ℓ/∂γ = Σ ∂ℓ/∂y x̂, ∂ℓ/∂β = Σ ∂ℓ/∂y",
        """input g[n:N, d:D]; parameter x[n, d], gamma[d], beta[d]
         m[d] = mean(n, x[n,d])
         v[d] = mean(n, (x[n,d] - m[d])**2)
         h[n,d] = (x[n,d] - m[d])/sqrt(v[d] + 0.001)
         y[n,d] = gamma[d]*h[n,d] + beta[d]
         loss = sum(n, d, g[n,d]*y[n,d])""",
        x=lambda x, gamma, g: batch_norm(x, gamma, g)[0],
        gamma=lambda x, gamma, g: batch_norm(x, gamma, g)[1],
        beta=lambda x, gamma, g: batch_norm(x, gamma, g)[2],
    ),
    case(
        "layer-norm",
        "xu-2019",
        "section 2, LayerNorm's derivatives of mean and variance",
        "∂ℓ/∂x = (g − mean(g) − y mean(g ⊙ y))/σ for y = (x − μ)/σ",
        """input g[h:H]; parameter x[h]
         m = mean(h, x[h])
         s = sqrt(mean(h, (x[h] - m)**2))
         loss = sum(h, g[h]*(x[h] - m)/s)""",
        x=lambda x, g: (lambda y: (g - g.mean() - y * (g * y).mean()) / x.std())(
            (x - x.mean()) / x.std()
        ),
    ),
    case(
        "rms-norm",
        "zhang-sennrich-2019",
        "the gradients by g and W",
        "∂L/∂g = ∂L/∂v ⊙ Wx/RMS(a), ∂L/∂W = R(g ⊙ ∂L/∂v) xᵀ, R = (I − aaᵀ/(n RMS²))/RMS",
        """input x[i:3], r[j:4]; parameter W[j, i], g[j]
         a[j] = sum(i, W[j,i]*x[i])
         q = sqrt(mean(j, a[j]**2))
         loss = sum(j, r[j]*g[j]*a[j]/q)""",
        g=lambda x, r, W, g: r * (W @ x) / sqrt(((W @ x) ** 2).mean()),
        W=lambda x, r, W, g: (
            lambda a, q: outer((eye(4) - outer(a, a) / (4 * q**2)) / q @ (g * r), x)
        )(W @ x, sqrt(((W @ x) ** 2).mean())),
    ),
    case(
        "weight-norm",
        "salimans-kingma-2016",
        "eq. (3)",
        "∇_g L = ∇_w L·v/‖v‖, ∇_v L = (g/‖v‖)∇_w L − (g ∇_g L/‖v‖²)v",
        """parameter v[d:3], g; input x[d]; target y
         r = sqrt(sum(d, v[d]**2))
         loss = (sum(d, g*v[d]/r*x[d]) - y)**2""",
        g=lambda v, g, x, y: 2 * (g * v @ x / norm(v) - y) * x @ v / norm(v),
        v=lambda v, g, x, y: (lambda w: g / norm(v) * w - g * (w @ v / norm(v)) / norm(v) ** 2 * v)(
            2 * (g * v @ x / norm(v) - y) * x
        ),
    ),
    # Factorisations and embeddings
    case(
        "factorization-machine",
        "rendle-2010",
        "eq. (4)",
        "∂ŷ/∂w₀ = 1, ∂ŷ/∂wᵢ = xᵢ, ∂ŷ/∂vᵢf = xᵢ Σⱼ vⱼf xⱼ − vᵢf xᵢ²",
        """input x[i:4]; parameter c, w[i], V[i, f:2]
         loss = (c + sum(i, w[i]*x[i])
           + sum(i, j:4, where(i < j, sum(f, V[i,f]*V[j,f])*x[i]*x[j], 0)))""",
        c=lambda: 1.0,
        w=lambda x: x,
        V=lambda x, V: outer(x, x @ V) - V * (x**2)[:, None],
    ),
    case(
        "matrix-factorization",
        "koren-2009",
        "stochastic gradient descent",
        "e = r − qᵀp: −∂/∂q of ½(e² + λ‖q‖² + λ‖p‖²) = e p − λq, and of p likewise",
        """parameter q[f:3], p[f]; input r, lam
         e = r - sum(f, q[f]*p[f])
         loss = -(e**2 + lam*sum(f, q[f]**2) + lam*sum(f, p[f]**2))/2""",
        q=lambda q, p, r, lam: (r - q @ p) * p - lam * q,
        p=lambda q, p, r, lam: (r - q @ p) * q - lam * p,
    ),
    case(
        "word2vec-softmax",
        "rong-2014",
        "eqs. (8), (10) and (12)",
        "∂E/∂uⱼ = yⱼ − tⱼ = eⱼ, ∂E/∂w′ᵢⱼ = eⱼhᵢ, ∂E/∂hᵢ = Σⱼ eⱼw′ᵢⱼ",
        """parameter h[i:3], W[i, j:5]; input t[j]
         u[j] = sum(i, W[i,j]*h[i])
         loss = -sum(j, t[j]*u[j]) + logsumexp(j, u[j])""",
        {"t": one_hot},
        u=lambda h, W, t: softmax(h @ W) - t,
        W=lambda h, W, t: outer(h, softmax(h @ W) - t),
        h=lambda h, W, t: W @ (softmax(h @ W) - t),
    ),
    case(
        "word2vec-negative-sampling",
        "rong-2014",
        "eqs. (55) to (61)",
        "∂E/∂(v′ⱼᵀh) = σ(v′ⱼᵀh) − tⱼ, ∂E/∂v′ⱼ = (σ(v′ⱼᵀh) − tⱼ)h, ∂E/∂h = Σ (σ(v′ⱼᵀh) − tⱼ)v′ⱼ",
        """parameter h[i:3], V[j:4, i]; input t[j]
         s[j] = sum(i, V[j,i]*h[i])
         loss = -sum(j, where(t[j] == 1, log(sigmoid(s[j])), log(sigmoid(-s[j]))))""",
        {"t": one_hot},
        s=lambda h, V, t: sigmoid(V @ h) - t,
        V=lambda h, V, t: outer(sigmoid(V @ h) - t, h),
        h=lambda h, V, t: (sigmoid(V @ h) - t) @ V,
    ),
    case(
        "skip-gram",
        "cs224n-notes-1",
        "the gradient of the naive softmax loss",
        "∂J/∂v_c = U(ŷ − y), ∂J/∂U = v_c(ŷ − y)ᵀ",
        """parameter U[d:3, w:5], v[d]; input y[w]
         p[w] = softmax(w, sum(d, U[d,w]*v[d]))
         loss = -sum(w, y[w]*log(p[w]))""",
        {"y": one_hot},
        v=lambda U, v, y: U @ (softmax(v @ U) - y),
        U=lambda U, v, y: outer(v, softmax(v @ U) - y),
    ),
    case(
        "t-sne",
        "maaten-hinton-2008",
        "eq. (5)",
        "∂C/∂yᵢ = 4 Σⱼ (pᵢⱼ − qᵢⱼ)(yᵢ − yⱼ)(1 + ‖yᵢ − yⱼ‖²)⁻¹",
        """parameter y[i:4, d:2]; input P[i, j:4]
         k[i,j] = 1/(1 + sum(d, (y[i,d] - y[j,d])**2))
         Z = sum(i, j, where(i == j, 0, k[i,j]))
         loss = sum(i, j, P[i,j]*(log(Z) - log(k[i,j])))""",
        {"P": pairs},
        y=lambda y, P: tsne(y, P),
    ),
    case(
        "symmetric-sne",
        "maaten-hinton-2008",
        "section 3.1",
        "∂C/∂yᵢ = 4 Σⱼ (pᵢⱼ − qᵢⱼ)(yᵢ − yⱼ)",
        """parameter y[i:4, d:2]; input P[i, j:4]
         s[i,j] = where(i == j, -inf, -sum(d, (y[i,d] - y[j,d])**2))
         Z = logsumexp(i, j, s[i,j])
         loss = sum(i, j, where(i == j, 0, P[i,j]*(Z + sum(d, (y[i,d] - y[j,d])**2))))""",
        {"P": pairs},
        y=lambda y, P: symmetric_sne(y, P),
    ),
    case(
        "nca",
        "goldberger-2004",
        "eq. (5)",
        "∂f/∂A = 2A Σᵢ (pᵢ Σₖ pᵢₖ xᵢₖxᵢₖᵀ − Σ_{j∈Cᵢ} pᵢⱼ xᵢⱼxᵢⱼᵀ)",
        """parameter A[a:2, d:3]; input x[i:4, d], c[i, k:2]
         z[i,a] = sum(d, A[a,d]*x[i,d])
         p[i,j:4] = softmax(j, where(i == j, -inf, -sum(a, (z[i,a] - z[j,a])**2)))
         loss = sum(i, j, p[i,j]*sum(k, c[i,k]*c[j,k]))""",
        {"c": one_hot},
        A=lambda A, x, c: nca(A, x, c),
    ),
    case(
        "center-loss",
        "wen-2016",
        "eq. (3)",
        "∂L_C/∂xᵢ = xᵢ − c_yᵢ",
        "parameter x[n:N, d:D], C[k:K, d]; input y[n]; loss = sum(n, d, (x[n,d] - C[y[n],d])**2)/2",
        {"y": lambda random, shape: random.integers(0, 2, shape)},
        x=lambda x, C, y: x - C[y],
    ),
    case(
        "cosine-similarity",
        "nguyen-bai-2010",
        "the gradient of CS(x, y, A) with A = I",
        "∂cos(a, b)/∂a = b/(‖a‖‖b‖) − cos(a, b) a/‖a‖²",
        """parameter a[i:4], b[i]
         loss = sum(i, a[i]*b[i])/(sqrt(sum(i, a[i]**2))*sqrt(sum(i, b[i]**2)))""",
        a=lambda a, b: b / (norm(a) * norm(b)) - a @ b / (norm(a) * norm(b)) * a / norm(a) ** 2,
    ),
    case(
        "nt-xent",
        "chen-2020-simclr",
        "table 2, NT-Xent",
        "(1 − exp(uᵀv⁺/τ)/Z)/τ v⁺ − Σ exp(uᵀv⁻/τ)/Z/τ v⁻",
        """parameter u[d:3]; input v[k:5, d], tau
         s[k] = sum(d, u[d]*v[k,d])/tau
         loss = s[0] - logsumexp(k, s[k])""",
        {"tau": positive},
        u=lambda u, v, tau: (lambda w: (1 - w[0]) / tau * v[0] - w[1:] / tau @ v[1:])(
            softmax(v @ u / tau)
        ),
    ),
    case(
        "nt-logistic",
        "chen-2020-simclr",
        "table 2, NT-Logistic",
        "σ(−uᵀv⁺/τ)/τ v⁺ − σ(uᵀv⁻/τ)/τ v⁻",
        """parameter u[d:3]; input v[d], w[d], tau
         loss = log(sigmoid(sum(d, u[d]*v[d])/tau)) + log(sigmoid(-sum(d, u[d]*w[d])/tau))""",
        {"tau": positive},
        u=lambda u, v, w, tau: sigmoid(-u @ v / tau) / tau * v - sigmoid(u @ w / tau) / tau * w,
    ),
    case(
        "margin-triplet",
        "chen-2020-simclr",
        "table 2, Margin Triplet",
        "v⁺ − v⁻ if uᵀv⁺ − uᵀv⁻ < m else 0",
        """parameter u[d:3]; input v[d], w[d], m
         loss = -maximum(sum(d, u[d]*w[d]) - sum(d, u[d]*v[d]) + m, 0)""",
        u=lambda u, v, w, m: (u @ v - u @ w < m) * (v - w),
    ),
    # Energies, policies, preferences
    case(
        "rbm-free-energy",
        "bengio-2009",
        "section 5.3.1",
        "F(x) = −bᵀx − Σ log(1 + exp(cᵢ + Wᵢx)): ∂F/∂Wᵢⱼ = −σ(cᵢ + Wᵢx)xⱼ, ∂F/∂c = −σ(c + Wx), "
        "∂F/∂b = −x",
        """parameter W[i:3, j:4], b[j], c[i]; input x[j]
         loss = -sum(j, b[j]*x[j]) - sum(i, log(1 + exp(c[i] + sum(j, W[i,j]*x[j]))))""",
        {"x": binary},
        W=lambda W, c, x: -outer(sigmoid(c + W @ x), x),
        b=lambda x: -x,
        c=lambda W, c, x: -sigmoid(c + W @ x),
    ),
    case(
        "hopfield",
        "hopfield-1984",
        "the energy of graded neurons",
        "E = −½ Σ TᵢⱼVᵢVⱼ − Σ IᵢVᵢ: ∂E/∂V = −TV − I",
        """parameter V[i:4]; input T[i, j:4], b[i]
         loss = -sum(i, j, T[i,j]*V[i]*V[j])/2 - sum(i, b[i]*V[i])""",
        {"T": symmetric},
        V=lambda V, T, b: -T @ V - b,
    ),
    case(
        "modern-hopfield",
        "ramsauer-2021",
        "eqs. (2) and (3)",
        "E = −lse(β, Xᵀξ) + ½ξᵀξ + const: ∂E/∂ξ = ξ − X softmax(βXᵀξ)",
        """parameter xi[d:3]; input X[d, k:5], beta
         loss = -logsumexp(k, beta*sum(d, X[d,k]*xi[d]))/beta + sum(d, xi[d]**2)/2""",
        {"beta": positive},
        xi=lambda xi, X, beta: xi - X @ softmax(beta * X.T @ xi),
    ),
    case(
        "policy-softmax",
        "sutton-barto-2018",
        "eq. (13.9)",
        "∇ ln π(a|s, θ) = x(s, a) − Σ_b π(b|s, θ)x(s, b)",
        """parameter theta[d:3]; input x[a:4, d], e[a]
         h[a] = sum(d, theta[d]*x[a,d])
         loss = sum(a, e[a]*log(exp(h[a])/sum(b:4, exp(h[b]))))""",
        {"e": one_hot},
        theta=lambda theta, x, e: e @ x - softmax(x @ theta) @ x,
    ),
    case(
        "gradient-bandit",
        "sutton-barto-2018",
        "section 2.8",
        "∂π(x)/∂H(a) = π(x)(𝟏(a = x) − π(a))",
        "parameter H[a:4]; input r[a]; p[a] = softmax(a, H[a]); loss = sum(a, r[a]*p[a])",
        H=lambda H, r: (diag(softmax(H)) - outer(softmax(H), softmax(H))) @ r,
    ),
    case(
        "policy-gaussian",
        "sutton-barto-2018",
        "exercise 13.4",
        "∇ ln π by θ_μ = (a − μ)/σ² x, by θ_σ = ((a − μ)²/σ² − 1)x",
        """parameter m[d:3], s[d]; input x[d], a
         mu = sum(d, m[d]*x[d])
         sigma = exp(sum(d, s[d]*x[d]))
         loss = -(a - mu)**2/(2*sigma**2) - log(sigma) - log(2*pi)/2""",
        m=lambda m, s, x, a: (a - m @ x) / exp(s @ x) ** 2 * x,
        s=lambda m, s, x, a: ((a - m @ x) ** 2 / exp(s @ x) ** 2 - 1) * x,
    ),
    case(
        "dpo",
        "rafailov-2023",
        "section 4, what the DPO update does",
        "∇L = −β σ(r̂(y_l) − r̂(y_w))(∇ log π(y_w) − ∇ log π(y_l)), r̂ = β log(π/π_ref)",
        """parameter a, b; input p, q, beta
         loss = -log(sigmoid(beta*(a - p) - beta*(b - q)))""",
        {"beta": positive},
        a=lambda a, b, p, q, beta: -beta * sigmoid(beta * (b - q) - beta * (a - p)),
        b=lambda a, b, p, q, beta: beta * sigmoid(beta * (b - q) - beta * (a - p)),
    ),
    case(
        "infomax",
        "bell-sejnowski-1995",
        "eq. (14)",
        "ΔW ∝ [Wᵀ]⁻¹ + (1 − 2y)xᵀ, y = σ(Wx + w₀); Δw₀ ∝ 1 − 2y",
        """parameter W[i:2, j:2], w[i]; input x[j]
         y[i] = sigmoid(sum(j, W[i,j]*x[j]) + w[i])
         loss = (log(abs(W[0,0]*W[1,1] - W[0,1]*W[1,0]))
           + sum(i, log(y[i]*(1 - y[i]))))""",
        W=lambda W, w, x: inv(W.T) + outer(1 - 2 * sigmoid(W @ x + w), x),
        w=lambda W, w, x: 1 - 2 * sigmoid(W @ x + w),
    ),
    case(
        "variational-gaussian",
        "kingma-welling-2014",
        "appendix B",
        "−D_KL = ½ Σ (1 + log σ² − μ² − σ²): by μ = −μ, by σ = 1/σ − σ",
        """parameter mu[j:3], sigma[j]
         loss = sum(j, 1 + log(sigma[j]**2) - mu[j]**2 - sigma[j]**2)/2""",
        {"sigma": positive},
        mu=lambda mu: -mu,
        sigma=lambda sigma: 1 / sigma - sigma,
    ),
    case(
        "entropy",
        "cover-thomas-2006",
        "section 2.1, H(X) = −Σ p log p",
        "∂H/∂zᵢ = −pᵢ(log pᵢ + H), p = softmax(z)",
        "parameter z[i:4]; p[i] = softmax(i, z[i]); loss = -sum(i, p[i]*log(p[i]))",
        z=lambda z: (lambda p: -p * (log(p) - p @ log(p)))(softmax(z)),
    ),
    case(
        "kl-divergence",
        "cover-thomas-2006",
        "section 2.3, D(p‖q) = Σ p log(p/q)",
        "∂D/∂p = log(p/q) + 1, ∂D/∂q = −p/q",
        "parameter p[i:4], q[i]; loss = sum(i, p[i]*log(p[i]/q[i]))",
        {"p": distribution, "q": distribution},
        p=lambda p, q: log(p / q) + 1,
        q=lambda p, q: -p / q,
    ),
    case(
        "radial-basis",
        "haykin-2009",
        "section 5, supervised selection of centres",
        "∂E/∂w = Σ e G, ∂E/∂t = 2w Σ e G′ (x − t) by E = ½ Σ e², G = exp(−‖x − t‖²)",
        """input x[n:N, d:2]; target y[n]; parameter w[k:3], t[k, d]
         G[n,k] = exp(-sum(d, (x[n,d] - t[k,d])**2))
         loss = sum(n, (sum(k, w[k]*G[n,k]) - y[n])**2)/2""",
        w=lambda x, y, w, t: (lambda G: (G @ w - y) @ G)(exp(-((x[:, None] - t) ** 2).sum(axis=2))),
        t=lambda x, y, w, t: (
            lambda G: 2 * w[:, None] * np.einsum("n,nk,nkd->kd", G @ w - y, G, x[:, None] - t)
        )(exp(-((x[:, None] - t) ** 2).sum(axis=2))),
    ),
    case(
        "batch-norm-of-images",
        IOFFE,
        "section 3.2, with the gradients of section 3 over m·p·q values",
        "∂ℓ/∂x = (g − mean(g) − x̂ mean(g ⊙ x̂))/√(σ² + ε), means over samples and places",
        """input g[n:N, c:C, h:3, w:2]; parameter x[n, c, h, w]
        m[c] = mean(n, h, w, x[n,c,h,w])
        s[c] = sqrt(mean(n, h, w, (x[n,c,h,w] - m[c])**2) + 0.001)
        y[n,c,h,w] = (x[n,c,h,w] - m[c])/s[c]
        loss = sum(n, c, h, w, g[n,c,h,w]*y[n,c,h,w])""",
        x=lambda x, g: by_image(x, g),
    ),
)
