"""What a seat sees of its devices; zeros where it lacks one."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.signals.observe_published import Tables
from gridbid.market.community import Community
from gridbid.market.kernel import kernel
from gridbid.market.outlook import car_at_start, seen_car
from gridbid.market.state import State
from gridbid.market.types import Device

_BATTERY, _CHARGER, _HEAT_PUMP = int(Device.BATTERY), int(Device.CHARGER), int(Device.HEAT_PUMP)

Singles = NDArray[np.float32]


@kernel
def write_battery(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    out: Singles,
    at: int,
) -> int:
    """The battery, and what it will allow."""
    devices = community.devices
    blank(out, at, 5)
    if devices.battery_kw[i] > 0.0:
        reach_kwh = devices.battery_kw[i] * community.rules.slot_h
        out[at] = devices.battery_kw[i] / tables.site_kw[i]
        out[at + 1] = devices.battery_kwh[i] / devices.battery_kw[i] / 4.0
        out[at + 2] = state.stores.battery_kwh[b, i] / devices.battery_kwh[i]
        out[at + 3] = state.outlook.least_kwh[b, i, _BATTERY] / reach_kwh
        out[at + 4] = state.outlook.most_kwh[b, i, _BATTERY] / reach_kwh
    return at + 5


@kernel
def write_car(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    slot: int,
    out: Singles,
    at: int,
) -> int:
    """The charge point, and the car that is known to stay plugged in through the slot."""
    devices, hours = community.devices, community.rules.slot_h
    blank(out, at, 8)
    if community.series.car_column[i] < 0:
        return at + 8
    out[at] = devices.charger_kw[i] / tables.site_kw[i]
    departure, target_kwh = seen_car(community, state, b, i, slot)
    if departure > slot:
        car_kwh = car_at_start(community, state, b, i, max(slot - 1, state.clock.start[b]))
        due_h = max(0.0, target_kwh - car_kwh) / (devices.charger_efficiency[i] * devices.charger_kw[i])
        departure_h = (departure - slot) * hours
        reach_kwh = devices.charger_kw[i] * hours
        out[at + 1] = 1.0
        out[at + 2] = car_kwh / devices.car_kwh[i]
        out[at + 3] = due_h / 10.0
        out[at + 4] = departure_h / 12.0
        out[at + 5] = (departure_h - due_h) / 12.0
        out[at + 6] = state.outlook.least_kwh[b, i, _CHARGER] / reach_kwh
        out[at + 7] = state.outlook.most_kwh[b, i, _CHARGER] / reach_kwh
    return at + 8


@kernel
def write_heat(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    out: Singles,
    at: int,
) -> int:
    """The heat pump, and the level of its store."""
    devices = community.devices
    blank(out, at, 4)
    if devices.heat_pump_kw[i] > 0.0:
        reach_kwh = devices.heat_pump_kw[i] * community.rules.slot_h
        out[at] = devices.heat_pump_kw[i] / tables.site_kw[i]
        out[at + 1] = state.stores.heat_kwh[b, i] / devices.heat_store_kwh[i]
        out[at + 2] = state.outlook.least_kwh[b, i, _HEAT_PUMP] / reach_kwh
        out[at + 3] = state.outlook.most_kwh[b, i, _HEAT_PUMP] / reach_kwh
    return at + 4


@kernel
def blank(out: Singles, at: int, size: int) -> None:
    """Zeros."""
    for n in range(at, at + size):
        out[n] = 0.0
