"""A directive for Sphinx, in reStructuredText and MyST: ```` ```{symnn} derive 2-3-1 ````.

`extensions = ["symnn.sphinx"]` in conf.py. The directive prints what the command prints: headings,
formulas as mathematics of Sphinx's own, and notes; a command without formulas as literal text. A
command that symnn refuses is a warning with the file and the line, and an error under `-W`. The
option `only` names the sections that are shown, by how their headings begin: `:only: forward`.
`plot KIND …` is a picture, with its text alternative.

Needs the extra `docs`: `pip install 'symnn[docs]'`.
"""

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives

from symnn.cli.commands import output_of, picture_of
from symnn.errors import FormatError, SymnnError, unknown_name
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
    option_spec: ClassVar = {"only": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """The nodes of the output; a message of docutils where the command is refused."""
        source, _ = self.state_machine.get_source_and_line(self.lineno)
        try:
            words = shlex.split(self.arguments[0])
            folder = Path(source or ".").absolute().parent
            if words[:1] == ["plot"] and "only" not in self.options:
                return [self._picture(words, folder)]
            printed, format_ = output_of(words, folder)
            if format_ == "markdown":
                return list(_nodes(_chosen(printed, self.options.get("only", ""))))
            if "only" in self.options:
                raise FormatError("only a page of formulas has sections to choose from")
        except (SymnnError, ValueError) as error:
            message = f"symnn {self.arguments[0]}: {error}"
            return [self.state.document.reporter.warning(message, line=self.lineno)]
        return [nodes.literal_block(printed, printed, language="text")]

    def _picture(self, words: list[str], folder: Path) -> nodes.Node:
        """The picture as an image; it is kept beside the doctrees, as SVG or, for LaTeX, PDF."""
        app = self.state.document.settings.env.app
        name = sha256("\0".join([str(folder), *words]).encode()).hexdigest()[:16]
        ending = "pdf" if app.builder.format == "latex" else "svg"
        path = Path(app.doctreedir, "symnn", f"{name}.{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        alt = picture_of(words, path, folder)
        return nodes.image(uri=os.path.relpath(path, folder), alt=alt, classes=["symnn-picture"])


def _chosen(markdown: str, only: str) -> list[str]:
    """The blocks of a page, or those of the sections that are named, without their headings.

    What follows the last formula is the section `notes`.
    """
    blocks = _BLANK_LINES.split(markdown.strip())
    if not only:
        return blocks
    sections: dict[str, list[str]] = {}
    last = max(place for place, block in enumerate(blocks) if block.startswith("$$"))
    heading = "title"
    for place, block in enumerate(blocks):
        if _is_heading(block):
            heading = block.strip("*").lower()
        else:
            heading = heading if place <= last else "notes"
            sections.setdefault(heading, []).append(block)
    chosen = []
    for name in (part.strip().lower() for part in only.split(",")):
        found = [heading for heading in sections if heading.startswith(name)]
        if not found:
            raise unknown_name("section", name, sections)
        chosen += sections[found[0]]
    return chosen


def _is_heading(block: str) -> bool:
    return block.startswith("**") and block.endswith("**")


def _nodes(blocks: Iterable[str]) -> Iterator[nodes.Node]:
    """The nodes of blocks as the format `markdown` writes them: headings, formulas, notes."""
    for block in blocks:
        if block.startswith("$$"):
            yield _formula(block.strip("$\n"))
        elif _is_heading(block):
            yield nodes.rubric(text=block.strip("*"))
        else:
            yield nodes.paragraph("", "", *_words(block))


def _words(text: str) -> Iterator[nodes.Node]:
    """The words of a note, and the formulas between dollars."""
    for place, part in enumerate(text.split("$")):
        yield nodes.math(part, part) if place % 2 else nodes.Text(part)


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
