"""A recorded episode comes out again to the bit, what doesn't is named, and an interrupted recording reads."""

import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.faces.aec import aec_env
from gridbid.envs.scenario import load_scenario, save_scenario
from gridbid.envs.traces.explain import explain, physical
from gridbid.envs.traces.files import Trace
from gridbid.envs.traces.replay import replay
from gridbid.market.errors import InputError
from gridbid.market.response import ResponseRules


def random_actions(env, random):
    return {
        kind: random.uniform(-1.0, 1.0, (env.batch, len(names), *fields.action_space(kind).shape)).astype(
            np.float32
        )
        for kind, names in env.agents.items()
    }


def play(env, seed, steps):
    random = np.random.default_rng(seed)
    for _ in range(steps):
        env.step(random_actions(env, random))


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    """Two episodes of two communities, one of them with another seed; 8 slots each."""
    folder = tmp_path_factory.mktemp("recording") / "trace"
    env = BatchEnv("tiny", 2, n_slots=8, samples=2, seed=1, weeks=[22, 45], record=folder)
    env.reset(day=3)
    play(env, 0, 8)
    env.reset(seed=9)
    play(env, 1, 8)
    env.close_trace()
    return folder


def copied(trace, folder):
    """The trace with one part a table, to be tampered with."""
    for path in sorted(trace.rglob("*")):
        target = folder / path.relative_to(trace)
        if path.is_dir():
            target.mkdir(parents=True)
        else:
            target.write_bytes(path.read_bytes())
    return folder


def tamper(folder, table, column, row, change):
    path = folder / table / "part-00000.parquet"
    rows = pq.read_table(path)
    at = rows.column_names.index(column)
    values = rows[column].to_pylist()
    values[row] = change(values[row])
    pq.write_table(
        rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type)), path
    )


# --- replay


@pytest.mark.parametrize("episode", [0, 1, 2, 3])
def test_every_episode_of_a_batch_comes_out_again_in_a_community_of_its_own(trace, episode):
    played = replay(trace, episode)
    assert played.difference is None
    assert played.steps == 8
    assert played.env.batch == 1
    assert played.env.engine.finished.all()


def test_one_can_stop_at_a_step_and_look_or_play_on(trace):
    played = replay(trace, 2, until=5)
    assert played.difference is None
    assert played.env.engine.state.clock.slot[0] - played.env.engine.state.clock.start[0] == 5
    seen = Trace(trace).table("observations_battery", 2, [("step", "==", 5)]).to_pylist()[0]
    index = fields.observation_index("battery")
    for field in ("battery_soc", "retail_ct", "community_net"):
        now = played.observations["battery"][0, 0, index[field]]
        assert np.float32(seen[field]).tobytes() == now.tobytes()
    play(played.env, 5, 3)
    assert played.env.engine.finished.all()


@pytest.mark.parametrize("rounds", [1, 3])
def test_rounds_and_turns_are_replayed_as_they_were_played(tmp_path, rounds):
    scenario = load_scenario("tiny")
    scenario = replace(scenario, market=replace(scenario.market, rounds=rounds))
    env = BatchEnv(scenario, 2, n_slots=4, record=tmp_path / "together")
    env.reset()
    play(env, 0, 4 * rounds)
    env.close_trace()
    assert replay(tmp_path / "together", 1, scenario=scenario).difference is None
    env = aec_env(scenario, n_slots=4, record=tmp_path / "turns")
    env.reset()
    random = np.random.default_rng(0)
    for agent in env.agent_iter():
        *_, truncated, _ = env.last()
        action = random.uniform(-1.0, 1.0, env.action_space(agent).shape).astype(np.float32)
        env.step(None if truncated else action)
    env.close()
    played = replay(tmp_path / "turns", scenario=scenario)
    assert (played.steps, played.difference) == (4 * rounds, None)
    assert Trace(tmp_path / "turns").table("steps")["in_turns"].to_pylist() == [True] * 4 * rounds


class Steady:
    """A policy that always does the same."""

    def act(self, observations):
        return {
            kind: np.full((*rows.shape[:2], *fields.action_space(kind).shape), 0.2, np.float32)
            for kind, rows in observations.items()
        }


def test_events_and_the_history_behind_their_baselines_are_replayed(tmp_path):
    rules = ResponseRules(lead=2, n_slots=3, notice=1, opt_out=1, ramp=1, recovery=0)
    env = BatchEnv("tiny", 2, n_slots=12, response=rules, record=tmp_path / "trace")
    env.reset(weeks=[22, 45], samples=0, day=2)
    env.pre_roll(Steady(), 11)
    call = np.array([[[0.0, 1.0, 1.0]], [[0.0, 0.5, 1.0]]], np.float32)
    still = np.array([[[0.0, -1.0, -1.0]]] * 2, np.float32)
    for step in range(12):
        seen = env.observe()
        env.step(
            {
                **Steady().act({k: seen[k] for k in env.kinds if k != "utility"}),
                "utility": still if step else call,
            }
        )
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    called = trace.table("steps", 1)
    assert called["event_refused"].to_pylist() == [0] * 12
    assert [wh > 0 for wh in called["event_target_wh"].to_pylist()] == [True] + [False] * 11
    assert max(trace.table("deliveries")["response_neur"].to_pylist()) > 0
    for episode in (0, 1):
        assert replay(tmp_path / "trace", episode).difference is None
    paid = next(row for row in trace.table("deliveries").to_pylist() if row["response_neur"])
    told = str(explain(tmp_path / "trace", paid["agent"], slot=paid["slot"], episode=paid["episode"]))
    assert "paid for demand response" in told


def test_a_seed_that_others_changed_in_between_is_replayed(tmp_path):
    env = BatchEnv("tiny", 2, n_slots=6, record=tmp_path / "trace")
    env.reset(weeks=22)
    play(env, 0, 2)
    env.reset(mask=np.array([False, True]), seed=77)
    play(env, 1, 4)
    env.close_trace()
    assert Trace(tmp_path / "trace").table("steps", 0)["seed"].to_pylist() == [0, 0, 77, 77, 77, 77]
    assert [replay(tmp_path / "trace", episode).difference for episode in range(3)] == [None] * 3


def test_an_episode_that_was_only_begun_is_replayed_too(tmp_path):
    env = BatchEnv("tiny", 1, n_slots=6, record=tmp_path / "trace")
    env.reset(weeks=22)
    env.close_trace()
    played = replay(tmp_path / "trace")
    assert (played.steps, played.difference) == (0, None)


def test_a_recording_of_a_pickled_environment_comes_out_again(tmp_path):
    env = pickle.loads(pickle.dumps(BatchEnv("tiny", 1, n_slots=4)))
    again = BatchEnv(env.compiled, 1, n_slots=4, record=tmp_path / "trace")
    again.reset(weeks=22)
    play(again, 0, 4)
    again.close_trace()
    assert replay(tmp_path / "trace", scenario=pickle.loads(pickle.dumps(env.compiled))).difference is None


@pytest.mark.parametrize(
    ("table", "column", "row", "change", "told"),
    [
        ("agents", "resting_wh", 9, lambda wh: wh + 1, "step 1 (slot {slot}), battery_0, agents.resting_wh"),
        ("deliveries", "reading_wh", 7, lambda wh: wh - 1, "battery_0, deliveries.reading_wh"),
        ("observations_ev", "car_soc", 6, lambda share: share + 1e-7, "ev_0, observations_ev.car_soc"),
        (
            "steps",
            "retail_neur_per_wh",
            4,
            lambda price: price + 1,
            "step 2 (slot {slot}), steps.retail_neur_per_wh",
        ),
        ("agents", "action_offer", 0, lambda q: -q, "step 0"),
    ],
)
def test_the_first_difference_is_named(trace, tmp_path, table, column, row, change, told):
    folder = copied(trace, tmp_path / "trace")
    slot = pq.read_table(folder / table / "part-00000.parquet")["slot"][row].as_py()
    tamper(folder, table, column, row, change)
    difference = replay(folder, 0).difference
    assert told.format(slot=slot) in str(difference)
    assert "recorded" in str(difference) and "replayed" in str(difference)


def test_another_scenario_is_refused(trace, tmp_path):
    tiny = load_scenario("tiny")
    dearer = replace(tiny, penalties=replace(tiny.penalties, overload_eur_per_kwh=2.0))
    folder = save_scenario(tmp_path / "tiny", dearer, tiny.network, tiny.profiles, "none")
    with pytest.raises(InputError, match="another scenario"):
        replay(trace, scenario=str(folder))
    with pytest.raises(InputError, match="another community"):
        replay(trace, scenario=compile_community("tiny", [7, 8]))


def test_a_scenario_that_has_gone_is_asked_for(tmp_path):
    tiny = load_scenario("tiny")
    folder = save_scenario(tmp_path / "mine", replace(tiny, name="mine"), tiny.network, tiny.profiles, "none")
    env = BatchEnv(str(folder), 1, n_slots=2, record=tmp_path / "trace")
    env.reset()
    play(env, 0, 2)
    env.close_trace()
    assert replay(tmp_path / "trace").difference is None
    moved = folder.rename(tmp_path / "moved")
    with pytest.raises(InputError, match="give it as scenario"):
        replay(tmp_path / "trace")
    assert replay(tmp_path / "trace", scenario=str(moved)).difference is None


def test_what_is_not_there_is_named(trace):
    with pytest.raises(InputError, match="episodes 0 to 3"):
        replay(trace, 4)
    with pytest.raises(InputError, match="has 8 steps"):
        replay(trace, until=9)
    with pytest.raises(InputError, match="no trace"):
        replay(trace / "agents")


# --- interruption

RECORDER = """
import sys
import numpy as np
import gridbid.envs.traces.recorder as recorder
from gridbid.envs.batch_env import BatchEnv

recorder.MOST_STEPS = 20
env = BatchEnv("tiny", 2, record=sys.argv[1])
env.reset(weeks=22)
while True:
    env.step({"battery": np.full((2, 1, 4), 0.3, np.float32)})
"""


def test_what_a_killed_process_has_written_reads_and_comes_out_again(tmp_path):
    folder = tmp_path / "trace"
    process = subprocess.Popen([sys.executable, "-c", RECORDER, str(folder)])
    deadline = time.monotonic() + 120.0
    while len(list((folder / "steps").glob("part-0000[2-9].parquet"))) < 1:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    trace = Trace(folder)
    steps = trace.table("steps", 0).num_rows
    assert steps >= 60 and steps % 20 == 0
    assert trace.table("agents", 0).num_rows == 4 * steps
    assert trace.table("observations_battery", 0).num_rows == steps
    played = replay(folder, 1)
    assert (played.steps, played.difference) == (steps, None)


# --- why did it do that


def test_an_account_tells_what_the_tables_hold(trace):
    row = next(
        row
        for row in Trace(trace).table("agents").to_pylist()
        if row["filled_wh"] and row["agent"] == "battery_0"
    )
    told = str(explain(trace, "battery_0", step=row["step"], episode=row["episode"]))
    fill = Trace(trace).table("fills", row["episode"], [("step", "==", row["step"])]).to_pylist()[0]
    partner = fill["seller"] if fill["buyer"] == "battery_0" else fill["buyer"]
    verb = "bought" if fill["buyer"] == "battery_0" else "sold"
    assert f"{verb} {fill['quantity_wh'] / 1000:.3f} kWh" in told
    assert f"{partner} at {fill['price_neur_per_wh'] / 10_000:.2f} ct/kWh" in told
    paid = Trace(trace).table(
        "deliveries", row["episode"], [("slot", "==", row["slot"]), ("agent", "==", "battery_0")]
    )
    j_eur = sum(
        paid[f"{part}_eur"][0].as_py()
        for part in ("bill", "wear", "discomfort", "unmet_ev", "violation", "stored")
    )
    assert f"{j_eur:+.4f} EUR" in told.splitlines()[-1]
    for title in (
        "What it saw",
        "What it chose",
        "What was feasible",
        "Its order",
        "What was delivered",
        "What it cost",
    ):
        assert title in told


def test_a_slot_is_found_by_its_local_time(trace):
    start = Trace(trace).table("episodes", 0)["start"][0].as_py()
    begin = explain(trace, "ev_0", slot=start + 3)
    assert "00:45 local time" in begin.headline
    date = begin.headline.split(": ")[1].split()[1]
    at = datetime.fromisoformat(f"{date} 00:52")
    assert explain(trace, "ev_0", at=at) == begin


def test_observations_are_told_in_their_units():
    units = {"site_kw": 10.0, "battery_kw": 5.0}
    by_name = {field.name: field for kind in fields.KINDS for field in fields.observation_fields(kind)}
    assert physical(by_name["reading_2"], 0.25, units) == "2.5 kW"
    assert physical(by_name["battery_most"], 1.0, units) == "5 kW"
    assert physical(by_name["feed_in_ct"], 0.1965, units) == "7.86 ct/kWh"
    assert physical(by_name["best_bid"], -0.5, units) == "none"
    assert physical(by_name["voltage"], 0.25, units) == "1.025 pu"
    assert physical(by_name["car_departure"], 0.5, units) == "6 h"
    assert physical(by_name["retail_ct"], [0.5, 0.25, 1.0], units) == "20 now, 10 to 40 ct/kWh"


def test_all_rounds_of_a_slot_are_told(tmp_path):
    scenario = load_scenario("tiny")
    scenario = replace(scenario, market=replace(scenario.market, rounds=3))
    env = BatchEnv(scenario, 1, n_slots=2, record=tmp_path / "trace")
    env.reset(weeks=22)
    play(env, 0, 6)
    env.close_trace()
    start = Trace(tmp_path / "trace").table("episodes")["start"][0].as_py()
    told = str(explain(tmp_path / "trace", "prosumer_0", slot=start + 1))
    assert [f"round {n}" in told for n in range(3)] == [True] * 3
    assert str(explain(tmp_path / "trace", "prosumer_0", step=4)).count("What it saw") == 1


def test_who_or_when_is_not_there_is_named(trace):
    with pytest.raises(InputError, match="prosumer_0, battery_0"):
        explain(trace, "nobody_0", step=0)
    with pytest.raises(InputError, match="isn't in episode 0"):
        explain(trace, "ev_0", slot=1)
    with pytest.raises(InputError, match="a slot, a step or a time"):
        explain(trace, "ev_0")
