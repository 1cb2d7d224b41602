"""What a user types: the compact spec of a network, read without ever evaluating it.

`2-3:tanh-1:sigmoid` is sizes joined by `-`, each but the first with an activation after `:`. What
has options is a call, `elu(alpha=0.5)`; its arguments are numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

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
_PART = re.compile(r"(?:[^-(]|\([^)]*\)?)*")

Number: TypeAlias = int | Fraction


@dataclass(frozen=True)
class Call:
    """A name with its arguments, and its options by name, as typed: `conv(8, 3, stride=2)`.

    A whole number is an int, any other an exact fraction. As text it is what was typed, without
    spaces.
    """

    name: str
    arguments: tuple[Number, ...] = ()
    options: tuple[tuple[str, Number], ...] = ()

    def __str__(self) -> str:
        given = [*map(shown, self.arguments), *(f"{k}={shown(v)}" for k, v in self.options)]
        return f"{self.name}({','.join(given)})" if given else self.name


@dataclass(frozen=True)
class LayerSpec:
    """One layer as typed: its width, and its activation where one was given."""

    width: int
    activation: Call | None


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
    call = _call(name, inside.split(",") if inside.strip() else [])
    if after:
        raise SpecError(f"{after[:40]!r} stands after the ')' of {name}; write nothing after it")
    return call


def _call(name: str, parts: list[str]) -> Call:
    if len(parts) > MAX_ARGUMENTS:
        raise SpecError(f"{name} has {len(parts)} arguments; at most {MAX_ARGUMENTS} are read")
    arguments: list[Number] = []
    options: dict[str, Number] = {}
    for place, part in enumerate(parts, start=1):
        key, equals, value = (p.strip() for p in part.rpartition("="))
        where = f"argument {place} of {name}"
        if equals and not _NAME.fullmatch(key):
            raise SpecError(f"{where} is for {key[:40]!r}, which is no name of an option")
        if key in options:
            raise SpecError(f"{where} gives {key} for the second time; give it once")
        if options and not equals:
            raise SpecError(f"{where} has no name, after one that has; put it first or name it")
        number = _number(value, where)
        if equals:
            options[key] = number
        else:
            arguments.append(number)
    return Call(name, tuple(arguments), tuple(options.items()))


def _number(text: str, where: str) -> Number:
    if not _NUMBER.fullmatch(text):
        raise SpecError(f"{where} is {text[:40]!r}; an argument is a number, as in {_CALL_EXAMPLE}")
    return int(text) if _WHOLE.fullmatch(text) else Fraction(text)


def shown(number: Number) -> str:
    """A number as a user types it: as a decimal where it has one, else as a fraction.

    >>> shown(Fraction(1, 8)), shown(Fraction(-1, 3))
    ('0.125', '-1/3')
    """
    exact = Fraction(number)
    places = next((k for k in range(16) if 10**k % exact.denominator == 0), None)
    if places is None:
        return f"{exact.numerator}/{exact.denominator}"
    digits = str(abs(exact.numerator) * 10**places // exact.denominator).rjust(places + 1, "0")
    sign = "-" if exact < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def parse_spec(text: str) -> tuple[int, tuple[LayerSpec, ...]]:
    """The number of inputs and the layers of a spec such as `2-3:tanh-1:sigmoid`.

    Raises `SpecError` where it is malformed, with the part that is.

    >>> parse_spec("2-3:tanh-1")[1][0]
    LayerSpec(width=3, activation=Call(name='tanh', arguments=(), options=()))
    """
    if len(text) > MAX_LENGTH:
        raise SpecError(f"the spec has {len(text)} characters; at most {MAX_LENGTH} are read")
    parts = list(_parts(text.strip()))
    if len(parts) < 2:
        raise _malformed(text, "it has no layer", "join at least two sizes by '-'")
    inputs, *layers = (_layer(text, part, place) for place, part in enumerate(parts, start=1))
    if inputs.activation is not None:
        raise _malformed(
            text, f"the input has an activation ({parts[0]!r})", "only layers after it can"
        )
    return inputs.width, tuple(layers)


def _parts(text: str) -> Iterator[str]:
    """What stands between the `-` that are in no brackets."""
    start = 0
    while start <= len(text):
        part = _PART.match(text, start)
        assert part is not None  # The pattern fits the empty text too.
        yield part[0]
        start = part.end() + 1


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
    try:
        return LayerSpec(int(size), parse_call(activation, "an activation") if colon else None)
    except SpecError as error:
        raise SpecError(f"spec {text[:80]!r}: {error}, as in {_EXAMPLE}") from None


def _malformed(text: str, fault: str, cure: str) -> SpecError:
    return SpecError(f"spec {text[:80]!r}: {fault}; {cure}, as in {_EXAMPLE}")
