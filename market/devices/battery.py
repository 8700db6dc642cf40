"""A battery seen from its meter: energies are AC kWh in a slot, charging positive."""

from gridbid.market.kernel import kernel


@kernel
def limits_kwh(
    stored_kwh: float, capacity_kwh: float, power_kw: float, eta_in: float, eta_out: float, slot_h: float
) -> tuple[float, float]:
    """Least and most AC energy that a slot allows, from power and from what is stored."""
    reach = power_kw * slot_h
    most = min(reach, max(0.0, capacity_kwh - stored_kwh) / eta_in) if capacity_kwh > 0.0 else 0.0
    least = -min(reach, max(0.0, stored_kwh) * eta_out)
    return least, most


@kernel
def stored_after_kwh(
    stored_kwh: float, energy_kwh: float, capacity_kwh: float, eta_in: float, eta_out: float
) -> float:
    """Stored energy after a slot; bounds hold exactly, whatever the last bit of a division."""
    change = energy_kwh * eta_in if energy_kwh > 0.0 else energy_kwh / eta_out
    return min(max(stored_kwh + change, 0.0), capacity_kwh)
