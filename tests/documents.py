"""Documents that run: each block of a Markdown file is done, and what comes out stands below it.

- `console`: each `$ command` is run by bash in a folder of the document's own;
- `python`: a dialogue with `>>>` or a script; the blocks of a document share one namespace;
- `sh`: a set-up for a fresh machine, which needs a network: .ci/run runs it, as `setups` gives it;
- `{symnn}`: a directive, which the site's own build runs; `directives` gives their commands.

A block of any other language is refused, so that no block stays untried.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from tests.forks import program

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(
    r"^```(?P<language>[\w{}]*)(?P<rest>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
# Whatever does not begin with a prompt is output; unlike a doctest's, it may have empty lines.
_EXAMPLE = re.compile(r"^>>> .*\n(?:^\.\.\.(?: .*)?\n)*", re.MULTILINE)
_COMMAND = re.compile(r"^\$ (?:.*\\\n)*.*\n", re.MULTILINE)
# How far two floating-point sums are apart depends on the machine.
_NOISE = re.compile(r"worst \de[-+]\d+")


def alike(text):
    """The text without the figures that differ from machine to machine."""
    return _NOISE.sub("worst …", text)


def setups(text):
    """The commands that set up a fresh machine, in the order of the document."""
    return [m["body"] for m in _BLOCK.finditer(text) if m["language"] == "sh"]


def directives(text):
    """The commands of the directives `{symnn}`."""
    return [m["rest"].strip() for m in _BLOCK.finditer(text) if m["language"] == "{symnn}"]


class BlockError(AssertionError):
    """A block that fails, or that nothing runs; `line` is where it begins."""

    def __init__(self, message, line):
        super().__init__(message)
        self.line = line


def rerun(text, folder):
    """The document with the output that each of its blocks gives now.

    `folder` is where its commands run. Raises `BlockError` for a block that fails and for one that
    nothing runs.
    """
    run = _Run(folder)

    def block(match):
        language, rest, body = match["language"], match["rest"], match["body"]
        try:
            assert language in _RUNNERS, f"nothing runs a block of {language or 'no language'}"
            return f"```{language}{rest}\n{_RUNNERS[language](run, body)}```"
        except Exception as error:
            line = text.count("\n", 0, match.start()) + 1
            raise BlockError(f"{error}\nin the block\n{body}", line) from error

    return _BLOCK.sub(block, text)


@dataclass(frozen=True)
class _Run:
    """One document's folder and Python names."""

    folder: Path

    def __post_init__(self):
        shim = self.folder / "bin" / "symnn"
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\nexec {shlex.join(program())} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
        object.__setattr__(self, "names", {"__name__": "document"})

    @property
    def environment(self):
        """What a command sees: `symnn` and `python` are those that are tested."""
        first = [str(self.folder / "bin"), str(Path(sys.executable).parent)]
        return {
            **os.environ,
            "PATH": os.pathsep.join([*first, os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "COLUMNS": "80",
        }


def _console(run, body):
    return "".join(command + _output(run, command) for command in _COMMAND.findall(body))


def _output(run, command):
    """What a command prints, as on a terminal: its talk and its result in one."""
    done = subprocess.run(
        ["bash", "-c", command.removeprefix("$ ")],
        cwd=run.folder,
        env=run.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}gave status {done.returncode}:\n{done.stdout}"
    return done.stdout


def _python(run, body):
    with contextlib.chdir(run.folder):
        if _EXAMPLE.match(body):
            return "".join(text + _printed(run, text) for text in _EXAMPLE.findall(body))
        exec(compile(body, "<document>", "exec"), run.names)
        return body


def _printed(run, example):
    """What the interpreter prints after an example, a traceback in short."""
    source = "".join(f"{line[4:]}\n" for line in example.splitlines())
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(source, "<document>", "single"), run.names)
        except Exception as error:
            print("Traceback (most recent call last):\n  ...")
            print(traceback.format_exception_only(error)[-1], end="")
    return printed.getvalue()


def _as_it_is(_, body):
    return body


_RUNNERS = {"console": _console, "python": _python, "sh": _as_it_is, "{symnn}": _as_it_is}


if __name__ == "__main__":
    # What .ci/run asks for: one set-up of a document, by its number from 1.
    document, number = sys.argv[1:]
    print(setups(Path(document).read_text(encoding="utf-8"))[int(number) - 1], end="")
