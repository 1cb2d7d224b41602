"""Jacobians and Hessians: second derivatives, and first ones of what is no number."""

import numpy as np
from numpy import diag, exp, eye, log, outer, tanh
from numpy.linalg import inv, norm

from tests.published.cases import binary, case, counts, one_hot, positive, signs, symmetric, unit

BISHOP, BOYD, COOKBOOK = "bishop-2006", "boyd-vandenberghe-2004", "petersen-pedersen-2012"
WIKIPEDIA = "wikipedia-matrix-calculus"
LINEAR = """input x[n:N, d:D]; target y[n]; parameter w[d]
m[n] = sum(d, w[d]*x[n,d])
"""


def sigmoid(a):
    return 1 / (1 + exp(-a))


def softmax(a):
    return exp(a) / exp(a).sum(axis=-1, keepdims=True)


def weighted(x, weights):
    """XᵀDX with the weights on the diagonal of D."""
    return x.T @ diag(weights) @ x


def geometric_mean_hessian(x):
    n, mean = len(x), np.prod(x) ** (1 / len(x))
    return mean / n**2 * (outer(1 / x, 1 / x) - n * diag(1 / x**2))


def softmax_hessian(x, W):
    """Blocks Σ yₙₖ(Iₖⱼ − yₙⱼ)φφᵀ with the indices k, d, j, e."""
    y = softmax(x @ W.T)
    between = np.einsum("nk,kj->nkj", y, eye(len(W))) - np.einsum("nk,nj->nkj", y, y)
    return np.einsum("nkj,nd,ne->kdje", between, x, x)


def bishop_hessian(x, t, W, V):
    """The blocks of section 5.4.5 for a squared error, one sample, h = tanh, H = I."""
    z = tanh(W @ x)
    first, second = 1 - z**2, -2 * z * (1 - z**2)
    delta = V @ z - t
    hidden = diag(second * (V.T @ delta)) + outer(first, first) * (V.T @ V)
    both_hidden = np.einsum("jk,i,l->jikl", hidden, x, x)
    both_output = np.einsum("kl,i,j->kilj", eye(len(V)), z, z)
    mixed = np.einsum("kj,j,l,i->klji", V, first, z, x) + np.einsum(
        "k,lj,j,i->klji", delta, eye(len(z)), first, x
    )
    return both_hidden, both_output, mixed


CASES = (
    # Jacobians
    case(
        "wiki-linear",
        WIKIPEDIA,
        "vector-by-vector identities",
        "∂Ax/∂x = A",
        "input A[i:3, j:4]; parameter x[j]; u[i] = sum(j, A[i,j]*x[j])",
        **{"u/x": lambda A: A},
    ),
    case(
        "wiki-transposed",
        WIKIPEDIA,
        "vector-by-vector identities",
        "∂xᵀA/∂x = Aᵀ",
        "input A[i:3, j:4]; parameter x[i]; u[j] = sum(i, x[i]*A[i,j])",
        **{"u/x": lambda A: A.T},
    ),
    case(
        "wiki-scaled",
        WIKIPEDIA,
        "vector-by-vector identities",
        "∂v(x)u(x)/∂x = v ∂u/∂x + u ∂v/∂x",
        "parameter x[i:3]; input A[i, j:3], a[i]\n"
        "v = sum(i, a[i]*x[i]); u[i] = sum(j, A[i,j]*x[j]); r[i] = v*u[i]",
        **{"r/x": lambda x, A, a: (a @ x) * A + outer(A @ x, a)},
    ),
    case(
        "softmax-jacobian",
        BISHOP,
        "eq. (4.106)",
        "∂yₖ/∂aⱼ = yₖ(Iₖⱼ − yⱼ)",
        "input a[k:K]; y[k] = softmax(k, a[k])",
        **{"y/a": lambda a: diag(softmax(a)) - outer(softmax(a), softmax(a))},
    ),
    case(
        "log-softmax-jacobian",
        "sutton-barto-2018",
        "section 2.8",
        "∂ log π(x)/∂H(a) = 𝟏(a = x) − π(a)",
        "input H[a:K]; l[a] = H[a] - logsumexp(b:K, H[b])",
        **{"l/H": lambda H: eye(len(H)) - softmax(H)},
    ),
    case(
        "elementwise-jacobian",
        "parr-howard-2018",
        "section 4.2, element-wise operations",
        "∂(w ⊗ x)/∂w = diag(x), ∂(w ⊘ x)/∂x = diag(−wᵢ/xᵢ²)",
        "parameter w[i:4], x[i]; p[i] = w[i]*x[i]; q[i] = w[i]/x[i]",
        {"x": positive},
        **{
            "p/w": lambda x: diag(x),
            "q/x": lambda w, x: diag(-w / x**2),
            "q/w": lambda x: diag(1 / x),
        },
    ),
    case(
        "scalar-expansion",
        "parr-howard-2018",
        "section 4.3, scalar expansion",
        "∂(xz)/∂x = diag(1z), ∂(xz)/∂z = x, ∂(x + z)/∂z = 1",
        "parameter x[i:4], z; p[i] = x[i]*z; q[i] = x[i] + z",
        **{"p/x": lambda x, z: z * eye(4), "p/z": lambda x: x, "q/z": lambda: np.ones(4)},
    ),
    case(
        "unit-vector",
        COOKBOOK,
        "eq. (130)",
        "∂/∂x (x−a)/‖x−a‖ = I/‖x−a‖ − (x−a)(x−a)ᵀ/‖x−a‖³",
        "parameter x[i:n]; input a[i]; r = sqrt(sum(i, (x[i] - a[i])**2)); u[i] = (x[i] - a[i])/r",
        **{"u/x": lambda x, a: eye(len(x)) / norm(x - a) - outer(x - a, x - a) / norm(x - a) ** 3},
    ),
    case(
        "cookbook-74",
        COOKBOOK,
        "eq. (74)",
        "∂(XA)ᵢⱼ/∂Xₘₙ = δᵢₘ(A)ₙⱼ",
        "parameter X[i:2, k:3]; input A[k, j:4]; Y[i,j] = sum(k, X[i,k]*A[k,j])",
        **{"Y/X": lambda A: np.einsum("im,nj->ijmn", eye(2), A)},
    ),
    case(
        "cookbook-75",
        COOKBOOK,
        "eq. (75)",
        "∂(XᵀA)ᵢⱼ/∂Xₘₙ = δᵢₙ(A)ₘⱼ",
        "parameter X[k:3, i:2]; input A[k, j:4]; Y[i,j] = sum(k, X[k,i]*A[k,j])",
        **{"Y/X": lambda A: np.einsum("in,mj->ijmn", eye(2), A)},
    ),
    case(
        "cookbook-79",
        COOKBOOK,
        "eq. (79)",
        "∂(XᵀBX)ₖₗ/∂Xᵢⱼ = δₗⱼ(XᵀB)ₖᵢ + δₖⱼ(BX)ᵢₗ",
        """parameter X[i:3, k:2]; input B[i, j:3]
         Y[k,l:2] = sum(i, j, X[i,k]*B[i,j]*X[j,l])""",
        **{
            "Y/X": lambda X, B: (
                np.einsum("lj,ki->klij", eye(2), X.T @ B) + np.einsum("kj,il->klij", eye(2), B @ X)
            )
        },
    ),
    case(
        "cookbook-60",
        COOKBOOK,
        "eq. (60)",
        "∂(X⁻¹)ₖₗ/∂Xᵢⱼ = −(X⁻¹)ₖᵢ(X⁻¹)ⱼₗ",
        """parameter X[i:2, j:2]
         d = X[0,0]*X[1,1] - X[0,1]*X[1,0]
         V[i,j] = where(i == j, X[1-i,1-j], -X[i,j])/d""",
        **{"V/X": lambda X: -np.einsum("ki,jl->klij", inv(X), inv(X))},
    ),
    case(
        "cookbook-90",
        COOKBOOK,
        "section 2.4.3",
        "∂(Xⁿ)ₖₗ/∂Xᵢⱼ = Σᵣ (XʳJⁱʲXⁿ⁻¹⁻ʳ)ₖₗ, n = 2",
        "parameter X[k:3, l:3]; Y[k,l] = sum(m:3, X[k,m]*X[m,l])",
        **{
            "Y/X": lambda X: (
                np.einsum("ki,jl->klij", eye(3), X) + np.einsum("ki,jl->klij", X, eye(3))
            )
        },
    ),
    case(
        "polar-coordinates",
        "spivak-1965",
        "chapter 3, the change of variables",
        "x = r cos θ, y = r sin θ: ((cos θ, −r sin θ), (sin θ, r cos θ))",
        "parameter u[i:2]; p[i] = where(i == 0, u[0]*cos(u[1]), u[0]*sin(u[1]))",
        **{
            "p/u": lambda u: np.array(
                [[np.cos(u[1]), -u[0] * np.sin(u[1])], [np.sin(u[1]), u[0] * np.cos(u[1])]]
            )
        },
    ),
    case(
        "recurrent-jacobian",
        "pascanu-2013",
        "eq. (5)",
        "∂xₜ/∂xₖ = Π W_recᵀ diag(σ′(xᵢ₋₁)), in numerator layout Π W diag(σ′)",
        """parameter a[i:3]; input W[i, j:3]
         b[i] = sum(j, W[i,j]*tanh(a[j])); c[i] = sum(j, W[i,j]*tanh(b[j]))""",
        **{"c/a": lambda a, W: W @ diag(1 - tanh(W @ tanh(a)) ** 2) @ W @ diag(1 - tanh(a) ** 2)},
    ),
    # Hessians of short formulas
    case(
        "jax-second",
        "jax-autodiff",
        "Taking gradients",
        "f(x) = x³ + 2x² − 3x + 1: f″ = 6x + 4",
        "parameter x; loss = x**3 + 2*x**2 - 3*x + 1",
        **{"x,x": lambda x: 6 * x + 4},
    ),
    case(
        "rosenbrock-hessian",
        "nocedal-wright-2006",
        "exercise 2.1",
        "∇²f = ((−400(x₂ − 3x₁²) + 2, −400x₁), (−400x₁, 200))",
        "parameter x[i:2]; loss = 100*(x[1] - x[0]**2)**2 + (1 - x[0])**2",
        **{
            "x,x": lambda x: np.array(
                [[-400 * (x[1] - 3 * x[0] ** 2) + 2, -400 * x[0]], [-400 * x[0], 200]]
            )
        },
    ),
    case(
        "cookbook-hessian",
        COOKBOOK,
        "section 2.4.4",
        "f = xᵀAx + bᵀx: ∂²f/∂x∂xᵀ = A + Aᵀ",
        """parameter x[i:n]; input A[i, j:n], b[i]
         loss = sum(i, j, x[i]*A[i,j]*x[j]) + sum(i, b[i]*x[i])""",
        **{"x,x": lambda A: A + A.T},
    ),
    case(
        "laue-quadratic",
        "laue-2018",
        "section 1",
        "f(x) = xᵀAx: its Hessian is A + Aᵀ",
        "parameter x[i:n]; input A[i, j:n]; loss = sum(i, j, x[i]*A[i,j]*x[j])",
        **{"x,x": lambda A: A + A.T, "x": lambda x, A: A @ x + A.T @ x},
    ),
    case(
        "log-sum-exp",
        BOYD,
        "section 3.1.5",
        "∇²f = ((1ᵀz) diag(z) − zzᵀ)/(1ᵀz)², z = exp x",
        "parameter x[i:n]; loss = log(sum(i, exp(x[i])))",
        **{"x,x": lambda x: (lambda z: (z.sum() * diag(z) - outer(z, z)) / z.sum() ** 2)(exp(x))},
    ),
    case(
        "geometric-mean",
        BOYD,
        "section 3.1.5",
        "∂²f/∂xₖ² = −(n−1)(Πxᵢ)^(1/n)/(n²xₖ²), ∂²f/∂xₖ∂xₗ = (Πxᵢ)^(1/n)/(n²xₖxₗ)",
        "parameter x[i:3]; loss = prod(i, x[i])**(1/3)",
        {"x": positive},
        **{"x,x": geometric_mean_hessian, "x": lambda x: np.prod(x) ** (1 / 3) / (3 * x)},
    ),
    case(
        "quadratic-over-linear",
        BOYD,
        "section 3.1.5",
        "f = x²/y: ∇²f = (2/y³)(y, −x)(y, −x)ᵀ",
        "parameter x, y; loss = x**2/y",
        {"y": positive},
        **{
            "x,x": lambda y: 2 / y,
            "x,y": lambda x, y: -2 * x / y**2,
            "y,y": lambda x, y: 2 * x**2 / y**3,
        },
    ),
    case(
        "log-barrier",
        BOYD,
        "section 9.3, analytic centre; section 11.2.1",
        "−Σ log(bᵢ − aᵢᵀx): ∇ = Aᵀd, ∇² = Aᵀdiag(d)²A, dᵢ = 1/(bᵢ − aᵢᵀx)",
        "parameter x[j:2]; input A[i:4, j], b[i]; loss = -sum(i, log(b[i] - sum(j, A[i,j]*x[j])))",
        {"b": lambda random, shape: random.uniform(3, 4, shape), "A": unit, "x": unit},
        **{
            "x": lambda x, A, b: A.T @ (1 / (b - A @ x)),
            "x,x": lambda x, A, b: A.T @ diag(1 / (b - A @ x)) ** 2 @ A,
        },
    ),
    case(
        "entropy-hessian",
        BOYD,
        "section 3.1.5",
        "f = Σ x log x: f″ = diag(1/x)",
        "parameter x[i:4]; loss = sum(i, x[i]*log(x[i]))",
        {"x": positive},
        **{"x,x": lambda x: diag(1 / x), "x": lambda x: log(x) + 1},
    ),
    # Hessians of models
    case(
        "least-squares-hessian",
        "hastie-2009",
        "eq. (3.4)",
        "∂²RSS/∂β∂βᵀ = 2XᵀX",
        LINEAR + "loss = sum(n, (y[n] - m[n])**2)",
        **{"w,w": lambda x: 2 * x.T @ x},
    ),
    case(
        "logistic-hessian",
        BISHOP,
        "eq. (4.97)",
        "H = Σ yₙ(1 − yₙ)φₙφₙᵀ = ΦᵀRΦ",
        LINEAR
        + """p[n] = sigmoid(m[n])
         loss = -sum(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))""",
        {"y": binary},
        **{"w,w": lambda x, w: weighted(x, sigmoid(x @ w) * (1 - sigmoid(x @ w)))},
    ),
    case(
        "logistic-hessian-likelihood",
        "hastie-2009",
        "eq. (4.22)",
        "∂²ℓ/∂β∂βᵀ = −Σ xᵢxᵢᵀp(1 − p)",
        LINEAR + "loss = sum(n, y[n]*m[n] - log(1 + exp(m[n])))",
        {"y": binary},
        **{"w,w": lambda x, w: -weighted(x, sigmoid(x @ w) * (1 - sigmoid(x @ w)))},
    ),
    case(
        "logistic-hessian-regularised",
        "lin-2008-trust",
        "section 2",
        "∇²f = I + CXᵀDX, Dᵢᵢ = σ(yᵢwᵀxᵢ)(1 − σ(yᵢwᵀxᵢ))",
        "input C; " + LINEAR + "loss = sum(d, w[d]**2)/2 + C*sum(n, log(1 + exp(-y[n]*m[n])))",
        {"y": signs},
        **{
            "w,w": lambda x, y, w, C: (
                eye(len(w)) + C * weighted(x, sigmoid(y * (x @ w)) * (1 - sigmoid(y * (x @ w))))
            )
        },
    ),
    case(
        "softmax-regression-hessian",
        BISHOP,
        "eq. (4.110)",
        "∇_wₖ∇_wⱼ E = Σ yₙₖ(Iₖⱼ − yₙⱼ)φₙφₙᵀ",
        """input x[n:N, d:2]; target y[n, k:3]; parameter W[k, d]
         p[n,k] = softmax(k, sum(d, W[k,d]*x[n,d]))
         loss = -sum(n, k, y[n,k]*log(p[n,k]))""",
        {"y": one_hot},
        **{"W,W": lambda x, W: softmax_hessian(x, W)},
    ),
    case(
        "poisson-hessian",
        "mccullagh-nelder-1989",
        "section 6.2",
        "∂²ℓ/∂β∂βᵀ = −Xᵀdiag(μ)X",
        LINEAR + "loss = sum(n, y[n]*m[n] - exp(m[n]))",
        {"y": counts},
        **{"w,w": lambda x, w: -weighted(x, exp(x @ w))},
    ),
    case(
        "svm-hessian",
        "lin-2008-trust",
        "section 5, L2-loss SVM",
        "generalised Hessian I + 2CX_IᵀX_I, I = {i: yᵢwᵀxᵢ < 1}",
        "input C; " + LINEAR + "loss = sum(d, w[d]**2)/2 + C*sum(n, maximum(0, 1 - y[n]*m[n])**2)",
        {"y": signs},
        **{"w,w": lambda x, y, w, C: eye(len(w)) + 2 * C * weighted(x, y * (x @ w) < 1)},
    ),
    case(
        "gauss-newton-parts",
        "nocedal-wright-2006",
        "eqs. (10.4) and (10.5)",
        "f = ½Σr²: ∇f = Jᵀr, ∇²f = JᵀJ + Σ r∇²r; here r = exp(xw) − y",
        """input x[n:N]; target y[n]; parameter w
         loss = sum(n, (exp(w*x[n]) - y[n])**2)/2""",
        **{
            "w": lambda x, y, w: (x * exp(w * x)) @ (exp(w * x) - y),
            "w,w": lambda x, y, w: (
                ((x * exp(w * x)) ** 2).sum() + ((exp(w * x) - y) * x**2 * exp(w * x)).sum()
            ),
        },
    ),
    case(
        "bishop-exact-hessian",
        BISHOP,
        "section 5.4.5, eqs. (5.93) to (5.95)",
        "blocks of the exact Hessian of a two-layer network",
        """input x[i:2]; target t[k:2]; parameter W[j:3, i], V[k, j]
         z[j] = tanh(sum(i, W[j,i]*x[i]))
         y[k] = sum(j, V[k,j]*z[j])
         loss = sum(k, (y[k] - t[k])**2)/2""",
        **{
            "W,W": lambda x, t, W, V: bishop_hessian(x, t, W, V)[0],
            "V,V": lambda x, t, W, V: bishop_hessian(x, t, W, V)[1],
            "V,W": lambda x, t, W, V: bishop_hessian(x, t, W, V)[2],
        },
    ),
    case(
        "gaussian-fisher",
        "lehmann-casella-1998",
        "section 2.5, the information of N(ξ, σ²)",
        "−∂²ln p/∂μ² = N/σ²; −∂²ln p/∂μ∂v = Σ(x − μ)/v²; −∂²ln p/∂v² = Σ(x − μ)²/v³ − N/(2v²)",
        """input x[n:N]; parameter mu, v
         loss = sum(n, (x[n] - mu)**2)/(2*v) + N/2*log(v)""",
        {"v": positive},
        **{
            "mu,mu": lambda x, v: len(x) / v,
            "mu,v": lambda x, mu, v: (x - mu).sum() / v**2,
            "v,v": lambda x, mu, v: ((x - mu) ** 2).sum() / v**3 - len(x) / (2 * v**2),
        },
    ),
    case(
        "mahalanobis-hessian",
        COOKBOOK,
        "eqs. (85) and (97)",
        "∂²/∂x∂xᵀ (x−s)ᵀW(x−s) = 2W, W symmetric",
        "parameter x[i:3]; input s[i], W[i, j:3]\n"
        "u[i] = x[i] - s[i]; loss = sum(i, j, u[i]*W[i,j]*u[j])",
        {"W": symmetric},
        **{"x,x": lambda W: 2 * W},
    ),
    case(
        "norm-hessian",
        COOKBOOK,
        "eqs. (129) and (130)",
        "∇²‖x‖ = I/‖x‖ − xxᵀ/‖x‖³",
        "parameter x[i:n]; loss = sqrt(sum(i, x[i]**2))",
        **{"x,x": lambda x: eye(len(x)) / norm(x) - outer(x, x) / norm(x) ** 3},
    ),
    case(
        "factorization-hessian",
        "laue-2020",
        "the matrix factorisation problem",
        "f(U) = ‖T − UVᵀ‖²: ∇f = −2(T − UVᵀ)V, ∇²f has the entries 2 δᵢⱼ (VᵀV)ₖₗ",
        """parameter U[i:3, k:2]; input T[i, j:4], V[j, k]
         loss = sum(i, j, (T[i,j] - sum(k, U[i,k]*V[j,k]))**2)""",
        **{
            "U": lambda U, T, V: -2 * (T - U @ V.T) @ V,
            "U,U": lambda V: 2 * np.einsum("ij,kl->ikjl", eye(3), V.T @ V),
        },
    ),
    case(
        "tanh-of-an-affine-map",
        "deisenroth-2020",
        "exercise 5.8c",
        "f = tanh(z), z = Ax + b: ∂f/∂x = diag(1 − tanh²z) A",
        "parameter x[j:3]; input A[i:2, j], b[i]; f[i] = tanh(sum(j, A[i,j]*x[j]) + b[i])",
        **{"f/x": lambda x, A, b: diag(1 - tanh(A @ x + b) ** 2) @ A},
    ),
)
