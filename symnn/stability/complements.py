"""Softmaxes of which 1 - p is read: each under a name, and 1 - p written out wherever it is read.

Next to p = 1, 1 - p must be known by the others (`log_softmaxes`), and p is known by its name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Add, Expr, Idx, Mul, Pow, Sum, exp

from symnn.binding import bound_indices, freshen, total
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.softmaxes import as_softmax, softmax_over
from symnn.stability.lines import Lines
from symnn.stability.parts import rebuilt
from symnn.stability.places import Places


def with_complements(lines: Lines) -> Lines:
    """The lines, with a quantity for each softmax in them, where one is taken from 1."""
    every = (*lines.forward, *lines.adjoints, *lines.gradients)
    run = _Run(every)
    if run.is_idle:
        return lines
    return Lines(*(tuple(run.rewritten(part)) for part in lines.parts))


class _Run:
    def __init__(self, every: Sequence[Equation]) -> None:
        self._places = Places({e.quantity.name for e in every})
        in_loops = looped(reads_of(every))
        plain = [e for e in every if e.quantity.name not in in_loops]
        shares = {e.quantity.name for e in plain if softmax_over(e.expression) is not None}
        self._complements = {
            e.quantity.name: e for e in plain if _is_complement(e.expression, shares)
        }
        self._names_shares = not in_loops and any(
            _is_complement(a, ()) for e in every for a in e.expression.atoms(Add)
        )

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to be done."""
        return not (self._complements or self._names_shares)

    def rewritten(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        """The equations, each after those that it needs now."""
        for e in equations:
            read = {a for a in all_entries(e.expression) if entry_name(a) in self._complements}
            values = {a: self._complement(a) for a in read}
            found = e.expression.xreplace(values)
            if self._names_shares and softmax_over(found) is None:
                found = self._named(found)
            yield from self._places.taken_new()
            yield replace(e, expression=found)

    def _complement(self, entry: Expr) -> Expr:
        return self._complements[entry_name(entry)].instance(*entry_indices(entry))

    def _named(self, node: Expr) -> Expr:
        if not node.has(exp) or next(all_entries(node), None) == node:
            return node
        if isinstance(node, Sum):
            return total(self._named(node.function), *bound_indices(node))
        if isinstance(node, Mul):
            node = _with_shares_inside(node)
            found = as_softmax(node)
            if found is not None and len(found[1]) == 1 and found[2] != 1:
                rest = Mul(*map(self._named, Mul.make_args(found[2])))
                return Mul(self._named(node / found[2]), rest)
        if softmax_over(node) is not None:
            read = [i for entry in all_entries(node) for i in entry_indices(entry)]
            order = tuple(dict.fromkeys(i for i in read if isinstance(i, Idx)))
            return self._places.place("share", node, order)
        return rebuilt(node, map(self._named, node.args))


def _is_complement(node: Expr, shares: Iterable[str]) -> bool:
    """Whether it is 1 - p, of a softmax, or of one of these names."""
    one, rest = node.as_coeff_Add()
    if one != 1:
        return False
    is_entry = next(all_entries(rest), None) == -rest
    return entry_name(-rest) in shares if is_entry else softmax_over(-rest) is not None


def _with_shares_inside(product: Mul) -> Expr:
    """Σ p·f for Σ exp(v)·f over Σ exp v."""
    divisors = (f for f in product.args if isinstance(f, Pow) and isinstance(f.base, Sum))
    for power in (f for f in divisors if f.exp.is_Integer and f.exp < 0):
        for summed in (f for f in product.args if isinstance(f, Sum)):
            # Both may be sums over an index of one name.
            inside = Mul(summed.function, 1 / freshen(power.base))
            found = as_softmax(inside)
            if found is not None and found[1] == tuple(bound_indices(summed)):
                rest = product / (power * summed) * power.base ** (power.exp + 1)
                return Mul(total(inside, *found[1]), rest)
    return product
