"""CityLearn's files as they stand: ``schema.json`` and the series beside it, with the time axis that they imply.

Headers of all generations of its data sets are known (``Equipment Electric Power [kWh]`` of 2022 as well as
``non_shiftable_load``). The files have no dates: month, day type (1 is Monday) and hour, counted from 0 or to 24, fix
the day and the year.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.tables import Table, numbers, read_table, texts_of
from gridbid.envs.timeline.calendar import weekday

YEARS = range(2030, 1999, -1)
"""Years that are tried for the days, the latest that fits wins."""
OLD_NAMES = {
    "hour": "hour",
    "month": "month",
    "minutes": "minutes",
    "day type": "day_type",
    "equipment electric power [kwh]": "non_shiftable_load",
    "dhw heating [kwh]": "dhw_demand",
    "cooling load [kwh]": "cooling_demand",
    "heating load [kwh]": "heating_demand",
    "solar generation [w/kw]": "solar_generation",
    "electricity pricing [$]": "electricity_pricing",
    "electricity pricing [$/kwh]": "electricity_pricing",
    "kg_co2/kwh": "carbon_intensity",
    "outdoor drybulb temperature [c]": "outdoor_dry_bulb_temperature",
}
DEMANDS = ("dhw_demand", "cooling_demand", "heating_demand")
CHARGER_STATE, CHARGER_CAR = "electric_vehicle_charger_state", "electric_vehicle_id"
WANTED_SOC = "electric_vehicle_required_soc_departure"
ARRIVAL_SOC = "electric_vehicle_estimated_soc_arrival"
NEEDED = ("month", "hour", "day_type", "non_shiftable_load")
LONGEST_STEP_S = 3_600
HOURS_A_DAY, SECONDS_A_DAY = 24, 86_400
FEW_AGREE = 0.99

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Charger:
    """A charger: its schema, and its series of n steps; empty where it has no file."""

    name: str
    attributes: Mapping[str, Any]
    state: tuple[str, ...] = ()
    """1: a car is plugged in, 2: one is coming, 3: none."""
    car: tuple[str, ...] = ()
    """Name of the car; empty where there is none."""
    wanted_soc: Floats = field(default_factory=lambda: np.zeros(0))
    """State of charge wanted at departure, a share; NaN where none is said."""
    arrival_soc: Floats = field(default_factory=lambda: np.zeros(0))
    """State of charge expected of a car that is coming, a share; NaN where none is said."""


@dataclass(frozen=True)
class Building:
    """A building: its schema, its series by name (n,), and its chargers."""

    name: str
    schema: Mapping[str, Any]
    series: dict[str, Floats]
    """Of the building, its weather, prices and carbon intensity; zeros for a demand that isn't there."""
    chargers: tuple[Charger, ...]


@dataclass(frozen=True)
class CityLearn:
    """A data set; n time steps."""

    buildings: tuple[Building, ...]
    start_s: int
    """Start of the first step on the data set's clock, seconds since 1970."""
    step_s: int
    cars_kwh: dict[str, float]
    """Battery capacity of each electric vehicle."""


def read_citylearn(path: Path, findings: Findings) -> CityLearn | None:
    """The data set of a schema.json (or of the folder that has one); None where faults leave nothing to give."""
    schema = _schema(path, findings)
    if schema is None:
        return None
    folder = path if path.is_dir() else path.parent
    rows = slice(int(schema.get("simulation_start_time_step") or 0), _end(schema))
    step_s = int(schema.get("seconds_per_time_step") or LONGEST_STEP_S)
    findings.facts |= {"kind": "CityLearn schema", "resolution_s": step_s}
    if not 0 < step_s <= LONGEST_STEP_S or LONGEST_STEP_S % step_s:
        findings.fault("seconds_per_time_step", step_s, "expected 1 to 3600 that divides an hour")
    reader = _Reader(folder, rows, findings)
    buildings = tuple(
        _building(name, entry, reader)
        for name, entry in schema["buildings"].items()
        if entry.get("include", True)
    )
    _check_lengths(buildings, findings)
    if findings.of("fault"):
        return None
    start_s = _start_s(buildings[0].series, step_s, findings)
    cars = schema.get("electric_vehicles_def") or {}
    cars_kwh = {name: _capacity_kwh(car) for name, car in cars.items()}
    findings.facts["buildings"] = [building.name for building in buildings]
    return CityLearn(buildings, start_s, step_s, cars_kwh)


class _Reader:
    """Reads the data set's files, each once."""

    def __init__(self, folder: Path, rows: slice, findings: Findings) -> None:
        self.folder, self.rows, self.findings = folder, rows, findings
        self._read: dict[str, Table | None] = {}

    def table(self, name: str, field: str) -> Table | None:
        """A file's table with the columns' newest names; None, with a fault, if there is none."""
        if name not in self._read:
            path = self.folder / name
            found = Findings(name)
            if not path.is_file():
                found.fault(field, name, f"expected a file in {self.folder}")
            table = read_table(path, found) if path.is_file() else None
            self._read[name] = _renamed(table) if table is not None else None
            self.add(found, name)
        return self._read[name]

    def texts(self, name: str, column: str, field: str) -> list[str]:
        """A column as texts, cut to the simulation's rows, empty where nothing stands; no entry if it isn't there."""
        table = self.table(name, field)
        if table is None or column not in table.columns:
            return []
        texts: list[str] = texts_of(table, column).fill_null("").to_pylist()[self.rows]
        return texts

    def series(
        self, name: str, columns: tuple[str, ...], field: str, *, may_be_empty: bool = False
    ) -> dict[str, Floats]:
        """Those of the columns that the file has, cut to the simulation's rows; gaps are faults unless they may be."""
        table = self.table(name, field)
        if table is None:
            return {}
        found = Findings(name)
        series = {}
        for column in columns:
            if column not in table.columns:
                continue
            values = numbers(table, column, found)[self.rows]
            empty = np.flatnonzero(np.isnan(values))
            if empty.size and not may_be_empty:
                lines = table.lines()[self.rows][empty]
                found.fault(f"column {column}", "nothing", "expected a number in every row", lines)
            series[column] = values
        self.add(found, name)
        return series

    def add(self, found: Findings, name: str) -> None:
        """Take over findings of one file, told once."""
        for finding in found.found:
            named = type(finding)(**(vars(finding) | {"field": f"{name}: {finding.field}"}))
            if named not in self.findings.found:
                self.findings.found.append(named)


def _schema(path: Path, findings: Findings) -> dict[str, Any] | None:
    file = path / "schema.json" if path.is_dir() else path
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        findings.fault("whole file", str(error), "expected JSON")
        return None
    if not isinstance(schema, dict) or not isinstance(schema.get("buildings"), dict):
        findings.fault("buildings", "missing", "expected CityLearn's schema.json, which lists buildings")
        return None
    if not any(entry.get("include", True) for entry in schema["buildings"].values()):
        findings.fault("buildings", "none is included", "expected at least one with include: true")
        return None
    return schema


def _end(schema: Mapping[str, Any]) -> int | None:
    last = schema.get("simulation_end_time_step")
    return None if last is None else int(last) + 1


def _building(name: str, schema: Mapping[str, Any], reader: _Reader) -> Building:
    where = f"buildings.{name}"
    series: dict[str, Floats] = {}
    wanted = (*NEEDED, "minutes", "solar_generation", *DEMANDS)
    if "energy_simulation" in schema:
        series = reader.series(schema["energy_simulation"], wanted, f"{where}.energy_simulation")
        missing = [column for column in NEEDED if column not in series]
        if missing and reader.table(schema["energy_simulation"], where) is not None:
            reader.findings.fault(
                f"{where}: {schema['energy_simulation']}",
                f"no {', '.join(missing)}",
                "expected these columns",
            )
    else:
        reader.findings.fault(f"{where}.energy_simulation", "missing", "expected the name of a file")
    for key, column in (
        ("weather", "outdoor_dry_bulb_temperature"),
        ("pricing", "electricity_pricing"),
        ("carbon_intensity", "carbon_intensity"),
    ):
        if schema.get(key):
            series |= reader.series(schema[key], (column,), f"{where}.{key}")
    nothing = np.zeros(next(iter(series.values())).size if series else 0)
    series = {column: nothing for column in ("solar_generation", *DEMANDS)} | series
    chargers = tuple(
        _charger(f"{name}/{charger}", entry, f"{where}.chargers.{charger}", reader)
        for charger, entry in (schema.get("chargers") or {}).items()
    )
    return Building(name, schema, series, chargers)


def _check_lengths(buildings: tuple[Building, ...], findings: Findings) -> None:
    lengths = Counter(values.size for building in buildings for values in building.series.values())
    if len(lengths) > 1:
        findings.fault("rows", dict(lengths), "expected the same number in every file")


def _renamed(table: Table) -> Table:
    columns = {
        OLD_NAMES.get(name.strip().lower(), name.strip()): values for name, values in table.columns.items()
    }
    return Table(columns, table.first_row, table.decimal_comma)


def _charger(name: str, schema: Mapping[str, Any], where: str, reader: _Reader) -> Charger:
    attributes = schema.get("attributes") or {}
    file = schema.get("charger_simulation")
    if not file:
        return Charger(name, attributes)
    states, cars = (reader.texts(file, column, where) for column in (CHARGER_STATE, CHARGER_CAR))
    if len(states) != len(cars):
        reader.findings.fault(where, file, f"expected the columns {CHARGER_STATE} and {CHARGER_CAR}")
        return Charger(name, attributes)
    wanted, arriving = (
        _shares(
            reader.series(file, (column,), where, may_be_empty=True).get(column, np.full(len(states), np.nan))
        )
        for column in (WANTED_SOC, ARRIVAL_SOC)
    )
    state = tuple(text.split(".")[0] for text in states)
    return Charger(name, attributes, state, tuple(cars), wanted, arriving)


def _shares(soc: Floats) -> Floats:
    """States of charge as shares: CityLearn takes what is above 1 for percent, and -0.1 for none."""
    shares: Floats = np.where(soc > 1.0, soc / 100.0, soc)
    return np.where(shares < 0.0, np.nan, shares)


def _capacity_kwh(car: Mapping[str, Any]) -> float:
    attributes = (car.get("battery") or {}).get("attributes") or {}
    return float(attributes.get("capacity") or 0.0)


def _start_s(series: Mapping[str, Floats], step_s: int, findings: Findings) -> int:
    """Start of the first row: the clock from where day types change, the day from where months do, the year from both."""
    hour, month, day_type = (series[name].astype(np.int64) for name in ("hour", "month", "day_type"))
    changes = np.flatnonzero(np.diff(day_type)) + 1
    midnight = Counter(hour[changes].tolist()).most_common(1)[0][0] if changes.size else int(hour.min())
    minute = series["minutes"][0] if "minutes" in series else 0.0
    into_day_s = int((hour[0] - midnight) % HOURS_A_DAY) * 3_600 + int(minute) * 60
    offset_s = np.arange(hour.size) * step_s + into_day_s
    days_in = offset_s // SECONDS_A_DAY
    first_of_month = np.flatnonzero(np.diff(month)) + 1
    turn = int(first_of_month[0]) if first_of_month.size else None
    best = max(YEARS, key=lambda year: (_agreement(year, month, day_type, days_in, turn), year))
    share = _agreement(best, month, day_type, days_in, turn)
    start = _first_day(best, month, days_in, turn)
    findings.facts["period"] = f"from {start} on, by month and day type; {share:.0%} of the rows agree"
    if share < FEW_AGREE:
        findings.warn(
            "month, day_type",
            f"{share:.0%} of the rows fit a year",
            "laid in one row after another all the same",
        )
    return int(start.astype("datetime64[s]").astype(np.int64)) + into_day_s


def _first_day(
    year: int, month: NDArray[np.int64], days_in: NDArray[np.int64], turn: int | None
) -> np.datetime64:
    """Day of the first row in a year: the first of its month, or as far before the turn of the month as its row is."""
    first = np.datetime64(f"{year}-{int(month[0]):02d}-01", "D")
    if turn is None:
        return first
    next_month = (first.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]")
    return np.datetime64(next_month - np.timedelta64(int(days_in[turn]), "D"), "D")


def _agreement(
    year: int,
    month: NDArray[np.int64],
    day_type: NDArray[np.int64],
    days_in: NDArray[np.int64],
    turn: int | None,
) -> float:
    """Share of the rows whose month and weekday are the year's; special days (8) fit any weekday."""
    days = _first_day(year, month, days_in, turn) + days_in
    right_month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1 == month
    right_day = (weekday(days) + 1 == day_type) | (day_type > 7)
    return float((right_month & right_day).mean())
