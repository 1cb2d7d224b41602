"""`symnn explain`: a derivation told part by part, one key press at a time."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from symnn.cli.app import app
from symnn.cli.at import Asked, worked_out
from symnn.cli.derive import checked_line, in_terminal
from symnn.cli.groups import grouped
from symnn.cli.models import read_model
from symnn.cli.options import CheckedAt, Detail, Expression, Model, NetworkOptions
from symnn.errors import SpecError

if TYPE_CHECKING:
    from symnn.rendering import Page
    from symnn.rendering.page import Section

_QUIT = ("q", "Q", "\x1b")


@app.command()
@grouped
def explain(
    model: Model = None,
    expression: Expression = None,
    *,
    network: NetworkOptions,
    wrt: Annotated[
        list[str] | None, Option(help="By what to differentiate: W2, x. Repeatable.")
    ] = None,
    detail: Detail = "full",
    asked: Asked,
    seed: CheckedAt = 0,
    everything: Annotated[bool, Option("--all", help="All at once, without waiting.")] = False,
) -> None:
    """Tell how the derivative of a loss comes about, one key press at a time.

    symnn explain 1-1
    """
    from symnn.derivation import derive as derived
    from symnn.rendering import page_of

    asked.check()
    if asked.saved is not None:
        raise SpecError("explain takes typed values; derive takes a saved model")
    names = list(wrt or ())
    source = read_model(model, network, expression=expression, parameters=names)
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
