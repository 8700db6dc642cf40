"""What one agent sees now, without writing everybody's observations."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.observations import SHARED_SIZE, Rows, write_observations
from gridbid.envs.seating import make_seating

Singles = NDArray[np.float32]


class Glance:
    """Observations of any one agent of a kind in the first community of a batch."""

    def __init__(self, batch: BatchEnv, kind: str) -> None:
        self._batch, self._kind = batch, kind
        self._seat = batch.seats[kind][:1].copy()
        self._seating = make_seating({kind: self._seat})
        spaces = {other: fields.observation_space(other) for other in fields.KINDS}
        sizes = dict.fromkeys(fields.KINDS, 0) | {kind: 1}
        self._rows = Rows(
            **{other: np.zeros((1, sizes[other], *spaces[other].shape), np.float32) for other in fields.KINDS}
        )
        self._shared = np.zeros(SHARED_SIZE, np.float32)

    def look(self, place: int) -> Singles:
        """The observation of the agent at a place, fresh (observation,)."""
        if self._seat.size:
            self._seat[0] = self._batch.seats[self._kind][place]
        write_observations(
            self._batch.community,
            self._batch.engine.arena,
            self._batch.compiled.tables,
            self._batch.view,
            True,
            self._seating,
            self._shared,
            self._rows,
        )
        seen: Singles = getattr(self._rows, self._kind)[0, 0].copy()
        return seen
