"""The syntax tree: what stands in a text and where, and nothing of its meaning."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from symnn.equations import Role
from symnn.parsing.source import Place


@dataclass(frozen=True)
class Number:
    """A number without a sign, as typed."""

    place: Place
    text: str


@dataclass(frozen=True)
class Name:
    """A name by itself."""

    place: Place
    name: str


@dataclass(frozen=True)
class Subscript:
    """What stands between brackets for one axis, with the size that is stated there, if any."""

    value: "Node"
    size: "Node | None" = None


@dataclass(frozen=True)
class Entry:
    """`name[subscripts]`."""

    place: Place
    name: str
    subscripts: tuple[Subscript, ...]


@dataclass(frozen=True)
class Argument:
    """An argument of a call: a value, an index with its size, or an option with its name."""

    value: "Node"
    size: "Node | None" = None
    option: str | None = None


@dataclass(frozen=True)
class Call:
    """`name(arguments)`."""

    place: Place
    name: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Chain:
    """Operands of equal rank with the sign before each: `+ -` or `* / //`; a long sum is flat."""

    place: Place
    parts: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True)
class Power:
    """`base**exponent`."""

    place: Place
    base: "Node"
    exponent: "Node"


@dataclass(frozen=True)
class Comparison:
    """`first < second <= …`: operands with the sign before each but the first."""

    place: Place
    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True)
class Logic:
    """Conditions joined by `and` or `or`, or one denied by `not`."""

    place: Place
    word: str
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Printed:
    """A node that stands in printed mathematics alone; `reader` has its kinds."""

    place: Place


Node: TypeAlias = Number | Name | Entry | Call | Chain | Power | Comparison | Logic | Printed
Left: TypeAlias = Name | Entry


@dataclass(frozen=True)
class Declaration:
    """A line that declares quantities of one role."""

    role: Role
    items: tuple[Left, ...]


@dataclass(frozen=True)
class Definition:
    """A line `left = right`."""

    left: Left
    right: Node


@dataclass(frozen=True)
class Assumption:
    """A line `assume left = right`."""

    place: Place
    left: Node
    right: Node


Statement: TypeAlias = Declaration | Definition | Assumption


def subscripts(left: Node) -> tuple[Subscript, ...]:
    """The subscripts of an entry; a name alone has none."""
    return left.subscripts if isinstance(left, Entry) else ()


def parts(node: Node) -> Iterator["tuple[Node, Node | None]"]:
    """The nodes right below a node, in the order of the text, each with the size stated for it."""
    match node:
        case Entry(_, _, found):
            yield from ((s.value, s.size) for s in found)
        case Call(_, _, arguments):
            yield from ((a.value, a.size) for a in arguments)
        case Chain(_, operands):
            yield from ((operand, None) for _, operand in operands)
        case Power(_, base, exponent):
            yield from ((base, None), (exponent, None))
        case Comparison(_, first, rest):
            yield from ((operand, None) for operand in (first, *(o for _, o in rest)))
        case Logic(_, _, operands):
            yield from ((operand, None) for operand in operands)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text; stated sizes are not among them."""
    yield node
    for part, _ in parts(node):
        yield from walk(part)


def is_number(node: Node, text: str | None = None) -> bool:
    """Whether the node is a whole number, with or without a sign (and this one)."""
    if isinstance(node, Chain) and len(node.parts) == 1 and node.parts[0][0] in "+-":
        node = node.parts[0][1]
    return isinstance(node, Number) and (node.text.isdigit() if text is None else node.text == text)
