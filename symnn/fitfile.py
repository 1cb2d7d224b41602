"""Saved fits of equations: `.npz` files of arrays and a JSON text, as `modelfile` has them."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from symnn.compilation import CompiledFunction
from symnn.derivation import derive
from symnn.equations import Role, System
from symnn.errors import ModelFileError, SymnnError
from symnn.files import write_whole
from symnn.modelfile import DTYPES, MAX_METADATA, check_members, member
from symnn.parsing import parse_system

if TYPE_CHECKING:
    from symnn.initialization import Parameters

VERSION = 1
_METADATA = "equations"


@dataclass(frozen=True, eq=False)
class SavedFit:
    """What a file holds: the equations, the parameters learnt, and the columns of each input.

    `words` are those of what is looked up by words, or has them as classes, in order.
    """

    system: System
    parameters: "Parameters"
    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def function(self) -> CompiledFunction:
        """The equations compiled."""
        return derive(self.system).lambdify()


def save_fit(
    text: str,
    parameters: "Parameters",
    columns: Mapping[str, Sequence[str]],
    path: str | Path,
    words: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write a fit to this very path, whole or not at all; `ModelFileError` where it cannot be."""
    described = {
        "version": VERSION,
        "text": text,
        "columns": {n: [*c] for n, c in columns.items()},
        "words": {n: [*w] for n, w in (words or {}).items()},
    }
    metadata = np.frombuffer(json.dumps(described).encode(), np.uint8)
    content = BytesIO()
    arrays: dict[str, Any] = {f"parameters.{name}": value for name, value in parameters.items()}
    np.savez(content, allow_pickle=False, **{_METADATA: metadata}, **arrays)
    write_whole(path, content.getvalue())


def holds_equations(path: str | Path) -> bool:
    """Whether the file at this path is a saved fit, and no network."""
    try:
        with zipfile.ZipFile(path) as archive:
            return f"{_METADATA}.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def load_fit(path: str | Path) -> SavedFit:
    """The fit saved at this path; `ModelFileError` for anything but a file of `save_fit`."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except SymnnError as error:
        reason = str(error)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        reason = f"its parts cannot be read ({type(error).__name__})"
    raise ModelFileError(f"'{path}' is not a model that symnn saved: {reason}")


def _read(archive: zipfile.ZipFile) -> SavedFit:
    check_members(archive)
    content = member(archive, f"{_METADATA}.npy", ("uint8",), None).tobytes()
    if len(content) > MAX_METADATA:
        raise ModelFileError("its metadata are too long")
    found = json.loads(content)
    if found["version"] != VERSION:
        raise ModelFileError(f"its format is version {found['version']!r}, not {VERSION}")
    system = parse_system(str(found["text"]))
    columns = {str(n): tuple(map(str, names)) for n, names in found["columns"].items()}
    words = {str(n): tuple(map(str, known)) for n, known in found["words"].items()}
    asked = system.named(Role.PARAMETER)
    parameters = {
        q.name: member(archive, f"parameters.{q.name}.npy", DTYPES, any_of=len(q.shape))
        for q in asked
    }
    if not all(np.isfinite(a).all() for a in parameters.values()):
        raise ModelFileError("a parameter is not finite")
    if not {q.name for q in system.named(Role.INPUT)} <= set(columns):
        raise ModelFileError("the columns of an input are missing")
    return SavedFit(system, parameters, columns, words)
