"""The program `symnn`: its commands, and what happens when one of them fails."""

import sys

import typer

from symnn.errors import SymnnError
from symnn.version import __version__

app = typer.Typer(
    name="symnn",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Rich markup would swallow the [j,i] of "W2[1,3]" in the help.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The exact calculus of a neural network: printed, checked and trained with.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"symnn {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Common options."""


def main() -> None:
    """Run the program: a refusal is one line on stderr and status 2, Ctrl-C is status 130.

    Where a text of equations is refused, its line follows, with a caret under the place.
    """
    try:
        app()
    except SymnnError as error:
        for text in filter(None, (f"symnn: {error}", error.pointing())):
            typer.echo(text, err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("symnn: interrupted", err=True)
        sys.exit(130)
