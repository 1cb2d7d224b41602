"""Recurrences that run from the end, `h[t]` of `h[t+1]`: refused, with how to write them.

Mirrored, such a one runs forward: what stands at t stands at T-1-t, and what at t+1, at t-1.
"""

from collections.abc import Collection, Iterator, Sequence

from symnn.parsing.names import is_start, spare_name
from symnn.parsing.ordering import reachable
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import (
    Chain,
    Declaration,
    Definition,
    Entry,
    Left,
    Name,
    Node,
    Number,
    Statement,
    Subscript,
    subscripts,
    walk,
)


def refuse_backwards(statements: Sequence[Statement]) -> None:
    """Raise `Fault` where a quantity needs itself at a later place."""
    typed = [s for s in statements if isinstance(s, Definition) and not is_start(s)]
    needs: dict[str, set[str]] = {}
    for line in typed:
        needs.setdefault(line.left.name, set()).update(e.name for e in _entries(line.right))
    circles = {
        name: {name, *(n for n in reachable(name, needs) if name in reachable(n, needs))}
        for name in needs
    }
    forward = {line.left.name for line in typed if _reads_the_past(line, circles[line.left.name])}
    for line in typed:
        circle = circles[line.left.name]
        if not circle & forward:
            for entry in _entries(line.right):
                if entry.name in circle:
                    for place, letter in _later(entry, line.left):
                        raise Fault(_cure(line.left, letter, statements), place)


def _reads_the_past(line: Definition, circle: Collection[str]) -> bool:
    """Whether a line reads its circle at `t-1`: it runs forward, and `j+3` is a part of it."""
    letters = _letters(line.left)
    read = (e for e in _entries(line.right) if e.name in circle)
    return any(_is_earlier(stated.value, letters) for e in read for stated in e.subscripts)


def _entries(node: Node) -> Iterator[Entry]:
    return (part for part in walk(node) if isinstance(part, Entry))


def _letters(left: Left) -> list[str]:
    return [s.value.name for s in subscripts(left) if isinstance(s.value, Name)]


def _later(entry: Entry, left: Left) -> Iterator[tuple[Place, str]]:
    """The places `t+1` of an entry, and their letters, which are on the left side."""
    letters = _letters(left)
    for stated in entry.subscripts:
        match stated.value:
            case Chain(place, (("+", Name(_, letter)), ("+", Number()))) if letter in letters:
                yield place, letter
            case Chain(place, (("+", Number()), ("+", Name(_, letter)))) if letter in letters:
                yield place, letter


def _is_earlier(place: Node, letters: Collection[str]) -> bool:
    match place:
        case Chain(_, (("+", Name(_, letter)), ("-", Number()))):
            return letter in letters
    return False


def _cure(left: Left, letter: str, statements: Sequence[Statement]) -> str:
    """How the mirror image is written: forward, with all else read from the end."""
    size = _size_of(letter, statements)
    letters = _letters(left)
    names = {e.name for s in statements for e in _all_entries(s)}
    mirrored = spare_name(left.name, names)
    at = ",".join(letters)
    back = ",".join(f"{size}-1-{letter}" if one == letter else one for one in letters)
    return (
        f"a recurrence runs forward: write {mirrored}[{at}] of {letter}-1, with all else read at "
        f"{size}-1-{letter}, and {left.name}[{at}] = {mirrored}[{back}]"
    )


def _size_of(letter: str, statements: Sequence[Statement]) -> str:
    """The size that a text states for a letter by a name or a number; else the letter's capital."""
    for entry in (e for s in statements for e in _all_entries(s)):
        for stated in entry.subscripts:
            match stated:
                case Subscript(Name(_, name), Name(_, size) | Number(_, size)) if name == letter:
                    return size
    return letter.upper()


def _all_entries(statement: Statement) -> Iterator[Entry]:
    """The entries of a statement, declared or read."""
    match statement:
        case Declaration(_, items):
            yield from (item for item in items if isinstance(item, Entry))
        case Definition(left, right):
            yield from (*_entries(left), *_entries(right))
