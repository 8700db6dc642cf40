"""Real charging sessions from a file, by split of users and by week of the scenario's calendar.

What a log of real sessions holds beside charging is left out, and counted: rows without both times, energy or user, stays of
no time or of days on end, and rows that say the same again. What can't be right is refused: a departure before the arrival,
energy below 0, and energies that can't be kWh.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.timeline.calendar import Calendar, utc_offsets, weekday, year_start
from gridbid.envs.timeline.real_tables import Floats, RealTable, Times
from gridbid.market.errors import InputError

SPLIT_OF_TENTHS = {"test": (0, 1, 2), "validation": (3, 4), "train": (5, 6, 7, 8, 9)}
"""Which tenths of the users (by a hash of their name) belong to a split."""
DAY, WEEK = np.timedelta64(1, "D"), np.timedelta64(7, "D")
DAYS_PER_YEAR = 365.25
MOST_DAYS_APART = 7.0
"""Season between a week of the calendar and the real week that it takes, at most."""
MOST_HOURS = 96.0
"""Stays above this are left out: cars parked away, not charging behaviour."""
MOST_USUAL_KWH = 150.0
"""Half of the sessions draw less than this, or their energies aren't kWh."""

Seconds = NDArray[np.int64]
WeekOfUser = tuple[Seconds, Seconds, Floats]


@dataclass(frozen=True)
class SessionFile:
    """A Parquet file with a row for each session, and the names of its columns."""

    path: Path
    """Where it lies."""
    user: str = "user"
    """Who charged: users are divided between the splits."""
    plug_in: str = "plug_in_utc"
    """Arrival: time stamps with a zone, or in UTC."""
    plug_out: str = "plug_out_utc"
    """Departure, likewise."""
    energy: str = "energy_kwh"
    """AC energy drawn, kWh."""


class RealSessions(NamedTuple):
    """Sessions as read, arrays (K,)."""

    user: NDArray[np.str_]
    """Who charged."""
    local_in: Times
    """Plug-in by the local clock, datetime64[s]."""
    stay_s: Seconds
    """Seconds of the stay, above 0."""
    energy_kwh: Floats
    """AC energy drawn."""


def read_sessions(file: SessionFile | Path, timezone: str) -> RealSessions:
    """Sessions that charge. InputError lists every fault with column, row and remedy."""
    return _read(file, timezone)[0]


def left_out(file: SessionFile | Path) -> Mapping[str, int]:
    """How many rows `read_sessions` leaves out, by reason; a row counts once, for the first reason that fits."""
    return _read(file, "UTC")[1]


def _read(file: SessionFile | Path, timezone: str) -> tuple[RealSessions, Mapping[str, int]]:
    file = file if isinstance(file, SessionFile) else SessionFile(Path(file))
    table = RealTable(file.path, (file.user, file.plug_in, file.plug_out, file.energy))
    user, energy_kwh = table.texts(file.user), table.numbers(file.energy)
    begin, end = table.times(file.plug_in), table.times(file.plug_out)
    table.raise_any()
    table.add_where(file.plug_out, end < begin, end, f"a time after {file.plug_in}, or none")
    wrong = (energy_kwh < 0.0) | np.isinf(energy_kwh)
    table.add_where(file.energy, wrong, energy_kwh, "kWh, at least 0, or none")
    drawn_kwh = energy_kwh[energy_kwh > 0.0]
    if drawn_kwh.size and np.median(drawn_kwh) > MOST_USUAL_KWH:
        table.add(
            file.energy, f"is {np.median(drawn_kwh):g} in the middle", "what a car draws, kWh; are these Wh?"
        )
    table.raise_any()
    reasons = {
        "no time": np.isnat(begin) | np.isnat(end),
        "no user": user == "",
        "no energy": ~(energy_kwh > 0.0),
        "no stay": end == begin,
        f"a stay above {MOST_HOURS:g} h": end - begin > np.timedelta64(int(MOST_HOURS), "h"),
        "the same again": _again(user, begin, end),
    }
    good, counts = np.ones(table.n_rows, np.bool_), {}
    for reason, rows in reasons.items():
        counts[reason] = int(np.count_nonzero(good & rows))
        good &= ~rows
    if not good.any():
        found = ", ".join(f"{reason}: {count}" for reason, count in counts.items() if count)
        raise InputError(
            f"{file.path}: none of its {good.size} sessions has a stay up to {MOST_HOURS:g} h and energy above 0 ({found})"
        )
    begin, end = begin[good], end[good]
    local_in, stay_s = begin + utc_offsets(begin, timezone), (end - begin).astype(np.int64)
    return RealSessions(user[good], local_in, stay_s, energy_kwh[good]), counts


def _again(user: NDArray[np.str_], begin: Times, end: Times) -> NDArray[np.bool_]:
    """Rows with the user and times of an earlier row."""
    _, number = np.unique(user, return_inverse=True)
    keys = np.stack([number, begin.astype(np.int64), end.astype(np.int64)])
    order = np.lexsort(keys[::-1])
    again = np.zeros(user.size, np.bool_)
    again[order[1:]] = (np.diff(keys[:, order], axis=1) == 0).all(axis=0)
    return again


def split_of(user: str) -> str:
    """The split that a user belongs to, by a hash of the name: fixed, whatever else the file holds."""
    tenth = hashlib.sha256(user.encode()).digest()[0] % 10
    return next(split for split, tenths in SPLIT_OF_TENTHS.items() if tenth in tenths)


def weeks_of_users(sessions: RealSessions, calendar: Calendar, split: str) -> list[list[WeekOfUser]]:
    """For each local week that touches the calendar's year, the sessions of each active user.

    A session is (arrival, departure, AC energy in kWh), seconds of the year, arrays of a week. A user is active from the week
    of the first session to that of the last, and gives to a week of the calendar the one at the same season, laid on it by
    weekday and clock; it may be empty. InputError when some week has no active user.
    """
    mondays = _mondays(calendar)
    weeks: list[list[WeekOfUser]] = [[] for _ in mondays]
    for user in np.unique(sessions.user):
        if split_of(user) == split:
            mine = RealSessions(*(values[sessions.user == user] for values in sessions))
            for users, week in zip(weeks, _weeks_of_user(mine, calendar, mondays), strict=True):
                users.extend(week)
    empty = [str(monday) for monday, users in zip(mondays, weeks, strict=True) if not users]
    if empty:
        raise InputError(
            f"sessions: no user of the {split} split was active in the weeks from {', '.join(empty)}"
        )
    return weeks


def _weeks_of_user(sessions: RealSessions, calendar: Calendar, mondays: Times) -> list[list[WeekOfUser]]:
    """For each Monday the user's week at its season, if there is one."""
    monday_in = _monday(sessions.local_in)
    active = np.arange(monday_in.min(), monday_in.max() + WEEK, WEEK)
    half = DAYS_PER_YEAR / 2.0
    days_apart = np.abs(((active - mondays[:, np.newaxis]) / DAY + half) % DAYS_PER_YEAR - half)
    nearest = days_apart.argmin(axis=1)
    order = np.argsort(monday_in, kind="stable")
    begins, ends = (np.searchsorted(monday_in[order], active[nearest], side) for side in ("left", "right"))
    weeks: list[list[WeekOfUser]] = []
    for n, monday in enumerate(mondays):
        chosen = order[begins[n] : ends[n]]
        arrival_s = _seconds_of_year(calendar, sessions.local_in[chosen] + (monday - active[nearest[n]]))
        week = (arrival_s, arrival_s + sessions.stay_s[chosen], sessions.energy_kwh[chosen])
        weeks.append([week] if days_apart[n, nearest[n]] <= MOST_DAYS_APART else [])
    return weeks


def _mondays(calendar: Calendar) -> Times:
    """Mondays of the weeks that touch the year, datetime64[D]."""
    first, last = _monday(np.array([f"{calendar.year}-01-01", f"{calendar.year}-12-31"], "datetime64[D]"))
    return np.arange(first, last + WEEK, WEEK)


def _monday(local: Times) -> Times:
    days = local.astype("datetime64[D]")
    return days - weekday(days).astype("timedelta64[D]")


def _seconds_of_year(calendar: Calendar, local: Times) -> Seconds:
    """Seconds since the year's start, beyond it too; an hour off at most where the clocks change."""
    utc = local - utc_offsets(local, calendar.timezone)
    begin = np.datetime64(year_start(calendar.year, calendar.timezone).replace(tzinfo=None), "s")
    return (utc - begin).astype(np.int64)
