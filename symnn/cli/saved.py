"""A saved model as a source of numbers: its parameters, and rows of a file as it reads them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING

from symnn.errors import DataError, SpecError

if TYPE_CHECKING:
    from symnn.assigned import Assigned
    from symnn.datasets import Table
    from symnn.equations import System
    from symnn.model import Model
    from symnn.network import Network
    from symnn.samples import Array

_ROWS = re.compile(r"[0-9]{1,9}(-[0-9]{1,9})?")
MOST_ROWS = 50


@dataclass(frozen=True)
class Saved:
    """A saved model, and the numbers that it gives."""

    model: "Network | System"
    values: "Assigned"
    rows: "Rows | None" = None


@dataclass(frozen=True)
class Rows:
    """The rows of a data file that a network reads, and what their columns mean to it."""

    model: "Model"
    table: "Table"
    label: str


def read_saved(path: str, model: str | None, data: str | None, row: str | None) -> Saved:
    """The model saved at this path, with rows of a data file where they are asked for.

    Raises `SpecError` where another model is named beside it, `ModelFileError` and `DataError` as
    reading does.
    """
    from symnn.fitfile import holds_equations, load_fit
    from symnn.modelfile import load

    if holds_equations(path):
        if model is not None:
            raise SpecError(f"'{path}' holds equations of its own; leave {model} out")
        from symnn.columns import arrays_of
        from symnn.samples import scaled

        fit = load_fit(path)
        values = _nested(fit.parameters)
        if data is not None:
            leaves = [q for q in fit.system.quantities.values() if q.name in fit.columns]
            arrays = arrays_of(leaves, _chosen(data, row or ""), fit.columns, fit.words)
            values |= _nested(scaled(arrays, fit.scalings))
        return Saved(fit.system, values)
    trained = load(path)
    _check_same(trained, model, path)
    values = _nested(trained.parameters)
    if data is None:
        return Saved(trained.network, values)
    table = _chosen(data, row or "")
    x, y = _samples(trained, table, path)
    values |= _nested({"x": _shaped(trained, x, 0), "y": _shaped(trained, y, -1)})
    return Saved(trained.network, values, Rows(trained, table, row or ""))


def _check_same(trained: "Model", model: str | None, path: str) -> None:
    from symnn.network import Network

    if model is not None and Network(model).spec != trained.network.spec:
        raise SpecError(f"'{path}' holds {trained.network.spec}, and not {model}; leave that out")


def _nested(arrays: "Mapping[str, Array]") -> "Assigned":
    from symnn.assigned import nested
    from symnn.language import Wanted

    return {Wanted(name): nested(value, name) for name, value in arrays.items()}


# Rows ---------------------------------------------------------------------------------------


def _chosen(data: str, row: str) -> "Table":
    """The rows that are asked for, counted from 1."""
    from symnn.datasets import load

    table = load(data)
    numbers = rows_of(row, len(table), table.name)
    kept = [k + 1 in numbers for k in range(len(table))]
    values = tuple(tuple(compress(column, kept)) for column in table.values)
    return replace(table, values=values, lines=tuple(compress(table.lines, kept)))


def rows_of(text: str, count: int, name: str) -> set[int]:
    """The rows that `3`, `1-4` or `2,5` asks for, of so many.

    >>> sorted(rows_of("1-3,5", 10, "penguins"))
    [1, 2, 3, 5]
    """
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        if not _ROWS.fullmatch(part):
            raise SpecError(f"--row is {text[:40]!r}; rows are given as 3, as 1-4 or as 2,5")
        first, _, last = part.partition("-")
        start, end = int(first), int(last or first)
        if not 1 <= start <= end <= count:
            raise DataError(f"there is no row {part} in '{name}'; it has the rows 1 to {count}")
        if end - start >= MOST_ROWS:
            raise SpecError(f"--row asks for {end - start + 1} rows; {MOST_ROWS} is the most")
        found |= set(range(start, end + 1))
    return found


def _samples(model: "Model", table: "Table", path: str) -> "tuple[Array, Array]":
    """The rows as the network takes them: its columns, scaled as in training."""
    from symnn.examples import matrix

    if not model.features or not model.targets:
        raise DataError(f"'{path}' knows no columns by name; give x and y themselves")
    x = model.inputs.apply(matrix(table, model.features))
    if model.classes:
        return x, _of_classes(model, table)
    return x, model.outputs.apply(matrix(table, model.targets))


def _of_classes(model: "Model", table: "Table") -> "Array":
    import numpy as np

    (target,) = model.targets
    for line, value in zip(table.lines, table.column(target), strict=True):
        if value not in model.classes:
            raise DataError(
                f"line {line} of '{table.name}', column {target!r}: {value!r} is none of the "
                f"classes {', '.join(model.classes)}"
            )
    found = [model.classes.index(value) for value in table.column(target)]
    outputs = model.network.sizes[-1]
    if outputs == 1:
        return np.array(found, dtype=np.float64)[:, None]
    return np.eye(outputs)[found, :]


def _shaped(model: "Model", values: "Array", place: int) -> "Array":
    return values.reshape(len(values), *model.network.shapes[place])
