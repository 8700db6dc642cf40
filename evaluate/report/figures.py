"""Key figures as a report shows them: labels, units, digits, and the tables that they fill."""

from collections.abc import Iterable
from typing import NamedTuple

from gridbid.evaluate.kpis import KPIS
from gridbid.evaluate.report.controllers import words
from gridbid.evaluate.report.folder.summary import Summary
from gridbid.evaluate.report.formatting import number


class Display(NamedTuple):
    """How a figure of a controller is shown; ``digits`` after the point, ``scale`` before showing."""

    label: str
    unit: str
    digits: int
    scale: float = 1.0


MAIN_FIGURES = {
    "j_eur": Display("Cost J", "EUR", 2),
    "bill_eur": Display("Bill", "EUR", 2),
    "co2_kg": Display("CO₂", "kg", 1),
    "peak_kw": Display("Highest draw from the grid", "kW", 1),
    "export_peak_kw": Display("Highest feed-in to the grid", "kW", 1),
    "overload_kwh": Display("Above the grid’s ratings", "kWh", 1),
    "self_consumption": Display("Own sun used", "%", 1, 100),
    "self_sufficiency": Display("Need covered by own sun", "%", 1, 100),
    "traded_kwh": Display("Traded among members", "kWh", 1),
    "unmet_ev_kwh": Display("Energy missing in cars", "kWh", 1),
}
MARKET_FIGURES = {
    "traded_kwh": MAIN_FIGURES["traded_kwh"],
    "match_share": Display("Possible trades made", "%", 1, 100),
    "efficiency": Display("Allocative efficiency", "%", 1, 100),
    "mean_price_ct": Display("Mean price", "ct/kWh", 2),
    "fills": Display("Trades", "", 0),
}
FAIRNESS_FIGURES = {
    "worse_off": Display("Members worse off than with nothing", "%", 1, 100),
    "worst_member_eur": Display("Largest loss of a member against nothing", "EUR", 2),
}
_OTHER_FIGURES = {
    "unmet_ev_eur": Display("Cars left too empty", "EUR", 2),
    "voltage_hours": Display("Voltage out of band", "h", 1),
}
_UNITS = {
    "_eur": ("EUR", 2),
    "_kwh": ("kWh", 1),
    "_kw": ("kW", 1),
    "_kg": ("kg", 1),
    "_pu": ("pu", 3),
}
"""Unit and digits by the end of a figure's name, for those that have no line of their own."""


class FigureRow(NamedTuple):
    """One figure of all controllers, ready to show."""

    label: str
    unit: str
    meaning: str
    values: list[str]


def other_figures(summary: Summary) -> list[str]:
    """Names of all figures that any controller has beside the main ones."""
    found = dict.fromkeys(name for figures in summary.controllers.values() for name in figures)
    return [name for name in found if name not in MAIN_FIGURES]


def figure_rows(summary: Summary, names: Iterable[str]) -> list[FigureRow]:
    """Rows of a table: a figure each, with the controllers in the order of the summary's columns."""
    meanings = {kpi.name: kpi.meaning for kpi in KPIS}
    rows = []
    for name in names:
        display = figure_display(name)
        figures = [summary.controllers[controller].get(name) for controller in summary.columns]
        if all(figure is None for figure in figures):
            continue
        scaled = [None if figure is None else figure * display.scale for figure in figures]
        values = [number(figure, display.digits) for figure in scaled]
        rows.append(FigureRow(display.label, display.unit, meanings.get(name, ""), values))
    return rows


def figure_display(name: str) -> Display:
    """How to show a figure; one without a line of its own by the unit at the end of its name."""
    known = MAIN_FIGURES | MARKET_FIGURES | FAIRNESS_FIGURES | _OTHER_FIGURES
    if name in known:
        return known[name]
    for ending, (unit, digits) in _UNITS.items():
        if name.endswith(ending):
            return Display(words(name.removesuffix(ending)), unit, digits)
    return Display(words(name), "", 3)
