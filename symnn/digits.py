"""The digits of an index, by which a flat axis stands for several: m // stride mod size."""

from sympy import Expr, Function, Integer, oo
from sympy.printing.precedence import PRECEDENCE


class Digit(Function):
    """`Digit(m, stride, size)`: ⌊m / stride⌋ mod size; for an infinite size ⌊m / stride⌋.

    Of an array with axes of the sizes C, H, W, kept as one axis, the entry m is at
    Digit(m, H*W, oo), Digit(m, W, H), Digit(m, 1, W).
    """

    nargs = 3
    is_integer = True
    is_real = True
    # Between a sum and a product: printers put brackets round it in a product.
    precedence = (PRECEDENCE["Add"] + PRECEDENCE["Mul"]) // 2

    @classmethod
    def eval(cls, place: Expr, stride: Expr, size: Expr) -> Expr | None:
        """The number that it is, where all is known."""
        if not (place.is_Integer and stride.is_Integer and (size.is_Integer or size == oo)):
            return None
        return place // stride if size == oo else place // stride % size

    @property
    def of(self) -> Expr:
        """The index whose digit it is."""
        place: Expr = self.args[0]
        return place

    @property
    def stride(self) -> Expr:
        """How many places it takes for the digit to grow by one."""
        step: Expr = self.args[1]
        return step

    @property
    def is_first(self) -> bool:
        """Whether it is the first digit, which never starts anew."""
        return bool(self.args[2] == oo)


def floored(quotient: Expr) -> Expr:
    """The greatest whole number below a quotient of whole numbers.

    >>> from sympy import Integer
    >>> floored(Integer(7) / 2)
    3
    """
    place, stride = quotient.together().as_numer_denom()
    return Digit(place, stride, oo)


def remainder(place: Expr, size: Expr) -> Expr:
    """What is left of a whole number divided by another.

    >>> from sympy import Integer
    >>> remainder(Integer(7), Integer(4))
    3
    """
    is_floor = isinstance(place, Digit) and place.is_first
    return Digit(place.of, place.stride, size) if is_floor else Digit(place, Integer(1), size)
