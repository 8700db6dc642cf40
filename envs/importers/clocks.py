"""From the clock that wrote a stamp to UTC: recognised where the stamps show it, asked for where they don't."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.timeline.calendar import utc_offsets
from gridbid.market.errors import InputError

Seconds = NDArray[np.int64]
ASK = "say --clock: utc, local (the scenario's zone, with daylight saving), an offset as +01:00, or a zone's name"
DAY_S, HOUR_S = 86_400, 3_600
BOTH_SIDES_S = 2 * HOUR_S
"""A change of clocks tells something only if the file has rows up to this on both sides of it."""


def check_zone(name: str, field: str = "--timezone") -> str:
    """The name, if it is that of a zone. InputError otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(f"{field}: {name!r}; expected an IANA zone, as Europe/Berlin") from error
    return name


def recognise_clock(clock_s: Seconds, timezone: str) -> str | None:
    """``local`` or ``fixed`` if the changes of the clocks within the stamps of one meter tell; None if they don't."""
    stamps = np.sort(clock_s)
    votes = set()
    for skipped, hour_s in _changes(stamps, timezone):
        inside = (stamps >= hour_s) & (stamps < hour_s + HOUR_S)
        around = (stamps >= hour_s - BOTH_SIDES_S) & (stamps < hour_s + HOUR_S + BOTH_SIDES_S) & ~inside
        if around.any():
            twice = np.unique(stamps[inside]).size < inside.sum()
            votes.add("local" if (not inside.any() if skipped else twice) else "fixed")
    return votes.pop() if len(votes) == 1 else None


def to_utc(
    clock_s: Seconds, occurrence: Seconds, clock: str, timezone: str
) -> tuple[Seconds, NDArray[np.bool_]]:
    """UTC of stamps on a clock, and which of them that clock never shows.

    ``occurrence`` counts equal stamps of a meter from 0: of an hour that the clock repeats, the first is before
    the change. ``clock`` is utc, local, an offset, or a zone's name. InputError for anything else.
    """
    none = np.zeros(clock_s.shape, bool)
    if clock == "utc":
        return clock_s, none
    offset = re.fullmatch(r"([+-])(\d{1,2})(?::?(\d{2}))?", clock)
    if offset:
        sign, hours, minutes = offset.groups()
        return clock_s - int(sign + "1") * (int(hours) * HOUR_S + int(minutes or 0) * 60), none
    return _zone_to_utc(clock_s, occurrence, timezone if clock == "local" else check_zone(clock, "--clock"))


def occurrences(group: NDArray[np.int64], clock_s: Seconds) -> Seconds:
    """How many rows before have the same group and stamp, (rows,)."""
    order = np.lexsort((np.arange(clock_s.size), clock_s, group))
    same = np.zeros(clock_s.size, bool)
    same[1:] = (np.diff(clock_s[order]) == 0) & (np.diff(group[order]) == 0)
    starts = np.maximum.accumulate(np.where(same, 0, np.arange(clock_s.size)))
    count = np.empty(clock_s.size, np.int64)
    count[order] = np.arange(clock_s.size) - starts
    return count


def _zone_to_utc(clock_s: Seconds, occurrence: Seconds, timezone: str) -> tuple[Seconds, NDArray[np.bool_]]:
    """Both offsets around each stamp are tried; where both are right the hour stands twice."""
    candidates = [clock_s - _offset_s(clock_s + shift, timezone) for shift in (-DAY_S, DAY_S)]
    early, late = np.minimum(*candidates), np.maximum(*candidates)
    early_right, late_right = (utc + _offset_s(utc, timezone) == clock_s for utc in (early, late))
    utc = np.where(early_right & ((occurrence == 0) | ~late_right), early, late)
    return utc, ~(early_right | late_right)


def _changes(stamps: Seconds, timezone: str) -> list[tuple[bool, int]]:
    """Changes of the clocks between the first and last stamp: whether an hour is skipped, and its start by the clock."""
    hours = np.arange(stamps[0] - stamps[0] % HOUR_S, stamps[-1] + HOUR_S, HOUR_S)
    offsets = _offset_s(hours, timezone)
    found = []
    for i in np.flatnonzero(np.diff(offsets)) + 1:
        skipped = bool(offsets[i] > offsets[i - 1])
        found.append((skipped, int(hours[i] + min(offsets[i], offsets[i - 1]))))
    return [(skipped, hour_s) for skipped, hour_s in found if stamps[0] < hour_s < stamps[-1]]


def _offset_s(utc_s: Seconds, timezone: str) -> Seconds:
    return utc_offsets(utc_s.astype("datetime64[s]"), timezone).astype(np.int64)
