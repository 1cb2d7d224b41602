"""What conditions and definitions by cases mean."""

from collections.abc import Callable

import sympy
from sympy import Expr, Idx, Integer, S

from symnn.cases import Piecewise
from symnn.parsing.source import Fault
from symnn.parsing.tree import Chain, Comparison, Logic, Name, Node
from symnn.reader.nodes import Cases
from symnn.reader.shapes import Value, aligned

Read = Callable[[Node], Value]

_RELATIONS = {
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
    "=": sympy.Eq,
    "==": sympy.Eq,
    "!=": sympy.Ne,
}
_LOGIC = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not}


def indicator(node: Node, read: Read) -> Value:
    """1 where the condition holds, and else 0."""
    condition, axes = _condition(node, read)
    return Value(Piecewise((1, condition), (Integer(0), True), evaluate=False), axes)


def choice(node: Cases, read: Read) -> Value:
    """The first value whose condition holds."""
    values = [_branch(v, read) for v, _ in node.branches]
    conditions = [Value(*_condition(c, read)) for _, c in node.branches if c]
    expressions, axes = aligned([*values, *conditions], node.place)
    branches, holds = expressions[: len(values)], expressions[len(values) :]
    rest = [sympy.true] * (len(branches) - len(holds))
    return Value(Piecewise(*zip(branches, (*holds, *rest), strict=True), evaluate=False), axes)


def _branch(node: Node, read: Read) -> Value:
    """A branch, which may be infinite."""
    sign, inner = "+", node
    if isinstance(node, Chain) and len(node.parts) == 1:
        ((sign, inner),) = node.parts
    if isinstance(inner, Name) and inner.name == "inf":
        return Value(S.NegativeInfinity if sign == "-" else S.Infinity)
    return read(node)


def _condition(node: Node, read: Read) -> tuple[Expr, tuple[Idx, ...]]:
    if isinstance(node, Logic):
        parts, axes = aligned([Value(*_condition(p, read)) for p in node.parts], node.place)
        return _LOGIC[node.word](*parts), axes
    if not isinstance(node, Comparison):
        raise Fault("a condition compares two values, as in z > 0", node.place)
    nodes = (node.first, *(part for _, part in node.rest))
    sides, axes = aligned([read(part) for part in nodes], node.place)
    claims = [
        _RELATIONS[sign](*sides[k : k + 2], evaluate=False) for k, (sign, _) in enumerate(node.rest)
    ]
    return (claims[0] if len(claims) == 1 else sympy.And(*claims)), axes
