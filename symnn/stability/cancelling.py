"""Sums in which letters cancel, written without what cancels: x/(1 + x) for 1 - 1/(1 + x).

A quantity in such a sum is put in, where what it is made of cancels: 1 - p, for p = a/(a + x). What
is kept is judged in numbers, as `rounding` does for one argument: here for as many as there are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

import mpmath
from mpmath import mpf
from sympy import Add, Expr, Function, PolynomialError, Pow, Sum, Symbol, cancel, factor

from symnn.binding import bound_indices, total
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.folding import opaque
from symnn.stability.estimates import rounded
from symnn.stability.floats import LostError, Rounded
from symnn.stability.lines import Lines
from symnn.stability.parts import has_pieces, rebuilt
from symnn.stability.rounding import TOLERABLE

# A sum of more operations takes longer to bring on one line than it is worth; one of more terms, in
# which no two cancel, has more to lose.
_LARGEST, _MOST_TERMS = 40, 3
# How large the letters are, one after another, where the digits of a sum are counted.
_SIZES = (1, -9, 0, 6, -4, 3)
_ROUNDS = 18


def without_cancelling(lines: Lines) -> Lines:
    """The lines, with sums of what does not cancel."""
    every = (*lines.forward, *lines.adjoints, *lines.gradients)
    in_loops = looped(reads_of(every))
    known = {
        e.quantity.name: e
        for e in lines.forward
        if e.quantity.name not in in_loops and is_rational(e.expression)
    }
    return Lines(*(tuple(_rewritten(part, known)) for part in lines.parts))


def is_rational(expression: Expr) -> bool:
    """Whether it is a ratio of sums in entries, or 1 and more, short, and no function of anything.

    A share such as y·p + (1 - y)·(1 - p) is best taken from 1 as it stands.
    """
    if expression.has(Sum, Function) or has_pieces(expression):
        return False
    constant, rest = expression.as_coeff_Add()
    is_more = constant != 0 and rest != 0 and not rest.has(Add)
    has_power = any(p.base.is_Add for p in expression.atoms(Pow))
    return (is_more or has_power) and expression.count_ops() <= _LARGEST


def _rewritten(equations: Iterable[Equation], known: Mapping[str, Equation]) -> Iterator[Equation]:
    for e in equations:
        yield replace(e, expression=_seen(e.expression, known)) if e.expression.has(Add) else e


def _seen(node: Expr, known: Mapping[str, Equation]) -> Expr:
    if not node.has(Add) or next(all_entries(node), None) == node:
        return node
    if isinstance(node, Sum):
        return total(_seen(node.function, known), *bound_indices(node))
    found = rebuilt(node, (_seen(a, known) for a in node.args))
    if not isinstance(found, Add):
        return found
    read = {a for a in all_entries(found) if entry_name(a) in known}
    values = {a: known[entry_name(a)].instance(*entry_indices(a)) for a in read}
    whole = found.xreplace(values)
    joined = on_one_line(found)
    if joined == found and whole != found:
        joined = on_one_line(whole)
        return found if joined == whole else joined
    return joined


def on_one_line(terms: Expr) -> Expr:
    """The sum as one ratio, where letters cancel in it; as it is where none do.

    >>> from sympy.abc import a, x
    >>> on_one_line(1 - 1 / (1 + x)), on_one_line(a / (a + x) - 1)
    (x/(x + 1), -x/(a + x))
    >>> on_one_line(1 / a - 1 / x)
    -1/x + 1/a
    """
    if not isinstance(terms, Add) or not any(t.has(Add) for t in terms.args):
        return terms
    opened, hidden = opaque(terms)
    if not opened.has(Add) or opened.count_ops() > _LARGEST:
        return terms
    return _joined(opened).xreplace(hidden)


def _joined(opened: Expr) -> Expr:
    """The same for a sum of letters: of many terms, two that cancel are joined at a time."""
    if not isinstance(opened, Add) or not _loses(opened):
        return opened
    for one, other in combinations(opened.args, 2) if len(opened.args) > 2 else ():
        if one.free_symbols & other.free_symbols and (one.has(Add) or other.has(Add)):
            found = _on_one_line(one + other)
            if found != one + other:
                return _joined(opened - one - other + found)
    return _on_one_line(opened) if len(opened.args) <= _MOST_TERMS else opened


def _loses(opened: Expr) -> bool:
    """Whether digits are lost somewhere."""
    with mpmath.workdps(60):
        return any(_share(opened, known)[1] > TOLERABLE for known in _points(opened))


def less_one(whole: Expr) -> Expr | None:
    """By how much it is more than 1, where the 1 cancels; None where it does not."""
    opened, hidden = opaque(whole)
    if opened.count_ops() > _LARGEST:
        return None
    written = Add(opened, -1, evaluate=False)
    found = _on_one_line(written)
    return None if found is written else found.xreplace(hidden)


def _on_one_line(opened: Expr) -> Expr:
    points = list(_points(opened))
    with mpmath.workdps(60):
        before = [_share(opened, known) for known in points]
        if not any(error > TOLERABLE for _, error in before):
            return opened
        found = _ratio(opened)
        # A letter that is gone would take its axes with it.
        if found is None or found.free_symbols != opened.free_symbols:
            return opened
        after = [_share(found, known) for known in points]
    pairs = list(zip(before, after, strict=True))
    is_mended = any(one > TOLERABLE >= other for (_, one), (_, other) in pairs)
    return found if is_mended and all(map(_is_no_worse, before, after)) else opened


def _ratio(opened: Expr) -> Expr | None:
    try:
        return factor(cancel(opened))
    except PolynomialError:
        return None


def _is_no_worse(one: tuple[mpf, mpf], other: tuple[mpf, mpf]) -> bool:
    """Whether a number is the same as another, with an error that is not worth speaking of."""
    is_same = abs(one[0] - other[0]) <= mpf(10) ** -25 * abs(one[0])
    return is_same and other[1] <= max(4 * one[1], TOLERABLE / 8)


def _share(form: Expr, known: Mapping[Symbol, Rounded]) -> tuple[mpf, mpf]:
    """The value of a form, and the share of it that is lost in floats."""
    try:
        found = rounded(form, known)
    except LostError:
        return mpf(0), mpf(0)
    return found.value, found.error / abs(found.value) if found.value else mpf(0)


def _points(opened: Expr) -> Iterator[dict[Symbol, Rounded]]:
    """Numbers for the letters, of many sizes and both signs."""
    letters = sorted(opened.free_symbols, key=str)
    for k in range(_ROUNDS):
        yield {s: Rounded(_number(s, k, j), mpf(0)) for j, s in enumerate(letters)}


def _number(letter: Symbol, k: int, j: int) -> mpf:
    digits = 1 + mpf((5 * k + 11 * j) % 32 + 1) / 37
    if letter.is_integer:
        return mpf(2 + (k + j) % 30)
    sign = 1 if letter.is_positive or (k + j) % 3 else -1
    return sign * digits * mpf(10) ** _SIZES[(k + j * (1 + k // len(_SIZES))) % len(_SIZES)]
