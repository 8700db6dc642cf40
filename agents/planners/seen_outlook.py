"""What a community's observation rows say of the 24 hours ahead, and of the devices behind the meters.

Nothing else is read, and nothing is remembered. Of what a planner needs, rows leave open:

- the price of a slot: what is announced are means of the hours that begin with slot t;
- net load of the other slots of the first hour: they share what its mean leaves beside slot t's own forecast;
- feed-in price and fee after slot t: they are taken to stay, and feed-in to give way where retail is too low for it;
- PV after slot t: as much as the net load shows to be exported;
- heat demand: seen in slot t while the store is about empty or full, else a share of the pump's power by the season;
- who comes: a car that isn't plugged in is none;
- efficiencies, wear, capacities of cars and heat stores, V2G beyond what slot t allows: `Facts`.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.planners.facts import Facts
from gridbid.agents.planners.seen_rows import SeenRows
from gridbid.agents.programs.outlook import Cars, Outlook
from gridbid.agents.programs.plant import Plant
from gridbid.market.community import Devices

Floats = NDArray[np.float64]

HOURS = 24
FIRST_SLOTS = 4
"""Slots at the beginning of a plan."""
_CT_PER_EUR = 100.0
_INTERIOR = 1.0 - 1e-6
_MEAN_DUTY, _SEASONAL_DUTY = 0.15, 0.12
"""A heat pump's mean power, relative to its rating: over the year, and how much more in midwinter."""


def step_hours(facts: Facts) -> Floats:
    """Lengths of the steps: the first hour's slots, `FIRST_SLOTS` at most, and what is left of it; then 23 hours."""
    per_hour = round(1.0 / facts.slot_h)
    slots = np.full(min(FIRST_SLOTS, per_hour), facts.slot_h)
    left = [1.0 - slots.sum()] if per_hour > FIRST_SLOTS else []
    return np.concatenate([slots, left, np.ones(HOURS - 1)])


def leading_slots(facts: Facts) -> int:
    """How many steps from the first one on are slots."""
    return int(np.isclose(step_hours(facts), facts.slot_h).cumprod().sum())


def seen_plant(rows: SeenRows, facts: Facts) -> Plant:
    """Devices and limits of the N seats; one who is absent has none."""
    site_kw = rows["site_kw"]
    ones = np.ones_like(site_kw)
    battery_kw, pump_kw = site_kw * rows["battery_kw"], site_kw * rows["heat_pump_kw"]
    charger_kw = site_kw * rows["charger_kw"]
    battery_kwh = battery_kw * rows["battery_hours"]
    devices = Devices(
        battery_kwh=battery_kwh,
        battery_kw=np.where(battery_kwh > 0.0, battery_kw, 0.0),
        battery_initial_kwh=0.0 * ones,
        charge_efficiency=facts.battery_efficiency * ones,
        discharge_efficiency=facts.battery_efficiency * ones,
        wear_eur_per_kwh=facts.wear_eur_per_kwh * ones,
        charger_kw=charger_kw,
        charger_v2g_kw=np.maximum(0.0, -rows["car_least"]) * charger_kw,
        charger_efficiency=facts.charger_efficiency * ones,
        car_kwh=np.maximum(facts.car_kwh, _car_target_kwh(rows, facts)),
        heat_pump_kw=pump_kw,
        cop=facts.cop * ones,
        heat_store_kwh=facts.heat_store_h * facts.cop * pump_kw,
        heat_loss_per_h=facts.heat_loss_per_h * ones,
    )
    position_kw = rows["position"] * site_kw
    return Plant(
        devices=devices,
        penalties=facts.penalties,
        import_limit_kw=rows["import_room"] * site_kw + position_kw,
        export_limit_kw=rows["export_room"] * site_kw - position_kw,
    )


def seen_outlook(rows: SeenRows, plant: Plant, facts: Facts) -> Outlook:
    """The steps ahead of the N seats."""
    hours = step_hours(facts)
    in_first_hour = hours.size - HOURS + 1
    hour_of = np.maximum(0, np.arange(hours.size) - in_first_hour + 1)
    site_kw = rows["site_kw"]
    net_kw = (rows["net_forecast_day"] * site_kw[:, None]).T[hour_of]
    first_kw = rows["net_forecast"] * site_kw
    if in_first_hour > 1:
        net_kw[1:in_first_hour] = (net_kw[0] - first_kw * hours[0]) / (1.0 - hours[0])
    net_kw[0] = first_kw
    pv_kw = np.maximum(0.0, -net_kw)
    pv_kw[0] = rows["pv_forecast"] * site_kw
    retail = rows["retail_ct"][0][hour_of] / _CT_PER_EUR
    fee = np.full(hours.size, rows["fee_ct"][0] / _CT_PER_EUR)
    demand_kw, heat_store_kwh = _heat(rows, plant, facts)
    return Outlook(
        hours=hours,
        retail=retail,
        feed_in=np.minimum(rows["feed_in_ct"][0] / _CT_PER_EUR, retail - fee),
        fee=fee,
        net_kwh=net_kw * hours[:, None],
        pv_kwh=pv_kw * hours[:, None],
        heat_kwh=demand_kw * hours[:, None],
        reactive_kvar=np.zeros_like(net_kw),
        present=np.broadcast_to(rows["present"] > 0.5, net_kw.shape),
        battery_kwh=_battery_kwh(rows, plant, facts),
        heat_store_kwh=heat_store_kwh,
        cars=_cars(rows, plant, facts, hours),
    )


def _battery_kwh(rows: SeenRows, plant: Plant, facts: Facts) -> Floats:
    """Stored at the start of slot t: as slot t's limits tell, else what was stored a slot before and the plan since."""
    devices, efficiency = plant.devices, facts.battery_efficiency
    reach_kwh = devices.battery_kw * facts.slot_h
    planned_kwh = rows["delivery_plan"] * rows["site_kw"] * facts.slot_h
    planned_kwh = np.clip(planned_kwh, -reach_kwh, reach_kwh)
    stored_kwh = rows["battery_soc"] * devices.battery_kwh + np.where(
        planned_kwh > 0.0, planned_kwh * efficiency, planned_kwh / efficiency
    )
    least, most = rows["battery_least"], rows["battery_most"]
    stored_kwh = np.where(least > -_INTERIOR, -least * reach_kwh / efficiency, stored_kwh)
    stored_kwh = np.where(most < _INTERIOR, devices.battery_kwh - most * reach_kwh * efficiency, stored_kwh)
    return np.clip(stored_kwh, 0.0, devices.battery_kwh)


def _heat(rows: SeenRows, plant: Plant, facts: Facts) -> tuple[Floats, Floats]:
    """Heat demand in kW and heat stored at the start of slot t in kWh, as slot t's limits tell them."""
    devices, hours = plant.devices, facts.slot_h
    reach_kwh = devices.heat_pump_kw * devices.cop * hours
    kept_kwh = rows["heat_level"] * devices.heat_store_kwh * (1.0 - devices.heat_loss_per_h * hours)
    least, most = rows["heat_least"], rows["heat_most"]
    duty = np.maximum(0.0, _MEAN_DUTY + _SEASONAL_DUTY * rows["year_cos"])
    demand_kwh = duty * reach_kwh
    full = most < _INTERIOR
    demand_kwh = np.where(
        full, np.maximum(0.0, kept_kwh - devices.heat_store_kwh + most * reach_kwh), demand_kwh
    )
    empty = least > 0.0
    demand_kwh = np.where(empty, least * reach_kwh, demand_kwh)
    stored_kwh = np.where(empty, 0.0, kept_kwh)
    return demand_kwh / hours, np.clip(stored_kwh, 0.0, devices.heat_store_kwh)


def _car_target_kwh(rows: SeenRows, facts: Facts) -> Floats:
    """What a car is to hold at departure."""
    due_kwh = rows["car_due"] * rows["charger_kw"] * rows["site_kw"] * facts.charger_efficiency
    return rows["car_soc"] * facts.car_kwh + due_kwh


def _cars(rows: SeenRows, plant: Plant, facts: Facts, hours: Floats) -> Cars:
    """Who is plugged in now stays until departure; nobody comes."""
    devices = plant.devices
    plugged = rows["car_plugged"] > 0.5
    left_h = np.where(plugged, rows["car_departure"], 0.0)
    planned_kwh = np.maximum(0.0, rows["delivery_plan"]) * rows["site_kw"] * facts.slot_h
    charged_kwh = np.minimum(planned_kwh, devices.charger_kw * facts.slot_h) * facts.charger_efficiency
    start_kwh = np.minimum(rows["car_soc"] * facts.car_kwh + charged_kwh, devices.car_kwh)
    target_kwh = np.where(plugged, _car_target_kwh(rows, facts), 0.0)
    ends_h = np.cumsum(hours)[:, None]
    plugged_h = np.clip(left_h - (ends_h - hours[:, None]), 0.0, hours[:, None])
    full_kw = devices.charger_kw * devices.charger_efficiency
    reach_kwh = np.minimum(start_kwh + full_kw * np.cumsum(plugged_h, axis=0), devices.car_kwh)
    due_kwh = target_kwh - full_kw * np.maximum(0.0, left_h - ends_h)
    least_kwh = np.where(plugged_h > 0.0, np.clip(due_kwh, 0.0, reach_kwh), 0.0)
    begins = np.zeros(plugged_h.shape, np.bool_)
    begins[0] = plugged
    return Cars(
        plugged_h=plugged_h,
        begins=begins,
        start_kwh=np.where(begins, start_kwh, 0.0),
        least_kwh=least_kwh,
        unmet_kwh=np.zeros(plugged_h.shape),
        wanted_kwh=np.where(left_h > ends_h[-1], target_kwh, 0.0),
    )
