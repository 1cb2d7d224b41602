"""What both benchmarks share: interleaved timing, and what the machine is."""

import os
import platform
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def interleaved(runs: int, cases: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median time of each case in seconds; they take turns, after one run unmeasured."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        case()
    for _ in range(runs):
        for name, case in cases.items():
            start = perf_counter()
            case()
            times[name].append(perf_counter() - start)
    return {name: median(values) for name, values in times.items()}


def show(title: str, times: Mapping[str, float], against: str) -> None:
    """Print each time, and its ratio to that of one of them."""
    print(f"\n{title}")
    wide = max(map(len, times))
    for name, seconds in times.items():
        ratio = seconds / times[against]
        print(f"  {name:<{wide}}  {1e3 * seconds:10.3f} ms  {ratio:8.2f} × {against}")


def show_machine() -> None:
    """Print what figures depend on: the machine, its load, and how many cores may be used."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores, ",
        end="",
    )
    print(f"{len(os.sched_getaffinity(0))} of them usable, load {load}")
    print(f"OPENBLAS_CORETYPE: {os.environ.get('OPENBLAS_CORETYPE', 'not set')}")
