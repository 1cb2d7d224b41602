"""Files are written whole or not at all, and what a killed program left is cleared away."""

import os
import time

import pytest

from symnn.errors import ModelFileError
from symnn.files import check_writable, write_whole

OURS = ".symnn-0123456789abcdef.tmp"
HOUR = 3600


@pytest.mark.parametrize("use", [check_writable, lambda path: write_whole(path, b"new")])
def test_a_temporary_file_that_was_left_long_ago_is_removed(tmp_path, use):
    names = {OURS: 2 * HOUR, ".symnn-fedcba9876543210.tmp": 60, ".symnn-mine.tmp": 2 * HOUR}
    for name, age in names.items():
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    use(tmp_path / "model.npz")
    left = {path.name for path in tmp_path.iterdir()} - {"model.npz"}
    assert left == names.keys() - {OURS}


def test_a_write_leaves_the_file_alone(tmp_path):
    write_whole(tmp_path / "a.txt", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"new"


def test_a_folder_is_no_file_to_write(tmp_path):
    with pytest.raises(ModelFileError) as refused:
        write_whole(tmp_path, b"")
    assert str(refused.value) == f"cannot write '{tmp_path}': it is a folder"
