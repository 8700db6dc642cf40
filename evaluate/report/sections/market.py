"""The market hour by hour, and what was traded where the rules are a contract."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.market import MarketHours, market_chart
from gridbid.evaluate.report.controllers import controller_label
from gridbid.evaluate.report.figures import MARKET_FIGURES, FigureRow, figure_rows
from gridbid.evaluate.report.folder.columns import Columns
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number
from gridbid.evaluate.report.sections.hours import by_hour, quantile_by_hour, slot_hours


@dataclass(frozen=True)
class Market:
    """What the section shows of the featured controller's weeks; the mean price lies a share of the way from feed-in to retail."""

    chart: Chart
    hours: MarketHours
    traded_kwh: float
    mean_price_ct: float
    share_of_band: float
    figures: list[FigureRow]


def market(run: Run) -> Market | None:
    """The section of a run; None without traces or without a trade."""
    if run.traces is None or run.summary.featured is None:
        return None
    trace = run.traces[1]
    if not trace["traded_wh"].sum() > 0:
        return None
    hours = market_hours(trace)
    traded = trace["traded_wh"] > 0
    mean_ct, feed_in_ct, retail_ct = (
        float(np.average(trace[name][traded], weights=trace["traded_wh"][traded]))
        for name in ("mean_price_ct", "feed_in_ct", "retail_ct")
    )
    busiest = int(np.argmax(hours.traded_kwh))
    alt = (
        f"The market with {controller_label(run.summary.featured)} by hour of the day: most is traded at {busiest} h, "
        f"{number(hours.traded_kwh[busiest], 1)} kWh, and the mean price is {number(mean_ct, 1)} ct/kWh"
    )
    return Market(
        chart=market_chart(hours, alt),
        hours=hours,
        traded_kwh=float(trace["traded_wh"].sum()) / 1000,
        mean_price_ct=mean_ct,
        share_of_band=(mean_ct - feed_in_ct) / (retail_ct - feed_in_ct) if retail_ct > feed_in_ct else 0.0,
        figures=figure_rows(run.summary, MARKET_FIGURES),
    )


def market_hours(trace: Columns) -> MarketHours:
    """A trace by hour of the day; columns that an older trace lacks are None."""
    time, traded_wh = trace["local_time"], trace["traded_wh"]
    per_hour = 1 / slot_hours(time)

    def mean(name: str, scale: float = 1.0) -> NDArray[np.float64] | None:
        return by_hour(time, trace[name] * scale) if name in trace else None

    top_ct = by_hour(time, trace["retail_ct"] - trace["fee_ct"]) if "fee_ct" in trace else None
    tradable_kwh = None
    if "need_wh" in trace and "surplus_wh" in trace:
        tradable_kwh = by_hour(time, np.minimum(trace["need_wh"], trace["surplus_wh"])) * per_hour / 1000
    spread_ct = None
    if "best_bid_ct" in trace and "best_ask_ct" in trace:
        spread_ct = by_hour(time, trace["best_ask_ct"] - trace["best_bid_ct"])
    return MarketHours(
        retail_ct=by_hour(time, trace["retail_ct"]),
        top_ct=top_ct,
        feed_in_ct=by_hour(time, trace["feed_in_ct"]),
        price_ct=by_hour(time, trace["mean_price_ct"], traded_wh),
        low_price_ct=quantile_by_hour(time, trace["mean_price_ct"], 0.25),
        high_price_ct=quantile_by_hour(time, trace["mean_price_ct"], 0.75),
        traded_kwh=by_hour(time, traded_wh) * per_hour / 1000,
        tradable_kwh=tradable_kwh,
        spread_ct=None if spread_ct is None or np.isnan(spread_ct).all() else spread_ct,
        bid_kwh=_known(mean("open_bid_wh", 1e-3)),
        ask_kwh=_known(mean("open_ask_wh", 1e-3)),
        fills=_known(mean("fills", per_hour)),
    )


def _known(values: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    return None if values is None or np.isnan(values).all() else np.nan_to_num(values)
