"""What the community's electricity emits, and when it draws it."""

from dataclasses import dataclass

import numpy as np

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.carbon import carbon_chart
from gridbid.evaluate.report.controllers import RULE, controller_label
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number
from gridbid.evaluate.report.sections.hours import by_hour


@dataclass(frozen=True)
class Emission:
    """A controller's CO₂, and by what share it lies above (+) or below the rule's; None without a rule."""

    controller: str
    co2_kg: float
    change: float | None


@dataclass(frozen=True)
class Carbon:
    """What the section shows; the chart needs traces."""

    rows: list[Emission]
    chart: Chart | None


def carbon(run: Run) -> Carbon | None:
    """The section of a run; None if it kept no figures of carbon."""
    summary = run.summary
    kilograms = {name: summary.controllers[name].get("co2_kg") for name in summary.columns}
    rule_kg = kilograms.get(RULE)
    rows = [
        Emission(name, kg, kg / rule_kg - 1 if rule_kg else None)
        for name, kg in kilograms.items()
        if kg is not None
    ]
    return Carbon(rows, _chart(run)) if rows else None


def _chart(run: Run) -> Chart | None:
    if run.traces is None or run.summary.featured is None:
        return None
    rule, best = run.traces
    label = controller_label(run.summary.featured)
    carbon_g = by_hour(best["local_time"], best["carbon_g"])
    draws_kw = [by_hour(trace["local_time"], np.maximum(trace["feeder_kw"], 0.0)) for trace in (rule, best)]
    alt = (
        f"Mean over the day’s hours: carbon of the grid from {number(np.nanmin(carbon_g))} to "
        f"{number(np.nanmax(carbon_g))} g/kWh; the community draws most at "
        f"{int(np.nanargmax(draws_kw[0]))} h under the rule and at {int(np.nanargmax(draws_kw[1]))} h under {label}"
    )
    return carbon_chart(carbon_g, draws_kw[0], draws_kw[1], label, alt)
