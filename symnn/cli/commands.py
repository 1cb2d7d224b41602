"""A command of symnn's run within another: what a document asks for, and what it prints."""

import contextlib
import gc
import io
from collections.abc import Sequence
from pathlib import Path

import typer

from symnn.cli.app import app
from symnn.errors import FormatError, SymnnError, unknown_name

# They only print. `--format markdown` is what a document wants of those that have formats.
PRINTING = ("derive", "list", "check", "explain")
_WITH_FORMATS = ("derive",)
_REFUSED = ("-o", "--save")


def output_of(words: Sequence[str], folder: str | Path = ".") -> tuple[str, str]:
    """What a command prints, and in which format; its files are looked for in `folder`.

    Raises `FormatError`, or what the command refuses.
    """
    command = words[0] if words else ""
    known = [name for name in PRINTING if name in _commands()]
    if command not in known:
        raise unknown_name("command for a document", command, known)
    _check_goes_here(words)
    chosen = _format_in(words)
    more = ["--format", "markdown"] if not chosen and command in _WITH_FORMATS else []
    printed = _printed([*words, *more], folder)
    return printed, chosen or ("markdown" if more else "unicode")


def picture_of(words: Sequence[str], path: str | Path, folder: str | Path = ".") -> str:
    """What is said of a picture, `plot KIND …`, which is written to the path.

    Its files are looked for in `folder`. Raises `FormatError`, or what the command refuses.
    """
    _check_goes_here(words)
    with contextlib.redirect_stderr(io.StringIO()):
        return _printed([*words, "-o", str(path)], folder).strip()


def _check_goes_here(words: Sequence[str]) -> None:
    refused = [word for word in words if word.split("=")[0] in _REFUSED]
    if refused:
        raise FormatError(f"{refused[0]} has no place here: the output goes into the document")


def _printed(words: Sequence[str], folder: str | Path) -> str:
    """What a command prints that is run in a folder."""
    printed = io.StringIO()
    collects = gc.isenabled()
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            _run(words)
    finally:
        # A command that is the whole life of a process may have switched it off.
        (gc.enable if collects else gc.disable)()
    return printed.getvalue()


def _commands() -> Sequence[str]:
    return [str(c.name or getattr(c.callback, "__name__", "")) for c in app.registered_commands]


def _format_in(words: Sequence[str]) -> str:
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word == "--format":
            return after
        if word.startswith("--format="):
            return word.removeprefix("--format=")
    return ""


def _run(words: Sequence[str]) -> None:
    try:
        status = typer.main.get_command(app).main(list(words), "symnn", standalone_mode=False)
    except SymnnError:
        raise
    except Exception as error:
        # What typer says of options; its class has been of one package and of another.
        if not hasattr(error, "format_message"):
            raise
        raise FormatError(error.format_message().rstrip(".")) from None
    if status:
        raise FormatError(f"`symnn {' '.join(words)}` gave status {status}")
