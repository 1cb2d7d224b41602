"""Pages as PDF, set by the TeX that is installed; nothing else of symnn needs one."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from symnn.errors import FormatError
from symnn.rendering.latex import standalone
from symnn.rendering.page import Page

HOW_TO_INSTALL = "apt-get install texlive-latex-base"
_SECONDS = 120
# The same page gives the same bytes.
_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}


def pdf(page: Page) -> bytes:
    """The page as a PDF file.

    Raises `FormatError` where there is no pdflatex, with the command that installs it.
    """
    if shutil.which("pdflatex") is None:
        raise FormatError(f"a PDF needs pdflatex, which is not installed: {HOW_TO_INSTALL}")
    with tempfile.TemporaryDirectory(prefix="symnn-") as folder:
        Path(folder, "page.tex").write_text(standalone(page), encoding="ascii")
        _run(folder)
        made = Path(folder, "page.pdf")
        if not made.exists():
            log = Path(folder, "page.log").read_text(encoding="latin-1", errors="replace")
            fault = next((x for x in log.splitlines() if x.startswith("!")), "no reason given")
            raise FormatError(f"pdflatex could not set the page: {fault}")
        return made.read_bytes()


def _run(folder: str) -> None:
    command = ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", "page.tex"]
    try:
        subprocess.run(
            command,
            cwd=folder,
            env=os.environ | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FormatError(f"pdflatex could not set the page: {error}") from None
