"""Equations as a user types them, read into a system by a parser of our own.

Nothing of a text is ever evaluated: `tokens` cut it, `grammar` makes a tree of it, `names` says
what each name stands for, and `building` makes the SymPy objects one by one from `vocabulary`.
"""

from symnn.parsing.source import EquationError
from symnn.parsing.systems import parse_expression, parse_system

__all__ = ["EquationError", "parse_expression", "parse_system"]
