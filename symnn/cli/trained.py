"""Models that `symnn plot` trains on the spot, and those that were saved, with their samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symnn.cli.models import ENDING
from symnn.cli.pictured import SAVED, Request, equations_and_arrays, saved_and_samples
from symnn.cli.train import examples_of
from symnn.errors import SpecError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from symnn.fitting import Fit
    from symnn.plot.ground import Data
    from symnn.plot.learnt import AnyFit
    from symnn.training import TrainingResult


@dataclass(frozen=True)
class Training:
    """How a model is to be trained."""

    epochs: int
    batch_size: int
    lr: float | None
    optimizer: str
    validation: float
    sizes: tuple[str, ...]


def learnt_for(request: Request, training: Training) -> "tuple[AnyFit, Data, ArrayLike | None]":
    """A saved model, or one that is trained now, and the samples."""
    if not request.model.endswith(SAVED):
        return trained_for(request, training)
    found, x, y = saved_and_samples(request)
    assert not isinstance(found, str)
    return found, x, y


def trained_for(
    request: Request, training: Training
) -> "tuple[TrainingResult | Fit, Data, ArrayLike | None]":
    """A model trained on the data, with its path, and the samples.

    Raises `SpecError` for a saved model, which keeps no history.
    """
    from symnn.settings import check_settings

    check_settings(
        training.optimizer, training.lr, training.epochs, training.batch_size, request.seed
    )
    if request.model.endswith(SAVED):
        raise SpecError(
            f"'{request.model}' keeps no history of its training; give the spec that is to be "
            "trained"
        )
    settings = {
        "epochs": training.epochs,
        "batch_size": training.batch_size,
        "lr": training.lr,
        "optimizer": training.optimizer,
        "seed": request.seed,
        "validation": training.validation,
        "keep_path": True,
    }
    if request.model.endswith(ENDING):
        return _fitted(request, training, settings)
    return _trained(request, settings)


def _fitted(
    request: Request, training: Training, settings: Mapping[str, Any]
) -> "tuple[Fit, Data, None]":
    from symnn.cli.equations import sizes_of
    from symnn.fitting import fit

    system, arrays, _ = equations_and_arrays(request)
    assert arrays is not None
    sizes = sizes_of(training.sizes)
    return fit(system, arrays, sizes=sizes, **settings), arrays, None


def _trained(
    request: Request, settings: Mapping[str, Any]
) -> "tuple[TrainingResult, Data, ArrayLike]":
    from symnn.network import Network
    from symnn.training import train

    network = Network(request.model, **request.chosen)
    assert request.data is not None
    samples = examples_of(
        network, request.data, request.features, request.targets, drops=request.drop_missing
    )
    result = train(
        network,
        samples.x,
        samples.y,
        standardize=request.standardize,
        features=samples.features,
        targets=samples.targets,
        classes=samples.classes,
        **settings,
    )
    return result, samples.x, samples.y
