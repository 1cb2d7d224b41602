"""The nodes of array algebra: what an expression over whole arrays is made of, beside SymPy's own.

Each is one value to SymPy; printers give it its look. Nothing here lowers or prints.
"""

from sympy import Add, Expr, Symbol
from sympy.printing.precedence import PRECEDENCE


class ArrayNode(Expr):
    """A node of array algebra; real, and commutative to SymPy since it is one value to it."""

    is_commutative = True
    is_real = True
    # Of an array without a symbol in it SymPy would ask for digits.
    is_number = False
    # Between a sum and a product: printers put brackets round it in a product.
    precedence = (PRECEDENCE["Add"] + PRECEDENCE["Mul"]) // 2


class MatrixProduct(ArrayNode):
    """`MatrixProduct(A, B)`: the sum over the last axis of A and the first of B."""


class Transposed(ArrayNode):
    """`Transposed(A)`: A with its two axes exchanged."""

    precedence = PRECEDENCE["Atom"]

    def __new__(cls, array: Expr) -> Expr:
        """Aᵀ; of Aᵀ itself, A, of x Aᵀ the shorter A xᵀ, of the symmetric A + Aᵀ the same."""
        number, whole = array.as_coeff_Mul()
        if number != 1:
            return number * cls(whole)
        if isinstance(array, Transposed):
            return array.args[0]
        if isinstance(array, MatrixProduct) and any(isinstance(a, Transposed) for a in array.args):
            return MatrixProduct(*map(cls, reversed(array.args)))
        terms = array.args if isinstance(array, Add) and array.has(Transposed) else ()
        turned = {cls(term) for term in terms}
        if terms and turned == set(terms):
            return array
        is_plainer = terms and not any(t.has(Transposed) for t in turned)
        return Add(*turned) if is_plainer else Expr.__new__(cls, array)


class Diagonal(ArrayNode):
    """`Diagonal(v)`: the square matrix with v on its diagonal, and 0 elsewhere."""

    precedence = PRECEDENCE["Atom"]


class SumOver(ArrayNode):
    """`SumOver(A, axes)`: the sum of A over the axes with these numbers; over all, for `()`."""

    precedence = PRECEDENCE["Atom"]


class AxisReduction(ArrayNode):
    """`…Over(A, axis)`: A reduced along the axis with this number."""

    precedence = PRECEDENCE["Atom"]


class MaxOver(AxisReduction):
    """The greatest along an axis."""


class MinOver(AxisReduction):
    """The least along an axis."""


class ProductOver(AxisReduction):
    """The product along an axis."""


class ArgMaxOver(AxisReduction):
    """Where the greatest along an axis stands, the first of several."""

    is_integer = True


class ArgMinOver(AxisReduction):
    """Where the least along an axis stands, the first of several."""

    is_integer = True


class Expanded(ArrayNode):
    """`Expanded(A, flags)`: A with an axis of length one wherever a flag is 0."""

    precedence = PRECEDENCE["Atom"]


class Softmax(ArrayNode):
    """`Softmax(A)`: exp(A) divided by its sum over the last axis; `Softmax(A, n)`: the last n."""

    precedence = PRECEDENCE["Atom"]


class LogSumExp(ArrayNode):
    """`LogSumExp(A)`: the logarithm of the sum of exp(A) over the last axis."""

    precedence = PRECEDENCE["Atom"]


class LogSoftmax(ArrayNode):
    """`LogSoftmax(A)`: A less the logarithm of the sum of exp(A) over the last axis.

    In an equation, `LogSoftmax(v, k)` is v[k] less that of the sum over k.
    """

    precedence = PRECEDENCE["Atom"]


class LogComplement(ArrayNode):
    """`LogComplement(A)`: log(1 - p) for p the softmax of A over the last axis.

    In an equation, `LogComplement(v, k)` is that of v[k] over k.
    """

    precedence = PRECEDENCE["Atom"]


class BehindSoftmax(ArrayNode):
    """`BehindSoftmax(A, B, a)`: d less p times the sum of d, for d = B/(1 - p)^a.

    p is the softmax of A over the last axis, 0 < a ≤ 1. In an equation a fourth argument is the
    index along that axis.
    """

    precedence = PRECEDENCE["Atom"]


class Permuted(ArrayNode):
    """`Permuted(A, order)`: A with its axes in another order."""

    precedence = PRECEDENCE["Atom"]


class Contraction(ArrayNode):
    """`Contraction(result, labels, A, B, …)`: what einsum computes.

    The product of A, B, …, whose axes have the letters in `labels`, summed over those that are
    not in `result`.
    """

    precedence = PRECEDENCE["Atom"]

    @property
    def free_symbols(self) -> set[Expr]:
        """The arrays' own; the letters of their axes are bound here."""
        return {s for operand in self.args[2:] for s in operand.free_symbols}


class Gathered(ArrayNode):
    """`Gathered(A, i, j, …)`: the entries of A at these indices, which are arrays themselves."""

    precedence = PRECEDENCE["Atom"]


class Taken(ArrayNode):
    """`Taken(A, i, ALL, …)`: the part of A at these numbers, and all of it along `ALL`."""

    precedence = PRECEDENCE["Atom"]


ALL = Symbol("ALL")


class Reshaped(ArrayNode):
    """`Reshaped(A, shape)`: the numbers of A in this shape."""

    precedence = PRECEDENCE["Atom"]


class Sliced(ArrayNode):
    """`Sliced(A, (start, stop, step), …)`: a part along each axis; `()` is all of it."""

    precedence = PRECEDENCE["Atom"]


class Windowed(ArrayNode):
    """`Windowed(A, axes, sizes)`: the windows of these sizes that slide over these axes.

    Where a window stands is told by the axis itself, what is in it by further axes at the end.
    """

    precedence = PRECEDENCE["Atom"]


class Padded(ArrayNode):
    """`Padded(A, (low, high, step), …)`: A in zeros, so many before and behind along each axis.

    With a step of s, s - 1 zeros stand between each two entries.
    """

    precedence = PRECEDENCE["Atom"]


class Range(ArrayNode):
    """`Range(n)`: the numbers from 0 to n - 1."""

    precedence = PRECEDENCE["Atom"]


class Spread(ArrayNode):
    """`Spread(A, shape)`: A repeated along the axes that it lacks."""

    precedence = PRECEDENCE["Atom"]


class Own(ArrayNode):
    """`Own(A)`: A as an array that nothing else looks into."""

    precedence = PRECEDENCE["Atom"]


def is_shared(array: Expr) -> bool:
    """Whether this is a number, or another array or a view of one, and so no new array."""
    if isinstance(array, Contraction):
        return len(array.args) == len(("result", "labels", "A"))
    return array.is_number or isinstance(array, _VIEWS)


_VIEWS = (Symbol, Transposed, Permuted, Taken, Expanded, Reshaped, Sliced, Windowed)
