"""Equations as lines of NumPy code: an assignment each, or a loop over an index, and the sizes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sympy import Expr, Function, Pow, Symbol, Tuple

from symnn.array_nodes import Spread
from symnn.arrays import as_array
from symnn.binding import size_of
from symnn.cases import Piecewise
from symnn.compilation.guards import guarded
from symnn.compilation.loops import Group, grouped
from symnn.compilation.numpy_formulas import safe
from symnn.compilation.numpy_helpers import silent
from symnn.compilation.numpy_printer import NumpyPrinter
from symnn.compilation.program import ArrayProgram, Program
from symnn.compilation.windows import with_views
from symnn.equations import Equation, Quantity, Role
from symnn.extents import Within, with_marks
from symnn.reading import order_of
from symnn.stability import with_stable_functions


@dataclass(frozen=True)
class Assignment:
    """`name = array`, one line of the program; in a loop, for one place on an axis of a shape."""

    name: str
    array: Expr
    shape: tuple[Expr, ...] = ()
    axis: int = 0
    loop: Group | None = None


class LineWriter:
    """The equations of one program on their way to lines."""

    def __init__(self, program: Program | ArrayProgram) -> None:
        self.signature = program
        integers = [q.name for q in program.inputs if q.is_integer]
        self.printer = NumpyPrinter(order_of(program.system), integers)
        self.names: dict[Expr, str] = {}
        self.taken = frozenset(program.system.quantities)
        self.shapes = {q.name: q.shape for q in program.system.quantities.values()}

    def assignments(self, equations: Sequence[Equation]) -> list[Assignment]:
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

    def block(self, heading: str, assignments: Sequence[Assignment]) -> list[str]:
        """The lines below a comment; none for no assignments."""
        return ["", f"    # {heading}", *self.lines(assignments)] if assignments else []

    def lines(self, assignments: Iterable[Assignment]) -> list[str]:
        """The text of the assignments, those of one loop together."""
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

    def unpacking(self) -> list[str]:
        """A line for each parameter: `W1 = parameters["W1"]`."""
        parameters = self.signature.parameters
        return [f'    {safe(q.name)} = parameters["{q.name}"]' for q in parameters]

    def dtype(self, used: Sequence[Assignment]) -> list[str]:
        """The line for the dtype of the parameters, where an assignment asks for it."""
        is_needed = any(sign in line for line in self.lines(used) for sign in _USES_OF_DTYPE)
        floats = [safe(q.name) for q in self.signature.inputs if not q.is_integer]
        arrays = "*parameters.values()" if self.signature.parameters else ", ".join(floats)
        dtype = f"np.result_type({arrays})" if arrays else "np.dtype(float)"
        return [f"    dtype = {dtype}"] if is_needed else []

    def sizes(self, used: Sequence[Assignment], inputs: Iterable[Quantity]) -> Iterator[str]:
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
    """Whether a branch, where it is not taken, may come to no number, or to none of a float's."""
    branches = [value for p in array.atoms(Piecewise) for value, _ in p.args]
    parts = [part for value in branches for part in value.atoms(Function, Pow)]
    return any(not isinstance(p, Piecewise) for p in parts)


_USES_OF_DTYPE = ("astype(dtype)", ", dtype)", "dtype=dtype)")
