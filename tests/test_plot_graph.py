"""Pictures of graphs: every unit, weight and reading is there, and no box stands on another."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

import symnn
from symnn import plot
from symnn.plot.graphs import QuantitiesPicture
from symnn.plot.layered import layout
from symnn.plot.units import UnitsPicture, graph_picture


def patches(ax, kind):
    return [patch for patch in ax.patches if isinstance(patch, kind)]


def names(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_each_unit_of_a_small_network_has_its_printed_name():
    ax = plot.graph(symnn.Network("2-3:tanh-1:sigmoid", loss="bce"))
    assert len(patches(ax, Circle)) == 6
    assert set(names(ax)) == {
        "$x_{1}$",
        "$x_{2}$",
        "$a^{(1)}_{1}$",
        "$a^{(1)}_{2}$",
        "$a^{(1)}_{3}$",
        r"$\hat{y}$",
        "$W^{(1)}$, $b^{(1)}$",
        "$W^{(2)}$, $b^{(2)}$",
        "tanh",
        "sigmoid",
    }
    assert [len(lines.get_segments()) for lines in ax.collections] == [6, 3]


def test_of_a_wide_layer_the_first_units_and_the_last_are_drawn():
    ax = plot.graph("784-128:relu-10")
    shown = names(ax)
    assert shown.count("⋮") == 3
    assert {"$x_{784}$", "$a^{(1)}_{128}$", r"$\hat{y}_{10}$"} <= set(shown)
    assert len(patches(ax, Circle)) == 12


def test_the_weights_of_a_trained_network_are_as_wide_as_they_are_large():
    result = symnn.train(symnn.Network("2-2-1"), [[0, 1], [1, 0]], [1, 2], epochs=5)
    first = plot.graph(result).collections[0]
    weights = result.parameters["W1"].T.ravel()
    widths = (np.array(first.get_linewidths()) - 0.3) / 3.2 * np.abs(weights).max()
    np.testing.assert_allclose(widths, np.abs(weights))
    reds = np.array(first.get_colors())[:, 0] > 0.5
    assert (reds == (weights < 0)).all()


def test_the_words_of_a_network_say_its_layers():
    assert graph_picture("2-3:tanh-1").alt == (
        "The network 2 → 3 tanh → 1 as a graph: 2 inputs x₁ and x₂; 3 units a¹₁ to a¹₃ by W¹ (3×2) "
        "and b¹ (3), then tanh; one output ŷ by W² (1×3) and b². Every unit is joined to every "
        "unit of the layer before: 13 parameters."
    )


SPECS = (
    "2-3:tanh-1",
    "1x8x8-conv2d(4,3):relu-flatten-2",
    "6x2-lstm(3)-last-1",
    "2x4-transformer(2,8)-last-1",
)


@pytest.mark.parametrize("spec", SPECS)
def test_boxes_have_an_arrow_for_each_reading_and_keep_apart(spec):
    picture = graph_picture(spec, quantities=True)
    assert isinstance(picture, QuantitiesPicture)
    system = symnn.Network(spec).system
    ax = picture.on()
    boxes = patches(ax, FancyBboxPatch)
    assert len(boxes) == len(system.equations) + 2
    assert len(patches(ax, FancyArrowPatch)) == len(picture.edges)
    for one, other in combinations([box.get_bbox() for box in boxes], 2):
        assert not one.overlaps(other)
    read = {name for names in picture.parameters.values() for name in names}
    assert read == set(symnn.Network(spec).parameter_shapes)


def test_what_is_read_comes_from_the_equations():
    system = symnn.System.parse(
        "input x[n:N], y[n]; parameter w, b; h[n] = tanh(w*x[n]); yhat[n] = h[n] + x[n]*b\n"
        "loss = mean(n, (yhat[n] - y[n])**2)"
    )
    picture = graph_picture(system)
    assert set(picture.edges) == {
        ("x", "h"),
        ("x", "yhat"),
        ("h", "yhat"),
        ("y", "loss"),
        ("yhat", "loss"),
    }
    assert "h reads x and w; ŷ reads x, b and h" in picture.alt


def test_a_recurrence_goes_back_to_its_own_earlier_step():
    picture = graph_picture("6x2-rnn(3)-last-1")
    assert ("h1", "h1") in picture.edges
    assert "h¹ reads x, W¹, U¹, b¹ and its own earlier step" in picture.alt


def test_a_trained_model_and_equations_are_drawn_as_what_they_are():
    result = symnn.train(symnn.Network("1-1"), [0, 1], [1, 2], epochs=1)
    assert isinstance(graph_picture(result.model), UnitsPicture)
    assert isinstance(graph_picture(symnn.System.parse("input x; y2 = x**2")), QuantitiesPicture)


def test_an_edge_over_layers_bends_in_each_and_crossings_are_avoided():
    # Two edges that cross as they are given, and need not.
    found = layout(
        {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1},
        [("a", "d"), ("b", "c"), ("c", "e"), ("d", "e"), ("a", "e")],
    )
    assert [found.nodes[n][1] for n in "abcde"] == [0, 0, 1, 1, 2]
    assert len(found.edges["a", "e"]) == 3
    a, b, c, d = (found.nodes[n][0] for n in "abcd")
    assert (a < b) == (d < c)
    rows = {}
    for x, k in found.nodes.values():
        rows.setdefault(k, []).append(x)
    assert all(y - x >= 1.3 - 1e-9 for row in rows.values() for x, y in pairwise(sorted(row)))


def test_an_edge_back_is_laid_the_other_way():
    found = layout({"a": 1, "b": 1}, [("a", "b"), ("b", "a")])
    assert found.edges["b", "a"] == found.edges["a", "b"][::-1]
