"""Sentences of a page: plain words, printed names, and what may be typed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sympy import Symbol

from symnn.look import Style
from symnn.notation import Notation
from symnn.reading import entry_symbol

_PARTS = re.compile(r"\{(\w+)\}|`([^`]*)`")


@dataclass(frozen=True)
class Words:
    """How a format writes a sentence.

    `plain` is for its words, `quote` for the formula of a quantity that it names in braces, and
    `code` for what stands between backticks, which a reader may type as it is.
    """

    notation: type[Notation]
    plain: Callable[[str], str] = str
    quote: Callable[[str], str] = str
    code: Callable[[str], str] = str

    def told(self, text: str, style: Style | None) -> str:
        """The sentence; a name in braces that is no quantity stays as it is."""
        parts = _PARTS.split(text)
        told = [self.plain(words) for words in parts[::3]]
        for k, (name, code) in enumerate(zip(parts[1::3], parts[2::3], strict=True)):
            told[k] += self._named(name, style) if name else self.code(code)
        return "".join(told)

    def _named(self, name: str, style: Style | None) -> str:
        """A quantity as a whole; what is one number is written as in the formulas: w, not W."""
        symbol = Symbol(name, real=True)
        if style is None or not {name, entry_symbol(symbol)[0]} & {
            *style.quantities,
            *style.numbers,
        }:
            return self.plain(f"{{{name}}}")
        q = style.quantities.get(name)
        is_number = q is not None and all(size == 1 for size in q.shape)
        return self.quote(self.notation(replace(style, is_matrix=not is_number)).math(symbol))
