"""The layers: each is its equations and nothing else.

A layer takes the quantity below it and gives a block: the parameters and the equations that it
adds, the last of which is its output. Nothing here differentiates: a new layer is a class in one of
these modules, and its row in `LAYERS`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from symnn.layers.block import ActivationLike, Block, Input, Layer, Place, Size, stacked
from symnn.layers.dense import Dense
from symnn.layers.typed import layer_of

__all__ = [
    "LAYERS",
    "ActivationLike",
    "Block",
    "Dense",
    "Input",
    "Layer",
    "Place",
    "Size",
    "layer_of",
    "stacked",
]

_ROWS: tuple[type[Layer], ...] = (Dense,)

LAYERS: Mapping[str, type[Layer]] = MappingProxyType({row.name: row for row in _ROWS})
