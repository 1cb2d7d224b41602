"""What a layer is made of: parameters and equations on top of the quantity below it.

`Place` says where a layer stands and names its quantities; `Block` is what it adds to a system.
Nothing here differentiates, and nothing knows a particular layer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from types import MappingProxyType
from typing import ClassVar, NamedTuple, Self, TypeAlias

from sympy import Expr, Idx, Indexed, Integer, Symbol

from symnn.activations import ACTIVATIONS, UNIT, WIDTH, Activation
from symnn.binding import index
from symnn.equations import SAMPLES, Equation, Quantity, Role
from symnn.errors import SpecError
from symnn.functions import U
from symnn.language import Call

ActivationLike: TypeAlias = str | Call | Activation | Expr | Callable[[Expr], Expr]
Size: TypeAlias = int | str | Expr

_SIZE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Start(NamedTuple):
    """Where a parameter starts: a scheme of `initialization`, and the fans that it asks for.

    Of the scheme `constant` it is the value.
    """

    scheme: str
    fan_in: Expr = Integer(1)
    fan_out: Expr = Integer(1)
    value: Expr = Integer(0)

    @property
    def is_random(self) -> bool:
        """Whether it differs from entry to entry: whether the parameter is a weight."""
        return self.scheme not in ("zeros", "ones", "constant")


ZEROS, ONES = Start("zeros"), Start("ones")


@dataclass(frozen=True)
class Place:
    """Where a layer stands: its number from 1, its number in print, whether it is the last."""

    number: int
    printed: int | None
    is_last: bool

    def parameter(self, symbol: str, shape: Sequence[Expr], letters: Sequence[str]) -> Quantity:
        """A parameter of the layer, as `W1`."""
        name = f"{symbol}{self.number}"
        return Quantity(name, tuple(shape), Role.PARAMETER, tuple(letters), symbol, self.printed)

    def quantity(
        self,
        symbol: str,
        shape: Sequence[Expr],
        letters: Sequence[str],
        role: Role = Role.INTERMEDIATE,
    ) -> Quantity:
        """A quantity within the layer, as `mu1`."""
        name = f"{symbol}{self.number}"
        return Quantity(name, tuple(shape), role, tuple(letters), symbol, self.printed)

    def output(
        self,
        symbol: str,
        role: Role,
        shape: Sequence[Expr],
        letters: Sequence[str],
        *,
        is_output: bool,
    ) -> Quantity:
        """The quantity z or a of the layer; ŷ, if it is the output of the network."""
        name, layer = f"{symbol}{self.number}", self.printed
        if is_output:
            name, symbol, layer = "yhat", "yhat", None
        shape, letters = tuple(shape), tuple(letters)
        delta = Quantity(
            f"delta{self.number}", shape, Role.ADJOINT, letters, "delta", self.printed, of=name
        )
        adjoint = delta if role is Role.PREACTIVATION else None
        return Quantity(name, shape, role, letters, symbol, layer, adjoint=adjoint)

    def within(self, offset: int, *, is_last: bool) -> "Place":
        """The place of the layer `offset` further on, within this one."""
        printed = None if self.printed is None else self.printed + offset
        return Place(self.number + offset, printed, is_last)


@dataclass(frozen=True)
class Block:
    """What a layer adds to a system; its output is the left side of the last equation.

    `starting` says where parameters start, `recurrent` where recurrences begin. `inputs` are arrays
    that are given beside the samples: masks, which hold 0 with the `chances` told.
    """

    parameters: tuple[Quantity, ...]
    equations: tuple[Equation, ...]
    starting: Mapping[str, Start] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Quantity, ...] = ()
    recurrent: tuple[Equation, ...] = ()
    chances: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def output(self) -> Quantity:
        """The quantity that the layer above reads."""
        return self.equations[-1].quantity

    @property
    def weights(self) -> tuple[str, ...]:
        """The names of the parameters that start at random: no biases, and no scales of norms."""
        return tuple(name for name, start in self.starting.items() if start.is_random)


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks on top of each other as one."""
    return Block(
        tuple(q for b in blocks for q in b.parameters),
        tuple(e for b in blocks for e in b.equations),
        MappingProxyType({k: v for b in blocks for k, v in b.starting.items()}),
        tuple(q for b in blocks for q in b.inputs),
        tuple(e for b in blocks for e in b.recurrent),
        MappingProxyType({k: v for b in blocks for k, v in b.chances.items()}),
    )


class Layer:
    """What every layer has; a layer is a frozen dataclass that adds `block`.

    `name` is what it is called in a spec, `example` how it is typed there. A layer
    whose `activation` is None takes the network's default for its place where it `takes_default`,
    and its `usual` one elsewhere. That it `takes_integers` says that others are
    looked up by its input.
    """

    name: ClassVar[str] = ""
    example: ClassVar[str] = ""
    holds_layers: ClassVar[bool] = False
    takes_default: ClassVar[bool] = False
    usual: ClassVar[str] = "identity"
    takes_integers: ClassVar[bool] = False
    # The usual letters of the axes of its input, where they are not n, t, …, i.
    reads: ClassVar[str] = ""

    def block(self, below: Quantity, place: Place) -> Block:
        """The layer on top of the quantity `below`, whose first axis is that of the samples."""
        raise NotImplementedError

    @property
    def parts(self) -> int:
        """How many layers there are in it, itself included: each has a number of its own."""
        return 1

    @property
    def row(self) -> Activation:
        """The activation of its output."""
        found = getattr(self, "activation", None)
        return found if isinstance(found, Activation) else ACTIVATIONS["identity"]

    @property
    def rows(self) -> tuple[Activation, ...]:
        """Every activation in it, that of the output last."""
        return (self.row,)

    @property
    def kinds(self) -> "tuple[type[Layer], ...]":
        """Every kind of layer in it, its own first."""
        return (type(self),)

    def resolved(
        self,
        row_of: Callable[[ActivationLike], Activation],
        default: ActivationLike,
        hidden: ActivationLike,
    ) -> Self:
        """The same layer with its activation as a row.

        `default` is the network's for this place, `hidden` that for layers within.
        """
        del hidden
        if not hasattr(self, "activation"):
            return self
        given = self.activation
        if given is None:
            given = default if self.takes_default else self.usual
        return replace(self, activation=row_of(given))  # type: ignore[type-var]

    def shrunk(self, width: int) -> Self:
        """The same layer with at most so many units."""
        del width
        return self

    @property
    def text(self) -> str:
        """The layer as it is typed in a spec, without its activation."""
        name = self.name or type(self).__name__
        parts = [
            (f.name, getattr(self, f.name), f.default is MISSING)
            for f in fields(self)  # type: ignore[arg-type]
            if f.name != "activation" and getattr(self, f.name) != f.default
        ]
        given = [value_text(v) if bare else f"{k}={value_text(v)}" for k, v, bare in parts]
        return f"{name}({','.join(given)})" if given else name

    @property
    def spec(self) -> str:
        """The layer as it is typed in a spec, with its activation where it has one."""
        has_none = not self.takes_default and self.row.name == self.usual
        return self.text if has_none else f"{self.text}:{self.row.label}"


@dataclass(frozen=True)
class Input:
    """What a network reads: the sizes of one sample, `Input(1, 28, 28)` or `Input("T", "D")`.

    A size is a whole number or, for a network that is derived and not trained, a name.
    """

    shape: tuple[Expr, ...]

    def __init__(self, *sizes: Size) -> None:
        if not sizes:
            raise SpecError("an input has at least one size, as in Input(2)")
        object.__setattr__(self, "shape", tuple(map(size, sizes)))

    def __str__(self) -> str:
        return "x".join(map(str, self.shape))

    def __repr__(self) -> str:
        return f"Input({', '.join(map(str, self.shape))})"


class UnfitError(SpecError):
    """What a layer expects of the quantity below it, where that is something else."""


def stacked(layers: Sequence[Layer], below: Quantity, place: Place) -> tuple[Block, ...]:
    """The block of each layer, the first on top of `below`; only the last may be the last of all.

    Raises `SpecError`, with the layer and what it expects, where one does not fit what is below.
    """
    blocks: list[Block] = []
    offset, giver = 0, "the input" if place.number == 1 else f"layer {place.number - 1}"
    for count, layer in enumerate(layers, start=1):
        here = place.within(offset, is_last=place.is_last and count == len(layers))
        try:
            blocks.append(_with_trained_options(layer.block(below, here), layer, here))
        except UnfitError as error:
            raise SpecError(
                f"layer {here.number}, {layer.text}, expects {error}, "
                f"but {giver} gives {shape_text(below)}"
            ) from None
        below = blocks[-1].output
        offset += layer.parts
        giver = f"layer {place.number + offset - 1}"
    return tuple(blocks)


def shape_text(q: Quantity) -> str:
    """The shape of one sample as a spec has it: `1x28x28`."""
    return "x".join(map(str, q.shape[1:]))


def value_text(value: object) -> str:
    """A value as it is typed in a spec.

    >>> value_text(3), value_text((3, 5)), value_text(True), value_text(0.5)
    ('3', '3x5', 'true', '0.5')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return value.label if isinstance(value, Activation) else str(value)


def size(value: Size) -> Expr:
    """A size as SymPy has it: a number, or a symbol for a name.

    Raises `SpecError` for what is no size.

    >>> size(3), size("D")
    (3, D)
    """
    if isinstance(value, Expr) and value.is_integer and not value.is_nonpositive:
        return value
    if isinstance(value, str) and _SIZE_NAME.fullmatch(value):
        value = Symbol(value, integer=True, positive=True)
    if isinstance(value, Symbol):
        if value == SAMPLES or not value.is_integer:
            raise SpecError(f"the size {value} is that of the samples; take another letter")
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SpecError(f"a size is {value!r}; it is a whole number from 1, or a name")
    return Integer(value)


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


def _trained(row: Activation, place: Place) -> dict[str, Quantity]:
    """The parameter that each trained option of an activation is, by the option's name."""
    trained = (o for o in row.options if o.is_trained)
    return {o.name: place.parameter(str(o.symbol), (), ()) for o in trained}


def _with_trained_options(block: Block, layer: Layer, place: Place) -> Block:
    """The block with the parameters of its activation, such as the slope of a PReLU."""
    trained = _trained(layer.row, place)
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
    trained = _trained(row, place)
    if trained:
        values = {name: q.at() for name, q in trained.items()}
        return row.at(z.at(*rest, j), values)
    if row.is_elementwise:
        return row.expression.xreplace({U: z.at(*rest, j)})
    width = z.shape[-1]
    sized = row.expression.xreplace({WIDTH: width})
    at_unit = sized.xreplace({UNIT.xreplace({WIDTH: width}): j})
    return at_unit.xreplace({e: z.at(*rest, *e.indices) for e in at_unit.atoms(Indexed)})
