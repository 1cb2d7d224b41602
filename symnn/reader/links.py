"""The derivative of any quantity of a system by any other, by the chain rule through the system.

∂A/∂B is that of A's own equation where this reads B; else it goes through all that lies between.
"""

from collections.abc import Sequence
from functools import cached_property

from sympy import Add, Expr, Integer, KroneckerDelta, Mul

from symnn.binding import freshen
from symnn.calculus import contributions
from symnn.contraction import contract, without_deltas
from symnn.dependence import reached, reads_of
from symnn.derivation import Derivation
from symnn.equations import Equation
from symnn.errors import SymnnError


class Links:
    """The equations of a derivation, each to be differentiated by the others."""

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation

    @cached_property
    def _equations(self) -> dict[str, Equation]:
        return {e.quantity.name: e for e in self._derivation.equations}

    @cached_property
    def _reads(self) -> dict[str, tuple[str, ...]]:
        return reads_of(self._derivation.equations)

    def reads(self, top: str) -> set[str]:
        """What the equation of a quantity reads; nothing, where it has none."""
        return {*self._reads.get(top, ())}

    def derivative(self, top: str, at: Sequence[Expr], bottom: str, wanted: Sequence[Expr]) -> Expr:
        """∂top[at]/∂bottom[wanted] as an indexed expression; zero where there is no way down.

        Raises `SymnnError` where the way goes through a recurrence.
        """
        return self._derivative(top, at, bottom, wanted, ())

    def total(self, top: str, at: Sequence[Expr], bottom: str, wanted: Sequence[Expr]) -> Expr:
        """The same through everything that lies between, also where the equation reads `bottom`."""
        return without_deltas(self._derivative(top, at, bottom, wanted, (), is_total=True))

    def is_read_twice(self, top: str, bottom: str) -> bool:
        """Whether the equation of `top` reads `bottom` by itself and through something else."""
        reads = self.reads(top)
        others = reads - {bottom} | self.reads(bottom)
        return bottom in reads and bottom in reached(others, self._reads)

    def _derivative(
        self,
        top: str,
        at: Sequence[Expr],
        bottom: str,
        wanted: Sequence[Expr],
        above: tuple[str, ...],
        *,
        is_total: bool = False,
    ) -> Expr:
        reads = self.reads(top)
        # Of a recurrence by itself it is the link from step to step, h[t] by h[t-1].
        is_step = bottom in reads and not above and not is_total
        if top == bottom and not is_step:
            return Mul(*map(KroneckerDelta, at, wanted))
        if top in above:
            raise SymnnError(f"{top} is a recurrence; its derivative is not read")
        if top not in self._equations:
            return Integer(0)
        if is_total and bottom in reached(self.reads(bottom), self._reads):
            raise SymnnError(f"{bottom} is a recurrence; its derivative is not read")
        expression = freshen(self._equations[top].instance(*at))
        terms: list[Expr] = []
        if bottom in reads:
            terms.append(
                Add(
                    *(
                        contract(c.slope, c.bound, c.indices, wanted)
                        for c in contributions(expression, bottom)
                    )
                )
            )
            if not is_total:
                return terms[0]
        for name in sorted((reads & self._equations.keys()) - {bottom}):
            for c in contributions(expression, name):
                inner = self._derivative(
                    name, c.indices, bottom, wanted, (*above, top), is_total=True
                )
                if inner != 0:
                    terms.append(contract(c.slope * inner, c.bound, (), ()))
        return Add(*terms)
