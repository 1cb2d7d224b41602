"""MathML as the mathematics of a Sphinx site."""

import re
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from symnn.rendering.html import SCOPED_STYLE
from symnn_site.mathml import UnknownMathError, mathml

_logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Make MathML the site's mathematics."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("html-page-context", _with_style)


def _inline(self: object, node: nodes.math) -> None:
    self.body.append(f'<span class="symnn">{_told(node, is_block=False)}</span>')  # type: ignore[attr-defined]
    raise nodes.SkipNode


def _block(self: object, node: nodes.math_block) -> None:
    told = _told(node, is_block=True)
    self.body.append(f'<div class="symnn math" tabindex="0">{told}</div>\n')  # type: ignore[attr-defined]
    raise nodes.SkipNode


def _told(node: nodes.Element, *, is_block: bool) -> str:
    latex = re.sub(r"^\\\[|\\\]$", "", node.astext().strip()).strip()
    try:
        return mathml(latex, is_block=is_block)
    except UnknownMathError as error:
        _logger.warning("no MathML of %s: %s", latex, error, location=node)
        return f"<code>{escape(latex)}</code>"


def _with_style(
    app: Sphinx, page: str, template: str, context: dict[str, str], tree: object
) -> None:
    del app, page, template, tree
    context["metatags"] = context.get("metatags", "") + f"<style>\n{SCOPED_STYLE}</style>\n"
