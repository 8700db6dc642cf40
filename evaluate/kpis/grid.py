"""What the weeks asked of the grid: peaks, ramps, overload, voltages, losses."""

from collections.abc import Callable

import numpy as np

from gridbid.evaluate.kpis.figure import Floats, Kpi, Weeks, mean, sum_of
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.grid.network import source_rating_kva

VOLTAGE_BAND_PU = 0.1
"""EN 50160: 90 to 110 % of nominal voltage."""
_PERCENT = 100.0


def _voltage_pu(record: WeekRecord) -> Floats:
    """Voltages at the members' buses (T, N), 0 where the feeder has collapsed."""
    return np.nan_to_num(record.voltage_pu, nan=0.0)


def _beyond_band_pu(record: WeekRecord) -> Floats:
    """How far voltages are out of the band (T, N)."""
    return np.maximum(0.0, np.abs(_voltage_pu(record) - 1.0) - VOLTAGE_BAND_PU)


def _days(weeks: Weeks) -> list[Floats]:
    """Power at the transformer by local day; the clock's changes make days of 23 and of 25 hours."""
    days = []
    for record in weeks.records:
        span = slice(record.start, record.start + record.feeder_kw.size)
        begins = np.flatnonzero(np.diff(weeks.community.series.day_of_year[span])) + 1
        days += np.split(record.feeder_kw, begins)
    return days


def _one_less_load_factor(tracks: list[Floats]) -> float:
    return mean(np.array([1.0 - t.mean() / t.max() if t.max() > 0.0 else np.nan for t in tracks]))


def _peak_kw(weeks: Weeks) -> float:
    return max(float(record.feeder_kw.max()) for record in weeks.records)


def _export_peak_kw(weeks: Weeks) -> float:
    return max(0.0, *(float(-record.feeder_kw.min()) for record in weeks.records))


def _mean_daily_peak_kw(weeks: Weeks) -> float:
    return float(np.mean([day.max() for day in _days(weeks)]))


def _ramping_kw(weeks: Weeks) -> float:
    return weeks.total(lambda record: np.abs(np.diff(record.feeder_kw)).sum())


def _overload_percent_h(weeks: Weeks) -> float:
    rating_kva = source_rating_kva(weeks.community.network)
    if not np.isfinite(rating_kva):
        return float("nan")
    return _PERCENT * weeks.total(lambda record: record.overload_kwh.sum()) / rating_kva


def _out_of_band_hours(weeks: Weeks) -> float:
    return weeks.total(lambda record: record.slot_h * (_beyond_band_pu(record) > 0.0).sum())


def _worst_pu_hours(weeks: Weeks) -> float:
    return weeks.total(lambda record: record.slot_h * _beyond_band_pu(record).max(axis=1).sum())


def _extreme_pu(choose: Callable[..., float], of: Callable[[Floats], float]) -> Callable[[Weeks], float]:
    return lambda weeks: choose(float(of(_voltage_pu(record))) for record in weeks.records)


GRID = (
    Kpi(
        *("peak_kw", "kW", "lower"),
        "highest power at the transformer, import positive, with losses",
        _peak_kw,
    ),
    Kpi(
        *("mean_daily_peak_kw", "kW", "lower"),
        "mean over local days of the day's highest power at the transformer",
        _mean_daily_peak_kw,
    ),
    Kpi("export_peak_kw", "kW", "lower", "highest power back through the transformer", _export_peak_kw),
    Kpi(
        *("ramping_kw", "kW", "lower"),
        "sum of the changes of the transformer's power from slot to slot, up or down",
        _ramping_kw,
    ),
    Kpi(
        *("one_less_load_factor", "1", "lower"),
        "1 - mean / highest power at the transformer, of an episode (a week); the mean over episodes that draw at all. CityLearn's "
        "formula, over a week where CityLearn takes 730 h; above 1 where more is fed in than drawn",
        lambda weeks: _one_less_load_factor([record.feeder_kw for record in weeks.records]),
    ),
    Kpi(
        *("daily_one_less_load_factor", "1", "lower"),
        "the same of a local day; the mean over days that draw at all",
        lambda weeks: _one_less_load_factor(_days(weeks)),
    ),
    Kpi(
        "overload_kwh",
        "kWh",
        "lower",
        "energy above branch ratings, summed over branches",
        sum_of("overload_kwh"),
    ),
    Kpi(
        *("overload_percent_h", "% h", "lower"),
        "the same in percent of the transformer's rating, times hours; no figure where the rating is unknown",
        _overload_percent_h,
    ),
    Kpi(
        *("voltage_hours", "h", "lower"),
        "member-hours with a local voltage outside 90 to 110 %; a feeder that collapsed is at 0",
        _out_of_band_hours,
    ),
    Kpi(
        *("voltage_pu_h", "pu h", "lower"),
        "how far the worst member's voltage is outside 90 to 110 %, slot by slot, times hours",
        _worst_pu_hours,
    ),
    Kpi("lowest_voltage_pu", "pu", "none", "lowest voltage at a member's bus", _extreme_pu(min, np.min)),
    Kpi("highest_voltage_pu", "pu", "none", "highest voltage at a member's bus", _extreme_pu(max, np.max)),
    Kpi("losses_kwh", "kWh", "lower", "losses of the feeder", sum_of("losses_kwh")),
    Kpi("breach_kwh", "kWh", "lower", "energy outside members' envelopes", sum_of("breach_kwh")),
)
