"""Which output activations and losses do not go together, why, and the cure."""

from collections.abc import Callable
from dataclasses import dataclass

from symnn.activations import ACTIVATIONS
from symnn.rows import Activation, Loss


@dataclass(frozen=True)
class Misfit:
    """A reason why an output activation and a loss do not go together, and the cure."""

    applies: Callable[[Activation, Loss], bool]
    text: str


_MISFITS = (
    Misfit(
        lambda output, loss: loss.takes_distribution and not output.sums_to_one,
        "loss {loss} needs outputs that sum to one, which {output} does not give; "
        "use softmax, or the loss {loss}_with_logits on an identity output",
    ),
    Misfit(
        lambda output, loss: loss.takes_logits and _is_probability(output),
        "loss {loss} takes logits, and {output} gives probabilities already; "
        "use an identity output, or the loss {plain}",
    ),
    Misfit(
        lambda output, loss: loss.upper == 1 and not _is_probability(output),
        "loss {loss} needs outputs between 0 and 1, which {output} does not give; "
        "use sigmoid, or the loss {loss}_with_logits on an identity output",
    ),
    Misfit(
        lambda output, loss: bool(loss.lower == 0 and loss.upper != 1 and output.bounds[0] < 0),
        "loss {loss} needs outputs from 0 on, which {output} does not give; use relu or softplus",
    ),
    Misfit(
        lambda output, loss: loss.name == "bce" and output.sums_to_one,
        "loss {loss} takes each output by itself, and those of {output} sum to one; "
        "use sigmoid, or the loss cross_entropy",
    ),
)


def misfit(output: Activation, loss: Loss) -> str:
    """Why a loss does not fit an output activation, in one line; empty where it fits.

    An activation of one's own is taken to fit: its range is not known.

    >>> from symnn.losses import LOSSES
    >>> misfit(ACTIVATIONS["sigmoid"], LOSSES["bce"])
    ''
    """
    if output.name not in ACTIVATIONS:
        return ""
    plain = "cross_entropy" if output.sums_to_one else "bce"
    reasons = (m.text for m in _MISFITS if m.applies(output, loss))
    return next(reasons, "").format(loss=loss.name, output=output.name, plain=plain)


def _is_probability(output: Activation) -> bool:
    return output.bounds == (0, 1)
