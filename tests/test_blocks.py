"""Marked blocks in Markdown: filled, refreshed, checked; refused whole where one is wrong."""

import pytest
from typer.testing import CliRunner

from symnn.blocks import as_markdown, blocks, filled
from symnn.cli.app import app
from symnn.cli.commands import output_of
from symnn.errors import FormatError, SymnnError

DOCUMENT = """\
# A page

<!-- symnn derive 1-1 -->
old
<!-- /symnn -->

```md
<!-- symnn derive 9-9 -->
```

<!-- symnn list forms -->
<!-- /symnn -->
End.
"""


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(DOCUMENT)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["render", *map(str, arguments)])


def test_blocks_are_filled_and_nothing_else_is_touched(page):
    assert run(page).exit_code == 0
    text = page.read_text()
    assert r"\hat{y} &= w \, x + b" in text
    assert "```text\nforms\n  auto, matrix, index, scalar\n```" in text
    assert "old" not in text
    assert text.startswith("# A page\n\n<!-- symnn derive 1-1 -->\n\n**1 → 1")
    assert text.endswith("<!-- /symnn -->\nEnd.\n")
    assert "```md\n<!-- symnn derive 9-9 -->\n```\n" in text


def test_a_filled_document_is_filled_already(page):
    run(page)
    before = page.read_text()
    assert "0 of 2 blocks changed" in run(page).output
    assert page.read_text() == before
    assert run("--check", page).exit_code == 0


def test_a_stale_block_is_status_1_and_nothing_is_written(page):
    result = run("--check", page)
    assert result.exit_code == 1
    assert f"{page}:3: stale: symnn derive 1-1\n" in result.output
    assert f"{page}:11: stale: symnn list forms\n" in result.output
    assert page.read_text() == DOCUMENT


def test_files_of_a_block_are_looked_for_beside_the_document(page):
    (page.parent / "own.eqs").write_text("input x; target y; parameter q\nloss = (q*x - y)**2\n")
    page.write_text("<!-- symnn derive own.eqs -->\n<!-- /symnn -->\n")
    assert run(page).exit_code == 0
    assert r"\frac{\partial L}{\partial q}" in page.read_text()


def test_a_picture_is_drawn_beside_the_document_and_shown_with_its_text(page):
    page.write_text("<!-- symnn plot activation relu -->\n<!-- /symnn -->\n")
    assert run("--check", page).exit_code == 1
    assert list(page.parent.glob("*.svg")) == []
    assert run(page).exit_code == 0
    (picture,) = page.parent.glob("page-activation-relu-*.svg")
    assert "![ReLU from u = −5 to 5: " in page.read_text(encoding="utf-8")
    assert f"](<{picture.name}>)\n" in page.read_text(encoding="utf-8")
    assert run("--check", page).exit_code == 0
    picture.write_bytes(b"another")
    assert f"{page}:1: stale: symnn plot activation relu\n" in run("--check", page).output
    assert "1 of 1 blocks changed" in run(page).output
    assert picture.read_bytes().startswith(b"<?xml")


WRONG = {
    "a picture": ("plot activation reul", "2: no activation named 'reul'; did you mean 'relu'?"),
    "a place for a picture": ("plot activation relu -o a.svg", "2: -o has no place here"),
    "an option": ("derive 1-1 --notatoin x", "2: No such option: --notatoin"),
    "a loss": ("derive 1-1 --loss msee", "2: no loss named 'msee'; did you mean 'mse'?"),
    "a value": ("derive 1-1 --seed one", "2: "),
    "a command": ("train 1-1", "2: no command for a document named 'train'"),
    "nothing": ("", "2: no command for a document named ''"),
    "an output of its own": ("derive 1-1 -o page.tex", "2: -o has no place here"),
    "quotes": ("derive '1-1", "2: no closing quotation in"),
}


@pytest.mark.parametrize(("command", "message"), WRONG.values(), ids=WRONG)
def test_a_block_that_is_wrong_is_refused_with_its_line_and_no_file_is_written(
    command, message, page
):
    other = page.parent / "other.md"
    other.write_text(f"x\n<!-- symnn {command} -->\n<!-- /symnn -->\n")
    result = run(page, other)
    assert isinstance(result.exception, SymnnError)
    assert str(result.exception).startswith(f"{other}:{message}")
    assert page.read_text() == DOCUMENT


MALFORMED = {
    "never closed": ("a\n<!-- symnn list -->\nb\n", "2: the block is not closed"),
    "closed twice": (
        "<!-- symnn list -->\n<!-- /symnn -->\n<!-- /symnn -->\n",
        "3: this closes no",
    ),
    "one in another": (
        "<!-- symnn list -->\n<!-- symnn list -->\n<!-- /symnn -->\n",
        "2: the block of line 1 is not closed before",
    ),
}


@pytest.mark.parametrize(("text", "message"), MALFORMED.values(), ids=MALFORMED)
def test_a_block_without_an_end_is_refused_with_its_line(text, message):
    with pytest.raises(FormatError, match=message):
        blocks(text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    assert "cannot read" in str(run(tmp_path / "none.md").exception)
    (tmp_path / "latin.md").write_bytes(b"\xe9\xff")
    assert "not text in UTF-8" in str(run(tmp_path / "latin.md").exception)


def test_the_ends_of_lines_stay_what_they_are():
    text, changed = filled("a\r\n<!-- symnn list -->\r\n<!-- /symnn -->\r\n", lambda _: "x\ny")
    assert text == "a\r\n<!-- symnn list -->\r\n\r\nx\r\ny\r\n\r\n<!-- /symnn -->\r\n"
    assert len(changed) == 1


def test_the_last_line_needs_no_end():
    text, _ = filled("<!-- symnn list -->\n<!-- /symnn -->", lambda _: "x")
    assert text == "<!-- symnn list -->\n\nx\n\n<!-- /symnn -->"


def test_code_has_a_fence_that_is_longer_than_any_in_it():
    assert as_markdown("a\n```\nb\n", "text") == "````text\na\n```\nb\n````\n"


def test_a_command_of_a_document_leaves_the_process_as_it_was():
    import gc

    # Another test may have run a command in this process.
    gc.enable()
    output, format_ = output_of(["derive", "1-1", "--format", "text"])
    assert output.startswith("1 -> 1")
    assert format_ == "text"
    assert gc.isenabled()
