"""A table of formats: each turns a page into text."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from symnn.derivation import Derivation
from symnn.errors import unknown_name
from symnn.rendering.data import as_json
from symnn.rendering.heading import parameter_count
from symnn.rendering.html import html
from symnn.rendering.latex import latex, markdown, standalone
from symnn.rendering.layout import FORMS, MOST_SCALARS, page_of
from symnn.rendering.linear import text, unicode
from symnn.rendering.page import Page
from symnn.rendering.pdf import pdf

Format: TypeAlias = Callable[[Page], str]

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "unicode": unicode,
        "text": text,
        "latex": latex,
        "markdown": markdown,
        "html": html,
        "json": as_json,
    }
)

# What is no text, and only goes into a file.
BINARY_FORMATS: Mapping[str, Callable[[Page], bytes]] = MappingProxyType({"pdf": pdf})
# The format that the end of a file's name asks for.
ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        ".txt": "unicode",
        ".tex": "latex",
        ".md": "markdown",
        ".html": "html",
        ".json": "json",
        ".pdf": "pdf",
    }
)


def render(derivation: Derivation, format: str | Format = "unicode", form: str = "auto") -> str:
    """The derivation as a page of text, in one of `FORMATS` and one of `FORMS`.

    Raises `UnknownNameError` for another format or form.

    >>> from symnn import Network, derive
    >>> print(render(derive(Network("1-1")), form="scalar"))
    1 → 1 · mean squared error, mean over N samples · 2 parameters
    <BLANKLINE>
    Forward
      ŷ = w·x + b
      L = (ŷ − y)²
    <BLANKLINE>
    Backward, one link of the chain rule a line
      δ = 2(ŷ − y)
    <BLANKLINE>
    Every weight and bias, for one sample
      ∂L/∂w = 2(ŷ − y)·x
      ∂L/∂b = 2(ŷ − y)
    <BLANKLINE>
    """
    if isinstance(format, str) and format not in FORMATS:
        raise unknown_name("format", format, FORMATS)
    printed = FORMATS[format] if isinstance(format, str) else format
    return printed(page_of(derivation, form))


__all__ = [
    "BINARY_FORMATS",
    "ENDINGS",
    "FORMATS",
    "FORMS",
    "MOST_SCALARS",
    "Format",
    "Page",
    "page_of",
    "parameter_count",
    "pdf",
    "render",
    "standalone",
    "unicode",
]
