"""The options that several commands share, declared once: by themselves, or in groups.

A group is a dataclass whose fields are options; `groups` puts them into a command.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

from typer import Argument, Option

_T = TypeVar("_T")

Model: TypeAlias = Annotated[
    str | None,
    Argument(help="A spec, such as 1-1 or 2-3:tanh-1:sigmoid, or a file of equations, ….eqs."),
]
ModelToTrain: TypeAlias = Annotated[
    str, Argument(help="A spec, a file of equations ….eqs, or a model that `train -o` saved.")
]
Samples: TypeAlias = Annotated[
    str, Argument(help="A data set's name, or a CSV file with a header.")
]
Expression: TypeAlias = Annotated[
    str | None, Option("--expr", help="A loss as an expression, in place of a model.")
]
Loss: TypeAlias = Annotated[_T, Option(help="The loss, by name.")]
Penalty: TypeAlias = Annotated[
    list[str] | None,
    Option(help='Added to the loss: "l2(0.01)", or "l1(0.1):W1" on W1 alone. Repeatable.'),
]
Hidden: TypeAlias = Annotated[_T, Option(help="The activation of hidden layers.")]
Output: TypeAlias = Annotated[_T, Option(help="The activation of the last layer.")]
Detail: TypeAlias = Annotated[
    str, Option(help="How much of each step: result, links (the chain rule) or full.")
]
CheckedAt: TypeAlias = Annotated[
    int, Option(help="The point at which the result is checked, and --at random.")
]
Save: TypeAlias = Annotated[str, Option("-o", "--save", help="Where to write; - is stdout.")]
Seed: TypeAlias = Annotated[int, Option(help="The one source of chance.")]


@dataclass(frozen=True)
class NetworkOptions:
    """What a spec leaves open, with what is usual."""

    loss: Loss[str] = "mse"
    penalty: Penalty = None
    hidden: Hidden[str] = "tanh"
    output: Output[str] = "identity"


@dataclass(frozen=True)
class ColumnOptions:
    """Which columns of a data set are used, and how they are made ready."""

    target: Annotated[list[str] | None, Option(help="What to predict; several as a,b.")] = None
    features: Annotated[
        list[str] | None, Option(help="What to predict it from; by default every numeric column.")
    ] = None
    standardize: Annotated[
        bool,
        Option(
            "--standardize",
            help="Scale by mean and deviation; predictions stay in their own units.",
        ),
    ] = False
    drop_missing: Annotated[
        bool, Option("--drop-missing", help="Leave out rows that miss a value used.")
    ] = False


@dataclass(frozen=True)
class ChosenOptions:
    """What is said of a spec, and of nothing else: equations and saved models say it themselves."""

    loss: Loss[str | None] = None
    penalty: Penalty = None
    hidden: Hidden[str | None] = None
    output: Output[str | None] = None

    @property
    def given(self) -> Mapping[str, Any]:
        """Those that were given, as `Network` takes them."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class TrainingOptions:
    """How a model is trained."""

    epochs: Annotated[int, Option(help="Passes over the data.")] = 100
    batch_size: Annotated[int, Option(help="Samples to a step.")] = 32
    lr: Annotated[float | None, Option(help="The learning rate; by default the optimizer's.")] = (
        None
    )
    optimizer: Annotated[str, Option(help="The optimizer, by name.")] = "sgd"
    seed: Seed = 0
    validation: Annotated[float, Option(help="The share of the rows held out.")] = 0.0
    size: Annotated[
        list[str] | None, Option(help="A size that equations leave open, as H=8. Repeatable.")
    ] = None

    @property
    def settings(self) -> dict[str, Any]:
        """What `train` and `fit` both take, once it is known to be of use."""
        from symnn.settings import settings_of

        settings_of(self.optimizer, self.lr, self.epochs, self.batch_size, self.seed)
        return {name: value for name, value in asdict(self).items() if name != "size"}
