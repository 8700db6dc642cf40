"""One week of two controllers, slot by slot."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.axes import panel_heading
from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.palette import LIGHT
from gridbid.evaluate.report.folder.columns import Columns

_NEAR_RATING = 0.7
"""Share of the transformer's rating from which on it is drawn."""
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def week_chart(
    rule: Columns, best: Columns, best_label: str, transformer_kva: float | None, alt: str
) -> Chart:
    """One week of two controllers, in panels over the same hours; batteries have one where there are any.

    ``rule`` and ``best`` hold the columns of a trace, each (slots,), in the order of slots.
    """
    panels: dict[str, tuple[float, Callable[[Axes], None]]] = {
        "Prices, ct/kWh": (3, lambda axis: _price_panel(axis, best)),
        "Traded among members, kWh": (
            1.8,
            lambda axis: _two_lines(axis, rule, best, best_label, "traded_wh", 1e-3),
        ),
        "Transformer, kW": (4, lambda axis: _feeder_panel(axis, rule, best, best_label, transformer_kva)),
        "Voltages, lowest to highest, %": (
            2.4,
            lambda axis: _voltage_panel(axis, rule, best, best_label),
        ),
        "Stored in batteries, %": (
            2.4,
            lambda axis: _two_lines(axis, rule, best, best_label, "battery_soc", 100),
        ),
        "Stored in cars that are plugged in, %": (
            2.4,
            lambda axis: _two_lines(axis, rule, best, best_label, "car_soc", 100),
        ),
        "Cars, kW": (2.4, lambda axis: _two_lines(axis, rule, best, best_label, "car_kw")),
        "Sun, load and heat pumps, kW": (3, lambda axis: _flow_panel(axis, best)),
    }
    if np.isnan(best["battery_soc"]).all():
        del panels["Stored in batteries, %"]
    if not all("car_soc" in trace and np.isfinite(trace["car_soc"]).any() for trace in (rule, best)):
        del panels["Stored in cars that are plugged in, %"]
    heights = [height for height, _ in panels.values()]

    def plot(figure: Figure, wide: bool) -> None:
        axes = figure.subplots(len(panels), 1, sharex=True, height_ratios=heights)
        for axis, (title, (_, draw)) in zip(axes, panels.items(), strict=True):
            draw(axis)
            panel_heading(axis, title, wide)
            axis.yaxis.set_major_locator(MaxNLocator(4))
            axis.margins(x=0)
        _day_axis(axes, best["local_time"])

    return chart("week", alt, plot, wide_px=51 * sum(heights), narrow_px=58 * sum(heights))


def _price_panel(axis: Axes, trace: Columns) -> None:
    slot = np.arange(len(trace["retail_ct"]))
    axis.step(slot, trace["retail_ct"], where="post", color=LIGHT["ink"], linewidth=1.1, label="retail")
    axis.step(slot, trace["feed_in_ct"], where="post", color=LIGHT["rule"], linewidth=1.1, label="feed-in")
    axis.plot(slot, trace["mean_price_ct"], ".", markersize=3, color=LIGHT["price"])
    axis.plot([], [], "o", markersize=4, color=LIGHT["price"], label="local trades")


def _feeder_panel(
    axis: Axes, rule: Columns, best: Columns, best_label: str, transformer_kva: float | None
) -> None:
    _two_lines(axis, rule, best, best_label, "feeder_kw")
    axis.axhline(0, color=LIGHT["muted"], linewidth=0.8)
    if transformer_kva is None:
        return
    for trace, alpha in ((rule, 0.15), (best, 0.35)):
        within = np.clip(trace["feeder_kw"], -transformer_kva, transformer_kva)
        slot = np.arange(len(within))
        axis.fill_between(slot, within, trace["feeder_kw"], color=LIGHT["bad"], alpha=alpha, linewidth=0)
    _rating_lines(axis, transformer_kva, np.concatenate([rule["feeder_kw"], best["feeder_kw"]]))


def _rating_lines(axis: Axes, transformer_kva: float, carried_kw: NDArray[Any]) -> None:
    """The rating in each direction that comes near it: a line far away would squeeze the panel."""
    style: dict[str, Any] = {"color": LIGHT["bad"], "linewidth": 1, "linestyle": (0, (4, 3))}
    label: str | None = "rating"
    for sign in (1, -1):
        if np.nanmax(sign * carried_kw) > _NEAR_RATING * transformer_kva:
            axis.axhline(sign * transformer_kva, label=label, **style)
            label = None


def _two_lines(
    axis: Axes, rule: Columns, best: Columns, best_label: str, column: str, scale: float = 1.0
) -> None:
    slot = np.arange(len(best[column]))
    axis.plot(rule[column] * scale, color=LIGHT["rule"], linewidth=1.1, label="rule")
    axis.plot(slot, best[column] * scale, color=LIGHT["learned"], label=best_label.lower())


def _voltage_panel(axis: Axes, rule: Columns, best: Columns, best_label: str) -> None:
    """Bands from the lowest to the highest voltage of any member, and nominal."""
    slot = np.arange(len(best["min_voltage_pu"]))
    for trace, color, alpha, label in (
        (rule, LIGHT["rule"], 0.45, "rule"),
        (best, LIGHT["learned"], 0.45, best_label.lower()),
    ):
        low, high = 100 * trace["min_voltage_pu"], 100 * trace["max_voltage_pu"]
        axis.fill_between(slot, low, high, color=color, alpha=alpha, linewidth=0, label=label)
    axis.axhline(100, color=LIGHT["muted"], linewidth=0.8)


def _flow_panel(axis: Axes, trace: Columns) -> None:
    slot = np.arange(len(trace["pv_kw"]))
    axis.fill_between(slot, trace["pv_kw"], color=LIGHT["sun"], alpha=0.35, linewidth=0, label="sun")
    axis.plot(slot, trace["load_kw"], color=LIGHT["ink"], linewidth=1, label="load")
    axis.plot(slot, trace["heat_pump_kw"], color=LIGHT["heat"], linewidth=1.1, label="heat pumps")


def _day_axis(axes: Sequence[Axes], local_time: NDArray[Any]) -> None:
    """Days between hairlines, each named at its middle; a day may have 23 or 25 hours."""
    day = local_time.astype("datetime64[D]")
    starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]])
    ends = np.r_[starts[1:], len(day)]
    weekday = (day[starts].astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    axes[-1].set_xticks((starts + ends) / 2, [_WEEKDAYS[number] for number in weekday])
    for axis in axes:
        for start in starts[1:]:
            axis.axvline(start, color=LIGHT["hairline"], linewidth=0.7, zorder=0)
