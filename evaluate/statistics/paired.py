"""Two controllers in the same weeks: differences, how sure they are, and how easily chance makes such."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.evaluate.statistics.bootstrap import paired_bootstrap
from gridbid.evaluate.statistics.interval import RESAMPLES, Interval

Floats = NDArray[np.float64]

EXACT_WEEKS = 16
"""Up to so many weeks all patterns of signs are looked at."""
_ROUNDING = 1e-12
"""Relative: patterns as far out as the one observed count, whichever way their sums are rounded."""


@dataclass(frozen=True)
class PairedDifference:
    """What one controller's figure is above another's in the same weeks."""

    by_week: Floats
    """first - second, means over runs (weeks,)."""
    mean: Interval
    """Their mean, with its paired interval."""
    p_value: float
    """Of the sign-flip test: how often chance alone gives a mean as far from 0."""

    @property
    def weeks_below(self) -> int:
        """Weeks in which the first is lower."""
        return int((self.by_week < 0.0).sum())


def paired_difference(first: ArrayLike, second: ArrayLike, *, seed: int = 0) -> PairedDifference:
    """The difference first - second; each is (weeks,) or (runs, weeks)."""
    by_week = _by_week(first) - _by_week(second)
    return PairedDifference(
        by_week, mean_difference(first, second, seed=seed), sign_flip_p(by_week, seed=seed)
    )


def mean_difference(
    first: ArrayLike, second: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Mean of the weeks' differences first - second, with its interval; each is (weeks,) or (runs, weeks)."""
    return paired_bootstrap(
        [first, second], lambda ours, theirs: (ours - theirs).mean(axis=-1), seed=seed, resamples=resamples
    )


def sign_flip_p(differences: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> float:
    """Two-sided p of the paired permutation test on the mean of weekly differences (weeks,): signs are exchanged at random.

    Exact up to EXACT_WEEKS weeks; with n of them no p is below 2 / 2**n. Fisher, The design of experiments, 1935, section 21.
    """
    figures = np.asarray(differences, np.float64)
    if figures.size <= EXACT_WEEKS:
        return float(np.mean(_as_far_out(figures, _all_signs(figures.size))))
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(resamples, figures.size))
    return float((_as_far_out(figures, signs).sum() + 1) / (resamples + 1))


def _as_far_out(differences: Floats, signs: Floats) -> NDArray[np.bool_]:
    slack = _ROUNDING * float(np.abs(differences).sum())
    return np.abs(signs @ differences) >= abs(float(differences.sum())) - slack


def _all_signs(n: int) -> Floats:
    """Every pattern of n signs (2**n, n)."""
    bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
    return np.where(bits == 1, 1.0, -1.0)


def _by_week(figures: ArrayLike) -> Floats:
    means: Floats = np.atleast_2d(np.asarray(figures, np.float64)).mean(axis=0)
    return means
