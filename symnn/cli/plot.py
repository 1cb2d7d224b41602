"""`symnn plot KIND …`: pictures. The text alternative goes to stdout, the picture into a file.

One function a kind; what they share, models and data, is in `pictured`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.groups import grouped
from symnn.cli.options import (
    ChosenOptions,
    ColumnOptions,
    Hidden,
    ModelToTrain,
    Output,
    Samples,
    Seed,
    TrainingOptions,
)
from symnn.cli.pictured import (
    KindGroup,
    Request,
    ground_asked_for,
    model_asked_for,
    span_of,
)
from symnn.cli.trained import learnt_for, trained_for

if TYPE_CHECKING:
    from symnn.plot import Picture

plots = typer.Typer(
    cls=KindGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Draw a picture, and say in words what it shows.",
)
app.add_typer(plots, name="plot")

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


@plots.command()
def graph(
    model: ModelToTrain,
    quantities: Annotated[
        bool, Option("--quantities", help="Dense layers too as boxes of quantities, not as units.")
    ] = False,
    hidden: Hidden[str | None] = None,
    output: Output[str | None] = None,
    save: Save = None,
) -> None:
    """A network or equations as a graph, with the names that are printed."""
    from symnn.plot.units import graph_picture

    request = Request(model, chosen=ChosenOptions(hidden=hidden, output=output))
    _show(graph_picture(model_asked_for(request), quantities=quantities), save, "graph")


@plots.command()
def activation(
    name: Annotated[str, Argument(help='An activation: gelu, "elu(alpha=0.5)".')],
    span: Span = None,
    save: Save = None,
) -> None:
    """An activation with its derivative; at a kink, what is taken there."""
    from symnn.given import activation_row
    from symnn.plot.formulas import ActivationPicture

    _show(ActivationPicture(activation_row(name), span_of(span)), save, "activation")


@plots.command()
def loss(
    name: Annotated[str, Argument(help='A loss: mse, "huber(delta=2)".')],
    y: Annotated[list[float] | None, Option(help="The target. Repeatable.")] = None,
    span: Span = None,
    save: Save = None,
) -> None:
    """The loss of one prediction with its derivative."""
    from symnn.given import loss_row
    from symnn.plot.predictions import LossPicture

    _show(LossPicture(loss_row(name), tuple(y or ()), span_of(span)), save, "loss")


@plots.command()
@grouped
def knob(
    model: ModelToTrain,
    data: Annotated[
        str | None, Argument(help="A data set's name or a CSV file; by default samples at random.")
    ] = None,
    wrt: Annotated[
        str | None, Option(help='The weight: w, "W2[1,3]" (from 1 on); by default the first.')
    ] = None,
    at: Annotated[list[str] | None, Option(help="A weight's value, as w=0.5. Repeatable.")] = None,
    span: Span = None,
    seed: Seed = 0,
    save: Save = None,
    *,
    columns: ColumnOptions,
    chosen: ChosenOptions,
) -> None:
    """The loss along one weight, with the tangent that its derivative is.

    symnn plot knob 1-1 penguins --features flipper_length_mm --target body_mass_g
    --standardize --drop-missing --wrt w --at w=0
    """
    from symnn.plot.landscapes import KnobPicture

    ground = ground_asked_for(Request(model, data, columns, chosen, seed), at or ())
    _show(KnobPicture(ground, ground.knob(wrt), span_of(span)), save, "knob")


@plots.command()
@grouped
def surface(
    model: ModelToTrain,
    data: Samples,
    wrt: Annotated[
        list[str] | None, Option(help="A weight, given twice; by default the first two.")
    ] = None,
    span: Annotated[
        list[str] | None, Option(help="From where to where, for the first weight, the second.")
    ] = None,
    save: Save = None,
    *,
    columns: ColumnOptions,
    chosen: ChosenOptions,
    training: TrainingOptions,
) -> None:
    """The loss over two weights, with the path that training takes."""
    from symnn.plot.ground import ground_of
    from symnn.plot.paths import SurfacePicture, knobs_of, path_of

    first, second, *_ = [*map(span_of, span or ()), None, None]
    result, x, y = trained_for(Request(model, data, columns, chosen), training)
    ground = ground_of(result, x, y)
    _show(
        SurfacePicture(ground, knobs_of(ground, wrt), path_of(result), (first, second)),
        save,
        "surface",
    )


@plots.command()
@grouped
def fit(
    model: ModelToTrain,
    data: Samples,
    save: Save = None,
    *,
    columns: ColumnOptions,
    chosen: ChosenOptions,
    training: TrainingOptions,
) -> None:
    """What a model has learnt over the data: a line, or the regions of classes.

    symnn plot fit species.npz penguins --drop-missing
    """
    from symnn.plot.fits import fit_picture

    learnt, x, y = learnt_for(Request(model, data, columns, chosen), training)
    _show(fit_picture(learnt, x, y), save, "fit")


@plots.command()
@grouped
def curves(
    model: ModelToTrain,
    data: Samples,
    save: Save = None,
    *,
    columns: ColumnOptions,
    chosen: ChosenOptions,
    training: TrainingOptions,
) -> None:
    """The loss of each epoch of a training, and of what is held out."""
    from symnn.plot.progress import CurvesPicture, history_of

    result, _, _ = trained_for(Request(model, data, columns, chosen), training)
    _show(CurvesPicture(history_of(result), f"training {model}"), save, "curves")


def _show(picture: "Picture", save: str | None, kind: str) -> None:
    """Write the picture, and say what it shows; or the picture alone to stdout."""
    if save == "-":
        typer.echo(picture.content("svg"), nl=False)
        return
    path = Path(save or f"{kind}.svg")
    picture.save(path)
    typer.echo(f"wrote {path}", err=True)
    typer.echo(picture.alt)
