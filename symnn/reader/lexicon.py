"""The names that a model has in print, and what each stands for.

The names are asked of the printers themselves, so what is printed and what is read cannot
disagree: a new notation, or a name of the user's own, is read as soon as it is printed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from sympy import Expr, Function, Idx, Indexed, Symbol

from symnn.binding import size_of
from symnn.derivation import Derivation
from symnn.equations import Quantity, entry_indices, entry_name
from symnn.functions import Elementwise, Named, U
from symnn.look import Style
from symnn.names import Names
from symnn.network import Network
from symnn.notation import Notation
from symnn.notations import Convention
from symnn.parsing.vocabulary import FUNCTIONS
from symnn.reading import order_of
from symnn.recurrence import starts_of
from symnn.rendering.latex_notation import LatexNotation
from symnn.rendering.text_notation import TextNotation
from symnn.rendering.unicode_notation import UnicodeNotation

# Of whole arrays; each acts on the last axis.
OF_ARRAYS = ("softmax", "logsumexp", "rowsum", "diag")
# Also of several values: max(x₁, x₂).
OF_VALUES = ("max", "min")
OF_LETTERS = ("sum", "mean", "max", "min", "prod", "argmax", "argmin")
_BELOW = re.compile(r"(?<=_)\{(\w)\}$", re.ASCII)


@dataclass(frozen=True)
class Lexicon:
    """What the names of a model stand for.

    `plain` has the names in ASCII and Unicode, `latex` those in LaTeX: each with the name of the
    quantity in code. `heads` are those in LaTeX that go on with labels in the same braces, and
    `followed` those that a number after the labels makes names of others, as in w and w₀.
    `functions` are by name in code, and `plain_functions` and `latex_functions` have their printed
    names. `sizes` are the symbols among the sizes. `crossings` are pairs of sizes such that the
    model reads an axis of the second at an index that runs over the first.
    `lowered` are the single letters that stand for a quantity where it is one number, as w for W.
    """

    quantities: Mapping[str, Quantity]
    plain: Mapping[str, str]
    latex: Mapping[str, str]
    heads: Mapping[str, str]
    followed: Mapping[str, Mapping[tuple[str, ...], str]]
    functions: Mapping[str, Callable[[Expr], Expr]]
    plain_functions: Mapping[str, str]
    latex_functions: Mapping[str, str]
    sizes: Mapping[str, Symbol]
    crossings: frozenset[tuple[Expr, Expr]]
    style: Style
    lowered: frozenset[str]

    @property
    def convention(self) -> Convention:
        """The notation that the names are of."""
        return self.style.names.convention

    @cached_property
    def transposed(self) -> Mapping[str, str]:
        r"""The names of matrices with the sign of a transposed one within: `W^{(1)\top}`."""
        printer, sign = LatexNotation(self.style), self.convention.transposed
        found = {printer.transposed(name): of for name, of in self.latex.items() if "^" in name}
        return {name: of for name, of in found.items() if not name.startswith("(") and sign in name}

    def without_lowered(self) -> "Lexicon":
        """The names but for such letters, which may also be those of indices."""
        plain, latex = (
            {name: of for name, of in names.items() if name not in self.lowered}
            for names in (self.plain, self.latex)
        )
        return replace(self, plain=plain, latex=latex)

    def is_strange(self, name: str) -> bool:
        """Whether a name is one of the code alone, where the names are a book's."""
        return name in self.quantities and not self.style.names.is_plain

    def printed(self, name: str) -> str:
        """A quantity as Unicode prints it."""
        q = self.quantities[name]
        return UnicodeNotation(self.style).name(q, name, [], scalar=False)

    def printed_prime(self, function: str, name: str) -> str:
        """The derivative of a function at a quantity: `tanh′(z¹)`."""
        printer = UnicodeNotation(self.style)
        word = printer.function_name(type(self.functions[function](U)))
        return printer.call(printer.prime(word), self.printed(name))


def lexicon_of(derivation: Derivation, names: Names | None = None) -> Lexicon:
    """The names of a derivation's quantities and functions, as a page calls them.

    >>> from symnn import Network, derive
    >>> found = lexicon_of(derive(Network("2-3:tanh-1")))
    >>> found.plain["W¹"], found.plain["w2"], found.latex[r"\\delta^{(2)}"]
    ('W1', 'W2', 'delta2')
    """
    every = {**derivation.system.quantities, **_adjoints(derivation)}
    model = derivation.model
    starts = starts_of(model.system if isinstance(model, Network) else model)
    style = Style(order_of(derivation.system), every, starts=starts, names=names or Names())
    types = dict.fromkeys(_function_types(derivation))
    functions: dict[str, Callable[[Expr], Expr]] = {**FUNCTIONS, **{t.__name__: t for t in types}}
    printers = {
        "plain": (TextNotation(style), UnicodeNotation(style)),
        "latex": (LatexNotation(style),),
    }
    return Lexicon(
        every,
        _names(printers["plain"], every.values()) | _names_in_code(style),
        _without_braces(_names(printers["latex"], every.values())),
        _heads(style),
        _followed(style),
        functions,
        _function_names(printers["plain"], functions) | {name: name for name in functions},
        _function_names(printers["latex"], functions),
        {str(s): s for q in every.values() for size in q.shape for s in size.free_symbols},
        frozenset(_crossings(derivation, every)),
        style,
        frozenset(_lowered(style)),
    )


def _without_braces(names: Mapping[str, str]) -> dict[str, str]:
    """The names in LaTeX, those with one sign below also as people type them: w_1 for w_{1}."""
    bare = {_BELOW.sub(r"\1", name): of for name, of in names.items() if name.count("{") == 1}
    return bare | dict(names)


def _crossings(
    derivation: Derivation, quantities: Mapping[str, Quantity]
) -> Iterator[tuple[Expr, Expr]]:
    """The size of each index and that of the axis on which it is read, where they differ."""
    for e in derivation.equations:
        for entry in e.expression.atoms(Indexed):
            shape = quantities[entry_name(entry)].shape
            for place, size in zip(entry_indices(entry), shape, strict=True):
                if isinstance(place, Idx) and size_of(place) != size:
                    yield size_of(place), size


def _adjoints(derivation: Derivation) -> dict[str, Quantity]:
    return {e.quantity.name: e.quantity for e in derivation.equations}


def _named(quantities: Iterable[Quantity]) -> list[Quantity]:
    """The quantities that have names of their own."""
    return [q for q in quantities if not q.is_quotient]


def _names(printers: Iterable[Notation], quantities: Iterable[Quantity]) -> dict[str, str]:
    """Each printed name of a quantity, with its name in code; whole arrays' names come first."""
    known: dict[str, str] = {}
    named = _named(quantities)
    for scalar in (False, True):
        for printer in map(_with_whole, printers):
            for q in named:
                for own in printer:
                    known.setdefault(own.name(q, q.name, [], scalar=scalar), q.name)
    return known


def _with_whole(printer: Notation) -> tuple[Notation, Notation]:
    """The printer, and the one for whole arrays, which may be in bold."""
    return printer, type(printer)(replace(printer.style, is_matrix=True))


def _names_in_code(style: Style) -> dict[str, str]:
    """A net of one layer prints W, and W1 is its name in code; in a book's names neither is."""
    return {q.name: q.name for q in _named(style.quantities.values()) if style.names.is_plain}


def _lowered(style: Style) -> Iterator[str]:
    """The single letters that are names of entries alone."""
    printer = TextNotation(style)
    named = _named(style.quantities.values())
    whole = {printer.name(q, q.name, [], scalar=False) for q in named}
    for q in named:
        name = printer.name(q, q.name, [], scalar=True)
        if len(name) == 1 and name not in whole and name not in style.quantities:
            yield name


def _heads(style: Style) -> dict[str, str]:
    """How names begin that have the number of a layer and the labels below: `W_{1,`."""
    heads = {}
    for printer, scalar in product(_with_whole(LatexNotation(style)), (False, True)):
        for q in _named(style.quantities.values()):
            name = printer.name(q, q.name, ["i"], scalar=scalar)
            if name.endswith(",i}"):
                heads[name.removesuffix("i}")] = q.name
    return heads


def _followed(style: Style) -> dict[str, dict[tuple[str, ...], str]]:
    """Which quantity is meant where what follows the labels says so, by that without it."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    named = {q.name: style.names.name(q) for q in _named(style.quantities.values())}
    for name, own in named.items():
        bases = (n for n, o in named.items() if o.layer == own.layer and not o.after)
        for base in bases if own.after else ():
            if named[base].symbol.lower() == own.symbol.lower():
                found.setdefault(base, {})[own.after] = name
    return found


def _function_names(
    printers: Iterable[Notation], functions: Mapping[str, Callable[[Expr], Expr]]
) -> dict[str, str]:
    """Each printed name of a function, with its name in code."""
    found: dict[str, str] = {}
    for name, function in functions.items():
        value = function(U)
        if isinstance(value, Function) and value.args == (U,):
            found |= {p.function_name(type(value)): name for p in printers}
    for name in OF_ARRAYS:
        found |= {p.word(name): name for p in printers}
    return found


def _function_types(derivation: Derivation) -> Iterator[type[Named]]:
    """The named functions in the equations, and those in their formulas.

    The page of a second derivative shows the model's loss, too, which it may have no need of.
    """
    model = derivation.model
    whole = (model.system if isinstance(model, Network) else model).equations
    for e in dict.fromkeys((*derivation.equations, *whole)):
        yield from _types_in(e.expression)


def _types_in(expression: Expr) -> Iterator[type[Named]]:
    for f in sorted(expression.atoms(Named), key=str):
        yield type(f)
        if isinstance(f, Elementwise):
            yield from _types_in(f.formula)
