"""Claims about derivatives: right ones, wrong ones, and those that cannot be read."""

import pytest

from symnn.claims import ClaimError, check_claims
from symnn.claims.checking import Checker
from symnn.claims.claim import Claim
from symnn.claims.reading import Book
from symnn.errors import SymnnError
from symnn.network import Network

RIGHT = [
    ("1-1", "dL/dw = 2*(w*x + b - y)*x"),
    ("1-1", "dL/dw = (2/N)*sum(n, (yhat[n] - y[n])*x[n])"),
    ("1-1", "δ = ∂L/∂ŷ = 2(ŷ − y)/N"),
    ("1-1", r"\frac{\partial L}{\partial w} = 2 (\hat{y} - y) \, x"),
    ("2-3-1", "dL/dW2 = delta2.T @ a1"),
    ("2-3-1", "dL/dW1 = δ¹ᵀ x"),
    ("2-3-1", "δ¹ = ∂L/∂z¹ = (δ² W²) ⊙ tanh′(z¹) = (δ² W²) ⊙ (1 − a¹ ⊙ a¹)"),
    ("2-3-1", "dL/dw1[1,2] = 2*(yhat - y)*w2[1]*(1 - a1[1]**2)*x[2]"),
    ("2-3-1", "da1/dz1 = 1 - a1*a1"),
    ("2-3-1", "∂a¹ₙⱼ/∂z¹ₙⱼ = 1 − (a¹ₙⱼ)²"),
    ("2-3-1", "dL/dx = delta1 @ W1"),
    ("1-1", "d2L/(dw dw) = 2*x**2"),
    ("1-1", r"\frac{\partial^2 L}{\partial w \, \partial b} = \frac{2}{N} \sum_{n} x_{n}"),
    ("2-3-1", "∂²L/∂w²₁∂a¹ₙ₂ = (2/N) w²₂ a¹ₙ₁"),
    ("2-3-1", "∂a¹/∂z¹ = diag(1 − a¹ ⊙ a¹)"),
    ("1-3:softmax", "∂ŷ/∂z = diag(ŷ) − ŷ ŷᵀ"),
    ("2-3-1", "dW1[j,i]/dW1[j,i] = 1"),
]


WRONG = [
    ("1-1", "dL/db = yhat - y", "a factor: the left side is 2 times the right"),
    ("1-1", "dL/dw = 2*(y - yhat)*x", "a sign: the right side is the negative of the left"),
    ("1-1", "d(dL/dw)/db = x", "a factor: the left side is 2 times the right"),
    (
        "1-1",
        "dL/dw = sum(n, 2*(yhat[n] - y[n])*x[n])",
        "a sum instead of a mean: the left side is 1/N times the right",
    ),
    (
        "1-1",
        "dL/dw = 2*(w*x + b + y)*x",
        "a sign; right is ∂L/∂w = 2(w·x + b − y)·x",
    ),
    (
        "2-3-1",
        "dL/dW1[j,i] = delta1[n,j]*x[n,i]",
        "a missing sum over n; right is ∂L/∂W¹ⱼᵢ = Σₙ δ¹ₙⱼ·xₙᵢ",
    ),
    (
        "2-3-1",
        "dL/dW1 = x.T @ delta1",
        "a transposed product; right is ∂L/∂W¹ₖₗ = Σₙ δ¹ₙₖ·xₙₗ",
    ),
    (
        "2-3-1",
        "δ¹ = δ² W²",
        "a forgotten link of the chain: tanh′(z¹) is missing; right is δ¹ₙₖ = δ²ₙ·W²ₖ·tanh′(z¹ₙₖ)",
    ),
    (
        "2-3-1",
        "δ¹ₙⱼ = δ²ₙ·W²ⱼ·(1 − (z¹ₙⱼ)²)",
        "z¹ where a¹ belongs; right is δ¹ₙⱼ = δ²ₙ·W²ⱼ·(1 − (a¹ₙⱼ)²)",
    ),
]
UNREADABLE = [
    ("dL/dw = 2*(w*x", "--claim:1:11: this '(' is never closed"),
    ("dL/dw = wx", "--claim:1:9: 'wx' is no name here; a product is written w*x"),
    ("dL/dw = 1/2 x", "--claim:1:13: is this divided as well? write (a/b) c or a/(b c)"),
    ("dL/dw", "--claim:1:6: a claim has an '=': dL/dw = …"),
    ("dL/dy = 2*(y - yhat)", "--claim:1:1: y is a target; nothing is derived by it"),
    ("dL/dw = x / 0", "--claim:1:13: this divides by zero"),
    (r"\delta = \vec{x}", "--claim:1:10: the command \\vec is not among those that are read"),
    ("dL/dw[2] = x", "--claim:1:6: W1 is written W1 alone, not with 1 label"),
]


@pytest.mark.parametrize(("spec", "claim", "cause"), WRONG, ids=[c for _, c, _ in WRONG])
def test_a_wrong_claim_is_told_its_likeliest_mistake(spec, claim, cause):
    (verdict,) = check_claims(Network(spec), [claim])
    assert not verdict.is_right
    assert verdict.cause == cause


@pytest.mark.parametrize(("claim", "message"), UNREADABLE, ids=[c for c, _ in UNREADABLE])
def test_a_claim_without_meaning_is_refused(claim, message):
    with pytest.raises(ClaimError) as refused:
        check_claims(Network("1-1"), [claim])
    assert str(refused.value) == message


@pytest.mark.parametrize(("spec", "claim"), RIGHT, ids=[c for _, c in RIGHT])
def test_a_right_claim_is_proved(spec, claim):
    (verdict,) = check_claims(Network(spec), [claim])
    assert verdict.is_right
    assert verdict.how.startswith("proved")


def test_a_wrong_claim_is_shown_with_a_point_and_both_values():
    (verdict,) = check_claims(Network("1-1"), ["dL/db = yhat - y"])
    assert not verdict.is_right
    assert verdict.point == "x = 0.69, y = 0.71, w = -0.16, b = -0.48"
    assert verdict.values == "∂L/∂b is -2.6008, and the right side -1.3004"


def test_a_number_behind_a_size_is_no_part_of_its_name(run):
    _, out, _ = run("check", "1-1", "--claim", "dL/dw = 2*(w*x + b - y)*x*N")
    assert out.splitlines()[0].split(maxsplit=2)[2].startswith("∂L/∂w = N·2(w·x + b − y)·x")


def test_a_claim_that_cannot_be_read_is_shown_with_its_place(run):
    status, out, err = run("check", "1-1", "--claim", "dL/dw = 2*(w*x + q)")
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "symnn: --claim:1:18: 'q' is no name here; known: L, W, W1, b, b1, delta, delta1, w, x, "
        "y, yhat",
        "dL/dw = 2*(w*x + q)",
        "                 ^",
        "understood so far: dL/dw = 2*(w*x +",
    ]


def test_the_exit_status_is_1_if_any_claim_is_wrong(run):
    right, wrong = "dL/db = 2*(yhat - y)", "dL/db = yhat - y"
    assert run("check", "1-1", "--claim", right)[0] == 0
    assert run("check", "1-1", "--claim", right, "--claim", wrong)[0] == 1


def test_a_long_line_is_refused_before_it_is_read():
    with pytest.raises(ClaimError, match="2402 characters; at most 2000 are read"):
        check_claims(Network("1-1"), ["x" * 2400 + "=y"])


IN_NAMES = [
    ("nielsen", {}, "δ³ = ∂C/∂a³ = 2(a³ − y)/N", True),
    ("nielsen", {}, "∂C/∂w² = δ³ᵀ x", False),
    ("goodfellow", {}, r"\frac{\partial J}{\partial \boldsymbol{b}^{(1)}} = \sum_{n} a_{n}", None),
    ("bishop", {}, "∂E/∂w¹₁₀ = δ²·w²₁·(1 − (z¹₁)²)", True),
    ("murphy", {}, r"\mathbf{\delta}_{1} = \frac{\partial \mathcal{L}}{\partial a_{1}}", True),
    ("prince", {}, r"f_{0,nj} = \sum_{i} \Omega_{0,ji} \, x_{ni} + \beta_{0,j}", True),
    ("ng", {}, "z1 = x @ W1.T + b1", True),
    ("symnn", {"W1": "A"}, "z1 = x @ A.T + b1", True),
    ("symnn", {"W1": "A"}, "z1 = x @ W1.T + b1", None),
]


@pytest.mark.parametrize(("notation", "names", "claim", "is_right"), IN_NAMES, ids=str)
def test_a_claim_is_in_the_names_of_the_page(notation, names, claim, is_right):
    model = Network("2-3-1")
    if is_right is None:
        with pytest.raises(ClaimError):
            check_claims(model, [claim], notation=notation, names=names)
    else:
        (verdict,) = check_claims(model, [claim], notation=notation, names=names)
        assert verdict.is_right is is_right


def test_names_without_a_claim_are_refused(run):
    status, _, err = run("check", "1-1", "--notation", "bishop")
    assert status == 2
    assert err == "symnn: --notation and --name are for claims; give one with --claim\n"


def test_no_claim_is_called_wrong_while_a_reading_of_it_has_no_value(monkeypatch):
    claim = Claim("dL/dw = 3*(w*x + b - y)*x")
    checker = Checker(Book(Network("1-1"), [claim]))
    compared, seen = Checker._compared, []

    def at_first(self, reading):
        seen.append(reading)
        if len(seen) > 1:
            raise SymnnError("no value")
        return compared(self, reading)

    monkeypatch.setattr(Checker, "_compared", at_first)
    with pytest.raises(ClaimError, match="no value"):
        checker.verdict(claim)
    assert len(seen) > 1
