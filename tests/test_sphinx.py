"""The directive for Sphinx: mathematics in HTML and LaTeX, and warnings that say the place."""

import os
import re
import subprocess
import sys

import pytest

from tests.documents import ROOT
from tests.oracles import needed

RST = """\
Title
=====

.. symnn:: derive 1-1 --notation bishop

.. symnn:: list forms

.. symnn:: derive 2-2:tanh-1 --steps
   :only: step 3

.. toctree::

   other
"""
MYST = (
    "# Other\n\n```{symnn} derive 1-1:sigmoid --loss bce\n```\n\n"
    "```{symnn} plot activation relu\n```\n"
)
PAGES = {"index.rst": RST, "other.md": MYST}
ONLY = """
```{symnn} derive 1-1
:only: forwart
```
```{symnn} list forms
:only: forward
```
"""
CONF = 'extensions = ["symnn.sphinx", "sphinx.ext.mathjax", "myst_parser"]\n'


@pytest.fixture
def build(tmp_path):
    """A function that builds the pages as Sphinx does under -W, and gives its status and talk."""
    needed("sphinx")
    needed("myst_parser")

    def run(builder, **changed):
        for name, text in {**PAGES, **changed, "conf.py": CONF}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", builder]
        done = subprocess.run(
            [*command, str(tmp_path), str(tmp_path / builder)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stderr

    return run


def test_pages_are_mathematics_in_html(build, tmp_path):
    assert build("html") == (0, "")
    for name, sign in {"index": r"\frac{\partial E}{\partial w}", "other": r"\sigma"}.items():
        page = (tmp_path / "html" / f"{name}.html").read_text(encoding="utf-8")
        assert r"\begin{aligned}" in page
        assert sign in page
        assert r"\begin{split}" not in page
        assert "Forward" in page
    index = (tmp_path / "html" / "index.html").read_text(encoding="utf-8")
    assert r'acts on <span class="math notranslate nohighlight">\(L\)</span> only through' in index
    assert "Step 3" not in index
    # A picture is an image, with its text alternative.
    (alt,) = re.findall(r'<img alt="(ReLU from u = −5 to 5: [^"]*)"', page)
    (image,) = (tmp_path / "html" / "_images").glob("*.svg")
    assert f"<desc>{alt}</desc>" in image.read_text(encoding="utf-8")
    assert f'src="_images/{image.name}"' in page


def test_pages_are_mathematics_in_latex(build, tmp_path):
    assert build("latex") == (0, "")
    (made,) = (tmp_path / "latex").glob("*.tex")
    assert made.read_text(encoding="utf-8").count(r"\begin{aligned}") > 6
    assert len([*(tmp_path / "latex").glob("*.pdf")]) == 1


def test_what_is_refused_is_a_warning_with_the_file_and_the_line(build):
    status, talk = build(
        "dummy",
        **{
            "index.rst": PAGES["index.rst"].replace("--notation", "--notatoin"),
            "other.md": PAGES["other.md"].replace("bce", "bcee").replace("relu", "rleu") + ONLY,
        },
    )
    assert status == 1
    assert "index.rst:4: WARNING: symnn derive 1-1 --notatoin bishop: No such option" in talk
    assert "other.md:3: WARNING: symnn derive 1-1:sigmoid --loss bcee: no loss named" in talk
    assert "other.md:6: WARNING: symnn plot activation rleu: no activation named 'rleu'" in talk
    assert "other.md:9: WARNING: symnn derive 1-1: no section named 'forwart'; did you mean" in talk
    assert "other.md:12: WARNING: symnn list forms: only a page of formulas has sections" in talk
