"""Indexed equations as whole arrays: what the matrix view prints and what NumPy runs.

`Sum(W1[j,i]*x[n,i], i)` becomes the product `x W1ᵀ`. The result is an expression over plain
symbols, one for each array, and a few nodes of array algebra; printers give it its look. Lowering
changes the notation alone, never the value.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sympy import (
    Add,
    Eq,
    Expr,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Sum,
    Symbol,
    Tuple,
    exp,
    log,
)
from sympy.core.relational import Relational

from symnn.array_nodes import (
    ALL,
    ArgMaxOver,
    ArgMinOver,
    AxisReduction,
    BehindSoftmax,
    Gathered,
    LogComplement,
    LogSoftmax,
    LogSumExp,
    MaxOver,
    MinOver,
    ProductOver,
    Range,
    Softmax,
    Spread,
    Taken,
)
from symnn.axes import (
    Array,
    aligned,
    multiplied,
    union,
    union_in_order,
    with_last,
)
from symnn.binding import bound_indices, freshen, size_of, total
from symnn.cases import Piecewise
from symnn.equations import Equation, Partial, Prime, entry_name
from symnn.extents import Clipped, Mark, Shapes, with_marks
from symnn.products import summed_product
from symnn.reductions import BINDERS, ArgMax, ArgMin, Maximum, Minimum, Product, Reduction
from symnn.softmaxes import as_softmax


def as_array(equation: Equation, shapes: Shapes = MappingProxyType({})) -> Expr:
    """The right side of an equation as an expression over whole arrays.

    Its axes are those of the left side. `shapes` are those of the quantities by name: where an
    index runs over a part of an axis, a part of the array is read.
    """
    expression = with_marks(equation.expression, shapes)
    if _binds_again(expression, set(equation.indices)):
        expression = freshen(expression)
    array = lower(expression, equation.indices)
    whole = aligned(array, equation.indices).expression
    if set(array.axes) == set(equation.indices):
        return whole
    # What lacks an index is the same along that axis; the axis must be there all the same.
    return Spread(whole, Tuple(*map(size_of, equation.indices)))


def _binds_again(expression: Expr, around: set[Idx]) -> bool:
    """Whether an index that stands around, or in a sum around, is bound within."""
    own = set(bound_indices(expression)) if isinstance(expression, BINDERS) else set()
    return bool(own & around) or any(_binds_again(a, around | own) for a in expression.args)


def lower(expression: Expr, order: Sequence[Idx]) -> Array:
    """The expression over whole arrays; `order` says which of two axes comes first."""
    softmax = as_softmax(expression)
    if softmax is not None:
        argument, over, rest = softmax
        inner = with_last(lower(argument, order), over)
        count = (Integer(len(over)),) if len(over) > 1 else ()
        whole = Array(Softmax(inner.expression, *count), inner.axes)
        return whole if rest == 1 else multiplied([whole, lower(rest, order)], order)
    for kinds, rule in _RULES:
        if isinstance(expression, kinds):
            return rule(expression, order)
    return _elementwise(expression, order)


def _lower_entry(entry: Indexed, order: Sequence[Idx]) -> Array:
    axes, whole = tuple(entry.indices), Symbol(entry_name(entry), real=True)
    if len(set(axes)) == len(axes) and all(isinstance(i, Idx) for i in axes):
        return Array(whole, axes)
    kept = tuple(i for i in axes if isinstance(i, Idx))
    if len(set(kept)) == len(kept) and all(isinstance(i, Idx) or not i.has(Idx) for i in axes):
        return Array(Taken(whole, *(ALL if isinstance(i, Idx) else i for i in axes)), kept)
    indices = [lower(i, order) for i in axes]
    union = union_in_order(indices, order)
    return Array(Gathered(whole, *(aligned(i, union).expression for i in indices)), union)


def _lower_mark(node: Mark, order: Sequence[Idx]) -> Array:
    inner = lower(node.args[0], order)
    return Array(Clipped(inner.expression), inner.axes) if isinstance(node, Clipped) else inner


def _lower_index(i: Idx, order: Sequence[Idx]) -> Array:
    del order
    return Array(Range(size_of(i)), (i,))


def _lower_delta(node: KroneckerDelta, order: Sequence[Idx]) -> Array:
    is_equal = Eq(*node.args, evaluate=False)
    return _lower_piecewise(Piecewise((1, is_equal), (0, True), evaluate=False), order)


def _lower_partial(node: Partial, order: Sequence[Idx]) -> Array:
    top, bottom = (lower(a, order) for a in node.args)
    return Array(Partial(top.expression, bottom.expression), top.axes + bottom.axes)


def _lower_prime(node: Prime, order: Sequence[Idx]) -> Array:
    function, argument = node.args
    inner = lower(argument, order)
    return Array(Prime(function, inner.expression), inner.axes)


def _lower_log(node: Expr, order: Sequence[Idx]) -> Array:
    inside = node.args[0]
    if isinstance(inside, Sum) and isinstance(inside.function, exp):
        bound = tuple(reversed(bound_indices(inside)))
        inner = lower(inside.function.args[0], (*order, *bound))
        if set(bound) <= set(inner.axes):
            inner = with_last(inner, bound)
            # The logarithm of a sum over two indices is that of sums over one.
            whole = inner.expression
            for _ in bound:
                whole = LogSumExp(whole)
            return Array(whole, inner.axes[: -len(bound)])
    return _elementwise(node, order)


def _lower_along(node: LogSoftmax | LogComplement, order: Sequence[Idx]) -> Array:
    argument, along = node.args
    inner = with_last(lower(argument, order), (along,))
    return Array(node.func(inner.expression), inner.axes)


def _lower_behind_softmax(node: BehindSoftmax, order: Sequence[Idx]) -> Array:
    argument, weight, power, along = node.args
    arrays = [lower(a, order) for a in (argument, weight)]
    axes = tuple(i for i in union(arrays, order) if i != along)
    inner, outer = (aligned(a, (*axes, along)).expression for a in arrays)
    return Array(BehindSoftmax(inner, outer, power), (*axes, along))


def _lower_sum(node: Sum, order: Sequence[Idx]) -> Array:
    """The sum as a product of matrices where it is one, else as a sum over axes."""
    bound = tuple(i for i in bound_indices(node) if node.function.has(i))
    absent = [size_of(i) for i in bound_indices(node) if i not in bound]
    if absent:
        return lower(Mul(*absent, total(node.function, *bound)), order)
    inner_order = (*order, *reversed(bound))
    factors = [lower(f, inner_order) for f in Mul.make_args(node.function)]
    return summed_product(factors, bound, inner_order)


def _lower_reduction(node: Reduction, order: Sequence[Idx]) -> Array:
    inner = lower(node.function, (*order, node.index))
    axis = inner.axes.index(node.index)
    rest = tuple(i for i in inner.axes if i != node.index)
    return Array(_OVER_AXIS[type(node)](inner.expression, Integer(axis)), rest)


_OVER_AXIS: Mapping[type[Reduction], type[AxisReduction]] = {
    Maximum: MaxOver,
    Minimum: MinOver,
    Product: ProductOver,
    ArgMax: ArgMaxOver,
    ArgMin: ArgMinOver,
}


def _lower_piecewise(node: Piecewise, order: Sequence[Idx]) -> Array:
    values = [lower(value, order) for value, _ in node.args]
    conditions = [a for _, c in node.args for a in _sides(c, order)]
    axes = union_in_order([*values, *conditions], order)
    pairs = (
        (aligned(value, axes).expression, _lower_condition(c, order, axes))
        for value, (_, c) in zip(values, node.args, strict=True)
    )
    return Array(Piecewise(*pairs, evaluate=False), axes)


def _sides(condition: Expr, order: Sequence[Idx]) -> list[Array]:
    """What a condition compares."""
    if isinstance(condition, Relational):
        return [lower(side, order) for side in condition.args]
    return [a for part in condition.args for a in _sides(part, order)]


def _lower_condition(condition: Expr, order: Sequence[Idx], axes: tuple[Idx, ...]) -> Expr:
    """The condition over whole arrays, what it compares brought into line with the axes."""
    if isinstance(condition, Relational):
        sides = (aligned(a, axes).expression for a in _sides(condition, order))
        return condition.func(*sides, evaluate=False)
    parts = [_lower_condition(part, order, axes) for part in condition.args]
    return condition.func(*parts, evaluate=False) if parts else condition


def _elementwise(expression: Expr, order: Sequence[Idx]) -> Array:
    """The same operation on whole arrays, their axes brought into line."""
    if not expression.args:
        return Array(expression)
    arguments = [lower(a, order) for a in expression.args]
    axes = union(arguments, order)
    return Array(expression.func(*(aligned(a, axes).expression for a in arguments)), axes)


_RULES = (
    (Indexed, _lower_entry),
    (Mark, _lower_mark),
    (Idx, _lower_index),
    (KroneckerDelta, _lower_delta),
    (Partial, _lower_partial),
    (Prime, _lower_prime),
    (log, _lower_log),
    (LogSoftmax | LogComplement, _lower_along),
    (BehindSoftmax, _lower_behind_softmax),
    (Sum, _lower_sum),
    (Reduction, _lower_reduction),
    (Piecewise, _lower_piecewise),
    (Add | Mul | Pow | Function, _elementwise),
)
