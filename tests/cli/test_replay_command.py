"""``gridbid replay`` as a user meets it."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.cli.main import main
from gridbid.envs.batch_env import BatchEnv


@pytest.fixture
def gridbid(monkeypatch, capsys):
    """Runs the command in this process; gives its exit code, and what it said."""

    def run(*arguments):
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setattr(sys, "argv", ["gridbid", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return run


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recording") / "trace"
    env = BatchEnv("tiny", 1, n_slots=6, record=folder)
    env.reset(weeks=22)
    for _ in range(6):
        env.step({"battery": np.full((1, 1, 4), 0.3, np.float32)})
    env.close_trace()
    return folder


def test_an_overview_lists_the_episodes_and_what_to_do_next(trace):
    command = [sys.executable, "-m", "gridbid.cli", "replay", str(trace)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "tiny" in told.stdout and "05-29 22:00" in told.stdout
    assert "--check" in told.stdout
    assert "\x1b" not in told.stdout


def test_a_check_says_same_or_where_it_differs(trace, gridbid):
    assert gridbid("replay", trace, "--check") == (
        0,
        "episode 0: 6 steps replayed, bit for bit the same\n",
        "",
    )
    path = trace / "deliveries" / "part-00000.parquet"
    rows, kept = pq.read_table(path), path.read_bytes()
    changed = pa.array([value + 1 for value in rows["cash_neur"].to_pylist()])
    pq.write_table(rows.set_column(rows.column_names.index("cash_neur"), "cash_neur", changed), path)
    code, told, _ = gridbid("replay", trace, "--check")
    path.write_bytes(kept)
    assert code == 3
    assert "deliveries.cash_neur" in told


def test_an_agents_slot_is_told(trace, gridbid):
    code, told, _ = gridbid("replay", trace, "--agent", "battery_0", "--step", "2")
    assert code == 0
    titles = (
        "What it saw",
        "What it chose",
        "What was feasible",
        "Its order",
        "What was delivered",
        "What it cost",
    )
    assert [title for title in titles if title not in told] == []
    assert max(len(line) for line in told.splitlines()) <= 100
    assert gridbid("replay", trace, "--agent", "battery_0", "--at", "2016-05-30 00:40")[1] == told


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--agent", "nobody", "--step", "0"], "battery_0"),
        (["--slot", "3"], "--agent"),
        (["--agent", "battery_0"], "a slot, a step or a time"),
        (["--check", "--episode", "7"], "episodes 0 to 0"),
    ],
)
def test_bad_input_is_one_clear_line(trace, gridbid, arguments, word):
    code, _, told = gridbid("replay", trace, *arguments)
    assert code == 2
    assert told.startswith("gridbid: ") and word in told
    assert told.count("\n") == 1
