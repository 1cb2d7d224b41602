"""Derivatives as publications state them: expressible, and right to 1e-9."""

from dataclasses import replace

import numpy as np
import pytest

from tests.published.cases import agrees, case, disagreements
from tests.published.page import ALL
from tests.published.works import WORKS


@pytest.mark.parametrize("published", ALL, ids=lambda c: c.id)
def test_what_is_derived_is_what_was_published(published):
    assert disagreements(published) == []


def test_there_are_over_two_hundred_cases_and_each_has_a_name_of_its_own():
    assert len({c.id for c in ALL}) == len(ALL) > 200


def test_every_case_says_where_it_is_from_and_every_source_is_used():
    assert {c.work for c in ALL} == set(WORKS)
    assert [c.id for c in ALL if not (c.says and c.place and c.published)] == []


# Of aᵀXb by X, which is abᵀ.
WRONG = {
    "a factor": lambda a, b: 2 * np.outer(a, b),
    "a sign": lambda a, b: -np.outer(a, b),
    "transposed": lambda a, b: np.outer(b, a),
    "an entry": lambda a, b: np.outer(a, b) + 1e-7 * np.eye(3),
    "a shape": lambda a, b: a @ b,
}


@pytest.mark.parametrize("says", WRONG.values(), ids=WRONG)
def test_what_is_not_so_is_seen(says):
    model = "parameter X[i:3, j:3]; input a[i], b[j]; loss = sum(i, j, a[i]*X[i,j]*b[j])"
    right = case("right", "own", "here", "abᵀ", model, X=lambda a, b: np.outer(a, b))
    assert disagreements(right) == []
    assert disagreements(replace(right, published={"X": says}))


def test_what_is_no_number_agrees_with_nothing():
    assert not agrees(np.array([np.nan]), np.array([np.nan]))
    assert not agrees(np.array([1.0]), np.array([np.nan]))
