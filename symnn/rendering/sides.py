"""What every format asks of a formula and of a table first: the texts of their parts."""

from collections.abc import Callable
from itertools import pairwise

from symnn.notation import Notation
from symnn.rendering.page import Formula, Side


def sides_of(formula: Formula, notation: type[Notation]) -> list[tuple[str, str]]:
    """The sign before each side, none for the first, and the side; none reads as that before."""
    if notation not in formula.texts:
        formula.texts[notation] = _sides(formula, notation)
    return formula.texts[notation]


def _sides(formula: Formula, notation: type[Notation]) -> list[tuple[str, str]]:
    first = ("", notation(formula.sides[0][1]).math(formula.sides[0][0]))
    rest = [
        (notation(style).relation(sign), notation(style).math(e))
        for sign, (e, style) in zip(formula.relations, formula.sides[1:], strict=True)
    ]
    told = [side for before, side in pairwise([first, *rest]) if side[1] != before[1]]
    return [first, *told]


def cell_of(cell: Side | str, notation: type[Notation], plain: Callable[[str], str]) -> str:
    """The text of a cell: mathematics, or words as `plain` has them."""
    return plain(cell) if isinstance(cell, str) else notation(cell[1]).math(cell[0])
