"""Names for what a person wrote into one line: the scores of a softmax, and a softmax within more.

`p[n,k] = softmax(k, b[k] + sum(d, W[k,d]*x[n,d]))` is z[n,k] = … and p = softmax(z), as in any
textbook. Then ∂L/∂z is one line, p ⊙ (∂L/∂p − rowsum(∂L/∂p ⊙ p)), and all behind it follows.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from sympy import Add, Basic, Expr, Idx, Indexed, Mul, Pow, S, Sum, exp, log

from symnn.binding import bound_indices, canonical, free_indices, index, size_of, total
from symnn.cases import Piecewise
from symnn.equations import SAMPLES, Equation, Quantity, Role, System, all_entries, entry_name
from symnn.parsing.letters import free_letter
from symnn.parsing.ordering import reachable
from symnn.softmaxes import as_softmax

# z is what an activation is taken of, s are scores; p are probabilities, a is an activation.
SCORES = ("z", "s", "u", "v", "r", "scores", "logits")
SHARES = ("p", "a", "q", "alpha", "weights", "shares")


def with_named_scores(system: System, taken: Collection[str]) -> System:
    """The system in which a softmax is taken of entries alone; no name is one of those `taken`."""
    reads = {
        e.quantity.name: {*map(entry_name, all_entries(e.expression))} for e in system.equations
    }
    naming = _Naming(taken)
    equations: list[Equation] = []
    for e in system.equations:
        # A line of a recurrence stays: a name for a part of it would have no start.
        is_circular = e.quantity.name in reachable(e.quantity.name, reads)
        equations += [e] if is_circular else naming.opened(e)
    quantities = {e.quantity.name: e.quantity for e in equations}
    return replace(
        system, quantities={**system.quantities, **quantities}, equations=tuple(equations)
    )


@dataclass(frozen=True)
class _Found:
    """What a softmax, or the logarithm of its sum, is taken of, over which indices, and the rest.

    `written` makes the whole of an entry in place of the scores and of the sum of its exponential.
    """

    scores: Expr
    over: tuple[Idx, ...]
    written: Callable[[Expr, Expr], Expr]
    rest: Expr | None = None

    @property
    def to_name(self) -> Expr:
        """The scores; of a mask, what is not masked, where it can be computed everywhere."""
        if not isinstance(self.scores, Piecewise):
            return self.scores
        left = [value for value, _ in self.scores.args if value != S.NegativeInfinity]
        is_mask = len(left) == 1 and len(self.scores.args) > 1 and _is_plain(left[0])
        return left[0] if is_mask else self.scores

    @property
    def is_named(self) -> bool:
        """Whether these are entries, but for factors that are the same for all of a row."""
        own = [f for f in Mul.make_args(self.to_name) if free_indices(f) & {*self.over}]
        return len(own) == 1 and isinstance(own[0], Indexed)

    def with_name(self, z: Expr) -> Expr:
        """The scores with a name for what has one now."""
        if self.to_name == self.scores:
            return z
        branches = ((z if v == self.to_name else v, c) for v, c in self.scores.args)
        return Piecewise(*branches, evaluate=False)


class _Naming:
    """The names that are taken, and the parts that have one."""

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = {*taken}
        self._parts: dict[Expr, Equation] = {}
        self._seen: set[str] = set()

    def opened(self, e: Equation) -> list[Equation]:
        """The equation, behind those of the parts of it that get a name."""
        for node, is_within in _nodes(e.expression):
            found = _found(node)
            if found is not None and not found.is_named:
                part = self._part(SCORES, found.to_name, (*e.indices, *found.over))
                if part is not None:
                    scores = found.with_name(part.left)
                    below = self._summed(scores, found.over, e.expression)
                    return self._behind(part, e, {node: found.written(scores, below)})
            elif found is not None and is_within and found.rest is not None:
                share = node / found.rest
                part = self._part(SHARES, share, (*e.indices, *found.over))
                if part is not None:
                    return self._behind(part, e, {node: found.rest * part.left, share: part.left})
        return [e]

    def _behind(self, part: Equation, e: Equation, changed: Mapping[Expr, Expr]) -> list[Equation]:
        """The equation in which the part has its name, behind that of the part if it is new."""
        first = [] if part.quantity.name in self._seen else self.opened(part)
        self._seen.add(part.quantity.name)
        return [*first, *self.opened(replace(e, expression=e.expression.xreplace(changed)))]

    def _part(
        self, names: Sequence[str], expression: Expr, order: Sequence[Idx]
    ) -> Equation | None:
        """The equation of a part, the samples first among its indices and then as in `order`."""
        key = canonical(expression)
        free = [name for name in names if name not in self._taken]
        indices = sorted(free_indices(expression), key=str)
        if key not in self._parts and free and all(i.lower == 0 for i in indices):
            ranks = {i: k for k, i in enumerate(order)}
            places = tuple(sorted(indices, key=lambda i: (size_of(i) != SAMPLES, ranks.get(i, -1))))
            letters = tuple(str(i.label) for i in places)
            sizes = tuple(map(size_of, places))
            quantity = Quantity(free[0], sizes, Role.INTERMEDIATE, letters, free[0], is_part=True)
            self._taken.add(free[0])
            self._parts[key] = Equation(quantity, places, expression)
        return self._parts.get(key)

    def _summed(self, scores: Expr, over: Sequence[Idx], whole: Expr) -> Expr:
        """The sum of the exponentials over these indices, in letters of their own."""
        taken = {*self._taken, *(str(i.label) for i in whole.atoms(Idx))}
        bound: dict[Idx, Idx] = {}
        for i in over:
            letter = free_letter(str(i.label), taken)
            bound[i] = index(letter, size_of(i))
            taken.add(letter)
        return total(exp(scores.xreplace(bound)), *reversed(bound.values()))


def _nodes(expression: Basic, *, is_within: bool = False) -> Iterator[tuple[Basic, bool]]:
    """All parts, the greater first; whether each stands within a sum or a function, but log."""
    yield expression, is_within
    for part in expression.args:
        if isinstance(expression, Add | Mul):
            yield from _nodes(part, is_within=is_within)
        else:
            yield from _nodes(part, is_within=not isinstance(expression, log))


def _found(node: Basic) -> _Found | None:
    """What is taken of scores at this node."""
    softmax = as_softmax(node) if isinstance(node, Expr) else None
    if softmax is not None:
        scores, over, rest = softmax
        return _Found(scores, over, lambda z, below: rest * exp(z) / below, rest)
    if isinstance(node, Add):
        return _log_softmax(node)
    if isinstance(node, log) and _is_sum_of_exponentials(node.args[0]):
        (whole,) = node.args
        return _Found(whole.function.args[0], bound_indices(whole), lambda _, below: log(below))
    return None


def _log_softmax(node: Add) -> _Found | None:
    """v[k] - log Σ exp(v[m]), and what is added to it."""
    for term in node.args:
        if not (isinstance(-term, log) and _is_sum_of_exponentials((-term).args[0])):
            continue
        whole = (-term).args[0]
        scores, bound = whole.function.args[0], bound_indices(whole)
        others = {canonical(a): a for a in node.args if a != term}
        for over in permutations(sorted(free_indices(node - term), key=str), len(bound)):
            own = scores.xreplace(dict(zip(bound, over, strict=True)))
            parts = [canonical(a) for a in Add.make_args(own)]
            if all(part in others for part in parts):
                rest = Add(*(a for key, a in others.items() if key not in parts))
                return _Found(own, over, _less_log(rest))
    return None


def _less_log(rest: Expr) -> Callable[[Expr, Expr], Expr]:
    return lambda z, below: rest + z - log(below)


def _is_plain(value: Expr) -> bool:
    """Whether it has a value where a mask leaves it out too: it reads no place off an axis."""
    places = (i for entry in value.atoms(Indexed) for i in entry.indices)
    divisors = (p.base for p in value.atoms(Pow) if not (p.exp.is_Integer and p.exp.is_positive))
    return (
        not value.has(Piecewise, log)
        and all(isinstance(i, Idx) or i.is_Integer for i in places)
        and not any(map(free_indices, divisors))
    )


def _is_sum_of_exponentials(node: Expr) -> bool:
    return isinstance(node, Sum) and isinstance(node.function, exp)
