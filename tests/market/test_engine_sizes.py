"""The engine beside its plain twin at the ends of what it takes: slots of a second to an hour, ten thousand participants."""

from dataclasses import astuple

import numpy as np
import pytest

from gridbid.market.conservation import residuals
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.naive.records import Action
from gridbid.market.naive.slot import NaiveCommunity
from gridbid.market.types import Control, Cost

SEED, IDENTITY = 9, 4
BY_THE_FLOW_EUR = 2e-6


def decide(random, n):
    """Offer, limit, follow (1, N) and controls (1, N, controls)."""
    return (
        random.uniform(0.0, 1.5, (1, n)),
        random.uniform(0.0, 1.0, (1, n)),
        random.choice([0.0, 0.4, 1.0], (1, n)),
        random.uniform(-1.0, 1.0, (1, n, len(Control))),
    )


def actions_of(decision):
    offer, limit, follow, controls = (part[0].tolist() for part in decision)
    seats = zip(offer, limit, follow, controls, strict=True)
    return [Action(q, lam, phi, tuple(u)) for q, lam, phi, u in seats]


def play_beside_the_twin(community, start, n_slots):
    """An episode of both, compared after each step; what was traded, Wh."""
    random, n = np.random.default_rng(SEED), community.n_participants
    engine, twin = Engine(community, 1, SEED), NaiveCommunity(community, start, n_slots, 0, SEED, IDENTITY)
    engine.reset(start, n_slots, identity=IDENTITY)
    while not twin.finished:
        decision = decide(random, n)
        engine.step(*decision)
        slots = twin.play_round(actions_of(decision))
        compare_fills(engine, twin)
        compare_sums(engine, twin)
        cost_eur = np.zeros((n, len(Cost)))
        for slot in slots:
            cost_eur += [one.cost_eur for one in slot.members]
        np.testing.assert_allclose(engine.state.cost_eur[0], cost_eur, rtol=0.0, atol=BY_THE_FLOW_EUR)
    assert residuals(engine) == {"energy_wh": 0, "cash_neur": 0}
    return engine.state.totals.bought_wh.sum()


def compare_fills(engine, twin):
    log = engine.state.fills
    count = int(log.fills[0])
    columns = (column[0, :count].tolist() for column in (log.taker, log.maker, log.tick, log.quantity_wh))
    expected = [(fill.taker, fill.maker, fill.tick, fill.quantity_wh) for fill in twin.fills]
    assert list(zip(*columns, strict=True)) == expected


def compare_sums(engine, twin):
    state, members = engine.state, twin.members
    for name in ("cash_neur", "reading_wh", "imbalance_wh", "bought_wh", "sold_wh"):
        assert getattr(state.totals, name)[0].tolist() == [getattr(member.sums, name) for member in members]
    stores = np.transpose([level[0] for level in state.stores])
    np.testing.assert_allclose(stores, [astuple(member.stores) for member in members], rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("slots_per_day", [24, 288, 1_440, 86_400])
def test_slots_of_an_hour_to_a_second_equal_the_plain_twin(slots_per_day):
    n_slots = 2 * slots_per_day + 80
    community = random_community(
        np.random.default_rng(slots_per_day), n=4, n_slots=n_slots, n_samples=1, slots_per_day=slots_per_day
    )
    traded_wh = play_beside_the_twin(community, 2 * slots_per_day, 60)
    assert traded_wh > 0


def large_community(n):
    """On a feeder that carries them all, so that nothing hangs on the last digits of a power flow."""
    community = random_community(
        np.random.default_rng(6), n=n, n_buses=200, n_slots=56, n_samples=1, slots_per_day=24
    )
    strong = community.network._replace(base_kva=1e5, rating_kva=np.full(200, np.inf))
    return community._replace(network=strong)


def test_ten_thousand_participants_trade_and_settle():
    n = 10_000
    community, random = large_community(n), np.random.default_rng(2)
    engine = Engine(community, 1, SEED)
    engine.reset(48, 4)
    while not engine.finished.all():
        engine.step(*decide(random, n))
        assert engine.state.fills.fills[0] > n // 10
    assert residuals(engine) == {"energy_wh": 0, "cash_neur": 0}


def test_ten_thousand_participants_equal_the_plain_twin():
    assert play_beside_the_twin(large_community(10_000), 48, 3) > 0
