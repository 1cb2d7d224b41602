"""What the forward equations say of each quantity: of what it is a function, where it vanishes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Function, Idx, Integer, Mul, Pow, Sum, exp, log

from symnn.binding import freshen
from symnn.cases import Piecewise
from symnn.equations import Equation, all_entries, entry_indices, entry_name
from symnn.functions import Elementwise, U, elementwise
from symnn.reductions import BINDERS
from symnn.stability.parts import CHOICES, formula_in, has_pieces


@dataclass(frozen=True)
class Definition:
    """A quantity as a function of one other: `formula` of `U`, which stands for `root`."""

    name: str
    indices: tuple[Idx, ...]
    formula: Expr
    root: Expr

    def root_at(self, places: Sequence[Expr]) -> Expr:
        """What it is a function of, for the entry at these places."""
        return freshen(self.root).xreplace(dict(zip(self.indices, places, strict=True)))

    @property
    def function(self) -> type[Elementwise]:
        """The quantity as a named function of its root."""
        return _named(self.formula)


@cache
def _named(formula: Expr) -> type[Elementwise]:
    return elementwise("output", formula)


def is_entry(node: Expr) -> bool:
    """Whether this is one entry of a quantity, and nothing else."""
    return next(all_entries(node), None) == node


def definitions(forward: Iterable[Equation]) -> Iterator[tuple[str, Definition]]:
    """The quantities that are functions of one entry, or one function of anything."""
    known: dict[str, Definition] = {}
    for e in forward:
        found = _definition(e, known)
        if found is not None and has_pieces(found.formula):
            known[e.quantity.name] = found
            yield e.quantity.name, found


def _definition(e: Equation, known: Mapping[str, Definition]) -> Definition | None:
    name, read = e.quantity.name, set(all_entries(e.expression))
    functions = {entry: _function_of(entry, known) for entry in read}
    roots = {root for _, root in functions.values()}
    if len(roots) == 1 and not e.expression.has(Sum):
        # Read as it stands, or with what is below it put in: p/q of p and q = 1 - p.
        formula = e.expression.xreplace({entry: f for entry, (f, _) in functions.items()})
        if formula.free_symbols != {U} or name in map(entry_name, read):
            return None
        return Definition(name, e.indices, formula, roots.pop())
    is_function = isinstance(e.expression, Function) and not isinstance(e.expression, Piecewise)
    if is_function and len(e.expression.args) == 1:
        return Definition(name, e.indices, e.expression.func(U), e.expression.args[0])
    arguments = _arguments(e.expression) if not e.expression.has(*BINDERS) else set()
    if len(arguments) == 1:
        (argument,) = arguments
        formula = formula_in(e.expression, argument)
        if formula.free_symbols == {U}:
            return Definition(name, e.indices, formula, argument)
    return None


def _function_of(entry: Expr, known: Mapping[str, Definition]) -> tuple[Expr, Expr]:
    """An entry as a formula of `U`, and what this stands for: the entry, or what is below it."""
    below = known.get(entry_name(entry))
    return (below.formula, below.root_at(entry_indices(entry))) if below else (U, entry)


def _arguments(expression: Expr) -> set[Expr]:
    """What the innermost functions in an expression are of."""
    functions = (f for f in expression.atoms(Function) if not isinstance(f, CHOICES))
    return {f.args[0] for f in functions if not has_pieces(f.args[0])}


def vanishing(forward: Iterable[Equation]) -> set[str]:
    """The quantities that may come out as 0, or as near to it as makes no difference."""
    found: set[str] = set()
    for e in forward:
        reads = {entry_name(a) for a in all_entries(e.expression)}
        is_sum = e.expression.has(Sum)
        if _makes_numbers(e.expression) or (not is_sum and reads & found):
            found.add(e.quantity.name)
    return found


def _makes_numbers(expression: Expr) -> bool:
    """Whether there is a function in it that makes numbers of its own: no choice, no root."""
    return any(has_pieces(f) for f in expression.atoms(Function))


def is_positive_product(expression: Expr) -> bool:
    """Whether all factors are positive, an exp or a sum of such among them."""
    factors = Mul.make_args(expression)
    return any(_is_growing(f) for f in factors) and all(
        _is_growing(f) or f.is_positive for f in factors
    )


def _is_growing(factor: Expr) -> bool:
    base = factor.as_base_exp()[0] if isinstance(factor, Pow) else factor
    if isinstance(factor, exp):
        return True
    return isinstance(base, Sum) and is_positive_product(base.function)


def log_of_product(expression: Expr) -> Expr:
    """log(exp(a)/S) = a - log(S), for factors that are all positive."""
    terms: Expr = Integer(0)
    for f in Mul.make_args(expression):
        base, power = (f, Integer(1)) if isinstance(f, exp) else f.as_base_exp()
        terms += f.args[0] if isinstance(f, exp) else power * log(base)
    return terms
