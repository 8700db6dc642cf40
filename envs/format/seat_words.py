"""A seat in words: what stands behind its meter."""

from collections import Counter
from collections.abc import Sequence

from gridbid.envs.specification import Seat

LETTERS = {"load": "L", "pv": "P", "battery": "B", "charge_point": "C", "heat_pump": "H"}
"""A letter for each device, where there is no room for words."""


def device_words(seat: Seat) -> str:
    """The devices of a seat with their ratings; "no meter" for the utility."""
    if seat.kind == "utility":
        return "no meter"
    parts = [
        f"load {seat.load.rated_kw:.3g} kW" if seat.load else "",
        f"PV {seat.pv.peak_kw:.3g} kW" if seat.pv else "",
        f"battery {seat.battery.capacity_kwh:.3g} kWh, {seat.battery.power_kw:.3g} kW"
        if seat.battery
        else "",
        f"charge point {seat.charge_point.power_kw:.3g} kW" if seat.charge_point else "",
        f"heat pump {seat.heat_pump.power_kw:.3g} kW" if seat.heat_pump else "",
    ]
    return " + ".join(part for part in parts if part) or "nothing behind the meter"


def device_letters(seat: Seat) -> str:
    """A letter for each device that a seat has."""
    return "".join(letter for device, letter in LETTERS.items() if getattr(seat, device) is not None)


def counted_kinds(seats: Sequence[Seat]) -> str:
    """How many seats there are of each kind."""
    return ", ".join(f"{count} {kind}" for kind, count in Counter(seat.kind for seat in seats).items())
