"""Equations rewritten as equations: in the names of the forward pass, collected, lettered.

Each function takes an expression in indexed entries and gives one that equals it, by the equations
(and, for `collected`, the declared sums) that it is told.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from sympy import (
    Dummy,
    Expr,
    Function,
    Idx,
    Indexed,
    IndexedBase,
    Mul,
    Pow,
    Sum,
    factor_terms,
)

from symnn.binding import bound_indices, canonical, free_indices, index, rebound, size_of
from symnn.calculus import top_sums
from symnn.cases import Piecewise
from symnn.contraction import summed
from symnn.equations import (
    SAMPLES,
    Equation,
    Partial,
    Prime,
    System,
    all_entries,
    entry_indices,
    entry_name,
)
from symnn.extents import Shapes, stands_at
from symnn.folding import (
    factored,
    folded,
    grouped,
    multiplied,
    simplest,
    transcendental_pieces,
    upright,
    with_tanh,
)
from symnn.joining import joined, with_upright_sums
from symnn.reductions import BINDERS, Binder, reduced
from symnn.statistics import deviation, is_root, with_deviations, with_known_sums

# A sum that a derivative makes runs over the layer above: k, when n is the sample and j the unit.
_LETTERS = "klmpqrstuvij"
_MORE_LETTERS = "abcdefghnowxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def primes_worked_out(expression: Expr) -> Expr:
    """The expression with each f′(u) as SymPy derives it."""
    return expression.xreplace({p: p.worked_out() for p in expression.atoms(Prime)})


def partials_put_in(expression: Expr, value: Callable[[Partial], Expr | None]) -> Expr:
    """The expression with those partial derivatives put in of which the value is known."""
    values = {p: value(p) for p in expression.atoms(Partial)}
    return expression.xreplace({p: v for p, v in values.items() if v is not None})


def in_terms_of_outputs(expression: Expr, equations: Iterable[Equation], shapes: Shapes) -> Expr:
    """The expression with the left sides of these equations for what they define.

    `shapes` are those of all quantities: an output made of a part of one stands for that part.
    """
    equations = list(equations)
    expression = canonical(with_known_sums(canonical(expression), equations))
    for equation in equations:
        present = {entry_name(e) for e in all_entries(expression)}
        inputs = present & (_inputs(equation) | _own_names(equation))
        read = [e for e in all_entries(expression) if entry_name(e) in inputs]
        places = (*map(entry_indices, read), *_places_of_calls(expression, equation))
        for place in dict.fromkeys(places):
            if not stands_at(equation, place, shapes):
                continue
            name, definition = equation.quantity.at(*place), canonical(equation.instance(*place))
            if not definition.has(Indexed, Function):
                # A plain number, at a place where a condition is settled: 2 keeps being 2.
                continue
            form = canonical(_folded_everywhere(expression, name, definition))
            form = canonical(_with_deviations(form, name, definition))
            # Outside of the sum over one of its indices, the name would stand for nothing.
            expression = form if free_indices(form) <= free_indices(expression) else expression
    return expression


def _with_deviations(expression: Expr, name: Expr, definition: Expr) -> Expr:
    """The expression with x̂·σ for u - μ, where x̂ is (u - μ)/σ and that is no longer."""
    difference = deviation(definition)
    if difference is None:
        return expression
    # Hidden, for what σ is itself made of stays as it is.
    own = {s: _stand_in(s) for s in definition.atoms(*BINDERS)}
    above, below = difference.xreplace(own), (difference / definition).xreplace(own)
    opened = with_deviations(expression.xreplace(own), above, name * below)
    found = within_sums(opened, lambda e: simplest([_taken_out(e), e]))
    found = found.xreplace({dummy: s for s, dummy in own.items()})
    return simplest([found, expression], name)


@cache
def _inputs(equation: Equation) -> frozenset[str]:
    """The quantities that the right side reads at the indices of the left side."""
    read = all_entries(equation.expression)
    e = equation.expression
    if not transcendental_pieces(e) and deviation(e) is None:
        return frozenset()
    return frozenset(entry_name(e) for e in read if entry_indices(e) == equation.indices)


def _own_names(equation: Equation) -> frozenset[str]:
    """The quantity of an equation that is one function or root, and its adjoint.

    Where one of them is read, the function at the same place may stand beside it.
    """
    adjoint = equation.quantity.named_adjoint
    is_one = isinstance(equation.expression, Function) or is_root(equation)
    return frozenset({equation.quantity.name, adjoint.name} if adjoint and is_one else ())


def _places_of_calls(expression: Expr, equation: Equation) -> Iterator[tuple[Expr, ...]]:
    """The indices at which the function that an equation is stands in the expression."""
    definition = equation.expression
    if not isinstance(definition, Function) or _inputs(equation):
        return
    for call in expression.atoms(type(definition)):
        free = [i for i in call.atoms(Idx) if i not in _bound_within(call)]
        fitting = [[i for i in free if size_of(i) == size_of(j)] for j in equation.indices]
        for place in product(*fitting):
            if canonical(equation.instance(*place)) == call:
                yield place


def _bound_within(expression: Expr) -> set[Idx]:
    return {i for node in expression.atoms(*BINDERS) for i in bound_indices(node)}


def _folded_everywhere(expression: Expr, name: Expr, definition: Expr) -> Expr:
    """The simplest form with the name, in each sum and outside of them."""
    own = {s: _stand_in(s) for s in definition.atoms(*BINDERS)}
    opened = definition.xreplace(own)
    rewritten = within_sums(
        expression.xreplace(own), lambda e: simplest([*folded(e, name, opened), e], name)
    )
    return rewritten.xreplace({dummy: s for s, dummy in own.items()})


def _stand_in(node: Binder) -> Expr:
    """An unknown for a sum, with the indices that are free in it: an outer sum must see them."""
    bound = {i for inner in node.atoms(*BINDERS) for i in bound_indices(inner)}
    free = sorted(node.atoms(Idx) - bound, key=str)
    unknown = Dummy("S", real=True)
    return IndexedBase(unknown, real=True)[tuple(free)] if free else unknown


def collected(
    expression: Expr, subtracted: Collection[str] = (), sums_to_one: Collection[str] = ()
) -> Expr:
    """The expression as a reader would write it: common factors out, each factor upright.

    Entries of the `subtracted` quantities come second in a difference (ŷ - y). A sum over the last
    axis of a quantity in `sums_to_one` is 1.
    """

    def is_subtracted(term: Expr) -> bool:
        return any(entry_name(e) in subtracted for e in all_entries(term))

    def tidy(e: Expr) -> Expr:
        e = with_tanh(_in_each_case(e, tidy))
        taken_out = upright(_taken_out(e), is_subtracted)
        in_factors = factored(e, is_subtracted)
        forms = [taken_out, in_factors, multiplied(in_factors), upright(e, is_subtracted)]
        return simplest([*forms, *grouped(e, is_subtracted)])

    once = canonical(within_sums(expression, tidy))
    once = canonical(joined(once, lambda e: within_sums(e, tidy)))
    ones = dict(_ones(once, sums_to_one))
    twice = canonical(within_sums(once.xreplace(ones), tidy)) if ones else once
    return with_upright_sums(twice, is_subtracted)


def _in_each_case(expression: Expr, rewrite: Callable[[Expr], Expr]) -> Expr:
    """The expression with `rewrite` applied to the values of its choices, not to the conditions."""
    choices = expression.atoms(Piecewise)
    done = {c: c.func(*((rewrite(value), holds) for value, holds in c.args)) for c in choices}
    return expression.xreplace(done)


def _taken_out(expression: Expr) -> Expr:
    """The expression with common factors before it; roots are left as they are.

    SymPy takes numbers out of them too: of √(v + 10⁻⁵), √100000 below √(100000 v + 1).
    """
    roots = {p for p in expression.atoms(Pow) if not (p.exp.is_Integer or p.is_number)}
    hidden = {root: Dummy(f"r{k}", real=True) for k, root in enumerate(sorted(roots, key=str))}
    opened = factor_terms(expression.xreplace(hidden))
    return opened.xreplace({dummy: root for root, dummy in hidden.items()})


def _ones(expression: Expr, sums_to_one: Collection[str]) -> Iterator[tuple[Sum, Expr]]:
    """The sums over a factor that is declared to sum to 1, and each without it."""
    for s in expression.atoms(Sum):
        factors, bound = Mul.make_args(s.function), bound_indices(s)
        for one in (f for f in factors if entry_name(f) in sums_to_one):
            last = entry_indices(one)[-1]
            others = Mul(*(f for f in factors if f is not one))
            if last in bound and not others.has(last):
                yield s, summed(others, tuple(i for i in bound if i != last))
                break


def within_sums(expression: Expr, rewrite: Callable[[Expr], Expr]) -> Expr:
    """The expression with `rewrite` applied in each sum, innermost first, and then to the whole.

    What `rewrite` is given holds no sum: those inside are hidden from it. What lacks a sum's index
    is taken out of the sum.
    """
    done = {s: _rebuilt(s, within_sums(s.function, rewrite)) for s in top_sums(expression)}
    opened = expression.xreplace(done)
    hidden = {s: Dummy(f"S{k}", real=True) for k, s in enumerate(top_sums(opened))}
    shown = {dummy: s for s, dummy in hidden.items()}
    return rewrite(opened.xreplace(hidden)).xreplace(shown)


def _rebuilt(node: Binder, body: Expr) -> Expr:
    """A sum or another reduction with another body; of a sum, what lacks its index goes before."""
    indices = bound_indices(node)
    if isinstance(node, Sum):
        return summed(body, indices)
    return reduced(node.func, body, *indices)


@dataclass(frozen=True)
class Letters:
    """Which letter an index may have: the `usual` ones of its size, then any but `never`."""

    usual: Mapping[Expr, str] = field(default_factory=dict)
    never: frozenset[str] = frozenset()

    def free(self, i: Idx, busy: Collection[str]) -> str:
        """The first letter for the index that is not `busy`."""
        wanted = self.usual.get(size_of(i), "") + _LETTERS + _MORE_LETTERS
        return next(a for a in wanted if a not in busy and a not in self.never)


def letters_of(system: System) -> Letters:
    """The letters that a system gives to its symbolic sizes; names of quantities are none."""
    usual: dict[Expr, str] = {SAMPLES: "nm"}
    for q in system.quantities.values():
        for letter, size in zip(q.letters, q.shape, strict=True):
            known = usual.get(size, "")
            if not size.is_Integer and letter not in known:
                usual[size] = known + letter
    return Letters(usual, frozenset(system.quantities))


def lettered(expression: Expr, taken: Iterable[Idx], letters: Letters = Letters()) -> Expr:
    """The expression with a letter for each bound index that no index around it has.

    The sign of what is summed stands before the sum.
    """
    return _lettered(canonical(expression), tuple(taken), letters)


def _lettered(expression: Expr, taken: tuple[Idx, ...], letters: Letters) -> Expr:
    if not isinstance(expression, BINDERS):
        if not expression.has(*BINDERS):
            return expression
        return expression.func(*(_lettered(a, taken, letters) for a in expression.args))
    chosen: tuple[Idx, ...] = ()
    for i in bound_indices(expression):
        busy = {str(c.label) for c in taken + chosen}
        chosen += (index(letters.free(i, busy), size_of(i)),)
    body = expression.function.xreplace(dict(zip(bound_indices(expression), chosen, strict=True)))
    body = _lettered(body, taken + chosen, letters)
    if isinstance(expression, Sum) and body.as_coeff_Mul()[0].is_negative:
        return -rebound(expression, -body, chosen)
    return rebound(expression, body, chosen)
