"""How a table of text becomes the arrays `x` and `y` that a network learns from.

What is missing is refused or dropped, never filled in; a cell that is not what its column must
hold is named by its line, its column and its value. Nothing here scales or splits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from symnn.datasets import Table, count, is_missing, is_numeric, number
from symnn.errors import DataError

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Examples:
    """What a network learns from: `x` (N, features), `y` (N, D_depth).

    `classes` are the names of the classes in the order of `y`'s columns; where one column of 0 and
    1 stands for two classes, 1 is the second. For a regression there are none.
    """

    x: Matrix
    y: Matrix
    features: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] = ()


def drop_missing(table: Table, columns: Iterable[str]) -> tuple[Table, int]:
    """The table without the rows that miss a value in one of the columns, and how many those were.

    Raises `DataError` where no row is left.

    >>> from symnn.datasets import load
    >>> drop_missing(load("penguins"), ["body_mass_g"])[1]
    2
    """
    used = [table.column(name) for name in columns]
    kept = [not any(map(is_missing, cells)) for cells in zip(*used, strict=True)]
    if not any(kept):
        raise DataError(f"every row of '{table.name}' misses a value in the columns used")
    values = tuple(tuple(compress(column, kept)) for column in table.values)
    left = replace(table, values=values, lines=tuple(compress(table.lines, kept)))
    return left, len(table) - len(left)


def matrix(table: Table, columns: Sequence[str]) -> Matrix:
    """The columns as numbers, shape (N, columns).

    Raises `DataError`, which names the line, the column and the value, where one is not a number.
    """
    return np.column_stack([_numbers(table, name) for name in columns])


def _numbers(table: Table, name: str) -> Matrix:
    check_present(table, name)
    numbers = []
    for line, value in zip(table.lines, table.column(name), strict=True):
        found = number(value)
        if found is None:
            raise DataError(
                f"line {line} of '{table.name}', column {name!r}: {value!r} is not a number"
            )
        numbers.append(found)
    return np.array(numbers)


def check_present(table: Table, name: str) -> None:
    """Raise `DataError`, with the line, where the column misses a value."""
    for line, value in zip(table.lines, table.column(name), strict=True):
        if is_missing(value):
            raise DataError(
                f"line {line} of '{table.name}', column {name!r}: the value is missing "
                f"({value!r}); --drop-missing leaves such rows out"
            )


def choose_columns(
    table: Table, targets: Sequence[str], features: Sequence[str], width: int
) -> tuple[str, ...]:
    """The features: those given, or else all numeric columns but the targets.

    `width` is the number of the network's inputs. Raises `UnknownNameError` for a column that is
    not there, and `DataError` for no targets, a column used twice, or a number of features that is
    not `width`.
    """
    if not targets:
        raise DataError(
            f"which column is to be predicted? --target takes one of '{table.name}': "
            f"{', '.join(table.columns)}"
        )
    chosen = tuple(features) or tuple(n for n in table.numeric_columns if n not in targets)
    _check_once(table, (*chosen, *targets))
    check_width(table, chosen, width, targets)
    return chosen


def check_width(
    table: Table, features: Sequence[str], width: int, targets: Sequence[str] = ()
) -> None:
    """Raise `DataError` where there are not as many features as the network has inputs."""
    if len(features) == width:
        return
    available = ", ".join(name for name in table.numeric_columns if name not in targets)
    raise DataError(
        f"the network takes {count(width, 'input')}, but there "
        f"{'is' if len(features) == 1 else 'are'} {count(len(features), 'feature')}; "
        f"choose with --features among the numeric columns: {available or 'there are none'}"
    )


def _check_once(table: Table, columns: Sequence[str]) -> None:
    for name in columns:
        table.column(name)
        if columns.count(name) > 1:
            raise DataError(f"column {name!r} is used twice; it can be one feature or one target")


def make_examples(
    table: Table, features: Sequence[str], targets: Sequence[str], outputs: int
) -> Examples:
    """The arrays for a network with so many outputs.

    One target of text, or one target for several outputs, gives classes: one output for each, in
    sorted order, or one output of 0 and 1 for two. Any other targets are numbers, one output for
    each. Raises `DataError` where the columns do not fit or hold something else.
    """
    x = matrix(table, features)
    one = table.column(targets[0]) if len(targets) == 1 else ()
    if one and (outputs > 1 or not is_numeric(one)):
        classes = _classes(table, targets[0])
        y = _indicators(table, targets[0], classes, outputs)
        return Examples(x, y, tuple(features), tuple(targets), classes)
    if len(targets) != outputs:
        raise DataError(
            f"the network has {count(outputs, 'output')}, but there are "
            f"{count(len(targets), 'target')}"
        )
    return Examples(x, matrix(table, targets), tuple(features), tuple(targets))


def _classes(table: Table, target: str) -> tuple[str, ...]:
    check_present(table, target)
    values = table.column(target)
    found = set(values)
    return tuple(sorted(found, key=float) if is_numeric(values) else sorted(found))


def _indicators(table: Table, target: str, classes: tuple[str, ...], outputs: int) -> Matrix:
    places = np.array([classes.index(value) for value in table.column(target)])
    if len(classes) == outputs and outputs > 1:
        return np.eye(outputs)[places, :]
    if len(classes) == 2 and outputs == 1:
        return places[:, None].astype(np.float64)
    named = ", ".join(map(repr, classes[:5])) + (", …" if len(classes) > 5 else "")
    raise DataError(
        f"the network has {count(outputs, 'output')}, but column {target!r} has "
        f"{count(len(classes), 'class', 'classes')}: {named}"
    )
