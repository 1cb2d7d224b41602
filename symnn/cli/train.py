"""`symnn train`: a network, a data set, and what was learnt.

Results go to stdout; talk and the progress bar go to stderr.
"""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.equations import sizes_of
from symnn.cli.groups import grouped
from symnn.cli.models import ENDING
from symnn.cli.options import ChosenOptions, ColumnOptions, Samples, TrainingOptions
from symnn.cli.reports import figure, report, still_falling
from symnn.errors import TrainingError

if TYPE_CHECKING:
    from symnn.cli.equations import NamedFit
    from symnn.datasets import Table
    from symnn.descent import Epoch
    from symnn.examples import Examples
    from symnn.network import Network
    from symnn.training import TrainingResult


@app.command()
@grouped
def train(
    model: Annotated[str, Argument(help="A spec, such as 1-1 or 4-8-3:softmax.")],
    data: Samples,
    save: Annotated[str | None, Option("-o", "--save", help="Where to save the model.")] = None,
    *,
    columns: ColumnOptions,
    chosen: ChosenOptions,
    training: TrainingOptions,
) -> None:
    """Train a network, or equations in a file ….eqs, on a data set.

    symnn train 1-1 penguins --features flipper_length_mm --target body_mass_g --standardize
    --drop-missing
    """
    from symnn.files import check_writable

    # Before anything is said, so that a refusal is the one line on stderr.
    settings = training.settings
    if save is not None:
        check_writable(save)
    if model.endswith(ENDING):
        if chosen.given:
            option = next(iter(chosen.given))
            raise TrainingError(f"--{option} is for networks; equations say all of it themselves")
        settings["sizes"] = sizes_of(training.size or ())
        settings["standardize"] = columns.standardize
        _finish(_train_equations(model, data, columns, settings), save)
    else:
        _finish(_train_network(model, data, columns, chosen.given, settings), save)


def _train_equations(
    model: str, data: str, columns: ColumnOptions, settings: Mapping[str, Any]
) -> "NamedFit":
    from symnn.cli.equations import Request, train_equations

    chosen = names(columns.features or ()), names(columns.target or ())
    drop = without_missing if columns.drop_missing else None
    with _progress(settings["epochs"]) as show:
        return train_equations(Request(model, data, *chosen, drop, settings), show)


def _train_network(
    spec: str,
    data: str,
    columns: ColumnOptions,
    chosen: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> "TrainingResult":
    from symnn.network import Network
    from symnn.training import DivergedError
    from symnn.training import train as run

    network = Network(spec, **chosen)
    features, targets = names(columns.features or ()), names(columns.target or ())
    samples = examples_of(network, data, features, targets, drops=columns.drop_missing)
    typer.echo(
        f"training {network.spec} with {settings['optimizer']} on {len(samples.x)} samples, "
        f"seed {settings['seed']}",
        err=True,
    )
    try:
        with _progress(settings["epochs"]) as show:
            return run(
                network,
                samples.x,
                samples.y,
                standardize=columns.standardize,
                features=samples.features,
                targets=samples.targets,
                classes=samples.classes,
                on_epoch=show,
                **settings,
            )
    except DivergedError as error:
        advice = "try a smaller --lr" + ("" if columns.standardize else ", or --standardize")
        raise TrainingError(f"{error.result.stopped}; {advice}") from None


def _finish(result: "TrainingResult | NamedFit", save: str | None) -> None:
    """Save first, then print: what was learnt outlives a closed pipe."""
    if save is not None:
        result.save(save)
        typer.echo(f"saved {save}", err=True)
    for line in report(result):
        typer.echo(line)
    if still_falling(result):
        typer.echo("the loss was still falling: more --epochs or a larger --lr lowers it", err=True)
    if result.interrupted:
        typer.echo(f"symnn: interrupted in epoch {len(result.history) + 1}", err=True)
        raise typer.Exit(130)


def names(values: Sequence[str]) -> tuple[str, ...]:
    """Names that were given in several options, or in one with commas; quotes protect a comma.

    >>> names(["a,b", 'c,"d,e"'])
    ('a', 'b', 'c', 'd,e')
    """
    rows = csv.reader(values, skipinitialspace=True)
    return tuple(name.strip() for row in rows for name in row)


def examples_of(
    network: "Network",
    data: str,
    features: Sequence[str],
    targets: Sequence[str],
    *,
    drops: bool,
) -> "Examples":
    """The arrays to learn from; says how many rows were dropped."""
    from symnn.datasets import load
    from symnn.examples import choose_columns, make_examples

    table = load(data)
    chosen = choose_columns(table, targets, features, network.sizes[0])
    if drops:
        table = without_missing(table, (*chosen, *targets))
    return make_examples(table, chosen, targets, network.sizes[-1])


def without_missing(table: "Table", columns: Sequence[str]) -> "Table":
    """The table without the rows that miss a value; says on stderr how many those were."""
    from symnn.examples import drop_missing

    left, dropped = drop_missing(table, columns)
    if dropped:
        typer.echo(f"left out {dropped} of {len(table)} rows, which miss a value", err=True)
    return left


@contextmanager
def _progress(epochs: int) -> "Iterator[Callable[[Epoch], None] | None]":
    """What shows each epoch in a bar on stderr; None where that is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=epochs, loss="")
        yield lambda epoch: bar.update(task, advance=1, loss=f"loss {figure(epoch.loss)}")
