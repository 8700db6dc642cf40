"""What a planner knows, or takes for known, of the slots ahead: prices, inflexible load, stores, cars."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.engine import Engine
from gridbid.market.forecast import LAST_KNOWN
from gridbid.market.rules import allowed_feed_in
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

EUR_PER_KWH = WH_PER_KWH / NEUR_PER_EUR
"""1 nEUR/Wh in EUR/kWh."""


@dataclass(frozen=True)
class Cars:
    """Cars at charge points over T steps, (T, N); energies are in the car's battery, kWh.

    - ``plugged_h``: for how long of the step a car is there; ``begins``: its energy at the step's start is ``start_kwh`` (an
      arrival, or step 0).
    - ``least_kwh``: what it must hold at the step's end so that its target stays in reach at full power; all it can
      hold by then, when the target is out of reach.
    - ``unmet_kwh``: what is missing at departure in the step's end, whatever is done.
    - ``wanted_kwh`` (N,): energy wanted by cars that stay after the last step, else 0.
    """

    plugged_h: Floats
    begins: Flags
    start_kwh: Floats
    least_kwh: Floats
    unmet_kwh: Floats
    wanted_kwh: Floats


@dataclass(frozen=True)
class Outlook:
    """T steps ahead of N participants; prices in EUR/kWh (T,), energies in kWh a step (T, N), stores in kWh (N,)."""

    hours: Floats
    """Length of the steps (T,)."""
    retail: Floats
    feed_in: Floats
    fee: Floats
    net_kwh: Floats
    pv_kwh: Floats
    heat_kwh: Floats
    reactive_kvar: Floats
    """Of the base load, kvar (T, N)."""
    present: Flags
    """Who is a member, (T, N): the devices of who isn't rest."""
    battery_kwh: Floats
    heat_store_kwh: Floats
    cars: Cars


class Stores(NamedTuple):
    """What batteries, cars and heat stores hold at the start of an outlook, kWh (N,)."""

    battery_kwh: Floats
    car_kwh: Floats
    heat_kwh: Floats


class Foresight(Enum):
    """What is known of the slots ahead; prices are published, so they always are."""

    EPISODE = "all that comes, from an episode's beginning"
    DAY = (
        "all that comes; a car that comes in the first slot can't be charged in it, as nobody can plan for it"
    )
    YESTERDAY = "load, PV and heat demand are yesterday's, and no car comes"


def perfect_outlook(community: Community, start: int, n_slots: int, sample: int) -> Outlook:
    """What truly comes, from the state in which the engine begins an episode."""
    engine = Engine(community)
    engine.reset(start, n_slots, sample)
    stores = engine.state.stores
    held = Stores(stores.battery_kwh[0].copy(), stores.car_kwh[0].copy(), stores.heat_kwh[0].copy())
    return true_outlook(community, start, n_slots, sample, held, Foresight.EPISODE)


def true_outlook(
    community: Community, start: int, n_slots: int, sample: int, stores: Stores, foresight: Foresight
) -> Outlook:
    """What comes in ``n_slots`` slots from ``start``, as far as is foreseen, where the stores hold so much."""
    series, hours = community.series, community.rules.slot_h
    span = np.arange(start, start + n_slots)
    prices = series.retail[sample, span], series.feed_in[sample, span], series.fee[span]
    feed_in = np.array([allowed_feed_in(*map(int, one)) for one in zip(*prices, strict=True)])
    alike = (
        span if foresight is not Foresight.YESTERDAY else _a_day_before(span, community.rules.slots_per_day)
    )
    return Outlook(
        hours=np.full(n_slots, hours),
        retail=prices[0].astype(np.float64) * EUR_PER_KWH,
        feed_in=feed_in.astype(np.float64) * EUR_PER_KWH,
        fee=prices[2].astype(np.float64) * EUR_PER_KWH,
        net_kwh=series.net_kw[alike].astype(np.float64) * hours,
        pv_kwh=series.pv_kw[alike].astype(np.float64) * hours,
        heat_kwh=series.heat_kw[alike].astype(np.float64) * hours,
        reactive_kvar=series.load_kw[alike].astype(np.float64) * community.load_tan_phi,
        present=np.broadcast_to(series.present, series.load_kw.shape)[span],
        battery_kwh=stores.battery_kwh,
        heat_store_kwh=stores.heat_kwh,
        cars=_true_cars(community, start, n_slots, sample, stores.car_kwh, foresight),
    )


def _a_day_before(slots: NDArray[np.int64], slots_per_day: int) -> NDArray[np.int64]:
    """Slots with known readings: those of the day before, but the newest reading is that of two slots before the first."""
    before = slots - slots_per_day
    return np.where(before <= slots[0] - LAST_KNOWN, before, before - slots_per_day)


def _true_cars(
    community: Community, start: int, n_slots: int, sample: int, car_kwh: Floats, foresight: Foresight
) -> Cars:
    shape = (n_slots, community.n_participants)
    cars = Cars(
        plugged_h=np.zeros(shape),
        begins=np.zeros(shape, np.bool_),
        start_kwh=np.zeros(shape),
        least_kwh=np.zeros(shape),
        unmet_kwh=np.zeros(shape),
        wanted_kwh=np.zeros(community.n_participants),
    )
    for i in np.flatnonzero(community.series.car_column >= 0):
        _follow_cars(community, start, sample, int(i), float(car_kwh[i]), foresight, cars)
    return cars


def _follow_cars(
    community: Community,
    start: int,
    sample: int,
    i: int,
    held_kwh: float,
    foresight: Foresight,
    cars: Cars,
) -> None:
    """Fill in participant i's column, going through the slots with the most that the car can hold."""
    series, devices, column = community.series, community.devices, community.series.car_column[i]
    n_slots, hours = cars.plugged_h.shape[0], community.rules.slot_h
    power_kw = devices.charger_kw[i] * devices.charger_efficiency[i]
    reach_kwh = held_kwh
    for t in range(n_slots):
        departure = int(series.car_departure[sample, start + t, column])
        if departure < 0:
            continue
        arrival_kwh = float(series.car_arrival_kwh[sample, start + t, column])
        target_kwh = float(series.car_target_kwh[sample, start + t, column])
        arrives = arrival_kwh >= 0.0
        if arrives and foresight is Foresight.YESTERDAY:
            return
        if arrives:
            reach_kwh = min(arrival_kwh, devices.car_kwh[i])
        cars.plugged_h[t, i] = 0.0 if t == 0 and arrives and foresight is Foresight.DAY else hours
        cars.begins[t, i] = arrives or t == 0
        cars.start_kwh[t, i] = reach_kwh
        reach_kwh = min(devices.car_kwh[i], reach_kwh + power_kw * cars.plugged_h[t, i])
        slots_after = departure - (start + t) - 1
        cars.least_kwh[t, i] = min(max(0.0, target_kwh - slots_after * power_kw * hours), reach_kwh)
        if slots_after == 0:
            cars.unmet_kwh[t, i] = max(0.0, target_kwh - reach_kwh)
        elif t == n_slots - 1:
            cars.wanted_kwh[i] = target_kwh
