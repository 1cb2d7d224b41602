"""Networks of every layer trained, saved and asked; masks; what is refused, word for word."""

import numpy as np
import pytest

from symnn import Network, derive, train
from symnn.errors import DataError, ShapeError, SpecError, UnknownNameError
from symnn.layers import LAYERS, Conv2d, Dense, Dropout, Input, Residual, TransformerEncoder
from symnn.modelfile import load
from symnn.samples import drawn_masks

each_row = pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS)


def samples(network, count=12, seed=0):
    """Random inputs and targets in rows; what is looked up by is whole."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(count, network.sizes[0]))
    if network.looked_up:
        x = generator.integers(0, network.looked_up, size=x.shape)
    return x, generator.normal(size=(count, network.sizes[-1]))


@each_row
def test_each_layer_learns_and_a_saved_model_predicts_the_same(row, tmp_path):
    network = Network(row.example)
    x, y = samples(network)
    result = train(network, x, y, epochs=3, optimizer="adam", lr=0.02)
    assert result.history[-1].loss < result.history[0].loss
    result.save(tmp_path / "model.npz")
    again = load(tmp_path / "model.npz")
    in_shape = x.reshape(len(x), *network.shapes[0])
    np.testing.assert_array_equal(again.predict(x), result.predict(in_shape))


def test_dropout_draws_its_masks_from_the_seed_and_predicts_without():
    network = Network("2-dropout(0.25)-8-1")
    x, y = samples(network)
    one, same, other = (train(network, x, y, epochs=2, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.parameters["W2"], same.parameters["W2"])
    assert (one.parameters["W2"] != other.parameters["W2"]).any()
    ones = {"mask1": np.ones((len(x), 2))}
    function = derive(network).lambdify()
    np.testing.assert_array_equal(one.predict(x), function.predict(one.parameters, x, **ones))


def test_a_mask_is_zero_with_its_chance_and_keeps_the_mean():
    network = Network(2, Dropout(0.25), Dense(1))
    assert network.masks == {"mask1": (0.25, (2,))}
    mask = drawn_masks(network, 4000, np.random.default_rng(0))["mask1"]
    assert set(np.unique(mask)) == {0.0, 1 / 0.75}
    # Of 8000 draws: five standard errors of the mean.
    assert abs((mask == 0).mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / 8000)


REFUSED = {
    "images for a sequence": (
        lambda: Network("10-conv2d(8,3)"),
        SpecError,
        "layer 1, conv2d(8,3), expects channels x height x width, but the input gives 10",
    ),
    "an image that is too small": (
        lambda: Network("1x4x4-conv2d(8,3)-conv2d(8,3)-flatten-1"),
        SpecError,
        "layer 2, conv2d(8,3), expects at least 3x3 for its window, but layer 1 gives 8x2x2",
    ),
    "heads that do not divide": (
        lambda: Network("4x6-transformer(4,8)"),
        SpecError,
        "layer 1, attention(heads=4), expects a width that divides into 4 heads, "
        "but the input gives 4x6",
    ),
    "a sequence that is none": (
        lambda: Network("4-lstm(3)"),
        SpecError,
        "layer 1, lstm(3), expects length x width, but the input gives 4",
    ),
    "a residual that changes the shape": (
        lambda: Network("4-residual(3)-1"),
        SpecError,
        "layer 1, residual(3:identity), gives 3 and is given 4; a residual adds them, so they must "
        "be the same",
    ),
    "an embedding in the middle": (
        lambda: Network("4-3-embedding(5,2)"),
        SpecError,
        "layer 2, embedding(5,2), expects whole numbers, as the first layer, but layer 1 gives 3",
    ),
    "a layer that is not there": (
        lambda: Network("4-conv3d(8,3)"),
        UnknownNameError,
        "no layer named 'conv3d'; did you mean 'conv2d'? Known: " + ", ".join(sorted(LAYERS)),
    ),
    "an option that is not there": (
        lambda: Network("1x8x8-conv2d(8,3,strid=2)"),
        UnknownNameError,
        "no option of conv2d named 'strid'; did you mean 'stride'? "
        "Known: bias, channels, dilation, groups, kernel, padding, stride",
    ),
    "an argument that is missing": (
        lambda: Network("1x8x8-conv2d(8)"),
        SpecError,
        "conv2d needs its kernel, as in 1x8x8-conv2d(3,3):relu-flatten-1",
    ),
    "too many arguments": (
        lambda: Network("4-layernorm(1,2,3)"),
        SpecError,
        "layernorm has 3 arguments; it takes eps=1e-05, axes=1",
    ),
    "an activation where there is none": (
        lambda: Network("4-flatten:relu-1"),
        SpecError,
        "flatten has no activation; name it after a layer that has one",
    ),
    "a layer where an activation stands": (
        lambda: Network("4-6:glu-1"),
        SpecError,
        "'glu' is no activation but a layer, as in 2-4:identity-glu-1",
    ),
    "halves of an odd width": (
        lambda: Network("4-3-glu-1"),
        SpecError,
        "layer 2, glu, expects a width that is even, but layer 1 gives 3",
    ),
    "a chance above 1": (
        lambda: Network("4-dropout(1.5)-1"),
        SpecError,
        "dropout has p = 1.5; it is a chance from 0 to below 1",
    ),
    "a kernel that is no number": (
        lambda: Network(Input(1, 4, 4), Conv2d(2, "a")),
        SpecError,
        "kernel is 'a'; it is a whole number from 1",
    ),
    "a residual of nothing": (
        lambda: Residual(),
        SpecError,
        "residual holds one layer or more, as in Residual(Dense(8), Dense(8))",
    ),
    "parameters of symbolic sizes": (
        lambda: Network(Input("T", "D"), TransformerEncoder("H", "F")).init(),
        SpecError,
        "the size D is a symbol; parameters start from numbers",
    ),
}


@pytest.mark.parametrize(("build", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_in_one_line(build, kind, message):
    with pytest.raises(kind) as refused:
        build()
    assert str(refused.value) == message


def test_numbers_that_name_no_row_are_refused():
    network = Network("3-embedding(5,2)-flatten-1")
    with pytest.raises(DataError) as refused:
        train(network, [[0, 1, 5]], [1.0])
    assert str(refused.value) == "x holds 5; an embedding takes whole numbers from 0 to 4"


def test_an_array_of_another_shape_is_refused_with_the_shapes_that_will_do():
    with pytest.raises(ShapeError) as refused:
        train(Network("1x4x4-flatten-1"), np.zeros((2, 4, 4)), [0.0, 1.0])
    assert str(refused.value) == (
        "x has shape (2, 4, 4), but the network takes (N, 16) or (N, 1, 4, 4)"
    )
