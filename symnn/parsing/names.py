"""The names of a text, and the quantities that its lines declare or define, each once.

What is an index, and which size it has, `letters` says.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sympy import Expr

from symnn.equations import Quantity, Role
from symnn.parsing.source import Fault, Place
from symnn.parsing.tree import (
    Declaration,
    Definition,
    Entry,
    Left,
    Name,
    Statement,
    is_number,
    subscripts,
)

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
        shape = self.shape(name)
        symbol, layer = printed_name(name)
        if layer is not None and not shape and symbol not in self.declared:
            # Of one number w² would be a square; w₂ is no entry where there is no w.
            symbol, layer = name, None
        if symbol == "L" and name == LOSS and "L" in self.declared:
            # ∂L/∂L would not say which of the two is differentiated.
            symbol = LOSS
        is_integer = name in self.integers
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


def declared_names(statements: Sequence[Statement]) -> Names:
    """The quantities of a text; raises `Fault` where a name is given twice, or may not be given."""
    names = Names()
    for statement in statements:
        _declare(names, statement)
    _refuse_names_of_entries(names)
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
