"""What a report shows of the tables that a run left: one week, one day on the chain's market, the members."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate import charts
from gridbid.evaluate.charts import Chart, Columns, number
from gridbid.evaluate.report_figures import controller_label, figure_display
from gridbid.evaluate.run_folder import (
    FILL_COLUMNS,
    MEMBER_COLUMNS,
    TRACE_COLUMNS,
    ReportError,
    Summary,
    read_columns,
)

_SLOTS_A_DAY = 96


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


@dataclass(frozen=True)
class MarketDay:
    """The busiest day of the chain's fills."""

    chart: Chart
    day: str
    n_fills: int
    energy_kwh: float
    mean_price_ct: float
    n_traders: int


@dataclass(frozen=True)
class Members:
    """Members under both controllers.

    ``pay_more`` names higher bills, ``highest_rise`` is the member whose bill grew most, ``worse_off`` counts higher J.
    """

    chart: Chart
    n_members: int
    pay_more: list[str]
    highest_rise: charts.Member
    worse_off: int
    header: list[str]
    rows: list[list[str]]


def week_story(folder: Path, summary: Summary) -> WeekStory | None:
    """The week in which the rule loads the transformer most, if rule and featured controller have traces."""
    if summary.featured is None:
        return None
    rule = read_columns(folder / "rule.parquet", TRACE_COLUMNS)
    best = read_columns(folder / f"{summary.featured}.parquet", TRACE_COLUMNS)
    if rule is None or best is None or not np.intersect1d(rule["week"], best["week"]).size:
        return None
    shared = np.isin(rule["week"], best["week"])
    week = int(rule["week"][shared][np.argmax(np.abs(rule["feeder_kw"][shared]))])
    rule, best = _one_week(rule, week), _one_week(best, week)
    rule_peak_kw, peak_kw = _peak_kw(rule), _peak_kw(best)
    label = controller_label(summary.featured)
    alt = (
        f"Week {week} slot by slot, rule and {label}: prices, transformer, batteries, cars, sun, load. "
        f"Highest load of the transformer: {number(abs(rule_peak_kw), 1)} kW and {number(abs(peak_kw), 1)} kW."
    )
    return WeekStory(
        chart=charts.week_chart(rule, best, label, summary.transformer_kva, alt),
        week=week,
        first_day=_day_and_month(best["local_time"][0]),
        rule_peak_kw=abs(rule_peak_kw),
        rule_feeds_in=rule_peak_kw < 0,
        peak_kw=abs(peak_kw),
        lowest_voltage_pu=float(best["min_voltage_pu"].min()),
        highest_voltage_pu=float(best["max_voltage_pu"].max()),
        traded_kwh=float(best["traded_wh"].sum()) / 1000,
    )


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


def market_day(path: Path) -> MarketDay | None:
    """The day with most fills; its slots are quarter hours from a local midnight on."""
    fills = read_columns(path, FILL_COLUMNS)
    if fills is None or not len(fills["day"]):
        return None
    if fills["quantity_wh"].min() <= 0:
        raise ReportError(
            f"{path}: quantity_wh is {fills['quantity_wh'].min():g} in a fill; it must be above 0"
        )
    days, counts = np.unique(fills["day"], return_counts=True)
    day = str(days[np.argmax(counts)])
    chosen = fills["day"] == day
    price_ct, quantity_wh = fills["price_ct"][chosen], fills["quantity_wh"][chosen]
    hours = fills["slot"][chosen] % _SLOTS_A_DAY / 4
    mean_price_ct = float(np.average(price_ct, weights=quantity_wh))
    energy_kwh = float(quantity_wh.sum()) / 1000
    alt = f"{len(hours)} trades, {number(energy_kwh, 1)} kWh at {number(mean_price_ct, 1)} ct/kWh in the mean"
    return MarketDay(
        chart=charts.fills_chart(hours, price_ct, quantity_wh, alt),
        day=day,
        n_fills=len(hours),
        energy_kwh=energy_kwh,
        mean_price_ct=mean_price_ct,
        n_traders=len({*fills["taker"][chosen], *fills["maker"][chosen]}),
    )


def members(path: Path, summary: Summary) -> Members | None:
    """Members that rule and featured controller both bill: by kind, the highest bill of the rule first."""
    table = read_columns(path, MEMBER_COLUMNS)
    if table is None or summary.featured is None:
        return None
    before, after = _rows_by_member(table, "rule"), _rows_by_member(table, summary.featured)
    kind, bill_eur = table["kind"], table["bill_eur"]
    names = sorted(
        before.keys() & after.keys(), key=lambda name: (kind[before[name]], -bill_eur[before[name]])
    )
    if not names:
        return None
    then, now = [before[name] for name in names], [after[name] for name in names]
    parts = [column for column in table if column.endswith("_eur") and column != "j_eur"]
    cost_eur = np.sum([table[part] for part in parts], axis=0)
    shown = [name.replace("_", " ") for name in names]
    bills = [charts.Member(*bill) for bill in zip(shown, bill_eur[then], bill_eur[now], strict=True)]
    pay_more = [member.name for member in bills if member.change_eur > 0]
    label = controller_label(summary.featured)
    alt = f"Bills of {len(bills)} members, rule and {label}; {len(pay_more)} pay more than under the rule"
    columns = {"J: rule": cost_eur[then], f"J: {label.lower()}": cost_eur[now], "Bill: rule": bill_eur[then]}
    columns |= {figure_display(part).label: table[part][now] for part in parts}
    return Members(
        chart=charts.members_chart(bills, label, alt),
        n_members=len(bills),
        pay_more=pay_more,
        highest_rise=max(bills, key=lambda member: member.change_eur),
        worse_off=int(np.sum(cost_eur[now] - cost_eur[then] > charts.CENT_EUR)),
        header=list(columns),
        rows=[
            [name, *(number(float(column[row]), 2) for column in columns.values())]
            for row, name in enumerate(shown)
        ],
    )


def _rows_by_member(table: Columns, controller: str) -> dict[str, int]:
    """Row of each member under a controller."""
    return {table["member"][row]: int(row) for row in np.flatnonzero(table["controller"] == controller)}
