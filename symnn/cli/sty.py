"""`symnn sty`: the LaTeX package with the macros of `symnn derive --macros`."""

from typing import Annotated

from typer import Option

from symnn.cli.app import app
from symnn.cli.derive import write


@app.command()
def sty(
    save: Annotated[str, Option("-o", "--save", help="Where to write; - is stdout.")] = "-",
) -> None:
    """Print the LaTeX package symnn.sty, which defines the macros that --macros uses."""
    from symnn.rendering.macros import package

    write(package(), save)
