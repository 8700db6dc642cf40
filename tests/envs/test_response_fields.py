"""Demand response in the batch face: what is seen, what the utility may call, what it pays, and the past it rests on."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.market.demand_response.history import NEVER
from gridbid.market.demand_response.types import Phase, Refusal
from gridbid.market.errors import InputError
from gridbid.market.response import ResponseRules

WEEK, DAY, SLOT_H = 26, 96, 0.25
RULES = ResponseRules(lead=12, n_slots=6, notice=4, recovery=2, availability_rate=20_000)
AT = fields.info_index()


@pytest.fixture(scope="module")
def rural():
    compiled = compile_community("rural", [0])
    rules = compiled.community.rules._replace(rounds=2)
    return replace(compiled, community=compiled.community._replace(rules=rules))


def begin(compiled, n_slots=DAY, day=2, rules=RULES):
    env = BatchEnv(compiled, 1, seed=3, n_slots=n_slots, response=rules)
    return env, env.reset(weeks=WEEK, samples=0, day=day)


def random_actions(env, random, share=-1.0, rate_ct=0.0):
    """Anything of everybody; the utility leaves the tariff as it is, and calls by a share of the rating."""
    actions = {
        kind: random.uniform(
            -1.0, 1.0, (env.batch, len(env.agents[kind]), *fields.action_space(kind).shape)
        ).astype(np.float32)
        for kind in env.kinds
    }
    actions["utility"][:] = [0.0, share, rate_ct / 50.0 - 1.0]
    return actions


def see(kind, row, name):
    """A field in the table's unit."""
    span = fields.observation_index(kind)[name]
    (field,) = (field for field in fields.observation_fields(kind) if field.name == name)
    return float(row[span.start]) * field.scale


# --- what is seen


def assert_event_is_seen(env, observations):
    """Every field of the event against the seats of events, by name; the event is the only one in the engine."""
    events, slot = env.engine.response.core.events, int(env.engine.state.clock.slot[0])
    alive = [
        k
        for k in range(events.phase.shape[1])
        if Phase.PUBLISHED <= events.phase[0, k] < Phase.CLOSED and events.calls.end[0, k] > slot
    ]
    rating_kva, asked_kw, baseline_kw = float(env.community.network.rating_kva[1]), 0.0, 0.0
    for kind in fields.METERED:
        for row, i in zip(observations[kind][0], env.seats[kind], strict=True):
            site_kw = env.compiled.tables.site_kw[i]
            seen = {name: see(kind, row, name) for name in ("event_phase", "event_start", "event_end")}
            seen |= {name: see(kind, row, name) for name in ("event_rate", "event_part", "event_asked")}
            left_h, baseline = see(kind, row, "event_left"), see(kind, row, "baseline")
            baseline_kw += baseline * site_kw
            if not alive:
                assert not any(seen.values()) and left_h == 0.0
                continue
            (k,) = alive
            start, end = int(events.calls.start[0, k]), int(events.calls.end[0, k])
            instructed_wh = events.instructed_wh[0, k, :, i].astype(float)
            assert seen["event_phase"] == events.phase[0, k] - 1
            assert seen["event_start"] == pytest.approx(max(0, start - slot) * SLOT_H)
            assert seen["event_end"] == pytest.approx((end - slot) * SLOT_H)
            assert seen["event_rate"] == pytest.approx(events.calls.rate[0, k] / 10_000)
            assert seen["event_part"] == (events.response[0, k, i] == 1)
            ahead = instructed_wh[max(0, slot - start) :].sum()
            assert left_h == pytest.approx(min(16.0, ahead / 1000 / site_kw), abs=1e-6)
            if slot >= start:
                asked = instructed_wh[slot - start] / 1000 / SLOT_H
                frozen_wh = events.baseline_wh[0, k, slot - start, i]
                assert seen["event_asked"] == pytest.approx(asked / site_kw, abs=1e-6)
                assert baseline == pytest.approx(
                    np.clip(frozen_wh / 1000 / SLOT_H / site_kw, -2, 2), abs=1e-6
                )
                asked_kw += asked
            else:
                assert seen["event_asked"] == 0.0
    utility = observations["utility"][0, 0]
    assert see("utility", utility, "event_asked_all") == pytest.approx(asked_kw / rating_kva, abs=1e-6)
    assert see("utility", utility, "baseline_all") == pytest.approx(baseline_kw / rating_kva, abs=1e-5)
    return bool(alive)


def test_an_event_is_seen_from_its_call_to_its_end(rural):
    env, observations = begin(rural)
    random, seen, paid_eur = np.random.default_rng(1), [], 0.0
    for step in range(2 * DAY):
        seen.append(assert_event_is_seen(env, observations))
        share = 0.2 if step == 40 else -1.0
        observations, rewards, _ = env.step(random_actions(env, random, share, rate_ct=80.0))
        for kind in env.kinds:
            costs = env.info[kind][..., [AT[name] for name in fields.COST_INFOS]].sum(axis=-1)
            np.testing.assert_allclose(costs, -rewards[kind], rtol=1e-6, atol=1e-9)
            paid_eur -= env.info[kind][..., AT["response_eur"]].sum() if kind != "utility" else 0.0
    # Called in round 0 of slot 20, it starts 12 slots later and takes 6.
    assert np.flatnonzero(seen).tolist() == list(range(41, 2 * (20 + 12 + 6)))
    events = env.engine.response.core.events
    assert paid_eur == pytest.approx(events.paid_neur[0].sum() / 1e9) and paid_eur > 0.0


def test_what_is_paid_in_the_last_step_is_told(rural):
    """Its recovery ends with the last slot but one, whose delivery and the last one's come in one step."""
    env, _ = begin(rural, n_slots=12 + 6 + 2)
    random, paid_eur = np.random.default_rng(2), []
    for step in range(2 * env.n_slots):
        env.step(random_actions(env, random, 0.2 if step == 0 else -1.0, rate_ct=80.0))
        paid_eur.append(-sum(env.info[kind][..., AT["response_eur"]].sum() for kind in fields.METERED))
    events = env.engine.response.core.events
    assert sum(paid_eur) == pytest.approx(events.paid_neur[0].sum() / 1e9)
    assert sum(paid_eur) > 0.0


def test_without_a_programme_nothing_is_seen_or_called(rural):
    env = BatchEnv(rural, 1, seed=3, n_slots=DAY)
    observations = env.reset(weeks=WEEK, samples=0, day=2)
    random = np.random.default_rng(1)
    names = [field.name for field in fields.OBSERVATIONS if field.name.startswith(("event_", "baseline"))]
    for _ in range(80):
        for kind in env.kinds:
            for name in names:
                if name in fields.observation_index(kind):
                    assert not observations[kind][..., fields.observation_index(kind)[name]].any()
        assert not env.action_mask["utility"][..., 1:].any()
        observations, _, _ = env.step(random_actions(env, random, 0.5, rate_ct=80.0))
    assert not env.info["utility"][..., AT["rejected"]].any()


# --- what the utility may call


def test_the_mask_says_whether_a_call_is_taken(rural):
    env, _ = begin(rural, n_slots=DAY, day=1, rules=RULES._replace(seats=1))
    random, taken = np.random.default_rng(4), []
    for step in range(2 * DAY):
        if step % 6 == 0 or step % 6 == 1:
            before = env.snapshot()
            may_call = bool(env.action_mask["utility"][0, 0, fields.action_index("utility")["event_target"]])
            called = int(env.engine.response.core.events.last_day[0])
            env.step(random_actions(env, random, 0.1, rate_ct=10.0))
            now = int(env.engine.response.core.events.last_day[0])
            assert may_call == (now != called)
            refused = int(env.info["utility"][0, 0, AT["rejected"]])
            assert (refused == 0) == may_call or step % 2 == 1
            taken.append(may_call)
            env.restore(before)
        env.step(random_actions(env, random, 0.1 if step == 60 else -1.0, rate_ct=10.0))
    assert any(taken) and not all(taken)


def test_a_refused_call_says_why(rural):
    env, _ = begin(rural)
    random = np.random.default_rng(5)
    env.step(random_actions(env, random, 0.1, rate_ct=10.0))
    env.step(random_actions(env, random))
    env.step(random_actions(env, random, 0.1, rate_ct=10.0))
    assert Refusal(int(env.info["utility"][0, 0, AT["rejected"]])) == Refusal.ORDER


def test_target_and_rate_are_scaled_by_the_table(rural):
    env, _ = begin(rural)
    target_wh, rate = env.calls(random_actions(env, np.random.default_rng(0), 0.25, rate_ct=30.0))
    assert target_wh.tolist() == [round(0.25 * float(env.community.network.rating_kva[1]) * 250)]
    assert rate.tolist() == [300_000]
    none, _ = env.calls(random_actions(env, np.random.default_rng(0), 0.0))
    assert none.tolist() == [0]


# --- the past that baselines rest on


def idle_reading_wh(compiled, first, end):
    """What meters show if nobody controls anything, (slots, N), one slot and seat after the other."""
    year, readings = compiled.year, []
    seats = compiled.scenario.metered
    meters, cars = np.zeros(len(seats)), np.full(len(seats), np.inf)
    for slot in range(first, end):
        used = np.zeros(len(seats))
        for i, seat in enumerate(seats):
            net_kw = np.float32(year.load_kw[slot, i] - year.pv_kw[slot, i])
            used[i] = float(net_kw) * SLOT_H
            if seat.heat_pump:
                pump_kw = min(float(year.heat_kw[slot, i]) / seat.heat_pump.cop, seat.heat_pump.power_kw)
                used[i] += pump_kw * SLOT_H
            point, column = seat.charge_point, year.ev_column[i]
            if point and year.ev_departure[0, slot, column] > slot:
                if year.ev_arrival_kwh[0, slot, column] >= 0:
                    cars[i] = year.ev_arrival_kwh[0, slot, column]
                missing_kwh = max(0.0, float(year.ev_target_kwh[0, slot, column]) - cars[i])
                charge_kwh = min(point.power_kw * SLOT_H, missing_kwh / point.efficiency)
                cars[i] += charge_kwh * point.efficiency
                used[i] += charge_kwh
        readings.append(np.floor((meters + used) * 1000) - np.floor(meters * 1000))
        meters += used
    return np.array(readings)


def test_by_default_the_past_is_that_of_idle_devices(rural):
    """The ten last days of each kind before a Wednesday, none with a change of the clock: five weeks have ten weekend days."""
    env, _ = begin(rural)
    start, history = int(env.engine.state.clock.start[0]), env.engine.history
    readings = idle_reading_wh(rural, start - 35 * DAY, start)
    by_day = readings.reshape(35, DAY, -1)
    weekday = rural.year.weekday[start - 35 * DAY : start : DAY]
    for kind, is_kind in ((0, weekday < 5), (1, weekday >= 5)):
        last = by_day[is_kind][-10:]
        order = np.argsort(history.day_number[0, kind, :, 0])
        assert (history.day_number[0, kind] != NEVER).all()
        np.testing.assert_allclose(history.day_wh[0, kind][order], last, atol=1.0)
    assert readings[:, env.seats["ev"]].any(), "no car came, so charging wasn't put to the test"


def test_chosen_weeks_have_a_past_too():
    env = BatchEnv("tiny", 1, samples=1, weeks=[WEEK], n_slots=4, response=RULES)
    env.reset()
    assert (env.engine.history.day_number != NEVER).all()


class Steady:
    """A policy: everybody does the same in every round."""

    def act(self, observations):
        return {
            kind: np.full((*rows.shape[:2], *fields.action_space(kind).shape), 0.3, np.float32)
            for kind, rows in observations.items()
        }


def test_a_pre_rolled_past_is_what_the_policy_would_have_metered(rural):
    env, _ = begin(rural, day=3)
    n_days, start = 6, int(env.engine.state.clock.start[0])
    observations = env.pre_roll(Steady(), n_days)
    other = BatchEnv(rural, 1, seed=3, n_slots=n_days * DAY, response=RULES)
    other.reset(weeks=WEEK, samples=0)
    other.engine.reset(start - n_days * DAY, n_days * DAY, 0)
    seen, done = other.observe(), np.array([False])
    while not done.all():
        seen.pop("utility")
        seen, _, done = other.step(Steady().act(seen))
    mine, theirs = env.engine.history, other.engine.history
    np.testing.assert_array_equal(mine.today_wh, theirs.today_wh)
    np.testing.assert_array_equal(mine.day_number, theirs.day_number)
    places = (mine.day_number != NEVER)[:, :, :, None]
    assert places.any()
    np.testing.assert_array_equal(np.where(places, mine.day_wh, 0), np.where(places, theirs.day_wh, 0))
    assert int(env.engine.state.clock.slot[0]) == start
    np.testing.assert_array_equal(observations["prosumer"], env.observe()["prosumer"])


def test_a_pre_roll_needs_a_programme_and_a_beginning(rural):
    env, _ = begin(rural)
    env.step({})
    with pytest.raises(InputError, match="an episode that has just begun"):
        env.pre_roll(Steady(), 2)
    plain = BatchEnv(rural, 1, n_slots=4)
    plain.reset()
    with pytest.raises(InputError, match="it needs rules of demand response"):
        plain.pre_roll(Steady(), 2)
