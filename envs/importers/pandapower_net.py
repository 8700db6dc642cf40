"""A scenario of any radial, balanced pandapower net, as its ``to_json`` writes it.

A load becomes a prosumer, a static generator PV, a storage a battery: the n-th of a bus goes to the bus's n-th load.
Where a bus has more of them than loads, PV becomes a prosumer without load, a storage a battery with its own meter.
Profiles come from ``net.profiles`` (as SimBench fills it), from a meter file, or from households of a built-in
scenario, scaled to the rated power; seats on one profile run a slot behind one another.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridbid.envs.format.tariff_specification import TariffSpec
from gridbid.envs.importers.clocks import check_zone
from gridbid.envs.importers.donors import Donor
from gridbid.envs.importers.feeders import LOAD_TAN_PHI, Feeder
from gridbid.envs.importers.findings import Findings, findings_for
from gridbid.envs.importers.folders import SLOT_S, Imported, write_folder
from gridbid.envs.importers.local_year import best_year, lay_on_year, plan_days, tell_plan
from gridbid.envs.importers.meter_columns import MeterOptions
from gridbid.envs.importers.meter_data import MeterData, meters_of_table, read_meters
from gridbid.envs.importers.pandapower_grid import network_from_pandapower
from gridbid.envs.importers.shared_profiles import with_lags
from gridbid.envs.importers.sites import (
    BATTERY_HOURS,
    Devices,
    SizedProfile,
    UnitProfile,
    profile_columns,
    prosumer,
    sized_profile,
    with_limits,
)
from gridbid.envs.importers.tables import Table
from gridbid.envs.specification import Battery, Licence, Seat, Splits
from gridbid.envs.timeline.calendar import Calendar, year_calendar
from gridbid.market.errors import InputError

if TYPE_CHECKING:
    from pandapower import pandapowerNet

UNBALANCED = ("asymmetric_load", "asymmetric_sgen")
NOT_SITES = ("motor",)
KW_PER_MW = 1_000.0
SMALLEST_MW = 1e-6

Row = Any  # a row of a pandas table: its columns are attributes
Floats = NDArray[np.float64]
ShapeOf = Callable[[Row, str], UnitProfile]


@dataclass(frozen=True, kw_only=True)
class NetOptions:
    """What a net doesn't say; every field is an option of the command."""

    profiles: Path | None = None
    """Meter file with the loads' power: meters named or numbered as the loads; None: net.profiles, else households."""
    meters: MeterOptions = field(default_factory=MeterOptions)
    """How to read that file."""
    timezone: str = "Europe/Berlin"
    """IANA zone of the scenario's local time."""
    year: int | None = None
    """Local year of the scenario; None: the profiles'."""
    title: str | None = None
    """One line for reports."""
    licence: str = "not stated; ask whoever the net comes from"
    """Terms of the net."""


def read_net(path: Path) -> "pandapowerNet":
    """The net of a JSON file. InputError where there is none."""
    import pandapower

    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}; expected JSON as pandapower.to_json writes it") from error
    if not isinstance(written, dict) or written.get("_class") != "pandapowerNet":
        raise InputError(f"{path}: not a pandapower net; expected JSON as pandapower.to_json writes it")
    return pandapower.from_json(str(path))


def feeder_of_net(net: "pandapowerNet", source: str) -> Feeder:
    """Grid and load buses of a net. InputError names what a balanced radial tree can't hold."""
    _refuse_unbalanced(net)
    network, bus_index = network_from_pandapower(net)
    loads = net.load[net.load.in_service.astype(bool)]
    buses = sorted({bus_index[bus] for bus in loads.bus.tolist() if bus in bus_index})
    by_name = {str(net.bus.name.at[bus]): position for bus, position in bus_index.items()}
    names = by_name | {str(bus): position for bus, position in bus_index.items()}
    active, reactive = float(loads.p_mw.sum()), float(loads.q_mvar.sum())
    tan_phi = round(max(0.0, reactive / active), 3) if active > 0.0 else LOAD_TAN_PHI
    return Feeder(network, tuple(buses or range(1, network.parent.size)), names, tan_phi, (), source)


def import_pandapower(path: Path, folder: Path, options: NetOptions) -> Imported:
    """Write the scenario of a net. InputError names what can't be had; nothing is written then."""
    check_zone(options.timezone)
    net = read_net(path)
    feeder = feeder_of_net(net, path.name)
    findings = findings_for(options.profiles or path)
    shapes = _Shapes(net, options, findings)
    seats, profiles = _seats(net, feeder, shapes, findings)
    if not seats:
        raise InputError(
            f"{path}: no load, generator or storage in service with power; expected at least one"
        )
    findings.facts |= {"net": path.name, "buses": int(feeder.network.parent.size), "seats": len(seats)}
    return write_folder(
        folder,
        title=options.title or f"{len(seats)} sites of the pandapower net {path.stem}",
        timezone=options.timezone,
        year=shapes.calendar.year,
        slot_seconds=SLOT_S,
        profile_seconds=shapes.calendar.slot_seconds,
        feeder=feeder,
        seats=with_lags(seats) if shapes.shared else seats,
        profiles=profiles,
        licences=(Licence("grid.parquet, seats", options.licence, path.name), *shapes.licences),
        tariff=TariffSpec(),
        findings=findings,
    )


class _Shapes:
    """Where profiles come from: a meter file, the net's own, or households of a built-in scenario."""

    def __init__(self, net: "pandapowerNet", options: NetOptions, findings: Findings) -> None:
        self._own: dict[str, Floats] = {}
        self._measured: dict[str, Floats] = {}
        self._licences: tuple[Licence, ...] = ()
        data: MeterData | None = None
        names: dict[str, str] = {}
        if options.profiles is not None:
            data, found = read_meters(options.profiles, options.meters, options.timezone)
            findings.found += found.found
            findings.facts |= found.facts
            self._licences = (Licence("profiles of loads", options.licence, options.profiles.name),)
        elif _has_profiles(net):
            data, names = _profiles_of_net(net, options.timezone, findings)
        findings.refuse_faults()
        series_year = best_year(data.series, options.timezone) if data is not None else 2016
        self.calendar: Calendar = year_calendar(options.year or series_year, options.timezone)
        self._donor = Donor(self.calendar)
        if data is not None:
            laid = _lay(data, self.calendar, findings)
            self._own = {names[key]: values for key, values in laid.items() if key in names}
            self._measured = {} if names else laid

    @property
    def shared(self) -> bool:
        """Whether seats share profiles, and so run behind one another."""
        return not self._measured

    @property
    def licences(self) -> tuple[Licence, ...]:
        """Terms of the profiles."""
        return (*self._licences, *self._donor.licences)

    def load(self, row: Row) -> SizedProfile:
        """Rated power and profile of a load. InputError where the meter file has none of its name or number."""
        power_kw = row.p_mw * row.scaling * KW_PER_MW
        if self._measured:
            key = next((key for key in (str(row.name), str(row.Index)) if key in self._measured), None)
            if key is None:
                known = ", ".join(list(self._measured)[:10])
                raise InputError(
                    f"load {row.Index} ({row.name}): no meter of its name or number; expected one of {known}"
                )
            kw = self._measured[key]
            return sized_profile(f"load_{key}", kw)
        own = self._own_of(row, "_pload")
        return SizedProfile(round(power_kw, 6), own if own is not None else self._donor.load())

    def pv(self, row: Row) -> UnitProfile:
        """Profile of a static generator."""
        own = self._own_of(row, "")
        return own if own is not None else self._donor.pv()

    def _own_of(self, row: Row, ending: str) -> UnitProfile | None:
        name = getattr(row, "profile", None)
        values = self._own.get(f"{name}{ending}") if isinstance(name, str) else None
        return None if values is None else UnitProfile(str(name), values.astype(np.float32))


def _refuse_unbalanced(net: "pandapowerNet") -> None:
    for table in (*UNBALANCED, *NOT_SITES):
        if table not in net or not len(net[table]):
            continue
        found = net[table].index[net[table].in_service.astype(bool)].tolist()
        if found:
            shown = ", ".join(map(str, found[:5])) + (" ..." if len(found) > 5 else "")
            what = "a balanced net" if table in UNBALANCED else "loads, static generators and storages"
            raise InputError(f"{table} [{shown}]: in service, expected none: only {what} can be had")


def _seats(
    net: "pandapowerNet", feeder: Feeder, shapes: _Shapes, findings: Findings
) -> tuple[list[Seat], dict[str, NDArray[np.float32]]]:
    plants, storages = _by_bus(net, "sgen", feeder, findings), _by_bus(net, "storage", feeder, findings)
    seats: list[Seat] = []
    used: list[UnitProfile | None] = []

    def add(bus: int, load: SizedProfile | None, plant: Row | None, storage: Row | None) -> None:
        profile = shapes.pv(plant) if plant is not None else None
        devices = Devices(pv_kwp=_kw(plant.p_mw * plant.scaling)) if plant is not None else Devices()
        seat = prosumer(feeder.bus_of[str(bus)], load, devices, profile, None)
        if storage is not None:
            seat = with_limits(replace(seat, battery=_battery(storage)), load)
        seats.append(seat)
        used.extend((load.profile if load else None, profile))

    for bus, loads in _by_bus(net, "load", feeder, findings).items():
        for load in loads:
            add(bus, shapes.load(load), _pop(plants, bus), _pop(storages, bus))
    for bus, rows in plants.items():
        for row in rows:
            add(bus, None, row, _pop(storages, bus))
    for bus, rows in storages.items():
        seats += [_battery_seat(feeder.bus_of[str(bus)], row) for row in rows]
    return sorted(seats, key=lambda seat: seat.kind != "prosumer"), profile_columns(used)


def _by_bus(net: "pandapowerNet", table: str, feeder: Feeder, findings: Findings) -> dict[int, list[Row]]:
    """Rows in service with power, by bus; those without power, or without a path to the source, are told."""
    by_bus: dict[int, list[Row]] = {}
    left_out: dict[str, list[int]] = {}
    for row in net[table][net[table].in_service.astype(bool)].itertuples():
        if str(row.bus) not in feeder.bus_of:
            left_out.setdefault("no path to the source", []).append(row.Index)
        elif table != "storage" and abs(row.p_mw * row.scaling) < SMALLEST_MW:
            left_out.setdefault("0 kW", []).append(row.Index)
        else:
            _refuse_impossible(table, row)
            by_bus.setdefault(int(row.bus), []).append(row)
    for why, rows in left_out.items():
        findings.note(f"{table} {', '.join(map(str, rows[:5]))}", why, f"{len(rows)} left out")
    return by_bus


def _refuse_impossible(table: str, row: Row) -> None:
    if table == "storage" and not _storage_mwh(row) > 0.0:
        raise InputError(f"storage {row.Index}: max_e_mwh is {row.max_e_mwh}, expected a capacity above 0")
    if table != "storage" and row.p_mw * row.scaling < 0.0:
        raise InputError(f"{table} {row.Index}: p_mw is {row.p_mw}, expected above 0")


def _pop(rows: dict[int, list[Row]], bus: int) -> Row | None:
    return rows[bus].pop(0) if rows.get(bus) else None


def _battery(row: Row) -> Battery:
    """Power is the rated one, else the set point's, else that of BATTERY_HOURS."""
    return Battery(capacity_kwh=_kw(_storage_mwh(row)), power_kw=_kw(_storage_mw(row)))


def _battery_seat(bus: int, row: Row) -> Seat:
    seat = Seat(name="battery", kind="battery", bus=bus, import_limit_kw=0.0, export_limit_kw=0.0)
    return with_limits(replace(seat, battery=_battery(row)))


def _storage_mwh(row: Row) -> float:
    return float(row.max_e_mwh) if math.isfinite(row.max_e_mwh) else 0.0


def _storage_mw(row: Row) -> float:
    known = (abs(float(value)) for value in (row.sn_mva, row.p_mw))
    given = next((value for value in known if math.isfinite(value) and value > 0.0), None)
    return _storage_mwh(row) / BATTERY_HOURS if given is None else given


def _kw(value_mw: float) -> float:
    return round(float(value_mw) * KW_PER_MW, 3)


def _has_profiles(net: "pandapowerNet") -> bool:
    return "profiles" in net and "load" in net["profiles"] and len(net["profiles"]["load"]) > 0


def _profiles_of_net(
    net: "pandapowerNet", timezone: str, findings: Findings
) -> tuple[MeterData | None, dict[str, str]]:
    """The net's unit profiles as if they were meters in kW, and the profile of each meter."""
    found = Findings("net.profiles")
    columns: dict[str, pa.ChunkedArray] = {}
    names: dict[str, str] = {}
    for table in ("load", "renewables"):
        frame = net["profiles"].get(table)
        if frame is None or "time" not in frame:
            continue
        columns["time"] = pa.chunked_array([pa.array([str(stamp) for stamp in frame["time"]])])
        for name in frame.columns.drop("time"):
            if not str(name).endswith("_qload"):
                key = f"p{len(names)}"
                names[key] = str(name)
                columns[key] = pa.chunked_array([pa.array(frame[name].to_numpy().astype(np.float64))])
    data = meters_of_table(
        Table(columns, 1, False), MeterOptions(unit="kW", stamps="start", clock="local"), timezone, found
    )
    findings.found += found.of("fault")
    findings.facts["profiles"] = f"net.profiles: {len(names)} profiles, {found.facts.get('period')}"
    return data, names


def _lay(data: MeterData, calendar: Calendar, findings: Findings) -> dict[str, Floats]:
    plan = plan_days(data.series, calendar, findings)
    findings.refuse_faults()
    assert plan is not None  # without a fault there is a plan
    tell_plan(plan, calendar, Splits(), findings)
    kw = lay_on_year(data.series, plan, calendar)
    return {name: kw[:, i] for i, name in enumerate(data.meters)}
