r"""Mathematics of the site as MathML, which browsers draw without a script and without a network.

What is read is the LaTeX that symnn writes, and that pages have between dollars: names, scripts,
`\frac`, `\sum`, brackets that grow, and the environments `aligned`, `split`, `cases`, `array`. Any
other command is a warning, and so stops the build.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape

from symnn.names import GREEK

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)
# The end of a row with space after it, which the style of a table gives.
_ROW = re.compile(r"\\\\\[\d+ex\]")
_WORDS = re.compile(
    r"\\(text|texttt|operatorname\*?|mathit|mathrm|mathsf)\s*\{((?:\\.|[^{}\\])*)\}"
)
_SIGNS = {"-": "−", "*": "∗"}
_OPERATORS = {
    "odot": "⊙",
    "cdot": "·",
    "times": "×",
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "approx": "≈",
    "leq": "≤",
    "geq": "≥",
    "neq": "≠",
    "leftarrow": "←",
    "to": "→",
    "top": "⊤",
    "in": "∈",
    "{": "{",
    "}": "}",
    "%": "%",
    "_": "_",
    "&": "&",
    "#": "#",
    "bmod": "mod",
    "lvert": "|",
    "rvert": "|",
    "ldots": "…",
    "dots": "…",
    "cdots": "⋯",
    "mid": "|",
    "prime": "′",
}
_LARGE = {"sum": "∑", "prod": "∏"}
_NAMED = ("exp", "ln", "log", "tanh", "sin", "cos", "sinh", "cosh", "tan")
_LIMITED = ("max", "min")
_LETTERS = {"partial": "∂", "infty": "∞", "ell": "ℓ", "nabla": "∇", **GREEK}
_SPACES = {",": "0.167em", ":": "0.222em", ";": "0.278em", " ": "0.35em", "!": "-0.167em"}
_SPACES |= {"quad": "1em", "qquad": "2em"}
_APART = f'<mo>\u2061</mo><mspace width="{_SPACES[","]}"></mspace>'
_BETWEEN = f'<mspace width="{_SPACES["qquad"]}"></mspace>'
_FENCES = {r"\lfloor": "⌊", r"\rfloor": "⌋", r"\{": "{", r"\}": "}", r"\|": "‖", ".": ""}
_ALIGNED = ("aligned", "split", "alignat*", "align*")


class UnknownMathError(ValueError):
    """A command that is not among those that are read."""


def mathml(latex: str, *, is_block: bool) -> str:
    r"""The formula as a `math` element.

    >>> mathml(r"\frac{1}{N}", is_block=False)
    '<math><mfrac><mn>1</mn><mi>N</mi></mfrac></math>'

    Raises `UnknownMathError`.
    """
    try:
        body = _Reader(latex).row()
    except IndexError:
        raise UnknownMathError(f"{latex} ends too early") from None
    display = ' display="block"' if is_block else ""
    return f"<math{display}>{body}</math>"


class _Reader:
    """One pass over the tokens of a formula."""

    def __init__(self, latex: str) -> None:
        self.words: list[tuple[str, str]] = []
        self.tokens = _TOKEN.findall(_WORDS.sub(self._kept, _ROW.sub(r"\\\\", latex.strip())))
        self.at = 0

    def _kept(self, match: re.Match[str]) -> str:
        """Words are no mathematics: they keep their blanks, and stand for one token."""
        self.words.append((match[1], re.sub(r"\\(.)", r"\1", match[2])))
        return rf"\word{'x' * len(self.words)} "

    def row(self) -> str:
        """What stands up to the end of a group, of a cell or of the formula."""
        found = []
        while self._next not in ("", "}", "&", r"\\", r"\end", r"\right"):
            if self._next == r"\displaystyle":
                self.at += 1
                large = f'<mrow displaystyle="true" scriptlevel="+0">{self.row()}</mrow>'
                return "".join([*found, large])
            found.append(self._scripted())
        return "".join(found)

    @property
    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _scripted(self) -> str:
        """The next piece with what stands below it and above it."""
        has_limits = self._next.lstrip("\\") in (*_LARGE, *_LIMITED) or self._is_operator()
        base, scripts = self._piece(), {"_": "", "^": ""}
        while self._next in ("_", "^"):
            sign = self._take()
            scripts[sign] = self._one()
        below, above = scripts["_"], scripts["^"]
        if has_limits and below:
            return f"<munder>{base}{below}</munder>"
        if below and above:
            return f"<msubsup>{base}{below}{above}</msubsup>"
        if below:
            return f"<msub>{base}{below}</msub>"
        return f"<msup>{base}{above}</msup>" if above else base

    def _is_operator(self) -> bool:
        match = re.fullmatch(r"\\word(x+)", self._next)
        return match is not None and self.words[len(match[1]) - 1][0] == "operatorname*"

    def _one(self) -> str:
        """One element: a group in braces, or the next piece."""
        return _grouped(self._piece())

    def _piece(self) -> str:
        token = self._take()
        if token == "{":
            inner = self.row()
            self._expect("}")
            return _grouped(inner)
        if token.startswith("\\"):
            return self._command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        if token in "()[]|":
            return f'<mo fence="true" stretchy="false">{token}</mo>'
        return _sign({"'": "′"}.get(token, _SIGNS.get(token, token)))

    def _command(self, name: str) -> str:
        if name in _BUILT:
            return _BUILT[name](self)
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>"
        if name in (*_NAMED, *_LIMITED):
            is_apart = self._next not in ("(", "[", r"\left", "_", "^", "'")
            return f"<mi>{name}</mi>{_APART if is_apart else ''}"
        if name in _LARGE:
            return _sign(_LARGE[name])
        if name == "top":
            return '<mo lspace="0" rspace="0">⊤</mo>'
        if name in _OPERATORS:
            return _sign(_OPERATORS[name])
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"></mspace>'
        if match := re.fullmatch("word(x+)", name):
            return _word(*self.words[len(match[1]) - 1])
        if name in ("lfloor", "rfloor"):
            return _sign(_FENCES[f"\\{name}"])
        raise UnknownMathError(f"\\{name} is not read")

    def _expect(self, token: str) -> None:
        if not self._next or self._take() != token:
            raise UnknownMathError(f"{token} is missing")

    # Built of parts -------------------------------------------------------------------------

    def fraction(self) -> str:
        return f"<mfrac>{self._one()}{self._one()}</mfrac>"

    def root(self) -> str:
        return f"<msqrt>{self._one()}</msqrt>"

    def hat(self) -> str:
        return f'<mover accent="true">{self._one()}<mo stretchy="false">ˆ</mo></mover>'

    def bold(self) -> str:
        return f'<mrow class="bold">{self._one()}</mrow>'

    def plain(self) -> str:
        return self._one()

    def script(self) -> str:
        """A letter of `\\mathcal`."""
        letter = re.sub("<.*?>", "", self._one())
        return f"<mi>{_CURLED.get(letter, letter)}</mi>"

    def growing(self) -> str:
        """`\\left( … \\right)`."""
        left, inner = self._fence("prefix", grows=True), self.row()
        self._expect(r"\right")
        return f"<mrow>{left}<mrow>{inner}</mrow>{self._fence('postfix', grows=True)}</mrow>"

    def large(self) -> str:
        """One bracket that is larger than usual."""
        return self._fence("prefix", grows=False)

    def _fence(self, form: str, *, grows: bool) -> str:
        token = self._take()
        sign = _FENCES.get(token, token)
        stretchy = str(grows).lower()
        return f'<mo fence="true" form="{form}" stretchy="{stretchy}">{sign}</mo>' if sign else ""

    def environment(self) -> str:
        """`\\begin{aligned} … \\end{aligned}`."""
        name = self._braced()
        if name in ("array", "alignat*"):
            self._braced()
        rows = list(self._rows())
        self._expect(r"\end")
        self._braced()
        if name == "split" and len(rows) == 1 and len(rows[0]) == 1:
            return rows[0][0]
        return _table(rows, _CLASSES.get(name, "matrix"))

    def _rows(self) -> Iterator[list[str]]:
        cells: list[str] = []
        while True:
            cells.append(self.row())
            if self._next == "&":
                self.at += 1
                continue
            if any(cells):
                yield cells
            cells = []
            if self._next != r"\\":
                return
            self.at += 1
            while self._next == r"\hline":
                self.at += 1

    def _braced(self) -> str:
        self._expect("{")
        name = ""
        while self._next not in ("}", ""):
            name += self._take()
        self._expect("}")
        return name


_CLASSES = {**dict.fromkeys(_ALIGNED, "lines"), "cases": "cases"}
_CURLED = {"L": "ℒ", "E": "ℰ", "H": "ℋ", "F": "ℱ", "B": "ℬ", "I": "ℐ", "M": "ℳ", "R": "ℛ"}
_BUILT: dict[str, Callable[[_Reader], str]] = {
    "frac": _Reader.fraction,
    "sqrt": _Reader.root,
    "hat": _Reader.hat,
    **dict.fromkeys(("mathbf", "boldsymbol"), _Reader.bold),
    **dict.fromkeys(("mathit", "mathrm", "mathsf"), _Reader.plain),
    "mathcal": _Reader.script,
    "left": _Reader.growing,
    **dict.fromkeys(("Bigl", "Bigr"), _Reader.large),
    "begin": _Reader.environment,
}


def _sign(text: str) -> str:
    return f"<mo>{escape(text)}</mo>"


def _word(command: str, text: str) -> str:
    if command in ("text", "texttt"):
        return f"<mtext>{escape(text).replace(' ', chr(0xA0))}</mtext>"
    style = ' style="font-style: italic"' if command == "mathit" else ""
    return f"<mi{style}>{escape(text)}</mi>"


def _grouped(text: str) -> str:
    """One element, from a run of them."""
    return text if _ELEMENT.fullmatch(text) else f"<mrow>{text}</mrow>"


_ELEMENT = re.compile(r"<(m[ino]|mtext)\b[^>]*>[^<]*</\1>")


def _table(rows: Sequence[Sequence[str]], name: str) -> str:
    """Rows of cells; those of `aligned` have a left and a right side by turns."""
    told = []
    for row in rows:
        cells = []
        for place, cell in enumerate(row):
            is_left = name == "lines" and place % 2 == 0
            is_last = place == len(row) - 1
            spans = max(map(len, rows)) - place if is_last and name == "lines" else 1
            over = f' columnspan="{spans}"' if spans > 1 else ""
            side = ' class="left"' if is_left else over
            # Columns have room between them; LaTeX asks for it by a blank.
            cells.append(f"<mtd{side}>{cell.removeprefix(_BETWEEN)}</mtd>")
        told.append(f"<mtr>{''.join(cells)}</mtr>")
    lines = "".join(told)
    size = ' displaystyle="true"' if name == "lines" else ""
    table = f'<mtable class="{name}"{size}>{lines}</mtable>'
    if name == "cases":
        return f'<mrow><mo fence="true" form="prefix" stretchy="true">{{</mo>{table}</mrow>'
    return table
