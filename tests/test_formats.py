"""Formats as files and as data: the schema of JSON, whole documents, PDF, and what is refused."""

import json

import pytest
from typer.testing import CliRunner

from symnn import Network, System, derive
from symnn.cli.app import app
from symnn.errors import FormatError, UnknownNameError
from symnn.rendering import BINARY_FORMATS, ENDINGS, FORMATS, page_of, pdf, standalone
from symnn.rendering.data import FORMAT
from symnn.rendering.pdf import HOW_TO_INSTALL
from symnn.rendering.unicode_notation import UnicodeNotation
from symnn.rendering.words import Words
from tests.documents import ROOT
from tests.programs import faults_in, log_of_latex, needs

SCHEMA = json.loads((ROOT / "docs" / "page.schema.json").read_text(encoding="utf-8"))
NORM = "input x[n:N, d:D]; parameter gamma[d]; loss = mean(n, d, gamma[d]*x[n,d]**2)"
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


def misfits(value, schema, place="page"):
    """Where a document is not as the schema says; what the schema of a page uses is all known."""
    known = {"$schema", "title", "description", "type", "required", "additionalProperties"}
    assert schema.keys() <= known | {"properties", "items", "const", "enum", "$defs", "$ref"}
    if "$ref" in schema:
        return misfits(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], place)
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{place} is {value!r}"]
    if "const" in schema:
        return [] if value == schema["const"] else [f"{place} is {value!r}"]
    if not isinstance(value, TYPES[schema["type"]]):
        return [f"{place} is no {schema['type']}"]
    if schema["type"] == "array":
        items = enumerate(value)
        return [m for k, x in items for m in misfits(x, schema["items"], f"{place}[{k}]")]
    if schema["type"] != "object":
        return []
    parts = schema["properties"]
    found = [f"{place} lacks {name}" for name in schema["required"] if name not in value]
    found += [f"{place} has {name}" for name in value if name not in parts]
    inner = ((v, parts[name], f"{place}.{name}") for name, v in value.items() if name in parts)
    return found + [m for x in inner for m in misfits(*x)]


@pytest.mark.parametrize(
    ("spec", "steps"), [("1-1", True), ("2-3:tanh-2", True), ("784-64-10", False)]
)
def test_json_is_as_its_schema_says(spec, steps):
    page = page_of(derive(Network(spec)), with_steps=steps, check="Checked")
    assert misfits(json.loads(FORMATS["json"](page)), SCHEMA) == []
    assert SCHEMA["properties"]["format"]["const"] == FORMAT


@pytest.mark.parametrize("values", ["w=1,b=2,x=3,y=4", "w=1,b=2,x=[1,2],y=[4,0.3]"])
def test_json_with_numbers_is_as_its_schema_says(values):
    derivation = derive(Network("1-1"))
    document = json.loads(FORMATS["json"](page_of(derivation, work=derivation.at(values))))
    assert misfits(document, SCHEMA) == []
    formula = document["sections"][0]["formulas"][0]
    assert misfits({**formula, "signs": ["<"]}, _FORMULA) == ["page.signs[0] is '<'"]


_SECTION = SCHEMA["properties"]["sections"]["items"]["properties"]
_FORMULA = _SECTION["formulas"]["items"]


@pytest.mark.parametrize(
    ("change", "misfit"),
    [
        ({"title": 1}, "page.title is no string"),
        ({"format": 2}, "page.format is 2"),
        ({"more": 1}, "page has more"),
        ({"sections": [{"heading": "", "notes": []}]}, "page.sections[0] lacks formulas"),
    ],
)
def test_a_document_that_does_not_fit_is_seen(change, misfit):
    document = json.loads(FORMATS["json"](page_of(derive(Network("1-1")))))
    assert misfits({**document, **change}, SCHEMA) == [misfit]


def test_titles_name_quantities_as_formulas_do_and_commands_stay_as_typed():
    page = page_of(derive(System.parse(NORM)))
    title, note = "Equation with the parameter ", "counted from 1: "
    found = {name: FORMATS[name](page) for name in FORMATS}
    assert f"{title}γ" in found["unicode"]
    assert f"{title}gamma" in found["text"]
    assert rf"{title}$\gamma$" in found["latex"]
    assert f"{title}<math><mi>γ</mi></math></h1>" in found["html"]
    assert note + r'\texttt{-{}-wrt "gamma[1]"}' in found["latex"]
    assert note + '`--wrt "gamma[1]"`' in found["markdown"]
    assert note + "<code>--wrt &quot;gamma[1]&quot;</code>" in found["html"]
    assert note + '--wrt "gamma[1]"' in found["unicode"]


def test_braces_around_what_is_no_quantity_stay():
    style = page_of(derive(Network("1-1"))).style
    assert Words(UnicodeNotation).told("{W1}, {b1} and {w-1} of {other}", style) == (
        "w, b and {w-1} of {other}"
    )


# Files ------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(app, ["derive", *arguments])


@pytest.mark.parametrize(("ending", "format_"), ENDINGS.items())
def test_the_end_of_a_files_name_says_the_format(ending, format_, tmp_path):
    if format_ in BINARY_FORMATS:
        needs("pdflatex")
    path = tmp_path / f"page{ending}"
    assert run("1-1", "-o", str(path)).exit_code == 0
    signs = {"unicode": "1 → 1", "latex": r"\noindent", "markdown": "**1 → 1"}
    signs |= {"html": "<!DOCTYPE html>", "json": "{\n", "pdf": "%PDF-"}
    assert path.read_bytes().startswith(signs[format_].encode())


def test_a_format_that_is_named_comes_before_the_end_of_the_name(tmp_path):
    path = tmp_path / "page.html"
    assert run("1-1", "--format", "text", "-o", str(path)).exit_code == 0
    assert path.read_text().startswith("1 -> 1")


@pytest.mark.parametrize("spec", ["2-3:gelu-2:tanh", "1x8-conv1d(2,3):relu-flatten-1"])
def test_a_whole_document_compiles_with_amsmath_and_amssymb_alone(spec, tmp_path):
    needs("pdflatex")
    document = standalone(page_of(derive(Network(spec)), with_steps=True))
    assert document.count(r"\usepackage") == 1
    assert r"\usepackage{amsmath, amssymb}" in document
    assert faults_in(log_of_latex(document, tmp_path)) == []


def test_the_same_page_is_the_same_pdf():
    needs("pdflatex")
    page = page_of(derive(Network("1-1")))
    assert pdf(page) == pdf(page)


def test_without_tex_one_line_says_how_it_is_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("1-1", "-o", str(tmp_path / "page.pdf"))
    assert isinstance(result.exception, FormatError)
    assert HOW_TO_INSTALL in str(result.exception)
    assert "\n" not in str(result.exception)
    assert list(tmp_path.iterdir()) == []


REFUSED = {
    "a pdf to stdout": (["--format", "pdf"], FormatError, "as in -o page.pdf"),
    "a fragment's option": (["--standalone"], FormatError, "--standalone is for LaTeX, not for"),
    "macros of no LaTeX": (["--macros", "--format", "html"], FormatError, "--macros is for LaTeX"),
    "no format": (["--format", "latx"], UnknownNameError, "did you mean 'latex'"),
}


@pytest.mark.parametrize(("options", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(options, kind, message):
    result = run("1-1", *options)
    assert isinstance(result.exception, kind)
    assert message in str(result.exception)
