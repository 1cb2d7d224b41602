"""What a claim with one mistake undone would be: each with the name of the mistake.

These are other trees of the same side, from those that people mistake most often to the rest. None
is known to be right: whoever asks tries them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from sympy import Expr, Function

from symnn.equations import Equation, Quantity, Role
from symnn.functions import U
from symnn.parsing.source import START
from symnn.parsing.tree import Chain, Name, Node, Number
from symnn.reader.lexicon import Lexicon
from symnn.reader.nodes import Differentiated, Labelled, Primed, Reduced, Transposed, rebuilt

MOST_VARIANTS = 400
LINK = "a forgotten link of the chain"
_SIDE_BY_SIDE = (" ", "@")

Variant = tuple[str, Node]


def variants(
    side: Node, letters: Sequence[str], equations: Iterable[Equation], lexicon: Lexicon
) -> Iterator[Variant]:
    """The side with one mistake undone at a time, each with its name; a bounded number."""
    links = list(_links(equations, lexicon))
    factors = [
        (f"{LINK}: {lexicon.printed_prime(f, z)} is missing", factor)
        for f, z in links
        for factor in _applied(f, lexicon.quantities[z], letters)
    ]
    makers = (
        _everywhere(side, _transposed),
        _everywhere(side, _other_sign),
        _sums(side, letters),
        _everywhere(side, lambda node: _multiplied(node, factors)),
        _everywhere(side, lambda node: _exchanged(node, lexicon)),
        _everywhere(side, _left_out),
        _everywhere(side, lambda node: _multiplied(node, _all_factors(letters, lexicon))),
    )
    return islice((v for maker in makers for v in maker), MOST_VARIANTS)


def _everywhere(node: Node, change: Callable[[Node], Iterator[Variant]]) -> Iterator[Variant]:
    """The node with one change at one place, here or below."""
    yield from change(node)
    if isinstance(node, Differentiated):
        return
    below: list[Node] = []
    rebuilt(node, lambda part: below.append(part) or part)  # type: ignore[func-returns-value]
    for k, part in enumerate(below):
        for cause, changed in _everywhere(part, change):
            yield cause, _with_part(node, k, changed)


def _with_part(node: Node, number: int, part: Node) -> Node:
    """The node with another part in the place of the one with this number."""
    count = -1

    def chosen(own: Node) -> Node:
        nonlocal count
        count += 1
        return part if count == number else own

    return rebuilt(node, chosen)


def _transposed(node: Node) -> Iterator[Variant]:
    """A product of matrices with a factor transposed, or its factors exchanged."""
    cause = "a transposed product"
    if not isinstance(node, Chain) or len(node.parts) != 2:
        return
    (_, one), (sign, other) = node.parts
    if sign not in _SIDE_BY_SIDE:
        return
    for a, b in ((one, _turned(other)), (_turned(one), other), (_turned(one), _turned(other))):
        yield cause, replace(node, parts=(("*", a), (sign, b)))
        yield cause, replace(node, parts=(("*", b), (sign, a)))
    yield cause, replace(node, parts=(("*", other), (sign, one)))
    yield cause, Transposed(node.place, node)


def _turned(node: Node) -> Node:
    return node.of if isinstance(node, Transposed) else Transposed(node.place, node)


def _other_sign(node: Node) -> Iterator[Variant]:
    """A sum with the sign of one term changed."""
    if isinstance(node, Chain) and node.parts[0][0] in "+-":
        for k, (sign, part) in enumerate(node.parts):
            changed = ("-" if sign == "+" else "+", part)
            yield "a sign", replace(node, parts=(*node.parts[:k], changed, *node.parts[k + 1 :]))


def _sums(side: Node, letters: Sequence[str]) -> Iterator[Variant]:
    """The side summed over letters, or over its rows, or over one letter less."""
    for letter in letters:
        for word in ("sum", "mean"):
            yield f"a missing {word} over {letter}", Reduced(side.place, word, (letter,), side)
    rows = Reduced(START, "sum", ("n",), Labelled(START, side, "n"))
    yield "a missing sum over the samples", rows
    yield from _everywhere(side, _unsummed)


def _unsummed(node: Node) -> Iterator[Variant]:
    if isinstance(node, Reduced):
        for letter in node.letters:
            rest = tuple(a for a in node.letters if a != letter)
            kept = replace(node, letters=rest) if rest else node.body
            yield f"a sum over {letter} too many", kept


def _name(name: str) -> Name:
    return Name(START, name)


def _multiplied(node: Node, factors: Iterable[Variant]) -> Iterator[Variant]:
    """A product, or what is summed, with one factor more."""
    if isinstance(node, Chain | Reduced | Name | Labelled | Transposed):
        for cause, factor in factors:
            yield cause, Chain(node.place, (("*", node), ("⊙", factor)))


def _links(equations: Iterable[Equation], lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Each function f and quantity z such that f(z) is an equation of the forward pass."""
    codes = {str(type(f(U)).__name__): name for name, f in lexicon.functions.items() if _is(f(U))}
    for e in equations:
        value = e.expression
        if isinstance(value, Function) and type(value).__name__ in codes:
            z = str(value.args[0]).split("[")[0]
            if z in lexicon.quantities:
                yield codes[type(value).__name__], z


def _is(value: Expr) -> bool:
    return isinstance(value, Function) and value.args == (U,)


def _applied(function: str, z: Quantity, letters: Sequence[str]) -> Iterator[Node]:
    """f′(z) for whole arrays, and at the letters and numbers that its axes may have."""
    for node in _entries(z, letters):
        yield Primed(START, function, node)


def _entries(q: Quantity, letters: Sequence[str]) -> Iterator[Node]:
    name = Name(START, q.name)
    yield name
    wide = [size for size in q.shape if size != 1]
    for count in range(1, len(wide) + 1):
        for chosen in product(letters, repeat=count):
            if len({*chosen}) == count:
                yield Labelled(START, name, tuple(map(_name, chosen)))
    if wide and wide[-1].is_Integer:
        for k in range(1, min(int(wide[-1]), 4) + 1):
            yield Labelled(START, name, (Number(START, str(k)),))


def _exchanged(node: Node, lexicon: Lexicon) -> Iterator[Variant]:
    """A name with that of another quantity of the same shape, or the same kind, in its place."""
    if isinstance(node, Name) and node.name in lexicon.quantities:
        own = lexicon.quantities[node.name]
        for name, q in lexicon.quantities.items():
            is_like = q.shape == own.shape or q.symbol == own.symbol
            if name != node.name and is_like and (q.of is None) == (own.of is None):
                cause = f"{lexicon.printed(node.name)} where {lexicon.printed(name)} belongs"
                yield cause, Name(node.place, name)


def _left_out(node: Node) -> Iterator[Variant]:
    """A product without one of its factors, or a sum without one of its terms."""
    if isinstance(node, Chain) and len(node.parts) > 1:
        what = "a term" if node.parts[0][0] in "+-" else "a factor"
        for k in range(len(node.parts)):
            rest = (*node.parts[:k], *node.parts[k + 1 :])
            if what == "a factor" and k == 0:
                rest = (("*", Number(node.place, "1")), *rest)
            yield f"{what} too many", replace(node, parts=rest)


def _all_factors(letters: Sequence[str], lexicon: Lexicon) -> list[Variant]:
    """Every quantity as a factor."""
    roles = (Role.INPUT, Role.PARAMETER, Role.ACTIVATION, Role.INTERMEDIATE)
    return [
        (f"a factor: {lexicon.printed(q.name)} is missing", node)
        for q in lexicon.quantities.values()
        if q.role in roles
        for node in _entries(q, letters)
    ]
