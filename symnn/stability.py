"""Formulas rewritten so that they can be computed: right at ±1000, without a warning.

Exactness is not at stake: every rewriting here is an identity. exp(u) is never taken of a large
positive number: with T = exp(-|u|), which lies between 0 and 1, a formula in exp(u) is written once
for u > 0 and once for u ≤ 0, each in powers of T.
"""

from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    Integer,
    Mul,
    Piecewise,
    Poly,
    Pow,
    Rational,
    Sum,
    Symbol,
    cancel,
    cosh,
    coth,
    csch,
    erfc,
    exp,
    fraction,
    log,
    sech,
    sinh,
    together,
)
from sympy.codegen.cfunctions import expm1, log1p

from symnn.array_nodes import ArrayNode
from symnn.equations import Equation, System, all_entries, entry_indices, entry_name
from symnn.folding import opaque
from symnn.functions import Elementwise, U, elementwise

T = Symbol("e", positive=True)
_POSITIVE, _NEGATIVE = Integer(1), Integer(-1)


def stable(formula: Expr) -> tuple[Expr, Expr | None]:
    """The formula of `U` in a form that can be computed, and what `T` stands for in it.

    >>> stable(1 / (1 + exp(-U)))
    (Piecewise((1/(e + 1), u > 0), (e/(e + 1), True)), exp(-Abs(u)))
    """
    formula = formula.rewrite([cosh, sinh, sech, csch, coth], exp)
    formula = formula.replace(erfc, UpperTail).replace(Add, _without_cancellation)
    unit = _unit(formula)
    if unit is None:
        return formula, None
    above, below = (_one_sided(formula, unit, sign) for sign in (_POSITIVE, _NEGATIVE))
    if above == below:
        return above, exp(-unit * Abs(U))
    return Piecewise((above, U > 0), (below, True)), exp(-unit * Abs(U))


class UpperTail(Function):
    """erfc, which SymPy would turn from erfc(-v) into 2 - erfc(v): that loses every digit."""

    nargs = 1
    is_real = True


def _without_cancellation(*terms: Expr) -> Expr:
    """The sum with 2c - c·erfc(v) as c·erfc(-v)."""
    constant, rest = Add(*terms).as_coeff_Add()
    coefficient, tail = rest.as_coeff_Mul()
    if isinstance(tail, UpperTail) and constant == -2 * coefficient:
        return -coefficient * UpperTail(-tail.args[0])
    return Add(*terms)


def _unit(formula: Expr) -> Rational | None:
    """The c for which every exp in the formula is a power of exp(c·u); None without any."""
    slopes = [e.args[0].diff(U) for e in formula.atoms(exp)]
    linear = [abs(s) for s in slopes if s.is_Rational and s != 0]
    if not linear:
        return None
    unit = linear[0]
    for slope in linear[1:]:
        unit = unit.gcd(slope)
    return unit


def _one_sided(formula: Expr, unit: Rational, sign: Integer) -> Expr:
    """The formula for u > 0 (sign 1) or u ≤ 0 (sign -1), in T = exp(-unit·|u|)."""
    powers = {
        e: T ** (-sign * e.args[0].diff(U) / unit) * exp(e.args[0].subs(U, 0))
        for e in formula.atoms(exp)
        if e.args[0].diff(U).is_Rational
    }
    sided = formula.xreplace(powers).replace(Piecewise, lambda *b: _branch(b, sign))
    logs = sided.replace(log, lambda inside: _log(inside, unit, sign))
    return _accurate(_without_negative_powers(logs), unit)


def _branch(branches: tuple[tuple[Expr, Expr], ...], sign: Integer) -> Expr:
    """The branch that holds on this side of 0; all of them where another condition decides."""
    value, condition = branches[0]
    if condition in (U > 0, U < 0, U >= 0, U <= 0):
        if bool(condition.subs(U, sign)):
            return value
        return branches[1][0] if len(branches) == 2 else Piecewise(*branches[1:])
    return Piecewise(*branches)


def _log(inside: Expr, unit: Rational, sign: Integer) -> Expr:
    """log of a ratio of polynomials in T, with its powers of T taken out: no overflow, no log 0."""
    top, bottom = fraction(together(inside))
    if not (inside.has(T) and top.is_polynomial(T) and bottom.is_polynomial(T)):
        return log(inside)
    (low_top, top), (low_bottom, bottom) = (_lowest_power_out(p) for p in (top, bottom))
    return -(low_top - low_bottom) * unit * sign * U + _log_of(top) - _log_of(bottom)


def _lowest_power_out(polynomial: Expr) -> tuple[int, Expr]:
    """The polynomial in T as T^k times one that is not 0 at T = 0."""
    low = min(monomial[0] for monomial in Poly(polynomial, T).monoms())
    return low, cancel(polynomial / T**low)


def _log_of(polynomial: Expr) -> Expr:
    constant = polynomial.subs(T, 0)
    return log1p(polynomial - 1) if constant == 1 and polynomial != 1 else log(polynomial)


def _without_negative_powers(expression: Expr) -> Expr:
    if not expression.has(T):
        return expression
    opened, hidden = opaque(expression)
    return cancel(opened).xreplace(hidden)


def _accurate(expression: Expr, unit: Rational) -> Expr:
    """T - 1 as expm1, which keeps its digits where T is nearly 1."""
    return expm1(-unit * Abs(U)) if expression == T - 1 else expression


_GROWING = (exp, cosh, sinh, sech, csch, coth)


def with_stable_functions(expression: Expr, names: dict[Expr, str]) -> Expr:
    """An expression over whole arrays with what could overflow made into functions that cannot.

    Each part that grows like exp, and depends on one argument alone, becomes a named function;
    its formula is then rewritten by `stable`. `names` has the name of each formula, and grows.
    """
    parts: dict[Expr, None] = {}
    _find_growing(expression, parts)
    named = {}
    for part in parts:
        (argument,) = filter(None, [_argument(part)])
        formula = part.xreplace({argument: U, -argument: -U})
        if _can_be_tamed(formula):
            name = names.setdefault(formula, f"f{len(names) + 1}")
            named[part] = elementwise(name, formula)(argument)
    return _replaced(expression, named)


def _can_be_tamed(formula: Expr) -> bool:
    """Whether the stable form is another one, and never divides by a T that may come out as 0."""
    form, meaning = stable(formula)
    divides = any(p.base == T and p.exp.is_negative for p in form.atoms(Pow))
    return meaning is not None and not divides


def _find_growing(expression: Expr, parts: dict[Expr, None]) -> None:
    """Collect the largest parts that depend on one argument of growing functions alone."""
    if not expression.has(*_GROWING):
        return
    for part in _groups(expression):
        if _argument(part) is not None:
            parts[part] = None
        elif part is expression:
            for argument in part.args:
                _find_growing(argument, parts)
        else:
            _find_growing(part, parts)


def _groups(expression: Expr) -> list[Expr]:
    """The expression; of a product, its factors by the argument on which they depend."""
    if not isinstance(expression, Mul) or _argument(expression) is not None:
        return [expression]
    groups: dict[Expr | None, list[Expr]] = {}
    for factor in expression.args:
        groups.setdefault(_argument(factor), []).append(factor)
    others = groups.pop(None, [])
    return [*(Mul(*g) for g in groups.values()), *(f for f in others if f.has(*_GROWING))]


def _argument(part: Expr) -> Expr | None:
    """The one v for which the part is a function of v that grows like exp; None without one."""
    inside = {_without_sign(f.args[0]) for f in part.atoms(*_GROWING)}
    # A sum over an axis or a product of matrices is no function of one entry.
    if len(inside) != 1 or part.has(ArrayNode):
        return None
    (v,) = inside
    rest = part.xreplace({v: U, -v: -U})
    return v if v.free_symbols and rest.free_symbols == {U} else None


def _without_sign(expression: Expr) -> Expr:
    """The expression without a number before it: v for -v and for 2v."""
    return expression.as_coeff_Mul()[1] if isinstance(expression, Mul) else expression


def _replaced(expression: Expr, named: dict[Expr, Expr]) -> Expr:
    """The expression with the parts replaced, products of several factors among them."""
    if expression in named:
        return named[expression]
    if not expression.args or not expression.has(*_GROWING):
        return expression
    groups = _groups(expression)
    if groups != [expression]:
        # Not expression / Mul(*groups): SymPy gives 1/Piecewise a branch of 1/0.
        plain = (f for f in expression.args if _argument(f) is None and not f.has(*_GROWING))
        return Mul(*plain, *(_replaced(g, named) for g in groups))
    return expression.func(*(_replaced(a, named) for a in expression.args))


def with_stable_logs(equation: Equation, system: System) -> Equation:
    """The equation with the logarithm of an activation computed from what goes into it.

    log(ŷ) of a ŷ that has come out as 0 is lost; log σ(z) is not.
    """
    outputs = {e.quantity.name: e for e in system.equations}

    def rewritten(node: Expr) -> Expr:
        inside = node.args[0]
        names = set(all_entries(inside))
        if len(names) != 1 or inside.has(Sum):
            return node
        (name,) = names
        of_one = inside.xreplace({name: U})
        is_plain = of_one.free_symbols == {U} and of_one.is_rational_function(U)
        if entry_name(name) not in outputs or not is_plain:
            return node
        definition = outputs[entry_name(name)].instance(*entry_indices(name))
        return _log_of_activation(inside, name, definition)

    logs = {node: rewritten(node) for node in equation.expression.atoms(log)}
    return Equation(equation.quantity, equation.indices, equation.expression.xreplace(logs))


def _log_of_activation(inside: Expr, name: Expr, definition: Expr) -> Expr:
    if isinstance(definition, Elementwise):
        function = type(definition)
        formula = log(inside.xreplace({name: definition.formula}))
        named = elementwise(_log_name(inside, name, function.__name__), formula)
        return named(definition.args[0])
    if inside == name and _is_positive_product(definition):
        return _log_of_product(definition)
    return log(inside)


def _log_name(inside: Expr, name: Expr, function: str) -> str:
    """A name for log of this, which no other has: log_sigmoid, log_of_sigmoid_plus_2."""
    words = {name: f"log_{function}", 1 - name: f"log_one_minus_{function}"}
    text = str(inside.xreplace({name: Symbol(function)}))
    return words.get(inside, "log_of_" + "".join(_AS_WORDS.get(sign, sign) for sign in text))


_AS_WORDS = {
    " ": "_",
    "(": "_",
    ")": "_",
    ".": "_",
    ",": "_",
    "+": "plus",
    "-": "minus",
    "*": "_times_",
    "/": "_over_",
}


def _is_positive_product(expression: Expr) -> bool:
    return all(
        isinstance(f, exp) or (isinstance(f, Pow) and isinstance(f.base, Sum))
        for f in Mul.make_args(expression)
    )


def _log_of_product(expression: Expr) -> Expr:
    """log(exp(a)/S) = a - log(S), for factors that are all positive."""
    terms = (
        f.args[0] if isinstance(f, exp) else f.exp * log(f.base) for f in Mul.make_args(expression)
    )
    return sum(terms, start=Integer(0))
