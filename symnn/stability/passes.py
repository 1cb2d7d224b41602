"""Whole programs made fit to be computed: one rewriting of the equations after another."""

from collections.abc import Collection

from symnn.stability.cancelling import without_cancelling
from symnn.stability.carried import with_factors_carried
from symnn.stability.complements import with_complements
from symnn.stability.likelihoods import with_likelihoods_as_sums
from symnn.stability.lines import Lines
from symnn.stability.log_softmaxes import with_log_softmaxes
from symnn.stability.mixtures import with_mixtures
from symnn.stability.near_one import with_logs_near_one
from symnn.stability.outputs import seen_through
from symnn.stability.overflow import without_overflow
from symnn.stability.powers import with_single_powers
from symnn.stability.squares import squares_put_in
from symnn.stability.zeros import with_zeros


def computable(lines: Lines, kept: Collection[str] = ()) -> Lines:
    """The equations in a form that holds in floats.

    A quantity among `kept` has an equation of its own all the same.
    """
    told_apart = without_cancelling(with_complements(with_mixtures(lines)))
    put_in = squares_put_in(with_likelihoods_as_sums(told_apart))
    carried = with_factors_carried(with_single_powers(put_in))
    shifted = with_logs_near_one(without_overflow(carried, kept))
    return with_zeros(with_log_softmaxes(seen_through(shifted)))
