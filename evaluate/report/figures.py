"""Key figures as a report shows them: labels, units, digits, and the tables that they fill."""

from collections.abc import Iterable
from typing import NamedTuple

from gridbid.evaluate.kpis import KPIS, PLACES
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
    "untraded_loss": Display("Lost: not traded", "%", 1, 100),
    "overtraded_loss": Display("Lost: traded in vain", "%", 1, 100),
    "mean_price_ct": Display("Mean price", "ct/kWh", 2),
    "alpha": Display("Distance from the equilibrium price", "%", 1),
    "profit_dispersion_ct": Display("Profit dispersion", "ct", 2),
    "spread_ct": Display("Spread", "ct/kWh", 2),
    "depth_kwh": Display("Depth at the best prices", "kWh", 2),
    "fill_rate": Display("Energy filled", "%", 1, 100),
    "fills": Display("Trades", "", 0),
    "orders": Display("Orders", "", 0),
    "orders_filled_share": Display("Orders filled", "%", 1, 100),
    "orders_rejected_share": Display("Orders rejected", "%", 1, 100),
}
FAIRNESS_FIGURES = {
    "gain_eur": Display("What all gain by the community", "EUR", 2),
    "jain": Display("Jain’s index of the gains", "", 3),
    "gini": Display("Gini coefficient of the gains", "", 3),
    "worse_off_alone": Display("Members better off alone", "%", 1, 100),
    "least_gain_eur": Display("Least gain of a member", "EUR", 2),
    "worse_off": Display("Members worse off than with nothing", "%", 1, 100),
    "worst_member_eur": Display("Largest loss of a member against nothing", "EUR", 2),
}
_OTHER_FIGURES = {
    "unmet_ev_eur": Display("Cars left too empty", "EUR", 2),
    "voltage_hours": Display("Voltage out of band", "h", 1),
    "voltage_pu_h": Display("Voltage out of band, how far", "pu h", 3),
    "overload_percent_h": Display("Above the transformer’s rating", "% h", 0),
    "one_less_load_factor": Display("1 − load factor of the week", "", 3),
    "daily_one_less_load_factor": Display("1 − load factor of the day", "", 3),
    "full_cycles": Display("Full cycles of the batteries", "", 1),
    "departures": Display("Departures of cars", "", 0),
    "short_departures": Display("Of these, with too little", "%", 1, 100),
    "departure_shortfall": Display("Charge missing at departure", "%", 1, 100),
    "events": Display("Events of demand response", "", 0),
    "delivery_ratio": Display("Delivered of what events asked", "%", 1, 100),
    "baseline_rrmse": Display("Error of baselines", "%", 1, 100),
    "baseline_bias": Display("Bias of baselines", "%", 1, 100),
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
    figures: list[str]


def other_figures(summary: Summary) -> list[str]:
    """Names of all figures that any controller has and that no other table of the report shows."""
    shown = {*MAIN_FIGURES, *MARKET_FIGURES, *FAIRNESS_FIGURES, *PLACES}
    found = dict.fromkeys(name for figures in summary.controllers.values() for name in figures)
    return [name for name in found if name not in shown]


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
