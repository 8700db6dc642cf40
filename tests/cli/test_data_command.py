"""``gridbid data`` as a user meets it: status, words, and folders that can be evaluated."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest


def gridbid(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gridbid.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def meters(tmp_path: Path) -> Path:
    """Two weeks of two meters around a change of clocks, semicolons and decimal commas."""
    times = pd.date_range("2023-03-20", "2023-04-03", freq="15min", tz="Europe/Berlin", inclusive="left")
    kwh = np.random.default_rng(0).gamma(1.5, 0.1, (times.size, 2)).round(4)
    table = pd.DataFrame(kwh, columns=["house 1 [kWh]", "house 2 [kWh]"])
    table.insert(0, "Zeit", times.strftime("%d.%m.%Y %H:%M"))
    table.to_csv(tmp_path / "meters.csv", index=False, sep=";", decimal=",")
    return tmp_path / "meters.csv"


def test_check_says_what_a_file_is_and_exits_with_0(meters: Path, tmp_path: Path) -> None:
    told = gridbid("data", "check", "meters.csv", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "Europe/Berlin, with daylight saving" in told.stdout
    assert (
        gridbid("data", "check", "meters.csv", "--strict", cwd=tmp_path).returncode == 2
    )  # two weeks for a year


def test_check_names_field_row_and_remedy_and_exits_with_2(meters: Path, tmp_path: Path) -> None:
    lines = meters.read_text(encoding="utf-8").splitlines()
    lines[5] = "20.03.2023 01:00;oops;0,1"
    meters.write_text("\n".join(lines), encoding="utf-8")
    told = gridbid("data", "check", "meters.csv", cwd=tmp_path)
    assert told.returncode == 2
    assert "column house 1 [kWh], row 6: 'oops'; expected numbers" in told.stdout
    found = json.loads(gridbid("data", "check", "meters.csv", "--json", cwd=tmp_path).stdout)
    assert found["faults"] == 1
    assert [(f["rows"], f["severity"]) for f in found["findings"] if f["severity"] == "fault"] == [
        ([6], "fault")
    ]
    refused = gridbid("data", "import", "meters", "meters.csv", "--out", "mine", cwd=tmp_path)
    assert refused.returncode == 2
    assert "row 6: 'oops'; expected numbers" in refused.stderr
    assert not (tmp_path / "mine").exists()


def test_meters_become_a_scenario_that_is_evaluated(meters: Path, tmp_path: Path) -> None:
    made = gridbid(
        "data",
        "import",
        "meters",
        "meters.csv",
        "--grid",
        "tiny",
        "--out",
        "mine",
        "--pv-kwp",
        "5",
        cwd=tmp_path,
    )
    assert made.returncode == 0, made.stderr
    assert gridbid("data", "check", "mine", cwd=tmp_path).returncode == 0
    told = gridbid("evaluate", "mine", "--policy", "rule", "--week", "16", "--json", "out.json", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert found["controllers"]["optimum"]["j_eur"] <= found["controllers"]["rule"]["j_eur"]


def test_simbench_goes_to_the_folder_that_is_named(tmp_path: Path) -> None:
    made = gridbid("data", "import", "simbench", "1-LV-rural1--0-sw", "--out", "grids/today", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "grids" / "today" / "scenario.yaml").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["data", "check", "nowhere.csv"], ["nowhere.csv", "no such file"]),
        (["data", "import", "meters", "nowhere.csv", "--out", "mine"], ["nowhere.csv", "no such file"]),
        (["data", "import", "pandapower", "nowhere.json", "--out", "mine"], ["nowhere.json", "no such file"]),
        (["data", "import", "citylearn", "nowhere.json", "--out", "mine"], ["nowhere.json", "no such file"]),
        (["data", "import", "simbench", "1-LV-nowhere", "--out", "mine"], ["1-LV-nowhere", "SimBench code"]),
    ],
)
def test_bad_input_is_one_clear_line(arguments: list[str], words: list[str], tmp_path: Path) -> None:
    told = gridbid(*arguments, cwd=tmp_path)
    assert told.returncode == 2
    assert told.stderr.startswith("gridbid: ")
    assert [word for word in words if word not in told.stderr] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [[], ["check"], ["import"], *(["import", n] for n in ("meters", "pandapower", "simbench", "citylearn"))],
)
def test_every_data_command_has_help(command: list[str], tmp_path: Path) -> None:
    told = gridbid("data", *command, "--help", cwd=tmp_path)
    assert told.returncode == 0
    assert "Usage" in told.stdout
