"""What is expected of the slot that trades, when it is published: forecasts, and what the devices will allow.

Everything here is known in the rounds for slot t: readings up to t - 2, devices at the start of t - 1, the plan and the
position of t - 1. So it is the same in all of a slot's rounds.
"""

import numpy as np

from gridbid.market.community import Community
from gridbid.market.delivery import device_limits, feasible_kwh, share_out
from gridbid.market.devices import battery, charge_point, heat_pump
from gridbid.market.forecast import slot_forecast
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.presence import is_present
from gridbid.market.scratch import Scratch
from gridbid.market.state import Arena, State, state_of
from gridbid.market.types import Device
from gridbid.market.units import WH_PER_KWH

_BATTERY, _CHARGER, _HEAT_PUMP = int(Device.BATTERY), int(Device.CHARGER), int(Device.HEAT_PUMP)
_N_DEVICES = len(Device)


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
def _forecast_kwh(community: Community, i: int, slot: int, ahead: int) -> tuple[float, float, float]:
    """Issued forecast of net load, PV and heat demand in the slot ``ahead`` of ``slot``, kWh; 0 for one who is absent then."""
    series, forecast, hours = community.series, community.series.forecast, community.rules.slot_h
    if not is_present(series.present, slot + ahead, i):
        return 0.0, 0.0, 0.0
    net = slot_forecast(forecast, series.net_kw, forecast.net_error_kw, slot, ahead, i) * hours
    pv = max(0.0, slot_forecast(forecast, series.pv_kw, forecast.pv_error_kw, slot, ahead, i) * hours)
    heat = 0.0
    if community.devices.heat_pump_kw[i] > 0.0:
        heat = max(
            0.0, slot_forecast(forecast, series.heat_kw, forecast.heat_error_kw, slot, ahead, i) * hours
        )
    return net, pv, heat


@kernel
def _project(
    community: Community, state: State, scratch: Scratch, b: int, i: int, slot: int
) -> tuple[float, float, float]:
    """Stores at the start of ``slot`` (battery, car, heat; kWh) as they will be if slot - 1 goes by its plan and forecast."""
    stores, devices, hours = state.stores, community.devices, community.rules.slot_h
    least, most, energy = scratch.least_kwh, scratch.most_kwh, scratch.energy_kwh
    battery_kwh, heat_kwh = stores.battery_kwh[b, i], stores.heat_kwh[b, i]
    if slot == state.clock.start[b]:
        return battery_kwh, car_at_start(community, state, b, i, slot), heat_kwh
    car_kwh = car_at_start(community, state, b, i, slot - 1)
    if not is_present(community.series.present, slot - 1, i):
        return battery_kwh, car_kwh, heat_kwh
    departure, target_kwh = seen_car(community, state, b, i, slot)
    net, pv, heat = _forecast_kwh(community, i, slot, -1)
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
def issue_outlook(community: Community, state: State, scratch: Scratch, b: int) -> None:
    """Issue community b's outlook on the slot that trades."""
    slot, outlook = state.clock.slot[b], state.outlook
    for i in range(community.sites.bus.size):
        if not is_present(community.series.present, slot, i):
            outlook.net_kwh[b, i] = 0.0
            outlook.pv_kwh[b, i] = 0.0
            outlook.least_kwh[b, i, :] = 0.0
            outlook.most_kwh[b, i, :] = 0.0
            continue
        battery_kwh, car_kwh, heat_kwh = _project(community, state, scratch, b, i, slot)
        departure, target_kwh = seen_car(community, state, b, i, slot)
        net, pv, heat = _forecast_kwh(community, i, slot, 0)
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
            scratch.least_kwh,
            scratch.most_kwh,
        )
        outlook.net_kwh[b, i] = net
        outlook.pv_kwh[b, i] = pv
        for d in range(_N_DEVICES):
            outlook.least_kwh[b, i, d] = scratch.least_kwh[d]
            outlook.most_kwh[b, i, d] = scratch.most_kwh[d]


@allocating_kernel
def issue_outlooks(community: Community, arena: Arena, scratch: Scratch) -> None:
    """Issue every community's outlook on the slot that trades."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        issue_outlook(community, state, scratch, b)
