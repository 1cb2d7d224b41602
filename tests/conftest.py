"""Fixtures of the whole test suite."""

import sys

import pytest

from symnn.cli import main
from symnn.compilation import widening
from tests.oracles import needed


@pytest.fixture
def run(monkeypatch, capsys):
    """A function that runs the program with these words: exit status, stdout, stderr."""

    def run_with(*words):
        monkeypatch.setattr(sys, "argv", ["symnn", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code or 0, *capsys.readouterr())

    return run_with


@pytest.fixture
def one_float(monkeypatch):
    """Functions run in the float of their arguments alone, whatever leaves its range."""
    monkeypatch.setattr(widening, "_wider_than", lambda _: ())


@pytest.fixture
def torch():
    module = needed("torch")
    # The tests' arrays are small: threads would wait for each other, and for other workers.
    module.set_num_threads(1)
    return module


@pytest.fixture
def jax():
    module = needed("jax")
    with module.enable_x64(True):
        yield module
