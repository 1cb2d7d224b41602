"""From what a user gives to a derivation with numbers: values, and the knobs to turn."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from symnn.assigned import Assigned, Nested, nested, parse_values
from symnn.derivation import Derivation
from symnn.draws import small_sizes
from symnn.equations import Quantity, Role
from symnn.errors import ShapeError, SpecError, unknown_name
from symnn.language import Wanted, parse_wanted
from symnn.leaves import Leaves
from symnn.network import Network
from symnn.optimizers import OPTIMIZERS, Optimizer
from symnn.points import leaves_of, random_leaves, resolved
from symnn.scalars import places
from symnn.work import RATE, Work, refuse_many

MOST_KNOBS = 12
TURN = Fraction(1, 100)
MOST_DIGITS = 40
RANDOM = "random"


def work_at(
    derivation: Derivation,
    values: Mapping[str, object] | str,
    *,
    lr: object = RATE,
    optimizer: str | Optimizer = "sgd",
    digits: int = 6,
    turn: Mapping[str, object] | Iterable[str] = (),
    seed: int = 0,
) -> Work:
    """The derivation with these numbers in it; see `Derivation.at`."""
    if values == RANDOM:
        leaves = drawn(derivation, seed)
    else:
        leaves = leaves_of(derivation.system, _assigned(values), ones=ones_of(derivation))
    return worked(derivation, leaves, lr=lr, optimizer=optimizer, digits=digits, turn=turn)


def drawn(derivation: Derivation, seed: int) -> Leaves:
    """Random values for a derivation that is not too large for a page."""
    refuse_many(derivation, small_sizes(derivation.system, samples=1))
    return random_leaves(derivation.system, seed)


def worked(
    derivation: Derivation,
    leaves: Leaves,
    *,
    lr: object = RATE,
    optimizer: str | Optimizer = "sgd",
    digits: int = 6,
    turn: Mapping[str, object] | Iterable[str] = (),
) -> Work:
    """The derivation at a point; raises `SymnnError` where something cannot be."""
    if derivation.system.no_loss or any(e.quantity.top for e in derivation.gradients.values()):
        raise SpecError("numbers go under a loss and its gradients; ask for no other derivative")
    if isinstance(optimizer, str) and optimizer not in OPTIMIZERS:
        raise unknown_name("optimizer", optimizer, OPTIMIZERS)
    row = OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer
    if not 1 <= digits <= MOST_DIGITS:
        raise SpecError(f"digits is {digits}; numbers have from 1 to {MOST_DIGITS}")
    rate = _rate(lr)
    work = Work(derivation, leaves, rate, row, digits)
    work.check()
    return replace(work, turned=_turned(work, turn) if turn else _usual(work))


def _rate(lr: object) -> Fraction:
    """The learning rate, from a number or a text."""
    rate = (
        parse_values(f"lr={lr}", "--lr")[Wanted("lr")] if isinstance(lr, str) else nested(lr, "lr")
    )
    if not isinstance(rate, Fraction) or rate <= 0:
        raise SpecError(f"lr is {lr}; a learning rate is a number above 0")
    return rate


def _assigned(values: Mapping[str, object] | str) -> Assigned:
    if isinstance(values, str):
        return parse_values(values)
    return {parse_wanted(name): nested(value, name) for name, value in values.items()}


def ones_of(derivation: Derivation) -> Iterable[str]:
    """What is 1 unless it is given: the mask of a dropout, which then changes nothing."""
    return derivation.model.masks if isinstance(derivation.model, Network) else ()


Knobs = dict[tuple[str, tuple[int, ...]], Fraction]


def _usual(work: Work) -> Knobs:
    """Every weight and bias of a small model, or else the first, a hundredth up."""
    parameters = (work.quantities[name] for name in work.derivation.gradients)
    every = [(q.name, place) for q in parameters if q.role is Role.PARAMETER for place in places(q)]
    return dict.fromkeys(every if len(every) <= MOST_KNOBS else every[:1], TURN)


def _turned(work: Work, turn: Mapping[str, object] | Iterable[str]) -> Knobs:
    """The knobs that are asked for: `w`, `w=-0.1`, `W1[1,2]`; all entries of what has several."""
    found: Knobs = {}
    for wanted, by in _asked(turn):
        system = work.derivation.system
        name = resolved(system, _knobs(work), wanted.name)
        if not by:
            raise SpecError(f"{wanted} is turned by 0, which changes nothing")
        for place in _places(work.quantities[name], wanted):
            found[name, place] = by
    return found


def _asked(turn: Mapping[str, object] | Iterable[str]) -> Iterator[tuple[Wanted, Fraction]]:
    if isinstance(turn, Mapping):
        for name, by in turn.items():
            yield parse_wanted(name), _step(name, nested(by, name))
        return
    for text in [turn] if isinstance(turn, str) else turn:
        if "=" not in text:
            yield parse_wanted(text), TURN
            continue
        for wanted, by in parse_values(text, "--turn").items():
            yield wanted, _step(str(wanted), by)


def _step(name: str, by: Nested) -> Fraction:
    if not isinstance(by, Fraction):
        raise SpecError(f"{name} is turned by a list; give one number")
    return by


def _knobs(work: Work) -> dict[str, Quantity]:
    """What may be turned: the leaves with a gradient."""
    return {
        name: work.quantities[name]
        for name in work.derivation.gradients
        if name in work.leaves.values
    }


def _places(q: Quantity, wanted: Wanted) -> list[tuple[int, ...]]:
    """The places that are asked for, counted from 0."""
    if not wanted.place:
        return places(q)
    shown = [k for k, size in enumerate(q.shape) if size != 1]
    for axes in (range(len(q.shape)), shown):
        chosen = dict(zip(axes, wanted.place, strict=False))
        place = tuple(chosen.get(k, 1) - 1 for k in range(len(q.shape)))
        if len(axes) == len(wanted.place) and place in places(q):
            return [place]
    shape = tuple(map(int, q.shape))
    raise ShapeError(f"{wanted} is not there: {q.name} has the shape {shape}, from 1 on")
