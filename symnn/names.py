"""Names in print: what each quantity is called in a notation, or by a user.

A name is a symbol, as code spells it (`yhat`, `beta1`, `rate`), and the number of a layer. What a
symbol looks like, a format says; nothing but letters, digits and `_` ever reaches it from a user.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from symnn.equations import Quantity
from symnn.errors import SpecError, unknown_name
from symnn.notations import NOTATIONS, SYMNN, Convention

MAX_NAME = 32
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_HATTED = re.compile(r"([A-Za-z])hat|(\w+)_hat", re.ASCII)
_SCRIPT = re.compile(r"([A-Z])_cal", re.ASCII)
_UNDERSCORE = re.compile(r"(?<=[A-Za-z])_(?=\d+$)", re.ASCII)
_NUMBERED = re.compile(r"([A-Za-z]+)_?(\d+)", re.ASCII)

# The Greek letters that LaTeX has a command for, by its name.
GREEK: Mapping[str, str] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}


# What it is in code, where `lambda` is a word of Python.
_MEANT = {"lam": "lambda"}


class Word(NamedTuple):
    """A symbol in its parts: `m_hat` is m with a hat, `beta1` is beta with 1 below."""

    base: str
    accent: str = ""
    below: str = ""


class Name(NamedTuple):
    """What a quantity is called: its symbol, the number of its layer, and indices after its own."""

    symbol: str
    layer: int | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """The names of one system: a notation, the number of layers, and names of a user's own.

    A system that is no network has `depth` 0: its names are its author's, and a notation changes
    nothing but their looks.
    """

    convention: Convention = SYMNN
    depth: int = 0
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether every name is the one that the code has."""
        return self.convention is SYMNN and not self.own

    def name(self, q: Quantity) -> Name:
        """The name of a quantity."""
        if q.name in self.own:
            return Name(self.own[q.name])
        sign = self.convention.signs.get(q.symbol) if self.depth else None
        if sign is None:
            return Name(q.symbol, q.layer)
        takes_last = sign.takes_last and self.depth > 1
        layer = self.depth if takes_last else q.layer
        return Name(sign.symbol, None if layer is None else layer + sign.shift, sign.after)


def own_names(texts: Iterable[str]) -> dict[str, str]:
    """Names of a user's own, as typed: `W1=A`.

    Raises `SpecError` where one is not of that form, or a quantity is named twice.

    >>> own_names(["W1=A", "b1=theta"])
    {'W1': 'A', 'b1': 'theta'}
    """
    own: dict[str, str] = {}
    for text in texts:
        name, equals, symbol = (part.strip() for part in text.partition("="))
        if not (name and equals):
            raise SpecError(f"{text[:80]!r} gives no name; write it as W1=A")
        if name in own:
            raise SpecError(f"{name} is named twice, {own[name]!r} and {symbol[:80]!r}")
        own[name] = symbol
    return own


def name_in_code(kind: str, typed: str, quantities: Mapping[str, Quantity]) -> str:
    """The name in code of what was typed so, or as print writes it: `w` for W1 in a net of a layer.

    Raises `UnknownNameError` where no quantity is called so, or more than one in print.

    >>> from symnn import Network
    >>> name_in_code("quantity", "w", Network("1-1").system.quantities)
    'W1'
    """
    found = [name for name, q in quantities.items() if typed in _in_print(q)]
    if typed not in quantities and len(found) != 1:
        raise unknown_name(kind, typed, quantities)
    return typed if typed in quantities else found[0]


def _in_print(q: Quantity) -> set[str]:
    """How print writes it, and its name in small letters."""
    if q.is_quotient:
        return set()
    printed = q.symbol if q.layer is None else f"{q.symbol}{q.layer}"
    return {printed, printed.lower(), q.name.lower()}


def names_of(
    quantities: Iterable[Quantity],
    notation: str | Convention = "symnn",
    own: Mapping[str, str] | None = None,
    depth: int = 0,
) -> Names:
    """The names of these quantities in a notation, with a user's own by the names in code.

    Raises `UnknownNameError` for a notation or a quantity that is not there, and `SpecError` for a
    name that cannot be printed, or that two quantities would have.
    """
    if isinstance(notation, str) and notation not in NOTATIONS:
        raise unknown_name("notation", notation, NOTATIONS)
    row = NOTATIONS[notation] if isinstance(notation, str) else notation
    named = {q.name: q for q in quantities}
    for name, symbol in (own or {}).items():
        _check(name, symbol)
    chosen = {
        name_in_code("quantity", typed, named): symbol for typed, symbol in (own or {}).items()
    }
    names = Names(_yielding(row, named.values()), depth, chosen)
    _check_distinct(names, named.values())
    return names


def _yielding(row: Convention, quantities: Iterable[Quantity]) -> Convention:
    """The notation without the signs that quantities have of their own: a layer's β is no bias."""
    own = {q.symbol for q in quantities} - row.signs.keys()
    signs = {
        symbol: replace(sign, symbol=symbol) if sign.symbol in own else sign
        for symbol, sign in row.signs.items()
    }
    return row if signs == dict(row.signs) else replace(row, signs=signs)


def _check(name: str, symbol: str) -> None:
    if not _NAME.fullmatch(symbol) or len(symbol) > MAX_NAME:
        raise SpecError(
            f"{name}={symbol[:80]!r}: a name in print is a letter and then letters, digits and _, "
            f"{MAX_NAME} at most, as in {name}=A or {name}=theta"
        )


def _check_distinct(names: Names, quantities: Iterable[Quantity]) -> None:
    seen: dict[Name, str] = {}
    for q in quantities:
        name = names.name(q)
        if names.is_plain:
            # The code tells all names apart, but b1 and b_1 are written alike.
            name = name._replace(symbol=_UNDERSCORE.sub("", q.name))
        other = seen.setdefault(name, q.name)
        if other != q.name:
            raise SpecError(
                f"{other} and {q.name} would both be written {name.symbol}; "
                f"name one of them otherwise, as in --name {q.name}=A"
            )


def word(symbol: str) -> Word:
    """The parts of a symbol.

    >>> word("m_hat"), word("beta_1"), word("learning_rate")
    (Word(base='m', accent='hat', below=''), Word(base='beta', accent='', below='1'), \
Word(base='learning_rate', accent='', below=''))
    """
    if match := _HATTED.fullmatch(symbol):
        inner = word(match[1] or match[2])
        return inner._replace(accent="hat")
    if match := _SCRIPT.fullmatch(symbol):
        return Word(match[1], "cal")
    if match := _NUMBERED.fullmatch(symbol):
        return Word(_MEANT.get(match[1], match[1]), below=match[2])
    return Word(_MEANT.get(symbol, symbol))
