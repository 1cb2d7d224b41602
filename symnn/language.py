"""What a user types: the compact spec of a network, read without ever evaluating it.

`2-3:tanh-1:sigmoid` is sizes joined by `-`, each but the first with an activation after `:`.
Another kind of layer stands by its name, with what it takes in brackets: `conv2d(8,3):relu`. What
has options is a call, `elu(alpha=0.5)`; its arguments are numbers, or lists of them in `[ ]`.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from symnn.decimals import shown
from symnn.errors import SpecError

MAX_LENGTH = 10_000
MAX_WIDTH = 10_000_000
MAX_ARGUMENTS = 100
_EXAMPLE = "2-3:tanh-1:sigmoid"
_CALL_EXAMPLE = "elu(alpha=0.5)"
_WANTED = re.compile(r"(?P<name>[A-Za-z_]\w*)(\[(?P<place>\d{1,9}(,\d{1,9})*)\])?", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(
    r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?"
    r"|[+-]?[0-9]{1,30}/[0-9]{0,29}[1-9][0-9]{0,29}"
)
_SIZES = re.compile(r"[0-9]{1,9}(x[0-9]{1,9})+")
_DECIMAL = re.compile(r"[0-9]{0,20}\.?[0-9]{1,20}([eE]-?[0-9]{1,2})?")
_TRUTHS = {"true": True, "false": False}

Number: TypeAlias = int | Fraction
Argument: TypeAlias = Number | tuple[Number, ...]
_Options: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Call:
    """A name with its arguments, and its options by name, as typed: `conv(8, 3, stride=2)`.

    A whole number is an int, any other an exact fraction; a list is a tuple of them. As text it is
    what was typed, without spaces.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[tuple[str, Argument], ...] = ()

    def __str__(self) -> str:
        given = [*map(written, self.arguments), *(f"{k}={written(v)}" for k, v in self.options)]
        return f"{self.name}({','.join(given)})" if given else self.name


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


def written(argument: Argument) -> str:
    """An argument as it is typed.

    >>> written((1, Fraction(1, 2)))
    '[1,0.5]'
    """
    if isinstance(argument, tuple):
        return f"[{','.join(map(shown, argument))}]"
    return shown(argument)


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


def parse_call(text: str, what: str = "a function") -> Call:
    """The name and the arguments of a call such as `elu(alpha=0.5)`, or of a name alone.

    `what` says in a message what is named. Raises `SpecError` where it is malformed, with the
    argument that is.

    >>> parse_call("elu(alpha=0.5)")
    Call(name='elu', arguments=(), options=(('alpha', Fraction(1, 2)),))
    """
    if len(text) > MAX_LENGTH:
        raise SpecError(f"{what} has {len(text)} characters; at most {MAX_LENGTH} are read")
    name, bracket, rest = text.strip().partition("(")
    name = name.rstrip()
    if not _NAME.fullmatch(name):
        raise SpecError(f"{text[:40]!r} is no name of {what}; use letters, digits and '_'")
    if not bracket:
        return Call(name)
    inside, closing, after = rest.partition(")")
    if not closing:
        raise SpecError(f"{text[:40]!r} has no closing ')'; write it as {_CALL_EXAMPLE}")
    call = _call(name, _arguments(inside) if inside.strip() else [])
    if after:
        raise SpecError(f"{after[:40]!r} stands after the ')' of {name}; write nothing after it")
    return call


def _call(name: str, parts: list[str]) -> Call:
    if len(parts) > MAX_ARGUMENTS:
        raise SpecError(f"{name} has {len(parts)} arguments; at most {MAX_ARGUMENTS} are read")
    arguments: list[Argument] = []
    options: dict[str, Argument] = {}
    for place, part in enumerate(parts, start=1):
        key, equals, value = (p.strip() for p in part.rpartition("="))
        where = f"argument {place} of {name}"
        if equals and not _NAME.fullmatch(key):
            raise SpecError(f"{where} is for {key[:40]!r}, which is no name of an option")
        if key in options:
            raise SpecError(f"{where} gives {key} for the second time; give it once")
        if options and not equals:
            raise SpecError(f"{where} has no name, after one that has; put it first or name it")
        number = _argument(value, where)
        if equals:
            options[key] = number
        else:
            arguments.append(number)
    return Call(name, tuple(arguments), tuple(options.items()))


def _arguments(inside: str) -> list[str]:
    """What stands between the commas; those of a list in `[ ]` are its own."""
    outside = re.sub(r"\[[^]]*\]?", lambda found: found.group().replace(",", "\0"), inside)
    return [part.replace("\0", ",") for part in outside.split(",")]


def _argument(text: str, where: str) -> Argument:
    if not text.startswith("["):
        return _number(text, where)
    inside, closing, after = text[1:].partition("]")
    if not closing or after.strip() or not inside.strip():
        raise SpecError(f"{where} is {text[:40]!r}; a list is numbers in brackets, as in [1,2,0.5]")
    parts = inside.split(",")
    if len(parts) > MAX_ARGUMENTS:
        raise SpecError(f"{where} is a list of {len(parts)}; at most {MAX_ARGUMENTS} are read")
    return tuple(_number(part.strip(), where) for part in parts)


def _number(text: str, where: str) -> Number:
    if not _NUMBER.fullmatch(text):
        raise SpecError(f"{where} is {text[:40]!r}; an argument is a number, as in {_CALL_EXAMPLE}")
    return int(text) if _WHOLE.fullmatch(text) else Fraction(text)


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
    if not _NAME.fullmatch(name):
        return "dense", (str(_width(text, kind, place)),), ()
    if bracket and not rest.endswith(")"):
        raise _malformed(text, f"{kind[:40]!r} has no closing ')'", "close it at its end")
    given = [part.strip() for part in split(rest[:-1], ",")] if rest[:-1].strip() else []
    arguments: list[str] = []
    options: list[tuple[str, str]] = []
    for number, part in enumerate(given, start=1):
        key, equals, value = part.partition("=")
        is_option = bool(equals) and _NAME.fullmatch(key.strip()) is not None
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
