"""Every layer of the table against PyTorch's own, and its equations against finite differences."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from symnn import Network, derive
from symnn.gradcheck import compare
from symnn.layers import (
    GLU,
    GRU,
    LAYERS,
    LSTM,
    RNN,
    Attention,
    AvgPool1d,
    AvgPool2d,
    BatchNorm,
    Conv1d,
    Conv2d,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Last,
    LayerNorm,
    MaxPool1d,
    MaxPool2d,
    Residual,
    RMSNorm,
    TransformerEncoder,
)
from tests.oracles import needed

SAMPLES = 4
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Case:
    """Layers on an input of this shape, and PyTorch's modules for them.

    `names` gives the parameter of PyTorch's that each of ours is; it has as many numbers, in the
    same order. `stacked` gives those of PyTorch's that hold several of ours, one after the other;
    a number among them stands for so many zeros.
    """

    shape: tuple
    layers: tuple
    module: Callable
    names: dict = field(default_factory=dict)
    stacked: dict = field(default_factory=dict)

    @property
    def network(self):
        return Network(Input(*self.shape), *self.layers)


def sequential(*builders):
    """PyTorch modules one after the other."""
    return lambda torch: torch.nn.Sequential(*(build(torch) for build in builders))


def adding(build):
    """A PyTorch module that adds its input to its output."""

    def built(torch):
        class Adding(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.f = build(torch)

            def forward(self, x):
                return x + self.f(x)

        return Adding()

    return built


def states(build, own=""):
    """A recurrent module of PyTorch's that gives its states; its second bias stays zero."""

    def built(torch):
        class States(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.f = build(torch)
                if not own:
                    torch.nn.init.zeros_(self.f.bias_hh_l0)
                    self.f.bias_hh_l0.requires_grad_(False)

            def forward(self, x):
                return self.f(x)[0]

            def named_parameters(self):
                return ((k, p) for k, p in self.f.named_parameters() if p.requires_grad)

        return States()

    return built


def attending(heads, *, causal):
    """PyTorch's attention of a sequence to itself."""

    def built(torch):
        class Attending(torch.nn.MultiheadAttention):
            def forward(self, x):
                later = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
                return super().forward(x, x, x, attn_mask=later if causal else None)[0]

        return Attending(4, heads, batch_first=True)

    return built


def attention_names(number, prefix=""):
    stacked = {
        f"{prefix}in_proj_weight": tuple(f"W{part}{number}" for part in "qkv"),
        f"{prefix}in_proj_bias": tuple(f"b{part}{number}" for part in "qkv"),
    }
    out = {f"Wo{number}": f"{prefix}out_proj.weight", f"bo{number}": f"{prefix}out_proj.bias"}
    return out, stacked


def encoding(**options):
    """PyTorch's encoder block, without dropout."""
    return lambda torch: torch.nn.TransformerEncoderLayer(
        4, 2, 6, dropout=0.0, batch_first=True, **options
    )


def transformer_names(numbers):
    """Of attention, the first norm, the two dense layers and the second norm, by their numbers."""
    attention, one, first, second, two = numbers
    names, stacked = attention_names(attention, "self_attn.")
    for number, module in ((one, "norm1"), (two, "norm2")):
        names |= {f"gamma{number}": f"{module}.weight", f"beta{number}": f"{module}.bias"}
    for number, module in ((first, "linear1"), (second, "linear2")):
        names |= {f"W{number}": f"{module}.weight", f"b{number}": f"{module}.bias"}
    return names, stacked


WB = {"W1": "weight", "b1": "bias"}
NORM = {"gamma1": "weight", "beta1": "bias"}
CASES = {
    "dense": Case((3,), (Dense(4),), lambda t: t.nn.Linear(3, 4), WB),
    "dense without bias": Case(
        (3,), (Dense(4, bias=False),), lambda t: t.nn.Linear(3, 4, bias=False), {"W1": "weight"}
    ),
    "dense on sequences": Case((5, 3), (Dense(4),), lambda t: t.nn.Linear(3, 4), WB),
    "conv1d": Case((2, 7), (Conv1d(3, 3),), lambda t: t.nn.Conv1d(2, 3, 3), WB),
    "conv1d with stride, padding and dilation": Case(
        (2, 9),
        (Conv1d(3, 3, stride=2, padding=2, dilation=2),),
        lambda t: t.nn.Conv1d(2, 3, 3, stride=2, padding=2, dilation=2),
        WB,
    ),
    "conv2d": Case((2, 5, 4), (Conv2d(3, 3),), lambda t: t.nn.Conv2d(2, 3, 3), WB),
    "conv2d with padding": Case(
        (2, 5, 4), (Conv2d(3, 3, padding=1),), lambda t: t.nn.Conv2d(2, 3, 3, padding=1), WB
    ),
    "conv2d with stride": Case(
        (2, 7, 6),
        (Conv2d(3, (3, 2), stride=(2, 3), padding=(1, 0)),),
        lambda t: t.nn.Conv2d(2, 3, (3, 2), stride=(2, 3), padding=(1, 0)),
        WB,
    ),
    "conv2d with dilation": Case(
        (2, 7, 6), (Conv2d(3, 3, dilation=2),), lambda t: t.nn.Conv2d(2, 3, 3, dilation=2), WB
    ),
    "conv2d in groups": Case(
        (4, 5, 4), (Conv2d(6, 3, groups=2),), lambda t: t.nn.Conv2d(4, 6, 3, groups=2), WB
    ),
    "conv2d by channels, without bias": Case(
        (3, 5, 4),
        (Conv2d(3, 3, groups=3, bias=False),),
        lambda t: t.nn.Conv2d(3, 3, 3, groups=3, bias=False),
        {"W1": "weight"},
    ),
    "avgpool1d": Case((2, 7), (AvgPool1d(2),), lambda t: t.nn.AvgPool1d(2)),
    "avgpool2d": Case((2, 6, 4), (AvgPool2d(2),), lambda t: t.nn.AvgPool2d(2)),
    "avgpool2d with stride and padding": Case(
        (2, 6, 5),
        (AvgPool2d(3, stride=2, padding=1),),
        lambda t: t.nn.AvgPool2d(3, stride=2, padding=1),
    ),
    "maxpool1d": Case((2, 7), (MaxPool1d(2),), lambda t: t.nn.MaxPool1d(2)),
    "maxpool2d": Case((2, 6, 4), (MaxPool2d(2),), lambda t: t.nn.MaxPool2d(2)),
    "maxpool2d with stride and padding": Case(
        (2, 6, 5),
        (MaxPool2d(3, stride=2, padding=1),),
        lambda t: t.nn.MaxPool2d(3, stride=2, padding=1),
    ),
    "flatten": Case(
        (2, 3, 4),
        (Flatten(), Dense(2)),
        sequential(lambda t: t.nn.Flatten(), lambda t: t.nn.Linear(24, 2)),
        {"W2": "1.weight", "b2": "1.bias"},
    ),
    "glu": Case(
        (3,),
        (Dense(4, "identity"), GLU()),
        sequential(lambda t: t.nn.Linear(3, 4), lambda t: t.nn.GLU()),
        {"W1": "0.weight", "b1": "0.bias"},
    ),
    "glu of a sequence": Case((5, 6), (GLU(),), lambda t: t.nn.GLU()),
    "embedding": Case((5,), (Embedding(7, 3),), lambda t: t.nn.Embedding(7, 3), {"E1": "weight"}),
    "layernorm": Case((6,), (LayerNorm(),), lambda t: t.nn.LayerNorm(6), NORM),
    "layernorm on sequences": Case((5, 6), (LayerNorm(),), lambda t: t.nn.LayerNorm(6), NORM),
    "layernorm over two axes": Case(
        (5, 6), (LayerNorm(axes=2),), lambda t: t.nn.LayerNorm((5, 6)), NORM
    ),
    "batchnorm": Case((3,), (BatchNorm(),), lambda t: t.nn.BatchNorm1d(3), NORM),
    "batchnorm on images": Case((3, 2, 4), (BatchNorm(),), lambda t: t.nn.BatchNorm2d(3), NORM),
    "rmsnorm": Case(
        (4, 6), (RMSNorm(),), lambda t: t.nn.RMSNorm(6, eps=1e-5), {"gamma1": "weight"}
    ),
    "residual": Case(
        (3,),
        (Residual(Dense(5, "relu"), Dense(3)), Dense(2)),
        sequential(
            adding(
                sequential(
                    lambda t: t.nn.Linear(3, 5), lambda t: t.nn.ReLU(), lambda t: t.nn.Linear(5, 3)
                )
            ),
            lambda t: t.nn.Linear(3, 2),
        ),
        {
            "W1": "0.f.0.weight",
            "b1": "0.f.0.bias",
            "W2": "0.f.2.weight",
            "b2": "0.f.2.bias",
            "W3": "1.weight",
            "b3": "1.bias",
        },
    ),
    "residual around a convolution, with an activation": Case(
        (2, 5, 4),
        (Residual(Conv2d(2, 3, "identity", padding=1), BatchNorm(), activation="relu"),),
        sequential(
            adding(
                sequential(lambda t: t.nn.Conv2d(2, 2, 3, padding=1), lambda t: t.nn.BatchNorm2d(2))
            ),
            lambda t: t.nn.ReLU(),
        ),
        {
            "W1": "0.f.0.weight",
            "b1": "0.f.0.bias",
            "gamma2": "0.f.1.weight",
            "beta2": "0.f.1.bias",
        },
    ),
    "dropout": Case((3,), (Dropout(0.5),), lambda t: t.nn.Dropout(0.5).eval()),
    "rnn": Case(
        (5, 3),
        (RNN(4),),
        states(lambda t: t.nn.RNN(3, 4, batch_first=True)),
        {"W1": "weight_ih_l0", "U1": "weight_hh_l0", "b1": "bias_ih_l0"},
    ),
    "rnn with ReLU": Case(
        (5, 3),
        (RNN(4, "relu"),),
        states(lambda t: t.nn.RNN(3, 4, nonlinearity="relu", batch_first=True)),
        {"W1": "weight_ih_l0", "U1": "weight_hh_l0", "b1": "bias_ih_l0"},
    ),
    "gru": Case(
        (5, 3),
        (GRU(4),),
        states(lambda t: t.nn.GRU(3, 4, batch_first=True), "cg1"),
        stacked={
            "weight_ih_l0": ("Wr1", "Wz1", "Wg1"),
            "weight_hh_l0": ("Ur1", "Uz1", "Ug1"),
            "bias_ih_l0": ("br1", "bz1", "bg1"),
            "bias_hh_l0": (8, "cg1"),
        },
    ),
    "lstm": Case(
        (5, 3),
        (LSTM(4),),
        states(lambda t: t.nn.LSTM(3, 4, batch_first=True)),
        stacked={
            "weight_ih_l0": ("Wi1", "Wf1", "Wg1", "Wo1"),
            "weight_hh_l0": ("Ui1", "Uf1", "Ug1", "Uo1"),
            "bias_ih_l0": ("bi1", "bf1", "bg1", "bo1"),
        },
    ),
    "attention": Case((5, 4), (Attention(),), attending(1, causal=False), *attention_names(1)),
    "attention with heads": Case(
        (5, 4), (Attention(2),), attending(2, causal=False), *attention_names(1)
    ),
    "attention, causal": Case(
        (5, 4), (Attention(2, causal=True),), attending(2, causal=True), *attention_names(1)
    ),
    "transformer": Case(
        (5, 4), (TransformerEncoder(2, 6),), encoding(), *transformer_names((1, 2, 3, 4, 5))
    ),
    "transformer with norms first": Case(
        (5, 4),
        (TransformerEncoder(2, 6, "gelu", norm_first=True),),
        encoding(norm_first=True, activation="gelu"),
        *transformer_names((2, 1, 4, 5, 3)),
    ),
    "last": Case((5, 3), (Last(),), lambda t: lambda x: x[:, -1]),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def arrays(network, seed=0):
    """Random parameters, inputs and targets; what is looked up by is whole, a mask is one."""
    generator = np.random.default_rng(seed)
    system = network.system
    parameters = {n: generator.normal(size=s) for n, s in network.parameter_shapes.items()}
    x = generator.normal(size=(SAMPLES, *network.shapes[0]))
    if system.quantities["x"].is_integer:
        x = generator.integers(0, network.layers[0].count, size=x.shape)
    y = generator.normal(size=(SAMPLES, *network.shapes[-1]))
    return parameters, x, y


def ours(case, parameters, x, y):
    """The outputs, the loss and its derivatives by the parameters and by the input."""
    system = case.network.system
    names = [*parameters, *([] if system.quantities["x"].is_integer else ["x"])]
    function = derive(case.network, names).lambdify()
    masks = {name: np.ones((SAMPLES, *shape)) for name, (_, shape) in case.network.masks.items()}
    loss, gradients = function(parameters, x, y, **masks)
    return function.predict(parameters, x, **masks), loss, gradients


def theirs(torch, case, parameters, x, y):
    """The same by PyTorch, its derivatives in the shapes of ours."""
    torch.manual_seed(0)
    module = case.module(torch)
    known = {}
    if isinstance(module, torch.nn.Module):
        module = module.double()
        known = dict(module.named_parameters())
    joined = {**{theirs: (mine,) for mine, theirs in case.names.items()}, **case.stacked}
    assert set(joined) == set(known)
    arrays = parameters | {
        p: np.zeros(p) for parts in joined.values() for p in parts if isinstance(p, int)
    }
    with torch.no_grad():
        for name, parts in joined.items():
            flat = np.concatenate([arrays[p].ravel() for p in parts])
            known[name].copy_(torch.tensor(flat).reshape(known[name].shape))
    given = torch.tensor(x, requires_grad=x.dtype.kind == "f")
    outputs = module(given)
    loss = torch.nn.functional.mse_loss(outputs, torch.tensor(y))
    loss.backward()
    gradients = {} if given.grad is None else {"x": given.grad.numpy()}
    for name, parts in joined.items():
        ends = np.cumsum([arrays[p].size for p in parts])[:-1]
        pieces = np.split(known[name].grad.numpy().ravel(), ends)
        pairs = zip(parts, pieces, strict=True)
        gradients |= {p: g.reshape(arrays[p].shape) for p, g in pairs if p in parameters}
    return outputs.detach().numpy(), loss.item(), gradients


def worst(one, other):
    """The largest difference of two arrays, relative to the second's largest number."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return np.inf
    error = np.abs(one - other).max() / max(1e-3, np.abs(other).max())
    return error if np.isfinite(error) else np.inf


def test_every_layer_of_the_table_has_a_case():
    tried = {name.split()[0].removesuffix(",") for name in CASES}
    assert tried == set(LAYERS)


@each_case
def test_outputs_loss_and_derivatives_are_those_of_pytorch(case):
    torch = needed("torch")
    given = arrays(case.network)
    outputs, loss, gradients = ours(case, *given)
    expected, known, derivatives = theirs(torch, case, *given)
    assert worst(outputs, expected) <= TOLERANCE
    assert worst(loss, known) <= TOLERANCE
    assert gradients.keys() == derivatives.keys()
    for name, gradient in gradients.items():
        assert worst(gradient, derivatives[name]) <= TOLERANCE, name


@pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS)
def test_each_layer_agrees_with_finite_differences_at_50_digits(row):
    assert compare(derive(Network(row.example).shrunk(2))).ok


@pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS)
def test_each_layer_is_read_from_the_spec_that_it_writes(row):
    network = Network(row.example)
    again = Network(network.spec)
    assert again.system.equations == network.system.equations
    assert again.spec == network.spec
