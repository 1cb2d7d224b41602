"""Worked examples that others have published, to every digit that they print.

A number agrees if it is the published one when it is rounded to as many places. The same numbers
stand in docs/worked-examples.md.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import mpmath
import pytest

from symnn import Network, System, derive


class Example(NamedTuple):
    """A model, its values, the step, what was published of it, and where."""

    model: Network | System
    values: str
    published: dict[str, object]
    source: str
    lr: str = "0.1"
    wrt: tuple[str, ...] | None = None


MAZUR = Example(
    Network("2-2:sigmoid-2:sigmoid"),
    "W1=[[0.15,0.2],[0.25,0.3]],b1=[0.35,0.35],W2=[[0.4,0.45],[0.5,0.55]],b2=[0.6,0.6],"
    "x=[0.05,0.1],y=[0.01,0.99]",
    {
        "z1": [["0.3775", "0.3925"]],
        "a1": [["0.593269992", "0.596884378"]],
        "z2": [["1.105905967", None]],
        "yhat": [["0.75136507", "0.772928465"]],
        "L": "0.298371109",
        "delta2": [["0.138498562", None]],
        "dL_dW2": [["0.082167041", None], [None, None]],
        "dL_dW1": [["0.000438568", None], [None, None]],
        "updated W2": [["0.35891648", "0.408666186"], ["0.511301270", "0.561370121"]],
        "updated W1": [["0.149780716", "0.19956143"], ["0.24975114", "0.29950229"]],
    },
    "Mazur 2015, A step by step backpropagation example, "
    "https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/",
    lr="0.5",
)

XOR = Example(
    Network("2-2:relu-1"),
    "W1=[[1,1],[1,1]],b1=[0,-1],W2=[1,-2],b2=0,x=[[0,0],[0,1],[1,0],[1,1]],y=[0,1,1,0]",
    {
        "z1": [["0", "-1"], ["1", "0"], ["1", "0"], ["2", "1"]],
        "a1": [["0", "0"], ["1", "0"], ["1", "0"], ["2", "1"]],
        "yhat": [["0"], ["1"], ["1"], ["0"]],
        "L": "0",
    },
    "Goodfellow, Bengio and Courville 2016, Deep learning, section 6.1, "
    "https://www.deeplearningbook.org/contents/mlp.html",
)

CIRCUIT = Example(
    System.parse("parameter x, y, z; q = x + y; loss = q*z"),
    "x=-2,y=5,z=-4",
    {
        "q": "3",
        "loss": "-12",
        "dL_dq": "-4",
        "dL_dx": "-4",
        "dL_dy": "-4",
        "dL_dz": "3",
    },
    "CS231n, Backpropagation, intuitions, https://cs231n.github.io/optimization-2/",
)

NEURON = Example(
    System.parse("input x[i:2]; parameter w[i], b\nz = sum(i, w[i]*x[i]) + b\nloss = sigmoid(z)"),
    "w=[2,-3],b=-3,x=[-1,-2]",
    {
        "z": "1.0",
        "loss": "0.73",
        "dL_dz": "0.2",
        "dL_dw": ["-0.20", "-0.39"],
        "dL_db": "0.20",
        "dL_dx": ["0.39", "-0.59"],
    },
    "CS231n, Backpropagation, intuitions, https://cs231n.github.io/optimization-2/",
    wrt=("z", "w", "b", "x"),
)

SCORES = Example(
    Network("1-3:softmax", loss="cross_entropy"),
    "W1=[1,-2,0],b1=[0,0,0],x=1,y=[1,0,0]",
    {"z1": [["1", "-2", "0"]], "yhat": [["0.7", "0.04", "0.26"]]},
    "CS231n, Linear classification, https://cs231n.github.io/linear-classify/",
)

HALF_SCORES = SCORES._replace(
    values="W1=[0.5,-1,0],b1=[0,0,0],x=1,y=[1,0,0]",
    published={"yhat": [["0.55", "0.12", "0.33"]]},
)

SLOW = Example(
    Network("1-1:sigmoid"),
    "w=0.6,b=0.9,x=1,y=0",
    {"yhat": [["0.82"]]},
    "Nielsen 2015, Neural networks and deep learning, chapter 3, "
    "http://neuralnetworksanddeeplearning.com/chap3.html",
    lr="0.15",
)

SLOWER = SLOW._replace(values="w=2,b=2,x=1,y=0", published={"yhat": [["0.98"]]})

EXAMPLES = {
    "Mazur": MAZUR,
    "Goodfellow's XOR": XOR,
    "CS231n's circuit": CIRCUIT,
    "CS231n's neuron": NEURON,
    "CS231n's softmax": SCORES,
    "CS231n's softmax, regularized": HALF_SCORES,
    "Nielsen's neuron": SLOW,
    "Nielsen's saturated neuron": SLOWER,
}


def worked(example):
    return derive(example.model, example.wrt).at(example.values, lr=example.lr)


def found_in(work, key):
    name = key.removeprefix("updated ")
    return work.updated[name] if name != key else work[name]


def agrees(value, published):
    """Whether a value is what was published, rounded to as many places."""
    if published is None:
        return True
    if isinstance(published, list):
        pairs = zip(value, published, strict=True)
        return all(agrees(v, p) for v, p in pairs)
    number = Decimal(mpmath.nstr(mpmath.mpf(value), 17, strip_zeros=False))
    return number.quantize(Decimal(published), rounding=ROUND_HALF_UP) == Decimal(published)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_digit_is_as_published(name):
    example = EXAMPLES[name]
    work = worked(example)
    for key, published in example.published.items():
        assert agrees(found_in(work, key), published), (key, found_in(work, key), published)


def test_the_error_after_the_step_is_that_of_the_weights():
    """The post prints 0.291027924, which is not the error at the weights that it prints."""
    moved = worked(MAZUR).updated
    values = {
        "W1": moved["W1"],
        "W2": moved["W2"],
        "b1": [0.35, 0.35],
        "b2": [0.6, 0.6],
        "x": [0.05, 0.1],
        "y": [0.01, 0.99],
    }
    assert agrees(derive(MAZUR.model).at(values)["L"], "0.291027774")


def test_another_last_digit_is_seen():
    assert agrees(0.298371109, "0.298371109")
    assert not agrees(0.298371109, "0.298371108")
    assert not agrees([[0.73, -0.5]], [["0.73", "-0.4"]])


def test_every_example_has_its_source():
    assert all("http" in example.source for example in EXAMPLES.values())
