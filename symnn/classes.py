"""Targets of equations that are classes, and how many of them are predicted rightly.

A target is one where its samples are rows of zeros and a one, or where they are 0 and 1 and what is
predicted is a probability. Nothing here learns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from symnn.activations import ACTIVATIONS
from symnn.compilation.program import outputs_of
from symnn.equations import Role, System


@dataclass(frozen=True)
class Classes:
    """The target that holds the classes, by its name."""

    target: str

    def accuracy(self, outputs: NDArray[Any], targets: NDArray[Any]) -> float:
        """The share of samples whose class is predicted; outputs and targets (N,) or (N, K).

        >>> Classes("y").accuracy(np.array([0.9, 0.2, 0.7]), np.array([1, 0, 0])).__round__(3)
        0.667
        """
        found, right = (_numbers(values) for values in (outputs, targets))
        return float((found == right).mean())


def classes_of(system: System, arrays: Mapping[str, NDArray[Any]]) -> Classes | None:
    """The target of classes that the last output is to be; None where there is none such."""
    output = next(reversed(outputs_of(system).values()), None)
    if output is None:
        return None
    fitting = [q.name for q in system.named(Role.TARGET) if q.shape == output.shape]
    found = [name for name in fitting if _are_classes(arrays[name])]
    is_row = len(output.shape) == 2
    is_clear = is_row or _is_probability(system.equation(output.name).expression)
    return Classes(found[0]) if len(found) == 1 and is_clear else None


def _are_classes(values: NDArray[Any]) -> bool:
    """Whether these are 0 and 1, and in each row one is 1."""
    if values.ndim not in (1, 2) or not np.isin(values, (0, 1)).all():
        return False
    return values.ndim == 1 or (values.shape[1] > 1 and bool((values.sum(axis=1) == 1).all()))


def _is_probability(expression: Expr) -> bool:
    """Whether it is an activation between 0 and 1."""
    bounded = (row for row in ACTIVATIONS.values() if (row.lower, row.upper) == (0, 1))
    return any(isinstance(expression, type(row.applied)) for row in bounded if row.applied)


def _numbers(values: NDArray[Any]) -> NDArray[np.intp]:
    return values.argmax(axis=1) if values.ndim == 2 else np.where(values > 0.5, 1, 0)
