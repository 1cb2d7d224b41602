"""`symnn plot KIND …`: pictures. The text alternative goes to stdout, the picture into a file.

One function a kind; what they share, models and data, is in `pictured`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.pictured import (
    KindGroup,
    Request,
    ground_asked_for,
    model_asked_for,
    span_of,
)
from symnn.cli.plot_options import (
    BatchSize,
    Data,
    DropMissing,
    Epochs,
    Features,
    Hidden,
    Loss,
    ModelName,
    Output,
    Penalty,
    Rate,
    Rule,
    Samples,
    Save,
    Seed,
    Size,
    Span,
    Standardize,
    Target,
    Validation,
)
from symnn.cli.trained import Training, learnt_for, trained_for

if TYPE_CHECKING:
    from symnn.plot import Picture

plots = typer.Typer(
    cls=KindGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Draw a picture, and say in words what it shows.",
)
app.add_typer(plots, name="plot")


@plots.command()
def graph(
    model: ModelName,
    quantities: Annotated[
        bool, Option("--quantities", help="Dense layers too as boxes of quantities, not as units.")
    ] = False,
    hidden: Hidden = None,
    output: Output = None,
    save: Save = None,
) -> None:
    """A network or equations as a graph, with the names that are printed."""
    from symnn.plot.units import graph_picture

    request = Request(model, None, {"hidden": hidden, "output": output}, (), (), False, False, 0)
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
def knob(
    model: ModelName,
    data: Data = None,
    wrt: Annotated[
        str | None, Option(help='The weight: w, "W2[1,3]" (from 1 on); by default the first.')
    ] = None,
    at: Annotated[list[str] | None, Option(help="A weight's value, as w=0.5. Repeatable.")] = None,
    span: Span = None,
    target: Target = None,
    features: Features = None,
    loss: Loss = None,
    penalty: Penalty = None,
    hidden: Hidden = None,
    output: Output = None,
    standardize: Standardize = False,
    drop_missing: DropMissing = False,
    seed: Seed = 0,
    save: Save = None,
) -> None:
    """The loss along one weight, with the tangent that its derivative is.

    symnn plot knob 1-1 penguins --features flipper_length_mm --target body_mass_g
    --standardize --drop-missing --wrt w --at w=0
    """
    from symnn.plot.landscapes import KnobPicture

    chosen = {"loss": loss, "penalty": penalty, "hidden": hidden, "output": output}
    request = Request(
        model, data, chosen, features or (), target or (), standardize, drop_missing, seed
    )
    ground = ground_asked_for(request, at or ())
    _show(KnobPicture(ground, ground.knob(wrt), span_of(span)), save, "knob")


@plots.command()
def surface(
    model: ModelName,
    data: Samples,
    wrt: Annotated[
        list[str] | None, Option(help="A weight, given twice; by default the first two.")
    ] = None,
    span: Annotated[
        list[str] | None, Option(help="From where to where, for the first weight, the second.")
    ] = None,
    target: Target = None,
    features: Features = None,
    loss: Loss = None,
    penalty: Penalty = None,
    hidden: Hidden = None,
    output: Output = None,
    standardize: Standardize = False,
    drop_missing: DropMissing = False,
    epochs: Epochs = 100,
    batch_size: BatchSize = 32,
    lr: Rate = None,
    optimizer: Rule = "sgd",
    validation: Validation = 0.0,
    size: Size = None,
    seed: Seed = 0,
    save: Save = None,
) -> None:
    """The loss over two weights, with the path that training takes."""
    from symnn.plot.ground import ground_of
    from symnn.plot.paths import SurfacePicture, knobs_of, path_of

    training = Training(epochs, batch_size, lr, optimizer, validation, tuple(size or ()))
    chosen = {"loss": loss, "penalty": penalty, "hidden": hidden, "output": output}
    request = Request(
        model, data, chosen, features or (), target or (), standardize, drop_missing, seed
    )
    first, second, *_ = [*map(span_of, span or ()), None, None]
    result, x, y = trained_for(request, training)
    ground = ground_of(result, x, y)
    _show(
        SurfacePicture(ground, knobs_of(ground, wrt), path_of(result), (first, second)),
        save,
        "surface",
    )


@plots.command()
def fit(
    model: ModelName,
    data: Samples,
    target: Target = None,
    features: Features = None,
    loss: Loss = None,
    penalty: Penalty = None,
    hidden: Hidden = None,
    output: Output = None,
    standardize: Standardize = False,
    drop_missing: DropMissing = False,
    epochs: Epochs = 100,
    batch_size: BatchSize = 32,
    lr: Rate = None,
    optimizer: Rule = "sgd",
    validation: Validation = 0.0,
    size: Size = None,
    seed: Seed = 0,
    save: Save = None,
) -> None:
    """What a model has learnt over the data: a line, or the regions of classes.

    symnn plot fit species.npz penguins --drop-missing
    """
    from symnn.plot.fits import fit_picture

    training = Training(epochs, batch_size, lr, optimizer, validation, tuple(size or ()))
    chosen = {"loss": loss, "penalty": penalty, "hidden": hidden, "output": output}
    request = Request(
        model, data, chosen, features or (), target or (), standardize, drop_missing, seed
    )
    learnt, x, y = learnt_for(request, training)
    _show(fit_picture(learnt, x, y), save, "fit")


@plots.command()
def curves(
    model: ModelName,
    data: Samples,
    target: Target = None,
    features: Features = None,
    loss: Loss = None,
    penalty: Penalty = None,
    hidden: Hidden = None,
    output: Output = None,
    standardize: Standardize = False,
    drop_missing: DropMissing = False,
    epochs: Epochs = 100,
    batch_size: BatchSize = 32,
    lr: Rate = None,
    optimizer: Rule = "sgd",
    validation: Validation = 0.0,
    size: Size = None,
    seed: Seed = 0,
    save: Save = None,
) -> None:
    """The loss of each epoch of a training, and of what is held out."""
    from symnn.plot.progress import CurvesPicture, history_of

    training = Training(epochs, batch_size, lr, optimizer, validation, tuple(size or ()))
    chosen = {"loss": loss, "penalty": penalty, "hidden": hidden, "output": output}
    request = Request(
        model, data, chosen, features or (), target or (), standardize, drop_missing, seed
    )
    result, _, _ = trained_for(request, training)
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
