"""How long deriving takes, and telling it: `python benchmarks/derive.py`, `… derive.py starts`.

Widths should cost nothing, and depth should cost in proportion. Every figure is a median of
interleaved runs in new values: nothing derived is kept from one run to the next.
"""

import os
import shlex
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
SIX = "-".join(["4", *["8:tanh"] * 5, "3:softmax"])
STARTS = {
    "symnn derive 2-2-1": "-m symnn derive 2-2-1",
    "symnn derive 2-2-1 --steps": "-m symnn derive 2-2-1 --steps",
    "symnn explain, six layers": f"-m symnn explain {SIX} --loss cross_entropy --all --detail full",
    "symnn --help": "-m symnn --help",
    "import sympy": "-c 'import sympy'",
    "python alone": "-c pass",
}


def derived(spec: str) -> None:
    """Derive with SymPy's cache empty, as in a process of its own."""
    clear_cache()
    derive(Network(spec))


def compiled(spec: str) -> None:
    """Derive and make the NumPy function."""
    clear_cache()
    derive(Network(spec)).lambdify()


def started(arguments: str) -> None:
    """One process from start to end, with bytecode kept as where a package is installed."""
    keeping = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *shlex.split(arguments)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=keeping)


def main() -> None:
    """Measure and print."""
    show_machine()
    if "starts" not in sys.argv[1:]:
        derivations()
    starts = {name: lambda a=arguments: started(a) for name, arguments in STARTS.items()}
    show("A process from start to end", interleaved(15, starts), "import sympy")


def derivations() -> None:
    """Measure deriving alone, within this process."""
    nets = {name: lambda spec=spec: derived(spec) for name, spec in NETS.items()}
    show("Derive", interleaved(5, nets), "4-8-8-3")
    both = {name: lambda spec=spec: compiled(spec) for name, spec in NETS.items()}
    show("Derive and compile", interleaved(3, both), "4-8-8-3")


if __name__ == "__main__":
    main()
