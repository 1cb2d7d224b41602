"""Models that `symnn plot` trains on the spot, and those that were saved, with their samples."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from symnn.cli.models import ENDING
from symnn.cli.options import TrainingOptions
from symnn.cli.pictured import SAVED, Request, equations_and_arrays, saved_and_samples
from symnn.errors import SpecError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from symnn.fitting import Fit
    from symnn.plot.ground import Data
    from symnn.plot.learnt import AnyFit
    from symnn.training import TrainingResult


def learnt_for(
    request: Request, training: TrainingOptions
) -> "tuple[AnyFit, Data, ArrayLike | None]":
    """A saved model, or one that is trained now, and the samples."""
    if not request.model.endswith(SAVED):
        return trained_for(request, training)
    found, x, y = saved_and_samples(request)
    assert not isinstance(found, str)
    return found, x, y


def trained_for(
    request: Request, training: TrainingOptions
) -> "tuple[TrainingResult | Fit, Data, ArrayLike | None]":
    """A model trained on the data, with its path, and the samples.

    Raises `SpecError` for a saved model, which keeps no history.
    """
    settings = {**training.settings, "keep_path": True}
    if request.model.endswith(SAVED):
        raise SpecError(
            f"'{request.model}' keeps no history of its training; give the spec that is to be "
            "trained"
        )
    if request.model.endswith(ENDING):
        return _fitted(request, training, settings)
    return _trained(request, settings)


def _fitted(
    request: Request, training: TrainingOptions, settings: Mapping[str, Any]
) -> "tuple[Fit, Data, None]":
    from symnn.cli.equations import sizes_of
    from symnn.fitting import fit

    system, arrays, _ = equations_and_arrays(request)
    assert arrays is not None
    sizes = sizes_of(training.size or ())
    return fit(system, arrays, sizes=sizes, **settings), arrays, None


def _trained(
    request: Request, settings: Mapping[str, Any]
) -> "tuple[TrainingResult, Data, ArrayLike]":
    from symnn.network import Network
    from symnn.training import train

    network = Network(request.model, **request.chosen.given)
    samples = request.examples(network)
    result = train(
        network,
        samples.x,
        samples.y,
        standardize=request.columns.standardize,
        features=samples.features,
        targets=samples.targets,
        classes=samples.classes,
        **settings,
    )
    return result, samples.x, samples.y
