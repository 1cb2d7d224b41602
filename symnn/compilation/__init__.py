"""Equations as programs: a table of backends. Each prints the equations as code, and runs it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from symnn.compilation.numpy_backend import (
    CompiledArray,
    CompiledFunction,
    compile_numpy,
    compile_numpy_array,
)
from symnn.compilation.program import ArrayProgram, Program

Backend: TypeAlias = Callable[[Program], CompiledFunction]

BACKENDS: Mapping[str, Backend] = MappingProxyType({"numpy": compile_numpy})

ARRAY_BACKENDS: Mapping[str, Callable[[ArrayProgram], CompiledArray]] = MappingProxyType(
    {"numpy": compile_numpy_array}
)

__all__ = [
    "ARRAY_BACKENDS",
    "BACKENDS",
    "ArrayProgram",
    "Backend",
    "CompiledArray",
    "CompiledFunction",
    "Program",
]
