"""The laws of the market, each by its name, on the engine over random episodes.

Numbered as in the list that they come from; I3 is not among them (a limit is a price for energy alone, rule 8), and I10, I11
and I14 are laws of the call auction.
"""

from fractions import Fraction

import numpy as np
import pytest

from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Account, Control, Side

BUY, SELL = int(Side.BUY), int(Side.SELL)

N, BATCH, START = 7, 4, 220


def decide(random, batch=BATCH, n=N):
    """An action for everybody."""
    follow = random.choice([0.0, 0.5, 1.0], (batch, n))
    shape = (batch, n, len(Control))
    return (
        random.uniform(0.0, 1.5, (batch, n)),
        random.random((batch, n)),
        follow,
        random.uniform(-1, 1, shape),
    )


class Episode:
    """A random community's episode, step by step, with all that it delivered."""

    def __init__(self, seed, n_slots=40, **rules):
        random = np.random.default_rng(seed)
        community = random_community(random, n=N, rounds=1 + seed % 3)
        self.community = community._replace(rules=community.rules._replace(**rules))
        self.engine = Engine(self.community, BATCH, seed)
        self.engine.reset(START, n_slots, np.arange(BATCH) % 2)
        self.delivered = []
        self._random = random

    def steps(self):
        while not self.engine.finished.all():
            self.engine.announce(self._random.integers(-30_000, 30_000, BATCH))
            yield self.engine.step(*decide(self._random), self._keep)

    def play(self):
        for _ in self.steps():
            pass
        return self

    def _keep(self, engine):
        state = engine.state
        kept = {name: values.copy() for name, values in state.delivered._asdict().items()}
        kept |= {name: values.copy() for name, values in state.delivery._asdict().items()}
        self.delivered.append(kept)


SEEDS = pytest.mark.parametrize("seed", range(6))


@SEEDS
def test_i1_members_and_accounts_of_an_episode_sum_to_zero_after_every_step(seed):
    episode = Episode(seed)
    totals = episode.engine.state.totals
    for _ in episode.steps():
        cash = totals.cash_neur.sum(axis=1) + totals.accounts_neur.sum(axis=1)
        assert cash.tolist() == [0] * BATCH
    fee = episode.community.series.fee
    fees = sum(fee[slot["slot"]] * slot["bought_wh"].sum(axis=1) for slot in episode.delivered)
    assert totals.accounts_neur[:, Account.OPERATOR].tolist() == fees.tolist()


@SEEDS
def test_i2_an_episode_accounts_for_every_metered_wh(seed):
    """Bought is sold; position and imbalance are the reading; the reading is load, PV and devices."""
    episode = Episode(seed).play()
    series = episode.community.series
    for slot in episode.delivered:
        assert slot["bought_wh"].sum(axis=1).tolist() == slot["sold_wh"].sum(axis=1).tolist()
        position_wh = slot["bought_wh"] - slot["sold_wh"]
        assert (position_wh + slot["imbalance_wh"] == slot["reading_wh"]).all()
        weather_kw = series.load_kw[slot["slot"]].astype(float) - series.pv_kw[slot["slot"]]
        net_kwh = weather_kw * 0.25 + slot["curtailed_kwh"] + slot["device_kwh"].sum(axis=2)
        np.testing.assert_allclose(slot["net_kwh"], net_kwh, rtol=0.0, atol=1e-6)
        assert (np.abs(slot["reading_wh"] - 1_000 * slot["net_kwh"]) < 1.0 + 1e-6).all()


@SEEDS
def test_i4_positions_stay_inside_their_envelopes(seed):
    episode = Episode(seed)
    trading, sites = episode.engine.state.trading, episode.community.sites
    for _ in episode.steps():
        position_wh = trading.bought_wh - trading.sold_wh
        assert (position_wh <= sites.import_limit_wh).all() and (-position_wh <= sites.export_limit_wh).all()


def send(engine, orders):
    """Trade a round of orders (side, tick, quantity) on the raw face, the same in every community."""
    for i, (side, tick, quantity_wh) in enumerate(orders):
        rows = engine.state.orders
        rows.side[:, i], rows.tick[:, i], rows.quantity_wh[:, i] = side, tick, quantity_wh
    engine.trade()


def amply_connected(seed, rounds):
    community = random_community(np.random.default_rng(seed), n=3, rounds=rounds)
    wide = np.full(3, 1_000_000)
    return community._replace(sites=community.sites._replace(import_limit_wh=wide, export_limit_wh=wide))


def test_i7_in_the_engine_nobody_trades_with_himself():
    """A participant has one order, so its own never waits on the other side: a new one takes it out first (rule 5)."""
    engine = Engine(amply_connected(1, rounds=2), 8)
    engine.reset(START, 4)
    still = decide(np.random.default_rng(0), 8, 3)
    engine.commit(*still)
    send(engine, [(SELL, 10, 500), (BUY, 0, 0), (BUY, 0, 0)])
    engine.close()
    send(engine, [(BUY, 200, 500), (BUY, 0, 0), (BUY, 0, 0)])
    assert not engine.state.fills.fills.any()
    assert not engine.state.trading.bought_wh.any()


def test_i9_what_rests_at_the_gate_trades_no_more():
    """An offer of the last round finds nobody in the next slot, whoever comes first; within the slot it does."""
    n_fills = {}
    for rounds in (1, 2):
        engine = Engine(amply_connected(2, rounds), 64)
        engine.reset(START, 4)
        engine.commit(*decide(np.random.default_rng(0), 64, 3))
        send(engine, [(SELL, 10, 500), (BUY, 0, 0), (BUY, 0, 0)])
        engine.close()
        send(engine, [(SELL, 223, 1), (BUY, 200, 500), (BUY, 0, 0)])
        n_fills[rounds] = int(engine.state.fills.fills.sum())
    assert n_fills[1] == 0
    assert 0 < n_fills[2] < 64, "it stands until its owner's next order comes"


@SEEDS
def test_i12_rounding_makes_neither_cash_nor_energy(seed):
    """No rule of the core divides: the residue stays empty. Readings follow the register to less than a Wh."""
    episode = Episode(seed).play()
    totals = episode.engine.state.totals
    assert not totals.accounts_neur[:, Account.RESIDUE].any()
    reading_wh = sum(slot["reading_wh"] for slot in episode.delivered)
    metered_wh = 1_000 * sum(slot["net_kwh"] for slot in episode.delivered)
    drift_wh = metered_wh - reading_wh
    assert (drift_wh > -1e-6).all() and (drift_wh < 1.0 + 1e-6).all()


@SEEDS
def test_i12_limits_are_rounded_against_whoever_sends_them(seed):
    """A buyer's tick is not above its limit, a seller's not below, and neither is a tick away; the band's end is another matter.

    To 1 nEUR/Wh, for the limit itself is computed in floating point.
    """
    episode = Episode(seed, tick_size=2_000 + 777 * seed)
    engine, rules, random = episode.engine, episode.community.rules, np.random.default_rng(seed)
    checked = 0
    while not engine.finished.all():
        decision = decide(random)
        engine.commit(*decision)
        retail, orders = engine.retail_neur(), engine.state.orders
        published = episode.community.series.feed_in[engine.state.clock.sample, engine.state.clock.slot]
        fee = episode.community.series.fee[engine.state.clock.slot]
        feed_in = np.minimum(published, retail - fee)
        for b, i in np.argwhere((orders.quantity_wh > 0) & (orders.tick < rules.n_ticks - 1)):
            limit_neur = Fraction(float(decision[1][b, i])) * int(retail[b] - fee[b] - feed_in[b])
            distance_neur = limit_neur - rules.tick_size * int(orders.tick[b, i])
            if orders.side[b, i] == SELL:
                distance_neur = -distance_neur
            assert -1 < distance_neur < rules.tick_size + 1
            checked += 1
        engine.trade()
        engine.close()
    assert checked > 100


@SEEDS
def test_i13_replaying_an_episodes_log_gives_the_same_state(seed):
    """The log: decisions, shifts and the orders that were traded."""
    first = Episode(seed)
    engine, random, log = first.engine, np.random.default_rng(seed), []
    while not engine.finished.all():
        shift, decision = random.integers(-30_000, 30_000, BATCH), decide(random)
        engine.announce(shift)
        engine.commit(*decision)
        orders = [column.copy() for column in engine.state.orders]
        log.append((shift, decision, orders))
        engine.trade()
        engine.close()
    second = Episode(seed).engine
    for shift, decision, orders in log:
        second.announce(shift)
        second.commit(*decision)
        for column, logged in zip(second.state.orders, orders, strict=True):
            column[:] = logged
        second.trade()
        second.close()
    for name in ("totals", "stores"):
        for once, again in zip(getattr(engine.state, name), getattr(second.state, name), strict=True):
            assert once.tobytes() == again.tobytes()
