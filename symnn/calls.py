"""What has options, as it is typed: `elu(alpha=0.5)`, read without ever evaluating it.

Its arguments are numbers, or lists of them in `[ ]`.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from symnn.decimals import shown
from symnn.errors import SpecError

MAX_LENGTH = 10_000
MAX_ARGUMENTS = 100
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_EXAMPLE = "elu(alpha=0.5)"
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(
    r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?"
    r"|[+-]?[0-9]{1,30}/[0-9]{0,29}[1-9][0-9]{0,29}"
)

Number: TypeAlias = int | Fraction
Argument: TypeAlias = Number | tuple[Number, ...]


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


def written(argument: Argument) -> str:
    """An argument as it is typed.

    >>> written((1, Fraction(1, 2)))
    '[1,0.5]'
    """
    if isinstance(argument, tuple):
        return f"[{','.join(map(shown, argument))}]"
    return shown(argument)


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
    if not NAME.fullmatch(name):
        raise SpecError(f"{text[:40]!r} is no name of {what}; use letters, digits and '_'")
    if not bracket:
        return Call(name)
    inside, closing, after = rest.partition(")")
    if not closing:
        raise SpecError(f"{text[:40]!r} has no closing ')'; write it as {_EXAMPLE}")
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
        if equals and not NAME.fullmatch(key):
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
        raise SpecError(f"{where} is {text[:40]!r}; an argument is a number, as in {_EXAMPLE}")
    return int(text) if _WHOLE.fullmatch(text) else Fraction(text)
