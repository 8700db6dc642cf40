"""The batch engine against its plain twin: whole days of random communities, every order, fill, reading, cent and cost."""

from dataclasses import astuple

import numpy as np
import pytest

from gridbid.market.conservation import residuals
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community, with_absences, with_forecast
from gridbid.market.naive.records import Action, Order
from gridbid.market.naive.slot import NaiveCommunity
from gridbid.market.types import Account, Control, Cost, ForecastKind
from gridbid.market.units import MAX_QUANTITY_WH

YEAR = 600
A_DAY_AND_MORE = 96 + 12
"""So that a tariff shifted for tomorrow is settled, too."""
EXACT = {"rtol": 0.0, "atol": 1e-9}
BY_THE_FLOW = {"rtol": 0.0, "atol": 2e-6}
"""kW, kWh and EUR that come from a power flow to 1e-8 pu on a base of 100 kVA."""


def drawn_community(random):
    """A random community; now and then with few ticks, a bound on fills, narrow or no envelopes, another slot, shunts.

    In some members come and go, and forecasts are of any model.
    """
    n, n_buses = int(random.integers(1, 11)), int(random.integers(2, 12))
    community = random_community(
        random,
        n=n,
        n_buses=n_buses,
        rounds=int(random.integers(1, 4)),
        n_slots=YEAR,
        slots_per_day=int(random.choice([24, 48, 96, 96, 96])),
    )
    rules = community.rules._replace(
        n_ticks=int(random.choice([2, 64, 65, 224, 224, 400])),
        max_fills=int(random.choice([1, 2, 64, 64])),
        tick_size=int(random.choice([1, 700, 2_000, 2_000])),
    )
    width = random.choice([0, 1, 300, 3_000, 3_000, 1 << 30])
    limits = {name: random.integers(0, width + 1, n) for name in ("import_limit_wh", "export_limit_wh")}
    network = community.network._replace(
        g_pu=random.uniform(0.0, 1e-3, n_buses),
        b_pu=random.uniform(-1e-3, 1e-3, n_buses),
        rating_kva=np.r_[np.inf, random.choice([2.0, 30.0, np.inf], n_buses - 1)],
        source_pu=float(random.choice([0.97, 1.0, 1.03])),
    )
    sites = community.sites._replace(**limits) if random.random() < 0.7 else community.sites
    community = community._replace(rules=rules, sites=sites, network=network)
    community = with_absences(random, community) if random.random() < 0.5 else community
    return with_forecast(random, community, ForecastKind(random.choice(ForecastKind)))


def random_decision(random, batch, n):
    """Offer, limit, follow and controls within their tables' ranges, with the corners among them."""

    def cornered(low, high, *shape):
        values = random.uniform(low, high, shape)
        for corner in (low, high):
            values[random.random(shape) < 0.1] = corner
        return values

    follow = random.choice([0.0, 0.3, 1.0], (batch, n))
    controls = cornered(-1.0, 1.0, batch, n, len(Control))
    return cornered(0.0, 1.5, batch, n), cornered(0.0, 1.0, batch, n), follow, controls


def raw_orders(random, rules, planned, before):
    """Orders as traders on the raw face may send them: planned, as before, changed, about the middle, out of the band, absurd."""
    middle, orders = rules.n_ticks // 2, []
    for order, last in zip(planned, before, strict=True):
        side, tick = int(random.integers(0, 2)), middle + int(random.integers(-2, 3))
        odd_tick = int(random.choice([-1, 0, rules.n_ticks - 1, rules.n_ticks]))
        odd_wh = int(random.choice([0, -1, MAX_QUANTITY_WH - 1, MAX_QUANTITY_WH]))
        quantity_wh = int(random.choice([1, 5, 50, 400, 3_000]))
        changed_wh = last.quantity_wh + int(random.integers(-40, 40))
        choices = [
            order,
            *[last] * 3,
            last._replace(quantity_wh=changed_wh),
            *[Order(side, min(max(tick, 0), rules.n_ticks - 1), quantity_wh)] * 4,
            Order(side, odd_tick, quantity_wh),
            Order(side, tick, odd_wh),
        ]
        orders.append(choices[random.integers(len(choices))])
    return orders


class Twins:
    """An engine and a plain twin of each of its communities, fed alike and compared after every event."""

    def __init__(self, community, batch, seed):
        self.community, self.batch, self.seed = community, batch, seed
        self.engine = Engine(community, batch, seed)
        self.naive = [None] * batch
        self.traded_wh = self.collapsed = 0

    def reset(self, mask, start, n_slots, sample, identity):
        """Begin episodes of ``n_slots`` slots in the masked communities; the rest by community."""
        self.engine.reset(start, n_slots, sample, mask, identity)
        for b in np.flatnonzero(mask):
            self.naive[b] = NaiveCommunity(
                self.community, int(start[b]), n_slots, int(sample[b]), self.seed, int(identity[b])
            )
            self.compare_stores(b)

    def announce(self, shift):
        self.engine.announce(shift)
        for b, twin in enumerate(self.naive):
            twin.announce(int(shift[b]))
        tomorrow = max(twin.slot for twin in self.naive) + self.community.rules.slots_per_day
        for ahead in (0, self.community.rules.slots_per_day) if tomorrow < YEAR else (0,):
            announced = [twin.tariff.prices(twin.slot + ahead).retail for twin in self.naive]
            assert self.engine.retail_neur(ahead).tolist() == announced

    def commit(self, decision):
        self.engine.commit(*decision)
        offer, limit, follow, controls = (part.tolist() for part in decision)
        orders = []
        for b, twin in enumerate(self.naive):
            seats = zip(offer[b], limit[b], follow[b], controls[b], strict=True)
            orders.append(twin.commit([Action(q, lam, phi, tuple(u)) for q, lam, phi, u in seats]))
            self.compare_plans(b, orders[b])
        return orders

    def compare_plans(self, b, orders):
        state, twin = self.engine.state, self.naive[b]
        assert state.orders.quantity_wh[b].tolist() == [order.quantity_wh for order in orders]
        sent = [i for i, order in enumerate(orders) if order.quantity_wh > 0]
        assert state.orders.side[b, sent].tolist() == [orders[i].side for i in sent]
        assert state.orders.tick[b, sent].tolist() == [orders[i].tick for i in sent]
        for name in ("curtail", "follow"):
            expected = [getattr(member.trading, name) for member in twin.members]
            assert getattr(state.trading, name)[b].tolist() == expected
        trimmed = [member.trading.trimmed_kwh for member in twin.members]
        np.testing.assert_allclose(state.trading.trimmed_kwh[b], trimmed, **EXACT)
        plans = [member.trading.energy_kwh for member in twin.members]
        np.testing.assert_allclose(state.trading.plan_kwh[b], plans, **EXACT)

    def send(self, b, orders):
        """Write a community's orders on the raw face."""
        rows = self.engine.state.orders
        for i, order in enumerate(orders):
            rows.side[b, i], rows.tick[b, i], rows.quantity_wh[b, i] = order

    def trade(self, orders):
        self.engine.trade()
        for b, twin in enumerate(self.naive):
            if not twin.finished:
                twin.trade(orders[b])
                self.compare_trades(b)
                self.traded_wh += sum(fill.quantity_wh for fill in twin.fills)

    def compare_trades(self, b):
        state, twin = self.engine.state, self.naive[b]
        n = int(state.fills.fills[b])
        columns = (state.fills.taker, state.fills.maker, state.fills.tick, state.fills.quantity_wh)
        logged = list(zip(*(column[b, :n].tolist() for column in columns), strict=True))
        assert logged == [(fill.taker, fill.maker, fill.tick, fill.quantity_wh) for fill in twin.fills]
        assert state.orders.rejected[b].tolist() == twin.rejected
        for name in ("bought_wh", "sold_wh", "paid_neur", "received_neur"):
            assert getattr(state.trading, name)[b].tolist() == [
                getattr(m.trading, name) for m in twin.members
            ]
        if twin.last_price is not None:
            assert int(state.last_price[b]) == twin.last_price

    def close(self):
        deliveries = [[] for _ in range(self.batch)]

        def collect(engine):
            delivered = engine.state.delivered
            for b in np.flatnonzero(delivered.slot >= 0):
                deliveries[b].append({name: values[b].copy() for name, values in delivered._asdict().items()})

        playing = [b for b, twin in enumerate(self.naive) if not twin.finished]
        self.engine.close(collect)
        for b in range(self.batch):
            slots = self.naive[b].close() if b in playing else []
            assert len(deliveries[b]) == len(slots)
            for delivered, slot in zip(deliveries[b], slots, strict=True):
                self.compare_delivered(delivered, slot)
            self.compare_costs(b, slots)
            self.compare_stores(b)
            self.compare_sums(b)

    def compare_delivered(self, delivered, slot):
        assert int(delivered["slot"]) == slot.slot
        for name in ("reading_wh", "imbalance_wh", "cash_neur", "fee_neur"):
            assert delivered[name].tolist() == [getattr(one, name) for one in slot.members]
        for name in ("net", "curtailed", "cut", "breach", "unmet", "unserved", "throughput"):
            expected = [getattr(one, f"{name}_kwh") for one in slot.members]
            np.testing.assert_allclose(delivered[f"{name}_kwh"], expected, **EXACT, err_msg=name)
        energy = [one.energy_kwh for one in slot.members]
        np.testing.assert_allclose(delivered["device_kwh"], energy, **EXACT)
        for name in ("feeder_kw", "losses_kwh", "overload_kwh"):
            np.testing.assert_allclose(delivered[name], getattr(slot, name), **BY_THE_FLOW, err_msg=name)
        voltages = [one.voltage_pu for one in slot.members]
        self.collapsed += np.isnan(voltages).any()
        np.testing.assert_allclose(delivered["voltage_pu"], voltages, rtol=0.0, atol=2e-8)

    def compare_costs(self, b, slots):
        expected = np.zeros((self.community.n_participants, len(Cost)))
        for slot in slots:
            expected += [one.cost_eur for one in slot.members]
        cost_eur = self.engine.state.cost_eur[b]
        own = [part for part in Cost if part != Cost.VIOLATION]
        np.testing.assert_allclose(cost_eur[:, own], expected[:, own], **EXACT)
        np.testing.assert_allclose(cost_eur[:, Cost.VIOLATION], expected[:, Cost.VIOLATION], **BY_THE_FLOW)

    def compare_stores(self, b):
        state, members = self.engine.state, self.naive[b].members
        stores = np.transpose(
            [state.stores.battery_kwh[b], state.stores.car_kwh[b], state.stores.heat_kwh[b]]
        )
        np.testing.assert_allclose(stores, [astuple(member.stores) for member in members], **EXACT)
        values = [member.stored_value_eur for member in members]
        np.testing.assert_allclose(state.stored_value_eur[b], values, **EXACT)

    def compare_sums(self, b):
        totals, twin = self.engine.state.totals, self.naive[b]
        for name in ("cash_neur", "reading_wh", "imbalance_wh", "bought_wh", "sold_wh"):
            assert getattr(totals, name)[b].tolist() == [
                getattr(member.sums, name) for member in twin.members
            ]
        assert totals.accounts_neur[b].tolist() == [twin.accounts[account] for account in Account]
        registers = [member.register_kwh for member in twin.members]
        np.testing.assert_allclose(totals.register_kwh[b], registers, **EXACT)


def play(community, batch, n_slots, random):
    """Episodes of ``batch`` communities that begin in slots of their own, with shifts; in some slots on the raw face."""
    twins, n = Twins(community, batch, int(random.integers(0, 1 << 62))), community.n_participants
    start = random.integers(192, YEAR - n_slots, batch)
    everybody = np.ones(batch, np.bool_)
    twins.reset(everybody, start, n_slots, random.integers(0, 2, batch), random.integers(0, 1 << 40, batch))
    for _ in range(n_slots):
        raw, orders = random.random(batch) < 0.3, None
        for _ in range(community.rules.rounds):
            twins.announce(random.integers(-30_000, 30_000, batch))
            planned, before = twins.commit(random_decision(random, batch, n)), orders
            orders = list(planned)
            for b in np.flatnonzero(raw):
                last = before[b] if before else planned[b]
                orders[b] = raw_orders(random, community.rules, planned[b], last)
                twins.send(b, orders[b])
            twins.trade(orders)
            twins.close()
    assert twins.engine.finished.all()
    assert all(twin.finished for twin in twins.naive)
    assert residuals(twins.engine) == {"energy_wh": 0, "cash_neur": 0}
    return twins


@pytest.mark.parametrize("seed", range(10))
def test_a_day_equals_the_plain_twin(seed):
    random = np.random.default_rng(seed)
    twins = play(drawn_community(random), 3, A_DAY_AND_MORE, random)
    sites = twins.community.sites
    assert twins.traded_wh > 0 or sites.bus.size == 1 or not sites.import_limit_wh.any()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_days_of_hundreds_of_communities_equal_the_plain_twin(seed):
    random = np.random.default_rng(seed)
    play(drawn_community(random), 4, A_DAY_AND_MORE, random)


@pytest.mark.parametrize("seed", range(4))
def test_a_few_slots_on_the_smallest_feeder_equal_the_plain_twin(seed):
    """Little enough for kernels that run as plain Python."""
    random = np.random.default_rng(seed)
    community = random_community(random, n=6, n_buses=2, rounds=1 + seed % 3, n_slots=YEAR)
    community = with_absences(random, community) if seed % 2 else community
    community = with_forecast(random, community, ForecastKind(seed % len(ForecastKind)))
    assert play(community, 2, 10, random).traded_wh > 0


def test_more_communities_than_the_feeder_solves_at_once_equal_their_twins():
    """Episodes of a slot to a dozen that end, and begin anew, while others go on."""
    random = np.random.default_rng(41)
    community = random_community(random, n=3, n_buses=5, rounds=2, n_slots=YEAR)
    batch = 40
    twins, due = Twins(community, batch, 8), np.ones(batch, np.bool_)
    for _ in range(40):
        length = int(random.integers(1, 12))
        start = random.integers(192, YEAR - length, batch)
        twins.reset(due, start, length, random.integers(0, 2, batch), random.integers(0, 99, batch))
        twins.announce(random.integers(-30_000, 30_000, batch))
        orders = twins.commit(random_decision(random, batch, 3))
        twins.trade(orders)
        twins.close()
        due = twins.engine.finished | (random.random(batch) < 0.02)
    assert twins.traded_wh > 0


@pytest.mark.parametrize("seed", range(3))
def test_a_feeder_without_a_solution_is_reported_as_the_twin_does(seed):
    """Cables so long that no voltage carries the load: nan voltages, and the first branch's rating sets the overload."""
    random = np.random.default_rng(seed)
    community = random_community(random, n=6, n_slots=YEAR)
    collapsing = community.network._replace(
        r_pu=1e4 * community.network.r_pu, rating_kva=np.r_[np.inf, np.full(5, 9.0)]
    )
    twins = Twins(community._replace(network=collapsing), 2, seed)
    twins.reset(np.ones(2, np.bool_), np.array([200, 300]), 6, np.zeros(2, int), np.arange(2))
    for _ in range(6):
        twins.trade(twins.commit(random_decision(random, 2, 6)))
        twins.close()
    assert twins.collapsed > 0


def test_device_bounds_hold_under_any_action():
    random = np.random.default_rng(12)
    community = random_community(random, n=8)
    engine = Engine(community, 5, 1)
    engine.reset(250, 96)
    devices, stores = community.devices, engine.state.stores
    while not engine.finished.all():
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
    series, devices, engine = community.series, community.devices, Engine(community, 1, 1)
    unmet = []

    def collect(engine):
        delivered = engine.state.delivered
        lacking = np.flatnonzero(delivered.unmet_kwh[0] > 1e-6)
        unmet.extend((int(delivered.slot[0]), int(i)) for i in lacking)

    engine.reset(200, 300)
    while not engine.finished.all():
        offer, limit, follow, controls = random_decision(random, 1, 8)
        controls[:, :, Control.CHARGER] = -1.0
        engine.step(offer, limit, follow, controls, collect)
    assert unmet
    for slot, i in unmet:
        column = series.car_column[i]
        arrival = slot
        while series.car_arrival_kwh[0, arrival, column] < 0:
            arrival -= 1
        reach_kwh = (slot + 1 - arrival) * devices.charger_kw[i] * 0.25 * devices.charger_efficiency[i]
        brought_kwh = float(series.car_arrival_kwh[0, arrival, column])
        assert float(series.car_target_kwh[0, slot, column]) - brought_kwh > reach_kwh - 1e-3


def test_a_masked_reset_leaves_the_others_alone():
    community = random_community(np.random.default_rng(8), n=8)
    engine, random = Engine(community, 3, 1), np.random.default_rng(4)
    engine.reset(250, 40)
    for _ in range(10):
        engine.step(*random_decision(random, 3, 8))
    before = engine.state.totals.cash_neur.copy()
    engine.reset(300, 40, mask=np.array([False, True, False]))
    assert engine.state.clock.slot.tolist() == [260, 300, 260]
    assert (engine.state.totals.cash_neur[1] == 0).all()
    np.testing.assert_array_equal(engine.state.totals.cash_neur[[0, 2]], before[[0, 2]])


def test_an_episode_outside_the_year_is_refused():
    engine = Engine(random_community(np.random.default_rng(1)), 1)
    with pytest.raises(ValueError, match="192 to"):
        engine.reset(10, 96)
    with pytest.raises(ValueError, match="n_slots=96"):
        engine.reset(590, 96)
