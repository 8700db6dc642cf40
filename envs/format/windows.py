"""Windows of the local year: months, kinds of days, and hours of the clock to the minute.

Tables by (12 months, 2 kinds of days: weekdays and weekend, 1440 minutes) say what holds when; a slot belongs to where it
begins by the local clock, so a change of the clock needs no care.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.timeline.calendar import Calendar

MONTHS, MINUTES_PER_DAY = 12, 1_440
_SATURDAY = 5

Mask = NDArray[np.bool_]
Integers = NDArray[np.int64]


class Place(NamedTuple):
    """Where slots stand in such tables, int64 (T,) each."""

    month: Integers
    """0 is January."""
    weekend: Integers
    """1 on Saturday and Sunday."""
    minute: Integers
    """Since local midnight."""


def places(calendar: Calendar) -> Place:
    """Where the slots of a calendar begin."""
    local = calendar.local_start
    return Place(
        month=local.astype("datetime64[M]").astype(np.int64) % MONTHS,
        weekend=(calendar.weekday >= _SATURDAY).astype(np.int64),
        minute=(local - local.astype("datetime64[D]")).astype("timedelta64[m]").astype(np.int64),
    )


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


def clock(minute: int) -> str:
    """A minute of the day as 17:05."""
    return f"{minute // 60:02}:{minute % 60:02}"
