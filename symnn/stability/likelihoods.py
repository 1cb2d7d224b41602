"""Logarithms of products as sums: a likelihood of many samples is below every float.

log Π p = Σ log p, and the derivative of Π p by one p, divided by Π p, is 1/p. Where a factor may
be negative, Σ log|p| has the logarithm of the product of the signs beside it: 0, or no number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Abs, Add, Eq, Expr, Idx, Integer, Mul, Pow, Sum, exp, log, powsimp, sign, together

from symnn.binding import bound_indices, canonical, freshen, total
from symnn.cases import Piecewise
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.functions import Elementwise
from symnn.reductions import Product, reduced
from symnn.softmaxes import as_softmax
from symnn.stability.lines import Lines
from symnn.stability.parts import rebuilt

Equations = Mapping[str, Equation]


def with_likelihoods_as_sums(lines: Lines) -> Lines:
    """The lines, where no product is computed for its logarithm."""
    every = (*lines.forward, *lines.adjoints, *lines.gradients)
    if not any(e.expression.has(Product) for e in every):
        return lines
    run = _Run(lines)
    return Lines(*(tuple(run.rewritten(part)) for part in lines.parts))


class _Run:
    """What is known of the forward equations, and the adjoints of products, which are put in."""

    def __init__(self, lines: Lines) -> None:
        recurrent = looped(reads_of(lines.forward))
        forward = (e for e in lines.forward if e.quantity.name not in recurrent)
        self._forward = {e.quantity.name: e for e in forward}
        self._products = {n: e for n, e in self._forward.items() if _is_product(e.expression)}
        self._asked = {e.quantity.name for e in lines.gradients}
        self._put_in: dict[str, Equation] = {}

    def rewritten(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        """The equations; an adjoint of a product stands in those that read it."""
        for e in equations:
            found = self._seen(freshen(_with(e.expression, self._put_in)))
            if e.quantity.of in self._products:
                self._put_in[e.quantity.name] = replace(e, expression=found)
                if e.quantity.name not in self._asked:
                    continue
            yield replace(e, expression=found)

    def _seen(self, node: Expr) -> Expr:
        if not node.args or _is_entry(node):
            return node
        if isinstance(node, log):
            product = self._product(node.args[0])
            return self._log_of_product(product) if product is not None else node
        if isinstance(node, Mul):
            found = self._without_product(node)
            if found is not None:
                return self._seen(found)
        if isinstance(node, Sum):
            return total(self._seen(node.function), *bound_indices(node))
        return rebuilt(node, map(self._seen, node.args))

    def _product(self, node: Expr) -> Product | None:
        """The product that this is, under a name or not."""
        if _is_entry(node) and entry_name(node) in self._products:
            node = freshen(self._products[entry_name(node)].instance(*entry_indices(node)))
        return node if isinstance(node, Product) else None

    def _log_of_product(self, product: Product) -> Expr:
        (bound,), body = bound_indices(product), self._in_factors(product.function)
        summed = total(self._log(body), bound)
        if self._is_not_negative(body):
            return summed
        return summed + log(reduced(Product, self._sign(body), bound))

    def _in_factors(self, node: Expr) -> Expr:
        """The node with what is a product of exponentials written out: it may be too small."""
        if _is_entry(node) and entry_name(node) in self._forward:
            opened = _with(node, self._forward)
            is_open = isinstance(opened, Mul | Pow | exp | Product) and as_softmax(opened) is None
            return opened if is_open else node
        return rebuilt(node, map(self._in_factors, node.args)) if isinstance(node, Mul) else node

    def _log(self, node: Expr) -> Expr:
        """log|v|, by its factors."""
        if isinstance(node, Mul):
            return Add(*map(self._log, node.args))
        if isinstance(node, Product):
            return total(self._log(self._in_factors(node.function)), *bound_indices(node))
        if isinstance(node, exp):
            return node.args[0]
        if isinstance(node, Pow):
            return node.exp * self._log(node.base)
        return log(node if self._is_not_negative(node) else Abs(node))

    def _sign(self, node: Expr) -> Expr:
        """The sign, by its factors."""
        if self._is_not_negative(node):
            return Integer(1)
        if isinstance(node, Mul):
            return Mul(*map(self._sign, node.args))
        if isinstance(node, Product):
            inner = self._sign(self._in_factors(node.function))
            return reduced(Product, inner, *bound_indices(node))
        return sign(node)

    def _is_not_negative(self, node: Expr) -> bool:
        """Whether it can be seen that it is 0 or more."""
        if node.is_nonnegative or isinstance(node, exp | Abs):
            return True
        if isinstance(node, Mul):
            return all(map(self._is_not_negative, node.args))
        if isinstance(node, Pow):
            return bool(node.exp.is_even) or self._is_not_negative(node.base)
        if isinstance(node, Sum | Product):
            return self._is_not_negative(node.function)
        opened = self._opened(node)
        if opened != node:
            return self._is_not_negative(opened)
        if not isinstance(node, Add):
            return False
        one, rest = node.as_coeff_Add()
        if one == 1 and as_softmax(-rest) is not None:
            return True
        if all(map(self._is_not_negative, node.args)):
            return True
        joined = together(node)
        return joined != node and self._is_not_negative(joined)

    def _opened(self, node: Expr) -> Expr:
        """The node with what its entries and its named functions stand for."""
        opened = _with(node, self._forward)
        return opened.replace(lambda e: isinstance(e, Elementwise), lambda e: e.expanded())

    def _without_product(self, node: Mul) -> Expr | None:
        """Π of all but one p, divided by Π p, as 1/p."""
        for factor in node.args:
            whole = self._product(factor.base) if isinstance(factor, Pow) else None
            if whole is None or factor.exp != -1:
                continue
            rest = [f for f in node.args if f is not factor]
            for k, other in enumerate(rest):
                left = [*rest[:k], *rest[k + 1 :]]
                one = _left_out(other, whole)
                if one is not None:
                    return _divided(left, one)
                if isinstance(other, Sum) and any(
                    _left_out(p, whole) is not None for p in other.function.atoms(Product)
                ):
                    inner = Mul(other.function, 1 / whole)
                    return Mul(*left, total(inner, *bound_indices(other)))
        return None


def _left_out(node: Expr, whole: Product) -> Expr | None:
    """The one factor of the whole that the node, a product of all others, leaves out."""
    if not (isinstance(node, Product) and isinstance(node.function, Piecewise)):
        return None
    (one, is_own), (body, _) = node.function.args[0], node.function.args[-1]
    (bound,) = bound_indices(node)
    if one != 1 or not isinstance(is_own, Eq) or bound not in is_own.args:
        return None
    if canonical(reduced(Product, body, bound)) != canonical(whole):
        return None
    (own,) = set(is_own.args) - {bound}
    return body.xreplace({bound: own})


def _divided(factors: Sequence[Expr], divisor: Expr) -> Expr:
    """The product of the factors divided by the divisor, which cancels in what terms it can."""
    sums = [f for f in factors if isinstance(f, Add)]
    found = _joined(Mul(*(f for f in factors if f not in sums), 1 / divisor))
    for factor in sums:
        opened = Add(*(_joined(term * found) for term in factor.args))
        found = min(opened, factor * found, key=lambda e: e.count_ops())
    return found


def _joined(product: Expr) -> Expr:
    """The product with p^y / p^(y - 1) as p."""
    return powsimp(product, combine="exp")


def _with(expression: Expr, known: Equations) -> Expr:
    """The expression with the right sides of what is known for its entries."""
    read = {a for a in all_entries(expression) if entry_name(a) in known}
    values = {a: freshen(known[entry_name(a)].instance(*entry_indices(a))) for a in read}
    return expression.xreplace(values) if values else expression


def _is_product(expression: Expr) -> bool:
    return isinstance(expression, Product) and isinstance(bound_indices(expression)[0], Idx)


def _is_entry(node: Expr) -> bool:
    return next(all_entries(node), None) == node
