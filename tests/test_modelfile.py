"""Saved models: that they come back as they were, whole or not at all, and are never trusted."""

import io
import json
import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Symbol

from symnn import files
from symnn.errors import ModelFileError, ShapeError
from symnn.files import check_writable, write_whole
from symnn.functions import U
from symnn.layers import Dense
from symnn.model import Model
from symnn.modelfile import load, save
from symnn.network import Network
from symnn.penalties import Penalty
from symnn.samples import Scaling

OWN_PENALTY = Penalty("quartic", "quartic penalty", U**4, "of one's own")


def model(network=None, dtype="float64", **names):
    network = network or Network("2-3:tanh-1")
    inputs = Scaling(np.array([1.5, -2.0]), np.array([0.1, 3.0]))
    return Model(network, network.init(3, dtype), inputs, Scaling.none(1), **names)


def refusal(path):
    with pytest.raises(ModelFileError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "network",
    [
        Network("2-3:tanh-1"),
        Network("2-1:sigmoid", loss="bce"),
        Network(2, Dense(4, "relu", bias=False), Dense(1, "softplus"), loss="huber"),
        Network("2-1:sigmoid", loss="bce(pos_weight=3,weight=[0.5])"),
        Network("2-3-1", penalty=["elastic_net(0.1,0.25)", "l1:b1,W2"]),
    ],
    ids=repr,
)
def test_a_model_comes_back_as_it_was(tmp_path, network, dtype):
    names = {"features": ("ö, x", "b"), "targets": ("t",)}
    saved = model(network, dtype, **names)
    save(saved, tmp_path / "m.npz")
    loaded = load(tmp_path / "m.npz")
    assert repr(loaded.network) == repr(saved.network)
    assert loaded.network.parameter_shapes == saved.network.parameter_shapes
    assert (loaded.features, loaded.targets, loaded.classes) == (("ö, x", "b"), ("t",), ())
    for name, value in saved.parameters.items():
        assert loaded.parameters[name].dtype == np.dtype(dtype)
        assert np.array_equal(loaded.parameters[name], value)
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.array_equal(loaded.predict(x), saved.predict(x))


def test_the_classes_come_back(tmp_path):
    network = Network("2-3:softmax", loss="cross_entropy")
    given_ = replace(model(), network=network, parameters=network.init(), outputs=Scaling.none(3))
    save(replace(given_, targets=("kind",), classes=("a", "b", "c")), tmp_path / "m")
    assert load(tmp_path / "m").classes == ("a", "b", "c")


def test_the_same_model_is_the_same_bytes_and_readable_without_symnn(tmp_path):
    save(model(), tmp_path / "one.npz")
    save(model(), tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz", allow_pickle=False) as plain:
        assert np.array_equal(plain["parameters.W1"], model().parameters["W1"])
        assert json.loads(plain["metadata"].tobytes())["spec"] == "2-3:tanh-1:identity"


def test_the_name_is_kept_and_nothing_else_is_left(tmp_path):
    save(model(), tmp_path / "x.ckpt")
    save(model(), tmp_path / "x.ckpt")
    assert os.listdir(tmp_path) == ["x.ckpt"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to("target")
    save(model(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    load(tmp_path / "target")


def test_a_file_has_the_rights_that_others_have(tmp_path):
    (tmp_path / "plain").write_text("")
    save(model(), tmp_path / "m")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "m")}
    assert len(modes) == 1


@pytest.mark.parametrize("failing", ["replace", "fsync"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, failing, error):
    path = tmp_path / "m.npz"
    save(model(), path)
    before = path.read_bytes()

    def fail(*arguments):
        raise error

    monkeypatch.setattr(files.os, failing, fail)
    with pytest.raises((ModelFileError, KeyboardInterrupt)) as caught:
        write_whole(path, b"half")
    if isinstance(error, OSError):
        assert str(caught.value) == f"cannot write '{path}': No space left on device"
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["m.npz"]


def test_a_path_that_cannot_be_written_is_refused_beforehand(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("file").write_text("")
    os.mkfifo("pipe")
    refusals = {
        "folder": "it is a folder",
        "pipe": "it is not a regular file",
        "none/m.npz": f"there is no folder '{tmp_path / 'none'}'",
        "file/m.npz": f"there is no folder '{tmp_path / 'file'}'",
        "x" * 300: "its name is too long",
    }
    for path, reason in refusals.items():
        with pytest.raises(ModelFileError) as caught:
            check_writable(path)
        assert str(caught.value) == f"cannot write '{path}': {reason}"
    check_writable("file")
    check_writable("new")
    check_writable("x" * 255)
    assert sorted(os.listdir()) == ["file", "folder", "pipe"]


def test_what_no_table_names_cannot_be_saved(tmp_path):
    u, yhat, y = Symbol("u"), Symbol("yhat"), Symbol("y")
    for network, name in [
        (Network(2, Dense(1, u**2 + u)), "u**2 + u"),
        (Network("2-1", loss=(yhat - y) ** 4), "(-y + yhat)**4"),
        (Network("2-1", penalty=OWN_PENALTY), "quartic"),
    ]:
        with pytest.raises(ModelFileError) as caught:
            save(model(network), tmp_path / "m")
        assert str(caught.value) == (
            f"cannot save {name!r}: it is in no table, so no file can name it"
        )
    assert os.listdir(tmp_path) == []


# What is wrong with a file

METADATA = {
    "version": 1,
    "spec": "2-1:identity",
    "loss": "mse",
    "biases": [True],
    "features": [],
    "targets": [],
    "classes": [],
    "input_means": [0.0, 0.0],
    "input_scales": [1.0, 1.0],
    "output_means": [0.0],
    "output_scales": [1.0],
}
ARRAYS = {"parameters.W1": np.zeros((1, 2)), "parameters.b1": np.zeros(1)}


def written(path, metadata=None, arrays=None, text=None, saver=np.savez):
    content = text if text is not None else json.dumps(METADATA | (metadata or {}))
    members = {"metadata": np.frombuffer(content.encode(), np.uint8)} | ARRAYS | (arrays or {})
    with path.open("wb") as file:
        saver(file, **{name: array for name, array in members.items() if array is not None})
    return path


def test_the_file_that_the_tests_below_spoil_is_good(tmp_path):
    assert load(written(tmp_path / "m")).network.spec == "2-1:identity"


SPOILT = {
    "another version": (
        {"metadata": {"version": 2}},
        "its format is version 2; this symnn reads 1",
    ),
    "no version": ({"text": "{}"}, "its format is version None; this symnn reads 1"),
    "no mapping": ({"text": "[1]"}, "its metadata are no mapping"),
    "no JSON": ({"text": "{"}, "its parts cannot be read (JSONDecodeError)"),
    "too deep": ({"text": "[" * 100_000}, "its parts cannot be read (RecursionError)"),
    "nan": ({"text": '{"version": NaN}'}, "its metadata hold NaN"),
    "a key twice": (
        {"text": '{"version": 1, "version": 1}'},
        "a key of its metadata is there twice",
    ),
    "a key missing": ({"text": '{"version": 1}'}, "its parts cannot be read (TypeError)"),
    "a key too many": ({"metadata": {"pickle": 1}}, "its parts cannot be read (TypeError)"),
    "a spec of another type": ({"metadata": {"spec": 3}}, "its spec or loss is no text"),
    "a bad spec": (
        {"metadata": {"spec": "2-1:tahn"}},
        "no activation named 'tahn'; did you mean 'tanh'?",
    ),
    "a bad loss": ({"metadata": {"loss": "msee"}}, "no loss named 'msee'; did you mean 'mse'?"),
    "biases of another type": ({"metadata": {"biases": [1]}}, "its biases are [1]"),
    "too many biases": (
        {"metadata": {"biases": [True, True]}},
        "its parts cannot be read (ValueError)",
    ),
    "features of another type": ({"metadata": {"features": "ab"}}, "its features are ab"),
    "too many features": (
        {"metadata": {"features": ["a", "b", "c"]}},
        "features: 3 given, but the network has 2",
    ),
    "too few classes": (
        {"metadata": {"classes": ["a"]}},
        "classes: 1 given, but the network has 2",
    ),
    "a scale of zero": (
        {"metadata": {"input_scales": [0.0, 1.0]}},
        "its scaling is not finite and positive",
    ),
    "a scale too large": (
        {"text": json.dumps(METADATA).replace("[1.0]", "[1e999]")},
        "its scaling is not finite and positive",
    ),
    "too few means": (
        {"metadata": {"input_means": [0.0]}},
        "its scaling does not fit its network",
    ),
    "no metadata": ({"arrays": {"metadata": None}}, "'metadata.npy' is missing"),
    "a parameter missing": (
        {"arrays": {"parameters.b1": None}},
        "'parameters.b1.npy' is missing",
    ),
    "a parameter too many": (
        {"arrays": {"parameters.W2": np.zeros(1)}},
        "'parameters.W2.npy' is unknown",
    ),
    "another shape": (
        {"arrays": {"parameters.W1": np.zeros((2, 1))}},
        "'parameters.W1.npy' has shape (2, 1), but the network has (1, 2)",
    ),
    "another type": (
        {"arrays": {"parameters.W1": np.zeros((1, 2), int)}},
        "'parameters.W1.npy' holds int64, not float32 or float64",
    ),
    "another byte order": (
        {"arrays": {"parameters.W1": np.zeros((1, 2), ">f8")}},
        "'parameters.W1.npy' holds >f8, not float32 or float64",
    ),
    "two types": (
        {"arrays": {"parameters.b1": np.zeros(1, "float32")}},
        "its parameters differ in type",
    ),
    "not finite": ({"arrays": {"parameters.b1": np.full(1, np.nan)}}, "a parameter is not finite"),
    "compressed": ({"saver": np.savez_compressed}, "it is compressed"),
}


@pytest.mark.parametrize(("change", "reason"), SPOILT.values(), ids=SPOILT.keys())
def test_a_file_with_a_fault_is_refused_by_its_fault(tmp_path, change, reason):
    path = written(tmp_path / "m", **change)
    assert refusal(path).startswith(f"'{path}' is not a model that symnn saved: {reason}")


def test_objects_are_refused_before_they_are_read(tmp_path):
    path = written(tmp_path / "m", arrays={"parameters.b1": np.array([print], object)})
    assert refusal(path).endswith("holds object, not float32 or float64")


def test_a_header_that_claims_more_than_there_is_costs_no_memory(tmp_path):
    network = Network("30000-30000")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"shape": (30000, 30000), "fortran_order": False, "descr": "<f8"}
    )
    metadata = METADATA | {
        "spec": network.spec,
        **{f"{side}_means": [0.0] * 30000 for side in ("input", "output")},
        **{f"{side}_scales": [1.0] * 30000 for side in ("input", "output")},
    }
    path = written(
        tmp_path / "m", metadata, {"parameters.W1": None, "parameters.b1": np.zeros(30000)}
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("parameters.W1.npy", header.getvalue())
    assert refusal(path).endswith("'parameters.W1.npy' is cut short")


def test_what_is_no_model_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("text").write_text("hello")
    Path("empty").write_text("")
    no_zip = "is not a model that symnn saved: not a zip archive, or cut short"
    assert refusal("none") == "no file 'none'"
    assert refusal("folder") == "'folder' is a folder, not a saved model"
    assert refusal("text") == f"'text' {no_zip}"
    assert refusal("empty") == f"'empty' {no_zip}"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "m.npz"
    save(model(), path)
    return path.read_bytes()


def test_a_file_cut_short_anywhere_is_refused(tmp_path, whole):
    path = tmp_path / "m.npz"
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        refusal(path)


@given(place=st.integers(0, 10**9), value=st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_a_file_with_a_changed_byte_is_good_or_refused(tmp_path_factory, whole, place, value):
    changed = bytearray(whole)
    changed[place % len(whole)] = value
    path = tmp_path_factory.mktemp("changed") / "m.npz"
    path.write_bytes(changed)
    try:
        load(path)
    except ModelFileError as error:
        message = str(error)
    else:
        message = ""
    assert "\n" not in message


def test_names_that_do_not_fit_make_no_model():
    with pytest.raises(ShapeError, match="targets: 2 given, but the network has 1"):
        model(targets=("a", "b"))
