"""The feeder as a tree: buses coloured by voltage, branches by how full they are."""

import math
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_WIDTH_PX, _MARGIN_PX = 360, 20
_ROW_PX, _TALLEST_PX = 34, 420
_BUS_PX, _MEMBER_PX = 3.5, 6.5
_FULL, _BUSY = 1.0, 0.7
_LEAST_END_PU, _MOST_END_PU = 0.02, 0.1
_ROOM_PX = 26
"""Rows nearer than this leave no room for figures between them."""


class Feeder(NamedTuple):
    """A tree as it is drawn; arrays are (n_buses,), ``members`` names who is connected to each bus."""

    parent: NDArray[np.int32]
    column: NDArray[np.int64]
    row: NDArray[np.int64]
    members: list[list[str]]


class Moment(NamedTuple):
    """Voltages (pu) and loadings of the branch to each bus (share of its rating; nan where unknown), (n_buses,)."""

    voltage_pu: NDArray[np.float64]
    loading: NDArray[np.float64]


def scale_end_pu(voltage_pu: NDArray[np.float64]) -> float:
    """How far the scale reaches from 1 pu: whole percents that hold all voltages, from 2 to 10 %."""
    farthest = float(np.nanmax(np.abs(voltage_pu - 1.0), initial=0.0))
    return min(max(math.ceil(100 * farthest) / 100, _LEAST_END_PU), _MOST_END_PU)


def feeder_picture(feeder: Feeder, moment: Moment, end_pu: float, alt: str) -> str:
    """The picture as an SVG element; colours are the page's."""
    n_rows = int(feeder.row.max())
    row_px = min(_ROW_PX, (_TALLEST_PX - 2 * _MARGIN_PX) / max(1, n_rows))
    column_px = (_WIDTH_PX - 2 * _MARGIN_PX) / max(1, int(feeder.column.max()))
    height = 2 * _MARGIN_PX + row_px * n_rows
    places = [
        (_MARGIN_PX + column_px * int(column), _MARGIN_PX + row_px * int(row))
        for column, row in zip(feeder.column, feeder.row, strict=True)
    ]
    parts = [
        f'<svg class="feeder" viewBox="0 0 {_WIDTH_PX} {height:.0f}" role="img" aria-label="{escape(alt)}">',
        *_branches(feeder, moment, places),
        *_buses(feeder, moment, places, end_pu, min(1.0, row_px / 14, column_px / 14)),
        *(_figures(feeder, moment, places) if row_px >= _ROOM_PX else ()),
        "</svg>",
    ]
    return "\n".join(parts)


def _branches(feeder: Feeder, moment: Moment, places: list[tuple[float, float]]) -> Iterator[str]:
    for bus in range(1, feeder.parent.size):
        (x0, y0), (x1, y1) = places[feeder.parent[bus]], places[bus]
        loading = float(moment.loading[bus])
        color, width = _branch_style(loading)
        told = "rating unknown" if math.isnan(loading) else f"{100 * loading:.0f} % of its rating"
        yield (
            f'<path d="M{x0:.1f} {y0:.1f}V{y1:.1f}H{x1:.1f}" style="fill: none; stroke: var(--{color}); '
            f'stroke-width: {width}"><title>Branch to bus {bus}: {told}</title></path>'
        )


def _branch_style(loading: float) -> tuple[str, float]:
    if loading > _FULL:
        return "bad", 4
    if loading > _BUSY:
        return "price", 3
    return "rule", 1.5


def _buses(
    feeder: Feeder, moment: Moment, places: list[tuple[float, float]], end_pu: float, scale: float
) -> Iterator[str]:
    for bus, (x, y) in enumerate(places):
        names = ", ".join(name.replace("_", " ") for name in feeder.members[bus])
        told = f"<title>Bus {bus}{': ' + escape(names) if names else ''}, {100 * moment.voltage_pu[bus]:.1f} %</title>"
        fill = f"fill: {_voltage_color(float(moment.voltage_pu[bus]), end_pu)}; stroke: var(--muted)"
        if bus == 0:
            yield f'<rect x="{x - 7:.1f}" y="{y - 7:.1f}" width="14" height="14" style="{fill}">{told}</rect>'
            continue
        radius = max(2.0, (_MEMBER_PX if names else _BUS_PX) * scale)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" style="{fill}">{told}</circle>'


def _figures(feeder: Feeder, moment: Moment, places: list[tuple[float, float]]) -> Iterator[str]:
    """The lowest and the highest voltage under their buses, and how full a busy branch is over its line."""
    if np.isfinite(moment.voltage_pu).all():
        extremes = {int(np.argmin(moment.voltage_pu)), int(np.argmax(moment.voltage_pu))}
        for bus in sorted(extremes):
            x, y = places[bus]
            yield _text(x, y + 18, f"{100 * moment.voltage_pu[bus]:.1f}", "start" if bus == 0 else "middle")
    for branch in np.flatnonzero(np.nan_to_num(moment.loading) > _BUSY):
        x0, y = places[feeder.parent[branch]][0], places[branch][1]
        yield _text(x0 + 16, y - 6, f"{100 * moment.loading[branch]:.0f} %", "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    x = min(max(x, 0.0), _WIDTH_PX - _MARGIN_PX) if anchor == "middle" else max(0.0, x - 7)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _voltage_color(voltage_pu: float, end_pu: float) -> str:
    """Blue below nominal, orange above, pale at it; the ends of the scale where it is farther away."""
    if math.isnan(voltage_pu):
        return "var(--paper)"
    share = min(1.0, abs(voltage_pu - 1.0) / end_pu)
    end = "low" if voltage_pu < 1.0 else "high"
    return f"color-mix(in oklab, var(--{end}) {100 * share:.0f}%, var(--calm))"
