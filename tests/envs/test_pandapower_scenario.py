"""pandapower's own networks: which become scenarios, with whose power, and which are refused in which words."""

import warnings
from pathlib import Path

import numpy as np
import pandapower
import pandapower.networks
import pandas as pd
import pytest
import simbench

from gridbid.envs.importers.meter_columns import MeterOptions
from gridbid.envs.importers.pandapower_net import NetOptions, feeder_of_net, import_pandapower, read_net
from gridbid.envs.scenario import Scenario, load_scenario

Net = pandapower.pandapowerNet


def named(name: str) -> Net:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # several of its networks warn of their own columns
        return getattr(pandapower.networks, name)()


def written(net: Net, folder: Path) -> Path:
    path = folder / "net.json"
    pandapower.to_json(net, str(path))
    return path


def imported(net: Net, folder: Path, options: NetOptions | None = None) -> Scenario:
    made = import_pandapower(written(net, folder), folder / "mine", options or NetOptions())
    return load_scenario(made.folder)


@pytest.mark.parametrize(
    "name",
    [
        "create_cigre_network_lv",
        "create_dickert_lv_network",
        "create_kerber_landnetz_freileitung_1",
        "create_kerber_landnetz_kabel_2",
        "create_kerber_dorfnetz",
        "kb_extrem_landnetz_kabel_trafo",
        "create_synthetic_voltage_control_lv_network",
        "four_loads_with_branches_out",
        "panda_four_load_branch",
        "simple_four_bus_system",
    ],
)
def test_its_low_voltage_networks_become_feeders(name: str, tmp_path: Path) -> None:
    """Through its own file format; every load's bus has a place in the tree."""
    net = read_net(written(named(name), tmp_path))
    feeder = feeder_of_net(net, name)
    assert feeder.network.parent.size >= len(net.bus) - 3
    assert {feeder.bus_of[str(bus)] for bus in net.load.bus} == set(feeder.load_buses)
    assert feeder.load_tan_phi == pytest.approx(net.load.q_mvar.sum() / net.load.p_mw.sum(), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "ieee_european_lv_asymmetric",
            r"asymmetric_load \[0, 1, 2, 3, 4 ...\]: in service, expected none: only a balanced",
        ),
        ("create_cigre_network_hv", r"shunt \[0, 1, 2\]: in service, expected none"),
    ],
)
def test_what_is_not_radial_and_balanced_is_refused_by_name(name: str, words: str, tmp_path: Path) -> None:
    path = written(named(name), tmp_path)
    with pytest.raises(ValueError, match=words):
        import_pandapower(path, tmp_path / "mine", NetOptions())
    assert not (tmp_path / "mine").exists()


def test_loads_generators_and_storages_become_seats(tmp_path: Path) -> None:
    net = named("simple_four_bus_system")
    pandapower.create_storage(net, net.load.bus[0], p_mw=0.004, max_e_mwh=0.010)
    pandapower.create_storage(net, net.load.bus[0], p_mw=0.0, max_e_mwh=0.020)
    pandapower.create_sgen(net, 1, p_mw=0.005, scaling=0.5)
    net.load.loc[1, "scaling"] = 0.5
    scenario = imported(net, tmp_path)
    kinds = [seat.kind for seat in scenario.seats]
    assert kinds == ["prosumer", "prosumer", "prosumer", "battery", "utility"]
    first, second, third, battery = scenario.metered
    assert first.load is not None and second.load is not None
    assert (first.load.rated_kw, second.load.rated_kw) == (30.0, 15.0)
    assert [seat.pv.peak_kw if seat.pv else None for seat in (first, second, third)] == [20.0, 15.0, 2.5]
    assert third.load is None
    assert first.battery is not None and battery.battery is not None
    assert (first.battery.capacity_kwh, first.battery.power_kw) == (10.0, 4.0)
    assert (battery.battery.capacity_kwh, battery.battery.power_kw, battery.bus) == (20.0, 10.0, first.bus)


def test_what_is_off_has_no_power_or_no_way_to_the_source_is_left_out(tmp_path: Path) -> None:
    net = named("panda_four_load_branch")
    net.load.loc[0, "in_service"], net.load.loc[1, "p_mw"] = False, 0.0
    net.line.loc[net.line.index[-1], "in_service"] = False
    made = import_pandapower(written(net, tmp_path), tmp_path / "mine", NetOptions())
    assert len(load_scenario(made.folder).metered) == 1
    assert {note.value for note in made.findings.of("note")} == {"0 kW", "no path to the source"}


@pytest.mark.slow
def test_profiles_of_the_net_are_used_slot_by_slot(tmp_path: Path) -> None:
    """SimBench fills net.profiles: every watt against its own absolute values."""
    net = simbench.get_simbench_net("1-LV-rural1--0-sw")
    truth = simbench.get_absolute_values(net, profiles_instead_of_study_cases=True)
    truth_kw, plants_kw = (truth[table, "p_mw"] * 1000.0 for table in ("load", "sgen"))
    scenario = imported(net, tmp_path)
    assert (scenario.year, scenario.timezone, len(scenario.metered)) == (2016, "Europe/Berlin", len(net.load))
    for column, seat in enumerate(scenario.metered):
        assert seat.load is not None
        kw = seat.load.rated_kw * scenario.profiles[seat.load.profile]
        np.testing.assert_allclose(kw, truth_kw[column].to_numpy(), atol=1e-4)
    pv_kw = sum(
        s.pv.peak_kw * scenario.profiles[s.pv.profile].astype(float).sum() for s in scenario.metered if s.pv
    )
    assert pv_kw == pytest.approx(plants_kw.to_numpy().sum(), rel=1e-4)


def test_a_meter_file_gives_the_loads_their_power_by_name_or_number(tmp_path: Path) -> None:
    net = named("simple_four_bus_system")
    times = pd.date_range("2023-03-20", "2023-04-03", freq="1h", tz="Europe/Berlin", inclusive="left")
    kw = np.random.default_rng(0).gamma(1.0, 1.0, (times.size, 2))
    stamps = times.strftime("%Y-%m-%d %H:%M")
    for columns in (["load1_kw", "load2_kw"], ["0", "1"]):
        table = pd.DataFrame(kw, columns=columns)
        table.insert(0, "time", stamps)
        table.to_csv(tmp_path / "loads.csv", index=False)
        options = NetOptions(profiles=tmp_path / "loads.csv", meters=MeterOptions(unit="kW"))
        if columns == ["load1_kw", "load2_kw"]:
            net.load["name"] = ["load1", "load2"]
        scenario = imported(net, tmp_path, options)
        day = slice(31 * 96 + 28 * 96 + 20 * 96, 31 * 96 + 28 * 96 + 21 * 96)  # 21 March
        for column, seat in enumerate(scenario.metered[:2]):
            assert seat.load is not None
            found = seat.load.rated_kw * scenario.profiles[seat.load.profile][day]
            np.testing.assert_allclose(found, np.repeat(kw[24:48, column], 4), atol=1e-5)
    net.load["name"] = ["a", "b"]
    table.rename(columns={"0": "c", "1": "d"}).to_csv(tmp_path / "loads.csv", index=False)
    with pytest.raises(
        ValueError, match=r"load 0 \(a\): no meter of its name or number; expected one of c, d"
    ):
        imported(net, tmp_path, options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "expected JSON as pandapower.to_json"),
        ('{"a": 1}', "not a pandapower net"),
        (None, "no such file"),
    ],
)
def test_files_that_hold_no_net_are_refused(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "net.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        import_pandapower(tmp_path / "net.json", tmp_path / "mine", NetOptions())
