"""``gridbid report`` on the command line."""

import json

import pytest
from typer.testing import CliRunner

from gridbid.cli.main import app

SCENARIO = {"name": "s", "title": "A feeder", "n_members": 2, "sha256": "00"}


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    controllers = {"rule": {"j_eur": 3.0, "bill_eur": 2.0}, "nothing": {"j_eur": 4.0, "bill_eur": 2.5}}
    (folder / "summary.json").write_text(json.dumps({"scenario": SCENARIO, "controllers": controllers}))
    return folder


def test_a_run_gets_its_report(run):
    told = CliRunner().invoke(app, ["report", str(run)])
    assert told.exit_code == 0, told.output
    assert "report.html" in told.output.replace("\n", "")
    assert {path.name for path in run.iterdir()} == {"summary.json", "report.html", "report.parquet"}


def test_a_folder_without_a_run_is_refused(tmp_path):
    told = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert told.exit_code != 0
    assert "summary.json is missing" in str(told.exception)
