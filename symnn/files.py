"""Writing a file whole or not at all."""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from symnn.errors import ModelFileError


def check_writable(path: str | Path) -> None:
    """Raise `ModelFileError` where a file could not be written at this path."""
    with _temporary(path):
        pass


def write_whole(path: str | Path, content: bytes) -> None:
    """Write a file by way of another one beside it, so that it is never there in part.

    Raises `ModelFileError` where that cannot be done; the temporary file is removed in any case.
    """
    with _temporary(path) as (file, temporary):
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        # A link stays a link: what it points to is replaced.
        os.replace(temporary, os.path.realpath(path))
        _sync_folder(temporary.parent)


@contextmanager
def _temporary(path: str | Path) -> Iterator[tuple[IO[bytes], Path]]:
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    # Not made from the target's name, which may be as long as a name can be.
    temporary = Path(folder, f".symnn-{secrets.token_hex(8)}.tmp")
    for fault, applies in _FAULTS.items():
        if applies(target):
            raise ModelFileError(f"cannot write '{path}': {fault.format(folder=folder)}")
    _remove_abandoned(folder)
    try:
        with open(temporary, "xb") as file:
            yield file, temporary
    except OSError as error:
        raise ModelFileError(f"cannot write '{path}': {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            temporary.unlink()


# What is older was left by a program that was killed while it wrote.
_ABANDONED_SECONDS = 3600


def _remove_abandoned(folder: str) -> None:
    """Remove temporary files of ours in which nobody has written for an hour."""
    for path in Path(folder).glob(".symnn-" + "[0-9a-f]" * 16 + ".tmp"):
        with suppress(OSError):
            if path.is_file() and time.time() - path.lstat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()


_FAULTS: Mapping[str, Callable[[str], bool]] = {
    "it is a folder": os.path.isdir,
    "it is not a regular file": lambda path: os.path.exists(path) and not os.path.isfile(path),
    "there is no folder '{folder}'": lambda path: not os.path.isdir(os.path.dirname(path)),
    "its name is too long": lambda path: len(os.fsencode(os.path.basename(path))) > 255,
}


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
