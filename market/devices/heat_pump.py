"""A heat pump with a heat store: electric kWh in a slot; comfort comes first."""

from gridbid.market.kernel import kernel


@kernel
def limits_kwh(
    stored_kwh: float,
    demand_kwh: float,
    store_kwh: float,
    loss_per_h: float,
    power_kw: float,
    cop: float,
    slot_h: float,
) -> tuple[float, float]:
    """Least electric energy that serves the slot's heat demand, and the most that the store can take."""
    if power_kw <= 0.0:
        return 0.0, 0.0
    kept = stored_kwh * (1.0 - loss_per_h * slot_h)
    most = min(power_kw * slot_h, max(0.0, store_kwh - kept + demand_kwh) / cop)
    least = min(max(0.0, demand_kwh - kept) / cop, most)
    return least, most


@kernel
def stored_after_kwh(
    stored_kwh: float,
    energy_kwh: float,
    demand_kwh: float,
    store_kwh: float,
    loss_per_h: float,
    cop: float,
    slot_h: float,
) -> tuple[float, float]:
    """Heat stored after a slot, and the heat demand that went unserved (thermal kWh)."""
    level = stored_kwh * (1.0 - loss_per_h * slot_h) + energy_kwh * cop - demand_kwh
    return min(max(level, 0.0), store_kwh), max(0.0, -level)
