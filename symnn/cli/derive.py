"""`symnn derive`: a network's calculus in print, checked before it is shown."""

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from symnn.cli.app import app
from symnn.cli.at import AskedWithRows, saved_for, worked_out
from symnn.cli.data_sections import with_data
from symnn.cli.groups import grouped
from symnn.cli.models import read_model
from symnn.cli.options import CheckedAt, Detail, Expression, Model, NetworkOptions, Save
from symnn.cli.second import derivation_asked_for

if TYPE_CHECKING:
    from symnn.derivation import Derivation
    from symnn.rendering import Page


@app.command()
@grouped
def derive(
    model: Model = None,
    expression: Expression = None,
    *,
    network: NetworkOptions,
    form: Annotated[str, Option(help="auto, matrix, index or scalar.")] = "auto",
    format_: Annotated[
        str | None,
        Option(
            "--format",
            help="unicode, text, latex, markdown, html, json or pdf; by default what the end of "
            "-o's name says, or unicode.",
        ),
    ] = None,
    standalone: Annotated[
        bool, Option("--standalone", help="LaTeX as a whole document, not a fragment.")
    ] = False,
    macros: Annotated[
        bool, Option("--macros", help="LaTeX in the macros of symnn.sty; see `symnn sty`.")
    ] = False,
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
    of: Annotated[
        str | None, Option(help="What to differentiate in place of the loss: a1, yhat, ….")
    ] = None,
    hessian: Annotated[
        bool, Option("--hessian", help="The second derivative by one --wrt, or by a pair.")
    ] = False,
    gauss_newton: Annotated[
        bool, Option("--gauss-newton", help="The Gauss-Newton matrix by one --wrt, or by a pair.")
    ] = False,
    steps: Annotated[bool, Option("--steps", help="Show every step and its rule.")] = False,
    detail: Detail = "full",
    asked: AskedWithRows,
    seed: CheckedAt = 0,
    save: Save = "-",
) -> None:
    """Print the exact derivative of a network's loss by every weight and bias.

    symnn derive 2-3:tanh-1:sigmoid --loss bce
    """
    # A short life with hundreds of thousands of long-lived nodes: collecting finds nothing in it.
    gc.disable()
    from symnn.language import parse_wanted
    from symnn.names import name_in_code, own_names
    from symnn.parsing.tokens import spelled
    from symnn.rendering import page_of

    printed = _printer(format_, save, standalone=standalone, macros=macros)
    wanted = [parse_wanted(spelled(text)) for text in wrt or ()]
    names = [w.name for w in wanted]
    asked.check()
    saved = saved_for(asked, model, has_expression=expression is not None)
    source = (
        saved.model
        if saved
        else read_model(model, network, expression=expression, parameters=names)
    )
    derivation = derivation_asked_for(
        source, names, of=of and spelled(of), hessian=hessian, gauss_newton=gauss_newton
    )
    # As print writes a name, so it can be typed: w for W1.
    quantities = derivation.system.quantities
    wanted = [replace(w, name=name_in_code("quantity", w.name, quantities)) for w in wanted]
    check = checked_line(derivation, seed)
    work = worked_out(asked, derivation, saved, seed) if asked.at else None
    page = page_of(
        derivation,
        form,
        wanted,
        with_steps=steps or detail != "full",
        detail=detail,
        check=check,
        notation=notation,
        names=own_names(name or ()),
        work=work,
    )
    if work is not None and saved is not None and saved.rows is not None:
        page = with_data(page, saved.rows, work)
    write(printed(page), save)


def _printer(
    format_: str | None, path: str, *, standalone: bool, macros: bool
) -> "Callable[[Page], str | bytes]":
    """What prints a page in the format that was asked for, or that the file's name asks for."""
    from symnn.errors import FormatError, unknown_name
    from symnn.rendering import BINARY_FORMATS, ENDINGS, FORMATS
    from symnn.rendering import standalone as whole_document
    from symnn.rendering.macros import standalone_with_macros, with_macros

    name = format_ or ENDINGS.get(Path(path).suffix.lower(), "unicode")
    if name not in {**FORMATS, **BINARY_FORMATS}:
        raise unknown_name("format", name, [*FORMATS, *BINARY_FORMATS])
    if (standalone or macros) and name != "latex":
        option = "--standalone" if standalone else "--macros"
        raise FormatError(f"{option} is for LaTeX, not for {name}; add --format latex")
    if name in BINARY_FORMATS and path == "-":
        raise FormatError(f"a {name} is no text: say where to write it, as in -o page.{name}")
    if name in BINARY_FORMATS:
        return BINARY_FORMATS[name]
    if macros:
        return standalone_with_macros if standalone else with_macros
    if path == "-" and name in ("unicode", "text"):
        return lambda page: in_terminal(FORMATS[name](page))
    return whole_document if standalone else FORMATS[name]


def in_terminal(text: str) -> str:
    """The text in lines within the width of the terminal; as it is, where there is none."""
    if not sys.stdout.isatty():
        return text
    from symnn.rendering.breaking import within

    return within(text, get_terminal_size().columns)


def checked_line(derivation: "Derivation", seed: int) -> str:
    """The line that says how the formulas compare with finite differences of the loss."""
    from symnn.curvature import GaussNewton
    from symnn.derivation import system_of
    from symnn.draws import NoPointError
    from symnn.evaluation import DIGITS
    from symnn.gradcheck import compare

    small, on = derivation.shrunk()
    how = ", ".join(filter(None, (f"seed {seed}", on)))
    e = next(iter(derivation.gradients.values()))
    loss = str(system_of(derivation.model).loss.name)
    try:
        if isinstance(small, GaussNewton):
            result = small.compared(seed)
            of = f"{{{small.output}}} and second ones of {{{loss}}} by it"
        else:
            result = compare(small, seed)
            top = e.quantity.top or loss
            of = "the gradient" if top.startswith("dL_d") else f"{{{top}}}"
    except NoPointError as none:
        return f"Not checked: {none}"
    return (
        f"Checked: {result.agreeing} of {result.count} against finite differences of {of} at "
        f"{DIGITS} digits, worst {_power_of_ten(result.worst)} ({how})"
    )


def _power_of_ten(value: float) -> str:
    """A small number as people write it: 2·10⁻²¹."""
    if value == 0:
        return "0"
    digit, exponent = f"{value:.0e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digit}·10{raised}"


def write(content: str | bytes, path: str) -> None:
    """Write to a file, whole or not at all; text to stdout for `-`."""
    if isinstance(content, str) and path == "-":
        sys.stdout.write(content)
        return
    from symnn.files import write_whole

    write_whole(path, content.encode() if isinstance(content, str) else content)
    typer.echo(f"wrote {path}", err=True)
