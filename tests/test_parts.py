"""Parts with names of their own: what they stand for, and that they help."""

from functools import cache

import pytest

from symnn import Network, System, derive
from symnn.rendering import FORMATS, page_of
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.measure import width
from symnn.rendering.parts import ROOM, with_parts
from tests.readback import misread, printed

# r, s and q have a meaning here already.
CROWDED = """
input x[n:N, r:4]; target y[n, s:3]; parameter q[s, r], u[s]
z[n,s] = sum(r, q[s,r]*x[n,r])
yhat[n,s] = z[n,s]*exp(tanh(z[n,s]*u[s] + 1/z[n,s]))/(1 + tanh(z[n,s]*u[s] + 1/z[n,s])**2)
loss = mean(n, s, (yhat[n,s] - y[n,s])**2)
"""
MODELS = {
    "pooling": Network("1x6x6-conv2d(2,3):relu-maxpool2d(2)-flatten-1"),
    "gelu_tanh": Network("2-2:gelu_tanh-1"),
    "crowded": System.parse(CROWDED),
}
each_model = pytest.mark.parametrize("name", MODELS)


@cache
def derived(name):
    return derive(MODELS[name])


@cache
def page_with_parts(name):
    return page_of(derived(name))


def formulas(page):
    return [f for section in page.sections for row in section.rows for f in row]


def whole(formula):
    """The sides with every part put back."""
    sides = [e for e, _ in formula.sides]
    for part in formula.parts:
        name, *_, value = whole(part)
        shift = name.as_coeff_Add()[0]
        sides = [e.xreplace({name - shift: value - shift}) for e in sides]
    return sides


@each_model
def test_a_formula_with_its_parts_put_back_is_the_formula(name, monkeypatch):
    named = formulas(page_with_parts(name))
    monkeypatch.setattr("symnn.rendering.layout.with_parts", lambda page: page)
    plain = formulas(page_of(derived(name)))
    assert any(f.parts for f in named)
    by_sides = [[e for e, _ in f.sides] for f in plain]
    assert sorted(map(str, map(whole, named))) == sorted(map(str, by_sides))


@each_model
def test_a_part_has_a_letter_that_nothing_else_has(name):
    derivation = derived(name)
    taken = {*derivation.system.quantities}
    taken |= {str(i) for e in derivation.equations for i in e.expression.atoms() if i.is_Symbol}
    for formula in formulas(page_with_parts(name)):
        names = [str(getattr(p.sides[0][0].as_coeff_Add()[1], "base", p)) for p in formula.parts]
        assert len(set(names)) == len(names)
        assert not {*names} & taken


@each_model
def test_a_part_is_told_within_a_page(name):
    for formula in formulas(page_with_parts(name)):
        for part in formula.parts:
            texts = [LatexNotation(style).math(e) for e, style in part.sides]
            assert sum(map(width, texts)) <= 2.2 * ROOM


def test_what_fits_has_no_parts():
    page = page_of(derive(Network("2-3:tanh-1:sigmoid", loss="bce")))
    assert with_parts(page) == page


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_tells_the_parts(format_):
    text = FORMATS[format_](page_with_parts("gelu_tanh"))
    assert "where" in text


def test_parts_are_read_back():
    model = MODELS["gelu_tanh"]
    lines = [text for text in printed(model, forms=("matrix",)) if "where" in text]
    wrong = lines[-1].replace("r = ", "r = 2 ")
    assert wrong not in lines
    assert misread(model, [*lines, wrong]) == [wrong]
