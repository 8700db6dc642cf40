"""What a record tells of the book and of events, against the environment's own view of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.programs.optimum import solve_week
from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.signals.market_view import make_view, view_book
from gridbid.evaluate.records.gate import TRACKS
from gridbid.evaluate.records.playback import play_optimum
from gridbid.evaluate.records.record import Recorder
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.market.response import ResponseRules
from gridbid.market.state import NO_PRICE

WEEK, N_SLOTS, ROUNDS, BATCH = 26, 96, 2, 2
RULES = ResponseRules(lead=12, n_slots=6, notice=4, recovery=2, availability_rate=20_000)


@pytest.fixture(scope="module")
def rural():
    """Two rounds a slot, so that orders rest from one to the next."""
    compiled = compile_community("rural", [0])
    rules = compiled.community.rules._replace(rounds=ROUNDS)
    return replace(compiled, community=compiled.community._replace(rules=rules))


def note_fills(engine, fills):
    """The round's fills as (price in ct/kWh, Wh), by community and slot."""
    series, clock, log = engine.community.series, engine.state.clock, engine.state.fills
    for b in range(engine.batch):
        t = clock.slot[b] - clock.start[b]
        floor = series.feed_in[clock.sample[b], clock.slot[b]]
        for k in range(log.fills[b]):
            price = floor + log.tick[b, k] * engine.community.rules.tick_size
            fills[b][t].append((price / 10_000, log.quantity_wh[b, k]))


def note_orders(engine, seen):
    """Add what the round's orders came to, one by one."""
    clock, orders, log = engine.state.clock, engine.state.orders, engine.state.fills
    for b in range(engine.batch):
        t = clock.slot[b] - clock.start[b]
        parties = {*log.taker[b, : log.fills[b]].tolist(), *log.maker[b, : log.fills[b]].tolist()}
        for i in range(orders.side.shape[1]):
            if orders.quantity_wh[b, i] > 0:
                seen["orders_placed"][b, t] += 1
                seen["orders_rejected"][b, t] += orders.rejected[b, i] != 0
                seen["orders_filled"][b, t] += i in parties


def note_book(engine, view, seen):
    """The book as agents would see it."""
    clock = engine.state.clock
    for b in range(engine.batch):
        t = clock.slot[b] - clock.start[b]
        view_book(engine.community, engine.state, view, b)
        for name, price in (("best_bid_ct", view.best_bid[b]), ("best_ask_ct", view.best_ask[b])):
            seen[name][b, t] = np.nan if price == NO_PRICE else price / 10_000
        seen["bid_depth_wh"][b, t], seen["ask_depth_wh"][b, t] = view.bid_depth_wh[b], view.ask_depth_wh[b]
        seen["open_bid_wh"][b, t] = np.maximum(0, view.open_wh[b]).sum()
        seen["open_ask_wh"][b, t] = np.maximum(0, -view.open_wh[b]).sum()


@pytest.fixture(scope="module")
def day(rural):
    """A day of random actions, in which the utility calls an event."""
    env = BatchEnv(rural, BATCH, seed=3, n_slots=N_SLOTS, response=RULES)
    env.reset(weeks=WEEK, samples=0, day=2)
    random, recorder, view = np.random.default_rng(5), Recorder(rural, BATCH, N_SLOTS), make_view(BATCH, 21)
    seen = {name: np.zeros((BATCH, N_SLOTS)) for name in TRACKS}
    fills = [[[] for _ in range(N_SLOTS)] for _ in range(BATCH)]
    for step in range(N_SLOTS * ROUNDS):
        actions = {
            kind: random.uniform(
                -1, 1, (BATCH, len(env.agents[kind]), *fields.action_space(kind).shape)
            ).astype(np.float32)
            for kind in env.kinds
        }
        actions["utility"][:] = [-0.5, 0.2 if step == 60 else -1.0, 0.0]
        env.pull_levers(actions)
        env.engine.commit(*env.decide(actions))
        env.engine.state.orders.tick[:, 0] = 500 if step % 7 == 0 else 3
        env.engine.trade()
        note_fills(env.engine, fills)
        note_orders(env.engine, seen)
        note_book(env.engine, view, seen)
        recorder.traded(env.engine)
        env.close(actions, recorder.delivered)
        recorder.stepped(env.engine)
    records = recorder.records("random", np.full(BATCH, WEEK), env.engine)
    return SimpleNamespace(env=env, records=records, seen=seen, fills=fills)


@pytest.mark.parametrize("name", [name for name in TRACKS if name != "price_deviation_ct"])
def test_the_book_at_the_gate_is_what_agents_would_see(day, name):
    for b, record in enumerate(day.records):
        assert getattr(record, name) == pytest.approx(day.seen[name][b], nan_ok=True)


def test_the_day_has_what_the_comparison_needs(day):
    for name in ("orders_rejected", "orders_filled", "bid_depth_wh", "ask_depth_wh"):
        assert all(getattr(record, name).sum() > 0 for record in day.records)
    assert all((record.open_ask_wh > record.ask_depth_wh).any() for record in day.records)


def test_the_deviation_of_prices_is_by_energy(day):
    for b, record in enumerate(day.records):
        for t, fills in enumerate(day.fills[b]):
            assert record.fills[t] == len(fills)
            if not fills:
                assert np.isnan(record.price_deviation_ct[t])
                continue
            prices, wh = np.array(fills).T
            deviation = np.sqrt(np.average((prices - np.average(prices, weights=wh)) ** 2, weights=wh))
            assert record.price_deviation_ct[t] == pytest.approx(deviation, abs=1e-9)
    assert max(np.nanmax(record.price_deviation_ct) for record in day.records) > 1.0


def test_events_are_told_as_they_were_settled(day):
    core = day.env.engine.response.core
    for b, record in enumerate(day.records):
        (event,) = record.events
        assert event.start == record.start + 60 // ROUNDS + RULES.lead
        assert event.instructed_wh.shape == (RULES.n_slots, 21)
        assert event.paid_neur.tolist() == core.events.paid_neur[b, 0].tolist()
        assert event.delivered_wh.sum() > 0
        during = slice(event.start - record.start, event.start - record.start + RULES.n_slots)
        assert event.reading_wh.tolist() == record.reading_wh[during].tolist()
        cuts = np.clip(event.baseline_wh - event.reading_wh, 0, event.instructed_wh).sum(axis=0)
        assert np.where(event.takes_part, cuts, 0).tolist() == event.delivered_wh.tolist()


def test_prices_are_those_that_were_settled(day):
    """Cash follows from prices, trades and readings."""
    series = day.env.community.series
    for record in day.records:
        bill_neur = np.zeros(21, np.int64)
        for t in range(N_SLOTS):
            for i in range(21):
                imbalance_wh = record.reading_wh[t, i] - record.bought_wh[t, i] + record.sold_wh[t, i]
                price = record.retail_neur[t] if imbalance_wh > 0 else record.feed_in_neur[t]
                bill_neur[i] += imbalance_wh * price + record.bought_wh[t, i] * record.fee_neur[t]
        bill_neur += (record.paid_neur - record.received_neur).sum(axis=0) - record.events[0].paid_neur
        assert (-bill_neur).tolist() == record.cash_neur.tolist()
        assert record.cash_neur.sum() + record.accounts_neur.sum() == 0
        assert record.retail_ct == pytest.approx(record.retail_neur / 10_000)
        span = slice(record.start, record.start + N_SLOTS)
        assert record.wholesale_neur.tolist() == series.wholesale[record.sample, span].tolist()


def test_the_optimum_has_no_book():
    compiled = compile_community("tiny", [0], split="test")
    start = compiled.year.week_start(20)
    played = play_optimum(compiled, [solve_week(compiled.community, start, 8)], np.array([20]))
    for name in TRACKS:
        assert np.isnan(getattr(played.records[0], name)).all()
    assert played.records[0].events == ()
    assert played.records[0].cash_neur.sum() + played.records[0].accounts_neur.sum() == 0


def test_every_slot_of_a_policys_week_has_its_book():
    compiled = compile_community("tiny", [0], split="test")
    (record,) = run_policy(compiled, RulePolicy(), Cases(np.array([20]), np.array([0]), 48, 1)).records
    for name in ("bid_depth_wh", "ask_depth_wh", "orders_placed", "orders_rejected", "orders_filled"):
        assert not np.isnan(getattr(record, name)).any()
    assert (np.isnan(record.price_deviation_ct) == (record.fills == 0)).all()
