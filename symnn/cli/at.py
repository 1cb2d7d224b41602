"""`--at`: where the numbers of a derivation come from, and its page with them in it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from symnn.errors import DataError, SpecError

if TYPE_CHECKING:
    from symnn.assigned import Assigned
    from symnn.cli.saved import Saved
    from symnn.derivation import Derivation
    from symnn.work import Work

RANDOM = "random"
SAVED = ".npz"


@dataclass(frozen=True)
class Asked:
    """`--at`, and the options that go with it."""

    at: Annotated[
        list[str] | None,
        Option(
            help='Put numbers in: "w=0.5,b=1,x=2,y=3", a file .json, .toml or a saved .npz, or '
            "random. Repeatable."
        ),
    ] = None
    lr: Annotated[str, Option(help="The learning rate of the update that --at shows.")] = "0.1"
    optimizer: Annotated[
        str, Option(help="The rule of the update that --at shows; see `symnn list`.")
    ] = "sgd"
    digits: Annotated[int, Option(help="How many digits of the numbers of --at are printed.")] = 6
    turn: Annotated[
        list[str] | None,
        Option(help='A knob that --at turns: w (by +0.01), "W1[1,2]=-0.1". Repeatable.'),
    ] = None

    def check(self) -> None:
        """Raise `SpecError` where an option has nothing to go with."""
        for option in fields(self):
            if not self.at and getattr(self, option.name) not in (option.default, []):
                raise SpecError(f'--{option.name} goes with --at, as in --at "w=0.5,b=1,x=2,y=3"')

    @property
    def sources(self) -> Sequence[str]:
        """Where the numbers come from, as it was typed."""
        return self.at or ()

    @property
    def saved(self) -> str | None:
        """The saved model among the sources of numbers."""
        found = [text for text in self.sources if text.lower().endswith(SAVED)]
        if len(found) > 1:
            raise SpecError(f"--at takes one saved model, but {found[0]} and {found[1]} are given")
        return found[0] if found else None

    @property
    def is_random(self) -> bool:
        """Whether the numbers are drawn."""
        if RANDOM in self.sources and len(self.sources) > 1:
            raise SpecError("--at random takes no other values beside it")
        return RANDOM in self.sources


@dataclass(frozen=True)
class AskedWithRows(Asked):
    """`--at`, which may be a saved model with rows of a data file."""

    data: Annotated[
        str | None,
        Option(help="With a saved model: a data set's name, or a CSV file, for --row."),
    ] = None
    row: Annotated[str | None, Option(help="Rows of --data, from 1 on: 3, or 1-4, or 2,5.")] = None

    def check(self) -> None:
        """Raise `SpecError` where an option has nothing to go with."""
        super().check()
        if (self.data is None) != (self.row is None):
            raise SpecError("--data and --row go together, as in --data penguins --row 3")
        if self.data is not None and self.saved is None:
            raise SpecError("--data and --row go with a saved model, as in --at model.npz")


def saved_for(asked: AskedWithRows, model: str | None, *, has_expression: bool) -> "Saved | None":
    """The saved model that the numbers come from; raises `SpecError` where it is another one."""
    if asked.saved is None:
        return None
    from symnn.cli.saved import read_saved

    if has_expression:
        raise SpecError("a saved model has its own formulas; leave --expr out")
    return read_saved(asked.saved, model, asked.data, asked.row)


def worked_out(asked: Asked, derivation: "Derivation", saved: "Saved | None", seed: int) -> "Work":
    """The derivation with the numbers that are asked for."""
    from symnn.points import leaves_of
    from symnn.worked import drawn, ones_of, worked

    system = derivation.system
    if asked.is_random:
        leaves = drawn(derivation, seed)
    else:
        leaves = leaves_of(system, _given(asked, saved), ones=ones_of(derivation))
    return worked(
        derivation,
        leaves,
        lr=asked.lr,
        optimizer=asked.optimizer,
        digits=asked.digits,
        turn=asked.turn or (),
    )


def _given(asked: Asked, saved: "Saved | None") -> "Assigned":
    """The numbers of all sources together."""
    from symnn.assigned import ENDINGS, parse_values, read_values

    given: Assigned = dict(saved.values) if saved else {}
    for text in asked.sources:
        if text == asked.saved:
            continue
        is_file = Path(text).suffix.lower() in ENDINGS
        found = read_values(text) if is_file else parse_values(text, "--at")
        twice = next((name for name in found if name in given), None)
        if twice is not None:
            raise DataError(f"{twice} is given twice; give it once")
        given |= found
    return given
