"""A window of the year holds what the year holds, to the bit; and what doesn't fit in memory is refused before."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community, compile_year
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.timeline.calendar import SECONDS_PER_DAY
from gridbid.envs.timeline.memory import year_bytes
from gridbid.envs.timeline.year import build_year, weeks_of
from gridbid.market.engine import Engine

EVERYWHERE = ("utc_start", "local_start", "week", "load_kw", "pv_kw", "heat_kw", "spot_ct", "carbon_g")
CARS = ("ev_departure", "ev_arrival_kwh", "ev_target_kwh")


@pytest.fixture(scope="module")
def rural() -> Scenario:
    return load_scenario("rural")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A year of hourly prices, and sessions of 40 users that last up to four days."""
    folder, stamp = tmp_path_factory.mktemp("real"), pa.timestamp("s", "UTC")
    hours = np.datetime64("2018-12-31T23", "s") + np.arange(8_760) * np.timedelta64(3_600, "s")
    price = np.random.default_rng(0).normal(60.0, 40.0, 8_760)
    pq.write_table(
        pa.table({"time_utc": pa.array(hours, stamp), "price_eur_per_mwh": price}), folder / "prices.parquet"
    )
    number = np.arange(40 * 180)
    begin = np.datetime64("2019-01-01T17", "s") + (number // 40) * np.timedelta64(2 * SECONDS_PER_DAY, "s")
    stay = (1 + number * 7 % 95) * np.timedelta64(3_600, "s")
    sessions = {"user": [f"u{n}" for n in number % 40], "plug_in_utc": pa.array(begin, stamp)}
    sessions |= {"plug_out_utc": pa.array(begin + stay, stamp), "energy_kwh": 5.0 + number % 40}
    pq.write_table(pa.table(sessions), folder / "sessions.parquet")
    return {"prices": folder / "prices.parquet", "sessions": folder / "sessions.parquet"}


@pytest.mark.parametrize("weeks", [[20], [1], [50, 51], [42, 44]])
@pytest.mark.parametrize("real", [False, True])
def test_a_window_has_what_the_year_has(
    rural: Scenario, files: dict[str, Path], weeks: list[int], real: bool
) -> None:
    """Cars from the episode's start on: one that came before the window began isn't in it, and has gone by then."""
    options = {"split": "test", **(files if real else {})}
    year, window = build_year(rural, [3, 4], **options), build_year(rural, [3, 4], weeks=weeks, **options)
    part = slice(window.first_slot, window.first_slot + window.n_slots)
    for name in EVERYWHERE:
        ours, whole = getattr(window, name), getattr(year, name)
        assert np.array_equal(
            ours, whole[:, part] if ours.ndim == 2 and name in ("spot_ct", "carbon_g") else whole[part]
        )
    begin, end = window.week_start(weeks[0]), window.week_start(weeks[-1]) + (7 + 6) * 96
    end = min(end, window.n_slots - 96)
    for name in CARS:
        ours, whole = getattr(window, name)[:, begin:end], getattr(year, name)[:, part][:, begin:end]
        if name == "ev_departure":
            whole = np.where(whole >= 0, whole - window.first_slot, -1)
        assert np.array_equal(ours, whole), name


def test_the_engine_plays_a_window_as_the_year(rural: Scenario) -> None:
    """Nobody trades, as arrival orders are drawn by the slot's number; all else is the same to the bit."""
    states = []
    for compiled in (
        compile_community(rural, [1], split="test"),
        compile_community(rural, [1], split="test", weeks=[33]),
    ):
        engine = Engine(compiled.community)
        engine.reset(compiled.year.week_start(33), 300)
        shape = (1, compiled.community.n_participants)
        idle = [np.zeros(shape), np.zeros(shape), np.ones(shape), np.zeros((*shape, 4))]
        while not engine.finished[0]:
            engine.step(*idle)
        totals = engine.state.totals
        states.append([totals.cash_neur.copy(), totals.reading_wh.copy(), engine.state.stores.car_kwh.copy()])
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(*states, strict=True))


def test_the_compiled_tables_of_a_window_are_the_years(rural: Scenario) -> None:
    """Hourly means at the window's end take in what lies beyond only where no episode looks."""
    year, window = (compile_community(rural, [1], split="test", weeks=weeks) for weeks in (None, [29]))
    first, begin = window.year.first_slot, window.year.week_start(29)
    span = slice(begin - 192, begin + 14 * 96)
    there = slice(span.start + first, span.stop + first)
    assert np.array_equal(window.tables.retail_hour[:, span], year.tables.retail_hour[:, there])
    assert np.array_equal(window.tables.feeder_hour_kw[span], year.tables.feeder_hour_kw[there])
    for name in ("net_hour_kw", "local_hour", "day_of_year", "weekend"):
        ours, theirs = getattr(window.community.series, name), getattr(year.community.series, name)
        assert np.array_equal(ours[span], theirs[there]), name
    for name in ("retail", "feed_in", "wholesale"):
        ours, theirs = getattr(window.community.series, name), getattr(year.community.series, name)
        assert np.array_equal(ours[:, span], theirs[:, there]), name


def test_a_batch_of_given_weeks_builds_them_alone() -> None:
    env = BatchEnv("tiny", 3, weeks=[8, 9], n_slots=96 * 7, samples=1)
    assert env.community.series.load_kw.shape[0] < 35 * 96
    env.reset(day=6)
    assert set(env.compiled.year.week[env.engine.state.clock.start].tolist()) <= {8, 9}
    assert (env.compiled.year.weekday[env.engine.state.clock.start] == 6).all()


def test_days_of_slots_of_a_second_are_built() -> None:
    """Where a year would take 80 times as much."""
    second = replace(load_scenario("tiny"), slot_seconds=1)
    year = build_year(second, [0], weeks=[5], n_slots=3_600)
    assert year.local_start[year.week_start(5)] == np.datetime64("2016-02-01T00:00:00")
    assert year.n_slots == year.load_kw.shape[0] < 16 * SECONDS_PER_DAY
    assert len(np.unique(year.load_kw[year.week_start(5) :][:900, 0])) == 1


@pytest.mark.parametrize("change", [{"slot_seconds": 1}, {"seats": 2_000}])
def test_what_does_not_fit_is_refused_before_it_is_built(rural: Scenario, change: dict[str, int]) -> None:
    if "seats" in change:
        *members, utility = rural.seats
        seats = (*(replace(members[0], name=f"p{n}") for n in range(change["seats"])), utility)
        change = {"seats": seats}
    big = replace(rural, **change)
    tracemalloc.start()
    with pytest.raises(
        ValueError, match=r"would take about \d+\.\d GB .* most_gb=2\. Build some weeks alone"
    ):
        build_year(big, [0, 1], most_gb=2.0)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    with pytest.raises(ValueError, match="weeks 20 to 21 in slots"):
        build_year(big, [0, 1], split="test", weeks=[21, 20], most_gb=0.001)


@pytest.mark.parametrize(("name", "samples"), [("tiny", 1), ("rural", 1), ("rural", 4), ("village", 2)])
def test_the_estimate_is_near_what_is_taken(name: str, samples: int) -> None:
    """The peak of compiling and checking a year, as tracemalloc counts it: never above, and not far below."""
    scenario = load_scenario(name)
    tracemalloc.start()
    year = build_year(scenario, list(range(samples)))
    Engine(compile_year(scenario, year).community)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert 0.5 < peak / year_bytes(scenario, samples) < 1.0


def test_weeks_that_are_none_of_the_year_are_refused(rural: Scenario) -> None:
    with pytest.raises(ValueError, match=r"weeks: \[52\] not complete in 2016; expected some of 1 to 51"):
        build_year(rural, [0], weeks=[5, 52])
    with pytest.raises(ValueError, match="week: 30 isn't complete in this window of 2016"):
        build_year(rural, [0], weeks=[5]).week_start(30)
    assert 30 in weeks_of(rural, "train")
