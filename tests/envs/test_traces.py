"""A trace holds what the engine's books, the observations and a plain order book say."""

import copy
import json
import pickle
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.traces.documentation import PAGE, page
from gridbid.envs.traces.files import Trace
from gridbid.envs.traces.tables import TABLES
from gridbid.market.errors import InputError
from gridbid.market.naive.book import NaiveBook
from gridbid.market.randomness import arrival_order
from gridbid.market.types import Account, Cost, Reject, Side

WEEKS, N_SLOTS = [22, 45], 12


@pytest.fixture(scope="module")
def tiny():
    return compile_community("tiny", [0, 1])


@pytest.fixture(scope="module")
def rural():
    return compile_community("rural", [0, 1])


def with_rounds(compiled, rounds):
    rules = compiled.community.rules._replace(rounds=rounds)
    return replace(compiled, community=compiled.community._replace(rules=rules))


def random_actions(env, random):
    return {
        kind: random.uniform(-1.0, 1.0, (env.batch, len(names), *fields.action_space(kind).shape)).astype(
            np.float32
        )
        for kind, names in env.agents.items()
    }


def play(env, seed=0, each_step=None, episodes=1):
    """Random episodes in all communities; what each step returned."""
    random, steps = np.random.default_rng(seed), []
    for _ in range(episodes):
        observations = env.reset(weeks=(WEEKS * env.batch)[: env.batch])
        done = np.zeros(env.batch, bool)
        while not done.any():
            seen = observations
            observations, rewards, done = env.step(random_actions(env, random))
            steps.append((seen, rewards))
            if each_step is not None:
                each_step(env)
    return steps


def seats(env):
    return [seat.name for seat in env.scenario.metered]


# --- against the engine's own books


@pytest.mark.parametrize("rounds", [1, 3])
def test_what_was_settled_adds_up_to_the_engines_totals(rural, tmp_path, rounds):
    env = BatchEnv(with_rounds(rural, rounds), 2, n_slots=N_SLOTS, record=tmp_path / "trace")
    costs = []
    play(env, each_step=lambda env: costs.append(env.engine.state.cost_eur.copy()))
    env.close_trace()
    deliveries = Trace(tmp_path / "trace").table("deliveries").to_pandas()
    totals = env.engine.state.totals
    for b in range(2):
        own = deliveries[deliveries.episode == b]
        assert own.groupby("agent", observed=True).size().tolist() == [N_SLOTS] * len(seats(env))
        for column, total in (
            ("cash_neur", totals.cash_neur),
            ("reading_wh", totals.reading_wh),
            ("imbalance_wh", totals.imbalance_wh),
            ("bought_wh", totals.bought_wh),
            ("sold_wh", totals.sold_wh),
        ):
            sums = own.groupby("agent", observed=True)[column].sum()
            assert [int(sums[name]) for name in seats(env)] == total[b].tolist(), column
        parts = [f"{part.name.lower()}_eur" for part in Cost]
        sums = own.groupby("agent", observed=True)[parts].sum().loc[seats(env)]
        np.testing.assert_allclose(sums, np.sum(costs, axis=0)[b], atol=1e-12)


def test_accounts_and_the_feeder_are_the_engines(rural, tmp_path):
    env = BatchEnv(rural, 2, n_slots=N_SLOTS, record=tmp_path / "trace")
    play(env)
    env.close_trace()
    feeder = Trace(tmp_path / "trace").table("feeder").to_pandas()
    for b in range(2):
        last = feeder[feeder.episode == b].iloc[-1]
        accounts = [int(last[f"{account.name.lower()}_neur"]) for account in Account]
        assert accounts == env.engine.state.totals.accounts_neur[b].tolist()
        assert last.feeder_kw == env.engine.state.delivered.feeder_kw[b]
        assert feeder[feeder.episode == b].slot.diff().dropna().eq(1).all()


def test_cash_of_a_slot_is_trades_fee_and_imbalance_at_the_published_prices(rural, tmp_path):
    env = BatchEnv(rural, 1, n_slots=N_SLOTS, record=tmp_path / "trace")
    play(env)
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    rows = trace.table("deliveries").to_pandas().merge(trace.table("steps").to_pandas(), on="slot")
    price = np.where(rows.imbalance_wh > 0, rows.retail_neur_per_wh, rows.feed_in_neur_per_wh)
    expected = (
        rows.received_neur
        - rows.paid_neur
        - rows.bought_wh * rows.fee_neur_per_wh
        - rows.imbalance_wh * price
    )
    assert rows.cash_neur.tolist() == expected.tolist()
    assert rows.fee_neur.tolist() == (rows.bought_wh * rows.fee_neur_per_wh).tolist()
    assert (rows.cash_neur != 0).sum() > N_SLOTS


@pytest.mark.parametrize("rounds", [1, 3])
def test_fills_add_up_to_positions(rural, tmp_path, rounds):
    env = BatchEnv(with_rounds(rural, rounds), 2, n_slots=N_SLOTS, record=tmp_path / "trace")
    play(env)
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    fills, deliveries = trace.table("fills").to_pylist(), trace.table("deliveries").to_pylist()
    assert len(fills) > N_SLOTS
    sums = defaultdict(int)
    for fill in fills:
        assert fill["energy_neur"] == fill["price_neur_per_wh"] * fill["quantity_wh"]
        for who, wh, neur in (("buyer", "bought_wh", "paid_neur"), ("seller", "sold_wh", "received_neur")):
            sums[fill["episode"], fill["slot"], fill[who], wh] += fill["quantity_wh"]
            sums[fill["episode"], fill["slot"], fill[who], neur] += fill["energy_neur"]
    for row in deliveries:
        for column in ("bought_wh", "sold_wh", "paid_neur", "received_neur"):
            assert row[column] == sums[row["episode"], row["slot"], row["agent"], column], row
    by_step = defaultdict(int)
    for fill in fills:
        for who in ("buyer", "seller"):
            by_step[fill["episode"], fill["step"], fill[who]] += fill["quantity_wh"]
    for row in trace.table("agents", filters=[("kind", "!=", "utility")]).to_pylist():
        assert row["filled_wh"] == by_step[row["episode"], row["step"], row["agent"]]


# --- against a plain order book


def test_a_plain_book_makes_the_same_fills_of_the_recorded_orders(rural, tmp_path):
    env = BatchEnv(rural, 1, n_slots=N_SLOTS, record=tmp_path / "trace")
    play(env)
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    names, orders = seats(env), trace.table("agents", filters=[("kind", "!=", "utility")]).to_pandas()
    fills = trace.table("fills").to_pandas()
    for step, rows in orders.groupby("step"):
        book, expected, rows = NaiveBook(0), [], rows.set_index("agent")
        for taker in arrivals(env, int(rows.slot.iloc[0]), 0):
            row = rows.loc[names[taker]]
            if row.order_wh > 0:
                side = int(row.order_side == "sell")
                done, _, _ = book.place(taker, side, int(row.order_tick), int(row.order_wh))
                expected += [(names[taker], fill.tick, fill.quantity_wh) for fill in done]
        left_wh = {names[r.participant]: r.quantity_wh for queue in book.queues.values() for r in queue}
        assert rows.resting_wh.to_dict() == {name: left_wh.get(name, 0) for name in names}
        made = fills[fills.step == step]
        assert list(zip(made.taker, made.tick, made.quantity_wh, strict=True)) == expected


def arrivals(env, slot, round_):
    order = np.empty(len(seats(env)), np.int64)
    arrival_order(env.engine.seed, 0, slot, round_, order)
    return order.tolist()


def test_what_rests_is_what_the_books_hold_between_rounds(rural, tmp_path):
    env = BatchEnv(with_rounds(rural, 3), 2, n_slots=N_SLOTS, record=tmp_path / "trace")
    resting = []
    play(env, each_step=lambda env: resting.append(env.engine.state.books.quantity_wh.copy()))
    env.close_trace()
    rows = Trace(tmp_path / "trace").table("agents", filters=[("kind", "!=", "utility")]).to_pandas()
    recorded = rows.resting_wh.to_numpy().reshape(len(resting), 2, -1)
    at_gate = np.arange(len(resting)) % 3 == 2
    np.testing.assert_array_equal(recorded[~at_gate], np.array(resting)[~at_gate])
    assert recorded[at_gate].any()
    assert not np.array(resting)[at_gate].any()


def test_rejections_are_told_with_their_reason(rural, tmp_path):
    limits = np.full(len(rural.scenario.metered), 400)
    sites = rural.community.sites._replace(import_limit_wh=limits, export_limit_wh=limits)
    narrow = replace(rural, community=rural.community._replace(sites=sites))
    env = BatchEnv(with_rounds(narrow, 3), 1, n_slots=40, record=tmp_path / "trace")
    rejected = []
    play(env, each_step=lambda env: rejected.append(env.engine.state.orders.rejected[0].copy()))
    env.close_trace()
    rows = Trace(tmp_path / "trace").table("agents", filters=[("kind", "!=", "utility")]).to_pandas()
    codes = [
        0 if reason is None else Reject[reason.upper()]
        for reason in rows.order_rejected.astype(object).where(rows.order_rejected.notna(), None)
    ]
    assert codes == np.concatenate(rejected).tolist()
    assert Reject.ENVELOPE in codes
    assert rows.resting_wh[rows.order_rejected.notna()].eq(0).all()


# --- what was seen, done and earned


def test_observations_actions_and_rewards_are_kept_to_the_bit(tiny, tmp_path):
    env = BatchEnv(tiny, 2, n_slots=5, record=tmp_path / "trace")
    random, actions = np.random.default_rng(3), []
    seen, rewards = [env.reset()], []
    for _ in range(5):
        actions.append(random_actions(env, random))
        observations, reward, _ = env.step(actions[-1])
        seen.append(observations)
        rewards.append(reward)
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    acted = trace.table("agents").to_pandas()
    for kind, names in env.agents.items():
        table = trace.table(f"observations_{kind}").to_pandas()
        columns = [np.stack(table[field.name].to_list()) for field in fields.observation_fields(kind)]
        recorded = np.column_stack(columns).reshape(5, 2, len(names), -1)
        assert recorded.astype(np.float32).tobytes() == np.array([s[kind] for s in seen[:-1]]).tobytes()
        own = acted[acted.kind == kind]
        chosen = own[[f"action_{field.name}" for field in fields.action_fields(kind)]].to_numpy(np.float32)
        assert chosen.tobytes() == np.array([a[kind] for a in actions]).tobytes()
        assert own.reward_eur.to_numpy(np.float32).tobytes() == np.array([r[kind] for r in rewards]).tobytes()


def test_a_kind_that_keeps_still_has_no_action(tiny, tmp_path):
    env = BatchEnv(tiny, 1, n_slots=2, record=tmp_path / "trace")
    env.reset()
    still = {
        kind: rows for kind, rows in random_actions(env, np.random.default_rng(0)).items() if kind != "ev"
    }
    env.step(still)
    env.close_trace()
    rows = Trace(tmp_path / "trace").table("agents").to_pandas().set_index("agent")
    assert np.isnan(rows.loc["ev_0", "action_offer"])
    assert rows.loc["ev_0", "order_wh"] == 0
    assert not np.isnan(rows.loc["battery_0", "action_offer"])


@pytest.mark.parametrize("rounds", [1, 3])
def test_recording_changes_nothing(tiny, tmp_path, rounds):
    compiled = with_rounds(tiny, rounds)
    plain = play(BatchEnv(compiled, 2, n_slots=6), episodes=2)
    recorded = play(BatchEnv(compiled, 2, n_slots=6, record=tmp_path / "trace"), episodes=2)
    for (seen, earned), (seen_too, earned_too) in zip(plain, recorded, strict=True):
        for kind, rows in seen.items():
            assert rows.tobytes() == seen_too[kind].tobytes()
            assert earned[kind].tobytes() == earned_too[kind].tobytes()


# --- episodes and files


def test_episodes_and_communities_are_told_apart(tiny, tmp_path):
    env = BatchEnv(tiny, 3, n_slots=4, seed=5, record=tmp_path / "trace")
    random = np.random.default_rng(0)
    env.reset(weeks=[22, 45, 9], samples=[0, 1, 0], day=[0, 1, 2])
    env.step(random_actions(env, random))
    env.reset(mask=np.array([False, True, False]), seed=6)
    for _ in range(3):
        env.step(random_actions(env, random))
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    episodes = trace.table("episodes").to_pandas()
    assert episodes.episode.tolist() == [0, 1, 2, 3]
    assert episodes.community.tolist() == [0, 1, 2, 1]
    assert episodes.week.tolist()[:3] == [22, 45, 9]
    assert episodes.day.tolist() == [0, 1, 2, 0]
    assert episodes.seed.tolist() == [5, 5, 5, 6]
    assert trace.table("steps").to_pandas().groupby("episode").size().tolist() == [4, 1, 4, 3]
    assert trace.table("steps", 3)["step"].to_pylist() == [0, 1, 2]
    begins = episodes.begins.dt.tz_convert("Europe/Berlin")
    assert begins.dt.weekday.tolist() == [0, 1, 2, 0]
    assert (begins.dt.hour == 0).all()


def test_what_is_finished_is_on_disk_before_the_trace_ends(tiny, tmp_path):
    env = BatchEnv(tiny, 2, n_slots=3, record=tmp_path / "trace")
    play(env, episodes=2)
    assert Trace(tmp_path / "trace").table("steps").num_rows == 2 * 2 * 3


def test_a_part_that_a_table_lacks_does_not_count(tiny, tmp_path):
    env = BatchEnv(tiny, 1, n_slots=3, record=tmp_path / "trace")
    play(env, episodes=2)
    (tmp_path / "trace" / "feeder" / "part-00001.parquet").unlink()
    trace = Trace(tmp_path / "trace")
    assert trace.table("steps")["episode"].unique().to_pylist() == [0]


def test_other_libraries_read_it(tiny, tmp_path):
    env = BatchEnv(tiny, 1, n_slots=3, record=tmp_path / "trace")
    play(env, episodes=2)
    env.close_trace()
    frame = pd.read_parquet(tmp_path / "trace" / "agents")
    assert frame.groupby("episode").size().tolist() == [3 * 4] * 2
    assert frame.agent.dtype == "category"
    table = ds.dataset(tmp_path / "trace" / "deliveries").to_table()
    assert str(table.schema.field("cash_neur").type) == "int64"
    assert table.schema.field("cash_neur").metadata[b"unit"] == b"nEUR"
    kept = json.loads(table.schema.metadata[b"gridbid"])
    assert kept["scenario"]["digest"] == tiny.scenario.digest
    assert kept["schema_hash"] == fields.schema_hash()


def test_every_column_is_described_once():
    for name, columns in TABLES.items():
        names = [column.name for column in columns]
        assert len(set(names)) == len(names), name
        assert all(column.meaning for column in columns)


def test_the_page_of_columns_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page()


def test_a_trace_is_never_written_over(tiny, tmp_path):
    (tmp_path / "trace").mkdir()
    (tmp_path / "trace" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"exists already.*new or empty"):
        BatchEnv(tiny, 1, record=tmp_path / "trace")
    with pytest.raises(InputError, match="no trace"):
        Trace(tmp_path / "trace")


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_does_not_record(tiny, tmp_path, duplicate):
    env = BatchEnv(tiny, 1, n_slots=3, record=tmp_path / "trace")
    env.reset(weeks=22)
    twin = duplicate(env)
    still = random_actions(env, np.random.default_rng(0))
    twin.step(still)
    twin.close_trace()
    env.step(still)
    env.close_trace()
    assert Trace(tmp_path / "trace").table("steps").num_rows == 1


def test_going_back_in_time_is_refused(tiny, tmp_path):
    env = BatchEnv(tiny, 1, n_slots=3, record=tmp_path / "trace")
    env.reset(weeks=22)
    with pytest.raises(InputError, match="a copy, which doesn't record"):
        env.restore(env.snapshot())


def test_the_sides_of_a_fill_are_those_of_the_orders(rural, tmp_path):
    env = BatchEnv(rural, 1, n_slots=N_SLOTS, record=tmp_path / "trace")
    play(env)
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    sides = {
        (row["step"], row["agent"]): row["order_side"]
        for row in trace.table("agents", filters=[("kind", "!=", "utility")]).to_pylist()
    }
    for fill in trace.table("fills").to_pylist():
        assert sides[fill["step"], fill["buyer"]] == Side.BUY.name.lower()
        assert sides[fill["step"], fill["seller"]] == Side.SELL.name.lower()
