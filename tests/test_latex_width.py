"""How wide LaTeX is: the estimate holds against TeX; a broken line is broken where it may be."""

import pytest

from symnn.rendering.measure import lines, pieces, width

WIDTHS = {
    # As TeX measures them in display style at 10 pt, in points.
    r"a": 5.3,
    r"a = b": 22.9,
    r"a + b": 21.8,
    r"\frac{a}{b}": 7.7,
    r"\sum_{n}": 14.4,
    r"\sum_{nmlkjk}": 27.2,
    r"\left(\frac{a}{b}\right)": 19.6,
    r"\begin{cases} a & b \\ a & b \end{cases}": 28.8,
    r"\operatorname{softmax}": 34.5,
    r"\mathit{slope}": 21.7,
    r"\boldsymbol{W}": 12.5,
    r"\frac{\partial L}{\partial W^{(1)}_{ji}}": 29.5,
}


@pytest.mark.parametrize(("latex", "points"), WIDTHS.items(), ids=WIDTHS)
def test_the_width_is_near_that_of_tex_and_not_below_it(latex, points):
    assert points - 1 <= width(latex) <= 1.4 * points + 6


TERMS = " + ".join(f"a_{{{k}}} \\, b_{{{k}}}" for k in range(12))
BROKEN = {
    "a short one": ("a + b", ["a + b"]),
    "a sum": (TERMS, "ends before a sign"),
    "a sum in brackets": (rf"c \, ({TERMS})", "ends before a sign"),
    "a sum in brackets that grow": (
        rf"\left(\frac{{1}}{{2}} + {TERMS}\right)^{{2}}",
        "\\Bigr)^{2}",
    ),
    "a fraction": (rf"\frac{{{TERMS}}}{{N}}", r"\frac{1}{N}"),
}


@pytest.mark.parametrize(("latex", "sign"), BROKEN.values(), ids=BROKEN)
def test_a_formula_is_broken_within_the_room(latex, sign):
    found = lines(latex, 150)
    assert all(width(line) <= 160 for line in found)
    if isinstance(sign, list):
        assert found == sign
    elif sign == "ends before a sign":
        assert all(line.startswith("+ ") for line in found[1:])
        assert "".join(found).replace(" ", "") == latex.replace(" ", "")
    else:
        assert any(sign in line for line in found)
        assert all(line.count(r"\left") == line.count(r"\right") for line in found)


def test_a_minus_that_begins_a_term_ends_no_line():
    joining = [p.text for p in pieces(r"\sum_{n} - x + \left(- y - z\right) = - 1") if p.joins]
    assert joining == ["+", "-"]


def test_what_cannot_be_broken_stays_whole():
    assert lines(r"\mathit{" + "a" * 100 + "}", 50) == [r"\mathit{" + "a" * 100 + "}"]


def test_a_formula_is_put_together_again_from_its_pieces():
    latex = r"\frac{a}{b} \, \left(x^{2}_{n} - \begin{cases} u & \text{if } v \end{cases}\right)"
    assert "".join(p.text for p in pieces(latex)) == latex


def test_cases_within_cases_have_cells_of_their_own():
    inner = r"\begin{cases} 1 & x < 1 \\ 2 & \text{otherwise} \end{cases}"
    outer = rf"\begin{{cases}} 0 & x < 0 \\ {inner} & \text{{otherwise}} \end{{cases}}"
    assert width(inner) < width(outer) < 3 * width(inner)
