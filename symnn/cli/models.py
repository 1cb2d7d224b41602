"""What `MODEL` may be on the command line: a spec, a file of equations, or an expression."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from symnn.cli.options import NetworkOptions
from symnn.errors import SpecError

if TYPE_CHECKING:
    from symnn.equations import System
    from symnn.network import Network

ENDING = ".eqs"


def read_model(
    model: str | None,
    options: NetworkOptions,
    *,
    expression: str | None = None,
    parameters: Sequence[str] = (),
) -> "Network | System":
    """The network of a spec, the system in a file `….eqs`, or that of an expression.

    Raises `SpecError` where none or several were given, or the file cannot be read.
    """
    if (model is None) == (expression is None):
        raise SpecError("give a model or --expr, one of them; a model is a spec such as 2-3-1")
    if options.penalty and (model is None or model.endswith(ENDING)):
        raise SpecError("--penalty is for networks; equations say all of it themselves")
    if expression is not None:
        from symnn.parsing import parse_expression

        if not parameters:
            raise SpecError("--expr says not by what to differentiate; add --wrt NAME for each")
        return with_notes_said(parse_expression(expression, parameters, "--expr"))
    assert model is not None
    if model.endswith(ENDING):
        from symnn.parsing import parse_system

        return with_notes_said(parse_system(text_of(model), Path(model).name, needs_loss=False))
    from symnn.network import Network

    return Network(model, **asdict(options))


def with_notes_said(system: "System") -> "System":
    """The system, once stderr has what is doubtful in its text."""
    for note in system.notes:
        typer.echo(f"symnn: warning: {note}", err=True)
    return system


def text_of(path: str) -> str:
    """The text of a file; raises `SpecError` where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError(f"cannot read '{path}': it is not text in UTF-8") from None
    except OSError as error:
        raise SpecError(f"cannot read '{path}': {error.strerror}") from None
