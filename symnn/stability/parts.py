"""The parts of an expression over whole arrays that are functions of one argument.

Where such a part would lose digits as it stands, it becomes a named function, whose stable form is
what is computed.
"""

from collections.abc import Collection, Iterable
from itertools import count

from sympy import Abs, Add, Dummy, Expr, Function, Max, Min, Mul, Pow, Symbol, exp, log, sign
from sympy.codegen.cfunctions import log1p
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from symnn.array_nodes import ArrayNode, Expanded
from symnn.cases import Piecewise
from symnn.functions import Elementwise, U, elementwise
from symnn.gammas import GammaFunction
from symnn.stability.forms import is_safe, stable
from symnn.stability.identities import with_power_less_one
from symnn.stability.rounding import TOLERABLE, loss_of

# What chooses among numbers, but makes none.
CHOICES = (Piecewise, Abs, Max, Min, sign)


def with_stable_functions(
    expression: Expr, names: dict[Expr, str], taken: Collection[str] = ()
) -> Expr:
    """An expression over whole arrays with named functions for the parts that would lose digits.

    Each is a function of one argument alone; its formula is then rewritten by `stable`. `names` has
    the name of each formula, and grows; no name is one of those that are `taken`.
    """
    return _Parts(names, taken).replaced(expression)


class _Parts:
    def __init__(self, names: dict[Expr, str], taken: Collection[str]) -> None:
        self._names, self._taken = names, taken

    def replaced(self, expression: Expr) -> Expr:
        """The expression with its largest parts of one argument as named functions."""
        if not has_pieces(expression):
            return expression
        # A branch with its condition, and a condition, are no numbers: what is in them is.
        argument = argument_of(expression) if isinstance(expression, Expr) else None
        # ln Γ(1 + u) has few digits next to u = 0, and no other form: to look for one takes long.
        if argument is not None and not expression.has(GammaFunction):
            formula = formula_in(expression, argument)
            if is_named(formula):
                return rebuilt(expression, map(self.replaced, expression.args))
            return self._of_one(formula).xreplace({U: self.replaced(argument)})
        if isinstance(expression, log):
            expression = _of_one_and(expression)
        if isinstance(expression, Mul):
            expression = _of_equal_axes(expression)
        if isinstance(expression, Add):
            expression = with_factor_outside(expression)
        if isinstance(expression, Add):
            groups = by_argument(expression)
            if len(groups) > 1:
                return Add(*(self.replaced(g) for g in groups))
        if isinstance(expression, Mul):
            groups = grouped(expression)
            if len(groups) > 1:
                return Mul(*(self.replaced(g) for g in groups))
        found = rebuilt(expression, map(self.replaced, expression.args))
        return with_power_less_one(found) if isinstance(found, Add) else found

    def _of_one(self, formula: Expr) -> Expr:
        """A formula of `U` as it is or as a named function; as several, where one loses digits."""
        lost = stable(formula).loss()
        for inner in _inner(formula) if lost > TOLERABLE else ():
            found = self._apart(formula, inner)
            if loss_of(found) <= TOLERABLE:
                return found
        return formula if is_safe(formula) else self._named(formula)(U)

    def _apart(self, formula: Expr, inner: Expr) -> Expr:
        """The factors that are functions of an inner formula alone, as such, and the others."""
        own = {f: f.xreplace({inner: _V}) for f in Mul.make_args(formula)}
        outer = Mul(*(g.xreplace({_V: U}) for g in own.values() if g.free_symbols == {_V}))
        rest = Mul(*(f for f, g in own.items() if g.free_symbols != {_V}))
        function = outer if is_safe(outer) or is_named(outer) else self._named(outer)(U)
        return function.xreplace({U: self.replaced(inner)}) * self.replaced(rest)

    def _named(self, formula: Expr) -> type[Elementwise]:
        if formula not in self._names:
            busy = {*self._taken, *self._names.values()}
            self._names[formula] = next(f"f{k}" for k in count(1) if f"f{k}" not in busy)
        return elementwise(self._names[formula], formula)


# What stands for an inner formula while the outer one is looked at.
_V = Symbol("v", real=True)
# A quantity that a user has called u.
_OWN_U = Dummy("u", real=True)


def _inner(formula: Expr) -> list[Expr]:
    """The formulas of `U` of which factors of a formula are functions, the longest first."""
    found = {a for part in formula.atoms(Function, Pow) if _is_piece(part) for a in part.args}
    inner = [a for a in found if a.has(U) and has_pieces(a)]
    whole = [a for a in inner if any(_is_of(f, a) for f in Mul.make_args(formula))]
    return sorted(whole, key=lambda a: (-a.count_ops(), str(a)))


def _is_of(factor: Expr, inner: Expr) -> bool:
    return bool(factor.xreplace({inner: _V}).free_symbols == {_V})


def rebuilt(expression: Expr, arguments: Iterable[Expr]) -> Expr:
    """The expression with other arguments; branches stay as they are."""
    if isinstance(expression, Piecewise):
        return Piecewise(*arguments, evaluate=False)
    if isinstance(expression, Relational | Boolean):
        return expression.func(*arguments, evaluate=False)
    return expression.func(*arguments)


def has_pieces(expression: Expr) -> bool:
    """Whether there is a function in it, or a root: what else there is loses nothing by itself."""
    return any(_is_piece(e) for e in expression.atoms(Function, Pow))


def _is_piece(node: Expr) -> bool:
    if isinstance(node, Pow):
        return not node.exp.is_Integer
    return not isinstance(node, CHOICES)


def is_named(formula: Expr) -> bool:
    """Whether the formula is one function of u, and nothing else: it is computed by its name."""
    return isinstance(formula, Function) and formula.args == (U,)


def argument_of(part: Expr) -> Expr | None:
    """The one v for which the part is a function of v alone; None without one."""
    pieces = [e for e in part.atoms(Function, Pow) if _is_piece(e)]
    inside = {f.args[0] for f in pieces if not has_pieces(f.args[0])}
    if len(inside) == 0:
        return None
    symbols = [s for s in part.free_symbols if not s.is_integer]
    candidates = symbols if len(symbols) == 1 else []
    candidates += [_core(v) for v in inside] + [without_factor(v) for v in inside]
    # 1 - exp(-a·exp(b)): of a·exp(b), which has a function in it itself.
    larger = {f.args[0] for f in pieces if isinstance(f, exp | log | Elementwise)} - inside
    candidates += sorted(map(without_factor, larger), key=lambda v: (v.count_ops(), str(v)))
    for v in dict.fromkeys(candidates):
        if v.free_symbols and _is_formula(formula_in(part, v)):
            return v
    return None


def _core(expression: Expr) -> Expr:
    """What an expression is made of: v for 3v² + 1."""
    bare = without_factor(expression.as_coeff_Add()[1])
    if isinstance(bare, Pow) and bare.exp.is_number:
        return _core(bare.base)
    return bare if bare == expression else _core(bare)


def _is_formula(expression: Expr) -> bool:
    # A sum over an axis or a product of matrices is no function of one entry.
    return expression.free_symbols == {U} and not expression.has(ArrayNode)


def formula_in(part: Expr, argument: Expr) -> Expr:
    """The part as a formula in U; a quantity that is called so itself is told apart from it."""
    multiples = (m for m in part.atoms(Mul) if without_factor(m) == argument)
    values = {m: m / argument * U for m in multiples}
    return part.xreplace({U: _OWN_U, **values, argument: U, -argument: -U})


def without_factor(expression: Expr) -> Expr:
    """The expression without a number before it: v for -v, for 2v and for v/√2."""
    symbols = expression.free_symbols
    return expression.as_independent(*symbols, as_Add=False)[1] if symbols else expression


def with_factor_outside(terms: Add) -> Expr:
    """g·(f(v) + h(v)) for g·f(v) + g·h(v): what is left may be a function of v alone."""
    factors = [Mul.make_args(term) for term in terms.args]
    shared = [f for f in factors[0] if not f.is_number and all(f in fs for fs in factors)]
    rest = Add(*(Mul(*(f for f in fs if f not in shared)) for fs in factors))
    is_function = bool(shared) and has_pieces(rest) and argument_of(rest) is not None
    return Mul(*shared, rest) if is_function else terms


def _of_one_and(logarithm: Expr) -> Expr:
    """log1p(v) for log(1 + v)."""
    one, rest = logarithm.args[0].as_coeff_Add()
    return log1p(rest) if one == 1 and rest != 0 else logarithm


def _of_equal_axes(product: Mul) -> Expr:
    """The product, with factors that are spread over the same axes multiplied before they are."""
    spread: dict[Expr, list[Expr]] = {}
    for factor in product.args:
        if isinstance(factor, Expanded):
            spread.setdefault(factor.args[1], []).append(factor.args[0])
    if all(len(arrays) == 1 for arrays in spread.values()):
        return product
    rest = [f for f in product.args if not isinstance(f, Expanded)]
    return Mul(*rest, *(Expanded(Mul(*arrays), flags) for flags, arrays in spread.items()))


def grouped(product: Mul) -> list[Expr]:
    """The factors by the argument on which they depend; what depends on several stands alone."""
    groups: dict[Expr | None, list[Expr]] = {}
    alone = []
    for factor in product.args:
        v = _depends_on(factor)
        if v is None:
            alone.append(factor)
        else:
            groups.setdefault(v, []).append(factor)
    return [*alone, *(Mul(*g) for g in groups.values())]


def by_argument(terms: Add) -> list[Expr]:
    """The sum in parts, each of those of one argument that cancel: 1 + v - exp v beside w²."""
    constant, rest = terms.as_coeff_Add()
    groups: dict[Expr | None, list[Expr]] = {}
    for term in Add.make_args(rest):
        groups.setdefault(_depends_on(term), []).append(term)
    found = groups.pop(None, [])
    parts = []
    for v, group in groups.items():
        whole = next((s for s in (constant + Add(*group), Add(*group)) if _cancels(s, v)), None)
        if whole is None:
            found += group
            continue
        constant -= whole.as_coeff_Add()[0]
        parts.append(whole)
    return [*parts, Add(constant, *found)] if parts else [terms]


def _cancels(terms: Expr, argument: Expr | None) -> bool:
    """Whether a sum of functions of an argument loses digits that it need not lose."""
    is_sum = isinstance(terms, Add) and argument is not None and has_pieces(terms)
    if not is_sum or terms.has(GammaFunction):
        return False
    formula = formula_in(terms, argument)
    is_one = _is_formula(formula) and loss_of(formula) > TOLERABLE
    return is_one and bool(stable(formula).loss() <= TOLERABLE)


def _depends_on(factor: Expr) -> Expr | None:
    v = argument_of(factor)
    if v is None and len(factor.free_symbols) == 1 and not factor.has(ArrayNode):
        (v,) = factor.free_symbols
    return v if v is None or not isinstance(v, Symbol) or not v.is_integer else None
