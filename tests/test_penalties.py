"""Penalties: what they add to the loss and to its derivatives, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from mpmath import mpf
from sympy import Abs, Symbol

from symnn import Network, Penalty, check, derive
from symnn.errors import SymnnError
from symnn.evaluation import value_of
from symnn.functions import U
from symnn.penalties import PENALTIES, penalties_of
from symnn.published import PENALTY_FORMULAS
from symnn.reference import penalty_of
from symnn.rendering import FORMATS, page_of

ROWS = pytest.mark.parametrize("row", PENALTIES.values(), ids=PENALTIES)
WEIGHTS = ("W1", "W2")
EVERYTHING = ("W1", "b1", "W2", "b2")

# What is given, and the term of each weight w of the parameters that it is on.
CHOICES = {
    "l1": ("l1", lambda w: Abs(w) / 100, WEIGHTS),
    "l2": ("l2(0.3)", lambda w: 3 * w**2 / 10, WEIGHTS),
    "elastic net": (
        "elastic_net(lambda=0.1, l1_ratio=1/4)",
        lambda w: Abs(w) / 40 + 3 * w**2 / 40,
        WEIGHTS,
    ),
    "on one parameter": ("l2(2):W2", lambda w: 2 * w**2, ("W2",)),
    "on biases": ("l1(2): b1, b2", lambda w: 2 * Abs(w), ("b1", "b2")),
    "a pair": (("ridge", ["b2"]), lambda w: w**2 / 100, ("b2",)),
    "a row": (PENALTIES["l1"].with_options(lambd=3), lambda w: 3 * Abs(w), WEIGHTS),
    "one's own": (Penalty("quartic", "quartic", U**4, "own"), lambda w: w**4, WEIGHTS),
    "two": (["l2(1)", "l2(1)"], lambda w: 2 * w**2, WEIGHTS),
    "of strength 0": ("l1(0)", lambda w: 0 * w, WEIGHTS),
}
each_choice = pytest.mark.parametrize(("given", "term", "names"), CHOICES.values(), ids=CHOICES)
PLAIN = derive(Network("2-2-1"))


def entries(*names):
    """The scalars of these parameters of a 2-2-1 net, by parameter and place."""
    shapes = PLAIN.model.parameter_shapes
    return {
        (name, place): Symbol("_".join(map(str, (name, *place))), real=True)
        for name in names
        for place in np.ndindex(shapes[name])
    }


@each_choice
def test_the_loss_is_the_plain_one_and_the_terms_of_each_weight(given, term, names):
    loss = derive(Network("2-2-1", penalty=given)).loss
    added = sum(term(w) for w in entries(*names).values())
    assert sympy.expand(loss - PLAIN.loss - added) == 0


@each_choice
def test_every_derivative_is_the_plain_one_and_that_of_its_term(given, term, names):
    derivation = derive(Network("2-2-1", penalty=given))
    for (name, place), w in entries(*EVERYTHING).items():
        added = sympy.diff(term(w), w) if name in names else 0
        difference = derivation.partial(name, *place) - PLAIN.partial(name, *place) - added
        assert sympy.expand(difference) == 0


def test_another_strength_is_another_derivative():
    derivation = derive(Network("2-2-1", penalty="l2(0.5)"))
    w = Symbol("W1_0_1", real=True)
    difference = derivation.partial("W1", 0, 1) - PLAIN.partial("W1", 0, 1)
    assert sympy.expand(difference - w) == 0
    assert sympy.expand(difference - w / 50) != 0


def printed(penalty):
    return FORMATS["unicode"](page_of(derive(Network("1-1", penalty=penalty))))


@pytest.mark.parametrize(
    ("penalty", "loss", "gradient"),
    [("l2(0.01)", "w²/100", "w/50"), ("l2(0.25)", "w²/4", "w/2")],
    ids=["a hundredth", "a quarter"],
)
def test_no_common_denominator_joins_the_error_and_a_penalty_in_print(penalty, loss, gradient):
    page = printed(penalty)
    assert f"L = (1/N) Σₙ (ŷₙ − yₙ)² + {loss}\n" in page
    assert f"∂L/∂w = 2(ŷ − y)·x + {gradient}\n" in page


def test_a_page_names_its_penalties_and_their_parameters():
    page = printed(["l2", "l1(0.5):b1"])
    assert "l2 penalty, λ = 1/100 · l1 penalty, λ = 1/2 on b1 · 2 parameters" in page
    assert "|w|′ = 0 at w = 0, as in PyTorch" in page


@ROWS
def test_a_penalty_has_the_published_value(row):
    weights = [mpf(w) for w in ("-1.5", "0", "0.25", "3")]
    options = {o.name: value_of(o.value, {}, {}) for o in row.options}
    own = sum(value_of(row.expression, {U.name: {(): w}}, {}) for w in weights)
    assert abs(PENALTY_FORMULAS[row.name](weights, **options) - own) < 1e-14
    assert penalty_of(row, weights) == PENALTY_FORMULAS[row.name](weights, **options)
    assert penalty_of(replace(row, formula=row.formula + U), weights) != own


@ROWS
@pytest.mark.parametrize("names", [(), ("W1", "b2")], ids=["all weights", "two parameters"])
def test_the_gradients_are_those_of_pytorch(row, names, torch):
    given = row.with_options(lambd=0.3).on(*names)
    network = Network("3-2-2", penalty=given)
    generator = np.random.default_rng(0)
    values = {k: generator.normal(size=shape) for k, shape in network.parameter_shapes.items()}
    values["W1"][0, 1] = 0.0
    x, y = generator.normal(size=(5, 3)), generator.normal(size=(5, 2))
    loss, gradients = derive(network).lambdify()(values, x, y)

    twins = {k: torch.tensor(v, requires_grad=True) for k, v in values.items()}
    hidden = torch.tanh(torch.tensor(x) @ twins["W1"].T + twins["b1"])
    expected = torch.nn.MSELoss()(hidden @ twins["W2"].T + twins["b2"], torch.tensor(y))
    chosen = [twins[name] for name in names or WEIGHTS]
    l1, l2 = sum(w.abs().sum() for w in chosen), sum((w**2).sum() for w in chosen)
    expected = expected + 0.3 * {"l1": l1, "l2": l2, "elastic_net": (l1 + l2) / 2}[row.name]
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    for name, gradient in gradients.items():
        assert gradient == pytest.approx(twins[name].grad.numpy(), rel=1e-12, abs=1e-14)


def test_the_slope_at_a_weight_of_0_is_0_and_the_page_says_so():
    derivation = derive(Network("1-1", penalty="l1(2)"))
    _, gradients = derivation.lambdify()({"W1": [[0.0]], "b1": [0.0]}, [[1.0]], [[0.0]])
    assert gradients["W1"] == 0
    assert PENALTIES["l1"].policy == PENALTIES["elastic_net"].policy
    assert PENALTIES["elastic_net"].with_options(l1_ratio=0).policy == ""
    assert PENALTIES["l2"].policy == ""


def test_the_check_finds_nothing_off():
    given = ["l1:W1,b2", "l2(0.3)", "elastic_net(1,0.3)", CHOICES["one's own"][0]]
    assert check(derive(Network("2-2-1", penalty=given))).ok


def test_the_check_sees_a_penalty_that_is_off(monkeypatch):
    doubled = {**PENALTY_FORMULAS, "l2": lambda weights, lambd: 2 * lambd * sum(weights)}
    monkeypatch.setattr("symnn.reference.PENALTY_FORMULAS", doubled)
    assert not check(derive(Network("2-2-1", penalty="l2"))).ok


# The weights of other layers than dense ones.
WEIGHTS_OF = {
    "6x2-rnn(2)-flatten-1": {"W1", "U1", "W3"},
    "4-layernorm-2:prelu-1": {"W2", "W3"},
    "4-embedding(5,2)-flatten-1": {"E1", "W3"},
    "1x4x4-conv2d(2,3)-flatten-1": {"W1", "W3"},
}


@pytest.mark.parametrize("spec", WEIGHTS_OF)
def test_all_weights_are_what_starts_at_random(spec):
    system = Network(spec, penalty="l2").system
    plain = Network(spec).system
    added = system.equation("L").expression - plain.equation("L").expression
    assert {str(a.base) for a in added.atoms(sympy.Indexed)} == WEIGHTS_OF[spec]


def test_a_shrunk_network_keeps_its_penalties():
    network = Network("20-30-1", penalty=["l1", "l2:W2"])
    assert network.shrunk().penalties == network.penalties


def test_a_network_is_shown_with_its_penalties():
    assert repr(Network("2-1:relu", penalty="l2(0.1)")) == (
        "Network('2-1:relu', loss='mse', penalty='l2(lambd=0.1)')"
    )
    assert repr(Network("2-1:relu", penalty=["l2", ("l1", ["W1", "b1"])])) == (
        "Network('2-1:relu', loss='mse', penalty=['l2', 'l1:W1,b1'])"
    )
    assert Network("2-1", penalty=[]).penalties == ()


def test_two_penalties_in_a_tuple_are_no_pair():
    assert [row.label for row in penalties_of(("l1", "l2"))] == ["l1", "l2"]
    assert penalties_of(penalties_of(["l1", ("l2", ("W1",))])) == penalties_of(["l1", "l2:W1"])


REFUSALS = {
    "no name": ("", "'' is no name of a penalty; use letters, digits and '_'"),
    "an unknown name": ("l3", "no penalty named 'l3'; Known: elastic_net, l1, l2"),
    "a negative strength": ("l1(-1)", "l1 with lambd = -1: it must have lambd >= 0"),
    "a ratio above 1": (
        "elastic_net(1,2)",
        "elastic_net with l1_ratio = 2: it must have l1_ratio <= 1",
    ),
    "an unknown option": ("l2(beta=1)", "l2 has no option 'beta'; it has lambd"),
    "an unknown parameter": ("l2:W3", "no parameter named 'W3'; Known: W1, W2, b1, b2"),
    "a name left out": (
        "l2:W1,",
        "the penalty l2 is on no parameter; name one, as in l1(0.1):W1,W2, or leave out the names "
        "for all weights",
    ),
    "a pair without names": (
        ("l2", []),
        "the penalty l2 is on no parameter; name one, as in l1(0.1):W1,W2, or leave out the names "
        "for all weights",
    ),
    "a number": (
        0.01,
        "a penalty is '0.01'; give a name, a row of the table, or a pair of one and names of "
        "parameters",
    ),
    "a number among others": (
        ["l2", 0.01],
        "a penalty is '0.01'; give a name, a row of the table, or a pair of one and names of "
        "parameters",
    ),
}


@pytest.mark.parametrize(("given", "message"), REFUSALS.values(), ids=REFUSALS)
def test_a_penalty_is_refused_in_one_line(given, message):
    with pytest.raises(SymnnError) as caught:
        Network("2-2-1", penalty=given)
    assert str(caught.value) == message


def test_a_network_without_weights_has_no_penalty_on_all_of_them():
    with pytest.raises(SymnnError) as caught:
        Network("4-layernorm", penalty="l2")
    assert str(caught.value) == "the network has no weight for the penalty l2"
