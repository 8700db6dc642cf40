"""From an action to a plan and an order (design section 5): what a participant means to use, and what it offers.

Everything here is known in the rounds for slot t: readings up to t - 2, devices at the start of t - 1, the plan and the
position of t - 1, what is published. The live bots call the same kernel.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community, Devices
from gridbid.market.delivery import N_DEVICES, device_limits, feasible_kwh, share_out
from gridbid.market.devices import battery, charge_point, heat_pump
from gridbid.market.forecast import slot_forecast
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.rules import envelope_room_wh, limit_tick
from gridbid.market.state import HISTORY, State
from gridbid.market.types import Control, Device
from gridbid.market.units import WH_PER_KWH, floor_wh

_BATTERY, _CHARGER, _HEAT_PUMP = int(Device.BATTERY), int(Device.CHARGER), int(Device.HEAT_PUMP)
_CURTAIL = int(Control.CURTAIL)

Floats = NDArray[np.float64]


@kernel
def seen_car(community: Community, state: State, b: int, i: int, slot: int) -> tuple[int, float]:
    """Departure slot and target of the car seen in the rounds for ``slot``; (-1, 0) without one.

    Seen is what was plugged in at the start of the slot before: a later arrival is a surprise.
    """
    series, column = community.series, community.series.car_column[i]
    if column < 0:
        return -1, 0.0
    sample = state.clock.sample[b]
    seen = max(slot - 1, state.clock.start[b])
    departure = int(series.car_departure[sample, seen, column])
    return departure, float(series.car_target_kwh[sample, seen, column])


@kernel
def car_at_start(community: Community, state: State, b: int, i: int, slot: int) -> float:
    """Energy in participant i's car at the start of ``slot``, given the state before it: an arrival brings its own."""
    column = community.series.car_column[i]
    if column >= 0:
        arrival_kwh = np.float64(community.series.car_arrival_kwh[state.clock.sample[b], slot, column])
        if arrival_kwh >= 0.0:
            return arrival_kwh
    return state.stores.car_kwh[b, i]


@kernel
def forecast_inflexible_kwh(
    community: Community, i: int, slot: int, ahead: int
) -> tuple[float, float, float]:
    """Issued forecast of net load, PV and heat demand in the slot ``ahead`` of ``slot``, kWh."""
    series, hours = community.series, community.rules.slot_h
    net = slot_forecast(series.net_kw, slot, ahead, i) * hours
    pv = max(0.0, slot_forecast(series.pv_kw, slot, ahead, i) * hours)
    heat = max(0.0, slot_forecast(series.heat_kw, slot, ahead, i) * hours)
    return net, pv, heat


@kernel
def project(
    community: Community, state: State, b: int, i: int, slot: int, least: Floats, most: Floats, energy: Floats
) -> tuple[float, float, float]:
    """Stores at the start of ``slot`` (battery, car, heat; kWh) as they will be if slot - 1 goes by its plan and forecast."""
    stores, devices, hours = state.stores, community.devices, community.rules.slot_h
    battery_kwh, heat_kwh = stores.battery_kwh[b, i], stores.heat_kwh[b, i]
    if slot == state.clock.start[b]:
        return battery_kwh, car_at_start(community, state, b, i, slot), heat_kwh
    car_kwh = car_at_start(community, state, b, i, slot - 1)
    departure, target_kwh = seen_car(community, state, b, i, slot)
    net, pv, heat = forecast_inflexible_kwh(community, i, slot, -1)
    plan = state.delivery
    device_limits(
        devices, i, battery_kwh, car_kwh, target_kwh, departure - slot, heat_kwh, heat, hours, least, most
    )
    position_kwh = (plan.bought_wh[b, i] - plan.sold_wh[b, i]) / WH_PER_KWH
    curtail_kwh = plan.curtail[b, i] * pv
    planned_kwh = feasible_kwh(plan.plan_kwh[b, i], least, most)
    follow = plan.follow[b, i]
    flexible_kwh = (1.0 - follow) * planned_kwh + follow * (position_kwh - net - curtail_kwh)
    share_out(plan.plan_kwh[b, i], least, most, flexible_kwh, energy)
    battery_kwh = battery.stored_after_kwh(
        battery_kwh,
        energy[_BATTERY],
        devices.battery_kwh[i],
        devices.charge_efficiency[i],
        devices.discharge_efficiency[i],
    )
    if departure >= 0:
        car_kwh = charge_point.stored_after_kwh(
            car_kwh, energy[_CHARGER], devices.car_kwh[i], devices.charger_efficiency[i]
        )
    heat_kwh, _ = heat_pump.stored_after_kwh(
        heat_kwh,
        energy[_HEAT_PUMP],
        heat,
        devices.heat_store_kwh[i],
        devices.heat_loss_per_h[i],
        devices.cop[i],
        hours,
    )
    return battery_kwh, car_kwh, heat_kwh


@kernel
def plan_limits(
    community: Community, state: State, b: int, i: int, slot: int, least: Floats, most: Floats, energy: Floats
) -> tuple[float, float]:
    """Write what the devices will allow in ``slot``, as far as is known; return the forecast net load and PV (kWh)."""
    battery_kwh, car_kwh, heat_kwh = project(community, state, b, i, slot, least, most, energy)
    departure, target_kwh = seen_car(community, state, b, i, slot)
    net, pv, heat = forecast_inflexible_kwh(community, i, slot, 0)
    device_limits(
        community.devices,
        i,
        battery_kwh,
        car_kwh,
        target_kwh,
        departure - slot - 1,
        heat_kwh,
        heat,
        community.rules.slot_h,
        least,
        most,
    )
    return net, pv


@kernel
def retail_price(community: Community, state: State, b: int, slot: int) -> int:
    """Retail price of a slot as announced, nEUR/Wh: the series' and the utility's shift."""
    return community.series.retail[state.clock.sample[b], slot] + state.tariff_shift[b, slot & (HISTORY - 1)]


@kernel
def feed_in_price(community: Community, state: State, b: int, slot: int) -> int:
    """Feed-in price of a slot as published, nEUR/Wh (rule 8); it is also the floor of the slot's book."""
    retail = retail_price(community, state, b, slot)
    return min(community.series.feed_in[state.clock.sample[b], slot], retail - community.rules.fee)


@kernel
def _rated_kw(devices: Devices, i: int, d: int, set_point: float) -> float:
    if d == _BATTERY:
        return devices.battery_kw[i]
    if d == _CHARGER:
        return devices.charger_kw[i] if set_point > 0.0 else devices.charger_v2g_kw[i]
    return devices.heat_pump_kw[i]


@kernel
def commit_plan(
    community: Community,
    state: State,
    b: int,
    i: int,
    offer: float,
    limit: float,
    follow: float,
    controls: Floats,
    least: Floats,
    most: Floats,
    energy: Floats,
) -> None:
    """Commit participant i's (E, phi) for the slot that trades, and write the order that its need asks for."""
    rules, trading, orders, slot = community.rules, state.trading, state.orders, state.clock.slot[b]
    retail, floor = retail_price(community, state, b, slot), feed_in_price(community, state, b, slot)
    net_kwh, pv_kwh = plan_limits(community, state, b, i, slot, least, most, energy)
    trading.curtail[b, i] = max(0.0, controls[_CURTAIL])
    trading.follow[b, i] = follow
    need_kwh = net_kwh + trading.curtail[b, i] * pv_kwh
    for d in range(N_DEVICES):
        set_point_kw = controls[d] * _rated_kw(community.devices, i, d, controls[d])
        planned_kwh = min(max(set_point_kw * rules.slot_h, least[d]), most[d])
        trading.plan_kwh[b, i, d] = planned_kwh
        need_kwh += planned_kwh
    position_wh = trading.bought_wh[b, i] - trading.sold_wh[b, i]
    need_kwh -= position_wh / WH_PER_KWH
    side = 0 if need_kwh > 0.0 else 1
    reach_wh = community.sites.import_limit_wh[i] if side == 0 else community.sites.export_limit_wh[i]
    room_wh = envelope_room_wh(side, position_wh, 0, reach_wh)
    width = limit * (retail - rules.fee - floor)
    price = floor + (math.floor(width) if side == 0 else math.ceil(width))
    orders.side[b, i] = side
    orders.tick[b, i] = limit_tick(price, side, floor, rules.tick_size, rules.n_ticks)
    orders.quantity_wh[b, i] = max(0, min(floor_wh(offer * abs(need_kwh)), room_wh))


@allocating_kernel
def commit_plans(
    community: Community, state: State, offer: Floats, limit: Floats, follow: Floats, controls: Floats
) -> None:
    """Commit everybody's plan: ``offer`` (q), ``limit`` (lam), ``follow`` (phi) (B, N), ``controls`` (B, N, controls)."""
    batch, n_participants = offer.shape
    least, most, energy = np.zeros(N_DEVICES), np.zeros(N_DEVICES), np.zeros(N_DEVICES)
    for b in range(batch):
        for i in range(n_participants):
            commit_plan(
                community,
                state,
                b,
                i,
                offer[b, i],
                limit[b, i],
                follow[b, i],
                controls[b, i],
                least,
                most,
                energy,
            )


@allocating_kernel
def commit_one(
    community: Community, state: State, i: int, offer: float, limit: float, follow: float, controls: Floats
) -> None:
    """Commit one participant's plan in the first community: what a bot does at its own site."""
    least, most, energy = np.zeros(N_DEVICES), np.zeros(N_DEVICES), np.zeros(N_DEVICES)
    commit_plan(community, state, 0, i, offer, limit, follow, controls, least, most, energy)
