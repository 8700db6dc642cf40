"""The commands that attack policies: tables for a reader, files for a run's folder, one line for what can't be."""

import json
import re

import pytest
from typer.testing import CliRunner

from gridbid.agents.bundle import BundleError
from gridbid.cli.main import app
from gridbid.market.errors import InputError


def test_exploit_shows_members_and_writes_its_file(tmp_path):
    arguments = ["exploit", "tiny", "--policy", "rule", "--week", "24", "--out", str(tmp_path / "run")]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    for word in ("prosumer_0", "battery_0", "ev_0", "best response", "ct/kWh", "Week 24.", "lower bounds"):
        assert word in told.output
    written = json.loads((tmp_path / "run" / "exploitability.json").read_text(encoding="utf-8"))
    assert written["policy"] == "rule" and written["weeks"] == [24]
    assert re.search(rf"at least {written['mean_ct_per_kwh']:.2f} ct/kWh", told.output)


def test_stress_shows_policies_and_writes_its_file(tmp_path):
    arguments = ["stress", "tiny", "--policy", "nothing", "--week", "24", "--out", str(tmp_path / "run")]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    for word in ("rule", "nothing", "As it is", "Price shock", "Members leave"):
        assert word in told.output
    written = json.loads((tmp_path / "run" / "robustness.json").read_text(encoding="utf-8"))
    assert written["stresses"][0]["name"] == "as_is"
    assert set(written["stresses"][0]["j_eur"]) == {"rule", "nothing"}


@pytest.mark.parametrize("command", ["exploit", "stress"])
def test_a_policy_that_nobody_knows_is_refused(command):
    told = CliRunner().invoke(app, [command, "tiny", "--policy", "genius"])
    assert isinstance(told.exception, BundleError)
    assert "genius" in str(told.exception)


@pytest.mark.parametrize("command", ["exploit", "stress"])
@pytest.mark.parametrize("weeks", [["3"], ["99"], ["11", "11"]])
def test_weeks_are_of_the_split_and_each_once(command, weeks):
    told = CliRunner().invoke(app, [command, "tiny", *(word for week in weeks for word in ("--week", week))])
    assert isinstance(told.exception, InputError)
    assert "expected each once, of the validation weeks 11, 24, 37, 50" in str(told.exception)
