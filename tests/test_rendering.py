"""Printed pages: accepted ones word for word, the famous short forms, and LaTeX that compiles.

The pages are in tests/golden; `tests/golden.py` says how new ones are accepted.
"""

import json
import re
from functools import cache

import pytest

from symnn import ACTIVATIONS, Network, derive, render
from symnn.errors import UnknownNameError
from symnn.rendering import FORMATS, FORMS, MOST_SCALARS, page_of, parameter_count
from symnn.version import __version__
from tests.golden import GOLDEN, compare
from tests.nets import FIRST_ACTIVATIONS, SOME_OUTPUT_NETS

NETS = {
    "line": ("1-1", "mse"),
    "two_layers": ("2-3:tanh-1:sigmoid", "bce"),
    "softmax": ("4-3:softmax", "cross_entropy"),
    "softmax_within": ("2-2:softmax-2", "mse"),
    "gelu_huber": ("2-3:gelu-2:tanh", "huber"),
    "wide": ("784-128:relu-10", "cross_entropy_with_logits"),
}
SUFFIXES = {
    "unicode": "txt",
    "text": "ascii.txt",
    "latex": "tex",
    "markdown": "md",
    "html": "html",
    "json": "json",
}
CHECK = "Checked: 2 of 2 against finite differences of L at 50 digits, worst 2·10⁻³⁵ (seed 0)"


@cache
def derived(spec, loss="mse"):
    return derive(Network(spec, loss=loss))


# Golden pages ---------------------------------------------------------------------------------

CASES = [
    *((net, "auto", format_, False) for net in NETS for format_ in FORMATS),
    *((net, "index", "unicode", False) for net in NETS),
    *((net, "auto", "unicode", True) for net in NETS),
    *((net, "scalar", "unicode", False) for net in NETS if net != "wide"),
    *(("two_layers", form, f, False) for form in ("index", "scalar") for f in ("text", "latex")),
    *(("two_layers", "auto", format_, True) for format_ in ("text", "latex", "json")),
]


def without_version(text):
    """The text without the one thing that a release changes."""
    return re.sub(r'"symnn": "[^"]*"', '"symnn": "…"', text)


@pytest.mark.parametrize(("net", "form", "format_", "with_steps"), CASES)
def test_the_page_is_the_accepted_one(net, form, format_, with_steps):
    page = page_of(derived(*NETS[net]), form, with_steps=with_steps, check=CHECK)
    words = [net, *([form] if form != "auto" else []), *(["steps"] if with_steps else [])]
    name = f"{'-'.join(words)}.{SUFFIXES[format_]}"
    compare(GOLDEN / name, FORMATS[format_](page), without_version)


def test_every_format_and_form_has_an_accepted_page_and_no_page_is_left_over():
    assert SUFFIXES.keys() == FORMATS.keys()
    assert {form for _, form, _, _ in CASES} == set(FORMS) - {"matrix"}
    assert len(list(GOLDEN.iterdir())) == len(CASES) == len(set(CASES))


# Short forms ----------------------------------------------------------------------------------

FAMOUS = {
    "the line": ("1-1", "mse", "auto", ["ŷ = w·x + b", "∂L/∂w = 2(ŷ − y)·x", "∂L/∂b = 2(ŷ − y)"]),
    "the loss of the line": ("1-1", "mse", "auto", ["L = (1/N) Σₙ (ŷₙ − yₙ)²"]),
    "the slope of the line": ("1-1", "mse", "auto", ["(2/N) Σₙ (ŷₙ − yₙ)·xₙ"]),
    "a linear layer": ("3-1", "mse", "matrix", ["(2/N) (ŷ − y)ᵀ x"]),
    "sigmoid with bce": ("2-3-1:sigmoid", "bce", "matrix", ["δ² = ∂L/∂z² = ", " = (ŷ − y)/N"]),
    "softmax with cross-entropy": (
        "2-3-2:softmax",
        "cross_entropy",
        "matrix",
        ["δ² = ∂L/∂z² = ", " = (ŷ − y)/N"],
    ),
    "cross-entropy with logits": (
        "2-3-2",
        "cross_entropy_with_logits",
        "matrix",
        ["δ² = ∂L/∂ŷ", "= (softmax(ŷ) − y)/N"],
    ),
    "tanh": ("2-3:tanh-1", "mse", "matrix", ["(δ² W²) ⊙ tanh′(z¹)", "(1 − a¹ ⊙ a¹)"]),
    "sigmoid": ("2-3:sigmoid-1", "mse", "matrix", ["(δ² W²) ⊙ σ′(z¹)", "a¹ ⊙ (1 − a¹)"]),
    "relu": ("2-3:relu-1", "mse", "matrix", ["(δ² W²) ⊙ 𝟏[z¹ > 0]"]),
    "tanh by itself": ("2-3:tanh-1", "mse", "scalar", ["(1 − (a¹₁)²)"]),
    "sigmoid by itself": ("2-3:sigmoid-1", "mse", "scalar", ["a¹₁·(1 − a¹₁)"]),
    "every gradient": (
        "2-3-1",
        "mse",
        "matrix",
        ["∂L/∂W² = δ²ᵀ a¹", "∂L/∂b² = Σₙ δ²ₙ", "∂L/∂W¹ = δ¹ᵀ x", "∂L/∂b¹ = Σₙ δ¹ₙ"],
    ),
    "every entry": ("2-3-1", "mse", "index", ["∂L/∂W¹ⱼᵢ = Σₙ δ¹ₙⱼ·xₙᵢ", "∂L/∂b¹ⱼ = Σₙ δ¹ₙⱼ"]),
}


@pytest.mark.parametrize(("spec", "loss", "form", "texts"), FAMOUS.values(), ids=FAMOUS.keys())
def test_the_famous_short_form_is_printed(spec, loss, form, texts):
    # Sides stand in columns; how wide those are is no matter here.
    page = re.sub(" +", " ", render(derived(spec, loss), form=form))
    assert [text for text in texts if text not in page] == []


def test_the_targets_sum_to_1_is_said_only_where_it_is_used():
    words = "The targets y of each sample sum to 1, as the loss declares"
    assert words in render(derived("2-2:softmax", "cross_entropy"))
    assert words not in render(derived("2-2:softmax", "mse"))


# Every row ------------------------------------------------------------------------------------

PAIRS = [(spec.replace("2-2-", "2-"), loss) for spec, loss in SOME_OUTPUT_NETS]
HIDDEN = [(f"1-2:{name}-1:sigmoid", "bce") for name in FIRST_ACTIVATIONS]
HIDDEN += [(f"1-2:{name}-1", "mse") for name in ACTIVATIONS if name not in FIRST_ACTIVATIONS]
EVERY = [*NETS.values(), *PAIRS, *HIDDEN]

FAULTS = {
    "not ASCII": ("text", r"[^\x00-\x7f]"),
    "as SymPy writes": ("unicode", r"Piecewise|Sum\(|Derivative|Indexed|Dummy|_\d|\*"),
}


def faults(printed):
    """What should not stand in pages, by format, of which each is a text."""
    found = {name: re.findall(sign, printed[f]) for name, (f, sign) in FAULTS.items()}
    return {name: signs for name, signs in found.items() if signs}


@pytest.mark.parametrize(("spec", "loss"), EVERY)
def test_every_row_is_printed_in_the_signs_of_each_format_alone(spec, loss):
    for page in pages_of(spec, loss):
        assert faults({f: FORMATS[f](page) for f in ("unicode", "text")}) == {}


@pytest.mark.parametrize(
    ("format_", "text", "fault"),
    [
        ("text", "ŷ", "not ASCII"),
        ("unicode", "W1_0_2", "as SymPy writes"),
        ("unicode", "a**2", "as SymPy writes"),
    ],
)
def test_a_sign_that_does_not_belong_is_seen(format_, text, fault):
    right = {"unicode": "ŷ = w·x", "text": "a**2"}
    assert faults(right) == {}
    assert list(faults(right | {format_: text})) == [fault]


@cache
def pages_of(spec, loss):
    """A net in indices with its steps, in matrices, and in scalars where it is small."""
    derivation = derived(spec, loss)
    is_small = parameter_count(derivation) <= MOST_SCALARS
    return [
        page_of(derivation, "index", with_steps=True, check=CHECK),
        page_of(derivation, "matrix", check=CHECK),
        *([page_of(derivation, "scalar", check=CHECK)] if is_small else []),
    ]


# Formats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("spec", "loss"), NETS.values(), ids=NETS)
def test_json_has_every_formula_of_the_page_in_three_notations(spec, loss):
    for page in pages_of(spec, loss):
        read = json.loads(FORMATS["json"](page))
        assert (read["symnn"], read["format"], read["title"]) == (__version__, 1, page.title)
        assert len(read["sections"]) == len(page.sections)
        for section, printed in zip(page.sections, read["sections"], strict=True):
            formulas = [f for row in section.rows for f in row]
            assert [len(f["sides"]) for f in printed["formulas"]] == [
                len(f.sides) for f in formulas
            ]
            for formula in printed["formulas"]:
                assert all({"text", "unicode", "latex"} == side.keys() for side in formula["sides"])


def test_markdown_is_the_latex_between_dollars():
    derivation = derived("2-3:tanh-1:sigmoid", "bce")
    blocks = r"\\begin\{alignat\*\}\{\d\}\n(.*?)\n\\end\{alignat\*\}"
    formulas = re.findall(blocks, render(derivation, "latex"), re.S)
    marked = re.findall(
        r"\$\$\n\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}\n\$\$",
        render(derivation, "markdown"),
        re.S,
    )
    assert marked == [formula.replace(r"\\*", r"\\") for formula in formulas]
    assert len(formulas) == 4


def test_lines_do_not_end_in_blanks_and_pages_end_in_one_newline():
    for net in NETS.values():
        laid_out = page_of(derived(*net), check=CHECK)
        for format_, printed in FORMATS.items():
            page = printed(laid_out)
            assert [line for line in page.splitlines() if line != line.rstrip()] == [], format_
            assert page.endswith("\n")
            assert not page.endswith("\n\n")


def test_a_name_that_no_table_has_is_refused():
    with pytest.raises(UnknownNameError, match="no format named 'unicod'; did you mean 'unicode'"):
        render(derived("1-1"), "unicod")
    with pytest.raises(UnknownNameError, match="no form named 'matrices'; did you mean 'matrix'"):
        render(derived("1-1"), form="matrices")
