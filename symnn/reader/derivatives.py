"""What a derivative in a claim means: ∂L/∂B as the model has it, ∂A/∂B as a link of the chain.

A second derivative is that of the first one's own equation, through all that this is made of.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Idx, Integer, KroneckerDelta

from symnn.binding import size_of
from symnn.equations import Quantity, Role
from symnn.errors import SymnnError
from symnn.parsing.source import Fault
from symnn.parsing.tree import Name, Node
from symnn.reader.labels import Placed
from symnn.reader.letters import Letters
from symnn.reader.links import Links
from symnn.reader.nodes import Differentiated, Labelled
from symnn.reader.shapes import ShapeFault, Value, shape
from symnn.reader.tokens import unknown

Places = Callable[[Quantity, Placed], tuple[list[Expr], tuple[Idx, ...]]]


@dataclass(frozen=True)
class Derivatives:
    """What is needed to read derivatives; `places` says where the labels of a quantity stand.

    With `is_total` ∂A/∂B goes through all that lies between A and B; with `in_columns` that of one
    vector by another is a matrix.
    """

    letters: Letters
    links: Links
    places: Places
    is_total: bool = False
    in_columns: bool = False

    def value(self, node: Differentiated) -> Value:
        """The value of ∂top/∂bottom; raises `Fault` where it is none."""
        (top, tops), (bottom, bottoms) = (self._named(n) for n in (node.top, node.bottom))
        is_second = isinstance(node.top, Differentiated)
        if bottom.role is Role.LOSS or (bottom.of is not None and not is_second):
            raise Fault(f"nothing is derived by {bottom.name}", node.bottom.place)
        if top.role is not Role.LOSS:
            return self._link(node, (top, tops), (bottom, bottoms))
        if bottom.role is Role.TARGET:
            raise Fault(f"{bottom.name} is a target; nothing is derived by it", node.place)
        gradient = self._gradient(bottom)
        places, axes = self.places(gradient, bottoms)
        return Value(gradient.at(*places), axes)

    def _gradient(self, q: Quantity) -> Quantity:
        """The derivative of the loss by a quantity."""
        quantities = self.letters.lexicon.quantities.values()
        known = [g for g in quantities if g.of == q.name and g.top is None]
        # What was typed as ∂L/∂z is told as ∂L/∂z, and not by the name δ that it also has.
        typed = [g for g in known if not g.is_delta]
        return next(iter([*typed, *known]), replace(q, name=f"dL_d{q.name}"))

    def _named(self, node: Node) -> tuple[Quantity, Placed]:
        """The quantity above or below in a derivative, and its labels."""
        if isinstance(node, Differentiated):
            (top, _), (bottom, placed) = self._named(node.top), self._named(node.bottom)
            if top.role is not Role.LOSS:
                raise Fault("a second derivative is one of the loss", node.place)
            return self._gradient(bottom), placed
        name = node.of if isinstance(node, Labelled) else node
        assert isinstance(name, Name)
        quantities = self.letters.lexicon.quantities
        if name.name not in quantities:
            raise unknown(name.name, self.letters.lexicon, name.place)
        q = quantities[name.name]
        if isinstance(node, Labelled):
            return q, self.letters.placed(q, node.labels, node.place)
        return q, self.letters.axes(q).whole()

    def _link(
        self, node: Differentiated, one: tuple[Quantity, Placed], other: tuple[Quantity, Placed]
    ) -> Value:
        """The derivative of one entry by another; of whole arrays, entry by entry."""
        (top, above), (bottom, under) = ((q, self.places(q, placed)) for q, placed in (one, other))
        (places, axes), (by, by_axes) = above, under
        if all(size_of(i) == 1 for i in by_axes):
            by, by_axes = [Integer(0) if p in by_axes else p for p in by], ()
        if axes and by_axes and not self.in_columns:
            self._check_entry_by_entry(node, top, above, bottom, under)
            same: dict[Expr, Expr] = dict(zip(by_axes, axes, strict=True))
            by, by_axes = [p.xreplace(same) for p in by], ()
        return Value(self._derivative(node, top, places, bottom, by), (*axes, *by_axes))

    def _check_entry_by_entry(
        self,
        node: Differentiated,
        top: Quantity,
        above: tuple[list[Expr], tuple[Idx, ...]],
        bottom: Quantity,
        under: tuple[list[Expr], tuple[Idx, ...]],
    ) -> None:
        """Refuse whole arrays of which an entry depends on more than the same entry below."""
        (places, axes), (by, by_axes) = above, under
        sizes = [tuple(map(size_of, a)) for a in (axes, by_axes)]
        if sizes[0] == sizes[1]:
            whole = self._derivative(node, top, places, bottom, by)
            if _is_entry_by_entry(whole, axes, by_axes):
                return
        raise ShapeFault(
            f"d{top.name}/d{bottom.name} is no product entry by entry ({shape(sizes[0])} by "
            f"{shape(sizes[1])}); write the derivative of one entry by one, with index letters",
            node.place,
        )

    def _derivative(
        self,
        node: Differentiated,
        top: Quantity,
        at: Sequence[Expr],
        bottom: Quantity,
        wanted: Sequence[Expr],
    ) -> Expr:
        is_total = self.is_total or isinstance(node.top, Differentiated)
        derivative = self.links.total if is_total else self.links.derivative
        own = self._own(top, bottom)
        if own is not None and top == bottom:
            return own.at(*at, *wanted)
        try:
            return derivative(top.name, at, bottom.name, wanted)
        except SymnnError as error:
            if own is not None:
                return own.at(*at, *wanted)
            raise Fault(str(error), node.place) from None

    def _own(self, top: Quantity, bottom: Quantity) -> Quantity | None:
        """The quantity of a Jacobian's page that is this derivative, through any recurrence."""
        # By itself a quantity is differentiated under a second name.
        names = (top.name, f"{top.name}_")
        quantities = self.letters.lexicon.quantities.values()
        return next((g for g in quantities if g.of == bottom.name and g.top in names), None)


def _is_entry_by_entry(derivative: Expr, above: Sequence[Idx], under: Sequence[Idx]) -> bool:
    """Whether a derivative is zero wherever the two entries differ in place."""
    for one, other in zip(above, under, strict=True):
        if size_of(one) == 1:
            continue
        deltas = [d for d in derivative.atoms(KroneckerDelta) if {*d.args} >= {one, other}]
        if not any(derivative.xreplace({d: Integer(0)}) == 0 for d in deltas):
            return False
    return True
