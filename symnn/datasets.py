"""The data sets: those that symnn ships, and CSV files, each as a table of text.

A `Table` is text as it stands in the file; `number` and `is_missing` say what a cell holds. Nothing
here makes arrays (`examples` does), and nothing is ever filled in or guessed.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from math import isfinite
from pathlib import Path
from types import MappingProxyType

from symnn.errors import DataError, unknown_name

MISSING = frozenset({"", "na", "n/a", "nan", "null", "inf", "infinity"})
# float() would also read 1_0 as 10, and digits of other scripts.
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Dataset:
    """A row: a data set that symnn ships, where it comes from, and under what terms."""

    name: str
    title: str
    file: str
    licence: str
    source: str


@dataclass(frozen=True)
class Table:
    """Columns of text, all of one length; `lines` are the rows' line numbers in the file."""

    name: str
    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.lines)

    def column(self, name: str) -> tuple[str, ...]:
        """The values of the column called `name`; `UnknownNameError` if there is none."""
        if name not in self.columns:
            raise unknown_name("column", name, self.columns)
        return self.values[self.columns.index(name)]

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """The columns that hold numbers, where anything is not missing."""
        return tuple(name for name in self.columns if is_numeric(self.column(name)))


_ANSCOMBE = "Anscombe 1973, Graphs in statistical analysis, The American Statistician 27(1), 17-21"

_ROWS = (
    Dataset(
        "penguins",
        "344 penguins of three species, measured at Palmer Station",
        "penguins.csv",
        "CC0 1.0",
        "Horst, Hill and Gorman 2020, palmerpenguins; "
        "data: Gorman, Williams and Fraser 2014, PLoS ONE 9(3), e90081",
    ),
    *(
        Dataset(
            f"anscombe{number}",
            f"Anscombe's quartet, set {number}: {shape}; its line is 3.00 + 0.500 x",
            f"anscombe{number}.csv",
            "published facts",
            _ANSCOMBE,
        )
        for number, shape in enumerate(
            ("a line with noise", "a parabola", "a line with an outlier", "one lever"), start=1
        )
    ),
)

DATASETS: Mapping[str, Dataset] = MappingProxyType({row.name: row for row in _ROWS})


def load(name_or_path: str | Path) -> Table:
    """The shipped data set of this name, or the CSV file at this path.

    A file that bears the name of a data set is reached as `./penguins` or as a `Path`. Raises
    `DataError` where the file cannot be read as a table with a header, `UnknownNameError` where
    nothing bears the name.

    >>> len(load("penguins"))
    344
    >>> load("anscombe1").columns
    ('x', 'y')
    """
    if isinstance(name_or_path, str) and name_or_path in DATASETS:
        row = DATASETS[name_or_path]
        shipped = files("symnn").joinpath("data", row.file).read_text(encoding="utf-8")
        return parse(row.name, shipped)
    return parse(str(name_or_path), _text(Path(name_or_path)))


def _text(path: Path) -> str:
    try:
        # Bytes first: text mode would turn the line ends inside of quoted cells.
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if path.name == str(path) and not path.suffix:
            raise unknown_name("data set or file", str(path), DATASETS) from None
        raise DataError(f"no file '{path}'") from None
    except IsADirectoryError:
        raise DataError(f"'{path}' is a folder, not a CSV file") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"'{path}' is not UTF-8 text (byte {error.start + 1}); save it as CSV in UTF-8"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataError(f"cannot read '{path}': {reason}") from None


def parse(name: str, text: str) -> Table:
    """The table in a text of comma-separated values; cells lose the spaces around them.

    Raises `DataError`, which names the line, for anything but one header and rows of its length.

    >>> parse("mine", "x,y\\n1,2\\n").column("y")
    ('2',)
    """
    numbered = _rows(name, text)
    _, header = next(numbered, (0, None))
    if header is None:
        raise DataError(f"'{name}' is empty; it needs a header with the columns' names")
    header = [" ".join(cell.split()) for cell in header]
    _check_header(name, header)
    body = []
    for line, row in numbered:
        if len(row) != len(header):
            raise DataError(
                f"line {line} of '{name}' has {count(len(row), 'cell')}, "
                f"but the header has {len(header)}"
            )
        body.append((line, row))
    if not body:
        raise DataError(f"'{name}' has a header, but no rows")
    columns = tuple(zip(*(row for _, row in body), strict=True))
    return Table(name, tuple(header), columns, tuple(line for line, _ in body))


def _rows(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if len(cells) > 1 or any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"line {line} of '{name}' is not CSV: {error}") from None


def _check_header(name: str, header: Sequence[str]) -> None:
    if all(number(cell) is not None for cell in header):
        raise DataError(
            f"'{name}' has no header: its first line is {','.join(header)[:40]!r}; "
            "write the columns' names there"
        )
    for place, column in enumerate(header, start=1):
        if not column:
            raise DataError(f"column {place} of '{name}' has no name; write one in the header")
        if column in header[: place - 1]:
            raise DataError(f"'{name}' has two columns named {column!r}; rename one")


def is_missing(text: str) -> bool:
    """Whether a cell holds no value: it is empty, NA, or a number that is not finite.

    >>> [is_missing(cell) for cell in ("NA", "-inf", "1e999", "0", "Adelie")]
    [True, True, True, False, False]
    """
    value = number(text)
    return text.lstrip("+-").lower() in MISSING or (value is not None and not isfinite(value))


def number(text: str) -> float | None:
    """The number that a cell holds, if it is a plain decimal number.

    >>> [number(cell) for cell in ("-1.5e3", "1_0", "NA")]
    [-1500.0, None, None]
    """
    return float(text) if _DECIMAL.fullmatch(text) else None


def is_numeric(values: Iterable[str]) -> bool:
    """Whether all values that are there are numbers, and any is there."""
    present = [value for value in values if not is_missing(value)]
    return bool(present) and all(number(value) is not None for value in present)


def count(how_many: int, one: str, many: str = "") -> str:
    """The number with its noun: `1 row`, `2 rows`, `3 classes`."""
    return f"{how_many} {one if how_many == 1 else many or one + 's'}"
