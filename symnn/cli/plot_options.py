"""The options that kinds of pictures share."""

from typing import Annotated, TypeAlias

from typer import Argument, Option

from symnn.cli.models import PENALTY_HELP

Save: TypeAlias = Annotated[
    str | None,
    Option(
        "-o",
        "--save",
        help="Where to write, ….svg, ….png or ….pdf; - is stdout, as SVG. By default the kind's "
        "name and .svg.",
    ),
]
Span: TypeAlias = Annotated[str | None, Option(help="From where to where, as --span=-2,2.")]
ModelName: TypeAlias = Annotated[
    str, Argument(help="A spec, a file of equations ….eqs, or a model that `train -o` saved.")
]
Data: TypeAlias = Annotated[
    str | None, Argument(help="A data set's name or a CSV file; by default samples at random.")
]
Samples: TypeAlias = Annotated[str, Argument(help="A data set's name or a CSV file.")]
Loss: TypeAlias = Annotated[str | None, Option(help="The loss, by name.")]
Penalty: TypeAlias = Annotated[list[str] | None, Option(help=PENALTY_HELP)]
Hidden: TypeAlias = Annotated[str | None, Option(help="The activation of hidden layers.")]
Output: TypeAlias = Annotated[str | None, Option(help="The activation of the last layer.")]
Target: TypeAlias = Annotated[list[str] | None, Option(help="What is predicted; several as a,b.")]
Features: TypeAlias = Annotated[
    list[str] | None, Option(help="What it is predicted from; by default every numeric column.")
]
Standardize: TypeAlias = Annotated[
    bool, Option("--standardize", help="Scale by mean and deviation.")
]
DropMissing: TypeAlias = Annotated[
    bool, Option("--drop-missing", help="Leave out rows that miss a value used.")
]
Epochs: TypeAlias = Annotated[int, Option(help="Passes over the data.")]
BatchSize: TypeAlias = Annotated[int, Option(help="Samples to a step.")]
Rate: TypeAlias = Annotated[
    float | None, Option(help="The learning rate; by default the optimizer's.")
]
Rule: TypeAlias = Annotated[str, Option(help="The optimizer, by name.")]
Validation: TypeAlias = Annotated[float, Option(help="The share of the rows held out.")]
Size: TypeAlias = Annotated[
    list[str] | None, Option(help="A size that equations leave open, as H=8. Repeatable.")
]
Seed: TypeAlias = Annotated[int, Option(help="The one source of chance.")]
