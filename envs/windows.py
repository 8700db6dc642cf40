"""Windows of the local year: which slots begin in named months, on named days, at named hours."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.calendar import Calendar

MINUTES_PER_DAY = 1_440
_SATURDAY = 5

Mask = NDArray[np.bool_]


def range_minutes(hours: str) -> tuple[int, int]:
    """Begin and end of a range as "17:00-20:30", in minutes since midnight; the end is smaller over midnight."""
    begin, end = (60 * int(clock[:2]) + int(clock[3:]) for clock in hours.split("-"))
    return begin, end


def minutes_of_day(hours: Iterable[str]) -> Mask:
    """Which minutes of a day lie in one of the ranges, bool (1440,)."""
    inside = np.zeros(MINUTES_PER_DAY, np.bool_)
    for begin, end in map(range_minutes, hours):
        if begin < end:
            inside[begin:end] = True
        else:
            inside[begin:] = True
            inside[:end] = True
    return inside


def slots_in_hours(calendar: Calendar, hours: Sequence[str]) -> Mask:
    """Slots that begin in one of the ranges of the local clock, bool (T,)."""
    since_midnight = calendar.local_start - calendar.local_start.astype("datetime64[D]")
    return minutes_of_day(hours)[since_midnight.astype("timedelta64[m]").astype(np.int64)]


def slots_in_months(calendar: Calendar, months: Sequence[int]) -> Mask:
    """Slots that begin in one of the months, 1 to 12, by the local clock, bool (T,)."""
    return np.isin(calendar.local_start.astype("datetime64[M]").astype(np.int64) % 12 + 1, months)


def slots_on_days(calendar: Calendar, days: str) -> Mask:
    """Slots that begin on "all" days, on "weekdays" or at the "weekend", bool (T,)."""
    weekend = calendar.weekday >= _SATURDAY
    return {"all": np.ones_like(weekend), "weekdays": ~weekend, "weekend": weekend}[days]
