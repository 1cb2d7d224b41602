"""The optimizers: a table of update rules, each with its source, and what compiles a row.

A rule is a list of equations `target ← expression`, done in order, for every entry of every
parameter. The definitions are PyTorch's. What is printed of a row is what runs: `compiled` reads
the same equations. No rule is written anywhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol, lambdify, sqrt

Array = NDArray[np.floating[Any]]
Values = dict[str, Array]

PARAMETER, GRADIENT, RATE = (Symbol(name, real=True) for name in ("theta", "g", "eta"))
STEP = Symbol("t", integer=True, positive=True)


@dataclass(frozen=True)
class Update:
    """`target ← expression`: one equation of a rule."""

    target: Symbol
    expression: Expr


@dataclass(frozen=True)
class Hyperparameter:
    """A number that the user may choose: its symbol, its default, what it is."""

    symbol: Symbol
    default: float
    title: str


@dataclass(frozen=True)
class Optimizer:
    """A row: the name, the equations in their order, the state that they keep, and the source.

    `state` starts at zero and has the parameter's shape. `STEP` counts the steps from 1. A target
    that is neither the parameter nor state is forgotten after the step.
    """

    name: str
    title: str
    updates: tuple[Update, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    source: str
    state: tuple[Symbol, ...] = ()

    @property
    def rate(self) -> float:
        """The default learning rate."""
        return next(h.default for h in self.hyperparameters if h.symbol == RATE)


_mu, _beta1, _beta2, _epsilon, _v, _m, _m_hat, _v_hat = (
    Symbol(name, real=True)
    for name in ("mu", "beta1", "beta2", "epsilon", "v", "m", "m_hat", "v_hat")
)
_momentum = Hyperparameter(_mu, 0.9, "momentum")
_VELOCITY = Update(_v, _mu * _v + GRADIENT)


def _rate(default: float) -> Hyperparameter:
    return Hyperparameter(RATE, default, "learning rate")


_ROWS = (
    Optimizer(
        "sgd",
        "stochastic gradient descent",
        (Update(PARAMETER, PARAMETER - RATE * GRADIENT),),
        (_rate(0.01),),
        "Robbins and Monro 1951; torch.optim.SGD",
    ),
    Optimizer(
        "momentum",
        "gradient descent with momentum",
        (_VELOCITY, Update(PARAMETER, PARAMETER - RATE * _v)),
        (_rate(0.01), _momentum),
        "Polyak 1964; torch.optim.SGD(momentum=0.9)",
        (_v,),
    ),
    Optimizer(
        "nesterov",
        "gradient descent with Nesterov's momentum",
        (_VELOCITY, Update(PARAMETER, PARAMETER - RATE * (GRADIENT + _mu * _v))),
        (_rate(0.01), _momentum),
        "Nesterov 1983; Sutskever et al. 2013; torch.optim.SGD(momentum=0.9, nesterov=True)",
        (_v,),
    ),
    Optimizer(
        "adam",
        "adaptive moment estimation",
        (
            Update(_m, _beta1 * _m + (1 - _beta1) * GRADIENT),
            Update(_v, _beta2 * _v + (1 - _beta2) * GRADIENT**2),
            Update(_m_hat, _m / (1 - _beta1**STEP)),
            Update(_v_hat, _v / (1 - _beta2**STEP)),
            Update(PARAMETER, PARAMETER - RATE * _m_hat / (sqrt(_v_hat) + _epsilon)),
        ),
        (
            _rate(0.001),
            Hyperparameter(_beta1, 0.9, "decay of the first moment"),
            Hyperparameter(_beta2, 0.999, "decay of the second moment"),
            Hyperparameter(_epsilon, 1e-8, "what keeps the division finite"),
        ),
        "Kingma and Ba 2015, algorithm 1; torch.optim.Adam",
        (_m, _v),
    ),
)

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType({row.name: row for row in _ROWS})


@dataclass(frozen=True)
class Rule:
    """A compiled optimizer: new arrays from old ones; nothing is changed in place."""

    optimizer: Optimizer
    functions: tuple[tuple[Symbol, tuple[Symbol, ...], Callable[..., Array]], ...]

    def start(self, parameter: Array) -> Values:
        """The state before the first step: zeros of the parameter's shape and dtype, by name."""
        return {symbol.name: np.zeros_like(parameter) for symbol in self.optimizer.state}

    def step(
        self,
        parameter: Array,
        gradient: Array,
        state: Values,
        t: int,
        **chosen: float,
    ) -> tuple[Array, Values]:
        """The parameter and the state after step `t`, counted from 1.

        `gradient` and every array of `state` have the parameter's shape; the dtype stays the
        parameter's. `chosen` are hyperparameters by name, as `eta=0.1`; the others keep their
        defaults.

        >>> rule = compiled(OPTIMIZERS["sgd"])
        >>> rule.step(np.array([1.0]), np.array([2.0]), {}, 1, eta=0.25)
        (array([0.5]), {})
        """
        values: dict[Symbol, Any] = {
            h.symbol: chosen.get(h.symbol.name, h.default) for h in self.optimizer.hyperparameters
        }
        values |= {symbol: state[symbol.name] for symbol in self.optimizer.state}
        values |= {PARAMETER: parameter, GRADIENT: gradient, STEP: t}
        for target, arguments, function in self.functions:
            values[target] = function(*(values[argument] for argument in arguments))
        return values[PARAMETER], {s.name: values[s] for s in self.optimizer.state}


@cache
def compiled(optimizer: Optimizer) -> Rule:
    """The rule that runs an optimizer's equations on arrays."""
    return Rule(optimizer, tuple(_function(update) for update in optimizer.updates))


_FUNCTIONS = {
    "sqrt": np.sqrt,
    "sign": np.sign,
    "Abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
}


def _function(update: Update) -> tuple[Symbol, tuple[Symbol, ...], Callable[..., Array]]:
    arguments = tuple(sorted(update.expression.free_symbols, key=str))
    # A dict, not "numpy": the name would run `from numpy import *`, which costs 60 ms.
    return update.target, arguments, lambdify(arguments, update.expression, [_FUNCTIONS])
