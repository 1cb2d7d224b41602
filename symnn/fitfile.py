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
from symnn.equations import Quantity, Role, System
from symnn.errors import ModelFileError, SymnnError
from symnn.files import write_whole
from symnn.modelfile import DTYPES, MAX_METADATA, check_members, member
from symnn.parsing import parse_system
from symnn.samples import Scaling

if TYPE_CHECKING:
    from symnn.initialization import Parameters

VERSION, PLAIN = 2, 1
_METADATA = "equations"


@dataclass(frozen=True, eq=False)
class SavedFit:
    """What a file holds: the equations, the parameters learnt, and the columns of each input.

    `words` are those of what is looked up by words, or has them as classes, in order; `scalings`
    those of the inputs that were standardized, for which the parameters are.
    """

    system: System
    parameters: "Parameters"
    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scalings: Mapping[str, Scaling] = field(default_factory=dict)

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
    scalings: Mapping[str, Scaling] | None = None,
) -> None:
    """Write a fit to this very path, whole or not at all; `ModelFileError` where it cannot be."""
    scales = dict(scalings or {})
    described = {
        # What knows of no scalings must not read a file that has some.
        "version": VERSION if scales else PLAIN,
        "text": text,
        "columns": {n: [*c] for n, c in columns.items()},
        "words": {n: [*w] for n, w in (words or {}).items()},
        **({"scaled": [*scales]} if scales else {}),
    }
    metadata = np.frombuffer(json.dumps(described).encode(), np.uint8)
    content = BytesIO()
    arrays: dict[str, Any] = {f"parameters.{name}": value for name, value in parameters.items()}
    arrays |= {f"means.{name}": scaling.means for name, scaling in scales.items()}
    arrays |= {f"scales.{name}": scaling.scales for name, scaling in scales.items()}
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
    if found["version"] not in (VERSION, PLAIN):
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
    asked_for = {q.name: q for q in system.named(Role.INPUT)}
    scalings = {
        str(name): _scaling(archive, asked_for[str(name)]) for name in found.get("scaled", ())
    }
    return SavedFit(system, parameters, columns, words, scalings)


def _scaling(archive: zipfile.ZipFile, q: Quantity) -> Scaling:
    """That of an input; its arrays have no axis of samples."""
    means, scales = (
        member(archive, f"{part}.{q.name}.npy", DTYPES, any_of=len(q.shape) - 1)
        for part in ("means", "scales")
    )
    if not (np.isfinite(means).all() and np.isfinite(scales).all() and (scales > 0).all()):
        raise ModelFileError(f"the scaling of {q.name} is none")
    return Scaling(means, scales)
