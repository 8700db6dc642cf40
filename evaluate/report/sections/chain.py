"""The busiest day on the chain's market."""

from dataclasses import dataclass

import numpy as np

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.market import fills_chart
from gridbid.evaluate.report.folder.columns import Columns
from gridbid.evaluate.report.folder.node import ReportError
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number
from gridbid.evaluate.report.sections.hours import slot_hours

_DEFAULT_SLOT_H = 0.25
"""What every scenario had when fills didn't tell."""


@dataclass(frozen=True)
class ChainDay:
    """The busiest day of the chain's fills."""

    chart: Chart
    day: str
    n_fills: int
    energy_kwh: float
    mean_price_ct: float
    n_traders: int


def chain(run: Run) -> ChainDay | None:
    """The day with most fills; its slots are counted from a local midnight on."""
    fills = run.fills
    if fills is None or not len(fills["day"]):
        return None
    if fills["quantity_wh"].min() <= 0:
        path = run.folder / "chain" / "fills.parquet"
        raise ReportError(
            f"{path}: quantity_wh is {fills['quantity_wh'].min():g} in a fill; it must be above 0"
        )
    days, counts = np.unique(fills["day"], return_counts=True)
    day = str(days[np.argmax(counts)])
    chosen = fills["day"] == day
    price_ct, quantity_wh = fills["price_ct"][chosen], fills["quantity_wh"][chosen]
    slot_h = _slot_h(run, fills)
    hours = fills["slot"][chosen] % round(24 / slot_h) * slot_h
    mean_price_ct = float(np.average(price_ct, weights=quantity_wh))
    energy_kwh = float(quantity_wh.sum()) / 1000
    alt = f"{len(hours)} trades, {number(energy_kwh, 1)} kWh at {number(mean_price_ct, 1)} ct/kWh in the mean"
    return ChainDay(
        chart=fills_chart(hours, price_ct, quantity_wh, slot_h, alt),
        day=day,
        n_fills=len(hours),
        energy_kwh=energy_kwh,
        mean_price_ct=mean_price_ct,
        n_traders=len({*fills["taker"][chosen], *fills["maker"][chosen]}),
    )


def _slot_h(run: Run, fills: Columns) -> float:
    """Hours in a slot: as the fills say, else as the traces do."""
    if "slot_h" in fills:
        return float(fills["slot_h"][0])
    return slot_hours(run.traces[0]["local_time"]) if run.traces else _DEFAULT_SLOT_H
