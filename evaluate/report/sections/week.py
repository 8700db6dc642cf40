"""A week's story: prices, trades, stores and the transformer, slot by slot, of the rule and the featured controller."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.week import week_chart
from gridbid.evaluate.report.controllers import controller_label
from gridbid.evaluate.report.folder.columns import Columns
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number


@dataclass(frozen=True)
class WeekStory:
    """The week that is shown, and what the transformer carried at most (kW, either way) under both controllers."""

    chart: Chart
    week: int
    first_day: str
    rule_peak_kw: float
    rule_feeds_in: bool
    peak_kw: float
    lowest_voltage_pu: float
    highest_voltage_pu: float
    traded_kwh: float


def week(run: Run) -> WeekStory | None:
    """The week in which the rule loads the transformer most, if rule and featured controller have traces."""
    shown = story_traces(run)
    if shown is None or run.summary.featured is None:
        return None
    rule, best = shown
    number_of_week = int(rule["week"][0])
    rule_peak_kw, peak_kw = _peak_kw(rule), _peak_kw(best)
    label = controller_label(run.summary.featured)
    alt = (
        f"Week {number_of_week} slot by slot, rule and {label}: prices, trades, transformer, voltages, batteries, cars, "
        f"sun and load. "
        f"Highest load of the transformer: {number(abs(rule_peak_kw), 1)} kW and {number(abs(peak_kw), 1)} kW."
    )
    return WeekStory(
        chart=week_chart(rule, best, label, run.summary.transformer_kva, alt),
        week=number_of_week,
        first_day=_day_and_month(best["local_time"][0]),
        rule_peak_kw=abs(rule_peak_kw),
        rule_feeds_in=rule_peak_kw < 0,
        peak_kw=abs(peak_kw),
        lowest_voltage_pu=float(best["min_voltage_pu"].min()),
        highest_voltage_pu=float(best["max_voltage_pu"].max()),
        traded_kwh=float(best["traded_wh"].sum()) / 1000,
    )


def story_traces(run: Run) -> tuple[Columns, Columns] | None:
    """The story's week of the rule and of the featured controller, in the order of slots."""
    if run.traces is None:
        return None
    rule, best = run.traces
    shared = np.isin(rule["week"], best["week"])
    if not shared.any():
        return None
    worst = int(rule["week"][shared][np.argmax(np.abs(rule["feeder_kw"][shared]))])
    return _one_week(rule, worst), _one_week(best, worst)


def _one_week(trace: Columns, week: int) -> dict[str, NDArray[Any]]:
    chosen = trace["week"] == week
    order = np.argsort(trace["slot"][chosen], kind="stable")
    return {name: column[chosen][order] for name, column in trace.items()}


def _peak_kw(trace: Columns) -> float:
    """What the transformer carried when it carried most; negative if it fed into the grid then."""
    return float(trace["feeder_kw"][np.argmax(np.abs(trace["feeder_kw"]))])


def _day_and_month(time: np.datetime64) -> str:
    day = time.astype(datetime)
    return f"{day.day} {day:%B}"
