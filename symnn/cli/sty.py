"""`symnn sty`: the LaTeX package with the macros of `symnn derive --macros`."""

from symnn.cli.app import app
from symnn.cli.derive import write
from symnn.cli.options import Save


@app.command()
def sty(
    save: Save = "-",
) -> None:
    """Print the LaTeX package symnn.sty, which defines the macros that --macros uses."""
    from symnn.rendering.macros import package

    write(package(), save)
