"""The order in which a reader expects terms and factors: `w·x + b`, `ŷ - y`, `1 - a²`, `a(1 - a)`.

SymPy keeps sums and products in an order of its own; the printers for people and for code alike
take theirs from here.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sympy import (
    Add,
    Expr,
    Function,
    Indexed,
    Integer,
    Number,
    NumberSymbol,
    Pow,
    Sum,
    Symbol,
    exp,
    factorint,
    log,
)

from symnn.array_nodes import MatrixProduct, Transposed
from symnn.equations import Partial, Prime, Role, System
from symnn.folding import is_upside_down

MOST_OF_A_FRACTION = 1000
_SCALAR = re.compile(r"(?P<name>.*?)(?P<places>(?:_\d+)*)")


@dataclass(frozen=True)
class Order:
    """How a reader orders expressions in the quantities of one system."""

    roles: Mapping[str, Role]

    def terms(self, expression: Add) -> list[Expr]:
        """The terms of a sum: positive ones first, numbers, products, single entries."""
        in_powers = _in_powers(expression)
        if in_powers:
            return in_powers
        is_whole = all(t.is_integer and not t.has(Indexed) for t in expression.args)
        return sorted(expression.args, key=_whole_key if is_whole else self._term_key)

    def factors(self, factors: Iterable[Expr]) -> list[Expr]:
        """The factors of a product: numbers, errors, weights, activations, inputs, logarithms."""
        return sorted(factors, key=self._factor_key)

    def upright(self, expression: Expr) -> Expr:
        """The expression or its negative: the one in which a target is subtracted."""
        return -expression if is_upside_down(expression, self._is_target) else expression

    def _term_key(self, term: Expr) -> tuple[object, ...]:
        negative = term.could_extract_minus_sign()
        upright = term.args[0] if isinstance(term, Transposed) else term
        single = isinstance(upright, Symbol | Indexed)
        # 1 - a², but σ² + 10⁻⁵: what is added to keep a root from 0 is said last.
        is_first = term.is_Number and not is_typed(term)
        # How far a model is off, and then a penalty on its weights.
        is_besides = not self._is_target(term)
        # xᵀ A x + bᵀ x, and A + Aᵀ.
        size = (-len(term.atoms(MatrixProduct)), term.count_ops(), natural(upright), natural(term))
        return (negative, not is_first, term.is_Number, single, is_besides, *size)

    def _is_target(self, term: Expr) -> bool:
        return any(self._role(e) is Role.TARGET for e in term.atoms(Symbol, Indexed))

    def _factor_key(self, factor: Expr) -> tuple[object, ...]:
        base = factor.base if isinstance(factor, Pow) else factor
        rank = next(k for k, claim in enumerate(_RANKS) if claim(base, self._role(base)))
        return (rank, natural(base))

    def _role(self, base: Expr) -> Role | None:
        if isinstance(base, Add):
            roles = {self.roles.get(entry_symbol(a, self.roles)[0]) for a in base.atoms(Symbol)}
            return Role.TARGET if Role.TARGET in roles else None
        if isinstance(base, Symbol | Indexed):
            return self.roles.get(entry_symbol(base, self.roles)[0])
        return None


def _in_powers(expression: Add) -> list[Expr]:
    """The terms of a polynomial in one entry, from its highest power; none of another sum.

    From its lowest where the highest is subtracted: w³ - 2w + 5, but 1 + 2w - w³.
    """
    by_power: dict[int, Expr] = {}
    bases = set()
    for term in expression.args:
        coefficient, rest = term.as_coeff_Mul()
        base, power = rest.as_base_exp()
        if is_typed(coefficient) or not (power.is_Integer and power > 0):
            return []
        if rest != 1:
            bases.add(base)
        by_power[int(power) if rest != 1 else 0] = term
    is_of_one = len(bases) == 1 and isinstance(next(iter(bases)), Symbol | Indexed)
    if not is_of_one or len(by_power.keys() - {0}) < 2:
        return []
    highest = by_power[max(by_power)]
    return [by_power[k] for k in sorted(by_power, reverse=not highest.could_extract_minus_sign())]


def is_typed(number: Expr) -> bool:
    """Whether a fraction reads better as someone typed it: 0.044715, 1e-5; not 1/2, nor 1/100."""
    if not number.is_Rational or number.q < MOST_OF_A_FRACTION or number.q % 10:
        return False
    return set(factorint(number.q)) <= {2, 5}


def above_and_below(expression: Expr) -> tuple[list[Expr], list[Expr]]:
    """The factors above and below the line: those with a negative number as exponent go below.

    Unlike SymPy's own, this leaves exp(-u) and every sum as they are.

    >>> from sympy.abc import a, b
    >>> above_and_below(2 * a / (3 * b))
    ([2, a], [3, b])
    """
    coefficient, factors = expression.as_coeff_mul()
    typed = is_typed(coefficient)
    top, bottom = (coefficient, Integer(1)) if typed else coefficient.as_numer_denom()
    lower = [f for f in factors if isinstance(f, Pow) and f.exp.is_Number and f.exp.is_negative]
    above = [f for f in (top, *factors) if f != 1 and f not in lower]
    below = [f for f in (bottom, *(1 / f for f in lower)) if f != 1]
    return above, below


def order_of(system: System) -> Order:
    """The order for a system; adjoints may be added to its quantities."""
    roles = {q.name: q.role for q in system.quantities.values()}
    adjoints = (q.named_adjoint for q in system.quantities.values())
    return Order(roles | {q.name: q.role for q in adjoints if q})


def entry_symbol(atom: Expr, names: Container[str] = ()) -> tuple[str, tuple[int, ...]]:
    """The quantity and the place of a scalar's symbol: `W2_0_1` is ("W2", (0, 1)).

    One of the `names`, as w_1, is a quantity as it stands.
    """
    whole, name, place = _in_parts(atom)
    return (whole, ()) if whole in names else (name, place)


@lru_cache(maxsize=4096)
def _in_parts(atom: Expr) -> tuple[str, str, tuple[int, ...]]:
    if isinstance(atom, Indexed):
        name = str(atom.base.label)
        return name, name, ()
    match = _SCALAR.fullmatch(str(atom))
    assert match is not None
    return str(atom), match["name"], tuple(int(p) for p in match["places"].split("_") if p)


# A page prints the same factors many times over, and SymPy writes each anew.
@lru_cache(maxsize=4096)
def natural(expression: Expr) -> tuple[tuple[bool, int, str], ...]:
    """A key that sorts as people do: w_2 before w_10."""
    parts = re.split(r"(\d+)", str(expression))
    return tuple((p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts)


def _whole_key(term: Expr) -> tuple[object, ...]:
    """Places and sizes: `t + 1`, `s + i - 1`, `T - 2`, numbers last."""
    return (term.is_Number, term.could_extract_minus_sign(), natural(term))


_RANKS: tuple[Callable[[Expr, Role | None], bool], ...] = (
    lambda e, _: (
        isinstance(e, Number | NumberSymbol) or (isinstance(e, Symbol) and e.is_integer is True)
    ),
    lambda e, _: isinstance(e, Partial) and not e.args[0].args,
    lambda e, role: isinstance(e, Add) and role is Role.TARGET,
    lambda e, _: isinstance(e, MatrixProduct | Sum),
    lambda _, role: role in (Role.ADJOINT, Role.TARGET),
    lambda _, role: role is Role.PARAMETER,
    lambda e, role: isinstance(e, Symbol | Indexed) and role is not Role.INPUT,
    lambda e, role: not isinstance(e, Function | Prime | Partial | Add) and role is not Role.INPUT,
    lambda e, _: isinstance(e, Function | Prime | Partial) and not isinstance(e, exp | log),
    lambda e, _: isinstance(e, Add),
    lambda e, _: isinstance(e, exp),
    lambda e, _: not isinstance(e, log),
    # n·ln p, for ln p·n reads as a logarithm of p·n.
    lambda _e, _role: True,
)
