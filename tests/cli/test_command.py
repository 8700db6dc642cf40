"""The command as a user meets it: in a process of its own, from another directory."""

import json
import os
import subprocess
import sys

import pytest


def gridbid(*arguments, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, "-m", "gridbid.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [[], ["demo"], ["train"], ["evaluate"], ["bot"], ["bot", "run"], ["chain"], ["bench"], ["data"]],
)
def test_every_command_has_help(command, tmp_path):
    told = gridbid(*command, "--help", cwd=tmp_path)
    assert told.returncode == 0
    assert "Usage" in told.stdout


def test_help_imports_nothing_heavy():
    """What makes it quick; the time itself is the machine's."""
    code = (
        "import sys; import gridbid.cli.main; "
        "heavy = {'numpy', 'numba', 'scipy', 'torch', 'ray', 'web3', 'pyarrow', 'matplotlib'} & set(sys.modules); "
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["data", "check", "nowhere"], ["nowhere", "no such file"]),
        (["evaluate", "nowhere"], ["nowhere", "rural"]),
        (["evaluate", "tiny", "--policy", "genius"], ["genius", "rule", "bundle"]),
        (["evaluate", "tiny", "--split", "exam"], ["exam", "validation"]),
        (["evaluate", "tiny", "--week", "99"], ["99"]),
        (["evaluate", "tiny", "--week", "5"], ["5", "test weeks 3, 7, 16"]),
        (["evaluate", "tiny", "--policy", "ruel"], ["did you mean 'rule'"]),
        (["evaluate", "tiny", "--policy", "rule", "--policy", "rule=nothing"], ["['rule']", "NAME=FOLDER"]),
        (
            ["evaluate", "--manifest", "nowhere.json", "--split", "test"],
            ["split", "manifest says that already"],
        ),
        (["bot", "run", "rule", "--scenario", "tiny", "--week", "60"], ["60"]),
        (["train", "tiny", "--resume", "--out", "empty"], ["empty", "resume"]),
    ],
)
def test_bad_input_is_one_clear_line_and_an_exit_code(arguments, words, tmp_path):
    told = gridbid(*arguments, cwd=tmp_path)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert told.stderr.startswith("gridbid: ")
    for word in words:
        assert word in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_scenario_names_file_and_field(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "scenario.yaml").write_text("format: 1\nname: 7\n", encoding="utf-8")
    told = gridbid("evaluate", "mine", cwd=tmp_path)
    assert told.returncode == 2
    assert "scenario.yaml" in told.stderr
    assert "name" in told.stderr


def test_a_missing_disk_is_named(tmp_path):
    told = gridbid(
        "bot",
        "run",
        "rule",
        "--scenario",
        "tiny",
        "--slots",
        "2",
        "--ledger",
        "memory",
        "--json",
        "no/where.json",
        cwd=tmp_path,
    )
    assert told.returncode == 1
    assert "no/" in told.stderr
    assert "Traceback" not in told.stderr


def test_bots_trade_from_another_directory(tmp_path):
    told = gridbid(
        "bot",
        "run",
        "zero_intelligence",
        "--scenario",
        "tiny",
        "--slots",
        "12",
        "--json",
        "day.json",
        cwd=tmp_path,
    )
    assert told.returncode == 0, told.stderr
    found = json.loads((tmp_path / "day.json").read_text(encoding="utf-8"))
    assert found["parity"]["mismatches"] == 0
    assert found["residuals"] == {"energy_wh": 0, "cash_neur": 0}


def test_evaluate_writes_figures(tmp_path):
    told = gridbid("evaluate", "tiny", "--policy", "rule", "--week", "20", "--json", "out.json", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert set(found["controllers"]) == {"nothing", "rule", "optimum"}
    assert found["S"]["rule"] == 0
    assert found["controllers"]["optimum"]["j_eur"] <= found["controllers"]["rule"]["j_eur"]
