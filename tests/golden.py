"""Text that was looked at and accepted: a test compares with it, and one command accepts anew.

    ACCEPT=1 pytest tests/test_rendering.py tests/test_readme.py tests/test_docs.py

writes what the program prints today into tests/golden, README.md and docs; look at `git diff` then.
"""

import os
from difflib import unified_diff
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
HOW = (
    "to accept it: ACCEPT=1 pytest tests/test_rendering.py tests/test_readme.py tests/test_docs.py"
)


def compare(path, actual, alike=str):
    """Fail with a diff where the file at `path` is not `actual`; with ACCEPT=1 write it.

    `alike` takes out of a text what may differ from machine to machine.
    """
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    if alike(known) == alike(actual):
        return
    if os.environ.get("ACCEPT") and not os.environ.get("CI"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8")
        return
    lines = unified_diff(
        known.splitlines(), actual.splitlines(), "accepted", "printed now", lineterm="", n=2
    )
    name = path.name if GOLDEN in path.parents else path.relative_to(ROOT)
    pytest.fail("\n".join([f"{name} has changed; {HOW}", *lines]), pytrace=False)
