"""Ratios of sums over weeks: S, and how many percent less somebody needs than somebody else."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.evaluate.statistics.bootstrap import paired_bootstrap
from gridbid.evaluate.statistics.interval import Interval

Floats = NDArray[np.float64]

_PERCENT = 100.0
_ROUNDING = 1e-9
"""Relative: a rule that lies no further above the bound has reached it."""


def score(j_rule: ArrayLike, j: ArrayLike, j_optimum: ArrayLike, *, seed: int = 0) -> Interval:
    """S = sum(J_rule - J) / sum(J_rule - J_optimum) over weeks, with its interval: 0 is the rule, 1 the bound.

    Each is (weeks,) or (runs, weeks). nan where the rule costs no more than the bound: there is nothing to gain.
    """
    return paired_bootstrap([j_rule, j, j_optimum], _score, seed=seed)


def percent_less(ours: ArrayLike, theirs: ArrayLike, *, seed: int = 0) -> Interval:
    """By how many percent the sum of ours over weeks lies below that of theirs, with its interval.

    Each is (weeks,) or (runs, weeks). nan where theirs isn't positive, in the sum or in weeks that may be drawn: of that
    there is no percentage.
    """
    return paired_bootstrap([ours, theirs], _percent_less, seed=seed)


def _score(rule: Floats, ours: Floats, optimum: Floats) -> Floats:
    negligible = _ROUNDING * np.abs(rule).sum(axis=-1)
    return _ratio((rule - ours).sum(axis=-1), (rule - optimum).sum(axis=-1), negligible)


def _percent_less(ours: Floats, theirs: Floats) -> Floats:
    base = theirs.sum(axis=-1)
    return _PERCENT * _ratio(base - ours.sum(axis=-1), base, np.zeros_like(base))


def _ratio(numerator: Floats, denominator: Floats, negligible: Floats) -> Floats:
    """The ratio where the denominator is more than negligible, else nan."""
    unknown = np.full(np.shape(denominator), np.nan)
    return np.divide(numerator, denominator, out=unknown, where=denominator > negligible)
