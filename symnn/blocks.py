"""Marked blocks in Markdown: where they are, and the document with new content in them.

A block stands between `<!-- symnn derive 2-3-1 -->` and `<!-- /symnn -->`, each on its own line.
Nothing here runs what a block asks for. Markers within fenced code are code.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from symnn.errors import FormatError

_OPENING = re.compile(r" {0,3}<!--\s*symnn\s+(?P<command>.*?)\s*-->\s*")
_CLOSING = re.compile(r" {0,3}<!--\s*/symnn\s*-->\s*")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)")
# How content of a format stands in Markdown: as itself, or as code of a language.
_AS_ITSELF = "markdown"
LANGUAGES = {"unicode": "text", "text": "text", "latex": "latex", "html": "html", "json": "json"}


class Block(NamedTuple):
    """A block: the number of its first line from 1, that of its last, and its command in words."""

    first: int
    last: int
    words: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The marked blocks of a document, in order.

    Raises `FormatError`, with the line, where one is not closed, closes nothing, or cannot be read.

    >>> blocks("<!-- symnn derive 1-1 -->\\nold\\n<!-- /symnn -->\\n")
    [Block(first=1, last=3, words=('derive', '1-1'))]
    """
    return list(_blocks(text.splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    opened: tuple[int, tuple[str, ...]] | None = None
    for number, line in _outside_of_code(lines):
        if match := _OPENING.fullmatch(line):
            if opened:
                raise FormatError(f"{number}: the block of line {opened[0]} is not closed before")
            opened = number, _words(match["command"], number)
        elif _CLOSING.fullmatch(line):
            if not opened:
                raise FormatError(f"{number}: this closes no block")
            yield Block(opened[0], number, opened[1])
            opened = None
    if opened:
        raise FormatError(f"{opened[0]}: the block is not closed; end it with <!-- /symnn -->")


def _outside_of_code(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without what stands in fenced code outside of blocks."""
    fence = ""
    for number, line in enumerate(lines, 1):
        match = _FENCE.fullmatch(line)
        if fence:
            if match and match["fence"].startswith(fence) and not match["info"].strip():
                fence = ""
        elif match:
            fence = match["fence"]
        else:
            yield number, line


def _words(command: str, number: int) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise FormatError(f"{number}: {str(error).lower()} in {command[:80]!r}") from None


def filled(text: str, content_of: Callable[[Block], str]) -> tuple[str, list[Block]]:
    """The document with new content in each block, and the blocks that changed."""
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    changed = []
    # From the last to the first, so that the numbers of lines stay true.
    for block in reversed(blocks(text)):
        content = f"\n{content_of(block).strip(chr(10))}\n\n".replace("\n", end)
        if "".join(lines[block.first : block.last - 1]) != content:
            changed.append(block)
            lines[block.first : block.last - 1] = [content]
    return "".join(lines), changed[::-1]


def as_markdown(output: str, format: str) -> str:
    """What a command printed, as it stands in Markdown."""
    if format == _AS_ITSELF:
        return output
    longest = max((len(run) for run in re.findall("`+", output)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{LANGUAGES.get(format, 'text')}\n{output.rstrip()}\n{fence}\n"
