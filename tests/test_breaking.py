"""Lines within the width of a terminal."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnn import Network, derive
from symnn.rendering import FORMATS, page_of
from symnn.rendering.breaking import within

PAGE = page_of(derive(Network("2-3:gelu_tanh-2:softmax", loss="cross_entropy")), with_steps=True)
TEXTS = {name: FORMATS[name](PAGE) for name in ("unicode", "text")}


def closely(text):
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("columns", [80, 120])
def test_a_page_in_lines_has_all_that_it_had_and_no_line_is_wider(name, columns):
    broken = within(TEXTS[name], columns)
    assert closely(broken) == closely(TEXTS[name])
    assert max(map(len, broken.split("\n"))) <= columns


@pytest.mark.parametrize("columns", range(20, 60))
def test_no_fraction_is_parted(columns):
    line = "  L = (a + b + c + d + e)/(f + g + h) + (u + v)/(w + x + y) + z"
    broken = within(line, columns)
    for fraction in ("(a + b + c + d + e)/(f + g + h)", "(u + v)/(w + x + y)"):
        assert any(fraction in part for part in broken.split("\n"))


def test_what_fits_stays_as_it_is():
    assert within(TEXTS["unicode"], 10_000) == TEXTS["unicode"]


def test_formulas_side_by_side_stand_one_below_another():
    assert within("  z = x W + b     a = tanh z", 24) == "  z = x W + b\n  a = tanh z"


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="ab =+−·()[]/Σ⊙\n ", max_size=120), columns=st.integers(1, 60))
def test_nothing_is_lost(text, columns):
    assert closely(within(text, columns)) == closely(text)


def test_a_sentence_fills_the_lines_of_a_narrow_terminal():
    lines = within(TEXTS["unicode"], 60).split("\n")
    (k,) = [k for k, line in enumerate(lines) if line.startswith("  Chain rule: z¹ acts")]
    first, second, third = lines[k : k + 3]
    assert len(first) + len(second.split()[0]) >= 60
    assert len(second) + len(third.split()[0]) >= 60 or second.endswith(".")


RECURRENT = """  dL/da2     = delta3 @ W3
  dL/dh1[t]  = dL/da2[t]*[t == 4] + [t <= 3]*sum(k, dL/dh1[t + 1, k]*U1[k,j])
  dL/dq[t]   = sum(k, dL/dr1[t + 1, k]*Ur1[k,j]*r1[t + 1, k]*(1 - r1[t + 1, k])) + v1[t]
  dL/dW1     = delta1.T @ x_long_name_of_a_thing    dL/db1 = sum(n, delta1[n,j])
"""
IN_62 = """  dL/da2     = delta3 @ W3
  dL/dh1[t]  = dL/da2[t]*[t == 4]
                 + [t <= 3]*sum(k, dL/dh1[t + 1, k]*U1[k,j])
  dL/dq[t]   = sum(k, dL/dr1[t + 1, k]*Ur1[k,j]*r1[t + 1, k]*
                   (1 - r1[t + 1, k])) + v1[t]
"""


def test_a_line_is_broken_at_a_sign_before_a_factor_and_signs_stay_in_line():
    lines = within(RECURRENT, 62).split("\n")
    assert "\n".join(lines[:5]) + "\n" == IN_62
    assert lines[-3:-1] == [
        "  dL/dW1     = delta1.T @ x_long_name_of_a_thing",
        "  dL/db1     = sum(n, delta1[n,j])",
    ]
