"""The documents: every block runs, nothing of the tables is left out; and the runner can fail."""

import ast
import os
import re
import shlex
import subprocess
import sys

import pytest

from symnn import ACTIVATIONS, LAYERS, LOSSES, OPTIMIZERS, PENALTIES
from symnn.cli.commands import output_of
from symnn.cli.tables import TABLES
from symnn.compilation import BACKENDS
from symnn.rendering import BINARY_FORMATS, FORMATS, FORMS
from symnn.version import __version__
from tests import golden
from tests.documents import ROOT, alike, directives, rerun, setups
from tests.forks import program
from tests.golden import compare
from tests.published.page import page

DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))
NAMES = [str(path.relative_to(ROOT / "docs").with_suffix("")) for path in DOCUMENTS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_block_gives_what_stands_there(document, tmp_path):
    compare(document, rerun(document.read_text(encoding="utf-8"), tmp_path), alike)


def test_every_directive_has_a_command_that_is_not_refused():
    pairs = [(path, line) for path in DOCUMENTS for line in directives(path.read_text("utf-8"))]
    assert {path.stem for path, _ in pairs} >= {"index", "line"}
    for path, line in pairs:
        words = shlex.split(line)
        assert words[0] == "plot" or output_of(words, path.parent)[0], line


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_link_leads_somewhere(document):
    for target in re.findall(r"\]\(([\w./-]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).is_file(), target


def test_the_notation_names_every_row_of_every_table():
    text = (ROOT / "docs" / "notation.md").read_text(encoding="utf-8")
    rows = [
        *ACTIVATIONS,
        *LOSSES,
        *PENALTIES,
        *OPTIMIZERS,
        *LAYERS,
        *FORMATS,
        *BINARY_FORMATS,
        *FORMS,
        *BACKENDS,
        *TABLES,
    ]
    assert [row for row in rows if f"`{row}`" not in text] == []


def test_the_published_derivatives_are_listed():
    compare(ROOT / "docs" / "published.md", page())


def test_the_newest_changes_are_those_of_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", text, re.MULTILINE)[0] == __version__


LIKE_A_PROCESS = {
    "a refusal, on stderr": "derive 1-1:tahn",
    "a wrong option": "derive 1-1 --fomr index",
    "a pipe that closes": "list | head -n 1",
    "a folder, input and output": "list forms > a; mkdir b; cd b; {} derive /dev/stdin < ../a",
}


@pytest.mark.parametrize("words", LIKE_A_PROCESS.values(), ids=LIKE_A_PROCESS.keys())
def test_a_command_of_a_document_does_what_the_program_does(words, tmp_path):
    def done(program, folder):
        folder.mkdir()
        run = ["bash", "-c", f"{{}} {words}".replace("{}", shlex.join(program))]
        ended = subprocess.run(run, cwd=folder, env=surroundings, capture_output=True, check=False)
        return ended.returncode, ended.stdout, ended.stderr

    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    start = "import sys; sys.argv[0] = 'symnn'; from symnn.cli import main; main()"
    assert done(program(), tmp_path / "a") == done([sys.executable, "-c", start], tmp_path / "b")


SPOILT = {
    "a command's output": "```console\n$ echo one\ntwo\n```\n",
    "a dialogue's output": "```python\n>>> 1 + 1\n3\n```\n",
    "an output too many": "```python\n>>> x = 1\n1\n```\n",
}


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT.keys())
def test_an_output_that_is_not_so_is_seen(text, tmp_path):
    assert rerun(text, tmp_path) != text


REFUSED = {
    "a language that nothing runs": ("```text\none\n```\n", "nothing runs a block of text"),
    "a command that fails": ("```console\n$ exit 3\n```\n", "gave status 3"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_block_that_cannot_be_right_is_refused(text, message, tmp_path):
    with pytest.raises(AssertionError, match=message):
        rerun(text, tmp_path)


def test_a_document_that_is_right_stays_as_it_is(tmp_path):
    text = (
        "One.\n\n```console\n$ echo a; echo b >&2\na\nb\n$ echo \\\n  c\nc\n```\n\n"
        "```python\nx = 1\n```\n\n```python\n>>> for i in range(2):\n...     print(i + x)\n1\n2\n"
        ">>> 1 / 0\nTraceback (most recent call last):\n  ...\nZeroDivisionError: division by zero"
        "\n```\n\n```sh\nmake a house\n```\n"
    )
    assert rerun(text, tmp_path) == text
    assert setups(text) == ["make a house\n"]


def test_figures_that_differ_from_machine_to_machine_are_not_compared():
    assert alike("6 compared, worst 1e-17  ok") == alike("6 compared, worst 2e-17  ok")
    assert alike("worst 1e-17  ok") != alike("worst 1e-17  OFF")


@pytest.fixture
def accepted(tmp_path, monkeypatch):
    """An accepted text, in a folder of golden files of its own."""
    monkeypatch.setattr(golden, "GOLDEN", tmp_path)
    path = tmp_path / "page.txt"
    path.write_text("one\ntwo\n")
    return path


def test_another_text_fails_with_a_diff_and_the_command_that_accepts_it(accepted, monkeypatch):
    monkeypatch.delenv("ACCEPT", raising=False)
    compare(accepted, "one\ntwo\n")
    with pytest.raises(pytest.fail.Exception) as failure:
        compare(accepted, "one\nthree\n")
    assert "-two\n+three" in str(failure.value)
    assert "ACCEPT=1 pytest" in str(failure.value)
    assert accepted.read_text() == "one\ntwo\n"


def test_a_text_is_accepted_where_it_is_asked_for_and_never_in_ci(accepted, monkeypatch):
    monkeypatch.setenv("ACCEPT", "1")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception):
        compare(accepted, "one\nthree\n")
    monkeypatch.delenv("CI")
    compare(accepted, "one\nthree\n")
    assert accepted.read_text() == "one\nthree\n"
    assert not os.environ.get("CI")


def levels():
    """The level of each module, as docs/design.md has it."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([\w/ ]+) \|", text, re.MULTILINE)
    return {name.strip("/"): int(level) for level, names in rows for name in names.split()}


def imports_at_the_top(path):
    """The modules of symnn that a file imports when it is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[1] for name in found if name and name.startswith("symnn.")}


MODULES = [path for path in (ROOT / "symnn").rglob("*.py") if not path.stem.startswith("__")]


def room(path):
    """The module or the folder of the package in which a file is."""
    return path.relative_to(ROOT / "symnn").parts[0].removesuffix(".py")


def test_the_design_has_every_module_and_no_other():
    assert sorted(levels()) == sorted({room(path) for path in MODULES})


def test_a_module_imports_from_lower_levels_alone():
    level = levels()
    pairs = [(room(path), name) for path in MODULES for name in imports_at_the_top(path)]
    others = [
        (here, there) for here, there in pairs if here != there and {here, there} <= set(level)
    ]
    assert [
        f"{here} imports {there}" for here, there in others if level[there] >= level[here]
    ] == []
