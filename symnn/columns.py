"""Which columns of a table are which input or target of equations, and the arrays that they make.

What has the axis of samples alone is one column; what has one axis more is several, side by side.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from symnn.datasets import Table, count, is_numeric
from symnn.equations import Quantity, Role, System
from symnn.errors import DataError
from symnn.examples import matrix

Columns = Mapping[str, tuple[str, ...]]


def columns_of(
    system: System, table: Table, features: Sequence[str], targets: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The columns of each input and target.

    One that is a single column takes that of its own name, or else the next of the features or of
    the targets. One with a second axis takes all that are left; without features given, every
    numeric column that nothing else takes. Raises `DataError` where columns are missing or left.
    """
    found: dict[str, tuple[str, ...]] = {}
    for role, given in ((Role.TARGET, targets), (Role.INPUT, features)):
        found |= _taken(system.named(role), table, list(given), role)
    used = {column for columns in found.values() for column in columns}
    for q in system.named(Role.INPUT):
        if not found[q.name]:
            found[q.name] = tuple(c for c in table.numeric_columns if c not in used)
            used |= {*found[q.name]}
        if not found[q.name]:
            raise DataError(f"no column is left for {q.name}; choose with --features")
    return found


def _taken(
    quantities: Iterable[Quantity], table: Table, left: list[str], role: Role
) -> dict[str, tuple[str, ...]]:
    option = {Role.TARGET: "--target", Role.INPUT: "--features"}[role]
    found: dict[str, tuple[str, ...]] = {}
    for q in sorted(quantities, key=lambda q: len(q.shape)):
        if not 1 <= len(q.shape) <= 2:
            axes = count(len(q.shape), "axis", "axes")
            raise DataError(f"{q.name} has {axes}; columns make an array of one or two")
        if len(q.shape) == 2:
            found[q.name], left = tuple(left), []
            if role is Role.TARGET and not found[q.name]:
                raise DataError(f"which columns are {q.name}? {option} takes them")
        elif q.name in left or (q.name in table.columns and not left):
            found[q.name] = (q.name,)
            left = [name for name in left if name != q.name]
        elif left:
            found[q.name] = (left.pop(0),)
        else:
            raise DataError(f"which column is {q.name}? {option} takes one, or give it that name")
    if left:
        raise DataError(
            f"{option} has the column {left[0]!r}, which nothing in the equations takes"
        )
    return found


def arrays_of(
    quantities: Iterable[Quantity], table: Table, columns: Columns
) -> dict[str, NDArray[np.float64]]:
    """An array for each quantity.

    Raises `DataError`, which names the line and the column, where a value is no number.
    """
    return {q.name: _array(q, table, columns[q.name]) for q in quantities}


def _array(q: Quantity, table: Table, names: Sequence[str]) -> NDArray[np.float64]:
    if q.is_integer and len(names) == 1 and not is_numeric(table.column(names[0])):
        raise DataError(f"{q.name} is looked up by, and column {names[0]!r} holds no whole numbers")
    values = matrix(table, names)
    return values[:, 0] if len(q.shape) == 1 else values
