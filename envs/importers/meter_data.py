"""Meter data: the power of each meter on one regular grid, from a CSV or Parquet file of smart meters."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.importers.clocks import check_zone
from gridbid.envs.importers.findings import Findings, findings_for
from gridbid.envs.importers.meter_columns import (
    Layout,
    MeterOptions,
    Role,
    Unit,
    Values,
    recognise_layout,
    role_of,
)
from gridbid.envs.importers.meter_power import Power, fill_gaps, power_of, tell_odd_values
from gridbid.envs.importers.meter_rows import RegularRows, Rows, regular_rows
from gridbid.envs.importers.stamps import read_stamps
from gridbid.envs.importers.tables import Table, numbers, read_table, texts_of

REGISTER_ROWS = 96
"""So many rows that never fall, and rise, in a column of energy must be a register's."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RegularSeries:
    """Mean power by interval on a regular grid in UTC; n intervals, K columns."""

    start_s: int
    """Start of the first interval, seconds since 1970."""
    step_s: int
    """Length of an interval."""
    kw: Floats
    """(n, K), finite."""


@dataclass(frozen=True)
class MeterData:
    """What the meters of a file measured; M meters."""

    series: RegularSeries
    """Columns: the meters' consumption (less export), then the generation of those that have it."""
    meters: tuple[str, ...]
    """Names, in the file's order."""
    generators: tuple[str, ...]
    """Names of the meters with a generation column, in the order of the last columns."""


def read_meters(path: Path, options: MeterOptions, timezone: str) -> tuple[MeterData | None, Findings]:
    """What the meters measured, and what was found on the way; None where faults leave nothing to give.

    Nothing is raised for a fault: look at the findings, or call their ``refuse_faults``.
    """
    findings = findings_for(path)
    return meters_of_table(read_table(path, findings), options, timezone, findings), findings


def meters_of_table(
    table: Table, options: MeterOptions, timezone: str, findings: Findings
) -> MeterData | None:
    """What the meters of a table measured; None where faults leave nothing to give."""
    check_zone(timezone)
    findings.facts |= {"kind": "meter data", "rows": table.n_rows}
    layout = recognise_layout(table, options, findings) if table.n_rows else None
    if layout is None:
        if not findings.of("fault"):
            findings.fault("rows", "none", "expected at least a week of readings")
        return None
    rows, names = _rows(table, layout, findings)
    units = _units(layout, rows, findings)
    stamps = read_stamps(table, layout.time, options.date_order, findings)
    rows = rows.at(stamps.clock_s)
    is_register = any(unit is not None and unit.endswith("register") for unit in units)
    regular = regular_rows(rows, stamps, layout, options, timezone, is_register, findings)
    if regular is None or None in units:
        return None
    known_units = tuple(unit for unit in units if unit is not None)
    found = _quantities(table, layout, names)
    return _assemble(regular, found, known_units, layout, options, findings)


def _rows(table: Table, layout: Layout, findings: Findings) -> tuple[Rows, list[str]]:
    """Rows without their stamps, and the names that their groups stand for."""
    values = np.column_stack([numbers(table, entry.column, findings) for entry in layout.values])
    line = table.lines()
    if layout.meter is None:
        findings.facts["format"] = "wide: a column a meter"
        return Rows(np.zeros(line.size, np.int64), line, values, line), [""]
    findings.facts["format"] = "long: a row a reading"
    texts = texts_of(table, layout.meter).fill_null("")
    keys = texts.to_numpy().astype(str)
    unnamed = keys == ""
    if unnamed.any():
        findings.fault(
            f"column {layout.meter}", "empty", "expected a meter's name in every row", line[unnamed]
        )
    if layout.kind is not None:
        kinds = texts_of(table, layout.kind).fill_null("").to_numpy().astype(str)
        _check_kinds(kinds, layout.kind, line, findings)
        keys = np.char.add(np.char.add(keys, "\t"), kinds)
    names, group = np.unique(keys, return_inverse=True)
    return Rows(group.astype(np.int64), line, values, line), names.tolist()


def _check_kinds(kinds: NDArray[np.str_], column: str, line: NDArray[np.int64], findings: Findings) -> None:
    for kind in np.unique(kinds).tolist():
        if role_of(kind) is None:
            findings.fault(
                f"column {column}", repr(kind), "expected import, export or generation, or 1.8.0 or 2.8.0",
                line[kinds == kind],
            )  # fmt: skip


def _units(layout: Layout, rows: Rows, findings: Findings) -> tuple[Unit | None, ...]:
    """The unit of each column of values; a counter is recognised by readings that never fall."""
    units = []
    for v, entry in enumerate(layout.values):
        unit = entry.unit
        if unit is None:
            findings.fault(f"column {entry.column}", "no unit", "say --unit kW, W, kWh, Wh or kWh-register")
        elif unit in ("kWh", "Wh") and _only_rises(rows.group, rows.values[:, v]):
            unit = "kWh-register" if unit == "kWh" else "Wh-register"
            findings.note(f"column {entry.column}", "never falls", f"taken as a counter's readings ({unit})")
        units.append(unit)
    findings.facts["units"] = ", ".join(sorted({unit for unit in units if unit is not None}))
    return tuple(units)


def _only_rises(group: NDArray[np.int64], values: Floats) -> bool:
    order = np.argsort(group, kind="stable")
    known = order[~np.isnan(values[order])]
    rise = np.diff(values[known])[np.diff(group[known]) == 0]
    return bool(rise.size >= REGISTER_ROWS and (rise >= 0.0).all() and (rise > 0.0).mean() > 0.5)


def _quantities(table: Table, layout: Layout, names: list[str]) -> list[tuple[str, Role, int, int]]:
    """Meter, role, group and column of values of each quantity in the file."""
    found: list[tuple[str, Role, int, int]] = []
    for g, name in enumerate(names):
        meter, _, kind = name.partition("\t")
        for v, entry in enumerate(layout.values):
            role = (role_of(kind) or entry.role) if kind else entry.role
            found.append((meter or entry.meter, role, g, v))
    return found


def _assemble(
    regular: RegularRows,
    found: list[tuple[str, Role, int, int]],
    units: tuple[Unit, ...],
    layout: Layout,
    options: MeterOptions,
    findings: Findings,
) -> MeterData | None:
    powers: dict[tuple[str, Role], Floats] = {}
    for meter, role, g, v in found:
        if meter in options.leave_out:
            continue
        field = _field(layout.values[v], meter, layout)
        if (meter, role) in powers:
            findings.fault(field, f"a second column of {meter}'s {role}", "name the columns apart")
            continue
        power = power_of(
            regular.values[:, g, v], regular.line[:, g], units[v], regular.step_s, field, findings
        )
        if options.flip_sign:
            power = Power(-power.kw, power.line, power.spread)
        tell_odd_values(power, regular.step_s, role, field, findings)
        filled = fill_gaps(power, regular.step_s, options.most_filled, field, findings)
        powers[meter, role] = np.maximum(filled, 0.0) if role == "pv" else filled
    return _meter_data(powers, regular, options, findings)


def _field(entry: Values, meter: str, layout: Layout) -> str:
    return f"column {entry.column}" if layout.meter is None else f"meter {meter}, {entry.column}"


def _meter_data(
    powers: dict[tuple[str, Role], Floats], regular: RegularRows, options: MeterOptions, findings: Findings
) -> MeterData | None:
    meters = tuple(dict.fromkeys(meter for meter, _ in powers))
    for name in options.leave_out:
        findings.note(f"meter {name}", "left out", "as --leave-out says")
    if not meters:
        findings.fault("meters", "none", "expected at least one that is not left out")
        return None
    n_steps = max(power.size for power in powers.values())
    nothing = np.zeros(n_steps)
    load = [_at(powers, meter, "load", nothing) - _at(powers, meter, "export", nothing) for meter in meters]
    generators = tuple(meter for meter in meters if (meter, "pv") in powers)
    columns = [*load, *(powers[meter, "pv"] for meter in generators)]
    end_s = regular.start_s + n_steps * regular.step_s
    first, last = (str(np.datetime64(at_s, "s")).replace("T", " ") for at_s in (regular.start_s, end_s))
    findings.facts |= {
        "period": f"{first} to {last} UTC",
        "meters": list(meters),
        "generation": list(generators),
    }
    series = RegularSeries(regular.start_s, regular.step_s, np.column_stack(columns))
    return MeterData(series, meters, generators)


def _at(powers: dict[tuple[str, Role], Floats], meter: str, role: Role, nothing: Floats) -> Floats:
    return powers.get((meter, role), nothing)
