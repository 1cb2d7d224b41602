"""The command line: parse, call, print.

Nothing at the top of these modules imports SymPy or NumPy: `symnn --help` must not pay for them, so
each command imports what it needs when it runs.
"""

from symnn.cli import check, derive, explain, plot, predict, render, sty, tables, train
from symnn.cli.app import main

_COMMANDS = (derive, explain, train, predict, check, plot, render, sty, tables)

__all__ = ["main"]
