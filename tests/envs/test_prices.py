"""Price and carbon paths: their statistics against the typical days, and a real series on the calendar."""

import csv
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from gridbid.envs.timeline.calendar import Calendar, year_calendar
from gridbid.envs.timeline.prices import (
    OWN_PERSISTENCE,
    RHO,
    SHARED_PERSISTENCE,
    TYPICAL_DAYS,
    WholesaleSeries,
    real_series,
    sampled_series,
)
from gridbid.envs.timeline.real_prices import PriceFile, read_prices

BERLIN = "Europe/Berlin"
ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("GRIDBID_DATA", ROOT.parent / "shared" / "data")) / "smard_de_2025_hourly.parquet"


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return year_calendar(2016, BERLIN)


@pytest.fixture(scope="module")
def many(calendar: Calendar) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Prices (EUR/MWh) and carbon intensities of 60 samples by hour, (60, 8784)."""
    series = sampled_series(calendar, range(60), "train")
    return series.spot_ct[:, ::4].astype(float) * 10.0, series.carbon_g[:, ::4].astype(float)


def table_by_hour(calendar: Calendar, column: str) -> NDArray[np.float64]:
    """The table's figure for each hour of the calendar, read with the csv module."""
    with TYPICAL_DAYS.open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        figures = {(int(r["month"]), r["day"], int(r["hour"])): float(r[column]) for r in rows}
    assert len(figures) == 576
    keys = []
    for start in calendar.local_start[::4].tolist():
        keys.append((start.month, "weekend" if start.weekday() >= 5 else "workday", start.hour))
    return np.array([figures[key] for key in keys])


def standardised(values: NDArray[np.float64], calendar: Calendar, name: str) -> NDArray[np.float64]:
    mean, std = (table_by_hour(calendar, f"{name}_{part}") for part in MOMENTS[name])
    return (values - mean) / std


MOMENTS = {"price": ("mean_eur_per_mwh", "std_eur_per_mwh"), "carbon": ("mean_g_per_kwh", "std_g_per_kwh")}


def lagged(paths: NDArray[np.float64], hours: int) -> float:
    return float(np.mean(paths[:, hours:] * paths[:, :-hours]))


def test_means_by_month_and_hour_are_the_tables(
    calendar: Calendar, many: tuple[NDArray[np.float64], ...]
) -> None:
    for name, values in zip(("price", "carbon"), many, strict=True):
        residual = standardised(values, calendar, name).mean(axis=0)
        month = calendar.local_start[::4].astype("datetime64[M]").astype(int) % 12
        hour = calendar.local_hour[::4].astype(int)
        by_group = [residual[(month == m) & (hour == h)].mean() for m in range(12) for h in range(24)]
        assert np.abs(by_group).max() < 0.25  # in standard deviations; some 60 independent months
        assert abs(residual.mean()) < 0.03


def test_spread_is_the_tables(calendar: Calendar, many: tuple[NDArray[np.float64], ...]) -> None:
    assert standardised(many[0], calendar, "price").std() == pytest.approx(1.0, abs=0.03)
    assert standardised(many[1], calendar, "carbon").std() == pytest.approx(1.0, abs=0.03)


def test_autocorrelation_and_correlation_are_the_models(
    calendar: Calendar, many: tuple[NDArray[np.float64], ...]
) -> None:
    price = standardised(many[0], calendar, "price")
    carbon = standardised(many[1], calendar, "carbon")
    for hours in (1, 6, 24):
        shared = SHARED_PERSISTENCE**hours
        assert lagged(carbon, hours) == pytest.approx(shared, abs=0.04)
        assert lagged(price, hours) == pytest.approx(
            RHO**2 * shared + (1 - RHO**2) * OWN_PERSISTENCE**hours, abs=0.04
        )
    assert np.mean(price * carbon) == pytest.approx(RHO, abs=0.03)


def test_the_model_is_near_the_real_year() -> None:
    """The published autocorrelations of 2025, as the docstring has them, within what two constants can do."""
    for hours, price, carbon in ((1, 0.92, 0.98), (6, 0.56, 0.75), (12, 0.38, 0.56), (24, 0.30, 0.37)):
        shared, own = SHARED_PERSISTENCE**hours, OWN_PERSISTENCE**hours
        assert RHO**2 * shared + (1 - RHO**2) * own == pytest.approx(price, abs=0.09)
        assert shared == pytest.approx(carbon, abs=0.05)


def test_a_price_holds_for_the_four_slots_of_its_hour(calendar: Calendar) -> None:
    series = sampled_series(calendar, [3], "test")
    for values in series:
        assert values.shape == (1, calendar.n_slots) and values.dtype == np.float32
        assert (values.reshape(1, -1, 4) == values[:, ::4, None]).all()


def test_seed_and_split_alone_decide(calendar: Calendar) -> None:
    together = sampled_series(calendar, [1, 2], "train").spot_ct
    assert (together[1] == sampled_series(calendar, [2], "train").spot_ct[0]).all()
    assert (together[0] != together[1]).any()
    assert (together[0] != sampled_series(calendar, [1], "test").spot_ct[0]).any()


def write_hours(path: Path, hours: int = 8760, **columns: object) -> Path:
    """A year of hours from 2025-01-01 local whose price is its number, its carbon intensity that by 10."""
    begin = datetime(2025, 1, 1, tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)
    time_utc = pa.array([begin + timedelta(hours=h) for h in range(hours)], pa.timestamp("ns", "UTC"))
    number = np.arange(hours, dtype=np.float64)
    pq.write_table(
        pa.table(
            {"time_utc": time_utc, "price_eur_per_mwh": number, "ci_g_per_kwh": number / 10.0} | columns
        ),
        path,
    )
    return path


def real(calendar: Calendar, file: Path | PriceFile, n_samples: int = 1) -> WholesaleSeries:
    return real_series(calendar, range(n_samples), "train", file, calendar.utc_start)


def test_a_real_series_keeps_weekday_hour_and_season(calendar: Calendar, tmp_path: Path) -> None:
    series = real(calendar, write_hours(tmp_path / "hours.parquet"), n_samples=2)
    assert series.spot_ct.shape == (2, calendar.n_slots) and (series.spot_ct[0] == series.spot_ct[1]).all()
    numbers = np.round(series.spot_ct[0, ::4] * 10.0).astype(int)
    assert np.allclose(series.carbon_g[0, ::4] * 10.0, numbers, atol=1e-2)
    begin = datetime(2025, 1, 1, tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)
    clock_differs = 0
    for number, local in zip(numbers.tolist(), calendar.local_start[::4].tolist(), strict=True):
        taken = (begin + timedelta(hours=number)).astimezone(ZoneInfo(BERLIN))
        clock_differs += taken.hour != local.hour
        assert taken.weekday() == local.weekday()
        days_apart = abs(taken.timetuple().tm_yday - local.timetuple().tm_yday)
        assert min(days_apart, 365 - days_apart) <= 7
    assert clock_differs <= 1  # the hour that the source's clock skips in spring


def test_the_real_year_maps_with_its_mean_and_negative_hours(calendar: Calendar, tmp_path: Path) -> None:
    """On the real series where it is at hand; on a generated one of the same form where not."""
    path = REAL if REAL.is_file() else write_hours(tmp_path / "hours.parquet")
    source = pq.read_table(path)["price_eur_per_mwh"].to_numpy()
    series = real(calendar, path).spot_ct[0, ::4] * 10.0
    assert series.mean() == pytest.approx(source.mean(), rel=0.01)
    assert (series < 0).mean() == pytest.approx((source < 0).mean(), abs=0.003)


@pytest.mark.parametrize(
    ("columns", "hours", "message"),
    [
        (
            {"price_eur_per_mwh": np.full(8760, np.nan)},
            8760,
            "price_eur_per_mwh in row 0 .* expected a finite number",
        ),
        ({}, 5000, "time_utc has 5000 rows from .* expected at least 364 days"),
        ({"time_utc": pa.array([0] * 8760, pa.timestamp("ns", "UTC"))}, 8760, "without a gap"),
    ],
)
def test_a_faulty_series_is_refused(
    tmp_path: Path, columns: dict[str, object], hours: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_prices(write_hours(tmp_path / "bad.parquet", hours, **columns))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"time_utc": [1]}), tmp_path / "bad.parquet")
    with pytest.raises(ValueError, match="columns price_eur_per_mwh are missing"):
        read_prices(tmp_path / "bad.parquet")
