"""Whether what is looked up is there: an index below 0 would read from the end, and say nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import (
    Add,
    And,
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    Idx,
    Indexed,
    Le,
    Lt,
    Mul,
    Ne,
    Not,
    Or,
    Pow,
    false,
    true,
)

from symnn.binding import size_of
from symnn.equations import all_entries, entry_name
from symnn.errors import DataError
from symnn.lookups import Lookup
from symnn.reductions import BINDERS

Arrays = Mapping[str, NDArray[Any]]
Sizes = Mapping[Expr, Expr]


def whole_numbers(name: str, array: NDArray[Any]) -> NDArray[np.intp]:
    """The array as whole numbers; raises `DataError` where it holds anything else."""
    found = array.astype(np.intp)
    if not np.array_equal(found, array):
        raise DataError(f"{name} is what others are looked up by; it holds whole numbers")
    return found


def check_lookups(lookups: Iterable[Lookup], arrays: Arrays, sizes: Sizes) -> None:
    """Raise `DataError` where a place is not on its axis, and counts."""
    for lookup in lookups:
        size = _number(lookup.size, sizes)
        if lookup.is_of_all:
            array = arrays.get(entry_name(lookup.place))
            if array is not None and size is not None and (array.min() < 0 or array.max() >= size):
                wrong = array.min() if array.min() < 0 else array.max()
                raise DataError(_refused(lookup, int(wrong), sizes, size))
        elif size is not None and all(_is_known(p, arrays) for p in (lookup.place, *lookup.guards)):
            _check(lookup, arrays, sizes, size)


def _number(size: Expr, sizes: Sizes) -> int | None:
    """The size as a number; None where it is not known."""
    known = sizes.get(size)
    if known is None:
        settled = size if size.is_Integer else size.xreplace(dict(sizes))
        known = settled if settled.is_Integer else None
    return None if known is None else int(known)


def _is_known(part: Expr, arrays: Arrays) -> bool:
    """Whether it is made of what is given, and of nothing that is computed."""
    if part.has(Function, Pow, *BINDERS):
        return False
    return all(entry_name(e) in arrays for e in all_entries(part))


def _check(lookup: Lookup, arrays: Arrays, sizes: Sizes, size: int) -> None:
    read = (lookup.place, *lookup.guards)
    axes = sorted({i for part in read for i in part.atoms(Idx)}, key=str)
    values = [_values(part, axes, arrays, sizes) for part in read]
    places, *guards = np.broadcast_arrays(*values)
    wrong = (places < 0) | (places >= size)
    for holds in guards:
        wrong = wrong & holds
    if wrong.any():
        raise DataError(_refused(lookup, int(places[wrong].flat[0]), sizes, size))


def _refused(lookup: Lookup, place: int, sizes: Sizes, size: int) -> str:
    if lookup.alone is None or lookup.guards:
        return f"{lookup.read.name} is looked up at {place}; it has the places 0 to {size - 1}"
    name, least = lookup.alone[0], int(lookup.alone[1].xreplace(dict(sizes)))
    return (
        f"{name} holds {place + least}; it is looked up by, and takes whole numbers from "
        f"{least} to {least + size - 1}"
    )


def _values(part: Expr, axes: Sequence[Idx], arrays: Arrays, sizes: Sizes) -> NDArray[Any]:
    """The values of a place, or of a condition, along all of the axes or 1 in place of each."""
    if isinstance(part, Idx):
        shape = [-1 if i == part else 1 for i in axes]
        return np.arange(int(size_of(part).xreplace(dict(sizes)))).reshape(shape)
    if isinstance(part, Indexed):
        places = (_values(i, axes, arrays, sizes) for i in part.indices)
        return arrays[entry_name(part)][tuple(np.broadcast_arrays(*places))]
    if part in (true, false):
        return np.asarray(bool(part))
    for kind, operation in _OPERATIONS.items():
        if isinstance(part, kind):
            values = [_values(a, axes, arrays, sizes) for a in part.args]
            return np.asarray(operation(*values) if len(values) == 1 else reduce(operation, values))
    if str(part) in arrays:
        return arrays[str(part)]
    known = part.xreplace(dict(sizes))
    return np.asarray(int(known) if known.is_Integer else float(known))


_OPERATIONS: Mapping[type[Expr], Callable[..., Any]] = {
    Add: np.add,
    Mul: np.multiply,
    Eq: np.equal,
    Ne: np.not_equal,
    Lt: np.less,
    Le: np.less_equal,
    Gt: np.greater,
    Ge: np.greater_equal,
    And: np.logical_and,
    Or: np.logical_or,
    Not: np.logical_not,
}
