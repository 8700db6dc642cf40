"""How the built-in scenarios are made from SimBench (extra ``simbench``)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gridbid.envs.importers.shared_profiles import LAGGED, OWN_LIVES, with_lags, with_lives_of_their_own
from gridbid.envs.importers.simbench import (
    Source,
    all_seats,
    number_seats,
    read_source,
    seats_of_grid,
    with_limits,
    write_scenario,
)
from gridbid.envs.specification import Battery, Seat
from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network

HOME_BATTERY = Battery(capacity_kwh=12.5, power_kw=5.0)
"""NREL ATB 2024, representative residential battery."""


def write_rural(source: Source, folder: Path) -> Path:
    """The whole grid: 13 prosumers, the largest battery, 7 charge points, the utility."""
    title = "A village feeder of 13 sites, SimBench 1-LV-rural1--2; its transformer overloads"
    return write_scenario(source, folder, all_seats(source), source.network, title=title, changes=(LAGGED,))


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
        LAGGED,
        "The grid was cut to the branches that lead to three sites.",
        "The household was given a home battery, and a site's battery a meter of its own.",
    )
    title = "Four agents on a cut of a village feeder, SimBench 1-LV-rural1--2"
    return write_scenario(source, folder, seats, network, title=title, changes=changes)


def write_suburb(source: Source, folder: Path) -> Path:
    """The whole grid: 41 homes and shops, the largest battery, 7 charge points, the utility."""
    title = "A suburban feeder of 41 homes and shops, SimBench 1-LV-semiurb4--2"
    return _write_homes(source, folder, seats_of_grid(source), title=title)


def write_town(source: Source, folder: Path) -> Path:
    """The whole grid: 111 homes and shops, the largest battery, 10 charge points, the utility."""
    title = "An urban feeder of 111 homes and shops, SimBench 1-LV-urban6--2"
    return _write_homes(source, folder, seats_of_grid(source), title=title)


def write_village(source: Source, folder: Path) -> Path:
    """The whole grid with three times the devices: two more homes are given what a home has."""
    seats = with_more_devices(seats_of_grid(source), times=3)
    title = "A village feeder of 118 sites with three times the devices, SimBench 1-LV-rural3--2"
    changes = ("PV, batteries, heat pumps and charge points were tripled: copies went to other sites.",)
    return _write_homes(source, folder, seats, title=title, changes=changes)


def _write_homes(
    source: Source, folder: Path, seats: Iterable[Seat], *, title: str, changes: tuple[str, ...] = ()
) -> Path:
    """Write a grid of many households, each with a life of its own."""
    seats = number_seats(with_limits(seat, source) for seat in with_lives_of_their_own(seats))
    return write_scenario(source, folder, seats, source.network, title=title, changes=(OWN_LIVES, *changes))


def with_more_devices(seats: Iterable[Seat], times: int, seed: int = 0) -> list[Seat]:
    """Seats with ``times`` as many devices: copies of PV, battery and heat pump go to prosumers that have none.

    Charge points, which have meters of their own, are copied to the buses of prosumers drawn at random.
    """
    *metered, utility = seats
    random = np.random.default_rng(seed)
    homes = [n for n, seat in enumerate(metered) if seat.kind == "prosumer"]
    for device in ("pv", "battery", "heat_pump"):
        owned = [part for n in homes if (part := getattr(metered[n], device)) is not None]
        without = [n for n in homes if getattr(metered[n], device) is None]
        copies = owned * (times - 1)
        if len(copies) > len(without):
            raise InputError(
                f"times is {times}; {len(copies)} copies of {device} need homes without, and there are {len(without)}"
            )
        for n, part in zip(random.permutation(without)[: len(copies)], copies, strict=True):
            metered[n] = replace(metered[n], **{device: part})
    points = [seat for seat in metered if seat.kind == "ev"] * (times - 1)
    buses = random.choice([metered[n].bus for n in homes], len(points))
    more = [replace(point, bus=int(bus)) for point, bus in zip(points, buses, strict=True)]
    return [*metered, *more, utility]


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


class Recipe(NamedTuple):
    """How a built-in scenario is made: of which SimBench grid, and by what."""

    code: str
    write: Callable[[Source, Path], Path]


RECIPES = {
    "tiny": Recipe("1-LV-rural1--2-sw", write_tiny),
    "rural": Recipe("1-LV-rural1--2-sw", write_rural),
    "suburb": Recipe("1-LV-semiurb4--2-sw", write_suburb),
    "village": Recipe("1-LV-rural3--2-sw", write_village),
    "town": Recipe("1-LV-urban6--2-sw", write_town),
}


def write_built_in(out_dir: Path, names: tuple[str, ...] = tuple(RECIPES)) -> list[Path]:
    """Write built-in scenarios into ``out_dir``, a folder each. InputError for an unknown name."""
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        raise InputError(f"names: {', '.join(unknown)}; expected some of {', '.join(RECIPES)}")
    sources = {code: read_source(code) for code in {RECIPES[name].code for name in names}}
    return [RECIPES[name].write(sources[RECIPES[name].code], out_dir / name) for name in names]
