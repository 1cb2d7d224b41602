"""Derivations with numbers in them: each number that is shown, and what may be given."""

import ast
import json
import operator
import re
import subprocess
import sys
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from random import Random

import mpmath
import numpy as np
import pytest
from mpmath import iv
from typer.testing import CliRunner

from symnn import Network, System, derive, train
from symnn.assigned import parse_values, read_values
from symnn.cli.app import app
from symnn.datasets import load
from symnn.errors import SymnnError
from symnn.examples import drop_missing, matrix
from symnn.modelfile import load as load_model
from symnn.optimizers import OPTIMIZERS, compiled
from symnn.points import leaves_of
from symnn.rendering import FORMATS, page_of
from symnn.rendering.sides import cell_of
from symnn.rendering.text_notation import TextNotation
from symnn.work import MOST_NUMBERS
from tests.oracles import needed

DIGITS = 6
iv.dps = 50
XOR = "x=[[0,0],[0,1],[1,0],[1,1]],y=[0,1,1,0]"
WEIGHTS = "W1=[[0.5,-1.2],[0.25,0.3]],b1=[0.35,-0.1],W2=[0.4,-0.45],b2=0.6"


# Every line of a page is computed again from what it shows ----------------------------------


def sigmoid(u):
    return 1 / (1 + iv.exp(-u))


def tanh(u):
    return 1 - 2 / (iv.exp(2 * u) + 1)


def relu(u):
    return u if u.a > 0 else iv.mpf(0) if u.b <= 0 else iv.mpf([0, u.b])


FUNCTIONS = {
    "exp": iv.exp,
    "log": iv.log,
    "sqrt": iv.sqrt,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "ReLU": relu,
    "max": lambda *values: iv.mpf([max(v.a for v in values), max(v.b for v in values)]),
}
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def interval(text, digits=DIGITS):
    """All that a printed number may stand for: half a unit of its last digit, where it is full."""
    mantissa, _, power = text.lower().partition("e")
    if len(mantissa.replace(".", "").lstrip("0")) < digits:
        return iv.mpf(text)
    places = len(mantissa.partition(".")[2])
    half = Decimal(5).scaleb(int(power or 0) - places - 1)
    with localcontext(prec=60):
        return iv.mpf([str(Decimal(text) - half), str(Decimal(text) + half)])


def computed(text, digits=DIGITS):
    """The interval of a line of numbers, as it is printed in ASCII."""
    called = re.sub(r"\b(tanh|log) ([0-9.e-]+)", r"\1(\2)", text)
    return walked(ast.parse(called, mode="eval").body, called, digits)


def walked(node, text, digits):
    if isinstance(node, ast.Constant):
        return interval(ast.get_source_segment(text, node), digits)
    if isinstance(node, ast.UnaryOp):
        return -walked(node.operand, text, digits)
    if isinstance(node, ast.Call):
        return FUNCTIONS[node.func.id](*(walked(a, text, digits) for a in node.args))
    if isinstance(node, ast.List):
        (claim,) = node.elts
        left, right = (walked(n, text, digits) for n in (claim.left, *claim.comparators))
        assert isinstance(claim.ops[0], ast.Gt), ast.dump(claim)
        return iv.mpf(1 if left.a > right.b else 0 if left.b <= right.a else [0, 1])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return walked(node.left, text, digits) ** int(node.right.value)
    return OPERATIONS[type(node.op)](
        walked(node.left, text, digits), walked(node.right, text, digits)
    )


def agrees(line, value, digits=DIGITS):
    """Whether a value that is shown may come from the line of numbers before it."""
    found, shown = computed(line, digits), computed(value, digits)
    return shown.a <= found.b and found.a <= shown.b


def lines_of(work):
    """The last two sides of each formula that ends in a number."""
    page = page_of(work.derivation, work=work)
    for section in page.sections:
        for row in section.rows:
            for formula in row:
                placed = [TextNotation(s).math(e) for e, s in formula.sides if s.numbers]
                if len(placed) == 2:
                    yield tuple(placed)


NETS = {
    "one": ("1-1", "mse", "w=0.5,b=1,x=2,y=3"),
    "negative": ("1-1", "mse", "w=-0.5,b=-1,x=-2,y=-3"),
    "xor": ("2-2-1:sigmoid", "bce", f"{WEIGHTS},x=[1,-1],y=1"),
    "table": ("2-2-1:sigmoid", "bce", f"{WEIGHTS},{XOR}"),
    "relu": ("2-2:relu-1", "mse", f"{WEIGHTS},{XOR}"),
    "softmax": ("2-3:sigmoid-2:softmax", "cross_entropy", "random"),
    "logits": ("2-3", "cross_entropy_with_logits", "random"),
    "deep": ("1-2:tanh-2:tanh-1", "mse", "random"),
    "tiny": ("1-1", "mse", "w=1e-9,b=3e-12,x=2e-7,y=123456789"),
}


@cache
def derivation_of(name):
    spec, loss, _ = NETS[name]
    return derive(Network(spec, loss=loss))


@cache
def usual_work(name):
    return derivation_of(name).at(NETS[name][2])


def work_of(name, **options):
    return derivation_of(name).at(NETS[name][2], **options) if options else usual_work(name)


@pytest.mark.parametrize("name", NETS)
def test_each_value_is_that_of_the_numbers_before_it(name):
    lines = [*lines_of(work_of(name))]
    assert len(lines) >= 5
    for line, value in lines:
        assert agrees(line, value), (line, value)


def test_a_wrong_last_digit_is_seen():
    assert agrees("0.4*0.593270 + 0.45*0.596884 + 0.6", "1.10591")
    assert not agrees("0.4*0.593270 + 0.45*0.596884 + 0.6", "1.10593")
    assert not agrees("(-2)*3", "6")


@pytest.mark.parametrize("digits", [3, 12, 30])
def test_as_many_digits_as_are_asked_for(digits):
    lines = [*lines_of(work_of("xor", digits=digits))]
    assert all(agrees(line, value, digits) for line, value in lines)
    longest = max(len(re.sub(r"^-?0\.0*|[-.]", "", value)) for _, value in lines)
    assert longest == digits


def test_what_is_exact_has_no_sign_of_rounding():
    page = FORMATS["unicode"](page_of(work_of("one").derivation, work=work_of("one")))
    assert "ŷ = w·x + b = 0.5·2 + 1 = 2\n" in page
    assert "δ = ∂L/∂ŷ = 2(ŷ − y) = 2·(2 − 3) = −2\n" in page
    assert "w ← w − η·∂L/∂w = 0.5 − 0.1·(−4) = 0.9\n" in page
    assert "≈" not in page


def test_a_difference_that_vanishes_is_0():
    work = derive(Network("1-1")).at("w=0.1,b=0.2,x=1,y=0.3")
    assert work["delta1"] == [[0.0]]
    assert work.loss == 0


def test_what_was_typed_is_shown_as_it_was_typed():
    page = page_of(derive(Network("1-1")), work=derive(Network("1-1")).at(NETS["tiny"][2]))
    assert "x = 2·10⁻⁷\n  y = 123456789\n  w = 10⁻⁹\n" in FORMATS["unicode"](page)


# Against PyTorch ----------------------------------------------------------------------------


def torch_gradients(name):
    torch = needed("torch")
    work = work_of(name)
    tensors = {
        q.name: torch.tensor(work[q.name], dtype=torch.float64)
        for q in work.derivation.system.quantities.values()
        if q.name in work.leaves.values
    }
    for key in tensors.keys() - {"x", "y"}:
        tensors[key].requires_grad_()
    return torch, work, tensors


def loss_in_torch(torch, name, t):
    functional = torch.nn.functional
    z = t["x"] @ t["W1"].T + t["b1"]
    if name == "one":
        return functional.mse_loss(z, t["y"])
    if name == "logits":
        return functional.cross_entropy(z, t["y"])
    hidden = {"relu": torch.relu, "softmax": torch.sigmoid}.get(name, torch.tanh)
    z = hidden(z) @ t["W2"].T + t["b2"]
    if name == "relu":
        return functional.mse_loss(z, t["y"])
    if name == "softmax":
        return functional.cross_entropy(z, t["y"])
    return functional.binary_cross_entropy_with_logits(z, t["y"])


@pytest.mark.parametrize("name", ["one", "xor", "table", "relu", "softmax", "logits"])
def test_values_gradients_and_the_update_are_pytorchs(name):
    torch, work, tensors = torch_gradients(name)
    loss = loss_in_torch(torch, name, tensors)
    loss.backward()
    assert float(work.loss) == pytest.approx(loss.item(), rel=1e-12)
    for key in tensors.keys() - {"x", "y"}:
        assert work[f"dL_d{key}"] == approx_nested(tensors[key].grad.tolist())
        moved = (tensors[key] - 0.1 * tensors[key].grad).tolist()
        assert work.updated[key] == approx_nested(moved)


def approx_nested(value):
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [approx_nested(v) for v in value]
    return pytest.approx(value, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", ["momentum", "nesterov", "adam"])
def test_the_first_step_of_an_optimizer_is_the_one_that_runs(name):
    work = work_of("xor", optimizer=name, lr=0.02)
    rule = compiled(OPTIMIZERS[name])
    w, g = (np.array(work[key]) for key in ("W1", "dL_dW1"))
    moved, _ = rule.step(w, g, rule.start(w), 1, eta=0.02)
    assert work.updated["W1"] == approx_nested(moved.tolist())
    for line, value in lines_of(work):
        assert agrees(line, value), (line, value)


# Knobs --------------------------------------------------------------------------------------


def test_a_knob_does_what_is_said():
    work = derive(Network("1-1")).at("w=0.5,b=1,x=2,y=3", turn={"w": -0.5})
    (turn,) = work.turns
    assert (turn.expected, turn.found) == (2, 3)
    page = FORMATS["unicode"](page_of(work.derivation, work=work))
    assert "Turn w by −0.5: L should change by about 2; it changes by 3." in page


@pytest.mark.parametrize("name", ["xor", "table", "softmax"])
def test_a_small_turn_changes_the_loss_as_its_derivative_says(name):
    names = derivation_of(name).gradients
    work = work_of(name, turn=dict.fromkeys(names, Fraction(1, 10**9)))
    assert len(work.turns) == len(work.changes)
    for turn in work.turns:
        assert abs(turn.expected - turn.found) <= 1e-6 * abs(turn.expected) + mpmath.mpf(10) ** -14


def test_small_nets_have_every_knob_turned_and_large_ones_the_first():
    assert [str(t.symbol) for t in work_of("one").turns] == ["W1_0_0", "b1_0"]
    assert [str(t.symbol) for t in work_of("softmax").turns] == ["W1_0_0"]


# Formats ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xor", "table"])
@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_shows_the_numbers(format_name, name):
    work = work_of(name)
    text = FORMATS[format_name](page_of(work.derivation, work=work))
    shown = [value for _, value in lines_of(work)]
    digits = {re.sub(r"[^0-9]", "", value)[:6].lstrip("0") for value in shown}
    plain = re.sub(r"[^0-9]", "", re.sub(r"<[^>]*>", "", text))
    assert all(number in plain for number in digits)


def test_the_json_says_which_signs_and_tables_there_are():
    document = json.loads(
        FORMATS["json"](page_of(work_of("table").derivation, work=work_of("table")))
    )
    tables = [t for s in document["sections"] for t in s.get("tables", [])]
    assert tables[0]["heads"][0]["text"] == "n"
    assert len(tables[0]["rows"]) == 4
    signs = {
        sign for s in document["sections"] for f in s["formulas"] for sign in f.get("signs", [])
    }
    assert signs == {"=", "~=", "<-"}


def test_a_table_shows_each_sample():
    work = work_of("table")
    page = page_of(work.derivation, work=work)
    tables = [t for s in page.sections for t in s.tables]
    columns = {
        cell_of(head, TextNotation, str): [cell_of(row[k], TextNotation, str) for row in t.rows]
        for t in tables
        for k, head in enumerate(t.heads)
    }
    for n, (yhat, y) in enumerate(zip(columns["yhat[n]"], columns["y[n]"], strict=True)):
        assert float(yhat) == pytest.approx(work["yhat"][n][0], rel=1e-5)
        assert float(y) == work["y"][n][0]
    assert "delta1[n,2]" in columns


def test_a_notebook_shows_it():
    work = work_of("one")
    assert "0.5 \\cdot 2 + 1" in work._repr_latex_()
    assert "<mo>≈</mo>" in work_of("xor")._repr_html_()
    assert repr(work) == "Work(Network('1-1:identity', loss='mse'), L=1)"


def test_equations_and_expressions_have_numbers_too():
    system = System.parse(
        "input x[n:N,d:D]; target y[n]; parameter w[d], b\n"
        "z[n] = sum(d, w[d]*x[n,d]) + b\nloss = mean(n, (z[n] - y[n])**2)"
    )
    work = derive(system).at("w=[1,2],b=0.5,x=[[1,1],[2,0]],y=[3,3]")
    assert work["z"] == [3.5, 2.5]
    assert work["dL_dw"] == [-0.5, 0.5]
    for line, value in lines_of(work):
        assert agrees(line, value), (line, value)


LAYERS = {
    "convolution": "1x3x3-conv2d(1,2):relu-flatten-1",
    "max pooling": "1x4-maxpool1d(2)-flatten-1",
    "layer norm": "3-layernorm-1",
    "embedding": "2-embedding(4,2)-flatten-1",
    "recurrent": "2x1-rnn(1)-last-1",
    "attention": "2x1-attention-last-1",
    "dropout": "2-2-dropout(0.5)-1",
}


@pytest.mark.parametrize("name", LAYERS)
def test_other_layers_have_numbers_too(name):
    work = derive(Network(LAYERS[name])).at("random", seed=1)
    for line, value in lines_of(work):
        assert agrees(line, value), (line, value)


# What cannot be -----------------------------------------------------------------------------

REFUSED = {
    "missing": ("w=0.5,x=2", "no value for y and b1; give them as in y=0.5"),
    "unknown": (
        "w=0.5,b=1,x=2,y=3,WW1=1",
        "no input, target or parameter named 'WW1'; did you mean 'W1'? Known: W1, b1, x, y",
    ),
    "computed": ("w=0.5,b=1,x=2,y=3,yhat=1", "yhat is computed; give x, y, W1 and b1"),
    "shape": (
        "w=[1,2],b=1,x=2,y=3",
        "W1 has the shape (1, 1), but values of the shape (2,) are given",
    ),
    "ragged": (
        "w=0.5,b=1,x=[[1],[2,3]],y=3",
        "x has rows of different shapes: row 1 (1,), row 2 (2,)",
    ),
    "samples": ("w=0.5,b=1,x=[1,2],y=3", "y has one sample, but x has 2"),
    "twice": ("w=0.5,w=1,b=1,x=2,y=3", "line 1, column 7: w is given twice; give it once"),
    "by two names": (
        "w=0.5,W1=1,b=1,x=2,y=3",
        "W1 is given twice; give it once, or entry by entry",
    ),
    "entry": (
        "W1[1,2]=0.5,b=1,x=2,y=3",
        "W1[1,2] is not there: W1 has the shape (1, 1), from 1 on",
    ),
    "from 0": (
        "w[0]=1,b=1,x=2,y=3",
        "line 1, column 1: w[0] is no entry; entries are counted from 1",
    ),
    "no number": ("w=a", "line 1, column 3: a number or '[' is expected here, not 'a'"),
    "end": ("w=", "line 1, column 3: a number or '[' is expected here, not the end"),
    "bracket": ("x=[1,2", "line 1, column 7: ',' or ']' is expected here, not the end"),
    "beyond": ("w=1e9999", "line 1, column 8: ',' and the next name, or the end, is expected here"),
    "name": ("0.5", "line 1, column 1: a name is expected here, as in w=0.5,x=[1,2], not '0.5'"),
    "no value": ("w,b=1", "line 1, column 2: '=' and a value are expected after w, not ','"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_a_line(name):
    text, said = REFUSED[name]
    with pytest.raises(SymnnError) as refused:
        derive(Network("1-1")).at(text)
    assert str(refused.value).startswith(said)


PIECES = [*"wbxy=,[].0123456789eE+-−/ \n\t'%\\∞", "W1[1,1]", "yhat", "1e999", "1/0", "nan", "[["]


def spoilt(text, random):
    """The text with a few of its letters left out, or something put in their places."""
    letters = list(text)
    for _ in range(random.randint(1, 5)):
        place, width, count = random.randrange(len(letters)), *random.choices((0, 1), k=2)
        letters[place : place + width] = random.choices(PIECES, k=count)
    return "".join(letters)


def said_of(text):
    """What is wrong with a text, or nothing."""
    try:
        leaves_of(derivation_of("one").system, parse_values(text))
    except SymnnError as refused:
        return str(refused)
    return ""


def test_a_text_that_was_changed_at_random_is_read_or_refused_in_a_line():
    random = Random(0)
    said = [said_of(spoilt("w=0.5,b=1,x=[1,2],y=[[3],[4]]", random)) for _ in range(1500)]
    assert said.count("") > 50
    assert [line for line in said if "\n" in line] == []


def test_targets_that_do_not_sum_to_1_are_refused():
    with pytest.raises(SymnnError, match=r"y sums to 1\.5; the loss takes targets that sum to 1"):
        derive(Network("1-2:softmax", loss="cross_entropy")).at("w=[1,2],b=[0,0],x=1,y=[1,0.5]")


NOWHERE = {
    "no value": ("loss = log(x) + w", "loss is not finite at these values"),
    "no slope": ("loss = log(w*x)", "something is divided by 0 at these values"),
    "not real": ("loss = sqrt(x - 1) + w", "the value (0.0 + 1.0j) is not real"),
}


@pytest.mark.parametrize("name", NOWHERE)
def test_where_there_is_no_value_it_is_said(name):
    text, said = NOWHERE[name]
    with pytest.raises(SymnnError) as refused:
        derive(System.parse(f"input x; parameter w; {text}")).at("w=0,x=0")
    assert str(refused.value) == said


def test_too_much_is_refused_with_its_limit():
    with pytest.raises(SymnnError, match=f"too large to put numbers in: .*{MOST_NUMBERS}"):
        derive(Network("64-32-10")).at("random")


FILES = {
    "nan": ("a.json", '{"w": NaN}', "w holds nan, which is not finite"),
    "text": ("a.json", '{"w": "one"}', "w holds 'one', which is no number"),
    "truth": ("a.json", '{"w": true}', "w holds True, which is no number"),
    "twice": ("a.json", '{"w": 1, "w": 2}', "cannot read '{path}': 'w' is given twice"),
    "list": ("a.json", "[1]", "'{path}' is no table of numbers by name"),
    "broken": ("a.json", '{"w": ', "cannot read '{path}': Expecting value: line 1 column 7"),
    "toml": ("a.toml", "w = = 1", "cannot read '{path}': Invalid value (at line 1, column 5)"),
    "inf": ("a.toml", "w = inf", "w holds inf, which is not finite"),
    "deep": ("a.json", '{"w": ' + "[" * 100000, "cannot read '{path}': it is nested too deep"),
    "empty": ("a.json", '{"x": []}', "x has an empty list; give it numbers"),
    "huge": ("a.json", '{"x": 1e999999999}', "x holds inf, which is not finite"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_holds_no_numbers_is_refused(tmp_path, name):
    file, text, said = FILES[name]
    path = tmp_path / file
    path.write_text(text)
    with pytest.raises(SymnnError) as refused:
        read_values(path)
    assert said.replace("{path}", str(path)) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_give_the_same_as_text(tmp_path):
    (tmp_path / "a.json").write_text('{"w": 0.1, "x": [1, 2.5]}')
    (tmp_path / "a.toml").write_text("w = 0.1\nx = [1, 2.5]\n")
    expected = parse_values("w=0.1,x=[1,2.5]")
    assert read_values(tmp_path / "a.json") == read_values(tmp_path / "a.toml") == expected


# The command line ---------------------------------------------------------------------------


def run(*arguments, **options):
    command = [sys.executable, "-m", "symnn", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_a_wrong_text_is_shown_with_a_caret():
    done = run("derive", "1-1", "--at", "w=0.5,b=x")
    assert done.returncode == 2
    assert done.stderr == (
        "symnn: --at:1:9: a number or '[' is expected here, not 'x'\nw=0.5,b=x\n        ^\n"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a network and equations that were trained on the penguins."""
    path = tmp_path_factory.mktemp("saved")
    columns = {"features": ("flipper_length_mm",), "targets": ("body_mass_g",)}
    table = drop_missing(load("penguins"), ["body_mass_g"])[0]
    x, y = (matrix(table, names) for names in columns.values())
    train(Network("1-1"), x, y, standardize=True, epochs=2, **columns).save(path / "line.npz")
    kinds = tuple(sorted(set(table.column("species"))))
    classes = np.eye(3)[[kinds.index(name) for name in table.column("species")]]
    names = {"features": columns["features"], "targets": ("species",), "classes": kinds}
    network = Network("1-3:softmax", loss="cross_entropy")
    train(network, x, classes, epochs=1, lr=1e-6, **names).save(path / "species.npz")
    train(Network("1-1"), [1, 2], [1, 2], epochs=1).save(path / "plain.npz")
    return path


def invoked(*arguments):
    result = CliRunner().invoke(app, arguments, catch_exceptions=True)
    return result.output if result.exit_code == 0 else str(result.exception)


def test_a_row_of_a_saved_model_is_scaled_as_it_was_trained(folder):
    shown = invoked("derive", "--at", str(folder / "line.npz"), "--data", "penguins", "--row", "3")
    assert "Row 3 of penguins." in shown
    model = load_model(folder / "line.npz")
    (found,) = re.findall(r"body_mass_g +([0-9.]+) +3250\n", shown)
    assert float(found) == pytest.approx(model.predict([[195.0]]).item(), rel=1e-5)
    (scaled,) = re.findall(r"  x ≈ (\S+)\n", shown)
    expected = (195 - model.inputs.means[0]) / model.inputs.scales[0]
    assert float(scaled.replace("−", "-")) == pytest.approx(expected, rel=1e-5)


def test_rows_of_a_saved_model_make_a_table(folder):
    path = str(folder / "species.npz")
    shown = invoked("derive", "--at", path, "--data", "penguins", "--row", "1-2,344")
    assert "Rows 1-2,344 of penguins. The classes of species are, in order, Adelie," in shown
    assert re.search(r"\n  3 +198 ", shown)
    one = invoked("derive", "--at", path, "--data", "penguins", "--row", "344")
    assert re.search(r"\n  Chinstrap +[0-9]", one)


WRONG = {
    "no row": (["--row", "345"], "there is no row 345 in 'penguins'; it has the rows 1 to 344"),
    "row 0": (["--row", "0"], "there is no row 0 in 'penguins'; it has the rows 1 to 344"),
    "no number": (["--row", "x"], "--row is 'x'; rows are given as 3, as 1-4 or as 2,5"),
    "many": (["--row", "1-300"], "--row asks for 300 rows; 50 is the most"),
    "missing": (
        ["--row", "4"],
        "line 5 of 'penguins', column 'flipper_length_mm': the value is missing ('NA'); "
        "--drop-missing leaves such rows out",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_row_is_refused(folder, name):
    options, said = WRONG[name]
    model = str(folder / "line.npz")
    assert invoked("derive", "--at", model, "--data", "penguins", *options) == said


REFUSED_OPTIONS = {
    "1-1 --turn w": '--turn goes with --at, as in --at "w=0.5,b=1,x=2,y=3"',
    "1-1 --at w=1 --data penguins --row 1": (
        "--data and --row go with a saved model, as in --at model.npz"
    ),
    "--at line.npz --data penguins": (
        "--data and --row go together, as in --data penguins --row 3"
    ),
    "2-1 --at line.npz": "'line.npz' holds 1-1:identity, and not 2-1; leave that out",
    "--at line.npz --at species.npz": (
        "--at takes one saved model, but line.npz and species.npz are given"
    ),
    "1-1 --at random --at w=1": "--at random takes no other values beside it",
    "--at plain.npz --data penguins --row 1": (
        "'plain.npz' knows no columns by name; give x and y themselves"
    ),
    "1-1 --at none.json": "cannot read 'none.json': No such file or directory",
    "1-1 --at w=1 --at w=2": "w is given twice; give it once",
    "1-1 --at random --digits 0": "digits is 0; numbers have from 1 to 40",
    "1-1 --at random --lr 0": "lr is 0; a learning rate is a number above 0",
    "1-1 --at random --optimizer sdg": (
        "no optimizer named 'sdg'; did you mean 'sgd'? Known: adam, momentum, nesterov, sgd"
    ),
    "1-1 --at random --turn v": "no input, target or parameter named 'v'; Known: W1, b1",
    "1-1 --at random --turn w=0": "w is turned by 0, which changes nothing",
    "1-1 --at random --turn w[2]": "w[2] is not there: W1 has the shape (1, 1), from 1 on",
    "1-1 --at random --of yhat --wrt W1": (
        "numbers go under a loss and its gradients; ask for no other derivative"
    ),
}


@pytest.mark.parametrize(("options", "said"), REFUSED_OPTIONS.items(), ids=REFUSED_OPTIONS)
def test_options_that_do_not_fit_are_refused(folder, monkeypatch, options, said):
    monkeypatch.chdir(folder)
    assert invoked("derive", *options.split()) == said


def test_a_saved_model_takes_values_beside_its_own(folder):
    shown = invoked("derive", "--at", str(folder / "plain.npz"), "--at", "x=1,y=2", "--wrt", "x")
    assert "∂L/∂x = δ·w" in shown


def test_explain_shows_the_numbers_before_it_ends():
    shown = invoked("explain", "1-1", "--at", NETS["one"][2], "--turn", "w")
    assert shown.index("Step 3 of 3") < shown.index("ŷ = w·x + b = 0.5·2 + 1 = 2")
    assert "Turn w by +0.01: L should change by about −0.04; it changes by −0.0396." in shown


def test_steps_stand_between_the_gradients_and_the_update():
    shown = invoked("derive", "1-1", "--at", NETS["one"][2], "--steps")
    assert shown.index("Gradients") < shown.index("Step 1 of 3") < shown.index("Update")
