"""`symnn check`: every gradient, the forward pass and the three views, each against another."""

from typing import Annotated

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.models import read_model


@app.command()
def check(
    model: Annotated[
        str, Argument(help="A spec, such as 2-3:tanh-1:sigmoid, or a file of equations, ….eqs.")
    ],
    loss: Annotated[str, Option(help="The loss, by name.")] = "mse",
    hidden: Annotated[str, Option(help="The activation of hidden layers.")] = "tanh",
    output: Annotated[str, Option(help="The activation of the last layer.")] = "identity",
    seed: Annotated[int, Option(help="The random point at which all is compared.")] = 0,
) -> None:
    """Compare every gradient, the forward pass and the three views with something independent.

    Exit status 1 if anything is off.
    """
    from symnn.checking import check as checked
    from symnn.derivation import derive
    from symnn.network import Network

    source = read_model(model, loss=loss, hidden=hidden, output=output)
    if isinstance(source, Network) and source.shrunk().sizes != source.sizes:
        source = source.shrunk()
        sizes = "-".join(map(str, source.sizes))
        typer.echo(f"a wide net is checked on the same net shrunk to {sizes}", err=True)
    report = checked(derive(source), seed)
    wide = max(len(row.what) for row in report.rows)
    for row in report.rows:
        verdict = "ok" if row.ok else f"OFF, more than {row.tolerance:.0e}"
        typer.echo(f"{row.what:<{wide}}  {row.count:>5} compared, worst {row.worst:.0e}  {verdict}")
    for note in report.notes:
        typer.echo(note)
    if not report.ok:
        raise typer.Exit(1)
