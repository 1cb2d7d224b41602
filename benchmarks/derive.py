"""How long deriving takes, and starting: `python benchmarks/derive.py`.

Widths should cost nothing, and depth should cost in proportion. Every figure is a median of
interleaved runs in new values: nothing derived is kept from one run to the next.
"""

import subprocess
import sys

from sympy.core.cache import clear_cache
from timing import interleaved, show, show_machine

from symnn import Network, derive

NETS = {
    "4-8-8-3": "4-8-8-3",
    "784-512-512-10": "784-512-512-10",
    "6 hidden layers of 8": "-".join(["4", *["8"] * 6, "3"]),
    "60 hidden layers of 8": "-".join(["4", *["8"] * 60, "3"]),
}
STARTS = {
    "symnn derive 2-2-1": [sys.executable, "-m", "symnn", "derive", "2-2-1"],
    "symnn --help": [sys.executable, "-m", "symnn", "--help"],
    "import sympy": [sys.executable, "-c", "import sympy"],
    "python alone": [sys.executable, "-c", ""],
}


def derived(spec: str) -> None:
    """Derive with SymPy's cache empty, as in a process of its own."""
    clear_cache()
    derive(Network(spec))


def compiled(spec: str) -> None:
    """Derive and make the NumPy function."""
    clear_cache()
    derive(Network(spec)).lambdify()


def started(arguments: list[str]) -> None:
    """One process from start to end."""
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Measure and print."""
    show_machine()
    nets = {name: lambda spec=spec: derived(spec) for name, spec in NETS.items()}
    show("Derive", interleaved(5, nets), "4-8-8-3")
    both = {name: lambda spec=spec: compiled(spec) for name, spec in NETS.items()}
    show("Derive and compile", interleaved(3, both), "4-8-8-3")
    starts = {name: lambda a=arguments: started(a) for name, arguments in STARTS.items()}
    show("A process from start to end", interleaved(15, starts), "import sympy")


if __name__ == "__main__":
    main()
