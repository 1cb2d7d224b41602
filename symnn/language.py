"""What a user types: the compact spec of a network, read without ever evaluating it.

`2-3:tanh-1:sigmoid` is sizes joined by `-`, each but the first with an activation after `:`, which
is one of `calls`. Another kind of layer stands by its name, with what it takes in brackets:
`conv2d(8,3):relu`.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from symnn.calls import MAX_LENGTH, NAME, Call, parse_call
from symnn.errors import SpecError

MAX_WIDTH = 10_000_000
_EXAMPLE = "2-3:tanh-1:sigmoid"
_WANTED = re.compile(r"(?P<name>[A-Za-z_]\w*)(\[(?P<place>\d{1,9}(,\d{1,9})*)\])?", re.ASCII)
_SIZES = re.compile(r"[0-9]{1,9}(x[0-9]{1,9})+")
_DECIMAL = re.compile(r"[0-9]{0,20}\.?[0-9]{1,20}([eE]-?[0-9]{1,2})?")
_TRUTHS = {"true": True, "false": False}

_Options: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LayerSpec:
    """One layer as typed: its kind, what it takes, and its activation where one was given.

    A layer that is a size alone is `dense`. `arguments` and `options` are texts, unread.
    """

    name: str
    arguments: tuple[str, ...]
    activation: Call | None = None
    options: tuple[tuple[str, str], ...] = ()


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


def parse_spec(text: str) -> tuple[tuple[int, ...], tuple[LayerSpec, ...]]:
    """The sizes of the input and the layers of a spec such as `2-3:tanh-1:sigmoid`.

    Raises `SpecError` where it is malformed, with the part that is.

    >>> parse_spec("1x8x8-conv2d(8,3)-flatten-10:softmax")[0]
    (1, 8, 8)
    >>> parse_spec("2-3:tanh-1")[1][0].activation
    Call(name='tanh', arguments=(), options=())
    """
    if len(text) > MAX_LENGTH:
        raise SpecError(f"the spec has {len(text)} characters; at most {MAX_LENGTH} are read")
    parts = split(text.strip(), "-")
    if len(parts) < 2:
        raise _malformed(text, "it has no layer", "join at least two sizes by '-'")
    first, colon, _ = parts[0].partition(":")
    if colon and first:
        raise _malformed(
            text, f"the input has an activation ({parts[0]!r})", "only layers after it can"
        )
    sizes = first.split("x") if _SIZES.fullmatch(first) else [first]
    inputs = tuple(_width(text, size, 1) for size in sizes)
    return inputs, tuple(_layer(text, part, k) for k, part in enumerate(parts[1:], start=2))


def parse_layers(text: str) -> tuple[LayerSpec, ...]:
    """The layers of a part of a spec, such as `8:relu-8`, without an input."""
    return tuple(_layer(text, part, k) for k, part in enumerate(split(text, "-"), start=1))


def split(text: str, sign: str) -> list[str]:
    """What stands between the signs that are in no brackets.

    >>> split("4-residual(8-4)-2", "-")
    ['4', 'residual(8-4)', '2']
    """
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")" and depth > 0)
        if letter == sign and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def value_of(text: str) -> object:
    """The value of an argument by its look: 3, 0.5, (3, 5), True, or the text itself.

    >>> [value_of(text) for text in ("3", "0.5", "3x5", "true", "gelu")]
    [3, 0.5, (3, 5), True, 'gelu']
    """
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _SIZES.fullmatch(text):
        return tuple(map(int, text.split("x")))
    if not _DECIMAL.fullmatch(text):
        return text
    return int(text) if text.isdigit() else float(text)


def _layer(text: str, part: str, place: int) -> LayerSpec:
    kind, *rest = split(part, ":")
    name, arguments, options = _kind(text, kind, place)
    if not rest:
        return LayerSpec(name, arguments, None, options)
    activation = ":".join(rest)
    if not activation:
        raise _malformed(text, f"size {place} has a ':' and no activation", "name one after it")
    try:
        return LayerSpec(name, arguments, parse_call(activation, "an activation"), options)
    except SpecError as error:
        raise SpecError(f"spec {text[:80]!r}: {error}, as in {_EXAMPLE}") from None


def _kind(text: str, kind: str, place: int) -> tuple[str, tuple[str, ...], _Options]:
    """The name of a layer and what it takes, unread; a size alone is a dense layer."""
    name, bracket, rest = kind.partition("(")
    if not NAME.fullmatch(name):
        return "dense", (str(_width(text, kind, place)),), ()
    if bracket and not rest.endswith(")"):
        raise _malformed(text, f"{kind[:40]!r} has no closing ')'", "close it at its end")
    given = [part.strip() for part in split(rest[:-1], ",")] if rest[:-1].strip() else []
    arguments: list[str] = []
    options: list[tuple[str, str]] = []
    for number, part in enumerate(given, start=1):
        key, equals, value = part.partition("=")
        is_option = bool(equals) and NAME.fullmatch(key.strip()) is not None
        if not part or (is_option and not value.strip()):
            raise _malformed(text, f"argument {number} of {name} is missing", "give one")
        if options and not is_option:
            fault = f"argument {number} of {name} has no name, after one that has"
            raise _malformed(text, fault, "put it first or name it")
        if is_option:
            options.append((key.strip(), value.strip()))
        else:
            arguments.append(part)
    return name, tuple(arguments), tuple(options)


def _width(text: str, size: str, place: int) -> int:
    if not size:
        raise _malformed(text, f"size {place} is missing", "every part begins with a size")
    if not (size.isascii() and size.isdigit()) or not 0 < int(size[:20]) <= MAX_WIDTH:
        raise _malformed(
            text,
            f"size {place} is {size[:40]!r}",
            f"a size is a whole number from 1 to {MAX_WIDTH}",
        )
    return int(size)


def _malformed(text: str, fault: str, cure: str) -> SpecError:
    return SpecError(f"spec {text[:80]!r}: {fault}; {cure}, as in {_EXAMPLE}")
