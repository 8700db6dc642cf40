"""What a slot's trades are recorded with: how green its power is, and how the feeder stands."""

from enum import IntEnum
from typing import NamedTuple

PPM = 1_000_000


class GridState(IntEnum):
    """How the feeder stands in a slot."""

    NORMAL = 0
    CONGESTED = 1
    EMERGENCY = 2


class Conditions(NamedTuple):
    """The conditions of a slot, as its keeper publishes them."""

    renewable_ppm: int = 0
    """Share of renewable generation, millionths."""
    grid_state: GridState = GridState.NORMAL


UNSTATED = Conditions()
"""What is recorded where the keeper states nothing."""
