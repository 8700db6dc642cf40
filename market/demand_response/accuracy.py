"""How well a baseline meets what was drawn on days without an event.

RRMSE = sqrt(mean((B - L)^2)) / mean(L); bias = sum(B - L) / sum(L). The Australian market operator admits a load to
wholesale demand response when its RRMSE is at most 20 %, and its bias within 4 %.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.errors import InputError

RRMSE_LIMIT = 0.20
BIAS_LIMIT = 0.04


def rrmse(baseline_wh: ArrayLike, load_wh: ArrayLike) -> float:
    """Relative root mean squared error of baselines against loads of the same shape."""
    baseline, load = _pair(baseline_wh, load_wh)
    return float(np.sqrt(np.mean((baseline - load) ** 2)) / np.mean(load))


def bias(baseline_wh: ArrayLike, load_wh: ArrayLike) -> float:
    """Relative bias: above 0 when baselines are too high."""
    baseline, load = _pair(baseline_wh, load_wh)
    return float(np.sum(baseline - load) / np.sum(load))


def is_predictable(baseline_wh: ArrayLike, load_wh: ArrayLike) -> bool:
    """Whether baselines are good enough for the Australian market operator's scheme."""
    return rrmse(baseline_wh, load_wh) <= RRMSE_LIMIT and abs(bias(baseline_wh, load_wh)) <= BIAS_LIMIT


def _pair(baseline_wh: ArrayLike, load_wh: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    baseline, load = np.asarray(baseline_wh, np.float64), np.asarray(load_wh, np.float64)
    if baseline.shape != load.shape or load.size == 0:
        raise InputError(f"baseline {baseline.shape} and load {load.shape} must have one shape, not empty")
    if load.sum() <= 0.0:
        raise InputError(f"the load sums to {load.sum()} Wh; errors relative to it need it above 0")
    return baseline, load
