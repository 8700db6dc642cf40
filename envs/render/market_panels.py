"""The market in pictures: the book's depth, the last round's fills, the price of a day."""

from collections.abc import Callable

import numpy as np

from gridbid.envs.render.canvas import Box, Canvas, Point
from gridbid.envs.render.names import short_name
from gridbid.envs.render.palette import ALARM, BUY, INK, MUTED, PANEL, RULE, SELL, Colour, mix
from gridbid.envs.render.scene import Level, Scene, Trade

_TRADES = 5


def draw_depth(canvas: Canvas, box: Box, scene: Scene) -> None:
    """What rests in the book, cumulated from the best price on, and where the last fills were."""
    inner = canvas.panel(box, "Order book after the last round")
    plot = inner.inner(32.0, 8.0, 6.0, 18.0)
    low, high = _band(scene)
    most_kwh = max([*(_total_kwh(levels) for levels in (scene.bids, scene.asks)), 1e-9])
    canvas.line([(plot.left, plot.bottom), (plot.right, plot.bottom)], MUTED)

    def x_of(price_ct: float) -> float:
        return plot.left + plot.width * min(max((price_ct - low) / (high - low), 0.0), 1.0)

    for levels, colour, end in ((scene.bids, BUY, plot.left), (scene.asks, SELL, plot.right)):
        _draw_steps(canvas, plot, levels, most_kwh, x_of, colour, end)
    for trade in scene.trades:
        x = x_of(trade.price_ct)
        canvas.area([(x - 3.5, plot.bottom + 6.0), (x + 3.5, plot.bottom + 6.0), (x, plot.bottom)], INK)
    for price_ct, anchor in ((low, "lm"), ((low + high) / 2.0, "mm"), (high, "rm")):
        canvas.text((x_of(price_ct), plot.bottom + 12.0), f"{price_ct:.1f}", 10.0, MUTED, anchor)
    if scene.bids or scene.asks:
        canvas.text((plot.left - 4.0, plot.top), f"{most_kwh:.1f}", 10.0, MUTED, "rm")
        canvas.text((plot.left - 4.0, plot.bottom), "0", 10.0, MUTED, "rm")
    right, top = box.right - 14.0, box.top + 15.0
    canvas.text((right, top), f"asks {_total_kwh(scene.asks):.2f} kWh", 11.0, mix(SELL, INK, 0.35), "rm")
    canvas.text((right - 88.0, top), f"bids {_total_kwh(scene.bids):.2f}", 11.0, BUY, "rm")


def _band(scene: Scene) -> tuple[float, float]:
    """Prices that local trades may have: from feed-in to retail less the fee."""
    low, high = scene.feed_in_ct, scene.retail_ct - scene.fee_ct
    return (low, high) if high > low else (low, low + 1.0)


def _total_kwh(levels: tuple[Level, ...]) -> float:
    return sum(level.energy_kwh for level in levels)


def _draw_steps(
    canvas: Canvas,
    plot: Box,
    levels: tuple[Level, ...],
    most_kwh: float,
    x_of: Callable[[float], float],
    colour: Colour,
    end: float,
) -> None:
    if not levels:
        return
    top: list[Point] = []
    height = plot.bottom
    for level in levels:
        x = x_of(level.price_ct)
        top.append((x, height))
        height -= plot.height * level.energy_kwh / most_kwh
        top.append((x, height))
    top.append((end, height))
    canvas.area([*top, (end, plot.bottom)], mix(PANEL, colour, 0.3))
    canvas.line(top, colour, 1.75)


def draw_trades(canvas: Canvas, box: Box, scene: Scene) -> None:
    """The last round's fills: the largest by name."""
    energy_kwh = sum(trade.energy_kwh for trade in scene.trades)
    inner = canvas.panel(box, "Fills of the last round")
    if not scene.trades:
        canvas.text((inner.left, inner.top + 12.0), "none", 11.0, MUTED)
        return
    mean_ct = sum(trade.energy_kwh * trade.price_ct for trade in scene.trades) / energy_kwh
    count = len(scene.trades)
    told = f"{count} fill{'s' if count > 1 else ''}, {energy_kwh:.2f} kWh at {mean_ct:.2f} ct/kWh"
    canvas.text((box.right - 14.0, box.top + 15.0), told, 11.0, anchor="rm")
    largest = sorted(scene.trades, key=lambda trade: -trade.energy_kwh)
    shown = largest[:_TRADES]
    for n, trade in enumerate(shown):
        _draw_trade(canvas, inner, inner.top + 10.0 + 17.0 * n, trade)
    if len(largest) > len(shown):
        rest_kwh = sum(trade.energy_kwh for trade in largest[_TRADES:])
        y = inner.top + 10.0 + 17.0 * len(shown)
        text = f"and {len(largest) - len(shown)} more, {rest_kwh:.2f} kWh"
        canvas.text((inner.left, y), text, 10.5, MUTED)


def _draw_trade(canvas: Canvas, inner: Box, y: float, trade: Trade) -> None:
    canvas.text((inner.left, y), short_name(trade.seller), 11.0)
    arrow = inner.left + 44.0
    canvas.line([(arrow, y), (arrow + 22.0, y)], MUTED, 1.25)
    canvas.area([(arrow + 20.0, y - 3.5), (arrow + 20.0, y + 3.5), (arrow + 27.0, y)], MUTED)
    canvas.text((arrow + 40.0, y), short_name(trade.buyer), 11.0)
    canvas.text((inner.left + 210.0, y), f"{trade.energy_kwh:.3f} kWh", 11.0, anchor="rm")
    canvas.text((inner.right, y), f"{trade.price_ct:.2f} ct/kWh", 11.0, anchor="rm")


def draw_prices(canvas: Canvas, box: Box, scene: Scene) -> None:
    """The announced retail price around now, and the band in which local trades lie."""
    inner = canvas.panel(box, "Retail price, ct/kWh")
    plot = inner.inner(26.0, 6.0, 4.0, 18.0)
    hours, price_ct = scene.hours, scene.retail_curve_ct
    low = min(0.0, float(price_ct.min()))
    high = max(float(price_ct.max()), scene.feed_in_ct) * 1.08
    span = float(hours[-1] - hours[0]) or 1.0

    def place(hour: float, price: float) -> Point:
        x = plot.left + plot.width * (hour - float(hours[0])) / span
        return x, plot.bottom - plot.height * (price - low) / (high - low)

    _draw_axes(canvas, plot, scene, place, low, high)
    feed_in = [place(float(hours[0]), scene.feed_in_ct), place(float(hours[-1]), scene.feed_in_ct)]
    canvas.line(feed_in, mix(SELL, INK, 0.2), 1.25)
    steps: list[Point] = []
    for n, price in enumerate(price_ct):
        after = float(hours[min(n + 1, hours.size - 1)])
        steps += [place(float(hours[n]), float(price)), place(after, float(price))]
    canvas.line(steps, BUY, 1.75)
    x = place(0.0, low)[0]
    canvas.line([(x, plot.top - 4.0), (x, plot.bottom)], ALARM, 1.5)
    now_ct = float(price_ct[int(np.argmin(np.abs(hours)))])
    canvas.disc(place(0.0, now_ct), 3.5, ALARM)
    text = f"now {now_ct:.2f}, feed-in {scene.feed_in_ct:.2f}, fee {scene.fee_ct:.2f}"
    canvas.text((box.right - 14.0, box.top + 15.0), text, 11.0, anchor="rm")


def _draw_axes(
    canvas: Canvas, plot: Box, scene: Scene, place: Callable[[float, float], Point], low: float, high: float
) -> None:
    hour_now = scene.now.hour + scene.now.minute / 60.0
    step_ct = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if (high - low) / step <= 4.0)
    for n in range(int(np.ceil(low / step_ct)), int(high // step_ct) + 1):
        y = place(0.0, n * step_ct)[1]
        canvas.line([(plot.left, y), (plot.right, y)], RULE)
        canvas.text((plot.left - 5.0, y), f"{n * step_ct:g}", 10.0, MUTED, "rm")
    first, last = float(scene.hours[0]), float(scene.hours[-1])
    for clock in range(int(np.ceil((hour_now + first) / 6.0)) * 6, int(hour_now + last) + 1, 6):
        x = place(clock - hour_now, low)[0]
        canvas.line([(x, plot.bottom), (x, plot.bottom + 3.0)], MUTED)
        canvas.text((x, plot.bottom + 11.0), f"{clock % 24:02}:00", 10.0, MUTED, "mm")
