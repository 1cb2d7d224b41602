"""The vocabulary: indexed equations and what is made of them.

One equation stands for a whole layer, whatever its width:
`z1[n,j] = Sum(W1[j,i]*x[n,i], i) + b1[j]`, in SymPy's own `IndexedBase`, `Idx` and `Sum`. Here are
values alone: nothing here differentiates, prints or runs. Indices run from 0; an index carries the
size of its axis.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sympy import (
    DiracDelta,
    Dummy,
    Expr,
    Idx,
    Indexed,
    IndexedBase,
    Integer,
    Lambda,
    Pow,
    Symbol,
    powsimp,
    sign,
)

from symnn.binding import freshen, index
from symnn.display import Displayed
from symnn.errors import SymnnError

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
    others are looked up by is_integer; is_from_1 where it holds 1, 2, …, as in b[y[n] - 1]. What
    was written within another line, and got its name from us, is_part.
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
    is_from_1: bool = False
    is_part: bool = False

    @property
    def is_from_0(self) -> bool:
        """Whether it holds whole numbers from 0, which are printed as places are: from 1."""
        return self.is_integer and not self.is_from_1

    @property
    def is_quotient(self) -> bool:
        """Whether it is printed as a derivative, ∂L/∂W, and has no symbol of its own such as δ."""
        return self.of is not None and not self.is_delta

    @property
    def is_delta(self) -> bool:
        """Whether it is ∂L/∂z under its own name, δ; a quantity may have that name itself."""
        has_name = self.symbol == "delta" and self.name.startswith("delta")
        return has_name and self.of is not None and self.top is None

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
    # SymPy looks for the imaginary part of what is not real for certain: sign(log v) is flat too.
    flat = {s: Dummy(real=True) for s in expression.atoms(sign) if not s.args[0].is_extended_real}
    found = expression.xreplace(flat).diff(variable)
    found = found.xreplace({stand_in: s for s, stand_in in flat.items()})
    if found.has(DiracDelta):
        found = found.replace(DiracDelta, lambda *_: Integer(0))
    return found.replace(_divides_a_power, lambda e: powsimp(e, combine="exp"))


def _divides_a_power(expression: Expr) -> bool:
    """Whether it is a product such as xᵖ/x, which SymPy leaves, and which is xᵖ⁻¹ at 0 as well."""
    powers = [f for f in expression.args if isinstance(f, Pow)] if expression.is_Mul else []
    bases = {f.base for f in powers if f.exp == -1}
    return any(f.base in bases and f.exp.free_symbols for f in powers)


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
