"""Two meanings of the trees of `random_systems`, neither of which knows anything of symnn.

`Scalars` works entry by entry: of each entry it has a SymPy expression in one symbol for each
number of the leaves, and its value. Which branch is taken is seen from the values, so what SymPy
differentiates has no branches. `Arrays` works with whole arrays of JAX, an axis for each index.
"""

import math
from fractions import Fraction
from itertools import product

import sympy

from tests.random_systems import (
    MASKED,
    Call,
    Choice,
    Letter,
    Number,
    Operation,
    Place,
    Power,
    Read,
    Reduction,
    Size,
)

COMPARED = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
SMOOTH = {
    "tanh": lambda m, u: m.tanh(u),
    "sin": lambda m, u: m.sin(u),
    "cos": lambda m, u: m.cos(u),
    "atan": lambda m, u: m.atan(u),
    "asinh": lambda m, u: m.asinh(u),
    "erf": lambda m, u: m.erf(u),
    "sqrt": lambda m, u: m.sqrt(u),
    "log": lambda m, u: m.log(u),
    "expm1": lambda m, u: m.exp(u) - 1,
    "sigmoid": lambda m, u: 1 / (1 + m.exp(-u)),
    "softplus": lambda m, u: m.log(1 + m.exp(u)),
    "silu": lambda m, u: u / (1 + m.exp(-u)),
    "gelu": lambda m, u: u * (1 + m.erf(u / m.sqrt(2))) / 2,
}
# For u > 0, for u < 0 and for u = 0: where the derivative is a matter of agreement, ours.
KINKED = {
    "relu": (lambda m, u: u, lambda m, u: 0 * u, lambda m, u: 0 * u),
    "leaky_relu": (lambda m, u: u, lambda m, u: u / 100, lambda m, u: u / 100),
    "elu": (lambda m, u: u, lambda m, u: m.exp(u) - 1, lambda m, u: m.exp(u) - 1),
    "abs": (lambda m, u: u, lambda m, u: -u, lambda m, u: 0 * u),
    "sign": (lambda m, u: 0 * u + 1, lambda m, u: 0 * u - 1, lambda m, u: 0 * u),
}


class TooLargeError(Exception):
    """The scalars of a system are too many to be differentiated one by one."""


class TieError(Exception):
    """Two sides are equal, but for rounding: which is the greater no float can tell."""


class Scalar:
    """An expression and its value; arithmetic is done to both."""

    def __init__(self, expression, value):
        self.expression, self.value = expression, value

    def __add__(self, other):
        other = scalar(other)
        return Scalar(self.expression + other.expression, self.value + other.value)

    def __mul__(self, other):
        other = scalar(other)
        return Scalar(self.expression * other.expression, self.value * other.value)

    def __truediv__(self, other):
        other = scalar(other)
        return Scalar(self.expression / other.expression, self.value / other.value)

    def __pow__(self, exponent):
        return Scalar(self.expression**exponent, self.value**exponent)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -scalar(other)

    def __rtruediv__(self, other):
        return scalar(other) / self

    __radd__, __rmul__ = __add__, __mul__


def scalar(number):
    if isinstance(number, Scalar):
        return number
    return Scalar(sympy.Rational(number), float(number))


def clear(one, other):
    """The values of two sides; the same expression is equal to itself in floats too."""
    a, b = one.value, other.value
    if one.expression != other.expression and abs(a - b) <= 1e-12 * max(1, abs(a), abs(b)):
        raise TieError
    return a, b


class OfScalars:
    """The functions of SymPy and of `math`, side by side."""

    def __getattr__(self, name):
        symbolic, numeric = getattr(sympy, name), getattr(math, name)

        def apply(u):
            u = scalar(u)
            return Scalar(symbolic(u.expression), numeric(u.value))

        return apply


class Scalars:
    """The entries of a system, each made when it is first wanted; `values` are arrays by name."""

    def __init__(self, system, values, most=3000):
        self._system, self._values, self._left = system, values, most
        self._definitions = {d.name: d for d in system.definitions}
        self._known = {}
        self._functions = OfScalars()
        self.symbols = {}

    def entry(self, name, place=()):
        if (name, place) not in self._known:
            self._known[name, place] = self._made(name, place)
        return self._known[name, place]

    def _made(self, name, place):
        if name not in self._definitions:
            symbol = sympy.Symbol(f"{name}_{'_'.join(map(str, place))}", real=True)
            self.symbols[symbol] = float(self._values[name][place])
            return Scalar(symbol, self.symbols[symbol])
        d = self._definitions[name]
        where = dict(zip(d.letters, place, strict=True))
        if d.start is not None and place[0] == d.start_at:
            return self.value(d.start, where)
        return self.value(d.right, where)

    def _place(self, node, where):
        if isinstance(node, Read):
            place = tuple(self._place(p, where) for p in node.places)
            return int(self._values[node.name][place])
        size = {"": 0, **self._system.sizes}[node.size]
        return size + node.constant + sum(f * where[letter] for f, letter in node.terms)

    def value(self, node, where):
        self._left -= 1
        if self._left < 0:
            raise TooLargeError
        match node:
            case Number(text):
                return scalar(Fraction(text))
            case Letter(name):
                return scalar(where[name])
            case Size(name):
                return scalar(self._system.sizes[name])
            case Place():
                return scalar(self._place(node, where))
            case Read(name, places):
                return self.entry(name, tuple(self._place(p, where) for p in places))
            case Operation(sign, one, other):
                one, other = self.value(one, where), self.value(other, where)
                return {
                    "+": one.__add__,
                    "-": one.__sub__,
                    "*": one.__mul__,
                    "/": one.__truediv__,
                }[sign](other)
            case Power(base, exponent):
                return self.value(base, where) ** exponent
            case Call(name, (one, other)):
                return self._of_two(name, self.value(one, where), self.value(other, where))
            case Call(name, (one,)):
                return self._of_one(name, self.value(one, where))
            case Choice((one, sign, other), value, rest):
                sides = clear(self.value(one, where), self.value(other, where))
                taken = value if COMPARED[sign](*sides) else rest
                return None if taken == MASKED else self.value(taken, where)
            case Reduction(name, letters, body):
                return self._reduced(name, letters, body, where)
        raise TypeError(node)

    def _of_two(self, name, one, other):
        a, b = clear(one, other)
        is_first = a > b if name == "maximum" else a < b
        return one if is_first else other

    def _of_one(self, name, u):
        if name in SMOOTH:
            return SMOOTH[name](self._functions, u)
        above, below, at_zero = KINKED[name]
        value, _ = clear(u, scalar(0))
        taken = above if value > 0 else below if value < 0 else at_zero
        return scalar(taken(self._functions, u))

    def _reduced(self, name, letters, body, where):
        ranges = (range(self._system.size(letter)) for letter in letters)
        inner = [{**where, **dict(zip(letters, p, strict=True))} for p in product(*ranges)]
        terms = [self.value(body, w) for w in inner]
        if name in ("sum", "mean"):
            whole = sum(terms, scalar(0))
            return whole if name == "sum" else whole / len(terms)
        exponentials = [self._functions.exp(t) for t in terms if t is not None]
        whole = sum(exponentials, scalar(0))
        if name == "logsumexp":
            return self._functions.log(whole)
        return self._functions.exp(self.value(body, where)) / whole


class OfArrays:
    """The functions of JAX under the names that the tables above use."""

    def __init__(self, jnp, erf):
        self._names = {"atan": jnp.arctan, "asinh": jnp.arcsinh, "erf": erf}
        self._jnp = jnp

    def __getattr__(self, name):
        return self._names.get(name) or getattr(self._jnp, name)


class Arrays:
    """A system over JAX's arrays. In a tree the axes of every array are the indices around it."""

    def __init__(self, system, jax):
        self._system, self._jnp = system, jax.numpy
        self._functions = OfArrays(jax.numpy, jax.scipy.special.erf)

    def loss(self, leaves):
        """The loss for arrays by name."""
        known = dict(leaves)
        self._known, self._first = known, {}
        for d in self._system.definitions:
            known[d.name] = self._run(d) if d.start is not None else self._whole(d)
        return known["loss"]

    def _whole(self, d):
        where = {x: (k, self._system.size(x)) for k, x in enumerate(d.letters)}
        sizes = tuple(size for _, size in where.values())
        return self._jnp.broadcast_to(self._value(d.right, where, len(sizes)), sizes)

    def _run(self, d):
        """A recurrence, one place of its first index after the other."""
        run, *others = d.letters
        where = {x: (k, self._system.size(x)) for k, x in enumerate(others)}
        sizes = tuple(size for _, size in where.values())

        def row(node, where):
            return self._jnp.broadcast_to(self._value(node, where, len(sizes)), sizes)

        rows = [row(d.start, where)]
        for step in range(d.start_at + 1, self._system.size(run)):
            self._known[d.name], self._first[d.name] = self._jnp.stack(rows), d.start_at
            rows.append(row(d.right, {**where, run: step}))
        del self._first[d.name]
        return self._jnp.stack(rows[-d.start_at :])

    def _index(self, letter, where, depth):
        known = where[letter]
        if isinstance(known, int):
            return known
        axis, size = known
        shape = [size if k == axis else 1 for k in range(depth)]
        return self._jnp.arange(size).reshape(shape)

    def _place(self, node, where, depth, length, first=0):
        if isinstance(node, Read):
            return self._read(node, where, depth)
        size = {"": 0, **self._system.sizes}[node.size]
        indices = (f * self._index(letter, where, depth) for f, letter in node.terms)
        place = size + node.constant - first + sum(indices)
        # Beyond the end stands what a condition leaves out.
        return self._jnp.clip(place, 0, length - 1)

    def _read(self, node, where, depth):
        array = self._known[node.name]
        first = self._first.get(node.name, 0)
        firsts = [first] + [0] * array.ndim
        places = [
            self._place(p, where, depth, length, begin)
            for p, length, begin in zip(node.places, array.shape, firsts, strict=False)
        ]
        return array[tuple(places)] if places else array

    def _value(self, node, where, depth):
        jnp = self._jnp
        match node:
            case str():
                return -jnp.inf
            case Number(text):
                return float(text)
            case Letter(name):
                return 1.0 * self._index(name, where, depth)
            case Size(name):
                return 1.0 * self._system.sizes[name]
            case Place(terms, constant):
                return constant + sum(f * self._index(x, where, depth) for f, x in terms)
            case Read():
                return self._read(node, where, depth)
            case Operation(sign, one, other):
                one, other = self._value(one, where, depth), self._value(other, where, depth)
                return {
                    "+": jnp.add,
                    "-": jnp.subtract,
                    "*": jnp.multiply,
                    "/": jnp.divide,
                }[sign](one, other)
            case Power(base, exponent):
                return self._value(base, where, depth) ** exponent
            case Call(name, (one, other)):
                a, b = self._value(one, where, depth), self._value(other, where, depth)
                return jnp.where({"maximum": a > b, "minimum": a < b}[name], a, b)
            case Call(name, (one,)):
                return self._of_one(name, self._value(one, where, depth))
            case Choice((one, sign, other), value, rest):
                sides = self._value(one, where, depth), self._value(other, where, depth)
                branches = self._value(value, where, depth), self._value(rest, where, depth)
                return jnp.where(COMPARED[sign](*sides), *branches)
            case Reduction(name, letters, body):
                return self._reduced(name, letters, body, where, depth)
        raise TypeError(node)

    def _of_one(self, name, u):
        if name in SMOOTH:
            return SMOOTH[name](self._functions, self._jnp.asarray(u))
        above, below, at_zero = (f(self._functions, u) for f in KINKED[name])
        return self._jnp.where(u > 0, above, self._jnp.where(u < 0, below, at_zero))

    def _reduced(self, name, letters, body, where, depth):
        jnp = self._jnp
        own = {x: (depth + k, self._system.size(x)) for k, x in enumerate(letters)}
        sizes = tuple(size for _, size in own.values())
        value = self._value(body, {**where, **own}, depth + len(letters))
        around = jnp.shape(value)[:depth] or (1,) * depth
        value = jnp.broadcast_to(value, (*around, *sizes))
        axes = tuple(range(depth, depth + len(letters)))
        if name in ("sum", "mean"):
            return {"sum": jnp.sum, "mean": jnp.mean}[name](value, axis=axes)
        exponential = jnp.sum(jnp.exp(value), axis=axes)
        if name == "logsumexp":
            return jnp.log(exponential)
        return jnp.exp(self._value(body, where, depth)) / exponential
