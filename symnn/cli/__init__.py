"""The command line: parse, call, print.

Nothing at the top of these modules imports SymPy or NumPy: `symnn --help` must not pay for them, so
each command imports what it needs when it runs.
"""

from symnn.cli.app import main

__all__ = ["main"]
