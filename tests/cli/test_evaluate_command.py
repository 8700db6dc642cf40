"""``gridbid evaluate`` as a user meets it: what it writes and when, what it says, what it refuses."""

import json
import signal
import subprocess
import sys
import time
from contextlib import chdir

import pytest
from typer.testing import CliRunner

from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.agents.bundle import BundleError
from gridbid.cli.main import app
from gridbid.cli.results import show_evaluation
from gridbid.evaluate.protocol import evaluate as play
from gridbid.evaluate.protocol.methods import Method
from gridbid.market.errors import InputError


def evaluate(*arguments, cwd):
    with chdir(cwd):
        return CliRunner().invoke(app, ["evaluate", *arguments])


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Two weeks with a method of two runs and both bounds, written as figures and as a run."""
    folder = tmp_path_factory.mktemp("evaluate")
    told = evaluate(
        *("tiny", "--week", "42", "--week", "7"),
        *("--policy", "rule", "--policy", "pair=rule,nothing", "--policy", "optimum", "--policy", "alone"),
        *("--json", "out.json", "--report", "run"),
        cwd=folder,
    )
    assert told.exception is None
    return folder, told.stdout


def test_figures_have_controllers_and_s(played):
    found = read(played[0] / "out.json")
    assert set(found["controllers"]) == set(found["S"]) == {"nothing", "rule", "pair", "optimum", "alone"}
    assert all("bill_eur" in figures for figures in found["controllers"].values())
    assert (found["S"]["rule"], found["S"]["optimum"]) == (0.0, 1.0)
    assert len(found["by_week"]["pair"]["j_eur"]) == 2
    assert {claim["against"] for claim in found["claims"]} == {"nothing", "rule"}
    assert found["verdicts"][0]["reason"].startswith("Against rule: ")


def test_the_manifest_stands_in_all_that_is_written(played):
    folder, _ = played
    frozen = read(folder / "run" / "manifest.json")
    assert (
        read(folder / "out.json")["manifest"] == read(folder / "run" / "summary.json")["manifest"] == frozen
    )
    assert frozen["weeks"] == [42, 7]
    assert not (folder / "out.manifest.json").exists()


def test_a_run_is_whole(played):
    run = played[0] / "run"
    traces = {"nothing", "rule", "pair", "optimum", "alone", "members", "bills"}
    assert traces <= {path.stem for path in (run / "traces").iterdir()}
    assert (run / "report.html").is_file()
    assert [path.name for path in run.iterdir() if path.name.startswith(".")] == []


def test_the_terminal_shows_scores_comparisons_and_promises(played):
    _, shown = played
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    for words in (
        "pair x2",
        "S [95 %]",
        "J - J of rule",
        "pair, 15 % less bill",
        "doesn't hold. Against rule",
    ):
        assert words in " ".join(shown.split())
    assert "…" not in shown


def test_ten_controllers_fit_a_terminal(capsys):
    methods = [Method(f"method_number_{n}", (ZeroIntelligencePolicy(),)) for n in range(7)]
    show_evaluation(play("tiny", methods, weeks=[42, 7], n_slots=24))
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert "method_number_3 " in shown
    assert "…" not in shown


def test_a_result_repeats_to_the_bit(played):
    folder, _ = played
    told = evaluate("--manifest", "out.json", "--json", "again.json", cwd=folder)
    assert told.exception is None
    assert "the same to the bit" in told.stdout
    before, after = read(folder / "out.json"), read(folder / "again.json")
    assert after["controllers"] == before["controllers"]
    assert after["scores"] == before["scores"]
    assert read(folder / "again.manifest.json")["files"] == before["manifest"]["files"]


def test_a_hash_that_differs_is_refused_before_anything_is_played(played):
    folder, _ = played
    frozen = read(folder / "run" / "manifest.json")
    frozen["files"][0]["sha256"] = "0" * 64
    (folder / "changed.json").write_text(json.dumps(frozen), encoding="utf-8")
    told = evaluate("--manifest", "changed.json", "--json", "never.json", cwd=folder)
    assert isinstance(told.exception, InputError)
    assert "grid.parquet" in str(told.exception)
    assert "0" * 64 in str(told.exception)
    assert not (folder / "never.json").exists()


def test_a_bundle_of_another_schema_is_refused_before_anything_is_played(tmp_path):
    (tmp_path / "mine").mkdir()
    facts = {"format": 1, "schema": "0" * 64, "scenario": {}, "commit": "", "config": {}, "figures": {}}
    (tmp_path / "mine" / "bundle.json").write_text(
        json.dumps(facts | {"networks": {"ev": "0" * 64}}), encoding="utf-8"
    )
    told = evaluate("tiny", "--week", "20", "--policy", "mine", "--json", "never.json", cwd=tmp_path)
    assert isinstance(told.exception, BundleError)
    assert "mine: made for schema 0000" in str(told.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_interruption_leaves_the_manifest_and_nothing_half(tmp_path):
    # A shell that runs the tests in the background has its children ignore interruptions.
    heedful = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heedful}; from gridbid.cli.main import main; main()"
    command = [sys.executable, "-c", program, "evaluate", "tiny", "--samples", "20"]
    running = subprocess.Popen(
        [*command, "--json", "out.json", "--report", "run"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    manifest = tmp_path / "run" / "manifest.json"
    while not manifest.exists() and running.poll() is None:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=120) == 130
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["manifest.json"]
    assert read(manifest)["samples"] == 20


def test_figures_of_a_short_play_keep_their_decimals(capsys):
    show_evaluation(play("tiny", weeks=[42], n_slots=96))
    told = capsys.readouterr().out
    assert "Week 42." in told
    assert "5.98" in told and "-1.03" in told
