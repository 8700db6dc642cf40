"""Scenario folders: what is written is read back, and every fault is named."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from gridbid.envs.scenario import (
    BUILT_IN,
    Scenario,
    ScenarioError,
    load_scenario,
    save_scenario,
    scenario_names,
)

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def tiny() -> Scenario:
    return load_scenario("tiny")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of tiny to damage."""
    return Path(shutil.copytree(BUILT_IN / "tiny", tmp_path / "copy"))


def edit(folder: Path, change: Edit) -> None:
    path = folder / "scenario.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")


def faults_of(folder: Path) -> dict[str, str]:
    """What would be right, by the field at fault."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder)
    return {fault.field: fault.expected for fault in caught.value.faults}


def rewrite(folder: Path, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a table's columns, leaving its hash in scenario.yaml as it was."""
    table = pq.read_table(folder / name)
    columns = {column: table[column].to_numpy().copy() for column in table.column_names}
    change(columns)
    pq.write_table(pa.table(columns), folder / name)


def test_every_built_in_scenario_loads_with_a_licence_and_stays_small() -> None:
    assert {"tiny", "rural"} <= set(scenario_names())
    for name in scenario_names():
        scenario = load_scenario(name)
        assert scenario.name == name
        assert "Open Database License" in (BUILT_IN / name / "LICENSE.md").read_text(encoding="utf-8")
        assert sum(path.stat().st_size for path in (BUILT_IN / name).iterdir()) < 3_000_000


def test_tiny_has_an_agent_of_each_kind(tiny: Scenario) -> None:
    assert [seat.name for seat in tiny.seats] == ["prosumer_0", "battery_0", "ev_0", "utility_0"]
    home = tiny.seats[0]
    assert home.pv and home.heat_pump and home.battery and home.load
    assert [seat.kind for seat in tiny.metered] == ["prosumer", "battery", "ev"]


def test_rural_is_the_village_of_the_data_set() -> None:
    """Counts, peak power and capacity of SimBench 1-LV-rural1--2 as listed by its tables."""
    scenario = load_scenario("rural")
    names = (
        [f"prosumer_{i}" for i in range(13)] + ["battery_0"] + [f"ev_{i}" for i in range(7)] + ["utility_0"]
    )
    assert [seat.name for seat in scenario.seats] == names
    seats = scenario.metered
    assert sum(seat.pv.peak_kw for seat in seats if seat.pv) == pytest.approx(468.2)
    capacities = [seat.battery.capacity_kwh for seat in seats if seat.battery]
    assert sum(capacities) == pytest.approx(412.0)
    battery = scenario.seats[13].battery
    assert battery is not None and battery.capacity_kwh == max(capacities)
    assert sum(seat.heat_pump is not None for seat in seats) == 8
    assert scenario.network.rating_kva[1] == pytest.approx(160.0)


def test_a_connection_carries_what_its_devices_can_do() -> None:
    for name in scenario_names():
        for seat in load_scenario(name).metered:
            assert seat.import_limit_kw >= 43.6 and seat.export_limit_kw >= 43.6
            assert seat.export_limit_kw >= (seat.pv.peak_kw if seat.pv else 0.0)
            assert seat.import_limit_kw >= (seat.battery.power_kw if seat.battery else 0.0)


def test_saving_and_loading_gives_the_same(tiny: Scenario, tmp_path: Path) -> None:
    folder = save_scenario(tmp_path / "again", tiny, tiny.network, tiny.profiles, "free")
    again = load_scenario(folder)
    assert again.seats == tiny.seats and again.market == tiny.market and again.splits == tiny.splits
    for ours, theirs in zip(again.network, tiny.network, strict=True):
        assert np.array_equal(ours, theirs)
    assert again.profiles.keys() == tiny.profiles.keys()
    assert all(np.array_equal(again.profiles[name], tiny.profiles[name]) for name in tiny.profiles)
    assert (folder / "LICENSE.md").read_text(encoding="utf-8") == "free"
    assert (folder / "scenario.yaml").read_bytes() == (BUILT_IN / "tiny" / "scenario.yaml").read_bytes()
    assert again.digest == tiny.digest


def test_saving_replaces_whole_or_not_at_all(tiny: Scenario, tmp_path: Path) -> None:
    folder = save_scenario(tmp_path / "again", tiny, tiny.network, tiny.profiles, "first")
    save_scenario(folder, tiny, tiny.network, tiny.profiles, "second")
    with pytest.raises(ScenarioError):
        save_scenario(folder, tiny, tiny.network, {}, "third")
    assert (folder / "LICENSE.md").read_text(encoding="utf-8") == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_an_unknown_scenario_lists_what_there_is() -> None:
    with pytest.raises(
        ScenarioError, match=r"'atlantis' is neither built in \(.*rural.*tiny.*\) nor a folder"
    ):
        load_scenario("atlantis")


def test_all_faults_of_form_are_named_at_once(copy: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["slot_seconds"] = 0
        document["seats"][0]["battery"]["capacity_kwh"] = -5
        document["seats"][0]["battery"]["charge_efficiency"] = 1.5
        document["seats"][0]["load"] = "much"
        document["seats"][1]["kind"] = "windmill"
        document["seats"][2]["bus"] = 2.5
        del document["seats"][2]["import_limit_kw"]
        document["market"]["n_tick"] = 3
        document["tariff"]["energy"]["adder_ct_per_kwh"] = float("nan")
        document["tariff"]["feed_in"]["kind"] = "gift"
        document["splits"]["test"] = 3
        document["title"] = ""
        del document["penalties"]

    edit(copy, change)
    faults = faults_of(copy)
    assert faults.keys() == {
        "slot_seconds",
        "seats[0].battery.capacity_kwh",
        "seats[0].battery.charge_efficiency",
        "seats[0].load",
        "seats[1].kind",
        "seats[2].bus",
        "seats[2].import_limit_kw",
        "market.n_tick",
        "tariff.energy.adder_ct_per_kwh",
        "tariff.feed_in.kind",
        "splits.test",
        "title",
        "penalties",
    }
    assert faults["seats[0].battery.capacity_kwh"] == "a finite number at least 0"
    assert faults["seats[1].kind"] == "one of prosumer, battery, ev, utility"
    assert "n_ticks" in faults["market.n_tick"]


def test_the_message_names_file_field_value_and_remedy(copy: Path) -> None:
    edit(copy, lambda document: document["seats"][1]["battery"].update(power_kw="strong"))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(copy)
    line = "scenario.yaml: seats[1].battery.power_kw: 'strong'; expected a finite number at least 0"
    assert line in str(caught.value)


def test_all_inconsistencies_are_named_at_once(copy: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        seats = document["seats"]
        seats[0]["pv"]["profile"] = "PV99"
        seats[1]["name"] = "prosumer_0"
        seats[1]["pv"] = {"peak_kw": 3.0, "profile": "PV6"}
        del seats[2]["charge_point"]
        seats[2]["bus"] = 70
        seats.append(seats[-1] | {"name": "utility_1"})
        document["splits"]["validation"] = [3, 52, 24, 24]

    edit(copy, change)
    assert faults_of(copy).keys() == {
        "seats",
        "seats[0].pv.profile",
        "seats[1].name",
        "seats[1].pv",
        "seats[2].charge_point",
        "seats[2].bus",
        "splits.validation",
        "splits",
    }


@pytest.mark.parametrize("name", ["Europe/Atlantis", "Europe", "../UTC"])
def test_a_time_zone_must_exist(copy: Path, name: str) -> None:
    edit(copy, lambda document: document.update(timezone=name))
    assert faults_of(copy) == {"timezone": "an IANA zone, as Europe/Berlin"}


def test_a_year_must_have_the_profiles_rows(copy: Path) -> None:
    edit(copy, lambda document: document.update(year=2017))
    assert faults_of(copy)["profiles.parquet rows"] == "35040, one for each 900 s of 2017 in Europe/Berlin"


def test_a_changed_table_is_noticed_by_its_hash(copy: Path) -> None:
    rewrite(copy, "profiles.parquet", lambda columns: columns["PV6"].__setitem__(7, 0.5))
    assert faults_of(copy).keys() == {"sha256.profiles.parquet"}


def test_faults_inside_tables_are_named(copy: Path) -> None:
    def spoil_profiles(columns: dict[str, Any]) -> None:
        columns["PV6"][9] = -0.25
        columns["H0-C"][11] = np.nan

    def spoil_grid(columns: dict[str, Any]) -> None:
        columns["parent"][1] = 2
        columns["r_pu"][6] = np.inf
        columns["rating_kva"][0] = 0.0

    rewrite(copy, "profiles.parquet", spoil_profiles)
    rewrite(copy, "grid.parquet", spoil_grid)
    faults = faults_of(copy)
    assert "profiles.parquet column PV6" in faults and "profiles.parquet column H0-C" in faults
    for entry in ("parent[1] is 2, expected", "r_pu[6] is inf, expected", "rating_kva[0] is 0.0, expected"):
        assert entry in faults["grid.parquet"]


def test_missing_and_foreign_files_are_named(copy: Path) -> None:
    (copy / "grid.parquet").unlink()
    (copy / "profiles.parquet").write_bytes(b"not a table")
    faults = faults_of(copy)
    assert faults["grid.parquet"] == "a Parquet file beside scenario.yaml"
    assert faults["profiles.parquet"] == "a Parquet file"


def test_a_missing_grid_column_is_named(copy: Path) -> None:
    rewrite(copy, "grid.parquet", lambda columns: columns.pop("x_pu"))
    assert "grid.parquet column x_pu" in faults_of(copy)


def test_columns_hold_numbers_and_one_a_slot(copy: Path) -> None:
    rewrite(copy, "profiles.parquet", lambda columns: columns.update(note=np.full(35136, "sunny")))
    assert faults_of(copy)["profiles.parquet column note"] == "numbers"
    rewrite(copy, "profiles.parquet", lambda columns: columns.clear())
    assert "profiles.parquet rows" in faults_of(copy)


def test_seats_must_not_be_empty(copy: Path) -> None:
    edit(copy, lambda document: document.update(seats=[]))
    assert faults_of(copy).keys() == {"seats"}


@pytest.mark.parametrize("text", ["seats: [", "- 1\n- 2", ""])
def test_what_is_no_document_is_refused(copy: Path, text: str) -> None:
    (copy / "scenario.yaml").write_text(text, encoding="utf-8")
    assert faults_of(copy)
