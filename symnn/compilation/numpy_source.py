"""A program as the text of a NumPy module, which runs on its own.

It has `predict(parameters, x)` and `loss_and_gradients(parameters, x, y)`, with the inputs and
targets that the system declares.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from symnn.array_nodes import Own, is_shared
from symnn.compilation.numpy_formulas import safe
from symnn.compilation.numpy_helpers import helpers_of
from symnn.compilation.numpy_lines import Assignment, LineWriter
from symnn.compilation.program import ArrayProgram, Program, needed_by
from symnn.compilation.widening import is_fragile
from symnn.equations import Equation, Quantity, Role
from symnn.stability import Lines, computable


@dataclass(frozen=True)
class Source:
    """The text of a module; `is_fragile` where a value that became 0 may do harm in it."""

    text: str
    is_fragile: bool


def source_of(program: Program | ArrayProgram) -> Source:
    """The program as a module that runs with NumPy alone."""
    if isinstance(program, ArrayProgram):
        return _ArraySource(program).source()
    return _FunctionSource(program).source()


class _FunctionSource(LineWriter):
    """A program of a loss and its gradients on its way to text."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.program = program
        known = {e.quantity.name for e in program.adjoints}
        gradients = tuple(program.gradients.values())
        kept = {program.output.name} if program.output else set()
        lines = Lines(program.system.equations, program.adjoints, gradients)
        lines = computable(lines, kept)
        self.rewritten, self.forward = lines, lines.forward
        *before, loss = lines.forward
        self.layers = self.assignments(before)
        (self.loss,) = self.assignments([loss])
        self.adjoints = self.assignments(lines.adjoints)
        self.gradients = self.assignments(
            [e for e in lines.gradients if e.quantity.name not in known]
        )

    def source(self) -> Source:
        """The whole module."""
        everything = [*self.layers, self.loss, *self.adjoints, *self.gradients]
        helpers = helpers_of([a.array for a in everything], self.printer)
        functions = [*helpers, *self._predict(), self._loss_and_gradients()]
        return _module(self.program.title, functions, everything)

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
            *self.unpacking(),
            *self.sizes(layers, inputs),
            *self.dtype(layers),
            "",
            *self.lines(layers),
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
            *self.unpacking(),
            *self.sizes(everything, inputs),
            *self.dtype(everything),
            *self.block("Forward", forward),
            *self.block("Backward", self._results(self.adjoints)),
            *self.block("Gradients", self._results(self.gradients)),
            f"    return float({safe(self.loss.name)}), {{{results}}}",
        ]
        return "\n".join(lines)

    def _needed(self) -> set[str]:
        """The names of all that the loss and the gradients are computed from."""
        every = (*self.forward, *self.rewritten.adjoints, *self.rewritten.gradients)
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


class _ArraySource(LineWriter):
    """A program of one array on its way to text."""

    def __init__(self, program: ArrayProgram) -> None:
        super().__init__(program)
        self.program = program

    def source(self) -> Source:
        """The whole module."""
        result = self.program.result.quantity
        lines = self.assignments(self._equations())
        shape = ", ".join(str(size) for size in result.shape)
        function = [
            _signature("array", self.program.inputs),
            f'    """The array {result.name}, shape ({shape})."""',
            *self.unpacking(),
            *self.sizes(lines, self.program.inputs),
            *self.dtype(lines),
            "",
            *self.lines(lines),
            f"    return {safe(result.name)}",
        ]
        helpers = helpers_of([a.array for a in lines], self.printer)
        return _module(self.program.title, [*helpers, "\n".join(function)], lines)

    def _equations(self) -> list[Equation]:
        """What the result is computed from, and itself."""
        program, result = self.program, self.program.result
        every = program.equations
        names = {e.quantity.name for e in program.system.equations}
        forward = tuple(e for e in every if e.quantity.name in names and e != result)
        adjoints = tuple(e for e in every if e.quantity.name not in names and e != result)
        lines = computable(Lines(forward, adjoints, (result,)))
        found = (*lines.forward, *lines.adjoints, *lines.gradients)
        needed = needed_by(result.quantity, found)
        return [e for e in found if e.quantity.name in needed]


def _module(title: str, functions: Sequence[str], lines: Sequence[Assignment]) -> Source:
    """A module of these functions, made of these lines."""
    needs_math = any("math." in text for text in functions)
    imports = ["import math", "", "import numpy as np"] if needs_math else ["import numpy as np"]
    head = "\n".join([f'"""{title}"""', "", *imports])
    text = "\n\n\n".join([head, *functions]) + "\n"
    return Source(text, is_fragile(a.array for a in lines))


def _signature(name: str, inputs: Iterable[Quantity]) -> str:
    return f"def {name}({', '.join(['parameters', *(safe(q.name) for q in inputs)])}):"
