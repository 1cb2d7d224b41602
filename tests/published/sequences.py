"""Convolutions, recurrences, attention and chains: models over positions."""

from functools import wraps
from itertools import pairwise, product

import numpy as np
from numpy import diag, exp, outer, sqrt, tanh

from tests.published.cases import case, one_hot, unit

GOODFELLOW, GREFF, DAO = "goodfellow-2016", "greff-2017", "dao-2022"
RNN = """input x[t:T, d:2]; target y[t, k:3]; parameter U[j:3, d], W[j, i:3], b[j], V[k, j], c[k]
h[-1,j] = 0
a[t,j] = b[j] + sum(i, W[j,i]*h[t-1,i]) + sum(d, U[j,d]*x[t,d])
h[t,j] = tanh(a[t,j])
o[t,k] = c[k] + sum(j, V[k,j]*h[t,j])
p[t,k] = softmax(k, o[t,k])
loss = -sum(t, k, y[t,k]*log(p[t,k]))
"""
LSTM = """input x[t:T, d:2], e[t, j:2]
parameter Wz[j,d], Wi[j,d], Wf[j,d], Wo[j,d], Rz[j,k:2], Ri[j,k], Rf[j,k], Ro[j,k]
parameter pi_[j], pf[j], po[j], bz[j], bi[j], bf[j], bo[j]
c[-1,j] = 0
y[-1,j] = 0
z[t,j] = tanh(sum(d, Wz[j,d]*x[t,d]) + sum(k, Rz[j,k]*y[t-1,k]) + bz[j])
i[t,j] = sigmoid(sum(d, Wi[j,d]*x[t,d]) + sum(k, Ri[j,k]*y[t-1,k]) + pi_[j]*c[t-1,j] + bi[j])
f[t,j] = sigmoid(sum(d, Wf[j,d]*x[t,d]) + sum(k, Rf[j,k]*y[t-1,k]) + pf[j]*c[t-1,j] + bf[j])
c[t,j] = z[t,j]*i[t,j] + c[t-1,j]*f[t,j]
o[t,j] = sigmoid(sum(d, Wo[j,d]*x[t,d]) + sum(k, Ro[j,k]*y[t-1,k]) + po[j]*c[t,j] + bo[j])
y[t,j] = tanh(c[t,j])*o[t,j]
loss = sum(t, j, e[t,j]*y[t,j])
""".replace("i[t,j]", "q[t,j]")
GRU = """input x[t:T, d:2], e[j:3]; parameter Wr[j,d], Wz[j,d], Wh[j,d], Ur[j,k:3], Uz[j,k], Uh[j,k]
h[-1,j] = 0
r[t,j] = sigmoid(sum(d, Wr[j,d]*x[t,d]) + sum(k, Ur[j,k]*h[t-1,k]))
z[t,j] = sigmoid(sum(d, Wz[j,d]*x[t,d]) + sum(k, Uz[j,k]*h[t-1,k]))
g[t,j] = tanh(sum(d, Wh[j,d]*x[t,d]) + sum(k, Uh[j,k]*r[t,k]*h[t-1,k]))
h[t,j] = (1 - z[t,j])*h[t-1,j] + z[t,j]*g[t,j]
loss = sum(j, e[j]*h[T-1,j])
"""
ATTENTION = """input g[i:N, d:D]; parameter Q[i, d], K[j:N, d], V[j, d]
S[i,j] = sum(d, Q[i,d]*K[j,d])
P[i,j] = softmax(j, S[i,j])
O[i,d] = sum(j, P[i,j]*V[j,d])
loss = sum(i, d, g[i,d]*O[i,d])
"""


def sigmoid(a):
    return 1 / (1 + exp(-a))


def softmax(a):
    return exp(a) / exp(a).sum(axis=-1, keepdims=True)


def elman(x, y, U, W, b, V, c):
    """Eqs. (10.17) to (10.28): gradients of an output, a state and each parameter."""
    steps = len(x)
    h = np.zeros((steps + 1, len(b)))  # h[-1] is the state before the first
    for t in range(steps):
        h[t] = tanh(b + W @ h[t - 1] + U @ x[t])
    by_o = softmax(h[:steps] @ V.T + c) - y
    by_h = np.zeros((steps, len(b)))
    by_h[-1] = V.T @ by_o[-1]
    for t in reversed(range(steps - 1)):
        by_h[t] = W.T @ diag(1 - h[t + 1] ** 2) @ by_h[t + 1] + V.T @ by_o[t]
    within = (1 - h[:steps] ** 2) * by_h
    before = np.vstack([np.zeros(len(b)), h[: steps - 1]])
    return {
        "o": by_o,
        "h": by_h,
        "c": by_o.sum(axis=0),
        "b": within.sum(axis=0),
        "V": by_o.T @ h[:steps],
        "W": within.T @ before,
        "U": within.T @ x,
    }


def lstm(x, e, Wz, Wi, Wf, Wo, Rz, Ri, Rf, Ro, pi_, pf, po, bz, bi, bf, bo):
    """Section II.B: the deltas inside the block, and the gradients for the weights."""
    steps, units = len(x), len(bz)
    z, i, f, c, o, y = (np.zeros((steps + 1, units)) for _ in range(6))
    for t in range(steps):
        z[t] = tanh(Wz @ x[t] + Rz @ y[t - 1] + bz)
        i[t] = sigmoid(Wi @ x[t] + Ri @ y[t - 1] + pi_ * c[t - 1] + bi)
        f[t] = sigmoid(Wf @ x[t] + Rf @ y[t - 1] + pf * c[t - 1] + bf)
        c[t] = z[t] * i[t] + c[t - 1] * f[t]
        o[t] = sigmoid(Wo @ x[t] + Ro @ y[t - 1] + po * c[t] + bo)
        y[t] = tanh(c[t]) * o[t]
    dz, di, df, dc, do = (np.zeros((steps + 1, units)) for _ in range(5))
    for t in reversed(range(steps)):
        dy = e[t] + Rz.T @ dz[t + 1] + Ri.T @ di[t + 1] + Rf.T @ df[t + 1] + Ro.T @ do[t + 1]
        do[t] = dy * tanh(c[t]) * o[t] * (1 - o[t])
        dc[t] = (
            dy * o[t] * (1 - tanh(c[t]) ** 2)
            + po * do[t]
            + pi_ * di[t + 1]
            + pf * df[t + 1]
            + dc[t + 1] * f[t + 1]
        )
        df[t] = dc[t] * c[t - 1] * f[t] * (1 - f[t])
        di[t] = dc[t] * z[t] * i[t] * (1 - i[t])
        dz[t] = dc[t] * i[t] * (1 - z[t] ** 2)
    deltas = {"z": dz, "i": di, "f": df, "o": do}
    found = {f"W{n}": d[:steps].T @ x for n, d in deltas.items()}
    found |= {f"R{n}": d[1:steps].T @ y[: steps - 1] for n, d in deltas.items()}
    found |= {f"b{n}": d[:steps].sum(axis=0) for n, d in deltas.items()}
    found |= {
        "pi_": (c[: steps - 1] * di[1:steps]).sum(axis=0),
        "pf": (c[: steps - 1] * df[1:steps]).sum(axis=0),
        "po": (c[:steps] * do[:steps]).sum(axis=0),
    }
    return found


def linear_rnn(x, e, Wx, Wh, Wq):
    """∂L/∂h_t as the sum of powers, and from it the gradients by the weights."""
    steps = len(x)
    h = np.zeros((steps + 1, len(Wh)))
    for t in range(steps):
        h[t] = Wx @ x[t] + Wh @ h[t - 1]
    power = np.linalg.matrix_power
    by_h = [sum(power(Wh.T, i - t) @ Wq.T @ e[i] for i in range(t, steps)) for t in range(steps)]
    return {
        "Wq": e.T @ h[:steps],
        "Wx": sum(outer(d, v) for d, v in zip(by_h, x, strict=True)),
        "Wh": sum(outer(by_h[t], h[t - 1]) for t in range(steps)),
    }


def attention(g, Q, K, V):
    """Appendix B.2: dV = PᵀdO, dP = dO Vᵀ, Dᵢ = dOᵢᵀOᵢ, dS = P ∘ (dP − D), dQ = dS K, dK = dSᵀQ."""
    P = softmax(Q @ K.T)
    dP = g @ V.T
    dS = P * (dP - (g * (P @ V)).sum(axis=1, keepdims=True))
    return {"V": P.T @ g, "P": dP, "S": dS, "Q": dS @ K, "K": dS.T @ Q}


def chain(u, w, inside):
    """Σ over all labellings of exp(score), each weighted by a function of the labelling."""
    steps, labels = u.shape
    total, weighted = 0.0, 0.0
    for path in product(range(labels), repeat=steps):
        score = sum(u[t, k] for t, k in enumerate(path))
        score += sum(w[a, b] for a, b in pairwise(path))
        total, weighted = total + exp(score), weighted + exp(score) * inside(path)
    return weighted / total


def node_marginals(u, w):
    labels = np.eye(u.shape[1])
    return chain(u, w, lambda path: labels[list(path)])


def pair_counts(u, w):
    labels = np.eye(u.shape[1])
    return chain(u, w, lambda path: labels[list(path[:-1])].T @ labels[list(path[1:])])


def hmm(pi, A, B, o):
    """P(O), expected visits and transitions, by all paths."""
    total, first, visits, moves = 0.0, np.zeros(len(pi)), np.zeros(B.shape), np.zeros(A.shape)
    for path in product(range(len(pi)), repeat=len(o)):
        p = pi[path[0]] * B[path[0], o[0]]
        for t in range(1, len(o)):
            p *= A[path[t - 1], path[t]] * B[path[t], o[t]]
        total += p
        first[path[0]] += p
        for t, k in enumerate(path):
            visits[k, o[t]] += p
        for a, b in pairwise(path):
            moves[a, b] += p
    return first / total, moves / total, visits / total


def strided(G, V, K, stride):
    """Eqs. (9.11) and (9.13): the gradients by the kernel and by the input."""
    by_kernel, by_input = np.zeros(K.shape), np.zeros(V.shape)
    for i, m, n in np.ndindex(G.shape):
        for j, k, q in np.ndindex(K.shape[1:]):
            by_kernel[i, j, k, q] += G[i, m, n] * V[j, m * stride + k, n * stride + q]
            by_input[j, m * stride + k, n * stride + q] += K[i, j, k, q] * G[i, m, n]
    return by_kernel, by_input


def unrolled(w, size, stride, pad):
    """The matrix C of a convolution in one dimension, its rows the outputs."""
    count = (size + 2 * pad - len(w)) // stride + 1
    matrix = np.zeros((count, size + 2 * pad))
    for row in range(count):
        matrix[row, row * stride : row * stride + len(w)] = w
    return matrix[:, pad : pad + size]


def pooled(G, argmax_of, shape):
    """Each gradient goes to the greatest of its window."""
    found = np.zeros(shape)
    for m, g in enumerate(G):
        found[2 * m + int(argmax_of[2 * m : 2 * m + 2].argmax())] += g
    return found


def part(of, name):
    """One entry of what a function gives, as a function of the same leaves."""
    return wraps(of)(lambda *leaves: of(*leaves)[name])


LSTM_GRADIENTS = {
    name: part(lstm, name)
    for name in (
        *("Wz", "Wi", "Wf", "Wo", "Rz", "Ri", "Rf", "Ro"),
        *("pi_", "pf", "po", "bz", "bi", "bf", "bo"),
    )
}


def ctc(u, labels):
    """All paths of outputs that collapse to the labels, each with its probability; blank is 0."""
    y = softmax(u)
    wanted = [label for label in labels if label]
    total, by_entry = 0.0, np.zeros_like(y)
    for path in product(range(u.shape[1]), repeat=len(u)):
        kept = [k for t, k in enumerate(path) if k and (t == 0 or path[t - 1] != k)]
        if kept == wanted:
            at = np.arange(len(u)), path
            total += y[at].prod()
            by_entry[at] += y[at].prod()
    return y - by_entry / total


CASES = (
    # Recurrent networks
    case(
        "rnn-outputs",
        GOODFELLOW,
        "eqs. (10.18) to (10.21)",
        "∇_o L = ŷ − 𝟏_y, ∇_h(τ) = Vᵀ∇_o(τ), ∇_h(t) = Wᵀdiag(1 − h(t+1)²)∇_h(t+1) + Vᵀ∇_o(t)",
        RNN,
        {"y": one_hot},
        o=part(elman, "o"),
        h=part(elman, "h"),
    ),
    case(
        "rnn-weights",
        GOODFELLOW,
        "eqs. (10.22) to (10.28)",
        "∇_c = Σ∇_o, ∇_b = Σ diag(1 − h²)∇_h, ∇_V = Σ∇_o hᵀ, ∇_W = Σ diag(1 − h²)∇_h h(t−1)ᵀ, "
        "∇_U = Σ diag(1 − h²)∇_h xᵀ",
        RNN,
        {"y": one_hot},
        c=part(elman, "c"),
        b=part(elman, "b"),
        V=part(elman, "V"),
        W=part(elman, "W"),
        U=part(elman, "U"),
    ),
    case(
        "linear-rnn",
        "zhang-d2l",
        "section 9.7.2",
        "∂L/∂h_t = Σᵢ (W_hhᵀ)^(T−i) W_qhᵀ ∂L/∂o, ∂L/∂W_hx = Σ ∂L/∂h_t xᵀ, "
        "∂L/∂W_hh = Σ ∂L/∂h_t h_{t−1}ᵀ",
        """input x[t:T, d:2], e[t, q:2]; parameter Wx[j:3, d], Wh[j, k:3], Wq[q, j]
         h[-1,j] = 0
         h[t,j] = sum(d, Wx[j,d]*x[t,d]) + sum(k, Wh[j,k]*h[t-1,k])
         o[t,q] = sum(j, Wq[q,j]*h[t,j])
         loss = sum(t, q, e[t,q]*o[t,q])""",
        Wq=part(linear_rnn, "Wq"),
        Wx=part(linear_rnn, "Wx"),
        Wh=part(linear_rnn, "Wh"),
    ),
    case(
        "lstm",
        GREFF,
        "section II.B, backpropagation through time",
        "δy, δo, δc, δf, δi, δz backwards in time; δW = Σ δ xᵀ, δR = Σ δ(t+1) yᵀ, δb = Σ δ, "
        "δp = Σ c ⊙ δ",
        LSTM,
        **LSTM_GRADIENTS,
    ),
    # Convolutions and pooling
    case(
        "convolution-strided",
        GOODFELLOW,
        "eqs. (9.9), (9.11) and (9.13)",
        "∂J/∂Kᵢⱼₖₗ = Σ Gᵢₘₙ V_{j, ms+k, ns+l}; "
        "∂J/∂Vⱼᵢₖ = Σ K_{q,j,m,p} G_{q,l,n}, ls + m = i, ns + p = k",
        """input G[o:2, m:3, n:2]; parameter V[c:2, r:7, q:5], K[o, c, k:3, l:3]
         Z[o,m,n] = sum(c, k, l, V[c,2*m+k,2*n+l]*K[o,c,k,l])
         loss = sum(o, m, n, G[o,m,n]*Z[o,m,n])""",
        K=lambda G, V, K: strided(G, V, K, 2)[0],
        V=lambda G, V, K: strided(G, V, K, 2)[1],
    ),
    case(
        "convolution-plain",
        GOODFELLOW,
        "eqs. (9.7), (9.11) and (9.13) with s = 1",
        "the same with stride 1",
        """input G[o:2, m:3, n:2]; parameter V[c:2, r:4, q:4], K[o, c, k:2, l:3]
         Z[o,m,n] = sum(c, k, l, V[c,m+k,n+l]*K[o,c,k,l])
         loss = sum(o, m, n, G[o,m,n]*Z[o,m,n])""",
        K=lambda G, V, K: strided(G, V, K, 1)[0],
        V=lambda G, V, K: strided(G, V, K, 1)[1],
    ),
    case(
        "transposed-convolution",
        "dumoulin-visin-2016",
        "section 4.1",
        "y = Cx: backwards multiplies by Cᵀ; stride 2, padding 1",
        """input w[k:3], g[m:3]; parameter x[t:5]
         y[m] = sum(k, where(2*m + k - 1 >= 0 and 2*m + k - 1 < 5, w[k]*x[2*m+k-1], 0))
         loss = sum(m, g[m]*y[m])""",
        x=lambda w, g: unrolled(w, 5, 2, 1).T @ g,
    ),
    case(
        "dilated-convolution",
        "dumoulin-visin-2016",
        "section 5.1",
        "yₘ = Σₖ wₖ x_{m + dk}: ∂L/∂wₖ = Σₘ gₘ x_{m + dk}, d = 2",
        """input g[m:3]; parameter x[t:7], w[k:3]
         y[m] = sum(k, w[k]*x[m+2*k])
         loss = sum(m, g[m]*y[m])""",
        w=lambda g, x: np.array([g @ x[2 * k : 2 * k + 3] for k in range(3)]),
        x=lambda g, w: np.convolve(g, np.kron(w, [1, 0])[:5]),
    ),
    case(
        "mean-pooling",
        "cs231n-convnets",
        "pooling layer",
        "each gradient is shared evenly by its window",
        """input g[m:3]; parameter x[t:6]
         y[m] = mean(k:2, x[2*m+k])
         loss = sum(m, g[m]*y[m])""",
        x=lambda g: np.repeat(g, 2) / 2,
    ),
    case(
        "max-pooling",
        "cs231n-convnets",
        "pooling layer, backpropagation",
        "the gradient goes to the input that had the greatest value",
        """input g[m:3]; parameter x[t:6]
         y[m] = max(k:2, x[2*m+k])
         loss = sum(m, g[m]*y[m])""",
        x=lambda g, x: pooled(g, x, x.shape),
    ),
    # Attention
    case(
        "attention",
        DAO,
        "appendix B.2",
        "dV = PᵀdO, dP = dO Vᵀ, dSᵢⱼ = Pᵢⱼ(dPᵢⱼ − Dᵢ), dQ = dS K, dK = dSᵀQ",
        ATTENTION,
        V=part(attention, "V"),
        P=part(attention, "P"),
        S=part(attention, "S"),
        Q=part(attention, "Q"),
        K=part(attention, "K"),
    ),
    case(
        "scaled-attention",
        "vaswani-2017",
        "eq. (1), with the gradients of Dao et al.",
        "softmax(QKᵀ/√d)V: dQ = dS K/√d, dK = dSᵀQ/√d",
        ATTENTION.replace("sum(d, Q[i,d]*K[j,d])", "sum(d, Q[i,d]*K[j,d])/sqrt(D)"),
        Q=lambda g, Q, K, V: attention(g, Q / sqrt(Q.shape[1]), K, V)["Q"] / sqrt(Q.shape[1]),
        K=lambda g, Q, K, V: attention(g, Q / sqrt(Q.shape[1]), K, V)["K"],
    ),
    # Chains of labels
    case(
        "crf",
        "sutton-mccallum-2012",
        "section 5.1.1",
        "∂ log Z/∂λ = Σ of the marginals: expected counts of labels and of pairs of labels",
        """parameter u[t:3, k:2], w[j:2, k]
         a[-1,k] = 0
         a[t,k] = u[t,k] + where(t == 0, 0, logsumexp(j, a[t-1,j] + w[j,k]))
         loss = logsumexp(k, a[2,k])""",
        u=node_marginals,
        w=pair_counts,
    ),
    case(
        "hmm",
        "salakhutdinov-2003",
        "section 4, the gradient of the log-likelihood",
        "∂ log P(O)/∂θ = E[∂ log P(O, S)/∂θ | O]: expected counts divided by the parameters",
        """parameter p[k:2], A[j:2, k], B[k, s:3]; input o[t:3]
         a[0,k] = p[k]*B[k,o[0]]
         a[t,k] = sum(j, a[t-1,j]*A[j,k])*B[k,o[t]]
         loss = log(sum(k, a[2,k]))""",
        {"p": unit, "A": unit, "B": unit, "o": lambda random, shape: random.integers(0, 3, shape)},
        p=lambda p, A, B, o: hmm(p, A, B, o)[0] / p,
        A=lambda p, A, B, o: hmm(p, A, B, o)[1] / A,
        B=lambda p, A, B, o: hmm(p, A, B, o)[2] / B,
    ),
    case(
        "ctc",
        "graves-2006",
        "section 4.2, eqs. (14) and (15), by the outputs of the softmax's layer",
        "−∂ ln p(z|x)/∂uₖᵗ = yₖᵗ − (1/(yₖᵗ p(z|x))) Σ over s of label k of α_t(s)β_t(s)",
        """input l[s:5]; parameter u[t:4, k:3]
         y[t,k] = softmax(k, u[t,k])
         a[0,s] = where(s < 2, y[0,l[s]], 0)
         a[t,s] = y[t,l[s]]*(a[t-1,s] + where(s >= 1, a[t-1,s-1], 0)
             + where(s >= 2 and l[s] != 0 and l[s] != l[s-2], a[t-1,s-2], 0))
         loss = -log(a[3,3] + a[3,4])""",
        {"l": lambda random, shape: np.array([0, 1, 0, 2, 0])},
        u=lambda u: ctc(u, (0, 1, 0, 2, 0)),
    ),
    case(
        "exponential-smoothing",
        "werbos-1990",
        "eqs. for ordered derivatives",
        "s_t = αx_t + (1 − α)s_{t−1}: ∂s_T/∂x_t = α(1 − α)^(T − t)",
        """input alpha; parameter x[t:4]
         s[-1] = 0
         s[t] = alpha*x[t] + (1 - alpha)*s[t-1]
         loss = s[3]""",
        {"alpha": unit},
        x=lambda alpha: alpha * (1 - alpha) ** np.arange(3, -1, -1),
    ),
)
