"""Pictures of a training: the path is that of the parameters, and regions are what is predicted."""

import numpy as np
import pytest

import symnn
from symnn import plot
from symnn.errors import SymnnError
from symnn.plot.fits import HeightsPicture, LinePicture, RegionsPicture, fit_picture
from symnn.plot.paths import SurfacePicture
from symnn.plot.progress import CurvesPicture

X = np.array([[0.0], [1.0], [2.0], [4.0]])
Y = 2 * X + 1
THREE = X * [1, 2, 3]
PAIRS = np.random.default_rng(0).normal(size=(30, 2))
LINE = "input x[n:N]; target y[n]; parameter w, b; yhat[n] = w*x[n] + b\n"
LINE += "loss = mean(n, (yhat[n] - y[n])**2)"


@pytest.fixture(scope="module")
def line():
    """A straight line that was trained, with its path."""
    return symnn.train(symnn.Network("1-1"), X, Y, lr=0.05, epochs=12, keep_path=True)


@pytest.fixture(scope="module")
def classes():
    """A network of two features and three classes that was trained."""
    y = np.eye(3)[(PAIRS[:, 0] > 0).astype(int) + (PAIRS.sum(axis=1) > 0)]
    network = symnn.Network("2-4-3:softmax", loss="cross_entropy")
    names = {"features": ("a", "b"), "targets": ("kind",), "classes": ("p", "q", "r")}
    return symnn.train(network, PAIRS, y, lr=0.3, epochs=30, validation=0.2, **names), y


def test_a_training_keeps_its_path_where_that_is_asked_for(line):
    assert len(line.path) == 13
    assert line.path[-1] is line.parameters or np.array_equal(
        line.path[-1]["W1"], line.parameters["W1"]
    )
    np.testing.assert_array_equal(line.path[0]["W1"], symnn.Network("1-1").init(0)["W1"])
    assert symnn.train(symnn.Network("1-1"), X, Y, epochs=2).path == ()


def test_each_point_of_the_path_is_that_of_a_shorter_training(line):
    for epochs in (1, 7):
        short = symnn.train(symnn.Network("1-1"), X, Y, lr=0.05, epochs=epochs)
        for name, value in short.parameters.items():
            np.testing.assert_array_equal(line.path[epochs][name], value)


def test_the_path_on_the_map_is_that_of_the_parameters(line):
    path = plot.surface(line, X, Y).get_lines()[0].get_xydata()
    expected = [[p["W1"][0, 0], p["b1"][0]] for p in line.path]
    assert path.tolist() == expected


def test_the_heights_of_the_map_are_losses(line):
    ground = plot.ground.ground_of(line, X, Y)
    knobs = tuple(ground.first(2))
    picture = SurfacePicture(ground, knobs, line.path, ((0, 4), (0, 2)))
    across, up = np.meshgrid(*picture.axes)
    losses = ((across[..., None] * X[:, 0] + up[..., None] - Y[:, 0]) ** 2).mean(axis=2)
    np.testing.assert_allclose(picture.losses, losses, 1e-10, 1e-12)
    assert "least 0 near (w, b) = (2, 1)" in picture.alt
    assert f"the loss is {plot.telling.said(line.history[-1].loss)}" not in picture.alt
    assert picture.alt.endswith(f"where it is {plot.telling.said(line.history[-1].loss)}.")


def test_a_map_says_that_other_weights_move_too():
    ax = plot.surface("1-2-1", X, Y, ["W1[1,1]", "w²₂"], lr=0.05, epochs=3)
    assert "The other 5 weights move too" in plot.alt_text(ax)


def test_equations_have_a_map_as_well():
    system = symnn.System.parse(LINE)
    ax = plot.surface(system, {"x": X[:, 0], "y": Y[:, 0]}, wrt=["b", "w"], lr=0.05, epochs=4)
    assert ax.get_xlabel() == "$b$"
    assert len(ax.get_lines()[0].get_xydata()) == 5


REFUSED = {
    "a path that was not kept": (
        lambda: plot.surface(symnn.train(symnn.Network("1-1"), X, Y, epochs=1), X, Y),
        "this training has kept no path; train with keep_path=True",
    ),
    "one weight": (
        lambda: plot.surface("1-1", X, Y, ["w", "w"], epochs=1),
        "a surface is over two weights, and these are w, w",
    ),
    "no samples": (
        lambda: plot.surface("1-1", None),
        "a network is trained on arrays x and y; give both",
    ),
    "three features": (
        lambda: plot.fit(
            symnn.train(symnn.Network("3-1"), X * [1, 2, 3], Y, epochs=1), X * [1, 2, 3], Y
        ),
        "a picture of a fit has one feature or two; this model has 3: x₁, x₂ and x₃",
    ),
    "a training that runs away": (
        lambda: plot.surface("1-1", X, Y, lr=1.0, epochs=100),
        "the loss is beyond 10²⁰⁰ somewhere on the map; take nearer spans or a smaller lr",
    ),
    "targets beside equations": (
        lambda: plot.surface(symnn.System.parse(LINE), {"x": X[:, 0], "y": Y[:, 0]}, ["b", "w"]),
        "equations take their arrays by name, as {'x': …, 'y': …}",
    ),
    "no epochs": (lambda: plot.curves([]), "no epoch ended, so there is no curve to draw"),
    "a span that is none": (
        lambda: plot.knob("1-1", X, Y, span=(2, 1)),
        "the span is from 2 to 1; it goes from a number to a larger one",
    ),
}


@pytest.mark.parametrize(("draw", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_drawn_is_refused(draw, message):
    with pytest.raises(SymnnError) as refused:
        draw()
    assert str(refused.value) == message


def test_the_curves_are_the_losses_of_the_epochs(classes):
    result, _ = classes
    training, validation = plot.curves(result).get_lines()
    assert training.get_ydata().tolist() == [epoch.loss for epoch in result.history]
    assert validation.get_ydata().tolist() == [e.validation_loss for e in result.history]


def test_the_words_of_curves_are_those_of_the_history(classes):
    result, _ = classes
    alt, said = CurvesPicture(result.history).alt, plot.telling.said
    first, last = result.history[0], result.history[-1]
    assert f"Training: from {said(first.loss)} after the first to {said(last.loss)}" in alt
    assert f"{100 * last.accuracy:.1f} % training" in alt


def test_the_line_of_a_fit_is_what_is_predicted(line):
    picture = fit_picture(line, X, Y)
    assert isinstance(picture, LinePicture)
    dots, drawn = picture.on().get_lines()
    np.testing.assert_array_equal(dots.get_xydata(), np.hstack([X, Y]))
    np.testing.assert_array_equal(drawn.get_ydata(), line.predict(drawn.get_xdata())[:, 0])


def test_the_regions_are_the_classes_that_are_predicted(classes):
    result, y = classes
    picture = fit_picture(result, PAIRS, y)
    assert isinstance(picture, RegionsPicture)
    across, up = picture.axes
    for i, j in ((3, 5), (80, 40), (120, 160)):
        assert ("p", "q", "r")[picture.regions[i, j]] == result.model.classify(
            [[across[j], up[i]]]
        )[0]
        assert picture._lead(picture.regions[i, j])[i, j] >= 0
    right = (result.predict(PAIRS).argmax(axis=1) == y.argmax(axis=1)).sum()
    assert f"{right} of 30 samples ({100 * right / 30:.1f} %) are classed rightly." in picture.alt
    assert len(picture.on().get_lines()) == 3


def test_two_classes_of_one_output_have_regions_too():
    y = (PAIRS.sum(axis=1) > 0).astype(float)[:, None]
    network = symnn.Network("2-1:sigmoid", loss="bce")
    picture = fit_picture(symnn.train(network, PAIRS, y, lr=1.0, epochs=30), PAIRS, y)
    assert picture.regions[0, 0] == 0
    assert picture.regions[-1, -1] == 1
    assert "class 1" in picture.alt


def test_a_number_over_two_features_is_shown_as_heights():
    y = PAIRS @ [[1.0], [2.0]]
    result = symnn.train(symnn.Network("2-1"), PAIRS, y, lr=0.1, epochs=60)
    picture = fit_picture(result, PAIRS, y)
    assert isinstance(picture, HeightsPicture)
    across, up = np.meshgrid(*picture.axes)
    expected = result.predict(np.column_stack([across.ravel(), up.ravel()]))
    np.testing.assert_array_equal(picture.heights.ravel(), expected[:, 0])
    assert [axes.get_ylabel() for axes in picture.on().figure.axes][-1] == "y"


def test_equations_that_were_fitted_are_drawn():
    arrays = {"x": X[:, 0], "y": Y[:, 0]}
    fitted = symnn.fit(symnn.System.parse(LINE), arrays, lr=0.1, epochs=200)
    drawn = plot.fit(fitted, arrays).get_lines()[1]
    np.testing.assert_allclose(drawn.get_ydata(), 2 * drawn.get_xdata() + 1, 1e-3, 1e-2)
