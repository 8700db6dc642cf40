"""Plain twin of the devices: what they allow in a slot, how energy is shared out over them, what they hold after.

Energies are AC kWh in a slot, charging positive; devices come as battery, charge point, heat pump.
"""

from typing import NamedTuple

from gridbid.market.community import Community
from gridbid.market.naive.records import Stores


class Range(NamedTuple):
    """Least and most energy that a device allows in a slot."""

    least: float
    most: float

    def nearest(self, energy_kwh: float) -> float:
        """The energy in the range that is nearest."""
        return min(max(energy_kwh, self.least), self.most)


NOTHING = Range(0.0, 0.0)


def battery_range(community: Community, i: int, stored_kwh: float) -> Range:
    """A battery: its power, what is stored, what is free."""
    devices = community.devices
    if devices.battery_kwh[i] == 0.0:
        return NOTHING
    reach_kwh = float(devices.battery_kw[i]) * community.rules.slot_h
    free_kwh = max(0.0, float(devices.battery_kwh[i]) - stored_kwh)
    discharge_kwh = min(reach_kwh, max(0.0, stored_kwh) * float(devices.discharge_efficiency[i]))
    return Range(-discharge_kwh, min(reach_kwh, free_kwh / float(devices.charge_efficiency[i])))


def car_range(community: Community, i: int, stored_kwh: float, target_kwh: float, slots_after: int) -> Range:
    """A charge point whose car stays for ``slots_after`` slots more: at least what keeps the target in reach."""
    devices, hours = community.devices, community.rules.slot_h
    power_kw, efficiency = float(devices.charger_kw[i]), float(devices.charger_efficiency[i])
    most = min(power_kw * hours, max(0.0, float(devices.car_kwh[i]) - stored_kwh) / efficiency)
    discharge_kwh = min(float(devices.charger_v2g_kw[i]) * hours, max(0.0, stored_kwh) * efficiency)
    due_stored_kwh = target_kwh - stored_kwh - slots_after * power_kw * hours * efficiency
    due_kwh = due_stored_kwh / efficiency if due_stored_kwh > 0.0 else due_stored_kwh * efficiency
    return Range(min(max(-discharge_kwh, due_kwh), most), most)


def heat_range(community: Community, i: int, stored_kwh: float, demand_kwh: float) -> Range:
    """A heat pump: at least the demand that the store can't serve, at most what it can take."""
    devices, hours = community.devices, community.rules.slot_h
    if devices.heat_pump_kw[i] == 0.0:
        return NOTHING
    cop = float(devices.cop[i])
    kept_kwh = stored_kwh * (1.0 - float(devices.heat_loss_per_h[i]) * hours)
    room_kwh = max(0.0, float(devices.heat_store_kwh[i]) - kept_kwh + demand_kwh)
    most = min(float(devices.heat_pump_kw[i]) * hours, room_kwh / cop)
    return Range(min(max(0.0, demand_kwh - kept_kwh) / cop, most), most)


def share_out(plan: list[float], ranges: list[Range], flexible_kwh: float) -> list[float]:
    """Each device its plan, inside what it allows; what is missing to ``flexible_kwh`` goes to the first that can."""
    energy = [one.nearest(kwh) for one, kwh in zip(ranges, plan, strict=True)]
    missing = flexible_kwh
    for kwh in energy:
        missing -= kwh
    for d, one in enumerate(ranges):
        step = one.nearest(energy[d] + missing) - energy[d]
        energy[d] += step
        missing -= step
    return energy


def stores_after(
    community: Community, i: int, stores: Stores, plugged_in: bool, demand_kwh: float, energy: list[float]
) -> tuple[Stores, float]:
    """Stores after a slot, and the heat demand that went unserved (thermal kWh)."""
    devices, hours = community.devices, community.rules.slot_h
    battery_kwh = _charged(
        stores.battery_kwh,
        energy[0],
        float(devices.charge_efficiency[i]),
        float(devices.discharge_efficiency[i]),
        float(devices.battery_kwh[i]),
    )
    car_kwh = stores.car_kwh
    if plugged_in:
        efficiency = float(devices.charger_efficiency[i])
        car_kwh = _charged(car_kwh, energy[1], efficiency, efficiency, float(devices.car_kwh[i]))
    kept_kwh = stores.heat_kwh * (1.0 - float(devices.heat_loss_per_h[i]) * hours)
    level_kwh = kept_kwh + energy[2] * float(devices.cop[i]) - demand_kwh
    heat_kwh = min(max(level_kwh, 0.0), float(devices.heat_store_kwh[i]))
    return Stores(battery_kwh, car_kwh, heat_kwh), max(0.0, -level_kwh)


def _charged(
    stored_kwh: float,
    energy_kwh: float,
    charge_efficiency: float,
    discharge_efficiency: float,
    size_kwh: float,
) -> float:
    gain_kwh = energy_kwh * charge_efficiency if energy_kwh > 0.0 else energy_kwh / discharge_efficiency
    return min(max(stored_kwh + gain_kwh, 0.0), size_kwh)
