"""The nets that the tests run through: every row of the tables, and every pair that fits."""

import os
from functools import cache

import pytest

from symnn.activations import ACTIVATIONS
from symnn.derivation import derive
from symnn.losses import LOSSES
from symnn.misfits import misfit
from symnn.network import Network


def spec_for(output, loss, before="2-2", width=1):
    """A spec that ends in this output; two units where a loss or an output needs them."""
    width = 2 if output.sums_to_one or loss.targets_sum_to_one else width
    return f"{before}-{width}:{output.name}"


# The first rows, of which every pair that fits is met; each of the others is met at least once, as
# a hidden activation and, where it is another kind of formula than they, as an output.
FIRST_ACTIVATIONS = list(ACTIVATIONS)[:10]
FIRST_LOSSES = list(LOSSES.values())[:9]
OUTPUTS = [*FIRST_ACTIVATIONS, "log_softmax", "softmin", "prelu"]

# Output activation and loss, hidden tanh.
PAIRS = [
    (output, loss)
    for output in FIRST_ACTIVATIONS
    for loss in FIRST_LOSSES
    if not misfit(ACTIVATIONS[output], loss)
]


def covering(pairs):
    """Some of the pairs, so that each output and each loss is among them."""
    outputs, losses = (list(dict.fromkeys(names)) for names in zip(*pairs, strict=True))
    chosen = {}
    for k, output in enumerate(outputs):
        fitting = [pair for pair in pairs if pair[0] == output]
        chosen[fitting[k % len(fitting)]] = None
    met = {loss for _, loss in chosen}
    chosen |= {next(p for p in pairs if p[1] == loss): None for loss in losses if loss not in met}
    return list(chosen)


OUTPUT_NETS = [(spec_for(ACTIVATIONS[output], loss), loss.name) for output, loss in PAIRS] + [
    (spec_for(ACTIVATIONS[output], LOSSES["mse"], width=2), "mse")
    for output in OUTPUTS
    if output not in FIRST_ACTIVATIONS
]
# Each of the other losses once, on an output that fits it.
FITTING = {"focal": "1:sigmoid", "msle": "1:softplus", "kl_div": "2:log_softmax"}
FITTING |= {"nll": "2:log_softmax", "cosine": "2", "multi_margin": "2", "multilabel_margin": "2"}
OUTPUT_NETS += [(f"2-2-{FITTING.get(name, '1')}", name) for name in list(LOSSES)[9:]]
# Every pair is proved in test_derivation; elsewhere each row is met, and each pair where
# SYMNN_PAIRS=all.
FEW = PAIRS if os.environ.get("SYMNN_PAIRS") == "all" else covering(PAIRS)
SOME_OUTPUT_NETS = [(spec_for(ACTIVATIONS[output], loss), loss.name) for output, loss in FEW]
SOME_OUTPUT_NETS += OUTPUT_NETS[len(PAIRS) :]
HIDDEN_NETS = [(f"2-2:{hidden}-1", "mse") for hidden in ACTIVATIONS]
NETS = OUTPUT_NETS + HIDDEN_NETS
SOME_NETS = SOME_OUTPUT_NETS + HIDDEN_NETS

each_net = pytest.mark.parametrize(("spec", "loss"), NETS, ids=lambda value: value)
some_net = pytest.mark.parametrize(("spec", "loss"), SOME_NETS, ids=lambda value: value)
each_output = pytest.mark.parametrize(("spec", "loss"), OUTPUT_NETS, ids=lambda value: value)
each_hidden = pytest.mark.parametrize(("spec", "loss"), HIDDEN_NETS, ids=lambda value: value)


@cache
def derived(spec, loss="mse"):
    """The derivation of a net, once in a run."""
    return derive(Network(spec, loss=loss))


@cache
def compiled(spec, loss="mse"):
    """The compiled function of a net, once in a run."""
    return derived(spec, loss).lambdify()
