"""What each name of a text stands for: a quantity, an index, or a size; one name is one thing.

An index has one size in a text: where it is stated (`h:H`), or that of an axis on which the index
stands by itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sympy import Expr

from symnn.equations import Quantity, Role
from symnn.parsing.sizes import are_equal, size_expression
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import (
    Assumption,
    Call,
    Declaration,
    Definition,
    Entry,
    Left,
    Name,
    Node,
    Statement,
    is_number,
    subscripts,
    walk,
)
from symnn.parsing.vocabulary import OF_INDICES

LOSS = "loss"
_RESERVED = "dL_d"
_OF_AN_ENTRY = re.compile(r"(_\d+)+$")
_OF_A_LAYER = re.compile(r"([A-Za-z]+)([1-9]\d{0,2})")


@dataclass(frozen=True)
class Declared:
    """A quantity as the text has it: the place and the role of its first line, and its letters."""

    place: Place
    role: Role
    letters: tuple[str, ...]


@dataclass
class Names:
    """Everything that has a name in a text, in the order of the text."""

    declared: dict[str, Declared] = field(default_factory=dict)
    letters: dict[str, Place] = field(default_factory=dict)
    sizes: dict[str, Expr] = field(default_factory=dict)
    size_names: dict[str, Place] = field(default_factory=dict)
    integers: set[str] = field(default_factory=set)

    @property
    def all(self) -> set[str]:
        """Every name that is taken."""
        return {*self.declared, *self.letters, *self.size_names, "pi", "inf"}

    def size(self, letter: str) -> Expr:
        """How many values an index takes."""
        return self.sizes[letter]

    def shape(self, name: str) -> tuple[Expr, ...]:
        """The size of each axis of a quantity."""
        return tuple(self.sizes[letter] for letter in self.declared[name].letters)

    def quantity(self, name: str) -> Quantity:
        """The quantity of that name."""
        d = self.declared[name]
        symbol, layer = printed_name(name)
        is_integer = name in self.integers
        shape = self.shape(name)
        return Quantity(name, shape, d.role, d.letters, symbol, layer, is_integer=is_integer)


def printed_name(name: str) -> tuple[str, int | None]:
    """The symbol and the layer of a name: `W1` is W of layer 1.

    >>> printed_name("W1"), printed_name("h0"), printed_name("loss")
    (('W', 1), ('h0', None), ('L', None))
    """
    if name == LOSS:
        return "L", None
    match = _OF_A_LAYER.fullmatch(name)
    return (match[1], int(match[2])) if match else (name, None)


def is_start(definition: Definition) -> bool:
    """Whether a line is the start of a recurrence: a whole number among its indices."""
    return any(is_number(s.value) for s in subscripts(definition.left))


def names_in(statements: Sequence[Statement]) -> Names:
    """The names of a text; raises `Fault` where one stands for two things or has no size."""
    names = Names()
    for statement in statements:
        _declare(names, statement)
    _refuse_names_of_entries(names)
    for statement in statements:
        for letter in _letters_of(names, statement):
            _letter(names, *letter)
    _infer_sizes(names, [n for s in statements for r in _values_of(s) for n in walk(r)])
    return names


def _refuse_names_of_entries(names: Names) -> None:
    """Beside b, nothing may be called b_0: that is how an entry of b is called in scalars."""
    for name, declared in names.declared.items():
        whole = _OF_AN_ENTRY.sub("", name)
        if whole != name and whole in names.declared:
            cure = f"call it {name.replace('_', '')}"
            raise Fault(f"{name!r} reads as an entry of {whole!r}; {cure}", declared.place)


def _declare(names: Names, statement: Statement) -> None:
    if isinstance(statement, Declaration):
        for item in statement.items:
            _refuse_numbers(item)
            _add_quantity(names, item, statement.role)
    elif isinstance(statement, Definition):
        if is_start(statement):
            _check_left(statement.left)
            return
        is_loss = statement.left.name == LOSS
        if is_loss and isinstance(statement.left, Entry):
            raise Fault("the loss is one number; write loss = mean(…)", statement.left.place)
        role = Role.LOSS if is_loss else Role.INTERMEDIATE
        _add_quantity(names, statement.left, role)


def _refuse_numbers(item: Left) -> None:
    for subscript in subscripts(item):
        if is_number(subscript.value):
            raise Fault("an axis is named by an index letter, as in W[j:3]", subscript.value.place)


def _add_quantity(names: Names, left: Left, role: Role) -> None:
    name, place = left.name, left.place
    if name in names.declared:
        first = names.declared[name]
        verb = "defined" if Role.INTERMEDIATE in (role, first.role) else "declared"
        cure = ""
        if role in (Role.INTERMEDIATE, Role.LOSS):
            cure = f"; give this one a name of its own, as {spare_name(name, names.declared)}"
        raise Fault(f"{name!r} is {verb} already, on line {first.place.line}{cure}", place)
    if name == LOSS and role is not Role.LOSS:
        raise Fault("'loss' is what is differentiated: write loss = …", place)
    if name.startswith(_RESERVED):
        raise Fault(f"a name that begins with {_RESERVED} is kept for derivatives", place)
    names.declared[name] = Declared(place, role, _check_left(left))


def _check_left(left: Left) -> tuple[str, ...]:
    """The letters of a left side, each there once."""
    letters: list[str] = []
    for subscript in subscripts(left):
        value = subscript.value
        if is_number(value) and subscript.size is None:
            continue
        if not isinstance(value, Name):
            raise Fault(
                "on a left side stand index letters alone, as in z[n,i:3]; shift the right side",
                value.place,
            )
        if value.name in letters:
            raise Fault(f"index {value.name!r} stands twice on the left side", value.place)
        letters.append(value.name)
    return tuple(letters)


def spare_name(name: str, taken: Iterable[str]) -> str:
    """A name like this one that is not taken.

    >>> spare_name("c", ["c", "c1"])
    'c2'
    """
    stem, known = name.rstrip("0123456789"), set(taken)
    return next(f"{stem}{k}" for k in range(1, len(known) + 2) if f"{stem}{k}" not in known)


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
    if isinstance(value, Entry | Name) and value.name in names.declared:
        names.integers.add(value.name)
