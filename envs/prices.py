"""Wholesale prices and carbon intensity: seeded paths about typical days, or a real series.

The path is hourly. With typical mean m and standard deviation s of (month, workday or weekend, local hour):

    carbon = m_c + s_c * z
    price = m_p + s_p * (RHO * z + sqrt(1 - RHO^2) * e)

z and e are independent AR(1) processes of variance 1: z is what drives both (residual load, in the main); e
is the price's own.

The constants were fitted to the hours of 2025 of SMARD.de (DE-LU price, carbon intensity of the mix),
standardised by the same table. There, the price's autocorrelation at 1, 6, 12, 24 hours is 0.92, 0.56, 0.38,
0.30 and the carbon intensity's 0.98, 0.75, 0.56, 0.37; the model has 0.92, 0.64, 0.43, 0.22 and 0.955, 0.76,
0.58, 0.33. Their correlation in the same hour is 0.79 in both.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridbid.envs.calendar import SLOTS_PER_HOUR, Calendar, utc_offsets
from gridbid.envs.randomness import PRICES, generator
from gridbid.market.errors import InputError

TYPICAL_DAYS = Path(__file__).parent / "series" / "typical_days_de_2025.csv"
COMMENT_LINES = 3
RHO = 0.79
"""Correlation of price and carbon intensity, both standardised, in the same hour."""
SHARED_PERSISTENCE = 0.955
"""AR(1) coefficient of z for an hour."""
OWN_PERSISTENCE = 0.87
"""AR(1) coefficient of e for an hour."""
CT_PER_KWH_PER_EUR_PER_MWH = 0.1

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


class WholesaleSeries(NamedTuple):
    """Series by sample and slot, float32 (S, T)."""

    spot_ct: Singles
    """Wholesale price, ct/kWh."""
    carbon_g: Singles
    """Carbon intensity, gCO2e/kWh."""


class TypicalDays(NamedTuple):
    """Means and standard deviations, float64 (12 months, 2: workday or weekend, 24 local hours)."""

    price_mean_eur_per_mwh: Floats
    price_std_eur_per_mwh: Floats
    carbon_mean_g_per_kwh: Floats
    carbon_std_g_per_kwh: Floats


@cache
def typical_days() -> TypicalDays:
    """The table of German days of 2025."""
    table = pv.read_csv(TYPICAL_DAYS, read_options=pv.ReadOptions(skip_rows=COMMENT_LINES))
    weekend = pc.equal(table["day"], "weekend").to_numpy().astype(int)
    place = (table["month"].to_numpy() - 1, weekend, table["hour"].to_numpy())
    grids = []
    for name in TypicalDays._fields:
        grid = np.full((12, 2, 24), np.nan)
        grid[place] = table[name].to_numpy()
        grids.append(grid)
    return TypicalDays(*grids)


def sampled_series(calendar: Calendar, seeds: Sequence[int], split: str) -> WholesaleSeries:
    """One path a seed about the typical days, the same for each of an hour's slots."""
    days = typical_days()
    place = _typical_place(calendar)
    spot, carbon = [], []
    for seed in seeds:
        shared, own = _standard_paths(generator(seed, split, PRICES), place[0].size)
        price = RHO * shared + math.sqrt(1.0 - RHO**2) * own
        spot.append(days.price_mean_eur_per_mwh[place] + days.price_std_eur_per_mwh[place] * price)
        carbon.append(days.carbon_mean_g_per_kwh[place] + days.carbon_std_g_per_kwh[place] * shared)
    return _by_slot(np.array(spot), np.maximum(0.0, carbon))


def real_series(calendar: Calendar, path: Path, n_samples: int) -> WholesaleSeries:
    """A real hourly series, the same in every sample, laid on the calendar so that weekdays and hours stay.

    ``path`` is Parquet with ``time_utc``, ``price_eur_per_mwh`` and ``ci_g_per_kwh``, about a year of hours.
    Each day of the calendar takes a day that is a whole number of weeks away, the nearest by season.
    ValueError for a wrong file.
    """
    times, price, carbon = _read_hours(path)
    local = (times + utc_offsets(times, calendar.timezone)).astype("datetime64[h]")
    wanted = _shifted_hours(calendar, local)
    # Where the source's clock skips an hour, the hour before stands in; of a repeated one, the later counts.
    rows = np.searchsorted(local, wanted, side="right") - 1
    one = _by_slot(price[rows][None], carbon[rows][None])
    return WholesaleSeries(*(np.repeat(series, n_samples, axis=0) for series in one))


def _typical_place(calendar: Calendar) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Month, day kind and hour of each hour of the calendar: where it stands in the typical days."""
    hours = slice(None, None, SLOTS_PER_HOUR)
    month = calendar.local_start[hours].astype("datetime64[M]").astype(np.int64) % 12
    weekend = (calendar.weekday[hours] >= 5).astype(np.int64)
    return month, weekend, calendar.local_hour[hours].astype(np.int64)


def _standard_paths(random: np.random.Generator, n_hours: int) -> tuple[Floats, Floats]:
    """Two independent AR(1) paths of mean 0 and variance 1 from the first hour on: shared and own."""
    paths = []
    for persistence in (SHARED_PERSISTENCE, OWN_PERSISTENCE):
        shocks = random.standard_normal(n_hours)
        shocks[1:] *= math.sqrt(1.0 - persistence**2)
        path = shocks
        for hour in range(1, n_hours):
            path[hour] += persistence * path[hour - 1]
        paths.append(path)
    return paths[0], paths[1]


def _by_slot(price_eur_per_mwh: Floats, carbon_g: Floats) -> WholesaleSeries:
    spot_ct = price_eur_per_mwh * CT_PER_KWH_PER_EUR_PER_MWH
    slots = (np.repeat(hourly.astype(np.float32), SLOTS_PER_HOUR, axis=1) for hourly in (spot_ct, carbon_g))
    return WholesaleSeries(*slots)


def _read_hours(path: Path) -> tuple[NDArray[np.datetime64], Floats, Floats]:
    columns = ("time_utc", "price_eur_per_mwh", "ci_g_per_kwh")
    schema = pq.read_schema(path)
    missing = [name for name in columns if name not in schema.names]
    if missing:
        raise InputError(f"{path}: columns {', '.join(missing)} are missing; expected {', '.join(columns)}")
    table = pq.read_table(path, columns=list(columns)).sort_by("time_utc")
    times = table["time_utc"].cast(pa.timestamp("s", "UTC"), safe=False).to_numpy().astype("datetime64[s]")
    price, carbon = (table[name].to_numpy().astype(np.float64) for name in columns[1:])
    for name, values in zip(columns[1:], (price, carbon), strict=True):
        if not np.isfinite(values).all():
            row = int(np.argmin(np.isfinite(values)))
            raise InputError(
                f"{path}: {name} in row {row} (by time) is {values[row]}; expected a finite number"
            )
    steps = np.diff(times)
    if times.size < 364 * 24 or (steps != np.timedelta64(1, "h")).any():
        raise InputError(
            f"{path}: time_utc has {times.size} rows; expected at least 364 days of hours without a gap"
        )
    return times, price, carbon


def _shifted_hours(calendar: Calendar, source_local: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """For each hour of the calendar, the local hour of the source that it takes, whole weeks away."""
    local = calendar.local_start[::SLOTS_PER_HOUR].astype("datetime64[h]")
    week, most_of_a_year = np.timedelta64(7 * 24, "h"), np.timedelta64(52 * 7 * 24, "h")
    gap = source_local[source_local.size // 2] - local[local.size // 2]
    wanted = local + np.round(gap / week).astype(np.int64) * week
    wanted = np.where(wanted < source_local[0], wanted + most_of_a_year, wanted)
    return np.where(wanted > source_local[-1], wanted - most_of_a_year, wanted)
