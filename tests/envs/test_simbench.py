"""The converter reproduces the committed scenarios, and keeps what SimBench says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import simbench

from gridbid.envs.importers.built_in import RECIPES, cut, with_more_devices, write_built_in
from gridbid.envs.importers.shared_profiles import LATEST_LAG, with_lives_of_their_own
from gridbid.envs.importers.simbench import Source, all_seats, convert, read_source, seats_of_grid
from gridbid.envs.scenario import BUILT_IN, load_scenario
from gridbid.market.grid.network import Network

CODE = "1-LV-rural1--2-sw"
NAMES = [pytest.param(name, marks=[pytest.mark.slow] * (RECIPES[name].code != CODE)) for name in RECIPES]


@pytest.fixture(scope="module")
def source() -> Source:
    return read_source(CODE)


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_files_are_reproduced(tmp_path: Path, name: str) -> None:
    """By value: a Parquet file's bytes depend on the writer's version."""
    (folder,) = write_built_in(tmp_path, (name,))
    ours, committed = load_scenario(folder), load_scenario(BUILT_IN / name)
    for field in ("seats", "grid", "market", "tariff", "penalties", "splits", "licences", "version", "title"):
        assert getattr(ours, field) == getattr(committed, field), field
    for field, values in ours.network._asdict().items():
        assert np.array_equal(values, getattr(committed.network, field)), field
    assert ours.profiles.keys() == committed.profiles.keys()
    for column, values in ours.profiles.items():
        assert np.array_equal(values, committed.profiles[column]), column
    licence = (BUILT_IN / name / "LICENSE.md").read_text(encoding="utf-8")
    assert (folder / "LICENSE.md").read_text(encoding="utf-8") == licence


def test_every_watt_of_load_heat_and_generation_is_simbenchs(source: Source) -> None:
    """Sums by bus and slot against SimBench's own absolute values; the seats' lags are put aside."""
    values = simbench.get_absolute_values(source.net, profiles_instead_of_study_cases=True)
    consumption_kw = values["load", "p_mw"].to_numpy() * 1000.0
    generation_kw = values["sgen", "p_mw"].to_numpy() * 1000.0
    is_car = source.net.load["profile"].str.startswith("HLS").to_numpy()
    everyone = all_seats(source)
    for bus, number in source.bus_index.items():
        seats = [seat for seat in everyone if seat.bus == number]
        loads = [seat.load.rated_kw * source.profiles[seat.load.profile] for seat in seats if seat.load]
        loads += [s.heat_pump.power_kw * source.profiles[s.heat_pump.profile] for s in seats if s.heat_pump]
        plants = [seat.pv.peak_kw * source.profiles[seat.pv.profile] for seat in seats if seat.pv]
        at_bus = (source.net.load["bus"] == bus).to_numpy() & ~is_car
        assert sum(loads, np.zeros(35136)) == pytest.approx(consumption_kw[:, at_bus].sum(axis=1), abs=1e-4)
        plants_at_bus = (source.net.sgen["bus"] == bus).to_numpy()
        wanted = generation_kw[:, plants_at_bus].sum(axis=1)
        assert sum(plants, np.zeros(35136)) == pytest.approx(wanted, abs=1e-4)


def test_charge_points_and_the_largest_battery_have_meters_of_their_own(source: Source) -> None:
    seats = all_seats(source)
    net, bus_index = source.net, source.bus_index
    points = net.load[net.load["profile"].str.startswith("HLS")]
    assert [seat.bus for seat in seats if seat.kind == "ev"] == [bus_index[bus] for bus in points["bus"]]
    largest = net.storage.loc[net.storage["max_e_mwh"].idxmax()]
    (battery,) = [seat for seat in seats if seat.kind == "battery"]
    assert battery.bus == bus_index[largest["bus"]]
    assert battery.battery is not None
    assert battery.battery.power_kw == pytest.approx(largest["sn_mva"] * 1000.0, abs=1e-3)


def test_any_low_voltage_grid_converts(tmp_path: Path) -> None:
    """Here one without storages or charge points."""
    folder = convert("1-LV-rural1--0-sw", tmp_path, name="today", title="As it is today")
    scenario = load_scenario(folder)
    assert (folder, scenario.name, scenario.title) == (tmp_path / "today", "today", "As it is today")
    assert {seat.kind for seat in scenario.metered} == {"prosumer"}
    assert len(scenario.metered) == 13


def test_homes_on_one_profile_have_lives_of_their_own(source: Source) -> None:
    """Nobody is alike, the grid's rated power stays, and nobody lives more than two hours late."""
    before, after = seats_of_grid(source), with_lives_of_their_own(seats_of_grid(source))
    loads = [seat.load for seat in after if seat.load]
    assert len({(load.profile, load.week_shift, load.lag_rows) for load in loads}) == len(loads)
    assert max(load.lag_rows for load in loads) <= LATEST_LAG
    rated_kw = [seat.load.rated_kw for seat in before if seat.load]
    assert sum(load.rated_kw for load in loads) == pytest.approx(sum(rated_kw), abs=0.01)
    assert [replace(seat, load=None, heat_pump=None) for seat in after] == [
        replace(seat, load=None, heat_pump=None) for seat in before
    ]


def test_more_devices_go_to_those_who_have_none() -> None:
    village = load_scenario("village")
    homes = [seat for seat in village.seats if seat.kind == "prosumer"]
    counts = {device: sum(getattr(s, device) is not None for s in homes) for device in ("pv", "heat_pump")}
    assert counts == {"pv": 3 * 27, "heat_pump": 3 * 18}
    assert sum(seat.battery is not None for seat in homes) == 3 * 15
    assert sum(seat.kind == "ev" for seat in village.seats) == 3 * 17


def test_more_devices_than_homes_are_refused(source: Source) -> None:
    with pytest.raises(ValueError, match="times is 3; 16 copies of pv need homes without, and there are 5"):
        with_more_devices(seats_of_grid(source), times=3)


def test_a_cut_keeps_the_ways_to_the_source() -> None:
    parent = np.array([-1, 0, 1, 1, 3, 0, 4], np.int32)
    figures = np.arange(7.0)
    network = Network(parent, figures, figures, figures, figures, figures, 100.0, 1.0)
    part, bus_index = cut(network, [6, 3])
    assert bus_index == {0: 0, 1: 1, 3: 2, 4: 3, 6: 4}
    assert part.parent.tolist() == [-1, 0, 1, 2, 3]
    assert part.r_pu.tolist() == [0.0, 1.0, 3.0, 4.0, 6.0]


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="names: metropolis; expected some of tiny, rural"):
        write_built_in(tmp_path, ("metropolis",))
    with pytest.raises(ValueError, match="code: '1-LV-nowhere'; expected a SimBench code"):
        convert("1-LV-nowhere", tmp_path)
    assert not list(tmp_path.iterdir())
