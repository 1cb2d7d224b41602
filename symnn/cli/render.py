"""`symnn render`: marked blocks in Markdown filled with what symnn prints, or checked to be so.

A picture, `plot KIND …`, is written beside the document, and shown by it with its text alternative.
"""

import re
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.commands import output_of, picture_of

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
    for path, result in results.items():
        if check:
            for block in result.changed:
                typer.echo(f"{path}:{block.first}: stale: symnn {' '.join(block.words)}")
            continue
        for picture, drawn in result.pictures.items():
            write_whole(picture, drawn)
        if result.changed:
            write_whole(path, result.text.encode())
        typer.echo(f"{path}: {len(result.changed)} of {result.total} blocks changed", err=True)
    if check and any(result.changed for result in results.values()):
        raise typer.Exit(1)


class _Filled(NamedTuple):
    """A document with its blocks filled, those that changed, how many there are, new pictures."""

    text: str
    changed: "list[Block]"
    total: int
    pictures: dict[Path, bytes]


def _filled(path: str) -> _Filled:
    from symnn.blocks import blocks, filled
    from symnn.errors import FormatError

    text = _text(path)
    try:
        found = blocks(text)
    except FormatError as error:
        raise FormatError(f"{path}:{error}") from None
    pictures: dict[Path, bytes] = {}
    redrawn: list[Block] = []

    def content(block: "Block") -> str:
        if block.words[:1] != ("plot",):
            return _content(path, block)
        picture, drawn, shown = _picture(path, block)
        if not picture.exists() or picture.read_bytes() != drawn:
            pictures[picture] = drawn
            redrawn.append(block)
        return shown

    whole, changed = filled(text, content)
    return _Filled(whole, sorted({*changed, *redrawn}), len(found), pictures)


def _content(path: str, block: "Block") -> str:
    from symnn.blocks import as_markdown
    from symnn.errors import FormatError, SymnnError

    try:
        return as_markdown(*output_of(block.words, Path(path).absolute().parent))
    except SymnnError as error:
        raise FormatError(f"{path}:{block.first}: {error}") from None


def _picture(path: str, block: "Block") -> tuple[Path, bytes, str]:
    """Where the picture of a block is kept, the picture, and how the document shows it."""
    from symnn.errors import FormatError, SymnnError

    document = Path(path).absolute()
    told = "-".join(re.findall("[A-Za-z0-9]+", " ".join(block.words[1:])))[:40]
    mark = sha256("\0".join(block.words).encode()).hexdigest()[:8]
    name = f"{document.stem}-{told}-{mark}.svg"
    try:
        with TemporaryDirectory(prefix="symnn-") as folder:
            drawn = Path(folder, "picture.svg")
            alternative = picture_of(block.words, drawn, document.parent)
            content = drawn.read_bytes()
    except SymnnError as error:
        raise FormatError(f"{path}:{block.first}: {error}") from None
    words = re.sub(r"([\\\[\]`*_<>$])", r"\\\1", " ".join(alternative.split()))
    return document.parent / name, content, f"![{words}](<{name}>)\n"


def _text(path: str) -> str:
    from symnn.errors import FormatError

    try:
        # Bytes, so that the ends of its lines stay what they are.
        return Path(path).read_bytes().decode()
    except UnicodeDecodeError:
        raise FormatError(f"cannot read '{path}': it is not text in UTF-8") from None
    except OSError as error:
        raise FormatError(f"cannot read '{path}': {error.strerror}") from None
