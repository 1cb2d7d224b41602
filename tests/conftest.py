"""Fixtures of the whole test suite."""

import pytest

from tests.oracles import needed


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
