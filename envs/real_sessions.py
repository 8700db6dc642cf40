"""Real charging sessions from a file, by split of users and by week of the scenario's calendar."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridbid.envs.calendar import Calendar, utc_offsets, weekday
from gridbid.market.errors import InputError

COLUMNS = ("user", "plug_in_utc", "plug_out_utc", "energy_kwh")
SPLIT_OF_TENTHS = {"test": (0, 1, 2), "validation": (3, 4), "train": (5, 6, 7, 8, 9)}
"""Which tenths of the users (by a hash of their name) belong to a split."""
QUARTER = np.timedelta64(15, "m")
DAY, WEEK = np.timedelta64(1, "D"), np.timedelta64(7, "D")
DAYS_PER_YEAR = 365.25
MOST_DAYS_APART = 7.0
"""Season between a week of the calendar and the real week that it takes, at most."""
MOST_HOURS = 96.0
"""Stays above this are left out: cars parked away, not charging behaviour."""

Slots = NDArray[np.int64]
WeekOfUser = tuple[Slots, Slots, NDArray[np.float64]]


class RealSessions(NamedTuple):
    """Sessions as read, arrays (K,)."""

    user: NDArray[np.str_]
    """Who charged."""
    local_in: NDArray[np.datetime64]
    """Plug-in by the local clock, datetime64[s]."""
    stay_quarters: Slots
    """Slots of the stay, at least 1."""
    energy_kwh: NDArray[np.float64]
    """AC energy drawn."""


def read_sessions(path: Path, timezone: str) -> RealSessions:
    """Sessions of a Parquet file with the columns user, plug_in_utc, plug_out_utc and energy_kwh.

    Rows without both times, without energy, or with a stay above MOST_HOURS are left out. ValueError for a
    wrong file.
    """
    missing = [name for name in COLUMNS if name not in pq.read_schema(path).names]
    if missing:
        raise InputError(f"{path}: columns {', '.join(missing)} are missing; expected {', '.join(COLUMNS)}")
    table = pq.read_table(path, columns=list(COLUMNS)).drop_null()
    begin, end = (_seconds(table[name]) for name in COLUMNS[1:3])
    energy_kwh = table["energy_kwh"].to_numpy().astype(np.float64)
    good = (end > begin) & (end - begin <= np.timedelta64(int(MOST_HOURS), "h")) & (energy_kwh > 0.0)
    if not good.any():
        raise InputError(
            f"{path}: none of its {good.size} sessions has a stay up to {MOST_HOURS} h and energy above 0"
        )
    stay = np.maximum(1, np.round((end - begin) / QUARTER)).astype(np.int64)
    local_in = begin + utc_offsets(begin, timezone)
    user = np.array(table["user"].to_pylist(), np.str_)
    return RealSessions(user[good], local_in[good], stay[good], energy_kwh[good])


def split_of(user: str) -> str:
    """The split that a user belongs to, by a hash of the name: fixed, whatever else the file holds."""
    tenth = hashlib.sha256(user.encode()).digest()[0] % 10
    return next(split for split, tenths in SPLIT_OF_TENTHS.items() if tenth in tenths)


def weeks_of_users(sessions: RealSessions, calendar: Calendar, split: str) -> list[list[WeekOfUser]]:
    """For each local week that touches the calendar's year, the sessions of each active user.

    A session is (arrival slot, departure slot, AC energy in kWh), arrays of a week. A user is active from the
    week of the first session to that of the last, and gives to a week of the calendar the one at the same
    season, laid on it by weekday and clock; it may be empty. ValueError when some week has no active user.
    """
    mondays = _mondays(calendar)
    weeks: list[list[WeekOfUser]] = [[] for _ in mondays]
    for user in np.unique(sessions.user):
        if split_of(user) == split:
            mine = RealSessions(*(values[sessions.user == user] for values in sessions))
            for monday, users in zip(mondays, weeks, strict=True):
                users.extend(_week_of_user(mine, calendar, monday))
    empty = [str(monday) for monday, users in zip(mondays, weeks, strict=True) if not users]
    if empty:
        raise InputError(
            f"sessions: no user of the {split} split was active in the weeks from {', '.join(empty)}"
        )
    return weeks


def _week_of_user(sessions: RealSessions, calendar: Calendar, monday: np.datetime64) -> list[WeekOfUser]:
    """The user's week at the season of the calendar's week from ``monday``, if there is one."""
    monday_in = _monday(sessions.local_in)
    active = np.arange(monday_in.min(), monday_in.max() + WEEK, WEEK)
    half = DAYS_PER_YEAR / 2.0
    days_apart = np.abs(((active - monday) / DAY + half) % DAYS_PER_YEAR - half)
    nearest = days_apart.argmin()
    if days_apart[nearest] > MOST_DAYS_APART:
        return []
    chosen = monday_in == active[nearest]
    arrival = _slots(calendar, sessions.local_in[chosen] + (monday - active[nearest]))
    return [(arrival, arrival + sessions.stay_quarters[chosen], sessions.energy_kwh[chosen])]


def _mondays(calendar: Calendar) -> NDArray[np.datetime64]:
    """Mondays of the weeks that touch the year, datetime64[D]."""
    first, last = _monday(calendar.local_start[[0, -1]])
    return np.arange(first, last + WEEK, WEEK)


def _monday(local: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    days = local.astype("datetime64[D]")
    return days - weekday(days).astype("timedelta64[D]")


def _slots(calendar: Calendar, local: NDArray[np.datetime64]) -> Slots:
    """Slots of local times, outside 0..T - 1 beyond the year; an hour off at most where the clocks change."""
    utc = local - utc_offsets(local, calendar.timezone)
    return ((utc - calendar.utc_start[0]) // QUARTER).astype(np.int64)


def _seconds(column: pa.ChunkedArray) -> NDArray[np.datetime64]:
    return column.cast(pa.timestamp("s", "UTC"), safe=False).to_numpy().astype("datetime64[s]")
