"""Every block of a page is run when the site is built, and what it gives is what stands there.

The tests run them by the same code, `tests/documents.py`.
"""

import tempfile
from difflib import SequenceMatcher, unified_diff
from pathlib import Path

from tests.documents import BlockError, alike, rerun


def faults(text: str) -> list[tuple[int, str]]:
    """What does not come out as it stands: the line and what is wrong; nothing where all is so."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            now = rerun(text, Path(folder))
        except BlockError as error:
            return [(error.line, str(error))]
    known, now = alike(text).splitlines(), alike(now).splitlines()
    changes = SequenceMatcher(None, known, now, autojunk=False).get_opcodes()
    places = [start + 1 for kind, start, *_ in changes if kind != "equal"]
    if not places:
        return []
    diff = unified_diff(known, now, "the page", "what it gives now", lineterm="", n=1)
    return [(places[0], "\n".join(["a block is stale:", *diff]))]
