"""Derivations of typed models, as textbooks print them: they come out, and they are right.

The three terms of a normalisation are in Ioffe and Szegedy 2015 (section 3) and Ba, Kiros and
Hinton 2016, put together; the softmax within attention in Vaswani et al. 2017's many derivations;
back-propagation through time in Goodfellow, Bengio and Courville 2016, section 10.2.2.
"""

import re

import pytest
from sympy import IndexedBase, Integer, Sum, Symbol

from symnn import System, derive, render
from symnn.binding import index, total
from symnn.gradcheck import compare
from symnn.statistics import deviation, statistics, with_known_sums
from tests.proofs import is_proved_equal, unrolled

HEAD = "input x[n:N, i:D]; target y[n]; parameter A[h:H, i], g[h], w[h]\n"
TAIL = "yhat[n] = sum(h, w[h]*g[h]*xhat[n,h])\nloss = mean(n, (yhat[n] - y[n])**2)\n"
U = "u[n,h] = sum(i, A[h,i]*x[n,i])\n"


def normalised(lines):
    return HEAD + U + lines + TAIL


MODELS = {
    "logistic regression without a name for z": (
        """input x[n:N, i:D]; target y[n]; parameter w[i], b
        loss = mean(n, softplus(sum(i, w[i]*x[n,i]) + b) - y[n]*(sum(i, w[i]*x[n,i]) + b))
        """,
        "∂L/∂wᵢ = (1/N) Σₙ (σ(Σₖ wₖ·xₙₖ + b) − yₙ)·xₙᵢ",
    ),
    "binary cross-entropy in one line": (
        """input x[n:N]; target y[n]; parameter b
        loss = -mean(n, y[n]*log(sigmoid(x[n] + b)) + (1 - y[n])*log(1 - sigmoid(x[n] + b)))
        """,
        "∂L/∂b = (1/N) Σₙ [ σ(b + xₙ) − yₙ ]",
    ),
    "softmax regression in one line": (
        """input x[n:N, i:D]; target y[n, k:K]; parameter W[k, i]
        loss = -mean(n, sum(k, y[n,k]*log(softmax(k, sum(i, W[k,i]*x[n,i])))))
        """,
        "∂L/∂zₙₖ = (exp(zₙₖ) Σₗ yₙₗ/(Σₗ exp(zₙₗ)) − yₙₖ)/N",
    ),
    "softmax regression with the shares named": (
        """input x[n:N, i:D]; target y[n, k:K]; parameter W[k, i]; assume sum(k, y[n,k]) = 1
        p[n,k] = softmax(k, sum(i, W[k,i]*x[n,i]))
        loss = -mean(n, sum(k, y[n,k]*log(p[n,k])))
        """,
        "∂L/∂zₙₖ = pₙₖ·(∂L/∂pₙₖ − Σₗ ∂L/∂pₙₗ·pₙₗ) = (pₙₖ − yₙₖ)/N",
    ),
    "logistic regression with the share named": (
        """input x[n:N, i:D]; target y[n]; parameter w[i]
        p[n] = sigmoid(z[n])
        z[n] = sum(i, w[i]*x[n,i])
        loss = -mean(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))
        """,
        "= (pₙ − yₙ)/N",
    ),
    "attention in one line": (
        """parameter q[t:T, h:H], k[u:T, h], v[u, h]
        p[t,u] = softmax(u, where(u <= t, sum(h, q[t,h]*k[u,h])/sqrt(H), -inf))
        loss = sum(t, h, sum(u, p[t,u]*v[u,h])**2)
        """,
        "∂L/∂zₜᵤ = pₜᵤ·𝟏[t ≥ u]·(∂L/∂pₜᵤ − Σₗ ∂L/∂pₜₗ·pₜₗ)",
    ),
    "stochastic neighbour embedding": (
        """input P[i:N, j:N]; parameter Y[i, d:D]
        q[i,j] = softmax(j, where(i == j, -inf, -sum(d, (Y[i,d] - Y[j,d])**2)))
        loss = -sum(i, j, where(i == j, 0, P[i,j]*log(q[i,j])))
        """,
        "= 2 Σₙ (Y[n,d] − Y[i,d])·(∂L/∂zᵢₙ + ∂L/∂zₙᵢ)",
    ),
    "responsibilities": (
        """input x[n:N]; parameter m[k:K]
        loss = -sum(n, logsumexp(k, -(x[n] - m[k])**2/2))
        """,
        "∂L/∂zₙₖ = −exp(zₙₖ)/(Σₗ exp(zₙₗ))",
    ),
    "layer norm": (
        normalised("""mu[n] = mean(h, u[n,h])
            sigma[n] = sqrt(mean(h, (u[n,h] - mu[n])**2) + 1e-5)
            xhat[n,h] = (u[n,h] - mu[n])/sigma[n]
        """),
        "∂L/∂uₙₕ = (∂L/∂x̂ₙₕ − (1/H) Σₖ ∂L/∂x̂ₙₖ − (1/H) x̂ₙₕ Σₖ ∂L/∂x̂ₙₖ·x̂ₙₖ)/σₙ",
    ),
    "layer norm in one line": (
        normalised("""xhat[n,h] = (u[n,h] - mean(k, u[n,k]))\
            /sqrt(mean(k, (u[n,k] - mean(m, u[n,m]))**2) + 1e-5)
        """),
        "∂L/∂uₙₕ = (∂L/∂x̂ₙₕ − (1/H) Σₖ ∂L/∂x̂ₙₖ − (1/H) x̂ₙₕ Σₖ ∂L/∂x̂ₙₖ·x̂ₙₖ)"
        "/√((1/H) Σₖ (uₙₖ − (1/H) Σₗ uₙₗ)² + 10⁻⁵)",
    ),
    "a temperature, with targets that sum to 1": (
        """input z[n:N, k:K]; target y[n, k]; parameter T; assume sum(k, y[n,k]) = 1
        p[n,k] = softmax(k, z[n,k]/T)
        loss = -sum(n, k, y[n,k]*log(p[n,k]))
        """,
        "= (Σₖ Σₙ (yₙₖ − pₙₖ)·zₙₖ)/T²",
    ),
    "batch norm of images": (
        """input g[n:N, c:C, h:H, w:W]; parameter x[n, c, h, w]
        mu[c] = mean(n, h, w, x[n,c,h,w])
        sigma[c] = sqrt(mean(n, h, w, (x[n,c,h,w] - mu[c])**2) + 0.001)
        xhat[n,c,h,w] = (x[n,c,h,w] - mu[c])/sigma[c]
        loss = sum(n, c, h, w, g[n,c,h,w]*xhat[n,c,h,w])
        """,
        "= (g[n,c,h,w] − (1/(H·N·W)) Σₗ Σₖ Σₘ g[m,c,k,l] "
        "− (1/(H·N·W)) x̂[n,c,h,w] Σₗ Σₖ Σₘ x̂[m,c,k,l]·g[m,c,k,l])/σ[c]",
    ),
    "batch norm": (
        normalised("""mu[h] = mean(n, u[n,h])
            sigma2[h] = mean(n, (u[n,h] - mu[h])**2)
            xhat[n,h] = (u[n,h] - mu[h])/sqrt(sigma2[h] + 1e-5)
        """),
        "∂L/∂uₙₕ = (∂L/∂x̂ₙₕ − (1/N) Σₘ ∂L/∂x̂ₘₕ − (1/N) x̂ₙₕ Σₘ ∂L/∂x̂ₘₕ·x̂ₘₕ)/√(σ²ₕ + 10⁻⁵)",
    ),
    "RMS norm": (
        normalised("""r[n] = sqrt(mean(h, u[n,h]**2) + 1e-6)
            xhat[n,h] = u[n,h]/r[n]
        """),
        "= (∂L/∂x̂ₙₕ − (1/H) x̂ₙₕ Σₖ ∂L/∂x̂ₙₖ·x̂ₙₖ)/rₙ",
    ),
    "a norm beside a residual": (
        normalised("""mu[n] = mean(h, u[n,h])
            sigma[n] = sqrt(mean(h, (u[n,h] - mu[n])**2) + 1e-5)
            xhat[n,h] = (u[n,h] - mu[n])/sigma[n]
        """).replace("w[h]*g[h]*xhat[n,h]", "w[h]*(u[n,h] + g[h]*xhat[n,h])"),
        "∂L/∂ŷₙ·wₕ + (∂L/∂x̂ₙₕ − (1/H) Σₖ ∂L/∂x̂ₙₖ − (1/H) x̂ₙₕ Σₖ ∂L/∂x̂ₙₖ·x̂ₙₖ)/σₙ",
    ),
    "masked attention": (
        """input s[n:N, t:T, u:T]; target y[n,t]; parameter v[u]
        a[n,t,u] = s[n,t,u]*v[u]
        p[n,t,u] = softmax(u, where(u <= t, a[n,t,u], -inf))
        o[n,t] = sum(u, p[n,t,u]*v[u])
        loss = mean(n, t, (o[n,t] - y[n,t])**2)
        """,
        "∂L/∂aₙₜᵤ = pₙₜᵤ·𝟏[t ≥ u]·(∂L/∂pₙₜᵤ − Σₖ ∂L/∂pₙₜₖ·pₙₜₖ)",
    ),
    "a recurrent net": (
        """input x[n:N, t:T, i:D]; target y[n,t]; parameter U[j:H, i], V[j, k:H], w[j]
        z[n,t,j] = sum(i, U[j,i]*x[n,t,i]) + sum(k, V[j,k]*h[n,t-1,k])
        h[n,-1,j] = 0
        h[n,t,j] = tanh(z[n,t,j])
        yhat[n,t] = sum(j, w[j]*h[n,t,j])
        loss = mean(n, t, (yhat[n,t] - y[n,t])**2)
        """,
        "∂L/∂hₙₜⱼ = ∂L/∂ŷₙₜ·wⱼ + 𝟏[t < T] Σₖ ∂L/∂z[n, t + 1, k]·Vₖⱼ",
    ),
    "two terms under one condition": (
        """input x[n:N, t:T]; target y[n]; parameter w[j:H], v[j], V[j, k:H]
        i[n,t,j] = sigmoid(w[j]*x[n,t] + sum(k, V[j,k]*h[n,t-1,k]))
        h[n,-1,j] = 0
        h[n,t,j] = h[n,t-1,j] + i[n,t,j]
        loss = mean(n, (sum(j, v[j]*h[n,T-1,j]) - y[n])**2)
        """,
        "𝟏[t < T]·(Σₖ ∂L/∂i[n, t + 1, k]·Vₖⱼ·i[n, t + 1, k]·(1 − i[n, t + 1, k]) "
        "+ ∂L/∂h[n, t + 1, j])",
    ),
    "log cosh": (
        "input x[n:N]; target y[n]; parameter w\nloss = mean(n, log(cosh(w*x[n] - y[n])))",
        "∂L/∂w = (1/N) Σₙ tanh(w·xₙ − yₙ)·xₙ",
    ),
    "a number before a sum of differences": (
        "input x[n:N]; target y[n]; parameter w, b\nloss = mean(n, (w*x[n] + b - y[n])**2)",
        "∂L/∂b = (2/N) Σₙ (w·xₙ + b − yₙ)",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_textbook_form_comes_out(name):
    text, line = MODELS[name]
    page = re.sub(" +", " ", render(derive(System.parse(text)), form="index"))
    assert line in page


@pytest.mark.parametrize("name", MODELS)
def test_and_it_is_the_gradient(name):
    """All gradients agree with finite differences of the loss at 50 digits."""
    comparison = compare(derive(System.parse(MODELS[name][0])))
    assert comparison.ok, comparison


# What is known of sums ------------------------------------------------------------------------

H = Integer(3)
j, k = index("j", H), index("k", H)
u, v = IndexedBase("u", real=True), IndexedBase("v", real=True)
CENTRED = System.parse("""
    input v[j:3]; parameter u[j]
    mu = mean(j, u[j])
    loss = sum(j, v[j]*(u[j] - mu)**2)
""")
MEAN = Symbol("mu", real=True)
VANISHING = {
    "deviations": total(u[j] - MEAN, j),
    "deviations, many times over": total(3 * (MEAN - u[j]), j),
    "beside another sum": total((u[j] - MEAN) * v[k], j, k),
    "a mean without a name": total(u[j] - total(u[k], k) / 3, j),
}
STAYING = {
    "weighted deviations": total((u[j] - MEAN) * v[j], j),
    "squares": total((u[j] - MEAN) ** 2, j),
    "deviations of another": total(v[j] - MEAN, j),
    "half of a mean": total(u[j] - MEAN / 2, j),
}


def in_numbers(expression):
    """The sum written out, with what the mean is."""
    written = unrolled(expression)
    return written.xreplace({MEAN: unrolled(total(u[j], j)) / 3})


@pytest.mark.parametrize("name", VANISHING)
def test_a_sum_of_deviations_vanishes_and_truly_does(name):
    assert with_known_sums(VANISHING[name], CENTRED.equations) == 0
    assert is_proved_equal(in_numbers(VANISHING[name]), Integer(0))


@pytest.mark.parametrize("name", STAYING)
def test_a_sum_that_does_not_vanish_stays(name):
    assert with_known_sums(STAYING[name], CENTRED.equations).has(Sum)
    assert not is_proved_equal(in_numbers(STAYING[name]), Integer(0))


def test_the_mean_and_the_spread_are_within_and_others_have_their_line():
    assert statistics(System.parse(MODELS["layer norm"][0])) == {"mu", "sigma"}
    assert statistics(System.parse(MODELS["a recurrent net"][0])) == frozenset()
    derivation = derive(System.parse(MODELS["layer norm"][0]), ["mu", "A"])
    assert "dL_dmu" in {e.quantity.name for e in derivation.adjoints}


def test_a_deviation_is_what_a_quotient_is_made_of():
    assert deviation((u[j] - MEAN) / v[j]) == u[j] - MEAN
    assert deviation(u[j] / v[j]) == u[j]
    assert deviation((u[j] - MEAN) * v[j]) is None
    assert deviation(u[j] * v[j] / MEAN) is None


IN_MATRICES = {
    "a support vector machine": (
        "input x[n:N, i:D]; target y[n]; parameter w[i]\n"
        "loss = sum(i, w[i]**2)/2 + 10*sum(n, relu(1 - y[n]*sum(i, w[i]*x[n,i])))",
        ["∂L/∂w = w − 10 xᵀ (y ⊙ 𝟏[(x w) ⊙ y < 1])"],
    ),
    "hinges with a number for a slope": (
        "input x[n:N]; parameter s[i:D], b\n"
        "loss = sum(i, maximum(0, 1 - s[i])) + sum(n, where(x[n] < b, 0, -b))/3",
        ["∂L/∂s = −𝟏[s < 1]", "∂L/∂b = −(1/3) Σₙ 𝟏[b ≤ xₙ]"],
    ),
    "principal components": (
        "input X[n:N, d:D]; parameter Z[n, k:K], W[d, k]\n"
        "loss = sum(n, d, (X[n,d] - sum(k, Z[n,k]*W[d,k]))**2)/2",
        ["∂L/∂W = (W Zᵀ − Xᵀ) Z"],
    ),
    "a quadratic form": (
        "parameter A[i:D, j:D], x[i]; input b[i]\n"
        "loss = sum(i, j, x[i]*A[i,j]*x[j]) + sum(i, b[i]*x[i])",
        ["L = xᵀ A x + bᵀ x", "∂L/∂A = x xᵀ", "∂L/∂x = (A + Aᵀ) x + b"],
    ),
    "vectors around matrices": (
        "parameter X[k:K, i:I]; input b[i], c[i], D[k, l:K]\n"
        "loss = sum(i, j, k, l, b[i]*X[k,i]*D[k,l]*X[l,j]*c[j])",
        ["L = bᵀ Xᵀ D X c", "∂L/∂X = D X c bᵀ + Dᵀ X b cᵀ"],
    ),
    "factors of a matrix": (
        "input V[i:I, m:M]; parameter W[i, a:A], H[a, m]\n"
        "loss = sum(i, m, (V[i,m] - sum(a, W[i,a]*H[a,m]))**2)",
        ["∂L/∂W = 2 (W H − V) Hᵀ", "∂L/∂H = 2 Wᵀ (W H − V)"],
    ),
    "the inner places of an axis": (
        "parameter u[i:5], v[k:T]\n"
        "loss = sum(j:3, (u[j] - 2*u[j+1] + u[j+2])**2) + sum(l:T-2, v[l+1]**2)",
        ["2·𝟏[2 ≤ i ≤ 4]·(2uᵢ − u[i + 1] − u[i − 1])", "∂L/∂vₖ = 2vₖ·𝟏[2 ≤ k ≤ T − 1]"],
    ),
    "rows that are all alike keep their index": (
        "parameter W[i:I, j:J], w[j]\nloss = sum(i, j, W[i,j]*w[j])",
        ["∂L/∂Wᵢⱼ = wⱼ", "= Σᵢ Wᵢⱼ"],
    ),
}


@pytest.mark.parametrize("name", IN_MATRICES)
def test_the_textbook_form_comes_out_in_matrices(name):
    text, lines = IN_MATRICES[name]
    page = render(derive(System.parse(text)))
    assert [line for line in lines if line not in page] == []


OF_NUMBERS = {
    "the greater of two": (
        "maximum(0, 1 - y*(w*x + b))",
        ["= max(0, 1 − y(w·x + b))", "∂L/∂w = {−y·x if y(w·x + b) < 1; 0 otherwise}"],
    ),
    "within bounds": ("clip(w*x, -1, 1)", ["L = max(−1, min(1, w·x))", "{x if −1 < w·x < 1;"]),
    "a polynomial": ("w**3 - 2*w**2 + 5", ["L = w³ − 2w² + 5", "∂L/∂w = w(3w − 4)"]),
    "a density": (
        "exp(-(x - w)**2/(2*s**2))",
        ["∂L/∂w = (x − w)·exp(−(x − w)²/(2s²))/s²"],
    ),
    "a logarithm comes last": (
        "n*log(w) + (m - n)*log(1 - w)",
        ["L = n·ln w + (m − n)·ln(1 − w)"],
    ),
    "a difference of squares": ("-w/(1 + w**2)", ["∂L/∂w = (w² − 1)/(1 + w²)²"]),
    "the root of a square": ("erf(w)", ["∂L/∂w = 2exp(−w²)/√π"]),
    "both errors by cases": (
        "maximum(q*(y - w*x), (q - 1)*(y - w*x))",
        ["∂L/∂w = {−q·x if w·x < y; (1 − q)·x otherwise}"],
    ),
    "pi stands with the numbers": ("4*w*pi*cos(x)", ["L = 4πw·cos(x)", "∂L/∂w = 4πcos(x)"]),
    "a number after a line": ("(w_1*x)**2/2", ["∂L/∂w₁ = w₁·x²"]),
}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_one_expression_reads_as_people_write_it(name):
    text, lines = OF_NUMBERS[name]
    parameter = "w_1" if "w_1" in text else "w"
    kinds = {"input": "xqsnm", "target": "y", "parameter": "b"}
    names = [(kind, n) for kind, every in kinds.items() for n in every]
    given = "; ".join(f"{kind} {n}" for kind, n in names if re.search(rf"\b{n}\b", text))
    page = render(derive(System.parse(f"{given}\nparameter {parameter}\nloss = {text}")))
    assert [line for line in lines if line not in page] == []
