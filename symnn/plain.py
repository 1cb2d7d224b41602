"""Plain words, such as titles, in ASCII and in LaTeX, whatever signs they hold."""

from unicodedata import normalize

from symnn.names import GREEK

_GREEK = {sign: name for name, sign in GREEK.items()}
_RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_IN_ASCII = {
    "→": "->",
    "←": "<-",
    "·": "|",
    "−": "-",
    "–": "-",
    "—": "-",
    "′": "'",
    "×": "x",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~=",
    "∂": "d",
    "Σ": "sum ",
    "√": "sqrt",
    "∞": "inf",
    "ŷ": "yhat",
    **dict(zip(_RAISED, "-0123456789", strict=True)),
}
_IN_LATEX = {
    "→": r"$\to$",
    "←": r"$\leftarrow$",
    "·": r"$\cdot$",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "′": "$'$",
    "×": r"$\times$",
    "…": r"\ldots{}",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≠": r"$\ne$",
    "≈": r"$\approx$",
    "∂": r"$\partial$",
    "√": r"$\surd$",
    "∞": r"$\infty$",
    "ŷ": r"$\hat{y}$",
    "|": "$|$",
    "<": "$<$",
    ">": "$>$",
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
    **{sign: f"\\{sign}" for sign in "_%&#${}"},
}


def ascii_words(text: str) -> str:
    """The words in ASCII; a sign that has none is a question mark.

    >>> ascii_words("2 → 3 tanh · δ = 1")
    '2 -> 3 tanh | delta = 1'
    """
    return "".join(c if c.isascii() else _IN_ASCII.get(c) or _letter(c) for c in text)


def latex_words(text: str) -> str:
    r"""The words in LaTeX, with nothing in them that is a command.

    >>> print(latex_words("50 % of {x} · 10⁻⁴"))
    50 \% of \{x\} $\cdot$ 10$^{-4}$
    """
    pieces, run = [], ""
    for c in [*text, ""]:
        if c and c in _RAISED:
            run += _IN_ASCII[c]
            continue
        pieces += [f"$^{{{run}}}$"] if run else []
        pieces.append(_in_latex(c))
        run = ""
    return "".join(pieces)


def latex_code(text: str) -> str:
    r"""What may be typed, in LaTeX, with its dashes and quotes as they are.

    >>> print(latex_code('--wrt "W1[1,1]"'))
    \texttt{-{}-wrt "W1[1,1]"}
    """
    return rf"\texttt{{{latex_words(text).replace('--', '-{}-')}}}"


def _in_latex(c: str) -> str:
    if c in _IN_LATEX:
        return _IN_LATEX[c]
    if c in _GREEK:
        return rf"$\{_GREEK[c]}$"
    return c if c.isascii() else _letter(c)


def _letter(c: str) -> str:
    """A sign by its name, or without its accents."""
    if c in _GREEK:
        return _GREEK[c]
    return "".join(part for part in normalize("NFKD", c) if part.isascii()) or "?"
