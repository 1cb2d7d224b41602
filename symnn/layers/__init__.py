"""The layers: each is its equations and nothing else.

A layer takes the quantity below it and gives a block: the parameters and the equations that it
adds, the last of which is its output. Nothing here differentiates: a new layer is a class in one of
these modules, and its row in `LAYERS`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from symnn.layers.attention import Attention
from symnn.layers.block import Block, Place, joined
from symnn.layers.convolution import Conv1d, Conv2d
from symnn.layers.dense import Dense
from symnn.layers.kind import ActivationLike, Defaults, Layer
from symnn.layers.norms import BatchNorm, LayerNorm, RMSNorm
from symnn.layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from symnn.layers.recurrent import GRU, LSTM, RNN
from symnn.layers.residual import Residual
from symnn.layers.shaping import GLU, Dropout, Embedding, Flatten, Last
from symnn.layers.sizes import Input, Size
from symnn.layers.stacking import stacked
from symnn.layers.transformer import TransformerEncoder
from symnn.layers.typed import layer_of

__all__ = [
    "GLU",
    "GRU",
    "LAYERS",
    "LSTM",
    "RNN",
    "ActivationLike",
    "Attention",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm",
    "Block",
    "Conv1d",
    "Conv2d",
    "Defaults",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Input",
    "Last",
    "Layer",
    "LayerNorm",
    "MaxPool1d",
    "MaxPool2d",
    "Place",
    "RMSNorm",
    "Residual",
    "Size",
    "TransformerEncoder",
    "joined",
    "layer_of",
    "stacked",
]

_ROWS: tuple[type[Layer], ...] = (
    Dense,
    Conv1d,
    Conv2d,
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
    Flatten,
    Embedding,
    LayerNorm,
    BatchNorm,
    RMSNorm,
    Residual,
    Dropout,
    GLU,
    RNN,
    GRU,
    LSTM,
    Last,
    Attention,
    TransformerEncoder,
)

LAYERS: Mapping[str, type[Layer]] = MappingProxyType({row.name: row for row in _ROWS})
