"""A table of formats: each turns a page into text."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from symnn.rendering.data import as_json
from symnn.rendering.latex import latex, markdown
from symnn.rendering.layout import FORMS, MOST_SCALARS, page_of, parameter_count
from symnn.rendering.linear import text, unicode
from symnn.rendering.page import Page

FORMATS: Mapping[str, Callable[[Page], str]] = MappingProxyType(
    {
        "unicode": unicode,
        "text": text,
        "latex": latex,
        "markdown": markdown,
        "json": as_json,
    }
)

__all__ = ["FORMATS", "FORMS", "MOST_SCALARS", "Page", "page_of", "parameter_count"]
