"""What stands between the brackets of an entry: a place on an axis, and whether it is on the axis.

A place is affine: whole numbers, sizes, indices and entries of integer inputs, each of the latter
two times a whole number or a size. Where sizes are symbols, a read that leaves its axis for all of
them is refused; others are checked when the arrays are known. Within a `where` whose condition
speaks of its indices, a read is guarded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sympy import Add, Dummy, Expr, Idx, Integer, Mul, floor

from symnn.binding import size_of
from symnn.equations import Quantity, Role
from symnn.parsing.names import Names
from symnn.parsing.sizes import are_equal, size_symbol
from symnn.parsing.source import Fault, Place, did_you_mean
from symnn.parsing.tree import Chain, Entry, Name, Node, Number, Subscript, walk
from symnn.parsing.vocabulary import WORDS

MAX_SUBSCRIPT_NODES = 40
# An entry of an integer input that stands in a place; None for a name that is no input.
Reader: TypeAlias = Callable[[Entry | Name], Expr | None]


@dataclass(frozen=True)
class Bounds:
    """From where indices run and axes begin, where that is not 0, and which reads are shifted.

    `lows` is for the equation's own indices, `first_places` for axes (a quantity and the number of
    its axis). `shifted` holds the axes that the equation reads at a sum as well, with the letters
    in it.
    """

    lows: Mapping[Idx, int] = field(default_factory=dict)
    first_places: Mapping[tuple[str, int], int] = field(default_factory=dict)
    shifted: frozenset[tuple[str, int, str]] = frozenset()


@dataclass(frozen=True)
class Scope:
    """The indices that letters stand for here, and the letters of the conditions around.

    `cure` is what to do about a letter that stands for none. `hidden` are letters of indices whose
    own letter stands for an inner one here.
    """

    indices: Mapping[str, Idx]
    cure: str = "put it on the left side, or sum over it"
    guards: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    @property
    def taken(self) -> frozenset[str]:
        """The letters of all indices around."""
        return self.hidden | {str(i.label) for i in self.indices.values()}

    def within(self, own: Mapping[str, Idx]) -> "Scope":
        """The scope inside of a reduction over these indices."""
        return replace(self, indices={**self.indices, **own}, hidden=self.taken)


@dataclass(frozen=True)
class Axis:
    """One axis of a quantity, counted from 0."""

    quantity: Quantity
    number: int

    @property
    def size(self) -> Expr:
        """How many places it has, those before 0 not counted."""
        return self.quantity.shape[self.number]

    def __str__(self) -> str:
        return f"axis {self.number + 1} of {self.quantity.name}"


def place_on(
    axis: Axis, stated: Subscript, names: Names, scope: Scope, bounds: Bounds, reader: Reader
) -> Expr:
    """The place on an axis that a subscript names; raises `Fault` where it is not on the axis.

    Where an input looks it up, that is known with the arrays.
    """
    node = stated.value
    if sum(1 for _ in walk(node)) > MAX_SUBSCRIPT_NODES:
        raise Fault("this place is too long; give a part of it a letter of its own", node.place)
    terms = _Terms(names, scope, reader)
    place = _affine(terms, node)
    if terms.entries or _letters(node) & scope.guards:
        return place
    if isinstance(node, Name) and isinstance(place, Idx):
        _check_size(axis, node, place, bounds)
    else:
        _check_range(axis, node.place, place, bounds)
    return place


def _letters(node: Node) -> set[str]:
    return {n.name for n in walk(node) if isinstance(n, Name)}


def _affine(terms: "_Terms", node: Node) -> Expr:
    place = terms.linear(node)
    if isinstance(place, Idx | Integer):
        return terms.read(place)
    place = place.expand()
    letters = [*place.atoms(Idx), *terms.entries.values()]
    slopes = {i: place.coeff(i) for i in letters}
    rest = (place - Add(*(slope * i for i, slope in slopes.items()))).expand()
    if letters and any(e.has(*letters) for e in (rest, *slopes.values())):
        raise Fault("an index is multiplied by whole numbers and sizes alone", node.place)
    return terms.read(place)


@dataclass(frozen=True)
class _Terms:
    """What a place is made of; an entry is a whole number of its own until all is added up."""

    names: Names
    scope: Scope
    reader: Reader
    entries: dict[Expr, Dummy] = field(default_factory=dict)

    def read(self, place: Expr) -> Expr:
        """The place with its entries."""
        return place.xreplace({number: entry for entry, number in self.entries.items()})

    def linear(self, node: Node) -> Expr:
        """Numbers, sizes, indices and entries, added and multiplied as they are written."""
        if isinstance(node, Number) and node.text.isdigit():
            return Integer(int(node.text))
        if isinstance(node, Name | Entry):
            return self._named(node)
        if not isinstance(node, Chain):
            raise Fault(
                "a place is made of index letters, sizes and whole numbers, as in x[2*t+s]",
                node.place,
            )
        values = [(sign, self.linear(part)) for sign, part in node.parts]
        if node.parts[0][0] in "+-":
            return Add(*(value if sign == "+" else -value for sign, value in values))
        return _product(values, node.place)

    def _named(self, node: Name | Entry) -> Expr:
        if isinstance(node, Name):
            if node.name in self.scope.indices:
                return self.scope.indices[node.name]
            if node.name in self.names.size_names:
                return size_symbol(node.name)
        entry = self.reader(node)
        if entry is None:
            raise unbound(self.names, Name(node.place, node.name), self.scope)
        return self.entries.setdefault(entry, Dummy(node.name, integer=True))


def _product(values: list[tuple[str, Expr]], place: Place) -> Expr:
    outcome = values[0][1]
    for sign, value in values[1:]:
        if sign == "*":
            outcome = Mul(outcome, value)
        elif sign == "/" or outcome.has(Idx, Dummy):
            raise Fault("an index cannot be divided; write it as 2*t+s, with an s:2", place)
        elif not (value.is_Integer and value > 0):
            raise Fault("a size is divided by a whole number from 1", place)
        else:
            outcome = floor(outcome / value)
    return outcome


def unbound(names: Names, node: Name, scope: Scope) -> Fault:
    """The fault of a name that stands for nothing here."""
    name = node.name
    if name in names.declared:
        return Fault(
            f"{name!r} is a quantity; places are looked up by an input alone, as in E[id[n], d]",
            node.place,
        )
    if name in names.letters:
        return Fault(f"index {name!r} is not bound here: {scope.cure}", node.place)
    if name in WORDS:
        return Fault(f"{name!r} is a function; write {name}(…)", node.place)
    return Fault(
        f"{name!r} is not declared{did_you_mean(name, names.all - {'pi', 'inf'})}", node.place
    )


def _check_size(axis: Axis, node: Name, place: Idx, bounds: Bounds) -> None:
    """An index that stands by itself has the size of its axis, or a part of it on purpose."""
    size = size_of(place)
    if are_equal(size, axis.size):
        return
    is_shifted = (axis.quantity.name, axis.number, node.name) in bounds.shifted
    is_within = (axis.size - size).expand().is_nonnegative
    if is_within and (is_shifted or not (size.is_Integer or size.is_Symbol)):
        return
    cure = f"; write {node.name}+0 for its first {size}" if is_within else ""
    raise Fault(
        f"index {node.name!r} has the size {size}, but {axis} has {axis.size}{cure}", node.place
    )


def _check_range(axis: Axis, place: Place, read: Expr, bounds: Bounds) -> None:
    first = bounds.first_places.get((axis.quantity.name, axis.number), 0)
    least, greatest = _extremes(read, bounds)
    if least is not None and (least - first).expand().is_negative:
        cure = f"the last is {axis.size - 1}" if read.is_Integer else _guard(axis, read, first)
        raise Fault(f"{axis} is read at {least}, and begins at {first}; {cure}", place)
    if greatest is not None and (greatest - (axis.size - 1)).expand().is_positive:
        raise Fault(f"{axis} is read at {greatest}, and ends at {axis.size - 1}", place)


def _guard(axis: Axis, read: Expr, first: int) -> str:
    """How a place before the first is read: by a start, or not at all."""
    constant, variable = read.as_coeff_Add()
    guard = f"guard it: where({variable} >= {first - constant}, …, 0)"
    letters = list(axis.quantity.letters)
    is_past = axis.quantity.role is Role.INTERMEDIATE and str(variable) == letters[axis.number]
    if not is_past:
        return guard
    letters[axis.number] = str(first - 1)
    return f"state its start, {axis.quantity.name}[{','.join(letters)}] = 0, or {guard}"


def _extremes(read: Expr, bounds: Bounds) -> tuple[Expr | None, Expr | None]:
    """The least and the greatest value of a place; None where the sign of a factor is not known."""
    least = greatest = read
    for i in read.atoms(Idx):
        slope = read.coeff(i)
        ends = Integer(bounds.lows.get(i, 0)), size_of(i) - 1
        if slope.is_negative:
            ends = ends[1], ends[0]
        elif not slope.is_nonnegative:
            return None, None
        least, greatest = least.xreplace({i: ends[0]}), greatest.xreplace({i: ends[1]})
    return least.expand(), greatest.expand()
