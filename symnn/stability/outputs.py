"""Equations that read what a function gave: where its digits are gone, they read its argument.

1 - a, with a = tanh(z) near 1, has lost every digit; 1 - tanh(z) has not, once it is rewritten. An
adjoint that divides by such an a is put into those that read it, where the division goes away.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Add, Expr, Mul, Pow, Sum, exp, log

from symnn.binding import bound_indices, total
from symnn.cases import Piecewise
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, Quantity, Role, all_entries, entry_indices, entry_name
from symnn.functions import U
from symnn.stability.definitions import (
    Definition,
    definitions,
    is_entry,
    is_positive_product,
    log_of_product,
    vanishing,
)
from symnn.stability.lines import Lines
from symnn.stability.parts import is_named, rebuilt
from symnn.stability.rounding import TOLERABLE, loss_of


def seen_through(lines: Lines) -> Lines:
    """The equations in a form that does not depend on digits that are gone."""
    through = _Through(lines.forward)
    adjoints = list(through.adjoints(lines.adjoints, {e.quantity.name for e in lines.gradients}))
    gradients = tuple(map(through.seen, through.put_in(lines.gradients)))
    forward = [through.seen(e) for e in lines.forward]
    return Lines(tuple(through.with_arguments(forward)), tuple(adjoints), gradients)


class _Through:
    """What is known of the forward equations."""

    def __init__(self, forward: Sequence[Equation]) -> None:
        self._definitions = dict(definitions(forward))
        self._names = {e.quantity.name for e in forward}
        self._vanishing = vanishing(forward)
        self._products = {e.quantity.name: e for e in forward if is_positive_product(e.expression)}
        self._put_in: dict[str, Equation] = {}
        self._arguments: dict[str, Equation] = {}

    def adjoints(self, equations: Sequence[Equation], asked: set[str]) -> Iterator[Equation]:
        """The adjoints; those that divide by what may be 0 stand in those that read them."""
        in_loops = looped(reads_of(equations))
        for e in self.put_in(equations):
            name = e.quantity.name
            is_of_vanishing = e.quantity.of in self._vanishing
            if is_of_vanishing and self._divides(e.expression) and name not in in_loops:
                self._put_in[name] = e
                if name not in asked:
                    continue
            yield self.seen(e)

    def put_in(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        """The equations with what is put in there; lazily, since it grows."""
        for e in equations:
            yield self._with_put_in(e)

    def _with_put_in(self, e: Equation) -> Equation:
        read = {a for a in all_entries(e.expression) if entry_name(a) in self._put_in}
        values = {a: self._put_in[entry_name(a)].instance(*entry_indices(a)) for a in read}
        return replace(e, expression=e.expression.xreplace(values)) if values else e

    def _divides(self, expression: Expr) -> bool:
        """Whether it divides by something that may come out as 0."""
        return any(
            p.exp.could_extract_minus_sign() and self._may_vanish(p.base)
            for p in expression.atoms(Pow)
        )

    def _may_vanish(self, base: Expr) -> bool:
        # A sum over an axis, or an exp, is a function of its own: the 0 of an entry is not its.
        return not base.has(Sum, exp) and any(
            entry_name(e) in self._vanishing for e in all_entries(base)
        )

    def seen(self, e: Equation) -> Equation:
        """The equation with arguments for outputs, where digits would be gone."""
        return replace(e, expression=self._seen(e.expression))

    def _seen(self, node: Expr) -> Expr:
        if isinstance(node, log):
            node = self._log(node)
        if not node.args or is_entry(node):
            return node
        part = self._as_one_part(node)
        if part is not None:
            return part
        if isinstance(node, Sum):
            return total(self._seen(node.function), *bound_indices(node))
        if isinstance(node, Mul):
            spread = self._distributed(node)
            if spread is not None:
                return self._seen(spread)
            groups = self._grouped(node)
            if len(groups) > 1:
                return Mul(*map(self._seen, groups))
        return rebuilt(node, map(self._seen, node.args))

    def _as_one_part(self, node: Expr) -> Expr | None:
        """The node, where it is a function of one root: as it is, or with the root put in."""
        if node.has(Sum) or is_entry(node):
            return None
        read = list(dict.fromkeys(all_entries(node)))
        if not any(entry_name(e) in self._definitions for e in read):
            return None
        roots = {self._root(e) for e in read}
        if len(roots) != 1:
            return None
        (root,) = roots
        calls = {e: self._call(e) for e in read}
        formula = node.xreplace(calls)
        if formula.free_symbols != {U}:
            return None
        if is_named(formula) or loss_of(formula) <= TOLERABLE:
            return node
        place = self._place_of(root, read)
        values = {e: self._formula(e).xreplace({U: place}) for e in read}
        return node.xreplace(values)

    def _root(self, entry: Expr) -> Expr:
        """What an entry is a function of: another entry, or itself."""
        known = self._definitions.get(entry_name(entry))
        if known is None:
            return entry
        root = known.root_at(entry_indices(entry))
        return root if is_entry(root) else entry

    def _call(self, entry: Expr) -> Expr:
        known = self._definitions.get(entry_name(entry))
        return U if known is None else known.function(U)

    def _formula(self, entry: Expr) -> Expr:
        known = self._definitions.get(entry_name(entry))
        return U if known is None else known.formula

    def _place_of(self, root: Expr, read: Sequence[Expr]) -> Expr:
        """The root; where it is a whole expression, a quantity of its own that holds its value."""
        if entry_name(root) not in self._definitions:
            return root
        known = self._definitions[entry_name(root)]
        if known.name not in self._arguments:
            self._arguments[known.name] = self._argument(known)
        return self._arguments[known.name].quantity.at(*entry_indices(root))

    def _argument(self, known: Definition) -> Equation:
        name = f"{known.name}_in"
        while name in self._names:
            name += "_"
        sizes = tuple(i.upper - i.lower + 1 for i in known.indices)
        letters = tuple(str(i.label) for i in known.indices)
        quantity = Quantity(name, sizes, Role.INTERMEDIATE, letters, name)
        return Equation(quantity, known.indices, known.root)

    def with_arguments(self, forward: Iterable[Equation]) -> Iterator[Equation]:
        """The forward equations, with those for the arguments that are read by themselves."""
        for e in forward:
            argument = self._arguments.get(e.quantity.name)
            if argument is None:
                yield e
                continue
            known = self._definitions[e.quantity.name]
            yield argument
            place = argument.quantity.at(*known.indices)
            yield replace(e, expression=known.formula.xreplace({U: place}))

    def _grouped(self, product: Mul) -> list[Expr]:
        """The factors by the root on which they depend; what depends on several stands alone."""
        groups: dict[Expr, list[Expr]] = {}
        alone = []
        for factor in product.args:
            read = {self._root(e) for e in all_entries(factor)}
            if len(read) == 1 and not factor.has(Sum):
                groups.setdefault(read.pop(), []).append(factor)
            else:
                alone.append(factor)
        return [*alone, *(Mul(*g) for g in groups.values())]

    def _distributed(self, product: Mul) -> Expr | None:
        """The product opened, where a sum or a choice in it divides by what another factor has."""
        for factor in product.args:
            if not isinstance(factor, Add | Piecewise):
                continue
            rest = Mul(*(f for f in product.args if f is not factor))
            shared = {self._root(e) for e in all_entries(rest)}
            if any(self._root(e) in shared for b in self._divisors(factor) for e in all_entries(b)):
                if isinstance(factor, Piecewise):
                    cases = ((rest * value, holds) for value, holds in factor.args)
                    return Piecewise(*cases, evaluate=False)
                return Add(*(rest * term for term in factor.args))
        return None

    def _divisors(self, expression: Expr) -> Iterator[Expr]:
        for p in expression.atoms(Pow):
            if p.exp.could_extract_minus_sign() and self._may_vanish(p.base):
                yield p.base

    def _log(self, node: Expr) -> Expr:
        """log(ŷ) of what a softmax gave, as the difference that it is."""
        inside = node.args[0]
        if is_entry(inside) and entry_name(inside) in self._products:
            inside = self._products[entry_name(inside)].instance(*entry_indices(inside))
        return log_of_product(inside) if is_positive_product(inside) else node
