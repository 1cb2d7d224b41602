"""Quantities of their own for what is computed beside the equations, each once."""

from collections.abc import Collection, Iterator, Sequence

from sympy import Expr, Idx

from symnn.binding import bound_indices, canonical, index, size_of
from symnn.equations import Equation, Quantity, Role
from symnn.reductions import BINDERS


class Places:
    """New quantities by what they hold; no name is one of those that are taken."""

    def __init__(self, taken: Collection[str]) -> None:
        self.new: list[Equation] = []
        self._taken = set(taken)
        self._named: dict[Expr, Quantity] = {}
        # The indices of an equation that reads itself: what is computed in its loop runs over them.
        self.looped: tuple[Idx, ...] = ()

    def taken_new(self) -> Iterator[Equation]:
        """The new equations since this was last asked."""
        found, self.new = self.new, []
        yield from found

    def place(self, name: str, expression: Expr, order: Sequence[Idx] = ()) -> Expr:
        """The entry of a quantity of its own that holds an expression; the same for the same.

        Its axes are those of the indices in `order`, and then the others by name.
        """
        bound = {i for node in expression.atoms(*BINDERS) for i in bound_indices(node)}
        first = {i: k for k, i in enumerate(order)}
        free = sorted(
            expression.atoms(Idx) - bound, key=lambda i: (first.get(i, len(first)), str(i))
        )
        letters = [f"{chr(ord('i') + k)}" for k in range(len(free))]
        own = tuple(index(f"at_{a}", size_of(i)) for a, i in zip(letters, free, strict=True))
        key = canonical(expression.xreplace(dict(zip(free, own, strict=True))))
        if key not in self._named:
            sizes = tuple(map(size_of, own))
            free_name = self._free(name)
            q = Quantity(free_name, sizes, Role.INTERMEDIATE, tuple(letters), free_name)
            self._named[key] = q
            kept = tuple(i if i in self.looped else at for i, at in zip(free, own, strict=True))
            self.new.append(Equation(q, kept, key.xreplace(dict(zip(own, kept, strict=True)))))
        return self._named[key].at(*free)

    def _free(self, name: str) -> str:
        number = 1
        while (found := f"{name}{number}") in self._taken:
            number += 1
        self._taken.add(found)
        return found
