"""What `symnn train` and `symnn predict` do for models of equations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from symnn.cli.models import text_of, with_notes_said
from symnn.errors import SpecError

if TYPE_CHECKING:
    from symnn.compilation import CompiledFunction
    from symnn.datasets import Table
    from symnn.descent import Epoch
    from symnn.fitfile import SavedFit
    from symnn.fitting import Fit
    from symnn.samples import Scaling


@dataclass(frozen=True)
class Request:
    """What is to be trained: a file of equations, a data set and its columns, the settings."""

    model: str
    data: str
    features: Sequence[str]
    targets: Sequence[str]
    left_out: "Callable[[Table, Sequence[str]], Table] | None"
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class NamedFit:
    """A fit, with the text of its equations, and the columns and words of inputs and targets."""

    fit: "Fit"
    text: str
    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]

    @property
    def history(self) -> "tuple[Epoch, ...]":
        """An `Epoch` for each epoch that ended."""
        return self.fit.history

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training."""
        return self.fit.interrupted

    def save(self, path: str) -> None:
        """Write it to this path, whole or not at all."""
        from symnn.fitfile import save_fit

        fit = self.fit
        save_fit(self.text, fit.parameters, self.columns, path, self.words, fit.scalings)

    def report(self, written: Callable[[float], str]) -> list[str]:
        """The losses, the accuracy, what was scaled, and the parameters that are a few numbers."""
        lines = []
        if self.history:
            last = self.history[-1]
            held_out = last.validation_loss
            more = "" if held_out is None else f", {written(held_out)} validation"
            lines.append(f"Loss      {written(last.loss)} training{more}")
            shares = ((last.accuracy, "training"), (last.validation_accuracy, "validation"))
            told = [f"{100 * share:.1f} % {name}" for share, name in shares if share is not None]
            lines += [f"Accuracy  {', '.join(told)}"] if told else []
        scalings = self.fit.scalings.items()
        lines += [f"{name:<9} read as {_scaled(name, s, written)}" for name, s in scalings]
        for name, value in self.fit.parameters.items():
            if value.size <= 8:
                numbers = ", ".join(map(written, value.ravel().tolist()))
                lines.append(f"{name:<9} {numbers}")
        return lines


def _scaled(name: str, scaling: "Scaling", written: Callable[[float], str]) -> str:
    """What the parameters take in the place of an input."""
    if scaling.means.ndim:
        return f"({name} − mean)/deviation of each column"
    mean, scale = float(scaling.means), float(scaling.scales)
    sign = "+" if mean < 0 else "−"
    return f"({name} {sign} {written(abs(mean))})/{written(scale)}"


def sizes_of(texts: Sequence[str]) -> dict[str, int]:
    """The sizes that `--size H=8` states; raises `SpecError` for what is none.

    >>> sizes_of(["H=8", "D=2"])
    {'H': 8, 'D': 2}
    """
    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not name.isidentifier() or not (number.isascii() and number.isdecimal()):
            raise SpecError(f"--size is {text!r}; it is a name and a whole number, as in H=8")
        found[name] = int(number)
    return found


def train_equations(request: Request, on_epoch: "Callable[[Epoch], None] | None") -> NamedFit:
    """The equations in a file, fitted to a data set."""
    from symnn.columns import arrays_of, columns_of, sizes_of_words, words_of
    from symnn.datasets import load
    from symnn.equations import Role
    from symnn.fitting import fit
    from symnn.parsing import parse_system

    text = text_of(request.model)
    system = with_notes_said(parse_system(text, Path(request.model).name))
    table = load(request.data)
    columns = columns_of(system, table, request.features, request.targets)
    if request.left_out is not None:
        table = request.left_out(table, [name for names in columns.values() for name in names])
    given = system.named(Role.INPUT, Role.TARGET)
    words = words_of(given, table, columns)
    arrays = arrays_of(given, table, columns, words)
    settings = {**request.settings}
    settings["sizes"] = {**sizes_of_words(system, words), **settings.get("sizes", {})}
    talk = (
        f"training {request.model} with {settings['optimizer']} on {len(table)} samples, "
        f"seed {settings['seed']}"
    )
    fitted = fit(
        system,
        arrays,
        on_start=lambda: typer.echo(talk, err=True),
        on_epoch=on_epoch,
        **settings,
    )
    return NamedFit(fitted, text, columns, words)


def input_columns(saved: "SavedFit") -> list[str]:
    """The columns that a saved fit reads."""
    from symnn.equations import Role

    return [name for q in saved.system.named(Role.INPUT) for name in saved.columns[q.name]]


def _function(saved: "SavedFit", output: str | None) -> "CompiledFunction":
    """What predicts the usual output, or the quantity that is asked for; nothing is derived."""
    from symnn.compilation import BACKENDS, Program
    from symnn.derivation import derive

    if output is not None:
        _check_output(saved, output)
    forward = derive(saved.system, ())
    program = Program(repr(forward.model), forward.system, (), {}, predicted=output)
    return BACKENDS["numpy"](program)


def _check_output(saved: "SavedFit", output: str) -> None:
    from symnn.compilation.program import outputs_of
    from symnn.errors import unknown_name
    from symnn.fitting import sample_size

    size = sample_size(saved.system)
    known = [name for name, q in outputs_of(saved.system).items() if size in q.shape[:1]]
    if output not in known:
        raise unknown_name("quantity to predict", output, known)


def predicted(
    saved: "SavedFit", table: "Table", output: str | None = None
) -> list[Sequence[object]]:
    """The header, and a row for each row of the table."""
    from symnn.columns import arrays_of
    from symnn.equations import Role
    from symnn.samples import scaled

    function, inputs = _function(saved, output), saved.system.named(Role.INPUT)
    arrays = arrays_of(inputs, table, saved.columns, saved.words)
    outputs = function.predict(saved.parameters, **scaled(arrays, saved.scalings))
    rows = outputs.reshape(len(table), -1).tolist()
    name = function.program.output.name if function.program.output else "prediction"
    header = [name] if len(rows[0]) == 1 else [f"{name}{k + 1}" for k in range(len(rows[0]))]
    targets = (saved.words.get(q.name, ()) for q in saved.system.named(Role.TARGET))
    classes = next((words for words in targets if len(words) == len(rows[0])), ())
    header = [f"{name}_{word}" for word in classes] or header
    return [header, *rows]
