"""What a file is, and everything that is wrong with it: the importers' own code, without writing anything.

What an importer or a reader refuses is a fault here, and what is a fault here it refuses.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from gridbid.envs.importers.citylearn_files import read_citylearn
from gridbid.envs.importers.findings import Findings, findings_for
from gridbid.envs.importers.local_year import best_year, plan_days, tell_plan
from gridbid.envs.importers.meter_columns import MeterOptions
from gridbid.envs.importers.meter_data import read_meters
from gridbid.envs.importers.stamps import read_stamps
from gridbid.envs.importers.tables import PARQUET_MAGIC, Table, numbers, read_table
from gridbid.envs.scenario import SPECIFICATION, ScenarioError, load_scenario
from gridbid.envs.specification import Splits
from gridbid.envs.timeline.calendar import year_calendar
from gridbid.envs.timeline.real_prices import read_prices
from gridbid.envs.timeline.real_sessions import left_out, read_sessions
from gridbid.market.errors import InputError

FileKind = Literal["meters", "prices", "sessions", "scenario", "citylearn", "pandapower"]
CITYLEARN_SCHEMA = "schema.json"
PRICE_COLUMN, SESSION_COLUMNS = "price_eur_per_mwh", {"user", "plug_in_utc", "energy_kwh"}
CRISIS_EUR_PER_MWH = 1_000.0
LEAST_EUR_PER_MWH, MOST_EUR_PER_MWH = -500.0, 4_000.0
"""Limits of European day-ahead auctions (harmonised minimum and maximum clearing prices, 2023)."""
MOST_CARBON_G = 2_000.0


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """How to look at a file."""

    kind: FileKind | None = None
    """What it is; None: recognised."""
    timezone: str = "Europe/Berlin"
    """Zone of the scenario that it is for."""
    meters: MeterOptions = field(default_factory=MeterOptions)
    """How to read meter data."""


def check_file(path: Path, options: CheckOptions) -> Findings:
    """All that is found in a file or folder. InputError if there is none, or if it can't be told what it is."""
    findings = findings_for(path)
    kind = options.kind or recognise_file(path)
    checks: dict[FileKind, Callable[[Path, CheckOptions, Findings], Findings]] = {
        "meters": _check_meters,
        "prices": _check_prices,
        "sessions": _check_sessions,
        "scenario": _check_scenario,
        "citylearn": _check_citylearn,
        "pandapower": _check_pandapower,
    }
    return checks[kind](path, options, findings)


def recognise_file(path: Path) -> FileKind:
    """What a file or folder is. InputError where nothing known is in a folder or a JSON file."""
    if path.is_dir() or path.suffix == ".yaml":
        return _recognise_folder(path if path.is_dir() else path.parent)
    if path.suffix == ".json":
        return _recognise_json(path)
    if (path.parent / SPECIFICATION).is_file() and path.name in ("grid.parquet", "profiles.parquet"):
        return "scenario"
    columns = set(read_table(path, Findings(path.name)).columns)
    if PRICE_COLUMN in columns:
        return "prices"
    return "sessions" if columns >= SESSION_COLUMNS else "meters"


def _recognise_folder(folder: Path) -> FileKind:
    for name, kind in ((SPECIFICATION, "scenario"), (CITYLEARN_SCHEMA, "citylearn")):
        if (folder / name).is_file():
            return "scenario" if kind == "scenario" else "citylearn"
    raise InputError(
        f"{folder}: neither {SPECIFICATION} nor {CITYLEARN_SCHEMA} is in it; expected one, or name a file"
    )


def _recognise_json(path: Path) -> FileKind:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}; expected JSON") from error
    if isinstance(document, dict) and document.get("_class") == "pandapowerNet":
        return "pandapower"
    if isinstance(document, dict) and "buildings" in document:
        return "citylearn"
    raise InputError(
        f"{path}: neither a pandapower net nor a CityLearn schema; say --as {'|'.join(get_args(FileKind))}"
    )


def _check_meters(path: Path, options: CheckOptions, findings: Findings) -> Findings:
    data, findings = read_meters(path, options.meters, options.timezone)
    if data is not None and not findings.of("fault"):
        calendar = year_calendar(best_year(data.series, options.timezone), options.timezone)
        plan = plan_days(data.series, calendar, findings)
        if plan is not None:
            tell_plan(plan, calendar, Splits(), findings)
    return findings


def _check_prices(path: Path, options: CheckOptions, findings: Findings) -> Findings:
    table = _parquet(path, findings)
    findings.facts |= {"kind": "price series", "rows": table.n_rows}
    if PRICE_COLUMN in table.columns and "time_utc" in table.columns:
        _look_at_prices(table, findings)
    _ask_reader(findings, lambda: read_prices(path))
    return findings


def _look_at_prices(table: Table, findings: Findings) -> None:
    times = read_stamps(table, ("time_utc",), None, findings).clock_s
    if times.size:
        first, last = (str(np.datetime64(int(at_s), "s")) for at_s in (times.min(), times.max()))
        findings.facts["period"] = f"{first} to {last} UTC".replace("T", " ")
    price = numbers(table, PRICE_COLUMN, findings)
    lines = table.lines()
    negative = price < 0.0
    if negative.any():
        findings.note(
            f"column {PRICE_COLUMN}",
            f"{np.nanmin(price):g} at least",
            "negative prices are taken",
            lines[negative],
        )
    beyond = (price < LEAST_EUR_PER_MWH) | (price > MOST_EUR_PER_MWH)
    crisis = (price > CRISIS_EUR_PER_MWH) & ~beyond
    for rows, what in (
        (crisis, "a crisis price: it is taken"),
        (beyond, "no day-ahead auction of Europe clears so: EUR/MWh?"),
    ):
        if rows.any():
            findings.warn(f"column {PRICE_COLUMN}", f"{price[rows][0]:g}", what, lines[rows])
    if "ci_g_per_kwh" in table.columns:
        carbon = numbers(table, "ci_g_per_kwh", findings)
        high = carbon > MOST_CARBON_G
        if high.any():
            findings.warn(
                "column ci_g_per_kwh", f"{carbon[high][0]:g}", "above that of lignite: g/kWh?", lines[high]
            )


def _check_sessions(path: Path, options: CheckOptions, findings: Findings) -> Findings:
    table = _parquet(path, findings)
    findings.facts |= {"kind": "charging sessions", "rows": table.n_rows}
    if set(table.columns) >= SESSION_COLUMNS:
        findings.facts["users"] = len(table.columns["user"].unique())
    if _ask_reader(findings, lambda: read_sessions(path, options.timezone)):
        for reason, count in left_out(path).items():
            if count:
                findings.note("rows", f"{count} with {reason}", "left out")
    return findings


def _check_scenario(path: Path, options: CheckOptions, findings: Findings) -> Findings:
    folder = path if path.is_dir() else path.parent
    findings.facts["kind"] = "scenario"
    try:
        scenario = load_scenario(folder)
    except ScenarioError as error:
        for fault in error.faults:
            findings.fault(f"{fault.file}: {fault.field}", fault.value, f"expected {fault.expected}")
        if not error.faults:
            findings.fault("folder", str(error), "expected a scenario")
        return findings
    findings.facts |= {
        "title": scenario.title,
        "year": f"{scenario.year} in {scenario.timezone}",
        "seats": len(scenario.seats),
    }
    return findings


def _check_citylearn(path: Path, options: CheckOptions, findings: Findings) -> Findings:
    read_citylearn(path, findings)
    return findings


def _check_pandapower(path: Path, options: CheckOptions, findings: Findings) -> Findings:
    from gridbid.envs.importers.pandapower_net import feeder_of_net, read_net

    findings.facts["kind"] = "pandapower net"
    try:
        net = read_net(path)
        feeder = feeder_of_net(net, path.name)
    except InputError as error:
        element, _, expected = str(error).partition(": ")
        findings.fault(element, expected or "faulty", "expected a radial, balanced net")
        return findings
    findings.facts |= {
        "buses": int(feeder.network.parent.size),
        "loads": len(net.load),
        "generators": len(net.sgen),
        "storages": len(net.storage),
    }
    return findings


def _parquet(path: Path, findings: Findings) -> Table:
    with path.open("rb") as file:
        if file.read(4) != PARQUET_MAGIC:
            findings.fault(
                "whole file", "not Parquet", "expected Parquet: convert it, keeping the columns' names"
            )
    return read_table(path, findings)


def _ask_reader(findings: Findings, read: Callable[[], object]) -> bool:
    """Faults of the code that will read the file, a line each; whether it can."""
    if findings.of("fault"):
        return False
    try:
        read()
    except InputError as error:
        for line in str(error).splitlines():
            found, _, expected = line.partition("; expected ")
            field, _, value = found.partition(": ")[2].partition(" ")
            findings.fault(f"column {field}", value, f"expected {expected}")
        return False
    return True
