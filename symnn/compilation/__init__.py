"""Equations as programs: a table of backends. Each prints the equations as code, and runs it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from symnn.compilation.numpy_backend import CompiledFunction, compile_numpy
from symnn.compilation.program import Program

BACKENDS: Mapping[str, Callable[[Program], CompiledFunction]] = MappingProxyType(
    {"numpy": compile_numpy}
)

__all__ = ["BACKENDS", "CompiledFunction", "Program"]
