"""The first step of an optimizer at a point, line by line as in its row, in many digits.

What the rule of a row means is what SymPy makes of it: no rule is known here.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mpmath import mpf
from sympy import Expr, Symbol

from symnn.errors import SpecError
from symnn.precise import as_number, value_at

if TYPE_CHECKING:
    from symnn.optimizers import Optimizer


@dataclass(frozen=True)
class Change:
    """One line of an update: what takes the place of `target`, and its value.

    Of the numbers that the rule keeps from step to step, and of those that it forgets after the
    step, `target` is the symbol in the optimizer's row.
    """

    target: Symbol
    expression: Expr
    value: mpf


def beside(row: "Optimizer", rate: Fraction, names: Container[str]) -> dict[Symbol, Fraction]:
    """What the rule of a row reads beside a parameter and its gradient, at the first step.

    Raises `SpecError` where a quantity of the model, of these `names`, is called as one of them.
    """
    # Here and not above: optimizers need NumPy, which printing a page should not wait for.
    from symnn.optimizers import RATE, STEP

    found = {h.symbol: Fraction(repr(h.default)) for h in row.hyperparameters}
    found |= {RATE: rate, STEP: Fraction(1), **dict.fromkeys(row.state, Fraction(0))}
    taken = next((s.name for s in found if s.name in names), None)
    if taken is not None:
        raise SpecError(f"{row.name} has a {taken} of its own; call the model's otherwise")
    return found


def changes(
    row: "Optimizer",
    start: Mapping[Symbol, Fraction],
    trained: Iterable[tuple[Symbol, Symbol]],
    values: Mapping[Symbol, mpf],
) -> Iterator[Change]:
    """The update of each of the entries `trained`, each given with the symbol of its gradient."""
    from symnn.optimizers import GRADIENT, PARAMETER

    for target, gradient in trained:
        known = {s: as_number(v) for s, v in start.items()}
        known |= {PARAMETER: values[target], GRADIENT: values[gradient]}
        names = {PARAMETER: target, GRADIENT: gradient}
        for update in row.updates:
            known[update.target] = value_at(update.expression, known)
            left = names.get(update.target, update.target)
            yield Change(left, update.expression.xreplace(names), known[update.target])
