"""What stands beside a δ(k, l) at the one place that counts: e[k]·δ(k, l) for e[l]·δ(k, l).

Off the diagonal the product is 0, and what it is 0 times must be no infinity. So it is where one of
the two is a number.
"""

from dataclasses import replace

from sympy import Add, Expr, Idx, Integer, KroneckerDelta, Mul

from symnn.equations import Equation


def at_equal_places(e: Equation) -> Equation:
    """The equation with the first of two equal indices for both, in a product with their δ."""
    if not e.expression.has(KroneckerDelta):
        return e
    return replace(e, expression=_at_equal_places(e.expression, e.indices))


def _at_equal_places(node: Expr, order: tuple[Idx, ...]) -> Expr:
    if not node.has(KroneckerDelta) or isinstance(node, KroneckerDelta):
        return node
    for delta in _deltas_of(node) if isinstance(node, Mul) else ():
        known = [a for a in delta.args if a in order]
        if known and all(a in order or a.is_Integer for a in delta.args):
            second = max(known, key=order.index)
            (first,) = set(delta.args) - {second}
            node = Mul(node.xreplace({delta: Integer(1)}).xreplace({second: first}), delta)
    return node.func(*(_at_equal_places(a, order) for a in node.args))


def _deltas_of(node: Expr) -> list[Expr]:
    """The δs that are factors of the whole."""
    if isinstance(node, KroneckerDelta):
        return [node]
    parts = [_deltas_of(a) for a in node.args]
    if isinstance(node, Add):
        return [d for d in parts[0] if all(d in part for part in parts)]
    return list(dict.fromkeys(d for part in parts for d in part)) if isinstance(node, Mul) else []
