"""Layers stacked on each other, and to a system: an input below, and the loss on top.

From here on nothing knows of layers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sympy import Eq, Expr, Idx, Indexed, Integer, Mul, Sum

from symnn.activations import WIDTH
from symnn.binding import bound_indices, index, size_of, total
from symnn.cases import Piecewise
from symnn.equations import SAMPLES, Equation, Quantity, Role, System, all_entries, entry_name
from symnn.errors import SpecError
from symnn.layers.activating import with_trained_options
from symnn.layers.block import Block, Place, joined
from symnn.layers.kind import Layer
from symnn.layers.sizes import UnfitError, shape_text
from symnn.penalties import penalty_terms
from symnn.rows import Loss, Penalty

# The usual letters of an input's axes, by how many there are.
_LETTERS = {1: "i", 2: "ti", 3: "chw"}


def stacked(layers: Sequence[Layer], below: Quantity, place: Place) -> tuple[Block, ...]:
    """The block of each layer, the first on top of `below`; only the last may be the last of all.

    Raises `SpecError`, with the layer and what it expects, where one does not fit what is below.
    """
    blocks: list[Block] = []
    offset, giver = 0, "the input" if place.number == 1 else f"layer {place.number - 1}"
    for count, layer in enumerate(layers, start=1):
        here = place.within(offset, is_last=place.is_last and count == len(layers))
        try:
            blocks.append(with_trained_options(layer.block(below, here), layer, here))
        except UnfitError as error:
            raise SpecError(
                f"layer {here.number}, {layer.text}, expects {error}, "
                f"but {giver} gives {shape_text(below)}"
            ) from None
        below = blocks[-1].output
        offset += layer.parts
        giver = f"layer {place.number + offset - 1}"
    return tuple(blocks)


def input_quantity(sizes: Sequence[Expr], reads: str = "", *, is_integer: bool = False) -> Quantity:
    """The input x, shape (N, *sizes); `reads` are the letters of its axes, where it has so many."""
    usual = "t" if is_integer and len(sizes) == 1 else _LETTERS.get(len(sizes), "cdhwuvpq")
    letters = reads if len(reads) == len(sizes) else usual[: len(sizes)]
    shape = (SAMPLES, *sizes)
    return Quantity("x", shape, Role.INPUT, ("n", *letters), "x", is_integer=is_integer)


def system_of(
    x: Quantity,
    blocks: Iterable[Block],
    loss: Loss,
    penalties: Iterable[Penalty] = (),
) -> System:
    """The blocks on top of `x`, and the loss of the last quantity by targets of its shape.

    Penalties on parameters are added to the loss.
    """
    block = joined(tuple(blocks))
    output = block.output
    y = Quantity("y", output.shape, Role.TARGET, (*output.letters[:-1], "k"), "y")
    formula = at_positions(loss.expression.xreplace({WIDTH: output.shape[-1]}), output)
    formula += penalty_terms(penalties, block.parameters, block.weights)
    at_last = Equation(Quantity("L", (), Role.LOSS, (), "L"), (), formula)
    lists = (_list(name, numbers) for name, numbers in loss.lists.items())
    equations = _with_named_adjoints((*lists, *block.equations, at_last))
    quantities = (x, y, *block.inputs, *block.parameters, *(e.quantity for e in equations))
    sums_to_one = ("y",) if loss.targets_sum_to_one else ()
    return System({q.name: q for q in quantities}, equations, sums_to_one, block.recurrent)


def _list(name: str, numbers: Sequence[Expr]) -> Equation:
    """The numbers as a quantity: κ[k] = 1 if k = 0, 2 if k = 1, …."""
    k = index("k", Integer(len(numbers)))
    cases = [(number, Eq(k, place)) for place, number in enumerate(numbers[:-1])]
    chosen = Piecewise(*cases, (numbers[-1], True), evaluate=False)
    quantity = Quantity(name, (Integer(len(numbers)),), Role.INTERMEDIATE, ("k",), name)
    return Equation(quantity, (k,), chosen)


def at_positions(formula: Expr, output: Quantity) -> Expr:
    """A loss over samples and outputs, for an output (N, …, D): each position is a sample.

    So a mean over samples is one over samples and positions, as in PyTorch.
    """
    positions = output.indices[1:-1]
    return _at(formula, positions) if positions else formula


def _at(formula: Expr, positions: tuple[Idx, ...]) -> Expr:
    if isinstance(formula, Sum):
        bound = bound_indices(formula)
        added = (i for b in bound for i in ((b, *positions) if size_of(b) == SAMPLES else (b,)))
        return total(_at(formula.function, positions), *added)
    if isinstance(formula, Indexed):
        n, *rest = formula.indices
        return formula.base[(n, *positions, *rest)] if size_of(n) == SAMPLES else formula
    if formula == SAMPLES:
        return Mul(SAMPLES, *map(size_of, positions))
    return formula.func(*(_at(a, positions) for a in formula.args)) if formula.args else formula


def _with_named_adjoints(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The equations, with a name for the derivative by an activation that several of them read.

    Where one reads it, its derivative is written into that of the layer below.
    """
    readers: dict[str, int] = {}
    for e in equations:
        for name in {entry_name(a) for a in all_entries(e.expression)}:
            readers[name] = readers.get(name, 0) + 1

    def named(q: Quantity) -> Quantity:
        is_shared = q.role is Role.ACTIVATION and readers.get(q.name, 0) > 1
        return replace(q, role=Role.INTERMEDIATE) if is_shared else q

    return tuple(replace(e, quantity=named(e.quantity)) for e in equations)
