"""The batch engine against its plain twin: whole days of random communities, every fill, reading and cent."""

import numpy as np
import pytest

from gridbid.market.conservation import residuals
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.naive.slot import Action, NaiveCommunity
from gridbid.market.types import Control

START, BATCH = 200, 3


def random_decision(random, batch, n):
    """Offer, limit, follow and controls within their tables' ranges, with the corners among them."""
    follow = random.choice([0.0, 0.3, 1.0], (batch, n))
    controls = random.uniform(-1.0, 1.0, (batch, n, len(Control)))
    controls[random.random(controls.shape) < 0.1] = 1.0
    return random.uniform(0.0, 1.5, (batch, n)), random.uniform(0.0, 1.0, (batch, n)), follow, controls


class Deliveries:
    """Collects what an engine delivers."""

    def __init__(self):
        self.taken = []

    def __call__(self, engine):
        self.taken.append({name: value.copy() for name, value in engine.state.delivered._asdict().items()})


def twins(engine, seed):
    stores = engine.state.stores
    return [
        NaiveCommunity(
            engine.community,
            START,
            int(engine.state.clock.sample[b]),
            seed,
            b,
            [
                (stores.battery_kwh[b, i], stores.car_kwh[b, i], stores.heat_kwh[b, i])
                for i in range(stores.car_kwh.shape[1])
            ],
        )
        for b in range(engine.batch)
    ]


def logged_fills(engine, b):
    log = engine.state.fills
    return [
        (int(log.taker[b, f]), int(log.maker[b, f]), int(log.tick[b, f]), int(log.quantity_wh[b, f]))
        for f in range(log.fills[b])
    ]


def assert_delivered(delivered, b, results):
    for i, result in enumerate(results):
        assert result.reading_wh == delivered["reading_wh"][b, i]
        assert result.cash_neur == delivered["cash_neur"][b, i]
        assert result.unmet_kwh == pytest.approx(delivered["unmet_kwh"][b, i], abs=1e-9)
        assert result.unserved_kwh == pytest.approx(delivered["unserved_kwh"][b, i], abs=1e-9)
        assert result.breach_kwh == pytest.approx(delivered["breach_kwh"][b, i], abs=1e-9)
        assert result.energy_kwh == pytest.approx(delivered["device_kwh"][b, i], abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_a_day_equals_the_plain_twin(seed):
    random = np.random.default_rng(seed)
    rounds, n = int(random.integers(1, 4)), int(random.integers(1, 10))
    community = random_community(random, n=n, rounds=rounds)
    engine = Engine(community, BATCH, seed)
    engine.reset(START, 96, np.arange(BATCH) % 2)
    naive = twins(engine, seed)
    for _ in range(96 * rounds):
        deliveries = Deliveries()
        decision = random_decision(random, BATCH, n)
        engine.commit(*decision)
        engine.trade()
        fills = [logged_fills(engine, b) for b in range(BATCH)]
        engine.close(deliveries)
        for b in range(BATCH):
            offer, limit, follow, controls = (part[b] for part in decision)
            actions = [Action(offer[i], limit[i], follow[i], tuple(controls[i])) for i in range(n)]
            results = naive[b].play_round(actions)
            assert fills[b] == [(f.taker, f.maker, f.tick, f.quantity_wh) for f in naive[b].fills]
            if results is not None:
                assert_delivered(deliveries.taken[0], b, results)
    assert engine.finished.all()
    for b in range(BATCH):
        assert_delivered(deliveries.taken[1], b, naive[b].deliver(START + 95))
    assert residuals(engine) == {"energy_wh": 0, "cash_neur": 0}


def play(engine, seed, n_steps=40):
    random = np.random.default_rng(seed)
    for _ in range(n_steps):
        # One row of actions for all, so that a community's own don't depend on the batch.
        decision = [
            np.broadcast_to(part, (engine.batch, *part.shape[1:])).copy()
            for part in random_decision(random, 1, 8)
        ]
        engine.step(*decision)


def test_a_community_does_not_depend_on_its_batch():
    community = random_community(np.random.default_rng(5), n=8)
    alone, together = Engine(community, 1, 9), Engine(community, 70, 9)
    alone.reset(300, 40, identity=66)
    together.reset(300, 40)
    for engine in (alone, together):
        play(engine, 3)
    for one, many in zip(flat(alone.state), flat(together.state), strict=True):
        if one.shape[:1] == (1,) and many.shape[:1] == (70,):
            np.testing.assert_array_equal(one[0], many[66])


def flat(record):
    """Every array of nested records."""
    for value in record:
        if isinstance(value, np.ndarray):
            yield value
        else:
            yield from flat(value)


def test_the_same_seed_and_actions_replay_bit_for_bit():
    community = random_community(np.random.default_rng(6), n=8, rounds=2)
    runs = []
    for _ in range(2):
        engine = Engine(community, 4, 11)
        engine.reset(250, 20, np.array([0, 1, 0, 1]))
        play(engine, 4)
        runs.append([array.tobytes() for array in flat(engine.state)])
    assert runs[0] == runs[1]


def test_another_seed_gives_another_arrival_order():
    community = random_community(np.random.default_rng(7), n=8)
    cash = []
    for seed in (1, 2):
        engine = Engine(community, 1, seed)
        engine.reset(250, 40)
        play(engine, 4)
        cash.append(engine.state.totals.cash_neur.copy())
    assert not np.array_equal(*cash)


def test_a_masked_reset_leaves_the_others_alone():
    community = random_community(np.random.default_rng(8), n=8)
    engine = Engine(community, 3, 1)
    engine.reset(250, 40)
    play(engine, 4, 10)
    before = engine.state.totals.cash_neur.copy()
    engine.reset(300, 40, mask=np.array([False, True, False]))
    assert engine.state.clock.slot.tolist() == [260, 300, 260]
    assert (engine.state.totals.cash_neur[1] == 0).all()
    np.testing.assert_array_equal(engine.state.totals.cash_neur[[0, 2]], before[[0, 2]])


def test_device_bounds_hold_under_any_action():
    random = np.random.default_rng(12)
    community = random_community(random, n=8)
    engine = Engine(community, 5, 1)
    engine.reset(250, 96)
    devices, stores = community.devices, engine.state.stores
    for _ in range(96):
        engine.step(*random_decision(random, 5, 8))
        assert (stores.battery_kwh >= 0).all() and (stores.battery_kwh <= devices.battery_kwh).all()
        assert (stores.car_kwh >= 0).all() and (stores.car_kwh <= np.maximum(devices.car_kwh, 0) + 1e-9).all()
        assert (stores.heat_kwh >= 0).all() and (stores.heat_kwh <= devices.heat_store_kwh).all()


def test_what_is_due_is_met_whenever_full_power_can_meet_it():
    """Adversarial actions on cars alone: unmet energy only where even full power from arrival falls short."""
    random = np.random.default_rng(13)
    community = random_community(random, n=8)
    wide = community.sites._replace(import_limit_wh=np.full(8, 10**6), export_limit_wh=np.full(8, 10**6))
    community = community._replace(sites=wide)
    engine = Engine(community, 1, 1)
    engine.reset(200, 300)
    series, devices = community.series, community.devices
    deliveries = Deliveries()
    for _ in range(300):
        offer, limit, follow, controls = random_decision(random, 1, 8)
        controls[:, :, Control.CHARGER] = -1.0
        engine.step(offer, limit, follow, controls, deliveries)
    for taken in deliveries.taken:
        slot = int(taken["slot"][0])
        for i in np.flatnonzero(taken["unmet_kwh"][0] > 1e-6):
            column = series.car_column[i]
            arrival = slot
            while series.car_arrival_kwh[0, arrival, column] < 0:
                arrival -= 1
            slots = slot + 1 - arrival
            reach = slots * devices.charger_kw[i] * 0.25 * devices.charger_efficiency[i]
            due = float(series.car_target_kwh[0, slot, column]) - float(
                series.car_arrival_kwh[0, arrival, column]
            )
            assert due > reach - 1e-3


def test_an_episode_outside_the_year_is_refused():
    engine = Engine(random_community(np.random.default_rng(1)), 1)
    with pytest.raises(ValueError, match="192 to"):
        engine.reset(10, 96)
    with pytest.raises(ValueError, match="n_slots=96"):
        engine.reset(590, 96)
