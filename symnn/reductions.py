"""Reductions over an index beside the sum: the greatest, the least, the product, and the place.

Each is one value to SymPy, with its body and the index that it binds; `equations` renames bound
indices in all of them alike. Where several entries are the greatest, the first of them counts: that
is the kink's policy here, and the derivative's, as in `numpy.argmax`, `torch.max(dim=…)` and
PyTorch's max pooling.
"""

from collections.abc import Callable
from typing import TypeAlias

from sympy import Expr, Idx, Sum, Tuple
from sympy.core.sympify import _sympify


class Reduction(Expr):
    """`Reduction(body, (i, lower, upper))`: something of the body's values for all i."""

    is_commutative = True
    is_real = True
    is_integer: bool | None = None

    def __new__(cls, function: Expr, limit: Tuple) -> "Reduction":
        """The reduction of `function` over the index in `limit`."""
        node: Reduction = Expr.__new__(cls, _sympify(function), limit)
        return node

    @property
    def function(self) -> Expr:
        """What is reduced."""
        body: Expr = self.args[0]
        return body

    @property
    def limits(self) -> tuple[Tuple, ...]:
        """The index that is bound, with its least and its greatest value."""
        return self.args[1:]

    @property
    def index(self) -> Idx:
        """The index that is bound."""
        bound: Idx = self.args[1][0]
        return bound

    def _eval_derivative(self, variable: Expr) -> Expr:
        # Expr's own rule would leave a Derivative standing; `calculus` opens these nodes first.
        raise TypeError(f"{type(self).__name__} is differentiated by its entries alone")


class ArgMax(Reduction):
    """The first place at which the body is greatest."""

    is_integer = True


class ArgMin(Reduction):
    """The first place at which the body is least."""

    is_integer = True


class Extremum(Reduction):
    """The greatest or the least of the body's values."""

    place_class: type[Reduction]

    @property
    def place(self) -> Reduction:
        """Where it is: the first place, if there are several."""
        return self.place_class(*self.args)


class Maximum(Extremum):
    """The greatest of the body's values."""

    place_class = ArgMax


class Minimum(Extremum):
    """The least of the body's values."""

    place_class = ArgMin


class Product(Reduction):
    """The product of the body's values."""


# What binds an index.
BINDERS = (Sum, Reduction)
Binder: TypeAlias = Sum | Reduction


def reduced(kind: type[Reduction], body: Expr, *indices: Idx) -> Expr:
    """The reduction over these indices, the innermost first; one that does not occur is left out.

    >>> from sympy import IndexedBase, Symbol
    >>> x, i = IndexedBase("x"), Idx(Symbol("i", integer=True), 3)
    >>> reduced(Maximum, x[i], i)
    Maximum(x[i], (i, 0, 2))
    """
    over: Callable[[Expr, Idx], Expr] = _product if kind is Product else _extremum(kind)
    for i in indices:
        body = over(body, i)
    return body


def _product(body: Expr, i: Idx) -> Expr:
    if body.has(i):
        return Product(body, Tuple(i, i.lower, i.upper))
    return body ** (i.upper - i.lower + 1)


def _extremum(kind: type[Reduction]) -> Callable[[Expr, Idx], Expr]:
    def over(body: Expr, i: Idx) -> Expr:
        return kind(body, Tuple(i, i.lower, i.upper)) if body.has(i) else body

    return over
