"""Equations as programs: a table of backends. Each prints the equations as code, and runs it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from symnn.compilation.numpy_backend import CompiledFunction, compile_numpy
from symnn.compilation.program import Program

Backend: TypeAlias = Callable[[Program], CompiledFunction]

BACKENDS: Mapping[str, Backend] = MappingProxyType({"numpy": compile_numpy})

__all__ = ["BACKENDS", "Backend", "CompiledFunction", "Program"]
