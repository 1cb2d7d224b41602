"""How a symbol is spelled in each format: Greek letters, hats, numbers below, whole words.

Whatever a symbol holds, what comes out is letters and the marks that stand here: no name can reach
a page as a command.
"""

import re
from html import escape

from symnn.names import GREEK, Word, word

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
# Letters that have a hat of their own in Unicode; others take one that combines.
_HATS = {"y": "ŷ", "a": "â", "e": "ê", "w": "ŵ"}
_SCRIPTS = {"L": "ℒ", "E": "ℰ", "H": "ℋ", "F": "ℱ", "B": "ℬ", "I": "ℐ", "M": "ℳ", "R": "ℛ"}


# A letter, and what tells it from others of that letter: people write Wq, b_k, W_xh.
_PARTED = re.compile(r"([A-Zbuvw])([a-z])|([UW])([a-z]{2})|([A-Za-z])_([a-z]{1,2})", re.ASCII)


def parted(symbol: str) -> tuple[str, str]:
    """The letter of a symbol and what stands below it; nothing does but in a few short ones.

    >>> parted("Wq"), parted("bk"), parted("W_xh"), parted("rate"), parted("Pi")
    (('W', 'q'), ('b', 'k'), ('W', 'xh'), ('rate', ''), ('Pi', ''))
    """
    found = _PARTED.fullmatch(symbol)
    if found is None or symbol in GREEK:
        return symbol, ""
    letter, below = filter(None, found.groups())
    return letter, below


def in_ascii(symbol: str) -> str:
    """The symbol in ASCII, as code spells it."""
    found = word(symbol)
    return found.base if found.accent == "cal" else symbol


def in_unicode(symbol: str) -> str:
    """The symbol in Unicode: `ŷ`, `β₁`, `learning_rate`."""
    found = word(symbol)
    # On a line of text Σ is the sign of a sum.
    base = found.base if found.base == "Sigma" and not found.accent else _letters(found)
    return base + found.below.translate(_LOWERED)


def in_latex(symbol: str) -> tuple[str, str]:
    r"""The symbol in LaTeX and what stands below it: `\hat{y}`; `\beta` with 1.

    >>> in_latex("yhat"), in_latex("beta1"), in_latex("learning_rate")
    (('\\hat{y}', ''), ('\\beta', '1'), ('\\mathit{learning\\_rate}', ''))
    """
    found = word(symbol)
    base = found.base.replace("_", r"\_")
    if found.base in GREEK:
        base = f"\\{base}"
    elif len(found.base) > 1:
        base = rf"\mathit{{{base}}}"
    accents = {"hat": rf"\hat{{{base}}}", "cal": rf"\mathcal{{{base}}}"}
    return accents.get(found.accent, base), found.below


def in_mathml(symbol: str) -> tuple[str, str]:
    """The symbol as an element of MathML, and the number below it."""
    found = word(symbol)
    plain = _letters(found._replace(accent="cal" if found.accent == "cal" else ""))
    letters = f"<mi>{escape(plain)}</mi>"
    if found.accent == "hat":
        letters = f'<mover accent="true">{letters}<mo stretchy="false">ˆ</mo></mover>'
    return letters, f"<mn>{found.below}</mn>" if found.below else ""


def _letters(found: Word) -> str:
    base = GREEK.get(found.base, found.base)
    if found.accent == "hat":
        return _HATS.get(base, base + "\u0302")
    return _SCRIPTS.get(base, base) if found.accent == "cal" else base
