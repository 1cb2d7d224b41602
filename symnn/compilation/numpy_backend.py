"""The NumPy backend: equations printed as NumPy, line by line, and run.

Every line comes from an equation: lowered to whole arrays, made stable, and printed by SymPy's
NumPy printer with a reader's order of terms. Nothing depends on the widths of the layers. The text
that runs is made from the equations' own names alone; no text of a user reaches it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Add, Expr, Mul, Piecewise, Pow, Rational, Symbol, erfc
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.precedence import PRECEDENCE

from symnn.arrays import LogSumExp, Softmax, SumOver, as_array
from symnn.equations import Equation, Quantity, Role, System
from symnn.errors import ShapeError
from symnn.functions import Elementwise
from symnn.reading import Order, above_and_below, order_of
from symnn.stability import T, UpperTail, stable, with_stable_functions, with_stable_logs

Arrays = dict[str, NDArray[np.floating]]


@dataclass(frozen=True)
class Program:
    """What is to be compiled: a system, its adjoints, and the gradients by name."""

    title: str
    system: System
    adjoints: tuple[Equation, ...]
    gradients: Mapping[str, Equation]


class NumpyPrinter(NumPyPrinter):
    """SymPy's NumPy printer with `np.`, array nodes, and terms in a reader's order.

    >>> from sympy.abc import a
    >>> NumpyPrinter(Order({})).doprint(-a * 2 + 1)
    '1 - 2 * a'
    """

    def __init__(self, order: Order) -> None:
        super().__init__({"fully_qualified_modules": True, "user_functions": {}})
        self._reading = order

    def _module_format(self, fqn: str, register: bool = True) -> str:
        return super()._module_format(fqn, register).replace("numpy.", "np.")

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
        above, below = above_and_below(expr)
        top = self._product(above) or "1"
        bottom = self._product(below)
        if len(below) > 1:
            bottom = f"({bottom})"
        return f"{top} / {bottom}" if below else top

    def _product(self, factors: Sequence[Expr]) -> str:
        ordered = self._reading.factors(factors)
        return " * ".join(self._inside(f, PRECEDENCE["Mul"]) for f in ordered)

    def _print_Pow(self, expr: Pow, rational: bool = False) -> str:
        del rational
        if expr.exp.is_negative:
            return f"1 / {self._inside(1 / expr, PRECEDENCE['Mul'] + 1)}"
        # Not np.sqrt: of a number that is a float64 scalar, which turns float32 into float64.
        power = "0.5" if expr.exp == Rational(1, 2) else self._inside(expr.exp, PRECEDENCE["Pow"])
        return f"{self._inside(expr.base, PRECEDENCE['Pow'] + 1)}**{power}"

    def _print_Relational(self, expr: Expr) -> str:
        left, right = (self._inside(a, PRECEDENCE["Add"]) for a in expr.args)
        return f"{left} {expr.rel_op} {right}"

    def _inside(self, expr: Expr, level: int) -> str:
        """The text of a part, in brackets where it binds less than `level`."""
        return str(self.parenthesize(expr, level, strict=True))

    def _print_Piecewise(self, expr: Piecewise) -> str:
        """`np.where`; a condition alone where the branches are 1 and 0."""
        (value, condition), *rest = expr.args
        if condition == True:  # noqa: E712  (SymPy's true)
            return str(self._print(value))
        if expr.args[0][0] == 1 and rest == [(0, True)]:
            return f"({self._print(condition)})"
        other = self._print(Piecewise(*rest, evaluate=False)) if rest else "np.nan"
        text = f"np.where({self._print(condition)}, {self._print(value)}, {other})"
        if any(v.free_symbols for v, _ in expr.args):
            return text
        # np.where of two plain numbers is float64, whatever the arrays are.
        like = min(condition.free_symbols, key=str)
        return f"{text}.astype({self._print(like)}.dtype)"

    def _print_MatrixProduct(self, expr: Expr) -> str:
        return " @ ".join(self._inside(a, PRECEDENCE["Mul"] + 1) for a in expr.args)

    def _print_Transposed(self, expr: Expr) -> str:
        return f"{self._inside(expr.args[0], PRECEDENCE['Atom'])}.T"

    def _print_SumOver(self, expr: Expr) -> str:
        array, axes = expr.args
        axis = f"axis={_axis(axes)}" if axes else ""
        if isinstance(array, Symbol):
            return f"{self._print(array)}.sum({axis})"
        return f"np.sum({', '.join(filter(None, [self._print(array), axis]))})"

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
        subscripts = ",".join(map(_letters, labels))
        arrays = ", ".join(self._print(a) for a in operands)
        return f'np.einsum("{subscripts}->{_letters(result)}", {arrays}, optimize=True)'

    def _print_Gathered(self, expr: Expr) -> str:
        array, *indices = expr.args
        return f"{self._print(array)}[{', '.join(map(self._print, indices))}]"

    def _print_Range(self, expr: Expr) -> str:
        return f"np.arange({self._print(expr.args[0])})"

    def _print_Softmax(self, expr: Expr) -> str:
        return f"softmax({self._print(expr.args[0])})"

    def _print_LogSumExp(self, expr: Expr) -> str:
        return f"logsumexp({self._print(expr.args[0])})"

    def _print_log(self, expr: Expr) -> str:
        # Of a number: a Python float, since np.log(2) is a float64 scalar and would widen float32.
        return repr(float(expr)) if expr.is_number else f"np.log({self._print(expr.args[0])})"

    def _print_Function(self, expr: Expr) -> str:
        if isinstance(expr, Elementwise):
            return f"{type(expr).__name__}({self._print(expr.args[0])})"
        return str(super()._print_Function(expr))

    def _print_UpperTail(self, expr: Expr) -> str:
        return f"erfc({self._print(expr.args[0])})"

    _print_erfc = _print_UpperTail


def _axis(axes: Sequence[Expr]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))


def _letters(numbers: Iterable[Expr]) -> str:
    """The letters that einsum gives to axes with these numbers."""
    return "".join("abcdefghijklmnopqrstuvwxyz"[int(n)] for n in numbers)


def source_of(program: Program) -> str:
    """The program as a module that runs with NumPy alone.

    It has `predict(parameters, x)` and `loss_and_gradients(parameters, x, y)`.
    """
    system, printer = program.system, NumpyPrinter(order_of(program.system))
    forward = [with_stable_logs(e, system) for e in system.equations]
    names: dict[Expr, str] = {}
    *layers, loss = [_computable(e, names) for e in forward]
    adjoints = [_computable(e, names) for e in program.adjoints]
    gradients = [_computable(e, names) for e in program.gradients.values()]
    output = layers[-1][0]
    helpers = _helpers([a for _, a in (*layers, loss, *adjoints, *gradients)], printer)
    results = ", ".join(f'"{name}": dL_d{name}' for name in program.gradients)
    unpacking = _unpacking(system.named(Role.PARAMETER))
    lines = [
        f'"""{program.title}"""',
        "",
        *_imports(helpers),
        *(line for text in helpers for line in ("", "", text)),
        "",
        "",
        "def predict(parameters, x):",
        f'    """The outputs, shape (N, {system.quantities[output].shape[1]})."""',
        *unpacking,
        "",
        *_assignments(layers, printer),
        f"    return {output}",
        "",
        "",
        "def loss_and_gradients(parameters, x, y):",
        '    """The loss, and its derivative by each parameter, in the shape of the parameter."""',
        *unpacking,
        "    N = x.shape[0]",
        "",
        "    # Forward",
        *_assignments([*layers, loss], printer),
        "",
        "    # Backward",
        *_assignments(adjoints, printer),
        "",
        "    # Gradients",
        *_assignments(gradients, printer),
        f"    return float(L), {{{results}}}",
    ]
    return "\n".join(lines) + "\n"


def _computable(e: Equation, names: dict[Expr, str]) -> tuple[str, Expr]:
    """The name of a quantity, and what it is over whole arrays, safe to compute."""
    return e.quantity.name, with_stable_functions(as_array(e), names)


def _unpacking(parameters: Iterable[Quantity]) -> list[str]:
    return [f'    {q.name} = parameters["{q.name}"]' for q in parameters]


def _assignments(equations: Iterable[tuple[str, Expr]], printer: NumpyPrinter) -> list[str]:
    return [f"    {name} = {printer.doprint(array)}" for name, array in equations]


def _imports(helpers: Sequence[str]) -> list[str]:
    needs_math = any("math." in text for text in helpers)
    return ["import math", "", "import numpy as np"] if needs_math else ["import numpy as np"]


_FIXED_HELPERS = {
    "UpperTail": '''def erfc(u):
    """The complementary error function, from the standard library: NumPy has none."""
    return np.vectorize(math.erfc, otypes=[u.dtype])(u)''',
    "Softmax": '''def softmax(u):
    """exp(u) over its sum along the last axis; shifted, so that no exp overflows."""
    e = np.exp(u - np.max(u, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)''',
    "LogSumExp": '''def logsumexp(u):
    """log of the sum of exp(u) along the last axis; shifted, so that no exp overflows."""
    top = np.max(u, axis=-1, keepdims=True)
    return top[..., 0] + np.log(np.sum(np.exp(u - top), axis=-1))''',
}


def _helpers(expressions: Iterable[Expr], printer: NumpyPrinter) -> list[str]:
    """The functions that the expressions call and NumPy lacks, each after those it calls."""
    texts: dict[str, str] = {}
    for expression in expressions:
        _add_helpers(expression, printer, texts)
    return list(texts.values())


def _add_helpers(expression: Expr, printer: NumpyPrinter, texts: dict[str, str]) -> None:
    calls = sorted(expression.atoms(Elementwise, erfc, UpperTail, Softmax, LogSumExp), key=str)
    for name, call in {type(c).__name__: c for c in calls}.items():
        if name in texts:
            continue
        if isinstance(call, Elementwise):
            _add_helpers(stable(call.formula)[0], printer, texts)
            texts[name] = _helper(type(call), printer)
        else:
            texts[name] = _FIXED_HELPERS[name]


def _helper(function: type[Elementwise], printer: NumpyPrinter) -> str:
    """A named function in a form that can be computed, as a Python function."""
    formula, meaning_of_T = stable(function.formula)
    lines = [f"def {function.__name__}(u):"]
    if meaning_of_T is not None and formula.has(T):
        lines.append(f"    {T} = {printer.doprint(meaning_of_T)}")
    lines.append(f"    return {printer.doprint(formula)}")
    return "\n".join(lines)


@dataclass(frozen=True)
class CompiledFunction:
    """A model that runs: `f(parameters, x, y)` gives the loss and the gradients.

    `parameters` is a dict of arrays with the network's shapes, `x` is (N, D_0), `y` is
    (N, D_depth). The loss is a float; the gradients are a dict of arrays with the shapes and dtype
    of the parameters. `source` is the code that runs; with NumPy alone it runs anywhere. Raises
    `ShapeError` where an array does not fit.
    """

    source: str
    system: System
    _loss_and_gradients: Callable[[Arrays, NDArray[Any], NDArray[Any]], tuple[float, Arrays]]
    _predict: Callable[[Arrays, NDArray[Any]], NDArray[Any]]

    def __call__(
        self, parameters: Mapping[str, ArrayLike], x: ArrayLike, y: ArrayLike
    ) -> tuple[float, Arrays]:
        """The loss, and its derivative by each parameter."""
        arrays = self._checked(parameters)
        inputs, targets = self._batch("x", x, arrays), self._batch("y", y, arrays)
        if len(inputs) != len(targets):
            raise ShapeError(
                f"x has {len(inputs)} samples and y has {len(targets)}; they must have as many"
            )
        return self._loss_and_gradients(arrays, inputs, targets)

    def predict(self, parameters: Mapping[str, ArrayLike], x: ArrayLike) -> NDArray[Any]:
        """The outputs for the inputs `x`, shape (N, D_0), as an array (N, D_depth)."""
        arrays = self._checked(parameters)
        return self._predict(arrays, self._batch("x", x, arrays))

    def _checked(self, parameters: Mapping[str, ArrayLike]) -> Arrays:
        expected = {q.name: q.shape for q in self.system.named(Role.PARAMETER)}
        for name in expected.keys() - parameters.keys():
            raise ShapeError(f"no array for the parameter {name}; give {', '.join(expected)}")
        arrays = {name: _floating(parameters[name]) for name in expected}
        for name, array in arrays.items():
            if array.shape != expected[name]:
                raise ShapeError(
                    f"parameter {name} has the shape {array.shape}; it must be {expected[name]}"
                )
        return arrays

    def _batch(self, name: str, values: ArrayLike, like: Arrays) -> NDArray[Any]:
        width = self.system.quantities[name].shape[1]
        batch = np.asarray(values, dtype=np.result_type(*like.values()))
        if batch.ndim != 2 or batch.shape[1] != width or not len(batch):
            raise ShapeError(f"{name} has the shape {batch.shape}; it must be (N, {width})")
        return batch


def _floating(values: ArrayLike) -> NDArray[np.floating]:
    array = np.asarray(values)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)


def compile_numpy(program: Program) -> CompiledFunction:
    """The program as functions on NumPy arrays."""
    source = source_of(program)
    namespace: dict[str, Any] = {}
    # The text is our own, printed from equations whose every name symnn gave.
    exec(compile(source, f"<{program.title}>", "exec"), namespace)
    return CompiledFunction(
        source, program.system, namespace["loss_and_gradients"], namespace["predict"]
    )
