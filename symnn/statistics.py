"""Statistics of a quantity, and what is known of them: means, deviations, roots of variances.

A mean says what a sum is, so that a sum of deviations from it vanishes; a deviation over its spread
has a name (x̂). Nothing here knows a layer: it is the shape of the equations that counts.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import cache

from sympy import Add, Expr, Function, Idx, Indexed, Integer, Mul, Pow, Sum

from symnn.binding import bound_indices, canonical, total
from symnn.contraction import summed
from symnn.equations import Equation, Role, System, all_entries, entry_indices, entry_name
from symnn.reductions import Reduction


def statistics(system: System) -> frozenset[str]:
    """The names of the quantities by which another acts on a third, beside acting on it itself.

    Such are the mean and the spread in x̂ = (u - μ)/σ: u acts on x̂ directly, and through both. A
    reader wants ∂L/∂u in one formula, without ∂L/∂μ and ∂L/∂σ.

    >>> statistics(System.parse('''
    ...     input x[n:N, i:D]; parameter w[i]
    ...     u[n,i] = w[i]*x[n,i]
    ...     mu[n] = mean(i, u[n,i])
    ...     c[n,i] = u[n,i] - mu[n]
    ...     loss = sum(n, i, c[n,i]**4)
    ... '''))
    frozenset({'mu'})
    """
    reads = {e.quantity.name: _read(e) for e in system.equations}
    found = (
        e.quantity.name
        for e in system.equations
        if e.quantity.role is Role.INTERMEDIATE
        and _is_statistic(e)
        and any(_acts_beside(q, e, system, reads) for q in reads[e.quantity.name])
    )
    return frozenset(found)


def _read(equation: Equation) -> frozenset[str]:
    return frozenset(entry_name(e) for e in all_entries(equation.expression))


def _is_statistic(equation: Equation) -> bool:
    """Whether it sums over an axis, and is made of sums, products and powers alone."""
    e = equation.expression
    return e.has(Sum) and not e.has(Function) and not e.has(Reduction)


def _acts_beside(name: str, s: Equation, system: System, reads: dict[str, frozenset[str]]) -> bool:
    """Whether a quantity of more axes is read beside the statistic, as well as by it."""
    q = system.quantities[name]
    is_wider = len(q.shape) > len(s.quantity.shape)
    return is_wider and any({name, s.quantity.name} <= read for read in reads.values())


def with_known_sums(expression: Expr, equations: Iterable[Equation]) -> Expr:
    """The expression without the sums that vanish: of what deviates from its mean."""
    if not expression.has(Sum):
        return expression
    means = [m for e in equations if (m := _as_sum(e)) is not None]
    vanishing = {
        s: Integer(0)
        for s in sorted(expression.atoms(Sum), key=str)
        if any(_split(part, means) == 0 for part in _parts(s))
    }
    return expression.xreplace(vanishing)


def _parts(node: Sum) -> Iterator[Sum]:
    """The sums of which a sum over several indices is the product; a sum over one, alone."""
    bound, factors = list(bound_indices(node)), list(Mul.make_args(node.function))
    while bound:
        group, indices = [], {bound[0]}
        while touching := [f for f in factors if f.has(*indices)]:
            group += touching
            factors = [f for f in factors if f not in touching]
            indices |= {i for i in bound if any(f.has(i) for f in touching)}
        yield total(Mul(*group), *(i for i in bound if i in indices))
        bound = [i for i in bound if i not in indices]


@cache
def _as_sum(equation: Equation) -> Equation | None:
    """Of a quantity that is c·Σ…, the equation of the quantity; None of another."""
    sums = [f for f in Mul.make_args(equation.expression) if isinstance(f, Sum)]
    is_one = len(sums) == 1 and not (equation.expression / sums[0]).has(Sum, Idx)
    return equation if is_one and sums[0].function.is_Indexed else None


def _split(node: Sum, means: Collection[Equation]) -> Expr:
    """The sum term by term, with each sum that is known from a mean written by it."""
    bound = bound_indices(node)
    terms = (summed(term, bound) for term in Add.make_args(node.function.expand()))
    return Add(*(_known(term, means) for term in terms)).expand()


def _known(term: Expr, means: Collection[Equation]) -> Expr:
    """A sum as a mean gives it: Σ u = H·μ."""
    sums = [f for f in Mul.make_args(term) if isinstance(f, Sum) and f.function.is_Indexed]
    for s in sums:
        for mean in means:
            value = _value(s, mean)
            if value is not None:
                return term.xreplace({s: value})
    return canonical(term)


def _value(s: Sum, mean: Equation) -> Expr | None:
    """The sum in terms of the mean, where it is the one that the mean is of."""
    (own,) = (f for f in Mul.make_args(mean.expression) if isinstance(f, Sum))
    if entry_name(own.function) != entry_name(s.function):
        return None
    here, there = entry_indices(own.function), entry_indices(s.function)
    values = {i: place for i, place in zip(here, there, strict=True) if i in mean.indices}
    if len(values) != len(mean.indices):
        return None
    name = mean.quantity.at(*(values[i] for i in mean.indices))
    is_it = canonical(own.xreplace(values)) == canonical(s)
    return name * own / mean.expression if is_it else None


def deviation(e: Expr) -> Expr | None:
    """What a quotient is made of: u - μ in (u - μ)/σ, and u in u/σ."""
    if e.has(Function, Reduction) or not isinstance(e, Mul):
        return None
    above = [f for f in e.args if not (isinstance(f, Pow) and f.exp.is_negative)]
    if len(above) != 1 or len(above) == len(e.args):
        return None
    (difference,) = above
    is_difference = isinstance(difference, Add) and difference.as_coeff_Add()[0] == 0
    return difference if is_difference or isinstance(difference, Indexed) else None


def is_root(equation: Equation) -> bool:
    """Whether the quantity is a root: σ in √(mean((u - μ)²) + ε)."""
    e = equation.expression
    return isinstance(e, Pow) and e.exp.is_Rational and not e.exp.is_Integer


def with_deviations(expression: Expr, difference: Expr, value: Expr) -> Expr:
    """The expression with a value for a difference, and its negative for the negative."""
    found = {difference: value} if isinstance(difference, Indexed) else {}
    for node in expression.atoms(Add):
        content, rest = node.primitive()
        if rest in (difference, -difference):
            found[node] = content * (value if rest == difference else -value)
    return expression.xreplace(found)
