r"""LaTeX with macros, so that a document's house style is changed in one place.

`\symnnlayer{W}{1}` stands for `W^{(1)}`. Each macro is a row of `MACROS`, and `symnn.sty`
defines them all by `\providecommand`, so that a document's own definition before it stays.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from symnn.equations import Quantity
from symnn.rendering.latex import latex, standalone
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.page import Page
from symnn.version import __version__


class Macro(NamedTuple):
    """What a macro of so many arguments stands for, and what it is for."""

    arguments: int
    body: str
    use: str


MACROS: Mapping[str, Macro] = MappingProxyType(
    {
        "symnnlayer": Macro(2, "#1^{(#2)}", "a quantity of a layer"),
        "symnnlayertransposed": Macro(2, r"#1^{(#2)\top}", "a matrix of a layer, transposed"),
        "symnntransposed": Macro(1, r"#1^{\top}", "a matrix transposed"),
        "symnnpartial": Macro(2, r"\frac{\partial #1}{\partial #2}", "a partial derivative"),
        "symnnindicator": Macro(1, r"\mathbf{1}\left[#1\right]", "1 where it holds, else 0"),
        "symnnentrywise": Macro(0, r"\odot", "a product entry by entry"),
    }
)
_LAYERED = re.compile(r"(?P<base>.*)\^\{\((?P<layer>-?\d+)\)\}(?P<below>.*)", re.DOTALL)


class MacroNotation(LatexNotation):
    """LaTeX in the macros of `symnn.sty`."""

    entrywise = r" \symnnentrywise "

    def name(self, q: Quantity | None, text: str, labels: Sequence[str], *, scalar: bool) -> str:
        r"""`\symnnlayer{W}{1}_{ji}`."""
        plain = super().name(q, text, labels, scalar=scalar)
        match = _LAYERED.fullmatch(plain)
        if match is None:
            return plain
        return f"\\symnnlayer{{{match['base']}}}{{{match['layer']}}}{match['below']}"

    def transposed(self, text: str) -> str:
        r"""`\symnnlayertransposed{W}{1}`, `\symnntransposed{x}`."""
        if text.startswith(r"\symnnlayer{"):
            return text.replace(r"\symnnlayer", r"\symnnlayertransposed", 1)
        return f"\\symnntransposed{{{text}}}"

    def derivative(self, top: str, bottom: str) -> str:
        r"""`\symnnpartial{L}{z}`."""
        return f"\\symnnpartial{{{top}}}{{{bottom}}}"

    def indicator(self, condition: str) -> str:
        r"""`\symnnindicator{z > 0}`."""
        return f"\\symnnindicator{{{condition}}}"


def with_macros(page: Page) -> str:
    """The page as a LaTeX fragment that needs `symnn.sty`."""
    return latex(page, MacroNotation)


def standalone_with_macros(page: Page) -> str:
    """The page as a whole document that defines the macros itself."""
    whole = standalone(page, MacroNotation)
    return whole.replace(r"\begin{document}", f"{definitions()}\\begin{{document}}", 1)


def package() -> str:
    """The package file `symnn.sty`."""
    return (
        "\\NeedsTeXFormat{LaTeX2e}\n"
        f"\\ProvidesPackage{{symnn}}[2026/01/01 v{__version__} formulas as symnn prints them]\n"
        "\\RequirePackage{amsmath,amssymb}\n" + definitions() + "\\endinput\n"
    )


def definitions() -> str:
    """The definition of each macro, unless the document has one."""
    return "".join(
        f"% {row.use}\n\\providecommand{{\\{name}}}"
        + (f"[{row.arguments}]" if row.arguments else "")
        + f"{{{row.body}}}\n"
        for name, row in MACROS.items()
    )
