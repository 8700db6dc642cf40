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
import pyarrow.compute as pc
import pyarrow.csv as pv
from numpy.typing import NDArray

from gridbid.envs.timeline.calendar import SECONDS_PER_HOUR, Calendar, year_calendar
from gridbid.envs.timeline.randomness import PRICES, generator
from gridbid.envs.timeline.real_prices import PriceFile, read_prices, rows_at
from gridbid.envs.timeline.resampling import slot_means

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
    """One path a seed about the typical days; an hour's price holds in each of its slots.

    Paths are drawn for the whole year, so they don't depend on the calendar's window.
    """
    days, place = typical_days(), _typical_place(calendar)
    hour = (calendar.first_slot + np.arange(calendar.n_slots)) * calendar.slot_seconds // SECONDS_PER_HOUR
    spot_ct = np.empty((len(seeds), calendar.n_slots), np.float32)
    carbon_g = np.empty_like(spot_ct)
    for s, seed in enumerate(seeds):
        shared, own = _standard_paths(generator(seed, split, PRICES), place[0].size)
        standard = RHO * shared + math.sqrt(1.0 - RHO**2) * own
        price = days.price_mean_eur_per_mwh[place] + days.price_std_eur_per_mwh[place] * standard
        carbon = days.carbon_mean_g_per_kwh[place] + days.carbon_std_g_per_kwh[place] * shared
        spot_ct[s] = (price * CT_PER_KWH_PER_EUR_PER_MWH)[hour]
        carbon_g[s] = np.maximum(0.0, carbon)[hour]
    return WholesaleSeries(spot_ct, carbon_g)


def real_series(
    calendar: Calendar, seeds: Sequence[int], split: str, file: PriceFile | Path, utc: NDArray[np.datetime64]
) -> WholesaleSeries:
    """A real series, the same in every sample, laid on the calendar so that weekdays and hours stay.

    ``utc`` (T,) is the time of the calendar's year that each slot takes, as a rule its own start. A price holds until the
    next; a longer slot has the mean. Without carbon intensity in the file, that is sampled. InputError for a faulty file.
    """
    prices = read_prices(file)

    @cache
    def rows(seconds: int) -> NDArray[np.int64]:
        return rows_at(prices, calendar, utc + np.timedelta64(seconds, "s"))

    def by_slot(values: Floats) -> Singles:
        means = slot_means(calendar.slot_seconds, prices.step_seconds, lambda seconds: values[rows(seconds)])
        return np.repeat(means.astype(np.float32)[np.newaxis], len(seeds), axis=0)

    carbon = prices.carbon_g_per_kwh
    spot_ct = by_slot(prices.price_eur_per_mwh * CT_PER_KWH_PER_EUR_PER_MWH)
    sampled = sampled_series(calendar, seeds, split).carbon_g if carbon is None else by_slot(carbon)
    return WholesaleSeries(spot_ct, sampled)


def _typical_place(calendar: Calendar) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Month, day kind and hour of each hour of the calendar's year: where it stands in the typical days."""
    hours = year_calendar(calendar.year, calendar.timezone, SECONDS_PER_HOUR)
    month = hours.local_start.astype("datetime64[M]").astype(np.int64) % 12
    weekend = (hours.weekday >= 5).astype(np.int64)
    return month, weekend, hours.local_hour.astype(np.int64)


def _standard_paths(random: np.random.Generator, n_hours: int) -> tuple[Floats, Floats]:
    """Two independent AR(1) paths of mean 0 and variance 1 from the first hour on: shared and own."""
    paths = []
    for persistence in (SHARED_PERSISTENCE, OWN_PERSISTENCE):
        shocks = random.standard_normal(n_hours)
        shocks[1:] *= math.sqrt(1.0 - persistence**2)
        path = shocks.tolist()
        for hour in range(1, n_hours):
            path[hour] += persistence * path[hour - 1]
        paths.append(np.array(path))
    return paths[0], paths[1]
