"""Statistics for few runs and few weeks: interquartile means and bootstrap intervals.

Agarwal et al.: Deep reinforcement learning at the edge of the statistical precipice, NeurIPS 2021.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

RESAMPLES = 10_000
CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An estimate with its bootstrap interval."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low > 0.0 or self.high < 0.0


def interquartile_mean(values: ArrayLike) -> float:
    """Mean of the middle half of all values: a quarter of them, rounded down, is cut off at each end."""
    ordered = np.sort(np.asarray(values, np.float64), axis=None)
    cut = ordered.size // 4
    return float(ordered[cut : ordered.size - cut].mean())


def probability_of_improvement(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Chance that a run of ours lies above one of theirs; ties count half."""
    difference = np.subtract.outer(
        np.asarray(ours, np.float64).ravel(), np.asarray(theirs, np.float64).ravel()
    )
    return float(np.mean((difference > 0.0) + 0.5 * (difference == 0.0)))


def stratified_bootstrap(
    scores: ArrayLike,
    statistic: Callable[[Floats], float] = interquartile_mean,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Interval:
    """Interval of a statistic of scores (runs, tasks): runs are drawn anew within each task."""
    table = np.asarray(scores, np.float64)
    n_runs, n_tasks = table.shape
    rows = np.random.default_rng(seed).integers(n_runs, size=(resamples, n_runs, n_tasks))
    drawn = np.array([statistic(table[row, np.arange(n_tasks)]) for row in rows])
    return _interval(statistic(table), drawn)


def paired_bootstrap(
    columns: ArrayLike, statistic: Callable[[Floats], Floats], *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Interval of a statistic of paired figures (weeks, controllers): whole weeks are drawn anew.

    ``statistic`` takes (..., weeks, controllers) and returns (...).
    """
    table = np.asarray(columns, np.float64)
    rows = np.random.default_rng(seed).integers(table.shape[0], size=(resamples, table.shape[0]))
    return _interval(float(statistic(table)), statistic(table[rows]))


def score(j_rule: ArrayLike, j: ArrayLike, j_optimum: ArrayLike, *, seed: int = 0) -> Interval:
    """S = sum(J_rule - J) / sum(J_rule - J_optimum) over weeks (weeks,), with its interval: 0 is the rule, 1 the bound.

    nan where rule and bound cost the same.
    """
    return paired_bootstrap(np.column_stack([j_rule, j, j_optimum]), _score, seed=seed)


def mean_difference(first: ArrayLike, second: ArrayLike, *, seed: int = 0) -> Interval:
    """Mean of the weeks' differences first - second (weeks,), with its interval."""
    difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    return paired_bootstrap(difference[:, None], lambda table: table.mean(axis=(-2, -1)), seed=seed)


def _score(table: Floats) -> Floats:
    rule, ours, optimum = np.moveaxis(table.sum(axis=-2), -1, 0)
    gap = np.asarray(rule - optimum)
    return np.divide(rule - ours, gap, out=np.full(gap.shape, np.nan), where=gap != 0.0)


def _interval(estimate: float, drawn: Floats) -> Interval:
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return Interval(estimate, float(low), float(high))
