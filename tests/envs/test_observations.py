"""Every observation recomputed by name, in plain Python, from the scenario, its year and the state; and nothing leaks."""

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community, compile_year
from gridbid.envs.scenario import load_scenario
from gridbid.envs.signals.idle_history import roll_idle
from gridbid.market.book import resting_handles
from gridbid.market.forecast import ForecastErrors, error_growth, noisy_forecast, perfect_forecast
from gridbid.market.naive.communities import random_network
from gridbid.market.presence import without_absent
from gridbid.market.response import ResponseRules
from gridbid.market.trading import book_of

WEEK = 45
FULL_HOUSE = "full house"
DAY, HOUR, SLOT_H = 96, 4, 0.25
CT = 10_000
MAX_SHIFT = 2 * CT
DEVICES = slice(3, None)
NO_QUOTE_CT = -20.0
DECAY = 0.9


def compiled(name, rounds=1, seeds=(0, 1)):
    scenario = full_house() if name == FULL_HOUSE else load_scenario(name)
    market = replace(scenario.market, rounds=rounds)
    return compile_community(replace(scenario, market=market), list(seeds))


def full_house():
    """Tiny, but the prosumer has every device, cars come daily and feed back, and envelopes are tight."""
    tiny = load_scenario("tiny")
    prosumer, battery, ev, utility = (
        replace(seat, import_limit_kw=15.0, export_limit_kw=12.0) for seat in tiny.seats
    )
    often = replace(ev.charge_point, sessions_per_day=1.0, v2g_power_kw=11.0)
    full = replace(prosumer.battery, initial_soc=0.95)
    seats = (
        replace(prosumer, charge_point=often, battery=full),
        battery,
        replace(ev, charge_point=often),
        utility,
    )
    return replace(tiny, seats=seats)


def random_actions(env, random):
    """Anything within the box; for six hours devices lean towards use, then for six towards feeding back."""
    lean = 0.7 if env.engine.state.clock.slot[0] // 24 % 2 else -0.7
    actions = {}
    for kind in env.kinds:
        shape = (env.batch, len(env.agents[kind]), *fields.action_space(kind).shape)
        actions[kind] = random.uniform(-1.0, 1.0, shape).astype(np.float32)
        actions[kind][..., DEVICES] = np.clip(actions[kind][..., DEVICES] + lean, -1.0, 1.0)
    return actions


class Play:
    """A batch under random actions, with what an onlooker writes down: readings, voltages, last prices, shifts."""

    def __init__(self, env, seed, **reset):
        self.env, self.random = env, np.random.default_rng(seed)
        self.reading_wh, self.voltage_pu, self.feeder = {}, {}, {}
        self.last_price, self.shift = {}, defaultdict(int)
        self.observations = env.reset(**reset)

    def step(self):
        actions = random_actions(self.env, self.random)
        self._note_shift(actions["utility"][:, 0, 0])
        prices = [self.floor(b) for b in range(self.env.batch)]
        self.observations, _, done = self.env.step(actions, self._delivered)
        log, tick_size = self.env.engine.state.fills, self.env.community.rules.tick_size
        for b in np.flatnonzero(log.fills):
            self.last_price[b] = prices[b] + int(log.tick[b, log.fills[b] - 1]) * tick_size
        return done.all()

    def slot(self, b):
        return int(self.env.engine.state.clock.slot[b])

    def sample(self, b):
        return int(self.env.engine.state.clock.sample[b])

    def retail(self, b, slot):
        """Announced retail price, nEUR/Wh."""
        adder = self.env.scenario.tariff.energy.adder_ct_per_kwh
        spot_ct = float(np.float32(self.env.compiled.year.spot_ct[self.sample(b), slot] + np.float32(adder)))
        return round(spot_ct * CT) + self.shift[b, slot]

    def floor(self, b):
        """Feed-in price of the slot that trades, nEUR/Wh."""
        tariff = self.env.scenario.tariff
        most = self.retail(b, self.slot(b)) - round(tariff.local_fee.price_ct_per_kwh * CT)
        return min(round(tariff.feed_in.price_ct_per_kwh * CT), most)

    def _note_shift(self, wanted):
        """What the utility may announce: at most 2 ct/kWh, and no local day's sum above zero."""
        days = self.env.compiled.year.local_start.astype("datetime64[D]")
        for b in range(self.env.batch):
            target = self.slot(b) + DAY
            if self.env.engine.state.clock.round[b] == 0:
                so_far = sum(
                    shift for (c, slot), shift in self.shift.items() if c == b and days[slot] == days[target]
                )
                asked = round(float(np.float64(wanted[b]) * MAX_SHIFT))
                self.shift[b, target] = max(-MAX_SHIFT, min(asked, MAX_SHIFT, -so_far))

    def room_to_raise(self, b):
        """How far the shifts of the day that is being announced have lowered the tariff, nEUR/Wh."""
        days = self.env.compiled.year.local_start.astype("datetime64[D]")
        announced = [slot for c, slot in self.shift if c == b]
        if not announced:
            return 0
        return -sum(s for (c, slot), s in self.shift.items() if c == b and days[slot] == days[max(announced)])

    def _delivered(self, engine):
        delivered = engine.state.delivered
        for b in np.flatnonzero(delivered.slot >= 0):
            slot = int(delivered.slot[b])
            self.reading_wh[b, slot] = delivered.reading_wh[b].copy()
            self.voltage_pu[b] = delivered.voltage_pu[b].copy()
            self.feeder[b] = float(delivered.feeder_kw[b]), float(delivered.overload_kwh[b])


class Sight:
    """What is to be seen in community b in the rounds of the slot that trades, in the units of the table."""

    def __init__(self, play, b):
        self.play, self.b, self.env = play, b, play.env
        self.state, self.year = play.env.engine.state, play.env.compiled.year
        self.slot, self.sample = play.slot(b), play.sample(b)
        self.start = int(self.state.clock.start[b])

    def common(self):
        local, year = self.year.local_start[self.slot], self.year
        midnight = local.astype("datetime64[D]")
        hour = 2 * math.pi * float((local - midnight) / np.timedelta64(1, "h")) / 24
        day = 2 * math.pi * (int((midnight - midnight.astype("datetime64[Y]")).astype(int)) + 1) / 366
        hours = [
            sum(self.play.retail(self.b, self.slot + HOUR * h + quarter) for quarter in range(HOUR))
            / HOUR
            / CT
            for h in range(24)
        ]
        return {
            "hour_sin": math.sin(hour),
            "hour_cos": math.cos(hour),
            "year_sin": math.sin(day),
            "year_cos": math.cos(day),
            "weekend": float(midnight.item().weekday() >= 5),
            "round": self.state.clock.round[self.b] / self.env.scenario.market.rounds,
            "retail_ct": hours,
            "feed_in_ct": self.play.floor(self.b) / CT,
            "fee_ct": self.env.scenario.tariff.local_fee.price_ct_per_kwh,
            "carbon_g": year.carbon_g[self.sample, self.slot],
        }

    # --- the market

    def market(self):
        bid_ct, bid_kw = self._best(0)
        ask_ct, ask_kw = self._best(1)
        net_wh = sum(self._reading_wh(self.slot - 2, i) for i in range(self.env.community.n_participants))
        return {
            "best_bid": bid_ct,
            "best_ask": ask_ct,
            "bid_depth": bid_kw,
            "ask_depth": ask_kw,
            "last_price": self._above_feed_in(self.play.last_price.get(self.b)),
            "community_net": net_wh / 1000 / SLOT_H,
            "book_age": 0.0,
            **dict.fromkeys(("event_phase", "event_start", "event_end", "event_rate"), 0.0),
        }

    def _best(self, side):
        queues = resting_handles(book_of(self.state.books, self.b), side)
        if not queues:
            return NO_QUOTE_CT, 0.0
        tick, orders = queues[0]
        price = self.play.floor(self.b) + tick * self.env.scenario.market.tick_size_neur_per_wh
        quantity_wh = sum(int(self.state.books.quantity_wh[self.b, order]) for order in orders)
        return self._above_feed_in(price), quantity_wh / 1000 / SLOT_H

    def _above_feed_in(self, price):
        return NO_QUOTE_CT if price is None else (price - self.play.floor(self.b)) / CT

    def _reading_wh(self, slot, i):
        return int(self.play.reading_wh[self.b, slot][i]) if slot >= self.start else 0

    # --- one seat

    def own(self, i):
        seat, trading, delivery = self.env.scenario.metered[i], self.state.trading, self.state.delivery
        position_wh = int(trading.bought_wh[self.b, i] - trading.sold_wh[self.b, i])
        planned_kwh = float(delivery.plan_kwh[self.b, i].sum())
        resting = {
            order: (1 - 2 * side) * int(self.state.books.quantity_wh[self.b, order])
            for side in (0, 1)
            for _, orders in resting_handles(book_of(self.state.books, self.b), side)
            for order in orders
        }
        powers_kw = {
            "reading_2": self._reading_wh(self.slot - 2, i) / 1000 / SLOT_H,
            "reading_3": self._reading_wh(self.slot - 3, i) / 1000 / SLOT_H,
            "reading_day": self._reading_wh(self.slot - DAY, i) / 1000 / SLOT_H,
            "position": position_wh / 1000 / SLOT_H,
            "delivery_position": self._delivery_position_kwh(i) / SLOT_H,
            "delivery_plan": planned_kwh / SLOT_H,
            "open_order": resting.get(i, 0) / 1000 / SLOT_H,
            "import_room": seat.import_limit_kw - position_wh / 1000 / SLOT_H,
            "export_room": seat.export_limit_kw + position_wh / 1000 / SLOT_H,
        }
        voltage_pu = self.play.voltage_pu.get(self.b)
        source_pu = self.env.scenario.network.source_pu
        return {
            "site_kw": site_kw(seat),
            **{name: power_kw / site_kw(seat) for name, power_kw in powers_kw.items()},
            "voltage": (source_pu if voltage_pu is None else voltage_pu[i]) - 1.0,
            "present": 1.0,
            **dict.fromkeys(("event_part", "event_asked", "event_left", "baseline"), 0.0),
        }

    def _delivery_position_kwh(self, i):
        delivery = self.state.delivery
        return int(delivery.bought_wh[self.b, i] - delivery.sold_wh[self.b, i]) / 1000

    def devices(self, i):
        """Fields of all devices; a kind takes those that its table has."""
        seat = self.env.scenario.metered[i]
        battery, pump = seat.battery, seat.heat_pump
        stores = [float(store[self.b, i]) for store in self.state.stores]
        (battery_least, battery_most), (car_least, car_most), (heat_least, heat_most) = self._limits_in_slot(
            i
        )
        seen = dict.fromkeys(
            [
                f.name
                for f in fields.OBSERVATIONS
                if f.name.startswith(("battery_", "car_", "charger_", "heat_"))
            ],
            0.0,
        )
        if battery:
            seen["battery_kw"] = battery.power_kw / site_kw(seat)
            seen["battery_hours"] = battery.capacity_kwh / battery.power_kw
            seen["battery_soc"] = stores[0] / battery.capacity_kwh
            seen["battery_least"] = battery_least / (battery.power_kw * SLOT_H)
            seen["battery_most"] = battery_most / (battery.power_kw * SLOT_H)
        if seat.charge_point:
            seen["charger_kw"] = seat.charge_point.power_kw / site_kw(seat)
            seen.update(self._car_fields(i, car_least, car_most))
        if pump:
            seen["heat_pump_kw"] = pump.power_kw / site_kw(seat)
            seen["heat_level"] = stores[2] / pump.store_kwh
            seen["heat_least"] = heat_least / (pump.power_kw * SLOT_H)
            seen["heat_most"] = heat_most / (pump.power_kw * SLOT_H)
        return seen

    def _car_fields(self, i, least, most):
        point = self.env.scenario.metered[i].charge_point
        departure, target_kwh = self._known_car(i)
        if departure <= self.slot:
            return {}
        car_kwh = self._car_kwh(i, max(self.slot - 1, self.start))
        due_h = max(0.0, target_kwh - car_kwh) / point.efficiency / point.power_kw
        departure_h = (departure - self.slot) * SLOT_H
        return {
            "car_plugged": 1.0,
            "car_soc": car_kwh / point.battery_kwh,
            "car_due": due_h,
            "car_departure": departure_h,
            "car_laxity": departure_h - due_h,
            "car_least": least / (point.power_kw * SLOT_H),
            "car_most": most / (point.power_kw * SLOT_H),
        }

    def forecasts(self, i):
        kw = site_kw(self.env.scenario.metered[i])
        net_kw = (self.year.load_kw - self.year.pv_kw)[:, i]
        return {
            "pv_forecast": max(0.0, forecast(self.year.pv_kw[:, i], self.slot, 0)) / kw,
            "net_forecast": forecast(net_kw, self.slot, 0) / kw,
            "net_forecast_day": [hour / kw for hour in hourly_forecast(net_kw, self.slot)],
        }

    def utility(self):
        rating_kva = float(self.env.scenario.network.rating_kva[1])
        feeder_kw, overload_kwh = self.play.feeder.get(self.b, (0.0, 0.0))
        net_kw = (self.year.load_kw - self.year.pv_kw).sum(axis=1, dtype=np.float64)
        return {
            "feeder_load": feeder_kw / rating_kva,
            "feeder_forecast": [hour / rating_kva for hour in hourly_forecast(net_kw, self.slot)],
            "overload": overload_kwh,
            "wholesale_ct": self.year.spot_ct[self.sample, self.slot],
            "shift_room": self.play.room_to_raise(self.b) / CT,
            "event_asked_all": 0.0,
            "baseline_all": 0.0,
        }

    # --- devices as they will be at the start of the slot

    def _known_car(self, i):
        """Departure and target of the car plugged in at the start of the slot before."""
        column, known = self.year.ev_column[i], max(self.slot - 1, self.start)
        if column < 0:
            return -1, 0.0
        return (
            int(self.year.ev_departure[self.sample, known, column]),
            float(self.year.ev_target_kwh[self.sample, known, column]),
        )

    def _car_kwh(self, i, slot):
        """Energy in the car at the start of ``slot``; a car that arrives brings its own."""
        column = self.year.ev_column[i]
        arrival_kwh = float(self.year.ev_arrival_kwh[self.sample, slot, column]) if column >= 0 else -1.0
        return arrival_kwh if arrival_kwh >= 0 else float(self.state.stores.car_kwh[self.b, i])

    def _heat_forecast_kwh(self, i, ahead):
        return max(0.0, forecast(self.year.heat_kw[:, i], self.slot, ahead) * SLOT_H)

    def _limits_in_slot(self, i):
        departure, target_kwh = self._known_car(i)
        stores = self._projected(i)
        return self._limits(i, stores, target_kwh, departure - self.slot - 1, self._heat_forecast_kwh(i, 0))

    def _projected(self, i):
        """Battery, car and heat store when the slot before goes by plan and forecast."""
        state, b = self.state, self.b
        battery_kwh, _, heat_kwh = (float(store[b, i]) for store in state.stores)
        if self.slot == self.start:
            return battery_kwh, self._car_kwh(i, self.slot), heat_kwh
        car_kwh = self._car_kwh(i, self.slot - 1)
        departure, target_kwh = self._known_car(i)
        demand_kwh = self._heat_forecast_kwh(i, -1)
        stores = battery_kwh, car_kwh, heat_kwh
        limits = self._limits(i, stores, target_kwh, departure - self.slot, demand_kwh)
        plan, follow = state.delivery.plan_kwh[b, i], float(state.delivery.follow[b, i])
        pv_kwh = max(0.0, forecast(self.year.pv_kw[:, i], self.slot, -1) * SLOT_H)
        net_kwh = forecast((self.year.load_kw - self.year.pv_kw)[:, i], self.slot, -1) * SLOT_H
        rest_kwh = self._delivery_position_kwh(i) - net_kwh - float(state.delivery.curtail[b, i]) * pv_kwh
        planned_kwh = sum(min(max(kwh, least), most) for kwh, (least, most) in zip(plan, limits, strict=True))
        energy = dispatch(plan, limits, (1 - follow) * planned_kwh + follow * rest_kwh)
        return self._stores_after(i, stores, energy, demand_kwh, departure >= 0)

    def _stores_after(self, i, stores, energy, demand_kwh, plugged):
        seat, (battery_kwh, car_kwh, heat_kwh) = self.env.scenario.metered[i], stores
        if seat.battery:
            eta_in, eta_out = seat.battery.charge_efficiency, seat.battery.discharge_efficiency
            battery_kwh += max(energy[0], 0.0) * eta_in + min(energy[0], 0.0) / eta_out
        if seat.charge_point and plugged:
            eta = seat.charge_point.efficiency
            car_kwh += max(energy[1], 0.0) * eta + min(energy[1], 0.0) / eta
        if seat.heat_pump:
            kept_kwh = heat_kwh * (1 - seat.heat_pump.loss_per_h * SLOT_H)
            heat_kwh = kept_kwh + energy[2] * seat.heat_pump.cop - demand_kwh
            heat_kwh = min(max(heat_kwh, 0.0), seat.heat_pump.store_kwh)
        return battery_kwh, car_kwh, heat_kwh

    def _limits(self, i, stores, target_kwh, slots_after, demand_kwh):
        """Least and most kWh of battery, charge point and heat pump."""
        seat, (battery_kwh, car_kwh, heat_kwh) = self.env.scenario.metered[i], stores
        limits = [(0.0, 0.0)] * 3
        if (battery := seat.battery) is not None:
            reach = battery.power_kw * SLOT_H
            room = (battery.capacity_kwh - battery_kwh) / battery.charge_efficiency
            limits[0] = (-min(reach, battery_kwh * battery.discharge_efficiency), min(reach, room))
        if (point := seat.charge_point) is not None and slots_after >= 0:
            reach, eta = point.power_kw * SLOT_H, point.efficiency
            most = min(reach, (point.battery_kwh - car_kwh) / eta)
            due = target_kwh - car_kwh - slots_after * reach * eta
            due = due / eta if due > 0 else due * eta
            least = max(-min(point.v2g_power_kw * SLOT_H, car_kwh * eta), due)
            limits[1] = (min(least, most), most)
        if (pump := seat.heat_pump) is not None:
            kept_kwh = heat_kwh * (1 - pump.loss_per_h * SLOT_H)
            most = min(pump.power_kw * SLOT_H, max(0.0, pump.store_kwh - kept_kwh + demand_kwh) / pump.cop)
            limits[2] = (min(max(0.0, demand_kwh - kept_kwh) / pump.cop, most), most)
        return limits

    def by_kind(self, kind, i):
        """Everything that an agent of the kind in seat i sees, by name."""
        everything = {**self.common(), **self.market()}
        everything |= (
            self.utility() if kind == "utility" else {**self.own(i), **self.devices(i), **self.forecasts(i)}
        )
        return {field.name: everything[field.name] for field in fields.observation_fields(kind)}


def site_kw(seat):
    """Largest rating of a seat, at least 1 kW."""
    ratings = [seat.load and seat.load.rated_kw, seat.pv and seat.pv.peak_kw]
    ratings += [device and device.power_kw for device in (seat.battery, seat.charge_point, seat.heat_pump)]
    return max(1.0, *(rating or 0.0 for rating in ratings))


def dispatch(plan, limits, flexible_kwh):
    """Each device's plan inside its limits, then what is missing to the flexible energy, in order."""
    energy = [min(max(float(kwh), low), high) for kwh, (low, high) in zip(plan, limits, strict=True)]
    for d, (low, high) in enumerate(limits):
        missing_kwh = flexible_kwh - sum(energy)
        energy[d] = min(max(energy[d] + missing_kwh, low), high)
    return energy


def forecast(series_kw, slot, ahead):
    """Yesterday's value (or that of the day before, where yesterday's isn't known), moved by today's deviation."""
    target = slot + ahead
    lag = next(lag for lag in (DAY, 2 * DAY) if target - lag <= slot - 2)
    deviation = float(series_kw[slot - 2]) - float(series_kw[slot - 2 - DAY])
    return float(series_kw[target - lag]) + DECAY ** (ahead + 2) * deviation


def hourly_forecast(series_kw, slot):
    """The 24 hours from ``slot`` on: means of four slots, moved by what an hour's first slot is moved by."""
    hours = []
    deviation = float(series_kw[slot - 2]) - float(series_kw[slot - 2 - DAY])
    for ahead in range(0, DAY, HOUR):
        lag = next(lag for lag in (DAY, 2 * DAY) if slot + ahead + HOUR - 1 - lag <= slot - 2)
        four = [float(series_kw[slot + ahead + quarter - lag]) for quarter in range(HOUR)]
        hours.append(sum(four) / HOUR + DECAY ** (ahead + 2) * deviation)
    return hours


def assert_all_seen(play):
    for b in range(play.env.batch):
        sight = Sight(play, b)
        for kind in play.env.kinds:
            seats = play.env.seats[kind] if kind != "utility" else [-1]
            for n, i in enumerate(seats):
                assert_seen(kind, play.observations[kind][b, n], sight.by_kind(kind, int(i)))


def assert_seen(kind, row, values):
    index = fields.observation_index(kind)
    for field in fields.observation_fields(kind):
        expected = np.clip(np.atleast_1d(values[field.name]) / field.scale, field.low, field.high)
        np.testing.assert_allclose(
            row[index[field.name]], expected, rtol=2e-5, atol=2e-6, err_msg=f"{kind} {field.name}"
        )


@pytest.mark.parametrize(
    ("name", "rounds", "n_slots", "every", "day"),
    [(FULL_HOUSE, 3, 120, 2, 4), ("tiny", 1, 100, 3, 6), ("rural", 2, 60, 7, 0)],
)
def test_every_entry_is_what_its_name_says(name, rounds, n_slots, every, day):
    env = BatchEnv(compiled(name, rounds), 2, seed=3, n_slots=n_slots)
    play = Play(env, 5, weeks=WEEK, samples=np.array([0, 1]), day=day)
    assert_all_seen(play)
    for step in range(n_slots * rounds - 1):
        play.step()
        if step % every == 0 or step > n_slots * rounds - 5:
            assert_all_seen(play)
    assert play.last_price, "nobody traded, so prices weren't put to the test"


@pytest.fixture(scope="module")
def two_days():
    """Observations of two days in a full house, (steps, ...) by kind."""
    env = BatchEnv(compiled(FULL_HOUSE, rounds=2), 3, seed=8, n_slots=2 * DAY)
    play, seen, done = Play(env, 8, weeks=WEEK, day=4), [], False
    while not done:
        seen.append(play.observations)
        done = play.step()
    seen.append(play.observations)
    return {kind: np.stack([rows[kind] for rows in seen]) for kind in env.kinds}


@pytest.mark.parametrize("kind", fields.KINDS)
def test_bounds_are_respected(kind, two_days):
    space = fields.observation_space(kind)
    assert all(space.contains(row) for row in two_days[kind].reshape(-1, space.shape[0]))


FIXED = {"fee_ct", "site_kw", "book_age", "battery_kw", "battery_hours", "charger_kw", "heat_pump_kw"}
RESPONSE = {field.name for field in fields.OBSERVATIONS if field.name.startswith(("event_", "baseline"))}
QUIET = FIXED | RESPONSE | {"feed_in_ct", "overload", "present"}
"""What doesn't change within two days of a small community: its ratings, terms that don't bind, an ample feeder.

Demand response and members who come and go have tests of their own."""


@pytest.mark.parametrize("kind", fields.KINDS)
def test_every_other_field_comes_alive(kind, two_days):
    rows = two_days[kind].reshape(-1, fields.observation_space(kind).shape[0])
    spans = fields.observation_index(kind)
    still = {name for name, span in spans.items() if not np.ptp(rows[:, span], axis=0).all()}
    assert still <= QUIET


def test_observations_stay_in_bounds_when_the_feeder_collapses():
    scenario = compiled("tiny")
    weak = random_network(np.random.default_rng(1), scenario.community.network.parent.size)
    weak = weak._replace(r_pu=weak.r_pu * 1e7, x_pu=weak.x_pu * 1e7)
    env = BatchEnv(replace(scenario, community=scenario.community._replace(network=weak)), 1, n_slots=8)
    play = Play(env, 1, weeks=WEEK, samples=0)
    while not play.step():
        pass
    assert np.isnan(play.voltage_pu[0]).all()
    for kind, rows in play.observations.items():
        assert all(fields.observation_space(kind).contains(row) for row in rows[0])
    assert play.observations["ev"][0, 0, fields.observation_index("ev")["voltage"]] == [-2.0]


# --- nothing of the future, and nothing that isn't metered yet, is seen


METERED_SERIES = ("load_kw", "pv_kw", "heat_kw")
CAR_SERIES = ("ev_departure", "ev_arrival_kwh", "ev_target_kwh")


def changed(year, slot, names, random):
    """The year with other values of some series from ``slot`` on; to change one of the cars' is to change all."""
    values = other_cars(year, slot, random) if set(names) & set(CAR_SERIES) else {}
    for name in set(names).difference(CAR_SERIES):
        series = getattr(year, name).copy()
        by_slot = series if name in METERED_SERIES else np.moveaxis(series, 1, 0)
        by_slot[slot:] = random.uniform(0.0, 30.0, by_slot[slot:].shape)
        if name == "heat_kw":
            series *= year.heat_kw.any(axis=0)  # heat is asked of heat pumps alone
        values[name] = series
    return replace(year, **values)


def other_cars(year, slot, random):
    """Cars that are there before ``slot`` stay as they are; whoever would come later doesn't, but somebody else, for good."""
    departure, arrival_kwh, target_kwh = (getattr(year, name).copy() for name in CAR_SERIES)
    stays = (departure[:, slot:] == departure[:, slot - 1 : slot]) & (departure[:, slot:] != -1)
    comes = ~stays & np.concatenate([np.ones_like(stays[:, :1]), stays[:, :-1]], axis=1)
    departure[:, slot:][~stays] = departure.shape[1]
    target_kwh[:, slot:] = np.where(stays, target_kwh[:, slot:], np.float32(random.uniform(20.0, 30.0)))
    arrival_kwh[:, slot:] = np.where(comes, random.uniform(0.0, 20.0, comes.shape), -1.0)
    return dict(zip(CAR_SERIES, (departure, arrival_kwh, target_kwh), strict=True))


def without_carless(series, first, random):
    """The series when about half of those who have no charge point leave for good with slot ``first``."""
    present = np.ones((series.load_kw.shape[0], series.load_kw.shape[1]), np.bool_)
    present[first:, (series.car_column < 0) & (random.random(present.shape[1]) < 0.5)] = False
    return without_absent(series._replace(present=present))


def observations_of(scenario, start, n_slots, response=None):
    """Observations of every round in slots ``start`` to ``start + n_slots - 1`` under fixed random actions.

    With rules of demand response an event is called at once.
    """
    env = BatchEnv(scenario, 1, seed=4, n_slots=n_slots + 1, response=response)
    env.reset(weeks=WEEK, samples=0)
    env.engine.reset(start, n_slots + 1, 0)
    if response is not None:
        clock = env.engine.state.clock
        roll_idle(env.community, env.engine.response, clock, np.ones(1, np.bool_))
    random, seen = np.random.default_rng(4), [env.observe()]
    for _ in range(n_slots * env.community.rules.rounds - 1):
        seen.append(env.step(random_actions(env, random))[0])
    assert response is None or env.engine.response.core.events.phase.any()
    return seen


RESPONSE_RULES = ResponseRules(lead=2, n_slots=3, notice=1, opt_out=1, ramp=1, recovery=0)


@pytest.mark.parametrize("name", ["tiny", "rural", FULL_HOUSE])
@pytest.mark.parametrize("seed", range(4))
def test_nothing_leaks(name, seed):
    """In the rounds for t: readings up to t - 2, cars up to t - 1, members and terms of t, prices of 24 hours, and no more."""
    random = np.random.default_rng(seed)
    scenario = compiled(name, rounds=int(random.integers(1, 4)))
    n_slots, day = int(random.integers(8, 14)), int(random.integers(7))
    start = scenario.year.week_start(WEEK) + day * DAY + int(random.integers(DAY - 20))
    last = start + n_slots - 1
    year = changed(scenario.year, last - 1, METERED_SERIES, random)
    year = changed(year, last, CAR_SERIES, random)
    year = changed(year, last + 1, ("carbon_g",), random)
    year = changed(year, last + DAY, ("spot_ct",), random)
    other = compile_year(scenario.scenario, year)
    series = without_carless(other.community.series, last + 1, random)
    series.fee[last + 1 :] = random.integers(0, 10_000, series.fee[last + 1 :].size)
    other = replace(other, community=other.community._replace(series=series))
    response = RESPONSE_RULES if seed % 2 else None
    ours = observations_of(scenario, start, n_slots, response)
    theirs = observations_of(other, start, n_slots, response)
    for step, (mine, others) in enumerate(zip(ours, theirs, strict=True)):
        for kind in mine:
            np.testing.assert_array_equal(mine[kind], others[kind], err_msg=f"{kind} in step {step}")


LOOKING_AHEAD = {"net_forecast_day", "feeder_forecast"}
FORECASTS = LOOKING_AHEAD | {"pv_forecast", "net_forecast"}
FORECASTS |= {f"{device}_{end}" for device in ("battery", "car", "heat") for end in ("least", "most")}


def models(series):
    """Forecasts that look ahead; errors are drawn at random."""
    random = np.random.default_rng(2)
    errors = (random.normal(0.0, 0.5, series.load_kw.shape).astype(np.float32) for _ in range(3))
    yield perfect_forecast(DAY)
    yield noisy_forecast(DAY, ForecastErrors(*errors), error_growth(DAY, 6.0))


def differing(mine, others):
    """Names of the fields in which two observations differ."""
    return {
        name
        for kind in mine
        for name, span in fields.observation_index(kind).items()
        if not np.array_equal(mine[kind][..., span], others[kind][..., span])
    }


@pytest.mark.parametrize("number", [0, 1], ids=["perfect", "noisy"])
def test_with_a_forecast_that_looks_ahead_nothing_leaks_but_forecasts(number):
    """What happens after slot t changes the hours ahead alone; what happens in it, what is expected of it as well."""
    scenario, random, rounds = compiled(FULL_HOUSE, rounds=2), np.random.default_rng(5), 2
    model = list(models(scenario.community.series))[number]
    start, n_slots = scenario.year.week_start(WEEK) + 40, 10
    last = start + n_slots - 1
    seen = []
    for first in (last + DAY + DAY, last + 1, last):
        other = compile_year(scenario.scenario, changed(scenario.year, first, METERED_SERIES, random))
        series = other.community.series._replace(forecast=model)
        other = replace(other, community=other.community._replace(series=series))
        seen.append(observations_of(other, start, n_slots))
    ours, after, within = seen
    assert set.union(*map(differing, ours, after)) == LOOKING_AHEAD
    in_last = rounds * (n_slots - 1)
    assert LOOKING_AHEAD | {"net_forecast"} <= differing(ours[in_last], within[in_last]) <= FORECASTS


@pytest.mark.parametrize(
    ("series", "lag", "kind", "field"),
    [
        ("load_kw", 2, "prosumer", "net_forecast"),
        ("pv_kw", 2, "prosumer", "net_forecast_day"),
        ("heat_kw", 2, "prosumer", "heat_least"),
        ("load_kw", 2, "prosumer", "reading_2"),
        ("load_kw", 2, "utility", "feeder_forecast"),
        ("ev_departure", 1, "ev", "car_plugged"),
        ("carbon_g", 0, "battery", "carbon_g"),
        ("spot_ct", 1 - DAY, "battery", "retail_ct"),
        ("spot_ct", 0, "utility", "wholesale_ct"),
    ],
)
def test_what_is_known_is_seen(series, lag, kind, field):
    """The last value that may be known does count: the test above would notice a leak."""
    scenario, random = compiled(FULL_HOUSE, rounds=2), np.random.default_rng(1)
    n_slots, last = 8, scenario.year.week_start(WEEK) + 96 * 4 + 59
    is_free = (scenario.year.ev_departure[0] == -1).all(axis=1)
    if series in CAR_SERIES:
        last += int(np.argmax(is_free[last - 2 :]))  # another car can only come where none is
    start = last - n_slots + 1
    year = changed(scenario.year, last - lag, (series,), random)
    mine = observations_of(scenario, start, n_slots)[-1]
    other = observations_of(compile_year(scenario.scenario, year), start, n_slots)[-1]
    span = fields.observation_index(kind)[field]
    assert not np.array_equal(mine[kind][..., span], other[kind][..., span])
