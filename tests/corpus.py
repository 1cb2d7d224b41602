"""Everything that a page can hold: each activation, loss, layer and example, in every form."""

import os
from functools import cache

from symnn import ACTIVATIONS, LAYERS, LOSSES, Network, System, derive
from symnn.misfits import misfit
from symnn.notations import NOTATIONS
from symnn.rendering import page_of
from tests.documents import ROOT

# Layers have long steps: SYMNN_EVERY_STEP=1 pytest tests/test_renderers.py has them too.
EVERY_STEP = bool(os.environ.get("SYMNN_EVERY_STEP"))
CHECK = "Checked: 2 of 2 against finite differences of L at 50 digits, worst 2·10⁻³⁵ (seed 0)"
EXAMPLES = sorted((ROOT / "examples").glob("*.eqs"))


def _output(loss):
    """The first activation whose output the loss takes."""
    return next(row for row in ACTIVATIONS.values() if not misfit(row, loss))


def _ending(loss):
    several = loss.targets_sum_to_one or _output(loss).sums_to_one
    return f"{2 if several else 1}:{_output(loss).name}"


NETS = {
    **{f"activation {name}": (f"1-2:{name}-1:sigmoid", "bce") for name in ACTIVATIONS},
    **{f"loss {loss.name}": (f"2-{_ending(loss)}", loss.name) for loss in LOSSES.values()},
    "a line": ("1-1", "mse"),
    "two layers": ("2-3:tanh-1:sigmoid", "bce"),
    "three layers": ("2-3:tanh-2:relu-2", "mse"),
    "softmax within": ("2-2:softmax-2", "mse"),
    "wide": ("784-128:relu-10", "cross_entropy_with_logits"),
    # A layer says of itself how it is typed.
    **{
        f"layer {name}": (row.example, "mse")
        for name, row in LAYERS.items()
        if hasattr(row, "example")
    },
}
# What has every sign that a notation changes: names of all kinds, layers, transposes, logarithms.
# SYMNN_EVERY_NOTATION=1 pytest tests/test_renderers.py has every page in each.
FEW = ("a line", "two layers", "three layers", "softmax within", "loss bce")
IN_EVERY_NOTATION = (
    (*NETS, *(path.name for path in EXAMPLES)) if os.environ.get("SYMNN_EVERY_NOTATION") else FEW
)


@cache
def derivation(name):
    """The derivation of one of the nets, or of an example by its file's name."""
    if name in NETS:
        spec, loss = NETS[name]
        return derive(Network(spec, loss=loss))
    return derive(System.parse((ROOT / "examples" / name).read_text(encoding="utf-8")))


def names():
    """What each page shows, in the order of `pages`."""
    plain = [(name, "symnn") for name in [*NETS, *(path.name for path in EXAMPLES)]]
    return [*plain, *((name, notation) for notation in NOTATIONS for name in IN_EVERY_NOTATION)]


def pages():
    """Each page with what it shows: all with their steps, and some in every notation."""
    every = len(NETS) + len(EXAMPLES)
    for k, (name, notation) in enumerate(names()):
        if k < every:
            yield name, page(name, "index", with_steps=not name.startswith("layer ") or EVERY_STEP)
            yield name, page(name)
        else:
            is_small = name in FEW or name.startswith(("activation ", "loss "))
            for form in ("matrix", "scalar" if is_small else "index"):
                yield f"{name}, {notation}", page(name, form, notation=notation)


WITH_NUMBERS = {
    "a line": "w=-0.5,b=1e-9,x=2,y=3",
    "two layers": "random",
    "loss bce": "x=[[0,-1],[3e-7,0.123456789]],y=[1,0.5],W1=[0.1,-0.2],b1=0.3",
}


def pages_with_numbers():
    """Pages with numbers in them, of one sample and of two."""
    for name, values in WITH_NUMBERS.items():
        found = derivation(name)
        yield f"{name}, with numbers", page_of(found, work=found.at(values), check=CHECK)


def page(name, form="auto", **options):
    """The page of a net or an example."""
    return page_of(derivation(name), form, check=CHECK, **options)
