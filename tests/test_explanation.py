"""Derivations told step by step, in print and one key press at a time."""

import os
import pty
import select
import subprocess
import sys

import pytest

from symnn import Network, System, derive
from symnn.equations import Prime
from symnn.errors import UnknownNameError
from symnn.rendering import FORMATS, page_of, render
from symnn.rendering.explanation import DETAILS
from symnn.rendering.formulas import Formulas

NET = Network("2-2:tanh-1:sigmoid", loss="bce")


def told(model, detail="full"):
    page = page_of(derive(model), "index", with_steps=True, detail=detail)
    return [s for s in page.sections if s.lead or s.heading.startswith("Step ")]


def test_every_line_that_is_told_is_a_step_of_the_derivation():
    """Nothing is told that was not derived; test_steps proves each step."""
    derivation = derive(NET)
    formulas = Formulas(derivation, "index")
    derived = {
        formulas.lettered(s.after, formulas.quantities[s.target].indices) for s in derivation.steps
    }
    lines = [row[0] for section in told(NET) for row in section.rows]
    lasts = [f.sides[-1][0] for f in lines if not isinstance(f.sides[0][0], Prime)]
    assert len(lasts) == 23
    assert set(lasts) <= derived


@pytest.mark.parametrize("detail", DETAILS)
def test_a_part_has_as_many_lines_as_its_detail_asks_for(detail):
    counts = {"result": 6, "links": 12, "full": 23}
    lines = told(NET, detail)
    assert len(lines) == counts[detail]
    assert sum(bool(s.heading) for s in lines) == 6


def test_an_unknown_detail_is_refused():
    with pytest.raises(UnknownNameError, match="no detail named 'all'; Known: full, links, result"):
        told(NET, "all")


def test_the_chain_rule_names_every_path():
    text = """
    input x[n:N]; target y[n]; parameter w
    a[n] = w*x[n]
    b[n] = tanh(a[n])
    c[n] = a[n] + b[n]
    loss = mean(n, (c[n] - y[n])**2)
    """
    leads = [s.lead for s in told(System.parse(text))]
    assert any(
        "{a} acts on {loss} through {b} and {c}, so each path is one term" in x for x in leads
    )


@pytest.mark.parametrize("spec", ["1-1", "2-3:relu-2:softmax", "2-2:gelu-2:tanh-1:sigmoid"])
@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_tells_it(spec, format_name):
    page = page_of(derive(Network(spec)), with_steps=True)
    printed = FORMATS[format_name](page)
    assert "Chain rule" in printed
    assert "{yhat}" not in printed


def test_explain_without_a_terminal_tells_everything_at_once(run):
    status, told_at_once, _ = run("explain", "1-1")
    assert status == 0
    assert "Step 3 of 3" in told_at_once
    assert told_at_once == run("explain", "1-1", "--all")[1]
    assert "Checked: 2 of 2" in told_at_once.splitlines()[-1]


def typed(keys, *arguments):
    """What a terminal shows while these keys are pressed, one for each prompt, and the status."""
    # Not pty.fork: threads of other tests' libraries forbid a fork.
    terminal, inside = pty.openpty()
    command = [sys.executable, "-m", "symnn", *arguments]
    program = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside)
    os.close(inside)
    shown, left = b"", list(keys)
    while True:
        # A key that is pressed before the program waits for one is lost, so it is pressed again.
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if not ready and shown.rstrip(b" ").endswith(b"end]") and left:
            os.write(terminal, left[0].encode())
            left = left if left[0] != "\x03" else []
            continue
        try:
            new = os.read(terminal, 4096) if ready else b""
        except OSError:
            break
        if b"\r" in new and shown.rstrip(b" ").endswith(b"end]"):
            left = left[1:] or left
        shown += new
    os.close(terminal)
    return shown.decode(), program.wait()


def test_explain_goes_on_with_a_key_and_ends_with_q():
    shown, status = typed("  q", "explain", "1-1")
    assert status == 0
    assert "In each sum over a bracket" in shown
    assert "Step 2 of 3" not in shown


def test_explain_is_interrupted_with_status_130():
    assert typed("\x03", "explain", "1-1")[1] == 130


def test_steps_of_a_page_are_those_of_the_option(run):
    assert "Step 1 of 3" not in render(derive(Network("1-1")))
    told = "Work out each link, and put them together."
    assert told in run("derive", "1-1", "--detail", "links")[1]
