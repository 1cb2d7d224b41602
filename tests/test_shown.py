"""What print turns before it writes: indices from 1, conditions in chains, names in Greek."""

from itertools import product

import pytest
from sympy import And, Eq, Idx, IndexedBase, Integer, Ne, Rational, Symbol, cosh, sinh, tanh, true

from symnn import System, derive, render
from symnn.binding import index
from symnn.conditions import chains
from symnn.equations import Quantity, Role
from symnn.look import Style
from symnn.notation import Notation
from symnn.reading import Order
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.text_notation import TextNotation
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.shown import counted_from_1, facing

T, K = (Symbol(name, integer=True, positive=True) for name in "TK")
i, k, t, u = (index(letter, T) for letter in "iktu")
x, h = (IndexedBase(name, real=True) for name in "xh")
y, yhat = (Symbol(name, real=True) for name in ("y", "yhat"))
word = Quantity("word", (T,), Role.INPUT, ("t",), "word", is_integer=True)
words = IndexedBase("word", real=True)

# Conditions -----------------------------------------------------------------------------------

CONDITIONS = {
    "between two": (And(i - k >= 0, i - k <= T - K), "1 ≤ i − k + 1 ≤ T − K + 1"),
    "between two numbers": (And(t + u >= 2, t + u < 5), "1 ≤ t + u − 1 ≤ 3"),
    "between a number and itself": (And(t >= 2, t <= 2), "t = 2"),
    "below the last": (t + 1 <= T - 1, "t ≤ T − 2"),
    "the last": (Eq(T - 1, t), "t = T − 1"),
    "not the last": (Ne(T - 1, t), "t ≠ T − 1"),
    "a mask": (u <= t, "t ≥ u"),
    "a strict mask": (u <= t - 1, "t > u"),
    "from a number on": (t >= 1, "t ≥ 1"),
    "two of them": (And(t >= 1, u <= T - 2), "t ≥ 1 and u ≤ T − 2"),
    "numbers that are not whole": (x[t] > 0, "xₜ > 0"),
    "a multiple": (And(2 * t - u >= 0, 2 * t - u < T), "1 ≤ 2t − u + 1 ≤ T"),
}


def written(condition):
    return UnicodeNotation(Style(Order({}))).conjunction(
        [UnicodeNotation(Style(Order({})))._chain(c) for c in chains(condition, lambda _: False)]
    )


@pytest.mark.parametrize(("condition", "text"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_a_chain(condition, text):
    assert written(condition) == text


def holds(chain, numbers):
    """Whether every comparison of a chain is true at these numbers."""
    values = [c if isinstance(c, str) else Integer(0) + c.xreplace(numbers) for c in chain]
    signs = {
        "<=": lambda a, b: a <= b,
        ">=": lambda a, b: a >= b,
        "<": lambda a, b: a < b,
        ">": lambda a, b: a > b,
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
    }
    steps = zip(values[::2], values[1::2], values[2::2], strict=False)
    return all(signs[sign](a, b) for a, sign, b in steps)


def differences(condition, found):
    """The numbers at which a condition and its chains do not say the same."""
    letters = (i, k, t, u)
    for places in product(range(5), repeat=len(letters)):
        numbers = dict(zip(letters, map(Integer, places), strict=True)) | {T: 5, K: 3}
        truth = condition.xreplace(numbers) == true
        if truth != all(holds(chain, numbers) for chain in found):
            yield numbers


@pytest.mark.parametrize("name", [name for name in CONDITIONS if "not whole" not in name])
def test_a_chain_says_what_the_condition_says_at_all_places(name):
    condition, _ = CONDITIONS[name]
    assert list(differences(condition, chains(condition, lambda _: False))) == []


def test_a_chain_that_says_something_else_is_seen():
    condition = And(i - k >= 0, i - k <= T - K)
    assert list(differences(condition, [(Integer(1), "<=", i - k, "<=", T - K)]))


# Indices from 1 -------------------------------------------------------------------------------

COUNTED = {
    "an index": (x[t], "xₜ"),
    "the one before": (x[t - 1], "x[t − 1]"),
    "a number": (x[0], "x₁"),
    "the last": (h[T - 1], "h[T]"),
    "a window": (x[t + k], "x[k + t − 1]"),
    "a stride": (x[2 * t + k], "x[2t + k − 2]"),
    "an index as a number": (t * x[t], "xₜ·(t − 1)"),
    "a lookup": (x[words[t]], "x[wordₜ]"),
}


@pytest.mark.parametrize(("expression", "text"), COUNTED.values(), ids=COUNTED)
def test_print_counts_from_1(expression, text):
    style = Style(Order({}), {"word": word})
    assert UnicodeNotation(style).math(expression) == text


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_counted_from_1_is_the_same_entry(name):
    """With each index one higher, and one taken from each place, everything is as before."""
    expression, _ = COUNTED[name]
    moved = counted_from_1(expression, {})

    def back(e):
        if isinstance(e, Idx):
            return e + 1
        if e.func.__name__ == "Indexed":
            return e.base[tuple(back(place) - 1 for place in e.indices)]
        return e.func(*map(back, e.args)) if e.args else e

    assert back(moved).expand() == expression.expand()


def test_a_start_is_told_once_and_the_state_is_read_plainly():
    system = System.parse("""
        input x[n:N, t:T]; target y[n]; parameter w, v
        h[n,-1] = 0
        h[n,t] = tanh(w*h[n,t-1] + v*x[n,t])
        loss = mean(n, (h[n,T-1] - y[n])**2)
    """)
    page = render(derive(system))
    assert "hₙ₀ = 0" in page
    assert "h[n, t − 1]" in page
    assert "otherwise" not in page
    assert "𝟏[t < T]" in page
    assert "𝟏[t = T]" in page


# Even and odd functions -----------------------------------------------------------------------

UPRIGHT = {
    "cosh": (cosh(y - yhat), "cosh(ŷ − y)"),
    "sinh": (-sinh(y - yhat), "sinh(ŷ − y)"),
    "tanh": (-tanh(y - yhat) / 2, "tanh(ŷ − y)/2"),
    "a quotient": (sinh(y - yhat) / cosh(y - yhat), "−sinh(ŷ − y)/cosh(ŷ − y)"),
}


@pytest.mark.parametrize(("expression", "text"), UPRIGHT.values(), ids=UPRIGHT)
def test_the_target_is_subtracted_within_even_and_odd_functions(expression, text):
    order = Order({"y": Role.TARGET})
    assert UnicodeNotation(Style(order)).math(expression) == text
    assert facing(expression, order.upright).doit().equals(expression)


# Numbers ----------------------------------------------------------------------------

NUMBERS = {
    "a half": (Rational(1, 2), "1/2", "1/2", r"\frac{1}{2}"),
    "a hundredth": (Rational(1, 100), "1/100", "1/100", r"\frac{1}{100}"),
    "tiny": (Rational(1, 10**5), "1e-5", "10⁻⁵", "10^{-5}"),
    "several of it": (Rational(3, 2 * 10**5), "1.5e-5", "1.5·10⁻⁵", r"1.5 \cdot 10^{-5}"),
    "decimal": (Rational(44715, 10**6), "0.044715", "0.044715", "0.044715"),
}


@pytest.mark.parametrize(("number", "text", "unicode", "latex"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_written_as_someone_typed_it(number, text, unicode, latex):
    notations: list[type[Notation]] = [TextNotation, UnicodeNotation, LatexNotation]
    assert [n(Style(Order({}))).math(number) for n in notations] == [text, unicode, latex]


def test_a_small_number_keeps_out_of_what_it_is_added_to():
    v = Symbol("v", real=True)
    assert UnicodeNotation(Style(Order({}))).math(1 / (v + Rational(1, 10**5))) == "1/(v + 10⁻⁵)"
