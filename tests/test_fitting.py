"""Equations fitted to data: what is learnt, what is kept, and what is refused."""

import numpy as np
import pytest

from symnn import Network, System, train
from symnn.errors import ModelFileError, SymnnError
from symnn.fitfile import holds_equations, load_fit, save_fit
from symnn.fitting import fit
from symnn.samples import Scaling

LINE = """input x[n:N]; target y[n]; parameter w, b
yhat[n] = w*x[n] + b
loss = mean(n, (yhat[n] - y[n])**2)
"""
HIDDEN = """input x[n:N, d:D]; target y[n]; parameter W[d, h:H], v[h]
yhat[n] = sum(h, v[h]*tanh(sum(d, W[d,h]*x[n,d])))
loss = mean(n, (yhat[n] - y[n])**2)
"""
LOOKUP = """input id[n:N]; target y[n]; parameter E[k:3]
yhat[n] = E[id[n]]
loss = mean(n, (yhat[n] - y[n])**2)
"""
DATA = {"x": [0.0, 1.0, 2.0], "y": [1.0, 3.0, 5.0]}


@pytest.fixture
def run(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.eqs").write_text(LINE)
    (tmp_path / "hidden.eqs").write_text(HIDDEN)
    (tmp_path / "points.csv").write_text("x,y,z\n0,1,0\n1,3,1\n2,5,4\n")
    return run


def test_equations_are_trained_exactly_as_the_network_that_they_are():
    x, y = np.linspace(-1, 1, 10), np.linspace(0, 3, 10)
    start = {"W1": [[0.3]], "b1": [0.1]}
    network = train(Network("1-1"), x, y, epochs=5, batch_size=4, parameters=start)
    system = System.parse(LINE)
    own = fit(system, {"x": x, "y": y}, epochs=5, batch_size=4, parameters={"w": 0.3, "b": 0.1})
    assert own.parameters["w"] == pytest.approx(network.parameters["W1"].item(), rel=1e-12)
    assert own.parameters["b"] == pytest.approx(network.parameters["b1"].item(), rel=1e-12)
    losses = [(e.number, pytest.approx(e.loss, rel=1e-12)) for e in network.history]
    assert [(e.number, e.loss) for e in own.history] == losses


def test_sizes_follow_from_the_data_or_are_given():
    data = {"x": np.eye(4)[:, :2], "y": np.ones(4)}
    fitted = fit(System.parse(HIDDEN), data, sizes={"H": 5}, epochs=1)
    assert {name: p.shape for name, p in fitted.parameters.items()} == {"W": (2, 5), "v": (5,)}
    assert fitted.predict(x=np.zeros((3, 2))).shape == (3,)


POINTS = {"x": [3.0, 5.0, 10.0, 4.0], "y": [1.0, 3.0, 5.0, 2.0]}


def test_standardized_inputs_are_scaled_by_the_samples_trained_on():
    line, settings = System.parse(LINE), {"epochs": 3, "lr": 0.1}
    own = fit(line, POINTS, validation=0.25, standardize=True, **settings)
    # Of four samples one is held out; with its scaling known the rest is the same training.
    (scaling,) = own.scalings.values()
    x = np.array(POINTS["x"])
    assert any(scaling.means == pytest.approx(np.delete(x, k).mean()) for k in range(4))
    by_hand = {**POINTS, "x": (x - scaling.means) / scaling.scales}
    other = fit(line, by_hand, validation=0.25, **settings)
    assert own.parameters == pytest.approx(other.parameters)
    np.testing.assert_allclose(own.predict(x=x), other.predict(x=by_hand["x"]))


def test_what_is_looked_up_is_not_standardized():
    text = "input id[n:N], x[n]; target y[n]; parameter E[k:3]\n"
    text += "loss = mean(n, (E[id[n]]*x[n] - y[n])**2)"
    fitted = fit(System.parse(text), {**POINTS, "id": [0, 1, 2, 0]}, epochs=1, standardize=True)
    assert [*fitted.scalings] == ["x"]


CLASSED = """input x[n:N]; target y[n]; parameter w
p[n] = sigmoid(w*x[n])
loss = -mean(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))
"""
SEVERAL = """input x[n:N]; target y[n,k:K]; parameter w[k]
p[n,k] = softmax(k, w[k]*x[n])
loss = -mean(n, sum(k, y[n,k]*log(p[n,k])))
"""
JUDGED = {
    "two classes": (CLASSED, {"x": [1, 2, -1, -2.0], "y": [1, 1, 0, 1]}, {"w": 1.0}, 0.75),
    "several": (SEVERAL, {"x": [1, -1.0], "y": [[0, 1], [0, 1]]}, {"w": [-1.0, 1.0]}, 0.5),
    "shares": (SEVERAL, {"x": [1, -1.0], "y": [[0.5, 0.5], [0, 1]]}, {"w": [1.0, 0.0]}, None),
    "numbers": (CLASSED, {"x": [1, 2.0], "y": [0.2, 1]}, {"w": 1.0}, None),
    "a line through 0 and 1": (LINE, {"x": [1, 2.0], "y": [0, 1]}, {"w": 1.0, "b": 0.0}, None),
}


@pytest.mark.parametrize(("text", "data", "start", "share"), JUDGED.values(), ids=JUDGED)
def test_the_accuracy_is_told_where_targets_are_classes(text, data, start, share):
    fitted = fit(System.parse(text), data, parameters=start, epochs=1, lr=1e-9)
    assert fitted.history[-1].accuracy == share


def test_a_standardized_fit_predicts_in_its_own_units_when_it_is_read_again(run):
    options = ("--standardize", "--lr", "0.5", "--epochs", "50", "-o", "m.npz")
    status, report, _ = run("train", "line.eqs", "points.csv", *options)
    assert (status, report.splitlines()[1]) == (0, "x         read as (x − 1.000)/0.8165")
    rows = run("predict", "m.npz", "points.csv")[1].split()[1:]
    assert [float(row) for row in rows] == pytest.approx([1, 3, 5], abs=1e-9)
    page = run("derive", "--at", "m.npz", "--data", "points.csv", "--row", "3")[1]
    assert "x ≈ 1.22474" in page


def test_a_scaling_that_is_none_is_refused(tmp_path):
    scaling = Scaling(np.array(1.0), np.array(0.0))
    save_fit(LINE, {"w": 1.0, "b": 0.0}, {"x": ["x"]}, tmp_path / "m.npz", scalings={"x": scaling})
    with pytest.raises(ModelFileError, match="the scaling of x is none"):
        load_fit(tmp_path / "m.npz")


def test_what_is_looked_up_by_whole_numbers_is_learnt():
    data = {"id": [0, 1, 2, 1], "y": [1.0, 2.0, 3.0, 2.0]}
    fitted = fit(System.parse(LOOKUP), data, lr=0.5, epochs=200)
    np.testing.assert_allclose(fitted.parameters["E"], [1, 2, 3], atol=1e-6)


def test_the_same_seed_learns_the_same():
    one, other = (fit(System.parse(LINE), DATA, epochs=3, validation=0.4) for _ in range(2))
    assert one.history == other.history
    assert one.history[-1].validation_loss is not None


REFUSED = {
    "an array is missing": (
        LINE,
        {"x": [1.0]},
        {},
        "the data are x; the equations take x, y",
    ),
    "a size is open": (
        HIDDEN,
        {"x": [[1.0]], "y": [1.0]},
        {},
        "the size H of W does not follow from the data; state it: sizes={'H': 8}, or --size H=8",
    ),
    "a size is another": (
        HIDDEN,
        {"x": [[1.0]], "y": [1.0]},
        {"sizes": {"D": 2, "H": 1}},
        "the size D is 1 in the data, not 2",
    ),
    "samples do not pair up": (
        LINE,
        {"x": [1.0, 2.0], "y": [1.0]},
        {},
        "x has 2, y has 1 samples; they must have as many",
    ),
    "an array has another number of axes": (
        LINE,
        {"x": [[1.0]], "y": [1.0]},
        {},
        "x has the shape (1, 1); it has 1 axes",
    ),
    "a number is not finite": (
        LINE,
        {"x": [np.nan], "y": [1.0]},
        {},
        "x holds something other than finite numbers",
    ),
    "a place is no whole number": (
        LOOKUP,
        {"id": [0.5], "y": [1.0]},
        {},
        "id is what others are looked up by; it holds whole numbers from 0",
    ),
    "there are no samples": (
        "input x; target y; parameter w; loss = (w*x - y)**2",
        {"x": 1.0, "y": 1.0},
        {},
        "no axis of samples: a target is to begin with one, as y[n:N]",
    ),
    "there is nothing to learn": (
        "input x[n:N]; target y[n]; loss = mean(n, (x[n] - y[n])**2)",
        DATA,
        {},
        "there is no parameter to learn",
    ),
    "it diverges": (
        LINE,
        DATA,
        {"lr": 1e6, "epochs": 200},
        "the loss is not finite in epoch 23, with lr 1e+06; take a smaller lr",
    ),
}


@pytest.mark.parametrize(("text", "data", "settings", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_trained_on_is_refused_in_one_line(text, data, settings, message):
    with pytest.raises(SymnnError) as refused:
        fit(System.parse(text), data, **settings)
    assert str(refused.value) == message


def test_a_fit_is_saved_and_predicts_what_it_learnt(run):
    done = run("train", "line.eqs", "points.csv", "--lr", "0.1", "--epochs", "400", "-o", "m.npz")
    status, report, talk = done
    assert (status, talk) == (
        0,
        "training line.eqs with sgd on 3 samples, seed 0\nsaved m.npz\n",
    )
    assert report.splitlines()[1:] == ["w         2.000", "b         1.000"]
    status, table, _ = run("predict", "m.npz", "points.csv")
    header, *rows = table.split()
    assert (status, header) == (0, "yhat")
    assert [float(row) for row in rows] == pytest.approx([1, 3, 5], abs=1e-4)
    assert holds_equations("m.npz")


def test_columns_are_features_and_targets_by_name(run):
    options = ("--target", "z", "--features", "x,y", "--size", "H=2", "--epochs", "1")
    status, report, talk = run("train", "hidden.eqs", "points.csv", *options)
    assert (status, talk) == (0, "training hidden.eqs with sgd on 3 samples, seed 0\n")
    assert [line.split()[0] for line in report.splitlines()] == ["Loss", "W", "v"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("hidden.eqs",), "the size H of W does not follow from the data; state it: "
         "sizes={'H': 8}, or --size H=8"),
        (("line.eqs", "--loss", "mse"), "--loss is for networks; equations say all of it "
         "themselves"),
        (("line.eqs", "--target", "y,z"), "--target has the column 'z', which nothing in the "
         "equations takes"),
        (("line.eqs", "--size", "H"), "--size is 'H'; it is a name and a whole number, as in H=8"),
    ],
    ids=["a size is open", "an option of networks", "too many targets", "no size"],
)  # fmt: skip
def test_a_training_that_cannot_begin_is_refused_in_one_line(run, options, message):
    assert run("train", options[0], "points.csv", *options[1:]) == (2, "", f"symnn: {message}\n")


def test_a_file_that_is_no_fit_is_refused(tmp_path):
    path = tmp_path / "m.npz"
    save_fit(LINE, {"w": np.array(1.0), "b": np.array(np.inf)}, {"x": ["x"], "y": ["y"]}, path)
    with pytest.raises(ModelFileError) as refused:
        load_fit(path)
    assert str(refused.value) == (
        f"'{path}' is not a model that symnn saved: a parameter is not finite"
    )
    path.write_bytes(path.read_bytes()[:100])
    assert not holds_equations(path)
    with pytest.raises(ModelFileError):
        load_fit(path)
