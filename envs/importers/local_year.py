"""Series of any period and resolution laid on the slots of a scenario's local year.

Each day of the year takes a whole day of the data: itself, where the data have it, else the day of the same weekday
that is nearest by season, in whatever year. So weekdays stay, and a working day never gets a Sunday. Within a day
the clock counts: where the data's clock skips an hour the one before stands in, of a repeated hour the first does
(a day that is itself keeps both). Energy is kept: a slot's mean is that of what it covers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.importers.clocks import to_utc
from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.meter_data import RegularSeries
from gridbid.envs.specification import Splits
from gridbid.envs.timeline.calendar import Calendar, weekday

DAYS_PER_YEAR = 365.25
FEW_DAYS = 330
"""With fewer days of data, the repeats within the year are worth a warning."""
DAY = np.timedelta64(1, "D")

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class DayPlan:
    """Which day of the data each day of the year takes; D days, datetime64[D]."""

    days: Days
    """Days of the year, (D,)."""
    sources: Days
    """Day of the data that each takes, (D,)."""

    @property
    def n_own(self) -> int:
        """Days that take themselves."""
        return int((self.days == self.sources).sum())

    @property
    def n_repeats(self) -> int:
        """Days that take a day that an earlier one takes as well."""
        return int(self.days.size - np.unique(self.sources).size)


def best_year(series: RegularSeries, timezone: str) -> int:
    """The local year of which the data have most days. InputError (by findings) is the caller's."""
    days = complete_days(series, timezone)
    years, count = np.unique(days.astype("datetime64[Y]"), return_counts=True)
    return int(years[count.argmax()].astype(int)) + 1970 if years.size else 1970


def complete_days(series: RegularSeries, timezone: str) -> Days:
    """Local days that the data cover from midnight to midnight."""
    end_s = series.start_s + series.kw.shape[0] * series.step_s
    first, last = (np.datetime64(at_s, "s").astype("datetime64[D]") for at_s in (series.start_s, end_s))
    days = np.arange(first - DAY, last + 2 * DAY)
    midnight_s = _utc_s(days.astype("datetime64[s]"), timezone)
    whole = (midnight_s[:-1] >= series.start_s) & (midnight_s[1:] <= end_s)
    return days[:-1][whole]


def plan_days(series: RegularSeries, calendar: Calendar, findings: Findings) -> DayPlan | None:
    """Which day each day of the year takes; None, with a fault, where some weekday isn't in the data."""
    have = complete_days(series, calendar.timezone)
    days = np.unique(calendar.local_start.astype("datetime64[D]"))
    if np.unique(weekday(have)).size < 7:
        findings.fault("period", f"{have.size} whole days", "expected at least a week: each weekday once")
        return None
    sources = np.empty_like(days)
    for number in range(7):
        mine = weekday(days) == number
        sources[mine] = _nearest_by_season(days[mine], have[weekday(have) == number])
    return DayPlan(days, sources)


def lay_on_year(series: RegularSeries, plan: DayPlan, calendar: Calendar) -> NDArray[np.float64]:
    """Mean power in each slot of the year, (T, K)."""
    day = calendar.local_start.astype("datetime64[D]")
    shift = (plan.sources - plan.days)[np.searchsorted(plan.days, day)]
    own = calendar.utc_start.astype(np.int64)
    other = _utc_s(calendar.local_start + shift, calendar.timezone)
    begin_s = np.where(shift == np.timedelta64(0, "D"), own, other)
    energy = np.vstack([np.zeros((1, series.kw.shape[1])), np.cumsum(series.kw, axis=0)])
    steps = [(at_s - series.start_s) / series.step_s for at_s in (begin_s, begin_s + calendar.slot_seconds)]
    first, last = (_interpolated(energy, np.clip(place, 0.0, energy.shape[0] - 1)) for place in steps)
    mean_kw: Floats = (last - first) * (series.step_s / calendar.slot_seconds)
    return mean_kw


def tell_plan(plan: DayPlan, calendar: Calendar, splits: Splits, findings: Findings) -> None:
    """Facts about the year, and warnings where days stand for others."""
    findings.facts["year"] = (
        f"{calendar.year} in {calendar.timezone}: {plan.n_own} of {plan.days.size} days are the data's own, "
        f"{plan.days.size - plan.n_own} take the same weekday nearest by season"
    )
    if np.unique(plan.sources).size >= FEW_DAYS:
        return
    held_out = np.isin(_week_of_days(plan, calendar), splits.test + splits.validation)
    shared = int(np.isin(plan.sources[held_out], plan.sources[~held_out]).sum())
    findings.warn(
        "period",
        f"{np.unique(plan.sources).size} days of data for {plan.days.size} days",
        f"{plan.n_repeats} days repeat others; {shared} of {int(held_out.sum())} held-out days are in training as well, "
        "so figures on held-out weeks flatter",
    )


def _nearest_by_season(days: Days, have: Days) -> Days:
    """For each day the one of ``have`` nearest by season; of equals, the one nearest in time."""
    apart = np.abs((have[None, :] - days[:, None]) / DAY)
    half = DAYS_PER_YEAR / 2.0
    by_season = np.round(np.abs((apart + half) % DAYS_PER_YEAR - half))
    nearest: Days = have[(by_season + apart * 1e-6).argmin(axis=1)]
    return nearest


def _week_of_days(plan: DayPlan, calendar: Calendar) -> NDArray[np.int16]:
    _, first = np.unique(calendar.local_start.astype("datetime64[D]"), return_index=True)
    return calendar.week[first]


def _utc_s(local: NDArray[np.datetime64], timezone: str) -> NDArray[np.int64]:
    clock_s = local.astype("datetime64[s]").astype(np.int64)
    utc_s, _ = to_utc(clock_s, np.zeros_like(clock_s), "local", timezone)
    return utc_s


def _interpolated(energy: Floats, place: Floats) -> Floats:
    """Rows of a cumulative sum at places between them, as if power were constant within a step."""
    below = np.minimum(place.astype(np.int64), energy.shape[0] - 2)
    share = (place - below)[:, None]
    between: Floats = energy[below] * (1.0 - share) + energy[below + 1] * share
    return between
