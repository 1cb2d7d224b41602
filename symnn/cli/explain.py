"""`symnn explain`: a derivation told part by part, one key press at a time."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from symnn.cli.app import app
from symnn.cli.at import (
    AT_HELP,
    DIGITS_HELP,
    LR_HELP,
    OPTIMIZER_HELP,
    TURN_HELP,
    Asked,
    worked_out,
)
from symnn.cli.derive import checked_line, in_terminal
from symnn.cli.models import PENALTY_HELP, read_model
from symnn.errors import SpecError

if TYPE_CHECKING:
    from symnn.rendering import Page
    from symnn.rendering.page import Section

_QUIT = ("q", "Q", "\x1b")


@app.command()
def explain(
    model: Annotated[
        str | None,
        Argument(help="A spec, such as 1-1 or 2-3:tanh-1:sigmoid, or a file of equations, ….eqs."),
    ] = None,
    expression: Annotated[
        str | None, Option("--expr", help="A loss as an expression, in place of a model.")
    ] = None,
    loss: Annotated[str, Option(help="The loss, by name.")] = "mse",
    penalty: Annotated[list[str] | None, Option(help=PENALTY_HELP)] = None,
    hidden: Annotated[str, Option(help="The activation of hidden layers.")] = "tanh",
    output: Annotated[str, Option(help="The activation of the last layer.")] = "identity",
    wrt: Annotated[
        list[str] | None, Option(help="By what to differentiate: W2, x. Repeatable.")
    ] = None,
    detail: Annotated[
        str, Option(help="How much of each step: result, links (the chain rule) or full.")
    ] = "full",
    at: Annotated[list[str] | None, Option(help=AT_HELP)] = None,
    lr: Annotated[str, Option(help=LR_HELP)] = "0.1",
    optimizer: Annotated[str, Option(help=OPTIMIZER_HELP)] = "sgd",
    digits: Annotated[int, Option(help=DIGITS_HELP)] = 6,
    turn: Annotated[list[str] | None, Option(help=TURN_HELP)] = None,
    seed: Annotated[
        int, Option(help="The point at which the result is checked, and --at random.")
    ] = 0,
    everything: Annotated[bool, Option("--all", help="All at once, without waiting.")] = False,
) -> None:
    """Tell how the derivative of a loss comes about, one key press at a time.

    symnn explain 1-1
    """
    from symnn.derivation import derive as derived
    from symnn.rendering import page_of

    asked = Asked(at or (), lr=lr, optimizer=optimizer, digits=digits, turn=turn or ())
    asked.check()
    if asked.saved is not None:
        raise SpecError("explain takes typed values; derive takes a saved model")
    names = list(wrt or ())
    source = read_model(
        model,
        loss=loss,
        penalty=penalty,
        hidden=hidden,
        output=output,
        expression=expression,
        parameters=names,
    )
    derivation = derived(source, names or None)
    check = checked_line(derivation, seed)
    page = page_of(derivation, "index", with_steps=True, detail=detail, check=check)
    blocks = _blocks(page)
    if asked.at:
        work = worked_out(asked, derivation, None, seed)
        blocks[-1:-1] = _blocks_of(page_of(derivation, work=work))
    if everything or not (sys.stdin.isatty() and sys.stdout.isatty()):
        typer.echo("\n\n".join(blocks))
    else:
        _led(blocks)


def _blocks(page: "Page") -> list[str]:
    """The page in pieces, each of which is shown by itself."""
    from dataclasses import replace

    from symnn.rendering import unicode

    told = [s for s in page.sections if s.lead or s.heading.startswith("Step ")]
    first = replace(page, sections=page.sections[:1], notes=())
    pieces = [replace(page, title="", sections=(s,), notes=()) for s in told]
    last = replace(page, title="", sections=_results(page))
    return [in_terminal(unicode(p).strip("\n")) for p in (first, *pieces, last)]


def _blocks_of(page: "Page") -> list[str]:
    """A page with numbers in pieces: each heading with what goes on from it."""
    from dataclasses import replace

    from symnn.rendering import unicode

    starts = [k for k, s in enumerate(page.sections) if s.heading]
    ends = [*starts[1:], len(page.sections)]
    pieces = (page.sections[start:end] for start, end in zip(starts, ends, strict=True))
    blocks = (unicode(replace(page, title="", sections=p, notes=())) for p in pieces)
    return [in_terminal(block.strip("\n")) for block in blocks]


def _results(page: "Page") -> "tuple[Section, ...]":
    """What has come out in the end."""
    return tuple(s for s in page.sections if s.heading in ("Gradients", "Entries"))


def _led(blocks: Sequence[str]) -> None:
    """Each block after a key press; q ends it."""
    for number, block in enumerate(blocks, 1):
        typer.echo(block)
        if number == len(blocks):
            return
        typer.echo("\n[any key: go on, q: end] ", err=True, nl=False)
        key = typer.getchar()
        # The prompt is wiped off its line.
        typer.echo("\r" + " " * 26 + "\r", err=True, nl=False)
        if key in _QUIT:
            return
        if key == "\x03":
            raise KeyboardInterrupt
