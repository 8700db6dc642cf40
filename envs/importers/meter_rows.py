"""From the rows of a meter file to a regular grid in UTC: clock, resolution, edges, duplicates, order."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.importers.clocks import ASK, occurrences, recognise_clock, to_utc
from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.meter_columns import Duplicates, Edge, Layout, MeterOptions
from gridbid.envs.importers.stamps import NO_TIME, Stamps
from gridbid.envs.timeline.calendar import utc_offsets

LONGEST_STEP_S = 3_600
MOST_JITTER = 0.1
"""Stamps may be off the grid by this share of a step; they are moved onto it."""
MOST_STEPS_A_ROW = 50

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Rows with a readable stamp; R rows, V columns of values."""

    group: NDArray[np.int64]
    """Meter of each row in a long file, (R,); 0 in a wide one."""
    at_s: Seconds
    """Stamp: by its clock, later in UTC, (R,)."""
    values: Floats
    """(R, V), NaN where nothing stands."""
    line: NDArray[np.int64]
    """Line in the file, (R,)."""

    def where(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> "Rows":
        """Some of the rows."""
        return Rows(self.group[kept], self.at_s[kept], self.values[kept], self.line[kept])

    def at(self, at_s: Seconds) -> "Rows":
        """The rows with other stamps."""
        return Rows(self.group, at_s, self.values, self.line)


@dataclass(frozen=True)
class RegularRows:
    """Values on a regular grid: n steps, G groups, V columns of values."""

    start_s: int
    """Start of the first interval, or instant of the first register reading, UTC."""
    step_s: int
    values: Floats
    """(n, G, V), NaN where nothing is known."""
    line: NDArray[np.int64]
    """Line in the file, (n, G); 0 where there is none."""


def regular_rows(
    rows: Rows,
    stamps: Stamps,
    layout: Layout,
    options: MeterOptions,
    timezone: str,
    is_register: bool,
    findings: Findings,
) -> RegularRows | None:
    """Rows laid on their grid; None, with faults, where clock, step or edge can't be known."""
    readable = rows.at_s != NO_TIME
    if not readable.any():
        return None
    offset_s = None if stamps.offset_s is None else stamps.offset_s[readable]
    in_utc = _in_utc(rows.where(readable), offset_s, layout, options, timezone, findings)
    if in_utc is None or not in_utc.at_s.size:
        return None
    rows = in_utc
    step_s = _step_s(rows, findings)
    edge = "start" if is_register else _edge(rows, step_s, layout, options, timezone, findings)
    if step_s is None or edge is None:
        return None
    rows = _on_grid(rows, step_s, findings)
    if _has_stray_dates(rows, step_s, findings):
        return None
    rows = _without_duplicates(rows, options.duplicates, findings)
    return _laid(rows.at(rows.at_s - step_s) if edge == "end" else rows, step_s)


def _in_utc(
    rows: Rows,
    offset_s: Seconds | None,
    layout: Layout,
    options: MeterOptions,
    timezone: str,
    findings: Findings,
) -> Rows | None:
    if offset_s is not None:
        findings.facts["clock"] = "each stamp has its offset from UTC"
        return rows.at(rows.at_s - offset_s)
    clock = options.clock or ("utc" if layout.is_utc else None) or _recognised(rows, timezone, findings)
    if clock is None:
        return None
    findings.facts["clock"] = f"{timezone}, with daylight saving" if clock == "local" else clock
    utc_s, never = to_utc(rows.at_s, occurrences(rows.group, rows.at_s), clock, timezone)
    empty = never & np.isnan(rows.values).all(axis=1)
    if (never & ~empty).any():
        shown = rows.at_s[never & ~empty].astype("datetime64[s]")
        findings.fault(
            "time",
            str(shown[0]).replace("T", " "),
            f"this clock skips that hour ({findings.facts['clock']}); if it doesn't, {ASK}",
            rows.line[never & ~empty],
        )
    return rows.at(utc_s).where(~never)


def _recognised(rows: Rows, timezone: str, findings: Findings) -> str | None:
    biggest = Counter(rows.group.tolist()).most_common(1)[0][0]
    shown = recognise_clock(rows.at_s[rows.group == biggest], timezone)
    if shown == "local":
        findings.note("time", "no offset", f"taken as {timezone}: the stamps follow its change of clocks")
        return "local"
    why = "its clock has no daylight saving, but is it UTC?" if shown else "whose clock do the stamps show?"
    findings.fault("time", f"no offset; {why}", ASK)
    return None


def _step_s(rows: Rows, findings: Findings) -> int | None:
    """The commonest distance of neighbouring stamps of a meter."""
    order = np.lexsort((rows.at_s, rows.group))
    steps = np.diff(rows.at_s[order])[np.diff(rows.group[order]) == 0]
    steps = steps[steps > 0]
    if not steps.size:
        findings.fault("time", "no meter has two stamps", "expected a series")
        return None
    kinds, count = np.unique(steps, return_counts=True)
    step_s = int(kinds[count.argmax()])
    findings.facts["resolution_s"] = step_s
    if step_s > LONGEST_STEP_S or LONGEST_STEP_S % step_s:
        findings.fault(
            "time", f"rows are {step_s} s apart, mostly", "expected a step of 1 s to 1 h that divides an hour"
        )
        return None
    return step_s


def _edge(
    rows: Rows, step_s: int | None, layout: Layout, options: MeterOptions, timezone: str, findings: Findings
) -> Edge | None:
    """Start or end: as the option or the column's name says, else as a file of whole days shows."""
    if step_s is None:
        return None
    edge = options.stamps or layout.edge
    if edge is None:
        first, last = rows.at_s.min(), rows.at_s.max()
        if _is_midnight(first, timezone) and _is_midnight(last + step_s, timezone):
            edge = "start"
        elif _is_midnight(first - step_s, timezone) and _is_midnight(last, timezone):
            edge = "end"
    if edge is None:
        findings.fault(
            "time", "is a stamp the start or the end of its interval?", "say --stamps start or --stamps end"
        )
        return None
    findings.facts["stamps"] = f"{edge} of the interval"
    return edge


def _is_midnight(utc_s: int, timezone: str) -> bool:
    offset = utc_offsets(np.array([utc_s], "datetime64[s]"), timezone).astype(np.int64)[0]
    return bool((utc_s + offset) % 86_400 == 0)


def _on_grid(rows: Rows, step_s: int, findings: Findings) -> Rows:
    phases, count = np.unique(rows.at_s % step_s, return_counts=True)
    phase = int(phases[count.argmax()])
    nearest = np.round((rows.at_s - phase) / step_s).astype(np.int64) * step_s + phase
    off_s = np.abs(rows.at_s - nearest)
    far = off_s > MOST_JITTER * step_s
    if far.any():
        findings.fault(
            "time",
            f"{off_s[far][0]} s off",
            f"expected stamps every {step_s} s, give or take a tenth of that",
            rows.line[far],
        )
    moved = (off_s > 0) & ~far
    if moved.any():
        findings.warn(
            "time", f"up to {off_s[moved].max()} s off", "moved to the nearest step", rows.line[moved]
        )
    return rows.at(nearest).where(~far)


def _has_stray_dates(rows: Rows, step_s: int, findings: Findings) -> bool:
    """Whether the period is so much longer than its rows that a date must be wrong."""
    first, last = int(rows.at_s.min()), int(rows.at_s.max())
    stray = (last - first) // step_s > MOST_STEPS_A_ROW * rows.at_s.size
    if stray:
        period = " to ".join(str(np.datetime64(at_s, "s"))[:10] for at_s in (first, last))
        findings.fault("time", f"{period} with {rows.at_s.size} rows", "expected a series: is a date wrong?")
    return stray


def _without_duplicates(rows: Rows, policy: Duplicates, findings: Findings) -> Rows:
    """One row for each meter and time, in order; a later row of the file counts as the last."""
    order = np.lexsort((rows.line, rows.at_s, rows.group))
    if (np.diff(rows.at_s)[np.diff(rows.group) == 0] < 0).any():
        findings.note("time", "not in order", "sorted")
    rows = rows.where(order)
    again = np.zeros(rows.at_s.size, bool)
    again[1:] = (np.diff(rows.at_s) == 0) & (np.diff(rows.group) == 0)
    if not again.any():
        return rows
    equal = np.zeros_like(again)
    before, after = rows.values[:-1], rows.values[1:]
    equal[1:] = ((before == after) | (np.isnan(before) & np.isnan(after))).all(axis=1)
    same, other = again & equal, again & ~equal
    if same.any():
        findings.warn("rows", "stand twice, with the same values", "the second was dropped", rows.line[same])
    if other.any():
        _tell_differing(rows, other, policy, findings)
    return _merged(rows, again, policy)


def _tell_differing(rows: Rows, other: NDArray[np.bool_], policy: Duplicates, findings: Findings) -> None:
    when = str(rows.at_s[other][0].astype("datetime64[s]")).replace("T", " ")
    value = f"{when} UTC stands again, with another value"
    if policy == "refuse":
        findings.fault("rows", value, "keep one, or say --duplicates last or mean", rows.line[other])
    else:
        findings.warn("rows", value, f"the {policy} was taken", rows.line[other])


def _merged(rows: Rows, again: NDArray[np.bool_], policy: Duplicates) -> Rows:
    starts = np.flatnonzero(~again)
    ends = np.append(starts[1:], again.size)
    merged = rows.where(ends - 1)
    if policy == "mean":
        for i in np.flatnonzero(ends - starts > 1):
            run = rows.values[starts[i] : ends[i]]
            known = ~np.isnan(run)
            total = np.where(known, run, 0.0).sum(axis=0)
            merged.values[i] = np.where(known.any(axis=0), total / np.maximum(1, known.sum(axis=0)), np.nan)
    return merged


def _laid(rows: Rows, step_s: int) -> RegularRows:
    start_s = int(rows.at_s.min())
    place = (rows.at_s - start_s) // step_s
    shape = (int(place.max()) + 1, int(rows.group.max()) + 1)
    values = np.full((*shape, rows.values.shape[1]), np.nan)
    line = np.zeros(shape, np.int64)
    values[place, rows.group], line[place, rows.group] = rows.values, rows.line
    return RegularRows(start_s, step_s, values, line)
