"""A function that runs once more in a wider float where a value left the range of its own.

The square of 1e-200 is no float64, nor is exp(1000); what is computed from them may well be one.
The floating-point exceptions of IEEE 754 tell of it: it costs nothing where all is in range.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Pow, log

Result = TypeVar("Result")

# A long double has 15 bits of exponent on x86; elsewhere it may be no wider than float64.
_FLOATS = (np.float16, np.float32, np.float64, np.longdouble)


def in_range(
    function: Callable[..., Result], arguments: list[Any], dtype: np.dtype[Any], is_fragile: bool
) -> Result:
    """`function(*arguments)`, computed in a float in whose range all values are; in `dtype`.

    The arguments are arrays, and dicts of arrays. `is_fragile` says that a value which became 0
    may do harm. Where values leave the widest float too, NumPy warns as ever.
    """
    run = arguments
    for wider in _wider_than(dtype):
        result, is_out = _watched(function, run, is_fragile)
        if not is_out:
            break
        run = _in(wider, arguments)
    else:
        result = function(*run)
    return result if run is arguments else _in(dtype, result)


def _watched(
    function: Callable[..., Result], arguments: list[Any], is_fragile: bool
) -> tuple[Result, bool]:
    """What a function gives, and whether a value left the range of its float."""
    seen: list[object] = []
    under: Literal["call", "ignore"] = "call" if is_fragile else "ignore"
    with np.errstate(all="call", under=under, call=lambda *told: seen.append(told)):
        result = function(*arguments)
    return result, bool(seen) or not _is_finite(result)


def _is_finite(values: object) -> bool:
    """Whether all are numbers: a helper that is silent, and `einsum`, leave exceptions untold."""
    if isinstance(values, dict):
        return all(map(_is_finite, values.values()))
    if isinstance(values, tuple):
        return all(map(_is_finite, values))
    return bool(np.isfinite(cast(NDArray[np.floating], values)).all())


@cache
def _wider_than(dtype: np.dtype[Any]) -> tuple[np.dtype[Any], ...]:
    """The floats of a greater range."""
    range_of = np.finfo(dtype).maxexp
    return tuple(np.dtype(f) for f in _FLOATS if np.finfo(f).maxexp > range_of)


def _in(dtype: np.dtype[Any], values: Result) -> Result:
    """All floats among these arrays in one dtype."""
    found: object = values
    if isinstance(values, dict):
        found = {name: _in(dtype, value) for name, value in values.items()}
    elif isinstance(values, list | tuple):
        found = type(values)(_in(dtype, value) for value in values)
    elif isinstance(values, np.ndarray | np.floating) and values.dtype.kind == "f":
        found = values.astype(dtype, copy=False)
    return cast(Result, found)


def is_fragile(lines: Iterable[Expr]) -> bool:
    """Whether one of these divides by what it computes, or takes a root or a logarithm of it."""
    found = (part for line in lines for part in line.atoms(Pow, log))
    return any(
        not (isinstance(part, Pow) and part.exp.is_Integer and part.exp.is_positive)
        and not all(s.is_integer for s in part.args[0].free_symbols)
        for part in found
    )
