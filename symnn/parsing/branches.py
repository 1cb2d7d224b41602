"""Values with branches: the choice that `where` makes, and the functions of several values.

A value is plain where its choices are outermost; whatever is built of plain values can be made so.
"""

from collections.abc import Callable, Iterator
from math import prod

from sympy import Eq, Expr, Gt, Integer, Lt, Max, Min, log
from sympy.core.relational import Relational

from symnn.cases import Piecewise
from symnn.reductions import BINDERS

MAX_BRANCHES = 16
MAX_CASES = 64


def chosen(condition: Expr, value: Expr, other: Expr) -> Expr:
    """The value where the condition holds, and the other one where it does not.

    A choice in the other place goes on with this one: one list of cases, not one within another.
    """
    others = other.args if isinstance(other, Piecewise) else ((other, True),)
    return Piecewise((value, condition), *others, evaluate=False)


def branchwise(function: Callable[[Expr], Expr], value: Expr) -> Expr:
    """The function of a value; of one with branches, the function in each branch.

    No condition ever holds another choice: SymPy takes minutes to sort out some of those.
    """
    if not isinstance(value, Piecewise):
        return function(value)
    branches = ((branchwise(function, branch), holds) for branch, holds in value.args)
    return Piecewise(*branches, evaluate=False)


def is_plain(value: Expr) -> bool:
    """Whether a value has no choice within it but in its branches."""
    if isinstance(value, Piecewise):
        return all(is_plain(branch) for branch, _ in value.args)
    return not value.has(Piecewise)


def built(function: type[Expr], *parts: Expr) -> Expr:
    """The function of its parts."""
    return function(*parts)


def branches(value: Expr) -> Iterator[Expr]:
    """The values among which a plain value chooses."""
    if isinstance(value, Piecewise):
        for branch, _ in value.args:
            yield from branches(branch)
    else:
        yield value


def lifted(value: Expr, build: Callable[..., Expr] = built) -> Expr:
    """The value with its choices outermost: min(r, c)·A as r·A or c·A.

    As it is where they stand within a sum, or would make more than 16 branches. A function of one
    branch of each part is made by `build`, which may refuse: of numbers, SymPy computes it.

    >>> from sympy.abc import r, A
    >>> lifted(A * Piecewise((r, r < 1), (1, True), evaluate=False))
    Piecewise((A*r, r < 1), (A, True))
    """
    if is_plain(value) or _branches(value) > MAX_BRANCHES:
        return value
    if isinstance(value, Piecewise):
        return Piecewise(*((lifted(v, build), holds) for v, holds in value.args), evaluate=False)
    if isinstance(value, BINDERS):
        return value
    parts = [lifted(a, build) for a in value.args]
    k = next((k for k, part in enumerate(parts) if isinstance(part, Piecewise)), None)
    if k is None:
        return value
    before, after = parts[:k], parts[k + 1 :]

    def with_branch(branch: Expr) -> Expr:
        return lifted(build(value.func, *before, branch, *after), build)

    return branchwise(with_branch, parts[k])


def _branches(value: Expr) -> int:
    """How many branches a value has once it is lifted."""
    if isinstance(value, Piecewise):
        return sum(_branches(branch) for branch, _ in value.args)
    return 1 if isinstance(value, BINDERS) else prod(map(_branches, value.args))


def greater(one: Expr, other: Expr) -> Expr:
    """The greater of two: where they are equal the later one, and a number always comes last.

    So `maximum(0, x)` and `maximum(x, 0)` both are relu, whose derivative at 0 is 0.
    """
    return _by_branches(Gt, Max, one, other)


def less(one: Expr, other: Expr) -> Expr:
    """The less of two, by the same rule."""
    return _by_branches(Lt, Min, one, other)


def clipped(value: Expr, low: Expr, high: Expr) -> Expr:
    """The value, but no less than `low` and no more than `high`, which wins where they disagree."""
    return less(greater(value, low), high)


def times_log(one: Expr, other: Expr) -> Expr:
    """The product of one and the logarithm of the other, which is 0 where the first is 0."""

    def of_two(a: Expr, b: Expr) -> Expr:
        if a.is_number:
            return Integer(0) if a.is_zero else a * log(b)
        return chosen(Eq(a, 0, evaluate=False), Integer(0), a * log(b))

    return branchwise(lambda a: branchwise(lambda b: of_two(a, b), other), one)


def _by_branches(
    holds: type[Relational], of_numbers: Callable[..., Expr], one: Expr, other: Expr
) -> Expr:
    def of_two(a: Expr, b: Expr) -> Expr:
        if (a.is_number and b.is_number) or a.is_infinite or b.is_infinite:
            return of_numbers(a, b)
        a, b = (b, a) if a.is_number else (a, b)
        difference = a - b
        if difference.is_number:
            return a if holds(difference, 0) else b
        return chosen(holds(difference, 0, evaluate=False), a, b)

    return branchwise(lambda a: branchwise(lambda b: of_two(a, b), other), one)
