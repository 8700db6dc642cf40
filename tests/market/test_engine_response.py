"""Demand response in the engine: equal to the plain twin, paid by the operator to the nEUR, and nothing where it is off."""

import copy
import pickle

import numpy as np
import pytest

from gridbid.market.conservation import residuals
from gridbid.market.demand_response.history import N_DAYS, allocate_history
from gridbid.market.demand_response.preroll import pre_roll
from gridbid.market.demand_response.types import (
    MAX_RATE,
    MAX_READING_WH,
    BaselineRules,
    Method,
    Phase,
    Refusal,
    Response,
)
from gridbid.market.engine import Engine
from gridbid.market.errors import InputError
from gridbid.market.naive.communities import random_community
from gridbid.market.naive.records import Action
from gridbid.market.naive.response import NaiveResponse
from gridbid.market.naive.slot import NaiveCommunity
from gridbid.market.response import ResponseRules, response_arrays
from gridbid.market.types import Account, Control, Cost

HOURS, FIRST_DAY, EVENT_DAY, LAST_DAY = 24, 2, 9, 14
"""By hourly slots; days 2 to 8, a Wednesday to a Tuesday, hold the five business days that a baseline needs."""
RULES = ResponseRules(lead=6, n_slots=2, notice=2, opt_out=1, ramp=1, recovery=1, dispute=HOURS)
RATE = 400_000


def hourly_community(seed, n=3, **kw):
    return random_community(
        np.random.default_rng(seed), n=n, n_buses=3, n_slots=16 * HOURS, slots_per_day=HOURS, **kw
    )


def random_rules(random):
    n_slots, ramp = int(random.integers(1, 4)), int(random.integers(0, 2))
    notice, opt_out = int(random.integers(0, 4)), ramp + int(random.integers(0, 3))
    return ResponseRules(
        lead=max(1, notice + ramp, opt_out) + int(random.integers(0, 6)),
        n_slots=n_slots,
        availability_rate=int(random.integers(0, 50_000)),
        penalty_rate=int(random.integers(0, 200_000)),
        notice=notice,
        opt_out=opt_out,
        ramp=ramp,
        recovery=int(random.integers(0, 3)),
        dispute=int(random.integers(0, 40)),
        seats=int(random.integers(1, 4)),
        baseline=BaselineRules(int(random.choice(list(Method))), int(random.choice([0, 20, 500]))),
    )


def decision(random, batch, n):
    """Offer, limit, follow and controls."""
    controls = random.uniform(-1.0, 1.0, (batch, n, len(Control)))
    follow = random.choice([0.0, 0.5, 1.0], (batch, n))
    return random.uniform(0.0, 1.5, (batch, n)), random.random((batch, n)), follow, controls


def calls(random, batch):
    """Targets and rates, with nothing asked for most of the time, and too much now and then."""
    target_wh = random.choice([0, -5, 500, 5_000, 5_000, 40_000, MAX_READING_WH + 1], batch)
    rate = random.choice([0, RATE, RATE, RATE, MAX_RATE + 1], batch)
    return np.where(random.random(batch) < 0.3, target_wh, 0), rate


class Twins:
    """An engine and a plain twin of each of its communities, fed alike and compared after every round."""

    def __init__(self, community, batch, rules, seed):
        self.community, self.batch, self.seed = community, batch, seed
        self.engine = Engine(community, batch, seed, response=rules)
        self.responses = [NaiveResponse(community, rules) for _ in range(batch)]
        self.naive = []
        self.refused, self.paid = Refusal.NONE, 0

    def reset(self, start, n_slots, history=None):
        self.engine.reset(start, n_slots, history=history)
        self.naive = [
            NaiveCommunity(self.community, start, n_slots, 0, self.seed, b, response)
            for b, response in enumerate(self.responses)
        ]

    def round(self, asked, acts):
        delivered = []
        before = self.engine.response.refused.tolist()
        self.engine.step(
            *acts, lambda engine: delivered.append(engine.state.delivered.cash_neur.copy()), calls=asked
        )
        offer, limit, follow, controls = (part.tolist() for part in acts)
        slots = []
        for b, twin in enumerate(self.naive):
            first_round = twin.round == 0
            refused = twin.call_event(int(asked[0][b]), int(asked[1][b]))
            assert self.engine.response.refused[b] == (refused if first_round else before[b])
            self.refused |= refused
            seats = zip(offer[b], limit[b], follow[b], controls[b], strict=True)
            slots.append(twin.play_round([Action(q, lam, phi, tuple(u)) for q, lam, phi, u in seats]))
            self.compare(b, slots[b])
        for k, cash_neur in enumerate(delivered):
            assert cash_neur.tolist() == [[one.cash_neur for one in own[k].members] for own in slots]

    def compare(self, b, slots):
        state, twin, events = self.engine.state, self.naive[b], self.engine.response.core.events
        assert state.totals.cash_neur[b].tolist() == [member.sums.cash_neur for member in twin.members]
        assert state.totals.accounts_neur[b].tolist() == [twin.accounts[account] for account in Account]
        bill = sum(
            (np.array([one.cost_eur[Cost.BILL] for one in slot.members]) for slot in slots), np.zeros(3)
        )
        np.testing.assert_allclose(state.cost_eur[b, :, Cost.BILL], bill, rtol=0.0, atol=1e-9)
        seats = {
            int(events.calls.start[b, k]): k
            for k in range(events.phase.shape[1])
            if Phase.FREE < events.phase[b, k] < Phase.CLOSED
        }
        assert set(seats) == {event.terms.start for event in twin.response.alive}
        for event in twin.response.alive:
            k, n_slots = seats[event.terms.start], event.terms.n_slots
            assert events.phase[b, k] == event.phase
            assert events.response[b, k].tolist() == event.response
            assert events.instructed_wh[b, k, :n_slots].tolist() == event.instructed_wh
            assert events.baseline_wh[b, k, :n_slots].tolist() == event.baseline_wh
            assert events.paid_neur[b, k].tolist() == event.paid_neur
            self.paid += any(event.paid_neur)


def run(seed, rounds):
    random = np.random.default_rng(seed)
    community, batch = hourly_community(seed, rounds=rounds), 3
    twins = Twins(community, batch, random_rules(random), seed)
    for first, last in ((FIRST_DAY, EVENT_DAY), (EVENT_DAY, LAST_DAY)):
        history = twins.engine.history if first == EVENT_DAY else None
        twins.reset(first * HOURS, (last - first) * HOURS, history)
        while not twins.engine.finished.all():
            twins.round(calls(random, batch), decision(random, batch, 3))
        assert residuals(twins.engine) == {"energy_wh": 0, "cash_neur": 0}
        # What lives on after the last slot is owed to nobody: it was settled, and only disputes are open.
        assert all(event.phase == Phase.SETTLED for response in twins.responses for event in response.alive)
    return twins


@pytest.mark.parametrize("seed", range(4))
def test_two_weeks_with_events_equal_the_plain_twin(seed):
    twins = run(seed, 1 + seed % 2)
    assert twins.paid > 0
    assert twins.refused & Refusal.EPISODE
    assert twins.refused & Refusal.RATE
    assert twins.refused & Refusal.TARGET
    assert twins.refused & (Refusal.ORDER | Refusal.SEAT)


# --- however a step is made


def full_history(community, batch):
    """A history whose ten days of each kind are drawn once for all, before the first slot."""
    n, random = community.n_participants, np.random.default_rng(6)
    history = allocate_history(batch, n, HOURS)
    history.day_wh[:] = random.integers(500, 3_000, history.day_wh.shape[1:])
    history.day_number[:] = FIRST_DAY - 1 - np.arange(N_DAYS)[:, np.newaxis]
    return history


def engine_of(batch=40, threads=1, rules=RULES, n_days=4):
    community = hourly_community(5, n=4, rounds=2)
    engine = Engine(community, batch, 3, threads, rules)
    history = None if rules is None else full_history(community, batch)
    engine.reset(FIRST_DAY * HOURS + np.arange(batch) % 3, n_days * HOURS, history=history)
    return engine


def play(engine, n_steps, *, asks=True, on_delivery=None):
    """Play a few rounds; what is asked and decided depends on the slot alone."""
    for _ in range(n_steps):
        random = np.random.default_rng(int(engine.state.clock.slot.sum() + engine.state.clock.round.sum()))
        acts = decision(random, engine.batch, 4)
        target_wh = np.where(random.random(engine.batch) < 0.2, 2_000, 0)
        asked = (target_wh, np.full(engine.batch, RATE)) if asks else None
        engine.step(*acts, on_delivery, calls=asked)


def bits(engine):
    return [array.tobytes() for array in engine.arrays()]


def paid(engine):
    return np.abs(engine.response.core.events.paid_neur).sum()


def test_threads_and_phases_change_nothing():
    whole, threaded, phases = engine_of(), engine_of(threads=3), engine_of()
    play(whole, 200)
    play(threaded, 200)
    play(phases, 200, on_delivery=lambda engine: None)
    assert whole.finished.all()
    assert paid(whole) > 0
    assert bits(whole) == bits(threaded) == bits(phases)


def test_a_copy_and_a_restored_snapshot_go_on_as_the_original():
    engine = engine_of(batch=20)
    play(engine, 30)
    others = [copy.deepcopy(engine), pickle.loads(pickle.dumps(engine))]
    before = engine.snapshot()
    play(engine, 60)
    after = bits(engine)
    for other in others:
        play(other, 60)
        assert bits(other) == after
    engine.restore(before)
    assert bits(engine) != after
    play(engine, 60)
    assert bits(engine) == after
    assert paid(engine) > 0


def test_without_calls_the_state_is_that_of_an_engine_without_demand_response():
    off, quiet, asked = engine_of(rules=None), engine_of(), engine_of()
    play(off, 200, asks=False)
    play(quiet, 200, asks=False)
    play(asked, 200)
    assert bits(off) == bits(quiet)[: len(bits(off))]
    assert (asked.state.totals.cash_neur != off.state.totals.cash_neur).any()
    for name in ("reading_wh", "imbalance_wh", "register_kwh", "bought_wh"):
        np.testing.assert_array_equal(getattr(asked.state.totals, name), getattr(off.state.totals, name))


def test_a_community_plays_alone_as_among_others():
    together, alone = engine_of(batch=20), engine_of(batch=1)
    for engine, targets in ((together, np.full(20, 3_000)), (alone, np.full(1, 3_000))):
        for _ in range(4 * HOURS * 2):
            acts = decision(np.random.default_rng(int(engine.state.clock.slot[0])), 1, 4)
            everyone = [np.repeat(part, engine.batch, axis=0) for part in acts]
            engine.step(*everyone, calls=(targets, np.full(engine.batch, RATE)))
    assert paid(alone) > 0
    for mine, theirs in zip(response_arrays(alone.response), response_arrays(together.response), strict=True):
        np.testing.assert_array_equal(mine[0], theirs[0])
    np.testing.assert_array_equal(alone.state.totals.cash_neur[0], together.state.totals.cash_neur[0])


# --- by hand


def flat_community():
    """Three homes that draw 1, 2 and 3 kW day and night, without devices, at fixed prices; the third has a battery."""
    community = hourly_community(1)
    series, devices = community.series, community.devices
    load_kw = np.broadcast_to(np.float32([1.0, 2.0, 3.0]), series.load_kw.shape).copy()
    nothing = {name: np.zeros(3) for name in devices._fields if name.endswith(("_kwh", "_kw", "_per_h"))}
    prices = {
        name: np.full_like(series.retail, price)
        for name, price in (("retail", 300_000), ("feed_in", 80_000), ("wholesale", 100_000))
    }
    nothing |= {"battery_kwh": np.array([0.0, 0.0, 20.0]), "battery_kw": np.array([0.0, 0.0, 5.0])}
    nothing |= {"battery_initial_kwh": np.array([0.0, 0.0, 20.0])}
    return community._replace(
        devices=devices._replace(**nothing),
        sites=community.sites._replace(
            import_limit_wh=np.full(3, 100_000), export_limit_wh=np.full(3, 100_000)
        ),
        series=series._replace(
            load_kw=load_kw,
            net_kw=load_kw,
            net_hour_kw=load_kw,
            pv_kw=np.zeros_like(load_kw),
            heat_kw=np.zeros_like(load_kw),
            car_column=np.full(3, -1),
            **prices,
        ),
    )


def still(engine):
    """Nobody trades, and devices rest."""
    nobody = np.zeros((engine.batch, 3))
    return nobody, nobody, nobody, np.zeros((engine.batch, 3, len(Control)))


def called(n_slots=2 * HOURS, batch=1, **rules):
    """The flat community on the first day with a baseline, after days of a policy that does nothing."""
    community = flat_community()
    chosen = RULES._replace(**rules)
    history = pre_roll(community, chosen, still, EVENT_DAY * HOURS, EVENT_DAY - FIRST_DAY)
    engine = Engine(community, batch, response=chosen)
    engine.reset(EVENT_DAY * HOURS, n_slots, history=history)
    return engine


def test_an_event_pays_who_cuts_against_its_own_baseline():
    """600 Wh of 6 kWh are asked in slots 6 and 7: 100, 200 and 300 Wh. The third home discharges 1 kW then, and gets 300."""
    engine = called()
    assert engine.call_events(np.array([600]), np.array([RATE])).tolist() == [0]
    events = engine.response.core.events
    assert events.instructed_wh[0, 0].tolist() == [[100, 200, 300]] * 2
    assert events.baseline_wh[0, 0].tolist() == [[1_000, 2_000, 3_000]] * 2
    start, bill_eur = EVENT_DAY * HOURS + 6, np.zeros(3)
    while not engine.finished.all():
        offer, limit, follow, controls = still(engine)
        controls[0, 2, Control.BATTERY] = -0.2 if start <= engine.state.clock.slot[0] < start + 2 else 0.0
        engine.step(offer, limit, follow, controls)
        bill_eur += engine.state.cost_eur[0, :, Cost.BILL]
        if engine.response.paid_neur.any():
            # Recovery lasts one slot: when slot 8 is delivered, slot 9 begins, and the readings are there.
            assert engine.state.delivered.slot[0] == start + 2
            assert engine.response.paid_neur[0].tolist() == [0, 0, 600 * RATE]
    energy_wh = np.array([1_000, 2_000, 3_000]) * 2 * HOURS - [0, 0, 2_000]
    assert engine.state.totals.reading_wh[0].tolist() == energy_wh.tolist()
    due_neur = -energy_wh * 300_000 + [0, 0, 600 * RATE]
    assert engine.state.totals.cash_neur[0].tolist() == due_neur.tolist()
    assert engine.state.totals.accounts_neur[0, Account.OPERATOR] == -600 * RATE
    np.testing.assert_allclose(bill_eur, -due_neur / 1e9, rtol=0.0, atol=1e-12)
    assert residuals(engine) == {"energy_wh": 0, "cash_neur": 0}


def test_who_is_paid_for_being_asked_pays_for_doing_nothing():
    engine = called(availability_rate=10_000, penalty_rate=40_000)
    engine.call_events(np.array([600]), np.array([RATE]))
    while not engine.finished.all():
        engine.step(*still(engine))
    asked_wh = np.array([200, 400, 600])
    paid_neur = asked_wh * 10_000 - asked_wh * 95 // 100 * 40_000
    assert engine.response.core.events.paid_neur[0, 0].tolist() == paid_neur.tolist()
    assert engine.state.totals.accounts_neur[0, Account.OPERATOR] == -paid_neur.sum()


def test_a_call_counts_in_round_0_only_and_not_after_the_episode():
    community = flat_community()
    community = community._replace(rules=community.rules._replace(rounds=2))
    engine = Engine(community, response=RULES)
    engine.reset(EVENT_DAY * HOURS, 2 * HOURS)
    asked = (np.array([600]), np.array([RATE]))
    engine.step(*still(engine))
    assert engine.call_events(*asked).tolist() == [0]
    assert engine.response.core.events.phase[0, 0] == Phase.FREE
    engine.step(*still(engine))
    assert engine.call_events(*asked).tolist() == [0]
    assert engine.response.core.events.phase[0, 0] == Phase.PUBLISHED
    assert (engine.response.core.events.response[0, 0] == Response.UNFIT).all()
    assert engine.call_events(*asked).tolist() == [Refusal.ORDER]
    engine.step(*still(engine))
    assert engine.response.refused.tolist() == [Refusal.ORDER]
    engine.step(*still(engine))
    assert engine.call_events(np.array([0]), np.array([RATE])).tolist() == [0]
    while not engine.finished.all():
        engine.step(*still(engine))
    assert engine.call_events(*asked).tolist() == [0]


def test_an_event_that_could_not_be_settled_within_the_episode_is_refused():
    for n_slots, refused in ((9, Refusal.NONE), (8, Refusal.EPISODE)):
        engine = called(n_slots)
        assert engine.call_events(np.array([600]), np.array([RATE])).tolist() == [refused]
        while not engine.finished.all():
            engine.step(*still(engine))
        phase = Phase.SETTLED if refused == Refusal.NONE else Phase.FREE
        assert engine.response.core.events.phase[0, 0] == phase


def test_a_reset_clears_events_and_keeps_the_history_that_it_is_given():
    engine = called(batch=2)
    engine.call_events(np.array([600, 600]), np.array([RATE, RATE]))
    for _ in range(HOURS):
        engine.step(*still(engine))
    first, kept = np.array([True, False]), engine.history
    engine.reset((EVENT_DAY + 1) * HOURS, HOURS, mask=first, history=kept)
    events, history = engine.response.core.events, engine.response.core.history
    assert events.phase[:, 0].tolist() == [Phase.FREE, Phase.SETTLED]
    assert (history.day_number[0] >= FIRST_DAY).any(axis=1)[0].all()
    assert engine.call_events(np.array([600, 0]), np.array([RATE, RATE])).tolist() == [0, 0]
    assert (events.response[0, 0] == Response.IN).all()
    engine.reset((EVENT_DAY + 1) * HOURS, HOURS, mask=first)
    assert engine.call_events(np.array([600, 0]), np.array([RATE, RATE])).tolist() == [0, 0]
    assert (events.response[0, 0] == Response.UNFIT).all()
    assert events.phase[1, 0] == Phase.SETTLED


def test_a_pre_roll_ends_where_each_community_begins():
    community = flat_community()
    starts = np.array([EVENT_DAY, EVENT_DAY + 1, EVENT_DAY]) * HOURS + [0, 0, 5]
    history = pre_roll(community, RULES, still, starts, 6, batch=3)
    assert [np.unique(days[days >= 0]).tolist() for days in history.day_number[:, 0, :, 0]] == [
        [3, 4, 7, 8],
        [4, 7, 8, 9],
        [3, 4, 7, 8],
    ]
    assert (history.day_wh[0][history.day_number[0, :, :, 0] >= 0] == [1_000, 2_000, 3_000]).all()
    assert (history.today_wh >= 0).sum(axis=(1, 2)).tolist() == [0, 0, 5 * 3]
    with pytest.raises(InputError, match="must begin in slots"):
        pre_roll(community, RULES, still, EVENT_DAY * HOURS, EVENT_DAY)


def with_load(series, load_kw):
    """The same series with everybody's load at ``load_kw``."""
    loads_kw = np.full_like(series.load_kw, load_kw)
    return series._replace(load_kw=loads_kw, net_kw=loads_kw - series.pv_kw)


def test_rules_that_refuse_every_call_are_refused_at_once():
    community = flat_community()
    with pytest.raises(InputError, match=r"lead is 2; it must be at least 3.*penalty_rate is -1") as refused:
        Engine(community, response=RULES._replace(lead=2, penalty_rate=-1, seats=0))
    assert "seats is 0" in str(refused.value)
    crowd = community._replace(series=with_load(community.series, 5e3))
    with pytest.raises(InputError, match="may draw 5005000 Wh"):
        Engine(crowd, response=RULES)


def test_an_engine_without_rules_calls_nothing():
    engine, asked = Engine(flat_community()), (np.array([600]), np.array([RATE]))
    engine.reset(EVENT_DAY * HOURS, HOURS)
    with pytest.raises(InputError, match="ResponseRules"):
        engine.call_events(*asked)
    with pytest.raises(InputError, match="ResponseRules"):
        engine.step(*still(engine), calls=asked)
    with pytest.raises(InputError, match="ResponseRules"):
        engine.reset(EVENT_DAY * HOURS, HOURS, history=allocate_history(1, 3, HOURS))
    with_rules = Engine(flat_community(), response=RULES)
    for wrong in (allocate_history(1, 3, HOURS, Method.ROLLING), allocate_history(2, 3, HOURS)):
        with pytest.raises(InputError, match="of one community"):
            with_rules.reset(EVENT_DAY * HOURS, HOURS, history=wrong)
