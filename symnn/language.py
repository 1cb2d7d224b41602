"""What a user types: the compact spec of a network, read without ever evaluating it.

`2-3:tanh-1:sigmoid` is sizes joined by `-`, each but the first with an activation after `:`.
"""

import re
from dataclasses import dataclass

from symnn.errors import SpecError

MAX_LENGTH = 10_000
MAX_WIDTH = 10_000_000
_EXAMPLE = "2-3:tanh-1:sigmoid"
_WANTED = re.compile(r"(?P<name>[A-Za-z_]\w*)(\[(?P<place>\d{1,9}(,\d{1,9})*)\])?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class LayerSpec:
    """One layer as typed: its width, and the name of its activation where one was given."""

    width: int
    activation: str | None


@dataclass(frozen=True)
class Wanted:
    """A quantity by which to differentiate, or one entry of it, counted from 1 as in print."""

    name: str
    place: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}[{','.join(map(str, self.place))}]" if self.place else self.name


def parse_wanted(text: str) -> Wanted:
    """What `W2` or `W2[1,3]` asks for.

    >>> parse_wanted("W2[1,3]")
    Wanted(name='W2', place=(1, 3))
    """
    match = _WANTED.fullmatch(text.replace(" ", ""))
    if match is None:
        raise SpecError(f"{text[:80]!r} is no name of a quantity; give one as W2 or as W2[1,3]")
    numbers = match["place"] or ""
    return Wanted(match["name"], tuple(int(p) for p in numbers.split(",") if p))


def parse_spec(text: str) -> tuple[int, tuple[LayerSpec, ...]]:
    """The number of inputs and the layers of a spec such as `2-3:tanh-1:sigmoid`.

    Raises `SpecError` where it is malformed, with the part that is.

    >>> parse_spec("2-3:tanh-1")
    (2, (LayerSpec(width=3, activation='tanh'), LayerSpec(width=1, activation=None)))
    """
    if len(text) > MAX_LENGTH:
        raise SpecError(f"the spec has {len(text)} characters; at most {MAX_LENGTH} are read")
    parts = text.strip().split("-")
    if len(parts) < 2:
        raise _malformed(text, "it has no layer", "join at least two sizes by '-'")
    inputs, *layers = (_layer(text, part, place) for place, part in enumerate(parts, start=1))
    if inputs.activation is not None:
        raise _malformed(
            text, f"the input has an activation ({parts[0]!r})", "only layers after it can"
        )
    return inputs.width, tuple(layers)


def _layer(text: str, part: str, place: int) -> LayerSpec:
    size, colon, activation = part.partition(":")
    if not size:
        raise _malformed(text, f"size {place} is missing", "every part begins with a size")
    if not (size.isascii() and size.isdigit()) or not 0 < int(size[:20]) <= MAX_WIDTH:
        raise _malformed(
            text,
            f"size {place} is {size[:40]!r}",
            f"a size is a whole number from 1 to {MAX_WIDTH}",
        )
    if colon and not activation:
        raise _malformed(text, f"size {place} has a ':' and no activation", "name one after it")
    if colon and not _NAME.fullmatch(activation):
        raise _malformed(
            text, f"{activation[:40]!r} is no name of an activation", "use letters, digits and '_'"
        )
    return LayerSpec(int(size), activation or None)


def _malformed(text: str, fault: str, cure: str) -> SpecError:
    return SpecError(f"spec {text[:80]!r}: {fault}; {cure}, as in {_EXAMPLE}")
