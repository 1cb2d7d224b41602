"""What the statements of a text mean once its names are known: equations, starts, assumptions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Idx, Integer

from symnn.binding import index
from symnn.equations import Equation, Quantity, Role
from symnn.parsing.building import Builder
from symnn.parsing.names import Names
from symnn.parsing.recurrences import Start
from symnn.parsing.sizes import are_equal
from symnn.parsing.source import START, Fault
from symnn.parsing.subscripts import Bounds, Scope
from symnn.parsing.tree import (
    Assumption,
    Call,
    Chain,
    Definition,
    Entry,
    Name,
    Node,
    Number,
    is_number,
    subscripts,
    walk,
)


@dataclass(frozen=True)
class Text:
    """The names of a text, its quantities, and the starts of its recurrences."""

    names: Names
    quantities: Mapping[str, Quantity]
    starts: Mapping[str, Start]

    def equation(self, definition: Definition) -> Equation:
        """The equation of a line."""
        quantity = self.quantities[definition.left.name]
        lows = self._lows(quantity)
        scope = Scope(dict(zip(quantity.letters, quantity.indices, strict=True)))
        if quantity.role is Role.LOSS:
            scope = replace(scope, cure="a loss is one number, such as mean(n, …)")
        right = self._builder(definition, lows).built(definition.right, scope)
        return Equation(quantity, quantity.indices, right)

    def start(self, definition: Definition) -> Equation:
        """The equation of a line that starts a recurrence."""
        quantity = self.quantities[definition.left.name]
        indices: list[Expr] = []
        scope: dict[str, Idx] = {}
        stated = zip(subscripts(definition.left), quantity.shape, strict=True)
        for k, (subscript, size) in enumerate(stated):
            value = subscript.value
            if not isinstance(value, Name):
                indices.append(Integer(whole(value)))
                continue
            if not are_equal(self.names.size(value.name), size):
                own = self.names.size(value.name)
                raise Fault(
                    f"index {value.name!r} has the size {own}, but axis {k + 1} of "
                    f"{quantity.name} has {size}",
                    value.place,
                )
            scope[value.name] = index(value.name, size)
            indices.append(scope[value.name])
        right = self._builder(definition, {}).built(definition.right, Scope(scope))
        return Equation(quantity, tuple(indices), right)

    def _lows(self, quantity: Quantity) -> dict[Idx, int]:
        """From where the index of a recurrence runs, whose start is at 0 or after."""
        start = self.starts.get(quantity.name)
        if start is None or max(start.places) < 0:
            return {}
        return {quantity.indices[start.axis]: max(start.places) + 1}

    def _builder(self, definition: Definition, lows: Mapping[Idx, int]) -> Builder:
        firsts = {(n, s.axis): min(s.places) for n, s in self.starts.items() if min(s.places) < 0}
        shifted = frozenset(_shifted(definition))
        return Builder(self.names, self.quantities, Bounds(lows, firsts, shifted))

    def assumed(self, assumption: Assumption) -> str:
        """The quantity whose last axis is assumed to sum to one."""
        quantity = self._summed(assumption.left)
        if quantity is None or not is_number(assumption.right, "1"):
            raise Fault(
                "what can be assumed is that a target or an input sums to one over its last axis: "
                "assume sum(k, y[n,k]) = 1",
                assumption.place,
            )
        return quantity.name

    def _summed(self, left: Node) -> Quantity | None:
        """The input or target that is summed over its last axis, if that is what stands there."""
        if not isinstance(left, Call) or left.name != "sum" or len(left.arguments) != 2:
            return None
        letter, entry = (a.value for a in left.arguments)
        if not isinstance(letter, Name) or not isinstance(entry, Entry):
            return None
        quantity = self.quantities.get(entry.name)
        if quantity is None or quantity.role not in (Role.INPUT, Role.TARGET):
            return None
        places = tuple(s.value.name for s in entry.subscripts if isinstance(s.value, Name))
        return quantity if places == quantity.letters and places[-1] == letter.name else None


def whole(node: Node) -> int:
    """The whole number that a subscript is, its sign included."""
    if isinstance(node, Chain):
        ((sign, node),) = node.parts
        return -whole(node) if sign == "-" else whole(node)
    assert isinstance(node, Number)
    return int(node.text)


def _shifted(definition: Definition) -> Iterator[tuple[str, int, str]]:
    """The axes that are read at a sum in which a letter stands."""
    for node in walk(definition.right):
        if isinstance(node, Entry):
            for k, s in enumerate(node.subscripts):
                if not isinstance(s.value, Name | Entry | Number):
                    names = (n.name for n in walk(s.value) if isinstance(n, Name))
                    yield from ((node.name, k, name) for name in names)


def starts_of(names: Names, definitions: Sequence[Definition]) -> dict[str, Start]:
    """The start of each recurrence; raises `Fault` where its lines do not make one."""
    found: dict[str, Start] = {}
    for definition in definitions:
        left = definition.left
        declared = names.declared.get(left.name)
        stated = subscripts(left)
        if declared is None or declared.role is not Role.INTERMEDIATE:
            raise Fault(f"{left.name!r} has a start here, but no equation", left.place)
        if len(stated) != len(declared.letters):
            raise Fault(
                f"{left.name!r} has {len(declared.letters)} axes, not {len(stated)}", left.place
            )
        axes = [k for k, s in enumerate(stated) if is_number(s.value)]
        place = whole(stated[axes[0]].value)
        known = found.get(left.name)
        if len(axes) > 1 or (known and known.axis != axes[0]):
            raise Fault("a recurrence starts at one whole number, as h[n,-1,j] = 0", left.place)
        if known and place in known.places:
            raise Fault(f"{left.name!r} at {place} is defined already", left.place)
        places = (*known.places, place) if known else (place,)
        found[left.name] = Start(left.place, axes[0], tuple(sorted(places)))
    for name, start in found.items():
        first, last = start.places[0], start.places[-1]
        if last - first + 1 != len(start.places) or (first != 0 and last != -1):
            raise Fault(f"{name!r} starts at 0 or at -1, and nothing is left out", start.place)
    return found


def no_loss(definitions: Sequence[Definition]) -> Fault:
    """The fault of a text without a loss, at what may be meant to be it."""
    if not definitions:
        return Fault("there is no loss: write loss = …", START)
    last = next((d for d in definitions if d.left.name in ("L", "Loss", "cost")), definitions[-1])
    name = last.left.name
    cure = f"write loss = … and not {name} = …" if isinstance(last.left, Name) else "write loss = …"
    return Fault(f"there is no loss; {cure}", last.left.place)
