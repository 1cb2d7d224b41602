"""`symnn predict`: a saved model, a data set, and a CSV of what the model says of each row."""

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from symnn.cli.app import app
from symnn.cli.options import Samples
from symnn.cli.train import without_missing
from symnn.errors import SpecError

if TYPE_CHECKING:
    from symnn.datasets import Table
    from symnn.model import Model
    from symnn.samples import Array


@app.command()
def predict(
    model: Annotated[str, typer.Argument(help="A model that `symnn train -o` saved.")],
    data: Samples,
    out: Annotated[str, typer.Option("-o", "--out", help="A CSV file, or - for stdout.")] = "-",
    output: Annotated[
        str | None, typer.Option(help="What equations are to give in place of their last output.")
    ] = None,
    drop_missing: Annotated[
        bool, typer.Option("--drop-missing", help="Leave out rows that miss a feature.")
    ] = False,
) -> None:
    """Predict the targets, in their own units, for each row of a data set."""
    from symnn.cli.equations import input_columns, predicted
    from symnn.datasets import load as load_table
    from symnn.examples import matrix
    from symnn.files import write_whole
    from symnn.fitfile import holds_equations, load_fit
    from symnn.modelfile import load as load_model

    table = load_table(data)
    if holds_equations(model):
        saved = load_fit(model)
        if drop_missing:
            table = without_missing(table, input_columns(saved))
        text = _csv(predicted(saved, table, output))
    else:
        if output is not None:
            raise SpecError("--output is for equations; a network gives its last layer")
        trained = load_model(model)
        features = _features(trained, table)
        if drop_missing:
            table = without_missing(table, features)
        text = _csv(predictions(trained, matrix(table, features)))
    if out == "-":
        typer.echo(text, nl=False)
    else:
        write_whole(out, text.encode())
        typer.echo(f"saved {out}: {len(table)} predictions", err=True)


def _features(model: "Model", table: "Table") -> tuple[str, ...]:
    """The columns that the model reads: by name, or every numeric one where it knows no names."""
    from symnn.examples import check_width

    features = model.features or table.numeric_columns
    for name in features:
        table.column(name)
    check_width(table, features, model.network.sizes[0])
    return features


def predictions(model: "Model", x: "Array") -> list[Sequence[object]]:
    """The header, and a row for each row of `x`."""
    outputs = model.predict(x)
    outputs = outputs.reshape(len(outputs), -1)
    if not model.classes:
        width = outputs.shape[1]
        header = model.targets or tuple(f"prediction{k + 1}" for k in range(width))
        return [header, *outputs.tolist()]
    found = model.class_names(outputs)
    name = model.targets[0] if model.targets else "class"
    header, scores = _scores(model, outputs)
    rows = zip(found, scores.tolist(), strict=True)
    return [(name, *header), *((one, *values) for one, values in rows)]


def _scores(model: "Model", outputs: "Array") -> tuple[tuple[str, ...], "Array"]:
    """What stands behind each class: its probability, or an output that is none."""
    from numpy import hstack

    last = model.network.activations[-1]
    is_probability = bool(last.lower == 0 and last.upper == 1)
    classes = model.classes
    if outputs.shape[1] == 1:
        outputs = hstack([1 - outputs, outputs]) if is_probability else outputs
        classes = classes[-outputs.shape[1] :]
    word = "probability" if is_probability else "score"
    return tuple(f"{word}_{name}" for name in classes), outputs


def _csv(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
