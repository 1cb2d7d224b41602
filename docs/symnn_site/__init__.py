"""What makes the site out of the pages: blocks are run, and tables are written out, at each build.

Nothing that can be generated is kept: a page with a stale output, or with an output that a command
no longer gives, is a warning with its file and line, and `./check docs` makes it an error.
"""

from sphinx.application import Sphinx

from symnn_site import blocks


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the parts; Sphinx calls it."""
    blocks.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
