"""Two ways of drawing anew: runs within each week, and whole weeks with everybody in them."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.evaluate.statistics.aggregates import interquartile_means
from gridbid.evaluate.statistics.interval import RESAMPLES, Interval, expanded_tails, percentile_interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BLOCK = 4_000_000
"""Scores that are drawn at once, about: what keeps a bootstrap of any size within some 100 MB."""


def stratified_bootstrap(
    scores: ArrayLike,
    statistic: Callable[[Floats], Floats] = interquartile_means,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Interval:
    """Interval of a statistic of scores (runs, weeks): runs are drawn anew within each week, the weeks stay.

    ``statistic`` takes (..., runs, weeks) and returns (...). One run can't vary: its interval has no width.
    """
    table = np.asarray(scores, np.float64)
    random, columns = np.random.default_rng(seed), np.arange(table.shape[1])
    per_block = max(1, _BLOCK // table.size)
    drawn = []
    for begin in range(0, resamples, per_block):
        rows = random.integers(table.shape[0], size=(min(per_block, resamples - begin), *table.shape))
        drawn.append(statistic(table[rows, columns]))
    return percentile_interval(float(statistic(table)), np.concatenate(drawn))


def paired_bootstrap(
    tables: Sequence[ArrayLike],
    statistic: Callable[..., Floats],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Interval:
    """Interval of a statistic of figures that belong together by week: weeks are drawn anew, for all tables the same.

    A table is (weeks,), or (runs, weeks) for a method with several runs: its runs are then drawn anew as well, each with
    all its weeks. ``statistic`` takes a table each (..., weeks), the mean over runs, and returns (...).
    """
    figures = [np.atleast_2d(np.asarray(table, np.float64)) for table in tables]
    n_weeks = figures[0].shape[1]
    random = np.random.default_rng(seed)
    weeks = random.integers(n_weeks, size=(resamples, n_weeks))
    drawn = [_drawn_means(table, weeks, random) for table in figures]
    estimate = float(statistic(*(table.mean(axis=0) for table in figures)))
    return percentile_interval(estimate, statistic(*drawn), expanded_tails(n_weeks))


def _drawn_means(table: Floats, weeks: Integers, random: np.random.Generator) -> Floats:
    """Means over drawn runs in drawn weeks (resamples, weeks)."""
    n_runs = table.shape[0]
    if n_runs == 1:
        return table[0, weeks]
    runs = random.integers(n_runs, size=(weeks.shape[0], n_runs))
    shares = np.stack([(runs == run).mean(axis=1) for run in range(n_runs)], axis=1)
    return np.take_along_axis(shares @ table, weeks, axis=1)
