"""log p = v - log Σ exp v of a softmax, to the last digits where one p is all but 1.

There the two cancel: the loss of a sample that is learnt is not 0 but Σ exp(v - max v) over the
others. So it is a quantity of its own, which is computed as a whole; 1 - p is -expm1(log p), and a
root of p, which may be beyond the floats itself, is exp(log p / 2). So is log(1 - p), and its
derivative, p·(d - Σ p·d) for a d that divides by 1 - p: what cancels there is left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Add, Expr, Idx, Mul, Pow, Sum, exp, log
from sympy.codegen.cfunctions import expm1

from symnn.array_nodes import BehindSoftmax, LogComplement, LogSoftmax
from symnn.binding import bound_indices, total
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.softmaxes import as_softmax, softmax_over
from symnn.stability.lines import Lines
from symnn.stability.parts import rebuilt
from symnn.stability.places import Places


def with_log_softmaxes(lines: Lines) -> Lines:
    """The equations with a quantity for each log-softmax that they read, and for its like."""
    every = (*lines.forward, *lines.adjoints, *lines.gradients)
    run = _Run(every)
    return Lines(*(tuple(run.rewritten(part)) for part in lines.parts))


class _Run:
    """The equations one after another; what are logarithms of sums and softmaxes is known."""

    def __init__(self, every: Sequence[Equation]) -> None:
        self._places = Places({e.quantity.name for e in every})
        self._looped = looped(reads_of(every))
        self._sums = {e.quantity.name: e for e in every if _is_log_of_sum(e.expression)}
        self._softmaxes = {
            e.quantity.name: e for e in every if softmax_over(e.expression) is not None
        }

    def rewritten(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        """The equations, each after those that it needs now."""
        for e in equations:
            self._places.looped = e.indices if e.quantity.name in self._looped else ()
            found = self._seen(e.expression)
            yield from self._places.taken_new()
            yield replace(e, expression=found)

    def _seen(self, node: Expr) -> Expr:
        if not node.args or _is_entry(node):
            return node
        node = self._sum(node)
        if isinstance(node, Pow) and not (node.exp.is_Integer and node.exp.is_positive):
            whole = self._log_of_complement(node.base)
            if whole is None and not node.exp.is_Integer:
                whole = self._log_of(node.base)
            if whole is not None:
                return exp(self._seen(node.exp) * whole)
        if isinstance(node, log):
            whole = self._log_of_complement(node.args[0])
            if whole is not None:
                return whole
        if isinstance(node, Sum):
            return total(self._seen(node.function), *bound_indices(node))
        return rebuilt(node, map(self._seen, node.args))

    def _sum(self, node: Expr) -> Expr:
        """The sum with such differences in it, one after another, each as one quantity."""
        for rule in (self._behind, self._difference, self._complement):
            found = rule(node) if isinstance(node, Add) else None
            if found is not None:
                return self._sum(found)
        return node

    def _difference(self, node: Add) -> Expr | None:
        """c·v[k] - c·log Σ exp v as c times the quantity that holds it."""
        for term in node.args:
            coefficient, function = term.as_coeff_Mul()
            summed = self._sum_of_exps(function)
            found = self._matched(summed, node - term, -coefficient) if summed else None
            if found is not None:
                return found
        return None

    def _sum_of_exps(self, node: Expr) -> Sum | None:
        """Σ exp v over one index, where the node is its logarithm, under a name or not."""
        if _is_entry(node) and entry_name(node) in self._sums:
            node = self._sums[entry_name(node)].instance(*entry_indices(node))
        return node.args[0] if _is_log_of_sum(node) else None

    def _matched(self, summed: Sum, rest: Expr, factor: Expr) -> Expr | None:
        """The rest, with the log-softmax for the terms factor·v[k] in it; None without them."""
        (bound,) = bound_indices(summed)
        v, terms = summed.function.args[0], set(Add.make_args(rest))
        every = [i for entry in all_entries(rest) for i in entry_indices(entry)]
        for k in dict.fromkeys([*every, *rest.atoms(Idx)]):
            part = set(Add.make_args((factor * v.xreplace({bound: k})).expand()))
            if part <= terms:
                left = Add(*(t for t in terms if t not in part))
                return factor * self._log_softmax(v, bound).xreplace({bound: k}) + left
        return None

    def _log_softmax(self, v: Expr, along: Idx) -> Expr:
        """The entry of the quantity that holds v less log Σ exp v, at the place `along`."""
        return self._along("log_softmax", LogSoftmax(v, along))

    def _complement(self, node: Add) -> Expr | None:
        """c - c·p as -c·expm1(log p)."""
        constant, rest = node.as_coeff_Add()
        if constant == 0:
            return None
        whole = self._log_of(-rest / constant)
        return None if whole is None else -constant * expm1(whole)

    def _log_of_complement(self, node: Expr) -> Expr | None:
        """log(1 - p), where the node is 1 - p of a softmax p."""
        constant, rest = node.as_coeff_Add()
        whole = self._softmax(-rest) if constant == 1 else None
        return None if whole is None else self._along("log_complement", LogComplement(*whole))

    def _behind(self, node: Add) -> Expr | None:
        """d[k] - p[k]·Σd, where d divides by 1 - p: it cancels where p is all but 1."""
        for term in node.args:
            for factor in Mul.make_args(term):
                whole = self._softmax(factor)
                sums = [f for f in Mul.make_args(term) if isinstance(f, Sum)]
                if whole is not None and len(sums) == 1 and len(bound_indices(sums[0])) == 1:
                    found = self._beside(node, term, factor, sums[0], whole)
                    if found is not None:
                        return found
        return None

    def _beside(
        self, node: Add, term: Expr, p: Expr, summed: Sum, whole: tuple[Expr, Idx]
    ) -> Expr | None:
        """The sum with one part of d in it as a quantity, with its share of the sum; None without.

        `term` is -c·p[k]·Σd, beside c·d[k].
        """
        (bound,), (v, along) = bound_indices(summed), whole
        factor = -term / (p * summed)
        parts = Add.make_args(summed.function)
        for d in parts:
            here = d.xreplace({bound: along})
            divided = self._divided(here, p)
            others = list(node.args)
            others.remove(term)
            if divided is None or factor * here not in others:
                continue
            others.remove(factor * here)
            weight, power = divided
            kept = Add(*(q for q in parts if q is not d))
            pulled = BehindSoftmax(v, self._seen(weight), power, along)
            found = factor * self._along("behind", pulled)
            return Add(found, *others, -factor * p * total(kept, bound) if kept != 0 else 0)
        return None

    def _divided(self, d: Expr, p: Expr) -> tuple[Expr, Expr] | None:
        """b and a, where d is b/(1 - p)^a and 0 < a ≤ 1."""
        for factor in Mul.make_args(d):
            base, power = factor.as_base_exp()
            if base == 1 - p and power.is_number and -1 <= power < 0:
                return d / factor, -power
        return None

    def _along(self, name: str, node: Expr) -> Expr:
        """The entry of a quantity that holds the node, whose last axis is what it runs along."""
        read = [
            i for entry in all_entries(node) for i in entry_indices(entry) if isinstance(i, Idx)
        ]
        return self._places.place(name, node, tuple(dict.fromkeys(read)))

    def _softmax(self, node: Expr) -> tuple[Expr, Idx] | None:
        """v[k] and k, where the node is a softmax of v over k, or an entry that is one."""
        if _is_entry(node) and entry_name(node) in self._softmaxes:
            e = self._softmaxes[entry_name(node)]
            there = dict(zip(e.indices, entry_indices(node), strict=True))
            known = self._softmax(e.expression)
            if known is None or not isinstance(there[known[1]], Idx):
                return None
            return known[0].xreplace(there), there[known[1]]
        found = as_softmax(node)
        if found is None or softmax_over(node) is None:
            return None
        return found[0], found[1][0]

    def _log_of(self, node: Expr) -> Expr | None:
        """log p, where the node is a softmax or an entry of a quantity that is one."""
        if _is_entry(node) and entry_name(node) in self._softmaxes:
            e = self._softmaxes[entry_name(node)]
            whole = self._log_of(e.expression)
            there = dict(zip(e.indices, entry_indices(node), strict=True))
            return None if whole is None else whole.xreplace(there)
        found = as_softmax(node)
        if found is None or softmax_over(node) is None:
            return None
        v, (along,), _ = found
        return self._log_softmax(v, along)


def _is_entry(node: Expr) -> bool:
    return next(all_entries(node), None) == node


def _is_log_of_sum(node: Expr) -> bool:
    """Whether it is log Σ exp v, over one index."""
    if not isinstance(node, log) or not isinstance(node.args[0], Sum):
        return False
    summed = node.args[0]
    return isinstance(summed.function, exp) and len(bound_indices(summed)) == 1
