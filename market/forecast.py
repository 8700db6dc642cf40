"""The forecast that is issued to everybody: yesterday's profile, moved by how far today already differs.

net(t + h) ~ net(t + h - 1 day) + DECAY^(h + 2) * (net(t - 2) - net(t - 2 - 1 day)), from readings up to t - 2 alone.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel

DAY = 96
LAST_KNOWN = 2
"""The newest reading known in the rounds for slot t is that of t - 2."""
DECAY = 0.9
"""Of a deviation from yesterday, what is left a slot later."""
DECAY_POWERS = DECAY ** np.arange(DAY + LAST_KNOWN)


@kernel
def slot_forecast(series_kw: NDArray[np.float32], slot: int, ahead: int, column: int) -> float:
    """Forecast in kW, issued in the rounds for ``slot``, of the slot ``ahead`` of it (0: the slot itself).

    ``series_kw`` is (T, columns); ``ahead`` is at least -1.
    """
    target = slot + ahead
    lag = DAY if ahead < DAY - LAST_KNOWN + 1 else 2 * DAY
    known = slot - LAST_KNOWN
    deviation = np.float64(series_kw[known, column]) - np.float64(series_kw[known - DAY, column])
    return np.float64(series_kw[target - lag, column]) + DECAY_POWERS[ahead + LAST_KNOWN] * deviation


@kernel
def hour_forecast(
    hourly_kw: NDArray[np.float32], series_kw: NDArray[np.float32], slot: int, hour: int, column: int
) -> float:
    """Mean forecast of the four slots that begin ``hour`` hours after ``slot``.

    ``hourly_kw[t]`` is the mean of series_kw[t : t + 4].
    """
    ahead = 4 * hour
    lag = DAY if ahead + 3 < DAY - LAST_KNOWN + 1 else 2 * DAY
    known = slot - LAST_KNOWN
    deviation = np.float64(series_kw[known, column]) - np.float64(series_kw[known - DAY, column])
    return np.float64(hourly_kw[slot + ahead - lag, column]) + DECAY_POWERS[ahead + LAST_KNOWN] * deviation
