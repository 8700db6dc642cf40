"""A charge point with its car: energies are AC kWh in a slot, charging positive; the energy due comes first."""

from gridbid.market.kernel import kernel


@kernel
def limits_kwh(
    stored_kwh: float,
    car_kwh: float,
    target_kwh: float,
    slots_after: int,
    power_kw: float,
    v2g_kw: float,
    efficiency: float,
    slot_h: float,
) -> tuple[float, float]:
    """Least and most AC energy in a slot so that the target is still met at departure, if it can be.

    ``slots_after``: slots that remain after this one. When full power from now on can't meet the target, both are
    full power.
    """
    most = min(power_kw * slot_h, max(0.0, car_kwh - stored_kwh) / efficiency)
    least = -min(v2g_kw * slot_h, max(0.0, stored_kwh) * efficiency)
    due_now_kwh = target_kwh - stored_kwh - slots_after * power_kw * slot_h * efficiency
    due = due_now_kwh / efficiency if due_now_kwh > 0.0 else due_now_kwh * efficiency
    return min(max(least, due), most), most


@kernel
def stored_after_kwh(stored_kwh: float, energy_kwh: float, car_kwh: float, efficiency: float) -> float:
    """Energy in the car after a slot."""
    change = energy_kwh * efficiency if energy_kwh > 0.0 else energy_kwh / efficiency
    return min(max(stored_kwh + change, 0.0), car_kwh)
