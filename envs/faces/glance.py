"""What one agent sees now, without writing everybody's observations."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.signals.seating import Rows, make_seating

Singles = NDArray[np.float32]


class Glance:
    """Observations of any one agent of a kind, in the first community of a batch."""

    def __init__(self, batch: BatchEnv, kind: str) -> None:
        self._batch, self._kind = batch, kind
        self._seat = batch.seats[kind][:1].copy()
        self._seating = make_seating({kind: self._seat})
        self._rows = Rows(
            **{
                other: np.zeros((1, int(other == kind), *fields.observation_space(other).shape), np.float32)
                for other in fields.KINDS
            }
        )

    def look(self, place: int) -> Singles:
        """The observation of the agent at a place, fresh (observation,)."""
        if self._seat.size:  # the utility has no meter, and so no seat
            self._seat[0] = self._batch.seats[self._kind][place]
        seen = self._batch.observe(rows=self._rows, seating=self._seating)[self._kind]
        return seen[0, 0].copy()
