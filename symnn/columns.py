"""Which columns of a table are which input or target of equations, and the arrays that they make.

What has the axis of samples alone is one column; what has one axis more is several, side by side.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from symnn.datasets import Table, count, is_numeric
from symnn.equations import Quantity, Role, System, all_entries, entry_indices, entry_name
from symnn.errors import DataError
from symnn.examples import check_present, matrix

Columns = Mapping[str, tuple[str, ...]]
Words = Mapping[str, tuple[str, ...]]
_NO_WORDS: Words = MappingProxyType({})


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


def words_of(quantities: Iterable[Quantity], table: Table, columns: Columns) -> Words:
    """The words, in order, of what is looked up by words, and of targets that are their classes."""
    found: dict[str, tuple[str, ...]] = {}
    for q in quantities:
        values = [table.column(name) for name in columns[q.name]]
        is_class = q.role is Role.TARGET and len(q.shape) == 2 and len(values) == 1
        if (q.is_integer or is_class) and not any(map(is_numeric, values)):
            found[q.name] = tuple(sorted({word for column in values for word in column}))
    return found


def sizes_of_words(system: System, words: Words) -> dict[str, int]:
    """The sizes that words tell: of the axis on which they are looked up, or of their classes."""
    classes = (system.quantities[name] for name in words)
    axes = [(q.shape[-1], q.name) for q in classes if not q.is_integer]
    for e in system.equations:
        for entry in all_entries(e.expression):
            shape = system.quantities[entry_name(entry)].shape
            for size, place in zip(shape, entry_indices(entry), strict=True):
                names = (entry_name(a) for a in all_entries(place))
                axes += [(size, name) for name in names if name in words]
    return {str(size): len(words[name]) for size, name in axes if size.is_Symbol}


def arrays_of(
    quantities: Iterable[Quantity], table: Table, columns: Columns, words: Words = _NO_WORDS
) -> dict[str, NDArray[np.float64]]:
    """An array for each quantity: a word is its number, and a class a row of 0 and 1.

    Raises `DataError`, which names the line and the column, where a value is no number, or a word
    that is not among its `words`.
    """
    return {
        q.name: _of_words(q, table, columns[q.name], words[q.name])
        if q.name in words
        else _array(q, table, columns[q.name])
        for q in quantities
    }


def _of_words(
    q: Quantity, table: Table, names: Sequence[str], words: Sequence[str]
) -> NDArray[np.float64]:
    numbers = {word: number for number, word in enumerate(words, int(q.is_from_1))}
    found = []
    for name in names:
        check_present(table, name)
        for line, word in zip(table.lines, table.column(name), strict=True):
            if word not in numbers:
                where = f"line {line} of '{table.name}', column {name!r}"
                raise DataError(f"{where}: {word!r} is none of the words learnt from")
            found.append(numbers[word])
    values = np.array(found).reshape(len(names), -1).T
    if not q.is_integer:
        return np.eye(len(words))[values[:, 0]]
    return (values[:, 0] if len(q.shape) == 1 else values).astype(float)


def _array(q: Quantity, table: Table, names: Sequence[str]) -> NDArray[np.float64]:
    values = matrix(table, names)
    return values[:, 0] if len(q.shape) == 1 else values
