"""From a text to a `System`: the public calls, and what holds of a text as a whole."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from symnn.equations import Role, System
from symnn.lookups import counted_from_1
from symnn.parsing.backwards import refuse_backwards
from symnn.parsing.grammar import expression, statements
from symnn.parsing.letters import names_in
from symnn.parsing.names import LOSS, Names, is_start
from symnn.parsing.ordering import reachable
from symnn.parsing.recurrences import Equations
from symnn.parsing.scores import with_named_scores
from symnn.parsing.source import EquationError, Fault
from symnn.parsing.texts import Text, no_loss, starts_of
from symnn.parsing.tokens import normalized, spelled
from symnn.parsing.tree import (
    Assumption,
    Call,
    Declaration,
    Definition,
    Entry,
    Name,
    Node,
    Statement,
    walk,
)
from symnn.parsing.vocabulary import WHERE


def parse_system(text: str, source: str = "", *, needs_loss: bool = True) -> System:
    """The system that a text in the equation language describes.

    `source` is the name of the file, for messages. Raises `EquationError`, with the place, where
    the text cannot be read or its parts do not fit; what is doubtful alone stands in the system's
    `notes`.

    >>> system = parse_system('''
    ...     input x[n:N]; target y[n]; parameter w, b
    ...     yhat[n] = w*x[n] + b
    ...     loss = mean(n, (yhat[n] - y[n])**2)
    ... ''')
    >>> system.equation("loss").expression
    Sum((-y[n] + yhat[n])**2, (n, 0, N - 1))/N
    """
    lines = normalized(text)
    try:
        found = statements(lines)
        system = _system(found, source)
        if system.named(Role.LOSS):
            return system
        missing = no_loss([s for s in found if isinstance(s, Definition)])
        if needs_loss or not system.equations:
            raise missing
        return replace(system, no_loss=str(_error(missing, lines, source)))
    except Fault as fault:
        raise _error(fault, lines, source) from None


def parse_expression(text: str, parameters: Collection[str] = (), source: str = "") -> System:
    """The system whose loss is this expression in names that need no declaration.

    Names are parameters where `parameters` has them, `y` is the target, and others are inputs.

    >>> system = parse_expression("(w*x + b - y)**2", ["w", "b"])
    >>> [q.name for q in system.named(Role.PARAMETER)]
    ['w', 'b']
    """
    lines = normalized(text)
    try:
        value = expression(lines)
        return _system([*_declared(value, parameters), _loss(value)], source)
    except Fault as fault:
        raise _error(fault, lines, source) from None


def _error(fault: Fault, text: str, source: str) -> EquationError:
    lines = text.split("\n")
    return EquationError(fault.message, fault.place, lines[fault.place.line - 1], source)


def _loss(value: Node) -> Definition:
    return Definition(Name(value.place, LOSS), value)


def _declared(value: Node, parameters: Collection[str]) -> Iterator[Declaration]:
    """The declarations that the names of an expression amount to, at their first places."""
    alone = names_in([_loss(value)])
    seen = {*alone.letters, *alone.size_names, "pi", "inf"}
    parameters = {spelled(name) for name in parameters}
    for node in walk(value):
        if isinstance(node, Entry):
            _check_bound(node, alone.letters)
        if isinstance(node, Name | Entry) and node.name not in seen:
            seen.add(node.name)
            role = Role.TARGET if node.name == "y" else Role.INPUT
            yield Declaration(Role.PARAMETER if node.name in parameters else role, (node,))


def _check_bound(entry: Entry, letters: Collection[str]) -> None:
    """Refuse an index that nothing binds: a loss is one number."""
    for stated in entry.subscripts:
        index = stated.value
        if isinstance(index, Name) and index.name not in letters:
            cure = f"sum or average over it, as in sum({index.name}:{index.name.upper()}, …)"
            raise Fault(
                f"index {index.name!r} is not bound, and a loss is one number: {cure}", index.place
            )


def _system(lines: Sequence[Statement], source: str) -> System:
    refuse_backwards(lines)
    names = names_in(lines)
    definitions = [s for s in lines if isinstance(s, Definition)]
    mains = {d.left.name: d for d in definitions if not is_start(d)}
    starting = [d for d in definitions if is_start(d)]
    starts = starts_of(names, starting)
    text = Text(names, {name: names.quantity(name) for name in names.declared}, starts)
    equations = Equations(
        {name: text.equation(d) for name, d in mains.items()},
        {name: [text.start(d) for d in starting if d.left.name == name] for name in starts},
        starts,
        {name: d.left.place for name, d in mains.items()},
        {name for name, d in mains.items() if name in _names(d.right)},
    )
    system = System(
        text.quantities,
        equations.in_order(),
        tuple(text.assumed(s) for s in lines if isinstance(s, Assumption)),
        tuple(e for found in equations.starting.values() for e in found),
        tuple(_notes(names, mains, equations, source)),
    )
    system = with_named_scores(system, names.all)
    from_1 = {n: replace(system.quantities[n], is_from_1=True) for n in counted_from_1(system)}
    return replace(system, quantities={**system.quantities, **from_1}) if from_1 else system


def _notes(
    names: Names, mains: Mapping[str, Definition], equations: Equations, source: str
) -> Iterator[str]:
    """What can be read and is doubtful: parameters without effect, and functions that are flat."""
    needs = {n: {r.name for r in equations.all_reads(n)} for n in equations.equations}
    reached = {LOSS, *reachable(LOSS, needs)}
    parameters = {n for n, d in names.declared.items() if d.role is Role.PARAMETER}
    for name in names.declared:
        if LOSS in needs and name in parameters - reached:
            message = f"parameter {name!r} does not act on the loss; its gradient is zero"
            yield str(EquationError(message, names.declared[name].place, source=source))
    learning = {n for n in needs if reachable(n, needs) & parameters} | parameters
    for definition in mains.values():
        for node in walk(definition.right):
            message = _flatness(node, learning)
            if message:
                yield str(EquationError(message, node.place, source=source))


def _flatness(node: Node, learning: set[str]) -> str:
    """Why what stands here keeps parameters from learning; empty where it does not."""
    if not isinstance(node, Call):
        return ""
    if node.name == "sign" and _names(node) & learning:
        return "sign is flat: no parameter below it can learn"
    if node.name != WHERE or len(node.arguments) != 3:
        return ""
    condition, *branches = (_names(a.value) & learning for a in node.arguments)
    if condition and not any(branches):
        return "a condition is flat: no parameter in it can learn, and none stands in a value"
    return ""


def _names(node: Node) -> set[str]:
    return {n.name for n in walk(node) if isinstance(n, Name | Entry)}
