"""What a worker of the engine scribbles on while it steps a community: made once, so that a step allocates nothing."""

from typing import NamedTuple

import numpy as np

from gridbid.market.book import Book, Fills, make_book, make_fills
from gridbid.market.community import Community, Floats, Integers
from gridbid.market.grid.tiles import Grid, make_grid
from gridbid.market.types import Device


class Scratch(NamedTuple):
    """``fills`` of one order; ``arrivals`` (N,), a round's order of arrival; energies by device (devices,), kWh.

    ``book`` serves slots of a single round one after the other, so that it stays in the processor's nearest cache;
    between communities it is empty. ``grid`` is room for the power flow of one tile, for the same reason.
    """

    book: Book
    grid: Grid
    fills: Fills
    arrivals: Integers
    least_kwh: Floats
    most_kwh: Floats
    energy_kwh: Floats


def make_scratch(community: Community) -> Scratch:
    """Scratch for one worker."""
    return Scratch(
        book=make_book(community.n_participants, community.rules.n_ticks),
        grid=make_grid(1, community.network.parent.size),
        fills=make_fills(community.rules.max_fills),
        arrivals=np.zeros(community.n_participants, np.int64),
        least_kwh=np.zeros(len(Device)),
        most_kwh=np.zeros(len(Device)),
        energy_kwh=np.zeros(len(Device)),
    )
