"""The demo, quick, from end to end in another directory; and again over what an interrupted run left behind."""

import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    leftover = folder / "runs" / ".demo.unfinished" / "demo" / "traces"
    leftover.mkdir(parents=True)
    (leftover / "half.parquet").write_bytes(b"PAR1")
    told = subprocess.run(
        [sys.executable, "-m", "gridbid.cli", "demo", "--quick"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return folder / "runs" / "demo", told.stdout


@pytest.fixture(scope="module")
def summary(demo):
    return json.loads((demo[0] / "summary.json").read_text(encoding="utf-8"))


def test_all_controllers_are_there(summary):
    beside = {"zero_intelligence", "smart_rule", "mpc"}
    assert set(summary["controllers"]) == {"nothing", "rule", *beside, "optimum", "learned"}
    for figures in summary["controllers"].values():
        assert {"bill_eur", "co2_kg", "peak_kw", "j_eur"} <= set(figures)
    bound = summary["controllers"]["optimum"]["j_eur"]
    assert all(bound <= figures["j_eur"] + 1e-6 for figures in summary["controllers"].values())


def test_chain_and_environment_agree_and_books_close(summary):
    assert summary["parity"]["mismatches"] == 0
    assert summary["parity"]["fills"] > 0
    assert summary["residuals"] == {"energy_wh": 0, "cash_neur": 0}


def test_s_is_what_the_costs_say(summary):
    cost = {name: figures["j_eur"] for name, figures in summary["controllers"].items()}
    assert summary["S"] == pytest.approx(
        (cost["rule"] - cost["learned"]) / (cost["rule"] - cost["optimum"]), abs=1e-6
    )


def test_everything_is_written_and_nothing_half(demo):
    folder, _ = demo
    assert (folder / "report.html").stat().st_size > 10_000
    assert (folder / "bundle" / "bundle.json").is_file()
    assert not (folder.parent / ".demo.unfinished").exists()
    assert not (folder / "traces" / "half.parquet").exists()
    fills = pq.read_table(folder / "chain" / "fills.parquet")
    assert (
        fills.num_rows == json.loads((folder / "summary.json").read_text(encoding="utf-8"))["parity"]["fills"]
    )


def test_it_says_what_happens_and_what_is_next(demo):
    _, told = demo
    for words in ("0 mismatches", "Unaccounted for: 0 Wh, 0 nEUR", "gridbid train rural", "report.html"):
        assert words in told


def test_stages_are_timed(summary):
    assert list(summary["stages_s"]) == ["scenario", "train", "evaluate", "chain", "parity"]
