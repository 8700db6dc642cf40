"""Scenarios made of meter files: whose power, at which bus, with which devices, and that they can be played."""

import json
from pathlib import Path

import numpy as np
import pandapower
import pandapower.networks
import pandas as pd
import pytest

from gridbid.envs import parallel_env
from gridbid.envs.importers.folders import REPORT
from gridbid.envs.importers.meter_columns import MeterOptions
from gridbid.envs.importers.meters import SiteOptions, import_meters
from gridbid.envs.importers.sites import Devices
from gridbid.envs.scenario import Scenario, load_scenario

ZONE = "Europe/Berlin"
LOCAL = MeterOptions(clock="local")


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    """A year of three meters in hours; one has PV, one is silent."""
    times = pd.date_range("2023-01-01", "2024-01-01", freq="1h", tz=ZONE, inclusive="left")
    random = np.random.default_rng(0)
    sun = np.maximum(0.0, np.sin((times.hour - 6) / 12 * np.pi)) * 4.0
    columns = {"time": times.strftime("%Y-%m-%d %H:%M"), "h1_kw": random.gamma(2.0, 0.3, times.size)}
    columns |= {"h2_kw": random.gamma(2.0, 0.2, times.size), "h2_pv_kw": np.asarray(sun), "empty_kw": 0.0}
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def file(year: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "meters.csv"
    year.to_csv(path, index=False)
    return path


def imported(file: Path, tmp_path: Path, options: SiteOptions, meters: MeterOptions = LOCAL) -> Scenario:
    return load_scenario(import_meters(file, tmp_path / "mine", meters, options).folder)


def test_power_of_every_meter_is_that_of_the_file(file: Path, year: pd.DataFrame, tmp_path: Path) -> None:
    scenario = imported(file, tmp_path, SiteOptions())
    assert (scenario.year, scenario.slot_seconds, scenario.profile_seconds) == (2023, 900, 900)
    h1, h2, empty = scenario.seats[:3]
    assert h1.load is not None and h2.load is not None and h2.pv is not None
    for seat, column in ((h1, "h1_kw"), (h2, "h2_kw")):
        assert seat.load is not None
        kw = seat.load.rated_kw * scenario.profiles[seat.load.profile]
        np.testing.assert_allclose(kw, np.repeat(year[column], 4), atol=1e-5)
    pv_kw = h2.pv.peak_kw * scenario.profiles[h2.pv.profile]
    np.testing.assert_allclose(pv_kw, np.repeat(year.h2_pv_kw, 4), atol=1e-5)
    assert (empty.load, empty.pv) == (None, None)


def test_devices_come_by_option_and_by_table(file: Path, tmp_path: Path) -> None:
    table = tmp_path / "sites.csv"
    table.write_text(
        "meter;bus;pv_kwp;battery_kwh;charge_point_kw\nh2;5;6,5;0;11\nempty;3;;8;\n", encoding="utf-8"
    )
    options = SiteOptions(
        grid="rural", sites=table, devices=Devices(pv_kwp=4.0, battery_kwh=10.0, heat_pump_kw=2.0)
    )
    h1, h2, empty = imported(file, tmp_path, options).seats[:3]
    assert h1.pv is not None and h2.pv is not None and empty.pv is not None
    assert (h1.pv.peak_kw, h2.pv.peak_kw, empty.pv.peak_kw) == (4.0, 6.5, 4.0)
    assert h2.pv.profile == "pv_h2"
    assert h1.pv.profile.startswith("PV")
    assert h1.battery is not None and empty.battery is not None and h2.battery is None
    assert (h1.battery.capacity_kwh, h1.battery.power_kw, empty.battery.capacity_kwh) == (10.0, 5.0, 8.0)
    assert h2.charge_point is not None and h1.charge_point is None
    assert h1.heat_pump is not None and h1.heat_pump.power_kw == 2.0
    assert (h2.bus, empty.bus) == (5, 3)


def test_lent_profiles_bring_their_terms_and_measured_ones_do_not(file: Path, tmp_path: Path) -> None:
    without = imported(file, tmp_path, SiteOptions(licence="CC BY 4.0"))
    assert [entry.terms for entry in without.licences] == ["CC BY 4.0"]
    lent = imported(file, tmp_path, SiteOptions(devices=Devices(pv_kwp=4.0)))
    assert [entry.terms for entry in lent.licences][1:] == ["ODbL 1.0, contents DbCL 1.0"]


def test_meters_are_spread_over_the_load_buses_by_the_seed(file: Path, tmp_path: Path) -> None:
    buses = {seat.bus for seat in load_scenario("rural").metered}
    drawn = [
        [seat.bus for seat in imported(file, tmp_path, SiteOptions(grid="rural", seed=seed)).metered]
        for seed in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 3
    assert set(drawn[0]) <= buses


def test_a_pandapower_file_serves_as_grid(file: Path, tmp_path: Path) -> None:
    net = pandapower.networks.create_kerber_landnetz_kabel_1()
    pandapower.to_json(net, str(tmp_path / "net.json"))
    (tmp_path / "sites.csv").write_text(f"meter,bus\nh1,{net.load.bus[3]}\n", encoding="utf-8")
    scenario = imported(
        file, tmp_path, SiteOptions(grid=str(tmp_path / "net.json"), sites=tmp_path / "sites.csv")
    )
    assert scenario.network.parent.size == len(net.bus)
    assert len({seat.bus for seat in scenario.metered}) == 3


def test_the_scenario_plays_and_the_folder_tells_how_it_was_made(file: Path, tmp_path: Path) -> None:
    scenario = imported(file, tmp_path, SiteOptions(grid="tiny", devices=Devices(battery_kwh=5.0)))
    env = parallel_env(scenario)
    env.reset(seed=0)
    for _ in range(3):
        rewards = env.step({agent: env.action_space(agent).sample() for agent in env.agents})[1]
    assert all(np.isfinite(reward) for reward in rewards.values())
    report = json.loads((tmp_path / "mine" / REPORT).read_text(encoding="utf-8"))
    assert report["facts"]["buses"].keys() == {"h1", "h2", "empty"}
    assert report["faults"] == 0


@pytest.mark.parametrize(("slot_s", "row_s"), [(300, 900), (3600, 900), (900, 900)])
def test_slots_may_be_shorter_or_longer_than_the_rows(
    file: Path, tmp_path: Path, slot_s: int, row_s: int
) -> None:
    scenario = imported(file, tmp_path, SiteOptions(slot_seconds=slot_s))
    assert (scenario.slot_seconds, scenario.profile_seconds) == (slot_s, row_s)


def test_another_year_keeps_the_energy_of_its_weeks(file: Path, year: pd.DataFrame, tmp_path: Path) -> None:
    scenario = imported(file, tmp_path, SiteOptions(year=2024))
    load = scenario.seats[0].load
    assert load is not None
    kwh = load.rated_kw * scenario.profiles[load.profile].astype(float).sum() / 4
    assert kwh == pytest.approx(year.h1_kw.sum() * 366 / 365, rel=0.01)
    assert scenario.profiles[load.profile].size == 366 * 96


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("meter,bus\nh1,99\n", "meter h1: bus '99' isn't in the grid of tiny"),
        ("meter,pv\nh1,1\n", "column pv: unknown"),
        ("name,bus\nh1,1\n", "expected a column meter"),
        (
            "meter,pv_kwp\nh9,1\nh1,-1\n",
            "(?s)row 2: 'h9'; expected a meter of the data.*row 3: -1.0; expected at least 0",
        ),
        ("meter,pv_kwp\nh1,1\nh1,2\n", "row 3: 'h1'; expected each meter once"),
    ],
)
def test_a_wrong_table_is_refused_with_row_and_remedy(
    file: Path, tmp_path: Path, table: str, words: str
) -> None:
    (tmp_path / "sites.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        imported(file, tmp_path, SiteOptions(grid="tiny", sites=tmp_path / "sites.csv"))
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (SiteOptions(timezone="Berlin"), "--timezone: 'Berlin'; expected an IANA zone"),
        (SiteOptions(grid="nowhere"), "'nowhere' is neither built in"),
        (SiteOptions(slot_seconds=7), "--slot-seconds: 7; expected 1 to 3600 that divides an hour"),
        (
            SiteOptions(profile_seconds=1, slot_seconds=1),
            "a year; expected at most 2e\\+08: say --profile-seconds",
        ),
    ],
)
def test_wrong_options_are_refused(file: Path, tmp_path: Path, options: SiteOptions, words: str) -> None:
    big = MeterOptions(clock="local")
    data = pd.read_csv(file)
    wide = pd.concat(
        [data, *(data[["h1_kw"]].rename(columns={"h1_kw": f"x{n}_kw"}) for n in range(4))], axis=1
    )
    wide.to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(ValueError, match=words):
        imported(tmp_path / "wide.csv", tmp_path, options, big)
    assert not (tmp_path / "mine").exists()


def test_a_week_of_data_makes_a_year_that_says_so(file: Path, year: pd.DataFrame, tmp_path: Path) -> None:
    year[2400:2640].to_csv(tmp_path / "short.csv", index=False)
    made = import_meters(tmp_path / "short.csv", tmp_path / "mine", LOCAL, SiteOptions())
    assert any(
        "held-out days are in training as well" in str(warning) for warning in made.findings.of("warning")
    )
    year[2400:2500].to_csv(tmp_path / "short.csv", index=False)
    with pytest.raises(ValueError, match="expected at least a week"):
        import_meters(
            tmp_path / "short.csv",
            tmp_path / "other",
            MeterOptions(clock="local", stamps="start"),
            SiteOptions(),
        )
