"""Claims as they can be read: over all samples in whole arrays, each sample by itself, or for one.

A line without a word of samples, such as `dL/dw = 2*(yhat - y)*x`, is what symnn prints for one
sample. Which readings there are is settled by shapes alone, and the verdict says which it was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sympy import Expr, Idx

from symnn.binding import size_of
from symnn.claims.claim import Claim, claim_error
from symnn.derivation import Derivation, derive
from symnn.equations import Role, System
from symnn.network import Network
from symnn.notations import Convention
from symnn.parsing.source import Fault
from symnn.parsing.tree import Name, Node
from symnn.reader.followed import told_apart
from symnn.reader.grammar import ClaimParser
from symnn.reader.latex import is_latex, latex_tokens
from symnn.reader.letters import moved_letters
from symnn.reader.lexicon import Lexicon, lexicon_of
from symnn.reader.links import Links
from symnn.reader.meaning import Meaning
from symnn.reader.nodes import Differentiated, Labelled, Reduced, below
from symnn.reader.shapes import ShapeFault, Value, aligned
from symnn.reader.tokens import plain_tokens
from symnn.rendering.layout import names_in


@dataclass(frozen=True)
class Reading:
    """The sides of a claim over the same free indices.

    With `hides_samples` each sample is by itself; `is_one_sample` where there is one alone.
    """

    sides: tuple[Expr, ...]
    free: tuple[Idx, ...]
    axes: tuple[Idx, ...]
    hides_samples: bool = False
    is_one_sample: bool = False


class Book:
    """A model whose claims are read: its derivation, as far as the claims ask, and its names.

    The names are those of a page in a notation, with a user's own by the names in code.
    """

    def __init__(
        self,
        model: Network | System | Derivation,
        claims: Sequence[Claim],
        notation: str | Convention = "symnn",
        names: Mapping[str, str] | None = None,
    ) -> None:
        base = model if isinstance(model, Derivation) else derive(model)
        self._names = lexicon_of(base, names_in(base, notation, names or {}))
        self.sides = {claim: self.parsed(claim) for claim in claims}
        asked = [name for sides in self.sides.values() for name in self._derived_by(sides)]
        # Of a Jacobian or a second derivative all is there that its page has.
        self.derivation: Derivation = (
            base
            if type(base) is not Derivation
            else derive(base.model, dict.fromkeys([*base.gradients, *asked]))
        )
        called = names_in(self.derivation, notation, names or {})
        self.lexicon: Lexicon = lexicon_of(self.derivation, called)
        self._links = Links(self.derivation)
        self._alone = Meaning(self.lexicon, self._links, hides_samples=True)

    def parsed(self, claim: Claim) -> tuple[Node, ...]:
        """The sides of a claim; raises `ClaimError` for one that cannot be read."""
        try:
            sides = self._with_letters(claim.text) or _parsed(claim.text, self._names)
        except Fault as fault:
            raise claim_error(fault, claim) from None
        return tuple(told_apart(side, self._names) for side in sides)

    def _with_letters(self, text: str) -> tuple[Node, ...]:
        """The sides where q is an index, and no entry of Q: it is one of a line's labels."""
        try:
            sides = _parsed(text, self._names.without_lowered())
        except Fault:
            return ()
        return sides if self._names.lowered & {*_labels_in(sides)} else ()

    def _derived_by(self, sides: Iterable[Node]) -> Iterator[str]:
        """The quantities by which the loss is derived in these sides."""
        system = self._names.quantities
        for node in walked(sides):
            if isinstance(node, Differentiated):
                name = _name(node.bottom)
                if name in system and system[name].role not in _NEVER and not system[name].of:
                    yield name

    def readings(self, sides: Sequence[Node]) -> list[Reading]:
        """The readings whose shapes fit; raises `Fault` where none does."""
        found, faults = [], []
        for hides_samples, way in product((False, True), self._ways(sides)):
            if way.get("in_columns") and not hides_samples:
                continue
            try:
                found.append(self._read(sides, hides_samples, way))
            except Fault as fault:
                faults.append(fault)
        if not found:
            plain = [f for f in faults if not isinstance(f, ShapeFault)]
            raise (plain or faults)[0]
        if any(self._alone.names_samples(node) for node in walked(sides)):
            return found
        return [*found, *(_of_one_sample(r) for r in found if r.hides_samples)]

    def _ways(self, sides: Iterable[Node]) -> list[Mapping[str, bool]]:
        """How derivatives may be meant: as links of the chain, and otherwise where it matters."""
        links = [n for n in walked(sides) if isinstance(n, Differentiated) and self._is_link(n)]
        pairs = [(_name(n.top), _name(n.bottom)) for n in links]
        ways: list[Mapping[str, bool]] = [{}]
        if any(self._links.is_read_twice(*pair) for pair in pairs):
            ways.append({"is_total": True})
        if any(isinstance(n.top, Name) and isinstance(n.bottom, Name) for n in links):
            ways += [{**way, "in_columns": True} for way in ways]
        return ways

    def _is_link(self, node: Differentiated) -> bool:
        """Whether it is of another quantity than the loss."""
        top = self.lexicon.quantities.get(_name(node.top))
        return top is not None and top.role is not Role.LOSS

    def _read(self, sides: Sequence[Node], hides_samples: bool, way: Mapping[str, bool]) -> Reading:
        moved = moved_letters(sides)
        meaning = Meaning(self.lexicon, self._links, hides_samples, moved, **way)
        values = meaning.values(sides)
        expressions, axes = aligned(values, sides[0].place)
        _check_cover(values, sides)
        atoms = {i for e in expressions for i in _free_indices(e)} - {*axes}
        letters = tuple(sorted(atoms, key=str))
        used = tuple(i for i in axes if any(e.has(i) for e in expressions))
        return Reading(tuple(expressions), (*letters, *used), used, hides_samples)


def _parsed(text: str, names: Lexicon) -> tuple[Node, ...]:
    cut = latex_tokens if is_latex(text) else plain_tokens
    return ClaimParser(cut(text, names)).claim()


def _labels_in(nodes: Iterable[Node]) -> Iterator[str]:
    """Every letter that stands in a label or below a sum."""
    yield from letters_in(nodes)
    for node in walked(nodes):
        if isinstance(node, Labelled) and not isinstance(node.labels, str):
            yield from (part.name for part in walked(node.labels) if isinstance(part, Name))


_NEVER = (Role.LOSS, Role.TARGET)


def _of_one_sample(reading: Reading) -> Reading:
    return Reading(reading.sides, reading.free, reading.axes, True, True)


def _name(node: Node) -> str:
    named = node.of if isinstance(node, Labelled) else node
    return named.name if isinstance(named, Name) else ""


def walked(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes and all below them."""
    for node in nodes:
        yield node
        yield from walked(below(node))


def letters_in(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The letters that stand in these nodes as labels, each once."""
    found: list[str] = []
    for node in walked(nodes):
        match node:
            case Labelled(_, _, str() as packed):
                found += [c for c in packed if c.isalpha()]
            case Labelled(_, _, labels):
                found += [a.name for a in labels if isinstance(a, Name)]
            case Reduced(_, _, letters, _):
                found += letters
    return tuple(dict.fromkeys(found))


def _check_cover(values: Sequence[Value], sides: Sequence[Node]) -> None:
    """Refuse a side that has an axis which the first one lacks."""
    for value, side in zip(values[1:], sides[1:], strict=True):
        _, axes = aligned([values[0], value], side.place)
        if _wide(map(size_of, axes)) > _wide(values[0].sizes):
            raise ShapeFault(f"the left side is {values[0]} and this is {value}", side.place)


def _wide(sizes: Iterable[Expr]) -> int:
    """How many axes are longer than one."""
    return sum(size != 1 for size in sizes)


def _free_indices(expression: Expr) -> set[Idx]:
    """The indices that no sum binds."""
    return {i for i in expression.free_symbols if isinstance(i, Idx)}
