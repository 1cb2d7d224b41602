"""Which contraction of two arrays is which call of NumPy: `tensordot`, or `matmul` over a batch.

Both hand the work to BLAS; `einsum` first looks for a way, which takes longer than a small product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A call that computes a contraction; how its operands stand, and the axes of its result."""

    name: str
    swapped: bool
    orders: tuple[tuple[int, ...], tuple[int, ...]]
    result: tuple[int, ...]

    def text(self, arrays: Sequence[str]) -> str:
        """The call as code."""
        one, other = reversed(arrays) if self.swapped else arrays
        if self.name == "tensordot":
            product = f"np.tensordot({one}, {other}, {self.orders})"
        else:
            turned = (_turned(a, o) for a, o in zip((one, other), self.orders, strict=True))
            product = f"np.matmul({', '.join(turned)})"
        return _turned(product, self.result)


def _turned(array: str, order: tuple[int, ...]) -> str:
    if order == tuple(range(len(order))):
        return array
    return f"np.transpose({array}, {order})"


def product_of(labels: Sequence[Sequence[object]], result: Sequence[object]) -> Call | None:
    """The call that computes the product of two arrays with these axes; None where it takes more.

    >>> product_of(["nti", "ji"], "ntj").text(["x", "W"])
    'np.tensordot(x, W, ((2,), (1,)))'
    >>> product_of(["ntd", "nud"], "ntu").text(["q", "k"])
    'np.matmul(q, np.transpose(k, (0, 2, 1)))'
    """
    if len(labels) != 2 or not result:
        return None
    one, other = (tuple(map(str, axes)) for axes in labels)
    wanted = tuple(map(str, result))
    if any(len(set(axes)) < len(axes) for axes in (one, other)):
        return None
    shared = [a for a in one if a in other]
    summed = [a for a in shared if a not in wanted]
    if not summed or set(wanted) != set(one + other) - set(summed):
        return None
    if len(summed) == len(shared):
        return _tensordot(one, other, wanted, summed)
    return _matmul(one, other, wanted, summed)


def _tensordot(one: Labels, other: Labels, wanted: Labels, summed: Sequence[str]) -> Call:
    swapped = _rest(other, summed) + _rest(one, summed) == wanted
    first, second = (other, one) if swapped else (one, other)
    orders = (_places(summed, first), _places(summed, second))
    natural = _rest(first, summed) + _rest(second, summed)
    return Call("tensordot", swapped, orders, _places(wanted, natural))


def _matmul(one: Labels, other: Labels, wanted: Labels, summed: Sequence[str]) -> Call | None:
    """A product of matrices for each place in the axes that both and the result have."""
    batch = tuple(a for a in wanted if a in one and a in other)
    own = [_rest(axes, (*batch, *summed)) for axes in (one, other)]
    if len(summed) != 1 or any(len(o) != 1 for o in own):
        return None
    swapped = wanted.index(own[1][0]) < wanted.index(own[0][0])
    first, second = (other, one) if swapped else (one, other)
    left, right = reversed(own) if swapped else own
    orders = (
        _places((*batch, *left, *summed), first),
        _places((*batch, *summed, *right), second),
    )
    return Call("matmul", swapped, orders, _places(wanted, (*batch, *left, *right)))


def _rest(axes: Labels, without: Sequence[str]) -> Labels:
    return tuple(a for a in axes if a not in without)


def _places(axes: Sequence[str], among: Labels) -> tuple[int, ...]:
    return tuple(among.index(a) for a in axes)
