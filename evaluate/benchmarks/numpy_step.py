"""The engine's step in NumPy: the yardstick of somebody who vectorises well and compiles nothing.

All of section 5 is in it, over all communities and participants at once: plans, orders, the auction (in plain Python, see
:mod:`.numpy_auction`), delivery, readings, settlement, power flow, the outlook on the next slot. Left out are the
utility's shifts and the end of an episode, neither of which the benchmark reaches. The same arrays come out as from
the engine: integers to the unit, voltages within the power flow's tolerance.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.benchmarks.numpy_auction import FillLists, PlainBook, arrival_orders
from gridbid.evaluate.benchmarks.numpy_devices import (
    Limits,
    Stores,
    dispatch,
    keep_envelope,
    limits_kwh,
    stores_after,
)
from gridbid.evaluate.benchmarks.numpy_flow import make_feeder, solve
from gridbid.market.engine import Engine
from gridbid.market.types import Account, Control, Cost, Device
from gridbid.market.units import MAX_QUANTITY_WH, NEUR_PER_EUR, WH_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Slot(NamedTuple):
    """What was traded and is planned for a slot: (B, N), ``plan_kwh`` (devices, B, N)."""

    bought_wh: Integers
    sold_wh: Integers
    paid_neur: Integers
    received_neur: Integers
    plan_kwh: Floats
    curtail: Floats
    follow: Floats

    @property
    def position_wh(self) -> Integers:
        """Bought less sold."""
        return self.bought_wh - self.sold_wh


class Outlook(NamedTuple):
    """What is expected of the slot that trades: (B, N), kWh."""

    net_kwh: Floats
    pv_kwh: Floats
    limits: Limits


class Cars(NamedTuple):
    """Cars by participant, (samples, T, N): departure, target and arrival energy as in the community's series."""

    departure: Integers
    target_kwh: Floats
    arrival_kwh: Floats


class NumpyEngine:
    """Goes on from where an engine stands that has just been reset; ``step`` then does what the engine's does."""

    def __init__(self, engine: Engine) -> None:
        community, state = engine.community, engine.state
        self.community, self.seed = community, engine.seed
        self.batch, self.n = engine.batch, community.n_participants
        self.sample, self.identity = state.clock.sample.copy(), state.clock.identity.copy()
        self.start, self.slot, self.round = state.clock.start.copy(), state.clock.slot.copy(), 0
        series = community.series
        self._load_kw, self._pv_kw, self._heat_kw, self._net_kw = (
            table.astype(np.float64)
            for table in (series.load_kw, series.pv_kw, series.heat_kw, series.net_kw)
        )
        self._cars = _spread_cars(engine)
        self._feeder = make_feeder(community.network)
        at_bus = self._feeder.rank[community.sites.bus]
        self._by_bus = np.argsort(at_bus, kind="stable")
        self._buses, self._first_at_bus = np.unique(at_bus[self._by_bus], return_index=True)
        self._reach_wh = (
            np.minimum(community.sites.import_limit_wh, MAX_QUANTITY_WH - 1),
            np.minimum(community.sites.export_limit_wh, MAX_QUANTITY_WH - 1),
        )

        self.trading, self.delivery = self._new_slot(), self._new_slot()
        self.books = self._new_books()
        self.stores = Stores(*(table.copy() for table in state.stores))
        self.stored_value_eur = state.stored_value_eur.copy()
        outlook = state.outlook
        self.outlook = Outlook(
            outlook.net_kwh.copy(),
            outlook.pv_kwh.copy(),
            Limits(*(np.moveaxis(table, -1, 0).copy() for table in (outlook.least_kwh, outlook.most_kwh))),
        )
        self.last_price = state.last_price.copy()
        self.reading_history_wh = state.reading_history_wh.copy()
        self.register_kwh = np.zeros((self.batch, self.n))
        self.cash_total_neur = np.zeros((self.batch, self.n), np.int64)
        self.accounts_neur = np.zeros((len(Account), self.batch), np.int64)
        self.cost_eur = np.zeros((len(Cost), self.batch, self.n))
        self.voltage_pu = np.full((self._feeder.rank.size, self.batch), self._feeder.source_pu, np.complex128)
        self.local_voltage_pu = np.full((self.batch, self.n), self._feeder.source_pu)
        self.reading_wh = self.imbalance_wh = self.cash_neur = np.zeros((self.batch, self.n), np.int64)
        self.feeder_kw = self.losses_kwh = self.overload_kwh = np.zeros(self.batch)

    def step(self, offer: Floats, limit: Floats, follow: Floats, controls: Floats) -> None:
        """One round: (B, N) each, ``controls`` (B, N, controls)."""
        self.cost_eur[:] = 0.0
        self._trade(*self._commit(offer, limit, follow, controls))
        self.round += 1
        if self.round < self.community.rules.rounds:
            return
        if self.slot[0] > self.start[0]:
            net_kwh = self._deliver(self.slot - 1)
            self._settle(self.slot - 1)
            self._flow(self.slot - 1, net_kwh)
        self.delivery, self.trading, self.books = self.trading, self._new_slot(), self._new_books()
        self.slot, self.round = self.slot + 1, 0
        self._issue_outlook()

    def _new_slot(self) -> Slot:
        bought, sold, paid, received = np.zeros((4, self.batch, self.n), np.int64)
        curtail, follow = np.zeros((2, self.batch, self.n))
        plan_kwh = np.zeros((len(Device), self.batch, self.n))
        return Slot(bought, sold, paid, received, plan_kwh, curtail, follow)

    def _new_books(self) -> list[PlainBook]:
        rules = self.community.rules
        return [PlainBook(b, self.n, rules.n_ticks, rules.max_fills) for b in range(self.batch)]

    def _prices(self, slot: Integers) -> tuple[Integers, Integers, Integers]:
        """Retail price, fee and feed-in price, (B,)."""
        series = self.community.series
        retail, fee = series.retail[self.sample, slot], series.fee[slot]
        return retail, fee, np.minimum(series.feed_in[self.sample, slot], retail - fee)

    def _forecast_kwh(self, series_kw: Floats, slot: Integers, ahead: int) -> Floats:
        """Issued forecast of the slot ``ahead`` of ``slot`` (-1 or 0)."""
        rules, decay = self.community.rules, self.community.series.forecast.decay
        deviation = series_kw[slot - 2] - series_kw[slot - 2 - rules.slots_per_day]
        expected = series_kw[slot + ahead - rules.slots_per_day] + decay[ahead + 2] * deviation
        return expected * rules.slot_h

    def _commit(
        self, offer: Floats, limit: Floats, follow: Floats, controls: Floats
    ) -> tuple[Integers, Integers, Integers]:
        """Commit plans; return the orders' sides, ticks and quantities."""
        devices, rules, trading = self.community.devices, self.community.rules, self.trading
        least, most = self.outlook.limits
        trading.follow[:] = follow
        np.maximum(controls[..., Control.CURTAIL], 0.0, out=trading.curtail)
        need = self.outlook.net_kwh + trading.curtail * self.outlook.pv_kwh
        charger_kw = np.where(controls[..., 1] > 0.0, devices.charger_kw, devices.charger_v2g_kw)
        for d, rated_kw in enumerate((devices.battery_kw, charger_kw, devices.heat_pump_kw)):
            wanted = controls[..., d] * rated_kw * rules.slot_h
            np.minimum(np.maximum(wanted, least[d]), most[d], out=trading.plan_kwh[d])
            need += trading.plan_kwh[d]
        position = trading.position_wh
        need -= position / WH_PER_KWH
        retail, fee, floor = self._prices(self.slot)
        buys = need > 0.0
        width = limit * (retail - fee - floor)[:, None]
        above = np.where(buys, np.floor(width), np.ceil(width)).astype(np.int64)
        tick = np.where(buys, above // rules.tick_size, -(-above // rules.tick_size))
        tick = np.minimum(np.maximum(tick, 0), rules.n_ticks - 1)
        room = np.where(buys, self._reach_wh[0] - position, self._reach_wh[1] + position)
        quantity = np.minimum(np.floor(offer * np.abs(need) * WH_PER_KWH).astype(np.int64), room)
        quantity[(quantity < 0) | (quantity >= MAX_QUANTITY_WH)] = 0
        return np.where(buys, 0, 1), tick, quantity

    def _trade(self, side: Integers, tick: Integers, quantity_wh: Integers) -> None:
        fills = FillLists([], [], [], [], [])
        reach = (self._reach_wh[0].tolist(), self._reach_wh[1].tolist())
        arrivals = arrival_orders(self.seed, self.identity, self.slot, self.round, self.n)
        orders = (side.tolist(), tick.tolist(), quantity_wh.tolist())
        for book, order, sides, ticks, quantities in zip(self.books, arrivals, *orders, strict=True):
            book.play(order, sides, ticks, quantities, reach, fills)
        community, buyer, seller, at, traded = (np.array(column, np.int64) for column in fills)
        *_, floor = self._prices(self.slot)
        price = floor[community] + at * self.community.rules.tick_size
        for sums, who, what in (
            (self.trading.bought_wh, buyer, traded),
            (self.trading.paid_neur, buyer, traded * price),
            (self.trading.sold_wh, seller, traded),
            (self.trading.received_neur, seller, traded * price),
        ):
            np.add.at(sums.reshape(-1), who, what)
        self.last_price[community] = price

    def _arrived(self, slot: Integers) -> Stores:
        """Stores at the start of a slot: a car that arrives brings its own energy."""
        arrival_kwh = self._cars.arrival_kwh[self.sample, slot]
        return self.stores._replace(car_kwh=np.where(arrival_kwh >= 0.0, arrival_kwh, self.stores.car_kwh))

    def _deliver(self, slot: Integers) -> Floats:
        """Deliver a slot; return what each meter takes, kWh."""
        devices, rules, sites, plan = (
            self.community.devices,
            self.community.rules,
            self.community.sites,
            self.delivery,
        )
        stores = self._arrived(slot)
        departure = self._cars.departure[self.sample, slot]
        target_kwh = self._cars.target_kwh[self.sample, slot]
        heat, pv, net = (table[slot] * rules.slot_h for table in (self._heat_kw, self._pv_kw, self._net_kw))
        after = slot[:, None] + 1
        limits = limits_kwh(devices, rules.slot_h, stores, target_kwh, departure - after, heat)
        curtailed = plan.curtail * pv
        wanted = plan.position_wh / WH_PER_KWH - net - curtailed
        energy = dispatch(plan.plan_kwh, plan.follow, wanted, limits)
        held_back, breach = keep_envelope(
            energy,
            limits.least,
            net + curtailed,
            pv - curtailed,
            sites.import_limit_wh / WH_PER_KWH,
            sites.export_limit_wh / WH_PER_KWH,
        )
        curtailed += held_back
        self.stores, unserved = stores_after(devices, rules.slot_h, stores, energy, departure >= 0, heat)
        unmet = np.where(departure == after, np.maximum(target_kwh - self.stores.car_kwh, 0.0), 0.0)
        metered = net + curtailed + (energy[0] + energy[1] + energy[2])
        register = self.register_kwh + metered
        reading = np.floor(register * WH_PER_KWH) - np.floor(self.register_kwh * WH_PER_KWH)
        self.reading_wh, self.register_kwh = reading.astype(np.int64), register
        kept = self.reading_history_wh.shape[1] - 1
        self.reading_history_wh[np.arange(self.batch), slot & kept] = self.reading_wh
        penalties, cost = self.community.penalties, self.cost_eur
        cost[Cost.WEAR] = devices.wear_eur_per_kwh * np.abs(energy[0])
        cost[Cost.DISCOMFORT] = penalties.discomfort * unserved
        cost[Cost.UNMET_EV] = penalties.unmet_ev * unmet
        cost[Cost.VIOLATION] = penalties.envelope * breach
        value = penalties.stored_energy_value * self.stores.battery_kwh * devices.discharge_efficiency
        value += np.where(
            devices.heat_pump_kw > 0.0,
            penalties.stored_energy_value * self.stores.heat_kwh / devices.cop,
            0.0,
        )
        cost[Cost.STORED] = self.stored_value_eur - value
        self.stored_value_eur = value
        return metered

    def _settle(self, slot: Integers) -> None:
        retail, fee_price, feed_in = (price[:, None] for price in self._prices(slot))
        wholesale = self.community.series.wholesale[self.sample, slot][:, None]
        imbalance = self.reading_wh - self.delivery.position_wh
        supplier = imbalance * np.where(imbalance > 0, retail, feed_in)
        fee = self.delivery.bought_wh * fee_price
        outside = imbalance * wholesale
        self.imbalance_wh = imbalance
        self.cash_neur = self.delivery.received_neur - self.delivery.paid_neur - fee - supplier
        self.cash_total_neur += self.cash_neur
        self.accounts_neur[Account.SUPPLIER] += (supplier - outside).sum(axis=1)
        self.accounts_neur[Account.OPERATOR] += fee.sum(axis=1)
        self.accounts_neur[Account.OUTSIDE] += outside.sum(axis=1)
        self.cost_eur[Cost.BILL] = -(self.cash_neur / NEUR_PER_EUR)

    def _flow(self, slot: Integers, net_kwh: Floats) -> None:
        """Power flow of what was delivered; an overload's price is shared by those who flow its way."""
        community, feeder = self.community, self._feeder
        load_kva = net_kwh / community.rules.slot_h + 1j * community.load_tan_phi * self._load_kw[slot]
        load_pu = np.zeros_like(self.voltage_pu)
        load_pu[self._buses] = np.add.reduceat(load_kva.T[self._by_bus], self._first_at_bus, axis=0)
        load_pu /= feeder.base_kva
        self.voltage_pu, current_pu = solve(feeder, load_pu, self.voltage_pu)
        squared = current_pu.real**2 + current_pu.imag**2
        losses = feeder.impedance_pu.real * squared
        losses += feeder.shunt_pu.real * (self.voltage_pu.real**2 + self.voltage_pu.imag**2)
        overload = np.maximum(np.sqrt(squared) * feeder.base_kva - feeder.rating_kva, 0.0).sum(axis=0)
        self.losses_kwh = losses.sum(axis=0) * feeder.base_kva * community.rules.slot_h
        self.feeder_kw = feeder.source_pu * current_pu[0].real * feeder.base_kva
        self.overload_kwh = overload * community.rules.slot_h
        self.local_voltage_pu = np.abs(self.voltage_pu)[feeder.rank[community.sites.bus]].T
        direction = np.where(self.feeder_kw >= 0.0, 1.0, -1.0)[:, None]
        flowing = np.maximum(direction * net_kwh, 0.0)
        total = flowing.sum(axis=1, keepdims=True)
        share = np.where(total > 0.0, flowing / np.where(total > 0.0, total, 1.0), 1.0 / self.n)
        self.cost_eur[Cost.VIOLATION] += community.penalties.overload * self.overload_kwh[:, None] * share

    def _issue_outlook(self) -> None:
        """Forecasts, and what the devices will allow if the slot before goes by its plan and forecast."""
        devices, hours, plan = self.community.devices, self.community.rules.slot_h, self.delivery
        slot, before = self.slot, self.slot - 1
        departure = self._cars.departure[self.sample, before]
        target_kwh = self._cars.target_kwh[self.sample, before]
        net, pv, heat = (self._forecast_kwh(table, slot, -1) for table in self._forecast_tables)
        pv, heat = np.maximum(pv, 0.0), np.maximum(heat, 0.0)
        stores = self._arrived(before)
        limits = limits_kwh(devices, hours, stores, target_kwh, departure - slot[:, None], heat)
        wanted = plan.position_wh / WH_PER_KWH - net - plan.curtail * pv
        energy = dispatch(plan.plan_kwh, plan.follow, wanted, limits)
        stores, _ = stores_after(devices, hours, stores, energy, departure >= 0, heat)
        net, pv, heat = (self._forecast_kwh(table, slot, 0) for table in self._forecast_tables)
        pv, heat = np.maximum(pv, 0.0), np.maximum(heat, 0.0)
        limits = limits_kwh(devices, hours, stores, target_kwh, departure - slot[:, None] - 1, heat)
        self.outlook = Outlook(net, pv, limits)

    @property
    def _forecast_tables(self) -> tuple[Floats, Floats, Floats]:
        return self._net_kw, self._pv_kw, self._heat_kw


def _spread_cars(engine: Engine) -> Cars:
    """The cars' columns by participant: -1, 0 and -1 where there is no charge point."""
    series, n = engine.community.series, engine.community.n_participants
    owners = np.flatnonzero(series.car_column >= 0)
    spread = []
    for table, absent in (
        (series.car_departure, -1),
        (series.car_target_kwh, 0),
        (series.car_arrival_kwh, -1),
    ):
        kind = np.int64 if np.issubdtype(table.dtype, np.integer) else np.float64
        by_participant = np.full((*table.shape[:2], n), absent, kind)
        by_participant[..., owners] = table[..., series.car_column[owners]]
        spread.append(by_participant)
    return Cars(*spread)
