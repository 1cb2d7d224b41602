"""Whether two indexed expressions are proved equal, whatever the sizes that are symbols.

Both are written as sums of products, every sum in front: sums over a few units are written out, and
the others stand over indices named by where they occur. What is left is an identity of ratios of
polynomials in entries and in functions of them. True is a proof; False is none of the contrary.
All is bounded, so that no claim takes long: what is too large is left to numbers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

from sympy import (
    Add,
    Dummy,
    Expr,
    Idx,
    Indexed,
    Integer,
    Mul,
    Pow,
    Sum,
    Symbol,
    exp,
    expand,
    fraction,
    together,
)

from symnn.binding import bound_indices, fresh_index, index, size_of, total
from symnn.calculus import top_sums
from symnn.equations import (
    SAMPLES,
    Equation,
    Prime,
    Role,
    System,
    all_entries,
    entry_indices,
    entry_name,
)
from symnn.functions import Elementwise
from symnn.reductions import Reduction

MOST_TERMS, MOST_ENTRIES, MOST_OPERATIONS, MOST_RATIO, WIDEST = 300, 12, 2_500, 250, 4
_DERIVED = (Role.ADJOINT, Role.GRADIENT)

Term = tuple[Expr, tuple[Idx, ...]]


class TooLargeError(Exception):
    """A proof that would take too long."""


class Prover:
    """The equations of a derivation, to be put in for what they define."""

    def __init__(
        self, system: System, equations: Iterable[Equation], *, is_one_sample: bool = False
    ) -> None:
        self._system, self._is_one_sample = system, is_one_sample
        self._equations = {e.quantity.name: e for e in equations}

    def proves(self, left: Expr, right: Expr, free: Sequence[Idx]) -> bool:
        """Whether the two are proved equal at every place of the free indices."""
        ways = product((False, True), (self._derived, self._everything))
        return any(self._succeeds(left - right, put_in, free, spelt) for spelt, put_in in ways)

    def _succeeds(
        self, difference: Expr, put_in: Callable[[Expr], Expr], free: Sequence[Idx], spelt: bool
    ) -> bool:
        try:
            places = _places(free) if spelt else [{}]
            return all(self._is_zero(difference, put_in, at, spelt) for at in places)
        except (TooLargeError, RecursionError):
            return False

    def _is_zero(
        self,
        difference: Expr,
        put_in: Callable[[Expr], Expr],
        at: Mapping[Expr, Expr],
        spelt: bool,
    ) -> bool:
        """Whether it is zero there; `spelt`, with sums over a few units written out."""
        whole = put_in(difference.xreplace(dict(at)))
        if self._is_one_sample:
            whole = _of_one_sample(whole)
        if spelt:
            whole = self._with_ones(_written_out(whole))
        return all(_is_identity(body) for body in _collected(_terms(whole)))

    def _derived(self, e: Expr) -> Expr:
        """The expression with every derivative put in."""
        names = {n for n, found in self._equations.items() if found.quantity.role in _DERIVED}
        return _worked_out(self._put_in(e, names))

    def _everything(self, e: Expr) -> Expr:
        """The expression in inputs, targets and parameters alone, and without named functions."""
        whole = _worked_out(self._put_in(e, set(self._equations)))
        while named := whole.atoms(Elementwise):
            whole = whole.xreplace({f: f.expanded() for f in named})
        return whole

    def _put_in(self, e: Expr, names: set[str]) -> Expr:
        while found := [a for a in all_entries(e) if entry_name(a) in names]:
            values = {a: self._equations[entry_name(a)].instance(*entry_indices(a)) for a in found}
            if any(entry_name(a) in map(entry_name, all_entries(v)) for a, v in values.items()):
                # A recurrence has no end.
                raise TooLargeError
            e = _bounded(e.xreplace(values))
        return e

    def _with_ones(self, e: Expr) -> Expr:
        """The expression with the last of some declared shares written as what is left of 1."""
        found = {}
        for name in self._system.sums_to_one:
            width = self._system.quantities[name].shape[-1]
            for a in all_entries(e):
                if entry_name(a) == name and width.is_Integer and a.indices[-1] == width - 1:
                    rest = (a.base[(*a.indices[:-1], Integer(k))] for k in range(int(width) - 1))
                    found[a] = 1 - Add(*rest)
        return e.xreplace(found)


def _places(free: Sequence[Idx]) -> list[dict[Expr, Expr]]:
    """Every place of those indices that take few values; the others stay as they are."""
    few = [i for i in free if size_of(i).is_Integer]
    if any(size_of(i) > MOST_ENTRIES for i in few):
        raise TooLargeError
    places = list(product(*(range(int(size_of(i))) for i in few)))
    if len(places) > MOST_ENTRIES:
        raise TooLargeError
    return [dict(zip(few, map(Integer, place), strict=True)) for place in places]


def _bounded(e: Expr) -> Expr:
    if e.count_ops() > MOST_OPERATIONS:
        raise TooLargeError
    return e


def _worked_out(e: Expr) -> Expr:
    while primes := e.atoms(Prime):
        e = e.xreplace({p: p.worked_out() for p in primes})
    return _bounded(e)


def _of_one_sample(e: Expr) -> Expr:
    """The expression for N = 1: every index over the samples is 0."""
    if isinstance(e, Reduction):
        raise TooLargeError
    if isinstance(e, Sum):
        bound = bound_indices(e)
        kept = [i for i in bound if size_of(i) != SAMPLES]
        gone = {i: Integer(0) for i in bound if size_of(i) == SAMPLES}
        return total(_of_one_sample(e.function.xreplace(gone)), *kept)
    if isinstance(e, Idx):
        return Integer(0) if size_of(e) == SAMPLES else e
    if e == SAMPLES:
        return Integer(1)
    return e.func(*map(_of_one_sample, e.args)) if e.args and not _is_leaf(e) else e


def _is_leaf(e: Expr) -> bool:
    return isinstance(e, Symbol) or e.is_Number


def _written_out(e: Expr) -> Expr:
    """The expression with each sum over a few units written out."""
    if isinstance(e, Indexed | Idx) or not e.has(Sum):
        return e
    if not isinstance(e, Sum):
        return e.func(*map(_written_out, e.args))
    body = _written_out(e.function)
    for i in bound_indices(e):
        size = size_of(i)
        if size.is_Integer and size <= WIDEST and i.lower == 0:
            body = Add(*(body.xreplace({i: Integer(k)}) for k in range(int(size))))
        else:
            body = total(body, i)
    return _bounded(body)


def _terms(e: Expr) -> list[Term]:
    """The expression as products, each with the indices over which it is summed."""
    if isinstance(e, Add):
        found = [term for a in e.args for term in _terms(a)]
    elif isinstance(e, Mul):
        found = [(Integer(1), ())]
        for factor in e.args:
            inner = _terms(factor)
            found = [(a * b, i + j) for a, i in found for b, j in inner]
            _check_count(found)
    elif isinstance(e, Sum):
        renamed = {i: fresh_index(i) for i in bound_indices(e)}
        found = [
            (body, (*inner, *renamed.values()))
            for body, inner in _terms(e.function.xreplace(renamed))
        ]
    elif isinstance(e, Pow) and e.exp.is_Integer and 1 < e.exp <= 4 and e.base.has(Sum):
        return _terms(Mul(*(_renamed(e.base) for _ in range(int(e.exp))), evaluate=False))
    else:
        found = [(_atom(e), ())]
    return _check_count(found)


def _renamed(e: Expr) -> Expr:
    """The same with sums of its own, so that a product of two does not become a power again."""
    sums = {s: s.xreplace({i: fresh_index(i) for i in bound_indices(s)}) for s in top_sums(e)}
    return e.xreplace(sums)


def _check_count(found: list[Term]) -> list[Term]:
    if len(found) > MOST_TERMS:
        raise TooLargeError
    return found


def _atom(e: Expr) -> Expr:
    """A part that is no sum or product, with what is in it written as sums of products."""
    if not e.has(Sum) or isinstance(e, Reduction):
        return e
    return e.func(*(Add(*_sums(_terms(a))) if isinstance(a, Expr) else a for a in e.args))


def _sums(terms: Iterable[Term]) -> list[Expr]:
    return [total(body, *bound) for body, bound in map(_ordered, terms)]


def _collected(terms: Iterable[Term]) -> list[Expr]:
    """The bodies of the sums, those over the same indices added up."""
    found: dict[tuple[Idx, ...], list[Expr]] = {}
    for body, bound in map(_ordered, terms):
        found.setdefault(bound, []).append(body)
    return [Add(*bodies) for bodies in found.values()]


def _ordered(term: Term) -> Term:
    """The term with its indices named by where they occur; one that does not is a factor."""
    body, bound = term
    present = [i for i in bound if body.has(i)]
    size = Mul(*(size_of(i) for i in bound if i not in present))
    present.sort(key=lambda i: (str(size_of(i)), _occurrences(body, i)))
    names = [index(f"_{k}", size_of(i)) for k, i in enumerate(present)]
    return size * body.xreplace(dict(zip(present, names, strict=True))), tuple(names)


def _occurrences(body: Expr, i: Idx) -> list[str]:
    """Where an index occurs: in which quantities, on which axes."""
    found = []
    for a in body.atoms(Indexed):
        found += [f"{entry_name(a)} {k}" for k, j in enumerate(a.indices) if j.has(i)]
    return sorted(found)


def _is_identity(body: Expr) -> bool:
    """Whether a sum of products is zero as a ratio of polynomials."""
    opened = body.xreplace(_exponentials(body))
    if expand(_bounded(opened)) == 0:
        return True
    if opened.count_ops() > MOST_RATIO:
        raise TooLargeError
    return bool(expand(fraction(together(opened))[0]) == 0)


def _exponentials(body: Expr) -> dict[Expr, Expr]:
    """Each exp(c·u) as a power of one unknown, which stands for exp(u)."""
    unknowns: dict[Expr, Expr] = {}
    found = {}
    for e in body.atoms(exp):
        powers = []
        for term in Add.make_args(expand(e.args[0])):
            number, rest = term.as_coeff_Mul()
            unknown = unknowns.setdefault(rest / number.q, Dummy("e", positive=True))
            powers.append(unknown**number.p if number.is_Rational else exp(term))
        found[e] = Mul(*powers)
    return found
