"""A feeder and its members as an SVG picture; nothing but text is needed to draw it."""

import math
from collections.abc import Iterator
from html import escape

from gridbid.envs.format.seat_words import device_letters, device_words
from gridbid.envs.render.feeder_layout import feeder_layout
from gridbid.envs.scenario import Scenario
from gridbid.envs.specification import Seat

COLUMN, ROW, MARGIN, RADIUS = 64, 46, 40, 7
"""Pixels: between buses, around them, and of a bus."""
LEGEND_HEIGHT, LEGEND_COLUMN = 24, 90
COLOURS = {"prosumer": "#2a7fb8", "battery": "#3a9a5b", "ev": "#c27a1a", "utility": "#444444"}
WIDE_KVA = 400.0
"""A branch of this rating is drawn 4 pixels wide."""
LEGEND = "L load   P PV   B battery   C charge point   H heat pump; the width of a line grows with its rating"


def feeder_svg(scenario: Scenario) -> str:
    """The picture: buses in columns from the source, a mark for each member, with its name and devices on hovering."""
    layout = feeder_layout(scenario.network.parent)
    width = 2 * MARGIN + COLUMN * (int(layout.column.max()) + 1)
    height = 2 * MARGIN + ROW * (int(layout.row.max()) + 1) + LEGEND_HEIGHT
    width = max(width, 2 * MARGIN + LEGEND_COLUMN * len(COLOURS))
    places = [
        (MARGIN + COLUMN * int(column), MARGIN + ROW * int(row))
        for column, row in zip(layout.column, layout.row, strict=True)
    ]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    style = 'font-family="sans-serif" font-size="10" fill="#222222"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>',
        f"<title>{escape(scenario.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_branches(scenario, places),
        *_buses(scenario, places),
        *_legend(height - 36),
        f'<text x="{MARGIN}" y="{height - 12}">{LEGEND}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(y: int) -> Iterator[str]:
    """The kinds' colours."""
    for n, (kind, colour) in enumerate(COLOURS.items()):
        x = MARGIN + LEGEND_COLUMN * n
        yield f'<rect x="{x}" y="{y - RADIUS}" width="{2 * RADIUS}" height="{2 * RADIUS}" rx="3" fill="{colour}"/>'
        yield f'<text x="{x + 3 * RADIUS}" y="{y + 4}">{kind}</text>'


def _branches(scenario: Scenario, places: list[tuple[int, int]]) -> Iterator[str]:
    network = scenario.network
    for bus in range(1, network.parent.size):
        (x0, y0), (x1, y1) = places[network.parent[bus]], places[bus]
        rating_kva = float(network.rating_kva[bus])
        wide = 1.0 + 3.0 * math.sqrt(min(rating_kva, WIDE_KVA) / WIDE_KVA)
        told = f"{rating_kva:.0f} kVA" if math.isfinite(rating_kva) else "rating unknown"
        yield (
            f'<path d="M{x0} {y0}V{y1}H{x1}" fill="none" stroke="#999999" stroke-width="{wide:.1f}">'
            f"<title>branch to bus {bus}: {told}</title></path>"
        )


def _buses(scenario: Scenario, places: list[tuple[int, int]]) -> Iterator[str]:
    members: dict[int, list[Seat]] = {}
    for seat in scenario.seats:
        members.setdefault(seat.bus, []).append(seat)
    for bus, (x, y) in enumerate(places):
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="#999999"><title>bus {bus}</title></circle>'
        yield from _members(members.get(bus, []), x, y)


def _members(seats: list[Seat], x: int, y: int) -> Iterator[str]:
    """Marks side by side at a bus, narrower where there are many; letters under them while there is room."""
    step = min(2 * RADIUS, COLUMN // max(1, len(seats)))
    radius = min(RADIUS, max(2, step // 2))
    for n, seat in enumerate(seats):
        at = x + step * n
        yield (
            f'<circle cx="{at}" cy="{y}" r="{radius}" fill="{COLOURS[seat.kind]}" stroke="#ffffff">'
            f"<title>{escape(seat.name)} at bus {seat.bus}: {escape(device_words(seat))}</title></circle>"
        )
    if seats:
        told = device_letters(seats[0]) if len(seats) == 1 else f"{len(seats)} members"
        yield f'<text x="{x}" y="{y + RADIUS + 11}" text-anchor="middle">{told}</text>'
