"""Sites as an importer knows them, and how they become seats: devices, profiles, buses, connections."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.importers.connections import with_connection
from gridbid.envs.importers.feeders import Feeder, refuse_unknown_bus
from gridbid.envs.importers.findings import Findings, findings_for
from gridbid.envs.importers.meter_columns import meter_of
from gridbid.envs.importers.tables import numbers, read_table, texts_of
from gridbid.envs.specification import Battery, ChargePoint, HeatPump, Load, Pv, Seat

BATTERY_HOURS = 2.0
"""Hours of full power in a battery whose power isn't given."""
SMALLEST_KW = 0.001
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Devices:
    """What stands behind a meter beside its load; 0 is none."""

    pv_kwp: float = 0.0
    """Peak power of PV."""
    battery_kwh: float = 0.0
    """Usable capacity of a battery."""
    battery_kw: float = 0.0
    """Its greatest power; 0: half its capacity in an hour."""
    charge_point_kw: float = 0.0
    """Greatest power of a charge point."""
    heat_pump_kw: float = 0.0
    """Electric power of a heat pump."""


DEVICE_COLUMNS = tuple(field.name for field in fields(Devices))


@dataclass(frozen=True)
class SiteRow:
    """A row of the table of sites."""

    bus: str | None
    """As the user names it; None: anywhere."""
    devices: Devices


@dataclass(frozen=True)
class UnitProfile:
    """A profile per unit of rated power and its name."""

    name: str
    values: NDArray[np.float32]


@dataclass(frozen=True)
class SizedProfile:
    """A load: its rated power and its profile."""

    rated_kw: float
    profile: UnitProfile


def read_sites(path: Path, meters: Sequence[str], default: Devices) -> dict[str, SiteRow]:
    """The table of sites: meter, and any of bus and the devices' columns. InputError lists every fault."""
    findings = findings_for(path)
    table = read_table(path, findings)
    known = ("meter", "bus", *DEVICE_COLUMNS)
    for name in table.columns:
        if name not in known:
            findings.fault(f"column {name}", "unknown", f"expected some of {', '.join(known)}")
    if "meter" not in table.columns:
        findings.fault("columns", ", ".join(table.columns), "expected a column meter")
    findings.refuse_faults()
    written = texts_of(table, "meter").fill_null("").to_pylist()
    names = [name if name in meters else meter_of(name) for name in written]  # a column's own name will do
    buses = texts_of(table, "bus").to_pylist() if "bus" in table.columns else [None] * len(names)
    columns = {name: numbers(table, name, findings) for name in DEVICE_COLUMNS if name in table.columns}
    _check_sites(names, written, meters, columns, table.first_row, findings)
    findings.refuse_faults()
    rows = {}
    for i, (name, bus) in enumerate(zip(names, buses, strict=True)):
        given = {key: float(values[i]) for key, values in columns.items() if not np.isnan(values[i])}
        rows[name] = SiteRow(bus, replace(default, **given))
    return rows


def place(names: Sequence[str], rows: Mapping[str, SiteRow], feeder: Feeder, seed: int) -> dict[str, int]:
    """Bus of each site: the one that its row names, else spread over the load buses, drawn by the seed."""
    random = np.random.default_rng(seed)
    free = [name for name in names if name not in rows or rows[name].bus is None]
    rounds = math.ceil(len(free) / len(feeder.load_buses))
    drawn = np.concatenate([random.permutation(feeder.load_buses) for _ in range(max(1, rounds))])
    placed = dict(zip(free, map(int, drawn), strict=False))
    for name, row in rows.items():
        if row.bus is not None:
            placed[name] = refuse_unknown_bus(feeder, row.bus, f"meter {name}")
    return placed


def sized_profile(name: str, kw: Floats) -> SizedProfile:
    """A load's power as a profile of its greatest power."""
    return SizedProfile(rated_kw(kw), unit_profile(name, kw, rated_kw(kw)))


def unit_profile(name: str, kw: Floats, rated_kw: float) -> UnitProfile:
    """Power over rated power."""
    return UnitProfile(name, (kw / rated_kw).astype(np.float32))


def rated_kw(kw: Floats) -> float:
    """The greatest power either way, at least a watt."""
    return max(SMALLEST_KW, round(float(np.abs(kw).max()), 3))


def prosumer(
    bus: int,
    load: SizedProfile | None,
    devices: Devices,
    pv_profile: UnitProfile | None,
    heat_pump: HeatPump | None,
) -> Seat:
    """A site's seat; its connection carries the load with its devices, or a usual connection where that is more."""
    seat = Seat(
        name="prosumer",
        kind="prosumer",
        bus=bus,
        import_limit_kw=0.0,
        export_limit_kw=0.0,
        load=Load(load.rated_kw, load.profile.name) if load else None,
        pv=Pv(devices.pv_kwp, pv_profile.name) if pv_profile is not None and devices.pv_kwp > 0.0 else None,
        battery=battery(devices),
        charge_point=ChargePoint(power_kw=devices.charge_point_kw) if devices.charge_point_kw > 0.0 else None,
        heat_pump=heat_pump,
    )
    return with_limits(seat, load)


def battery(devices: Devices) -> Battery | None:
    """The battery, or None where there is none."""
    if devices.battery_kwh <= 0.0:
        return None
    return Battery(devices.battery_kwh, devices.battery_kw or round(devices.battery_kwh / BATTERY_HOURS, 3))


def with_limits(seat: Seat, load: SizedProfile | None = None) -> Seat:
    """The seat with a connection for its load and devices, at least a usual one."""
    if load is None:
        return with_connection(seat)
    most_kw, least_kw = (
        load.rated_kw * float(peak) for peak in (load.profile.values.max(), load.profile.values.min())
    )
    return with_connection(seat, max(0.0, most_kw), max(0.0, -least_kw))


def profile_columns(profiles: Iterable[UnitProfile | None]) -> dict[str, NDArray[np.float32]]:
    """Columns of profiles.parquet, by name."""
    return {profile.name: profile.values for profile in profiles if profile is not None}


def _check_sites(
    names: list[str],
    written: list[str],
    meters: Sequence[str],
    columns: dict[str, Floats],
    first_row: int,
    findings: Findings,
) -> None:
    for i, name in enumerate(names):
        if name not in meters:
            shown = ", ".join(list(meters)[:10])
            findings.fault(
                "column meter", repr(written[i]), f"expected a meter of the data: {shown}", [i + first_row]
            )
        elif names.index(name) != i:
            findings.fault("column meter", repr(name), "expected each meter once", [i + first_row])
    for key, values in columns.items():
        negative = np.flatnonzero(values < 0.0)
        if negative.size:
            findings.fault(
                f"column {key}", values[negative[0]], "expected at least 0; 0 is none", negative + first_row
            )
