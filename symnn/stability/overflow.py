"""Equations without the quantities that overflow on the way to what does not.

`e = exp(x)`, `s = sum(e)`, `p = e/s`: here e is put into what reads it, and s is known by its
exponent and a rest, so that p = exp(x - max x)/rest.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Expr, Sum, exp

from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.reductions import BINDERS
from symnn.stability.deltas import at_equal_places
from symnn.stability.growth import critical_names
from symnn.stability.lengths import Lengths
from symnn.stability.lines import Lines
from symnn.stability.places import Places
from symnn.stability.scaling import Scaling

# What takes more operations than this is not computed again wherever it is read.
_SHORT = 40


def without_overflow(lines: Lines, kept: Collection[str]) -> Lines:
    """The equations with exponents that cancel before any exp is computed.

    A quantity among `kept` has an equation of its own all the same.
    """
    every = (*lines.forward, *lines.adjoints, *lines.gradients)
    critical = critical_names(every)
    run = _Run(every, critical, {*kept, *(e.quantity.name for e in lines.gradients)})
    return Lines(*(tuple(run.rewritten(part)) for part in lines.parts))


class _Run:
    """The equations one after another, and what is known of those before."""

    def __init__(
        self, every: Sequence[Equation], critical: Collection[str], kept: Collection[str]
    ) -> None:
        self._critical, self._kept = critical, kept
        self._places = Places({e.quantity.name for e in every})
        self._scaling = Scaling(self._places)
        self._lengths = Lengths(self._places)
        self._looped = looped(reads_of(every))
        self._early = _read_before(every)
        self._put_in: dict[str, Equation] = {}
        self._reads = Counter(n for e in every for n in set(read_by(e)))

    def rewritten(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        """The equations, each after those that it needs now."""
        for e in equations:
            whole = at_equal_places(replace(e, expression=self._with_put_in(e.expression)))
            self._places.looped = e.indices if e.quantity.name in self._looped else ()
            is_kept = True
            if self._is_critical(e):
                is_kept = not self._absorbed(whole) or e.quantity.name in self._kept
            plain = (
                replace(e, expression=self._scaling.plain(whole.expression)) if is_kept else None
            )
            found = self._lengths.seen(plain) if plain else None
            yield from self._places.taken_new()
            if found:
                yield found

    def _is_critical(self, e: Equation) -> bool:
        """Whether it, or what it is a derivative by, may overflow, and is read after it alone."""
        name = e.quantity.name
        return bool({name, e.quantity.of} & set(self._critical)) and name not in self._early

    def _absorbed(self, e: Equation) -> bool:
        """Whether those that read the quantity need no equation of it any more."""
        # A sum of exps is put in: with the exp above it, it is a softmax.
        summed = e.expression.function if isinstance(e.expression, Sum) else e.expression
        is_plain = summed is e.expression or isinstance(summed, exp)
        is_short = is_plain and not summed.has(*BINDERS) and summed.count_ops() <= _SHORT
        if is_short or self._reads[e.quantity.name] == 1:
            self._put_in[e.quantity.name] = e
            return True
        return self._scaling.learned(e)

    def _with_put_in(self, expression: Expr) -> Expr:
        read = {a for a in all_entries(expression) if entry_name(a) in self._put_in}
        values = {a: self._put_in[entry_name(a)].instance(*entry_indices(a)) for a in read}
        return expression.xreplace(values) if values else expression


def _read_before(equations: Iterable[Equation]) -> set[str]:
    """The names that are read before their equation comes: those of a loop."""
    computed: set[str] = set()
    read: set[str] = set()
    for e in equations:
        read |= set(read_by(e)) - computed
        computed.add(e.quantity.name)
    return read & computed


def read_by(e: Equation) -> Iterator[str]:
    """The names of what an equation reads."""
    return (entry_name(a) for a in all_entries(e.expression))
