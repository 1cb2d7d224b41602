"""symnn: the exact calculus of a neural network, in print, and the code that runs it.

A network is a system of equations. Its derivative is another system of equations. What is printed
and what runs are the same equations.

>>> import symnn
>>> derivation = symnn.derive(symnn.Network("2-3:tanh-1:sigmoid", loss="bce"))
>>> f = derivation.lambdify()
"""

from importlib import import_module
from typing import TYPE_CHECKING

from symnn.version import __version__

if TYPE_CHECKING:
    from symnn import plot
    from symnn.activations import ACTIVATIONS, Activation
    from symnn.checking import check
    from symnn.curvature import gauss_newton, hessian_vector_product
    from symnn.derivation import Derivation, derive
    from symnn.equations import Equation, Step, System
    from symnn.errors import SymnnError
    from symnn.fitting import Fit, fit
    from symnn.jacobians import Jacobian, hessian, jacobian
    from symnn.layers import LAYERS, Dense, Input, Layer
    from symnn.losses import LOSSES, Loss
    from symnn.network import Network
    from symnn.optimizers import OPTIMIZERS
    from symnn.penalties import PENALTIES, Penalty
    from symnn.rendering import render
    from symnn.training import TrainingResult, train

# Each name is loaded when it is first used, so that `symnn --help` waits for none of them.
_HOMES = {
    "ACTIVATIONS": "activations",
    "Activation": "activations",
    "check": "checking",
    "Dense": "layers",
    "Derivation": "derivation",
    "derive": "derivation",
    "Equation": "equations",
    "Fit": "fitting",
    "fit": "fitting",
    "gauss_newton": "curvature",
    "hessian": "jacobians",
    "hessian_vector_product": "curvature",
    "Input": "layers",
    "Jacobian": "jacobians",
    "jacobian": "jacobians",
    "LAYERS": "layers",
    "Layer": "layers",
    "LOSSES": "losses",
    "Loss": "losses",
    "Network": "network",
    "OPTIMIZERS": "optimizers",
    "PENALTIES": "penalties",
    "Penalty": "penalties",
    "Step": "equations",
    "SymnnError": "errors",
    "System": "equations",
    "render": "rendering",
    "train": "training",
    "TrainingResult": "training",
}

# Modules that are used by their own name, as `symnn.plot.activation("gelu")`.
_ROOMS = ("plot",)

__all__ = [
    "ACTIVATIONS",
    "LAYERS",
    "LOSSES",
    "OPTIMIZERS",
    "PENALTIES",
    "Activation",
    "Dense",
    "Derivation",
    "Equation",
    "Fit",
    "Input",
    "Jacobian",
    "Layer",
    "Loss",
    "Network",
    "Penalty",
    "Step",
    "SymnnError",
    "System",
    "TrainingResult",
    "__version__",
    "check",
    "derive",
    "fit",
    "gauss_newton",
    "hessian",
    "hessian_vector_product",
    "jacobian",
    "plot",
    "render",
    "train",
]


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f"symnn.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'symnn' has no attribute {name!r}")
    return getattr(import_module(f"symnn.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
