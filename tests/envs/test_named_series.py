"""Series that a scenario names: read in place of what is drawn, hashed, kept when the scenario is saved again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from gridbid.envs.format.named_series import PriceSeries, SeriesSpec, SessionSeries
from gridbid.envs.scenario import Scenario, ScenarioError, load_scenario, save_scenario
from gridbid.envs.timeline.year import build_year

PRICES = SeriesSpec(
    prices=PriceSeries(file="spot.parquet", time_column="start", price_column="eur", licence="made up")
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a year of prices, and the sessions of three users of each split for more than a year."""
    folder = tmp_path / "source"
    folder.mkdir()
    hours = np.arange("2015-12-31", "2017-01-02", dtype="datetime64[h]").astype("datetime64[s]")
    eur = 50.0 + np.arange(hours.size) % 24
    pq.write_table(pa.table({"start": pa.array(hours), "eur": eur}), folder / "spot.parquet")
    days = np.arange("2015-11-01", "2017-03-01", dtype="datetime64[D]").astype("datetime64[s]")
    users = [f"user {n}" for n in range(40)]
    arrival = np.tile(days + np.timedelta64(18, "h"), len(users))
    table = {
        "who": np.repeat(users, days.size),
        "plug_in_utc": pa.array(arrival),
        "plug_out_utc": pa.array(arrival + np.timedelta64(9, "h")),
        "energy_kwh": np.full(arrival.size, 11.0),
    }
    pq.write_table(pa.table(table), folder / "cars.parquet")
    return folder


def saved(tiny: Scenario, series: SeriesSpec, source: Path, folder: Path) -> Scenario:
    with_series = replace(tiny, series=series)
    return load_scenario(
        save_scenario(folder, with_series, tiny.network, tiny.profiles, "free", series_folder=source)
    )


def test_named_prices_are_played_and_drawn_ones_are_not(source: Path, tmp_path: Path) -> None:
    tiny = load_scenario("tiny")
    scenario = saved(tiny, PRICES, source, tmp_path / "mine")
    year = build_year(scenario, [0, 1], split="test")
    # 1 January 2016, 00:00 in Berlin is 23:00 UTC: hour 23 of the file's first day.
    assert year.spot_ct[:, 0].tolist() == pytest.approx([7.3, 7.3])
    assert year.spot_ct[0, 4:96:4].tolist() == pytest.approx([5.0 + hour / 10 for hour in range(23)])
    assert not np.array_equal(year.spot_ct, build_year(tiny, [0, 1], split="test").spot_ct)
    # The file has no carbon intensity, so that is drawn.
    assert not np.array_equal(year.carbon_g[0], year.carbon_g[1])


def test_named_sessions_are_played(source: Path, tmp_path: Path) -> None:
    series = SeriesSpec(sessions=SessionSeries(file="cars.parquet", user_column="who", licence="made up"))
    scenario = saved(load_scenario("tiny"), series, source, tmp_path / "mine")
    year = build_year(scenario, [0], split="test")
    arrivals = np.flatnonzero(year.ev_arrival_kwh[0, :, 0] >= 0.0)
    hours = set(year.local_hour[arrivals].tolist())
    assert arrivals.size > 350 and hours <= {19.0, 20.0}
    assert year.ev_departure[0, arrivals, 0].tolist() == (arrivals + 36).tolist()


def test_files_are_hashed_copied_and_kept(source: Path, tmp_path: Path) -> None:
    scenario = saved(load_scenario("tiny"), PRICES, source, tmp_path / "mine")
    assert set(scenario.sha256) == {"grid.parquet", "profiles.parquet", "spot.parquet"}
    again = save_scenario(tmp_path / "again", scenario, scenario.network, scenario.profiles, "free")
    assert (again / "spot.parquet").read_bytes() == (source / "spot.parquet").read_bytes()
    assert load_scenario(again).series == scenario.series
    renamed = replace(scenario, title="Replaced in place")
    save_scenario(tmp_path / "mine", renamed, scenario.network, scenario.profiles, "free")
    assert load_scenario(tmp_path / "mine").price_file is not None


def faults_of(folder: Path) -> dict[str, str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder)
    return {fault.field: str(fault.value) for fault in caught.value.faults}


def test_missing_changed_and_faulty_series_are_told(source: Path, tmp_path: Path) -> None:
    scenario = saved(load_scenario("tiny"), PRICES, source, tmp_path / "mine")
    path = scenario.folder / "spot.parquet"
    table = pq.read_table(path)
    pq.write_table(table.rename_columns(["start", "dollar"]), path)
    faults = faults_of(scenario.folder)
    assert faults.keys() == {"sha256.spot.parquet", "series.prices"} and "eur" in faults["series.prices"]
    path.unlink()
    assert faults_of(scenario.folder) == {"spot.parquet": "no such file"}


def test_a_hash_without_a_file_is_told(tmp_path: Path) -> None:
    tiny = load_scenario("tiny")
    folder = save_scenario(tmp_path / "mine", tiny, tiny.network, tiny.profiles, "free")
    path = folder / "scenario.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["sha256"]["old.parquet"] = "0" * 64
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    assert faults_of(folder).keys() == {"sha256.old.parquet"}


@pytest.mark.parametrize(
    "name", ["../spot.parquet", "/tmp/spot.parquet", "spot.csv", ".parquet", "a\\b.parquet"]
)
def test_files_lie_beside_the_scenario(name: str, tmp_path: Path) -> None:
    tiny = load_scenario("tiny")
    series = SeriesSpec(prices=PriceSeries(file=name, licence="x"))
    with pytest.raises(ScenarioError, match=r"series\.prices\.file"):
        save_scenario(tmp_path / "mine", replace(tiny, series=series), tiny.network, tiny.profiles, "free")


def test_a_key_that_stands_twice_is_told(tmp_path: Path) -> None:
    tiny = load_scenario("tiny")
    folder = save_scenario(tmp_path / "mine", tiny, tiny.network, tiny.profiles, "free")
    path = folder / "scenario.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "year: 2017\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="the key year stands twice"):
        load_scenario(folder)
