"""One figure of many scores, robust against outliers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def interquartile_mean(values: ArrayLike) -> float:
    """Mean of the middle half of all values: a quarter of them, rounded down, is cut off at each end."""
    return float(interquartile_means(np.asarray(values, np.float64).reshape(1, -1)))


def interquartile_means(tables: Floats) -> Floats:
    """The interquartile mean of each table: (..., runs, weeks) -> (...)."""
    ordered = np.sort(tables.reshape(*tables.shape[:-2], -1), axis=-1)
    cut = ordered.shape[-1] // 4
    means: Floats = ordered[..., cut : ordered.shape[-1] - cut].mean(axis=-1)
    return means


def optimality_gap(values: ArrayLike, target: float = 1.0) -> float:
    """Mean of what scores lack to the target; what lies above it counts nothing."""
    return float(optimality_gaps(np.asarray(values, np.float64).reshape(1, -1), target))


def optimality_gaps(tables: Floats, target: float = 1.0) -> Floats:
    """The optimality gap of each table: (..., runs, weeks) -> (...)."""
    gaps: Floats = np.maximum(0.0, target - tables).mean(axis=(-2, -1))
    return gaps
