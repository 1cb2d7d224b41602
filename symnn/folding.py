"""Writing a result as a reader would: in names that are already there, factored, upright.

Every function returns an expression that equals its argument exactly (or, for `folded`, equals it
where the name equals its definition). Nothing here knows a particular activation or loss, and
nothing calls a general `simplify`: what is not a sum, a product or a power is opaque.
"""

from collections.abc import Callable, Iterable, Iterator
from math import comb

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Function,
    Indexed,
    Mul,
    Pow,
    Symbol,
    cancel,
    cosh,
    exp,
    factor,
    factor_terms,
    fraction,
    sinh,
    tanh,
    together,
)

from symnn.cases import Piecewise
from symnn.reductions import BINDERS

MOST_TERMS_OF_A_POWER = 300

Claim = Callable[[Expr], bool]


def simplest(forms: Iterable[Expr], name: Expr | None = None) -> Expr:
    """The form with the least to read, where `name` costs nothing; among equals the first.

    Without such a name, of as many operations those with fewer sums are easier to read.
    """
    if name is None:
        return min(forms, key=lambda e: (e.count_ops(), len(e.atoms(Add))))
    free = {name: Dummy()}
    return min(forms, key=lambda e: e.xreplace(free).count_ops())


def folded(expression: Expr, name: Expr, definition: Expr) -> Iterator[Expr]:
    """The forms of `expression` that use `name` for `definition`, dividing by nothing new.

    The one transcendental piece T of the definition is solved for in terms of the name and put
    into the expression: with a = 1/(1 + T), T/(1 + T)² becomes a(1 - a).
    """
    for piece in transcendental_pieces(definition):
        solved = None if piece == definition else solved_for(piece, name, definition)
        if solved is not None and not _is_what_is_left(solved, name):
            form = branchwise(expression, piece, solved)
            is_safe = denominator_symbols(form) <= denominator_symbols(expression)
            if is_safe and not grows_beside(name, form, definition):
                yield form
    form = expression.subs(definition, name)
    if not grows_beside(name, form, definition):
        yield form


def _is_what_is_left(solved: Expr, name: Expr) -> bool:
    """Whether it is the name less another quantity: exp(u) as a - b of a = exp(u) + b.

    Equal, but in floating point nothing of exp(u) may be left in it. Beside a number, as in 1 - a,
    what is lost is known, and computed anew; the options of a named function are numbers.
    """
    if isinstance(name, Function):
        return False
    sums = (s.args for s in solved.atoms(Add) if s.has(name))
    return any(not t.has(name) and not t.is_number for terms in sums for t in terms)


def grows_beside(name: Expr, form: Expr, definition: Expr) -> bool:
    """Whether a form has the name and also what grows: a²·sinh(u) for sinh(u)/cosh(u)².

    Equal, but in floating point one factor overflows where the other is 0.
    """
    variables = definition.atoms(Indexed) or definition.free_symbols
    return form.has(name) and any(f.has(*variables) for f in form.atoms(exp, sinh, cosh))


def transcendental_pieces(definition: Expr) -> list[Expr]:
    """The simplest function application outside of any sum: exp(-u) and the like."""
    outside = definition.xreplace({s: Dummy() for s in definition.atoms(*BINDERS)})
    pieces = outside.atoms(Function) - outside.atoms(Piecewise, Abs)
    return sorted(pieces, key=lambda f: (f.count_ops(), str(f)))[:1]


def solved_for(piece: Expr, name: Expr, definition: Expr) -> Expr | None:
    """The piece in terms of the name, where the definition is a ratio of terms linear in it."""
    unknown = Dummy("T", real=True)
    for branch in branches(definition):
        top, bottom = fraction(together(branch.xreplace({piece: unknown})))
        equation = (name * bottom - top).expand()
        slope = equation.diff(unknown)
        if slope != 0 and not slope.has(unknown):
            return cancel(-equation.xreplace({unknown: 0}) / slope)
    return None


def branches(expression: Expr) -> list[Expr]:
    """The branches of a piecewise expression, or the expression alone."""
    return [b for b, _ in expression.args] if isinstance(expression, Piecewise) else [expression]


def branchwise(expression: Expr, piece: Expr, solved: Expr) -> Expr:
    """The expression with the piece replaced by its solution, each branch in lowest terms."""
    if isinstance(expression, Piecewise):
        return expression.func(*((branchwise(b, piece, solved), c) for b, c in expression.args))
    choices = (p for p in expression.atoms(Piecewise) if p.has(piece))
    expression = expression.xreplace({p: branchwise(p, piece, solved) for p in choices})
    unknown = Dummy("T", real=True)
    opened = together(expression.xreplace(powers_of(piece, unknown, expression)))
    return factored(opened.xreplace({unknown: solved}))


def powers_of(piece: Expr, unknown: Expr, expression: Expr) -> dict[Expr, Expr]:
    """The piece as an unknown; where it is exp(u), exp(-u) and exp(2u) as powers of the unknown."""
    if not isinstance(piece, exp):
        return {piece: unknown}
    ratios = {e: cancel(e.args[0] / piece.args[0]) for e in expression.atoms(exp) - {piece}}
    # Not cancelled with itself: a masked argument has an infinite branch, whose ratio is unknown.
    return {piece: unknown} | {e: unknown**r for e, r in ratios.items() if r.is_Integer}


def denominator_symbols(expression: Expr) -> set[Expr]:
    """What the expression divides by: symbols and, each as one, functions and entries."""
    found: set[Expr] = set()
    for piece in branches(expression):
        bottom, hidden = opaque(fraction(together(piece))[1])
        found |= {hidden.get(symbol, symbol) for symbol in bottom.free_symbols}
    return found


def factored(expression: Expr, goes_second: Claim = lambda _: False) -> Expr:
    """The expression in lowest terms and in factors, each factor upright.

    `goes_second` tells which entries are subtracted from others: targets, so that ŷ - y stays.

    >>> from sympy.abc import a
    >>> factored(a - a**2)
    a*(1 - a)
    """
    opened, back = opaque(expression)
    # Written out, (1 + a + b)⁶⁴ has thousands of terms: such a sum is a factor as it stands.
    long = {p.base: Dummy() for p in opened.atoms(Pow) if _is_long_power(p)}
    found = factor(opened.xreplace(long)).xreplace({dummy: base for base, dummy in long.items()})
    return upright(found.xreplace(back), goes_second)


def _is_long_power(power: Pow) -> bool:
    base, exponent = power.args
    if not (isinstance(base, Add) and exponent.is_Integer):
        return False
    terms, times = len(base.args), abs(int(exponent))
    return comb(times + terms - 1, terms - 1) > MOST_TERMS_OF_A_POWER


def multiplied(expression: Expr) -> Expr:
    """The product with its sums multiplied out, where that leaves one of two terms: a² - 1.

    >>> from sympy.abc import a, b
    >>> multiplied((a - b) * (a + b) / b), multiplied((1 - a) * (1 - b))
    ((a**2 - b**2)/b, (1 - a)*(1 - b))
    """
    sums = [f for f in Mul.make_args(expression) if isinstance(f, Add) and len(f.args) == 2]
    if len(sums) != 2:
        return expression
    product = Mul(*sums).expand()
    return expression / Mul(*sums) * product if len(Add.make_args(product)) == 2 else expression


def in_factors(expression: Expr) -> Expr:
    """The expression in lowest terms and in factors, each branch by itself where it has some.

    >>> from sympy.abc import a
    >>> in_factors(1 / (1 + a) - a / (1 + a)**2)
    (a + 1)**(-2)
    """
    if isinstance(expression, Piecewise):
        return expression.func(*((in_factors(b), c) for b, c in expression.args))
    return factored(expression)


def grouped(expression: Expr, goes_second: Claim = lambda _: False) -> Iterator[Expr]:
    """The form with its terms in groups: those divided by the same, those under one condition.

    >>> from sympy.abc import a, b, c, s
    >>> list(grouped((a + b + c * s) / s))
    [c + (a + b)/s]
    """
    opened, back = opaque(expression)
    groups: dict[frozenset[Expr], list[Expr]] = {}
    for term in _terms(opened):
        key = frozenset(f for f in Mul.make_args(term) if _sets_apart(f.xreplace(back)))
        groups.setdefault(key, []).append(term)
    if 1 < len(groups) < sum(map(len, groups.values())):
        yield Add(
            *(
                upright(factor_terms(Add(*(t / Mul(*key) for t in terms))), goes_second) * Mul(*key)
                for key, terms in groups.items()
            )
        ).xreplace(back)


def with_tanh(expression: Expr) -> Expr:
    """The expression with tanh(u) for sinh(u)/cosh(u), if that leaves no cosh(u) behind.

    >>> from sympy.abc import u
    >>> with_tanh(sinh(u) / cosh(u)), with_tanh(sinh(u) / cosh(u) ** 3)
    (tanh(u), sinh(u)/cosh(u)**3)
    """
    for s in expression.atoms(sinh):
        form = expression.xreplace({s: tanh(*s.args) * cosh(*s.args)})
        if not form.has(cosh(*s.args)):
            expression = form
    return expression


def _terms(expression: Expr) -> list[Expr]:
    """The terms of a sum, or of a product with one sum in it, each of them with the rest."""
    sums = [f for f in Mul.make_args(expression) if isinstance(f, Add)]
    if len(sums) != 1:
        return [expression]
    rest = expression / sums[0]
    return [term * rest for term in sums[0].args]


def _sets_apart(factor: Expr) -> bool:
    """Whether a factor is a reader's reason to group terms: a division, or a condition."""
    if isinstance(factor, Piecewise):
        return True
    divides = isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp.is_negative
    return divides and not all(s.is_integer for s in factor.free_symbols)


def opaque(expression: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """The expression with everything but sums, products and powers hidden, and the way back."""
    hidden: dict[Expr, Expr] = {}

    def walk(node: Expr) -> Expr:
        if node.is_Number or isinstance(node, Symbol):
            return node
        if isinstance(node, Add | Mul) or (isinstance(node, Pow) and node.exp.is_Integer):
            return node.func(*map(walk, node.args))
        return hidden.setdefault(node, Dummy(f"h{len(hidden)}", real=True))

    opened = walk(expression)
    return opened, {dummy: node for node, dummy in hidden.items()}


def upright(expression: Expr, goes_second: Claim = lambda _: False) -> Expr:
    """The expression with each factor the right way up: 1 - a and not a - 1, ŷ - y and not y - ŷ.

    >>> from sympy.abc import a
    >>> upright(-a * (a - 1))
    a*(1 - a)
    """
    if isinstance(expression, Add):
        return Add(*(_added(term, goes_second) for term in expression.args))
    if not isinstance(expression, Mul):
        return expression
    coefficient, factors = expression.as_coeff_mul()
    turned = []
    for f in factors:
        base, exponent = f.as_base_exp()
        if exponent.is_odd and is_upside_down(base, goes_second):
            coefficient, f = -coefficient, (-base) ** exponent
        turned.append(f)
    if coefficient < 0:
        coefficient, turned = _without_minus(coefficient, turned)
    return Mul(coefficient, *turned)


def _added(term: Expr, goes_second: Claim) -> Expr:
    """The term of a sum, added rather than subtracted: b + c(x - w) for b - c(w - x)."""
    coefficient, factors = term.as_coeff_mul()
    if coefficient > 0 or any(map(goes_second, factors)):
        return term
    coefficient, factors = _without_minus(coefficient, list(factors))
    return Mul(coefficient, *factors)


def _without_minus(coefficient: Expr, factors: list[Expr]) -> tuple[Expr, list[Expr]]:
    """The product with its sign taken into a difference, first into one without a number."""
    differences = [
        k
        for k, f in enumerate(factors)
        if isinstance(f, Add) and any(t.could_extract_minus_sign() for t in f.args)
    ]
    if not differences:
        return coefficient, factors
    k = min(differences, key=lambda k: factors[k].as_coeff_add()[0] != 0)
    return -coefficient, [*factors[:k], -factors[k], *factors[k + 1 :]]


def is_upside_down(expression: Expr, goes_second: Claim) -> bool:
    """Whether a sum would read better with its sign turned."""
    if not isinstance(expression, Add):
        return False
    constant, terms = expression.as_coeff_add()
    if constant != 0 and not all(t.is_integer for t in terms):
        return bool(constant < 0)
    negative = {t for t in terms if t.could_extract_minus_sign()}
    seconds = set(filter(goes_second, terms))
    if seconds and negative:
        return not seconds & negative
    return len(negative) == len(terms)
