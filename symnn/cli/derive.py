"""`symnn derive`: a network's calculus in print, checked before it is shown."""

import gc
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.models import read_model

if TYPE_CHECKING:
    from symnn.derivation import Derivation


@app.command()
def derive(
    model: Annotated[
        str | None,
        Argument(help="A spec, such as 1-1 or 2-3:tanh-1:sigmoid, or a file of equations, ….eqs."),
    ] = None,
    expression: Annotated[
        str | None, Option("--expr", help="A loss as an expression, in place of a model.")
    ] = None,
    loss: Annotated[str, Option(help="The loss, by name.")] = "mse",
    hidden: Annotated[str, Option(help="The activation of hidden layers.")] = "tanh",
    output: Annotated[str, Option(help="The activation of the last layer.")] = "identity",
    form: Annotated[str, Option(help="auto, matrix, index or scalar.")] = "auto",
    format_: Annotated[
        str, Option("--format", help="unicode, text, latex, markdown, html or json.")
    ] = "unicode",
    notation: Annotated[
        str, Option(help="Whose names: symnn, nielsen, goodfellow, bishop; all by `symnn list`.")
    ] = "symnn",
    name: Annotated[
        list[str] | None, Option(help="A name of your own in print, as W1=A. Repeatable.")
    ] = None,
    wrt: Annotated[
        list[str] | None,
        Option(help='By what to differentiate: W2, "W2[1,3]" (from 1 on), x. Repeatable.'),
    ] = None,
    steps: Annotated[bool, Option("--steps", help="Show every step and its rule.")] = False,
    seed: Annotated[int, Option(help="The point at which the result is checked.")] = 0,
    save: Annotated[str, Option("-o", "--save", help="Where to write; - is stdout.")] = "-",
) -> None:
    """Print the exact derivative of a network's loss by every weight and bias.

    symnn derive 2-3:tanh-1:sigmoid --loss bce
    """
    # A short life with hundreds of thousands of long-lived nodes: collecting finds nothing in it.
    gc.disable()
    from symnn.derivation import derive as derived
    from symnn.errors import unknown_name
    from symnn.language import parse_wanted
    from symnn.names import own_names
    from symnn.rendering import FORMATS, page_of

    if format_ not in FORMATS:
        raise unknown_name("format", format_, FORMATS)
    wanted = [parse_wanted(text) for text in wrt or ()]
    names = [w.name for w in wanted]
    source = read_model(
        model, loss=loss, hidden=hidden, output=output, expression=expression, parameters=names
    )
    derivation = derived(source, names or None)
    check = _checked(derivation, seed)
    page = page_of(
        derivation,
        form,
        wanted,
        with_steps=steps,
        check=check,
        notation=notation,
        names=own_names(name or ()),
    )
    write(FORMATS[format_](page), save)


def _checked(derivation: "Derivation", seed: int) -> str:
    """The line that says how the formulas compare with finite differences of the loss."""
    from symnn.evaluation import DIGITS
    from symnn.gradcheck import compare

    derivation, on = _shrunk(derivation)
    result = compare(derivation, seed)
    return (
        f"Checked: {result.agreeing} of {result.count} against finite differences of L at "
        f"{DIGITS} digits, worst {_power_of_ten(result.worst)} (seed {seed}{on})"
    )


def _shrunk(derivation: "Derivation") -> tuple["Derivation", str]:
    """The derivation of the same network with few units a layer, and the words that say so."""
    from symnn.derivation import derive as derived
    from symnn.network import Network

    network = derivation.model
    if not isinstance(network, Network):
        return derivation, ""
    small = network.shrunk()
    if small.sizes == network.sizes:
        return derivation, ""
    words = f", on the same net shrunk to {'-'.join(map(str, small.sizes))}"
    return derived(small, list(derivation.gradients)), words


def _power_of_ten(value: float) -> str:
    """A small number as people write it: 2·10⁻²¹."""
    if value == 0:
        return "0"
    digit, exponent = f"{value:.0e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digit}·10{raised}"


def write(text: str, path: str) -> None:
    """Write to a file, whole or not at all; to stdout for `-`."""
    if path == "-":
        sys.stdout.write(text)
        return
    from symnn.files import write_whole

    write_whole(path, text.encode())
    typer.echo(f"wrote {path}", err=True)
