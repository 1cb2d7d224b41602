"""Saved models: `.npz` files of arrays and a JSON text, without pickle.

A file is written whole or not at all. What is read is trusted in nothing: every size is checked
before memory is asked for, and whatever is wrong is a `ModelFileError` of one line.
"""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from symnn.activations import ACTIVATIONS
from symnn.errors import ModelFileError, SymnnError
from symnn.files import write_whole
from symnn.layers import LAYERS, Dense
from symnn.losses import LOSSES
from symnn.model import Model
from symnn.network import Network
from symnn.penalties import PENALTIES
from symnn.samples import Array, Scaling

if TYPE_CHECKING:
    from symnn.initialization import Parameters

VERSION = 1
DTYPES = ("float32", "float64")
MAX_METADATA = 10_000_000
_METADATA = "metadata.npy"
_PREFIX = "parameters."
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class Metadata:
    """What a file holds besides its arrays; the field names are the keys of the JSON text."""

    version: int
    spec: str
    loss: str
    biases: list[bool]
    features: list[str]
    targets: list[str]
    classes: list[str]
    input_means: list[float]
    input_scales: list[float]
    output_means: list[float]
    output_scales: list[float]
    penalties: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, model: Model) -> "Metadata":
        """The metadata of a model."""
        network = model.network
        return cls(
            VERSION,
            network.spec,
            network.loss.label,
            [getattr(layer, "bias", True) for layer in network.layers],
            list(model.features),
            list(model.targets),
            list(model.classes),
            model.inputs.means.tolist(),
            model.inputs.scales.tolist(),
            model.outputs.means.tolist(),
            model.outputs.scales.tolist(),
            [row.label for row in network.penalties],
        )

    def network(self) -> Network:
        """The network that the metadata describe."""
        plain = Network(self.spec, loss=self.loss)
        pairs = zip(plain.layers, self.biases, strict=True)
        layers = (replace(a, bias=b) if isinstance(a, Dense) else a for a, b in pairs)
        return Network(plain.input, *layers, loss=self.loss, penalty=self.penalties)


def save(model: Model, path: str | Path) -> None:
    """Write the model to this very path, whole or not at all.

    Raises `ModelFileError` where the path cannot be written, and for an activation, a loss or a
    penalty of one's own, which a file cannot name.
    """
    _check_nameable(model.network)
    text = json.dumps(vars(Metadata.of(model)), ensure_ascii=False, allow_nan=False)
    arrays = {f"{_PREFIX}{name}": value for name, value in model.parameters.items()}
    metadata = {_METADATA.removesuffix(".npy"): np.frombuffer(text.encode(), np.uint8)}
    content = BytesIO()
    np.savez(content, allow_pickle=False, **metadata, **arrays)
    write_whole(path, content.getvalue())


def _check_nameable(network: Network) -> None:
    rows = [row for layer in network.layers for row in layer.rows]
    own = [row.name for row in rows if not row.is_of(ACTIVATIONS)]
    kinds = (kind for layer in network.layers for kind in layer.kinds)
    own += [kind.__name__ for kind in kinds if LAYERS.get(kind.name) is not kind]
    own += [network.loss.name] if not network.loss.is_of(LOSSES) else []
    own += [row.name for row in network.penalties if not row.is_of(PENALTIES)]
    if own:
        raise ModelFileError(f"cannot save {own[0]!r}: it is in no table, so no file can name it")


def load(path: str | Path) -> Model:
    """The model saved at this path.

    Raises `ModelFileError` for anything but a whole file that `save` wrote.
    """
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            return _read(archive)
    except FileNotFoundError:
        raise ModelFileError(f"no file '{path}'") from None
    except IsADirectoryError:
        raise ModelFileError(f"'{path}' is a folder, not a saved model") from None
    except zipfile.BadZipFile:
        raise _not_a_model(path, "not a zip archive, or cut short") from None
    except SymnnError as error:
        raise _not_a_model(path, error) from None
    except OSError as error:
        raise ModelFileError(f"cannot read '{path}': {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, EOFError, RuntimeError, RecursionError) as error:
        raise _not_a_model(path, f"its parts cannot be read ({type(error).__name__})") from None


def _not_a_model(path: str | Path, reason: object) -> ModelFileError:
    return ModelFileError(f"'{path}' is not a model that symnn saved: {reason}")


def _read(archive: zipfile.ZipFile) -> Model:
    check_members(archive)
    data = _metadata(member(archive, _METADATA, ("uint8",), None).tobytes())
    network = data.network()
    inputs = _scaling(data.input_means, data.input_scales, network.sizes[0])
    outputs = _scaling(data.output_means, data.output_scales, network.sizes[-1])
    names = (tuple(data.features), tuple(data.targets), tuple(data.classes))
    return Model(network, _parameters(archive, network), inputs, outputs, *names)


def check_members(archive: zipfile.ZipFile) -> None:
    """Refuse what is compressed: stored, an archive holds no more than its own size."""
    members = archive.infolist()
    if any(
        m.compress_type != zipfile.ZIP_STORED or m.file_size != m.compress_size for m in members
    ):
        raise ModelFileError("it is compressed")
    if len({m.filename for m in members}) != len(members):
        raise ModelFileError("a part is there twice")


def _parameters(archive: zipfile.ZipFile, network: Network) -> "Parameters":
    shapes = network.parameter_shapes
    wanted = {_METADATA, *(f"{_PREFIX}{name}.npy" for name in shapes)}
    found = set(archive.namelist())
    if found != wanted:
        odd = sorted(found ^ wanted)[0]
        raise ModelFileError(f"{odd!r} is {'missing' if odd in wanted else 'unknown'}")
    arrays = {
        name: member(archive, f"{_PREFIX}{name}.npy", DTYPES, shape)
        for name, shape in shapes.items()
    }
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ModelFileError("a parameter is not finite")
    if len({array.dtype for array in arrays.values()}) > 1:
        raise ModelFileError("its parameters differ in type")
    return arrays


def member(
    archive: zipfile.ZipFile,
    name: str,
    dtypes: Sequence[str],
    shape: tuple[int, ...] | None = None,
    *,
    any_of: int = 1,
) -> Array:
    """An array of the archive, of this shape, or of any with so many axes.

    Its header is checked before memory is asked for.
    """
    if name not in archive.namelist():
        raise ModelFileError(f"{name!r} is missing")
    with archive.open(name) as file:
        found, fortran, dtype = _header(file)
        if dtype.name not in dtypes or dtype.hasobject or not dtype.isnative:
            raise ModelFileError(f"{name!r} holds {dtype}, not {' or '.join(dtypes)}")
        if (shape is not None and found != shape) or (shape is None and len(found) != any_of):
            raise ModelFileError(f"{name!r} has shape {found}, but the network has {shape}")
        size = dtype.itemsize * int(np.prod(found, dtype=object))
        if size > archive.getinfo(name).file_size:
            raise ModelFileError(f"{name!r} is cut short")
        content = file.read()
    if len(content) != size:
        raise ModelFileError(f"{name!r} is cut short, or too long")
    return np.frombuffer(content, dtype).reshape(found, order="F" if fortran else "C").copy()


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(file)
    if version not in _HEADERS:
        raise ModelFileError(f"its arrays have format {version}")
    return _HEADERS[version](file)


def _metadata(content: bytes) -> Metadata:
    """The metadata, each of its type."""
    if len(content) > MAX_METADATA:
        raise ModelFileError("its metadata are too long")
    found = json.loads(content, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    if not isinstance(found, dict):
        raise ModelFileError("its metadata are no mapping")
    if found.get("version") != VERSION:
        raise ModelFileError(
            f"its format is version {found.get('version')!r}; this symnn reads {VERSION}"
        )
    data = Metadata(**found)
    for name, kind in _ITEMS.items():
        values = getattr(data, name)
        if not isinstance(values, list) or not all(type(value) in kind for value in values):
            raise ModelFileError(f"its {name} are {str(values)[:40]}")
    if not isinstance(data.spec, str) or not isinstance(data.loss, str):
        raise ModelFileError("its spec or loss is no text")
    return data


_ITEMS: Mapping[str, tuple[type, ...]] = {
    "biases": (bool,),
    **dict.fromkeys(("features", "targets", "classes", "penalties"), (str,)),
    **dict.fromkeys(("input_means", "input_scales", "output_means", "output_scales"), (int, float)),
}


def _refuse_constant(text: str) -> None:
    raise ModelFileError(f"its metadata hold {text}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ModelFileError("a key of its metadata is there twice")
    return dict(pairs)


def _scaling(means: list[float], scales: list[float], width: int) -> Scaling:
    scaling = Scaling(np.array(means, np.float64), np.array(scales, np.float64))
    if len(means) != width or len(scales) != width:
        raise ModelFileError("its scaling does not fit its network")
    is_finite = np.isfinite(scaling.means).all() and np.isfinite(scaling.scales).all()
    if not is_finite or not (scaling.scales > 0).all():
        raise ModelFileError("its scaling is not finite and positive")
    return scaling
