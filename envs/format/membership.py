"""Members who join and leave: the local days on which a seat takes part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.format.schema import Faults
from gridbid.envs.timeline.calendar import Calendar


@dataclass(frozen=True, kw_only=True)
class Period:
    """Whole local days; either end may be left open."""

    first_day: date | None = None
    """First day that counts; absent: since ever."""
    last_day: date | None = None
    """Last day that counts; absent: for good."""


def members_present(memberships: Sequence[Sequence[Period]], calendar: Calendar) -> NDArray[np.bool_]:
    """Who is a member in each slot, (T, N), or (1, N) where everybody always is; without a period a seat always is."""
    if not any(memberships):
        return np.ones((1, len(memberships)), np.bool_)
    days = calendar.local_start.astype("datetime64[D]")
    return np.stack([_days_within(periods, days) for periods in memberships], axis=1)


def check_membership(periods: Sequence[Period], year: int, where: str, faults: Faults) -> None:
    """Note periods that hold no day of the year, or that overlap."""
    days = np.arange(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01"))
    taken = np.zeros(days.size, np.int64)
    for i, period in enumerate(periods):
        within = _days_within([period], days)
        taken += within
        if not within.any():
            value = f"{period.first_day or ''} to {period.last_day or ''}"
            faults.add(f"{where}.membership[{i}]", value, f"at least one day of {year}")
    if (taken > 1).any():
        faults.add(
            f"{where}.membership", str(days[np.argmax(taken > 1)]), "a day that lies in one period only"
        )


def _days_within(periods: Sequence[Period], days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    within = np.full(days.size, not periods)
    for period in periods:
        first = days[0] if period.first_day is None else np.datetime64(period.first_day)
        last = days[-1] if period.last_day is None else np.datetime64(period.last_day)
        within |= (days >= first) & (days <= last)
    return within
