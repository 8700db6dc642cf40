"""The slots of a local calendar year, or of a window of it: interval starts in UTC, with daylight saving by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError

SECONDS_PER_HOUR, SECONDS_PER_DAY = 3_600, 86_400
DAYS_PER_WEEK = 7
"""Days of an episode, each of 24 hours, even where a change of clocks gives the local week an hour more or less."""
EPISODE_SECONDS = DAYS_PER_WEEK * SECONDS_PER_DAY
"""An episode unless another length is given."""
DAYS_BEFORE = 2
"""Days that an episode's first forecasts look back."""
DAYS_AFTER = 1
"""Days that an episode's last prices look ahead."""
WINDOW_DAYS = 4
"""Days of a window before the first and after the last episode: more than the above, and than any car stays."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """Slots of a local year or of a window of it, arrays (T,); those of a year begin at local midnight of 1 January."""

    timezone: str
    """IANA name of the local zone."""
    year: int
    """Local year."""
    slot_seconds: int
    """Length of a slot; a whole part of an hour."""
    first_slot: int
    """Slots of the year before the first of these: 0 for a whole year."""
    utc_start: NDArray[np.datetime64]
    """Start of each slot, UTC, datetime64[s]."""
    local_start: NDArray[np.datetime64]
    """The same by the local clock, datetime64[s]: it skips an hour in spring and repeats one in autumn."""
    local_hour: NDArray[np.float32]
    """Hours since local midnight by the clock, 0 to just below 24."""
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
        """First slot of a local week: Monday 00:00. InputError for a week that can't be played here."""
        weeks = self.complete_weeks()
        if week not in weeks:
            where = f"{self.year}" if self.first_slot == 0 else f"this window of {self.year}"
            choice = f"choose {weeks[0]} to {weeks[-1]}" if weeks else "there is none"
            raise InputError(f"week: {week} isn't complete in {where}; {choice}")
        return _monday_s(self.year, self.timezone, week) // self.slot_seconds - self.first_slot

    def complete_weeks(self) -> tuple[int, ...]:
        """ISO weeks that an episode can take: with two days before and one after."""
        begin = self.first_slot * self.slot_seconds
        return _weeks_between(self.year, self.timezone, begin, begin + self.n_slots * self.slot_seconds)


def year_calendar(year: int, timezone: str, slot_seconds: int = 900) -> Calendar:
    """Calendar of a local year."""
    return _calendar(year, timezone, slot_seconds, 0, year_seconds(year, timezone) // slot_seconds)


def window_calendar(
    year: int,
    timezone: str,
    slot_seconds: int,
    weeks: Sequence[int],
    episode_s: int = EPISODE_SECONDS,
) -> Calendar:
    """Calendar from the first to the last of some weeks, with the days around them that episodes of such weeks need.

    An episode lasts ``episode_s`` seconds and begins on any day of its week. InputError for a week that isn't complete.
    """
    begin_s, end_s = window_seconds(year, timezone, weeks, episode_s)
    return _calendar(year, timezone, slot_seconds, begin_s // slot_seconds, (end_s - begin_s) // slot_seconds)


def window_seconds(
    year: int, timezone: str, weeks: Sequence[int], episode_s: int = EPISODE_SECONDS
) -> tuple[int, int]:
    """Begin and end of the window, seconds of the year; see `window_calendar`."""
    complete = complete_weeks(year, timezone)
    wrong = sorted(set(weeks) - set(complete))
    if wrong or not weeks:
        found = f"{wrong} not complete in {year}" if wrong else "none"
        raise InputError(f"weeks: {found}; expected some of {complete[0]} to {complete[-1]}")
    begin = _monday_s(year, timezone, min(weeks)) - WINDOW_DAYS * SECONDS_PER_DAY
    days = DAYS_PER_WEEK - 1 + WINDOW_DAYS
    end = _monday_s(year, timezone, max(weeks)) + days * SECONDS_PER_DAY + episode_s
    end = -(-end // SECONDS_PER_HOUR) * SECONDS_PER_HOUR
    return max(0, begin), min(end, year_seconds(year, timezone))


@cache
def complete_weeks(year: int, timezone: str) -> tuple[int, ...]:
    """ISO weeks of a local year that an episode can take: whole, with two days of the year before and one after."""
    return _weeks_between(year, timezone, 0, year_seconds(year, timezone))


@cache
def year_seconds(year: int, timezone: str) -> int:
    """Seconds from local midnight of 1 January to the next: whole hours."""
    return int((_midnight(date(year + 1, 1, 1), timezone) - year_start(year, timezone)).total_seconds())


def year_start(year: int, timezone: str) -> datetime:
    """Local midnight of 1 January, UTC."""
    return _midnight(date(year, 1, 1), timezone)


@cache
def midnights_s(year: int, timezone: str) -> NDArray[np.int64]:
    """Local midnights of the year's days, seconds since the first, (days,); not to be written to."""
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    dates = (date(year, 1, 1) + timedelta(days=day) for day in range(days))
    seconds = np.array([_seconds_into(year, timezone, day) for day in dates], np.int64)
    seconds.setflags(write=False)
    return seconds


def utc_offsets(utc: NDArray[np.datetime64], timezone: str) -> NDArray[np.timedelta64]:
    """Local clock less UTC at each time, timedelta64[s]; exact where clocks change on quarter hours of UTC."""
    zone = ZoneInfo(timezone)
    days, day_of = np.unique(utc.astype("datetime64[D]"), return_inverse=True)
    begins, ends = _offsets(days, zone), _offsets((days + np.timedelta64(1, "D")).astype(days.dtype), zone)
    offsets = begins[day_of]
    changing = (begins != ends)[day_of]
    quarters, quarter_of = np.unique(utc[changing].astype("datetime64[15m]"), return_inverse=True)
    offsets[changing] = _offsets(quarters, zone)[quarter_of]
    return offsets


def weeks_later(
    utc: NDArray[np.datetime64], weeks: NDArray[np.int64] | int, timezone: str
) -> NDArray[np.datetime64]:
    """The times so many weeks later with the same weekday and hour by the local clock; the hour before where it skips one."""
    later = utc + weeks * np.timedelta64(DAYS_PER_WEEK * SECONDS_PER_DAY, "s")
    return later + (utc_offsets(utc, timezone) - utc_offsets(later, timezone))


def weekday(days: NDArray[np.datetime64]) -> NDArray[np.int8]:
    """0 for Monday .. 6 for Sunday, of datetime64[D]."""
    return ((days.astype(np.int64) + 3) % 7).astype(np.int8)  # 1970-01-01 was a Thursday


def _calendar(year: int, timezone: str, slot_seconds: int, first_slot: int, n_slots: int) -> Calendar:
    begin = np.datetime64(year_start(year, timezone).replace(tzinfo=None), "s")
    slots = np.arange(first_slot, first_slot + n_slots)
    utc_start = begin + slots * np.timedelta64(slot_seconds, "s")
    local_start = utc_start + utc_offsets(utc_start, timezone)
    days = local_start.astype("datetime64[D]")
    return Calendar(
        timezone=timezone,
        year=year,
        slot_seconds=slot_seconds,
        first_slot=first_slot,
        utc_start=utc_start,
        local_start=local_start,
        local_hour=((local_start - days) / np.timedelta64(1, "h")).astype(np.float32),
        weekday=weekday(days),
        day_of_year=((days - np.datetime64(f"{year}-01-01")).astype(np.int16) + 1),
        week=_iso_weeks(days, year),
    )


def _weeks_between(year: int, timezone: str, begin_s: int, end_s: int) -> tuple[int, ...]:
    """ISO weeks of the year that leave an episode's days before and after within a part of it."""
    last = date(year, 12, 28).isocalendar().week  # 28 December lies in the last week of its year
    mondays = ((week, _monday_s(year, timezone, week)) for week in range(1, last + 1))
    before, after = DAYS_BEFORE * SECONDS_PER_DAY, (DAYS_PER_WEEK + DAYS_AFTER) * SECONDS_PER_DAY
    return tuple(week for week, monday in mondays if begin_s + before <= monday <= end_s - after)


@cache
def _monday_s(year: int, timezone: str, week: int) -> int:
    """Start of an ISO week, seconds since the year's."""
    return _seconds_into(year, timezone, date.fromisocalendar(year, week, 1))


def _seconds_into(year: int, timezone: str, day: date) -> int:
    """Local midnight of a day, seconds since the year's start."""
    return int((_midnight(day, timezone) - year_start(year, timezone)).total_seconds())


def _midnight(day: date, timezone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def _offsets(utc: NDArray[np.datetime64], zone: ZoneInfo) -> NDArray[np.timedelta64]:
    times = utc.astype("datetime64[s]").tolist()
    offsets = (time.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta() for time in times)
    return np.array([round(offset.total_seconds()) for offset in offsets], "timedelta64[s]")


def _iso_weeks(days: NDArray[np.datetime64], year: int) -> NDArray[np.int16]:
    unique, inverse = np.unique(days, return_inverse=True)
    numbers = [_iso_week(day, year) for day in unique.tolist()]
    return np.array(numbers, np.int16)[inverse]


def _iso_week(day: date, year: int) -> int:
    iso = day.isocalendar()
    return iso.week if iso.year == year else 0
