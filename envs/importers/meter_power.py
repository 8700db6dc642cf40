"""From values on a grid to mean power without gaps, and what looks odd in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.meter_columns import Unit

HOUR_S, WEEK_S = 3_600, 7 * 86_400
KW_OF_POWER = {"W": 1e-3, "kW": 1.0, "MW": 1e3}
KWH_OF_ENERGY = {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3}
WEEKS_AWAY = (-1, 1, -2, 2, -3, 3, -4, 4)
"""Where a gap above an hour takes its values from, the nearest first."""
MOST_KW = 10_000.0
"""Power above this is no site of a low-voltage grid: the unit must be another."""
SPIKE_FACTOR = 10.0
"""A value above so many times the meter's 99.5th percentile is called a spike."""
STUCK_S, SILENT_S = 86_400, WEEK_S
"""The same value for so long is called stuck; zero may last longer."""

Floats = NDArray[np.float64]
Lines = NDArray[np.int64]


@dataclass(frozen=True)
class Power:
    """Mean power of one quantity of one meter by interval, (n,)."""

    kw: Floats
    """NaN where nothing is known."""
    line: Lines
    """Line in the file; 0 where there is none."""
    spread: int = 0
    """Intervals within a gap of a register, whose energy is known and spread evenly."""


def power_of(values: Floats, line: Lines, unit: Unit, step_s: int, field: str, findings: Findings) -> Power:
    """Mean power in kW; of a register's n readings, the n - 1 intervals between them."""
    hours = step_s / HOUR_S
    if unit in KW_OF_POWER:
        return Power(values * KW_OF_POWER[unit], line)
    if unit in KWH_OF_ENERGY:
        return Power(values * (KWH_OF_ENERGY[unit] / hours), line)
    factor = KWH_OF_ENERGY[unit.removesuffix("-register")] / hours
    return _power_of_register(values, line, factor, field, findings)


def fill_gaps(power: Power, step_s: int, most_filled: float, field: str, findings: Findings) -> Floats:
    """The power without gaps: up to an hour by a straight line, longer ones from weeks near by. Counted and told.

    More than ``most_filled`` of the intervals, and a gap with no week to take values from, are faults.
    """
    kw = power.kw.copy()
    missing = np.isnan(kw)
    n_missing = int(missing.sum()) + power.spread
    if missing.all():
        findings.fault(field, "no value at all", "leave the meter out: --leave-out NAME")
        return np.zeros_like(kw)
    if n_missing / kw.size > most_filled:
        findings.fault(
            field,
            f"{n_missing} of {kw.size} intervals are missing ({n_missing / kw.size:.0%})",
            f"expected at most {most_filled:.0%}: raise --most-filled, or leave the meter out: --leave-out NAME",
        )
    if not n_missing:
        return kw
    by_line = _fill_short(kw, max(1, HOUR_S // step_s))
    by_week = _fill_from_weeks(kw, WEEK_S // step_s)
    left = int(np.isnan(kw).sum())
    if left:
        findings.fault(
            field,
            f"{left} intervals are missing in all weeks near by",
            "leave the meter out, or cut the period",
        )
        kw[np.isnan(kw)] = 0.0
    parts = {
        "by a straight line": by_line,
        "from the weeks near by": by_week,
        "from the register": power.spread,
    }
    filled = ", ".join(f"{count} {how}" for how, count in parts.items() if count)
    findings.warn(
        field, f"{n_missing} intervals missing", f"filled: {filled}", _lines_before(power.line, missing)
    )
    return kw


def tell_odd_values(power: Power, step_s: int, role: str, field: str, findings: Findings) -> None:
    """Faults and warnings about values: too high for a site, all negative, spikes, stuck, silent."""
    kw, line = power.kw, power.line
    known = kw[~np.isnan(kw)]
    if not known.size:
        return
    if (np.abs(known) > MOST_KW).any():
        high = np.abs(kw) > MOST_KW
        findings.fault(
            field,
            f"{kw[high][0]:.4g} kW",
            f"expected less than {MOST_KW:g} kW: is the unit right (--unit)?",
            line[high],
        )
        return
    _tell_negative(kw, known, line, role, field, findings)
    usual_kw = float(np.percentile(np.abs(known), 99.5))
    spikes = np.abs(kw) > SPIKE_FACTOR * max(usual_kw, 1e-3)
    if spikes.any():
        findings.warn(
            field,
            f"{kw[spikes][0]:.4g} kW",
            f"a spike: 99.5 % of the values are below {usual_kw:.3g} kW; it is taken as it stands",
            line[spikes],
        )
    if not known.any():
        findings.warn(field, "0 in the whole period", "taken as a site without load", ())
        return
    for long_s, is_zero, word in ((STUCK_S, False, "stuck?"), (SILENT_S, True, "no consumption?")):
        runs = _constant_runs(kw, max(12, long_s // step_s), is_zero)
        if runs.size and not (is_zero and role == "pv"):
            value = f"the same value, {kw[runs[0]]:.4g} kW, for {long_s // HOUR_S} h or more"
            findings.warn(field, value, f"{word} It is taken as it stands", line[runs])


def _power_of_register(values: Floats, line: Lines, factor: float, field: str, findings: Findings) -> Power:
    """Differences of successive readings; across a gap the energy is spread evenly, a reset leaves a gap."""
    known = np.flatnonzero(~np.isnan(values))
    kw = np.full(max(0, values.size - 1), np.nan)
    if known.size < 2:
        return Power(kw, line[:-1])
    rise, length = np.diff(values[known]), np.diff(known)
    overflow = _overflow(values[known][:-1], values[known][1:])
    rise = rise + overflow
    reset = rise < 0.0
    for is_it, what, done in (
        (overflow > 0.0, "the register starts again after its last digit", "the rise was taken across it"),
        (reset, "the register falls", "taken as a reset: the interval counts as missing"),
    ):
        if is_it.any():
            i = int(np.argmax(is_it))
            shown = f"{values[known][i]:.7g} then {values[known][i + 1]:.7g}: {what}"
            findings.warn(field, shown, done, line[known[1:]][is_it])
    steady = np.repeat(np.where(reset, np.nan, rise * factor / length), length)
    kw[known[0] : known[-1]] = steady
    return Power(kw, line[:-1], int(length[(length > 1) & ~reset].sum()))


def _overflow(before: Floats, after: Floats) -> Floats:
    """What a counter of 4 to 8 digits loses where it starts again at 0; 0 elsewhere."""
    modulus = 10.0 ** np.ceil(np.log10(np.maximum(before, 1.0) + 1e-9))
    is_full = (before > 0.99 * modulus) & (after < 0.01 * modulus) & (modulus >= 1e4) & (modulus <= 1e8)
    return np.where(is_full, modulus, 0.0)


def _fill_short(kw: Floats, longest: int) -> int:
    """Fill gaps inside, up to ``longest`` intervals, by a straight line; how many intervals."""
    missing = np.isnan(kw)
    edges = np.flatnonzero(np.diff(missing.astype(np.int8), prepend=0, append=0))
    begins, ends = edges[::2], edges[1::2]
    short = (ends - begins <= longest) & (begins > 0) & (ends < kw.size)
    known = np.flatnonzero(~missing)
    count = 0
    for begin, end in zip(begins[short], ends[short], strict=True):
        kw[begin:end] = np.interp(np.arange(begin, end), known, kw[known])
        count += int(end - begin)
    return count


def _fill_from_weeks(kw: Floats, week: int) -> int:
    """Fill what is missing with the value whole weeks away that was not missing; how many intervals."""
    source = kw.copy()
    count = 0
    for weeks in WEEKS_AWAY:
        empty = np.flatnonzero(np.isnan(kw))
        there = empty + weeks * week
        inside = (there >= 0) & (there < kw.size)
        empty, there = empty[inside], there[inside]
        known = ~np.isnan(source[there])
        kw[empty[known]] = source[there[known]]
        count += int(known.sum())
    return count


def _lines_before(line: Lines, missing: NDArray[np.bool_]) -> list[int]:
    """For each gap the last line of the file before it; 0 before the first. One entry a missing interval."""
    return np.maximum.accumulate(line)[missing].tolist()


def _tell_negative(kw: Floats, known: Floats, line: Lines, role: str, field: str, findings: Findings) -> None:
    negative = kw < 0.0
    if not negative.any():
        return
    if known.max() <= 0.0:
        findings.fault(
            field, f"{known.min():.4g} kW", "every value is negative or 0: say --flip-sign", line[negative]
        )
    elif role == "pv" and known.min() < -0.05 * known.max():
        findings.fault(
            field,
            f"{known.min():.4g} kW",
            "expected generation of at least 0: is it the net power?",
            line[negative],
        )
    else:
        done = "set to 0" if role == "pv" else "kept: is generation behind the meter?"
        findings.warn(field, f"{kw[negative][0]:.4g} kW, negative", done, line[negative])


def _constant_runs(kw: Floats, shortest: int, is_zero: bool) -> NDArray[np.intp]:
    """First intervals of runs of one value, zero or not, at least so long."""
    change = np.flatnonzero(np.concatenate(([True], kw[1:] != kw[:-1], [True])))
    begins, lengths = change[:-1], np.diff(change)
    return begins[(lengths >= shortest) & ((kw[begins] == 0.0) == is_zero)]
