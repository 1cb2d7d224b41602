"""What each name of a text stands for: a quantity, an index, or a size; one name is one thing.

An index has one size in a text: where it is stated (`h:H`), or that of an axis on which the index
stands by itself.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from string import ascii_lowercase

from symnn.parsing.names import Names, declared_names
from symnn.parsing.sizes import are_equal, size_expression
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import (
    Assumption,
    Call,
    Chain,
    Declaration,
    Definition,
    Entry,
    Left,
    Name,
    Node,
    Statement,
    subscripts,
    walk,
)
from symnn.parsing.vocabulary import OF_INDICES


def names_in(statements: Sequence[Statement]) -> Names:
    """The names of a text; raises `Fault` where one stands for two things or has no size."""
    names = declared_names(statements)
    for statement in statements:
        for letter in _letters_of(names, statement):
            _letter(names, *letter)
    _infer_sizes(names, [n for s in statements for r in _values_of(s) for n in walk(r)])
    return names


def _values_of(statement: Statement) -> Iterator[Node]:
    """The right sides of a statement."""
    if isinstance(statement, Definition):
        yield statement.right
    elif isinstance(statement, Assumption):
        yield statement.left


def _letters_of(names: Names, statement: Statement) -> Iterator[tuple[Name, Node | None]]:
    """Each place where an index is introduced, with the size that is stated there."""
    lefts: Sequence[Left] = ()
    if isinstance(statement, Declaration):
        lefts = statement.items
    elif isinstance(statement, Definition):
        lefts = (statement.left,)
    for left in lefts:
        for s in subscripts(left):
            if isinstance(s.value, Name):
                yield s.value, s.size
            elif s.size is not None:
                raise _no_letter(s.value)
    for value in _values_of(statement):
        for node in walk(value):
            yield from _introduced(names, node)


def _introduced(names: Names, node: Node) -> Iterator[tuple[Name, Node | None]]:
    """The indices of a reduction, and those whose size is stated in the brackets of an entry."""
    stated: list[tuple[Node, Node | None]]
    if isinstance(node, Entry):
        stated = [(s.value, s.size) for s in node.subscripts if s.size]
    elif isinstance(node, Call) and node.name in OF_INDICES:
        stated = [(a.value, a.size) for a in node.arguments[:-1]]
        _refuse_absent(names, node)
    else:
        return
    for value, size in stated:
        if isinstance(value, Name):
            if value.name not in names.declared or size is not None:
                yield value, size
        elif size is not None:
            raise _no_letter(value)


def _refuse_absent(names: Names, node: Call) -> None:
    """Refuse a reduction over an index that does not stand in what is reduced."""
    *letters, body = (argument.value for argument in node.arguments)
    present = {n.name for n in walk(body) if isinstance(n, Name)}
    for letter in letters:
        if isinstance(letter, Name) and letter.name not in {*names.declared, *present}:
            message = f"{node.name} over {letter.name!r}, which does not stand in what follows"
            raise Fault(message, letter.place)


def _no_letter(node: Node) -> Fault:
    return Fault("a size is stated for an index letter, as in i:3", node.place)


def _letter(names: Names, letter: Name, size: Node | None) -> None:
    name, place = letter.name, letter.place
    _refuse_clash(name, "an index", place, names)
    names.letters.setdefault(name, place)
    if size is None:
        return
    stated = size_expression(size, lambda node: _size_name(names, node))
    known = names.sizes.setdefault(name, stated)
    if not are_equal(known, stated):
        raise Fault(
            f"index {name!r} has the size {known} already; a letter has one size, "
            f"so write another letter for {stated}",
            place,
        )


def _size_name(names: Names, node: Name) -> str:
    _refuse_clash(node.name, "a size", node.place, names)
    names.size_names.setdefault(node.name, node.place)
    return node.name


def _refuse_clash(name: str, kind: str, place: Place, names: Names) -> None:
    """Refuse a name that stands for something of another kind, at the later place of the two."""
    quantities = {name: names.declared[name].place} if name in names.declared else {}
    kinds = {"a quantity": quantities, "an index": names.letters, "a size": names.size_names}
    for other, places in kinds.items():
        if other != kind and name in places:
            (first, one), (last, two) = sorted([(place, kind), (places[name], other)])
            message = f"{name!r} is {one} (line {first.line}) and cannot be {two} as well"
            raise Fault(message, last)


def _infer_sizes(names: Names, nodes: Sequence[Node]) -> None:
    """Give each index without a size that of an axis on which it stands by itself."""
    stands_on = list(_bare_places(names, nodes))
    is_new = True
    while is_new:
        is_new = False
        for letter, axis_letter in stands_on:
            if letter not in names.sizes and axis_letter in names.sizes:
                names.sizes[letter] = names.sizes[axis_letter]
                is_new = True
    for letter, place in names.letters.items():
        if letter not in names.sizes:
            raise Fault(
                f"index {letter!r} has no size; state it where it first stands, "
                f"as {letter}:3 or {letter}:{spare_size(letter, names)}",
                place,
            )


def spare_size(letter: str, names: Names) -> str:
    """A name for the size of an index: its capital, unless that is taken."""
    capital = letter[0].upper()
    return capital if capital not in {*names.declared, *names.letters} else f"{capital}_{letter}"


def _bare_places(names: Names, nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """Each letter that stands on an axis by itself, with the letter of the axis."""
    for node in nodes:
        declared = names.declared.get(node.name) if isinstance(node, Entry) else None
        if declared is None:
            continue
        for s, axis_letter in zip(subscripts(node), declared.letters, strict=False):
            if isinstance(s.value, Name) and s.value.name in names.letters:
                yield s.value.name, axis_letter
            _note_lookup(names, s.value)


def _note_lookup(names: Names, value: Node) -> None:
    """An input by which others are looked up holds whole numbers."""
    parts = value.parts if isinstance(value, Chain) else ()
    for part in (value, *(operand for _, operand in parts)):
        if isinstance(part, Entry | Name) and part.name in names.declared:
            names.integers.add(part.name)
        elif isinstance(part, Chain) and part is not value:
            _note_lookup(names, part)


def free_letter(letter: str, taken: Collection[str]) -> str:
    """The next letter that is not taken; where all are, the letter with a number."""
    start = ascii_lowercase.find(letter[0]) + 1
    letters = [*ascii_lowercase[start:], *ascii_lowercase[:start]]
    more = (f"{letter}{k}" for k in range(1, len(taken) + 2))
    return next(name for name in (*letters, *more) if name not in taken)
