"""Performance profiles: the share of runs and weeks that score above each level."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.evaluate.statistics.interval import RESAMPLES, expanded_tails

Floats = NDArray[np.float64]


class Profile(NamedTuple):
    """Arrays (levels,): shares with their band, 95 % at each level."""

    level: Floats
    share: Floats
    low: Floats
    high: Floats


def performance_profile(
    scores: ArrayLike, levels: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES
) -> Profile:
    """Share of scores (runs, weeks) above each level; for the band weeks are drawn anew, and runs within them."""
    table, at = np.asarray(scores, np.float64), np.asarray(levels, np.float64)
    n_runs, n_weeks = table.shape
    above = (table[:, :, None] > at).astype(np.float64)
    random = np.random.default_rng(seed)
    weeks = random.multinomial(n_weeks, np.full(n_weeks, 1.0 / n_weeks), resamples)
    runs = random.multinomial(weeks * n_runs, np.full(n_runs, 1.0 / n_runs))
    counts = runs.transpose(0, 2, 1).reshape(resamples, -1).astype(np.float64)
    drawn = counts @ above.reshape(-1, at.size) / table.size
    low, high = np.quantile(drawn, expanded_tails(n_weeks), axis=0)
    return Profile(at, above.mean(axis=(0, 1)), low, high)
