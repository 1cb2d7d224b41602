"""What `symnn plot` is asked for: kinds, spans, and models with their samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from symnn.cli.models import ENDING, text_of, with_notes_said
from symnn.cli.options import ChosenOptions, ColumnOptions
from symnn.cli.train import examples_of, names, without_missing
from symnn.errors import SpecError, unknown_name

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from symnn.equations import System
    from symnn.examples import Examples
    from symnn.fitfile import SavedFit
    from symnn.model import Model
    from symnn.network import Network
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
    data: str | None = None
    columns: ColumnOptions = field(default_factory=ColumnOptions)
    chosen: ChosenOptions = field(default_factory=ChosenOptions)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.data is None:
            for name in ("features", "target", "standardize", "drop_missing"):
                if getattr(self.columns, name):
                    option = name.replace("_", "-")
                    raise SpecError(f"--{option} is for a data set; give one after the model")
        if self.chosen.given and self.model.endswith((ENDING, SAVED)):
            option = next(iter(self.chosen.given))
            raise SpecError(f"--{option} is for specs; '{self.model}' says all of it")

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns to predict from."""
        return names(self.columns.features or ())

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the columns to predict."""
        return names(self.columns.target or ())

    def examples(self, network: "Network", like: "Model | None" = None) -> "Examples":
        """The arrays for a network, from the columns asked for or else those of a model."""
        assert self.data is not None
        features = self.features or (like.features if like else ())
        targets = self.targets or (like.targets if like else ())
        return examples_of(network, self.data, features, targets, drops=self.columns.drop_missing)


SAVED = ".npz"


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
    return system, _arrays(request, system), None


def _arrays(
    request: Request, system: "System", saved: "SavedFit | None" = None
) -> "Mapping[str, NDArray[Any]] | None":
    """The arrays of a data set for equations, by name."""
    from symnn.columns import arrays_of, columns_of, words_of
    from symnn.datasets import load
    from symnn.equations import Role

    if request.columns.standardize:
        raise SpecError(
            "equations are standardized in training: train with --standardize, plot what is saved"
        )
    if request.data is None:
        return None
    table = load(request.data)
    given = system.named(Role.INPUT, Role.TARGET)
    columns = (
        saved.columns if saved else columns_of(system, table, request.features, request.targets)
    )
    if request.columns.drop_missing:
        table = without_missing(table, [name for used in columns.values() for name in used])
    words = saved.words if saved else words_of(given, table, columns)
    return arrays_of(given, table, columns, words)


def saved_and_samples(request: Request) -> "tuple[Model | SavedFit, Data, ArrayLike | None]":
    """A saved model, and the samples in its columns."""
    from symnn.fitfile import holds_equations, load_fit
    from symnn.modelfile import load

    if request.columns.standardize:
        raise SpecError("--standardize is for training; a saved model has its scaling already")
    if holds_equations(request.model):
        saved = load_fit(request.model)
        return saved, _arrays(request, saved.system, saved), None
    model = load(request.model)
    if request.data is None:
        return model, None, None
    samples = request.examples(model.network, like=model)
    if model.classes and samples.classes != model.classes:
        raise SpecError(
            f"'{request.model}' knows the classes {', '.join(model.classes)}, and the data "
            f"have {', '.join(samples.classes) or 'none'}"
        )
    return model, samples.x, samples.y


def _network(request: Request) -> "tuple[AnyModel, Data, ArrayLike | None]":
    from symnn.network import Network
    from symnn.training import untrained

    network = Network(request.model, **request.chosen.given)
    if request.data is None:
        return network, None, None
    samples = request.examples(network)
    model = untrained(
        network,
        samples.x,
        samples.y,
        seed=request.seed,
        standardize=request.columns.standardize,
        names=(samples.features, samples.targets, samples.classes),
    )
    return model, samples.x, samples.y
