"""Who sits where: the participants behind each kind's rows, and the bounds of what they see."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields

Singles = NDArray[np.float32]


class Rows(NamedTuple):
    """Observations to be written, float32 (B, seats, observation) by kind; no seats where a kind is absent."""

    prosumer: Singles
    battery: Singles
    ev: Singles
    utility: Singles


class Seating(NamedTuple):
    """Participants int64 (seats,) by kind, and the bounds of their observations (observation,)."""

    prosumers: NDArray[np.int64]
    batteries: NDArray[np.int64]
    evs: NDArray[np.int64]
    low: Rows
    high: Rows


def make_seating(seats: Mapping[str, NDArray[np.int64]]) -> Seating:
    """The seating of participants by kind; a kind may be left out."""
    nobody = np.zeros(0, np.int64)
    spaces = [fields.observation_space(kind) for kind in fields.KINDS]
    return Seating(
        prosumers=seats.get(fields.PROSUMER, nobody),
        batteries=seats.get(fields.BATTERY, nobody),
        evs=seats.get(fields.EV, nobody),
        low=Rows(*(space.low for space in spaces)),
        high=Rows(*(space.high for space in spaces)),
    )
