"""The specs that a user types: what they mean, and every error word for word."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnn.calls import MAX_LENGTH, Call, parse_call
from symnn.errors import SpecError
from symnn.language import MAX_WIDTH, LayerSpec, Wanted, parse_spec, parse_wanted

EXAMPLE = "as in 2-3:tanh-1:sigmoid"
SIZE = f"a size is a whole number from 1 to {MAX_WIDTH}, {EXAMPLE}"

READ = {
    "1-1": (1, [(1, None)]),
    "2-3:tanh-1:sigmoid": (2, [(3, "tanh"), (1, "sigmoid")]),
    " 4-2 ": (4, [(2, None)]),
    "784-512-512-10": (784, [(512, None), (512, None), (10, None)]),
    "2-1:my_function2": (2, [(1, "my_function2")]),
    f"{MAX_WIDTH}-1": (MAX_WIDTH, [(1, None)]),
    "007-1": (7, [(1, None)]),
    "2-3:elu(alpha=0.5)-1": (2, [(3, Call("elu", (), (("alpha", Fraction(1, 2)),))), (1, None)]),
    "2-3:f(-1, b = -1e-3)-1": (2, [(3, Call("f", (-1,), (("b", Fraction(-1, 1000)),))), (1, None)]),
    "2-3:f()": (2, [(3, "f")]),
}
CALLS = {
    "f": Call("f"),
    " f ( 8, 3 ,stride=2) ": Call("f", (8, 3), (("stride", 2),)),
    "f(+3,-2.,.5,1E2,1/3)": Call("f", (3, -2, Fraction(1, 2), 100, Fraction(1, 3))),
}
REFUSED_CALLS = {
    "": "'' is no name of an activation; use letters, digits and '_'",
    "(3)": "'(3)' is no name of an activation; use letters, digits and '_'",
    "f(3": "'f(3' has no closing ')'; write it as elu(alpha=0.5)",
    "f(3)g": "'g' stands after the ')' of f; write nothing after it",
    "f(g(3))": "argument 1 of f is 'g(3'; an argument is a number, as in elu(alpha=0.5)",
    "f(3,)": "argument 2 of f is ''; an argument is a number, as in elu(alpha=0.5)",
    "f(a=)": "argument 1 of f is ''; an argument is a number, as in elu(alpha=0.5)",
    "f(a=nan)": "argument 1 of f is 'nan'; an argument is a number, as in elu(alpha=0.5)",
    "f(1/0)": "argument 1 of f is '1/0'; an argument is a number, as in elu(alpha=0.5)",
    "f(1e999)": "argument 1 of f is '1e999'; an argument is a number, as in elu(alpha=0.5)",
    "f(1_0)": "argument 1 of f is '1_0'; an argument is a number, as in elu(alpha=0.5)",
    "f(٣)": "argument 1 of f is '٣'; an argument is a number, as in elu(alpha=0.5)",
    "f(a=1,a=2)": "argument 2 of f gives a for the second time; give it once",
    "f(a=1,2)": "argument 2 of f has no name, after one that has; put it first or name it",
    "f(1==2)": "argument 1 of f is for '1=', which is no name of an option",
    "f(" + "1," * 100 + "1)": "f has 101 arguments; at most 100 are read",
}
REFUSED = {
    "2--1": f"spec '2--1': size 2 is missing; every part begins with a size, {EXAMPLE}",
    "2-3-": f"spec '2-3-': size 3 is missing; every part begins with a size, {EXAMPLE}",
    "-1": f"spec '-1': size 1 is missing; every part begins with a size, {EXAMPLE}",
    "2-:tanh": f"spec '2-:tanh': size 2 is missing; every part begins with a size, {EXAMPLE}",
    "2-0-1": f"spec '2-0-1': size 2 is '0'; {SIZE}",
    "a-b": f"spec 'a-b': size 1 is 'a'; {SIZE}",
    "2x0-1": f"spec '2x0-1': size 1 is '0'; {SIZE}",
    "2-f(3": f"spec '2-f(3': 'f(3' has no closing ')'; close it at its end, {EXAMPLE}",
    "2-f(3,)": f"spec '2-f(3,)': argument 2 of f is missing; give one, {EXAMPLE}",
    "2-f(a=1,2)": (
        f"spec '2-f(a=1,2)': argument 2 of f has no name, after one that has; "
        f"put it first or name it, {EXAMPLE}"
    ),
    "2-3.5": f"spec '2-3.5': size 2 is '3.5'; {SIZE}",
    "2-+3": f"spec '2-+3': size 2 is '+3'; {SIZE}",
    "2-1_0": f"spec '2-1_0': size 2 is '1_0'; {SIZE}",
    "2- 3": f"spec '2- 3': size 2 is ' 3'; {SIZE}",
    "2-²": f"spec '2-²': size 2 is '²'; {SIZE}",
    "2-٣": f"spec '2-٣': size 2 is '٣'; {SIZE}",
    "10000001-1": f"spec '10000001-1': size 1 is '10000001'; {SIZE}",
    "2-3:": f"spec '2-3:': size 2 has a ':' and no activation; name one after it, {EXAMPLE}",
    "2-3:ta nh": (
        f"spec '2-3:ta nh': 'ta nh' is no name of an activation; "
        f"use letters, digits and '_', {EXAMPLE}"
    ),
    "2-3:a:b": (
        f"spec '2-3:a:b': 'a:b' is no name of an activation; use letters, digits and '_', {EXAMPLE}"
    ),
    "2-1:__import__('os')": (
        "spec \"2-1:__import__('os')\": \"__import__('os')\" is no name of an activation; "
        f"use letters, digits and '_', {EXAMPLE}"
    ),
    "2": f"spec '2': it has no layer; join at least two sizes by '-', {EXAMPLE}",
    "": f"spec '': it has no layer; join at least two sizes by '-', {EXAMPLE}",
    "2:tanh-1": (
        f"spec '2:tanh-1': the input has an activation ('2:tanh'); "
        f"only layers after it can, {EXAMPLE}"
    ),
}


@pytest.mark.parametrize(("text", "meaning"), READ.items(), ids=READ)
def test_a_spec_is_read(text, meaning):
    inputs, layers = meaning
    assert parse_spec(text) == ((inputs,), tuple(typed(*layer) for layer in layers))


def typed(width, activation):
    """A layer as typed, its activation as a call or by its name."""
    row = Call(activation) if isinstance(activation, str) else activation
    return LayerSpec("dense", (str(width),), row)


@pytest.mark.parametrize(("text", "meaning"), CALLS.items(), ids=CALLS)
def test_a_call_is_read_and_its_text_is_the_same_call(text, meaning):
    assert parse_call(text) == meaning
    assert parse_call(str(meaning)) == meaning


@pytest.mark.parametrize(("text", "message"), REFUSED_CALLS.items(), ids=REFUSED_CALLS)
def test_a_malformed_call_is_refused_with_the_argument_that_is(text, message):
    with pytest.raises(SpecError) as error:
        parse_call(text, "an activation")
    assert str(error.value) == message


@pytest.mark.parametrize(("text", "message"), REFUSED.items(), ids=REFUSED)
def test_a_malformed_spec_is_refused_with_the_part_that_is(text, message):
    with pytest.raises(SpecError) as error:
        parse_spec(text)
    assert str(error.value) == message


def test_a_spec_that_is_too_long_is_refused_unread():
    with pytest.raises(SpecError) as error:
        parse_spec("-".join(["1"] * MAX_LENGTH))
    assert str(error.value) == "the spec has 19999 characters; at most 10000 are read"


def test_a_size_of_many_digits_is_refused_in_one_short_line():
    with pytest.raises(SpecError) as error:
        parse_spec("2-" + "9" * 5000)
    assert len(str(error.value)) < 250
    assert "\n" not in str(error.value)


specs = st.lists(
    st.tuples(
        st.integers(1, MAX_WIDTH),
        st.one_of(st.none(), st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)),
    ),
    min_size=2,
    max_size=6,
)


@settings(deadline=None)
@given(specs)
def test_what_is_written_is_read_back(parts):
    layers = [(parts[0][0], None), *parts[1:]]
    text = "-".join(f"{width}:{name}" if name else f"{width}" for width, name in layers)
    assert parse_spec(text) == ((layers[0][0],), tuple(typed(*layer) for layer in layers[1:]))


numbers = st.one_of(
    st.integers(-(10**20), 10**20), st.fractions(-(10**9), 10**9, max_denominator=10**9)
)
names = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,5}", fullmatch=True)


@settings(deadline=None)
@given(names, st.lists(numbers, max_size=3), st.dictionaries(names, numbers, max_size=3))
def test_any_call_is_the_call_that_its_text_says(name, arguments, options):
    whole = [int(n) if n == int(n) else n for n in arguments]
    call = Call(name, tuple(whole), tuple(options.items()))
    assert parse_call(str(call)) == call


almost_specs = st.text(alphabet="0123456789-:_ tanhé²٣.+()", max_size=30)


@settings(max_examples=300, deadline=None)
@given(st.one_of(almost_specs, st.text(max_size=50)))
def test_any_text_is_read_or_refused_in_one_line(text):
    assert "\n" not in refusal(parse_spec, text)
    if not refusal(parse_spec, text):
        inputs, layers = parse_spec(text)
        widths = [int(layer.arguments[0]) for layer in layers if layer.name == "dense"]
        assert all(1 <= width <= MAX_WIDTH for width in (*inputs, *widths))


def refusal(parse, text):
    """Why a parser refuses a text; empty where it does not."""
    try:
        parse(text)
    except SpecError as error:
        return str(error)
    return ""


WANTED = {
    "W2": Wanted("W2"),
    "W2[1,3]": Wanted("W2", (1, 3)),
    " W2 [1, 3] ": Wanted("W2", (1, 3)),
    "b1[2]": Wanted("b1", (2,)),
    "x": Wanted("x"),
}


@pytest.mark.parametrize(("text", "meaning"), WANTED.items(), ids=WANTED)
def test_a_wanted_entry_is_read(text, meaning):
    assert parse_wanted(text) == meaning
    assert parse_wanted(str(meaning)) == meaning


@pytest.mark.parametrize("text", ["", "2W", "W[", "W[]", "W[1,]", "W[a]", "W[-1]", "W1;x", "Wé"])
def test_what_is_no_name_of_a_quantity_is_refused(text):
    with pytest.raises(SpecError) as error:
        parse_wanted(text)
    assert str(error.value) == (f"{text!r} is no name of a quantity; give one as W2 or as W2[1,3]")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(alphabet="W12[],x ", max_size=12), st.text(max_size=20)))
def test_any_text_is_a_quantity_or_refused_in_one_line(text):
    assert "\n" not in refusal(parse_wanted, text)
    assert refusal(parse_wanted, text) or parse_wanted(text).name
