"""The README: every block of it runs, and what it shows is what comes out."""

import re

from tests.documents import ROOT, alike, rerun, setups
from tests.golden import compare

README = ROOT / "README.md"


def test_every_block_of_the_readme_gives_what_stands_there(tmp_path):
    compare(README, rerun(README.read_text(encoding="utf-8"), tmp_path), alike)


def test_a_command_and_its_output_stand_in_the_first_ten_lines():
    lines = README.read_text(encoding="utf-8").splitlines()[:10]
    place = lines.index("$ symnn derive 1-1")
    assert lines[place + 1].startswith("1 → 1")


def test_the_two_set_ups_need_python_alone_and_are_those_that_ci_runs():
    main, tests = setups(README.read_text(encoding="utf-8"))
    for command in (main, tests):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
        programs = [part.split()[0] for part in re.split("&&", command)]
        assert set(programs) <= {"python3", ".venv/bin/pip", ".venv/bin/symnn", ".venv/bin/pytest"}
    assert "oracles" not in tests
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert 'python3 -m tests.documents README.md "$2"' in script
    assert re.findall(r"^readme \S+ (\d+)$", script, re.MULTILINE) == ["1", "2"]


def test_a_contributor_runs_the_tests_as_the_readme_does():
    command = setups(README.read_text(encoding="utf-8"))[1].split("&&")[-1].strip()
    last = (ROOT / "check").read_text(encoding="utf-8").splitlines()[-2].strip()
    assert last == command.replace(".venv/bin/pytest", '"$bin/pytest"') + ' "$@"'


def test_the_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([\w./-]+)\)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).is_file(), target
