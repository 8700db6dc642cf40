"""What a planner knows, or takes for known, of the slots ahead: prices, inflexible load, stores, cars."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.engine import Engine
from gridbid.market.rules import allowed_feed_in
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

EUR_PER_KWH = WH_PER_KWH / NEUR_PER_EUR
"""1 nEUR/Wh in EUR/kWh."""


@dataclass(frozen=True)
class Cars:
    """Cars at charge points over T slots, (T, N); energies are in the car's battery, kWh.

    - ``plugged``: a car is there; ``begins``: its energy at the slot's start is ``start_kwh`` (an arrival, or slot 0).
    - ``least_kwh``: what it must hold at the slot's end so that its target stays in reach at full power; all it can
      hold by then, when the target is out of reach.
    - ``unmet_kwh``: what is missing at departure in the slot's end, whatever is done.
    - ``wanted_kwh`` (N,): energy wanted by cars that stay after the last slot, else 0.
    """

    plugged: Flags
    begins: Flags
    start_kwh: Floats
    least_kwh: Floats
    unmet_kwh: Floats
    wanted_kwh: Floats


@dataclass(frozen=True)
class Outlook:
    """T slots ahead of N participants; prices in EUR/kWh (T,), energies in kWh a slot (T, N), stores in kWh (N,)."""

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


def perfect_outlook(community: Community, start: int, n_slots: int, sample: int) -> Outlook:
    """What truly comes, from the state in which the engine begins an episode."""
    engine = Engine(community)
    engine.reset(start, n_slots, sample)
    stores, series, hours = engine.state.stores, community.series, community.rules.slot_h
    span = slice(start, start + n_slots)
    prices = series.retail[sample, span], series.feed_in[sample, span], series.fee[span]
    feed_in = np.array([allowed_feed_in(*map(int, one)) for one in zip(*prices, strict=True)])
    return Outlook(
        retail=prices[0].astype(np.float64) * EUR_PER_KWH,
        feed_in=feed_in.astype(np.float64) * EUR_PER_KWH,
        fee=prices[2].astype(np.float64) * EUR_PER_KWH,
        net_kwh=series.net_kw[span].astype(np.float64) * hours,
        pv_kwh=series.pv_kw[span].astype(np.float64) * hours,
        heat_kwh=series.heat_kw[span].astype(np.float64) * hours,
        reactive_kvar=series.load_kw[span].astype(np.float64) * community.load_tan_phi,
        present=np.broadcast_to(series.present, series.load_kw.shape)[span],
        battery_kwh=stores.battery_kwh[0].copy(),
        heat_store_kwh=stores.heat_kwh[0].copy(),
        cars=_cars(community, start, n_slots, sample, stores.car_kwh[0]),
    )


def _cars(community: Community, start: int, n_slots: int, sample: int, car_kwh: Floats) -> Cars:
    shape = (n_slots, community.n_participants)
    cars = Cars(
        plugged=np.zeros(shape, np.bool_),
        begins=np.zeros(shape, np.bool_),
        start_kwh=np.zeros(shape),
        least_kwh=np.zeros(shape),
        unmet_kwh=np.zeros(shape),
        wanted_kwh=np.zeros(community.n_participants),
    )
    for i in np.flatnonzero(community.series.car_column >= 0):
        _follow_cars(community, start, sample, int(i), float(car_kwh[i]), cars)
    return cars


def _follow_cars(community: Community, start: int, sample: int, i: int, held_kwh: float, cars: Cars) -> None:
    """Fill in participant i's column, going through the slots with the most that the car can hold."""
    series, devices, column = community.series, community.devices, community.series.car_column[i]
    n_slots = cars.plugged.shape[0]
    step_kwh = devices.charger_kw[i] * devices.charger_efficiency[i] * community.rules.slot_h
    reach_kwh = held_kwh
    for t in range(n_slots):
        departure = int(series.car_departure[sample, start + t, column])
        if departure < 0:
            continue
        arrival_kwh = float(series.car_arrival_kwh[sample, start + t, column])
        target_kwh = float(series.car_target_kwh[sample, start + t, column])
        if arrival_kwh >= 0.0:
            reach_kwh = min(arrival_kwh, devices.car_kwh[i])
        cars.plugged[t, i] = True
        cars.begins[t, i] = arrival_kwh >= 0.0 or t == 0
        cars.start_kwh[t, i] = reach_kwh
        reach_kwh = min(devices.car_kwh[i], reach_kwh + step_kwh)
        slots_after = departure - (start + t) - 1
        cars.least_kwh[t, i] = min(max(0.0, target_kwh - slots_after * step_kwh), reach_kwh)
        if slots_after == 0:
            cars.unmet_kwh[t, i] = max(0.0, target_kwh - reach_kwh)
        elif t == n_slots - 1:
            cars.wanted_kwh[i] = target_kwh
