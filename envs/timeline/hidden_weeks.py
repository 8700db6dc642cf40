"""Held-out weeks are hidden from training: a year that is built for it has other weeks' series in their place.

An episode looks beyond its own week: forecasts rest on the two days before, announced prices reach a day ahead. So it isn't
enough to begin no episode in a held-out week. Where one would be seen, the nearest week that isn't hidden stands in.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.timeline.calendar import Calendar, complete_weeks, weeks_later


def visible_times(calendar: Calendar, hidden: Collection[int]) -> NDArray[np.datetime64]:
    """Time whose series each slot takes, UTC (T,): its own start, or the same weekday and hour of the week that stands in."""
    times = calendar.utc_start.copy()
    for week in hidden:
        slots = calendar.week == week
        away = stand_in(calendar.year, calendar.timezone, week, hidden) - week
        times[slots] = weeks_later(times[slots], away, calendar.timezone)
    return times


def stand_in(year: int, timezone: str, week: int, hidden: Collection[int]) -> int:
    """The nearest complete week that isn't hidden; of two the one before."""
    visible = (other for other in complete_weeks(year, timezone) if other not in hidden)
    return min(visible, key=lambda other: (abs(other - week), other > week))
