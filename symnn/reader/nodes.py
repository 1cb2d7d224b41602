"""What stands in printed mathematics beside the nodes of the equation language.

A text that a printer wrote, or that a person wrote by hand, is read into the tree of `parsing` and
these. Nothing here knows what a name means.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

from symnn.parsing.tree import Call, Chain, Comparison, Logic, Name, Node, Power, Printed

Labels: TypeAlias = tuple[Node, ...] | str


@dataclass(frozen=True)
class Labelled(Printed):
    """What has labels on its axes: an entry or a row of a quantity, a row of an expression.

    The labels are values, or letters and digits that stand together (`ₙⱼ`, `_{13}`) and are told
    apart by the axes that there are.
    """

    of: Node
    labels: Labels


@dataclass(frozen=True)
class Transposed(Printed):
    """`Aᵀ`."""

    of: Node


@dataclass(frozen=True)
class Reduced(Printed):
    """`Σₙ Σₖ body`, or another word over letters; `but` is a place that is left out.

    `ends` are the last places of the letters that are told with their range, `1 ≤ r ≤ 4`.
    """

    word: str
    letters: tuple[str, ...]
    body: Node
    but: Node | None = None
    ends: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True)
class Primed(Printed):
    """`f′(argument)`."""

    function: str
    argument: Node


@dataclass(frozen=True)
class Differentiated(Printed):
    """`∂top/∂bottom`; each is a name with or without labels, or a derivative."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Indicated(Printed):
    """`𝟏[condition]`."""

    condition: Node


@dataclass(frozen=True)
class Cases(Printed):
    """`{a if c; b otherwise}`; the last has no condition."""

    branches: tuple[tuple[Node, Node | None], ...]


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with `change` applied to each node right below it."""
    match node:
        case Chain(_, parts):
            return replace(node, parts=tuple((sign, change(part)) for sign, part in parts))
        case Power(_, base, exponent):
            return replace(node, base=change(base), exponent=change(exponent))
        case Call(_, _, arguments):
            return replace(
                node, arguments=tuple(replace(a, value=change(a.value)) for a in arguments)
            )
        case Comparison(_, first, rest):
            return replace(node, first=change(first), rest=tuple((s, change(p)) for s, p in rest))
        case Logic(_, _, operands):
            return replace(node, parts=tuple(map(change, operands)))
        case Labelled(_, of, labels):
            kept = labels if isinstance(labels, str) else tuple(map(change, labels))
            return replace(node, of=change(of), labels=kept)
        case Cases(_, branches):
            return replace(node, branches=tuple((change(v), c and change(c)) for v, c in branches))
        case Printed():
            inner = {f.name: getattr(node, f.name) for f in fields(node)}
            changed = {k: change(v) for k, v in inner.items() if _is_node(v)}
            return replace(node, **changed)  # type: ignore[arg-type]
    return node


def with_part(node: Node, name: Node, value: Node) -> Node:
    """The node with a value wherever a name stands for it, with the same labels."""
    if _is_alike(node, name):
        return value
    return rebuilt(node, lambda part: with_part(part, name, value))


def _is_alike(one: Node, other: Node) -> bool:
    """Whether two names, with their labels, are the same wherever they stand."""
    match one, other:
        case Name(_, a), Name(_, b):
            return a == b
        case Labelled(_, a, p), Labelled(_, b, q):
            return _is_alike(a, b) and _letters(p) == _letters(q)
    return False


def _letters(labels: Labels) -> tuple[str, ...]:
    """Labels that are letters alone, one by one."""
    if isinstance(labels, str):
        return tuple(labels)
    return tuple(part.name if isinstance(part, Name) else "?" for part in labels)


def below(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node, in the order of the text."""
    found: list[Node] = []

    def note(part: Node) -> Node:
        found.append(part)
        return part

    rebuilt(node, note)
    return tuple(found)


def _is_node(value: object) -> bool:
    return hasattr(value, "place")
