"""Numbers by name, as typed or from a file: `w=0.5,W1[1,2]=0.3,x=[1,2]`, JSON, TOML.

What is read is never run. A number is kept as it is written, as an exact fraction; which names
there are and which shapes fit, `points` knows.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from symnn.errors import DataError
from symnn.language import Wanted, parse_wanted
from symnn.parsing.source import EquationError, Place, shown

Nested: TypeAlias = "Fraction | list[Nested]"
Assigned: TypeAlias = dict[Wanted, Nested]

MAX_LENGTH = 1_000_000
MAX_DEPTH = 20
_NUMBER = re.compile(r"[+−-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,3})?", re.ASCII)
_DENOMINATOR = re.compile(r"/\d{0,59}[1-9]\d{0,59}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*\s*(\[[\d\s,]*\])?", re.ASCII)
_BLANK = re.compile(r"\s*")
_EXAMPLE = "w=0.5,x=[1,2]"


def parse_values(text: str, source: str = "") -> Assigned:
    """The numbers by name that a text such as `w=0.5,x=[1,2]` gives.

    Raises `EquationError`, with the place, where it cannot be read; `source` names it there.

    >>> parse_values("w=0.5,W1[1,2]=-3")
    {Wanted(name='w', place=()): Fraction(1, 2), Wanted(name='W1', place=(1, 2)): Fraction(-3, 1)}
    """
    reader = _Reader(text, source)
    if len(text) > MAX_LENGTH:
        raise reader.fault(f"the values have {len(text)} characters; at most {MAX_LENGTH} are read")
    found: Assigned = {}
    for name, value, place in reader.items():
        if name in found:
            raise reader.fault(f"{name} is given twice; give it once", place)
        found[name] = value
    return found


class _Reader:
    """One pass over a text."""

    def __init__(self, text: str, source: str) -> None:
        self.text, self.source, self.at = text, source, 0

    def items(self) -> Iterator[tuple[Wanted, Nested, int]]:
        while True:
            place = self._skipped()
            name = self._matched(_NAME, f"a name is expected here, as in {_EXAMPLE}")
            self._sign("=", f"'=' and a value are expected after {''.join(name.split())}")
            yield self._wanted(name, place), self._value(0), place
            if self._skipped() == len(self.text):
                return
            self._sign(",", "',' and the next name, or the end, is expected here")

    def _wanted(self, name: str, place: int) -> Wanted:
        try:
            wanted = parse_wanted(name)
        except ValueError:
            raise self.fault(
                f"{''.join(name.split())} is no entry; count from 1, as in W1[1,2]", place
            ) from None
        if 0 in wanted.place:
            raise self.fault(f"{wanted} is no entry; entries are counted from 1", place)
        return wanted

    def _value(self, depth: int) -> Nested:
        start = self._skipped()
        if not self.text.startswith("[", start):
            return self._number()
        if depth == MAX_DEPTH:
            raise self.fault(f"brackets are nested more than {MAX_DEPTH} deep")
        self.at += 1
        values = [self._value(depth + 1)]
        while self.text.startswith(",", self._skipped()):
            self.at += 1
            values.append(self._value(depth + 1))
        self._sign("]", "',' or ']' is expected here")
        return values

    def _number(self) -> Fraction:
        typed = self._matched(_NUMBER, "a number or '[' is expected here")
        below = _DENOMINATOR.match(self.text, self.at)
        if below:
            self.at = below.end()
        number = exact(typed)
        return number / int(below[0][1:]) if below else number

    def _matched(self, pattern: re.Pattern[str], expected: str) -> str:
        match = pattern.match(self.text, self._skipped())
        if match is None:
            raise self.fault(f"{expected}, not {self._next()}")
        self.at = match.end()
        return match[0]

    def _sign(self, sign: str, expected: str) -> None:
        if not self.text.startswith(sign, self._skipped()):
            raise self.fault(f"{expected}, not {self._next()}")
        self.at += 1

    def _next(self) -> str:
        rest = self.text[self.at :].strip()
        if not rest:
            return "the end"
        word = "," if rest.startswith(",") else rest.split(",")[0].split()[0]
        return f"'{shown(word)}'"

    def _skipped(self) -> int:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def fault(self, message: str, at: int | None = None) -> EquationError:
        at = self.at if at is None else at
        before = self.text[:at].split("\n")
        line = self.text.split("\n")[len(before) - 1]
        place = Place(len(before), len(before[-1]) + 1)
        return EquationError(message, place, line, self.source)


def exact(typed: str) -> Fraction:
    """A decimal as it is written."""
    return Fraction(typed.replace("−", "-"))


def read_values(path: str | Path) -> Assigned:
    """The numbers by name in a JSON or TOML file: a table from names to numbers or nested lists.

    Raises `DataError` where it cannot be read, or holds anything else.
    """
    try:
        content = Path(path).read_bytes()
        if len(content) > MAX_LENGTH:
            raise DataError(f"'{path}' has {len(content)} bytes; at most {MAX_LENGTH} are read")
        table = _LOADERS[Path(path).suffix.lower()](content.decode("utf-8-sig"))
    except OSError as error:
        raise DataError(f"cannot read '{path}': {error.strerror}") from None
    except DataError:
        raise
    except RecursionError:
        raise DataError(f"cannot read '{path}': it is nested too deep") from None
    except ValueError as error:
        raise DataError(f"cannot read '{path}': {error}") from None
    if not isinstance(table, dict):
        raise DataError(f"'{path}' is no table of numbers by name, as in {{\"w\": 0.5}}")
    return {_key(name, path): nested(value, name, str(path)) for name, value in table.items()}


def _key(name: str, path: str | Path) -> Wanted:
    try:
        return parse_wanted(name)
    except ValueError as error:
        raise DataError(f"'{path}': {error}") from None


def nested(value: object, name: str, source: str = "") -> Nested:
    """Numbers, or nested lists of them, as fractions; raises `DataError` for anything else.

    A float is read as the shortest decimal that is it: 0.1 is a tenth.

    >>> nested([0.1, 2], "x")
    [Fraction(1, 10), Fraction(2, 1)]
    """
    where = f"'{source}': " if source else ""
    listed = getattr(value, "tolist", lambda: value)()
    if isinstance(listed, list | tuple):
        if not listed:
            raise DataError(f"{where}{name} has an empty list; give it numbers")
        return [nested(v, name, source) for v in listed]
    if isinstance(listed, Fraction):
        return listed
    if isinstance(listed, bool) or not isinstance(listed, int | float):
        raise DataError(f"{where}{name} holds {shown(repr(listed))}, which is no number")
    if listed != listed or listed in (float("inf"), float("-inf")):
        raise DataError(f"{where}{name} holds {listed}, which is not finite")
    return Fraction(repr(listed))


def _from_json(text: str) -> object:
    return json.loads(text, parse_float=_float, object_pairs_hook=_once)


def _from_toml(text: str) -> object:
    return tomllib.loads(text, parse_float=_float)


def _float(typed: str) -> Fraction | float:
    """As it is written; what is no decimal of a usual size is left to be refused by its value."""
    return exact(typed) if _NUMBER.fullmatch(typed) else float(typed)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is given twice")
    return dict(pairs)


_LOADERS: Mapping[str, Callable[[str], object]] = {".json": _from_json, ".toml": _from_toml}
ENDINGS = tuple(_LOADERS)
