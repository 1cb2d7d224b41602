"""How the tests prove: entries unrolled to scalars, and equality of scalars decided exactly.

It shares nothing with what is tested: no view of the package, no rule of its calculus.
"""

from collections import Counter
from itertools import count
from math import prod

from sympy import (
    QQ,
    Add,
    Dummy,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Sum,
    Symbol,
    exp,
    expand,
    false,
    ring,
    sign,
    true,
)
from sympy.core.relational import Relational

from symnn.cases import Piecewise
from symnn.equations import Prime
from symnn.functions import Elementwise

MAX_CASES = 32


class UndecidedError(Exception):
    """Equality could not be decided: more branches than are looked at."""


def scalar(name, *place):
    """The symbol of one entry: `W1_0_2` for `W1[0, 2]`."""
    return Symbol("_".join([name, *map(str, place)]), real=True)


def unrolled(expression, at=None, sizes=None):
    """An indexed expression in scalars: its free indices put in, each sum written out.

    `at` gives each free index its number, `sizes` what a symbol among the sizes stands for. Named
    functions become their formulas.
    """
    at, sizes = at or {}, sizes or {}
    if isinstance(expression, Sum):
        return _unrolled_sum(expression.function, list(expression.limits), at, sizes)
    if isinstance(expression, Indexed):
        return scalar(
            str(expression.base.label), *(unrolled(i, at, sizes) for i in expression.indices)
        )
    if isinstance(expression, Idx):
        return Integer(at[expression])
    if isinstance(expression, Prime):
        function, argument = expression.args
        (u,) = function.variables
        return with_formulas(function.expr).diff(u).subs(u, unrolled(argument, at, sizes))
    if isinstance(expression, KroneckerDelta):
        i, j = (unrolled(a, at, sizes) for a in expression.args[:2])
        return Integer(i == j)
    if not expression.args:
        return expression.xreplace(sizes)
    whole = expression.func(*(unrolled(a, at, sizes) for a in expression.args))
    return with_formulas(whole)


def _unrolled_sum(body, limits, at, sizes):
    """The sum written out; SymPy's last limit is the outermost."""
    if not limits:
        return unrolled(body, at, sizes)
    *inner, (idx, lower, upper) = limits
    first, last = (int(bound.xreplace(sizes)) for bound in (lower, upper))
    terms = (_unrolled_sum(body, inner, {**at, idx: k}, sizes) for k in range(first, last + 1))
    return Add(*terms)


def with_formulas(expression):
    """The expression with the formula of each named function."""
    while named := expression.atoms(Elementwise):
        expression = expression.xreplace({f: f.expanded() for f in named})
    return expression


def is_proved_equal(one, other):
    """Whether two scalar expressions are proved equal, in each branch of each `Piecewise`.

    A function of an expression is taken as an unknown, exp(-u) as one over exp(u); what is left is
    an identity of ratios of polynomials. True is a proof; False is none of the contrary.
    """
    return all(_is_zero(case) for case in _cases(one - other, count()))


def _cases(expression, counter):
    """The expression without `Piecewise`, for either truth of each condition."""
    if next(counter) > MAX_CASES:
        raise UndecidedError
    conditions = sorted((c for c in expression.atoms(Relational) if not c.has(Piecewise)), key=str)
    if not conditions:
        yield expression
        return
    for truth in (true, false):
        yield from _cases(_resolved(expression, conditions[0], truth), counter)


def _resolved(node, condition, truth):
    """The expression (or claim) with the branches that this condition decides."""
    if node == condition:
        return truth
    if not isinstance(node, Piecewise):
        known = not node.has(Relational)
        return node if known else node.func(*(_resolved(a, condition, truth) for a in node.args))
    branches = []
    for branch in node.args:
        value, claim = (_resolved(part, condition, truth) for part in branch.args)
        if claim == true:
            return Piecewise(*branches, (value, true), evaluate=False) if branches else value
        if claim != false:
            branches.append((value, claim))
    return Piecewise(*branches, evaluate=False)


def _is_zero(expression):
    opaque = _opaque(expression, {})
    if opaque.is_Number:
        return opaque == 0
    polynomials = ring(sorted(opaque.free_symbols, key=lambda s: s.sort_key()), QQ)[0]
    return not _ratio(opaque, polynomials)[0]


def _ratio(node, polynomials):
    """The expression as a polynomial over a product of factors, each with its power.

    SymPy's `together` and `expand` say the same, ten times as slowly.
    """
    if isinstance(node, Add):
        return _added([_ratio(a, polynomials) for a in node.args], polynomials)
    if isinstance(node, Mul):
        parts = [_ratio(a, polynomials) for a in node.args]
        return prod(top for top, _ in parts), sum((below for _, below in parts), Counter())
    if isinstance(node, Pow):
        top, below = _ratio(node.base, polynomials)
        power = abs(int(node.exp))
        if node.exp > 0:
            return top**power, Counter({f: k * power for f, k in below.items()})
        above = prod((f**k for f, k in below.items()), start=polynomials.one)
        return above**power * top.LC**-power, Counter({top.monic(): power})
    return polynomials.from_expr(node), Counter()


def _added(parts, polynomials):
    bottom = Counter()
    for _, below in parts:
        bottom |= below
    tops = (
        top * prod((f**k for f, k in (bottom - below).items()), start=polynomials.one)
        for top, below in parts
    )
    return sum(tops, start=polynomials.zero), bottom


def _opaque(node, unknowns):
    """The expression with an unknown for each function of an expression."""
    if node.is_Rational or isinstance(node, Symbol):
        return node
    if node not in unknowns:
        unknowns[node] = _opened(node, unknowns)
    return unknowns[node]


def _opened(node, unknowns):
    if isinstance(node, Add | Mul) or (isinstance(node, Pow) and node.exp.is_Integer):
        return node.func(*(_opaque(a, unknowns) for a in node.args))
    if isinstance(node, Pow) and node.exp.is_Rational:
        root = unknowns.setdefault((Pow, node.base, node.exp.q), Dummy())
        return root**node.exp.p
    arguments = [expand(_opaque(a, unknowns)) for a in node.args]
    if isinstance(node, exp):
        # SymPy joins exp(a)*exp(b) to exp(a + b): each term has an unknown of its own.
        terms = Add.make_args(arguments[0])
        return Mul(*(_power(*term.as_coeff_Mul(), unknowns) for term in terms))
    if isinstance(node, sign) and arguments[0].could_extract_minus_sign():
        return -unknowns.setdefault((sign, -arguments[0]), Dummy())
    return unknowns.setdefault((node.func, *arguments), Dummy())


def _power(coefficient, term, unknowns):
    """exp(coefficient · term), as a power of the unknown exp(term / q)."""
    return unknowns.setdefault((exp, term / coefficient.q), Dummy()) ** coefficient.p
