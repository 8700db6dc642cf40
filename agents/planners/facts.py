"""What a planner is told when it is installed: constants of the scenario that no observation repeats."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community, Penalties
from gridbid.market.grid.network import source_rating_kva

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Facts:
    """Typical constants of a community, the same for all its devices; the defaults are those of the scenario format.

    Ratings, levels, needs and limits are read from observations; these are not in them.
    """

    slot_h: float = 0.25
    """Length of a slot."""
    transformer_kva: float = float("inf")
    """Rating of the transformer that feeds the community."""
    battery_efficiency: float = 0.95
    """Of a battery, one way."""
    wear_eur_per_kwh: float = 0.028
    """Of a battery, for each kWh of throughput."""
    charger_efficiency: float = 0.95
    """Of a charge point, one way."""
    car_kwh: float = 75.0
    """Capacity of a car."""
    heat_store_h: float = 2.0
    """Capacity of a heat store, in hours of its pump at full power."""
    heat_loss_per_h: float = 0.01
    """Share of the stored heat that is lost in an hour."""
    cop: float = 3.5
    """Heat for each kWh of a heat pump."""
    penalties: Penalties = Penalties(0.6, 0.5, 1.0, 1.0, 0.15)  # noqa: RUF009 - a tuple of floats
    """Prices in J of what isn't on the bill."""


def facts_of(community: Community) -> Facts:
    """A community's constants: medians over those who have the device, the defaults where nobody does."""
    devices, default = community.devices, Facts()
    battery, charger, pump = (
        rating > 0.0 for rating in (devices.battery_kw, devices.charger_kw, devices.heat_pump_kw)
    )
    one_way = np.sqrt(devices.charge_efficiency * devices.discharge_efficiency)
    store_h = devices.heat_store_kwh / np.where(pump, devices.heat_pump_kw * devices.cop, 1.0)
    return Facts(
        slot_h=community.rules.slot_h,
        transformer_kva=float(source_rating_kva(community.network)),
        battery_efficiency=_median(one_way, battery, default.battery_efficiency),
        wear_eur_per_kwh=_median(devices.wear_eur_per_kwh, battery, default.wear_eur_per_kwh),
        charger_efficiency=_median(devices.charger_efficiency, charger, default.charger_efficiency),
        car_kwh=_median(devices.car_kwh, charger, default.car_kwh),
        heat_store_h=_median(store_h, pump, default.heat_store_h),
        heat_loss_per_h=_median(devices.heat_loss_per_h, pump, default.heat_loss_per_h),
        cop=_median(devices.cop, pump, default.cop),
        penalties=community.penalties,
    )


def _median(values: Floats, has: NDArray[np.bool_], default: float) -> float:
    return float(np.median(values[has])) if has.any() else default
