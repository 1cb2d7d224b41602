"""What stands above and below the formulas of a page: the model in one line, the conventions."""

from collections.abc import Iterator
from math import prod

from symnn.derivation import Derivation
from symnn.equations import Role
from symnn.names import Names
from symnn.network import Network
from symnn.notations import SYMNN


def parameter_count(derivation: Derivation) -> int | None:
    """How many weights and biases there are; None where a size is a symbol."""
    shapes = [q.shape for q in derivation.system.named(Role.PARAMETER)]
    if not all(size.is_Integer for shape in shapes for size in shape):
        return None
    return sum(prod(int(size) for size in shape) for shape in shapes)


def title_of(derivation: Derivation) -> str:
    """The network in one line: `2 → 3 tanh → 1 sigmoid · mean squared error, … · 13 parameters`."""
    model, count = derivation.model, parameter_count(derivation)
    parameters = f"{count} parameter{'' if count == 1 else 's'}"
    if not isinstance(model, Network):
        names = [f"{{{q.name}}}" for q in derivation.system.named(Role.PARAMETER)]
        noun = "parameter" if len(names) == 1 else "parameters"
        what = "Equation" if len(derivation.system.equations) == 1 else "Equations"
        numbers = "" if count in (None, len(names)) else f" · {count} numbers"
        return f"{what} with the {noun} {', '.join(names)}{numbers}" if names else what
    rows = ((x.text, x.row.label) for x in model.layers)
    layers = [f"{text} {name}" if name != "identity" else text for text, name in rows]
    *positions, outputs = model.shapes[-1]
    places = "×".join(map(str, positions))
    samples = f"N samples, {places} positions" if positions else "N samples"
    reduction = model.loss.averaged.replace("over samples", f"over {samples}")
    reduction = reduction.replace("and outputs", f"and {outputs} outputs" if outputs != 1 else "")
    sizes = " → ".join([str(model.input).replace("x", "×"), *layers])
    counted = "" if count is None else f" · {parameters}"
    penalties = "".join(f" · {row.words}" for row in model.penalties)
    return f"{sizes} · {model.loss.words}, {reduction.strip()}{penalties}{counted}"


def conventions(derivation: Derivation, names: Names) -> Iterator[str]:
    """What the derivation rests on: a book's names, values at kinks, sums that were declared."""
    row = names.convention
    if row is not SYMNN:
        yield f"Names as in {row.source}" + (f": {row.note}" if row.note else "")
    model = derivation.model
    if isinstance(model, Network):
        rows = (row for layer in model.layers for row in layer.rows)
        kinks = [row.policy for row in (*rows, model.loss, *model.penalties)]
        yield from dict.fromkeys(filter(None, kinks))
    for name in derivation.system.sums_to_one:
        yield f"The targets {{{name}}} of each sample sum to 1, as the loss declares"
