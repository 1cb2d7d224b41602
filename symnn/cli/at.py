"""`--at`: where the numbers of a derivation come from, and its page with them in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from symnn.errors import DataError, SpecError

if TYPE_CHECKING:
    from symnn.assigned import Assigned
    from symnn.cli.saved import Saved
    from symnn.derivation import Derivation
    from symnn.work import Work

AT_HELP = (
    'Put numbers in: "w=0.5,b=1,x=2,y=3", a file .json, .toml or a saved .npz, or random. '
    "Repeatable."
)
DATA_HELP = "With a saved model: a data set's name, or a CSV file, for --row."
ROW_HELP = "Rows of --data, from 1 on: 3, or 1-4, or 2,5."
LR_HELP = "The learning rate of the update that --at shows."
OPTIMIZER_HELP = "The rule of the update that --at shows; see `symnn list`."
DIGITS_HELP = "How many digits of the numbers of --at are printed."
TURN_HELP = 'A knob that --at turns: w (by +0.01), "W1[1,2]=-0.1". Repeatable.'
RANDOM = "random"
SAVED = ".npz"


@dataclass(frozen=True)
class Asked:
    """The options that go with `--at`."""

    at: Sequence[str]
    data: str | None = None
    row: str | None = None
    lr: str = "0.1"
    optimizer: str = "sgd"
    digits: int = 6
    turn: Sequence[str] = ()

    def check(self) -> None:
        """Raise `SpecError` where an option has nothing to go with."""
        usual = Asked(())
        for name in ("data", "row", "lr", "optimizer", "digits", "turn"):
            if not self.at and getattr(self, name) not in (getattr(usual, name), []):
                raise SpecError(f'--{name} goes with --at, as in --at "w=0.5,b=1,x=2,y=3"')
        if (self.data is None) != (self.row is None):
            raise SpecError("--data and --row go together, as in --data penguins --row 3")
        if self.data is not None and self.saved is None:
            raise SpecError("--data and --row go with a saved model, as in --at model.npz")

    @property
    def saved(self) -> str | None:
        """The saved model among the sources of numbers."""
        found = [text for text in self.at if text.lower().endswith(SAVED)]
        if len(found) > 1:
            raise SpecError(f"--at takes one saved model, but {found[0]} and {found[1]} are given")
        return found[0] if found else None

    @property
    def is_random(self) -> bool:
        """Whether the numbers are drawn."""
        if RANDOM in self.at and len(self.at) > 1:
            raise SpecError("--at random takes no other values beside it")
        return RANDOM in self.at


def saved_for(asked: Asked, model: str | None, *, has_expression: bool) -> "Saved | None":
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
        turn=asked.turn,
    )


def _given(asked: Asked, saved: "Saved | None") -> "Assigned":
    """The numbers of all sources together."""
    from symnn.assigned import ENDINGS, parse_values, read_values

    given: Assigned = dict(saved.values) if saved else {}
    for text in asked.at:
        if text == asked.saved:
            continue
        is_file = Path(text).suffix.lower() in ENDINGS
        found = read_values(text) if is_file else parse_values(text, "--at")
        twice = next((name for name in found if name in given), None)
        if twice is not None:
            raise DataError(f"{twice} is given twice; give it once")
        given |= found
    return given
