"""The local rule that delivers a slot (design: no policy call and no chain needed).

Flexible energy D = (1 - phi) E + phi (P - n) is shared out over battery, charge point and heat pump, inside what each
allows; what an EV is owed and comfort come first, and the envelope binds last. n is the inflexible net load; E is the
part of the plan that is feasible now, so with phi = 0 every device does as planned and none makes up for another.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Devices
from gridbid.market.devices import battery, charge_point, heat_pump
from gridbid.market.kernel import kernel
from gridbid.market.types import Device

_BATTERY, _CHARGER, _HEAT_PUMP = int(Device.BATTERY), int(Device.CHARGER), int(Device.HEAT_PUMP)
N_DEVICES = len(Device)

Energies = NDArray[np.float64]
"""kWh in a slot by device, float64 (devices,)."""


@kernel
def device_limits(
    devices: Devices,
    i: int,
    battery_kwh: float,
    car_kwh: float,
    car_target_kwh: float,
    car_slots_after: int,
    heat_kwh: float,
    heat_demand_kwh: float,
    slot_h: float,
    least: Energies,
    most: Energies,
) -> None:
    """Write what participant i's devices allow in a slot; ``car_slots_after`` < 0 when no car is plugged in."""
    least[_BATTERY], most[_BATTERY] = battery.limits_kwh(
        battery_kwh,
        devices.battery_kwh[i],
        devices.battery_kw[i],
        devices.charge_efficiency[i],
        devices.discharge_efficiency[i],
        slot_h,
    )
    least[_CHARGER], most[_CHARGER] = 0.0, 0.0
    if car_slots_after >= 0:
        least[_CHARGER], most[_CHARGER] = charge_point.limits_kwh(
            car_kwh,
            devices.car_kwh[i],
            car_target_kwh,
            car_slots_after,
            devices.charger_kw[i],
            devices.charger_v2g_kw[i],
            devices.charger_efficiency[i],
            slot_h,
        )
    least[_HEAT_PUMP], most[_HEAT_PUMP] = heat_pump.limits_kwh(
        heat_kwh,
        heat_demand_kwh,
        devices.heat_store_kwh[i],
        devices.heat_loss_per_h[i],
        devices.heat_pump_kw[i],
        devices.cop[i],
        slot_h,
    )


@kernel
def feasible_kwh(plan: Energies, least: Energies, most: Energies) -> float:
    """What the devices' plans come to inside their limits: what is owed to cars and comfort counts as planned."""
    total = 0.0
    for d in range(N_DEVICES):
        total += min(max(plan[d], least[d]), most[d])
    return total


@kernel
def share_out(plan: Energies, least: Energies, most: Energies, flexible_kwh: float, energy: Energies) -> None:
    """Write each device's energy: its plan inside its limits, then what is missing to ``flexible_kwh``, in device order."""
    missing = flexible_kwh
    for d in range(N_DEVICES):
        energy[d] = min(max(plan[d], least[d]), most[d])
        missing -= energy[d]
    for d in range(N_DEVICES):
        step = min(max(energy[d] + missing, least[d]), most[d]) - energy[d]
        energy[d] += step
        missing -= step


@kernel
def keep_envelope(
    energy: Energies,
    least: Energies,
    inflexible_kwh: float,
    curtailable_kwh: float,
    import_kwh: float,
    export_kwh: float,
) -> tuple[float, float, float]:
    """Cut charging on an import breach, discharge and then PV on an export breach; changes ``energy``.

    ``inflexible_kwh`` includes the curtailment so far; ``curtailable_kwh`` is the PV that is left to hold back.
    Returns the PV held back now, the energy cut, and the breach that remains (all kWh, >= 0).
    """
    net = inflexible_kwh + energy.sum()
    cut = 0.0
    excess = net - import_kwh
    if excess > 0.0:
        for d in range(N_DEVICES):
            step = min(excess, max(0.0, energy[d] - max(0.0, least[d])))
            energy[d] -= step
            excess -= step
            cut += step
        return 0.0, cut, excess
    excess = -export_kwh - net
    if excess > 0.0:
        for d in range(N_DEVICES):
            step = min(excess, max(0.0, -energy[d]))
            energy[d] += step
            excess -= step
            cut += step
        held_back = min(excess, curtailable_kwh)
        return held_back, cut + held_back, excess - held_back
    return 0.0, 0.0, 0.0
