"""Regression, classification and likelihoods: gradients of what statistics minimises."""

from math import erf

import numpy as np
from numpy import exp, eye, log, outer, sign, sqrt
from numpy.linalg import inv, norm

from tests.published.cases import (
    binary,
    case,
    counts,
    distribution,
    one_hot,
    positive,
    signs,
    unit,
)

BISHOP, ESL = "bishop-2006", "hastie-2009"
LINEAR = """input x[n:N, d:D]; target y[n]; parameter w[d]
m[n] = sum(d, w[d]*x[n,d])
"""
CLASSES = """input x[n:N, d:D]; target y[n, k:K]; parameter W[k, d]
a[n,k] = sum(d, W[k,d]*x[n,d])
"""


def sigmoid(a):
    return 1 / (1 + exp(-a))


def softmax(a):
    return exp(a) / exp(a).sum(axis=-1, keepdims=True)


def mixture(x, t, A, B, c):
    """The activations of a mixture density, and the responsibilities of its components."""
    mixing = softmax(A)
    densities = np.exp(-((t - B) ** 2) / (2 * exp(c) ** 2)) / (sqrt(2 * np.pi) * exp(c))
    weighted = mixing * densities
    return mixing, weighted / weighted.sum()


CASES = (
    # Least squares
    case(
        "least-squares",
        ESL,
        "eqs. (3.3) and (3.4)",
        "∂RSS/∂β = −2Xᵀ(y − Xβ)",
        LINEAR + "loss = sum(n, (y[n] - m[n])**2)",
        w=lambda x, y, w: -2 * x.T @ (y - x @ w),
    ),
    case(
        "ridge",
        ESL,
        "eq. (3.43)",
        "RSS(λ) = (y−Xβ)ᵀ(y−Xβ) + λβᵀβ: −2Xᵀ(y − Xβ) + 2λβ",
        "input lam; " + LINEAR + "loss = sum(n, (y[n] - m[n])**2) + lam*sum(d, w[d]**2)",
        w=lambda x, y, w, lam: -2 * x.T @ (y - x @ w) + 2 * lam * w,
    ),
    case(
        "weighted-least-squares",
        BISHOP,
        "exercise 3.3",
        "E = ½ Σ rₙ(tₙ − wᵀφₙ)²: ∇E = −Σ rₙ(tₙ − wᵀφₙ)φₙ",
        "input r[n:N]; " + LINEAR + "loss = sum(n, r[n]*(y[n] - m[n])**2)/2",
        {"r": positive},
        w=lambda x, y, w, r: -(r * (y - x @ w)) @ x,
    ),
    case(
        "gaussian-noise",
        BISHOP,
        "eq. (3.13)",
        "∇ ln p(t|w, β) = β Σ {tₙ − wᵀφₙ}φₙᵀ",
        "input beta; "
        + LINEAR
        + "loss = N/2*log(beta) - N/2*log(2*pi) - beta*sum(n, (y[n] - m[n])**2)/2",
        {"beta": positive},
        w=lambda x, y, w, beta: beta * (y - x @ w) @ x,
    ),
    case(
        "lasso",
        "tibshirani-1996",
        "the penalty away from 0",
        "½‖y − Xβ‖² + λ‖β‖₁: −Xᵀ(y − Xβ) + λ sign(β)",
        "input lam; " + LINEAR + "loss = sum(n, (y[n] - m[n])**2)/2 + lam*sum(d, abs(w[d]))",
        w=lambda x, y, w, lam: -x.T @ (y - x @ w) + lam * sign(w),
    ),
    case(
        "group-lasso",
        "yuan-lin-2006",
        "section 2, the penalty away from 0",
        "∂‖βⱼ‖/∂βⱼ = βⱼ/‖βⱼ‖",
        "parameter B[g:G, d:D]; loss = sum(g, sqrt(sum(d, B[g,d]**2)))",
        B=lambda B: B / norm(B, axis=1, keepdims=True),
    ),
    # Table 10.2 of ESL: negative gradients of losses
    case(
        "esl-absolute",
        ESL,
        "table 10.2",
        "−∂|y − f|/∂f = sign(y − f)",
        "parameter f[n:N]; target y[n]; loss = -sum(n, abs(y[n] - f[n]))",
        f=lambda y, f: sign(y - f),
    ),
    case(
        "esl-huber",
        ESL,
        "table 10.2",
        "y − f for |y − f| ≤ δ, δ sign(y − f) for |y − f| > δ",
        """parameter f[n:N]; target y[n]; input d
         r[n] = y[n] - f[n]
         loss = -sum(n, where(abs(r[n]) <= d, r[n]**2/2, d*(abs(r[n]) - d/2)))""",
        {"d": positive},
        f=lambda y, f, d: np.where(abs(y - f) <= d, y - f, d * sign(y - f)),
    ),
    case(
        "quantile",
        "koenker-2005",
        "section 1.3",
        "ρ_τ(u) = u(τ − 𝟏(u < 0)): ∂ρ/∂u = τ − 𝟏(u < 0)",
        "parameter u[n:N]; input tau; loss = sum(n, u[n]*(tau - where(u[n] < 0, 1, 0)))",
        {"tau": unit},
        u=lambda u, tau: tau - (u < 0),
    ),
    case(
        "log-cosh",
        "dlmf",
        "section 4.34",
        "d ln cosh x/dx = tanh x",
        "parameter f[n:N]; target y[n]; loss = sum(n, log(cosh(f[n] - y[n])))",
        f=lambda y, f: np.tanh(f - y),
    ),
    # Logistic regression
    case(
        "logistic-regression",
        BISHOP,
        "eq. (4.91)",
        "∇E(w) = Σ (yₙ − tₙ)φₙ",
        LINEAR
        + """p[n] = sigmoid(m[n])
         loss = -sum(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))""",
        {"y": binary},
        w=lambda x, y, w: (sigmoid(x @ w) - y) @ x,
    ),
    case(
        "logistic-likelihood",
        ESL,
        "eq. (4.21)",
        "∂ℓ(β)/∂β = Σ xᵢ(yᵢ − p(xᵢ; β))",
        LINEAR + "loss = sum(n, y[n]*m[n] - log(1 + exp(m[n])))",
        {"y": binary},
        w=lambda x, y, w: x.T @ (y - sigmoid(x @ w)),
    ),
    case(
        "logistic-signs",
        "minka-2003-logistic",
        "section 2",
        "∇ Σ log σ(yᵢwᵀxᵢ) = Σ (1 − σ(yᵢwᵀxᵢ))yᵢxᵢ",
        LINEAR + "loss = sum(n, log(sigmoid(y[n]*m[n])))",
        {"y": signs},
        w=lambda x, y, w: ((1 - sigmoid(y * (x @ w))) * y) @ x,
    ),
    case(
        "logistic-regularised",
        "lin-2008-trust",
        "section 2",
        "½wᵀw + C Σ log(1 + exp(−yᵢwᵀxᵢ)): ∇f = w + C Σ (σ(yᵢwᵀxᵢ) − 1)yᵢxᵢ",
        "input C; " + LINEAR + "loss = sum(d, w[d]**2)/2 + C*sum(n, log(1 + exp(-y[n]*m[n])))",
        {"y": signs},
        w=lambda x, y, w, C: w + C * ((sigmoid(y * (x @ w)) - 1) * y) @ x,
    ),
    case(
        "probit-regression",
        BISHOP,
        "exercise 4.19, section 4.3.5",
        "∇E = Σ (yₙ − tₙ)/(yₙ(1 − yₙ)) φ(aₙ)φₙ, yₙ = Φ(aₙ)",
        LINEAR
        + """p[n] = (1 + erf(m[n]/sqrt(2)))/2
         loss = -sum(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))""",
        {"y": binary, "w": unit, "x": unit},
        w=lambda x, y, w: (
            lambda a: (
                lambda p: ((p - y) / (p * (1 - p)) * exp(-(a**2) / 2) / sqrt(2 * np.pi)) @ x
            )(np.array([(1 + erf(v / sqrt(2))) / 2 for v in a]))
        )(x @ w),
    ),
    case(
        "softmax-regression",
        BISHOP,
        "eq. (4.109)",
        "∇_wⱼ E = Σ (yₙⱼ − tₙⱼ)φₙ",
        CLASSES
        + """p[n,k] = softmax(k, a[n,k])
         loss = -sum(n, k, y[n,k]*log(p[n,k]))""",
        {"y": one_hot},
        W=lambda x, y, W: (softmax(x @ W.T) - y).T @ x,
    ),
    case(
        "softmax-unnormalised-targets",
        "goodfellow-2016",
        "section 6.2.2.3",
        "−Σ tₖ log softmax(z)ₖ by z = (Σ t) softmax(z) − t",
        "parameter z[k:K]; target t[k]; loss = -sum(k, t[k]*(z[k] - logsumexp(j:K, z[j])))",
        {"t": positive},
        z=lambda z, t: t.sum() * softmax(z) - t,
    ),
    case(
        "label-smoothing",
        "szegedy-2016",
        "section 7",
        "∂ℓ/∂zₖ = p(k) − q(k), q(k) = (1 − ε)δ(k, y) + ε/K",
        """parameter z[k:K]; target y[k]; input eps
         q[k] = (1 - eps)*y[k] + eps/K
         p[k] = softmax(k, z[k])
         loss = -sum(k, q[k]*log(p[k]))""",
        {"y": one_hot, "eps": unit},
        z=lambda z, y, eps: softmax(z) - (1 - eps) * y - eps / z.size,
    ),
    case(
        "distillation",
        "hinton-2015",
        "eq. (2)",
        "∂C/∂zᵢ = (1/T)(qᵢ − pᵢ)",
        """parameter z[k:K]; input v[k], T
         q[k] = softmax(k, z[k]/T)
         p[k] = softmax(k, v[k]/T)
         loss = -sum(k, p[k]*log(q[k]))""",
        {"T": positive},
        z=lambda z, v, T: (softmax(z / T) - softmax(v / T)) / T,
    ),
    case(
        "focal-loss",
        "lin-2017-focal",
        "appendix B",
        "dFL/dx = y(1 − p_t)^γ(γp_t log p_t + p_t − 1), p_t = σ(yx)",
        """parameter x[n:N]; target y[n]; input gamma
         p[n] = sigmoid(y[n]*x[n])
         loss = -sum(n, (1 - p[n])**gamma*log(p[n]))""",
        {"y": signs, "gamma": positive},
        x=lambda x, y, gamma: (lambda p: y * (1 - p) ** gamma * (gamma * p * log(p) + p - 1))(
            sigmoid(y * x)
        ),
    ),
    case(
        "focal-star",
        "lin-2017-focal",
        "appendix B",
        "FL* = −log σ(γyx + β)/γ: dFL*/dx = y(p* − 1), p* = σ(γyx + β)",
        """parameter x[n:N]; target y[n]; input gamma, beta
         loss = -sum(n, log(sigmoid(gamma*y[n]*x[n] + beta))/gamma)""",
        {"y": signs, "gamma": positive},
        x=lambda x, y, gamma, beta: y * (sigmoid(gamma * y * x + beta) - 1),
    ),
    case(
        "binary-cross-entropy",
        "lin-2017-focal",
        "appendix B",
        "dCE/dx = y(p_t − 1)",
        "parameter x[n:N]; target y[n]; loss = -sum(n, log(sigmoid(y[n]*x[n])))",
        {"y": signs},
        x=lambda x, y: y * (sigmoid(y * x) - 1),
    ),
    # Support vector machines
    case(
        "svm-multiclass",
        "cs231n-optimization-1",
        "Computing the gradient analytically",
        "∇_w_y L = −(Σ_{j≠y} 𝟏(wⱼᵀx − w_yᵀx + Δ > 0))x, ∇_wⱼ L = 𝟏(wⱼᵀx − w_yᵀx + Δ > 0)x",
        """parameter W[j:4, d:3]; input x[d], t[j], delta
         s[j] = sum(d, W[j,d]*x[d])
         c = sum(j, t[j]*s[j])
         loss = sum(j, (1 - t[j])*maximum(0, s[j] - c + delta))""",
        {"t": one_hot, "delta": positive},
        W=lambda W, x, t, delta: (lambda active: outer(active - active.sum() * t, x))(
            (1 - t) * (W @ x - t @ W @ x + delta > 0)
        ),
    ),
    case(
        "svm-squared-hinge",
        "lin-2008-trust",
        "section 5, L2-loss SVM",
        "½wᵀw + C Σ max(0, 1 − yᵢwᵀxᵢ)²: ∇f = w + 2C X_Iᵀ(X_I w − y_I), I = {i: yᵢwᵀxᵢ < 1}",
        "input C; " + LINEAR + "loss = sum(d, w[d]**2)/2 + C*sum(n, maximum(0, 1 - y[n]*m[n])**2)",
        {"y": signs},
        w=lambda x, y, w, C: (lambda i: w + 2 * C * x[i].T @ (x[i] @ w - y[i]))(y * (x @ w) < 1),
    ),
    # Generalised linear models and survival
    case(
        "poisson-regression",
        "mccullagh-nelder-1989",
        "section 6.2",
        "ℓ = Σ (yᵢηᵢ − exp ηᵢ): ∂ℓ/∂β = Xᵀ(y − μ)",
        LINEAR + "loss = sum(n, y[n]*m[n] - exp(m[n]))",
        {"y": counts},
        w=lambda x, y, w: x.T @ (y - exp(x @ w)),
    ),
    case(
        "gamma-regression",
        "mccullagh-nelder-1989",
        "section 8.3",
        "ℓ = Σ ν(−yᵢ/μᵢ − log μᵢ), log μ = Xβ: ∂ℓ/∂β = ν Xᵀ((y − μ)/μ)",
        "input nu; " + LINEAR + "mu[n] = exp(m[n]); loss = sum(n, nu*(-y[n]/mu[n] - log(mu[n])))",
        {"y": positive},
        w=lambda x, y, w, nu: nu * x.T @ ((y - exp(x @ w)) / exp(x @ w)),
    ),
    case(
        "cox-partial-likelihood",
        "cox-1972",
        "section 5",
        "∂L/∂β = Σᵢ (xᵢ − Σ_{j∈Rᵢ} xⱼexp(xⱼβ)/Σ_{j∈Rᵢ} exp(xⱼβ))",
        """input x[i:N, d:D], t[i]; parameter b[d]
         e[i] = sum(d, x[i,d]*b[d])
         loss = sum(i, e[i] - log(sum(j:N, where(t[j] >= t[i], exp(e[j]), 0))))""",
        {"t": positive},
        b=lambda x, t, b: sum(
            x[i] - exp(x @ b)[t >= t[i]] @ x[t >= t[i]] / exp(x @ b)[t >= t[i]].sum()
            for i in range(len(t))
        ),
    ),
    case(
        "bradley-terry",
        "hunter-2004",
        "section 1, the log-likelihood in log γ",
        "ℓ = Σ wᵢⱼ(sᵢ − log(exp sᵢ + exp sⱼ)): ∂ℓ/∂sᵢ = Σⱼ (wᵢⱼ − (wᵢⱼ + wⱼᵢ)σ(sᵢ − sⱼ))",
        """parameter s[i:4]; input w[i, j:4]
         loss = sum(i, j, w[i,j]*(s[i] - log(exp(s[i]) + exp(s[j]))))""",
        {"w": positive},
        s=lambda s, w: (w - (w + w.T) * sigmoid(s[:, None] - s)).sum(axis=1),
    ),
    case(
        "ranknet",
        "burges-2010",
        "section 2, eq. (3)",
        "∂C/∂sᵢ = σ(½(1 − S) − 1/(1 + exp(σ(sᵢ − sⱼ)))) = −∂C/∂sⱼ",
        """parameter a, b; input S, sigma
         loss = (1 - S)*sigma*(a - b)/2 + log(1 + exp(-sigma*(a - b)))""",
        {"sigma": positive},
        a=lambda a, b, S, sigma: sigma * ((1 - S) / 2 - 1 / (1 + exp(sigma * (a - b)))),
        b=lambda a, b, S, sigma: -sigma * ((1 - S) / 2 - 1 / (1 + exp(sigma * (a - b)))),
    ),
    # Likelihoods
    case(
        "gaussian-likelihood",
        BISHOP,
        "section 1.2.4, eq. (1.54)",
        "∂ ln p/∂μ = Σ(xₙ − μ)/σ², ∂ ln p/∂σ² = Σ(xₙ − μ)²/(2σ⁴) − N/(2σ²)",
        """input x[n:N]; parameter mu, v
         loss = -sum(n, (x[n] - mu)**2)/(2*v) - N/2*log(v) - N/2*log(2*pi)""",
        {"v": positive},
        mu=lambda x, mu, v: (x - mu).sum() / v,
        v=lambda x, mu, v: ((x - mu) ** 2).sum() / (2 * v**2) - len(x) / (2 * v),
    ),
    case(
        "gaussian-mean",
        BISHOP,
        "eq. (2.120)",
        "∂ ln p(X|μ, Σ)/∂μ = Σₙ Σ⁻¹(xₙ − μ)",
        """input x[n:N, d:3], P[d, e:3]; parameter mu[d]
         loss = -sum(n, d, e, (x[n,d] - mu[d])*P[d,e]*(x[n,e] - mu[e]))/2""",
        {"P": lambda random, shape: 2 * eye(3) + 0.5},
        mu=lambda x, mu, P: ((x - mu) @ P).sum(axis=0),
    ),
    case(
        "gaussian-mixture",
        BISHOP,
        "section 9.2.2, eq. (9.16)",
        "∂ ln p(X)/∂μₖ = Σₙ γ(zₙₖ)(xₙ − μₖ)/σₖ²",
        """input x[n:N, d:2], p[k:3], v[k]; parameter mu[k,d]
         q[n,k] = sum(d, (x[n,d] - mu[k,d])**2)
         loss = sum(n, log(sum(k, p[k]*exp(-q[n,k]/(2*v[k]))/(2*pi*v[k]))))""",
        {"p": distribution, "v": positive},
        mu=lambda x, mu, p, v: (
            lambda q: (
                lambda w: (
                    np.einsum("nk,nkd->kd", w / w.sum(axis=1, keepdims=True), x[:, None] - mu)
                    / v[:, None]
                )
            )(p * exp(-q / (2 * v)) / (2 * np.pi * v))
        )(((x[:, None] - mu) ** 2).sum(axis=2)),
    ),
    case(
        "mixture-density-network",
        BISHOP,
        "eqs. (5.155), (5.156) and (5.157)",
        "∂E/∂a^π = π − γ, ∂E/∂a^μ = γ(μ − t)/σ², ∂E/∂a^σ = γ(1 − (t − μ)²/σ²), σ = exp a^σ",
        """input t; parameter A[k:3], B[k], c[k]
         m[k] = softmax(k, A[k])
         s[k] = exp(c[k])
         loss = -log(sum(k, m[k]*exp(-(t - B[k])**2/(2*s[k]**2))/(sqrt(2*pi)*s[k])))""",
        A=lambda t, A, B, c: np.subtract(*mixture(None, t, A, B, c)),
        B=lambda t, A, B, c: mixture(None, t, A, B, c)[1] * (B - t) / exp(c) ** 2,
        c=lambda t, A, B, c: mixture(None, t, A, B, c)[1] * (1 - (t - B) ** 2 / exp(c) ** 2),
    ),
    case(
        "bernoulli-natural",
        BISHOP,
        "eq. (2.226)",
        "−∇ ln g(η) = E[u(x)]; of a Bernoulli σ(η)",
        "parameter eta; loss = log(1 + exp(eta))",
        eta=lambda eta: sigmoid(eta),
    ),
    case(
        "categorical-natural",
        "wainwright-jordan-2008",
        "proposition 3.1",
        "∇A(θ) = E[φ(x)]; of a categorical softmax(θ)",
        "parameter theta[k:K]; loss = logsumexp(k, theta[k])",
        theta=lambda theta: softmax(theta),
    ),
    case(
        "gaussian-process",
        "rasmussen-williams-2006",
        "eq. (5.9)",
        "∂ log p(y|X, θ)/∂θ = ½ tr((ααᵀ − K⁻¹)∂K/∂θ), α = K⁻¹y",
        """input x[i:2]; target y[i]; parameter ell, noise
         K[i,j:2] = exp(-(x[i] - x[j])**2/(2*ell**2)) + where(i == j, noise, 0)
         d = K[0,0]*K[1,1] - K[0,1]*K[1,0]
         V[i,j] = where(i == j, K[1-i,1-j], -K[i,j])/d
         loss = -sum(i, j, y[i]*V[i,j]*y[j])/2 - log(d)/2 - log(2*pi)""",
        {"ell": positive, "noise": positive},
        ell=lambda x, y, ell, noise: (
            lambda r: (
                lambda K: (
                    lambda V: (
                        np.trace((outer(V @ y, V @ y) - V) @ (exp(-r / (2 * ell**2)) * r / ell**3))
                        / 2
                    )
                )(inv(K))
            )(exp(-r / (2 * ell**2)) + noise * eye(2))
        )((x[:, None] - x) ** 2),
        noise=lambda x, y, ell, noise: (lambda V: np.trace(outer(V @ y, V @ y) - V) / 2)(
            inv(exp(-((x[:, None] - x) ** 2) / (2 * ell**2)) + noise * eye(2))
        ),
    ),
    case(
        "kernel-ridge",
        "rasmussen-williams-2006",
        "section 6.2.2",
        "½(y − Kα)ᵀ(y − Kα) + ½λαᵀKα: −K(y − Kα) + λKα",
        """parameter alpha[i:4]; input K[i, j:4], lam; target y[i]
         f[i] = sum(j, K[i,j]*alpha[j])
         loss = sum(i, (y[i] - f[i])**2)/2 + lam/2*sum(i, j, alpha[i]*K[i,j]*alpha[j])""",
        {"K": lambda random, shape: (lambda a: a @ a.T)(random.normal(size=shape))},
        alpha=lambda alpha, K, lam, y: -K @ (y - K @ alpha) + lam * K @ alpha,
    ),
)
