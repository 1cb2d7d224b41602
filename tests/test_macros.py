"""LaTeX in macros: what they stand for is what is printed without them, and TeX takes both."""

import re

import pytest

from symnn import Network, derive
from symnn.rendering import FORMATS, page_of
from symnn.rendering.macros import MACROS, package, standalone_with_macros, with_macros
from tests.programs import faults_in, log_of_latex, needs

NETS = {
    "two layers": ("2-3:relu-1:sigmoid", "bce"),
    "a line": ("1-1", "mse"),
    "softmax": ("4-3:softmax", "cross_entropy"),
}


def group(text, start):
    """The content of the group in braces at `start`, and where it ends."""
    depth = 0
    for k in range(start, len(text)):
        depth += (text[k] == "{") - (text[k] == "}")
        if not depth:
            return text[start + 1 : k], k + 1
    raise AssertionError(text[start:])


def expanded(text):
    """The text with every macro replaced by what it stands for."""
    while match := re.search(r"\\(symnn[a-z]+)", text):
        row, end, body = MACROS[match[1]], match.end(), MACROS[match[1]].body
        for number in range(1, row.arguments + 1):
            argument, end = group(text, end)
            body = body.replace(f"#{number}", argument)
        text = text[: match.start()] + body + text[end:]
    return text


def formulas(text):
    """The text without what depends on widths: where lines end."""
    ends = r"\\\\\*?|\\begin\{alignat\*\}\{\d\}|\\end\{alignat\*\}\}?|\\\[|\\\]|&( ?\\q?quad)?"
    return re.sub(rf"{ends}|{{\\allowdisplaybreaks|\s+", "", text)


@pytest.mark.parametrize(("spec", "loss"), NETS.values(), ids=NETS)
@pytest.mark.parametrize("form", ["auto", "index"])
def test_macros_stand_for_what_is_printed_without_them(spec, loss, form):
    page = page_of(derive(Network(spec, loss=loss)), form, with_steps=True)
    marked = with_macros(page)
    assert "\\symnnpartial{" in marked
    assert formulas(expanded(marked)) == formulas(FORMATS["latex"](page))


def test_every_macro_is_used_and_defined():
    page = page_of(derive(Network("2-3:relu-1:sigmoid", loss="bce")))
    line = page_of(derive(Network("3-1")), "matrix")
    used = with_macros(page) + with_macros(line)
    assert [name for name in MACROS if f"\\{name}" not in used] == []
    assert [name for name in MACROS if f"\\providecommand{{\\{name}}}" not in package()] == []


def test_a_document_may_define_a_macro_of_its_own(tmp_path):
    needs("pdflatex")
    (tmp_path / "symnn.sty").write_text(package(), encoding="ascii")
    fragment = with_macros(page_of(derive(Network("2-3:tanh-1"))))
    document = (
        "\\documentclass{article}\n\\newcommand{\\symnnlayer}[2]{#1_{[#2]}}\n"
        f"\\usepackage{{symnn}}\n\\begin{{document}}\n{fragment}\\typeout{{\\meaning\\symnnlayer}}"
        "\\end{document}\n"
    ).replace("_{[", "^{[").replace("]}}", "]}}")  # fmt: skip
    log = log_of_latex(document, tmp_path)
    assert faults_in(log) == []
    assert "#1^{[#2]}" in log


def test_a_whole_document_with_macros_compiles(tmp_path):
    needs("pdflatex")
    document = standalone_with_macros(page_of(derive(Network("2-3:relu-1:sigmoid", loss="bce"))))
    assert faults_in(log_of_latex(document, tmp_path)) == []
