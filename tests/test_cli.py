"""`symnn derive`, `check`, `list` and the program itself: what is printed, and how it refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import symnn
from symnn import ACTIVATIONS, LAYERS, LOSSES, OPTIMIZERS, PENALTIES, checking
from symnn.checking import Report, Row
from symnn.cli import tables as command_of_list
from symnn.compilation import BACKENDS
from symnn.datasets import DATASETS
from symnn.notations import NOTATIONS
from symnn.rendering import BINARY_FORMATS, FORMATS, FORMS
from symnn.version import __version__

ROOT = Path(symnn.__file__).parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def python(*arguments):
    """Python in a process of its own, with this symnn."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )


# What starting costs --------------------------------------------------------------------------

HEAVY = {"sympy", "numpy", "mpmath", "rich"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["derive", "--help"], ["list", "-h"], []]
)
def test_help_and_version_load_neither_sympy_nor_numpy(arguments):
    script = (
        "import atexit, sys\n"
        f"sys.argv = ['symnn', *{arguments!r}]\n"
        f"atexit.register(lambda: print('heavy:', sorted({HEAVY!r} & set(sys.modules))))\n"
        "from symnn.cli import main\n"
        "main()\n"
    )
    assert python("-c", script).stdout.splitlines()[-1] == "heavy: []"


def test_printing_loads_no_numpy():
    script = (
        "import atexit, sys\n"
        "sys.argv = ['symnn', 'derive', '2-2-1']\n"
        "atexit.register(lambda: print('numpy' in sys.modules))\n"
        "from symnn.cli import main\n"
        "main()\n"
    )
    done = python("-c", script)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("False", "")


def test_the_package_is_a_program():
    done = python("-m", "symnn", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"symnn {__version__}\n", "")


def test_help_names_every_command_and_every_choice(run):
    _, out, _ = run("--help")
    assert [c for c in ("derive", "train", "predict", "check", "list") if c not in out] == []
    _, out, _ = run("derive", "--help")
    assert [name for name in (*FORMATS, *FORMS) if name not in out] == []
    assert '"W2[1,3]"' in out


# Refusals -------------------------------------------------------------------------------------

KNOWN = ", ".join
SPEC = "as in 2-3:tanh-1:sigmoid"
SIZE = "a size is a whole number from 1 to 10000000"
ACTIVATION = f"no activation named 'tahn'; did you mean 'tanh'? Known: {KNOWN(sorted(ACTIVATIONS))}"
LOSS = f"no loss named 'msee'; did you mean 'mse'? Known: {KNOWN(sorted(LOSSES))}"
PENALTY = "no penalty named 'l3'; Known: elastic_net, l1, l2"
QUANTITIES = "W1, W2, a1, b1, b2, x, yhat, z1"

REFUSALS = {
    "an unknown activation": (["derive", "2-3:tahn-1"], ACTIVATION),
    "an unknown hidden activation": (["derive", "2-3-1", "--hidden", "tahn"], ACTIVATION),
    "an unknown output activation": (["derive", "2-3-1", "--output", "tahn"], ACTIVATION),
    "an unknown loss": (["derive", "2-1", "--loss", "msee"], LOSS),
    "an unknown penalty": (["derive", "2-1", "--penalty", "l3"], PENALTY),
    "an unknown penalty of a check": (["check", "2-1", "--penalty", "l3(1)"], PENALTY),
    "an unknown penalty to explain": (["explain", "2-1", "--penalty", "l3:W1"], PENALTY),
    "an unknown penalty of a training": (
        ["train", "2-1", "penguins", "--target", "body_mass_g", "--penalty", "l3"],
        PENALTY,
    ),
    "a penalty on an unknown parameter": (
        ["derive", "2-1", "--penalty", "l2:W2"],
        "no parameter named 'W2'; Known: W1, b1",
    ),
    "a penalty beside an expression": (
        ["derive", "--expr", "w^2", "--wrt", "w", "--penalty", "l2"],
        "--penalty is for networks; equations say all of it themselves",
    ),
    "an unknown format": (
        ["derive", "2-1", "--format", "latx"],
        "no format named 'latx'; did you mean 'latex'? "
        f"Known: {KNOWN(sorted([*FORMATS, *BINARY_FORMATS]))}",
    ),
    "an unknown form": (
        ["derive", "2-1", "--form", "matrx"],
        f"no form named 'matrx'; did you mean 'matrix'? Known: {KNOWN(sorted(FORMS))}",
    ),
    "an unknown table": (
        ["list", "loses"],
        "no table named 'loses'; did you mean 'losses'? "
        f"Known: {KNOWN(sorted(command_of_list.TABLES))}",
    ),
    "a size left out": (
        ["derive", "2--1"],
        f"spec '2--1': size 2 is missing; every part begins with a size, {SPEC}",
    ),
    "a layer without units": (
        ["derive", "2-0-1"],
        f"spec '2-0-1': size 2 is '0'; {SIZE}, {SPEC}",
    ),
    "sizes that are no numbers": (["derive", "a-b"], f"spec 'a-b': size 1 is 'a'; {SIZE}, {SPEC}"),
    "a size in other digits": (["derive", "2-³"], f"spec '2-³': size 2 is '³'; {SIZE}, {SPEC}"),
    "a size beyond the limit": (
        ["derive", "2-99999999"],
        f"spec '2-99999999': size 2 is '99999999'; {SIZE}, {SPEC}",
    ),
    "a colon and nothing": (
        ["derive", "2-3:"],
        f"spec '2-3:': size 2 has a ':' and no activation; name one after it, {SPEC}",
    ),
    "no layer": (
        ["derive", "2"],
        f"spec '2': it has no layer; join at least two sizes by '-', {SPEC}",
    ),
    "nothing": (
        ["derive", ""],
        f"spec '': it has no layer; join at least two sizes by '-', {SPEC}",
    ),
    "an activation of the input": (
        ["derive", "2:tanh-1"],
        "spec '2:tanh-1': the input has an activation ('2:tanh'); only layers after it can, "
        f"{SPEC}",
    ),
    "code for an activation": (
        ["derive", "2-1:exit()"],
        f"no activation named 'exit'; Known: {KNOWN(sorted(ACTIVATIONS))}",
    ),
    "a loss for probabilities": (
        ["derive", "2-1", "--loss", "bce"],
        "loss bce needs outputs between 0 and 1, which identity does not give; use sigmoid, or "
        "the loss bce_with_logits on an identity output",
    ),
    "a loss for a distribution": (
        ["derive", "2-2:sigmoid", "--loss", "cross_entropy"],
        "loss cross_entropy needs outputs that sum to one, which sigmoid does not give; use "
        "softmax, or the loss cross_entropy_with_logits on an identity output",
    ),
    "a loss for logits": (
        ["derive", "2-1:sigmoid", "--loss", "bce_with_logits"],
        "loss bce_with_logits takes logits, and sigmoid gives probabilities already; use an "
        "identity output, or the loss bce",
    ),
    "a loss for single outputs": (
        ["derive", "2-2:softmax", "--loss", "bce"],
        "loss bce takes each output by itself, and those of softmax sum to one; use sigmoid, or "
        "the loss cross_entropy",
    ),
    "a softmax over one unit": (
        ["derive", "2-1:softmax"],
        "softmax over one unit is always 1; use sigmoid, or more units",
    ),
    "a cross-entropy over one output": (
        ["derive", "2-1", "--loss", "cross_entropy_with_logits"],
        "loss cross_entropy_with_logits over one output is always 0; use bce_with_logits, or "
        "more outputs",
    ),
    "a quantity that is not there": (
        ["derive", "2-3-1", "--wrt", "W3"],
        "no quantity to differentiate by named 'W3'; Known: " + QUANTITIES,
    ),
    "a target to differentiate by": (
        ["derive", "2-3-1", "--wrt", "y"],
        "no quantity to differentiate by named 'y'; Known: " + QUANTITIES,
    ),
    "an entry beyond the shape": (
        ["derive", "2-3-1", "--wrt", "W1[4,1]"],
        "W1[4,1] is not there: W1 has the shape (3, 2), from 1 on",
    ),
    "an entry 0": (
        ["derive", "2-3-1", "--wrt", "W1[0,1]"],
        "W1[0,1] is not there: W1 has the shape (3, 2), from 1 on",
    ),
    "an index too few": (
        ["derive", "2-3-1", "--wrt", "W1[1]"],
        "W1[1] is not there: W1 has the shape (3, 2), from 1 on",
    ),
    "a name cut short": (
        ["derive", "2-3-1", "--wrt", "W1[1"],
        "'W1[1' is no name of a quantity; give one as W2 or as W2[1,3]",
    ),
    "code for a name": (
        ["derive", "2-3-1", "--wrt", "W1[exit()]"],
        "'W1[exit()]' is no name of a quantity; give one as W2 or as W2[1,3]",
    ),
    "too many scalars": (
        ["derive", "9-9-1", "--form", "scalar"],
        "the scalar form has a line for each of 100 parameters, and is for 30 or fewer; leave it "
        'out and ask for single ones, as in --wrt "W1[1,1]"',
    ),
    "scalars of sizes that are letters": (
        ["derive", "--expr", "sum(i:D, w[i]**2)", "--wrt", "w", "--form", "scalar"],
        "the scalar form needs numbers for the sizes D",
    ),
    "scalars of as many parameters as samples": (
        ["derive", "--expr", "sum(n:N, w[n]**2)", "--wrt", "w", "--form", "scalar"],
        "the scalar form needs numbers for the sizes N",
    ),
    "an entry 0 of an axis whose size is a letter": (
        ["derive", "--expr", "sum(i:D, w[i]**2)", "--wrt", "w[0]"],
        "w[0] is not there: w has the shape (D,), from 1 on",
    ),
    "an entry of what is one number a sample": (
        ["derive", "--expr", "sum(n:N, w[n]**2)", "--wrt", "w[1]"],
        "w[1] is not there: of w a sample has one number; over all samples, write w",
    ),
    "an entry that names the sample": (
        ["derive", "2-3-1", "--wrt", "yhat[1,1]"],
        "yhat[1,1] is not there: for each sample yhat has the shape (1,), from 1 on; "
        "over all samples, write yhat",
    ),
    "no folder": (
        ["derive", "1-1", "-o", "none/out.txt"],
        "cannot write 'none/out.txt': there is no folder '{cwd}/none'",
    ),
    "a folder for a file": (["derive", "1-1", "-o", "."], "cannot write '.': it is a folder"),
    "a misspelt output": (
        ["derive", "2-3-1", "--wrt", "yhatt"],
        "no quantity to differentiate by named 'yhatt'; did you mean 'yhat'? Known: " + QUANTITIES,
    ),
    "a check of nothing": (["check", "2-3:tahn-1"], ACTIVATION),
    "a check with a loss that does not fit": (
        ["check", "2-1", "--loss", "msee"],
        LOSS,
    ),
    "no file of a model": (["predict", "none.npz", "penguins"], "no file 'none.npz'"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_is_one_line_on_stderr_status_2_and_no_file(run, folder, arguments, message):
    expected = f"symnn: {message.replace('{cwd}', str(folder))}\n"
    assert run(*arguments) == (2, "", expected)
    assert list(folder.iterdir()) == []


USAGE = {
    "an option that is not there": ["derive", "1-1", "--lss", "mse"],
    "a command that is not there": ["drive", "1-1"],
    "no model": ["check"],
    "an argument too many": ["derive", "1-1", "2-2"],
    "a word for a number": ["derive", "1-1", "--seed", "one"],
    "an option without its value": ["derive", "1-1", "--loss"],
    "no data": ["train", "1-1"],
}


def test_equations_are_refused_with_their_line_and_a_caret(run, folder):
    (folder / "model.eqs").write_text("parameter w\ninput x[n:N]\nloss = mean(n, w*v[n])\n")
    pointing = "loss = mean(n, w*v[n])\n                 ^\n"
    for command in ("derive", "check"):
        assert run(command, "model.eqs") == (
            2,
            "",
            f"symnn: model.eqs:3:18: 'v' is not declared\n{pointing}",
        )
    assert run("derive", "--expr", "w^2", "--wrt", "w") == (
        2,
        "",
        "symnn: --expr:1:2: a power is written **, as in x**2\nw^2\n ^\n",
    )


def test_what_is_doubtful_in_equations_is_a_warning_on_stderr(run, folder):
    (folder / "model.eqs").write_text("parameter w, v\nloss = w**2 + sign(w)\n")
    status, page, talk = run("derive", "model.eqs")
    assert (status, "∂L/∂v" in page) == (0, True)
    assert talk == (
        "symnn: warning: model.eqs:1:14: parameter 'v' does not act on the loss; "
        "its gradient is zero\n"
        "symnn: warning: model.eqs:2:15: sign is flat: no parameter below it can learn\n"
    )


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE.keys())
def test_a_wrong_usage_is_told_on_stderr_with_status_2(run, arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert "Error" in err


# Output ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_gets_what_stdout_would(run, folder, format_):
    arguments = ["derive", "2-2-1", "--format", format_]
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert run(*arguments, "-o", "-") == (0, out, "")
    assert run(*arguments, "-o", "page") == (0, "", "wrote page\n")
    assert (folder / "page").read_text(encoding="utf-8") == out
    assert [path.name for path in folder.iterdir()] == ["page"]


def test_a_file_that_is_there_is_replaced_whole(run, folder):
    (folder / "page").write_text("x" * 100_000)
    run("derive", "1-1", "-o", "page")
    assert (folder / "page").read_text(encoding="utf-8") == run("derive", "1-1")[1]


def test_only_what_is_asked_for_is_printed(run):
    _, out, _ = run("derive", "2-3-1", "--wrt", "W2", "--wrt", "W1[3,1]", "--wrt", "x")
    assert "∂L/∂W² = " in out
    assert "∂L/∂W¹₃₁ = " in out
    assert "∂L/∂x " in out
    assert "∂L/∂b" not in out


def test_an_entry_of_an_axis_whose_size_is_a_letter_is_printed(run):
    _, out, _ = run("derive", "--expr", "sum(i:D, a[i]*w[i]**2)", "--wrt", "w[3]")
    assert "∂L/∂w₃ = 2w₃·a₃" in out


@pytest.mark.parametrize("option", [["--hidden", "relu"], ["--output", "sigmoid"]])
def test_layers_that_name_no_activation_take_the_option(run, option):
    _, out, _ = run("derive", "2-3-1", *option)
    assert option[1] in out.splitlines()[0]


def test_every_page_ends_with_how_it_was_checked(run):
    for spec, on in (("2-2-1", ""), ("50-40-10", ", on the same net shrunk to 3-3-3")):
        last = run("derive", spec, "--seed", "7")[1].splitlines()[-1]
        assert last.startswith("Checked: ")
        count, total = last.split()[1::2][:2]
        assert count == total
        assert last.endswith(f"(seed 7{on})")


def test_the_page_of_a_gauss_newton_matrix_says_against_what_it_was_checked(run):
    options = ("--loss", "cross_entropy", "--gauss-newton", "--wrt", "b1")
    last = run("derive", "8-2:softmax", *options)[1].splitlines()[-1]
    said = "Checked: 4 of 4 against finite differences of z and second ones of L by it at 50 digits"
    assert last.startswith(said)
    assert last.endswith("(seed 0, on the same net shrunk to 3-2)")


def test_the_same_command_prints_the_same(run):
    arguments = ["derive", "3-3:gelu-2:softmax", "--loss", "cross_entropy", "--steps"]
    assert run(*arguments) == run(*arguments)
    assert run(*arguments)[1] == python("-m", "symnn", *arguments).stdout


def test_ctrl_c_ends_a_command_with_130(run, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(symnn.rendering, "page_of", interrupted)
    status, out, err = run("derive", "1-1", "-o", "page")
    assert (status, out) == (130, "")
    assert "Traceback" not in err
    assert not Path("page").exists()


# check and list -------------------------------------------------------------------------------


def test_a_network_that_is_right_passes_its_check(run):
    status, out, err = run("check", "2-2:relu-1:sigmoid", "--loss", "bce")
    assert (status, err) == (0, "")
    assert "OFF" not in out
    assert all(line.endswith("  ok") for line in out.splitlines())


def test_a_wide_network_is_checked_small_and_says_so(run):
    status, _, err = run("check", "20-10:relu-5", "--loss", "cross_entropy_with_logits")
    assert (status, err) == (0, "a wide net is checked on the same net shrunk to 3-3-3\n")


def test_a_network_that_is_off_fails_its_check_with_status_1(run, monkeypatch):
    rows = (Row("good", 2, 1e-30, 1e-25, True), Row("bad", 1, 0.5, 1e-25, False))
    monkeypatch.setattr(checking, "check", lambda *_: Report(rows))
    assert run("check", "1-1") == (
        1,
        "good      2 compared, worst 1e-30  ok\n"
        "bad       1 compared, worst 5e-01  OFF, more than 1e-25\n",
        "",
    )


def test_a_wrong_derivative_fails_the_check_with_status_1(run, monkeypatch):
    right = symnn.calculus.slope_of
    monkeypatch.setattr(symnn.calculus, "slope_of", lambda e, v: 2 * right(e, v))
    status, out, _ = run("check", "2-2-1")
    assert status == 1
    assert "OFF, more than 1e-25" in out


ROWS = {
    "activations": ACTIVATIONS,
    "losses": LOSSES,
    "penalties": PENALTIES,
    "optimizers": OPTIMIZERS,
    "layers": LAYERS,
    "datasets": DATASETS,
    "notations": NOTATIONS,
    "formats": [*FORMATS, *BINARY_FORMATS],
    "forms": FORMS,
    "backends": BACKENDS,
}


def test_every_table_of_the_package_is_listed():
    assert ROWS.keys() == command_of_list.TABLES.keys()


@pytest.mark.parametrize("table", ROWS)
def test_a_table_is_listed_with_every_row(run, table):
    status, out, err = run("list", table)
    heading, *lines = out.splitlines()
    assert (status, err, heading) == (0, "", table)
    names = {word for line in lines for word in line.strip().replace(":", ",").split(", ")}
    names |= {line.strip().split(":")[0] for line in lines}
    assert [row for row in ROWS[table] if row not in names] == []
    assert run("list")[1].count(out) == 1


def test_a_row_is_listed_with_its_formula_its_slope_its_kink_and_its_source(run):
    _, out, _ = run("list", "activations")
    for line in ("ReLU(u) = ", "ReLU′(u) = ", "ReLU′(0) = 0", "Nair and Hinton 2010"):
        assert f"\n    {line}" in out
