"""Parts with names of their own: what makes a formula too wide for a page is told below it.

`z = … r … where r = …`: a part is chosen for what it saves, and has a letter that nothing else on
the page has. Nothing is derived or reordered, and what is put back is what was taken out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import Add, Expr, Idx, Indexed, IndexedBase, Mul, Pow, Sum, Symbol
from sympy import Function as SympyFunction

from symnn.array_nodes import MatrixProduct, SumOver
from symnn.binding import bound_indices, size_of
from symnn.cases import Piecewise
from symnn.choices import is_choice
from symnn.equations import Partial, Quantity, Role
from symnn.look import Style
from symnn.pieces import is_told_by_an_axis
from symnn.reading import natural
from symnn.reductions import BINDERS, ArgMax, ArgMin, Reduction
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.measure import lines, width
from symnn.rendering.page import Formula, Page, Section

# What a line of a page has for a side, in points, and how many lines a side may be broken into.
ROOM, MOST_LINES = 400.0, 2
# Less is never too wide, and less is no part.
_FEW_OPERATIONS, _FEWEST_OPERATIONS = 18, 3
_LETTERS = ("r", "s", "q", "v", "g", "e", "f", "A", "B", "C", "D", "E", "F", "G", "H")
_MOST_PARTS = 4
_NAMEABLE = (Add, Sum, Reduction, SympyFunction, MatrixProduct, SumOver, Pow, Mul)


def with_parts(page: Page) -> Page:
    """The page with the parts of each wide formula named below it."""
    return replace(page, sections=tuple(map(_section, page.sections)))


def _section(section: Section) -> Section:
    rows = [tuple(_formula(f) for f in row) for row in section.rows]
    return replace(section, rows=tuple(r for row in rows for r in _rows(row)))


def _rows(row: tuple[Formula, ...]) -> list[tuple[Formula, ...]]:
    """A row of formulas; those with parts stand each on its own."""
    return [(f,) for f in row] if any(f.parts for f in row) else [row]


def _formula(formula: Formula) -> Formula:
    """The formula, with parts taken out of its sides until each fits."""
    left, *sides = formula.sides
    if all(e.count_ops() < _FEW_OPERATIONS for e, _ in sides):
        return formula
    naming = _Naming(formula)
    lines, named = [e for e, _ in sides], list[Expr]()
    # The sides come first, and then what each name stands for, those that it reads after it.
    while len(named) < _MOST_PARTS and any(_is_wide(e, naming.style_with_parts) for e in lines):
        found = naming.best(lines)
        if found is None:
            break
        name = naming.name(found)
        lines = [e.xreplace({found: name}) for e in lines]
        place = next((k for k, known in enumerate(named) if found.has(known)), len(named))
        named.insert(place, name)
        lines.insert(len(sides) + place, found)
    if not named:
        return formula
    style = naming.style_with_parts
    put = zip([left[0], *lines], [left, *sides], strict=False)
    told = zip(named, lines[len(sides) :], strict=True)
    shown = tuple((e, naming.within(own)) for e, (_, own) in put)
    return replace(formula, sides=shown, parts=tuple(_told(name, e, style) for name, e in told))


def _told(name: Expr, part: Expr, style: Style) -> Formula:
    # A place has a name as it is printed, counted from 1.
    shift = 1 if isinstance(part, ArgMax | ArgMin) else 0
    return Formula(((name + shift, style), (part + shift, style)))


def _is_wide(expression: Expr, style: Style) -> bool:
    """Whether a side fills more lines than a reader follows, or is broken within brackets."""
    if expression.count_ops() < _FEW_OPERATIONS:
        return False
    latex = LatexNotation(style).math(expression)
    if width(latex) <= ROOM:
        return False
    is_sum = isinstance(expression, Add)
    terms = map(LatexNotation(style).math, expression.args) if is_sum else [latex]
    return len(lines(latex, ROOM)) > MOST_LINES or any(width(term) > ROOM for term in terms)


@dataclass(frozen=True)
class _Candidate:
    """A part, how often it stands in the sides, and how wide it is."""

    expression: Expr
    count: int
    width: float


class _Naming:
    """The letters that are free beside a formula, and the quantities that they become."""

    def __init__(self, formula: Formula) -> None:
        self.style = formula.sides[0][1]
        self.first = [i for e in (formula.sides[0][0],) for i in _indices(e)]
        names = [self.style.names.name(q).symbol for q in self.style.quantities.values()]
        known = {
            *names,
            *self.style.quantities,
            *(q.symbol for q in self.style.quantities.values()),
        }
        for q in self.style.quantities.values():
            known |= {*q.letters, *(str(s) for size in q.shape for s in size.free_symbols)}
        for e, _ in formula.sides:
            known |= {str(i.label) for i in e.atoms(Idx)} | {str(s) for s in e.free_symbols}
        known |= {name.lower() for name in known}
        self.letters = [a for a in _LETTERS if a not in known]
        self.quantities: dict[str, Quantity] = {}
        self.silent: frozenset[tuple[str, int]] = frozenset()

    @property
    def style_with_parts(self) -> Style:
        """The style of the formula, which knows the parts as well."""
        return self.within(self.style)

    def within(self, style: Style) -> Style:
        """A style that knows the parts as well."""
        quantities = {**style.quantities, **self.quantities}
        return replace(style, quantities=quantities, silent=self.silent)

    def best(self, sides: Sequence[Expr]) -> Expr | None:
        """The part whose name saves most, among those that fit a page themselves."""
        counts: dict[Expr, int] = {}
        for e in sides:
            for part in _parts(e):
                counts[part] = counts.get(part, 0) + 1
        found = [
            self._candidate(part, count) for part, count in counts.items() if part not in sides
        ]
        fitting = [c for c in found if c.width <= MOST_LINES * ROOM and self._is_whole(c, sides)]
        # What is wide alone, and stands once, is better in its own line than in the middle of one.
        chosen = max(
            fitting,
            key=lambda c: (c.count > 1, c.count * c.width, natural(c.expression)),
            default=None,
        )
        return None if chosen is None or not self.letters else chosen.expression

    def _candidate(self, part: Expr, count: int) -> _Candidate:
        return _Candidate(part, count, width(LatexNotation(self.style_with_parts).math(part)))

    def _is_whole(self, candidate: _Candidate, sides: Sequence[Expr]) -> bool:
        """Whether what is put back is what was taken out, and a name is shorter."""
        if candidate.width < ROOM / 5:
            return False
        stand_in = Symbol("_part", real=True)
        there = {candidate.expression: stand_in}
        back = {stand_in: candidate.expression}
        return all(e.xreplace(there).xreplace(back) == e for e in sides)

    def name(self, part: Expr) -> Symbol | Indexed:
        """A letter for a part, with the indices that it has: those of the left side first."""
        letter = self.letters.pop(0)
        own = [i for i in _free(part) if size_of(i) != 1]
        order = {i: k for k, i in enumerate(self.first)}
        own.sort(key=lambda i: (order.get(i, len(order)), str(i)))
        if not own:
            return Symbol(letter, real=True)
        letters = tuple(str(i.label) for i in own)
        tells = self.style_with_parts.tells
        untold = [k for k, i in enumerate(own) if not is_told_by_an_axis(i, part, tells)]
        self.silent |= {(letter, k) for k in untold}
        self.quantities[letter] = Quantity(
            letter,
            tuple(map(size_of, own)),
            Role.INTERMEDIATE,
            letters,
            letter,
            is_integer=isinstance(part, ArgMax | ArgMin),
        )
        return IndexedBase(letter, real=True)[tuple(own)]


def _indices(e: Expr) -> list[Idx]:
    return [i for i in getattr(e, "indices", ()) if isinstance(i, Idx)]


def _free(e: Expr) -> set[Idx]:
    """The indices that nothing in an expression binds."""
    if isinstance(e, Idx):
        return {e}
    if isinstance(e, BINDERS):
        return _free(e.function) - {*bound_indices(e)}
    return {i for a in e.args for i in _free(a)}


def _parts(e: Expr) -> Iterator[Expr]:
    """What may be named in an expression, and how often it stands there."""
    for a in e.args:
        if isinstance(a, Idx | Partial) or not isinstance(a, Expr | Piecewise):
            # A condition, or the limits of a sum: what stands in them may be named.
            yield from _parts(a) if not isinstance(a, Idx | Partial) else ()
            continue
        if _is_nameable(a):
            yield a
        yield from _parts(a)


def _is_nameable(a: Expr) -> bool:
    if a.is_integer and not isinstance(a, Reduction):
        return False
    # What is a number more than something that may be named itself is not.
    is_moved = isinstance(a, Add) and len(a.args) == 2 and a.args[0].is_number
    is_large = a.has(Indexed, Symbol) and a.count_ops() >= _FEWEST_OPERATIONS
    return is_large and not is_moved and (isinstance(a, _NAMEABLE) or is_choice(a))
