"""Pictures: what is drawn is the data, and what is said of it is true."""

import sys
from functools import partial
from xml.etree import ElementTree

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import symnn
from symnn import ACTIVATIONS, LOSSES, plot
from symnn.evaluation import value_of
from symnn.functions import Elementwise, U, derivative_of
from symnn.given import activation_row
from symnn.plot.formulas import ActivationPicture
from symnn.plot.predictions import LossPicture
from symnn.plot.telling import said, told_of

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [0, 57, 200, 311, -1]


def exact(expression, u):
    """The value of an expression in `U`, by mpmath in 30 digits."""
    with mpmath.workdps(30):
        return float(value_of(expression, {"u": {(): mpf(float(u))}}, {}))


def lines(ax):
    """The drawn lines by their labels."""
    return {line.get_label(): line.get_xydata() for line in ax.get_lines()}


def is_near(drawn, expected, tolerance=1e-9):
    return abs(drawn - expected) <= tolerance * (1 + abs(expected))


@pytest.mark.parametrize("name", ["gelu", "relu", "hardshrink", "softplus", "elu(alpha=0.5)"])
def test_the_lines_of_an_activation_are_its_values_and_its_derivative(name):
    row = activation_row(name)
    function, slope = plot.activation(name).get_lines()[:2]
    applied = row.expression
    derivative = (
        derivative_of(type(applied)) if isinstance(applied, Elementwise) else applied.diff(U)
    )
    for line, formula in ((function, row.expression), (slope, derivative)):
        for u, drawn in line.get_xydata()[POINTS]:
            assert is_near(drawn, exact(formula, u))


def test_a_line_that_is_off_is_seen():
    assert not is_near(0.5000001, 0.5)


def test_a_kink_has_a_dot_where_the_policy_says():
    ax = plot.activation("relu")
    dots = [tuple(line.get_xydata()[0]) for line in ax.get_lines() if len(line.get_xydata()) == 1]
    assert dots == [(0.0, 0.0), (0.0, 1.0)]
    assert [line.get_markerfacecolor() for line in ax.get_lines()[2:4]][1] == "white"
    title = ax.get_legend().get_title().get_text().replace("\n", " ")
    assert title == f"● {ACTIVATIONS['relu'].policy}"


# One of each way to show a prediction: the gallery of the documents draws every row.
SHOWN = ("mse", "bce", "cross_entropy_with_logits", "msle", "mape", "hinge", "nll", "cosine")


@pytest.mark.parametrize("name", SHOWN)
def test_the_loss_of_one_prediction_has_the_slope_of_its_line(name):
    for curve in LossPicture(LOSSES[name]).curves.values():
        k = np.array([100, 250, 377])
        h = 1e-5
        ahead, behind = curve.value_at(curve.u[k] + h), curve.value_at(curve.u[k] - h)
        np.testing.assert_allclose(curve.slopes[k], (ahead - behind) / (2 * h), 1e-4, 1e-6)


def test_the_loss_of_one_prediction_is_that_of_a_network():
    curve = LossPicture(LOSSES["cross_entropy_with_logits"]).curves[1.0]
    network = symnn.Network("1-2", loss="cross_entropy_with_logits")
    function = symnn.derive(network).lambdify()
    for k in (3, 200, 390):
        parameters = {"W1": [[curve.u[k]], [0.0]], "b1": [0.0, 0.0]}
        expected, _ = function(parameters, [[1.0]], [[1.0, 0.0]])
        assert curve.values[k] == pytest.approx(expected, rel=1e-12)


X, Y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0, 8.0])


@pytest.mark.parametrize("wrt", ["w", "W1[1,1]"])
def test_the_slope_of_the_tangent_is_the_gradient(wrt):
    network = symnn.Network("1-1")
    parameters = {"W1": [[0.5]], "b1": [-1.0]}
    curve, tangent, touched = plot.knob(network, X, Y, wrt, parameters=parameters).get_lines()
    loss, gradients = symnn.derive(network).lambdify()(parameters, X[:, None], Y[:, None])
    (left, low), (right, high) = tangent.get_xydata()
    assert (high - low) / (right - left) == pytest.approx(gradients["W1"][0, 0], rel=1e-12)
    assert touched.get_xydata().tolist() == [[0.5, loss]]
    w = curve.get_xdata()
    losses = ((w[:, None] * X - 1 - Y) ** 2).mean(axis=1)
    np.testing.assert_allclose(curve.get_ydata(), losses, 1e-12)


def test_a_knob_of_equations_is_found_by_its_printed_name():
    system = symnn.System.parse(
        "input x[n:N]; target y[n]; parameter omega; loss = mean(n, (sin(omega*x[n]) - y[n])**2)"
    )
    ax = plot.knob(system, {"x": X, "y": Y}, wrt="ω", parameters={"omega": 0.5})
    (left, low), (right, high) = ax.get_lines()[1].get_xydata()
    slope = (2 * (np.sin(X / 2) - Y) * np.cos(X / 2) * X).mean()
    assert (high - low) / (right - left) == pytest.approx(slope, rel=1e-12)


def test_the_alternative_says_what_the_line_does():
    alt = plot.alt_text(plot.knob("1-1", X, Y, "w", parameters={"W1": [[1.0]], "b1": [1.0]}))
    assert alt == (
        "The loss along w from −1 to 3, for 4 samples: falls from 41.5 at w = −1 to 0.05952 at "
        "w = 1.81, then rises to 7.5 at w = 3. At w = 1 it is 3.5, and the tangent there has the "
        "slope ∂L/∂w = −8.5."
    )


TOLD = {
    "a parabola": (
        lambda u: u**2,
        "falls from 16 at u = −4 to 0 at u = 0, then rises to 16 at u = 4",
    ),
    "a wave": (
        lambda u: np.sin(9 * u),
        "goes from 0.9918 to −0.9918, up and down; "
        "least −0.9918 at u = 4, greatest 0.9918 at u = −4",
    ),
    "flat": (lambda u: 0 * u + 3, "is 3 up to u = 4"),
}


@pytest.mark.parametrize(("function", "words"), TOLD.values(), ids=TOLD)
def test_what_a_line_does_is_told(function, words):
    u = np.linspace(-4, 4, 81)
    assert told_of(u, function(u)) == words


def test_numbers_are_said_as_people_write_them():
    assert [said(v) for v in (1e-9, -2.5, 1234567.0, float("inf"))] == [
        "1·10⁻⁹",
        "−2.5",
        "1.235·10⁶",
        "∞",
    ]


def test_an_svg_has_a_title_and_a_description_and_is_the_same_each_time(tmp_path):
    picture = ActivationPicture(ACTIVATIONS["softmax"])
    plot.save(plot.activation("softmax"), tmp_path / "a.svg")
    content = (tmp_path / "a.svg").read_bytes()
    assert content == picture.content("svg")
    root = ElementTree.fromstring(content)
    assert root.get("role") == "img"
    words = [root.find(f"{SVG}{tag}").text for tag in ("title", "desc")]
    assert words == [picture.title, picture.alt]


@pytest.mark.parametrize("format_", ["png", "pdf"])
def test_other_formats_are_the_same_each_time_too(format_):
    picture = ActivationPicture(ACTIVATIONS["tanh"])
    assert picture.content(format_) == picture.content(format_)
    if format_ == "png":
        assert picture.alt.encode() in picture.content("png")


def test_a_picture_is_drawn_on_the_axes_given_and_leaves_pyplot_alone():
    from matplotlib.figure import Figure

    left, right = Figure().subplots(1, 2)
    assert plot.activation("tanh", left) is left
    assert not right.get_lines()
    assert "matplotlib.pyplot" not in sys.modules


@pytest.fixture
def run(run, monkeypatch, tmp_path):
    """A function that draws with the program: exit status, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    return partial(run, "plot")


def test_a_loss_with_a_list_is_not_drawn_for_one_prediction(run):
    status, shown, fault = run("loss", "bce(weight=[1,2])")
    text = "symnn: bce has a list as its weight, and one prediction is drawn\n"
    assert (status, shown, fault) == (2, "", text)


def test_the_command_writes_the_picture_and_says_what_it_shows(run, tmp_path):
    alt = ActivationPicture(ACTIVATIONS["relu"]).alt
    assert run("activation", "relu") == (0, alt + "\n", "wrote activation.svg\n")
    written = (tmp_path / "activation.svg").read_text(encoding="utf-8")
    assert run("activation", "relu", "-o", "-") == (0, written, "")


def test_the_command_takes_a_data_set(run):
    command = (
        "knob 1-1 penguins --features flipper_length_mm --target body_mass_g --standardize "
        "--drop-missing --wrt w --at w=0 --at b=0"
    )
    status, out, err = run(*command.split())
    # Standardised, the slope at 0 is −2r, and r² = 0.759.
    assert status == 0
    assert out.endswith("At w = 0 it is 1, and the tangent there has the slope ∂L/∂w = −1.742.\n")
    assert err.startswith("left out 2 of 344 rows")


REFUSED = {
    "a kind": (("lsos",), "no kind of picture named 'lsos'; did you mean 'loss'?"),
    "an activation": (("activation", "tahn"), "no activation named 'tahn'; did you mean 'tanh'?"),
    "a loss": (("loss", "mes"), "no loss named 'mes'; did you mean"),
    "an ending": (("activation", "relu", "-o", "a.xyz"), "'a.xyz' ends in no format of pictures"),
    "a folder": (("activation", "relu", "-o", "no/a.svg"), "cannot write 'no/a.svg': there is no"),
    "a span": (("activation", "relu", "--span=2,1"), "--span is '2,1'; it is two numbers"),
    "a weight": (("knob", "2-1", "--wrt", "V"), "no weight named 'V'; Known: W1, b1"),
    "a place": (("knob", "2-1", "--wrt", "W1"), "W1 is no single weight: W1 has the shape (1, 2)"),
    "a value": (("knob", "1-1", "--at", "w"), "--at is 'w'; it is a weight and a number"),
    "a seed": (("knob", "2-1", "--seed", "-1"), "seed is -1; it is a whole number from 0"),
    "no number": (("loss", "bce", "--span=-1,2"), "loss bce is not a finite number at −1; take"),
    "a target": (("loss", "mape", "--y", "0"), "loss mape is not a finite number for the target 0"),
    "infinite": (("knob", "1-1", "--at", "w=1e300"), "the loss along w is not a finite number at"),
    "no data": (("knob", "1-1", "--target", "y"), "--target is for a data set; give one after"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_drawn_is_refused_in_one_line(arguments, message, run):
    status, out, err = run(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"symnn: {message}")


def test_without_matplotlib_the_command_that_installs_it_is_said(run, monkeypatch):
    for name in [n for n in sys.modules if n.startswith("symnn.plot")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    status, out, err = run("activation", "relu")
    assert (status, out) == (2, "")
    assert err == "symnn: a picture needs matplotlib: pip install 'symnn[plot]'\n"
