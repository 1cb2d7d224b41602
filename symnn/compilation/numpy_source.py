"""A program as the text of a NumPy module, which runs on its own.

It has `predict(parameters, x)` and `loss_and_gradients(parameters, x, y)`, with the inputs and
targets that the system declares.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sympy import Expr, Function, Piecewise, Pow, Symbol, Tuple

from symnn.array_nodes import Own, Spread, is_shared
from symnn.arrays import as_array
from symnn.binding import size_of
from symnn.compilation.guards import guarded, is_plain_power
from symnn.compilation.loops import Group, grouped
from symnn.compilation.numpy_helpers import helpers_of, silent
from symnn.compilation.numpy_printer import NumpyPrinter, safe
from symnn.compilation.program import ArrayProgram, Program, needed_by
from symnn.compilation.windows import with_views
from symnn.equations import Equation, Quantity, Role
from symnn.extents import Within, with_marks
from symnn.reading import order_of
from symnn.stability import Lines, seen_through, with_stable_functions, without_overflow


@dataclass(frozen=True)
class Assignment:
    """`name = array`, one line of the program; in a loop, for one place on an axis of a shape."""

    name: str
    array: Expr
    shape: tuple[Expr, ...] = ()
    axis: int = 0
    loop: Group | None = None


def source_of(program: Program | ArrayProgram) -> str:
    """The program as a module that runs with NumPy alone."""
    if isinstance(program, ArrayProgram):
        return _ArraySource(program).text()
    return _FunctionSource(program).text()


class _Source:
    """One program on its way to text."""

    def __init__(self, program: Program | ArrayProgram) -> None:
        self.signature = program
        integers = [q.name for q in program.inputs if q.is_integer]
        self.printer = NumpyPrinter(order_of(program.system), integers)
        self.names: dict[Expr, str] = {}
        self.taken = frozenset(program.system.quantities)
        self.shapes = {q.name: q.shape for q in program.system.quantities.values()}

    def _assignments(self, equations: Sequence[Equation]) -> list[Assignment]:
        """The lines for these equations, safe to compute, loops among them."""
        self.shapes |= {e.quantity.name: e.quantity.shape for e in equations}
        return [a for group in grouped(equations) for a in self._group(group)]

    def _group(self, group: Group) -> Iterator[Assignment]:
        for e in group.equations:
            if group.index is None:
                yield self._assignment(e)
            else:
                yield self._inside(e, group)

    def _assignment(self, e: Equation) -> Assignment:
        array = self._array(e)
        is_constant = all(s.is_integer for s in array.free_symbols)
        if is_constant and e.quantity.role is Role.INTERMEDIATE and not e.quantity.shape:
            # What reads it may ask for its dtype.
            array = Spread(array, Tuple())
        return Assignment(e.quantity.name, array)

    def _array(self, e: Equation) -> Expr:
        array = as_array(Equation(e.quantity, e.indices, self._guarded(e)), self.shapes)
        return with_views(with_stable_functions(array, self.names, self.taken), self.shapes)

    def _guarded(self, e: Equation) -> Expr:
        return guarded(with_marks(e.expression, self.shapes))

    def _inside(self, e: Equation, group: Group) -> Assignment:
        """The line for one value of the index of a loop."""
        assert group.index is not None
        place = Symbol(str(group.index.label), integer=True)
        others = tuple(i for i in e.indices if i != group.index)
        # Marked while the index is known for one: of a number nobody sees how far it runs.
        marked = self._guarded(e).xreplace({group.index: place})
        array = self._array(Equation(e.quantity, others, marked.xreplace({Within(place): place})))
        axis = e.indices.index(group.index)
        return Assignment(e.quantity.name, array, e.quantity.shape, axis, group)

    def _block(self, heading: str, assignments: Sequence[Assignment]) -> list[str]:
        return ["", f"    # {heading}", *self._lines(assignments)] if assignments else []

    def _lines(self, assignments: Iterable[Assignment]) -> list[str]:
        lines: list[str] = []
        for loop, members in groupby(assignments, key=lambda a: a.loop):
            written = list(members)
            if loop is None:
                lines += [line for a in written for line in self._line(a)]
            else:
                lines += self._loop(loop, written)
        return lines

    def _line(self, a: Assignment) -> list[str]:
        line = f"    {safe(a.name)} = {self._text(a.array)}"
        return silent([line]) if _has_loud_branch(a.array) else [line]

    def _loop(self, loop: Group, members: Sequence[Assignment]) -> list[str]:
        """Empty arrays, and a loop that fills them place by place."""
        empty = [
            f"    {safe(a.name)} = np.zeros({self.printer.shape(a.shape)}, dtype)" for a in members
        ]
        lines = list(self._steps(loop, members))
        is_loud = any(_has_loud_branch(a.array) for a in members)
        return [*empty, *(silent(lines) if is_loud else lines)]

    def _steps(self, loop: Group, members: Sequence[Assignment]) -> Iterator[str]:
        assert loop.index is not None
        steps = f"range({self._text(size_of(loop.index))})"
        steps = f"reversed({steps})" if loop.is_descending else steps
        yield f"    for {loop.index.label} in {steps}:"
        for a in members:
            place = ", ".join([":"] * a.axis + [str(loop.index.label)])
            yield f"        {safe(a.name)}[{place}] = {self._text(a.array)}"

    def _text(self, expression: Expr) -> str:
        return str(self.printer.doprint(expression))

    def _unpacking(self) -> list[str]:
        parameters = self.signature.parameters
        return [f'    {safe(q.name)} = parameters["{q.name}"]' for q in parameters]

    def _dtype(self, used: Sequence[Assignment]) -> list[str]:
        """The line for the dtype of the parameters, where an assignment asks for it."""
        is_needed = any(sign in line for line in self._lines(used) for sign in _USES_OF_DTYPE)
        floats = [safe(q.name) for q in self.signature.inputs if not q.is_integer]
        arrays = "*parameters.values()" if self.signature.parameters else ", ".join(floats)
        dtype = f"np.result_type({arrays})" if arrays else "np.dtype(float)"
        return [f"    dtype = {dtype}"] if is_needed else []

    def _sizes(self, used: Sequence[Assignment], inputs: Iterable[Quantity]) -> Iterator[str]:
        """A line for each size that these assignments name: `N = x.shape[0]`."""
        loops = [size_of(a.loop.index) for a in used if a.loop and a.loop.index]
        written = [*(a.array for a in used), *(size for a in used for size in a.shape), *loops]
        indices = {str(a.loop.index.label) for a in used if a.loop and a.loop.index}
        symbols = {s for e in written for s in e.free_symbols if s.is_integer}
        symbols = {s for s in symbols if str(s) not in indices}
        arrays = [*inputs, *self.signature.parameters]
        for size in sorted(symbols, key=str):
            found = (_solved(size, q, axis) for q in arrays for axis in range(len(q.shape)))
            yield f"    {safe(str(size))} = {next(text for text in found if text)}"


class _FunctionSource(_Source):
    """A program of a loss and its gradients on its way to text."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.program = program
        known = {e.quantity.name for e in program.adjoints}
        gradients = tuple(program.gradients.values())
        kept = {program.output.name} if program.output else set()
        lines = Lines(program.system.equations, program.adjoints, gradients)
        lines = seen_through(without_overflow(lines, kept))
        self.lines, self.forward = lines, lines.forward
        *before, loss = lines.forward
        self.layers = self._assignments(before)
        (self.loss,) = self._assignments([loss])
        self.adjoints = self._assignments(lines.adjoints)
        self.gradients = self._assignments(
            [e for e in lines.gradients if e.quantity.name not in known]
        )

    def text(self) -> str:
        """The whole module."""
        everything = [*self.layers, self.loss, *self.adjoints, *self.gradients]
        helpers = helpers_of([a.array for a in everything], self.printer)
        functions = [*helpers, *self._predict(), self._loss_and_gradients()]
        head = [f'"""{self.program.title}"""', "\n".join(_imports(helpers))]
        return "\n\n\n".join(["\n\n".join(head), *functions]) + "\n"

    def _predict(self) -> Iterator[str]:
        output = self.program.output
        if output is None:
            return
        inputs = self.program.system.named(Role.INPUT)
        needed = needed_by(output, self.forward)
        layers = [a for a in self.layers if a.name in needed]
        shape = ", ".join(str(size) for size in output.shape)
        lines = [
            _signature("predict", inputs),
            f'    """The outputs, shape ({shape})."""',
            *self._unpacking(),
            *self._sizes(layers, inputs),
            *self._dtype(layers),
            "",
            *self._lines(layers),
            f"    return {safe(output.name)}",
        ]
        yield "\n".join(lines)

    def _loss_and_gradients(self) -> str:
        inputs = self.program.inputs
        forward = [a for a in (*self.layers, self.loss) if a.name in self._needed()]
        everything = [*forward, *self._results(self.adjoints), *self._results(self.gradients)]
        results = ", ".join(
            f'"{name}": {safe(e.quantity.name)}' for name, e in self.program.gradients.items()
        )
        lines = [
            _signature("loss_and_gradients", inputs),
            '    """The loss, and its derivative by each parameter, in its shape."""',
            *self._unpacking(),
            *self._sizes(everything, inputs),
            *self._dtype(everything),
            *self._block("Forward", forward),
            *self._block("Backward", self._results(self.adjoints)),
            *self._block("Gradients", self._results(self.gradients)),
            f"    return float({safe(self.loss.name)}), {{{results}}}",
        ]
        return "\n".join(lines)

    def _needed(self) -> set[str]:
        """The names of all that the loss and the gradients are computed from."""
        every = (*self.forward, *self.lines.adjoints, *self.lines.gradients)
        gradients = (e.quantity for e in self.program.gradients.values())
        found = (needed_by(q, every) for q in (self.program.system.loss, *gradients))
        return set().union(*found)

    def _results(self, assignments: Iterable[Assignment]) -> list[Assignment]:
        """The assignments; what is given back is an array that nothing else looks into."""
        results = {e.quantity.name for e in self.program.gradients.values()}
        return [
            replace(a, array=Own(a.array)) if a.name in results and is_shared(a.array) else a
            for a in assignments
        ]


class _ArraySource(_Source):
    """A program of one array on its way to text."""

    def __init__(self, program: ArrayProgram) -> None:
        super().__init__(program)
        self.program = program

    def text(self) -> str:
        """The whole module."""
        result = self.program.result.quantity
        lines = self._assignments(self._equations())
        shape = ", ".join(str(size) for size in result.shape)
        function = [
            _signature("array", self.program.inputs),
            f'    """The array {result.name}, shape ({shape})."""',
            *self._unpacking(),
            *self._sizes(lines, self.program.inputs),
            *self._dtype(lines),
            "",
            *self._lines(lines),
            f"    return {safe(result.name)}",
        ]
        helpers = helpers_of([a.array for a in lines], self.printer)
        head = [f'"""{self.program.title}"""', "\n".join(_imports(helpers))]
        return "\n\n\n".join(["\n\n".join(head), *helpers, "\n".join(function)]) + "\n"

    def _equations(self) -> list[Equation]:
        """What the result is computed from, and itself."""
        program, result = self.program, self.program.result
        every = program.equations
        names = {e.quantity.name for e in program.system.equations}
        forward = tuple(e for e in every if e.quantity.name in names and e != result)
        adjoints = tuple(e for e in every if e.quantity.name not in names and e != result)
        lines = seen_through(without_overflow(Lines(forward, adjoints, (result,)), ()))
        found = (*lines.forward, *lines.adjoints, *lines.gradients)
        needed = needed_by(result.quantity, found)
        return [e for e in found if e.quantity.name in needed]


def _solved(size: Symbol, q: Quantity, axis: int) -> str:
    """A size as code, by an axis of an array that is linear in it alone; empty if it is not."""
    shape = q.shape[axis]
    slope = shape.diff(size)
    if shape.free_symbols != {size} or not slope.is_Integer:
        return ""
    measured, constant = f"{safe(q.name)}.shape[{axis}]", shape.subs(size, 0)
    if constant != 0:
        measured = f"({measured} {'-' if constant > 0 else '+'} {abs(constant)})"
    return measured if slope == 1 else f"{measured} // {slope}"


def _has_loud_branch(array: Expr) -> bool:
    """Whether a branch, where it is not taken, may come to no number."""
    branches = [value for p in array.atoms(Piecewise) for value, _ in p.args]
    parts = [part for value in branches for part in value.atoms(Function, Pow)]
    return any(not isinstance(p, Piecewise) for p in parts if not is_plain_power(p))


_USES_OF_DTYPE = ("astype(dtype)", ", dtype)")


def _signature(name: str, inputs: Iterable[Quantity]) -> str:
    return f"def {name}({', '.join(['parameters', *(safe(q.name) for q in inputs)])}):"


def _imports(helpers: Sequence[str]) -> list[str]:
    needs_math = any("math." in text for text in helpers)
    return ["import math", "", "import numpy as np"] if needs_math else ["import numpy as np"]
