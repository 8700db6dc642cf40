"""The slots of a local calendar year, with daylight saving: interval starts, 15 minutes apart in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError

SLOTS_PER_HOUR = 4
SLOTS_PER_DAY = 24 * SLOTS_PER_HOUR
WEEK_SLOTS = 7 * SLOTS_PER_DAY
"""Slots of an episode, even where a change of clocks gives the local week 668 or 676."""
DAYS_BEFORE = 2
"""Days that an episode's first forecasts look back."""
DAYS_AFTER = 1
"""Days that an episode's last prices look ahead."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """Slots of a local year, arrays (T,); slot 0 starts at local midnight of 1 January."""

    timezone: str
    """IANA name of the local zone."""
    year: int
    """Local year."""
    utc_start: NDArray[np.datetime64]
    """Start of each slot, UTC, datetime64[s]."""
    local_start: NDArray[np.datetime64]
    """The same by the local clock, datetime64[s]: it skips an hour in spring and repeats one in autumn."""
    local_hour: NDArray[np.float32]
    """Hours since local midnight by the clock, 0 to 23.75."""
    weekday: NDArray[np.int8]
    """0 is Monday."""
    day_of_year: NDArray[np.int16]
    """1 is 1 January."""
    week: NDArray[np.int16]
    """Local ISO week: Monday to Sunday; 0 for days that belong to a week of another year."""

    @property
    def n_slots(self) -> int:
        """T."""
        return self.utc_start.size

    def week_start(self, week: int) -> int:
        """First slot of a local week: Monday 00:00. ValueError for a week that isn't complete in the year."""
        if week not in self.complete_weeks():
            weeks = self.complete_weeks()
            raise InputError(f"week: {week} isn't complete in {self.year}; choose {weeks[0]} to {weeks[-1]}")
        return int(np.argmax(self.week == week))

    def complete_weeks(self) -> tuple[int, ...]:
        """ISO weeks that an episode can take: whole, with two days of the year before and one after."""
        weeks, first, n_slots = np.unique(self.week, return_index=True, return_counts=True)
        begin = DAYS_BEFORE * SLOTS_PER_DAY
        end = self.n_slots - WEEK_SLOTS - DAYS_AFTER * SLOTS_PER_DAY
        whole = (weeks > 0) & (n_slots >= WEEK_SLOTS - SLOTS_PER_HOUR) & (first >= begin) & (first <= end)
        return tuple(int(week) for week in weeks[whole])


def year_calendar(year: int, timezone: str) -> Calendar:
    """Calendar of a local year."""
    zone = ZoneInfo(timezone)
    begin, end = (datetime(y, 1, 1, tzinfo=zone).astimezone(UTC) for y in (year, year + 1))
    n_slots = int((end - begin) / timedelta(hours=1)) * SLOTS_PER_HOUR
    utc_start = np.datetime64(begin.replace(tzinfo=None), "s") + np.arange(n_slots) * np.timedelta64(15, "m")
    local_start = utc_start + utc_offsets(utc_start, timezone)
    days = local_start.astype("datetime64[D]")
    first_day = np.datetime64(f"{year}-01-01")
    return Calendar(
        timezone=timezone,
        year=year,
        utc_start=utc_start,
        local_start=local_start,
        local_hour=((local_start - days) / np.timedelta64(1, "h")).astype(np.float32),
        weekday=weekday(days),
        day_of_year=((days - first_day).astype(np.int16) + 1),
        week=_iso_weeks(days, year),
    )


def utc_offsets(utc: NDArray[np.datetime64], timezone: str) -> NDArray[np.timedelta64]:
    """Local clock less UTC at each time, timedelta64[s]."""
    zone = ZoneInfo(timezone)
    hours, inverse = np.unique(utc.astype("datetime64[h]"), return_inverse=True)
    seconds = [_offset_s(hour, zone) for hour in hours.astype("datetime64[s]").tolist()]
    return np.array(seconds, "timedelta64[s]")[inverse]


def weekday(days: NDArray[np.datetime64]) -> NDArray[np.int8]:
    """0 for Monday .. 6 for Sunday, of datetime64[D]."""
    return ((days.astype(np.int64) + 3) % 7).astype(np.int8)  # 1970-01-01 was a Thursday


def _offset_s(utc: datetime, zone: ZoneInfo) -> int:
    offset = utc.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _iso_weeks(days: NDArray[np.datetime64], year: int) -> NDArray[np.int16]:
    unique, inverse = np.unique(days, return_inverse=True)
    numbers = [_iso_week(day, year) for day in unique.tolist()]
    return np.array(numbers, np.int16)[inverse]


def _iso_week(day: date, year: int) -> int:
    iso = day.isocalendar()
    return iso.week if iso.year == year else 0
