"""The equation reader under a flood of texts: `python benchmarks/fuzz.py 20000 --seed 1`.

Half are examples with tokens changed, and the rest hostile pieces of Python, random words, random
bytes, and the same nested or repeated without end. Each text must give a system or an
`EquationError` of one line, within two seconds, and must not make the interpreter open a file,
import, compile, start a process, or connect. What does not is printed, and the exit status is 1.
"""

import argparse
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from symnn.parsing import EquationError, parse_expression, parse_system

ROOT = Path(__file__).parent.parent
EXAMPLES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.eqs"))]
SECONDS = 2
HEAD = "input x[n:N, t:T, d:D], id[n]; target y[n]; parameter W[d, h:H], w, b[h], β, σ_2[h]\n"
WORDS = re.findall(
    r"\n?\S+|\n",
    "x w b W y id n t d h N T D H k K loss sum mean max min prod softmax logsumexp where exp log "
    "sqrt tanh relu abs sign elu alpha beta maximum minimum erf sin cosh atan inf pi class None E "
    "I S Q lambda input target parameter assume and or not if for 0 1 2 3 7 0.5 1e-5 64 65 1e300 "
    "clip xlogy huber bce mse focal cosine delta=2 weight= τ β σ_2 Δ μ λ ϵ µ Ω h1 \n+ \n* \n- \n/ "
    "99999999 1e999 ( ) [ ] , : = + - * / ** // < <= == > >= != ; . ^ @ ' # { } é ∑ \n",
)
HOSTILE = (
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "w.__class__.__mro__",
    "x.diff('__import__(\"os\")')",
    "exec('1')",
    "eval(w)",
    "open('/etc/passwd').read()",
    "(lambda: 0)()",
    "[w for w in b]",
    "{w: w}",
    "f'{w}'",
    "(w := 1)",
    "globals()['x']",
    "getattr(x, 'y')",
    "w if w else w",
    "*w",
    "print(w)",
    "import os",
    "\\input{/etc/passwd}",
    "%s%n{0.__class__}",
    "10**10**10",
    "2**64**64",
    "Symbol(w)",
    "Function(w)(w)",
    "Sum(w, (n, 0, 10**9))",
    "factorial(10**9)",
    "prod(k:9999999, k)",
    "sum(k:9999999, k**64)",
    "sin(10**64)**64",
    "erf(1e300)**(1/3)",
    "gamma(1e9)",
    "zoo",
    "nan",
    "oo",
    "\ud800",
    "\x00",
    "\u202e",
)
LOSSES = ("mse", "huber", "bce", "quantile", "poisson_nll", "focal", "smooth_l1", "soft_margin")
GIVEN = ("", ", delta=2", ", delta=β", ", weight=w")
SIGNS = ("+", "-", "*", "/", "**", "//", "<", ",", " ", "(", ")", "[", "]", "=", ":", ";", "\n")


def mutated(rng: random.Random) -> str:
    """An example with a few of its pieces dropped, repeated, exchanged or replaced."""
    parts = _pieces(rng.choice(EXAMPLES))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        place = rng.randrange(len(parts) or 1)
        change = rng.randrange(5)
        if change == 0:
            del parts[place : place + rng.randrange(1, 4)]
        elif change == 1:
            parts[place:place] = parts[place : place + rng.randrange(1, 12)]
        elif change == 2:
            parts[place : place + 1] = [rng.choice(parts or [""])]
        elif change == 3:
            parts[place : place + 1] = [rng.choice(WORDS)]
        else:
            parts[place : place + 1] = [rng.choice(HOSTILE)]
    return "".join(parts)


def _pieces(text: str) -> list[str]:
    """Names, numbers, signs and blanks, as they stand."""
    found = [""]
    for one in text:
        if found[-1] and not (one.isalnum() and found[-1][-1].isalnum()):
            found.append("")
        found[-1] += one
    return found


def words(rng: random.Random) -> str:
    """A loss of random words."""
    return HEAD + "loss = " + " ".join(rng.choices(WORDS, k=rng.randrange(1, 40)))


def grown(rng: random.Random) -> str:
    """A loss that the grammar allows, with numbers that are too large now and then."""
    value = _value(rng, rng.randrange(1, 7))
    return HEAD + f"loss = sum(n, t, d, h, x[n,t,d]*b[h] + {value})"


def _value(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(
            ("w", "2", "0.5", "b[h]", "W[0,1]", "y[n]", "x[n,t,d]", "1e300", "64", "β")
        )
    one, other = _value(rng, depth - 1), _value(rng, rng.randrange(depth))
    made = (
        f"({one} {rng.choice(SIGNS[:7])} {other})",
        f"{rng.choice(('exp', 'log', 'sin', 'sqrt', 'erf', 'gelu', 'abs', 'softplus'))}({one})",
        f"{rng.choice(('sum', 'mean', 'max', 'prod', 'logsumexp'))}({rng.choice('nhtdk')}, {one})",
        f"where({one} < {other}, {one}, -inf)",
        f"{rng.choice(('maximum', 'minimum', 'xlogy'))}({one}, {other})",
        f"clip({one}, {rng.choice(('-1', '0', other))}, {rng.choice(('1', '1e300', one))})",
        f"{rng.choice(LOSSES)}({one}, {other}{rng.choice(GIVEN)})",
        f"({one}\n  {rng.choice('+-*/')} {other})",
        f"({one})**{rng.choice(('2', '64', '65', '-1', '0.5', '1/3', other))}",
    )
    return rng.choice(made)


def hostile(rng: random.Random) -> str:
    """Pieces of Python and of other languages, joined."""
    pieces = rng.choices(HOSTILE, k=rng.randrange(1, 4))
    return rng.choice((HEAD + "loss = ", "")) + rng.choice(SIGNS).join(pieces)


def repeated(rng: random.Random) -> str:
    """One short piece over and over, up to beyond the bound on the length."""
    piece = rng.choice((*SIGNS, "(w", "w+", "exp(", "-", "2**", "not ", "1/3*", "b[", "where(w<0,"))
    end = rng.choice(("", "w", "w" + ")" * rng.randrange(90)))
    return HEAD + "loss = " + piece * int(10 ** rng.uniform(0, 3.7)) + end


def random_bytes(rng: random.Random) -> str:
    """Bytes read as Latin or as UTF-8."""
    return rng.randbytes(rng.randrange(1, 60)).decode(rng.choice(("latin-1", "utf-8")), "replace")


KINDS: dict[Callable[[random.Random], str], int] = {
    mutated: 10,
    words: 3,
    grown: 4,
    hostile: 2,
    random_bytes: 3,
    repeated: 1,
}


class _TooSlowError(BaseException):
    """Reading a text has taken longer than it may."""


def _late(*_: object) -> None:
    raise _TooSlowError


_FORBIDDEN = ("open", "import", "compile", "exec", "os.", "subprocess.", "socket.", "ctypes.")


class Watch:
    """Python's own audit: what the interpreter does while a text is read."""

    def __init__(self) -> None:
        self.is_on = False
        self.seen: list[str] = []
        sys.addaudithook(self._event)

    def _event(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.is_on and event.startswith(_FORBIDDEN):
            self.seen.append(f"{event} {arguments}"[:200])


def fault_of(text: str, watch: Watch) -> tuple[str, str]:
    """What became of a text, and what is wrong with that; empty where nothing is."""
    watch.seen.clear()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    watch.is_on = True
    try:
        outcome, wrong = _read(text)
    except _TooSlowError:
        outcome, wrong = "slow", f"more than {SECONDS} s"
    finally:
        watch.is_on = False
        signal.setitimer(signal.ITIMER_PROF, 0)
    return outcome, wrong or "; ".join(watch.seen)


def _read(text: str) -> tuple[str, str]:
    read = parse_system if "\n" in text or "=" in text else parse_expression
    try:
        read(text)
    except EquationError as error:
        lines = str(error).count("\n") + 1
        return "refused", "" if lines == 1 and len(str(error)) < 400 else "a long message"
    except Exception as error:
        return "raised", f"{type(error).__name__}: {error}"[:200]
    return "read", ""


def main() -> int:
    """Read so many texts; the number of those that were not answered as they should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    signal.signal(signal.SIGPROF, _late)
    watch, outcomes, faults, slowest = Watch(), Counter[str](), 0, (0.0, "")
    rng = random.Random(chosen.seed)
    makers = rng.choices(list(KINDS), list(KINDS.values()), k=chosen.count)
    started = time.process_time()
    for maker in makers:
        text = maker(rng)
        before = time.process_time()
        outcome, wrong = fault_of(text, watch)
        slowest = max(slowest, (time.process_time() - before, text))
        outcomes[outcome] += 1
        if not wrong and time.process_time() - before > SECONDS:
            wrong = f"more than {SECONDS} s"
        if wrong:
            faults += 1
            print(f"{maker.__name__}: {wrong}\n  {text[:300]!r}")
    seconds = time.process_time() - started
    print(f"{chosen.count} texts in {seconds:.0f} s: {dict(outcomes)}, {faults} faults")
    print(f"slowest {slowest[0]:.2f} s: {slowest[1][-120:]!r}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
