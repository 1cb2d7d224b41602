"""Equations written out entry by entry where every value is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mpmath import mpf
from sympy import Expr, Indexed, Integer, Symbol

from symnn.cells import Values
from symnn.equations import entry_name
from symnn.evaluation import value_of
from symnn.reductions import ArgMax, Reduction
from symnn.scalars import Scalars, symbol


@dataclass(frozen=True)
class Placed(Scalars):
    """Equations written out where the values are known: what is looked up by them is found."""

    values: Values | None = None

    def _unrolled(self, e: Expr, at: Mapping[Expr, Expr]) -> Expr:
        if isinstance(e, Indexed) and self.quantities[entry_name(e)].is_integer:
            place = tuple(int(super(Placed, self)._unrolled(i, at)) for i in e.indices)
            return Integer(int(self._known[entry_name(e)][place]))
        return super()._unrolled(e, at)

    def _unrolled_place(self, e: Reduction, at: Mapping[Expr, Expr]) -> Expr:
        numbers = [self._evaluated(term) for term in self._terms(e, at)]
        best = max(numbers) if isinstance(e, ArgMax) else min(numbers)
        return Integer(numbers.index(best))

    def _evaluated(self, term: Expr) -> mpf:
        return value_of(term, {str(s): {(): v} for s, v in self._numbers.items()}, {})

    @property
    def _known(self) -> Values:
        assert self.values is not None
        return self.values

    @cached_property
    def _numbers(self) -> dict[Symbol, mpf]:
        return {
            symbol(self.quantities[name], *place): value
            for name, entries in self._known.items()
            for place, value in entries.items()
        }
