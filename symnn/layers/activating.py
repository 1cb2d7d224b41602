"""The activation of a layer: `z = …` and `a = f(z)`, and the parameters that f itself has."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from sympy import Expr, Idx, Indexed

from symnn.activations import ACTIVATIONS, UNIT, WIDTH, Activation
from symnn.binding import index
from symnn.equations import Equation, Quantity, Role
from symnn.errors import SpecError
from symnn.functions import U
from symnn.layers.block import Block, Place, Start
from symnn.layers.kind import Layer


def indices(shape: Sequence[Expr], letters: Sequence[str]) -> tuple[Idx, ...]:
    """An index for each axis."""
    return tuple(index(letter, s) for letter, s in zip(letters, shape, strict=True))


def activated(
    layer: Layer,
    place: Place,
    at: Sequence[Idx],
    expression: Expr,
    *,
    has_weights: bool,
    symbol: str = "a",
) -> tuple[Equation, ...]:
    """`z = expression` and `a = f(z)`; without an activation one of them alone.

    That one is z where the layer `has_weights`, so that its derivative is called δ, and else has
    the `symbol`.
    """
    shape = tuple(i.upper - i.lower + 1 for i in at)
    letters = tuple(str(i.label) for i in at)
    row = layer.row
    linear = row is ACTIVATIONS["identity"]
    is_z = has_weights or not linear
    symbol, role = ("z", Role.PREACTIVATION) if is_z else (symbol, Role.INTERMEDIATE)
    z = place.output(symbol, role, shape, letters, is_output=linear and place.is_last)
    if linear:
        return (Equation(z, tuple(at), expression),)
    a = place.output("a", Role.ACTIVATION, shape, letters, is_output=place.is_last)
    return (Equation(z, tuple(at), expression), Equation(a, tuple(at), applied(row, z, place)))


def trained_options(row: Activation, place: Place) -> dict[str, Quantity]:
    """The parameter that each trained option of an activation is, by the option's name."""
    trained = (o for o in row.options if o.is_trained)
    return {o.name: place.parameter(str(o.symbol), (), ()) for o in trained}


def with_trained_options(block: Block, layer: Layer, place: Place) -> Block:
    """The block with the parameters of its activation, such as the slope of a PReLU."""
    trained = trained_options(layer.row, place)
    if not trained:
        return block
    names = {q.name for q in (*block.parameters, *block.inputs)}
    for q in trained.values():
        if q.name in names:
            raise SpecError(
                f"{layer.text} and {layer.row.name} both have a parameter {q.name}; "
                f"give the activation to another layer"
            )
    starts = {o.name: Start("constant", value=o.value) for o in layer.row.options}
    starting = {q.name: starts[name] for name, q in trained.items()}
    return replace(
        block,
        parameters=(*block.parameters, *trained.values()),
        starting=MappingProxyType({**block.starting, **starting}),
    )


def applied(row: Activation, z: Quantity, place: Place) -> Expr:
    """The activation of the entries `z[n,…,j]`; a softmax is over the last axis."""
    (*rest, j) = z.indices
    trained = trained_options(row, place)
    if trained:
        values = {name: q.at() for name, q in trained.items()}
        return row.at(z.at(*rest, j), values)
    if row.is_elementwise:
        return row.expression.xreplace({U: z.at(*rest, j)})
    width = z.shape[-1]
    sized = row.expression.xreplace({WIDTH: width})
    at_unit = sized.xreplace({UNIT.xreplace({WIDTH: width}): j})
    return at_unit.xreplace({e: z.at(*rest, *e.indices) for e in at_unit.atoms(Indexed)})
