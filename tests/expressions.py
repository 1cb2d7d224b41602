"""Random indexed expressions: u is 2 by 2, v has 2 entries, w has 3, and c is a number."""

from hypothesis import strategies as st
from sympy import Idx, IndexedBase, Integer, Rational, Sum, Symbol, exp, sin, tanh

from symnn.binding import index, total

c = Symbol("c", real=True)
SHAPES = {"u": (2, 2), "v": (2,), "w": (3,)}
# Few letters, so that bound and free indices often bear one name.
LETTERS = {2: (index("i", 2), index("j", 2)), 3: (index("k", 3), index("l", 3))}
FUNCTIONS = (tanh, exp, sin)


@st.composite
def quantity_entries(draw, names=tuple(SHAPES)):
    name = draw(st.sampled_from(names))
    places = (st.sampled_from((*LETTERS[size], Integer(size - 1))) for size in SHAPES[name])
    return IndexedBase(name, real=True)[tuple(draw(place) for place in places)]


def grown(parts):
    """Sums, products, powers, functions and sums over an index of smaller expressions."""
    bound = st.sampled_from([f for letters in LETTERS.values() for f in letters])
    return st.one_of(
        st.builds(lambda a, b: a + b, parts, parts),
        st.builds(lambda a, b: a * b, parts, parts),
        st.builds(lambda a, e: a**e, parts, st.sampled_from((2, 3))),
        st.builds(lambda a: 1 / (2 + a**2), parts),
        st.builds(lambda f, a: f(a / 4), st.sampled_from(FUNCTIONS), parts),
        st.builds(total, parts, bound),
        st.builds(lambda a, f: Sum(a, f), parts, bound),
    )


indexed_expressions = st.recursive(
    st.one_of(quantity_entries(), st.sampled_from((c, Integer(2), Rational(-1, 3)))),
    grown,
    max_leaves=5,
)


def free_indices(expression):
    if isinstance(expression, Sum):
        return free_indices(expression.function) - {limit[0] for limit in expression.limits}
    if isinstance(expression, Idx):
        return {expression}
    return set().union(*(free_indices(a) for a in expression.args))
