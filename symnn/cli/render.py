"""`symnn render`: marked blocks in Markdown filled with what symnn prints, or checked to be so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.commands import output_of

if TYPE_CHECKING:
    from symnn.blocks import Block


@app.command()
def render(
    files: Annotated[list[str], Argument(help="Markdown files with marked blocks.")],
    check: Annotated[
        bool, Option("--check", help="Write nothing; exit status 1 if a block is stale.")
    ] = False,
) -> None:
    """Fill the marked blocks of Markdown files: <!-- symnn derive 2-3-1 --> … <!-- /symnn -->

    Every block of every file is computed before one file is written.
    """
    from symnn.files import write_whole

    results = {path: _filled(path) for path in dict.fromkeys(files)}
    for path, (text, changed, count) in results.items():
        if check:
            for block in changed:
                typer.echo(f"{path}:{block.first}: stale: symnn {' '.join(block.words)}")
            continue
        if changed:
            write_whole(path, text.encode())
        typer.echo(f"{path}: {len(changed)} of {count} blocks changed", err=True)
    if check and any(changed for _, changed, _ in results.values()):
        raise typer.Exit(1)


def _filled(path: str) -> "tuple[str, list[Block], int]":
    """The document with its blocks filled, those that changed, and how many there are."""
    from symnn.blocks import blocks, filled
    from symnn.errors import FormatError

    text = _text(path)
    try:
        found = blocks(text)
    except FormatError as error:
        raise FormatError(f"{path}:{error}") from None
    return *filled(text, lambda block: _content(path, block)), len(found)


def _content(path: str, block: "Block") -> str:
    from symnn.blocks import as_markdown
    from symnn.errors import FormatError, SymnnError

    try:
        return as_markdown(*output_of(block.words, Path(path).absolute().parent))
    except SymnnError as error:
        raise FormatError(f"{path}:{block.first}: {error}") from None


def _text(path: str) -> str:
    from symnn.errors import FormatError

    try:
        # Bytes, so that the ends of its lines stay what they are.
        return Path(path).read_bytes().decode()
    except UnicodeDecodeError:
        raise FormatError(f"cannot read '{path}': it is not text in UTF-8") from None
    except OSError as error:
        raise FormatError(f"cannot read '{path}': {error.strerror}") from None
