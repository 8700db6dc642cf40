"""How the built-in scenarios are made from SimBench (extra ``simbench``)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from gridbid.envs.importers.simbench import (
    Source,
    all_seats,
    number_seats,
    read_source,
    with_lags,
    with_limits,
    write_scenario,
)
from gridbid.envs.specification import Battery, Seat
from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network

CODE = "1-LV-rural1--2-sw"
HOME_BATTERY = Battery(capacity_kwh=12.5, power_kw=5.0)
"""NREL ATB 2024, representative residential battery."""


def write_rural(source: Source, folder: Path) -> Path:
    """The whole grid: 13 prosumers, the largest battery, 7 charge points, the utility."""
    title = "A village feeder of 13 sites, SimBench 1-LV-rural1--2; its transformer overloads"
    return write_scenario(source, folder, all_seats(source), source.network, title=title, changes=())


def write_tiny(source: Source, folder: Path) -> Path:
    """Four agents on a cut of the same grid: a household, the smallest battery, a charge point, the utility.

    The household is the one with PV and a heat pump; it is given a home battery. The charge point stands at
    the battery's neighbour, and the grid is cut to the branches that lead to these three.
    """
    seats = all_seats(source)
    home = next(s for s in seats if s.load and s.load.profile.startswith("H0") and s.pv and s.heat_pump)
    stored = min((s for s in seats if s.kind == "prosumer" and s.battery), key=_capacity_kwh)
    point = next(s for s in seats if s.charge_point and s.bus == source.network.parent[stored.bus])
    household = replace(home, battery=HOME_BATTERY)
    battery = replace(stored, kind="battery", load=None, heat_pump=None)
    chosen = with_lags(with_limits(seat, source) for seat in (household, battery, point, seats[-1]))
    network, bus_index = cut(source.network, [seat.bus for seat in chosen])
    seats = number_seats(replace(seat, bus=bus_index[seat.bus]) for seat in chosen)
    changes = (
        "The grid was cut to the branches that lead to three sites.",
        "The household was given a home battery, and a site's battery a meter of its own.",
    )
    title = "Four agents on a cut of a village feeder, SimBench 1-LV-rural1--2"
    return write_scenario(source, folder, seats, network, title=title, changes=changes)


def cut(network: Network, buses: list[int]) -> tuple[Network, dict[int, int]]:
    """The part of a network that connects these buses to the source, and the new number of each bus kept."""
    kept = {0}
    for bus in buses:
        while bus not in kept:
            kept.add(bus)
            bus = int(network.parent[bus])
    order = np.array(sorted(kept))
    bus_index = {int(bus): i for i, bus in enumerate(order)}
    parent = np.array([bus_index.get(int(bus), -1) for bus in network.parent[order]], np.int32)
    columns = {name: getattr(network, name)[order] for name in ("r_pu", "x_pu", "g_pu", "b_pu", "rating_kva")}
    return network._replace(parent=parent, **columns), bus_index


def _capacity_kwh(seat: Seat) -> float:
    return seat.battery.capacity_kwh if seat.battery else 0.0


RECIPES: dict[str, Callable[[Source, Path], Path]] = {"rural": write_rural, "tiny": write_tiny}


def write_built_in(out_dir: Path, names: tuple[str, ...] = tuple(RECIPES)) -> list[Path]:
    """Write built-in scenarios into ``out_dir``, a folder each. ValueError for an unknown name."""
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        raise InputError(f"names: {', '.join(unknown)}; expected some of {', '.join(RECIPES)}")
    source = read_source(CODE)
    return [RECIPES[name](source, out_dir / name) for name in names]
