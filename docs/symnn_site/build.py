"""The part that Sphinx calls: what takes long is made first, then the pages are read."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import cpu_count

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from symnn_site import blocks, gallery, mathematics, reference
from tests.forks import program

_logger = logging.getLogger(__name__)
# What is made before the pages are read: the faults of a page's blocks, the entry of a table's row.
_MADE: dict[tuple[str, ...], object] = {}


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the parts; Sphinx calls it."""
    mathematics.setup(app)
    app.connect("env-before-read-docs", _make)
    app.connect("source-read", _read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _make(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Do what takes long, since Sphinx deals out pages in the order of their names."""
    # One process starts the commands of all pages; it has to be there before any fork.
    program()
    with ProcessPoolExecutor(cpu_count(), get_context("fork")) as pool:
        begun = {}

        def begin(key: tuple[str, ...], function: Callable[..., object], *given: object) -> None:
            begun[key] = pool.submit(function, *given)

        for page in pages:
            path = env.doc2path(page)
            text = path.read_text(encoding="utf-8") if path.suffix == ".md" else ""
            begin((page,), blocks.faults, text)
            for table, name in gallery.rows_in(text):
                begin((table, name), gallery.markdown, table, name, app.srcdir)
        _MADE.update({key: future.result() for key, future in begun.items()})


def _read(_: Sphinx, page: str, source: list[str]) -> None:
    for line, message in _MADE.get((page,), ()):
        _logger.warning(message, location=(page, line))
    source[0] = reference.filled(gallery.filled(source[0], _MADE))
