"""A missing oracle or program: skipped on a user's machine, a failure in CI."""

import pytest

from tests import programs
from tests.oracles import needed


def test_a_missing_oracle_is_skipped_on_a_users_machine(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no_such_oracle is not installed"):
        needed("no_such_oracle")


def test_a_missing_oracle_fails_in_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI must have no_such_oracle"):
        needed("no_such_oracle")


def test_a_missing_program_is_skipped_on_a_users_machine(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(programs, "is_there", lambda name: False)
    with pytest.raises(pytest.skip.Exception, match="pdflatex is not installed: apt-get install"):
        programs.needs("pdflatex")


def test_a_missing_program_fails_in_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(programs, "is_there", lambda name: False)
    with pytest.raises(pytest.fail.Exception, match="CI must have chromium: apt-get install"):
        programs.needs("chromium")
