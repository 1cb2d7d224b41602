"""Formulas rewritten so that they can be computed: to the last digits, without a warning.

What is printed stays as it is; this is for what runs. Every rewriting is an identity (or, near 0,
a power series as long as a float can tell it from its sum).
"""

from symnn.stability.forms import stable
from symnn.stability.lines import Lines
from symnn.stability.parts import with_stable_functions
from symnn.stability.passes import computable
from symnn.stability.rounding import Stable
from symnn.stability.special import Capped, Log1pRatio, ScaledTail, Times, UpperTail

__all__ = [
    "Capped",
    "Lines",
    "Log1pRatio",
    "ScaledTail",
    "Stable",
    "Times",
    "UpperTail",
    "computable",
    "stable",
    "with_stable_functions",
]
