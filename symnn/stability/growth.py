"""Which quantities grow like exp, and which of these may be beyond floats on the way to others."""

from collections.abc import Collection, Iterator, Sequence

from sympy import Abs, Add, Expr, Mul, Pow, Sum, exp, log

from symnn.cases import Piecewise
from symnn.dependence import looped, reads_of
from symnn.equations import Equation, all_entries, entry_name
from symnn.softmaxes import as_softmax

# What passes growth on: a sum of what grows grows, a tanh of it does not.
_CARRIERS = (Add, Mul, Pow, Sum, Abs)


def grows(expression: Expr, names: Collection[str] = ()) -> bool:
    """Whether an expression is made of exponentials, by itself or by the quantities `names`.

    >>> from sympy import Symbol, tanh
    >>> u = Symbol("u", real=True)
    >>> grows(1 + exp(u) ** 2), grows(tanh(exp(u)))
    (True, False)
    """
    if isinstance(expression, exp):
        return bool(expression.free_symbols)
    softmax = as_softmax(expression)
    if softmax is not None:
        return grows(softmax[2], names)
    if isinstance(expression, Piecewise):
        return any(grows(value, names) for value, _ in expression.args)
    if isinstance(expression, _CARRIERS):
        return any(grows(a, names) for a in expression.args)
    is_entry = next(all_entries(expression), None) == expression
    return is_entry and entry_name(expression) in names


def critical_names(equations: Sequence[Equation]) -> frozenset[str]:
    """The growing quantities that are divided by, or are in a root or a logarithm, and their like.

    Their like are those that they are made of, and those that are read beside them, but for ratios:
    p = e/s needs e, and what reads p and s can do with p. What depends on itself by such alone, as
    nothing can be put into itself, is not among them.
    """
    reads = {e.quantity.name: set(_carried_by(e.expression)) for e in equations}
    recurrent = looped(reads)
    names: set[str] = set()
    ratios: set[str] = set()
    for e in equations:
        if e.quantity.name not in recurrent and grows(e.expression, names):
            names.add(e.quantity.name)
            if any(grows(d, names) for d in _divisors(e)):
                ratios.add(e.quantity.name)
    divided = {entry_name(a) for e in equations for d in _divisors(e) for a in all_entries(d)}
    critical, before = divided & names, set[str]()
    while critical != before:
        before = set(critical)
        for name, read in reads.items():
            if name in critical:
                critical |= read & names
            elif read & critical:
                critical |= read & (names - ratios)
    every = {name: set(read) & critical for name, read in reads_of(equations).items()}
    return frozenset(critical - looped(every))


def _carried_by(node: Expr) -> Iterator[str]:
    """The names of what is read outside of exponents: h does not grow with itself in exp(h)."""
    if isinstance(node, exp) or not node.args:
        return
    if next(all_entries(node), None) == node:
        yield entry_name(node)
    for a in node.args:
        yield from _carried_by(a)


def _divisors(e: Equation) -> Iterator[Expr]:
    """What is divided by, or of which a root or a logarithm is taken."""
    for part in e.expression.atoms(Pow, log):
        if isinstance(part, log):
            yield part.args[0]
        elif not (part.exp.is_Integer and part.exp.is_positive):
            yield part.base
