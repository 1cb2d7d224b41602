"""The reader of printed mathematics: random expressions, hostile text, and any text at all."""

import contextlib
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, exp, tanh

from symnn.binding import index, total
from symnn.claims import ClaimError, check_claims
from symnn.claims.claim import Claim
from symnn.claims.points import spots
from symnn.claims.reading import Book
from symnn.network import Network
from symnn.rewriting import lettered
from tests.readback import NOTATIONS


@cache
def book(model):
    return Book(model, [])


@cache
def spot(model):
    return spots(book(model).derivation, 1)[0]


# Random expressions in the entries of a small net.
LINE, MODEL = Network("1-1"), Network("2-3-2")
QUANTITIES = MODEL.system.quantities
(N, UNIT), (J, _) = QUANTITIES["x"].indices, QUANTITIES["W1"].indices
ENTRIES = [
    QUANTITIES["x"].at(N, UNIT),
    QUANTITIES["W1"].at(J, UNIT),
    QUANTITIES["z1"].at(N, J),
    QUANTITIES["a1"].at(N, J),
    QUANTITIES["y"].at(N, index("k", 2)),
]
expressions = st.recursive(
    st.sampled_from([*ENTRIES, Rational(2), Rational(-1, 3)]),
    lambda parts: st.one_of(
        st.builds(lambda a, b: a + b, parts, parts),
        st.builds(lambda a, b: a * b, parts, parts),
        st.builds(lambda a, b: a / (2 + b**2), parts, parts),
        st.builds(lambda f, a: f(a), st.sampled_from((tanh, exp)), parts),
        st.builds(lambda a: total(a, UNIT) if UNIT in a.free_symbols else a, parts),
        st.builds(lambda a: -a, parts),
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("name", NOTATIONS)
@settings(max_examples=25, deadline=None)
@given(expression=expressions)
def test_a_random_expression_is_read_as_what_was_printed(name, expression):
    letters = [N, J, index("k", 2), UNIT]
    text = NOTATIONS[name](book(MODEL).lexicon.style).math(lettered(expression, letters))
    reading = book(MODEL).readings(book(MODEL).parsed(Claim(f"{text} = {text}")))[0]
    places = spot(MODEL).compared(expression, reading.sides[1], letters)
    assert not any(at.differs for at in places)


HOSTILE = [
    "__import__('os').system('true') = 1",
    "dL/dw = x.__class__",
    "dL/dw = eval(x)",
    r"dL/dw = \input{/etc/passwd}",
    "dL/dw = " + "(" * 500 + "x" + ")" * 500,
    "dL/dw = " + "√" * 1500 + "x",
    "dL/dw = 9**9**9**9",
    "dL/dw = x mod 0",
    "dL/dw = exp(10**9999)",
    "dL/dw = x" + "²" * 900,
    "\x00 = \x1b[2J",
    "",
    "=",
    "dL/dw",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_is_refused(text):
    with pytest.raises(ClaimError):
        check_claims(Network("1-1"), [text])


pieces = st.sampled_from(
    [
        *"wxyb()[]{}|+-*/^=,;<>'_",
        "dL/dw",
        "∂",
        "Σₙ",
        "²",
        "ᵀ",
        "⊙",
        "\\frac",
        "\\sum_{n}",
        "^{",
        "N",
    ]
)


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(max_size=30), st.lists(pieces, max_size=12).map("".join)))
def test_no_text_does_more_than_be_read_or_refused(text):
    with contextlib.suppress(ClaimError):
        book(LINE).parsed(Claim(f"dL/dw = {text}"))


IN_MACROS = [
    (r"\symnnpartial{L}{\symnnlayer{W}{1}} = \symnnlayertransposed{\delta}{1} \, x", True),
    (r"\symnnlayer{z}{1} = x \, \symnnlayertransposed{W}{1} + \symnnlayer{b}{2}", False),
]


@pytest.mark.parametrize(("claim", "is_right"), IN_MACROS)
def test_macros_are_read_as_what_they_stand_for(claim, is_right):
    (verdict,) = check_claims(Network("2-3-2"), [claim])
    assert verdict.is_right is is_right


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        (r"\symnnlayer{x}{1} = \symnnsquare{x}", r"the macro \symnnsquare is not one of", 21),
        (r"\symnntransposed{x} = \symnnlayer{x}", "this macro lacks an argument in braces", 23),
        (r"\symnntransposed{x} = \alpha", r"the command \alpha is not among those", 23),
    ],
)
def test_what_is_wrong_with_a_macro_is_shown_where_it_stands(text, message, column):
    with pytest.raises(ClaimError, match=re.escape(message)) as caught:
        check_claims(Network("1-1"), [text])
    assert caught.value.column == column


def test_macros_within_macros_come_to_an_end():
    deep = r"\symnntransposed{" * 100 + "x" + "}" * 100
    with contextlib.suppress(ClaimError):
        check_claims(Network("1-1"), [f"{deep} = 1"])


WINDOWS = Network("1x4-maxpool1d(2)-flatten-1")


def test_an_index_that_stands_on_no_axis_has_the_range_that_is_said():
    (right,) = check_claims(WINDOWS, ["a1[n,c,t] = max(1 <= r <= 2, x[n, c, 2*t + r - 2])"])
    (wrong,) = check_claims(WINDOWS, ["a1[n,c,t] = max(1 <= r <= 1, x[n, c, 2*t + r - 2])"])
    assert (right.is_right, wrong.is_right) == (True, False)


RANGES = {
    "another beginning": ("2 <= r <= 2", "an index letter stands here"),
    "no size": ("1 <= r <= x", "an index ends at a whole number up to 9999 or at the name of a"),
    "too many": ("1 <= r <= 1000000000", "an index ends at a whole number up to 9999"),
    "none": ("1 <= r <= 0", "an index ends at a whole number up to 9999"),
}


@pytest.mark.parametrize(("text", "message"), RANGES.values(), ids=RANGES)
def test_a_range_that_is_none_is_refused(text, message):
    with pytest.raises(ClaimError, match=message):
        check_claims(WINDOWS, [f"a1[n,c,t] = max({text}, x[n,c,r])"])
