"""The feeder as a tree: buses coloured by voltage, branches by how full they are."""

import math
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_WIDTH_PX, _MARGIN_PX = 360, 16
_ROW_PX, _TALLEST_PX = 34, 420
_BUS_PX, _MEMBER_PX = 3.5, 6.5
_FULL, _BUSY = 1.0, 0.7
_ENDS_PU = (0.02, 0.05, 0.1)


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
    """How far the scale reaches from 1 pu: the least of 2, 5 and 10 % that holds all voltages, at most the last."""
    farthest = float(np.nanmax(np.abs(voltage_pu - 1.0), initial=0.0))
    return next((end for end in _ENDS_PU if farthest <= end), _ENDS_PU[-1])


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


def _voltage_color(voltage_pu: float, end_pu: float) -> str:
    """Blue below nominal, orange above, pale at it; the ends of the scale where it is farther away."""
    if math.isnan(voltage_pu):
        return "var(--paper)"
    share = min(1.0, abs(voltage_pu - 1.0) / end_pu)
    end = "low" if voltage_pu < 1.0 else "high"
    return f"color-mix(in oklab, var(--{end}) {100 * share:.0f}%, var(--calm))"
