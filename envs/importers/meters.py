"""From a file of smart meters and a grid to a scenario folder."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.format.tariff_specification import TariffSpec
from gridbid.envs.importers.clocks import check_zone
from gridbid.envs.importers.donors import Donor
from gridbid.envs.importers.feeders import NO_GRID, read_feeder
from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.folders import Imported, write_folder
from gridbid.envs.importers.local_year import best_year, lay_on_year, plan_days, tell_plan
from gridbid.envs.importers.meter_columns import MeterOptions
from gridbid.envs.importers.meter_data import MeterData, read_meters
from gridbid.envs.importers.sites import (
    Devices,
    SiteRow,
    UnitProfile,
    place,
    profile_columns,
    prosumer,
    rated_kw,
    read_sites,
    sized_profile,
    unit_profile,
)
from gridbid.envs.specification import Licence, Seat, Splits
from gridbid.envs.timeline.calendar import SECONDS_PER_DAY, SECONDS_PER_HOUR, Calendar, year_calendar
from gridbid.market.errors import InputError

TIMEZONE = "Europe/Berlin"
LONGEST_ROW_S = 900
DAYS_A_YEAR = 366
MOST_NUMBERS = 200_000_000
"""Of profiles: a gigabyte and a half while they are made."""


@dataclass(frozen=True, kw_only=True)
class SiteOptions:
    """Where the meters are and what stands behind them; every field is an option of the command."""

    grid: str = NO_GRID
    """A scenario (built-in name or folder), a pandapower JSON file, a SimBench code, or none: one bus without limits."""
    timezone: str = TIMEZONE
    """IANA zone of the scenario's local time."""
    year: int | None = None
    """Local year of the scenario; None: the one of which the data have most days."""
    sites: Path | None = None
    """CSV with meter and any of bus, pv_kwp, battery_kwh, battery_kw, charge_point_kw, heat_pump_kw."""
    devices: Devices = field(default_factory=Devices)
    """Devices of every meter that the table doesn't say otherwise."""
    slot_seconds: int = 900
    """Length of a slot; a whole part of an hour."""
    profile_seconds: int | None = None
    """Time between the rows of the profiles; None: the slot's, or the data's where that is longer, 900 at most."""
    seed: int = 0
    """Of the buses of meters that no row places."""
    title: str | None = None
    """One line for reports."""
    licence: str = "not stated; ask whoever the data come from"
    """Terms of the data."""


def import_meters(path: Path, folder: Path, meters: MeterOptions, sites: SiteOptions) -> Imported:
    """Write a scenario of one prosumer a meter. InputError lists every fault of the file; nothing is written then."""
    check_zone(sites.timezone)
    feeder = read_feeder(sites.grid)
    data, findings = read_meters(path, meters, sites.timezone)
    findings.refuse_faults()
    assert data is not None  # without a fault there are data
    year = sites.year or best_year(data.series, sites.timezone)
    calendar = year_calendar(year, sites.timezone, profile_step(data, sites))
    load_kw, pv_kw = lay_meters(data, calendar, findings)
    rows = read_sites(sites.sites, data.meters, sites.devices) if sites.sites else {}
    rows = {name: rows.get(name, SiteRow(None, sites.devices)) for name in data.meters}
    donor = Donor(calendar)
    seats, profiles = _seats(
        load_kw, pv_kw, rows, place(data.meters, rows, feeder, sites.seed), donor, findings
    )
    findings.facts["grid"] = feeder.source
    return write_folder(
        folder,
        title=sites.title or f"{len(seats)} meters of {path.name} on {feeder.source}",
        timezone=sites.timezone,
        year=calendar.year,
        slot_seconds=sites.slot_seconds,
        profile_seconds=calendar.slot_seconds,
        feeder=feeder,
        seats=seats,
        profiles=profiles,
        licences=(Licence("profiles of meters", sites.licence, path.name), *donor.licences),
        tariff=TariffSpec(),
        findings=findings,
    )


def profile_step(data: MeterData, sites: SiteOptions) -> int:
    """Seconds between the rows of the profiles. InputError where they would be too many, or don't divide an hour."""
    step_s = sites.profile_seconds or min(LONGEST_ROW_S, max(sites.slot_seconds, data.series.step_s))
    for name, seconds in (("--slot-seconds", sites.slot_seconds), ("--profile-seconds", step_s)):
        if not 1 <= seconds <= SECONDS_PER_HOUR or SECONDS_PER_HOUR % seconds:
            raise InputError(f"{name}: {seconds}; expected 1 to 3600 that divides an hour")
    numbers = DAYS_A_YEAR * SECONDS_PER_DAY // step_s * data.series.kw.shape[1]
    if numbers > MOST_NUMBERS:
        raise InputError(
            f"--profile-seconds: {step_s} would make {numbers:.2g} numbers a year; expected at most {MOST_NUMBERS:.0e}: "
            "say --profile-seconds 60"
        )
    return step_s


def lay_meters(
    data: MeterData, calendar: Calendar, findings: Findings
) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Load and generation by meter in the slots of the year. InputError where the data are too short."""
    plan = plan_days(data.series, calendar, findings)
    findings.refuse_faults()
    assert plan is not None  # without a fault there is a plan
    tell_plan(plan, calendar, Splits(), findings)
    kw = lay_on_year(data.series, plan, calendar)
    n_meters = len(data.meters)
    load_kw = {name: kw[:, i] for i, name in enumerate(data.meters)}
    return load_kw, {name: kw[:, n_meters + i] for i, name in enumerate(data.generators)}


def _seats(
    load_kw: dict[str, NDArray[np.float64]],
    pv_kw: dict[str, NDArray[np.float64]],
    rows: dict[str, SiteRow],
    buses: dict[str, int],
    donor: Donor,
    findings: Findings,
) -> tuple[list[Seat], dict[str, NDArray[np.float32]]]:
    """A prosumer a meter, and their profiles."""
    seats: list[Seat] = []
    profiles: list[UnitProfile | None] = []
    for meter, kw in load_kw.items():
        devices = rows[meter].devices
        load = sized_profile(f"load_{meter}", kw) if kw.any() else None
        devices, pv_profile = _pv(meter, devices, pv_kw.get(meter), donor)
        pump, heat_profile = (
            donor.heat_pump(devices.heat_pump_kw) if devices.heat_pump_kw > 0.0 else (None, None)
        )
        seats.append(prosumer(buses[meter], load, devices, pv_profile, pump))
        profiles += [load.profile if load else None, pv_profile, heat_profile]
    findings.facts["buses"] = {meter: buses[meter] for meter in load_kw}
    return seats, profile_columns(profiles)


def _pv(
    meter: str, devices: Devices, measured_kw: NDArray[np.float64] | None, donor: Donor
) -> tuple[Devices, UnitProfile | None]:
    """PV as measured, of the peak power that is given or was reached; without a measurement as the donor's."""
    if measured_kw is not None and measured_kw.max() > 0.0:
        peak_kw = devices.pv_kwp or rated_kw(measured_kw)
        return replace(devices, pv_kwp=peak_kw), unit_profile(f"pv_{meter}", measured_kw, peak_kw)
    return devices, donor.pv() if devices.pv_kwp > 0.0 else None
