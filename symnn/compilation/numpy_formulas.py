"""Formulas as NumPy code, entry by entry: terms in a reader's order, choices, functions."""

import keyword
from collections.abc import Collection, Sequence
from functools import reduce

import mpmath
from sympy import Add, And, Expr, Mul, Or, Pow, Rational, Symbol, erfc
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.precedence import PRECEDENCE

from symnn.array_nodes import ALL, Range, Taken
from symnn.cases import Piecewise
from symnn.compilation.quotients import (
    Ratio,
    divided_by,
    ratios,
    with_guard_outside,
    with_powers_outside,
)
from symnn.functions import Elementwise
from symnn.gammas import GammaFunction
from symnn.reading import Order, above_and_below, is_typed

# Names that the code itself uses, which a quantity of the same name must not hide.
RESERVED = frozenset(
    {*keyword.kwlist, "np", "math", "float", "abs", "parameters", "dtype", "lgamma", "polygamma"}
)


class FormulaPrinter(NumPyPrinter):
    """SymPy's NumPy printer with `np.`, and with terms in a reader's order.

    >>> from sympy.abc import a
    >>> FormulaPrinter(Order({})).doprint(-a * 2 + 1)
    '1 - 2 * a'
    """

    def __init__(self, order: Order, integers: Collection[str] = ()) -> None:
        super().__init__({"fully_qualified_modules": True, "user_functions": {}})
        self._reading = order
        self._integers = integers
        self._is_guarded = False
        # Whether whole numbers stay such: in a place and in a condition, but not in a formula.
        self._is_counting = False

    def _module_format(self, fqn: str, register: bool = True) -> str:
        return super()._module_format(fqn, register).replace("numpy.", "np.")

    def _print_Symbol(self, expr: Symbol) -> str:
        is_number = str(expr) in self._integers and not self._is_counting
        return f"{safe(str(expr))}.astype(dtype)" if is_number else safe(str(expr))

    def _counted(self, expr: Expr) -> str:
        """The text of a place or a condition."""
        outside, self._is_counting = self._is_counting, True
        text = str(self._print(expr))
        self._is_counting = outside
        return text

    def _print_Add(self, expr: Add, order: str | None = None) -> str:
        del order
        first, *rest = self._reading.terms(expr)
        return self._print(first) + "".join(self._signed(t) for t in rest)

    def _signed(self, term: Expr) -> str:
        negative = term.could_extract_minus_sign()
        level = PRECEDENCE["Add"] + negative
        return f" {'-' if negative else '+'} {self._inside(-term if negative else term, level)}"

    def _print_Mul(self, expr: Mul) -> str:
        if expr.could_extract_minus_sign():
            return f"-{self._inside(-expr, PRECEDENCE['Mul'])}"
        whole = with_guard_outside(expr)
        if whole is not expr:
            return str(self._print(whole))
        above, below = above_and_below(with_powers_outside(expr))
        powers = divided_by(above, below)
        if powers:
            return self._ratios(above, powers, [f for f in below if f not in powers])
        top = self._product(above) or "1"
        bottom = self._product(below)
        if len(below) > 1:
            bottom = f"({bottom})"
        return f"{top} / {bottom}" if below else top

    def _ratios(self, above: Sequence[Expr], powers: Sequence[Expr], rest: Sequence[Expr]) -> str:
        """The quotient, with no power below its line."""
        ordered = self._reading.factors(f for f in above if not f.is_number)
        found, left = ratios(ordered, powers)
        numbers = [self._product([f for f in above if f.is_number])]
        text = " * ".join(filter(None, [*numbers, *map(self._ratio, found)]))
        if len(found) == 1 and text.startswith("(") and text.endswith(")"):
            text = text[1:-1]
        return " / ".join([text, *(self._inside(f, PRECEDENCE["Mul"] + 1) for f in [*left, *rest])])

    def _ratio(self, ratio: Ratio) -> str:
        if ratio.bottom is None:
            return self._inside(ratio.top**ratio.power, PRECEDENCE["Mul"])
        top = self._inside(ratio.top, PRECEDENCE["Mul"])
        text = f"({top} / {self._inside(ratio.bottom, PRECEDENCE['Mul'] + 1)})"
        return text if ratio.power == 1 else f"{text}**{ratio.power}"

    def _product(self, factors: Sequence[Expr]) -> str:
        ordered = self._reading.factors(factors)
        return " * ".join(self._inside(f, PRECEDENCE["Mul"]) for f in ordered)

    def _print_Pow(self, expr: Pow, rational: bool = False) -> str:
        del rational
        if expr.exp.is_negative:
            return f"1 / {self._inside(1 / expr, PRECEDENCE['Mul'] + 1)}"
        # Not np.sqrt: of a number that is a float64 scalar, which turns float32 into float64.
        # 1/p is a power to SymPy, and prints as a quotient.
        power = "0.5" if expr.exp == Rational(1, 2) else self._inside(expr.exp, PRECEDENCE["Atom"])
        return f"{self._inside(expr.base, PRECEDENCE['Pow'] + 1)}**{power}"

    # 1/0, the other branch of 1/max(u, 0): no number.
    def _print_ComplexInfinity(self, expr: Expr) -> str:
        del expr
        return "np.nan"

    def _print_Relational(self, expr: Expr) -> str:
        outside, self._is_counting = self._is_counting, True
        left, right = (self._inside(a, PRECEDENCE["Add"]) for a in expr.args)
        self._is_counting = outside
        return f"{left} {expr.rel_op} {right}"

    def _inside(self, expr: Expr, level: int) -> str:
        """The text of a part, in brackets where it binds less than `level`."""
        return str(self.parenthesize(expr, level, strict=True))

    def _print_Piecewise(self, expr: Piecewise) -> str:
        """`np.where`; both of its values are computed, so an index in them may lie outside."""
        outside, self._is_guarded = self._is_guarded, True
        text = self._where(expr)
        self._is_guarded = outside
        return text

    def _where(self, expr: Piecewise) -> str:
        """`np.where`; a condition alone where the branches are 1 and 0."""
        (value, condition), *rest = expr.args
        if condition == True:  # noqa: E712  (SymPy's true)
            return str(self._print(value))
        if expr.args[0][0] == 1 and rest == [(0, True)]:
            if not _has_arrays(condition):
                return f"float({self._print(condition)})"
            return f"({self._print(condition)}).astype({self._like(condition)})"
        other = self._print(Piecewise(*rest, evaluate=False)) if rest else "np.nan"
        if not _has_arrays(condition) and all(map(_is_entry, (v for v, _ in expr.args))):
            # Python's own choice: an entry that is not taken may lie outside of its array.
            return f"({self._print(value)} if {self._print(condition)} else {other})"
        text = f"np.where({self._print(condition)}, {self._print(value)}, {other})"
        if any(v.free_symbols for v, _ in expr.args):
            return text
        # np.where of two plain numbers is float64, whatever the arrays are.
        return f"{text}.astype({self._like(condition)})"

    def _like(self, condition: Expr) -> str:
        """The dtype of an array in the condition; that of the parameters where there is none."""
        symbols = condition.free_symbols - {ALL}
        arrays = [s for s in symbols if not (s.is_integer or str(s) in self._integers)]
        return f"{self._print(min(arrays, key=str))}.dtype" if arrays else "dtype"

    def _print_Max(self, expr: Expr) -> str:
        return reduce(lambda a, b: f"np.maximum({a}, {b})", map(self._print, _numbers_last(expr)))

    def _print_Min(self, expr: Expr) -> str:
        return reduce(lambda a, b: f"np.minimum({a}, {b})", map(self._print, _numbers_last(expr)))

    # Not logical_and.reduce or logical_or.reduce: the shapes of the conditions may differ.
    def _print_And(self, expr: And) -> str:
        return self._joined(" & ", expr)

    def _print_Or(self, expr: Or) -> str:
        return self._joined(" | ", expr)

    def _joined(self, sign: str, expr: And | Or) -> str:
        return sign.join(f"({self._print(c)})" for c in sorted(expr.args, key=str))

    def _print_Rational(self, expr: Rational) -> str:
        is_whole = expr.is_Integer or not is_typed(expr)
        return str(super()._print_Rational(expr)) if is_whole else repr(float(expr))

    def _print_log(self, expr: Expr) -> str:
        return repr(float(expr)) if expr.is_number else f"np.log({self._print(expr.args[0])})"

    def _print_exp(self, expr: Expr) -> str:
        return repr(float(expr)) if expr.is_number else f"np.exp({self._print(expr.args[0])})"

    def _print_Function(self, expr: Expr) -> str:
        if isinstance(expr, Elementwise):
            if expr.is_number:
                return f"({self._print(expr.expanded())})"
            return f"{type(expr).__name__}({self._print(expr.args[0])})"
        if isinstance(expr, GammaFunction):
            return self._gamma(expr)
        # Of a number: a Python float, since np.log(2) is a float64 scalar and would widen float32.
        if expr.is_number:
            return repr(float(expr))
        return str(super()._print_Function(expr))

    def _print_UpperTail(self, expr: Expr) -> str:
        (v,) = expr.args
        return repr(float(erfc(v))) if v.is_number else f"erfc({self._print(v)})"

    _print_erfc = _print_UpperTail

    def _print_erf(self, expr: Expr) -> str:
        return repr(float(expr)) if expr.is_number else f"erf({self._print(expr.args[0])})"

    def _gamma(self, expr: GammaFunction) -> str:
        (v,) = expr.args
        if v.is_number:
            return repr(float(expr.number(mpmath.mpmathify(v.evalf(25)))))
        order = f"{expr.order - 1}, " if expr.order else ""
        return f"{'polygamma' if expr.order else 'lgamma'}({order}{self._print(v)})"

    def _print_ScaledTail(self, expr: Expr) -> str:
        return f"erfcx({self._print(expr.args[0])})"

    def _print_Log1pRatio(self, expr: Expr) -> str:
        return f"log1p_ratio({self._print(expr.args[0])})"

    def _print_Times(self, expr: Expr) -> str:
        return f"times({', '.join(map(self._print, expr.args))})"

    def _print_Capped(self, expr: Expr) -> str:
        return f"capped({self._print(expr.args[0])})"


def _numbers_last(choice: Expr) -> list[Expr]:
    return sorted(choice.args, key=lambda a: (bool(a.is_number), str(a)))


def _is_entry(value: Expr) -> bool:
    """Whether it is one entry of an array at places that are numbers, and no part of one."""
    is_number = all(s.is_integer for p in value.args[1:] for s in p.free_symbols)
    return isinstance(value, Taken) and ALL not in value.args and is_number


def _has_arrays(condition: Expr) -> bool:
    """Whether the condition is one for each entry, and not one number."""
    return condition.has(Range) or any(not s.is_integer for s in condition.free_symbols)


def safe(name: str) -> str:
    """The name of a quantity in code: its own, unless the code needs that for itself."""
    return f"{name}_" if name in RESERVED else name
