"""What a worker of the engine scribbles on while it steps a community: made once, so that a step allocates nothing."""

from typing import NamedTuple

import numpy as np

from gridbid.market.book import Fills, make_fills
from gridbid.market.community import Community, Floats, Integers
from gridbid.market.types import Device


class Scratch(NamedTuple):
    """``fills`` of one order; ``arrivals`` (N,), a round's order of arrival; energies by device (devices,), kWh."""

    fills: Fills
    arrivals: Integers
    least_kwh: Floats
    most_kwh: Floats
    energy_kwh: Floats


def make_scratch(community: Community) -> Scratch:
    """Scratch for one worker."""
    return Scratch(
        fills=make_fills(community.rules.max_fills),
        arrivals=np.zeros(community.n_participants, np.int64),
        least_kwh=np.zeros(len(Device)),
        most_kwh=np.zeros(len(Device)),
        energy_kwh=np.zeros(len(Device)),
    )
