"""The forecast that is issued to everybody: yesterday's profile, moved by how far today already differs.

net(t + h) ~ net(t + h - 1 day) + decay(h + 2) * (net(t - 2) - net(t - 2 - 1 day)), from readings up to t - 2 alone.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel

LAST_KNOWN = 2
"""The newest reading known in the rounds for slot t is that of t - 2."""
DECAY_PER_QUARTER_HOUR = 0.9
"""Of a deviation from yesterday, what is left a quarter of an hour later."""


def deviation_decay(slots_per_day: int) -> NDArray[np.float64]:
    """Share of a deviation that is left after 0, 1, ... slots, for a day's forecasts: (slots_per_day + LAST_KNOWN,)."""
    per_slot = DECAY_PER_QUARTER_HOUR ** (96 / slots_per_day)
    decay: NDArray[np.float64] = per_slot ** np.arange(slots_per_day + LAST_KNOWN)
    return decay


@kernel
def slot_forecast(
    series_kw: NDArray[np.float32], decay: NDArray[np.float64], slot: int, ahead: int, column: int
) -> float:
    """Forecast in kW, issued in the rounds for ``slot``, of the slot ``ahead`` of it (0: the slot itself).

    ``series_kw`` is (T, columns), ``decay`` :func:`deviation_decay`'s; ``ahead`` is at least -1.
    """
    day = decay.size - LAST_KNOWN
    lag = day if ahead < day - LAST_KNOWN + 1 else 2 * day
    yesterday_kw = np.float64(series_kw[slot + ahead - lag, column])
    return yesterday_kw + decay[ahead + LAST_KNOWN] * deviation(series_kw, decay, slot, column)


@kernel
def deviation(series_kw: NDArray[np.float32], decay: NDArray[np.float64], slot: int, column: int) -> float:
    """How far the newest reading known in the rounds for ``slot`` differs from a day before, kW."""
    day, known = decay.size - LAST_KNOWN, slot - LAST_KNOWN
    return np.float64(series_kw[known, column]) - np.float64(series_kw[known - day, column])


@kernel
def hour_forecast(
    hourly_kw: NDArray[np.float32],
    decay: NDArray[np.float64],
    slot: int,
    hour: int,
    column: int,
    deviation_kw: float,
) -> float:
    """Mean forecast of the slots of the hour that begins ``hour`` hours after ``slot``.

    ``hourly_kw[t]`` is the mean of the hour of slots from t on; ``deviation_kw`` is :func:`deviation`'s.
    """
    day = decay.size - LAST_KNOWN
    per_hour = day // 24
    ahead = per_hour * hour
    lag = day if ahead + per_hour < day - LAST_KNOWN + 2 else 2 * day
    return np.float64(hourly_kw[slot + ahead - lag, column]) + decay[ahead + LAST_KNOWN] * deviation_kw
