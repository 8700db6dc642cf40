"""The market: trades of a day, and what was paid, traded and left in the book hour by hour."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.axes import hour_axis, panel_heading
from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.palette import LIGHT

Floats = NDArray[np.float64]


class MarketHours(NamedTuple):
    """Means by hour of the day (24,): prices ct/kWh, energy kWh a day; None where it wasn't recorded.

    ``top_ct`` is the most that a buyer can save from: retail less fee, or retail where the fee isn't known.
    """

    retail_ct: Floats
    top_ct: Floats | None
    feed_in_ct: Floats
    price_ct: Floats
    low_price_ct: Floats
    high_price_ct: Floats
    traded_kwh: Floats
    tradable_kwh: Floats | None
    spread_ct: Floats | None
    bid_kwh: Floats | None
    ask_kwh: Floats | None
    fills: Floats | None


def market_chart(hours: MarketHours, alt: str) -> Chart:
    """Panels over the hours of the day; those of the book only where it was recorded."""
    panels: dict[str, tuple[float, Callable[[Axes], None]]] = {
        "Prices, ct/kWh": (3.2, lambda axis: _prices(axis, hours)),
        "Energy, kWh each hour": (2.2, lambda axis: _energy(axis, hours)),
    }
    if hours.fills is not None:
        panels["Trades each hour"] = (1.7, lambda axis: _bars(axis, hours.fills))
    if hours.spread_ct is not None:
        panels["Spread when the book closes, ct/kWh"] = (1.7, lambda axis: _bars(axis, hours.spread_ct))
    if hours.bid_kwh is not None and hours.ask_kwh is not None:
        panels["Left in the book, kWh"] = (2, lambda axis: _depth(axis, hours))
    heights = [height for height, _ in panels.values()]

    def plot(figure: Figure, wide: bool) -> None:
        axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for axis, (title, (_, draw)) in zip(axes, panels.items(), strict=True):
            draw(axis)
            panel_heading(axis, title, wide)
            axis.yaxis.set_major_locator(MaxNLocator(4))
        hour_axis(axes[-1], wide)

    return chart("market", alt, plot, wide_px=54 * sum(heights) + 20, narrow_px=62 * sum(heights) + 20)


def _prices(axis: Axes, hours: MarketHours) -> None:
    hour = np.arange(24)
    top_ct = hours.retail_ct if hours.top_ct is None else hours.top_ct
    axis.fill_between(
        hour,
        hours.feed_in_ct,
        top_ct,
        step="mid",
        color=LIGHT["rule"],
        alpha=0.15,
        linewidth=0,
        label="gain for both",
    )
    axis.step(hour, hours.retail_ct, where="mid", color=LIGHT["ink"], linewidth=1.1, label="retail")
    axis.step(hour, hours.feed_in_ct, where="mid", color=LIGHT["rule"], linewidth=1.1, label="feed-in")
    axis.vlines(hour, hours.low_price_ct, hours.high_price_ct, color=LIGHT["price"], linewidth=3, alpha=0.4)
    axis.plot(hour, hours.price_ct, "o", markersize=4, color=LIGHT["price"], label="local")


def _energy(axis: Axes, hours: MarketHours) -> None:
    if hours.tradable_kwh is not None:
        axis.step(
            range(24), hours.tradable_kwh, where="mid", color=LIGHT["muted"], linewidth=1, label="possible"
        )
    axis.bar(range(24), hours.traded_kwh, width=0.7, color=LIGHT["learned"], label="traded")


def _bars(axis: Axes, values: Floats | None) -> None:
    assert values is not None
    axis.bar(range(24), np.nan_to_num(values), width=0.7, color=LIGHT["rule"])


def _depth(axis: Axes, hours: MarketHours) -> None:
    assert hours.bid_kwh is not None and hours.ask_kwh is not None
    axis.bar(range(24), hours.bid_kwh, width=0.7, color=LIGHT["learned"], label="bids")
    axis.bar(range(24), -hours.ask_kwh, width=0.7, color=LIGHT["price"], label="asks")
    axis.axhline(0, color=LIGHT["muted"], linewidth=0.8)
    axis.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")


def fills_chart(
    hours: NDArray[Any], price_ct: NDArray[Any], quantity_wh: NDArray[Any], slot_h: float, alt: str
) -> Chart:
    """Fills of one day: price over the local hour of delivery, and the energy of each slot of ``slot_h`` hours."""

    def plot(figure: Figure, wide: bool) -> None:
        prices, volumes = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 1])
        size_class = np.ceil(4 * quantity_wh / quantity_wh.max())
        for size in (1, 2, 3, 4):
            chosen = size_class == size
            style = {"color": LIGHT["price"], "alpha": 0.55, "markeredgewidth": 0}
            prices.plot(hours[chosen], price_ct[chosen], "o", markersize=2 + 1.5 * size, **style)
        prices.set_title("Price of each trade, ct/kWh (larger dot: more energy)" if wide else "Price, ct/kWh")
        slot = np.rint(hours / slot_h).astype(np.int64)
        energy_kwh = np.bincount(slot, weights=quantity_wh) / 1000
        volumes.bar(
            np.arange(len(energy_kwh)) * slot_h, energy_kwh, width=0.88 * slot_h, color=LIGHT["learned"]
        )
        volumes.set_title(f"Energy traded, kWh each {60 * slot_h:g} minutes")
        for axis in (prices, volumes):
            axis.yaxis.set_major_locator(MaxNLocator(4))
        last_hour = 6 * math.ceil((hours.max() + slot_h) / 6)
        volumes.set_xlim(-0.3, last_hour + 0.1)
        volumes.set_xticks(range(0, last_hour + 1, 3 if wide else 6))
        volumes.set_xlabel("hour of the day")

    return chart("fills", alt, plot, wide_px=360, narrow_px=340)
