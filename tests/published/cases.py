"""What a case is, how its values are drawn, and how a derivative is compared with one."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from symnn import System, derive, hessian, jacobian
from symnn.draws import small_sizes
from symnn.equations import Role

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Case:
    """A published derivative.

    `says` is the statement, `work` the publication's key in WORKS, `place` where it stands there.
    `published` gives for each name that is derived by its derivative, a function whose arguments
    are leaves of the model. `draw` says how leaves are drawn that are no normal numbers.
    """

    id: str
    work: str
    place: str
    says: str
    model: str
    published: Mapping[str, Callable]
    draw: Mapping[str, Callable] = field(default_factory=dict)


def case(id, work, place, says, model, draw=None, /, **published):
    """A case, in the order in which a table of them reads."""
    return Case(id, work, place, says, model, published, draw or {})


def values(system, case, seed):
    """An array for each leaf of the system, drawn as the case says."""
    random = np.random.default_rng([seed, crc32(case.id.encode())])
    sizes = small_sizes(system)
    leaves = system.named(Role.PARAMETER, Role.INPUT, Role.TARGET)
    shapes = {q.name: tuple(int(s.subs(sizes)) for s in q.shape) for q in leaves}
    return {name: case.draw.get(name, normal)(random, shape) for name, shape in shapes.items()}


def derived(system, case):
    """A function from values to what is derived and compiled, by the names in `published`."""
    gradients = [name for name in case.published if name.isidentifier()]
    whole = {name: compiled_block(system, name) for name in case.published if name not in gradients}
    by_each = derive(system, gradients).lambdify() if gradients else None

    def at_values(at):
        arrays = {name: called(block, system, at) for name, block in whole.items()}
        return arrays | (called(by_each, system, at)[1] if by_each else {})

    return at_values


def compiled_block(system, name):
    """`p/z` is the Jacobian of p by z, and `w,v` the Hessian's block of these two."""
    if "/" in name:
        return jacobian(system, *name.split("/")).lambdify()
    first, second = name.split(",")
    return hessian(system, *([first] if first == second else [first, second])).lambdify()


def called(function, system, at):
    parameters = {q.name: at[q.name] for q in system.named(Role.PARAMETER)}
    inputs = {q.name: at[q.name] for q in system.named(Role.INPUT, Role.TARGET)}
    return function(parameters, **inputs)


def stated(case, at):
    """What the publication says, at the same values."""
    named = {name: inspect.signature(says).parameters for name, says in case.published.items()}
    return {
        name: np.asarray(says(*(at[leaf] for leaf in named[name])))
        for name, says in case.published.items()
    }


def disagreements(case, seeds=(0, 1)):
    """One line for each derivative that is not what was published, at values of each seed."""
    system = System.parse(case.model)
    ours_at = derived(system, case)
    found = []
    for seed in seeds:
        at = values(system, case, seed)
        ours, theirs = ours_at(at), stated(case, at)
        found += [
            f"{case.id}: by {name}: derived {ours[name]}, published {theirs[name]}"
            for name in case.published
            if not agrees(ours[name], theirs[name])
        ]
    return found


def agrees(one, other):
    """Whether two arrays have the same shape and are equal to 1e-9 of the largest entry."""
    if np.shape(one) != np.shape(other):
        return False
    scale = max(1.0, float(np.max(np.abs(other), initial=0)))
    return bool(np.max(np.abs(one - other), initial=0) <= TOLERANCE * scale)


# How leaves are drawn.


def normal(random, shape):
    return random.normal(size=shape)


def positive(random, shape):
    return random.uniform(0.5, 2.0, shape)


def unit(random, shape):
    return random.uniform(0.1, 0.9, shape)


def binary(random, shape):
    return random.integers(0, 2, shape).astype(float)


def signs(random, shape):
    return random.choice([-1.0, 1.0], shape)


def counts(random, shape):
    return random.integers(0, 6, shape).astype(float)


def symmetric(random, shape):
    half = random.normal(size=shape)
    return half + half.T


def definite(random, shape):
    """A symmetric and positive definite matrix."""
    half = random.normal(size=shape)
    return half @ half.T + np.eye(*shape)


def one_hot(random, shape):
    """One 1 along the last axis, and zeros."""
    return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]


def distribution(random, shape):
    """Positive numbers that sum to 1 along the last axis."""
    weights = random.uniform(0.2, 1.0, shape)
    return weights / weights.sum(axis=-1, keepdims=True)


def below(count):
    """Whole numbers from 0 to `count` - 1."""
    return lambda random, shape: random.integers(0, count, shape)


def fixed(array):
    """This array, whatever the seed."""
    return lambda random, shape: np.asarray(array, dtype=float)
