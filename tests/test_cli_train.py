"""`symnn train` and `symnn predict`: what they print where, what they write, how they refuse."""

import csv
import inspect
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symnn.activations import ACTIVATIONS
from symnn.cli import predict
from symnn.cli import train as command_of_train
from symnn.datasets import load as load_table
from symnn.modelfile import load
from symnn.training import train

LINE = "train 1-1 line.csv --target y --epochs 300 --lr 0.05"
PENGUINS = (
    "train 1-1 penguins --features flipper_length_mm --target body_mass_g "
    "--standardize --drop-missing"
)
SPECIES = (
    "train 4-8-3:softmax penguins --features bill_length_mm,bill_depth_mm "
    "--features flipper_length_mm,body_mass_g --target species --loss cross_entropy "
    "--standardize --drop-missing --validation 0.2"
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{x},{3 - 2 * x},{'yes' if x > 0 else 'no'}\n" for x in (-2, -1, 0, 1, 2))
    Path("line.csv").write_text(f"x,y,sign\n{rows}")
    Path("gap.csv").write_text("x,y\n1,2\nNA,3\n4,NA\n")


@pytest.fixture
def run(run):
    """A function that runs the program with a line of words: exit status, stdout, stderr."""
    return lambda command: run(*command.split())


def test_the_penguins_lie_on_a_line_in_grams_per_millimetre(run):
    status, out, err = run(f"{PENGUINS} --batch-size 342 --lr 0.1")
    assert status == 0
    assert out == (
        "Loss      0.2410 training (mse of body_mass_g, in standard deviations)\n"
        "Line      body_mass_g = 49.69·flipper_length_mm − 5781\n"
    )
    assert err == (
        "left out 2 of 344 rows, which miss a value\n"
        "training 1-1:identity with sgd on 342 samples, seed 0\n"
    )


def test_the_defaults_come_near_to_that_line(run):
    _, out, _ = run(PENGUINS)
    words = out.splitlines()[-1].replace("·", " ").split()
    assert float(words[3]) == pytest.approx(49.7, abs=0.2)
    assert float(words[6]) == pytest.approx(5781, rel=0.01)


def test_the_species_are_learnt_saved_and_predicted(run):
    status, out, _ = run(f"{SPECIES} -o m.npz")
    loss, accuracy = out.splitlines()
    assert status == 0
    assert loss.endswith("validation (cross_entropy)")
    assert [float(word) > 95 for word in accuracy.split()[1::3]] == [True, True]
    status, out, err = run("predict m.npz penguins --drop-missing")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (status, err) == (0, "left out 2 of 344 rows, which miss a value\n")
    assert len(rows) == 342
    classes = ("Adelie", "Chinstrap", "Gentoo")
    assert list(rows[0]) == ["species", *(f"probability_{name}" for name in classes)]
    for row in rows:
        chances = [float(row[f"probability_{name}"]) for name in classes]
        assert sum(chances) == pytest.approx(1)
        assert row["species"] == classes[int(np.argmax(chances))]


def test_a_line_in_its_own_units_is_learnt_and_predicted(run):
    status, out, err = run(f"{LINE} -o m.npz")
    assert (status, out.splitlines()[1]) == (0, "Line      y = −2.000·x + 3.000")
    assert out.splitlines()[0].endswith("training (mse of y, in its own units)")
    assert err.splitlines()[-1] == "saved m.npz"
    status, out, err = run("predict m.npz line.csv -o -")
    header, *values = out.splitlines()
    assert (status, err, header) == (0, "", "y")
    assert [float(v) for v in values] == pytest.approx([7, 5, 3, 1, -1], abs=1e-3)


def test_a_loss_that_still_falls_is_spoken_of(run):
    hint = "the loss was still falling: more --epochs or a larger --lr lowers it\n"
    for epochs, is_told in ((50, True), (2000, False), (5, False)):
        status, _, err = run(f"train 1-1 anscombe1 --target y --standardize --epochs {epochs}")
        assert (status, err.endswith(hint)) == (0, is_told)


def test_predictions_go_to_a_file(run):
    run(f"{LINE} -o m.npz")
    _, on_stdout, _ = run("predict m.npz line.csv")
    assert run("predict m.npz line.csv -o out.csv") == (0, "", "saved out.csv: 5 predictions\n")
    assert Path("out.csv").read_text() == on_stdout
    assert len(load_table("out.csv")) == 5


def test_standardising_is_undone_in_the_saved_model(run):
    run(f"{LINE} --standardize -o m.npz")
    assert load("m.npz").predict([[10.0]]) == pytest.approx(-17, abs=1e-3)


@pytest.mark.parametrize(
    ("network", "header"),
    [
        ("1-1:sigmoid --loss bce", "sign,probability_no,probability_yes"),
        ("1-1 --loss bce_with_logits", "sign,score_yes"),
        ("1-2 --loss cross_entropy_with_logits", "sign,score_no,score_yes"),
    ],
)
def test_the_columns_of_two_classes_say_what_they_are(run, network, header):
    spec, *loss = network.split()
    run(
        f"train {spec} line.csv --features x --target sign {' '.join(loss)} "
        "--epochs 400 --lr 0.5 -o m.npz"
    )
    _, out, _ = run("predict m.npz line.csv")
    first, *rows = out.splitlines()
    assert first == header
    assert [row.split(",")[0] for row in rows] == ["no", "no", "no", "yes", "yes"]
    if "no,prob" in header:
        assert all(sum(map(float, row.split(",")[1:])) == pytest.approx(1) for row in rows)


def test_several_targets_have_a_line_each(run):
    Path("two.csv").write_text(
        '"a,b",c,d,e\n' + "".join(f"{x},{-x},{x + 1},{x * x}\n" for x in range(4))
    )
    status, out, _ = run('train 2-2 two.csv --features "a,b",e --target c,d --epochs 2')
    assert status == 0
    assert "(mse of c, d, in their own units)" in out
    assert [line.split(" = ")[0] for line in out.splitlines()[1:]] == ["Line      c", "Line      d"]
    assert "·a,b" in out


def test_the_same_command_gives_the_same_bytes(run):
    first = run(f"{SPECIES} --epochs 3 -o one.npz")
    second = run(f"{SPECIES} --epochs 3 -o two.npz")
    assert first[1] == second[1]
    assert Path("one.npz").read_bytes() == Path("two.npz").read_bytes()


def test_the_defaults_of_the_command_are_those_of_the_function():
    theirs = inspect.signature(train).parameters
    for name, parameter in inspect.signature(command_of_train.train).parameters.items():
        if name in theirs and name not in ("features", "optimizer"):
            assert parameter.default == theirs[name].default, name


REFUSALS = {
    "no target": (
        "train 1-1 line.csv",
        "which column is to be predicted? --target takes one of 'line.csv': x, y, sign",
    ),
    "unknown column": (
        "train 1-1 penguins --target mass",
        "no column named 'mass'; Known: bill_depth_mm, bill_length_mm, body_mass_g, "
        "flipper_length_mm, island, sex, species, year",
    ),
    "another width": (
        "train 2-1 line.csv --target y",
        "the network takes 2 inputs, but there is 1 feature; "
        "choose with --features among the numeric columns: x",
    ),
    "missing value": (
        "train 1-1 gap.csv --target y",
        "line 3 of 'gap.csv', column 'x': the value is missing ('NA'); "
        "--drop-missing leaves such rows out",
    ),
    "no data": ("train 1-1 none.csv --target y", "no file 'none.csv'"),
    "no folder for the model": (
        "train 1-1 line.csv --target y -o none/m.npz",
        "cannot write 'none/m.npz': there is no folder '{cwd}/none'",
    ),
    "a bad spec": (
        "train 1-1:tahn line.csv --target y",
        f"no activation named 'tahn'; did you mean 'tanh'? Known: {', '.join(sorted(ACTIVATIONS))}",
    ),
    "a bad optimizer": (
        "train 1-1 line.csv --target y --optimizer sdg",
        "no optimizer named 'sdg'; did you mean 'sgd'? Known: adam, momentum, nesterov, sgd",
    ),
    "a negative rate": (
        "train 1-1 line.csv --target y --lr -1",
        "lr is -1.0; it is a number above 0",
    ),
    "no epochs": (
        "train 1-1 line.csv --target y --epochs 0",
        "epochs is 0; it is a whole number from 1",
    ),
    "diverging": (
        "train 1-1 penguins --features flipper_length_mm --target body_mass_g --drop-missing "
        "--lr 1e200 -o m.npz",
        "the loss is not finite in epoch 1, with lr 1e+200; try a smaller --lr, or --standardize",
    ),
    "no model": ("predict none.npz line.csv", "no file 'none.npz'"),
    "data as a model": (
        "predict line.csv line.csv",
        "'line.csv' is not a model that symnn saved: not a zip archive, or cut short",
    ),
}


@pytest.mark.parametrize(("command", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_is_one_line_on_stderr_and_status_2(run, command, message):
    status, out, err = run(command)
    assert (status, out) == (2, "")
    assert err.splitlines()[-1] == "symnn: " + message.format(cwd=os.getcwd())
    assert err.count("symnn: ") == 1
    assert not list(Path().glob("*.npz"))


def test_predict_refuses_what_the_model_cannot_read(run):
    run(f"{LINE} -o m.npz")
    assert run("predict m.npz gap.csv") == (
        2,
        "",
        "symnn: line 3 of 'gap.csv', column 'x': the value is missing ('NA'); "
        "--drop-missing leaves such rows out\n",
    )
    status, _, err = run("predict m.npz penguins")
    assert (status, err.startswith("symnn: no column named 'x'; ")) == (2, True)
    status, out, err = run("predict m.npz gap.csv --drop-missing")
    assert (status, len(out.splitlines())) == (0, 3)
    assert err == "left out 1 of 3 rows, which miss a value\n"


def interrupting(monkeypatch, number):
    """Make training be interrupted by a true signal after this many epochs."""
    from symnn import training

    def run(*arguments, on_epoch, **options):
        def then_stop(epoch):
            if epoch.number == number:
                signal.raise_signal(signal.SIGINT)

        return train(*arguments, on_epoch=then_stop, **options)

    monkeypatch.setattr(training, "train", run)


def test_ctrl_c_saves_what_was_learnt_and_says_so(run, monkeypatch):
    interrupting(monkeypatch, 7)
    status, out, err = run(f"{LINE} --epochs 1000000 -o m.npz")
    assert status == 130
    assert out.startswith("Loss ")
    assert err.splitlines()[1:] == ["saved m.npz", "symnn: interrupted in epoch 8"]
    load("m.npz")


def test_ctrl_c_ends_the_program_itself_with_130():
    script = (
        "import signal, symnn.training as t, symnn.cli.train\n"
        "from symnn.cli import main\n"
        "train = t.train\n"
        "stop = lambda epoch: epoch.number == 3 and signal.raise_signal(signal.SIGINT)\n"
        "t.train = lambda *a, **k: train(*a, **(k | {'on_epoch': stop}))\n"
        "main()\n"
    )
    arguments = f"{LINE} --epochs 1000000 -o m.npz".split()
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(predict.__file__).parents[2]),
            "PYTHONIOENCODING": "utf-8",
        },
    )
    assert ended.returncode == 130
    assert ended.stderr.splitlines()[1:] == ["saved m.npz", "symnn: interrupted in epoch 4"]
    load("m.npz")


def test_the_bar_is_shown_on_a_terminal_alone(run, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    status, out, _ = run(f"{LINE} --epochs 5")
    assert status == 0
    assert "loss" in terminal.getvalue()
    assert "\x1b[3" not in terminal.getvalue()
    assert "epoch" not in out


def test_the_commands_are_there_without_sympy_and_numpy():
    script = (
        "import sys, symnn.cli.train, symnn.cli.predict\n"
        "assert not {'sympy', 'numpy', 'rich'} & set(sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(predict.__file__).parents[2])}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


def test_any_quantity_of_equations_is_predicted(run):
    Path("p.eqs").write_text(
        "input x[n:N]; target y[n]; parameter w, b\nz[n] = w*x[n] + b\np[n] = sigmoid(z[n])\n"
        "r[n] = p[n] - y[n]\nloss = mean(n, r[n]**2)\n"
    )
    Path("p.csv").write_text("x,y\n1,0\n2,1\n3,1\n")
    assert run("train p.eqs p.csv --epochs 2 -o p.npz")[0] == 0
    z, p = (run(f"predict p.npz p.csv --output {name}")[1].split() for name in "zp")
    assert (z[0], p[0]) == ("z", "p")
    expected = [1 / (1 + np.exp(-float(value))) for value in z[1:]]
    assert [float(value) for value in p[1:]] == pytest.approx(expected)
    assert run("predict p.npz p.csv")[1].split() == p


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("predict p.npz p.csv --output y", "no quantity to predict named 'y'; Known: p"),
        (
            "predict m.npz p.csv --output z1",
            "--output is for equations; a network gives its last layer",
        ),
    ],
    ids=["a target", "a network"],
)
def test_what_cannot_be_predicted_is_refused(run, command, said):
    Path("p.eqs").write_text(
        "input x[n:N]; target y[n]; parameter w\np[n] = w*x[n]\nloss = mean(n, (p[n] - y[n])**2)\n"
    )
    Path("p.csv").write_text("x,y\n1,2\n2,4\n")
    assert run("train p.eqs p.csv --epochs 1 -o p.npz")[0] == 0
    assert run("train 1-1 p.csv --target y --epochs 1 -o m.npz")[0] == 0
    assert run(command) == (2, "", f"symnn: {said}\n")


LOOKED_UP = (
    "input id[n:N]; target y[n, k:K]; parameter E[v:V, k]\n"
    "p[n,k] = softmax(k, E[id[n], k])\nloss = -mean(n, sum(k, y[n,k]*log(p[n,k])))\n"
)


def test_words_are_looked_up_and_are_classes_in_equations(run):
    Path("e.eqs").write_text(LOOKED_UP)
    trained = "train e.eqs penguins --features island --target species --epochs 200"
    assert run(f"{trained} --batch-size 344 --lr 5 -o e.npz")[0] == 0
    header, *rows = run("predict e.npz penguins")[1].splitlines()
    assert header == "p_Adelie,p_Chinstrap,p_Gentoo"
    shares = {tuple(round(float(share), 2) for share in row.split(",")) for row in rows}
    # All on Torgersen are Adelie; on Biscoe 44 of 168, on Dream 56 of 124.
    assert shares == {(1.0, 0.0, 0.0), (0.26, 0.0, 0.74), (0.45, 0.55, 0.0)}


def test_a_word_that_was_not_learnt_from_is_answered(run):
    Path("e.eqs").write_text(LOOKED_UP)
    Path("e.csv").write_text("id,y\nhere,a\nthere,b\n")
    Path("f.csv").write_text("id,y\nhere,a\nnowhere,b\n")
    assert run("train e.eqs e.csv --target y --epochs 1 -o e.npz")[0] == 0
    said = "symnn: line 3 of 'f.csv', column 'id': 'nowhere' is none of the words learnt from\n"
    assert run("predict e.npz f.csv")[::2] == (2, said)
