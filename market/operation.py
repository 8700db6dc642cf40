"""Delivery of a slot in a community: devices by the local rule, readings, and what J prices beside the bill."""

import numpy as np

from gridbid.market.community import Community
from gridbid.market.delivery import N_DEVICES, device_limits, feasible_kwh, keep_envelope, share_out
from gridbid.market.devices import battery, charge_point, heat_pump
from gridbid.market.kernel import kernel
from gridbid.market.outlook import car_at_start
from gridbid.market.presence import is_present
from gridbid.market.scratch import Scratch
from gridbid.market.settlement import settle_slot
from gridbid.market.state import State
from gridbid.market.types import Cost, Device
from gridbid.market.units import WH_PER_KWH, register_wh

_BATTERY, _CHARGER, _HEAT_PUMP = int(Device.BATTERY), int(Device.CHARGER), int(Device.HEAT_PUMP)
_WEAR, _DISCOMFORT, _UNMET = int(Cost.WEAR), int(Cost.DISCOMFORT), int(Cost.UNMET_EV)
_VIOLATION, _STORED = int(Cost.VIOLATION), int(Cost.STORED)


@kernel
def stored_value_eur(community: Community, state: State, b: int, i: int, next_slot: int) -> float:
    """Value of the energy in participant i's stores; at the end of the episode what a plugged-in car still needs counts against it.

    Only then: an arriving car's need is nobody's decision, and would drown what was decided.
    """
    devices, price = community.devices, community.penalties.stored_energy_value
    value = price * state.stores.battery_kwh[b, i] * devices.discharge_efficiency[i]
    if devices.heat_pump_kw[i] > 0.0:
        value += price * state.stores.heat_kwh[b, i] / devices.cop[i]
    column = community.series.car_column[i]
    if column >= 0 and next_slot == state.clock.end[b]:
        sample = state.clock.sample[b]
        if community.series.car_departure[sample, next_slot - 1, column] > next_slot:
            target_kwh = np.float64(community.series.car_target_kwh[sample, next_slot - 1, column])
            missing_kwh = max(0.0, target_kwh - state.stores.car_kwh[b, i])
            value -= price * missing_kwh / devices.charger_efficiency[i]
    return value


@kernel
def deliver_participant(
    community: Community, state: State, scratch: Scratch, b: int, i: int, slot: int
) -> None:
    """Run one participant's slot: dispatch, envelope, stores, meter and costs."""
    if not is_present(community.series.present, slot, i):
        _pass_by(state, b, i, slot)
        return
    series, devices, sites = community.series, community.devices, community.sites
    least, most, energy = scratch.least_kwh, scratch.most_kwh, scratch.energy_kwh
    stores, delivery, delivered, hours = state.stores, state.delivery, state.delivered, community.rules.slot_h
    sample, column = state.clock.sample[b], community.series.car_column[i]
    departure, target_kwh = np.int64(-1), 0.0
    if column >= 0:
        stores.car_kwh[b, i] = car_at_start(community, state, b, i, slot)
        departure = np.int64(series.car_departure[sample, slot, column])
        target_kwh = np.float64(series.car_target_kwh[sample, slot, column])
    heat_demand_kwh = np.float64(series.heat_kw[slot, i]) * hours
    pv_kwh = np.float64(series.pv_kw[slot, i]) * hours
    net_kwh = np.float64(series.net_kw[slot, i]) * hours
    device_limits(
        devices,
        i,
        stores.battery_kwh[b, i],
        stores.car_kwh[b, i],
        target_kwh,
        departure - slot - 1,
        stores.heat_kwh[b, i],
        heat_demand_kwh,
        hours,
        least,
        most,
    )
    plan, follow = delivery.plan_kwh[b, i], delivery.follow[b, i]
    curtailed_kwh = delivery.curtail[b, i] * pv_kwh
    position_kwh = (delivery.bought_wh[b, i] - delivery.sold_wh[b, i]) / WH_PER_KWH
    flexible_kwh = (1.0 - follow) * feasible_kwh(plan, least, most) + follow * (
        position_kwh - net_kwh - curtailed_kwh
    )
    share_out(plan, least, most, flexible_kwh, energy)
    held_back_kwh, cut_kwh, breach_kwh = keep_envelope(
        energy,
        least,
        net_kwh + curtailed_kwh,
        pv_kwh - curtailed_kwh,
        sites.import_limit_wh[i] / WH_PER_KWH,
        sites.export_limit_wh[i] / WH_PER_KWH,
    )
    curtailed_kwh += held_back_kwh
    stores.battery_kwh[b, i] = battery.stored_after_kwh(
        stores.battery_kwh[b, i],
        energy[_BATTERY],
        devices.battery_kwh[i],
        devices.charge_efficiency[i],
        devices.discharge_efficiency[i],
    )
    unmet_kwh = 0.0
    if departure >= 0:
        stores.car_kwh[b, i] = charge_point.stored_after_kwh(
            stores.car_kwh[b, i], energy[_CHARGER], devices.car_kwh[i], devices.charger_efficiency[i]
        )
        if departure == slot + 1:
            unmet_kwh = max(0.0, target_kwh - stores.car_kwh[b, i])
    stores.heat_kwh[b, i], unserved_kwh = heat_pump.stored_after_kwh(
        stores.heat_kwh[b, i],
        energy[_HEAT_PUMP],
        heat_demand_kwh,
        devices.heat_store_kwh[i],
        devices.heat_loss_per_h[i],
        devices.cop[i],
        hours,
    )
    metered_kwh = net_kwh + curtailed_kwh + energy.sum()
    register_kwh = state.totals.register_kwh[b, i]
    reading_wh = register_wh(register_kwh + metered_kwh) - register_wh(register_kwh)
    state.totals.register_kwh[b, i] = register_kwh + metered_kwh
    state.reading_history_wh[b, slot & (state.reading_history_wh.shape[1] - 1), i] = reading_wh
    delivered.reading_wh[b, i] = reading_wh
    delivered.net_kwh[b, i] = metered_kwh
    delivered.curtailed_kwh[b, i] = curtailed_kwh
    delivered.cut_kwh[b, i] = cut_kwh
    delivered.breach_kwh[b, i] = breach_kwh
    delivered.unmet_kwh[b, i] = unmet_kwh
    delivered.unserved_kwh[b, i] = unserved_kwh
    delivered.throughput_kwh[b, i] = abs(energy[_BATTERY])
    for d in range(N_DEVICES):
        delivered.device_kwh[b, i, d] = energy[d]
    penalties, cost = community.penalties, state.cost_eur[b, i]
    cost[_WEAR] += devices.wear_eur_per_kwh[i] * abs(energy[_BATTERY])
    cost[_DISCOMFORT] += penalties.discomfort * unserved_kwh
    cost[_UNMET] += penalties.unmet_ev * unmet_kwh
    cost[_VIOLATION] += penalties.envelope * breach_kwh
    value = stored_value_eur(community, state, b, i, slot + 1)
    cost[_STORED] -= value - state.stored_value_eur[b, i]
    state.stored_value_eur[b, i] = value


@kernel
def _pass_by(state: State, b: int, i: int, slot: int) -> None:
    """A slot in which participant i is absent: nothing is used, read, cut or priced, and its stores stay as they are."""
    delivered = state.delivered
    state.reading_history_wh[b, slot & (state.reading_history_wh.shape[1] - 1), i] = 0
    delivered.reading_wh[b, i] = 0
    delivered.net_kwh[b, i] = 0.0
    delivered.curtailed_kwh[b, i] = 0.0
    delivered.cut_kwh[b, i] = 0.0
    delivered.breach_kwh[b, i] = 0.0
    delivered.unmet_kwh[b, i] = 0.0
    delivered.unserved_kwh[b, i] = 0.0
    delivered.throughput_kwh[b, i] = 0.0
    for d in range(N_DEVICES):
        delivered.device_kwh[b, i, d] = 0.0


@kernel
def deliver(community: Community, state: State, scratch: Scratch, b: int) -> None:
    """Deliver and settle, in community b, the slot before the one that trades."""
    slot = state.clock.slot[b] - 1
    state.delivered.slot[b] = slot
    for i in range(community.sites.bus.size):
        deliver_participant(community, state, scratch, b, i, slot)
    settle_slot(community, state, b, slot)
