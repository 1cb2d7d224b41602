"""A directive for Sphinx, in reStructuredText and MyST: ```` ```{symnn} derive 2-3-1 ````.

`extensions = ["symnn.sphinx"]` in conf.py. The directive prints what the command prints: headings,
formulas as mathematics of Sphinx's own, and notes; a command without formulas as literal text. A
command that symnn refuses is a warning with the file and the line, and an error under `-W`.

Needs the extra `docs`: `pip install 'symnn[docs]'`.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive

from symnn.cli.commands import output_of
from symnn.errors import SymnnError
from symnn.version import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_BLANK_LINES = re.compile(r"\n{2,}")


class SymnnDirective(Directive):
    """`symnn COMMAND`: what the command prints, as part of the document."""

    required_arguments = 1
    optional_arguments = 0
    final_argument_whitespace = True
    has_content = False

    def run(self) -> list[nodes.Node]:
        """The nodes of the output; a message of docutils where the command is refused."""
        source, _ = self.state_machine.get_source_and_line(self.lineno)
        try:
            words = shlex.split(self.arguments[0])
            printed, format_ = output_of(words, Path(source or ".").absolute().parent)
        except (SymnnError, ValueError) as error:
            message = f"symnn {self.arguments[0]}: {error}"
            return [self.state.document.reporter.warning(message, line=self.lineno)]
        if format_ != "markdown":
            return [nodes.literal_block(printed, printed, language="text")]
        return list(_nodes(printed))


def _nodes(markdown: str) -> Iterator[nodes.Node]:
    """The nodes of a page as the format `markdown` writes it: headings, formulas, notes."""
    for block in _BLANK_LINES.split(markdown.strip()):
        if block.startswith("$$"):
            yield _formula(block.strip("$\n"))
        elif block.startswith("**") and block.endswith("**"):
            yield nodes.rubric(text=block.strip("*"))
        else:
            yield nodes.paragraph(text=block)


def _formula(latex: str) -> nodes.Node:
    # Unwrapped, since Sphinx would put `aligned` into a `split`.
    text = f"\\[\n{latex}\n\\]"
    node = nodes.math_block(text, text, nowrap=True, number=None)
    node["no-wrap"] = True
    return node


def setup(app: "Sphinx") -> dict[str, object]:
    """Register the directive; Sphinx calls it."""
    app.add_directive("symnn", SymnnDirective)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
