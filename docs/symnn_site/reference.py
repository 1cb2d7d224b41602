"""The reference: the options of each command as Typer has them, and every public name.

A page holds `<!-- options of the commands -->` or `.. names of the package`, and there they come to
stand.
"""

from collections.abc import Iterator
from inspect import ismodule
from typing import Any

import typer

import symnn
import symnn.cli
from symnn.cli.app import app

OPTIONS = "<!-- options of the commands -->"
NAMES = ".. names of the package"


def filled(text: str) -> str:
    """The page with what it asks for."""
    if OPTIONS in text:
        text = text.replace(OPTIONS, "\n\n".join(_command(*each) for each in commands()))
    if NAMES in text:
        text = text.replace(NAMES, "\n\n".join(_name(name) for name in names()))
    return text


def commands() -> Iterator[tuple[str, Any]]:
    """Each command by its words, `symnn plot knob`; those that only hold others are left out."""

    def below(words: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
        for name, each in getattr(command, "commands", {}).items():
            if hasattr(each, "commands"):
                yield from below(f"{words} {name}", each)
            else:
                yield f"{words} {name}", each

    return below("symnn", typer.main.get_command(app))


def _command(words: str, command: Any) -> str:  # noqa: ANN401
    shown = [p for p in command.params if not getattr(p, "hidden", False)]
    given = " ".join(_metavar(p) for p in shown if p.param_type_name == "argument")
    rows = "\n".join(f"| {_typed(p)} | {_told(p)} |" for p in shown)
    table = f"\n\n| | |\n|---|---|\n{rows}" if rows else ""
    return f"## {words}\n\n`{words} {given}`\n\n{_said(command.help or '')}{table}"


def _said(text: str) -> str:
    """What a command says of itself; a paragraph that is typed is set as code."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(
        f"```console\n$ {part}\n```" if part.startswith("symnn ") else _escaped(part)
        for part in paragraphs
    )


def _metavar(parameter: Any) -> str:  # noqa: ANN401
    name = parameter.metavar or parameter.name.upper()
    name = name.strip("[]")
    return name if parameter.required else f"[{name}]"


def _typed(parameter: Any) -> str:  # noqa: ANN401
    if parameter.param_type_name == "argument":
        return f"`{_metavar(parameter).strip('[]')}`"
    return ", ".join(f"`{opt}`" for opt in (*parameter.opts, *parameter.secondary_opts))


def _told(parameter: Any) -> str:  # noqa: ANN401
    """What it is for, and its usual value where that says more than nothing."""
    text = _escaped(" ".join((parameter.help or "").split())).replace("|", r"\|")
    default = parameter.default
    says = isinstance(default, int | float | str) and not isinstance(default, bool)
    return f"{text} Usually `{default}`." if says and default != "" else text


def _escaped(text: str) -> str:
    for sign in "*_<$":
        text = text.replace(sign, f"\\{sign}")
    return text


def names() -> list[str]:
    """The public names, classes and functions before tables."""
    public = [name for name in symnn.__all__ if name != "__version__"]
    return sorted(public, key=lambda name: (name.isupper(), name.lower()))


def _name(name: str) -> str:
    value = getattr(symnn, name)
    if name.isupper():
        rows = ", ".join(f"``{row}``" for row in value)
        return f".. py:data:: symnn.{name}\n\n   The table: {rows}."
    if ismodule(value):
        return f".. automodule:: symnn.{name}\n   :members:"
    kind = "autoclass" if isinstance(value, type) else "autofunction"
    members = "\n   :members:" if kind == "autoclass" else ""
    return f".. {kind}:: symnn.{name}{members}"
