"""Counts, shares and ranks: likelihoods with gamma functions, and labels that look places up."""

import mpmath
import numpy as np
from numpy import array, exp, eye, log
from numpy.linalg import inv

from tests.published.cases import below, case, counts, definite, positive, unit
from tests.published.regression import sigmoid, softmax

digamma = np.vectorize(lambda v: float(mpmath.digamma(v)))
trigamma = np.vectorize(lambda v: float(mpmath.zeta(2, v)))
RANKS = """input i[n:N], j[n], u[n]; parameter P[a:3, f:2], Q[b:4, f]
r[n] = sum(f, P[u[n],f]*(Q[i[n],f] - Q[j[n],f]))
loss = -sum(n, log(sigmoid(r[n])))"""
COUNTS = """input x[n:N, d:D], theta; target y[n]; parameter b[d]
mu[n] = exp(sum(d, b[d]*x[n,d]))
loss = -sum(n, lgamma(y[n] + theta) - lgamma(theta) - lgamma(y[n] + 1)
  + theta*log(theta/(theta + mu[n])) + y[n]*log(mu[n]/(theta + mu[n])))"""
WORDS = """input X[i:3, j:4]; parameter w[i, d:2], v[j, d], b[i], c[j]
f[i,j] = where(X[i,j] < 2, (X[i,j]/2)**(3/4), 1)
e[i,j] = sum(d, w[i,d]*v[j,d]) + b[i] + c[j] - log(X[i,j])
loss = sum(i, j, f[i,j]*e[i,j]**2)"""


def from_1(random, shape):
    """Labels 1, 2 and 3."""
    return random.integers(1, 4, shape)


def rows(values, labels, count):
    """The sum of the rows of each label."""
    return eye(count)[labels].T @ values


def weighted(X, w, v, b, c):
    """GloVe's weights times what its model is off."""
    return np.minimum(X / 2, 1) ** 0.75 * (w @ v.T + b[:, None] + c - log(X))


CASES = (
    case(
        "log-gamma",
        "dlmf",
        "eq. (5.2.2)",
        "d ln Γ(x)/dx = ψ(x)",
        "parameter x[i:4]; loss = sum(i, lgamma(x[i]))",
        {"x": positive},
        x=lambda x: digamma(x),
    ),
    case(
        "digamma",
        "dlmf",
        "eq. (5.15.1)",
        "dψ(x)/dx = ψ′(x) = Σₖ 1/(k + x)²",
        "parameter x[i:4]; loss = sum(i, digamma(x[i]))",
        {"x": positive},
        x=lambda x: trigamma(x),
    ),
    case(
        "dirichlet",
        "minka-2012-dirichlet",
        "eqs. (4) and (6)",
        "−g = −NΨ(Σα) + NΨ(αₖ) − N mean(log pₖ)",
        """input p[n:N, k:3]; parameter alpha[k]
         loss = -(N*lgamma(sum(k, alpha[k])) - N*sum(k, lgamma(alpha[k]))
           + sum(n, k, (alpha[k] - 1)*log(p[n,k])))""",
        {"p": positive, "alpha": positive},
        alpha=lambda p, alpha: (
            len(p) * (digamma(alpha) - digamma(alpha.sum())) - log(p).sum(axis=0)
        ),
    ),
    case(
        "negative-binomial",
        "lgspline",
        "score_negbin",
        "score = Xᵀ((y − μ)θ/(θ + μ)), log μ = Xβ",
        COUNTS,
        {"y": counts, "theta": positive},
        b=lambda x, y, b, theta: -x.T @ ((y - exp(x @ b)) * theta / (theta + exp(x @ b))),
    ),
    case(
        "bayesian-personalised-ranking",
        "rendle-2009",
        "the gradient of ln σ(x̂ᵤᵢ − x̂ᵤⱼ) for matrix factorisation",
        "by pᵤ: −σ(−x̂)(qᵢ − qⱼ), by qᵢ: −σ(−x̂)pᵤ, by qⱼ: σ(−x̂)pᵤ",
        RANKS,
        {"u": below(3), "i": below(4), "j": below(4)},
        P=lambda P, Q, u, i, j: rows(
            -sigmoid(-(P[u] * (Q[i] - Q[j])).sum(axis=1))[:, None] * (Q[i] - Q[j]), u, 3
        ),
        Q=lambda P, Q, u, i, j: (lambda g: rows(g, i, 4) - rows(g, j, 4))(
            -sigmoid(-(P[u] * (Q[i] - Q[j])).sum(axis=1))[:, None] * P[u]
        ),
    ),
    case(
        "softmax-of-labels-from-1",
        "stackexchange-1804041",
        "the question",
        "∂Lᵢ/∂wⱼ = (p − 1)xᵢ for j = yᵢ, and p xᵢ for any other j",
        """input x[n:N, d:D], y[n]; parameter W[j:3, d]
         f[n,j] = sum(d, W[j,d]*x[n,d])
         loss = sum(n, logsumexp(j, f[n,j]) - f[n,y[n]-1])""",
        {"y": from_1},
        W=lambda W, x, y: (softmax(x @ W.T) - eye(3)[array(y) - 1]).T @ x,
    ),
    case(
        "glove",
        "pennington-2014",
        "the weighted least squares J, by each of its parameters",
        "J = Σ f(X)(wᵀw̃ + b + b̃ − log X)²: by w 2Σⱼ f e w̃ⱼ, by b 2Σⱼ f e",
        WORDS,
        {"X": positive},
        w=lambda X, w, v, b, c: 2 * weighted(X, w, v, b, c) @ v,
        v=lambda X, w, v, b, c: 2 * weighted(X, w, v, b, c).T @ w,
        b=lambda X, w, v, b, c: 2 * weighted(X, w, v, b, c).sum(axis=1),
        c=lambda X, w, v, b, c: 2 * weighted(X, w, v, b, c).sum(axis=0),
    ),
    case(
        "platt-scaling",
        "lin-2007-platt",
        "section 2, the gradient by A and B",
        "p = 1/(1 + exp(Af + B)): ∇F = (Σ fᵢ(tᵢ − pᵢ), Σ (tᵢ − pᵢ))",
        """input f[n:N]; target t[n]; parameter A, B
        p[n] = 1/(1 + exp(A*f[n] + B))
        loss = -sum(n, t[n]*log(p[n]) + (1 - t[n])*log(1 - p[n]))""",
        {"t": unit},
        A=lambda f, t, A, B: (f * (t - sigmoid(-A * f - B))).sum(),
        B=lambda f, t, A, B: (t - sigmoid(-A * f - B)).sum(),
    ),
    case(
        "listnet",
        "cao-2007",
        "section 5, the gradient of the top one cross-entropy, by the scores",
        "−∂/∂s Σ P_y(j) log P_s(j) = exp(s)/Σ exp(s) − P_y",
        """parameter s[j:K]; input r[j]; P[j] = softmax(j, r[j])
        loss = -sum(j, P[j]*log_softmax(j, s[j]))""",
        s=lambda s, r: softmax(s) - softmax(r),
    ),
    case(
        "gaussian-covariance",
        "bishop-2006",
        "exercise 2.34, for two numbers",
        "∂ ln p/∂Σ = −(N/2)Σ⁻¹ + (N/2)Σ⁻¹SΣ⁻¹, S = (1/N) Σ (xₙ − μ)(xₙ − μ)ᵀ",
        """input x[n:N, i:2], mu[i]; parameter C[i, j:2]
        d = C[0,0]*C[1,1] - C[0,1]*C[1,0]
        V[i,j] = where(i == j, C[1-i,1-j], -C[i,j])/d
        loss = -N/2*log(d) - sum(n, i, j, (x[n,i] - mu[i])*V[i,j]*(x[n,j] - mu[j]))/2""",
        {"C": definite},
        C=lambda x, mu, C: (inv(C) @ (x - mu).T @ (x - mu) @ inv(C) - len(x) * inv(C)) / 2,
    ),
)
