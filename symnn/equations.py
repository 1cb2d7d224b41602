"""The vocabulary: indexed equations and what is made of them.

One equation stands for a whole layer, whatever its width:
`z1[n,j] = Sum(W1[j,i]*x[n,i], i) + b1[j]`, in SymPy's own `IndexedBase`, `Idx` and `Sum`. Here are
values alone: nothing here differentiates, prints or runs. Indices run from 0; an index carries the
size of its axis.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from sympy import (
    DiracDelta,
    Dummy,
    Expr,
    Idx,
    Indexed,
    IndexedBase,
    Integer,
    Lambda,
    Piecewise,
    Sum,
    Symbol,
    Tuple,
)
from sympy.core.sympify import _sympify

from symnn.display import Displayed
from symnn.errors import SymnnError
from symnn.reductions import BINDERS, Binder

SAMPLES = Symbol("N", integer=True, positive=True)


class Role(StrEnum):
    """What a quantity is in its system."""

    INPUT = "input"
    TARGET = "target"
    PARAMETER = "parameter"
    PREACTIVATION = "preactivation"
    ACTIVATION = "activation"
    INTERMEDIATE = "intermediate"
    LOSS = "loss"
    ADJOINT = "adjoint"
    GRADIENT = "gradient"


@dataclass(frozen=True)
class Quantity:
    """A named array (or, without axes, a number): its shape, its role, and how it is written.

    `name` is its name in code (`W1`); `symbol` and `layer` are its name in print (W, with 1 above);
    `letters` are the usual letters of its axes. A derivative says in `of` by what it is and, where
    that is not the loss, in `top` of what; its axes are those of `top` and then those of `of`.
    A quantity whose derivative has a name of its own (δ) gives it as `adjoint`. An input that
    others are looked up by is_integer.
    """

    name: str
    shape: tuple[Expr, ...]
    role: Role
    letters: tuple[str, ...]
    symbol: str
    layer: int | None = None
    of: str | None = None
    top: str | None = None
    adjoint: "Quantity | None" = None
    is_integer: bool = False

    @property
    def named_adjoint(self) -> "Quantity | None":
        """The quantity ∂L/∂q, where other equations refer to it by a name."""
        if self.role is not Role.INTERMEDIATE:
            return self.adjoint
        name = f"dL_d{self.name}"
        return replace(self, name=name, role=Role.ADJOINT, of=self.name)

    @property
    def indices(self) -> tuple[Idx, ...]:
        """One index for each axis, with the axis's usual letter."""
        return tuple(index(letter, s) for letter, s in zip(self.letters, self.shape, strict=True))

    def at(self, *indices: Expr) -> Expr:
        """The entry at these indices; a number has none, and is a plain symbol."""
        if not self.shape:
            return Symbol(self.name, real=True)
        return IndexedBase(self.name, real=True)[indices]


@dataclass(frozen=True)
class Equation(Displayed):
    """`quantity[indices] = expression`, for every value of the indices."""

    quantity: Quantity
    indices: tuple[Idx, ...]
    expression: Expr

    @property
    def left(self) -> Expr:
        """The left side."""
        return self.quantity.at(*self.indices)

    def instance(self, *indices: Expr) -> Expr:
        """The right side at other indices; bound ones are renamed first, so none is captured."""
        return freshen(self.expression).xreplace(dict(zip(self.indices, indices, strict=True)))


@dataclass(frozen=True, repr=False)
class System(Displayed):
    """Equations in the order in which they can be computed, and the quantities in them.

    `sums_to_one` names the quantities whose last axis is declared to sum to one: the only identity
    that a derivation may use beyond the calculus itself. `starts` are where recurrences begin: a
    whole number stands among the indices of the left side (`h[n,-1,j] = 0`). `notes` says what is
    doubtful in the text that the system was read from, a line each; `no_loss` says where a loss
    is missing in it: a system without one has Jacobians, and no gradients.
    """

    quantities: Mapping[str, Quantity]
    equations: tuple[Equation, ...]
    sums_to_one: tuple[str, ...] = ()
    starts: tuple[Equation, ...] = ()
    notes: tuple[str, ...] = ()
    no_loss: str = ""

    @staticmethod
    def parse(text: str) -> "System":
        """The system that a text in the equation language describes.

        Raises `EquationError`, with the place, where it cannot be read. Without a loss it has
        Jacobians, and to ask for a gradient raises that error.

        >>> System.parse("input x, y; parameter w; loss = (w*x - y)**2")
        System(loss)
        """
        # Here and not above: the parser stands on this vocabulary.
        from symnn.parsing import parse_system

        return parse_system(text, needs_loss=False)

    def __repr__(self) -> str:
        return f"System({', '.join(e.quantity.name for e in self.equations)})"

    def named(self, *roles: Role) -> tuple[Quantity, ...]:
        """The quantities with one of these roles, in the order of their declaration."""
        return tuple(q for q in self.quantities.values() if q.role in roles)

    @property
    def loss(self) -> Quantity:
        """The quantity that is differentiated; raises `SymnnError` where there is none."""
        found = self.named(Role.LOSS)
        if not found:
            raise SymnnError(self.no_loss or "the system has no loss")
        return found[0]

    def equation(self, name: str) -> Equation:
        """The equation that defines the quantity called `name`."""
        return next(e for e in self.equations if e.quantity.name == name)


def slope(expression: Expr, variable: Symbol) -> Expr:
    """The derivative by a variable; at a jump, which has none, 0 as beside it.

    >>> from sympy import sign
    >>> u = Symbol("u", real=True)
    >>> slope(u * sign(u), u)
    sign(u)
    """
    found = expression.diff(variable)
    return found.replace(DiracDelta, lambda *_: Integer(0)) if found.has(DiracDelta) else found


class Partial(Expr):
    """The partial derivative of one entry by another, not yet worked out: ∂L/∂z[n,j]."""

    is_commutative = True
    is_real = True

    def __new__(cls, top: Expr, bottom: Expr) -> "Partial":
        """`∂top/∂bottom`."""
        return Expr.__new__(cls, top, bottom)


class Prime(Expr):
    """The derivative of a function of one argument, at its argument, not yet worked out: tanh′(z).

    The function is kept as a `Lambda`, so that no rewriting of the argument can reach it.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, function: Lambda, argument: Expr) -> "Prime":
        """`function′(argument)`."""
        return Expr.__new__(cls, function, argument)

    def worked_out(self) -> Expr:
        """The derivative as SymPy gives it."""
        function, argument = self.args
        (variable,) = function.variables
        return slope(function.expr, variable).xreplace({variable: argument})


class Rule(StrEnum):
    """The rules that a derivation uses: a small closed set."""

    CHAIN = "chain rule"
    FUNCTION = "derivative of a function"
    CONTRACT = "contract δ"
    SUBSTITUTE = "substitute"
    OUTPUT = "write in terms of the output"
    COLLECT = "collect"


@dataclass(frozen=True)
class Step(Displayed):
    """One step of a derivation: `before` equals `after`, by `rule`.

    `because` is the reason in words, with the quantities that it names in braces.
    """

    target: str
    rule: Rule
    before: Expr
    after: Expr
    because: str = ""


@cache
def index(letter: str, size: Expr | int) -> Idx:
    """An index that runs from 0 to `size - 1`."""
    return Idx(Symbol(letter, integer=True), size)


def fresh_index(like: Idx) -> Idx:
    """An index of the same size and letter that equals no other."""
    return Idx(Dummy(str(like.label), integer=True), size_of(like))


def size_of(idx: Idx) -> Expr:
    """How many values an index takes."""
    return idx.upper - idx.lower + 1


class Total(Sum):
    """SymPy's `Sum`, kept as it is written.

    SymPy's own constructor moves what stands beside a `Piecewise` into it, and merges a sum with
    one inside; both hide what a reader, and `folding`, look for.
    """

    def __new__(cls, function: Expr, *limits: Tuple) -> "Total":
        """The sum of `function` over the indices in `limits`."""
        # SymPy itself passes a plain 1 at times; _sympify refuses text.
        node: Total = Expr.__new__(cls, _sympify(function), *limits)
        node.is_commutative = True
        return node


def total(expression: Expr, *indices: Idx) -> Expr:
    """The sum over these indices, the innermost first; over none, the expression itself."""
    if not indices:
        return expression
    return Total(expression, *(Tuple(i, i.lower, i.upper) for i in indices))


def bound_indices(node: Binder) -> tuple[Idx, ...]:
    """The indices that a sum, or another reduction, binds."""
    return tuple(limit[0] for limit in node.limits)


def freshen(expression: Expr) -> Expr:
    """The same expression with every bound index renamed to one that is nowhere else."""
    return rename_bound(expression, lambda node: tuple(map(fresh_index, bound_indices(node))))


def canonical(expression: Expr) -> Expr:
    """The same expression with bound indices named by the height of their sum.

    Two expressions that differ in the names of bound indices alone become equal. No name is
    captured: a sum stands higher than all within it, no free index begins with `_`, and a name of
    another height, as of a sum into which one has been put since, is made new first.
    """
    is_stale = any(map(_has_name_of_another_height, expression.atoms(*BINDERS)))
    return rename_bound(freshen(expression) if is_stale else expression, _names_by_height)


def _has_name_of_another_height(node: Binder) -> bool:
    bound = bound_indices(node)
    is_named = any(str(i.label).startswith("_") and not isinstance(i.label, Dummy) for i in bound)
    return is_named and bound != _names_by_height(node)


def _names_by_height(node: Binder) -> tuple[Idx, ...]:
    height = sum_height(node.function) + 1
    bound = bound_indices(node)
    return tuple(index(f"_{height}_{p}", size_of(i)) for p, i in enumerate(bound))


def sum_height(expression: Expr) -> int:
    """How deep sums and other reductions are nested in an expression."""
    below = max((sum_height(a) for a in expression.args), default=0)
    return below + isinstance(expression, BINDERS)


def rename_bound(expression: Expr, names: Callable[[Binder], tuple[Idx, ...]]) -> Expr:
    """The same expression with new names for all bound indices, inner sums first."""
    if not expression.has(*BINDERS):
        return expression
    arguments = [rename_bound(a, names) for a in expression.args]
    if isinstance(expression, Piecewise):
        # Not evaluated: SymPy asks at length which conditions imply which, and nothing changed.
        return Piecewise(*arguments, evaluate=False)
    if not isinstance(expression, BINDERS):
        return expression.func(*arguments)
    inner = rebound(expression, arguments[0], bound_indices(expression))
    new = names(inner)
    body = inner.function.xreplace(dict(zip(bound_indices(inner), new, strict=True)))
    return rebound(inner, body, new)


def rebound(node: Binder, body: Expr, indices: Sequence[Idx]) -> Binder:
    """A sum or another reduction like `node`, of another body, over other indices."""
    limits = (Tuple(i, i.lower, i.upper) for i in indices)
    return (Total if isinstance(node, Sum) else node.func)(body, *limits)


def all_entries(expression: Expr) -> Iterator[Expr]:
    """The entries of quantities in an expression, in the order in which they stand there."""
    if isinstance(expression, Indexed):
        yield expression
        for i in expression.indices:
            yield from all_entries(i)
    elif isinstance(expression, Symbol) and expression.is_integer is None:
        yield expression
    elif not isinstance(expression, Idx):
        for argument in expression.args:
            yield from all_entries(argument)


def entries(expression: Expr, name: str) -> list[Expr]:
    """The distinct entries of the quantity called `name`, in the order in which they stand."""
    return list(dict.fromkeys(e for e in all_entries(expression) if entry_name(e) == name))


def entry_name(atom: Expr) -> str:
    """The name of the quantity of which this is an entry."""
    return str(atom.base.label) if isinstance(atom, Indexed) else str(atom)


def entry_indices(atom: Expr) -> tuple[Expr, ...]:
    """The indices of an entry; none for a number."""
    return tuple(atom.indices) if isinstance(atom, Indexed) else ()


def numbers(*sizes: int | Expr) -> tuple[Expr, ...]:
    """Sizes as SymPy numbers or symbols."""
    return tuple(Integer(s) if isinstance(s, int) else s for s in sizes)
