"""Probability of improvement: how likely a run of ours beats a run of theirs, in a week like the others."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.evaluate.statistics.interval import RESAMPLES, Interval, expanded_tails, percentile_interval

Floats = NDArray[np.float64]


def probability_of_improvement(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Chance that a run of ours lies above one of theirs in the same week, mean over weeks; ties count half.

    Each is (runs, weeks), or (runs,) of one week. In a week it is the Mann-Whitney statistic over the number of pairs.
    """
    return float(_wins(_table(ours), _table(theirs)).mean())


def improvement(ours: ArrayLike, theirs: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """The probability of improvement with its interval: weeks are drawn anew, and both sides' runs within them."""
    wins = _wins(_table(ours), _table(theirs))
    n_weeks, n_ours, n_theirs = wins.shape
    random = np.random.default_rng(seed)
    weeks = random.integers(n_weeks, size=(resamples, n_weeks))
    our_shares = random.multinomial(n_ours, np.full(n_ours, 1.0 / n_ours), (resamples, n_weeks)) / n_ours
    their_shares = (
        random.multinomial(n_theirs, np.full(n_theirs, 1.0 / n_theirs), (resamples, n_weeks)) / n_theirs
    )
    drawn = np.zeros(resamples)
    for place in range(n_weeks):
        pairs = wins[weeks[:, place]]
        drawn += np.einsum("rij,ri,rj->r", pairs, our_shares[:, place], their_shares[:, place]) / n_weeks
    return percentile_interval(float(wins.mean()), drawn, expanded_tails(n_weeks))


def _wins(ours: Floats, theirs: Floats) -> Floats:
    """1 where ours lies above theirs, a half for a tie (weeks, runs of ours, runs of theirs)."""
    difference = ours.T[:, :, None] - theirs.T[:, None, :]
    return (difference > 0.0) + 0.5 * (difference == 0.0)


def _table(figures: ArrayLike) -> Floats:
    table = np.asarray(figures, np.float64)
    return table[:, None] if table.ndim == 1 else table
