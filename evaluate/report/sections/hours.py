"""Means by hour of the local day."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

HOURS = 24


def by_hour(
    local_time: NDArray[Any], values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Mean of ``values`` in each hour of the day (24,), weighted where ``weights`` are given; nan where there is none."""
    weight = np.where(np.isfinite(values), 1.0 if weights is None else weights, 0.0)
    hour = hour_of_day(local_time)
    total = np.bincount(hour, np.where(weight > 0, np.nan_to_num(values), 0.0) * weight, HOURS)
    count = np.bincount(hour, weight, HOURS)
    return np.divide(total, count, out=np.full(HOURS, np.nan), where=count > 0)


def quantile_by_hour(
    local_time: NDArray[Any], values: NDArray[np.float64], share: float
) -> NDArray[np.float64]:
    """Quantile of ``values`` in each hour of the day (24,); nan where there is none."""
    hour, known = hour_of_day(local_time), np.isfinite(values)
    return np.array(
        [
            np.quantile(values[known & (hour == h)], share) if (known & (hour == h)).any() else np.nan
            for h in range(HOURS)
        ]
    )


def hour_of_day(local_time: NDArray[Any]) -> NDArray[np.int64]:
    """Hour 0 to 23 of each time."""
    since_midnight = local_time - local_time.astype("datetime64[D]")
    return np.asarray(since_midnight // np.timedelta64(1, "h"), np.int64)


def slot_hours(local_time: NDArray[Any]) -> float:
    """Length of the slots that begin at these times, hours: what lies between most of them."""
    steps_s = np.diff(local_time.astype("datetime64[s]").astype(np.int64))
    lengths_s, counts = np.unique(steps_s[steps_s > 0], return_counts=True)
    return float(lengths_s[np.argmax(counts)]) / 3600
