"""The NumPy backend: a program's text compiled, and called with checked arrays."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Integer

from symnn.compilation.looked_up import check_lookups, whole_numbers
from symnn.compilation.numpy_source import source_of
from symnn.compilation.program import ArrayProgram, Program
from symnn.compilation.widening import in_range
from symnn.equations import SAMPLES, Quantity, Role
from symnn.errors import ShapeError, SymnnError

Arrays = dict[str, NDArray[np.floating]]


@dataclass(frozen=True)
class CompiledFunction:
    """A model that runs: `f(parameters, x, y)` gives the loss and the gradients.

    `parameters` is a dict of arrays with the model's shapes; inputs and targets follow in the order
    in which the model declares them, or by name. For a network these are `x`, shape (N, D_0), and
    `y`, shape (N, D_depth). The loss is a float; the gradients are a dict of arrays with the shapes
    and dtype of the parameters. `source` is the code that runs; with NumPy alone it runs anywhere.
    Raises `ShapeError` where an array is missing or does not fit, and `DataError` where an input
    names a place that is not there.
    """

    source: str
    program: Program
    _loss_and_gradients: Callable[..., tuple[float, Arrays]]
    _predict: Callable[..., NDArray[Any]] | None
    _is_fragile: bool

    def __call__(
        self, parameters: Mapping[str, ArrayLike], /, *inputs: ArrayLike, **named: ArrayLike
    ) -> tuple[float, Arrays]:
        """The loss, and its derivative by each parameter."""
        given = _by_name(self.program.inputs, inputs, named)
        arguments, dtype = _checked(self.program, parameters, given)
        with _index_errors():
            return in_range(self._loss_and_gradients, arguments, dtype, self._is_fragile)

    def predict(
        self, parameters: Mapping[str, ArrayLike], /, *inputs: ArrayLike, **named: ArrayLike
    ) -> NDArray[Any]:
        """The outputs for the inputs, targets left out; for a network an array (N, D_depth)."""
        if self._predict is None:
            raise SymnnError(
                "this model has no output beside its loss; there is nothing to predict"
            )
        asked = self.program.system.named(Role.INPUT)
        given = _by_name(asked, inputs, named)
        arguments, dtype = _checked(self.program, parameters, given)
        with _index_errors():
            return in_range(self._predict, arguments, dtype, self._is_fragile)


@dataclass(frozen=True)
class CompiledArray:
    """A derivative that runs: `f(parameters, *inputs)` gives one array.

    Its axes are those of what is differentiated and then those of what it is differentiated by.
    Inputs and targets follow in the order in which the model declares them, or by name; targets, or
    all that does not occur, may be left out. `source` is the code that runs. Raises `ShapeError`
    where an array is missing or does not fit.
    """

    source: str
    program: ArrayProgram
    _array: Callable[..., NDArray[Any]]
    _is_fragile: bool

    def __call__(
        self, parameters: Mapping[str, ArrayLike], *inputs: ArrayLike, **named: ArrayLike
    ) -> NDArray[Any]:
        """The array at these values."""
        given = self._given(inputs, named)
        needed = {q.name: given[q.name] for q in self.program.inputs}
        arguments, dtype = _checked(self.program, parameters, needed)
        with _index_errors():
            return np.asarray(in_range(self._array, arguments, dtype, self._is_fragile))

    def _given(
        self, inputs: Sequence[ArrayLike], named: Mapping[str, ArrayLike]
    ) -> Mapping[str, ArrayLike]:
        """All inputs and targets by name; without the targets; or those that are needed alone."""
        declared = self.program.declared
        without_targets = tuple(q for q in declared if q.role is Role.INPUT)
        needed = self.program.inputs
        for asked in (declared, without_targets, needed):
            names = {q.name for q in asked}
            is_enough = names.issuperset(q.name for q in needed)
            if is_enough and len(asked) == len(inputs) + len(named) and names.issuperset(named):
                return _by_name(asked, inputs, named)
        return _by_name(needed, inputs, named)


@contextmanager
def _index_errors() -> Iterator[None]:
    """An index outside of its array is told as a shape that does not fit."""
    try:
        yield
    except IndexError as error:
        raise ShapeError(f"the equations read outside of an array: {error}") from None


def _checked(
    program: Program | ArrayProgram,
    parameters: Mapping[str, ArrayLike],
    given: Mapping[str, ArrayLike],
) -> tuple[list[Any], np.dtype[Any]]:
    """The parameters as a dict and the inputs as arrays, of shapes that fit, and their dtype."""
    sizes = _Sizes()
    arrays: Arrays = {}
    for q in program.parameters:
        if q.name not in parameters:
            names = (p.name for p in program.parameters)
            raise ShapeError(f"no array for the parameter {q.name}; give {', '.join(names)}")
        arrays[q.name] = _floating(parameters[q.name])
        sizes.check(f"parameter {q.name}", arrays[q.name], q.shape)
    dtype = np.result_type(*arrays.values()) if arrays else np.dtype(np.float64)
    batches = []
    for q in program.inputs:
        if q.name in given:
            batch = np.asarray(given[q.name], None if q.is_integer else dtype)
            sizes.check(q.name, batch, q.shape)
            batches.append(whole_numbers(q.name, batch) if q.is_integer else batch)
    inputs = (q.name for q in program.inputs if q.name in given)
    check_lookups(program.lookups, dict(zip(inputs, batches, strict=True)), sizes.known)
    return [arrays, *batches], dtype


def _by_name(
    asked: Sequence[Quantity], inputs: Sequence[ArrayLike], named: Mapping[str, ArrayLike]
) -> dict[str, ArrayLike]:
    """Each input that is asked for by its name; raises `ShapeError` for one missing or too many."""
    names = [q.name for q in asked]
    given = {**dict(zip(names, inputs, strict=False)), **named}
    if (
        len(inputs) > len(names)
        or set(given) != set(names)
        or len(given) < len(inputs) + len(named)
    ):
        text = ", ".join(names) or "none"
        raise ShapeError(f"{len(inputs) + len(named)} inputs were given; the model takes {text}")
    return given


class _Sizes:
    """The sizes that the arrays seen so far give to symbols."""

    def __init__(self) -> None:
        self._known: dict[Expr, tuple[int, str]] = {}

    @property
    def known(self) -> dict[Expr, Expr]:
        """The sizes alone."""
        return {size: Integer(n) for size, (n, _) in self._known.items()}

    def check(self, name: str, array: NDArray[Any], shape: tuple[Expr, ...]) -> None:
        """Raise `ShapeError` where the array has not this shape, or a symbol gets two sizes."""
        fits = array.ndim == len(shape) and all(
            n > 0 and (not size.is_Integer or n == size)
            for n, size in zip(array.shape, shape, strict=True)
        )
        if not fits:
            text = str(tuple(map(str, shape))).replace("'", "")
            raise ShapeError(f"{name} has the shape {array.shape}; it must be {text}")
        for n, size in zip(array.shape, shape, strict=True):
            if not size.is_Integer:
                self._agree(name, n, size)

    def _agree(self, name: str, n: int, size: Expr) -> None:
        known, first = self._known.setdefault(size, (n, name))
        if known == n:
            return
        if size == SAMPLES:
            raise ShapeError(
                f"{first} has {known} samples and {name} has {n}; they must have as many"
            )
        raise ShapeError(
            f"{first} has {size} = {known} and {name} has {size} = {n}; they must be the same"
        )


def _floating(values: ArrayLike) -> NDArray[np.floating]:
    array = np.asarray(values)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)


def compile_numpy(program: Program) -> CompiledFunction:
    """The program as functions on NumPy arrays."""
    source = source_of(program)
    names = _run(source.text, program.title)
    functions = names["loss_and_gradients"], names.get("predict")
    return CompiledFunction(source.text, program, *functions, source.is_fragile)


def compile_numpy_array(program: ArrayProgram) -> CompiledArray:
    """The program as a function that gives one NumPy array."""
    source = source_of(program)
    function = _run(source.text, program.title)["array"]
    return CompiledArray(source.text, program, function, source.is_fragile)


def _run(source: str, title: str) -> dict[str, Any]:
    """The names that a module's text defines."""
    namespace: dict[str, Any] = {}
    # The text is our own, printed from equations whose every name symnn gave or accepted.
    exec(compile(source, f"<{title}>", "exec"), namespace)
    return namespace
