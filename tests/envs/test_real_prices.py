"""Price series as they are found: what is unusual but right is taken, what can't be right is refused with row and remedy."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.timeline.calendar import Calendar, window_calendar, year_calendar, year_seconds
from gridbid.envs.timeline.prices import real_series, sampled_series
from gridbid.envs.timeline.real_prices import PriceFile, read_prices
from gridbid.market.conservation import residuals

BERLIN = "Europe/Berlin"
ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("GRIDBID_DATA", ROOT.parent / "shared" / "data"))
HOUR, QUARTER = 3_600, 900


def starts(year: int, step_s: int = HOUR, n_years: int = 1) -> np.ndarray:
    """Starts of the rows of local years, UTC."""
    begin = year_calendar(year, BERLIN, HOUR).utc_start[0]
    seconds = sum(year_seconds(y, BERLIN) for y in range(year, year + n_years))
    return begin + np.arange(0, seconds, step_s) * np.timedelta64(1, "s")


def write(path: Path, times: np.ndarray, price: np.ndarray, zone: str = "UTC", **columns: object) -> Path:
    stamps = pa.array(times.astype("datetime64[s]"), pa.timestamp("s", zone))
    table = {"time_utc": stamps, "price_eur_per_mwh": price, "ci_g_per_kwh": np.abs(price), **columns}
    pq.write_table(pa.table({name: column for name, column in table.items() if column is not None}), path)
    return path


def laid(calendar: Calendar, file: Path | PriceFile) -> np.ndarray:
    """Prices by slot, EUR/MWh."""
    return real_series(calendar, [0], "test", file, calendar.utc_start).spot_ct[0].astype(float) * 10.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "prices.parquet"


# --- what is taken


@pytest.mark.parametrize("step_s", [HOUR, 1_800, QUARTER])
@pytest.mark.parametrize("slot_s", [300, 900, 1_800, 3_600])
def test_a_series_of_the_scenarios_own_year_is_taken_as_it_is(path: Path, step_s: int, slot_s: int) -> None:
    """To the hour, over both changes of the clock too; longer slots have the mean."""
    times = starts(2025, step_s)
    price = np.round(np.random.default_rng(1).normal(80.0, 60.0, times.size), 2)
    prices = laid(year_calendar(2025, BERLIN, slot_s), write(path, times, price))
    fine = np.repeat(price, step_s // 300)
    np.testing.assert_allclose(prices, fine.reshape(-1, slot_s // 300).mean(axis=1), rtol=1e-6, atol=1e-4)


def test_hours_may_give_way_to_quarter_hours(path: Path) -> None:
    """As day-ahead prices did on 1 October 2025."""
    change = np.datetime64("2025-09-30T22:00", "s")
    hours, quarters = starts(2025), starts(2025, QUARTER)
    times = np.concatenate([hours[hours < change], quarters[quarters >= change]])
    price = np.arange(times.size) % 251.0
    calendar = year_calendar(2025, BERLIN)
    prices = laid(calendar, write(path, times, price))
    late = calendar.utc_start >= change
    np.testing.assert_allclose(prices[late], price[times >= change], atol=1e-4)
    np.testing.assert_allclose(prices[~late], np.repeat(price[times < change], 4), atol=1e-4)


def test_rows_may_come_in_any_order_and_twice(path: Path) -> None:
    times = starts(2025)
    price = np.random.default_rng(2).normal(80.0, 60.0, times.size)
    calendar = year_calendar(2025, BERLIN)
    tidy = laid(calendar, write(path, times, price))
    order = np.random.default_rng(3).permutation(np.concatenate([np.arange(times.size), [5, 70, 70]]))
    assert np.array_equal(laid(calendar, write(path, times[order], price[order])), tidy)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", None])
def test_a_time_zone_is_minded(path: Path, zone: str | None) -> None:
    """The same instants; without a zone they are UTC."""
    times = starts(2025)
    price = np.arange(times.size) % 97.0
    calendar = year_calendar(2025, BERLIN)
    assert np.array_equal(
        laid(calendar, write(path, times, price, zone)), laid(calendar, write(path, times, price))
    )


@pytest.mark.parametrize(
    ("source", "year"), [(2024, 2025), (2025, 2024), (2019, 2016), (2016, 2019), (2025, 2016)]
)
def test_leap_and_common_years_stand_in_for_each_other(path: Path, source: int, year: int) -> None:
    """Every slot takes a row of the same weekday and local hour, at most ten days off in season."""
    times = starts(source)
    calendar = year_calendar(year, BERLIN)
    rows = np.round(laid(calendar, write(path, times, np.arange(times.size, dtype=float)))).astype(int)
    theirs = year_calendar(source, BERLIN, HOUR)
    assert (theirs.weekday[rows] == calendar.weekday).mean() > 0.9998
    off_hours = (theirs.local_hour[rows] != np.floor(calendar.local_hour)).sum()
    assert off_hours <= 8  # hours that one of the clocks skips or repeats
    apart = np.abs(theirs.day_of_year[rows].astype(int) - calendar.day_of_year)
    assert np.minimum(apart, 365 - apart).max() <= 10


def test_of_many_years_the_scenarios_own_is_taken(path: Path) -> None:
    times = starts(2022, n_years=4)
    price = times.astype("datetime64[Y]").astype(int) + 1970.0
    file = write(path, times, price)
    for year in (2022, 2023, 2025):
        prices = laid(year_calendar(year, BERLIN), file)
        assert (np.round(prices[96:]) == year).all()
    # Of 2022, which is nearer, the weeks that 2016 takes begin some days too early.
    assert set(np.round(laid(year_calendar(2016, BERLIN), file)[500:-500]).tolist()) == {2023.0}


def test_a_year_that_begins_in_summer_covers_the_calendars(path: Path) -> None:
    times = starts(2024, n_years=2)
    part = slice(24 * 190, 24 * (190 + 366))
    calendar = year_calendar(2024, BERLIN)
    seasonal = np.cos(2.0 * np.pi * np.arange(times.size) / 8_766.0)
    prices = laid(calendar, write(path, times[part], 100.0 * seasonal[part]))
    assert np.corrcoef(prices, np.cos(2.0 * np.pi * calendar.day_of_year / 365.25))[0, 1] > 0.97


def test_without_carbon_it_is_sampled(path: Path) -> None:
    times = starts(2025)
    file = write(path, times, np.full(times.size, 50.0), ci_g_per_kwh=None)
    calendar = year_calendar(2025, BERLIN)
    series = real_series(calendar, [3, 4], "test", file, calendar.utc_start)
    assert np.array_equal(series.carbon_g, sampled_series(calendar, [3, 4], "test").carbon_g)
    assert (series.spot_ct == 5.0).all()


def test_columns_may_have_other_names(path: Path) -> None:
    times = starts(2025)
    price = np.arange(times.size) % 50.0
    stamps = pa.array(times, pa.timestamp("s", "UTC"))
    pq.write_table(pa.table({"Zeit": stamps, "Preis": price, "CO2": price}), path)
    with pytest.raises(
        ValueError, match=r"columns time_utc, price_eur_per_mwh are missing.*it has Zeit, Preis, CO2"
    ):
        read_prices(path)
    prices = read_prices(PriceFile(path, time="Zeit", price="Preis", carbon="CO2"))
    assert np.array_equal(prices.price_eur_per_mwh, price) and np.array_equal(prices.carbon_g_per_kwh, price)


def test_a_window_takes_the_same_rows_as_the_year(path: Path) -> None:
    times = starts(2025, QUARTER)
    file = write(path, times, np.random.default_rng(4).normal(80.0, 60.0, times.size))
    window, year = window_calendar(2016, BERLIN, 900, [1]), year_calendar(2016, BERLIN)
    assert np.array_equal(laid(window, file), laid(year, file)[window.first_slot :][: window.n_slots])


def test_real_prices_of_2019_are_read_by_their_german_names(path: Path) -> None:
    """On the real series where it is at hand; on a generated one of the same form where not."""
    real, name = DATA / "smard_2019_dayahead_hourly.parquet", "Deutschland/Luxemburg"
    if not real.is_file():
        times = starts(2019)
        pq.write_table(pa.table({"time_utc": times, name: np.linspace(-90.0, 121.0, times.size)}), path)
        real = path
    prices = read_prices(PriceFile(real, price=name))
    assert prices.price_eur_per_mwh.size == 8_760 and prices.carbon_g_per_kwh is None
    assert prices.price_eur_per_mwh.min() < -50.0
    laid_prices = laid(year_calendar(2019, BERLIN), PriceFile(real, price=name))
    assert laid_prices.reshape(-1, 4)[:, 0] == pytest.approx(prices.price_eur_per_mwh, abs=1e-3)


# --- what is refused


def spoil(path: Path, change: str) -> Path:
    times, price = starts(2025), np.full(8_760, 60.0)
    carbon: np.ndarray | None = np.full(8_760, 300.0)
    rows = np.arange(8_760)
    if change == "missing hours":
        rows = np.delete(rows, [100, 101, 4_000])
    elif change == "prices that differ":
        rows, price = np.insert(rows, 30, 29), np.insert(price, 30, 61.0)[:8_761]
        times, carbon = np.append(times, times[-1]), None
        pq.write_table(
            pa.table(
                {"time_utc": pa.array(times[rows], pa.timestamp("s", "UTC")), "price_eur_per_mwh": price}
            ),
            path,
        )
        return path
    elif change == "no price":
        price[[7, 9]] = np.nan
    elif change == "endless price":
        price[8] = np.inf
    elif change == "carbon below 0":
        carbon[5] = -1.0
    elif change == "half a year":
        rows = rows[:4_380]
    elif change == "minutes off":
        times = times + (rows == 50) * np.timedelta64(60, "s")
    elif change == "days":
        rows = rows[::24]
    elif change == "local clock":
        local = year_calendar(2025, BERLIN, HOUR).local_start
        return write(path, local, price, None, ci_g_per_kwh=carbon)
    return write(path, times[rows], price[rows], ci_g_per_kwh=carbon[rows])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "missing hours",
            r"time_utc in row 99 is 2025-01-05T02:00:00 .*2 rows.*next row 3600 s later, without a gap; fill it",
        ),
        (
            "prices that differ",
            r"time_utc in row 30 is 2025-01-02T04:00:00; expected a time that no row with other figures",
        ),
        ("no price", r"price_eur_per_mwh in row 7 is nan .*2 rows.*; expected a finite number; fill it"),
        ("endless price", r"price_eur_per_mwh in row 8 is inf; expected a finite number"),
        (
            "carbon below 0",
            r"ci_g_per_kwh in row 5 is -1.0; expected .* at least 0.* or leave the column out",
        ),
        ("half a year", r"time_utc has 4380 rows from 2024-12-31T23:00:00 to .*; expected at least 364 days"),
        (
            "minutes off",
            r"time_utc in row 49 is 2025-01-03T00:00:00 .*2 rows.*; expected the next row 3600 s later",
        ),
        ("days", r"time_utc has rows 86400 s after another; expected hours, or whole parts of an hour"),
        ("local clock", r"times are in UTC, or have a zone"),
    ],
)
def test_what_cannot_be_right_is_refused(path: Path, change: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_prices(spoil(path, change))


def test_all_faults_of_the_figures_are_told_at_once(path: Path) -> None:
    times, price = starts(2025), np.full(8_760, 60.0)
    price[3], carbon = np.nan, np.full(8_760, -5.0)
    with pytest.raises(ValueError, match="price_eur_per_mwh in row 3") as caught:
        read_prices(write(path, times, price, ci_g_per_kwh=carbon))
    assert "ci_g_per_kwh in row 0 is -5.0 (and so on, 8760 rows)" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file; expected a Parquet file"),
        (b"time,price\n", "can't be read .* expected a Parquet file"),
    ],
)
def test_a_file_that_is_none_is_refused(path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_prices(path)


def test_columns_of_other_types_are_refused(path: Path) -> None:
    times = starts(2025)
    pq.write_table(pa.table({"time_utc": times.astype(str), "price_eur_per_mwh": times.astype(str)}), path)
    with pytest.raises(ValueError, match="time_utc is a column of string; expected time stamps") as caught:
        read_prices(path)
    assert "price_eur_per_mwh is a column of string; expected numbers" in str(caught.value)


# --- through the engine


def test_crisis_prices_are_traded_and_settled(path: Path) -> None:
    """-500 to 4 000 EUR/MWh: trades stay in the band, feed-in goes below 0 with the retail price, and books close."""
    times = starts(2016)
    price = np.tile([-500.0, 4_000.0, 60.0, 0.0, -50.0, 900.0], times.size // 6)
    env = BatchEnv(
        "rural", 2, split="test", weeks=[20], n_slots=96, samples=1, prices=write(path, times, price)
    )
    series, rules = env.community.series, env.community.rules
    ct, hour = 10_000, (env.compiled.year.first_slot + np.arange(series.retail.shape[1])) // 4
    assert (series.retail[0] == np.rint((price[hour] / 10.0 + 20.0) * ct)).all()
    assert (series.feed_in + series.fee <= series.retail).all()
    low = series.retail[0] < (7.86 + 5.0) * ct
    assert (
        series.feed_in[0, low] == series.retail[0, low] - series.fee[low]
    ).all() and series.feed_in.min() == -35 * ct
    policy, observations, fills = ZeroIntelligencePolicy(), env.reset(), 0
    policy.reset(0)
    done = np.zeros(2, np.bool_)
    while not done.all():
        assert all(np.isfinite(rows).all() for rows in observations.values())
        slot = env.engine.state.clock.slot.copy()
        observations, rewards, done = env.step(policy.act(observations))
        log = env.engine.state.fills
        for b in range(2):
            ticks = log.tick[b, : log.fills[b]]
            prices = series.feed_in[0, slot[b]] + ticks * rules.tick_size
            assert (
                (ticks >= 0)
                & (ticks < rules.n_ticks)
                & (prices <= series.retail[0, slot[b]] - series.fee[slot[b]])
            ).all()
            fills += ticks.size
        assert all(np.isfinite(values).all() for values in rewards.values())
    assert fills > 20
    assert residuals(env.engine) == {"energy_wh": 0, "cash_neur": 0}
