"""`symnn check`: every gradient, the forward pass and the three views, each against another.

With claims it is these that are checked: a derivation made by hand, line by line.
"""

from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.groups import grouped
from symnn.cli.models import read_model, text_of
from symnn.cli.options import NetworkOptions
from symnn.errors import SymnnError

if TYPE_CHECKING:
    from symnn.claims import Verdict
    from symnn.equations import System
    from symnn.network import Network


@app.command()
@grouped
def check(
    model: Annotated[
        str, Argument(help="A spec, such as 2-3:tanh-1:sigmoid, or a file of equations, ….eqs.")
    ],
    network: NetworkOptions,
    claim: Annotated[
        list[str] | None,
        Option(help='A line of a derivation, as in "dL/dw = 2*(w*x + b - y)*x". Repeatable.'),
    ] = None,
    claims: Annotated[str, Option(help="A file with a claim a line.")] = "",
    notation: Annotated[
        str, Option(help="Whose names the claims are in: symnn, nielsen, …; see `symnn list`.")
    ] = "symnn",
    name: Annotated[
        list[str] | None, Option(help="A name of your own in claims, as W1=A. Repeatable.")
    ] = None,
    seed: Annotated[int, Option(help="The random point at which all is compared.")] = 0,
) -> None:
    """Compare every gradient, the forward pass and the three views with something independent.

    With --claim or --claims: say of each line of a derivation whether it is right.
    Exit status 1 if anything is off.
    """
    source = read_model(model, network)
    if claim or claims:
        ok = _check_claims(source, claim or [], claims, notation, name or [])
    elif notation != "symnn" or name:
        raise SymnnError("--notation and --name are for claims; give one with --claim")
    else:
        ok = _check_derivation(source, seed)
    if not ok:
        raise typer.Exit(1)


def _check_derivation(source: "Network | System", seed: int) -> bool:
    from symnn.checking import check as checked
    from symnn.derivation import derive
    from symnn.network import Network

    if isinstance(source, Network) and source.shrunk().spec != source.spec:
        source = source.shrunk()
        typer.echo(f"a wide net is checked on the same net shrunk to {source.brief}", err=True)
    report = checked(derive(source), seed)
    wide = max(len(row.what) for row in report.rows)
    for row in report.rows:
        verdict = "ok" if row.ok else f"OFF, more than {row.tolerance:.0e}"
        typer.echo(f"{row.what:<{wide}}  {row.count:>5} compared, worst {row.worst:.0e}  {verdict}")
    for note in report.notes:
        typer.echo(note)
    return report.ok


def _check_claims(
    source: "Network | System", lines: list[str], path: str, notation: str, names: list[str]
) -> bool:
    from symnn.claims import Claim, ClaimError, check_claims, claims_in
    from symnn.names import own_names

    given = [Claim(line) for line in lines]
    try:
        given += claims_in(text_of(path), path) if path else []
        verdicts = check_claims(source, given, notation=notation, names=own_names(names))
    except ClaimError as error:
        typer.echo(f"symnn: {error}\n{error.pointing()}", err=True)
        if error.understood:
            typer.echo(f"understood so far: {error.understood}", err=True)
        raise typer.Exit(2) from None
    for verdict in verdicts:
        for line in _lines(verdict):
            typer.echo(line)
    return all(verdict.is_right for verdict in verdicts)


def _lines(verdict: "Verdict") -> list[str]:
    """The verdict as lines: what was read, how it was found, and what is wrong with it."""
    how = f"    ({verdict.how})" if verdict.how else ""
    if verdict.is_right:
        return [f"equal      {verdict.read_as}{how}"]
    below = [verdict.cause, f"at {verdict.point}: {verdict.values}" if verdict.point else ""]
    return [f"not equal  {verdict.read_as}{how}", *(f"           {b}" for b in below if b)]
