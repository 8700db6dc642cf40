"""The feeder as a tree: buses coloured by voltage, bars of import and export, and the transformer's loading."""

import math
from collections import defaultdict

import numpy as np

from gridbid.envs.render.canvas import Box, Canvas, Point, text_width
from gridbid.envs.render.feeder_layout import FeederLayout
from gridbid.envs.render.names import short_name
from gridbid.envs.render.palette import (
    ALARM,
    BUY,
    HIGH_PU,
    INK,
    LOW_PU,
    MUTED,
    PANEL,
    RULE,
    SELL,
    WIRE,
    mix,
    voltage_colour,
)
from gridbid.envs.render.scene import Member, Scene

_LEGEND = 34.0
_LABEL = 10.0


class FeederPanel:
    """Draws a feeder in a box; its wires, which never change, once."""

    def __init__(
        self, layout: FeederLayout, parent: list[int], members: tuple[Member, ...], box: Box
    ) -> None:
        self._parent, self._box = parent, box
        by_bus: dict[int, list[int]] = defaultdict(list)
        for i, member in enumerate(members):
            by_bus[member.bus].append(i)
        self._by_bus = dict(by_bus)
        columns, rows = int(layout.column.max()) + 1, int(layout.row.max()) + 1
        inner = box.inner(24.0, 72.0, 28.0, _LEGEND + 34.0)
        self._step = (inner.width / max(1, columns - 1), inner.height / max(1, rows - 1))
        if rows == 1:
            self._step = (self._step[0], inner.height)
        middle = inner.height / 2.0 if rows == 1 else 0.0
        self._at: list[Point] = [
            (inner.left + self._step[0] * int(column), inner.top + middle + self._step[1] * int(row))
            for column, row in zip(layout.column, layout.row, strict=True)
        ]
        self._radius = min(8.0, max(2.5, 0.27 * self._step[0]), max(2.5, 0.3 * self._step[1]))
        self._bar = min(36.0, 0.75 * self._step[1] - 2.0 * self._radius)
        ratings = [sum(members[i].rated_kw for i in seats) for seats in self._by_bus.values()]
        self._scale_kw = max(ratings, default=1.0)
        self._labels = [
            (bus, " ".join(short_name(members[i].name) for i in seats)) for bus, seats in by_bus.items()
        ]
        self._labelled = self._step[1] >= 52.0 and all(
            text_width(label, _LABEL) <= self._step[0] - 2.0 for _, label in self._labels
        )

    def draw_still(self, canvas: Canvas) -> None:
        """What never changes: wires, names, the legend."""
        canvas.panel(self._box, "Feeder" + (", power at the meters in kW" if self._labelled else ""))
        for bus in range(1, len(self._parent)):
            upper, here = self._at[self._parent[bus]], self._at[bus]
            canvas.line([upper, (upper[0], here[1]), here], WIRE, 1.25)
            if bus not in self._by_bus:
                canvas.disc(here, 2.0, WIRE)
        for bus, label in self._labels if self._labelled else ():
            x, y = self._at[bus]
            canvas.text((x, y + self._radius + 3.0), label, _LABEL, MUTED, "ma")
        self._draw_legend(canvas)

    def draw(self, canvas: Canvas, scene: Scene) -> None:
        """What the last delivered slot came to."""
        for bus, seats in self._by_bus.items():
            power_kw = math.fsum(scene.members[i].power_kw for i in seats)
            self._draw_power(canvas, self._at[bus], power_kw)
            colour = voltage_colour(scene.members[seats[0]].voltage_pu)
            edge = INK if self._labelled or not power_kw else BUY if power_kw > 0.0 else SELL
            canvas.disc(self._at[bus], self._radius, colour, edge)
        self._draw_transformer(canvas, scene)
        known = scene.voltages_pu[~np.isnan(scene.voltages_pu)]
        if known.size and scene.delivered_at is not None:
            told = f"now {known.min():.3f} to {known.max():.3f}"
            canvas.text((self._box.left + 262.0, self._box.bottom - 16.0), told, 10.0, INK)

    def _draw_power(self, canvas: Canvas, at: Point, power_kw: float) -> None:
        length = self._bar * min(1.0, abs(power_kw) / self._scale_kw)
        width = min(9.0, 1.3 * self._radius)
        bar = Box(at[0] - width / 2.0, at[1] - self._radius - length, width, length)
        canvas.box(bar, BUY if power_kw > 0.0 else SELL)
        if self._labelled:
            text = f"{power_kw:.1f}" if abs(power_kw) < 9.95 else f"{power_kw:.0f}"
            below = at[1] + self._radius + 16.0
            colour = BUY if power_kw > 0.0 else mix(SELL, INK, 0.35)
            canvas.text((at[0], below), text if float(text) else "0", _LABEL, colour, "ma")

    def _draw_transformer(self, canvas: Canvas, scene: Scene) -> None:
        x, y = self._at[0]
        canvas.disc((x - 4.0, y), 6.5, PANEL, INK)
        canvas.disc((x + 4.0, y), 6.5, None, INK)
        right, top = self._box.right - 14.0, self._box.top + 15.0
        over = scene.loading > 1.0
        kw = f"{abs(scene.feeder_kw):.0f} kW {'exported' if scene.feeder_kw < 0.0 else 'imported'}"
        text = f"{kw}, {100.0 * scene.loading:.0f} % of {scene.rating_kva:.0f} kVA"
        canvas.text((right, top), text, 11.0, ALARM if over else INK, "rm", bold=over)
        bar = Box(right - 220.0, top + 11.0, 220.0, 6.0)
        canvas.box(bar, RULE, radius=3.0)
        share = min(1.0, scene.loading)
        colour = ALARM if over else SELL if scene.feeder_kw < 0.0 else BUY
        if share > 0.03:
            canvas.box(bar._replace(width=bar.width * share), colour, radius=3.0)

    def _draw_legend(self, canvas: Canvas) -> None:
        left, top = self._box.left + 14.0, self._box.bottom - 16.0
        canvas.text((left, top), "voltage", 10.0, MUTED)
        bar = Box(left + 74.0, top - 4.0, 130.0, 8.0)
        for n in range(26):
            pu = LOW_PU + (HIGH_PU - LOW_PU) * (n + 0.5) / 26
            canvas.box(Box(bar.left + 5.0 * n, bar.top, 5.0, bar.height), voltage_colour(pu))
        canvas.text((bar.left - 4.0, top), f"{LOW_PU:g}", 10.0, MUTED, "rm")
        canvas.text((bar.right + 4.0, top), f"{HIGH_PU:g} pu", 10.0, MUTED)
        right = self._box.right - 14.0
        text = f"export, up to {self._scale_kw:.0f} kW"
        canvas.text((right, top), text, 10.0, MUTED, "rm")
        right -= text_width(text, 10.0) + 14.0
        canvas.box(Box(right, top - 5.0, 6.0, 10.0), SELL)
        canvas.text((right - 10.0, top), "import", 10.0, MUTED, "rm")
        canvas.box(Box(right - 24.0 - text_width("import", 10.0), top - 5.0, 6.0, 10.0), BUY)
