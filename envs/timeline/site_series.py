"""What the sites of a scenario need and generate, from its profiles, in the slots of a calendar."""

from collections.abc import Callable, Collection
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.scenario import Scenario
from gridbid.envs.specification import HeatPump, Load, Pv, Seat
from gridbid.envs.timeline.calendar import Calendar, year_calendar
from gridbid.envs.timeline.hidden_weeks import visible_times
from gridbid.envs.timeline.resampling import slot_means
from gridbid.envs.timeline.week_shift import shifted_rows

Singles = NDArray[np.float32]
Rows = NDArray[np.int64]
RowsAt = Callable[[int, int, int], Rows]
"""Row of a profile for each slot, so many seconds after its start, for a seat of some week shift and lag."""


class SiteSeries(NamedTuple):
    """Power by slot and metered seat, float32 (T, N)."""

    load_kw: Singles
    """Base load."""
    pv_kw: Singles
    """Available generation."""
    heat_kw: Singles
    """Heat demand, thermal."""


def site_series(scenario: Scenario, calendar: Calendar, hidden: Collection[int] = ()) -> SiteSeries:
    """Series of all metered seats in order; of ``hidden`` weeks nothing is taken, others stand in for them."""
    rows_at = _rows_at(scenario, calendar, hidden)

    def power_kw(part: Callable[[Seat], Load | Pv | HeatPump | None]) -> Singles:
        columns = np.zeros((calendar.n_slots, len(scenario.metered)), np.float32)
        for i, seat in enumerate(scenario.metered):
            if (device := part(seat)) is not None:
                columns[:, i] = _power_kw(scenario, calendar, device, rows_at)
        return columns

    return SiteSeries(
        power_kw(lambda seat: seat.load),
        power_kw(lambda seat: seat.pv),
        power_kw(lambda seat: seat.heat_pump),
    )


def _power_kw(
    scenario: Scenario, calendar: Calendar, device: Load | Pv | HeatPump, rows_at: RowsAt
) -> NDArray[np.floating]:
    """Rated power times the profile as this seat has it: other weeks of the season first, then some rows later."""
    profile = scenario.profiles[device.profile]
    shift, lag = (0, 0) if isinstance(device, Pv) else (device.week_shift, device.lag_rows)
    share = slot_means(
        calendar.slot_seconds,
        scenario.profile_seconds,
        lambda seconds: profile[rows_at(seconds, shift, lag)],
    )
    if isinstance(device, HeatPump):
        return device.power_kw * device.cop * share
    return (device.rated_kw if isinstance(device, Load) else device.peak_kw) * share


def _rows_at(scenario: Scenario, calendar: Calendar, hidden: Collection[int]) -> RowsAt:
    row_seconds = scenario.profile_seconds
    year = year_calendar(scenario.year, scenario.timezone, row_seconds)
    begin = np.datetime64(year.utc_start[0])
    visible = (visible_times(year, hidden) - begin).astype(np.int64) // row_seconds
    slot_start_s = (calendar.first_slot + np.arange(calendar.n_slots)) * calendar.slot_seconds

    @cache
    def other_weeks(shift: int) -> Rows:
        held_out = (scenario.splits.test, scenario.splits.validation)
        return shifted_rows(year.week, held_out, shift)

    @cache
    def rows_at(seconds: int, shift: int, lag: int) -> Rows:
        rows = ((slot_start_s + seconds) // row_seconds - lag) % year.n_slots
        return visible[rows if shift == 0 else other_weeks(shift)[rows]]

    return rows_at
