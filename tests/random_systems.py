"""Random systems of equations, as Hypothesis makes them: trees, and the text that says the same.

Letters are few, so that bound indices often bear the names of free ones. Nothing of symnn is used
here: `tests.interpreters` gives the trees their meaning, and symnn reads the text.
"""

from dataclasses import dataclass, field
from itertools import combinations, product

from hypothesis import strategies as st

# What an axis may be: its size as typed, that size by the values of the symbols, and its letters.
AXES = {
    "N": ("N", lambda sizes: sizes["N"], "nm"),
    "K": ("K", lambda sizes: sizes["K"], "pq"),
    "two": ("2", lambda sizes: 2, "ij"),
    "three": ("3", lambda sizes: 3, "kl"),
    "longer": ("K+2", lambda sizes: sizes["K"] + 2, "r"),
    "odd": ("2*K+1", lambda sizes: 2 * sizes["K"] + 1, "u"),
    "five": ("5", lambda sizes: 5, "v"),
}
COMMON = ("N", "K", "two", "three")
LETTERS = {letter: axis for axis, (_, _, letters) in AXES.items() for letter in letters}
# Some mean something to Python, to SymPy or to the code that is printed.
PARAMETERS = ("W", "b1", "gamma", "E", "S", "np")
INPUTS = ("x", "Q", "parameters")
COMPUTED = ("h", "z1", "a", "O", "delta1")
# Each is defined and finite for every real number.
OF_ONE = (
    *("tanh", "sigmoid", "sin", "cos", "atan", "erf", "asinh", "softplus", "silu", "gelu"),
    *("relu", "abs", "elu", "leaky_relu", "expm1", "sign"),
)
OF_TWO = ("maximum", "minimum")
REDUCTIONS = ("sum", "mean", "logsumexp", "softmax")


@dataclass(frozen=True)
class Number:
    text: str


@dataclass(frozen=True)
class Letter:
    """The value of an index."""

    name: str


@dataclass(frozen=True)
class Size:
    name: str


@dataclass(frozen=True)
class Place:
    """The sum of indices times whole numbers, of a size (or none), and of a whole number.

    A letter that stands by itself has the size of its axis; a part of an axis is read at `i+0`.
    """

    terms: tuple[tuple[int, str], ...]
    constant: int = 0
    size: str = ""
    is_part: bool = False


@dataclass(frozen=True)
class Read:
    """An entry; a place may be looked up by an entry of an integer input."""

    name: str
    places: tuple["Place | Read", ...]


@dataclass(frozen=True)
class Operation:
    sign: str
    one: object
    other: object


@dataclass(frozen=True)
class Power:
    base: object
    exponent: int


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[object, ...]


@dataclass(frozen=True)
class Choice:
    """`where(one sign another, value, other)`; the other one may be `MASKED`."""

    condition: tuple[object, str, object]
    value: object
    other: object


@dataclass(frozen=True)
class Reduction:
    name: str
    letters: tuple[str, ...]
    body: object


MASKED = "-inf"


@dataclass(frozen=True)
class Definition:
    """A line; of a recurrence the first letter runs, from 1 on if the start is at 0."""

    name: str
    letters: tuple[str, ...]
    right: object
    start: object = None
    start_at: int = 0


@dataclass(frozen=True)
class RandomSystem:
    """Declared quantities with their axes, definitions, and the values of the sizes."""

    declared: dict[str, tuple[str, tuple[str, ...]]]
    definitions: tuple[Definition, ...]
    sizes: dict[str, int]
    seed: int
    states_sizes: bool
    is_reversed: bool

    def size(self, letter):
        return AXES[LETTERS[letter]][1](self.sizes)

    @property
    def text(self):
        """The system as it is typed."""
        lines = [f"{role} {_left(name, ls, ())}" for name, (role, ls) in self.declared.items()]
        known = {letter for _, letters in self.declared.values() for letter in letters}
        known = () if self.states_sizes else known
        for d in self.definitions[::-1] if self.is_reversed else self.definitions:
            if d.start is not None:
                first = (str(d.start_at), *(_stated(letter, known) for letter in d.letters[1:]))
                lines.append(f"{d.name}[{', '.join(first)}] = {written(d.start, known)}")
            lines.append(f"{_left(d.name, d.letters, known)} = {written(d.right, known)}")
        return "\n".join(lines)

    def _repr_pretty_(self, printer, cycle):
        del cycle
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        printer.text(f"\n{self.text}\n{sizes}; seed {self.seed}")


def _stated(letter, known):
    return letter if letter in known else f"{letter}:{AXES[LETTERS[letter]][0]}"


def _left(name, letters, known):
    inner = ", ".join(_stated(letter, known) for letter in letters)
    return f"{name}[{inner}]" if letters else name


def written(node, known):
    """A tree as it is typed; sizes are stated of letters that are not known."""
    match node:
        case str():
            return node
        case Number(text):
            return text
        case Letter(name) | Size(name):
            return name
        case Place(terms, constant, size, part):
            parts = [size] if size else []
            parts += [letter if f == 1 else f"{f}*{letter}" for f, letter in terms]
            parts += [str(constant)] if constant or part or not parts else []
            return "+".join(parts).replace("+-", "-").replace("-1*", "-")
        case Read(name, places):
            inner = ", ".join(written(p, known) for p in places)
            return f"{name}[{inner}]" if places else name
        case Operation(sign, one, other):
            return f"({written(one, known)} {sign} {written(other, known)})"
        case Power(base, exponent):
            return f"({written(base, known)})**{exponent}"
        case Call(name, arguments):
            return f"{name}({', '.join(written(a, known) for a in arguments)})"
        case Choice((one, sign, other), value, rest):
            condition = f"{written(one, known)} {sign} {written(other, known)}"
            return f"where({condition}, {written(value, known)}, {written(rest, known)})"
        case Reduction(name, letters, body):
            inner = ", ".join(_stated(letter, known) for letter in letters)
            return f"{name}({inner}, {written(body, known)})"
    raise TypeError(node)


def letters_in(node):
    """Every letter that stands in a tree."""
    match node:
        case Letter(name):
            return {name}
        case Place(terms):
            return {letter for _, letter in terms}
        case Read(_, parts) | Call(_, parts):
            return set().union(*map(letters_in, parts))
        case Operation(_, one, other):
            return letters_in(one) | letters_in(other)
        case Power(base, _):
            return letters_in(base)
        case Choice((one, _, other), value, rest):
            return set().union(*map(letters_in, (one, other, value, rest)))
        case Reduction(_, letters, body):
            return {*letters} | letters_in(body)
    return set()


@dataclass
class _Maker:
    """What has been declared so far, and Hypothesis's `draw`."""

    draw: object
    sizes: dict[str, int]
    # By name: the axes of each quantity.
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    looks_up: dict[str, str] = field(default_factory=dict)

    def one_of(self, *values):
        return self.draw(st.sampled_from(values))

    def happens(self, one_in):
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def letters(self, most, axes=tuple(AXES), least=0):
        """A few letters, each once."""
        known = [letter for letter, axis in LETTERS.items() if axis in axes]
        some = st.lists(st.sampled_from(known), min_size=least, max_size=most, unique=True)
        return tuple(self.draw(some))

    def length(self, axis):
        return AXES[axis][1](self.sizes)

    def value(self, scope, fuel):
        """A tree whose free letters are within the scope."""
        if fuel <= 0 or self.happens(6):
            return self.leaf(scope)
        kinds = (
            *(self.operation, self.operation, self.function, self.reduction, self.reduction),
            *(self.choice, self.guarded_read, self.power, self.of_two),
        )
        return self.one_of(*kinds)(scope, fuel - 1)

    def leaf(self, scope):
        if self.happens(8):
            others = [Letter(letter) for letter in scope]
            return self.one_of(Number("2"), Number("0.5"), Number("3"), Size("K"), *others)
        return self.read(scope)

    def read(self, scope):
        """An entry; rather of what has an axis for a letter of the scope."""
        names = [n for n in self.axes if n not in self.looks_up]
        here = {LETTERS[letter] for letter in scope}
        names += [n for n in names if here & {*self.axes[n]}] * 3
        name = self.one_of(*names)
        return Read(name, tuple(self.place(axis, scope) for axis in self.axes[name]))

    def place(self, axis, scope):
        bare = [Place(((1, letter),)) for letter in scope if LETTERS[letter] == axis]
        if bare and not self.happens(4):
            return self.one_of(*bare)
        lookups = [n for n, looked_up in self.looks_up.items() if looked_up == axis]
        if lookups and self.happens(2):
            name = self.one_of(*lookups)
            return Read(name, tuple(self.place(a, scope) for a in self.axes[name]))
        return self.one_of(*self.affine(axis, scope), *bare)

    def affine(self, axis, scope):
        """Every sum of up to two letters that stays on an axis."""
        last = self.length(axis) - 1
        ends = {letter: self.length(LETTERS[letter]) - 1 for letter in scope}
        terms = [(), *(((f, one),) for one in scope for f in (1, 2, -1))]
        terms += [
            ((f, a), (g, b)) for a, b in combinations(scope, 2) for f in (1, 2) for g in (1, -1)
        ]
        size = AXES[axis][0] if axis in self.sizes else ""
        found = []
        for t, constant, s in product(terms, (-1, 0, 1, 2), {"", size}):
            base = constant + (last + 1 if s else 0)
            least = base + sum(min(0, f) * ends[letter] for f, letter in t)
            greatest = base + sum(max(0, f) * ends[letter] for f, letter in t)
            if least >= 0 and greatest <= last and not (s and not t and constant > -1):
                is_part = [LETTERS[letter] for f, letter in t if f == 1] not in ([], [axis])
                found.append(Place(t, constant, s, is_part and len(t) == 1))
        return found

    def operation(self, scope, fuel):
        sign = self.one_of("+", "-", "*", "*", "/")
        one, other = self.value(scope, fuel), self.value(scope, fuel - 1)
        if sign == "/":
            other = Operation("+", Number("2"), Power(other, 2))
        return Operation(sign, one, other)

    def power(self, scope, fuel):
        return Power(self.value(scope, fuel), self.one_of(2, 3))

    def function(self, scope, fuel):
        inner = self.value(scope, fuel)
        if self.happens(5):
            name = self.one_of("sqrt", "log")
            return Call(name, (Operation("+", Number("1"), Power(inner, 2)),))
        return Call(self.one_of(*OF_ONE), (inner,))

    def of_two(self, scope, fuel):
        # The reader asks that what has branches be named before it stands in these.
        pair = self.leaf(scope), self.leaf(scope)
        return Call(self.one_of(*OF_TWO), pair)

    def choice(self, scope, fuel):
        signs = ("<", "<=", ">", ">=")
        if len(scope) > 1 and self.happens(2):
            one, other = (Letter(letter) for letter in self.one_of(*combinations(scope, 2)))
        else:
            one, other = self.read(scope), self.one_of(Number("0"), self.read(scope))
        condition = (one, self.one_of(*signs), other)
        return Choice(condition, self.value(scope, fuel), self.value(scope, fuel - 1))

    def guarded_read(self, scope, fuel):
        """A read that would leave its axis, within a condition that says where it does not."""
        places = [
            (name, k, letter)
            for name, axes in self.axes.items()
            for k, axis in enumerate(axes)
            for letter in scope
            if LETTERS[letter] == axis and axis in COMMON and name not in self.looks_up
        ]
        if not places:
            return self.operation(scope, fuel)
        name, number, letter = self.one_of(*places)
        axes = self.axes[name]
        others = [self.place(axis, scope) for axis in axes]
        shift = self.one_of(-1, 1)
        others[number] = Place(((1, letter),), shift)
        length = AXES[axes[number]][0]
        edge = Number("0") if shift < 0 else (Size if length in self.sizes else Number)(length)
        condition = (Place(((1, letter),), shift), ">=" if shift < 0 else "<", edge)
        return Choice(condition, Read(name, tuple(others)), self.leaf(scope))

    def reduction(self, scope, fuel):
        name = self.one_of("sum", "sum", *REDUCTIONS)
        if name == "softmax" and not scope:
            name = "sum"
        if name == "softmax":
            letters = (self.one_of(*scope),)
            return Reduction(name, letters, self.spoken_of(letters, self.value(scope, fuel)))
        letters = self.letters(2, least=1)
        inner = tuple(dict.fromkeys((*scope, *letters)))
        body = self.spoken_of(letters, self.value(inner, fuel))
        if name == "logsumexp" and self.happens(3) and len(inner) > 1:
            other = self.one_of(*(x for x in inner if x != letters[0]))
            body = Choice((Letter(letters[0]), "<=", Letter(other)), body, MASKED)
        return Reduction(name, letters, body)

    def spoken_of(self, letters, body):
        """The body, with each letter in it: a reduction over what is not there is refused."""
        for letter in letters:
            if letter not in letters_in(body):
                body = Operation("+", body, Operation("/", Letter(letter), Number("3")))
        return body

    def definition(self, name):
        letters = self.letters(3 if self.happens(4) else 2, COMMON)
        fuel = self.one_of(2, 3, 3, 4)
        if not letters or not self.happens(5):
            return Definition(name, letters, self.value(letters, fuel))
        run, *others = letters
        start, start_at = self.value(tuple(others), 1), self.one_of(-1, 0)
        past = Place(((1, run),), -1), *(self.place(LETTERS[x], tuple(others)) for x in others)
        inner = Operation(self.one_of("+", "*"), self.value(letters, 2), Read(name, past))
        right = Call(self.one_of("tanh", "sin", "sigmoid"), (inner,))
        return Definition(name, letters, right, start, start_at)


@st.composite
def random_systems(draw):
    """A system with a loss, whose sizes are 2 and 3."""
    maker = _Maker(draw, {"N": draw(st.integers(2, 3)), "K": draw(st.integers(2, 3))})
    # Every symbol of a size is that of an axis here.
    declared = {"x": ("input", ("n", "p"))}
    for name in PARAMETERS[: draw(st.integers(1, len(PARAMETERS)))]:
        declared[name] = ("parameter", maker.letters(2))
    for name in INPUTS[1 : draw(st.integers(1, len(INPUTS)))]:
        declared[name] = (maker.one_of("input", "target"), maker.letters(2))
    if maker.happens(3):
        declared["id"] = ("input", maker.letters(1, COMMON))
        maker.looks_up["id"] = maker.one_of(*COMMON)
    maker.axes.update({n: tuple(LETTERS[x] for x in ls) for n, (_, ls) in declared.items()})
    definitions = []
    for name in COMPUTED[: draw(st.integers(1, len(COMPUTED)))]:
        definitions.append(maker.definition(name))
        maker.axes[name] = tuple(LETTERS[x] for x in definitions[-1].letters)
    definitions.append(Definition("loss", (), _loss(maker, definitions)))
    seed, states_sizes, is_reversed = (
        draw(st.integers(0, 99)),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    return RandomSystem(declared, tuple(definitions), maker.sizes, seed, states_sizes, is_reversed)


def _loss(maker, definitions):
    """The sum of all that the last definition gives, and something besides."""
    last = definitions[-1]
    whole = Read(last.name, tuple(Place(((1, letter),)) for letter in last.letters))
    summed = Reduction("sum", last.letters, whole) if last.letters else whole
    return Operation("+", summed, maker.value((), 2))
