"""Plain twin of the whole slot (design section 5) for one community: planning, trading, delivery, settlement.

Written from the rules, one participant at a time, in Python numbers. The grid has a twin of its own.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from gridbid.market.community import Community
from gridbid.market.naive.book import NaiveBook
from gridbid.market.types import Fill, Side

Triple = tuple[float, float, float]
"""Battery, charge point, heat pump."""

_MASK = (1 << 64) - 1


def arrival_order(seed: int, community: int, slot: int, round_: int, size: int) -> list[int]:
    """Permutation of a round (rule 11): Fisher-Yates on splitmix64."""

    def mix(z: int) -> int:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    state = seed & _MASK
    for part in (community, slot, round_):
        state = mix((state + 0x9E3779B97F4A7C15) & _MASK) ^ part
    order = list(range(size))
    for i in range(size - 1, 0, -1):
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        j = ((mix(state) >> 32) * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]
    return order


@dataclass
class Action:
    """What a participant decides in a round, in the tables' ranges."""

    offer: float = 0.0
    limit: float = 0.0
    follow: float = 0.0
    controls: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass
class Plan:
    """What is committed for a slot, and what was traded of it."""

    energy_kwh: Triple = (0.0, 0.0, 0.0)
    curtail: float = 0.0
    follow: float = 0.0
    bought_wh: int = 0
    sold_wh: int = 0
    paid_neur: int = 0
    received_neur: int = 0

    @property
    def position_wh(self) -> int:
        """Bought less sold."""
        return self.bought_wh - self.sold_wh


@dataclass
class Member:
    """A participant's stores, meter and plans."""

    battery_kwh: float
    car_kwh: float
    heat_kwh: float
    register_kwh: float = 0.0
    trading: Plan = field(default_factory=Plan)
    delivery: Plan = field(default_factory=Plan)


@dataclass
class Result:
    """One participant's delivered slot."""

    reading_wh: int
    cash_neur: int
    unmet_kwh: float
    unserved_kwh: float
    breach_kwh: float
    energy_kwh: Triple


class NaiveCommunity:
    """One community from ``start`` on, with the initial stores as given (battery, car, heat by participant)."""

    def __init__(
        self, community: Community, start: int, sample: int, seed: int, identity: int, stores: list[Triple]
    ) -> None:
        self.community, self.start, self.slot, self.round = community, start, start, 0
        self.sample, self.seed, self.identity = sample, seed, identity
        self.members = [Member(*three) for three in stores]
        self.book = self._new_book()
        self.fills: list[Fill] = []

    def play_round(self, actions: list[Action]) -> list[Result] | None:
        """One round; after the last one the slot before is delivered and its results returned (None: none yet)."""
        orders = [self._plan(i, action) for i, action in enumerate(actions)]
        self._trade(orders)
        self.round += 1
        if self.round < self.community.rules.rounds:
            return None
        results = self.deliver(self.slot - 1) if self.slot > self.start else None
        for member in self.members:
            member.delivery, member.trading = member.trading, Plan()
        self.slot, self.round = self.slot + 1, 0
        self.book = self._new_book()
        return results

    # --- prices and forecasts

    def _prices(self, slot: int) -> tuple[int, int]:
        series = self.community.series
        retail = int(series.retail[self.sample, slot])
        return retail, min(int(series.feed_in[self.sample, slot]), retail - self.community.rules.fee)

    def _forecast_kwh(self, series: np.ndarray, slot: int, ahead: int, i: int) -> float:
        known = slot - 2
        deviation = float(series[known, i]) - float(series[known - 96, i])
        expected_kw = (
            float(series[slot + ahead - 96, i]) + np.power(0.9, np.arange(98))[ahead + 2] * deviation
        )
        return float(expected_kw * self.community.rules.slot_h)

    # --- devices

    def _seen_car(self, i: int, slot: int) -> tuple[int, float]:
        return self._car(i, max(slot - 1, self.start))

    def _car(self, i: int, slot: int) -> tuple[int, float]:
        series = self.community.series
        column = series.car_column[i]
        if column < 0:
            return -1, 0.0
        return int(series.car_departure[self.sample, slot, column]), float(
            series.car_target_kwh[self.sample, slot, column]
        )

    def _car_at_start(self, i: int, slot: int) -> float:
        series = self.community.series
        column = series.car_column[i]
        if column >= 0 and series.car_arrival_kwh[self.sample, slot, column] >= 0:
            return float(series.car_arrival_kwh[self.sample, slot, column])
        return self.members[i].car_kwh

    def _limits(
        self, i: int, battery: float, car: float, target: float, slots_after: int, heat: float, demand: float
    ) -> list[tuple[float, float]]:
        d, h = self.community.devices, self.community.rules.slot_h
        reach = d.battery_kw[i] * h
        most = (
            min(reach, max(0.0, d.battery_kwh[i] - battery) / d.charge_efficiency[i])
            if d.battery_kwh[i] > 0
            else 0.0
        )
        limits = [(-min(reach, max(0.0, battery) * d.discharge_efficiency[i]), most)]
        if slots_after < 0:
            limits.append((0.0, 0.0))
        else:
            eta, full = d.charger_efficiency[i], d.charger_kw[i] * h
            most = min(full, max(0.0, d.car_kwh[i] - car) / eta)
            due = target - car - slots_after * d.charger_kw[i] * h * eta
            must = due / eta if due > 0 else due * eta
            free = -min(d.charger_v2g_kw[i] * h, max(0.0, car) * eta)
            limits.append((min(max(free, must), most), most))
        if d.heat_pump_kw[i] <= 0:
            limits.append((0.0, 0.0))
        else:
            kept = heat * (1.0 - d.heat_loss_per_h[i] * h)
            most = min(d.heat_pump_kw[i] * h, max(0.0, d.heat_store_kwh[i] - kept + demand) / d.cop[i])
            limits.append((min(max(0.0, demand - kept) / d.cop[i], most), most))
        return limits

    @staticmethod
    def _share_out(plan: Triple, limits: list[tuple[float, float]], flexible_kwh: float) -> list[float]:
        energy = [min(max(kwh, least), most) for kwh, (least, most) in zip(plan, limits, strict=True)]
        missing = flexible_kwh
        for kwh in energy:
            missing -= kwh
        for n, (least, most) in enumerate(limits):
            step = min(max(energy[n] + missing, least), most) - energy[n]
            energy[n] += step
            missing -= step
        return energy

    def _after(
        self,
        i: int,
        battery: float,
        car: float,
        heat: float,
        plugged: bool,
        demand: float,
        energy: list[float],
    ) -> tuple[float, float, float, float]:
        d, h = self.community.devices, self.community.rules.slot_h
        change = (
            energy[0] * d.charge_efficiency[i] if energy[0] > 0 else energy[0] / d.discharge_efficiency[i]
        )
        battery = min(max(battery + change, 0.0), d.battery_kwh[i])
        if plugged:
            change = (
                energy[1] * d.charger_efficiency[i] if energy[1] > 0 else energy[1] / d.charger_efficiency[i]
            )
            car = min(max(car + change, 0.0), d.car_kwh[i])
        level = heat * (1.0 - d.heat_loss_per_h[i] * h) + energy[2] * d.cop[i] - demand
        return battery, car, min(max(level, 0.0), d.heat_store_kwh[i]), max(0.0, -level)

    # --- planning

    def _project(self, i: int, slot: int) -> Triple:
        member, series = self.members[i], self.community.series
        if slot == self.start:
            return member.battery_kwh, self._car_at_start(i, slot), member.heat_kwh
        car = self._car_at_start(i, slot - 1)
        departure, target = self._seen_car(i, slot)
        net = self._forecast_kwh(series.net_kw, slot, -1, i)
        pv = max(0.0, self._forecast_kwh(series.pv_kw, slot, -1, i))
        heat = max(0.0, self._forecast_kwh(series.heat_kw, slot, -1, i))
        limits = self._limits(i, member.battery_kwh, car, target, departure - slot, member.heat_kwh, heat)
        energy = self._dispatch(member.delivery, limits, net + 0.0, member.delivery.curtail * pv)
        after = self._after(i, member.battery_kwh, car, member.heat_kwh, departure >= 0, heat, energy)
        return after[:3]

    def _dispatch(
        self, plan: Plan, limits: list[tuple[float, float]], net: float, curtailed: float
    ) -> list[float]:
        planned = 0.0
        for kwh, (least, most) in zip(plan.energy_kwh, limits, strict=True):
            planned += min(max(kwh, least), most)
        flexible = (1.0 - plan.follow) * planned + plan.follow * (plan.position_wh / 1000 - net - curtailed)
        return self._share_out(plan.energy_kwh, limits, flexible)

    def _plan(self, i: int, action: Action) -> tuple[int, int, int]:
        member, series, rules, slot = self.members[i], self.community.series, self.community.rules, self.slot
        battery, car, heat_level = self._project(i, slot)
        departure, target = self._seen_car(i, slot)
        net = self._forecast_kwh(series.net_kw, slot, 0, i)
        pv = max(0.0, self._forecast_kwh(series.pv_kw, slot, 0, i))
        heat = max(0.0, self._forecast_kwh(series.heat_kw, slot, 0, i))
        limits = self._limits(i, battery, car, target, departure - slot - 1, heat_level, heat)
        d = self.community.devices
        rated = (
            d.battery_kw[i],
            d.charger_kw[i] if action.controls[1] > 0 else d.charger_v2g_kw[i],
            d.heat_pump_kw[i],
        )
        plan = member.trading
        plan.curtail, plan.follow = max(0.0, action.controls[3]), action.follow
        need = net + plan.curtail * pv
        energy = []
        for n, (least, most) in enumerate(limits):
            energy.append(min(max(action.controls[n] * rated[n] * rules.slot_h, least), most))
            need += energy[n]
        plan.energy_kwh = (energy[0], energy[1], energy[2])
        need -= plan.position_wh / 1000
        retail, feed_in = self._prices(slot)
        side = Side.BUY if need > 0 else Side.SELL
        width = action.limit * (retail - rules.fee - feed_in)
        steps = (
            math.floor(width) / rules.tick_size if side == Side.BUY else math.ceil(width) / rules.tick_size
        )
        tick = math.floor(steps) if side == Side.BUY else math.ceil(steps)
        quantity = max(0, min(math.floor(action.offer * abs(need) * 1000), self._room_wh(i, side)))
        return int(side), min(max(tick, 0), rules.n_ticks - 1), quantity

    def _room_wh(self, i: int, side: int) -> int:
        sites, position_wh = self.community.sites, self.members[i].trading.position_wh
        if side == Side.BUY:
            return int(sites.import_limit_wh[i]) - position_wh
        return int(sites.export_limit_wh[i]) + position_wh

    # --- trading

    def _new_book(self) -> NaiveBook:
        return NaiveBook(self.slot, self.community.rules.n_ticks, self.community.rules.max_fills)

    def _trade(self, orders: list[tuple[int, int, int]]) -> None:
        _, feed_in = self._prices(self.slot)
        self.fills = []
        for i in arrival_order(self.seed, self.identity, self.slot, self.round, len(orders)):
            side, tick, quantity = orders[i]
            if self._replace(i, side, tick, quantity) or not 0 < quantity <= self._room_wh(i, side):
                continue
            fills, _, _ = self.book.place(i, side, tick, quantity)
            self.fills += fills
            for fill in fills:
                cash = fill.quantity_wh * (feed_in + fill.tick * self.community.rules.tick_size)
                buyer, seller = (fill.taker, fill.maker) if side == Side.BUY else (fill.maker, fill.taker)
                self.members[buyer].trading.bought_wh += fill.quantity_wh
                self.members[buyer].trading.paid_neur += cash
                self.members[seller].trading.sold_wh += fill.quantity_wh
                self.members[seller].trading.received_neur += cash

    def _replace(self, i: int, side: int, tick: int, quantity: int) -> bool:
        """Take i's resting order out; True when the new one only reduces it and so keeps its place."""
        for (old_side, old_tick), queue in self.book.queues.items():
            for resting in list(queue):
                if resting.participant == i:
                    if (old_side, old_tick) == (side, tick) and 0 < quantity <= resting.quantity_wh:
                        resting.quantity_wh = quantity
                        return True
                    queue.remove(resting)
        return False

    # --- delivery and settlement

    def deliver(self, slot: int) -> list[Result]:
        """Deliver and settle a slot by the local rule."""
        return [self._deliver_member(i, slot) for i in range(len(self.members))]

    def _deliver_member(self, i: int, slot: int) -> Result:
        member, series, rules = self.members[i], self.community.series, self.community.rules
        h, plan, sites = rules.slot_h, member.delivery, self.community.sites
        member.car_kwh = self._car_at_start(i, slot)
        departure, target = self._car(i, slot)
        demand, pv = float(series.heat_kw[slot, i]) * h, float(series.pv_kw[slot, i]) * h
        net = float(series.net_kw[slot, i]) * h
        limits = self._limits(
            i, member.battery_kwh, member.car_kwh, target, departure - slot - 1, member.heat_kwh, demand
        )
        curtailed = plan.curtail * pv
        energy = self._dispatch(plan, limits, net, curtailed)
        over = net + curtailed + (energy[0] + energy[1] + energy[2]) - sites.import_limit_wh[i] / 1000
        if over > 0:
            for n in range(3):
                step = min(over, max(0.0, energy[n] - max(0.0, limits[n][0])))
                energy[n] -= step
                over -= step
        breach = max(0.0, over)
        under = -sites.export_limit_wh[i] / 1000 - (net + curtailed + (energy[0] + energy[1] + energy[2]))
        if over <= 0 and under > 0:
            for n in range(3):
                step = min(under, max(0.0, -energy[n]))
                energy[n] += step
                under -= step
            held = min(under, pv - curtailed)
            curtailed += held
            breach = under - held
        member.battery_kwh, member.car_kwh, member.heat_kwh, unserved = self._after(
            i, member.battery_kwh, member.car_kwh, member.heat_kwh, departure >= 0, demand, energy
        )
        unmet = max(0.0, target - member.car_kwh) if departure == slot + 1 else 0.0
        register = member.register_kwh + (net + curtailed + (energy[0] + energy[1] + energy[2]))
        reading = math.floor(register * 1000) - math.floor(member.register_kwh * 1000)
        member.register_kwh = register
        retail, feed_in = self._prices(slot)
        imbalance = reading - plan.position_wh
        cash = plan.received_neur - plan.paid_neur - plan.bought_wh * rules.fee
        cash -= imbalance * (retail if imbalance > 0 else feed_in)
        return Result(reading, cash, unmet, unserved, breach, (energy[0], energy[1], energy[2]))
