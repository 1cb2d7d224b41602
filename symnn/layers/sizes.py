"""Sizes: of a network's input, of a layer, and what is said where they do not fit."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr, Integer, Symbol

from symnn.equations import SAMPLES, Quantity
from symnn.errors import SpecError

Size: TypeAlias = int | str | Expr

_SIZE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Input:
    """What a network reads: the sizes of one sample, `Input(1, 28, 28)` or `Input("T", "D")`.

    A size is a whole number or, for a network that is derived and not trained, a name.
    """

    shape: tuple[Expr, ...]

    def __init__(self, *sizes: Size) -> None:
        if not sizes:
            raise SpecError("an input has at least one size, as in Input(2)")
        object.__setattr__(self, "shape", tuple(map(size, sizes)))

    def __str__(self) -> str:
        return "x".join(map(str, self.shape))

    def __repr__(self) -> str:
        return f"Input({', '.join(map(str, self.shape))})"


class UnfitError(SpecError):
    """What a layer expects of the quantity below it, where that is something else."""


def shape_text(q: Quantity) -> str:
    """The shape of one sample as a spec has it: `1x28x28`."""
    return "x".join(map(str, q.shape[1:]))


def size(value: Size) -> Expr:
    """A size as SymPy has it: a number, or a symbol for a name.

    Raises `SpecError` for what is no size.

    >>> size(3), size("D")
    (3, D)
    """
    if isinstance(value, Expr) and value.is_integer and not value.is_nonpositive:
        return value
    if isinstance(value, str) and _SIZE_NAME.fullmatch(value):
        value = Symbol(value, integer=True, positive=True)
    if isinstance(value, Symbol):
        if value == SAMPLES or not value.is_integer:
            raise SpecError(f"the size {value} is that of the samples; take another letter")
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SpecError(f"a size is {value!r}; it is a whole number from 1, or a name")
    return Integer(value)
