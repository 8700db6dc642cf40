"""From a SimBench low-voltage grid (extra ``simbench``) to a scenario folder.

What SimBench gives is kept: grid, ratings, unit profiles, positions of devices. What it doesn't give, or
gives in a form that would mislead, is handled so:

- Time stamps are naive local time with daylight saving; every row is checked against the local year's
  calendar.
- Load, heat pump and charge point are separate loads of a bus: here a base load is a prosumer, and the n-th
  device of a kind at its bus goes to the bus's n-th prosumer. Charge points and the largest battery get
  meters of their own.
- Many loads share few profiles: seats on one profile are clones. `shared_profiles` says what is
  done about it. Seats on one profile remain alike: a forecast is flattered.
- Storage profiles are a fixed dispatch, with a doubtful sign: dropped, capacity and power kept. Efficiency is
  0.95 one-way.
- Charge-point profiles have no departure, hence no flexibility: dropped; every point is of CHARGE_POINT_KW
  with sampled sessions.
- Heat-pump profiles are electric; the heat demand is profile times COP, with a store of STORE_HOURS at full
  output.
- A tap changer without a type is ignored, as pandapower does (its position would shift voltages by 2.5 %
  or more).
- The year 2016 is nominal: it doesn't go with the weather, prices or carbon intensity of the real 2016.
- PV yields 575 to 697 full-load hours a year, low for Germany; it isn't scaled up.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.format.tariff_specification import TariffSpec
from gridbid.envs.importers.connections import with_connection
from gridbid.envs.importers.pandapower_grid import network_from_pandapower
from gridbid.envs.importers.shared_profiles import LAGGED, with_lags
from gridbid.envs.scenario import save_scenario
from gridbid.envs.specification import (
    Battery,
    ChargePoint,
    GridSpec,
    HeatPump,
    Licence,
    Load,
    MarketSpec,
    PenaltySpec,
    Pv,
    Seat,
    Specification,
    Splits,
)
from gridbid.envs.timeline.calendar import Calendar, year_calendar
from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network

TIMEZONE, YEAR = "Europe/Berlin", 2016
HEAT_PUMP_PROFILES = ("Air", "Soil")
CHARGE_POINT_PROFILES = ("HLS", "APLS")
COP = {"Air": 3.0, "Soil": 3.75}
"""Ruhnau et al. 2019 at a lift of 35 K times the field factor 0.85, rounded."""
STORE_HOURS = 2.0
"""Heat store (building and buffer) in hours of full output: an assumption."""
CHARGE_POINT_KW = 11.0
KW_PER_MW = 1_000.0

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """A SimBench grid as read: the pandapower net, our network with its bus numbers, the unit profiles."""

    code: str
    net: Any
    network: Network
    bus_index: dict[int, int]
    profiles: dict[str, Singles]


def convert(code: str, out_dir: Path, *, name: str | None = None, title: str | None = None) -> Path:
    """Write the scenario of a SimBench low-voltage code, as 1-LV-rural1--2-sw, to ``out_dir/name``.

    Seats: prosumer_0.. in the order of the base loads, battery_0 (the largest), ev_0.. in the order of the
    charge points, utility_0. ValueError where a bus has more devices of a kind than base loads.
    """
    source = read_source(code)
    name = name or code
    seats = all_seats(source)
    folder, title = Path(out_dir) / name, title or f"SimBench {code}"
    return write_scenario(source, folder, seats, source.network, title=title, changes=(LAGGED,))


def read_source(code: str) -> Source:
    """Read a grid and its profiles. ValueError for an unknown code or an unexpected calendar."""
    import simbench

    if code not in simbench.collect_all_simbench_codes(lv_level=""):
        raise InputError(f"code: {code!r}; expected a SimBench code, as 1-LV-rural1--2-sw")
    net = simbench.get_simbench_net(code)
    network, bus_index = network_from_pandapower(net)
    _check_time_stamps(net.profiles["load"]["time"], year_calendar(YEAR, TIMEZONE))
    return Source(code, net, network, bus_index, _unit_profiles(net))


def all_seats(source: Source) -> tuple[Seat, ...]:
    """Every seat of the grid, in order, with limits and the lags of seats that share a profile."""
    return number_seats(with_lags(with_limits(seat, source) for seat in seats_of_grid(source)))


def seats_of_grid(source: Source) -> list[Seat]:
    """One prosumer a base load with the devices of its bus, the largest battery, the charge points, the utility."""
    storage = source.net.storage
    largest = storage["max_e_mwh"].nlargest(1).index  # empty in a grid without storages
    batteries = [seat_of_battery(source, row) for row in storage.loc[largest].itertuples()]
    points = [seat_of_charge_point(source, row) for row in _loads(source, CHARGE_POINT_PROFILES)]
    return [*_prosumers(source, storage.drop(index=largest)), *batteries, *points, utility()]


def seat_of_battery(source: Source, row: Any) -> Seat:
    """A battery with its own meter."""
    return _seat("battery", source.bus_index[row.bus], battery=_battery(row))


def seat_of_charge_point(source: Source, row: Any) -> Seat:
    """A charge point with its own meter."""
    return _seat("ev", source.bus_index[row.bus], charge_point=ChargePoint(power_kw=CHARGE_POINT_KW))


def utility() -> Seat:
    """The seat without a meter."""
    return _seat("utility", 0)


def with_limits(seat: Seat, source: Source) -> Seat:
    """The seat with limits that fit its devices, and at least a usual connection; 0 for the utility."""
    if seat.kind == "utility":
        return seat
    load = seat.load
    load_kw = load.rated_kw * float(source.profiles[load.profile].max()) if load is not None else 0.0
    return with_connection(seat, load_kw)


def number_seats(seats: Iterable[Seat]) -> tuple[Seat, ...]:
    """Seats with the names kind_0, kind_1, ... in order."""
    users: Counter[str] = Counter()
    named = []
    for seat in seats:
        named.append(replace(seat, name=f"{seat.kind}_{users[seat.kind]}"))
        users[seat.kind] += 1
    return tuple(named)


def write_scenario(
    source: Source,
    folder: Path,
    seats: tuple[Seat, ...],
    network: Network,
    *,
    title: str,
    changes: tuple[str, ...],
) -> Path:
    """Write the folder of these seats; ``changes`` are for LICENSE.md, beside what always changes."""
    used = {
        part.profile for seat in seats for part in (seat.load, seat.pv, seat.heat_pump) if part is not None
    }
    profiles = {name: source.profiles[name] for name in sorted(used)}
    attribution = f"SimBench, grid {source.code}, www.simbench.net"
    specification = Specification(
        format=1,
        name=folder.name,
        version="1",
        title=title,
        timezone=TIMEZONE,
        year=YEAR,
        slot_seconds=900,
        grid=GridSpec(network.base_kva, network.source_pu, _load_tan_phi(source)),
        market=MarketSpec(),
        tariff=TariffSpec(),
        penalties=PenaltySpec(),
        splits=Splits(),
        seats=seats,
        licences=(
            Licence("grid.parquet, profiles.parquet, seats", "ODbL 1.0, contents DbCL 1.0", attribution),
        ),
        sha256={},
    )
    return save_scenario(folder, specification, network, profiles, _licence_text(source.code, changes))


def _prosumers(source: Source, storage: Any) -> list[Seat]:
    """One seat a base load with the devices of its bus; ``storage`` lists the batteries behind meters."""
    net = source.net
    pumps = _by_bus(_loads(source, HEAT_PUMP_PROFILES))
    plants = _by_bus(net.sgen.itertuples())
    storages = _by_bus(storage.itertuples())
    seats = []
    for row in _base_loads(source):
        seat = _seat(
            "prosumer",
            source.bus_index[row.bus],
            load=Load(_kw(row.p_mw), row.profile),
            pv=_pv(plants, row.bus),
            battery=_next(storages, row.bus, _battery),
            heat_pump=_next(pumps, row.bus, _heat_pump),
        )
        seats.append(seat)
    left = {bus for table in (pumps, plants, storages) for bus, rows in table.items() if rows}
    if left:
        raise InputError(
            f"{source.code}: more devices than base loads at the buses {sorted(left)}; expected one each"
        )
    return seats


def _seat(kind: Any, bus: int, **devices: Any) -> Seat:
    return Seat(name=kind, kind=kind, bus=bus, import_limit_kw=0.0, export_limit_kw=0.0, **devices)


def _base_loads(source: Source) -> list[Any]:
    flexible = HEAT_PUMP_PROFILES + CHARGE_POINT_PROFILES
    return [row for row in source.net.load.itertuples() if not row.profile.startswith(flexible)]


def _loads(source: Source, prefixes: tuple[str, ...]) -> list[Any]:
    return [row for row in source.net.load.itertuples() if row.profile.startswith(prefixes)]


def _by_bus(rows: Iterable[Any]) -> dict[int, list[Any]]:
    by_bus: dict[int, list[Any]] = {}
    for row in rows:
        by_bus.setdefault(row.bus, []).append(row)
    return by_bus


def _next(table: dict[int, list[Any]], bus: int, make: Any) -> Any:
    rows = table.get(bus)
    return make(rows.pop(0)) if rows else None


def _pv(plants: dict[int, list[Any]], bus: int) -> Pv | None:
    return _next(plants, bus, lambda row: Pv(_kw(row.p_mw), row.profile))


def _battery(row: Any) -> Battery:
    return Battery(capacity_kwh=_kw(row.max_e_mwh), power_kw=_kw(row.sn_mva))


def _heat_pump(row: Any) -> HeatPump:
    power_kw, cop = _kw(row.p_mw), COP[row.profile.split("_")[0]]
    return HeatPump(power_kw, cop, round(STORE_HOURS * power_kw * cop, 3), row.profile)


def _kw(value_mw: float) -> float:
    return round(float(value_mw) * KW_PER_MW, 3)


def _unit_profiles(net: Any) -> dict[str, Singles]:
    """Active power over rated power by the name of the profile; charge points and storages are left out."""
    loads = {name: f"{name}_pload" for name in net.load["profile"].unique()}
    columns = {
        name: net.profiles["load"][column]
        for name, column in loads.items()
        if not name.startswith(CHARGE_POINT_PROFILES)
    }
    columns |= {name: net.profiles["renewables"][name] for name in net.sgen["profile"].unique()}
    return {name: column.to_numpy().astype(np.float32) for name, column in columns.items()}


def _load_tan_phi(source: Source) -> float:
    """Reactive over active energy of all loads but the charge points, over the year."""
    active, reactive = 0.0, 0.0
    table = source.net.profiles["load"]
    for row in source.net.load.itertuples():
        if not row.profile.startswith(CHARGE_POINT_PROFILES):
            active += row.p_mw * table[f"{row.profile}_pload"].sum()
            reactive += row.q_mvar * table[f"{row.profile}_qload"].sum()
    return round(float(reactive / active), 3)


def _check_time_stamps(stamps: Any, calendar: Calendar) -> None:
    expected = [stamp.strftime("%d.%m.%Y %H:%M") for stamp in calendar.local_start.tolist()]
    if list(stamps) != expected:
        raise InputError(
            f"profiles: time stamps aren't the quarter hours of {YEAR} in {TIMEZONE}, which they must be"
        )


def _licence_text(code: str, changes: tuple[str, ...]) -> str:
    listed = "\n".join(f"- {change}" for change in (*ALWAYS_CHANGED, *changes))
    return LICENCE_TEXT.format(code=code, changes=listed)


ALWAYS_CHANGED = (
    "The grid was reduced to a radial tree in per unit.",
    "Unit profiles of loads, heat pumps and generators were kept as 32-bit floats.",
    "Profiles of storages and charge points were dropped.",
    "The largest battery and the charge points were given meters of their own.",
    "Charge points are rated 11 kW.",
    "Heat demand was derived from the heat pumps' electric profiles; stores and COPs are assumptions.",
)

LICENCE_TEXT = """# Licence of these data

`grid.parquet`, `profiles.parquet` and the seats in `scenario.yaml` derive from the SimBench data set (grid
`{code}`, year 2016), https://www.simbench.net, by the SimBench project (University of Kassel, Fraunhofer IEE,
RWTH Aachen University, TU Dortmund University). Please cite: Meinecke et al., SimBench - A Benchmark Dataset
of Electric Power Systems to Compare Innovative Solutions Based on Power Flow Analysis, Energies 13 (2020)
3290.

The data set is made available under the Open Database License 1.0 (ODbL),
https://opendatacommons.org/licenses/odbl/1-0/; rights in its individual contents are licensed under the
Database Contents License 1.0 (DbCL), https://opendatacommons.org/licenses/dbcl/1-0/. This derived database
stands under the same terms.

What was changed:

{changes}
"""
