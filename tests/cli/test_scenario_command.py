"""``gridbid scenario`` as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from typer.testing import CliRunner

from gridbid.cli.scenario import app
from gridbid.envs.format.json_schema import scenario_schema
from gridbid.envs.scenario import load_scenario, scenario_names


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """Run the command on a wide terminal; an error of ours comes out as it is."""
    monkeypatch.setattr("gridbid.cli.terminal.console.width", 200)

    def invoke(*arguments: str) -> str:
        return CliRunner().invoke(app, arguments, catch_exceptions=False).stdout

    return invoke


def test_list_names_all_that_are_built_in(run):
    told = run("list")
    for name in scenario_names():
        assert name in told and load_scenario(name).title in told


def test_show_tells_members_market_tariff_splits_and_licences(run, tmp_path):
    told = run("show", "rural", "--svg", str(tmp_path / "rural.svg"))
    for words in (
        "13 prosumer, 1 battery, 7 ev, 1 utility",
        "15 buses, transformer 160 kVA",
        "day-ahead price + 20 ct/kWh",
        "test 3, 7, 16, 20, 29, 33, 42, 46",
        "ODbL 1.0",
    ):
        assert words in told
    for seat in load_scenario("rural").seats:
        assert f"{seat.name}:" in told
    assert ElementTree.parse(tmp_path / "rural.svg").getroot().tag.endswith("svg")


def test_show_charts_a_days_prices_that_add_up(run):
    lines = run("show", "tiny", "--no-tree").splitlines()
    rows = {line[:17].strip(): line for line in lines if "█" in line or " to " in line}
    assert len([mark for mark in rows["retail"] if mark in "▁▂▃▄▅▆▇█"]) == 24
    least = {
        name: float(rows[name].split(" to ")[0].split()[-1])
        for name in ("retail", "day-ahead price", "adder")
    }
    assert least["retail"] == pytest.approx(least["day-ahead price"] + least["adder"], abs=0.011)


def test_new_check_and_show_go_together(run, tmp_path):
    folder = tmp_path / "mine"
    assert f"gridbid scenario check {folder}" in " ".join(run("new", str(folder)).split())
    assert "No faults in mine; 0 hints" in run("check", str(folder))
    assert "Made from tiny" in run("show", str(folder))


def test_check_hints_at_the_unusual_and_exits_with_0(run):
    told = run("check", "rural")
    assert "unusual" in told and "141 %" in told and "No faults in rural; 1 hints" in told


def test_check_lists_every_fault_and_exits_with_2(tmp_path: Path):
    from gridbid.envs.format.scenario_draft import write_draft

    folder = write_draft(tmp_path / "mine")
    path = folder / "scenario.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["year"] = 1850
    document["tariff"]["energy"]["kind"] = "gift"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "gridbid.cli", "scenario", "check", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2 and "Traceback" not in told.stderr
    assert "year: 1850; expected a whole number at least 1990" in told.stderr
    assert "tariff.energy.kind: 'gift'; expected one of flat, time_of_use, day_ahead" in told.stderr


def test_schema_prints_what_editors_take(run):
    assert json.loads(run("schema")) == scenario_schema()


def test_generate_draws_a_community_that_loads(run, tmp_path):
    told = run("generate", str(tmp_path / "quarter"), "--members", "40", "--seed", "7", "--pv", "1")
    assert "gridbid scenario show" in told
    quarter = load_scenario(tmp_path / "quarter")
    assert len(quarter.metered) == 40
    assert all(seat.pv for seat in quarter.metered if seat.kind == "prosumer")
    assert quarter.population is not None and quarter.population.seed == 7


def test_generate_names_all_that_is_wrong(run, tmp_path):
    with pytest.raises(ValueError, match=r"pv_share: 2.0; expected 0 to 1; members: 4; expected 10 to 10000"):
        run("generate", str(tmp_path / "hamlet"), "--members", "4", "--pv", "2")
    assert not (tmp_path / "hamlet").exists()
