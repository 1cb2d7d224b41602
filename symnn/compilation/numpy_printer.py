"""Expressions over whole arrays as NumPy code: products, reductions, views and places."""

from collections.abc import Iterable, Mapping, Sequence

from sympy import Expr, Indexed, Pow, S, Symbol, oo
from sympy.printing.precedence import PRECEDENCE

from symnn.array_nodes import (
    ALL,
    AxisReduction,
    Gathered,
    LogSoftmax,
    LogSumExp,
    Range,
    Softmax,
    SumOver,
    Taken,
)
from symnn.compilation.numpy_formulas import FormulaPrinter, safe
from symnn.compilation.products import product_of
from symnn.digits import Digit
from symnn.extents import Clipped


class NumpyPrinter(FormulaPrinter):
    """The printer of formulas, with the nodes of whole arrays."""

    @property
    def of_formulas(self) -> "NumpyPrinter":
        """The same for a function of one argument, which no input of that name is."""
        return NumpyPrinter(self._reading)

    def _print_MatrixProduct(self, expr: Expr) -> str:
        # 1/r is printed as a quotient: between products of matrices it needs brackets.
        quotient = [isinstance(a, Pow) and bool(a.exp.is_negative) for a in expr.args]
        level = [PRECEDENCE["Atom" if q else "Mul"] + 1 for q in quotient]
        return " @ ".join(map(self._inside, expr.args, level))

    def _print_Transposed(self, expr: Expr) -> str:
        return f"{self._inside(expr.args[0], PRECEDENCE['Atom'])}.T"

    def _print_SumOver(self, expr: Expr) -> str:
        array, axes = expr.args
        axis = f"axis={_axis(axes)}" if axes else ""
        if isinstance(array, Symbol):
            return f"{self._print(array)}.sum({axis})"
        return f"np.sum({', '.join(filter(None, [self._print(array), axis]))})"

    def _print_AxisReduction(self, expr: AxisReduction) -> str:
        array, axis = expr.args
        return f"np.{_REDUCERS[type(expr).__name__]}({self._print(array)}, axis={axis})"

    def _print_Expanded(self, expr: Expr) -> str:
        array, flags = expr.args
        missing = [axis for axis, flag in enumerate(flags) if not flag]
        if isinstance(array, SumOver) and missing == list(array.args[1]):
            inner, axes = array.args
            return f"np.sum({self._print(inner)}, axis={_axis(axes)}, keepdims=True)"
        places = ", ".join(":" if flag else "None" for flag in flags)
        return f"{self._inside(array, PRECEDENCE['Atom'])}[{places}]"

    def _print_Permuted(self, expr: Expr) -> str:
        array, order = expr.args
        return f"np.transpose({self._print(array)}, {tuple(order)})"

    def _print_Contraction(self, expr: Expr) -> str:
        result, labels, *operands = expr.args
        # A number stands before: einsum takes one among its arrays as float64, and widens float32.
        numbers = [a for a, axes in zip(operands, labels, strict=True) if not axes]
        whole = [(a, axes) for a, axes in zip(operands, labels, strict=True) if axes]
        product = product_of([axes for _, axes in whole], result)
        arrays = [self._print(a) for a, _ in whole]
        text = product.text(arrays) if product else self._einsum(whole, result)
        factors = [self._inside(a, PRECEDENCE["Mul"] + 1) for a in numbers]
        return f"({' * '.join([*factors, text])})" if factors else text

    def _einsum(self, operands: Sequence[tuple[Expr, Expr]], result: Expr) -> str:
        subscripts = ",".join(_letters(axes) for _, axes in operands)
        arrays = ", ".join(self._print(a) for a, _ in operands)
        return f'np.einsum("{subscripts}->{_letters(result)}", {arrays}, optimize=True)'

    def _print_Reshaped(self, expr: Expr) -> str:
        array, shape = expr.args
        return f"np.reshape({self._print(array)}, {self.shape(shape)})"

    def _print_Sliced(self, expr: Expr) -> str:
        array, *parts = expr.args
        return f"{self._inside(array, PRECEDENCE['Atom'])}[{', '.join(map(self._slice, parts))}]"

    def _slice(self, part: Expr) -> str:
        if not part:
            return ":"
        start, stop, step = part
        ends = ("" if start == 0 else start, "" if stop == oo else stop)
        text = ":".join(str(self._print(e)) if e != "" else "" for e in ends)
        return text if step == 1 else f"{text}:{self._print(step)}"

    def _print_Padded(self, expr: Expr) -> str:
        array, *margins = expr.args
        return f"padded({self._print(array)}, {', '.join(map(self.shape, margins))})"

    def _print_Windowed(self, expr: Expr) -> str:
        array, axes, sizes = expr.args
        view = "np.lib.stride_tricks.sliding_window_view"
        return f"{view}({self._print(array)}, {self.shape(sizes)}, {self.shape(axes)})"

    def _print_Gathered(self, expr: Expr) -> str:
        array, *indices = expr.args
        name = self._print(array)
        places = [self._place(name, axis, i) for axis, i in enumerate(indices)]
        return f"{name}[{', '.join(places)}]"

    def _print_Taken(self, expr: Expr) -> str:
        array, *places = expr.args
        name = self._print(array)
        texts = [":" if p == ALL else self._number(name, a, p) for a, p in enumerate(places)]
        return f"{name}[{', '.join(texts)}]"

    def _print_Indexed(self, expr: Indexed) -> str:
        """An entry that is a place itself: `o[t]` in B[k, o[t]]."""
        name = safe(str(expr.base.label))
        places = [self._number(name, a, p) for a, p in enumerate(expr.indices)]
        return f"{name}[{', '.join(places)}]"

    def _number(self, name: str, axis: int, place: Expr) -> str:
        """A number as an index; beside a loop's index it may lie outside, as in `_place`."""
        text = self._counted(_unmarked(place))
        # A size is positive; the index of a loop may be 0.
        is_plain = isinstance(place, Symbol) or all(s.is_positive for s in place.free_symbols)
        is_plain = is_plain and not isinstance(place, Clipped)
        return text if is_plain else f"min(max({text}, 0), {name}.shape[{axis}] - 1)"

    def _place(self, name: str, axis: int, i: Expr) -> str:
        """An index; one that may lie off its axis, where it counts for nothing, is moved there."""
        if not i.has(Range) and all(s.is_integer for s in i.free_symbols):
            return self._number(name, axis, i)
        plain = _unmarked(i)
        text = self._counted(plain)
        may_leave = plain != i or (self._is_guarded and i.has(Digit))
        return f"np.clip({text}, 0, {name}.shape[{axis}] - 1)" if may_leave else text

    def _print_Digit(self, expr: Digit) -> str:
        level = PRECEDENCE["Mul"]
        text = self._inside(expr.of, level)
        text += "" if expr.stride == 1 else f" // {self._inside(expr.stride, level + 1)}"
        return text if expr.is_first else f"{text} % {self._inside(expr.args[2], level + 1)}"

    def _print_Range(self, expr: Expr) -> str:
        dtype = "" if self._is_counting else ", dtype=dtype"
        return f"np.arange({self._print(expr.args[0])}{dtype})"

    def _print_Own(self, expr: Expr) -> str:
        (array,) = expr.args
        is_float = not array.is_number and not array.is_integer
        dtype = "" if is_float else ", dtype"
        return f"np.array({self._print(array)}{dtype})"

    def _print_Spread(self, expr: Expr) -> str:
        array, shape = expr.args
        return f"np.broadcast_to({self._print(array)}, {self.shape(shape)}).astype(dtype)"

    def shape(self, sizes: Sequence[Expr]) -> str:
        """Sizes as a tuple."""
        texts = [str(self._print(size)) for size in sizes]
        return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"

    def _print_Softmax(self, expr: Expr) -> str:
        array, *count = expr.args
        name = "masked_softmax" if is_masked(expr) else "softmax"
        if count:
            return f"{name}_over({self._print(array)}, {tuple(range(-count[0], 0))})"
        return f"{name}({self._print(array)})"

    def _print_LogSumExp(self, expr: Expr) -> str:
        name = "masked_logsumexp" if is_masked(expr) else "logsumexp"
        return f"{name}({self._print(expr.args[0])})"

    def _print_LogComplement(self, expr: Expr) -> str:
        return f"log_complement({self._print(expr.args[0])})"

    def _print_BehindSoftmax(self, expr: Expr) -> str:
        return f"behind_softmax({', '.join(map(self._print, expr.args))})"

    def _print_LogSoftmax(self, expr: Expr) -> str:
        name = "masked_log_softmax" if is_masked(expr) else "log_softmax"
        return f"{name}({self._print(expr.args[0])})"


_REDUCERS: Mapping[str, str] = {
    "MaxOver": "max",
    "MinOver": "min",
    "ProductOver": "prod",
    "ArgMaxOver": "argmax",
    "ArgMinOver": "argmin",
}


def is_masked(expr: Expr) -> bool:
    """Whether some of its terms, or all, may be left out: a mask may lie outside of its array."""
    return isinstance(expr, LogSoftmax | LogSumExp | Softmax) and expr.has(S.NegativeInfinity)


def _axis(axes: Sequence[Expr]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def _unmarked(place: Expr) -> Expr:
    """The place without its marks; where it is looked up, the places of that array keep theirs."""
    if isinstance(place, Clipped):
        return place.args[0]
    if isinstance(place, Gathered | Taken | Indexed) or not place.args:
        return place
    return place.func(*map(_unmarked, place.args))


def _letters(labels: Iterable[Expr]) -> str:
    return "".join(map(str, labels))
