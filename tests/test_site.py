"""The site, as far as it can be told without Sphinx: what each page is made of, and its place."""

import contextlib
import json
import re
import unicodedata
from html import unescape

import pytest
from symnn_site import blocks, gallery, reference
from symnn_site.mathml import UnknownMathError, mathml
from typer.testing import CliRunner

import symnn
from symnn import ACTIVATIONS, LAYERS, LOSSES, OPTIMIZERS, PENALTIES, Network, derive
from symnn.cli.app import app
from symnn.rendering import page_of
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.mathml import MathmlNotation
from tests.documents import ROOT

DOCS = ROOT / "docs"
PAGES = [path for path in DOCS.rglob("*.*") if path.suffix in (".md", ".rst", ".ipynb")]


def test_every_page_stands_in_a_table_of_contents():
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    named = [
        line for block in re.findall(r":::{toctree}(.*?):::", index, re.S) for line in block.split()
    ]
    pages = {str(path.relative_to(DOCS).with_suffix("")) for path in PAGES}
    assert pages - set(named) == {"index"}


def test_every_row_of_every_table_has_an_entry_in_the_gallery():
    shown = [row for path in PAGES for row in gallery.rows_in(path.read_text(encoding="utf-8"))]
    tables = {"activations": ACTIVATIONS, "losses": LOSSES, "penalties": PENALTIES}
    tables |= {"layers": LAYERS, "optimizers": OPTIMIZERS}
    assert sorted(shown) == sorted((table, name) for table in tables for name in tables[table])


def entries():
    return [
        pytest.param(table, name, id=f"{table} {name}")
        for table in ("activations", "losses", "penalties", "optimizers")
        for name in gallery.TABLES[table].rows
    ]


@pytest.mark.parametrize(("table", "name"), entries())
def test_an_entry_has_the_formula_its_derivative_the_policy_and_the_source(table, name):
    row = gallery.TABLES[table].rows[name]
    entry = gallery.TABLES[table].entry(row)
    assert any(row.source in fact for fact in entry.facts)
    assert getattr(row, "policy", "") in "\n".join(entry.facts)
    formulas = "\n".join(entry.formulas)
    if table != "optimizers":
        assert re.search(r"'\(u\) &=|\\frac{\\partial|derivative", formulas)
    if table in ("activations", "losses"):
        assert entry.drawn.args == (row,)


NOTEBOOKS = sorted(DOCS.glob("notebooks/*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_runs_from_top_to_bottom(notebook, tmp_path):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"]] == []
    names = {"display": lambda *_, **__: None}
    with contextlib.chdir(tmp_path):
        for cell in code:
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)


def test_a_block_that_is_stale_or_fails_has_its_line():
    page = "# A\n\n```console\n$ echo a\na\n$ echo b\nc\n```\n"
    ((line, message),) = blocks.faults(page)
    assert (line, message.splitlines()[-3:-1]) == (7, ["-c", "+b"])
    ((line, message),) = blocks.faults("# A\n\n```python\n1 / 0\n```\n")
    assert (line, message.splitlines()[0]) == (3, "division by zero")
    assert blocks.faults("```console\n$ echo a\na\n```\n") == []


def test_the_reference_has_every_command_option_and_name():
    page = reference.filled((DOCS / "options.md").read_text(encoding="utf-8"))
    assert {"symnn derive", "symnn plot knob", "symnn list"} <= set(
        re.findall("^## (.*)", page, re.M)
    )
    for words in ("derive", "train", "plot knob"):
        told = CliRunner().invoke(app, [*words.split(), "--help"]).output
        shown = page.split(f"## symnn {words}\n")[1].split("\n## ")[0]
        offered = set(re.findall(r"--[a-z][\w-]*", told)) - {"--help"}
        assert offered <= set(re.findall(r"--[a-z][\w-]*", shown))
    names = reference.filled((DOCS / "api.rst").read_text(encoding="utf-8"))
    assert [name for name in symnn.__all__ if f":: symnn.{name}\n" not in f"{names}\n"] == [
        "__version__"
    ]


def seen(math):
    """What is seen of MathML: all but its elements, blanks, and hats, which stand in either way."""
    text = unescape(re.sub("<[^>]*>", "", math))
    return re.sub(r"[\s\u2061-\u2063ˆ]", "", unicodedata.normalize("NFD", text)).replace(
        "\u0302", ""
    )


FORMULAS = {
    "a dense net": ("2-3:gelu-1", "huber"),
    "a window that slides": (
        "1x4x4-conv2d(2,2):relu-maxpool2d(2)-flatten-2:softmax",
        "cross_entropy",
    ),
}


@pytest.mark.parametrize(("spec", "loss"), FORMULAS.values(), ids=FORMULAS)
def test_mathml_of_latex_shows_what_the_mathml_of_the_formula_shows(spec, loss):
    page = page_of(derive(Network(spec, loss=loss)))
    sides = [side for s in page.sections for row in s.rows for f in row for side in f.sides]
    shown = [
        (
            seen(mathml(LatexNotation(style).math(e), is_block=False)),
            seen(MathmlNotation(style).math(e)),
        )
        for e, style in sides
    ]
    assert len(shown) > 30
    assert [pair for pair in shown if pair[0] != pair[1]] == []


def test_latex_that_the_site_cannot_show_is_refused():
    for text in (r"\undefined x", r"\left(x", r"\frac{1}{", r"\begin{aligned} x"):
        with pytest.raises(UnknownMathError):
            mathml(text, is_block=True)
    assert seen(mathml("a + b", is_block=False)) != seen(mathml("a - b", is_block=False))
