"""Programs that tests call: where they are, and what happens where one is missing.

Locally a test is skipped with the reason; in CI, which installs them all, it fails.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documents import ROOT

# Where `npm install --prefix .renderers katex mathjax` puts them; .ci/run does.
NODE_MODULES = Path(os.environ.get("SYMNN_RENDERERS", ROOT / ".renderers"))
HOW = {
    "pdflatex": "apt-get install texlive-latex-base",
    "node": "apt-get install nodejs npm",
    "chromium": "apt-get install chromium",
    "katex": "npm install --prefix .renderers katex@0.19",
    "mathjax": "npm install --prefix .renderers mathjax@4",
}


def is_there(name):
    if name in ("katex", "mathjax"):
        return (NODE_MODULES / "node_modules" / name).is_dir()
    return shutil.which(name) is not None


def needs(*names):
    """Skip the test where one of these is missing, or fail it in CI."""
    for name in names:
        if is_there(name):
            continue
        if os.environ.get("CI"):
            pytest.fail(f"CI must have {name}: {HOW[name]}")
        pytest.skip(f"{name} is not installed: {HOW[name]}")


def refused_by(renderer, formulas):
    """The formulas that a renderer of Node's refuses, with what it says of each; one process."""
    script = ROOT / "tests" / "renderers" / f"{renderer}.mjs"
    done = subprocess.run(
        ["node", str(script), str(NODE_MODULES)],
        input=json.dumps(list(formulas)),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [(formulas[place], message) for place, message in json.loads(done.stdout)]


def log_of_latex(document, folder):
    """The log of pdflatex on a document."""
    (folder / "page.tex").write_text(document, encoding="ascii")
    subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "page.tex"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=300,
    )
    return (folder / "page.log").read_text(encoding="latin-1")


def faults_in(log, points=1.0):
    """Errors, missing glyphs and lines wider than the page by so many points, each with its page.

    A page announces itself in the log by a line that begins with ==.
    """
    found, page = [], ""
    for line in log.splitlines():
        overfull = re.match(r"Overfull \\hbox \(([\d.]+)pt too wide\)", line)
        if line.startswith("== "):
            page = line.removeprefix("== ")
        elif (overfull and float(overfull[1]) > points) or line.startswith(("!", "Missing char")):
            found.append((page, line))
    return found


def console_of(url, folder):
    """What a page of this address writes to the console of a headless browser."""
    done = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--enable-logging=stderr", "--log-level=0", f"--user-data-dir={folder}"),
            *("--virtual-time-budget=2000", "--dump-dom", url),
        ],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=120,
    )
    assert "<html" in done.stdout, done.stderr[-2000:]
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]
