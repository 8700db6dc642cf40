"""What tables of devices, sites, penalties and rules must hold; every fault is noted."""

import numpy as np

from gridbid.market.community import Devices, MarketRules, Penalties, Sites
from gridbid.market.units import MAX_PRICE, MAX_QUANTITY_WH
from gridbid.market.validation_faults import ABOVE_0, AT_LEAST_0, Faults, Range

_EFFICIENCY = Range(0.0, 1.0, above=True)
_EFFICIENCIES = ("charge_efficiency", "discharge_efficiency", "charger_efficiency")
_NEEDS = (
    ("battery_kw", "battery_kwh", "power needs a capacity"),
    ("charger_kw", "car_kwh", "a charge point needs a car"),
    ("heat_pump_kw", "cop", "a heat pump needs a COP"),
)
"""What is above 0 where something else is, and why."""

SHORTEST_SLOT_H, LONGEST_SLOT_H = 1.0 / 3_600.0, 1.0
_WHOLE = {
    "slots_per_day": Range(24, 86_400),
    "n_ticks": Range(1, 1 << 20),
    "tick_size": Range(1, MAX_PRICE),
    "max_fills": Range(1, 1 << 20),
    "rounds": Range(1, 3_600),
}
"""Whole numbers of the rules; the upper bounds keep arrays and prices within what can be reckoned with."""


def check_devices(devices: Devices, n_participants: int, faults: Faults) -> set[str]:
    """Ranges of every column, and that what a device needs is there; returns the columns whose values can be used."""
    sound = {
        name
        for name, values in devices._asdict().items()
        if faults.check_array(f"devices.{name}", values, np.float64, (n_participants,))
    }
    for name in Devices._fields:
        if name in sound:
            allowed = _EFFICIENCY if name in _EFFICIENCIES else AT_LEAST_0
            faults.check_range(f"devices.{name}", getattr(devices, name), allowed)
    for name, needed, why in _NEEDS:
        if {name, needed} <= sound:
            missing = (getattr(devices, name) > 0.0) & (getattr(devices, needed) == 0.0)
            faults.add_where(
                f"devices.{needed}", getattr(devices, needed), missing, f"above 0, as {name} is: {why}"
            )
    if {"battery_initial_kwh", "battery_kwh"} <= sound:
        stored_kwh, capacity_kwh = devices.battery_initial_kwh, devices.battery_kwh
        faults.add_where(
            "devices.battery_initial_kwh",
            stored_kwh,
            stored_kwh > capacity_kwh,
            "at most devices.battery_kwh of the same participant",
        )
    return sound


def check_losses(devices: Devices, slot_h: float, faults: Faults) -> None:
    """A heat store can't lose more in a slot than it holds."""
    loss_per_h = devices.heat_loss_per_h
    faults.add_where(
        "devices.heat_loss_per_h",
        loss_per_h,
        loss_per_h * slot_h > 1.0,
        f"at most {1.0 / slot_h:g}: all of it in a slot",
    )


def check_sites(sites: Sites, n_buses: int, n_participants: int, faults: Faults) -> None:
    """Buses of the network, and envelopes that positions can stand in."""
    envelope = Range(0, MAX_QUANTITY_WH - 1)
    allowed = {"bus": Range(0, n_buses - 1), "import_limit_wh": envelope, "export_limit_wh": envelope}
    for name, values in sites._asdict().items():
        if faults.check_array(f"sites.{name}", values, np.int64, (n_participants,)):
            faults.check_range(f"sites.{name}", values, allowed[name])


def check_penalties(penalties: Penalties, faults: Faults) -> None:
    """Prices in J are finite, and nobody is paid for a violation."""
    for name, price in penalties._asdict().items():
        faults.check_number(f"penalties.{name}", price, AT_LEAST_0)


def check_rules(rules: MarketRules, faults: Faults) -> set[str]:
    """The book's and the slot's parameters; returns those that can be reckoned with."""
    sound = {
        name
        for name, allowed in _WHOLE.items()
        if faults.check_integer(f"rules.{name}", getattr(rules, name), allowed)
    }
    if {"n_ticks", "tick_size"} <= sound and (rules.n_ticks - 1) * rules.tick_size > MAX_PRICE:
        band = f"{rules.n_ticks} x {rules.tick_size}"
        faults.add("rules.n_ticks x rules.tick_size", band, f"a band of at most {MAX_PRICE} nEUR/Wh")
    if _check_slot(rules.slot_h, faults):
        sound.add("slot_h")
        slots_per_day = round(24.0 / rules.slot_h)
        if "slots_per_day" in sound and rules.slots_per_day != slots_per_day:
            faults.add(
                "rules.slots_per_day", rules.slots_per_day, f"{slots_per_day}: slots of {rules.slot_h:g} h"
            )
            sound.remove("slots_per_day")
    return sound


def _check_slot(slot_h: float, faults: Faults) -> bool:
    if not faults.check_number("rules.slot_h", slot_h, ABOVE_0):
        return False
    slots = 24.0 / slot_h
    # 1 / 3600 of an hour is not exact in binary, nor is 24 over it.
    divides = abs(slots - round(slots)) < 1e-6 * slots and round(slots) % 24 == 0
    if not (divides and SHORTEST_SLOT_H * (1.0 - 1e-9) <= slot_h <= LONGEST_SLOT_H):
        faults.add("rules.slot_h", slot_h, "a whole part of an hour, 1 second or more, as 0.25")
    return True
