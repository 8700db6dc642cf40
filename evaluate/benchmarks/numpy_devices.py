"""The NumPy step's devices: the local rule for all communities and participants at once.

Arrays are float64, (B, N) or (devices, B, N), in kWh; ``devices`` broadcasts from (N,). Operations come in the kernels' order,
so that the same bits come out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Devices

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Stores(NamedTuple):
    """Energy stored, (B, N)."""

    battery_kwh: Floats
    car_kwh: Floats
    heat_kwh: Floats


class Limits(NamedTuple):
    """Least and most energy that a slot allows, (devices, B, N)."""

    least: Floats
    most: Floats


def limits_kwh(
    devices: Devices,
    hours: float,
    stores: Stores,
    car_target_kwh: Floats,
    car_slots_after: Integers,
    heat_demand_kwh: Floats,
) -> Limits:
    """What the devices allow; ``car_slots_after`` < 0 where no car is plugged in."""
    limits = Limits(*(np.empty((3, *stores.battery_kwh.shape)) for _ in Limits._fields))
    least, most = limits
    reach = devices.battery_kw * hours
    room = np.maximum(devices.battery_kwh - stores.battery_kwh, 0.0) / devices.charge_efficiency
    np.minimum(reach, room, out=most[0])
    held = np.maximum(stores.battery_kwh, 0.0) * devices.discharge_efficiency
    np.negative(np.minimum(reach, held), out=least[0])

    efficiency, full = devices.charger_efficiency, devices.charger_kw * hours
    plugged = car_slots_after >= 0
    most_car = np.minimum(full, np.maximum(devices.car_kwh - stores.car_kwh, 0.0) / efficiency)
    least_car = -np.minimum(devices.charger_v2g_kw * hours, np.maximum(stores.car_kwh, 0.0) * efficiency)
    due = car_target_kwh - stores.car_kwh - car_slots_after * full * efficiency
    due = np.where(due > 0.0, due / efficiency, due * efficiency)
    most[1] = np.where(plugged, most_car, 0.0)
    least[1] = np.where(plugged, np.minimum(np.maximum(least_car, due), most_car), 0.0)

    kept = stores.heat_kwh * (1.0 - devices.heat_loss_per_h * hours)
    room = np.maximum(devices.heat_store_kwh - kept + heat_demand_kwh, 0.0) / devices.cop
    np.minimum(devices.heat_pump_kw * hours, room, out=most[2])
    np.minimum(np.maximum(heat_demand_kwh - kept, 0.0) / devices.cop, most[2], out=least[2])
    return limits


def dispatch(plan_kwh: Floats, follow: Floats, wanted_kwh: Floats, limits: Limits) -> Floats:
    """Energies by device: the plan inside its limits, then what ``wanted_kwh`` asks for beyond it, in device order."""
    energy = np.minimum(np.maximum(plan_kwh, limits.least), limits.most)
    planned = energy[0] + energy[1] + energy[2]
    missing = (1.0 - follow) * planned + follow * wanted_kwh
    for kwh in energy:
        missing -= kwh
    for kwh, least, most in zip(energy, *limits, strict=True):
        step = np.minimum(np.maximum(kwh + missing, least), most) - kwh
        kwh += step
        missing -= step
    return energy


def keep_envelope(
    energy: Floats,
    least: Floats,
    inflexible_kwh: Floats,
    curtailable_kwh: Floats,
    import_kwh: Floats,
    export_kwh: Floats,
) -> tuple[Floats, Floats]:
    """Cut charging, or discharge and then PV, to the envelope; changes ``energy``.

    Returns the PV held back and the breach that remains.
    """
    net = inflexible_kwh + (energy[0] + energy[1] + energy[2])
    above = np.maximum(net - import_kwh, 0.0)
    below = np.where(above > 0.0, 0.0, np.maximum(-export_kwh - net, 0.0))
    for kwh, floor in zip(energy, least, strict=True):
        step = np.minimum(above, np.maximum(0.0, kwh - np.maximum(0.0, floor)))
        back = np.minimum(below, np.maximum(0.0, -kwh))
        kwh += back - step
        above -= step
        below -= back
    held_back = np.minimum(below, curtailable_kwh)
    return held_back, above + (below - held_back)


def stores_after(
    devices: Devices, hours: float, stores: Stores, energy: Floats, plugged: NDArray[np.bool_], heat: Floats
) -> tuple[Stores, Floats]:
    """What is stored after a slot with heat demand ``heat``, and the heat demand that went unserved."""
    battery, car, pump = energy
    change = np.where(
        battery > 0.0, battery * devices.charge_efficiency, battery / devices.discharge_efficiency
    )
    battery_kwh = np.minimum(np.maximum(stores.battery_kwh + change, 0.0), devices.battery_kwh)
    change = np.where(car > 0.0, car * devices.charger_efficiency, car / devices.charger_efficiency)
    charged_kwh = np.minimum(np.maximum(stores.car_kwh + change, 0.0), devices.car_kwh)
    level = stores.heat_kwh * (1.0 - devices.heat_loss_per_h * hours) + pump * devices.cop - heat
    heat_kwh = np.minimum(np.maximum(level, 0.0), devices.heat_store_kwh)
    return Stores(battery_kwh, np.where(plugged, charged_kwh, stores.car_kwh), heat_kwh), np.maximum(
        0.0, -level
    )
