"""What is said of a training that has ended: its losses, and the line that was learnt."""

from collections.abc import Callable, Sequence
from math import floor, log10
from typing import TYPE_CHECKING

from symnn.cli.equations import NamedFit

if TYPE_CHECKING:
    from symnn.model import Model
    from symnn.training import TrainingResult


def report(result: "TrainingResult | NamedFit") -> list[str]:
    """The lines that say what was learnt; nothing of losses where no epoch ended."""
    if isinstance(result, NamedFit):
        return result.report(figure)
    lines = [f"Line      {line}" for line in straight_lines(result.model)]
    if not result.history:
        return lines
    last = result.history[-1]
    losses = _pair(figure, last.loss, last.validation_loss)
    accuracies = _pair(
        lambda share: f"{100 * share:.1f} %", last.accuracy, last.validation_accuracy
    )
    shown = [f"Accuracy  {accuracies}"] if accuracies else []
    return [f"Loss      {losses} ({_units(result.model)})", *shown, *lines]


def _pair(written: Callable[[float], str], training: float | None, validation: float | None) -> str:
    pairs = ((training, "training"), (validation, "validation"))
    return ", ".join(f"{written(value)} {name}" for value, name in pairs if value is not None)


def _units(model: "Model") -> str:
    """Of what the loss is, and in which units."""
    from symnn.samples import is_for_classes

    network, one = model.network, len(model.targets) == 1
    name = " + ".join([network.loss.name, *(row.label for row in network.penalties)])
    if model.classes or is_for_classes(network):
        return name
    if model.outputs.is_none:
        return f"{name} of {', '.join(model.targets)}, in {'its' if one else 'their'} own units"
    return f"{name} of {', '.join(model.targets)}, in standard deviations"


def straight_lines(model: "Model") -> list[str]:
    """The equation of each output of a network that is a straight line, in original units."""
    if model.line is None or model.classes:
        return []
    slopes, intercepts = model.line
    return [
        f"{target} = " + _sum([*zip(row, model.features, strict=True), (intercept, "")])
        for target, row, intercept in zip(model.targets, slopes, intercepts, strict=True)
    ]


def _sum(terms: Sequence[tuple[float, str]]) -> str:
    """A sum with its signs: `−2·a + 3·b − 1`."""
    texts = [f"{figure(abs(number))}{'·' if name else ''}{name}" for number, name in terms]
    signs = ["−" if number < 0 else "+" for number, _ in terms]
    rest = "".join(f" {sign} {text}" for sign, text in zip(signs[1:], texts[1:], strict=True))
    return signs[0].replace("+", "") + texts[0] + rest


def figure(value: float) -> str:
    """A number in four digits, or in as many as stand before its point.

    >>> [figure(v) for v in (49.6856, 5780.831, 123456.7, 0.0241, 1e-9, 0)]
    ['49.69', '5781', '123457', '0.02410', '1.000e-09', '0']
    """
    if value == 0:
        return "0"
    power = floor(log10(abs(value)))
    if not -4 <= power < 9:
        return f"{value:.3e}"
    return f"{value:.{max(0, 3 - power)}f}"


def still_falling(result: "TrainingResult | NamedFit") -> bool:
    """Whether the last ten epochs lowered the loss by a hundredth, and noticeably since the first.

    An exact fit falls towards 0 for ever: a thousandth of the first loss is what is noticed.
    """
    losses = [epoch.loss for epoch in result.history]
    if len(losses) <= 10 or result.interrupted:
        return False
    fell = losses[-11] - losses[-1]
    return fell > losses[-1] / 100 and fell > losses[0] / 1000
