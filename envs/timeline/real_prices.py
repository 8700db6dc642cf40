"""A real series of prices, and of carbon intensity if it has one, from a file; laid on a calendar by whole weeks.

Rows are hours or parts of an hour, in any order; hours that give way to quarter hours (as day-ahead prices did in October
2025) are read as they are: a price holds until the next row. What can't be right is refused: gaps, times with two prices,
prices that aren't numbers. Any price is taken, however negative or high.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.timeline.calendar import (
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    Calendar,
    weeks_later,
    year_seconds,
    year_start,
)
from gridbid.envs.timeline.real_tables import Floats, RealTable, Times

LEAST_WEEKS = 52
"""Weeks that a file covers at least; a day outside of it takes the one so many weeks away."""
NONE, WEEK, YEAR = (np.timedelta64(seconds, "s") for seconds in (0, 604_800, 31_556_952))
"""No time, a week, and a mean year of the calendar."""
FILL = "; fill it, as from a day like it"
LOCAL_CLOCK = "(an hour that is repeated or skipped tells of a local clock; times are in UTC, or have a zone)"


@dataclass(frozen=True)
class PriceFile:
    """A Parquet file with a row for each hour or part of one, and the names of its columns."""

    path: Path
    """Where it lies."""
    time: str = "time_utc"
    """Start of the interval: time stamps with a zone, or in UTC."""
    price: str = "price_eur_per_mwh"
    """Wholesale price, EUR/MWh."""
    carbon: str = "ci_g_per_kwh"
    """Carbon intensity, gCO2e/kWh; the column may be missing."""


class RealPrices(NamedTuple):
    """Rows in order of time, arrays (K,)."""

    utc_start: Times
    """Start of each row, datetime64[s]."""
    step_seconds: int
    """Length of the shortest row."""
    price_eur_per_mwh: Floats
    """Wholesale price."""
    carbon_g_per_kwh: Floats | None
    """Carbon intensity, if the file has it."""


def read_prices(file: PriceFile | Path) -> RealPrices:
    """A year of prices or more. InputError lists every fault with column, row and remedy."""
    file = file if isinstance(file, PriceFile) else PriceFile(Path(file))
    table = RealTable(file.path, (file.time, file.price), (file.carbon,))
    times, price = table.times(file.time), table.numbers(file.price)
    carbon = table.numbers(file.carbon) if file.carbon in table else None
    figures = [price] if carbon is None else [price, carbon]
    table.raise_any()
    table.add_where(file.time, np.isnat(times), times, "a time in each row")
    table.add_where(file.price, ~np.isfinite(price), price, f"a finite number{FILL}")
    if carbon is not None:
        wrong = ~(np.isfinite(carbon) & (carbon >= 0.0))
        table.add_where(
            file.carbon, wrong, carbon, f"a finite number, at least 0{FILL}, or leave the column out"
        )
    table.raise_any()
    rows = _distinct_rows(table, file.time, times, figures)
    step_seconds = _check_steps(table, file.time, times, rows)
    table.raise_any()
    return RealPrices(times[rows], step_seconds, price[rows], None if carbon is None else carbon[rows])


def rows_at(prices: RealPrices, calendar: Calendar, utc: Times) -> NDArray[np.int64]:
    """Row that each time of the calendar's year takes: the same weekday and local hour, whole weeks away, near by season.

    A file that has the calendar's own year gives it; which week a week takes doesn't depend on the window.
    """
    begin, end = prices.utc_start[0], prices.utc_start[-1] + np.diff(prices.utc_start[-2:])[0]
    taken = weeks_later(utc, _weeks_away(calendar, begin, end), calendar.timezone)
    most_of_a_year = np.where(taken < begin, LEAST_WEEKS, np.where(taken >= end, -LEAST_WEEKS, 0))
    taken = weeks_later(taken, most_of_a_year, calendar.timezone)
    return np.maximum(np.searchsorted(prices.utc_start, taken, side="right") - 1, 0)


def _weeks_away(calendar: Calendar, begin: np.datetime64, end: np.datetime64) -> int:
    """Weeks from the calendar's year to the one of the file's years that covers it most, the nearest of those."""
    first = np.datetime64(year_start(calendar.year, calendar.timezone).replace(tzinfo=None), "s")
    last = first + np.timedelta64(year_seconds(calendar.year, calendar.timezone), "s")
    years = range(math.floor((begin - last) / YEAR), math.ceil((end - first) / YEAR) + 1)

    def missing(years_away: int) -> tuple[np.timedelta64, int]:
        shift = round(years_away * (YEAR / WEEK)) * WEEK
        return max(begin - first - shift, NONE) + max(last + shift - end, NONE), abs(years_away)

    return round(min(years, key=missing) * (YEAR / WEEK))


def _distinct_rows(table: RealTable, name: str, times: Times, figures: Sequence[Floats]) -> NDArray[np.int64]:
    """Rows in order of time; of rows that say the same again only the first, and a fault where they differ."""
    rows = np.argsort(times, kind="stable")
    again = np.diff(times[rows]) == NONE
    differs = np.zeros(times.size, np.bool_)
    for values in figures:
        differs[rows[1:]] |= again & (np.diff(values[rows]) != 0.0)
    table.add_where(name, differs, times, f"a time that no row with other figures has {LOCAL_CLOCK}")
    return rows[np.concatenate([[True], ~again])]


def _check_steps(table: RealTable, name: str, times: Times, rows: NDArray[np.int64]) -> int:
    """Seconds of the shortest row. Faults: less than a year, rows that aren't parts of an hour, gaps."""
    starts = times[rows].astype(np.int64)
    steps = np.diff(starts)
    if steps.size == 0 or starts[-1] + steps[-1] - starts[0] < LEAST_WEEKS * 7 * SECONDS_PER_DAY:
        found = f"has {table.n_rows} rows from {times[rows[0]]} to {times[rows[-1]]}"
        table.add(
            name, found, f"at least {LEAST_WEEKS * 7} days of hours, or of parts of an hour, without a gap"
        )
        return SECONDS_PER_HOUR
    parts = steps[SECONDS_PER_HOUR % steps == 0]
    if parts.size == 0:
        table.add(name, f"has rows {steps.min()} s after another", "hours, or whole parts of an hour")
        return SECONDS_PER_HOUR
    shortest = int(parts.min())
    whole_hour = (steps == SECONDS_PER_HOUR) & (
        starts[:-1] % SECONDS_PER_HOUR == starts[0] % SECONDS_PER_HOUR
    )
    gap = np.zeros(times.size, np.bool_)
    gap[rows[:-1]] = (steps != shortest) & ~whole_hour
    if gap.any():
        missing = f"the next row {shortest} s later, without a gap"
        table.add_where(name, gap, times, f"{missing}{FILL} {LOCAL_CLOCK}")
    return shortest
