"""Devices as blocks of a linear program, with the limits, efficiencies and prices of the engine's devices.

Each block adds columns and rows for T steps of N participants, prices what isn't on the bill, and returns the columns of
its energy at the meter, (T, N), ABSENT where a participant lacks the device.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.linear_program import ABSENT, Columns, LinearProgram
from gridbid.agents.programs.outlook import Outlook
from gridbid.agents.programs.plant import Plant
from gridbid.market.types import Cost


class Flow(NamedTuple):
    """Energy at the meters, kWh in a slot: columns (T, N) that take from the grid, and that give to it."""

    take: Columns
    give: Columns


def add_batteries(program: LinearProgram, plant: Plant, outlook: Outlook) -> Flow:
    """Every kWh of throughput wears; what is stored after the last slot has its value."""
    devices = plant.devices
    reach_kwh = devices.battery_kw * outlook.hours[:, None]
    members = np.flatnonzero(devices.battery_kwh > 0.0)
    has = np.broadcast_to(devices.battery_kwh > 0.0, outlook.net_kwh.shape)
    works = has & outlook.present
    take, give = program.columns_where(works, reach_kwh), program.columns_where(works, reach_kwh)
    level = program.columns_where(has, devices.battery_kwh)
    right = np.zeros((outlook.net_kwh.shape[0], members.size))
    right[0] = outlook.battery_kwh[members]
    rows = program.equal(right)
    program.put_equal(rows, level[:, members], 1.0)
    program.put_equal(rows[1:], level[:-1, members], -1.0)
    program.put_equal(rows, take[:, members], -devices.charge_efficiency[members])
    program.put_equal(rows, give[:, members], 1.0 / devices.discharge_efficiency[members])
    for throughput in (take, give):
        program.price(Cost.WEAR, throughput, devices.wear_eur_per_kwh)
    worth = plant.penalties.stored_energy_value * devices.discharge_efficiency
    program.price(Cost.STORED, level[-1], -worth)
    program.constant(Cost.STORED, float(worth @ outlook.battery_kwh))
    return Flow(take, give)


def add_cars(program: LinearProgram, plant: Plant, outlook: Outlook) -> Flow:
    """The energy due comes first, as at the charge point; what a car still wants after the last slot counts against it."""
    devices, cars = plant.devices, outlook.cars
    members = np.flatnonzero(devices.charger_kw > 0.0)
    has = np.broadcast_to(devices.charger_kw > 0.0, cars.plugged_h.shape)
    take = program.columns_where(has, devices.charger_kw * cars.plugged_h)
    give = program.columns_where(
        has & (devices.charger_v2g_kw > 0.0), devices.charger_v2g_kw * cars.plugged_h
    )
    level = program.columns_where(has, devices.car_kwh, cars.least_kwh)
    efficiency = devices.charger_efficiency[members]
    rows = program.equal(np.where(cars.begins, cars.start_kwh, 0.0)[:, members])
    program.put_equal(rows, level[:, members], 1.0)
    program.put_equal(rows, take[:, members], -efficiency)
    program.put_equal(rows, give[:, members], 1.0 / efficiency)
    stays = ((cars.plugged_h > 0.0) & ~cars.begins)[1:, members]
    program.put_equal(rows[1:][stays], level[:-1, members][stays], -1.0)
    program.constant(Cost.UNMET_EV, plant.penalties.unmet_ev * float(cars.unmet_kwh.sum()))
    _price_wanted(program, plant, outlook, level[-1])
    return Flow(take, give)


def _price_wanted(program: LinearProgram, plant: Plant, outlook: Outlook, last_level: Columns) -> None:
    members = np.flatnonzero(plant.devices.charger_kw > 0.0)
    missing = program.columns(np.zeros(members.size), np.inf)
    rows = program.at_most(-outlook.cars.wanted_kwh[members])
    program.put_at_most(rows, last_level[members], -1.0)
    program.put_at_most(rows, missing, -1.0)
    efficiency = plant.devices.charger_efficiency[members]
    program.price(Cost.STORED, missing, plant.penalties.stored_energy_value / efficiency)


def add_heat_pumps(program: LinearProgram, plant: Plant, outlook: Outlook) -> Flow:
    """Heat demand is served from pump and store; what is not is discomfort; heat left in the store has its value."""
    devices, hours = plant.devices, outlook.hours[:, None]
    members = np.flatnonzero(devices.heat_pump_kw > 0.0)
    has = np.broadcast_to(devices.heat_pump_kw > 0.0, outlook.net_kwh.shape)
    take = program.columns_where(has & outlook.present, devices.heat_pump_kw * hours)
    unserved = program.columns_where(has, outlook.heat_kwh)
    level = program.columns_where(has, devices.heat_store_kwh)
    lost = np.where(outlook.present[:, members], devices.heat_loss_per_h[members] * hours, 0.0)
    kept = 1.0 - lost
    right = -outlook.heat_kwh[:, members]
    right[0] += kept[0] * outlook.heat_store_kwh[members]
    rows = program.equal(right)
    program.put_equal(rows, level[:, members], 1.0)
    program.put_equal(rows[1:], level[:-1, members], -kept[1:])
    program.put_equal(rows, take[:, members], -devices.cop[members])
    program.put_equal(rows, unserved[:, members], -1.0)
    program.price(Cost.DISCOMFORT, unserved, plant.penalties.discomfort)
    worth = plant.penalties.stored_energy_value / devices.cop[members]
    program.price(Cost.STORED, level[-1, members], -worth)
    program.constant(Cost.STORED, float(worth @ outlook.heat_store_kwh[members]))
    return Flow(take, np.full_like(take, ABSENT))


def add_curtailment(program: LinearProgram, outlook: Outlook, useful: NDArray[np.bool_]) -> Flow:
    """PV that may be held back, where that is ``useful`` (T, N): what is held back is as good as taken."""
    take = program.columns_where(useful, outlook.pv_kwh)
    return Flow(take, np.full_like(take, ABSENT))
