"""What `symnn plot` is asked for: kinds, spans, and models with their samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from symnn.cli.models import ENDING, text_of, with_notes_said
from symnn.cli.train import examples_of, names, without_missing
from symnn.errors import SpecError, unknown_name

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from symnn.columns import Columns
    from symnn.equations import System
    from symnn.fitfile import SavedFit
    from symnn.model import Model
    from symnn.plot.ground import AnyModel, Data, Ground


class KindGroup(TyperGroup):
    """The kinds of pictures; an unknown one is answered with the nearest."""

    def parse_args(self, ctx: object, args: list[str]) -> list[str]:
        """What is left of the arguments; `UnknownNameError` where the first names no kind."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise unknown_name("kind of picture", args[0], self.commands)
        return super().parse_args(ctx, args)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Request:
    """A model, a data set, and what is said of both by options."""

    model: str
    data: str | None
    chosen: Mapping[str, Any]
    features: Sequence[str]
    targets: Sequence[str]
    standardize: bool
    drop_missing: bool
    seed: int

    def __post_init__(self) -> None:
        given = {k: v for k, v in self.chosen.items() if v}
        object.__setattr__(self, "chosen", given)
        object.__setattr__(self, "features", names(self.features))
        object.__setattr__(self, "targets", names(self.targets))
        if self.data is None:
            options = (self.features, self.targets, self.standardize, self.drop_missing)
            for option, value in zip(_OF_DATA, options, strict=True):
                if value:
                    raise SpecError(f"--{option} is for a data set; give one after the model")
        if given and self.is_fixed:
            raise SpecError(f"--{next(iter(given))} is for specs; '{self.model}' says all of it")

    @property
    def is_fixed(self) -> bool:
        """Whether the model says of itself what options say of a spec."""
        return self.model.endswith((ENDING, SAVED))


SAVED = ".npz"
_OF_DATA = ("features", "target", "standardize", "drop-missing")


def ground_asked_for(request: Request, at: Sequence[str]) -> "Ground":
    """The loss of the model on the data; with the weights at the values given, as `w=0.5`."""
    from symnn.plot.ground import ground_of

    model, x, y = _model_and_samples(request)
    ground = ground_of(model, x, y, seed=request.seed)
    moved = {}
    for text in at:
        name, value = _assignment(text)
        moved[ground.knob(name)] = value
    return ground.at(moved)


def model_asked_for(request: Request) -> "AnyModel":
    """The model alone, without samples; equations may lack a loss."""
    if not request.model.endswith(ENDING):
        return _model_and_samples(request)[0]
    from symnn.parsing import parse_system

    path = request.model
    return with_notes_said(parse_system(text_of(path), Path(path).name, needs_loss=False))


def _assignment(text: str) -> tuple[str, float]:
    from symnn.datasets import number

    name, equals, value = (part.strip() for part in text.rpartition("="))
    found = number(value)
    if not (name and equals) or found is None:
        raise SpecError(f"--at is {text[:80]!r}; it is a weight and a number, as in w=0.5")
    return name, found


def span_of(text: str | None) -> tuple[float, float] | None:
    """The span that `--span=-2,2` asks for; raises `SpecError` for what is none.

    >>> span_of("-2,2")
    (-2.0, 2.0)
    """
    from symnn.datasets import number

    if text is None:
        return None
    ends = [number(part.strip()) for part in text.split(",")]
    match ends:
        case [float(low), float(high)] if low < high and high - low < float("inf"):
            return low, high
    raise SpecError(f"--span is {text[:80]!r}; it is two numbers, the smaller first, as -2,2")


def _model_and_samples(request: Request) -> "tuple[AnyModel, Data, ArrayLike | None]":
    if request.model.endswith(ENDING):
        return equations_and_arrays(request)
    if request.model.endswith(SAVED):
        return saved_and_samples(request)
    return _network(request)


def equations_and_arrays(
    request: Request,
) -> "tuple[System, Mapping[str, NDArray[Any]] | None, None]":
    """The equations in a file, and their arrays; no targets beside them."""
    from symnn.parsing import parse_system

    system = with_notes_said(parse_system(text_of(request.model), Path(request.model).name))
    return system, _arrays(request, system, None), None


def _arrays(
    request: Request, system: "System", columns: "Columns | None"
) -> "Mapping[str, NDArray[Any]] | None":
    """The arrays of a data set for equations, by name."""
    from symnn.columns import arrays_of, columns_of
    from symnn.datasets import load
    from symnn.equations import Role

    if request.standardize:
        raise SpecError("--standardize is for networks; equations say all of it themselves")
    if request.data is None:
        return None
    table = load(request.data)
    columns = columns or columns_of(system, table, request.features, request.targets)
    if request.drop_missing:
        table = without_missing(table, [name for used in columns.values() for name in used])
    return arrays_of(system.named(Role.INPUT, Role.TARGET), table, columns)


def saved_and_samples(request: Request) -> "tuple[Model | SavedFit, Data, ArrayLike | None]":
    """A saved model, and the samples in its columns."""
    from symnn.fitfile import holds_equations, load_fit
    from symnn.modelfile import load

    if request.standardize:
        raise SpecError("--standardize is for training; a saved model has its scaling already")
    if holds_equations(request.model):
        saved = load_fit(request.model)
        return saved, _arrays(request, saved.system, saved.columns), None
    model = load(request.model)
    if request.data is None:
        return model, None, None
    features = request.features or model.features
    targets = request.targets or model.targets
    samples = examples_of(
        model.network, request.data, features, targets, drops=request.drop_missing
    )
    if model.classes and samples.classes != model.classes:
        raise SpecError(
            f"'{request.model}' knows the classes {', '.join(model.classes)}, and the data "
            f"have {', '.join(samples.classes) or 'none'}"
        )
    return model, samples.x, samples.y


def _network(request: Request) -> "tuple[AnyModel, Data, ArrayLike | None]":
    from symnn.network import Network
    from symnn.training import untrained

    network = Network(request.model, **request.chosen)
    if request.data is None:
        return network, None, None
    samples = examples_of(
        network, request.data, request.features, request.targets, drops=request.drop_missing
    )
    model = untrained(
        network,
        samples.x,
        samples.y,
        seed=request.seed,
        standardize=request.standardize,
        names=(samples.features, samples.targets, samples.classes),
    )
    return model, samples.x, samples.y
